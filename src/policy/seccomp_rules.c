// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/seccomp_rules.h"

#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/asm.h"
#include "bpf/search.h"
#include "policy/seccomp_conditions.h"
#include "policy/seccomp_policy.h"

/*
 * A search by number, behind it the tests of arguments, and at the end the actions. libseccomp is
 * asked for numbers only: of conditions, version 2.5.4 compiles some sets wrongly (rules are lost,
 * or hold where they should not), and it does not come back from others. Podman's seccomp.json
 * (472 names; libseccomp 2.5.4, 2 cores, a new process each time, JSON apart, about):
 *
 *	                                   compiled in  instructions
 *	libseccomp, x86-64 alone                1.1 ms           375
 *	libseccomp, with x86 and x32             12 ms          1138
 *	the same, as a binary tree               14 ms          1418
 *	as here, with x86 and x32               0.4 ms           365
 */

/* From here on, a system call has one number on every architecture. */
#define FIRST_COMMON_NUMBER 424

#ifdef __x86_64__
#define NATIVE SCMP_ARCH_X86_64
#else
#define NATIVE SCMP_ARCH_AARCH64
#endif

#define DEFAULT_END 0 /* of the ends that tests lead to */

/* What one rule says of one number. */
struct entry {
	unsigned int number;
	unsigned int order;   /* as in the policy */
	unsigned int bundled; /* conditions are on a bundled call, which is this one; or 0 */
	uint32_t action;
	const struct scmp_arg_cmp *conditions;
	unsigned int condition_count;
};

/* What comes of one number, where it is not the default action. */
struct answer {
	uint32_t number;
	seccomp_target target;
};

struct answers {
	ARRAY(struct answer) each; /* by number */
};

struct compiler {
	const struct seccomp_rules *rules;
	struct arena *arena;
	struct bpf_asm assembler;
	struct seccomp_tests tests;
	ARRAY(uint32_t) actions; /* each once */
	bpf_label *ends;	 /* of actions */
	bpf_label *starts;	 /* of tests */
};

/* ---- calls that i386 bundles ---- */

#define BUNDLED_LIMIT 300

/*
 * libseccomp numbers the calls within socketcall(2) from -101 and those within ipc(2) from -201,
 * by their first argument; on other architectures too, and what an architecture lacks below that.
 * ipc(2) has a version in its upper half.
 */
static const struct {
	unsigned int number; /* arch/x86/entry/syscalls/syscall_32.tbl */
	uint64_t mask;
} bundles[] = {
	[1] = { 102, UINT32_MAX },
	[2] = { 117, UINT16_MAX },
};

/* Most of them are calls of their own too, the younger ones of the same table. */
static const unsigned short direct_numbers[BUNDLED_LIMIT] = {
	[101] = 359, [108] = 360, [102] = 361, [103] = 362, [104] = 363, [118] = 364, [115] = 365,
	[114] = 366, [106] = 367, [107] = 368, [111] = 369, [116] = 370, [112] = 371, [117] = 372,
	[113] = 373, [202] = 393, [203] = 394, [223] = 395, [224] = 396, [221] = 397, [222] = 398,
	[213] = 399, [211] = 400, [212] = 401, [214] = 402, [119] = 337, [120] = 345,
};

static bool is_bundled(uint32_t architecture, int number)
{
	return architecture == SCMP_ARCH_X86 && number < -100 && number > -BUNDLED_LIMIT;
}

/* ---- from rules to numbers ---- */

/* Negative where the architecture lacks the call or bundles it with others. */
static int number_on(uint32_t architecture, const struct seccomp_rule *rule)
{
	int number = seccomp_syscall_resolve_name_arch(architecture, rule->name);

	if (number != __NR_SCMP_ERROR)
		return architecture == SCMP_ARCH_X32 && number >= 0 ? number & ~(int)SECCOMP_X32_BIT
								    : number;
	/* libseccomp is older than the call. */
	return architecture == NATIVE || rule->number >= FIRST_COMMON_NUMBER ? rule->number : -1;
}

/* As the kernel orders them: the lower, the more severe. */
static int32_t severity(uint32_t action)
{
	return (int32_t)(action & SECCOMP_RET_ACTION_FULL);
}

/* What is said of numbers on one architecture. */
struct entries {
	ARRAY(struct entry) all;
	/* Bundled calls with a rule that holds always, at hundreds for a whole bundle. */
	bool always[BUNDLED_LIMIT];
};

static void add_bundled(struct compiler *c, struct entries *entries, struct entry entry,
			unsigned int bundled)
{
	const struct scmp_arg_cmp is_it = {
		.arg = 0,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = bundles[bundled / 100].mask,
		.datum_b = bundled % 100,
	};

	if (direct_numbers[bundled]) {
		entry.number = direct_numbers[bundled];
		*array_push(c->arena, &entries->all) = entry;
	}
	if (entry.condition_count)
		entry.bundled = bundled;
	else
		entries->always[bundled] = true;
	entry.number = bundles[bundled / 100].number;
	entry.conditions = arena_memdup(c->arena, &is_it, sizeof(is_it));
	entry.condition_count = 1;
	*array_push(c->arena, &entries->all) = entry;
}

static void add_rule(struct compiler *c, struct entries *entries, uint32_t architecture,
		     unsigned int order)
{
	const struct seccomp_rule *rule = &c->rules->items.items[order];
	struct entry entry = {
		.order = order,
		.action = rule->action,
		.conditions = rule->conditions,
		.condition_count = rule->condition_count,
	};
	int number = number_on(architecture, rule);

	if (is_bundled(architecture, number)) {
		add_bundled(c, entries, entry, (unsigned int)-number);
		return;
	}
	if (number < 0)
		return;
	entry.number = (unsigned int)number;
	*array_push(c->arena, &entries->all) = entry;
	for (unsigned int i = 1; i < sizeof(bundles) / sizeof(*bundles); i++)
		if (architecture == SCMP_ARCH_X86 && entry.number == bundles[i].number &&
		    !entry.condition_count)
			entries->always[100 * i] = true;
}

/*
 * A bundled call's own arguments are in memory, where no filter sees them: a rule may match or
 * not, and what is the more severe is done. Without the rule it would be what another one says,
 * to be sorted out like any two rules, or else the default action.
 */
static void settle_unseen(const struct compiler *c, struct entries *entries)
{
	for (size_t i = 0; i < entries->all.count; i++) {
		struct entry *entry = &entries->all.items[i];
		uint32_t otherwise = c->rules->default_action;

		if (entry->bundled && !entries->always[entry->bundled] &&
		    !entries->always[entry->bundled / 100 * 100] &&
		    severity(otherwise) <= severity(entry->action))
			entry->action = otherwise;
	}
}

/* By number, and then the one that counts first. */
static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a;
	const struct entry *right = b;

	if (left->number != right->number)
		return left->number < right->number ? -1 : 1;
	if (severity(left->action) != severity(right->action))
		return severity(left->action) < severity(right->action) ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

static seccomp_target end_for(struct compiler *c, uint32_t action)
{
	for (size_t i = 0; i < c->actions.count; i++)
		if (c->actions.items[i] == action)
			return (seccomp_target)i;
	*array_push(c->arena, &c->actions) = action;
	return (seccomp_target)(c->actions.count - 1);
}

/* @entries are those of one number, in order; @cases has room for as many. */
static seccomp_target target_of(struct compiler *c, const struct entry *entries, size_t count,
				struct seccomp_case *cases, bool narrow)
{
	seccomp_target otherwise = DEFAULT_END;
	size_t used = 0;

	/* Behind a rule that always matches, none counts. */
	for (size_t i = 0; i < count && entries[i].condition_count; i++)
		cases[used++] = (struct seccomp_case){
			.conditions = entries[i].conditions,
			.count = entries[i].condition_count,
			.end = end_for(c, entries[i].action),
		};
	if (used < count)
		otherwise = end_for(c, entries[used].action);
	if (!used)
		return otherwise;
	return seccomp_tests_add(&c->tests, cases, used, otherwise, narrow);
}

/*
 * An x32 call has the 64-bit registers of a native one. i386's and ARM's have 32 bits: a 64-bit
 * program that makes one with more in its registers is not to get past a test with them.
 */
static bool is_narrow(uint32_t architecture)
{
	return architecture != NATIVE && architecture != SCMP_ARCH_X32;
}

static void find_answers(struct compiler *c, uint32_t architecture, struct answers *answers)
{
	struct entries entries = { 0 };
	struct seccomp_case *cases;
	size_t end;

	for (unsigned int i = 0; i < c->rules->items.count; i++)
		add_rule(c, &entries, architecture, i);
	if (!entries.all.count)
		return;
	settle_unseen(c, &entries);
	qsort(entries.all.items, entries.all.count, sizeof(*entries.all.items), compare_entries);
	cases = arena_alloc(c->arena, entries.all.count * sizeof(*cases));
	for (size_t start = 0; start < entries.all.count; start = end) {
		struct answer answer = { .number = entries.all.items[start].number };

		for (end = start + 1; end < entries.all.count; end++)
			if (entries.all.items[end].number != answer.number)
				break;
		answer.target = target_of(c, &entries.all.items[start], end - start, cases,
					  is_narrow(architecture));
		if (answer.target != DEFAULT_END)
			*array_push(c->arena, &answers->each) = answer;
	}
}

/* ---- the program ---- */

static bpf_label label_of(const struct compiler *c, seccomp_target target)
{
	return target < SECCOMP_FIRST_TEST ? c->ends[target]
					   : c->starts[target - SECCOMP_FIRST_TEST];
}

static bpf_label *new_labels(struct compiler *c, size_t count)
{
	bpf_label *labels = arena_alloc(c->arena, (count + 1) * sizeof(*labels));

	for (size_t i = 0; i < count; i++)
		labels[i] = bpf_label_new(&c->assembler);
	return labels;
}

/* From @base on: 0, or the bit of x32. */
static void add_runs(const struct compiler *c, const struct answers *answers, uint32_t base,
		     struct bpf_runs *runs)
{
	uint32_t next = 0;

	for (size_t i = 0; i < answers->each.count; i++) {
		const struct answer *answer = &answers->each.items[i];

		if (answer->number != next)
			bpf_runs_add(runs, base + next, c->ends[DEFAULT_END]);
		bpf_runs_add(runs, base + answer->number, label_of(c, answer->target));
		next = answer->number + 1;
	}
	bpf_runs_add(runs, base + next, c->ends[DEFAULT_END]);
}

static ptrdiff_t find_other(const struct seccomp_rules *rules, uint32_t architecture)
{
	for (size_t i = 0; i < rules->other_count; i++)
		if (rules->others[i] == architecture)
			return (ptrdiff_t)i;
	return -1;
}

static void write_search(struct compiler *c, const struct bpf_runs *runs)
{
	bpf_stmt(&c->assembler, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	bpf_runs_search(&c->assembler, runs);
}

/* The kernel calls x32 by the name of x86-64; its numbers have a bit set. */
static void write_native(struct compiler *c, const struct answers *answers, bpf_label killed)
{
	ptrdiff_t x32 = find_other(c->rules, SCMP_ARCH_X32);
	struct bpf_runs runs = { .count = 0 };

	add_runs(c, &answers[0], 0, &runs);
	if (x32 >= 0) {
		add_runs(c, &answers[1 + x32], SECCOMP_X32_BIT, &runs);
	} else if (SECCOMP_X32_BIT) {
		bpf_runs_add(&runs, SECCOMP_X32_BIT, killed);
		/* A tracer's: no call at all. */
		bpf_runs_add(&runs, UINT32_MAX, c->ends[DEFAULT_END]);
	}
	write_search(c, &runs);
}

static void write_program(struct compiler *c, const struct answers *answers)
{
	struct bpf_asm *a = &c->assembler;
	bpf_label killed = c->ends[end_for(c, SECCOMP_RET_KILL_PROCESS)];
	bpf_label other = bpf_label_new(a);

	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_ARCH, BPF_NEXT, other);
	write_native(c, &answers[0], killed);
	bpf_label_place(a, other);
	for (size_t i = 0; i < c->rules->other_count; i++) {
		bpf_label behind = bpf_label_new(a);
		struct bpf_runs runs = { .count = 0 };

		if (c->rules->others[i] == SCMP_ARCH_X32)
			continue;
		/* But for x32, libseccomp's numbers of architectures are the kernel's. */
		bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, c->rules->others[i], BPF_NEXT, behind);
		add_runs(c, &answers[1 + i], 0, &runs);
		write_search(c, &runs);
		bpf_label_place(a, behind);
	}
	bpf_goto(a, killed);
	seccomp_tests_write(&c->tests, a, c->starts, c->ends);
	for (size_t i = 0; i < c->actions.count; i++) {
		bpf_label_place(a, c->ends[i]);
		bpf_stmt(a, BPF_RET | BPF_K, c->actions.items[i]);
	}
}

int seccomp_rules_compile(const struct seccomp_rules *rules, struct arena *arena,
			  struct bpf_program *program, struct error *err)
{
	struct compiler c = { .rules = rules, .arena = arena };
	struct answers answers[1 + SECCOMP_RULES_OTHERS] = { 0 };
	int status;

	end_for(&c, rules->default_action);
	end_for(&c, SECCOMP_RET_KILL_PROCESS);
	seccomp_tests_init(&c.tests);
	for (size_t i = 0; i <= rules->other_count; i++)
		find_answers(&c, i ? rules->others[i - 1] : NATIVE, &answers[i]);
	bpf_asm_init(&c.assembler);
	c.ends = new_labels(&c, c.actions.count);
	c.starts = new_labels(&c, seccomp_tests_count(&c.tests));
	write_program(&c, answers);
	status = bpf_asm_finish(&c.assembler, arena, program, err);
	bpf_asm_free(&c.assembler);
	seccomp_tests_free(&c.tests);
	return status;
}
