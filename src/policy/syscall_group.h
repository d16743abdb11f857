/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_SYSCALL_GROUP_H
#define POLICY_SYSCALL_GROUP_H

/*
 * The named groups of system calls, one table. Together they hold every system call of Linux 7.3
 * on x86-64 and arm64, so that a call that a policy denies can be told from a call that is newer
 * than the table.
 */
struct syscall_group {
	const char *name; /* with its '@' */
	const char *summary;
	const char *members; /* calls and other groups, each ended by NUL; an empty one ends all */
};

extern const struct syscall_group syscall_groups[]; /* ends with a NULL name */

/* @name with its '@'. Returns NULL if there is none. */
const struct syscall_group *syscall_group_find(const char *name);

/* Walks a list of members: NULL starts, NULL is the end. */
const char *syscall_group_next(const struct syscall_group *group, const char *member);

typedef void (*syscall_visit)(void *context, const char *name);

/* Calls @visit for every system call of @group and of the groups in it; some come twice. */
void syscall_group_visit(const struct syscall_group *group, syscall_visit visit, void *context);

/* Calls @visit for every name that a profile may use: groups first, then system calls. */
void syscall_names_visit(syscall_visit visit, void *context);

#endif
