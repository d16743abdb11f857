/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_REMOTE_H
#define AUDIT_REMOTE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/alloc.h"

/*
 * Reading another process, which is hostile: nothing that is read is trusted, and all of it is
 * bounded. @pid is a thread's or process's number as seen here.
 */

/* Reads @size bytes at @address. Returns 0, or -1 where not all of them could be read. */
int remote_read(pid_t pid, uint64_t address, void *buffer, size_t size);

/*
 * A string of at most PATH_MAX bytes, its NUL included, in @arena; NULL where it cannot be read or
 * is longer, which the kernel takes for no path either.
 */
const char *remote_string(pid_t pid, uint64_t address, struct arena *arena);

/*
 * What descriptor @fd refers to, as /proc/PID/fd shows it, in @arena; of AT_FDCWD, the working
 * folder. NULL: not known.
 */
const char *remote_fd(pid_t pid, int fd, struct arena *arena);

/* The base name of the executable, in @arena, else the thread's name; NULL: it is gone. */
const char *remote_program(pid_t pid, struct arena *arena);

/* The process (thread group) that thread @tid belongs to; -1: it is gone. */
pid_t remote_process(pid_t tid);

#endif
