/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_DISASM_H
#define BPF_DISASM_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One instruction as text, in the notation of the kernel's bpf_asm but for jumps, whose targets
 * are the numbers of instructions: "ld [16]", "jeq #0x1, 2, 5", "ret #1".
 */

#define BPF_DISASM_SIZE 64 /* room for any instruction, its NUL included */

/*
 * Writes instruction @insn, number @at of its program, to @buffer. What is no instruction of
 * seccomp's and io_uring's dialect is written as ".insn 0xCODE, JT, JF, #0xK". Returns @buffer.
 */
char *bpf_disasm(const struct sock_filter *insn, size_t at, char buffer[static BPF_DISASM_SIZE]);

/* What a word of the input is called. */
struct bpf_field {
	const char *name; /* NULL ends a table */
	uint32_t offset;
};

/* The two words of a 64-bit @field, a string literal. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BPF_HALVES(field, offset)                                                                  \
	{ field " low", offset },                                                                  \
	{                                                                                          \
		field " high", (offset) + 4                                                        \
	}
#else
#define BPF_HALVES(field, offset)                                                                  \
	{ field " high", offset },                                                                 \
	{                                                                                          \
		field " low", (offset) + 4                                                         \
	}
#endif

extern const struct bpf_field bpf_seccomp_fields[]; /* of struct seccomp_data */

/* The name of what @insn loads from the input, NULL where it loads nothing that @fields has. */
const char *bpf_disasm_field(const struct sock_filter *insn, const struct bpf_field *fields);

#endif
