// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/trial.h"

#include <stdbool.h>

#include "bpf/checker.h"
#include "bpf/interpret.h"
#include "support/program.h"

static uint32_t seccomp_word(const struct trial *trial, const struct bpf_view *view, size_t i)
{
	const struct bpf_word *word = &view->words[i];

	switch (word->kind) {
	case BPF_WORD_FIXED:
		return word->value;
	case BPF_WORD_INPUT:
		return trial->input[word->value / sizeof(uint32_t)] & ~word->ignore;
	case BPF_WORD_UNKNOWN:
		break;
	}
	return trial->hidden[i];
}

static const char *run_seccomp(const struct trial *trial, bool *allowed)
{
	*allowed = true;
	for (size_t v = 0; v < trial->view_count; v++) {
		uint32_t data[BPF_SECCOMP_WORDS];
		uint32_t result;

		for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++)
			data[i] = seccomp_word(trial, &trial->views[v], i);
		if (bpf_interpret(&trial->program, data, sizeof(data), &result) < 0)
			return "is of a program that does not run";
		*allowed = *allowed && action_allows(result);
	}
	return NULL;
}

static const char *run_derived(const struct trial *trial, const struct bpf_special *special,
			       bool *allowed)
{
	struct error err;
	uint32_t result;

	*allowed = special->answer == BPF_ALLOWED;
	if (special->answer != BPF_DEPENDS)
		return NULL;
	if (bpf_check(&special->program, BPF_URING, &err) < 0 ||
	    bpf_interpret(&special->program, trial->input, sizeof(trial->input), &result) < 0 ||
	    result > 1)
		return "is no program that the kernel would take";
	*allowed = result == 1;
	return NULL;
}

static bool sees_everything(const struct trial *trial)
{
	for (size_t v = 0; v < trial->view_count; v++)
		for (size_t i = 0; i < BPF_SECCOMP_WORDS; i++)
			if (trial->views[v].words[i].kind == BPF_WORD_UNKNOWN)
				return false;
	return true;
}

const char *trial_judge(const struct trial *trial)
{
	struct bpf_specialiser *specialiser = bpf_specialiser_new(&trial->program);
	struct arena arena = { 0 };
	struct bpf_special special =
		bpf_specialise(specialiser, trial->views, trial->view_count, &arena);
	bool allowed = false;
	bool derived = false;
	const char *wrong = run_seccomp(trial, &allowed);

	if (!wrong)
		wrong = run_derived(trial, &special, &derived);
	if (!wrong && derived && !allowed)
		wrong = "allows what the program denies";
	if (!wrong && !derived && allowed && sees_everything(trial) && !special.too_complex)
		wrong = "denies what the program allows";
	bpf_specialiser_free(specialiser);
	arena_free(&arena);
	return wrong;
}
