/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_PROGRAM_H
#define SUPPORT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/bpf.h"
#include "support/random.h"

/* A word of struct seccomp_data, and what it is compared with. */
struct program_test {
	uint32_t offset;
	uint32_t value;
};

/* What random programs are made of. */
struct palette {
	uint32_t longest; /* instructions */
	const uint32_t *offsets;
	uint32_t offset_count;
	const struct program_test *tests; /* these are made often; may be none */
	uint32_t test_count;
};

/* Few values, so that comparisons come out either way. */
uint32_t random_value(struct random *random);

/*
 * A program that the kernel would take for seccomp. @program->insns has room for the longest. Its
 * actions allow as often as they deny.
 */
void random_program(struct random *random, const struct palette *palette,
		    struct bpf_program *program);

/* True for ALLOW and LOG. */
bool action_allows(uint32_t action);

/*
 * Makes the program smaller as long as @is_wrong still says so of it: instructions become returns
 * or go. @is_wrong is asked only about what the kernel would take.
 */
void program_shrink(struct bpf_program *program, bool (*is_wrong)(void *context), void *context);

/* As TAP's diagnostics. */
void program_print(const struct bpf_program *program);

#endif
