/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_CHECKER_H
#define BPF_CHECKER_H

#include "bpf/bpf.h"
#include "util/error.h"

/* Where a program is to run: what it may load differs. */
enum bpf_dialect {
	BPF_SECCOMP, /* over struct seccomp_data, 64 bytes */
	BPF_URING,   /* over an io_uring filter's input, 40 bytes */
};

/*
 * The kernel's own rules (bpf_check_classic(), seccomp_check_filter() and io_uring's): length,
 * instructions, aligned loads within the input, jumps within the program and forward, no constant
 * division by zero or shift too far, no scratch word read before it was stored, a return at the
 * end. Returns 0, or -EINVAL with the instruction that is wrong and why.
 */
int bpf_check(const struct bpf_program *program, enum bpf_dialect dialect, struct error *err);

#endif
