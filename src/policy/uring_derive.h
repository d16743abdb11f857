/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_URING_DERIVE_H
#define POLICY_URING_DERIVE_H

#include <stdbool.h>

#include "bpf/specialise.h"
#include "uring/opcode.h"
#include "util/alloc.h"

/*
 * What a seccomp program says of an io_uring operation: the program is specialised for the system
 * calls that do the same, their arguments taken from what the kernel shows to the opcode's filter.
 */
struct uring_derived {
	enum bpf_answer answer;
	struct bpf_program program; /* BPF_DEPENDS: over the filter's input, 1 allows */
	const char *reason;	    /* of a denial, naming the system call */
	const char *depends_on;	    /* BPF_DEPENDS: the system call whose arguments are looked at */
};

/*
 * @named: the profile names this opaque opcode. Its command is not the call's (ioctl's, say), so
 * that conditions on the call's arguments do not speak of it; only a call that is denied whatever
 * its arguments denies it.
 */
struct uring_derived uring_derive(struct bpf_specialiser *specialiser,
				  const struct uring_opcode *opcode, bool named,
				  struct arena *arena);

#endif
