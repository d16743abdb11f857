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
	const struct scmp_arg_cmp *conditions; /* each on an argument of its own */
	unsigned int condition_count;
};

/* A policy as container engines have it. */
struct seccomp_rules {
	uint32_t default_action;
	/* Other ways into this kernel that rules hold for too, SCMP_ARCH_*; any that is not
	 * here is killed. */
	uint32_t others[2];
	size_t other_count;
	ARRAY(struct seccomp_rule) items;
};

/*
 * Compiles @rules as libseccomp would, just faster: of two rules for a call, the one without
 * conditions counts, else the first; a rule with the default action says nothing.
 * -EEXIST: two rules have the same conditions and different actions. -E2BIG: too many conditions.
 */
int seccomp_rules_compile(const struct seccomp_rules *rules, struct arena *arena,
			  struct bpf_program *program, struct error *err);

#endif
