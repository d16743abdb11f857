/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_PROFILE_H
#define POLICY_PROFILE_H

#include "policy/directive.h"
#include "policy/policy.h"
#include "util/error.h"

/* The folders where profiles are looked for, best first. NULLs among them are passed over. */
#define PROFILE_FOLDERS 3

struct profile_source {
	const char *folders[PROFILE_FOLDERS];
	const char *default_text; /* the profile that the program carries */
	struct macros macros;
};

/*
 * Reads the profile @name into @policy: a path if it has a '/', else NAME.profile from the
 * folders. Returns 0 or a negative errno.
 */
int profile_read(struct policy *policy, const struct profile_source *source, const char *name,
		 struct error *err);

/*
 * Reads the profile of a program: that of its file name if there is one, else "default" of the
 * folders, else the one that uring-jail carries.
 */
int profile_read_for(struct policy *policy, const struct profile_source *source,
		     const char *program, struct error *err);

/* Applies one directive of the command line; it may be an include. */
int profile_apply(struct policy *policy, const struct profile_source *source, const char *name,
		  const char *value, struct error *err);

/* Reads a profile from memory; @name is for messages. */
int profile_read_text(struct policy *policy, const struct profile_source *source, const char *name,
		      const char *text, size_t length, struct error *err);

#endif
