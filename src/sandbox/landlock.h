/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

#include <stddef.h>

#include "policy/landlock_plan.h"
#include "util/error.h"

#define LANDLOCK_SCOPE_ABI 6 /* the first that can hold signals, Linux 6.12 */

/* The Landlock ABI of this kernel; 0 without Landlock. */
int landlock_abi(void);

/* The first Linux that has ABI @abi, as text. */
const char *landlock_linux(int abi);

/*
 * Where the policy says `landlock require`, an error if this kernel's ABI is older than what the
 * plan needs.
 */
int landlock_check(const struct landlock_plan *plan, struct error *err);

/*
 * Enters a Landlock domain that holds the plan, as far as this kernel knows it (--check tells):
 * in the jail's own view of files, without capabilities.
 *
 * The program shares its process group with the launcher so that the terminal works; kill(0, ...)
 * would reach the launcher and its neighbours in a pipeline, PID namespace or not, if signals were
 * not scoped.
 *
 * Descriptors that the program inherits (@fds) lead to files outside the plan, which it could open
 * anew through /proc/self/fd. They get rules of their own: what they were opened for, and no more.
 */
int landlock_apply(const struct landlock_plan *plan, const int *fds, size_t fd_count,
		   struct error *err);

#endif
