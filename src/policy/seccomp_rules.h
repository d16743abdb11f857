/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_SECCOMP_RULES_H
#define POLICY_SECCOMP_RULES_H

#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/bpf.h"
#include "util/alloc.h"
#include "util/error.h"

/* What to do with one system call, always or where all of its conditions hold. */
struct seccomp_rule {
	const char *name;
	int number;	 /* here, or as libseccomp numbers the calls of other architectures */
	uint32_t action; /* SECCOMP_RET_*, and so libseccomp's SCMP_ACT_* */
	const struct scmp_arg_cmp *conditions;
	unsigned int condition_count;
};

/* For all conditions of all rules together: the time that they take grows with the square. */
#define SECCOMP_CONDITIONS_LIMIT 1024

#define SECCOMP_RULES_OTHERS 2

/* A policy as container engines have it. */
struct seccomp_rules {
	uint32_t default_action;
	/* Other ways into this kernel that rules hold for too, SCMP_ARCH_*; any that is not
	 * here is killed. */
	uint32_t others[SECCOMP_RULES_OTHERS];
	size_t other_count;
	ARRAY(struct seccomp_rule) items;
};

/*
 * Compiles @rules:
 *
 * - A rule matches if all of its conditions hold, and so always if it has none. Conditions compare
 *   64 bits, as seccomp_conditions.h says. On i386 and ARM, an argument is its lower half.
 * - Of the rules for one call that match, the most severe action is taken: KILL_PROCESS,
 *   KILL_THREAD, TRAP, ERRNO, USER_NOTIF, TRACE, LOG, ALLOW, as the kernel does with several
 *   filters; of actions that differ in their errno or data only, the first in the policy. Where no
 *   rule matches, the default action is taken.
 * - On i386, a rule holds for a call by itself and within socketcall(2) or ipc(2). There, a filter
 *   cannot see what its conditions are on: of what may be meant, the most severe is done, the
 *   default action among it unless a rule without conditions allows the call or the whole bundle.
 *
 * Where at most one rule matches, that is what libseccomp means to do, and so runc, crun and
 * Podman. No denial is lost as there, where
 *
 * - rules count for nothing if they have the default action, stand beside one without conditions,
 *   or behind another one without (Podman's JSON allows setns, and denies it further on: denied);
 * - conditions on a call's arguments count for nothing within socketcall(2) or ipc(2), nor does a
 *   rule for the call if another one allows the bundle, nor any where ipc(2) is given a version
 *   (Podman's JSON has conditions on socket, and allows socketcall: it is denied for socket).
 *
 * x32 calls have 64-bit arguments, as the kernel has it, and so the answers of native ones;
 * libseccomp looks at the lower halves alone.
 *
 * -E2BIG: the program would have too many instructions.
 */
int seccomp_rules_compile(const struct seccomp_rules *rules, struct arena *arena,
			  struct bpf_program *program, struct error *err);

#endif
