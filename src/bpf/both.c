// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/both.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

int bpf_both(const struct bpf_program *first, const struct bpf_program *second, struct arena *arena,
	     struct bpf_program *both, struct error *err)
{
	size_t count = first->count + second->count;

	if (count > BPF_MAXINSNS)
		return error_set(err, E2BIG, "a filter would have %zu instructions", count);
	both->count = count;
	both->insns = arena_alloc(arena, count * sizeof(*both->insns));
	memcpy(both->insns, first->insns, first->count * sizeof(*both->insns));
	memcpy(both->insns + first->count, second->insns, second->count * sizeof(*both->insns));
	/* Where the first one would allow, the second one goes on. Jumps are relative. */
	for (size_t i = 0; i < first->count; i++) {
		struct sock_filter *insn = &both->insns[i];

		if (insn->code == (BPF_RET | BPF_K) && insn->k)
			*insn = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
							     (uint32_t)(first->count - i - 1));
	}
	return 0;
}
