// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/asm.h"
#include "bpf/interpret.h"

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define IF_EQUAL (BPF_JMP | BPF_JEQ | BPF_K)
#define RETURN (BPF_RET | BPF_K)

/* ---- the interpreter ---- */

static const uint32_t data[2] = { 0x80000005, 7 };

static int run(const struct sock_filter *insns, size_t count, uint32_t *result)
{
	struct bpf_program program = { (struct sock_filter *)insns, count };

	return bpf_interpret(&program, data, sizeof(data), result);
}

/* Loads both words (A = 0x80000005, X = 7), runs one instruction, returns A. */
static int run_one(uint16_t code, uint32_t k, uint32_t *result)
{
	const struct sock_filter insns[] = {
		{ LOAD, 0, 0, 4 }, { BPF_MISC | BPF_TAX, 0, 0, 0 }, { LOAD, 0, 0, 0 },
		{ code, 0, 0, k }, { BPF_RET | BPF_A, 0, 0, 0 },
	};

	return run(insns, sizeof(insns) / sizeof(*insns), result);
}

static void arithmetic_and_moves_give_what_the_kernel_gives(void **state)
{
	static const struct {
		uint16_t code;
		uint32_t k;
		uint32_t result;
	} cases[] = {
		{ BPF_ALU | BPF_ADD, 0x80000000, 5 },
		{ BPF_ALU | BPF_ADD | BPF_X, 0, 0x8000000c },
		{ BPF_ALU | BPF_SUB | BPF_K, 6, 0x7fffffff },
		{ BPF_ALU | BPF_SUB | BPF_X, 0, 0x7ffffffe },
		{ BPF_ALU | BPF_MUL | BPF_K, 3, 0x8000000f },
		{ BPF_ALU | BPF_MUL | BPF_X, 0, 0x80000023 },
		{ BPF_ALU | BPF_DIV | BPF_K, 2, 0x40000002 },
		{ BPF_ALU | BPF_DIV | BPF_X, 0, 0x80000005 / 7 },
		{ BPF_ALU | BPF_AND | BPF_K, 0xf, 5 },
		{ BPF_ALU | BPF_AND | BPF_X, 0, 5 },
		{ BPF_ALU | BPF_OR | BPF_K, 2, 0x80000007 },
		{ BPF_ALU | BPF_OR | BPF_X, 0, 0x80000007 },
		{ BPF_ALU | BPF_XOR | BPF_K, 1, 0x80000004 },
		{ BPF_ALU | BPF_XOR | BPF_X, 0, 0x80000002 },
		{ BPF_ALU | BPF_LSH | BPF_K, 4, 0x50 },
		{ BPF_ALU | BPF_LSH | BPF_X, 0, 0x280 },
		{ BPF_ALU | BPF_RSH | BPF_K, 31, 1 },
		{ BPF_ALU | BPF_RSH | BPF_X, 0, 0x01000000 },
		{ BPF_ALU | BPF_NEG, 0, 0x7ffffffb },
		{ BPF_LD | BPF_IMM, 9, 9 },
		{ BPF_LD | BPF_W | BPF_LEN, 0, sizeof(data) },
		{ BPF_MISC | BPF_TXA, 0, 7 },
		{ BPF_MISC | BPF_TAX, 0, 0x80000005 },
		{ BPF_LDX | BPF_IMM, 1, 0x80000005 },
		{ BPF_ST, 15, 0x80000005 },
		{ RETURN, 3, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t result = 0;

		assert_int_equal(run_one(cases[i].code, cases[i].k, &result), 0);
		assert_int_equal(result, cases[i].result);
	}
}

static void scratch_memory_and_x_keep_what_is_stored(void **state)
{
	const struct sock_filter insns[] = {
		{ LOAD, 0, 0, 0 },
		{ BPF_ST, 0, 0, 0 },
		{ BPF_LDX | BPF_W | BPF_LEN, 0, 0, 0 },
		{ BPF_STX, 0, 0, 15 },
		{ BPF_LDX | BPF_MEM, 0, 0, 0 },
		{ BPF_LD | BPF_MEM, 0, 0, 15 },
		{ BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 },
		{ BPF_RET | BPF_A, 0, 0, 0 },
	};
	uint32_t result;

	(void)state;
	assert_int_equal(run(insns, 8, &result), 0);
	assert_int_equal(result, 0x8000000d);
}

static void jumps_compare_unsigned_with_k_and_x(void **state)
{
	static const struct {
		uint32_t k;
		uint16_t operation;
		bool taken;
	} cases[] = {
		{ 0x80000005, BPF_JEQ, true }, { 5, BPF_JEQ, false },
		{ 5, BPF_JGT, true },	       { 0x80000005, BPF_JGT, false },
		{ 0x80000005, BPF_JGE, true }, { 0x80000006, BPF_JGE, false },
		{ 4, BPF_JSET, true },	       { 2, BPF_JSET, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases) * 2; i++) {
		uint16_t source = i % 2 ? BPF_X : BPF_K;
		const struct sock_filter insns[] = {
			{ BPF_LDX | BPF_IMM, 0, 0, cases[i / 2].k },
			{ LOAD, 0, 0, 0 },
			{ (uint16_t)(BPF_JMP | cases[i / 2].operation | source), 1, 0,
			  source == BPF_K ? cases[i / 2].k : 0 },
			{ RETURN, 0, 0, false },
			{ RETURN, 0, 0, true },
		};
		uint32_t result;

		assert_int_equal(run(insns, 5, &result), 0);
		assert_int_equal(result, cases[i / 2].taken);
	}
}

static void dividing_by_x_zero_ends_with_zero(void **state)
{
	const struct sock_filter insns[] = {
		{ LOAD, 0, 0, 0 },
		{ BPF_LDX | BPF_IMM, 0, 0, 0 },
		{ BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0 },
		{ RETURN, 0, 0, 1 },
	};
	uint32_t result = 99;

	(void)state;
	assert_int_equal(run(insns, 4, &result), 0);
	assert_int_equal(result, 0);
}

static void shifting_by_x_counts_modulo_32(void **state)
{
	const struct sock_filter insns[] = {
		{ BPF_LD | BPF_IMM, 0, 0, 1 },
		{ BPF_LDX | BPF_IMM, 0, 0, 33 },
		{ BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0 },
		{ BPF_RET | BPF_A, 0, 0, 0 },
	};
	uint32_t result;

	(void)state;
	assert_int_equal(run(insns, 4, &result), 0);
	assert_int_equal(result, 2);
}

static void what_the_kernel_refuses_is_invalid(void **state)
{
	static const struct {
		uint16_t code;
		uint32_t k;
	} cases[] = {
		{ LOAD, 8 }, /* out of bounds */
		{ LOAD, 5 },
		{ LOAD, 2 }, /* not at a multiple of four */
		{ LOAD, UINT32_MAX },
		{ LOAD, UINT32_MAX - 3 },
		{ BPF_LD | BPF_B | BPF_ABS, 0 },
		{ BPF_LD | BPF_H | BPF_ABS, 0 },
		{ BPF_LD | BPF_W | BPF_IND, 0 },
		{ BPF_LDX | BPF_W | BPF_ABS, 0 },
		{ BPF_LDX | BPF_B | BPF_MSH, 0 },
		{ BPF_ALU | BPF_MOD | BPF_K, 3 },
		{ BPF_ALU | BPF_MOD | BPF_X, 0 },
		{ BPF_ALU | BPF_DIV | BPF_K, 0 },
		{ BPF_ALU | BPF_LSH | BPF_K, 32 },
		{ BPF_ALU | BPF_RSH | BPF_K, 32 },
		{ BPF_ALU | BPF_NEG | BPF_X, 0 },
		{ 0x100 | BPF_ALU | BPF_ADD, 0 },
		{ BPF_JMP | 0x50, 0 },
		{ BPF_RET | BPF_X, 0 },
		{ BPF_LD | BPF_MEM, 0 }, /* never stored */
		{ BPF_LD | BPF_MEM, 16 },
		{ BPF_LDX | BPF_MEM, 3 },
		{ BPF_ST, 16 },
		{ BPF_STX, 16 },
		{ BPF_MISC | 0x20, 0 },
		{ BPF_JMP | BPF_JA, 1 }, /* past the end */
		{ BPF_JMP | BPF_JA, UINT32_MAX },
	};
	uint32_t result;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(run_one(cases[i].code, cases[i].k, &result), -EINVAL);
	/* Off the end. */
	assert_int_equal(run((struct sock_filter[]){ { BPF_ALU | BPF_ADD, 0, 0, 0 } }, 1, &result),
			 -EINVAL);
	assert_int_equal(run(NULL, 0, &result), -EINVAL);
}

/* ---- the assembler ---- */

struct fixture {
	struct bpf_asm a;
	struct arena arena;
	struct bpf_program program;
	struct error err;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	bpf_asm_init(&f->a);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	bpf_asm_free(&f->a);
	arena_free(&f->arena);
	free(f);
	return 0;
}

static int finish(struct fixture *f)
{
	return bpf_asm_finish(&f->a, &f->arena, &f->program, &f->err);
}

static uint32_t result_for(const struct fixture *f, uint32_t word)
{
	uint32_t result = 0;

	assert_int_equal(bpf_interpret(&f->program, &word, sizeof(word), &result), 0);
	return result;
}

static void pad(struct bpf_asm *a, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bpf_stmt(a, BPF_LD | BPF_IMM, 0xdead);
}

/* LD; JEQ 1 to @yes, else to @no, @distance instructions in between; each target its RET. */
static void assemble_fork(struct fixture *f, size_t distance, bool true_is_far)
{
	bpf_label far = bpf_label_new(&f->a), near = bpf_label_new(&f->a);

	bpf_stmt(&f->a, LOAD, 0);
	bpf_jump(&f->a, IF_EQUAL, 1, true_is_far ? far : near, true_is_far ? near : far);
	bpf_label_place(&f->a, near);
	pad(&f->a, distance);
	bpf_stmt(&f->a, RETURN, 10);
	bpf_label_place(&f->a, far);
	bpf_stmt(&f->a, RETURN, 20);
	assert_int_equal(finish(f), 0);
}

static void a_conditional_jump_reaches_any_distance(void **state)
{
	static const size_t distances[] = { 0, 1, 253, 254, 255, 256, 257, 258, 1000, 4000 };

	for (size_t i = 0; i < sizeof(distances) / sizeof(*distances) * 2; i++) {
		struct fixture *f = *state;
		bool far_if_true = i % 2;

		assemble_fork(f, distances[i / 2], far_if_true);
		assert_int_equal(result_for(f, 1), far_if_true ? 20 : 10);
		assert_int_equal(result_for(f, 2), far_if_true ? 10 : 20);
		tear_down(state);
		set_up(state);
	}
}

static void a_jump_within_reach_costs_no_trampoline(void **state)
{
	struct fixture *f = *state;

	assemble_fork(f, 254, true); /* 254 and the RET: exactly 255 to skip */
	assert_int_equal(f->program.count, 2 + 254 + 2);
	tear_down(state);
	set_up(state);
	f = *state;
	assemble_fork(f, 255, true);
	assert_int_equal(f->program.count, 2 + 255 + 2 + 1);
}

static void both_targets_may_be_far(void **state)
{
	struct fixture *f = *state;
	bpf_label yes = bpf_label_new(&f->a), no = bpf_label_new(&f->a);

	bpf_stmt(&f->a, LOAD, 0);
	bpf_jump(&f->a, IF_EQUAL, 1, yes, no);
	pad(&f->a, 300);
	bpf_stmt(&f->a, RETURN, 0);
	bpf_label_place(&f->a, no);
	bpf_stmt(&f->a, RETURN, 10);
	bpf_label_place(&f->a, yes);
	bpf_stmt(&f->a, RETURN, 20);
	assert_int_equal(finish(f), 0);
	assert_int_equal(result_for(f, 1), 20);
	assert_int_equal(result_for(f, 2), 10);
}

/* A trampoline makes the way of others longer; here each one tips the next over 255. */
static void trampolines_that_need_trampolines_settle(void **state)
{
	struct fixture *f = *state;
	enum { JUMPS = 300 };
	bpf_label labels[JUMPS];

	bpf_stmt(&f->a, LOAD, 0);
	for (int i = 0; i < JUMPS; i++) {
		labels[i] = bpf_label_new(&f->a);
		bpf_jump(&f->a, IF_EQUAL, (uint32_t)i, labels[i], BPF_NEXT);
	}
	bpf_stmt(&f->a, RETURN, 9999);
	for (int i = 0; i < JUMPS; i++) {
		bpf_label_place(&f->a, labels[i]);
		bpf_stmt(&f->a, RETURN, (uint32_t)i);
	}
	assert_int_equal(finish(f), 0);
	for (uint32_t i = 0; i < JUMPS; i++)
		assert_int_equal(result_for(f, i), i);
	assert_int_equal(result_for(f, JUMPS), 9999);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

enum { BLOCKS = 60 };

struct forks {
	uint32_t bit[BLOCKS];
	int yes[BLOCKS];
	int no[BLOCKS];
};

/* Blocks that record their number in the way taken so far, then fork to random later ones. */
static void write_random_blocks(struct fixture *f, struct forks *forks, uint32_t *seed)
{
	bpf_label labels[BLOCKS];

	for (int i = 0; i < BLOCKS; i++)
		labels[i] = bpf_label_new(&f->a);
	bpf_stmt(&f->a, BPF_ST, 0);
	for (int i = 0; i < BLOCKS; i++) {
		uint32_t left = (uint32_t)(BLOCKS - 1 - i);

		bpf_label_place(&f->a, labels[i]);
		pad(&f->a, next_random(seed) % 50);
		bpf_stmt(&f->a, BPF_LD | BPF_MEM, 0);
		bpf_stmt(&f->a, BPF_ALU | BPF_MUL | BPF_K, 31);
		bpf_stmt(&f->a, BPF_ALU | BPF_ADD, (uint32_t)i);
		bpf_stmt(&f->a, BPF_ST, 0);
		if (!left)
			break;
		forks->bit[i] = 1U << next_random(seed) % 32;
		forks->yes[i] = i + 1 + (int)(next_random(seed) % left);
		forks->no[i] = i + 1 + (int)(next_random(seed) % left);
		bpf_stmt(&f->a, LOAD, 0);
		bpf_jump(&f->a, BPF_JMP | BPF_JSET | BPF_K, forks->bit[i],
			 forks->yes[i] == i + 1 ? BPF_NEXT : labels[forks->yes[i]],
			 forks->no[i] == i + 1 ? BPF_NEXT : labels[forks->no[i]]);
	}
	bpf_stmt(&f->a, BPF_RET | BPF_A, 0);
}

static uint32_t way_taken(const struct forks *forks, uint32_t word)
{
	uint32_t way = 0;

	for (int at = 0; at != BLOCKS - 1;
	     at = word & forks->bit[at] ? forks->yes[at] : forks->no[at])
		way = way * 31 + (uint32_t)at;
	return way * 31 + BLOCKS - 1;
}

static void random_programs_take_the_way_that_was_written(void **state)
{
	uint32_t seed = 1;

	for (int round = 0; round < 200; round++) {
		struct fixture *f = *state;
		struct forks forks;

		write_random_blocks(f, &forks, &seed);
		assert_int_equal(finish(f), 0);
		for (int i = 0; i < 20; i++) {
			uint32_t word = next_random(&seed) ^ next_random(&seed) << 16;

			assert_int_equal(result_for(f, word), way_taken(&forks, word));
		}
		tear_down(state);
		set_up(state);
	}
}

static void a_goto_to_what_is_next_costs_nothing(void **state)
{
	struct fixture *f = *state;
	bpf_label next = bpf_label_new(&f->a), far = bpf_label_new(&f->a);

	bpf_goto(&f->a, next);
	bpf_label_place(&f->a, next);
	bpf_goto(&f->a, BPF_NEXT);
	bpf_goto(&f->a, far);
	bpf_stmt(&f->a, RETURN, 1);
	bpf_label_place(&f->a, far);
	bpf_stmt(&f->a, RETURN, 2);
	assert_int_equal(finish(f), 0);
	assert_int_equal(f->program.count, 3);
	assert_int_equal(result_for(f, 0), 2);
}

static void an_appended_program_stays_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct sock_filter insns[] = {
		{ LOAD, 0, 0, 0 },
		{ IF_EQUAL, 0, 1, 3 },
		{ RETURN, 0, 0, 30 },
		{ RETURN, 0, 0, 40 },
	};
	struct bpf_program inner = { insns, 4 };
	bpf_label other = bpf_label_new(&f->a);

	bpf_stmt(&f->a, LOAD, 0);
	bpf_jump(&f->a, IF_EQUAL, 1, other, BPF_NEXT);
	bpf_append(&f->a, &inner);
	pad(&f->a, 300);
	bpf_label_place(&f->a, other);
	bpf_stmt(&f->a, RETURN, 10);
	assert_int_equal(finish(f), 0);
	assert_int_equal(result_for(f, 1), 10);
	assert_int_equal(result_for(f, 3), 30);
	assert_int_equal(result_for(f, 2), 40);
	/* LD, JEQ, its trampoline, then the program itself */
	assert_memory_equal(&f->program.insns[3], insns, sizeof(insns));
}

static void a_label_that_was_not_placed_is_an_error(void **state)
{
	struct fixture *f = *state;

	bpf_goto(&f->a, bpf_label_new(&f->a));
	bpf_stmt(&f->a, RETURN, 1);
	assert_int_equal(finish(f), -EINVAL);
	assert_non_null(strstr(f->err.message, "not placed"));
}

static void a_label_placed_twice_is_an_error(void **state)
{
	struct fixture *f = *state;
	bpf_label label = bpf_label_new(&f->a);

	bpf_label_place(&f->a, label);
	bpf_stmt(&f->a, BPF_LD | BPF_IMM, 0);
	bpf_label_place(&f->a, label);
	bpf_stmt(&f->a, RETURN, 1);
	assert_int_equal(finish(f), -EINVAL);
	assert_non_null(strstr(f->err.message, "twice"));
}

static void a_jump_backwards_is_an_error(void **state)
{
	struct fixture *f = *state;
	bpf_label label = bpf_label_new(&f->a);

	bpf_label_place(&f->a, label);
	bpf_stmt(&f->a, LOAD, 0);
	bpf_jump(&f->a, IF_EQUAL, 0, BPF_NEXT, label);
	bpf_stmt(&f->a, RETURN, 1);
	assert_int_equal(finish(f), -EINVAL);
	assert_non_null(strstr(f->err.message, "backwards"));
}

static void a_program_must_end_in_a_return(void **state)
{
	struct fixture *f = *state;
	bpf_label end = bpf_label_new(&f->a);

	assert_int_equal(finish(f), -EINVAL);
	bpf_stmt(&f->a, LOAD, 0);
	assert_int_equal(finish(f), -EINVAL);
	bpf_goto(&f->a, end);
	bpf_stmt(&f->a, RETURN, 1);
	bpf_label_place(&f->a, end);
	assert_int_equal(finish(f), -EINVAL);
}

static void the_maximum_of_the_kernel_is_the_limit(void **state)
{
	struct fixture *f = *state;

	pad(&f->a, BPF_MAXINSNS - 1);
	bpf_stmt(&f->a, RETURN, 1);
	assert_int_equal(finish(f), 0);
	assert_int_equal(f->program.count, BPF_MAXINSNS);
	bpf_stmt(&f->a, RETURN, 1);
	assert_int_equal(finish(f), -E2BIG);
	assert_int_equal(f->err.code, E2BIG);
}

static void trampolines_count_towards_the_maximum(void **state)
{
	struct fixture *f = *state;
	bpf_label far = bpf_label_new(&f->a);

	bpf_stmt(&f->a, LOAD, 0);
	bpf_jump(&f->a, IF_EQUAL, 0, far, BPF_NEXT);
	pad(&f->a, BPF_MAXINSNS - 3);
	bpf_label_place(&f->a, far);
	bpf_stmt(&f->a, RETURN, 1);
	assert_int_equal(finish(f), -E2BIG);
}

int main(void)
{
#define WITH_ASM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic_and_moves_give_what_the_kernel_gives),
		cmocka_unit_test(scratch_memory_and_x_keep_what_is_stored),
		cmocka_unit_test(jumps_compare_unsigned_with_k_and_x),
		cmocka_unit_test(dividing_by_x_zero_ends_with_zero),
		cmocka_unit_test(shifting_by_x_counts_modulo_32),
		cmocka_unit_test(what_the_kernel_refuses_is_invalid),
		WITH_ASM(a_conditional_jump_reaches_any_distance),
		WITH_ASM(a_jump_within_reach_costs_no_trampoline),
		WITH_ASM(both_targets_may_be_far),
		WITH_ASM(trampolines_that_need_trampolines_settle),
		WITH_ASM(random_programs_take_the_way_that_was_written),
		WITH_ASM(a_goto_to_what_is_next_costs_nothing),
		WITH_ASM(an_appended_program_stays_as_it_is),
		WITH_ASM(a_label_that_was_not_placed_is_an_error),
		WITH_ASM(a_label_placed_twice_is_an_error),
		WITH_ASM(a_jump_backwards_is_an_error),
		WITH_ASM(a_program_must_end_in_a_return),
		WITH_ASM(the_maximum_of_the_kernel_is_the_limit),
		WITH_ASM(trampolines_count_towards_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
