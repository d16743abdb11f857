// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/decision.h"

#include <errno.h>
#include <string.h>

#include "bpf/asm.h"
#include "util/cleanup.h"

#define FIRST_TEST 2 /* numbers below are DECISION_DENY and DECISION_ALLOW */

void decisions_init(struct decisions *all)
{
	expressions_init(&all->expressions);
	intern_init(&all->nodes, sizeof(struct decision_node), sizeof(struct decision_node));
}

void decisions_free(struct decisions *all)
{
	expressions_free(&all->expressions);
	intern_free(&all->nodes);
}

void decisions_clear(struct decisions *all)
{
	expressions_clear(&all->expressions);
	intern_clear(&all->nodes);
}

static const struct decision_node *node_at(const struct decisions *all, decision d)
{
	return (const struct decision_node *)all->nodes.nodes + (d - FIRST_TEST);
}

bool decision_compare(uint16_t op, uint32_t left, uint32_t right)
{
	switch (op) {
	case BPF_JEQ:
		return left == right;
	case BPF_JGT:
		return left > right;
	case BPF_JGE:
		return left >= right;
	}
	return (left & right) != 0; /* BPF_JSET */
}

/* Follows tests of the same value as long as @value answers them. */
static decision knowing_value(const struct decisions *all, decision d, expression left,
			      uint32_t value)
{
	while (d >= FIRST_TEST) {
		const struct decision_node *node = node_at(all, d);
		const struct expression_node *right = expression_at(&all->expressions, node->right);

		if (node->left != left || right->kind != EXPRESSION_CONSTANT)
			break;
		d = decision_compare(node->op, value, right->k) ? node->if_true : node->if_false;
	}
	return d;
}

/* Passes over the same test made again, whose outcome is known. */
static decision knowing_outcome(const struct decisions *all, decision d, uint16_t op,
				expression left, expression right, bool outcome)
{
	while (d >= FIRST_TEST) {
		const struct decision_node *node = node_at(all, d);

		if (node->op != op || node->left != left || node->right != right)
			break;
		d = outcome ? node->if_true : node->if_false;
	}
	return d;
}

/* What a test against a constant comes to for every value: 1, 0, or -1 if that depends. */
static int always(uint16_t op, uint32_t right)
{
	if (op == BPF_JGE && right == 0)
		return 1;
	if ((op == BPF_JSET && right == 0) || (op == BPF_JGT && right == UINT32_MAX))
		return 0;
	return -1;
}

decision decision_test(struct decisions *all, uint16_t op, expression left, expression right,
		       decision if_true, decision if_false)
{
	const struct expression_node l = *expression_at(&all->expressions, left);
	const struct expression_node r = *expression_at(&all->expressions, right);

	if (l.kind == EXPRESSION_CONSTANT && r.kind == EXPRESSION_CONSTANT)
		return decision_compare(op, l.k, r.k) ? if_true : if_false;
	if (r.kind == EXPRESSION_CONSTANT && always(op, r.k) >= 0)
		return always(op, r.k) ? if_true : if_false;
	/* The kernel compares the accumulator with a constant for free, not the other way round. */
	if (l.kind == EXPRESSION_CONSTANT && (op == BPF_JEQ || op == BPF_JSET))
		return decision_test(all, op, right, left, if_true, if_false);
	if (op == BPF_JEQ && r.kind == EXPRESSION_CONSTANT)
		if_true = knowing_value(all, if_true, left, r.k);
	if_true = knowing_outcome(all, if_true, op, left, right, true);
	if_false = knowing_outcome(all, if_false, op, left, right, false);
	if (if_true == if_false)
		return if_true;
	return intern_add(&all->nodes,
			  &(struct decision_node){ op, left, right, if_true, if_false }) +
	       FIRST_TEST;
}

/* @known[d]: the result for @d, or INTERN_NONE. */
static decision and_from(struct decisions *all, decision first, decision second, decision *known)
{
	struct decision_node node;
	decision result;

	if (first == DECISION_DENY)
		return DECISION_DENY;
	if (first == DECISION_ALLOW)
		return second;
	if (known[first] != INTERN_NONE)
		return known[first];
	node = *node_at(all, first);
	result = decision_test(all, node.op, node.left, node.right,
			       and_from(all, node.if_true, second, known),
			       and_from(all, node.if_false, second, known));
	known[first] = result;
	return result;
}

decision decision_and(struct decisions *all, decision first, decision second)
{
	_cleanup_free_ decision *known = NULL;

	if (first < FIRST_TEST || second < FIRST_TEST)
		return first == DECISION_ALLOW ? second : second == DECISION_ALLOW ? first : 0;
	known = xrealloc(NULL, (size_t)first + 1, sizeof(*known));
	memset(known, 0xff, ((size_t)first + 1) * sizeof(*known));
	return and_from(all, first, second, known);
}

/* A program being written: the tests in an order in which all jumps go forward. */
struct writer {
	const struct decisions *all;
	struct bpf_asm assembler;
	bpf_label *labels; /* by decision; -1: not reached */
	decision *order;   /* every test behind all of those that lead to it, backwards */
	size_t count;
	uint8_t *holds; /* by decision: the accumulator has its left side already */
	bool too_deep;
};

static void sort(struct writer *writer, decision d)
{
	const struct decision_node *node;

	if (writer->labels[d] >= 0)
		return;
	writer->labels[d] = bpf_label_new(&writer->assembler);
	if (d < FIRST_TEST)
		return;
	node = node_at(writer->all, d);
	/* What follows directly is written last: a chain of tests falls through. */
	sort(writer, node->if_true);
	sort(writer, node->if_false);
	writer->order[writer->count++] = d;
}

/* A test need not load what all tests that lead to it have loaded. */
static void find_loads(struct writer *writer, decision root)
{
	enum { NOT_SEEN, HOLDS, LOADS };

	writer->holds[root] = LOADS;
	for (size_t i = writer->count; i-- > 0;) {
		const struct decision_node *node = node_at(writer->all, writer->order[i]);
		const decision next[] = { node->if_true, node->if_false };

		for (int side = 0; side < 2; side++) {
			if (next[side] < FIRST_TEST)
				continue;
			if (node_at(writer->all, next[side])->left != node->left)
				writer->holds[next[side]] = LOADS;
			else if (writer->holds[next[side]] == NOT_SEEN)
				writer->holds[next[side]] = HOLDS;
		}
	}
	for (size_t i = 0; i < writer->count; i++)
		writer->holds[writer->order[i]] = writer->holds[writer->order[i]] == HOLDS;
}

/* Leaves the value in the accumulator; scratch words from @scratch on are free. */
static void write_value(struct writer *writer, expression e, uint32_t scratch)
{
	const struct expressions *expressions = &writer->all->expressions;
	const struct expression_node *node = expression_at(expressions, e);
	struct bpf_asm *a = &writer->assembler;

	if (node->kind == EXPRESSION_CONSTANT) {
		bpf_stmt(a, BPF_LD | BPF_IMM, node->k);
	} else if (node->kind == EXPRESSION_INPUT) {
		bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, node->k);
	} else if (node->k == BPF_NEG) {
		write_value(writer, node->left, scratch);
		bpf_stmt(a, BPF_ALU | BPF_NEG, 0);
	} else if (expression_is_constant(expressions, node->right)) {
		write_value(writer, node->left, scratch);
		bpf_stmt(a, (uint16_t)(BPF_ALU | node->k | BPF_K),
			 expression_at(expressions, node->right)->k);
	} else if (scratch < BPF_MEMWORDS) {
		write_value(writer, node->right, scratch);
		bpf_stmt(a, BPF_ST, scratch);
		write_value(writer, node->left, scratch + 1);
		bpf_stmt(a, BPF_LDX | BPF_MEM, scratch);
		bpf_stmt(a, (uint16_t)(BPF_ALU | node->k | BPF_X), 0);
	} else {
		writer->too_deep = true;
	}
}

static void write_test(struct writer *writer, decision d)
{
	const struct decision_node *node = node_at(writer->all, d);
	const struct expression_node *right = expression_at(&writer->all->expressions, node->right);
	struct bpf_asm *a = &writer->assembler;
	bool constant = right->kind == EXPRESSION_CONSTANT;

	bpf_label_place(a, writer->labels[d]);
	if (!constant) {
		write_value(writer, node->right, 0);
		bpf_stmt(a, BPF_ST, 0);
		write_value(writer, node->left, 1);
		bpf_stmt(a, BPF_LDX | BPF_MEM, 0);
	} else if (!writer->holds[d]) {
		write_value(writer, node->left, 0);
	}
	bpf_jump(a, (uint16_t)(BPF_JMP | node->op | (constant ? BPF_K : BPF_X)),
		 constant ? right->k : 0, writer->labels[node->if_true],
		 writer->labels[node->if_false]);
}

static void write_program(struct writer *writer, decision root)
{
	sort(writer, root);
	find_loads(writer, root);
	for (size_t i = writer->count; i-- > 0;)
		write_test(writer, writer->order[i]);
	for (decision end = DECISION_DENY; end <= DECISION_ALLOW; end++) {
		if (writer->labels[end] < 0)
			continue;
		bpf_label_place(&writer->assembler, writer->labels[end]);
		bpf_stmt(&writer->assembler, BPF_RET | BPF_K, end);
	}
}

int decision_compile(const struct decisions *all, decision root, struct arena *arena,
		     struct bpf_program *program, struct error *err)
{
	size_t numbers = all->nodes.count + FIRST_TEST;
	_cleanup_free_ bpf_label *labels = xrealloc(NULL, numbers, sizeof(*labels));
	_cleanup_free_ decision *order = xrealloc(NULL, numbers, sizeof(*order));
	_cleanup_free_ uint8_t *holds = xrealloc(NULL, numbers, sizeof(*holds));
	struct writer writer = { .all = all, .labels = labels, .order = order, .holds = holds };
	int status;

	for (size_t i = 0; i < numbers; i++)
		labels[i] = -1;
	memset(holds, 0, numbers);
	bpf_asm_init(&writer.assembler);
	write_program(&writer, root);
	if (writer.too_deep)
		status = error_set(err, E2BIG, "an expression needs more than %d scratch words",
				   BPF_MEMWORDS);
	else
		status = bpf_asm_finish(&writer.assembler, arena, program, err);
	bpf_asm_free(&writer.assembler);
	return status;
}
