// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>

#include "bpf/combine.h"
#include "bpf/interpret.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Each allows an interval of the first word, with several ends of both kinds. */
static struct sock_filter low[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 2, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, 0),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 6, 2, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 3, 2, 0),
	BPF_STMT(BPF_RET | BPF_K, 1),
	BPF_STMT(BPF_RET | BPF_K, 0),
	BPF_STMT(BPF_RET | BPF_K, 7),
};
static struct sock_filter high[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 4, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 1),
	BPF_STMT(BPF_RET | BPF_K, 0),
};
static struct sock_filter never[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
static struct sock_filter always[] = { BPF_STMT(BPF_RET | BPF_K, 1) };

static const struct bpf_program programs[] = {
	{ low, COUNT(low) },
	{ high, COUNT(high) },
	{ never, COUNT(never) },
	{ always, COUNT(always) },
};

static bool allows(const struct bpf_program *program, uint32_t word)
{
	uint32_t result = 0;

	assert_int_equal(bpf_interpret(program, &word, sizeof(word), &result), 0);
	return result;
}

static void two_programs_allow_what_both_or_either_allows(void **state)
{
	struct arena arena = { 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(programs) * COUNT(programs); i++) {
		const struct bpf_program *a = &programs[i / COUNT(programs)];
		const struct bpf_program *b = &programs[i % COUNT(programs)];
		struct bpf_program both;
		struct bpf_program either;

		assert_int_equal(bpf_both(a, b, &arena, &both, &err), 0);
		assert_int_equal(bpf_either(a, b, &arena, &either, &err), 0);
		for (uint32_t word = 0; word < 10; word++) {
			assert_int_equal(allows(&both, word), allows(a, word) && allows(b, word));
			assert_int_equal(allows(&either, word), allows(a, word) || allows(b, word));
		}
	}
	arena_free(&arena);
}

static void a_program_that_would_be_too_long_is_an_error(void **state)
{
	struct sock_filter insns[BPF_MAXINSNS];
	const struct bpf_program longest = { insns, BPF_MAXINSNS };
	struct arena arena = { 0 };
	struct error err = { 0 };
	struct bpf_program out;

	(void)state;
	for (size_t i = 0; i < BPF_MAXINSNS; i++)
		insns[i] = always[0];
	assert_int_equal(bpf_both(&longest, &programs[3], &arena, &out, &err), -E2BIG);
	assert_int_equal(bpf_either(&longest, &programs[3], &arena, &out, &err), -E2BIG);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_programs_allow_what_both_or_either_allows),
		cmocka_unit_test(a_program_that_would_be_too_long_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
