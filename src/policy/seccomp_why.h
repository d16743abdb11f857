/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_SECCOMP_WHY_H
#define POLICY_SECCOMP_WHY_H

#include <stdint.h>

#include "policy/plan.h"

/*
 * Why the seccomp program denies system call @number of @architecture (AUDIT_ARCH_*), which it
 * does: the directive with FILE:LINE, or the default. Allocated in @arena or static.
 */
const char *seccomp_why(const struct plan *plan, uint32_t architecture, unsigned int number,
			struct arena *arena);

#endif
