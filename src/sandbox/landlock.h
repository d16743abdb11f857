/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

#include "util/error.h"

#define LANDLOCK_SCOPE_ABI 6 /* the first that can hold signals, Linux 6.12 */

/* The Landlock ABI of this kernel; 0 without Landlock. */
int landlock_abi(void);

/*
 * Keeps signals and abstract unix sockets within the jail (Landlock ABI 6, Linux 6.12). The
 * program shares its process group with the launcher so that the terminal works; kill(0, ...)
 * would reach the launcher and its neighbours in a pipeline otherwise, PID namespace or not.
 * Does nothing where the kernel lacks it: --check tells.
 */
int landlock_scope(struct error *err);

#endif
