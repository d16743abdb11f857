/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_COMBINE_H
#define BPF_COMBINE_H

#include "bpf/bpf.h"
#include "util/alloc.h"
#include "util/error.h"

/*
 * One program of two. To allow is to return non-zero. Each of the two returns constants only, and
 * counts on nothing that is in the accumulator at its start. -E2BIG: it would be too long.
 */

/* Allows what both allow. */
int bpf_both(const struct bpf_program *first, const struct bpf_program *second, struct arena *arena,
	     struct bpf_program *both, struct error *err);

/* Allows what at least one allows. */
int bpf_either(const struct bpf_program *first, const struct bpf_program *second,
	       struct arena *arena, struct bpf_program *either, struct error *err);

#endif
