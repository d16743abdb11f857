/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_SUPERVISOR_H
#define AUDIT_SUPERVISOR_H

#include <stdbool.h>

#include "audit/learn.h"
#include "audit/log.h"
#include "policy/plan.h"
#include "policy/syscall_number.h"
#include "sandbox/watch.h"
#include "util/error.h"

/*
 * Watches a jail from outside, in the launcher: answers the notifications of its system calls,
 * follows its rings, and tells the log or what learns.
 */
struct supervisor;

struct supervisor_options {
	const struct plan *plan;
	bool light;	       /* no notification for each io_uring_enter(2) */
	struct audit_log *log; /* NULL: nothing is logged */
	struct learn *learn;   /* NULL: nothing is learned */
	const struct syscall_set *watched; /* calls to be told of though they are allowed; NULL */
};

/*
 * Fills @watcher for launch(). Fails where this process may not watch others (Yama), with a hint.
 * Between this and supervisor_free() the options' pointers must stay.
 */
int supervisor_new(struct supervisor **supervisor, const struct supervisor_options *options,
		   struct watcher *watcher, struct error *err);

/* After launch(): reads what is left in the rings, and says what was lost. */
void supervisor_end(struct supervisor *supervisor, struct audit_losses *losses);
void supervisor_free(struct supervisor *supervisor);

#endif
