/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_NOTIFY_H
#define AUDIT_NOTIFY_H

#include <linux/seccomp.h>
#include <stdbool.h>

#include "bpf/bpf.h"
#include "policy/syscall_number.h"
#include "util/alloc.h"
#include "util/error.h"

/*
 * The seccomp program of a jail that is watched: what @plain denies with an errno is a
 * notification, and so is each allowed call of @watched. All else is as in @plain, what kills too,
 * but that seccomp(2) makes no listener: see write_seccomp().
 *
 * The supervisor answers each notification with what @plain says of it: the same errno, or that
 * the call goes on, which is as strong as @plain itself, since that looks at registers alone, and
 * those cannot change while a thread waits for the answer.
 *
 * -E2BIG: it would be longer than 4096 instructions.
 */
int notify_program(const struct bpf_program *plain, const struct syscall_set *watched,
		   struct arena *arena, struct bpf_program *out, struct error *err);

/* What @plain says of @call. */
struct notify_answer {
	bool allowed;
	int error; /* denied: the negative errno, or 0 where the call is to do nothing */
};

struct notify_answer notify_answer(const struct bpf_program *plain,
				   const struct seccomp_data *call);

#endif
