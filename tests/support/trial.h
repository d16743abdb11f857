/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_TRIAL_H
#define SUPPORT_TRIAL_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/specialise.h"

#define TRIAL_VIEWS 2
#define TRIAL_INPUT_WORDS 10 /* an io_uring filter's input */

/*
 * The specialiser against the interpreter: a seccomp program, views of it, the words of a filter's
 * input, and the words of struct seccomp_data that nobody sees.
 */
struct trial {
	struct bpf_program program;
	struct bpf_view views[TRIAL_VIEWS];
	size_t view_count;
	uint32_t input[TRIAL_INPUT_WORDS];
	uint32_t hidden[BPF_SECCOMP_WORDS];
};

/*
 * What is derived must never allow what the program denies, and be the same where no word is
 * unknown. NULL if all is well, else what is wrong with the derived program.
 */
const char *trial_judge(const struct trial *trial);

#endif
