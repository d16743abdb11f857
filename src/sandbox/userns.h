/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_USERNS_H
#define SANDBOX_USERNS_H

#include <stdint.h>
#include <sys/types.h>

#include "util/error.h"

/*
 * Like fork(), into new namespaces (CLONE_NEW*): returns 0 in the child, which is PID 1 where
 * CLONE_NEWPID is among them, and its process number in the parent, which gets @exit_signal when
 * it ends. The child starts in the control group @cgroup; -1: in this process's own.
 * Returns a negative errno where the kernel refuses, with the reason and the remedy.
 */
pid_t userns_clone(uint64_t namespaces, int exit_signal, int cgroup, struct error *err);

/* In the child: maps the user and the group to themselves. Nobody else exists in the jail. */
int userns_map_ids(uid_t uid, gid_t gid, struct error *err);

/*
 * Adds as a hint why this machine forbids user namespaces to ordinary users, if that can be found
 * out: a sysctl, AppArmor's restriction, a container.
 */
void userns_explain(struct error *err);

#endif
