/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_PROFILE_LIST_H
#define POLICY_PROFILE_LIST_H

#include <stdbool.h>

#include "policy/profile.h"
#include "util/alloc.h"
#include "util/error.h"

/* A profile as --list-profiles shows it. Strings are the arena's, or have no owner. */
struct profile_entry {
	const char *name;    /* without .profile */
	const char *summary; /* of its first comment, or why there is none to be read; never NULL */
	const char *path;    /* NULL: the one that uring-jail carries */
};

struct profile_list {
	struct profile_entry *items;
	size_t count;
	size_t room;
};

/*
 * The profiles of all folders of @source, by name, each the one that a name leads to: what an
 * earlier folder has hides its namesakes in later ones. Nothing but first lines is read, so that a
 * profile with an error in it is listed too. Returns 0, or a negative errno where a folder is
 * there and cannot be read.
 */
int profile_list(struct profile_list *list, const struct profile_source *source,
		 struct arena *arena, struct error *err);

#endif
