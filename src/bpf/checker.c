// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/checker.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/cleanup.h"

#define URING_INPUT_SIZE 40

struct check {
	const struct bpf_program *program;
	uint32_t input_size;
	/* Per instruction: the scratch words that hold a value on every way to it, a bit each. */
	uint16_t *stored;
	const char *why; /* what is wrong with the instruction looked at; NULL: nothing */
};

static const uint16_t known_codes[] = {
	BPF_LD | BPF_W | BPF_ABS,
	BPF_LD | BPF_W | BPF_LEN,
	BPF_LDX | BPF_W | BPF_LEN,
	BPF_LD | BPF_IMM,
	BPF_LDX | BPF_IMM,
	BPF_LD | BPF_MEM,
	BPF_LDX | BPF_MEM,
	BPF_ST,
	BPF_STX,
	BPF_ALU | BPF_ADD | BPF_K,
	BPF_ALU | BPF_ADD | BPF_X,
	BPF_ALU | BPF_SUB | BPF_K,
	BPF_ALU | BPF_SUB | BPF_X,
	BPF_ALU | BPF_MUL | BPF_K,
	BPF_ALU | BPF_MUL | BPF_X,
	BPF_ALU | BPF_DIV | BPF_K,
	BPF_ALU | BPF_DIV | BPF_X,
	BPF_ALU | BPF_AND | BPF_K,
	BPF_ALU | BPF_AND | BPF_X,
	BPF_ALU | BPF_OR | BPF_K,
	BPF_ALU | BPF_OR | BPF_X,
	BPF_ALU | BPF_XOR | BPF_K,
	BPF_ALU | BPF_XOR | BPF_X,
	BPF_ALU | BPF_LSH | BPF_K,
	BPF_ALU | BPF_LSH | BPF_X,
	BPF_ALU | BPF_RSH | BPF_K,
	BPF_ALU | BPF_RSH | BPF_X,
	BPF_ALU | BPF_NEG,
	BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JEQ | BPF_K,
	BPF_JMP | BPF_JEQ | BPF_X,
	BPF_JMP | BPF_JGT | BPF_K,
	BPF_JMP | BPF_JGT | BPF_X,
	BPF_JMP | BPF_JGE | BPF_K,
	BPF_JMP | BPF_JGE | BPF_X,
	BPF_JMP | BPF_JSET | BPF_K,
	BPF_JMP | BPF_JSET | BPF_X,
	BPF_RET | BPF_K,
	BPF_RET | BPF_A,
	BPF_MISC | BPF_TAX,
	BPF_MISC | BPF_TXA,
};

static bool is_known(uint16_t code)
{
	for (size_t i = 0; i < sizeof(known_codes) / sizeof(known_codes[0]); i++)
		if (known_codes[i] == code)
			return true;
	return false;
}

static const char *check_load(const struct check *check, const struct sock_filter *insn,
			      uint16_t stored)
{
	if (BPF_MODE(insn->code) == BPF_ABS) {
		if (insn->k % sizeof(uint32_t))
			return "loads from an offset that is no multiple of four";
		if (insn->k >= check->input_size)
			return "loads from beyond the input";
	}
	if (BPF_MODE(insn->code) == BPF_MEM) {
		if (insn->k >= BPF_MEMWORDS)
			return "names a scratch word that does not exist";
		if (!(stored >> insn->k & 1))
			return "reads a scratch word that may never have been stored";
	}
	return NULL;
}

static const char *check_alu(const struct sock_filter *insn)
{
	uint16_t op = BPF_OP(insn->code);

	if (BPF_SRC(insn->code) != BPF_K)
		return NULL;
	if (op == BPF_DIV && insn->k == 0)
		return "divides by zero";
	if ((op == BPF_LSH || op == BPF_RSH) && insn->k > 31)
		return "shifts by more than 31";
	return NULL;
}

/* What is stored where a jump lands is what is stored on all ways there. */
static bool land(struct check *check, size_t pc, size_t distance, uint16_t stored)
{
	if (distance >= check->program->count - pc - 1)
		return false;
	check->stored[pc + 1 + distance] &= stored;
	return true;
}

static const char *check_jump(struct check *check, size_t pc, uint16_t stored)
{
	const struct sock_filter *insn = &check->program->insns[pc];
	bool inside;

	if (BPF_OP(insn->code) == BPF_JA)
		inside = land(check, pc, insn->k, stored);
	else
		inside = land(check, pc, insn->jt, stored) && land(check, pc, insn->jf, stored);
	return inside ? NULL : "jumps beyond the end";
}

static const char *check_instruction(struct check *check, size_t pc)
{
	const struct sock_filter *insn = &check->program->insns[pc];
	uint16_t stored = check->stored[pc];
	const char *why = NULL;

	if (!is_known(insn->code))
		return "is no instruction of this dialect";
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		why = check_load(check, insn, stored);
		break;
	case BPF_ST:
	case BPF_STX:
		if (insn->k >= BPF_MEMWORDS)
			return "names a scratch word that does not exist";
		stored |= (uint16_t)(1U << insn->k);
		break;
	case BPF_ALU:
		why = check_alu(insn);
		break;
	case BPF_JMP:
		return check_jump(check, pc, stored);
	case BPF_RET:
		return NULL;
	}
	if (!why && pc + 1 < check->program->count)
		check->stored[pc + 1] &= stored;
	return why;
}

int bpf_check(const struct bpf_program *program, enum bpf_dialect dialect, struct error *err)
{
	_cleanup_free_ uint16_t *stored = NULL;
	struct check check = {
		.program = program,
		.input_size =
			dialect == BPF_SECCOMP ? sizeof(struct seccomp_data) : URING_INPUT_SIZE,
	};

	if (!program->count)
		return error_set(err, EINVAL, "the BPF program is empty");
	if (program->count > BPF_MAXINSNS)
		return error_set(err, EINVAL, "the BPF program has %zu instructions, more than %d",
				 program->count, BPF_MAXINSNS);
	stored = xrealloc(NULL, program->count, sizeof(*stored));
	memset(stored, 0xff, program->count * sizeof(*stored));
	stored[0] = 0;
	check.stored = stored;
	for (size_t pc = 0; pc < program->count; pc++) {
		const char *why = check_instruction(&check, pc);

		if (why)
			return error_set(err, EINVAL, "BPF instruction %zu (code 0x%02x) %s", pc,
					 program->insns[pc].code, why);
	}
	if (BPF_CLASS(program->insns[program->count - 1].code) != BPF_RET)
		return error_set(err, EINVAL, "the BPF program does not end with a return");
	return 0;
}
