// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/seccomp_conditions.h"

#include <string.h>

#include "policy/seccomp_argument.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/*
 * Cases become a chain of tests: where one fails, the next case's first one follows. A chain is
 * gone through twice, first with arguments as a whole, then with their halves, which is what
 * classic BPF has. Each time, jumps pass over tests whose outcome is known from those before, and
 * tests that decide nothing are left out: of Podman's four rules for socket, two tests stay.
 */

#define ALL_BITS UINT64_MAX
#define HIGH_BITS (~(uint64_t)UINT32_MAX)

/* What is tested is greater than @value, or equals @value in the bits of @mask. */
struct test {
	uint64_t mask; /* ALL_BITS for one that compares */
	uint64_t value;
	seccomp_target next[2]; /* where it fails, where it holds; further on in the chain */
	uint32_t slot;		/* an argument; of halves, twice that, and one more for the high */
	bool greater;
	bool reached;
	uint32_t known; /* the fact that holds here, with those before it; 0: none */
};

/* The outcome of a test, behind other facts. */
struct fact {
	uint32_t before;
	uint32_t test;
	uint32_t depth;
	bool outcome;
};

struct chain {
	struct test *tests;
	size_t count;
	seccomp_target start;
	struct fact *facts; /* the first stands for none */
	uint32_t fact_count;
	bool halves;
	bool narrow;
};

static bool is_test(seccomp_target target)
{
	return target >= SECCOMP_FIRST_TEST;
}

static void chain_init(struct chain *chain, size_t count, bool halves, bool narrow)
{
	*chain = (struct chain){ .count = count, .halves = halves, .narrow = narrow };
	chain->tests = xrealloc(NULL, count + 1, sizeof(*chain->tests));
	memset(chain->tests, 0, (count + 1) * sizeof(*chain->tests));
	chain->facts = xrealloc(NULL, 2 * count + 1, sizeof(*chain->facts));
	chain->facts[0] = (struct fact){ 0 };
	chain->fact_count = 1;
}

static void chain_free(struct chain *chain)
{
	free(chain->tests);
	free(chain->facts);
}

/* ---- what is known ---- */

/* A number from @min to @max, which equals @value in the bits of @mask. */
struct span {
	uint64_t min;
	uint64_t max;
	uint64_t mask;
	uint64_t value;
};

static struct span any_of_slot(const struct chain *chain, uint32_t slot)
{
	if (chain->halves && chain->narrow && slot % 2)
		return (struct span){ .max = 0, .mask = ALL_BITS };
	if (chain->halves || chain->narrow)
		return (struct span){ .max = UINT32_MAX, .mask = HIGH_BITS };
	return (struct span){ .max = UINT64_MAX };
}

static void narrow_span(struct span *span, const struct test *test, bool outcome)
{
	if (test->greater && outcome) {
		if (span->min <= test->value)
			span->min = test->value + 1; /* it holds, so there is one more */
	} else if (test->greater) {
		if (span->max > test->value)
			span->max = test->value;
	} else if (outcome) {
		span->mask |= test->mask;
		span->value |= test->value;
		if (span->mask == ALL_BITS)
			span->min = span->max = span->value;
	} else if (test->mask == ALL_BITS && test->value == span->min && span->min < span->max) {
		span->min++;
	}
}

/* The outcome of @test where @fact and those before it hold; -1: it may be either. */
static int outcome_after(const struct chain *chain, uint32_t fact, const struct test *test)
{
	struct span span = any_of_slot(chain, test->slot);

	for (; fact; fact = chain->facts[fact].before) {
		const struct test *known = &chain->tests[chain->facts[fact].test];
		bool outcome = chain->facts[fact].outcome;

		if (known->slot != test->slot)
			continue;
		if (known->greater == test->greater && known->mask == test->mask &&
		    known->value == test->value)
			return outcome;
		narrow_span(&span, known, outcome);
	}
	if (test->greater)
		return span.min > test->value ? 1 : span.max <= test->value ? 0 : -1;
	if ((span.value ^ test->value) & span.mask & test->mask)
		return 0;
	if (test->mask == ALL_BITS && (test->value < span.min || test->value > span.max))
		return 0;
	return test->mask & ~span.mask ? -1 : 1;
}

/* What holds both where @a and where @b holds. */
static uint32_t common_facts(const struct chain *chain, uint32_t a, uint32_t b)
{
	while (a != b)
		if (chain->facts[a].depth >= chain->facts[b].depth)
			a = chain->facts[a].before;
		else
			b = chain->facts[b].before;
	return a;
}

/* Passes over tests whose outcome @fact tells, and tells the one that is reached of @fact. */
static seccomp_target follow(struct chain *chain, seccomp_target target, uint32_t fact)
{
	while (is_test(target)) {
		struct test *test = &chain->tests[target - SECCOMP_FIRST_TEST];
		int outcome = outcome_after(chain, fact, test);

		if (outcome < 0) {
			test->known = test->reached ? common_facts(chain, test->known, fact) : fact;
			test->reached = true;
			break;
		}
		target = test->next[outcome];
	}
	return target;
}

static void pass_over_known(struct chain *chain)
{
	chain->start = follow(chain, chain->start, 0);
	for (uint32_t i = 0; i < chain->count; i++) {
		struct test *test = &chain->tests[i];

		for (unsigned int side = 0; side < 2 && test->reached; side++) {
			uint32_t fact = chain->fact_count++;

			chain->facts[fact] = (struct fact){
				.before = test->known,
				.test = i,
				.depth = chain->facts[test->known].depth + 1,
				.outcome = side,
			};
			test->next[side] = follow(chain, test->next[side], fact);
		}
	}
}

static void pass_over_idle(struct chain *chain)
{
	seccomp_target *goes_to = xrealloc(NULL, chain->count + 1, sizeof(*goes_to));

	for (size_t i = chain->count; i-- > 0;) {
		struct test *test = &chain->tests[i];

		for (unsigned int side = 0; side < 2; side++)
			if (is_test(test->next[side]))
				test->next[side] = goes_to[test->next[side] - SECCOMP_FIRST_TEST];
		goes_to[i] = test->next[0] == test->next[1]
				     ? test->next[0]
				     : SECCOMP_FIRST_TEST + (seccomp_target)i;
	}
	if (is_test(chain->start))
		chain->start = goes_to[chain->start - SECCOMP_FIRST_TEST];
	free(goes_to);
}

/* ---- arguments as a whole ---- */

static const struct {
	bool greater;
	bool or_equal;
	bool inverted;
} operators[] = {
	[SCMP_CMP_NE] = { .inverted = true },
	[SCMP_CMP_LT] = { .greater = true, .or_equal = true, .inverted = true },
	[SCMP_CMP_LE] = { .greater = true, .inverted = true },
	[SCMP_CMP_EQ] = { .inverted = false },
	[SCMP_CMP_GE] = { .greater = true, .or_equal = true },
	[SCMP_CMP_GT] = { .greater = true },
	[SCMP_CMP_MASKED_EQ] = { .inverted = false },
};

static struct test test_of(const struct scmp_arg_cmp *condition, seccomp_target holds,
			   seccomp_target fails)
{
	bool masked = condition->op == SCMP_CMP_MASKED_EQ;
	bool inverted = operators[condition->op].inverted;
	struct test test = {
		.mask = masked ? condition->datum_a : ALL_BITS,
		.value = masked ? condition->datum_b & condition->datum_a : condition->datum_a,
		.slot = condition->arg,
		.greater = operators[condition->op].greater,
		.next = { inverted ? holds : fails, inverted ? fails : holds },
	};

	if (!operators[condition->op].or_equal)
		return test;
	if (test.value) {
		test.value--;
	} else {
		test.greater = false; /* all are at least 0 */
		test.mask = 0;
	}
	return test;
}

static void chain_of_cases(struct chain *chain, const struct seccomp_case *cases, size_t count,
			   seccomp_target otherwise, bool narrow)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++)
		at += cases[i].count;
	chain_init(chain, at, false, narrow);
	chain->start = otherwise;
	for (size_t i = count; i-- > 0;) {
		seccomp_target holds = cases[i].end;

		for (unsigned int j = cases[i].count; j-- > 0;) {
			chain->tests[--at] = test_of(&cases[i].conditions[j], holds, chain->start);
			holds = SECCOMP_FIRST_TEST + (seccomp_target)at;
		}
		chain->start = holds;
	}
}

/* ---- halves of arguments ---- */

/* Each test of a whole has room for three of halves. */
static seccomp_target to_halves(seccomp_target target)
{
	return is_test(target) ? SECCOMP_FIRST_TEST + 3 * (target - SECCOMP_FIRST_TEST) : target;
}

static struct test half_test(const struct test *whole, bool high, bool greater)
{
	unsigned int shift = high ? 32 : 0;

	return (struct test){
		.mask = greater ? ALL_BITS : HIGH_BITS | whole->mask >> shift,
		.value = whole->value >> shift & UINT32_MAX,
		.slot = 2 * whole->slot + high,
		.greater = greater,
	};
}

static void split(struct test *halves, seccomp_target at, const struct test *whole)
{
	seccomp_target fails = to_halves(whole->next[0]);
	seccomp_target holds = to_halves(whole->next[1]);

	/* If the high halves are equal, the low ones decide; else the high ones have decided. */
	halves[0] = half_test(whole, true, false);
	halves[1] = half_test(whole, true, true);
	halves[2] = half_test(whole, false, whole->greater);
	halves[0].next[0] = whole->greater ? at + 1 : fails;
	halves[0].next[1] = at + 2;
	halves[1].next[0] = halves[2].next[0] = fails;
	halves[1].next[1] = halves[2].next[1] = holds;
}

static void chain_of_halves(struct chain *halves, const struct chain *wholes)
{
	chain_init(halves, 3 * wholes->count, true, wholes->narrow);
	halves->start = to_halves(wholes->start);
	for (uint32_t i = 0; i < wholes->count; i++)
		split(&halves->tests[3 * (size_t)i], SECCOMP_FIRST_TEST + 3 * i, &wholes->tests[i]);
}

/* ---- tests that are written ---- */

/* A test of a half. */
struct node {
	uint32_t slot;
	uint32_t greater;
	uint32_t mask;
	uint32_t value;
	seccomp_target next[2];
	bool is_start; /* of a call: the accumulator may hold anything */
};

void seccomp_tests_init(struct seccomp_tests *tests)
{
	intern_init(&tests->nodes, sizeof(struct node), offsetof(struct node, is_start));
}

void seccomp_tests_free(struct seccomp_tests *tests)
{
	intern_free(&tests->nodes);
}

static struct node *node_at(const struct seccomp_tests *tests, size_t number)
{
	return (struct node *)tests->nodes.nodes + number;
}

/* Those behind a test come before it, so that their numbers are lower. */
static seccomp_target keep(struct seccomp_tests *tests, const struct chain *chain)
{
	seccomp_target *kept = xrealloc(NULL, chain->count + 1, sizeof(*kept));
	seccomp_target start = chain->start;

	for (size_t i = chain->count; i-- > 0;) {
		const struct test *test = &chain->tests[i];
		struct node node = {
			.slot = test->slot,
			.greater = test->greater,
			.mask = (uint32_t)test->mask,
			.value = (uint32_t)test->value,
		};

		if (!test->reached)
			continue;
		for (unsigned int side = 0; side < 2; side++)
			node.next[side] = is_test(test->next[side])
						  ? kept[test->next[side] - SECCOMP_FIRST_TEST]
						  : test->next[side];
		kept[i] = node.next[0] == node.next[1]
				  ? node.next[0]
				  : SECCOMP_FIRST_TEST + intern_add(&tests->nodes, &node);
	}
	if (is_test(start))
		start = kept[start - SECCOMP_FIRST_TEST];
	if (is_test(start))
		node_at(tests, start - SECCOMP_FIRST_TEST)->is_start = true;
	free(kept);
	return start;
}

static void mark_reached(struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		chain->tests[i].reached = chain->start == SECCOMP_FIRST_TEST + i;
	for (size_t i = 0; i < chain->count; i++)
		for (unsigned int side = 0; side < 2 && chain->tests[i].reached; side++)
			if (is_test(chain->tests[i].next[side]))
				chain->tests[chain->tests[i].next[side] - SECCOMP_FIRST_TEST]
					.reached = true;
}

seccomp_target seccomp_tests_add(struct seccomp_tests *tests, const struct seccomp_case *cases,
				 size_t count, seccomp_target otherwise, bool narrow)
{
	struct chain wholes;
	struct chain halves;
	seccomp_target start;

	chain_of_cases(&wholes, cases, count, otherwise, narrow);
	pass_over_known(&wholes);
	pass_over_idle(&wholes);
	chain_of_halves(&halves, &wholes);
	pass_over_known(&halves);
	pass_over_idle(&halves);
	mark_reached(&halves);
	start = keep(tests, &halves);
	chain_free(&wholes);
	chain_free(&halves);
	return start;
}

/* ---- instructions ---- */

/* What the accumulator holds: some bits of a half. */
struct content {
	enum { NOT_REACHED, ANYTHING, HALF } kind;
	uint32_t slot;
	uint32_t mask;
};

static struct content both(struct content a, struct content b)
{
	if (a.kind == NOT_REACHED)
		return b;
	if (a.kind == HALF && b.kind == HALF && a.slot == b.slot && a.mask == b.mask)
		return a;
	return (struct content){ .kind = ANYTHING };
}

/* BPF_JSET tests bits without touching the others. */
static bool is_of_bits(const struct node *node)
{
	bool one_bit = !(node->mask & (node->mask - 1));

	return !node->greater && node->mask != UINT32_MAX &&
	       (!node->value || (one_bit && node->value == node->mask));
}

static struct content load(struct bpf_asm *a, const struct node *node, struct content has)
{
	struct content needed = { HALF, node->slot, is_of_bits(node) ? UINT32_MAX : node->mask };
	uint32_t argument = node->slot / 2;

	if (has.kind == HALF && has.slot == needed.slot && has.mask == needed.mask)
		return needed;
	if (has.kind != HALF || has.slot != needed.slot || has.mask != UINT32_MAX)
		bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS,
			 node->slot % 2 ? ARGUMENT_HIGH(argument) : ARGUMENT_LOW(argument));
	if (needed.mask != UINT32_MAX)
		bpf_stmt(a, BPF_ALU | BPF_AND | BPF_K, needed.mask);
	return needed;
}

static void jump(struct bpf_asm *a, const struct node *node, const bpf_label next[2])
{
	if (!is_of_bits(node))
		bpf_jump(a, BPF_JMP | (node->greater ? BPF_JGT : BPF_JEQ) | BPF_K, node->value,
			 next[1], next[0]);
	else
		bpf_jump(a, BPF_JMP | BPF_JSET | BPF_K, node->mask, next[node->value != 0],
			 next[node->value == 0]);
}

void seccomp_tests_write(const struct seccomp_tests *tests, struct bpf_asm *a,
			 const bpf_label *labels, const bpf_label *ends)
{
	size_t count = tests->nodes.count;
	struct content *has = xrealloc(NULL, count + 1, sizeof(*has));

	memset(has, 0, (count + 1) * sizeof(*has));
	for (size_t i = count; i-- > 0;) {
		const struct node *node = node_at(tests, i);
		struct content loaded;
		bpf_label next[2];

		if (node->is_start)
			has[i] = (struct content){ .kind = ANYTHING };
		bpf_label_place(a, labels[i]);
		loaded = load(a, node, has[i]);
		for (unsigned int side = 0; side < 2; side++) {
			seccomp_target target = node->next[side];

			next[side] = is_test(target) ? labels[target - SECCOMP_FIRST_TEST]
						     : ends[target];
			if (is_test(target))
				has[target - SECCOMP_FIRST_TEST] =
					both(has[target - SECCOMP_FIRST_TEST], loaded);
		}
		jump(a, node, next);
	}
	free(has);
}
