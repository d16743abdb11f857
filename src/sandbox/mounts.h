/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_MOUNTS_H
#define SANDBOX_MOUNTS_H

#include "policy/plan.h"
#include "util/error.h"

/*
 * Builds the file system of @plan and makes it the root, with "/" as the working folder. Nothing
 * of the old one remains in the mount namespace.
 *
 * To be called once, by the jail's first process: in new user and mount namespaces, its ids
 * mapped, with all capabilities there; in a new PID namespace for MOUNT_PROC, in a new IPC
 * namespace for MOUNT_MQUEUE. Needs Linux 5.12 (mount_setattr).
 *
 * @buses are the proxies' sockets for MOUNT_BUS, by number; NULL if the plan has none.
 *
 * Returns 0, or a negative errno with @err saying which mount and why. After a failure the
 * process has no use any more: it may be anywhere between the old root and the new one.
 */
int mounts_apply(const struct mount_plan *plan, const char *const buses[BUSES], struct error *err);

#endif
