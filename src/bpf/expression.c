// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/expression.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

/*
 * A larger tree is treated as unknown. No policy computes one; a hostile program could double it
 * with every instruction.
 */
#define TREE_LIMIT 32
#define EMPTY UINT32_MAX

void expressions_init(struct expressions *all)
{
	*all = (struct expressions){ .slot_count = 256 };
	all->slots = xrealloc(NULL, all->slot_count, sizeof(*all->slots));
	expressions_clear(all);
}

void expressions_free(struct expressions *all)
{
	free(all->nodes);
	free(all->slots);
}

void expressions_clear(struct expressions *all)
{
	all->count = 0;
	memset(all->slots, 0xff, all->slot_count * sizeof(*all->slots));
}

static size_t hash(const struct expression_node *node)
{
	uint64_t h = node->kind;

	h = (h ^ node->k) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ node->left) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ node->right) * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(h >> 32);
}

static bool same(const struct expression_node *a, const struct expression_node *b)
{
	return a->kind == b->kind && a->k == b->k && a->left == b->left && a->right == b->right;
}

static expression *slot_for(struct expressions *all, const struct expression_node *node)
{
	size_t at = hash(node) & (all->slot_count - 1);

	while (all->slots[at] != EMPTY && !same(&all->nodes[all->slots[at]], node))
		at = (at + 1) & (all->slot_count - 1);
	return &all->slots[at];
}

static void grow_slots(struct expressions *all)
{
	all->slot_count *= 2;
	all->slots = xrealloc(all->slots, all->slot_count, sizeof(*all->slots));
	memset(all->slots, 0xff, all->slot_count * sizeof(*all->slots));
	for (size_t i = 0; i < all->count; i++)
		*slot_for(all, &all->nodes[i]) = (expression)i;
}

static expression intern(struct expressions *all, const struct expression_node *node)
{
	expression *slot = slot_for(all, node);

	if (*slot != EMPTY)
		return *slot;
	if (all->count == all->room) {
		all->room = all->room ? all->room * 2 : 64;
		all->nodes = xrealloc(all->nodes, all->room, sizeof(*all->nodes));
	}
	all->nodes[all->count] = *node;
	*slot = (expression)all->count++;
	if (all->count * 2 > all->slot_count)
		grow_slots(all);
	return (expression)(all->count - 1);
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
	struct expression_node l = all->nodes[left];
	struct expression_node r = all->nodes[right];
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
		return expression_alu(all, op, l.left,
				      expression_constant(all, r.k & all->nodes[l.right].k));
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
