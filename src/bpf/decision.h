/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_DECISION_H
#define BPF_DECISION_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/bpf.h"
#include "bpf/expression.h"
#include "bpf/intern.h"
#include "util/alloc.h"
#include "util/error.h"

/*
 * Decisions: tests of expressions that lead to other decisions and at last to allow or deny. Equal
 * ones have the same number, so that a test whose two sides are the same number decides nothing.
 */
typedef uint32_t decision;

#define DECISION_DENY ((decision)0)
#define DECISION_ALLOW ((decision)1)

struct decision_node {
	uint32_t op; /* BPF_JEQ, BPF_JGT, BPF_JGE or BPF_JSET */
	expression left;
	expression right;
	decision if_true;
	decision if_false;
};

struct decisions {
	struct expressions expressions;
	struct intern nodes;
};

void decisions_init(struct decisions *all);
void decisions_free(struct decisions *all);
void decisions_clear(struct decisions *all);

/* The test, or something shorter that decides the same. Neither side may be unknown. */
decision decision_test(struct decisions *all, uint16_t op, expression left, expression right,
		       decision if_true, decision if_false);

/* Allows what both allow. */
decision decision_and(struct decisions *all, decision first, decision second);

/* What the test comes to for two numbers. */
bool decision_compare(uint16_t op, uint32_t left, uint32_t right);

/* The program that decides so: returns 1 or 0. -E2BIG: it would be too long. */
int decision_compile(const struct decisions *all, decision root, struct arena *arena,
		     struct bpf_program *program, struct error *err);

#endif
