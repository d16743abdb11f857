// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/search.h"

void bpf_runs_add(struct bpf_runs *runs, uint32_t start, bpf_label target)
{
	if (runs->count && runs->items[runs->count - 1].target == target)
		return;
	runs->items[runs->count++] = (struct bpf_run){ .start = start, .target = target };
}

static void search(struct bpf_asm *a, const struct bpf_run *runs, size_t count)
{
	size_t left = count / 2;
	size_t right = count - left;
	bpf_label behind;

	if (count == 1) {
		bpf_goto(a, runs->target);
		return;
	}
	if (left == 1) {
		bpf_jump(a, BPF_JMP | BPF_JGE | BPF_K, runs[1].start,
			 right == 1 ? runs[1].target : BPF_NEXT, runs[0].target);
		if (right > 1)
			search(a, runs + 1, right);
		return;
	}
	behind = bpf_label_new(a);
	bpf_jump(a, BPF_JMP | BPF_JGE | BPF_K, runs[left].start, behind, BPF_NEXT);
	search(a, runs, left);
	bpf_label_place(a, behind);
	search(a, runs + left, right);
}

void bpf_runs_search(struct bpf_asm *a, const struct bpf_runs *runs)
{
	search(a, runs->items, runs->count);
}
