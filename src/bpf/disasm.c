// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/disasm.h"

#include <linux/seccomp.h>
#include <stdio.h>

enum operand {
	OPERAND_NONE,
	OPERAND_INPUT,	 /* [k] */
	OPERAND_LENGTH,	 /* #len */
	OPERAND_SCRATCH, /* M[k] */
	OPERAND_NUMBER,	 /* #0xk */
	OPERAND_RETURN,	 /* #k, small ones in decimal */
	OPERAND_A,
	OPERAND_X,
	OPERAND_TARGET,	     /* of a jump that always goes */
	OPERAND_NUMBER_JUMP, /* #0xk, and both targets */
	OPERAND_X_JUMP,	     /* x, and both targets */
};

/* Every instruction that bpf_check() lets through. */
static const struct {
	uint16_t code;
	const char *name;
	enum operand operand;
} instructions[] = {
	{ BPF_LD | BPF_W | BPF_ABS, "ld", OPERAND_INPUT },
	{ BPF_LD | BPF_W | BPF_LEN, "ld", OPERAND_LENGTH },
	{ BPF_LDX | BPF_W | BPF_LEN, "ldx", OPERAND_LENGTH },
	{ BPF_LD | BPF_IMM, "ld", OPERAND_NUMBER },
	{ BPF_LDX | BPF_IMM, "ldx", OPERAND_NUMBER },
	{ BPF_LD | BPF_MEM, "ld", OPERAND_SCRATCH },
	{ BPF_LDX | BPF_MEM, "ldx", OPERAND_SCRATCH },
	{ BPF_ST, "st", OPERAND_SCRATCH },
	{ BPF_STX, "stx", OPERAND_SCRATCH },
	{ BPF_ALU | BPF_ADD | BPF_K, "add", OPERAND_NUMBER },
	{ BPF_ALU | BPF_ADD | BPF_X, "add", OPERAND_X },
	{ BPF_ALU | BPF_SUB | BPF_K, "sub", OPERAND_NUMBER },
	{ BPF_ALU | BPF_SUB | BPF_X, "sub", OPERAND_X },
	{ BPF_ALU | BPF_MUL | BPF_K, "mul", OPERAND_NUMBER },
	{ BPF_ALU | BPF_MUL | BPF_X, "mul", OPERAND_X },
	{ BPF_ALU | BPF_DIV | BPF_K, "div", OPERAND_NUMBER },
	{ BPF_ALU | BPF_DIV | BPF_X, "div", OPERAND_X },
	{ BPF_ALU | BPF_AND | BPF_K, "and", OPERAND_NUMBER },
	{ BPF_ALU | BPF_AND | BPF_X, "and", OPERAND_X },
	{ BPF_ALU | BPF_OR | BPF_K, "or", OPERAND_NUMBER },
	{ BPF_ALU | BPF_OR | BPF_X, "or", OPERAND_X },
	{ BPF_ALU | BPF_XOR | BPF_K, "xor", OPERAND_NUMBER },
	{ BPF_ALU | BPF_XOR | BPF_X, "xor", OPERAND_X },
	{ BPF_ALU | BPF_LSH | BPF_K, "lsh", OPERAND_NUMBER },
	{ BPF_ALU | BPF_LSH | BPF_X, "lsh", OPERAND_X },
	{ BPF_ALU | BPF_RSH | BPF_K, "rsh", OPERAND_NUMBER },
	{ BPF_ALU | BPF_RSH | BPF_X, "rsh", OPERAND_X },
	{ BPF_ALU | BPF_NEG, "neg", OPERAND_NONE },
	{ BPF_JMP | BPF_JA, "ja", OPERAND_TARGET },
	{ BPF_JMP | BPF_JEQ | BPF_K, "jeq", OPERAND_NUMBER_JUMP },
	{ BPF_JMP | BPF_JEQ | BPF_X, "jeq", OPERAND_X_JUMP },
	{ BPF_JMP | BPF_JGT | BPF_K, "jgt", OPERAND_NUMBER_JUMP },
	{ BPF_JMP | BPF_JGT | BPF_X, "jgt", OPERAND_X_JUMP },
	{ BPF_JMP | BPF_JGE | BPF_K, "jge", OPERAND_NUMBER_JUMP },
	{ BPF_JMP | BPF_JGE | BPF_X, "jge", OPERAND_X_JUMP },
	{ BPF_JMP | BPF_JSET | BPF_K, "jset", OPERAND_NUMBER_JUMP },
	{ BPF_JMP | BPF_JSET | BPF_X, "jset", OPERAND_X_JUMP },
	{ BPF_RET | BPF_K, "ret", OPERAND_RETURN },
	{ BPF_RET | BPF_A, "ret", OPERAND_A },
	{ BPF_MISC | BPF_TAX, "tax", OPERAND_NONE },
	{ BPF_MISC | BPF_TXA, "txa", OPERAND_NONE },
};

static void print_operand(const struct sock_filter *insn, size_t at, enum operand operand,
			  char *out, size_t room)
{
	size_t next = at + 1;

	switch (operand) {
	case OPERAND_NONE:
		*out = '\0';
		break;
	case OPERAND_INPUT:
		snprintf(out, room, " [%u]", insn->k);
		break;
	case OPERAND_LENGTH:
		snprintf(out, room, " #len");
		break;
	case OPERAND_SCRATCH:
		snprintf(out, room, " M[%u]", insn->k);
		break;
	case OPERAND_NUMBER:
		snprintf(out, room, " #0x%x", insn->k);
		break;
	case OPERAND_RETURN:
		snprintf(out, room, insn->k < 10 ? " #%u" : " #0x%x", insn->k);
		break;
	case OPERAND_A:
		snprintf(out, room, " a");
		break;
	case OPERAND_X:
		snprintf(out, room, " x");
		break;
	case OPERAND_TARGET:
		snprintf(out, room, " %zu", next + insn->k);
		break;
	case OPERAND_NUMBER_JUMP:
		snprintf(out, room, " #0x%x, %zu, %zu", insn->k, next + insn->jt, next + insn->jf);
		break;
	case OPERAND_X_JUMP:
		snprintf(out, room, " x, %zu, %zu", next + insn->jt, next + insn->jf);
		break;
	}
}

char *bpf_disasm(const struct sock_filter *insn, size_t at, char buffer[static BPF_DISASM_SIZE])
{
	for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
		int length;

		if (instructions[i].code != insn->code)
			continue;
		length = snprintf(buffer, BPF_DISASM_SIZE, "%s", instructions[i].name);
		print_operand(insn, at, instructions[i].operand, buffer + length,
			      BPF_DISASM_SIZE - (size_t)length);
		return buffer;
	}
	snprintf(buffer, BPF_DISASM_SIZE, ".insn 0x%02x, %u, %u, #0x%x", insn->code, insn->jt,
		 insn->jf, insn->k);
	return buffer;
}

#define ARGUMENT(n) BPF_HALVES("args[" #n "]", offsetof(struct seccomp_data, args[n]))

const struct bpf_field bpf_seccomp_fields[] = {
	{ "nr", offsetof(struct seccomp_data, nr) },
	{ "arch", offsetof(struct seccomp_data, arch) },
	BPF_HALVES("instruction_pointer", offsetof(struct seccomp_data, instruction_pointer)),
	ARGUMENT(0),
	ARGUMENT(1),
	ARGUMENT(2),
	ARGUMENT(3),
	ARGUMENT(4),
	ARGUMENT(5),
	{ NULL, 0 },
};

const char *bpf_disasm_field(const struct sock_filter *insn, const struct bpf_field *fields)
{
	if (insn->code != (BPF_LD | BPF_W | BPF_ABS))
		return NULL;
	for (; fields->name; fields++)
		if (fields->offset == insn->k)
			return fields->name;
	return NULL;
}
