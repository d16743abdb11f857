// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/specialise.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/decision.h"
#include "bpf/intern.h"
#include "util/cleanup.h"

/* Registers as far as symbolic execution goes: the accumulator, X and the scratch words. */
#define REGISTER_A 0
#define REGISTER_X 1
#define REGISTER_SCRATCH 2
#define REGISTERS (REGISTER_SCRATCH + BPF_MEMWORDS)

#define DECISION_LIMIT 20000

/* Execution about to go on at @pc; registers that are not live there are zero. */
struct visit {
	uint32_t pc;
	expression registers[REGISTERS];
	decision result;
};

struct bpf_specialiser {
	const struct bpf_program *program;
	uint32_t *live; /* per instruction: a bit for each register that is read before it is set */
	struct decisions decisions;
	struct intern visits;
	const struct bpf_view *view;
	size_t steps;
	uint32_t blame;
	bool too_complex;
};

static uint32_t bit(unsigned int index)
{
	return UINT32_C(1) << index;
}

/* What an instruction reads, given what is live behind it; and what it sets. */
static uint32_t live_before(const struct sock_filter *insn, uint32_t after)
{
	const uint32_t a = bit(REGISTER_A);
	const uint32_t x = bit(REGISTER_X);
	uint32_t uses_x = BPF_SRC(insn->code) == BPF_X ? x : 0;

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		after &= ~a;
		return BPF_MODE(insn->code) == BPF_MEM ? after | bit(REGISTER_SCRATCH + insn->k)
						       : after;
	case BPF_LDX:
		after &= ~x;
		return BPF_MODE(insn->code) == BPF_MEM ? after | bit(REGISTER_SCRATCH + insn->k)
						       : after;
	case BPF_ST:
		return (after & ~bit(REGISTER_SCRATCH + insn->k)) | a;
	case BPF_STX:
		return (after & ~bit(REGISTER_SCRATCH + insn->k)) | x;
	case BPF_ALU:
		return after | a | (BPF_OP(insn->code) == BPF_NEG ? 0 : uses_x);
	case BPF_JMP:
		return BPF_OP(insn->code) == BPF_JA ? after : after | a | uses_x;
	case BPF_RET:
		return BPF_RVAL(insn->code) == BPF_A ? a : 0;
	case BPF_MISC:
		if (BPF_MISCOP(insn->code) == BPF_TAX)
			return (after & ~x) | a;
		return (after & ~a) | x;
	}
	return after;
}

/* Jumps go forward only, so that one pass from the end is enough. */
static void find_live(struct bpf_specialiser *s)
{
	for (size_t pc = s->program->count; pc-- > 0;) {
		const struct sock_filter *insn = &s->program->insns[pc];
		uint32_t after = 0;

		if (BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) == BPF_JA)
			after = s->live[pc + 1 + insn->k];
		else if (BPF_CLASS(insn->code) == BPF_JMP)
			after = s->live[pc + 1 + insn->jt] | s->live[pc + 1 + insn->jf];
		else if (BPF_CLASS(insn->code) != BPF_RET)
			after = s->live[pc + 1];
		s->live[pc] = live_before(insn, after);
	}
}

struct bpf_specialiser *bpf_specialiser_new(const struct bpf_program *program)
{
	struct bpf_specialiser *s = xrealloc(NULL, 1, sizeof(*s));

	*s = (struct bpf_specialiser){ .program = program };
	s->live = xrealloc(NULL, program->count, sizeof(*s->live));
	intern_init(&s->visits, sizeof(struct visit), offsetof(struct visit, result));
	decisions_init(&s->decisions);
	find_live(s);
	return s;
}

void bpf_specialiser_free(struct bpf_specialiser *s)
{
	if (!s)
		return;
	decisions_free(&s->decisions);
	intern_free(&s->visits);
	free(s->live);
	free(s);
}

static expression load(struct bpf_specialiser *s, const struct sock_filter *insn,
		       const expression *registers)
{
	struct expressions *expressions = &s->decisions.expressions;
	const struct bpf_word *word;

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
		return expression_constant(expressions, insn->k);
	case BPF_LEN:
		return expression_constant(expressions, sizeof(struct seccomp_data));
	case BPF_MEM:
		return registers[REGISTER_SCRATCH + insn->k];
	}
	word = &s->view->words[insn->k / sizeof(uint32_t)];
	switch (word->kind) {
	case BPF_WORD_FIXED:
		return expression_constant(expressions, word->value);
	case BPF_WORD_INPUT:
		return expression_alu(expressions, BPF_AND,
				      expression_input(expressions, word->value),
				      expression_constant(expressions, ~word->ignore));
	case BPF_WORD_UNKNOWN:
		break;
	}
	return expression_unknown(expressions, insn->k);
}

static decision give_up(struct bpf_specialiser *s)
{
	s->too_complex = true;
	return DECISION_DENY;
}

/* The first unknown word that took something away is the one to name. */
static decision deny_for(struct bpf_specialiser *s, expression unknown)
{
	uint32_t offset = expression_at(&s->decisions.expressions, unknown)->k;

	if (offset == UINT32_MAX)
		return give_up(s);
	if (s->blame == BPF_NO_WORD)
		s->blame = offset;
	return DECISION_DENY;
}

static bool is_unknown(const struct bpf_specialiser *s, expression e)
{
	return expression_at(&s->decisions.expressions, e)->kind == EXPRESSION_UNKNOWN;
}

static bool allows(uint32_t action)
{
	action &= SECCOMP_RET_ACTION_FULL;
	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

static decision decide_return(struct bpf_specialiser *s, expression value)
{
	struct expressions *expressions = &s->decisions.expressions;
	expression action;

	if (is_unknown(s, value))
		return deny_for(s, value);
	if (expression_is_constant(expressions, value))
		return allows(expression_at(expressions, value)->k) ? DECISION_ALLOW
								    : DECISION_DENY;
	action = expression_alu(expressions, BPF_AND, value,
				expression_constant(expressions, SECCOMP_RET_ACTION_FULL));
	if (is_unknown(s, action))
		return deny_for(s, action);
	return decision_test(&s->decisions, BPF_JEQ, action,
			     expression_constant(expressions, SECCOMP_RET_ALLOW), DECISION_ALLOW,
			     decision_test(&s->decisions, BPF_JEQ, action,
					   expression_constant(expressions, SECCOMP_RET_LOG),
					   DECISION_ALLOW, DECISION_DENY));
}

static decision execute(struct bpf_specialiser *s, struct visit *at);

/* Execution from @pc on with these registers, unless that was done before. */
static decision go_on(struct bpf_specialiser *s, uint32_t pc, const expression *registers)
{
	struct visit visit = { .pc = pc };
	struct visit running;
	uint32_t known;

	for (unsigned int i = 0; i < REGISTERS; i++)
		if (s->live[pc] & bit(i))
			visit.registers[i] = registers[i];
	known = intern_find(&s->visits, &visit);
	if (known != INTERN_NONE)
		return ((struct visit *)s->visits.nodes)[known].result;
	if (s->decisions.nodes.count > DECISION_LIMIT)
		return give_up(s);
	running = visit;
	visit.result = execute(s, &running);
	intern_add(&s->visits, &visit);
	return visit.result;
}

/* A test on what is not fixed: both ways, and a decision between them if they differ. */
static decision branch(struct bpf_specialiser *s, const struct visit *at,
		       const struct sock_filter *insn, expression left, expression right)
{
	uint32_t blame = s->blame;
	decision if_true = go_on(s, at->pc + 1 + insn->jt, at->registers);
	decision if_false = go_on(s, at->pc + 1 + insn->jf, at->registers);

	if (if_true == if_false)
		return if_true;
	if (is_unknown(s, left) || is_unknown(s, right)) {
		s->blame = blame; /* what was taken away below no longer matters */
		return deny_for(s, is_unknown(s, left) ? left : right);
	}
	return decision_test(&s->decisions, BPF_OP(insn->code), left, right, if_true, if_false);
}

static expression operand(struct bpf_specialiser *s, const struct visit *at,
			  const struct sock_filter *insn)
{
	if (BPF_SRC(insn->code) == BPF_X)
		return at->registers[REGISTER_X];
	return expression_constant(&s->decisions.expressions, insn->k);
}

/*
 * Division by an X of zero ends a program with 0, which denies. Returns true if execution goes on
 * with the quotient; else @result is what the rest decides.
 */
static bool divide(struct bpf_specialiser *s, struct visit *at, expression by, decision *result)
{
	struct expressions *expressions = &s->decisions.expressions;
	expression zero = expression_constant(expressions, 0);
	expression *a = &at->registers[REGISTER_A];

	if (by == zero) {
		*result = DECISION_DENY;
		return false;
	}
	if (is_unknown(s, by)) {
		*result = deny_for(s, by);
		return false;
	}
	*a = expression_alu(expressions, BPF_DIV, *a, by);
	if (expression_is_constant(expressions, by))
		return true;
	*result = decision_test(&s->decisions, BPF_JEQ, by, zero, DECISION_DENY,
				go_on(s, at->pc + 1, at->registers));
	return false;
}

/* Moves between registers and arithmetic. Returns false if that decided the rest, as @result. */
static bool compute(struct bpf_specialiser *s, struct visit *at, const struct sock_filter *insn,
		    decision *result)
{
	expression *a = &at->registers[REGISTER_A];
	expression *x = &at->registers[REGISTER_X];

	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		*a = load(s, insn, at->registers);
		break;
	case BPF_LDX:
		*x = load(s, insn, at->registers);
		break;
	case BPF_ST:
		at->registers[REGISTER_SCRATCH + insn->k] = *a;
		break;
	case BPF_STX:
		at->registers[REGISTER_SCRATCH + insn->k] = *x;
		break;
	case BPF_MISC:
		if (BPF_MISCOP(insn->code) == BPF_TAX)
			*x = *a;
		else
			*a = *x;
		break;
	case BPF_ALU:
		if (BPF_OP(insn->code) == BPF_DIV)
			return divide(s, at, operand(s, at, insn), result);
		*a = expression_alu(&s->decisions.expressions, BPF_OP(insn->code), *a,
				    BPF_OP(insn->code) == BPF_NEG ? *a : operand(s, at, insn));
		break;
	}
	return true;
}

/* Runs on as long as everything is fixed; @at is used up. */
static decision execute(struct bpf_specialiser *s, struct visit *at)
{
	struct expressions *expressions = &s->decisions.expressions;

	for (;;) {
		const struct sock_filter *insn = &s->program->insns[at->pc];
		expression left = at->registers[REGISTER_A];
		expression right;
		decision result;

		if (++s->steps > BPF_SPECIALISE_STEPS)
			return give_up(s);
		if (BPF_CLASS(insn->code) == BPF_RET)
			return decide_return(s,
					     BPF_RVAL(insn->code) == BPF_A
						     ? left
						     : expression_constant(expressions, insn->k));
		if (BPF_CLASS(insn->code) != BPF_JMP) {
			if (!compute(s, at, insn, &result))
				return result;
			at->pc++;
			continue;
		}
		if (BPF_OP(insn->code) == BPF_JA) {
			at->pc += 1 + insn->k;
			continue;
		}
		right = operand(s, at, insn);
		if (!expression_is_constant(expressions, left) ||
		    !expression_is_constant(expressions, right))
			return branch(s, at, insn, left, right);
		at->pc += 1 +
			  (decision_compare(BPF_OP(insn->code), expression_at(expressions, left)->k,
					    expression_at(expressions, right)->k)
				   ? insn->jt
				   : insn->jf);
	}
}

static decision run(struct bpf_specialiser *s, const struct bpf_view *view)
{
	struct visit start = { 0 };

	s->view = view;
	intern_clear(&s->visits);
	/* The kernel starts with both registers zero. */
	start.registers[REGISTER_A] = expression_constant(&s->decisions.expressions, 0);
	start.registers[REGISTER_X] = start.registers[REGISTER_A];
	return execute(s, &start);
}

struct bpf_special bpf_specialise(struct bpf_specialiser *s, const struct bpf_view *views,
				  size_t count, struct arena *arena)
{
	struct bpf_special special = { .answer = BPF_DENIED };
	decision all = DECISION_ALLOW;
	struct error ignored;

	decisions_clear(&s->decisions);
	s->steps = 0;
	s->blame = BPF_NO_WORD;
	s->too_complex = false;
	for (size_t i = 0; i < count && all != DECISION_DENY; i++)
		all = decision_and(&s->decisions, all, run(s, &views[i]));
	special.blame = s->blame;
	if (all == DECISION_ALLOW)
		special.answer = BPF_ALLOWED;
	else if (all != DECISION_DENY && !s->too_complex) {
		if (decision_compile(&s->decisions, all, arena, &special.program, &ignored) == 0)
			special.answer = BPF_DEPENDS;
		else
			s->too_complex = true;
	}
	special.too_complex = s->too_complex;
	special.steps = s->steps;
	special.nodes = s->decisions.nodes.count + s->decisions.expressions.nodes.count;
	return special;
}
