/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_USER_DIRS_H
#define POLICY_USER_DIRS_H

#include "policy/directive.h"

/* A folder of xdg-user-dirs(5). */
struct user_dir {
	const char *macro;
	const char *variable; /* in user-dirs.dirs */
	const char *name;     /* below HOME where that file does not say it */
};

extern const struct user_dir user_dirs[]; /* ends with a NULL macro */

/*
 * Gives @dir's @folder, as user-dirs.dirs of the user's configuration says. That file is noted in
 * the policy as one that was read, or is missing, so that no program in the jail can write it.
 * Returns 0 or a negative errno: what it names must be below HOME, and not a hidden folder.
 */
int user_dir_find(const struct directive_call *call, const struct user_dir *dir,
		  const char **folder, struct error *err);

#endif
