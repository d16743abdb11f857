/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_BOTH_H
#define BPF_BOTH_H

#include "bpf/bpf.h"
#include "util/alloc.h"
#include "util/error.h"

/*
 * One program that allows (returns non-zero) what both allow. Each returns constants only. -E2BIG:
 * it would be too long.
 */
int bpf_both(const struct bpf_program *first, const struct bpf_program *second, struct arena *arena,
	     struct bpf_program *both, struct error *err);

#endif
