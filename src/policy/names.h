/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_NAMES_H
#define POLICY_NAMES_H

#include <stdint.h>

/* The words that a profile uses for numbers of the kernel's ABI. */
struct name {
	const char *name; /* NULL ends a table */
	uint64_t value;
};

extern const struct name family_names[];	 /* AF_*: unix, inet, ... */
extern const struct name socket_type_names[];	 /* SOCK_* */
extern const struct name protocol_names[];	 /* IPPROTO_* */
extern const struct name open_right_names[];	 /* enum uring_open_right */
extern const struct name resolve_names[];	 /* RESOLVE_* of openat2(2) */
extern const struct name namespace_type_names[]; /* CLONE_NEW* */
extern const struct name rlimit_names[];	 /* RLIMIT_* */

/* The entry of that name, NULL if there is none. */
const struct name *name_find(const struct name *table, const char *name);

/* The name of a number, NULL if it has none. */
const char *name_of(const struct name *table, uint64_t value);

#endif
