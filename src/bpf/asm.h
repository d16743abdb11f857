/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_ASM_H
#define BPF_ASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/bpf.h"
#include "util/alloc.h"
#include "util/error.h"

/*
 * Writes a classic BPF program with labels instead of distances. Jumps go forward only, as the
 * kernel demands. Mistakes of the caller (a label placed twice or never, a jump backwards) are
 * remembered and reported by bpf_asm_finish(), so that nothing in between needs checking.
 */
struct bpf_asm {
	struct bpf_asm_item *items;
	size_t count;
	size_t room;
	ptrdiff_t *labels; /* the item that each stands before; -1: not placed */
	size_t label_count;
	size_t label_room;
	bool placed_twice;
};

typedef int bpf_label;

#define BPF_NEXT ((bpf_label)-1) /* as a jump's target: the instruction that follows */

void bpf_asm_init(struct bpf_asm *a);
void bpf_asm_free(struct bpf_asm *a);

/* One instruction that does not jump: load, store, arithmetic, return. */
void bpf_stmt(struct bpf_asm *a, uint16_t code, uint32_t k);

bpf_label bpf_label_new(struct bpf_asm *a);
void bpf_label_place(struct bpf_asm *a, bpf_label l); /* before what is written next */

/*
 * A conditional jump. @code is complete (BPF_JMP | BPF_JEQ | BPF_K). A target may be any distance
 * away: where 255 instructions are not enough, an unconditional jump is put in between.
 */
void bpf_jump(struct bpf_asm *a, uint16_t code, uint32_t k, bpf_label if_true, bpf_label if_false);

void bpf_goto(struct bpf_asm *a, bpf_label l); /* costs nothing if @l turns out to be next */

/* A finished program, as it is: its jumps are relative and stay within it. */
void bpf_append(struct bpf_asm *a, const struct bpf_program *program);

/*
 * Resolves the labels; @out's instructions are allocated in @arena. @a is left as it was.
 * -EINVAL: misplaced labels, or a program that does not end in a return; -E2BIG: more than
 * BPF_MAXINSNS instructions.
 */
int bpf_asm_finish(struct bpf_asm *a, struct arena *arena, struct bpf_program *out,
		   struct error *err);

#endif
