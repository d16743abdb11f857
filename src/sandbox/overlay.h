/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_OVERLAY_H
#define SANDBOX_OVERLAY_H

#include <stdint.h>

#include "policy/plan.h"
#include "util/error.h"

/* Folders, open for reading: Linux 6.13 takes no others. @upper and @work share a file system. */
struct overlay_layers {
	int lower; /* is never written to */
	int upper; /* takes the changes */
	int work;  /* the kernel's own */
};

/*
 * A detached mount that shows @lower with the changes in @upper, with these MOUNT_ATTR_*. Returns
 * its descriptor, or a negative errno with the cause that the kernel tells.
 *
 * What the layers say of each other is in user.* attributes (userxattr), as it must be in a user
 * namespace. Those are the only ones that a user can make, so the kernel follows none that leads
 * elsewhere (redirects, metacopy), whoever wrote them.
 */
int overlay_mount(const struct overlay_layers *layers, uint64_t attributes, struct error *err);

/* Whether this kernel and user can have one: mounts it in this mount namespace, over /proc. */
int overlay_try(struct error *err);

/* The names in a folder that keeps changes. */
extern const char overlay_upper[];
extern const char overlay_work[];

/*
 * For the launcher: locks every folder that keeps changes, so that no two jails write to one at a
 * time, of which the kernel says that anything may come. Their descriptors, to be held until the
 * jail has ended, go to @held, which has room for one a step of @plan. Returns how many there are,
 * or a negative errno.
 */
int overlay_lock_all(const struct mount_plan *plan, int *held, struct error *err);

/* Whether @fd is a folder of this user's that nobody else can enter. */
int overlay_check_folder(int fd, const char *path, struct error *err);

#endif
