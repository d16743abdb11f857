/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_SECCOMP_CONDITIONS_H
#define POLICY_SECCOMP_CONDITIONS_H

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/asm.h"
#include "bpf/intern.h"

/*
 * Conditions on the arguments of system calls, and the instructions that decide them. A condition
 * compares 64 bits without a sign; SCMP_CMP_MASKED_EQ compares what the mask, datum_a, leaves of
 * the argument with what it leaves of datum_b.
 */

/* Where a decision leads: to an end, which the caller numbers from 0 on, or to a test. */
typedef uint32_t seccomp_target;

#define SECCOMP_FIRST_TEST ((seccomp_target)1 << 31)

/* Where all of @conditions hold: to @end. */
struct seccomp_case {
	const struct scmp_arg_cmp *conditions;
	unsigned int count;
	seccomp_target end;
};

/* Tests of halves of arguments, each once: what several calls have in common is written once. */
struct seccomp_tests {
	struct intern nodes;
};

void seccomp_tests_init(struct seccomp_tests *tests);
void seccomp_tests_free(struct seccomp_tests *tests);

/*
 * The decision that leads to the end of the first of @cases that holds, or to @otherwise. What is
 * known from earlier tests is not tested again. With @narrow, arguments have 32 bits, and their
 * higher halves, whatever is in them, count as zero.
 *
 * Takes time that grows with the square of the number of conditions: at worst 0.7 s for 1024.
 */
seccomp_target seccomp_tests_add(struct seccomp_tests *tests, const struct seccomp_case *cases,
				 size_t count, seccomp_target otherwise, bool narrow);

static inline size_t seccomp_tests_count(const struct seccomp_tests *tests)
{
	return tests->nodes.count;
}

/*
 * Writes all tests; @labels has a label for each, to be placed, and @ends for each end. They load
 * what they look at.
 */
void seccomp_tests_write(const struct seccomp_tests *tests, struct bpf_asm *a,
			 const bpf_label *labels, const bpf_label *ends);

#endif
