// SPDX-License-Identifier: LGPL-2.1-or-later
/* seccomp.bpf: a file is refused with a message, or every opcode can be derived from it. */
#include "bpf/checker.h"
#include "fuzz/fuzz.h"
#include "policy/seccomp_bpf.h"
#include "policy/uring_derive.h"

static void derive_all(const struct bpf_program *program, struct arena *arena)
{
	struct bpf_specialiser *specialiser = bpf_specialiser_new(program);
	struct error err;

	for (size_t i = 0; i < URING_OPCODE_COUNT; i++) {
		const struct uring_opcode *opcode = &uring_opcodes[i];
		struct uring_derived derived = uring_derive(
			specialiser, opcode, opcode->class == CLASS_OPAQUE && i & 1, arena);

		expect(derived.answer != BPF_DENIED || derived.reason, "%s: no reason",
		       opcode->name);
		expect(derived.answer != BPF_DEPENDS ||
			       bpf_check(&derived.program, BPF_URING, &err) == 0,
		       "%s: %s", opcode->name, err.message);
	}
	bpf_specialiser_free(specialiser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bpf_program program = { 0 };
	struct arena arena = { 0 };
	struct error err = { 0 };
	int status = seccomp_bpf_read(data, size, &arena, &program, &err);

	expect(status <= 0 && !status == !err.message[0], "status %d, message \"%s\"", status,
	       err.message);
	if (status == 0)
		derive_all(&program, &arena);
	arena_free(&arena);
	return 0;
}
