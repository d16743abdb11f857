/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_LEARN_POLICY_H
#define AUDIT_LEARN_POLICY_H

#include "policy/policy.h"
#include "policy/syscall_number.h"

/*
 * The policy that a program is learned under: the user's own files and network, every system call
 * but those that lead out of a jail (@always-denied, new namespaces), the usual address families,
 * and io_uring with all its operations. @policy is what profiles and command line say already: of
 * that, what hides or protects files stays, and all that is no permission (env, rlimit-*...).
 * @file, where the profile goes (from @cwd on), is protected as a profile that was read is.
 */
void learn_policy(struct policy *policy, const char *file, const char *cwd);

/*
 * The system calls that must be notified of: those whose use decides a line of the profile. Calls
 * of groups that every profile keeps are not among them, unless they name a file.
 * io_uring_enter, which whoever reads the rings is told of anyway, is not.
 */
void learn_watched(struct syscall_set *watched);

/*
 * The groups that a profile takes away from the default list where nothing of them was called.
 * All others any run may need some day, so that to take them away would be a trap.
 */
struct learn_group {
	const char *name;   /* as it is written in the `seccomp` line */
	const char *except; /* the group in it that others decide about; NULL: none */
};

extern const struct learn_group learn_groups[]; /* ends with a NULL name */

/* The calls of @group, but for those of its exception, that are in the default list. */
void learn_group_calls(const struct learn_group *group, struct syscall_set *calls);

/* The calls of the group or groups in it, by number. */
void learn_put_group(struct syscall_set *set, const char *group, bool member);

#endif
