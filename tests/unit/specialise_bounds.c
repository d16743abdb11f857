// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The specialiser's bounds: seccomp programs of the kernel's full 4096 instructions, made to be
 * hard, are answered or given up within a number of steps and nodes, whatever the time that these
 * take here. What is given up is denied.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bpf/checker.h"
#include "bpf/interpret.h"
#include "bpf/specialise.h"
#include "support/program.h"
#include "support/random.h"

#define ALLOW SECCOMP_RET_ALLOW
#define DENY SECCOMP_RET_KILL_PROCESS
#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define FIRST_INPUT 16 /* where a filter's input begins, and its words here in seccomp_data */
#define INPUTS 6
#define VIEWS 8
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct sock_filter insns[BPF_MAXINSNS];
static struct bpf_program program = { .insns = insns };

static void put(uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	assert_true(program.count < BPF_MAXINSNS);
	insns[program.count++] = (struct sock_filter){ code, jt, jf, k };
}

static uint32_t input_word(uint32_t i)
{
	return FIRST_INPUT + 4 * (i % INPUTS);
}

/* Repeats the pattern as long as there is room, @left instructions apart. */
#define FILL(length, left)                                                                         \
	for (uint32_t i = 0; program.count + (length) + (left) <= BPF_MAXINSNS; i++)

static void put_returns(uint16_t test, uint32_t k)
{
	put(BPF_JMP | test | BPF_K, 0, 1, k);
	put(BPF_RET | BPF_K, 0, 0, DENY);
	put(BPF_RET | BPF_K, 0, 0, ALLOW);
}

/* ---- programs; what they leave is filled with returns ---- */

/* Allowed are some thousand numbers: as many tests, one path. */
static void long_list(void)
{
	put(LOAD, 0, 0, FIRST_INPUT);
	FILL(2, 2)
	{
		put(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 7 * i);
		put(BPF_RET | BPF_K, 0, 0, ALLOW);
	}
}

/* Both ways of every test meet again, and nothing is left of them. */
static void empty_diamonds(void)
{
	FILL(4, 2)
	{
		put(LOAD, 0, 0, input_word(i));
		put(BPF_JMP | BPF_JSET | BPF_K, 0, 1, UINT32_C(1) << i % 32);
		put(BPF_LD | BPF_IMM, 0, 0, 1);
		put(BPF_JMP | BPF_JA, 0, 0, 0);
	}
}

/* Every test leaves its outcome in a sum: 2 to the power of a thousand states. */
static void summing_diamonds(void)
{
	put(BPF_LD | BPF_IMM, 0, 0, 0);
	put(BPF_ST, 0, 0, 0);
	FILL(5, 4)
	{
		put(LOAD, 0, 0, input_word(i));
		put(BPF_JMP | BPF_JSET | BPF_K, 0, 3, UINT32_C(1) << i % 32);
		put(BPF_LD | BPF_MEM, 0, 0, 0);
		put(BPF_ALU | BPF_ADD | BPF_K, 0, 0, 2 * i * i + 1);
		put(BPF_ST, 0, 0, 0);
	}
	put(BPF_LD | BPF_MEM, 0, 0, 0);
	put_returns(BPF_JEQ, 12345);
}

/* Tests exchange the scratch words: 16 factorial orders. */
static void shuffled_scratch(void)
{
	for (uint32_t i = 0; i < BPF_MEMWORDS; i++) {
		put(LOAD, 0, 0, input_word(i));
		put(BPF_ALU | BPF_XOR | BPF_K, 0, 0, i);
		put(BPF_ST, 0, 0, i);
	}
	FILL(6, 4)
	{
		put(BPF_LD | BPF_MEM, 0, 0, i % BPF_MEMWORDS);
		put(BPF_LDX | BPF_MEM, 0, 0, (i + 1 + i / BPF_MEMWORDS) % BPF_MEMWORDS);
		put(BPF_JMP | BPF_JGT | BPF_X, 0, 3, 0);
		put(BPF_STX, 0, 0, i % BPF_MEMWORDS);
		put(BPF_ST, 0, 0, (i + 1 + i / BPF_MEMWORDS) % BPF_MEMWORDS);
		put(BPF_JMP | BPF_JA, 0, 0, 0);
	}
	put(BPF_LD | BPF_MEM, 0, 0, 3);
	put_returns(BPF_JEQ, 5);
}

/* A value that doubles in size with every instruction. */
static void doubling_values(void)
{
	put(LOAD, 0, 0, FIRST_INPUT);
	FILL(2, 3)
	{
		put(BPF_MISC | BPF_TAX, 0, 0, 0);
		put(BPF_ALU | (i % 2 ? BPF_MUL : BPF_ADD) | BPF_X, 0, 0, 0);
	}
	put_returns(BPF_JGT, 1000);
}

/* Every word against every other: as often as what is derived, which is longer, has room for. */
static void comparisons_with_x(void)
{
	FILL(6, 1000)
	{
		put(LOAD, 0, 0, input_word(i));
		put(BPF_MISC | BPF_TAX, 0, 0, 0);
		put(LOAD, 0, 0, input_word(i / INPUTS + i));
		put(BPF_ALU | BPF_ADD | BPF_K, 0, 0, i);
		put(BPF_JMP | (i % 3 ? BPF_JGT : BPF_JEQ) | BPF_X, 0, 1, 0);
		put(BPF_RET | BPF_K, 0, 0, i % 2 ? ALLOW : DENY);
	}
}

/* Ladders: every test leads near or far, so that the number of paths grows as Fibonacci's do. */
static void ladders(void)
{
	FILL(2, 258)
	{
		put(LOAD, 0, 0, input_word(i));
		put(BPF_JMP | BPF_JGE | BPF_K, (uint8_t)(2 * (i % 127)), 0, i * 1000003);
	}
	while (program.count < BPF_MAXINSNS - 2)
		put(BPF_RET | BPF_K, 0, 0, program.count % 3 ? ALLOW : DENY);
}

static void divisions(void)
{
	FILL(5, 2)
	{
		put(LOAD, 0, 0, input_word(i));
		put(BPF_MISC | BPF_TAX, 0, 0, 0);
		put(LOAD, 0, 0, input_word(i + 1));
		put(BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0);
		put(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, i);
		if (program.count + 3 <= BPF_MAXINSNS)
			put(BPF_RET | BPF_K, 0, 0, i % 2 ? ALLOW : DENY);
	}
}

/* ---- what becomes of them ---- */

static void make(void (*write)(void))
{
	struct error err;

	program.count = 0;
	write();
	/* A pattern may end with a jump over what comes next. */
	while (program.count < BPF_MAXINSNS)
		put(BPF_RET | BPF_K, 0, 0, program.count % 2 ? DENY : ALLOW);
	if (bpf_check(&program, BPF_SECCOMP, &err) < 0)
		fail_msg("%s", err.message);
}

/* All words are seen but the last @hidden ones. */
static void make_views(struct bpf_view *views, size_t count, size_t hidden)
{
	for (size_t v = 0; v < count; v++)
		for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++)
			views[v].words[i] = (struct bpf_word){
				.kind = i + hidden >= (FIRST_INPUT / 4) + INPUTS ? BPF_WORD_UNKNOWN
										 : BPF_WORD_INPUT,
				.value = FIRST_INPUT + (uint32_t)(4 * ((i + v) % INPUTS)),
			};
}

static bool program_allows(const struct bpf_view *view, const uint32_t *input)
{
	uint32_t data[BPF_SECCOMP_WORDS];
	uint32_t result;

	for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++)
		data[i] = input[view->words[i].value / 4];
	assert_int_equal(bpf_interpret(&program, data, sizeof(data), &result), 0);
	return action_allows(result);
}

static void agrees(const struct bpf_special *special, const struct bpf_view *views, size_t count)
{
	struct random random = { 1 };
	struct error err;

	assert_int_equal(bpf_check(&special->program, BPF_URING, &err), 0);
	for (int tries = 0; tries < 500; tries++) {
		uint32_t input[10];
		uint32_t result;
		bool allowed = true;

		for (size_t i = 0; i < COUNT(input); i++)
			input[i] = random_below(&random, 2) ? random_value(&random)
							    : 7 * random_below(&random, 2500);
		for (size_t v = 0; v < count; v++)
			allowed = allowed && program_allows(&views[v], input);
		assert_int_equal(bpf_interpret(&special->program, input, sizeof(input), &result),
				 0);
		assert_true(!result || allowed);
	}
}

static struct bpf_special specialise(size_t view_count, size_t hidden)
{
	struct bpf_specialiser *specialiser = bpf_specialiser_new(&program);
	struct bpf_view views[VIEWS];
	struct arena arena = { 0 };
	struct bpf_special special;

	make_views(views, view_count, hidden);
	special = bpf_specialise(specialiser, views, view_count, &arena);
	assert_in_range(special.steps, 1, BPF_SPECIALISE_STEPS + BPF_MAXINSNS * view_count);
	assert_in_range(special.nodes, 0, BPF_SPECIALISE_NODES);
	assert_true(!special.too_complex || special.answer == BPF_DENIED);
	if (special.answer == BPF_DEPENDS)
		agrees(&special, views, view_count);
	bpf_specialiser_free(specialiser);
	arena_free(&arena);
	return special;
}

static void any_program_is_answered_or_given_up(void **state)
{
	static void (*const all[])(void) = {
		long_list,	 empty_diamonds,     summing_diamonds, shuffled_scratch,
		doubling_values, comparisons_with_x, ladders,	       divisions,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		make(all[i]);
		for (size_t hidden = 0; hidden <= INPUTS; hidden++) {
			specialise(1, hidden);
			specialise(VIEWS, hidden);
		}
	}
}

static void what_has_too_many_ways_is_given_up(void **state)
{
	static void (*const hard[])(void) = { summing_diamonds, shuffled_scratch, doubling_values };

	(void)state;
	for (size_t i = 0; i < COUNT(hard); i++) {
		make(hard[i]);
		assert_true(specialise(1, 0).too_complex);
	}
	/* No value is followed up once it is large. */
	assert_in_range(specialise(1, 0).nodes, 1, 20);
}

/* As long as the kernel takes them: ways that meet, and decisions that are many but not nested. */
static void what_is_only_long_is_answered(void **state)
{
	static void (*const easy[])(void) = { long_list, comparisons_with_x, ladders };
	struct bpf_special special;

	(void)state;
	for (size_t i = 0; i < COUNT(easy); i++) {
		make(easy[i]);
		special = specialise(1, 0);
		assert_int_equal(special.answer, BPF_DEPENDS);
		assert_in_range(special.steps, 1000, BPF_MAXINSNS);
		assert_in_range(special.nodes, 500, BPF_MAXINSNS);
	}
	make(empty_diamonds);
	special = specialise(1, 0);
	assert_int_equal(special.answer, BPF_ALLOWED);
	assert_in_range(special.steps, 1000, 2 * BPF_MAXINSNS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_program_is_answered_or_given_up),
		cmocka_unit_test(what_has_too_many_ways_is_given_up),
		cmocka_unit_test(what_is_only_long_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
