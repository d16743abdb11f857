/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_LAUNCH_H
#define SANDBOX_LAUNCH_H

#include "policy/plan.h"
#include "sandbox/watch.h"
#include "util/error.h"

/*
 * Applies @plan around its program, waits for it and returns its exit status, 128 + N if a signal
 * N ended it. Returns a negative errno where nothing was run: err->status is then the launcher's
 * exit status if it is not the usual 125.
 *
 * @watcher follows what the program does from outside; NULL: nobody does.
 *
 * The caller is single-threaded and has set no_new_privs. Afterwards only standard error and
 * descriptors opened since are left open: the program's input and output must not be held open
 * by anyone but the program.
 */
int launch(const struct plan *plan, const struct watcher *watcher, struct error *err);

#endif
