// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/expression.h"

#include <linux/filter.h>

/*
 * A larger tree is treated as unknown. No policy computes one; a hostile program could double it
 * with every instruction.
 */
#define TREE_LIMIT 32

void expressions_init(struct expressions *all)
{
	intern_init(&all->nodes, sizeof(struct expression_node), sizeof(struct expression_node));
}

void expressions_free(struct expressions *all)
{
	intern_free(&all->nodes);
}

void expressions_clear(struct expressions *all)
{
	intern_clear(&all->nodes);
}

static expression intern(struct expressions *all, const struct expression_node *node)
{
	return intern_add(&all->nodes, node);
}

expression expression_constant(struct expressions *all, uint32_t value)
{
	return intern(all, &(struct expression_node){
				   .kind = EXPRESSION_CONSTANT, .k = value, .size = 1 });
}

expression expression_input(struct expressions *all, uint32_t offset)
{
	return intern(
		all, &(struct expression_node){ .kind = EXPRESSION_INPUT, .k = offset, .size = 1 });
}

expression expression_unknown(struct expressions *all, uint32_t offset)
{
	return intern(all, &(struct expression_node){
				   .kind = EXPRESSION_UNKNOWN, .k = offset, .size = 1 });
}

static uint32_t calculate(uint16_t op, uint32_t left, uint32_t right)
{
	switch (op) {
	case BPF_ADD:
		return left + right;
	case BPF_SUB:
		return left - right;
	case BPF_MUL:
		return left * right;
	case BPF_DIV:
		return left / right;
	case BPF_AND:
		return left & right;
	case BPF_OR:
		return left | right;
	case BPF_XOR:
		return left ^ right;
	case BPF_LSH:
		return left << (right & 31);
	case BPF_RSH:
		return left >> (right & 31);
	}
	return 0U - left; /* BPF_NEG */
}

/* What is constant though one side is not: libseccomp masks words away with AND 0. */
static bool absorbs(uint16_t op, uint32_t right, uint32_t *value)
{
	if (right == 0 && (op == BPF_AND || op == BPF_MUL)) {
		*value = 0;
		return true;
	}
	if (right == UINT32_MAX && op == BPF_OR) {
		*value = UINT32_MAX;
		return true;
	}
	return false;
}

static bool leaves_as_is(uint16_t op, uint32_t right)
{
	switch (op) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_OR:
	case BPF_XOR:
		return right == 0;
	case BPF_LSH:
	case BPF_RSH:
		return (right & 31) == 0;
	case BPF_AND:
		return right == UINT32_MAX;
	case BPF_MUL:
	case BPF_DIV:
		return right == 1;
	}
	return false;
}

static bool commutes(uint16_t op)
{
	return op == BPF_ADD || op == BPF_MUL || op == BPF_AND || op == BPF_OR || op == BPF_XOR;
}

expression expression_alu(struct expressions *all, uint16_t op, expression left, expression right)
{
	struct expression_node l = *expression_at(all, left);
	struct expression_node r = *expression_at(all, right);
	uint32_t value;

	if (op == BPF_NEG)
		r = l;
	if (l.kind == EXPRESSION_CONSTANT && r.kind == EXPRESSION_CONSTANT)
		return expression_constant(all, calculate(op, l.k, r.k));
	/* A shift by X counts its low five bits only; one by a constant must not have more. */
	if ((op == BPF_LSH || op == BPF_RSH) && r.kind == EXPRESSION_CONSTANT && r.k > 31)
		return expression_alu(all, op, left, expression_constant(all, r.k & 31));
	if (commutes(op) && l.kind == EXPRESSION_CONSTANT)
		return expression_alu(all, op, right, left);
	if (r.kind == EXPRESSION_CONSTANT && absorbs(op, r.k, &value))
		return expression_constant(all, value);
	if (r.kind == EXPRESSION_CONSTANT && leaves_as_is(op, r.k))
		return left;
	if (op == BPF_AND && l.kind == EXPRESSION_ALU && l.k == BPF_AND &&
	    r.kind == EXPRESSION_CONSTANT && expression_is_constant(all, l.right))
		return expression_alu(
			all, op, l.left,
			expression_constant(all, r.k & expression_at(all, l.right)->k));
	if (l.kind == EXPRESSION_UNKNOWN)
		return left;
	if (r.kind == EXPRESSION_UNKNOWN)
		return right;
	if (l.size + r.size > TREE_LIMIT)
		return expression_unknown(all, UINT32_MAX);
	return intern(all, &(struct expression_node){ .kind = EXPRESSION_ALU,
						      .k = op,
						      .left = left,
						      .right = op == BPF_NEG ? left : right,
						      .size = 1 + l.size + r.size });
}
