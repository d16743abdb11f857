/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "util/alloc.h"

/*
 * Reads @fd until its end or until @buffer is full: what fills a buffer of one byte more than is
 * allowed is too large. Returns the number of bytes, or -1 with errno.
 */
ssize_t file_read(int fd, void *buffer, size_t size);

/* The number in a file of one number, as those of /proc/sys, or @otherwise if there is none. */
long file_number(const char *path, long otherwise);

/*
 * The first executable file called @name in the folders of @path (a PATH; NULL: none), allocated in
 * @arena. Returns NULL if there is none.
 */
const char *program_find(const char *name, const char *path, struct arena *arena);

#endif
