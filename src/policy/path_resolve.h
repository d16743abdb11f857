/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_PATH_RESOLVE_H
#define POLICY_PATH_RESOLVE_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/alloc.h"

/* A symlink met on the way: where it stands (canonical but for itself) and what it says. */
struct path_link {
	const char *path;
	const char *text;
};

struct path_resolved {
	const char *path; /* without symlinks, "." and ".."; what is missing stands at its end */
	bool exists;
	mode_t mode;	 /* st_mode, if it exists */
	size_t existing; /* how many bytes of @path exist; 0: only "/" does */
	ARRAY(struct path_link) links;
};

/*
 * Follows @path (absolute) as the kernel would, like realpath(3), but says which symlinks it went
 * through and goes on to the end where the last parts are missing.
 * Returns 0, or a negative errno: ELOOP, ENAMETOOLONG, EACCES, ENOTDIR, and ENOENT for a ".."
 * behind something missing. All memory is @arena's.
 */
int path_resolve(struct arena *arena, const char *path, struct path_resolved *resolved);

/*
 * Opens the folder @path (absolute, without symlinks) for lookups, and none by way of a symlink
 * that has come to stand there. Returns the descriptor, or -1 with errno: ELOOP for that.
 */
int path_open_folder(const char *path);

/* "/a/b" is below "/a" and not below "/a/b" or "/a/bc"; everything but "/" is below "/". */
bool path_is_below(const char *path, const char *parent);
bool path_is_at_or_below(const char *path, const char *parent);

/* @path, which is at or below @from, moved to @to. */
const char *path_moved(struct arena *arena, const char *path, const char *from, const char *to);

#endif
