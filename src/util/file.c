// SPDX-License-Identifier: LGPL-2.1-or-later
#include "util/file.h"

#include <errno.h>
#include <unistd.h>

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
