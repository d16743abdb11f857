// SPDX-License-Identifier: LGPL-2.1-or-later
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"

ssize_t file_read(int fd, void *buffer, size_t size)
{
	size_t length = 0;

	while (length < size) {
		ssize_t got = read(fd, (char *)buffer + length, size - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		length += (size_t)got;
	}
	return (ssize_t)length;
}

long file_number(const char *path, long otherwise)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (length <= 0)
		return otherwise;
	text[length] = '\0';
	return strtol(text, NULL, 10);
}

const char *program_find(const char *name, const char *path, struct arena *arena)
{
	while (path) {
		size_t length = strcspn(path, ":");
		const char *found =
			arena_printf(arena, "%.*s/%s", (int)length, length ? path : ".", name);
		struct stat st;

		if (stat(found, &st) == 0 && S_ISREG(st.st_mode) && access(found, X_OK) == 0)
			return found;
		path = path[length] ? path + length + 1 : NULL;
	}
	return NULL;
}
