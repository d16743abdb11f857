/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_TRACEPOINT_H
#define AUDIT_TRACEPOINT_H

#include <stdint.h>

/*
 * The kernel's own count of requests that it refused with -EACCES as they were submitted, of this
 * process and all that it starts from now on: tracepoint io_uring:io_uring_req_failed. It says
 * nothing more than how many, but it is no memory of the program's that says so.
 *
 * Returns a descriptor, or -1 where this process may not ask (it takes CAP_PERFMON and tracefs, so
 * usually root) or the kernel has no such tracepoint.
 */
int tracepoint_open(void);

/* How many so far. Returns 0, or -1. */
int tracepoint_read(int fd, uint64_t *count);

#endif
