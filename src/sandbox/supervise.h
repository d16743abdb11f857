/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_SUPERVISE_H
#define SANDBOX_SUPERVISE_H

#include <signal.h>
#include <sys/types.h>

#include "util/error.h"

/*
 * Blocks every signal, so that none that arrives from now on is lost; the mask before that goes to
 * the program. Returns the descriptor that supervise() reads signals from, or a negative errno.
 */
int supervise_prepare(sigset_t *original, struct error *err);

/*
 * The launcher outside, once the jail runs: passes signals on to it, stops when the program has
 * stopped (@stopped becomes readable then) and goes on when it is continued.
 * Returns the wait status of @jail, or a negative errno.
 */
int supervise(pid_t jail, int signals, int stopped, int *wait_status, struct error *err);

#endif
