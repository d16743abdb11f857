// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The specialiser against the interpreter: for random programs, views and inputs, what is derived
 * never allows what the program denies, and is the same where no word is unknown.
 *
 * URING_JAIL_CASES sets the number of random cases, URING_JAIL_SEED where they start. A
 * counter-example is shrunk and printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/checker.h"
#include "bpf/interpret.h"
#include "bpf/specialise.h"
#include "util/error.h"

#define CASES 1000000
#define INPUTS_PER_CASE 4
#define LONGEST 24
#define INPUT_WORDS 6 /* behind offset 16 of an io_uring filter's input */

struct random {
	uint64_t state;
};

/* xorshift64*: the same numbers everywhere. */
static uint32_t next(struct random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return (uint32_t)((random->state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

static uint32_t below(struct random *random, uint32_t limit)
{
	return next(random) % limit;
}

/* Few values, so that comparisons come out either way. */
static uint32_t value(struct random *random)
{
	static const uint32_t edges[] = { 0, 1, 2, 3, 16, 0xff, 0x80000000, 0xffffffff };

	return below(random, 4) ? edges[below(random, 8)] : next(random);
}

static uint32_t action(struct random *random)
{
	static const uint32_t actions[] = {
		SECCOMP_RET_ALLOW,	SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW,
		SECCOMP_RET_ERRNO | 1,	SECCOMP_RET_LOG,   SECCOMP_RET_KILL_PROCESS,
		SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE,
	};

	return actions[below(random, 8)];
}

static struct sock_filter random_alu(struct random *random)
{
	static const uint16_t ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_AND,
					BPF_OR,	 BPF_XOR, BPF_LSH, BPF_RSH, BPF_NEG };
	uint16_t op = ops[below(random, 10)];
	uint16_t source = op == BPF_NEG || below(random, 2) ? BPF_K : BPF_X;
	uint32_t k = value(random);

	if (op == BPF_LSH || op == BPF_RSH)
		k &= 31;
	if (op == BPF_DIV && !k)
		k = 1;
	return (struct sock_filter)BPF_STMT(BPF_ALU | op | source, k);
}

static struct sock_filter random_move(struct random *random)
{
	switch (below(random, 8)) {
	case 0:
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, value(random));
	case 1:
		return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_IMM, value(random));
	case 2:
		return (struct sock_filter)BPF_STMT(BPF_ST, below(random, 3));
	case 3:
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, below(random, 3));
	case 4:
		return (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
	case 5:
		return (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TXA, 0);
	case 6:
		return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_MEM, below(random, 3));
	}
	return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0);
}

static struct sock_filter random_jump(struct random *random, size_t left)
{
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	uint32_t range = left < 255 ? (uint32_t)left : 255;

	return (struct sock_filter)BPF_JUMP(
		BPF_JMP | ops[below(random, 4)] | (below(random, 4) ? BPF_K : BPF_X), value(random),
		(uint8_t)below(random, range), (uint8_t)below(random, range));
}

/* A program that the kernel would take for seccomp. */
static void random_program(struct random *random, struct bpf_program *program)
{
	struct error err;

	do {
		program->count = 2 + below(random, LONGEST - 2);
		for (size_t i = 0; i < program->count; i++) {
			uint32_t kind = below(random, 10);
			size_t left = program->count - i - 1;

			if (!left || kind == 0)
				program->insns[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
										 action(random));
			else if (kind < 4)
				program->insns[i] = (struct sock_filter)BPF_STMT(
					BPF_LD | BPF_W | BPF_ABS, 4 * below(random, 8));
			else if (kind < 7)
				program->insns[i] = random_jump(random, left);
			else if (kind < 9)
				program->insns[i] = random_alu(random);
			else
				program->insns[i] = random_move(random);
		}
		if (!below(random, 8))
			program->insns[program->count - 1].code = BPF_RET | BPF_A;
	} while (bpf_check(program, BPF_SECCOMP, &err) < 0);
}

static void random_view(struct random *random, struct bpf_view *view, bool all_known)
{
	for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++) {
		uint32_t kind = below(random, all_known ? 2 : 3);

		view->words[i].kind = kind == 0	  ? BPF_WORD_FIXED
				      : kind == 1 ? BPF_WORD_INPUT
						  : BPF_WORD_UNKNOWN;
		view->words[i].value =
			kind == 0 ? value(random) : 16 + 4 * below(random, INPUT_WORDS);
	}
}

/* One case: a program, two views of it, the words of an input, and the words nobody sees. */
struct trial {
	struct sock_filter insns[LONGEST];
	struct bpf_program program;
	struct bpf_view views[2];
	size_t view_count;
	uint32_t input[10];
	uint32_t hidden[BPF_SECCOMP_WORDS];
};

static bool seccomp_allows(const struct trial *trial, const struct bpf_view *view)
{
	uint32_t data[BPF_SECCOMP_WORDS];
	uint32_t result;

	for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++) {
		const struct bpf_word *word = &view->words[i];

		data[i] = word->kind == BPF_WORD_FIXED	 ? word->value
			  : word->kind == BPF_WORD_INPUT ? trial->input[word->value / 4]
							 : trial->hidden[i];
	}
	assert_int_equal(bpf_interpret(&trial->program, data, sizeof(data), &result), 0);
	result &= SECCOMP_RET_ACTION_FULL;
	return result == SECCOMP_RET_ALLOW || result == SECCOMP_RET_LOG;
}

static bool derived_allows(const struct trial *trial, const struct bpf_special *special)
{
	uint32_t result;

	if (special->answer != BPF_DEPENDS)
		return special->answer == BPF_ALLOWED;
	assert_int_equal(
		bpf_interpret(&special->program, trial->input, sizeof(trial->input), &result), 0);
	assert_true(result <= 1);
	return result == 1;
}

static bool sees_everything(const struct trial *trial)
{
	for (size_t v = 0; v < trial->view_count; v++)
		for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++)
			if (trial->views[v].words[i].kind == BPF_WORD_UNKNOWN)
				return false;
	return true;
}

/* NULL if all is well, else what is wrong. */
static const char *judge(const struct trial *trial)
{
	struct bpf_specialiser *specialiser = bpf_specialiser_new(&trial->program);
	struct arena arena = { 0 };
	struct bpf_special special =
		bpf_specialise(specialiser, trial->views, trial->view_count, &arena);
	bool derived = derived_allows(trial, &special);
	bool allowed = true;
	struct error err;
	const char *wrong = NULL;

	for (size_t v = 0; v < trial->view_count; v++)
		allowed = allowed && seccomp_allows(trial, &trial->views[v]);
	if (derived && !allowed)
		wrong = "allows what the program denies";
	else if (!derived && allowed && sees_everything(trial) && !special.too_complex)
		wrong = "denies what the program allows";
	else if (special.answer == BPF_DEPENDS && bpf_check(&special.program, BPF_URING, &err) < 0)
		wrong = "is no program that the kernel would take";
	bpf_specialiser_free(specialiser);
	arena_free(&arena);
	return wrong;
}

static bool is_valid(const struct trial *trial)
{
	struct error err;

	return bpf_check(&trial->program, BPF_SECCOMP, &err) == 0;
}

/* Replaces instructions by returns, and constants by smaller ones, as long as it stays wrong. */
static void shrink(struct trial *trial)
{
	bool smaller;

	do {
		smaller = false;
		for (size_t i = 0; i < trial->program.count; i++) {
			const struct sock_filter simple[] = {
				BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
				BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
				BPF_STMT(BPF_JMP | BPF_JA, 0),
			};
			struct sock_filter before = trial->insns[i];

			if (BPF_CLASS(before.code) == BPF_RET || before.code == (BPF_JMP | BPF_JA))
				continue;
			for (size_t j = 0; j < 3; j++) {
				trial->insns[i] = simple[j];
				if (is_valid(trial) && judge(trial)) {
					smaller = true;
					break;
				}
				trial->insns[i] = before;
			}
		}
	} while (smaller);
}

static void print_trial(const struct trial *trial, const char *wrong, uint64_t number)
{
	printf("# case %llu: the derived program %s\n", (unsigned long long)number, wrong);
	for (size_t i = 0; i < trial->program.count; i++)
		printf("# %2zu: code 0x%02x jt %u jf %u k 0x%x\n", i, trial->insns[i].code,
		       trial->insns[i].jt, trial->insns[i].jf, trial->insns[i].k);
	for (size_t v = 0; v < trial->view_count; v++)
		for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++)
			printf("# view %zu word %zu: kind %d value 0x%x hidden 0x%x\n", v, i,
			       trial->views[v].words[i].kind, trial->views[v].words[i].value,
			       trial->hidden[i]);
	for (size_t i = 0; i < 10; i++)
		printf("# input %zu: 0x%x\n", i, trial->input[i]);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void what_is_derived_never_allows_what_the_program_denies(void **state)
{
	uint64_t cases = from_environment("URING_JAIL_CASES", CASES);
	struct random random = { .state = from_environment("URING_JAIL_SEED", 20260223) };
	static struct trial trial;

	(void)state;
	trial.program.insns = trial.insns;
	for (uint64_t done = 0; done < cases; done += INPUTS_PER_CASE) {
		bool all_known = below(&random, 2);

		random_program(&random, &trial.program);
		trial.view_count = 1 + below(&random, 2);
		random_view(&random, &trial.views[0], all_known);
		random_view(&random, &trial.views[1], all_known);
		for (unsigned int i = 0; i < INPUTS_PER_CASE; i++) {
			const char *wrong;

			for (size_t w = 0; w < 10; w++)
				trial.input[w] = value(&random);
			for (size_t w = 0; w < BPF_SECCOMP_WORDS; w++)
				trial.hidden[w] = value(&random);
			wrong = judge(&trial);
			if (wrong) {
				shrink(&trial);
				print_trial(&trial, wrong, done + i);
				fail();
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_derived_never_allows_what_the_program_denies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
