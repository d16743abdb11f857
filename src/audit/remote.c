// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/remote.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file.h"

/* The least of any architecture: what lies within one such page is readable as a whole or not. */
#define PAGE 4096

int remote_read(pid_t pid, uint64_t address, void *buffer, size_t size)
{
	struct iovec local = { .iov_base = buffer, .iov_len = size };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)address, .iov_len = size };

	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != (ssize_t)size)
		return -1;
	return 0;
}

const char *remote_string(pid_t pid, uint64_t address, struct arena *arena)
{
	char text[PATH_MAX];
	size_t length = 0;

	/* Page by page: the string may end just before one that is not there. */
	while (length < sizeof(text)) {
		size_t size = PAGE - (address + length) % PAGE;
		const char *end;

		if (size > sizeof(text) - length)
			size = sizeof(text) - length;
		if (remote_read(pid, address + length, text + length, size) < 0)
			return NULL;
		end = memchr(text + length, '\0', size);
		if (end)
			return arena_strndup(arena, text, (size_t)(end - text));
		length += size;
	}
	return NULL;
}

/* In @arena; NULL where it cannot be read. */
static const char *read_link(const char *name, struct arena *arena)
{
	char target[PATH_MAX];
	ssize_t length = readlink(name, target, sizeof(target));

	return length > 0 ? arena_strndup(arena, target, (size_t)length) : NULL;
}

const char *remote_fd(pid_t pid, int fd, struct arena *arena)
{
	char name[64];

	if (fd == AT_FDCWD)
		snprintf(name, sizeof(name), "/proc/%d/cwd", pid);
	else
		snprintf(name, sizeof(name), "/proc/%d/fd/%d", pid, fd);
	return read_link(name, arena);
}

/* Reads a small file of /proc/PID, NUL-terminated. Returns its length, 0 where it is gone. */
static size_t read_proc(pid_t pid, const char *file, char *buffer, size_t size)
{
	_cleanup_close_ int fd = -1;
	char name[64];
	ssize_t length = -1;

	snprintf(name, sizeof(name), "/proc/%d/%s", pid, file);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		length = file_read(fd, buffer, size - 1);
	if (length < 0)
		length = 0;
	buffer[length] = '\0';
	return (size_t)length;
}

const char *remote_program(pid_t pid, struct arena *arena)
{
	static const char deleted[] = " (deleted)";
	char name[64];
	const char *path;
	size_t length;

	snprintf(name, sizeof(name), "/proc/%d/exe", pid);
	path = read_link(name, arena);
	if (path) {
		const char *slash = strrchr(path, '/');
		const char *base = slash ? slash + 1 : path;
		const char *end = strstr(base, deleted);

		/* What the kernel puts behind the name of a file that is gone. */
		length = end && !end[strlen(deleted)] ? (size_t)(end - base) : strlen(base);
		return arena_strndup(arena, base, length);
	}
	length = read_proc(pid, "comm", name, sizeof(name));
	if (!length)
		return NULL;
	if (name[length - 1] == '\n')
		length--;
	return arena_strndup(arena, name, length);
}

pid_t remote_process(pid_t tid)
{
	static const char field[] = "\nTgid:";
	char status[4096];
	const char *line;
	char *end;
	long pid;

	if (!read_proc(tid, "status", status, sizeof(status)))
		return -1;
	/* The name, in the line before, has its newlines escaped. */
	line = strstr(status, field);
	if (!line)
		return -1;
	pid = strtol(line + strlen(field), &end, 10);
	return *end == '\n' && pid > 0 && pid <= INT_MAX ? (pid_t)pid : -1;
}
