/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_FLAG_NAMES_H
#define AUDIT_FLAG_NAMES_H

#include <stdint.h>

/*
 * The names of a call's or operation's flags, one by one: start with @at zero. Returns the next
 * name; NULL at the end, when what has no name is left in *@flags.
 */
struct flag_walk {
	uint64_t left; /* of the flags */
	unsigned int at;
};

const char *flag_next(const char *operation, struct flag_walk *walk);

#endif
