/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_MOUNT_VIEW_H
#define POLICY_MOUNT_VIEW_H

#include <stdbool.h>

#include "policy/plan.h"

/* What a program finds at a path of a jail, told from the steps that build its file system. */
enum mount_view_kind {
	VIEW_NOTHING, /* there is no such path */
	VIEW_FOLDER,  /* a bare folder: something below it is there */
	VIEW_OWN,     /* the jail's own: a tmpfs or what is made in it, /proc, devices */
	VIEW_HOST,    /* the host's object of the same path */
	VIEW_MOVED,   /* the host's object of another path */
	VIEW_MASKED,  /* hidden */
};

struct mount_view {
	enum mount_view_kind kind;
	bool writable;		   /* as far as mounts go; an object has permissions besides */
	const struct mount_op *op; /* the innermost step that shows it; NULL: none */
};

/* @path is absolute, without symlinks, "." and "..". */
struct mount_view mount_view_at(const struct mount_plan *plan, const char *path);

/* Does the jail have a symlink of its own at @path? */
bool mount_view_has_link(const struct mount_plan *plan, const char *path);

#endif
