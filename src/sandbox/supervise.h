/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_SUPERVISE_H
#define SANDBOX_SUPERVISE_H

#include <signal.h>
#include <sys/types.h>

#include "sandbox/watch.h"
#include "util/error.h"

/*
 * Blocks every signal, so that none that arrives from now on is lost; the mask before that goes to
 * the program. Returns the descriptor that supervise() reads signals from, or a negative errno.
 */
int supervise_prepare(sigset_t *original, struct error *err);

/* What the launcher outside follows. Descriptors are closed by whoever opened them. */
struct supervision {
	pid_t jail;
	int signals;  /* of supervise_prepare() */
	int stopped;  /* readable whenever the program has stopped */
	int listener; /* a socket that the listener for @watcher comes through; -1: none */
	const struct watcher *watcher; /* NULL: nobody watches */
};

/*
 * The launcher outside, once the jail runs: passes signals on to it, stops when the program has
 * stopped and goes on when it is continued, and lets the watcher work.
 * Returns 0 and the wait status of the jail, or a negative errno.
 */
int supervise(const struct supervision *supervision, int *wait_status, struct error *err);

#endif
