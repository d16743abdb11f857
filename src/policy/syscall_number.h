/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_SYSCALL_NUMBER_H
#define POLICY_SYSCALL_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "util/alloc.h"

/*
 * The newest system call that the groups know: fchroot of Linux 7.3. A higher number is answered
 * with ENOSYS, as by a kernel without it, so that programs fall back.
 */
#define SYSCALL_NEWEST 472

/* Numbers of system calls that a set can hold; a power of two well above the newest. */
#define SYSCALL_NUMBERS 1024

enum {
	SYSCALL_UNKNOWN = -1, /* no system call has this name */
	SYSCALL_ABSENT = -2,  /* of other architectures only */
};

/* The number of a system call on this architecture, or one of the above. */
int syscall_number(const char *name);

/* The name of a system call of this architecture, in @arena; NULL: it has none. */
const char *syscall_name(unsigned int number, struct arena *arena);

/* A set of system calls, a bit for each number. */
struct syscall_set {
	uint64_t words[SYSCALL_NUMBERS / 64];
};

static inline bool syscall_set_has(const struct syscall_set *set, unsigned int number)
{
	return number < SYSCALL_NUMBERS && set->words[number / 64] >> number % 64 & 1;
}

static inline void syscall_set_put(struct syscall_set *set, unsigned int number, bool member)
{
	uint64_t bit = UINT64_C(1) << number % 64;

	if (member)
		set->words[number / 64] |= bit;
	else
		set->words[number / 64] &= ~bit;
}

#endif
