/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_MAKES_H
#define SANDBOX_MAKES_H

#include "policy/plan.h"

/*
 * Makes what mkdir and mkfile ask for, on the host, as the user. What has come to be there since
 * it was planned stays as it is; no symlink is followed. Returns 0 or a negative errno.
 */
int makes_apply(const struct make_plan *plan, struct error *err);

#endif
