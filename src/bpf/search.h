/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_SEARCH_H
#define BPF_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/asm.h"

/* Numbers that are answered alike: from @start up to the start of the next run. */
struct bpf_run {
	uint32_t start;
	bpf_label target;
};

/* Two ends for each number of a table of 1024, twice, and some behind. */
#define BPF_RUNS 4112

struct bpf_runs {
	struct bpf_run items[BPF_RUNS];
	size_t count;
};

/* Runs are added in their order, the first with 0; equal neighbours become one. */
void bpf_runs_add(struct bpf_runs *runs, uint32_t start, bpf_label target);

/* Goes to the target of the run that holds the accumulator, in log2 of their number steps. */
void bpf_runs_search(struct bpf_asm *a, const struct bpf_runs *runs);

#endif
