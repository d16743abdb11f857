/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_NO_USERNS_H
#define POLICY_NO_USERNS_H

#include "util/error.h"

/*
 * Plans for where nobody may make namespaces, and `userns try` asks to do without: files are held
 * by Landlock alone, from the same steps that would mount them, and seccomp takes away what else
 * would reach outside. What cannot be held so is an error that names it.
 */

struct plan;

/* What this needs of the kernel: unix sockets by path are the last thing that Landlock learned. */
#define NO_USERNS_ABI 9

/* Takes calls and address families out of plan->gate. */
void no_userns_resolve(struct plan *plan);

/* Refuse what cannot be had: before and after the files are planned. */
int no_userns_check_policy(struct plan *plan, struct error *err);
int no_userns_check_plan(struct plan *plan, struct error *err);

#endif
