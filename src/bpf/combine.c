// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/combine.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Where the first one would @allow (or would deny), the second one goes on. Jumps are relative. */
static int chain(const struct bpf_program *first, const struct bpf_program *second, bool allow,
		 struct arena *arena, struct bpf_program *out, struct error *err)
{
	size_t count = first->count + second->count;

	if (count > BPF_MAXINSNS)
		return error_set(err, E2BIG, "a filter would have %zu instructions", count);
	out->count = count;
	out->insns = arena_alloc(arena, count * sizeof(*out->insns));
	memcpy(out->insns, first->insns, first->count * sizeof(*out->insns));
	memcpy(out->insns + first->count, second->insns, second->count * sizeof(*out->insns));
	for (size_t i = 0; i < first->count; i++) {
		struct sock_filter *insn = &out->insns[i];

		if (insn->code == (BPF_RET | BPF_K) && (insn->k != 0) == allow)
			*insn = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
							     (uint32_t)(first->count - i - 1));
	}
	return 0;
}

int bpf_both(const struct bpf_program *first, const struct bpf_program *second, struct arena *arena,
	     struct bpf_program *both, struct error *err)
{
	return chain(first, second, true, arena, both, err);
}

int bpf_either(const struct bpf_program *first, const struct bpf_program *second,
	       struct arena *arena, struct bpf_program *either, struct error *err)
{
	return chain(first, second, false, arena, either, err);
}
