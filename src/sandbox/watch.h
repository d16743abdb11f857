/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_WATCH_H
#define SANDBOX_WATCH_H

#include "bpf/bpf.h"
#include "util/error.h"

/*
 * Who watches a jail from outside, beside waiting for it: --audit and --learn. The launch knows
 * nothing of what they do; it installs their program in place of the plan's, hands over the
 * listener of its notifications, and calls them when there is something to do.
 */
struct watcher {
	const struct bpf_program *program; /* with SECCOMP_RET_USER_NOTIF in it */
	const int *keep_fds;		   /* that the launcher must not close; -1 is none */
	size_t keep_fd_count;
	void *context;

	/*
	 * The program is about to start: @listener, which is the callee's from now on, tells of
	 * its calls. Returns a descriptor that is readable whenever ready() is to be called, or a
	 * negative errno; the jail is ended then.
	 */
	int (*start)(void *context, int listener, struct error *err);
	/*
	 * Handles what is there, for some milliseconds at the most. A negative errno ends the jail.
	 */
	int (*ready)(void *context, struct error *err);
};

#endif
