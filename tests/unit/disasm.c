// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/seccomp.h>

#include "bpf/asm.h"
#include "bpf/checker.h"
#include "bpf/disasm.h"
#include "uring/abi.h"
#include "uring/filter_fields.h"
#include "uring/rules.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Every instruction, as number 3 of its program. */
static const struct {
	struct sock_filter insn;
	const char *text;
} all[] = {
	{ { BPF_LD | BPF_W | BPF_ABS, 0, 0, 16 }, "ld [16]" },
	{ { BPF_LD | BPF_W | BPF_LEN, 0, 0, 0 }, "ld #len" },
	{ { BPF_LDX | BPF_W | BPF_LEN, 0, 0, 0 }, "ldx #len" },
	{ { BPF_LD | BPF_IMM, 0, 0, 9 }, "ld #0x9" },
	{ { BPF_LDX | BPF_IMM, 0, 0, 0xffffffff }, "ldx #0xffffffff" },
	{ { BPF_LD | BPF_MEM, 0, 0, 15 }, "ld M[15]" },
	{ { BPF_LDX | BPF_MEM, 0, 0, 1 }, "ldx M[1]" },
	{ { BPF_ST, 0, 0, 2 }, "st M[2]" },
	{ { BPF_STX, 0, 0, 3 }, "stx M[3]" },
	{ { BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1 }, "add #0x1" },
	{ { BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 }, "add x" },
	{ { BPF_ALU | BPF_SUB | BPF_K, 0, 0, 2 }, "sub #0x2" },
	{ { BPF_ALU | BPF_SUB | BPF_X, 0, 0, 0 }, "sub x" },
	{ { BPF_ALU | BPF_MUL | BPF_K, 0, 0, 3 }, "mul #0x3" },
	{ { BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0 }, "mul x" },
	{ { BPF_ALU | BPF_DIV | BPF_K, 0, 0, 4 }, "div #0x4" },
	{ { BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0 }, "div x" },
	{ { BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xf0 }, "and #0xf0" },
	{ { BPF_ALU | BPF_AND | BPF_X, 0, 0, 0 }, "and x" },
	{ { BPF_ALU | BPF_OR | BPF_K, 0, 0, 6 }, "or #0x6" },
	{ { BPF_ALU | BPF_OR | BPF_X, 0, 0, 0 }, "or x" },
	{ { BPF_ALU | BPF_XOR | BPF_K, 0, 0, 7 }, "xor #0x7" },
	{ { BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0 }, "xor x" },
	{ { BPF_ALU | BPF_LSH | BPF_K, 0, 0, 31 }, "lsh #0x1f" },
	{ { BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0 }, "lsh x" },
	{ { BPF_ALU | BPF_RSH | BPF_K, 0, 0, 16 }, "rsh #0x10" },
	{ { BPF_ALU | BPF_RSH | BPF_X, 0, 0, 0 }, "rsh x" },
	{ { BPF_ALU | BPF_NEG, 0, 0, 0 }, "neg" },
	{ { BPF_JMP | BPF_JA, 0, 0, 4000 }, "ja 4004" },
	{ { BPF_JMP | BPF_JEQ | BPF_K, 0, 255, 1 }, "jeq #0x1, 4, 259" },
	{ { BPF_JMP | BPF_JEQ | BPF_X, 1, 2, 0 }, "jeq x, 5, 6" },
	{ { BPF_JMP | BPF_JGT | BPF_K, 1, 2, 0x10 }, "jgt #0x10, 5, 6" },
	{ { BPF_JMP | BPF_JGT | BPF_X, 1, 2, 0 }, "jgt x, 5, 6" },
	{ { BPF_JMP | BPF_JGE | BPF_K, 1, 2, 0x10 }, "jge #0x10, 5, 6" },
	{ { BPF_JMP | BPF_JGE | BPF_X, 1, 2, 0 }, "jge x, 5, 6" },
	{ { BPF_JMP | BPF_JSET | BPF_K, 1, 2, 0x80000000 }, "jset #0x80000000, 5, 6" },
	{ { BPF_JMP | BPF_JSET | BPF_X, 1, 2, 0 }, "jset x, 5, 6" },
	{ { BPF_RET | BPF_K, 0, 0, 1 }, "ret #1" },
	{ { BPF_RET | BPF_A, 0, 0, 0 }, "ret a" },
	{ { BPF_MISC | BPF_TAX, 0, 0, 0 }, "tax" },
	{ { BPF_MISC | BPF_TXA, 0, 0, 0 }, "txa" },
};

static void every_instruction_is_written_as_its_users_know_it(void **state)
{
	char text[BPF_DISASM_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++)
		assert_string_equal(bpf_disasm(&all[i].insn, 3, text), all[i].text);
}

/* A program of each possible code, put where it is valid if its code is: the checker says which. */
static bool is_instruction(uint16_t code)
{
	struct sock_filter insns[] = {
		{ BPF_ST, 0, 0, 1 },
		{ code, 0, 0, code == (BPF_LD | BPF_W | BPF_ABS) ? 4 : 1 },
		{ BPF_LD | BPF_IMM, 0, 0, 0 },
		{ BPF_RET | BPF_K, 0, 0, 0 },
	};
	struct bpf_program program = { insns, COUNT(insns) };
	struct error err = { 0 };

	return bpf_check(&program, BPF_SECCOMP, &err) == 0;
}

static void what_the_kernel_takes_has_a_name_and_nothing_else_does(void **state)
{
	char text[BPF_DISASM_SIZE];
	size_t count = 0;

	(void)state;
	for (unsigned int code = 0; code <= UINT16_MAX; code++) {
		struct sock_filter insn = { (uint16_t)code, 1, 2, 3 };
		bool has_name = strncmp(bpf_disasm(&insn, 0, text), ".insn ", 6) != 0;

		if (is_instruction((uint16_t)code) != has_name)
			fail_msg("0x%04x is \"%s\"", code, text);
		count += has_name;
	}
	assert_int_equal(count, COUNT(all));
	assert_string_equal(bpf_disasm(&(struct sock_filter){ 0xffff, 255, 254, 0x123 }, 0, text),
			    ".insn 0xffff, 255, 254, #0x123");
}

static void the_longest_text_fits(void **state)
{
	struct sock_filter longest = { BPF_JMP | BPF_JSET | BPF_K, 255, 255, UINT32_MAX };
	struct sock_filter furthest = { BPF_JMP | BPF_JA, 0, 0, UINT32_MAX };
	char text[BPF_DISASM_SIZE];

	(void)state;
	assert_string_equal(bpf_disasm(&longest, 4095, text), "jset #0xffffffff, 4351, 4351");
	assert_string_equal(bpf_disasm(&furthest, 4095, text), "ja 4294971391");
}

/* The number at @text, which moves behind it. */
static uint32_t number(const char **text)
{
	char *end;
	unsigned long value = strtoul(*text, &end, 0);

	*text = end;
	return (uint32_t)value;
}

/* Reads @text as an instruction like @like, number @at: the same words, other numbers. */
static bool read_like(const char *text, const struct sock_filter *like, const char *like_text,
		      size_t at, struct sock_filter *insn)
{
	uint32_t numbers[3] = { 0 };
	size_t count = 0;
	bool jumps = BPF_CLASS(like->code) == BPF_JMP && BPF_OP(like->code) != BPF_JA;

	while (*text && *like_text) {
		if (*text >= '0' && *text <= '9' && *like_text >= '0' && *like_text <= '9') {
			number(&like_text);
			numbers[count++] = number(&text);
		} else if (*text++ != *like_text++) {
			return false;
		}
	}
	*insn = (struct sock_filter){ .code = like->code };
	if (jumps) {
		insn->jf = (uint8_t)(numbers[--count] - at - 1);
		insn->jt = (uint8_t)(numbers[--count] - at - 1);
	}
	insn->k = numbers[0] * (count != 0);
	if (like->code == (BPF_JMP | BPF_JA))
		insn->k -= (uint32_t)at + 1;
	return *text == *like_text;
}

static void assert_reads_back(const struct bpf_program *program)
{
	char text[BPF_DISASM_SIZE];

	for (size_t at = 0; at < program->count; at++) {
		struct sock_filter insn = { 0 };
		size_t i = 0;

		bpf_disasm(&program->insns[at], at, text);
		while (i < COUNT(all) && !read_like(text, &all[i].insn, all[i].text, at, &insn))
			i++;
		if (i == COUNT(all))
			fail_msg("%zu: \"%s\" cannot be read back", at, text);
		if (memcmp(&insn, &program->insns[at], sizeof(insn)) != 0)
			fail_msg("%zu: \"%s\" reads back as 0x%02x %u %u %#x", at, text, insn.code,
				 insn.jt, insn.jf, insn.k);
	}
}

static void a_compiled_rule_reads_back(void **state)
{
	struct uring_connect_rule rule = { .family = 10, .prefix = 120, .port_high = 1023 };
	struct uring_open_rule open = { .set = true, .rights = OPEN_READ, .resolve = 8 };
	struct arena arena = { 0 };
	struct bpf_program program;
	struct error err;

	(void)state;
	assert_int_equal(uring_compile_connect(&rule, 1, &arena, &program, &err), 0);
	assert_true(program.count > 8);
	assert_reads_back(&program);
	assert_int_equal(uring_compile_open(&open, true, &arena, &program, &err), 0);
	assert_reads_back(&program);
	arena_free(&arena);
}

/* Jumps that are too far for one byte, and one of each other instruction. */
static void a_long_program_reads_back(void **state)
{
	struct arena arena = { 0 };
	struct bpf_program program;
	struct bpf_asm a;
	struct error err;
	bpf_label end;

	(void)state;
	bpf_asm_init(&a);
	end = bpf_label_new(&a);
	bpf_stmt(&a, BPF_LD | BPF_W | BPF_ABS, 60);
	bpf_jump(&a, BPF_JMP | BPF_JGT | BPF_K, 0xcafe, end, BPF_NEXT);
	bpf_jump(&a, BPF_JMP | BPF_JSET | BPF_X, 0, BPF_NEXT, end);
	for (size_t round = 0; round < 10; round++)
		for (size_t i = 0; i < COUNT(all); i++)
			if (BPF_CLASS(all[i].insn.code) != BPF_JMP)
				bpf_stmt(&a, all[i].insn.code, all[i].insn.k);
	bpf_label_place(&a, end);
	bpf_stmt(&a, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	assert_int_equal(bpf_asm_finish(&a, &arena, &program, &err), 0);
	assert_reads_back(&program);
	bpf_asm_free(&a);
	arena_free(&arena);
}

static const char *field(const struct bpf_field *fields, uint32_t offset)
{
	return bpf_disasm_field(&(struct sock_filter){ BPF_LD | BPF_W | BPF_ABS, 0, 0, offset },
				fields);
}

static void words_of_the_input_have_names(void **state)
{
	struct sock_filter other = { BPF_LD | BPF_IMM, 0, 0, 4 };

	(void)state;
	assert_string_equal(field(bpf_seccomp_fields, 0), "nr");
	assert_string_equal(field(bpf_seccomp_fields, 4), "arch");
	assert_null(field(bpf_seccomp_fields, sizeof(struct seccomp_data)));
	assert_null(bpf_disasm_field(&other, bpf_seccomp_fields));
	assert_string_equal(field(uring_filter_fields(DATA_SOCKET), 20), "type");
	assert_string_equal(field(uring_filter_fields(DATA_CONNECT), 20), "port");
	assert_null(field(uring_filter_fields(DATA_NONE), 16));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	assert_string_equal(field(bpf_seccomp_fields, 60), "args[5] high");
	assert_string_equal(field(uring_filter_fields(DATA_OPEN), 32), "resolve low");
#endif
	/* No word of an input without a name. */
	for (uint32_t offset = 0; offset < sizeof(struct seccomp_data); offset += 4)
		assert_non_null(field(bpf_seccomp_fields, offset));
	for (uint32_t offset = 16; offset < URING_FILTER_SIZE; offset += 4)
		assert_non_null(field(uring_filter_fields(DATA_CONNECT), offset));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_instruction_is_written_as_its_users_know_it),
		cmocka_unit_test(what_the_kernel_takes_has_a_name_and_nothing_else_does),
		cmocka_unit_test(the_longest_text_fits),
		cmocka_unit_test(a_compiled_rule_reads_back),
		cmocka_unit_test(a_long_program_reads_back),
		cmocka_unit_test(words_of_the_input_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
