/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_EXPRESSION_H
#define BPF_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/intern.h"

/*
 * Values that a program computes without its input being known: constants, words of an input, and
 * arithmetic on them. Equal ones have the same number, so that comparing numbers compares values.
 */
typedef uint32_t expression;

enum expression_kind {
	EXPRESSION_CONSTANT, /* @k */
	EXPRESSION_INPUT,    /* the word at offset @k */
	EXPRESSION_UNKNOWN,  /* hangs on an unknown word: the one at offset @k */
	EXPRESSION_ALU,	     /* @left @k @right, @k being BPF_ADD...; BPF_NEG has no right side */
};

struct expression_node {
	enum expression_kind kind;
	uint32_t k;
	expression left;
	expression right;
	uint32_t size; /* of the tree, in nodes */
};

struct expressions {
	struct intern nodes;
};

void expressions_init(struct expressions *all);
void expressions_free(struct expressions *all);
void expressions_clear(struct expressions *all);

expression expression_constant(struct expressions *all, uint32_t value);
expression expression_input(struct expressions *all, uint32_t offset);
expression expression_unknown(struct expressions *all, uint32_t offset);

/* @op is BPF_ADD and so on. Division by a constant zero must not be asked for. */
expression expression_alu(struct expressions *all, uint16_t op, expression left, expression right);

static inline const struct expression_node *expression_at(const struct expressions *all,
							  expression e)
{
	return (const struct expression_node *)all->nodes.nodes + e;
}

static inline bool expression_is_constant(const struct expressions *all, expression e)
{
	return expression_at(all, e)->kind == EXPRESSION_CONSTANT;
}

#endif
