/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_JUDGE_H
#define AUDIT_JUDGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "audit/sqe.h"
#include "policy/plan.h"

/* What the plan says of one SQE: its own filters, run over what the kernel would show them. */
struct judgement {
	bool denied;
	bool blind; /* what a filter looks at could not be read: taken as allowed */
	const char *rule; /* denied: why, as --explain says it */
};

/* @tid is the thread that submits it, for what its filter sees in memory. */
struct judgement judge_sqe(const struct uring_plan *plan, pid_t tid, const struct audit_sqe *sqe);

#endif
