/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_DESCRIBE_H
#define AUDIT_DESCRIBE_H

#include <linux/seccomp.h>

#include "audit/record.h"
#include "audit/sqe.h"
#include "util/alloc.h"

/*
 * What a denied system call or SQE was asked to do, by one table each of where the arguments are.
 * Paths, addresses and structures are read from the memory of @pid, which may be gone or change
 * them meanwhile: what cannot be read is absent. Strings are @arena's.
 */
void describe_call(pid_t pid, const struct seccomp_data *call, struct audit_arguments *arguments,
		   struct arena *arena);
void describe_sqe(pid_t pid, const struct audit_sqe *sqe, struct audit_arguments *arguments,
		  struct arena *arena);

#endif
