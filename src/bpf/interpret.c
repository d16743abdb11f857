// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/interpret.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct machine {
	const uint8_t *data;
	size_t size;
	uint32_t a;
	uint32_t x;
	uint32_t scratch[BPF_MEMWORDS];
	uint32_t stored; /* a bit for each scratch word that has a value */
	bool returned;	 /* with the value in a */
};

static int load_absolute(const struct machine *m, uint32_t offset, uint32_t *value)
{
	if (offset % sizeof(*value) || m->size < sizeof(*value) ||
	    offset > m->size - sizeof(*value))
		return -EINVAL;
	memcpy(value, m->data + offset, sizeof(*value));
	return 0;
}

static int load_scratch(const struct machine *m, uint32_t index, uint32_t *value)
{
	/* The kernel refuses such a program as a whole. */
	if (index >= BPF_MEMWORDS || !(m->stored & 1U << index))
		return -EINVAL;
	*value = m->scratch[index];
	return 0;
}

static int store_scratch(struct machine *m, uint32_t index, uint32_t value)
{
	if (index >= BPF_MEMWORDS)
		return -EINVAL;
	m->scratch[index] = value;
	m->stored |= 1U << index;
	return 0;
}

static int move(struct machine *m, const struct sock_filter *insn)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return load_absolute(m, insn->k, &m->a);
	case BPF_LD | BPF_W | BPF_LEN:
		m->a = (uint32_t)m->size;
		return 0;
	case BPF_LDX | BPF_W | BPF_LEN:
		m->x = (uint32_t)m->size;
		return 0;
	case BPF_LD | BPF_IMM:
		m->a = insn->k;
		return 0;
	case BPF_LDX | BPF_IMM:
		m->x = insn->k;
		return 0;
	case BPF_LD | BPF_MEM:
		return load_scratch(m, insn->k, &m->a);
	case BPF_LDX | BPF_MEM:
		return load_scratch(m, insn->k, &m->x);
	case BPF_ST:
		return store_scratch(m, insn->k, m->a);
	case BPF_STX:
		return store_scratch(m, insn->k, m->x);
	case BPF_MISC | BPF_TAX:
		m->x = m->a;
		return 0;
	case BPF_MISC | BPF_TXA:
		m->a = m->x;
		return 0;
	}
	return -EINVAL;
}

static int divide(struct machine *m, uint32_t value, bool constant)
{
	if (value) {
		m->a /= value;
		return 0;
	}
	if (constant)
		return -EINVAL; /* refused by bpf_check_classic() */
	/* bpf_convert_filter() makes a division by X = 0 end the program with 0. */
	m->a = 0;
	m->returned = true;
	return 0;
}

static int shift(struct machine *m, bool left, uint32_t by, bool constant)
{
	if (constant && by > 31)
		return -EINVAL; /* refused by bpf_check_classic() */
	by &= 31;		/* as eBPF's 32-bit shifts do */
	m->a = left ? m->a << by : m->a >> by;
	return 0;
}

static int calculate(struct machine *m, const struct sock_filter *insn)
{
	bool constant = BPF_SRC(insn->code) == BPF_K;
	uint32_t value = constant ? insn->k : m->x;

	if (insn->code & ~(0xf0 | BPF_X | 0x07))
		return -EINVAL;
	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		m->a += value;
		return 0;
	case BPF_SUB:
		m->a -= value;
		return 0;
	case BPF_MUL:
		m->a *= value;
		return 0;
	case BPF_DIV:
		return divide(m, value, constant);
	case BPF_AND:
		m->a &= value;
		return 0;
	case BPF_OR:
		m->a |= value;
		return 0;
	case BPF_XOR:
		m->a ^= value;
		return 0;
	case BPF_LSH:
		return shift(m, true, value, constant);
	case BPF_RSH:
		return shift(m, false, value, constant);
	case BPF_NEG:
		if (!constant)
			return -EINVAL;
		m->a = -m->a;
		return 0;
	}
	return -EINVAL;
}

/* @skip: how many instructions to pass over. */
static int jump(const struct machine *m, const struct sock_filter *insn, size_t *skip)
{
	uint32_t value = BPF_SRC(insn->code) == BPF_K ? insn->k : m->x;
	bool taken;

	if (insn->code == (BPF_JMP | BPF_JA)) {
		*skip = insn->k;
		return 0;
	}
	if (insn->code & ~(0xf0 | BPF_X | 0x07))
		return -EINVAL;
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		taken = m->a == value;
		break;
	case BPF_JGT:
		taken = m->a > value;
		break;
	case BPF_JGE:
		taken = m->a >= value;
		break;
	case BPF_JSET:
		taken = m->a & value;
		break;
	default:
		return -EINVAL;
	}
	*skip = taken ? insn->jt : insn->jf;
	return 0;
}

static int step(struct machine *m, const struct sock_filter *insn, size_t *skip)
{
	*skip = 0;
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
		return calculate(m, insn);
	case BPF_JMP:
		return jump(m, insn, skip);
	case BPF_RET:
		if (insn->code == (BPF_RET | BPF_K))
			m->a = insn->k;
		else if (insn->code != (BPF_RET | BPF_A))
			return -EINVAL;
		m->returned = true;
		return 0;
	}
	return move(m, insn);
}

int bpf_interpret(const struct bpf_program *program, const void *data, size_t size,
		  uint32_t *result)
{
	struct machine m = { .data = data, .size = size };
	size_t skip;

	/* Jumps go forward only, so no program runs longer than it is. */
	for (size_t i = 0; i < program->count; i += 1 + skip) {
		if (step(&m, &program->insns[i], &skip) < 0)
			return -EINVAL;
		if (m.returned) {
			*result = m.a;
			return 0;
		}
		if (skip > program->count - i - 1)
			return -EINVAL;
	}
	return -EINVAL;
}
