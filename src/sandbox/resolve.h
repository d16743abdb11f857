/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_RESOLVE_H
#define SANDBOX_RESOLVE_H

#include "policy/plan.h"
#include "util/error.h"

/*
 * Looks up every name in net.connect once, with the caller's own resolver and before there is a
 * jail: the plan is then made of addresses. All that is in @hosts is @arena's. Asks nobody where
 * there is no name. Returns 0 or a negative errno.
 */
int resolve_hosts(const struct policy *policy, struct arena *arena, struct resolved_hosts *hosts,
		  struct error *err);

#endif
