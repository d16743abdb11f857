/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_SECCOMP_FOREIGN_H
#define POLICY_SECCOMP_FOREIGN_H

#include "policy/plan.h"

/*
 * Reads the file or descriptor of seccomp.bpf or seccomp.oci into plan->foreign. A descriptor is
 * closed, so that the program does not inherit it. Fails with the directive's FILE:LINE, also
 * where the policy denies execve, since the program could not start.
 */
int seccomp_foreign_read(struct plan *plan, struct error *err);

#endif
