/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_CGROUP_H
#define SANDBOX_CGROUP_H

#include <stdbool.h>

#include "policy/policy.h"
#include "util/error.h"

/*
 * The control groups of a jail with limits, below the launcher's own one, which must be delegated
 * to this user:
 *
 *	OWN				where the launcher was started
 *	  uring-jail-PID		one a launch
 *	    launcher			where it goes, for OWN may have no processes beside groups
 *	    jail			the limits
 *	      inside			the jail, and the root of its cgroup namespace
 *
 * The namespace's root is one further down than the limits, so that who mounts control groups in
 * the jail finds nothing to change.
 *
 * A launcher that is killed leaves its groups, empty, until OWN is removed: systemd does that when
 *a scope has no processes left.
 */
struct cgroup {
	int own;   /* -1: the jail has no limits of this kind */
	int group; /* uring-jail-PID */
	int limits;
	int inside; /* what the jail is to be cloned into; -1: none */
	char name[32];
	bool moved;	  /* the launcher is in its own place */
	char disable[64]; /* what to write to take back the controllers that were switched on */
};

#define CGROUP_FDS 4

/* Makes them, where @policy has such limits. To be ended with cgroup_end() either way. */
int cgroup_make(struct cgroup *cgroup, const struct policy *policy, struct error *err);

/* What is in the jail's group ends; the groups go. */
void cgroup_end(struct cgroup *cgroup);

/* The descriptors to be held until then; returns their number. */
size_t cgroup_fds(const struct cgroup *cgroup, int fds[CGROUP_FDS]);

/* In the jail: its group becomes the root of a cgroup namespace. */
int cgroup_enter_namespace(const struct cgroup *cgroup, struct error *err);

/*
 * Whether limits can be had here, without making anything: 0, and the group's path in @where, or an
 * error with the cause and the remedy.
 */
int cgroup_check(char *where, size_t size, struct error *err);

#endif
