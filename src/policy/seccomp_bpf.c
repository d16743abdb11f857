// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/seccomp_bpf.h"

#include <errno.h>

#include "bpf/checker.h"

int seccomp_bpf_read(const void *bytes, size_t length, struct arena *arena,
		     struct bpf_program *program, struct error *err)
{
	if (length == 0)
		return error_set(err, EINVAL, "it is empty");
	if (length > SECCOMP_BPF_SIZE_LIMIT)
		return error_set(err, E2BIG, "it has more than %d instructions", BPF_MAXINSNS);
	if (length % sizeof(struct sock_filter)) {
		error_set(err, EINVAL,
			  "it is truncated, or no compiled filter: %zu bytes are no whole number "
			  "of instructions, which have %zu each",
			  length, sizeof(struct sock_filter));
		error_hint(err, "seccomp_export_bpf(3) writes such files");
		return -EINVAL;
	}
	program->insns = arena_memdup(arena, bytes, length);
	program->count = length / sizeof(struct sock_filter);
	return bpf_check(program, BPF_SECCOMP, err);
}
