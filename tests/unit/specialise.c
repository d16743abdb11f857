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
#include <cmocka.h>

#include "support/program.h"
#include "support/random.h"
#include "support/trial.h"

#define CASES 1000000
#define INPUTS_PER_CASE 4
#define LONGEST 24
#define INPUT_WORDS 6 /* behind offset 16 of an io_uring filter's input */

static const uint32_t offsets[] = { 0, 4, 8, 12, 16, 20, 24, 28 };
static const struct palette palette = {
	.longest = LONGEST,
	.offsets = offsets,
	.offset_count = sizeof(offsets) / sizeof(*offsets),
};

static void random_view(struct random *random, struct bpf_view *view, bool all_known)
{
	for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++) {
		uint32_t kind = random_below(random, all_known ? 2 : 3);

		view->words[i] = (struct bpf_word){
			.kind = kind == 0   ? BPF_WORD_FIXED
				: kind == 1 ? BPF_WORD_INPUT
					    : BPF_WORD_UNKNOWN,
			.value = kind == 0 ? random_value(random)
					   : 16 + 4 * random_below(random, INPUT_WORDS),
			.ignore = random_below(random, 4) ? 0 : random_value(random),
		};
	}
}

static bool is_wrong(void *context)
{
	return trial_judge(context) != NULL;
}

static void print_trial(const struct trial *trial, uint64_t number)
{
	printf("# case %llu: the derived program %s\n", (unsigned long long)number,
	       trial_judge(trial));
	program_print(&trial->program);
	for (size_t v = 0; v < trial->view_count; v++)
		for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++)
			printf("# view %zu word %zu: kind %d value 0x%x ignore 0x%x hidden 0x%x\n",
			       v, i, trial->views[v].words[i].kind, trial->views[v].words[i].value,
			       trial->views[v].words[i].ignore, trial->hidden[i]);
	for (size_t i = 0; i < TRIAL_INPUT_WORDS; i++)
		printf("# input %zu: 0x%x\n", i, trial->input[i]);
}

static void what_is_derived_never_allows_what_the_program_denies(void **state)
{
	uint64_t cases = number_from_environment("URING_JAIL_CASES", CASES);
	struct random random = { number_from_environment("URING_JAIL_SEED", 20260223) };
	struct sock_filter insns[LONGEST];
	struct trial trial = { .program.insns = insns };

	(void)state;
	for (uint64_t done = 0; done < cases; done += INPUTS_PER_CASE) {
		bool all_known = random_below(&random, 2);

		random_program(&random, &palette, &trial.program);
		trial.view_count = 1 + random_below(&random, TRIAL_VIEWS);
		for (size_t v = 0; v < TRIAL_VIEWS; v++)
			random_view(&random, &trial.views[v], all_known);
		for (unsigned int i = 0; i < INPUTS_PER_CASE; i++) {
			for (size_t w = 0; w < TRIAL_INPUT_WORDS; w++)
				trial.input[w] = random_value(&random);
			for (size_t w = 0; w < BPF_SECCOMP_WORDS; w++)
				trial.hidden[w] = random_value(&random);
			if (!trial_judge(&trial))
				continue;
			program_shrink(&trial.program, is_wrong, &trial);
			print_trial(&trial, done + i);
			fail();
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
