// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The checker against the interpreter: a program that is accepted runs to its end on any input. The
 * input is 64 bytes to run it on, and the program.
 */
#include <linux/seccomp.h>

#include "bpf/checker.h"
#include "bpf/disasm.h"
#include "bpf/interpret.h"
#include "fuzz/fuzz.h"

#define URING_INPUT_SIZE 40

static bool accepts(const struct bpf_program *program, enum bpf_dialect dialect)
{
	struct error err = { 0 };
	int status = bpf_check(program, dialect, &err);

	expect(status <= 0 && !status == !err.message[0], "status %d, message \"%s\"", status,
	       err.message);
	return status == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint8_t words[sizeof(struct seccomp_data)];
	struct bpf_program program = { 0 };
	char text[BPF_DISASM_SIZE];
	bool seccomp;
	bool uring;
	uint32_t result;

	take(&input, words, sizeof(words));
	program.count = input.size / sizeof(*program.insns);
	program.insns = malloc(program.count * sizeof(*program.insns) + 1);
	take(&input, program.insns, program.count * sizeof(*program.insns));
	for (size_t i = 0; i < program.count; i++)
		expect(strlen(bpf_disasm(&program.insns[i], i, text)) < sizeof(text), "too long");

	seccomp = accepts(&program, BPF_SECCOMP);
	uring = accepts(&program, BPF_URING);
	/* Nothing sets the dialects apart but the size of their input. */
	expect(!uring || seccomp, "io_uring would take what seccomp would not");
	expect(!seccomp || bpf_interpret(&program, words, sizeof(words), &result) == 0,
	       "seccomp would take what does not run");
	expect(!uring || bpf_interpret(&program, words, URING_INPUT_SIZE, &result) == 0,
	       "io_uring would take what does not run");
	free(program.insns);
	return 0;
}
