// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "escape.h"

long escape_number(const char *name)
{
	char variable[64];
	const char *value;

	snprintf(variable, sizeof(variable), "ESCAPE_%s", name);
	value = getenv(variable);
	return value ? strtol(value, NULL, 10) : -1;
}

int attack_open(struct attack *attack, int folder, const char *path, int flags)
{
	if (attack->ring)
		return ring_run(attack->ring,
				REQUEST(.opcode = OP_OPENAT, .fd = folder, .addr = ADDR(path),
					.op_flags = (uint32_t)flags, .len = 0600));
	return outcome(openat(folder, path, flags, 0600));
}

int reveal(struct attack *attack, int fd)
{
	char text[sizeof(SECRET)] = { 0 };
	int length;

	if (fd < 0)
		return fd;
	if (attack->ring)
		length = ring_run(attack->ring, REQUEST(.opcode = OP_READ, .fd = fd,
							.addr = ADDR(text), .len = strlen(SECRET)));
	else
		length = outcome(read(fd, text, strlen(SECRET)));
	close(fd);
	if (length < 0)
		return length;
	return strcmp(text, SECRET) ? -ENODATA : 0;
}

int reveal_path(struct attack *attack, const char *path)
{
	return reveal(attack, attack_open(attack, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}
