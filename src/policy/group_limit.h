/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_GROUP_LIMIT_H
#define POLICY_GROUP_LIMIT_H

#include "policy/policy.h"

/* Limits of all processes of a jail together, held by a control group (version 2). */
struct group_limit {
	const char *name;	/* of the directive: that of systemd's setting, in our letters */
	const char *controller; /* which the group must have */
	const char *file;	/* that the limit is written to */
};

extern const struct group_limit group_limits[GROUP_LIMITS]; /* by enum group_limit_kind */

/* Whether @policy has any. */
bool group_limits_asked(const struct policy *policy);

#endif
