/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_SUPERVISE_H
#define SANDBOX_SUPERVISE_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/watch.h"
#include "util/error.h"

/*
 * Blocks every signal, so that none that arrives from now on is lost; the mask before that goes to
 * the program. Returns the descriptor that supervise() reads signals from, or a negative errno.
 */
int supervise_prepare(sigset_t *original, struct error *err);

#define SUPERVISE_TIMED_OUT 124 /* as timeout(1) */

/* Starts the clock of `timeout`: @timer tells when @seconds are over; -1 if they are 0. */
int supervise_start_timer(unsigned int seconds, int *timer, struct error *err);

/* What the launcher outside follows. Descriptors are closed by whoever opened them. */
struct supervision {
	pid_t jail;
	int signals;	 /* of supervise_prepare() */
	int stopped;	 /* readable whenever the program has stopped */
	int listener;	 /* a socket that the listener for @watcher comes through; -1: none */
	const int *held; /* only kept open until the jail has ended */
	size_t held_count;
	int timer;		       /* of supervise_start_timer(); -1: none */
	const struct watcher *watcher; /* NULL: nobody watches */
};

struct supervision_end {
	int wait_status; /* of the jail */
	bool timed_out;	 /* it was ended because its time was over */
};

/*
 * The launcher outside, once the jail runs: passes signals on to it, stops when the program has
 * stopped and goes on when it is continued, and lets the watcher work.
 * When its time is over, the program gets SIGTERM, and five seconds later the jail SIGKILL.
 * Returns 0 and how the jail has ended, or a negative errno.
 */
int supervise(const struct supervision *supervision, struct supervision_end *end,
	      struct error *err);

#endif
