// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/program.h"

#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "bpf/checker.h"
#include "bpf/disasm.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof(*(array))))

uint32_t random_value(struct random *random)
{
	static const uint32_t edges[] = { 0, 1, 2, 3, 16, 0xff, 0x80000000, 0xffffffff };

	return random_below(random, 4) ? edges[random_below(random, COUNT(edges))]
				       : random_word(random);
}

static uint32_t random_action(struct random *random)
{
	static const uint32_t actions[] = {
		SECCOMP_RET_ALLOW,	SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW,
		SECCOMP_RET_ERRNO | 1,	SECCOMP_RET_LOG,   SECCOMP_RET_KILL_PROCESS,
		SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE,
	};

	return actions[random_below(random, COUNT(actions))];
}

static struct sock_filter random_alu(struct random *random)
{
	static const uint16_t ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_AND,
					BPF_OR,	 BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG };
	uint16_t op = ops[random_below(random, COUNT(ops))];
	uint16_t source = op == BPF_NEG || random_below(random, 2) ? BPF_K : BPF_X;
	uint32_t k = random_value(random);

	if (op == BPF_LSH || op == BPF_RSH)
		k &= 31;
	if (op == BPF_DIV && !k)
		k = 1;
	return (struct sock_filter)BPF_STMT(BPF_ALU | op | source, k);
}

static struct sock_filter random_move(struct random *random)
{
	switch (random_below(random, 8)) {
	case 0:
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, random_value(random));
	case 1:
		return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, random_value(random));
	case 2:
		return (struct sock_filter)BPF_STMT(BPF_ST, random_below(random, 3));
	case 3:
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, random_below(random, 3));
	case 4:
		return (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
	case 5:
		return (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TXA, 0);
	case 6:
		return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_MEM, random_below(random, 3));
	}
	return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0);
}

static struct sock_filter random_jump(struct random *random, uint32_t left)
{
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	uint16_t op = ops[random_below(random, COUNT(ops))];
	uint32_t range = left < 255 ? left : 255;

	return (struct sock_filter)BPF_JUMP(
		BPF_JMP | op | (random_below(random, 4) ? BPF_K : BPF_X), random_value(random),
		(uint8_t)random_below(random, range), (uint8_t)random_below(random, range));
}

static struct sock_filter random_instruction(struct random *random, const struct palette *palette,
					     uint32_t left)
{
	uint32_t kind = random_below(random, 10);

	if (!left || kind == 0)
		return (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, random_action(random));
	if (kind < 4)
		return (struct sock_filter)BPF_STMT(
			BPF_LD | BPF_W | BPF_ABS,
			palette->offsets[random_below(random, palette->offset_count)]);
	if (kind < 7)
		return random_jump(random, left);
	return kind < 9 ? random_alu(random) : random_move(random);
}

/* Loads the word and compares it, two instructions. */
static void random_test(struct random *random, const struct palette *palette,
			struct sock_filter *insns, uint32_t left)
{
	const struct program_test *test =
		&palette->tests[random_below(random, palette->test_count)];

	insns[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, test->offset);
	insns[1] = random_jump(random, left);
	if (random_below(random, 4))
		insns[1].code = BPF_JMP | BPF_JEQ | BPF_K;
	insns[1].k = test->value;
}

void random_program(struct random *random, const struct palette *palette,
		    struct bpf_program *program)
{
	struct error err;

	do {
		program->count = 2 + random_below(random, palette->longest - 1);
		for (uint32_t i = 0; i < program->count; i++) {
			uint32_t left = (uint32_t)program->count - i - 1;

			if (left > 1 && palette->test_count && random_below(random, 2))
				random_test(random, palette, &program->insns[i++], left - 1);
			else
				program->insns[i] = random_instruction(random, palette, left);
		}
		if (!random_below(random, 8))
			program->insns[program->count - 1].code = BPF_RET | BPF_A;
	} while (bpf_check(program, BPF_SECCOMP, &err) < 0);
}

bool action_allows(uint32_t action)
{
	action &= SECCOMP_RET_ACTION_FULL;
	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

struct shrinking {
	struct bpf_program *program;
	bool (*is_wrong)(void *context);
	void *context;
};

static bool still_wrong(const struct shrinking *shrinking)
{
	struct error err;

	return bpf_check(shrinking->program, BPF_SECCOMP, &err) == 0 &&
	       shrinking->is_wrong(shrinking->context);
}

/* A jump that leads behind instruction @at of a program that it goes from leads less far. */
static uint32_t nearer(size_t from, uint32_t distance, size_t at)
{
	return from < at && distance > at - from - 1 ? distance - 1 : distance;
}

static void take_out(struct bpf_program *program, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		struct sock_filter *insn = &program->insns[i];

		if (BPF_CLASS(insn->code) != BPF_JMP)
			continue;
		if (BPF_OP(insn->code) == BPF_JA)
			insn->k = nearer(i, insn->k, at);
		insn->jt = (uint8_t)nearer(i, insn->jt, at);
		insn->jf = (uint8_t)nearer(i, insn->jf, at);
	}
	program->count--;
	memmove(program->insns + at, program->insns + at + 1,
		(program->count - at) * sizeof(*program->insns));
}

static bool shrink_by_one(const struct shrinking *shrinking, size_t at)
{
	struct bpf_program *program = shrinking->program;
	struct sock_filter before[BPF_MAXINSNS];
	size_t count = program->count;

	memcpy(before, program->insns, count * sizeof(*before));
	take_out(program, at);
	if (still_wrong(shrinking))
		return true;
	memcpy(program->insns, before, count * sizeof(*before));
	program->count = count;
	return false;
}

static bool shrink_to_return(const struct shrinking *shrinking, size_t at)
{
	static const uint32_t actions[] = { SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS };
	struct sock_filter *insn = &shrinking->program->insns[at];
	struct sock_filter before = *insn;

	if (BPF_CLASS(insn->code) == BPF_RET)
		return false;
	for (size_t i = 0; i < COUNT(actions); i++) {
		*insn = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, actions[i]);
		if (still_wrong(shrinking))
			return true;
	}
	*insn = before;
	return false;
}

void program_shrink(struct bpf_program *program, bool (*is_wrong)(void *context), void *context)
{
	const struct shrinking shrinking = { program, is_wrong, context };
	bool smaller;

	do {
		smaller = false;
		for (size_t i = program->count; i-- > 0;)
			if (shrink_by_one(&shrinking, i) || shrink_to_return(&shrinking, i))
				smaller = true;
	} while (smaller);
}

void program_print(const struct bpf_program *program)
{
	char text[BPF_DISASM_SIZE];

	for (size_t i = 0; i < program->count; i++)
		printf("# %4zu: %s\n", i, bpf_disasm(&program->insns[i], i, text));
}
