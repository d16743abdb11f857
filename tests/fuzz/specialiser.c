// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The specialiser against the interpreter, as tests/unit/specialise.c has it. The input is two
 * views, of two bytes a word, the words of a filter's input, those nobody sees, and the program.
 */
#include "bpf/checker.h"
#include "fuzz/fuzz.h"
#include "support/program.h"
#include "support/trial.h"

/* Fixed words are small or edges; bits that a word does not have are any byte of it. */
static void take_view(struct input *input, struct bpf_view *view)
{
	for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++) {
		uint8_t kind = take_byte(input);
		uint8_t value = take_byte(input);
		struct bpf_word *word = &view->words[i];

		*word = (struct bpf_word){ .kind = kind % 3 };
		if (word->kind == BPF_WORD_FIXED)
			word->value = kind & 0x80 ? (uint32_t)-value : value;
		if (word->kind == BPF_WORD_INPUT) {
			word->value = 4 * (value % TRIAL_INPUT_WORDS);
			word->ignore = kind & 0x80 ? (uint32_t)value << (kind >> 2 & 0x18) : 0;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct trial trial = { .view_count = 1 + take_byte(&input) % TRIAL_VIEWS };
	struct error err;

	for (size_t v = 0; v < TRIAL_VIEWS; v++)
		take_view(&input, &trial.views[v]);
	take(&input, trial.input, sizeof(trial.input));
	take(&input, trial.hidden, sizeof(trial.hidden));
	trial.program.count = input.size / sizeof(*trial.program.insns);
	trial.program.insns = malloc(trial.program.count * sizeof(*trial.program.insns) + 1);
	take(&input, trial.program.insns, trial.program.count * sizeof(*trial.program.insns));
	if (bpf_check(&trial.program, BPF_SECCOMP, &err) == 0) {
		const char *wrong = trial_judge(&trial);

		if (wrong)
			program_print(&trial.program);
		expect(!wrong, "the derived program %s", wrong);
	}
	free(trial.program.insns);
	return 0;
}
