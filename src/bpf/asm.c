// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/asm.h"

#include <errno.h>
#include <stdlib.h>

enum item_kind {
	ITEM_PLAIN,
	ITEM_JUMP,
	ITEM_GOTO,
};

struct bpf_asm_item {
	enum item_kind kind;
	struct sock_filter insn;
	bpf_label if_true;  /* ITEM_JUMP, ITEM_GOTO */
	bpf_label if_false; /* ITEM_JUMP */

	/* Found out by finish: whether a target needs a BPF_JA of its own behind the jump. */
	bool far_true;
	bool far_false;
	size_t position;
};

void bpf_asm_init(struct bpf_asm *a)
{
	*a = (struct bpf_asm){ 0 };
}

void bpf_asm_free(struct bpf_asm *a)
{
	free(a->items);
	free(a->labels);
	bpf_asm_init(a);
}

static struct bpf_asm_item *new_item(struct bpf_asm *a, enum item_kind kind)
{
	struct bpf_asm_item *item;

	if (a->count == a->room) {
		a->room = a->room ? a->room * 2 : 64;
		a->items = xrealloc(a->items, a->room, sizeof(*a->items));
	}
	item = &a->items[a->count++];
	*item = (struct bpf_asm_item){ .kind = kind };
	return item;
}

void bpf_stmt(struct bpf_asm *a, uint16_t code, uint32_t k)
{
	new_item(a, ITEM_PLAIN)->insn = (struct sock_filter){ .code = code, .k = k };
}

bpf_label bpf_label_new(struct bpf_asm *a)
{
	if (a->label_count == a->label_room) {
		a->label_room = a->label_room ? a->label_room * 2 : 16;
		a->labels = xrealloc(a->labels, a->label_room, sizeof(*a->labels));
	}
	a->labels[a->label_count] = -1;
	return (bpf_label)a->label_count++;
}

void bpf_label_place(struct bpf_asm *a, bpf_label l)
{
	if (a->labels[l] >= 0)
		a->placed_twice = true;
	a->labels[l] = (ptrdiff_t)a->count;
}

void bpf_jump(struct bpf_asm *a, uint16_t code, uint32_t k, bpf_label if_true, bpf_label if_false)
{
	struct bpf_asm_item *item = new_item(a, ITEM_JUMP);

	item->insn = (struct sock_filter){ .code = code, .k = k };
	item->if_true = if_true;
	item->if_false = if_false;
}

void bpf_goto(struct bpf_asm *a, bpf_label l)
{
	struct bpf_asm_item *item = new_item(a, ITEM_GOTO);

	item->insn.code = BPF_JMP | BPF_JA;
	item->if_true = l;
}

void bpf_append(struct bpf_asm *a, const struct bpf_program *program)
{
	for (size_t i = 0; i < program->count; i++)
		new_item(a, ITEM_PLAIN)->insn = program->insns[i];
}

/* The item that a jump at item @from goes to; only valid once check_targets() has passed. */
static size_t target_item(const struct bpf_asm *a, size_t from, bpf_label l)
{
	return l == BPF_NEXT ? from + 1 : (size_t)a->labels[l];
}

static size_t item_size(const struct bpf_asm *a, size_t i)
{
	const struct bpf_asm_item *item = &a->items[i];

	if (item->kind == ITEM_GOTO)
		return target_item(a, i, item->if_true) != i + 1;
	return 1u + item->far_true + item->far_false;
}

static int check_target(const struct bpf_asm *a, size_t from, bpf_label l, struct error *err)
{
	if (l != BPF_NEXT && a->labels[l] < 0)
		return error_set(err, EINVAL, "cannot assemble a filter: label %d was not placed",
				 l);
	if (target_item(a, from, l) <= from)
		return error_set(err, EINVAL, "cannot assemble a filter: jump backwards at %zu",
				 from);
	if (target_item(a, from, l) >= a->count)
		return error_set(err, EINVAL, "cannot assemble a filter: jump past the end at %zu",
				 from);
	return 0;
}

static int check_targets(const struct bpf_asm *a, struct error *err)
{
	const struct bpf_asm_item *last = a->count ? &a->items[a->count - 1] : NULL;

	if (a->placed_twice)
		return error_set(err, EINVAL, "cannot assemble a filter: a label placed twice");
	if (!last || last->kind != ITEM_PLAIN || BPF_CLASS(last->insn.code) != BPF_RET)
		return error_set(err, EINVAL, "cannot assemble a filter: no return at its end");

	for (size_t i = 0; i < a->count; i++) {
		const struct bpf_asm_item *item = &a->items[i];

		if (item->kind != ITEM_PLAIN && check_target(a, i, item->if_true, err) < 0)
			return -err->code;
		if (item->kind == ITEM_JUMP && check_target(a, i, item->if_false, err) < 0)
			return -err->code;
	}
	return 0;
}

static size_t distance(const struct bpf_asm *a, size_t from, bpf_label l)
{
	return a->items[target_item(a, from, l)].position - a->items[from].position - 1;
}

/* Lays everything out; returns the total size, and in @changed whether a jump became far. */
static size_t lay_out(struct bpf_asm *a, bool *changed)
{
	size_t size = 0;

	for (size_t i = 0; i < a->count; i++) {
		a->items[i].position = size;
		size += item_size(a, i);
	}

	*changed = false;
	for (size_t i = 0; i < a->count; i++) {
		struct bpf_asm_item *item = &a->items[i];

		if (item->kind != ITEM_JUMP)
			continue;
		if (!item->far_true && distance(a, i, item->if_true) > UINT8_MAX)
			*changed = item->far_true = true;
		if (!item->far_false && distance(a, i, item->if_false) > UINT8_MAX)
			*changed = item->far_false = true;
	}
	return size;
}

static void emit_far(const struct bpf_asm *a, size_t i, bpf_label l, struct sock_filter *out,
		     size_t at)
{
	size_t target = a->items[target_item(a, i, l)].position;

	out[at] =
		(struct sock_filter){ .code = BPF_JMP | BPF_JA, .k = (uint32_t)(target - at - 1) };
}

static void emit(const struct bpf_asm *a, size_t i, struct sock_filter *out)
{
	const struct bpf_asm_item *item = &a->items[i];
	struct sock_filter *insn = &out[item->position];
	size_t behind = item->position + 1;

	if (!item_size(a, i))
		return;
	*insn = item->insn;
	if (item->kind == ITEM_GOTO)
		emit_far(a, i, item->if_true, out, item->position);
	if (item->kind != ITEM_JUMP)
		return;

	if (item->far_true) {
		insn->jt = 0;
		emit_far(a, i, item->if_true, out, behind);
	} else {
		insn->jt = (uint8_t)distance(a, i, item->if_true);
	}
	if (item->far_false) {
		insn->jf = item->far_true;
		emit_far(a, i, item->if_false, out, behind + item->far_true);
	} else {
		insn->jf = (uint8_t)distance(a, i, item->if_false);
	}
}

int bpf_asm_finish(struct bpf_asm *a, struct arena *arena, struct bpf_program *out,
		   struct error *err)
{
	bool changed;
	size_t size;

	if (check_targets(a, err) < 0)
		return -err->code;

	for (size_t i = 0; i < a->count; i++)
		a->items[i].far_true = a->items[i].far_false = false;
	/* A far jump makes others longer, and never shorter: this ends. */
	do
		size = lay_out(a, &changed);
	while (changed);

	if (size > BPF_MAXINSNS)
		return error_set(err, E2BIG,
				 "cannot assemble a filter: %zu instructions, the kernel takes %d",
				 size, BPF_MAXINSNS);

	out->insns = arena_alloc(arena, size * sizeof(*out->insns));
	out->count = size;
	for (size_t i = 0; i < a->count; i++)
		emit(a, i, out->insns);
	return 0;
}
