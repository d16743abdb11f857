// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Every opcode against the calls that do the same: for random policies, some of libseccomp's and
 * some raw programs, and random arguments, what is derived for the ring never allows what the
 * policy denies to one of these calls, and allows what the policy allows to all of them where it
 * looks at nothing that a filter of io_uring cannot see.
 *
 * Which argument is found where in a filter's input, and what the kernel makes of it, is written
 * down here once more: nothing of uring_derive.c's is used. A case is one opcode under one policy
 * with one set of arguments. URING_JAIL_CASES sets their number, URING_JAIL_SEED where they start;
 * a million take about two seconds. A counter-example is shrunk and printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <seccomp.h>

#include "bpf/checker.h"
#include "bpf/interpret.h"
#include "policy/seccomp_policy.h"
#include "policy/uring_derive.h"
#include "support/program.h"
#include "support/random.h"
#include "support/seccomp.h"

#define CASES 1200000
#define INPUTS 4 /* sets of arguments under one policy; 16 times as many where they matter */
#define LONGEST 40
#define CALLS 8 /* of one opcode */
#define FILTER_INPUT 40

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof(*(array))))
#define ARG(n) (offsetof(struct seccomp_data, args) + 8 * (n))

#ifdef __aarch64__
#define LARGEFILE 0400000U
#else
#define LARGEFILE 0100000U
#endif
#define PATH_ONLY 010000000U /* O_PATH */

/* What the kernel shows to an opcode's filter of the arguments of a call that does the same. */
static const struct shown {
	const char *opcode;
	const char *call;
	unsigned int argument;
	size_t offset; /* in the filter's input */
	size_t size;   /* there; in the call it is an int */
} shown[] = {
	{ "socket", "socket", 0, 16, 4 }, /* family */
	/* With SOCK_CLOEXEC and SOCK_NONBLOCK up to Linux 7.2; a call may be without, too. */
	{ "socket", "socket", 1, 20, 4 },
	{ "socket", "socket", 2, 24, 4 },  /* protocol */
	{ "openat", "openat", 2, 16, 8 },  /* flags */
	{ "openat", "openat", 3, 24, 8 },  /* mode */
	{ "openat2", "openat", 2, 16, 8 }, /* flags */
	{ "openat2", "openat", 3, 24, 8 }, /* mode */
};

static bool is_shown(const char *opcode, const char *call, size_t word)
{
	for (uint32_t i = 0; i < COUNT(shown); i++)
		if (!strcmp(shown[i].opcode, opcode) && !strcmp(shown[i].call, call) &&
		    word / 8 == ARG(shown[i].argument) / 8)
			return true;
	return word < offsetof(struct seccomp_data, instruction_pointer); /* number, architecture */
}

/* ---- policies ---- */

struct numbered {
	const char *name;
	int number;
};

/* Every call that the table names, each once. */
static struct numbered all_calls[128];
static uint32_t all_call_count;

static int number_of(const char *name)
{
	for (uint32_t i = 0; i < all_call_count; i++)
		if (!strcmp(all_calls[i].name, name))
			return all_calls[i].number;
	return -1;
}

static bool is_call_of(const char *call, const char *opcode)
{
	const char *name = uring_opcode_by_name(opcode)->syscalls;

	while (*name && strcmp(name, call) != 0)
		name += strlen(name) + 1;
	return *name;
}

static int find_calls(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < COUNT(shown); i++)
		assert_true(is_call_of(shown[i].call, shown[i].opcode));
	for (uint32_t i = 0; i < URING_OPCODE_COUNT; i++)
		for (const char *name = uring_opcodes[i].syscalls; *name;
		     name += strlen(name) + 1) {
			int number = seccomp_syscall_resolve_name(name);

			if (number < 0 || number_of(name) >= 0)
				continue;
			assert_true(all_call_count < COUNT(all_calls));
			all_calls[all_call_count++] = (struct numbered){ name, number };
		}
	/* Without it libseccomp may refuse LOG and NOTIFY for what the kernel here has. */
	seccomp_api_set(5);
	return 0;
}

static int random_call(struct random *random)
{
	return all_calls[random_below(random, all_call_count)].number;
}

/* Of the calls whose arguments a filter sees, one is what most of a policy is about. */
static int random_subject(struct random *random)
{
	static const char *const seen[] = { "socket", "openat", "openat2" };

	return number_of(seen[random_below(random, COUNT(seen))]);
}

/* With a high half now and then: also where the argument is an int, which has none. */
static uint64_t random_wide(struct random *random)
{
	uint64_t low = random_value(random);

	return random_below(random, 4) ? low : (uint64_t)random_value(random) << 32 | low;
}

static uint32_t random_action(struct random *random)
{
	const uint32_t actions[] = {
		SCMP_ACT_ALLOW,	   SCMP_ACT_ALLOW,	  SCMP_ACT_ALLOW,	SCMP_ACT_LOG,
		SCMP_ACT_ERRNO(1), SCMP_ACT_ERRNO(38),	  SCMP_ACT_TRAP,	SCMP_ACT_NOTIFY,
		SCMP_ACT_TRACE(3), SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL_THREAD,
	};

	return actions[random_below(random, COUNT(actions))];
}

static unsigned int random_conditions(struct random *random, unsigned int most,
				      struct scmp_arg_cmp *conditions)
{
	static const enum scmp_compare operators[] = {
		SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,	      SCMP_CMP_EQ,
		SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ,
	};
	unsigned int wanted = random_below(random, most + 1);
	unsigned int count = 0;

	/* libseccomp takes one condition on each argument. */
	for (unsigned int argument = 0; argument < 6 && count < wanted; argument++) {
		if (random_below(random, 2))
			continue;
		conditions[count++] = (struct scmp_arg_cmp){
			.arg = argument,
			.op = operators[random_below(random, COUNT(operators))],
			.datum_a = random_wide(random),
			.datum_b = random_wide(random),
		};
	}
	return count;
}

/*
 * Rules that libseccomp refuses, such as those that say the default once more, are left out.
 * libseccomp 2.5.4 does not come back from some sets of rules for one call that have several
 * conditions each: the first rule has up to three, others have one.
 */
static void library_policy(struct random *random, struct bpf_program *program)
{
	scmp_filter_ctx filter = seccomp_init(random_action(random));
	uint32_t rules = 1 + random_below(random, 6);
	int subject = random_subject(random);
	struct bpf_program exported;
	struct arena arena = { 0 };

	assert_non_null(filter);
#ifdef __x86_64__
	if (!random_below(random, 8))
		assert_int_equal(seccomp_arch_add(filter, SCMP_ARCH_X86), 0);
#endif
	if (!random_below(random, 4))
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree */
	for (uint32_t i = 0; i < rules; i++) {
		struct scmp_arg_cmp conditions[6];
		unsigned int count = random_conditions(random, i ? 1 : 3, conditions);
		int call = random_below(random, 2) ? subject : random_call(random);

		seccomp_rule_add_array(filter, random_action(random), call, count, conditions);
	}
	read_export(filter, &arena, &exported);
	seccomp_release(filter);
	assert_in_range(exported.count, 1, BPF_MAXINSNS);
	memcpy(program->insns, exported.insns, exported.count * sizeof(*exported.insns));
	program->count = exported.count;
	arena_free(&arena);
}

/* Tests numbers of a few calls, the architecture and arguments. */
static void raw_policy(struct random *random, struct bpf_program *program)
{
	static const uint32_t offsets[] = { 0,		4,	    8,	    ARG(0),
					    ARG(0) + 4, ARG(1),	    ARG(2), ARG(2) + 4,
					    ARG(3),	ARG(3) + 4, ARG(4), ARG(5) };
	struct program_test tests[8];
	const struct palette palette = {
		.longest = LONGEST,
		.offsets = offsets,
		.offset_count = COUNT(offsets),
		.tests = tests,
		.test_count = COUNT(tests),
	};

	tests[0] = (struct program_test){ 0, (uint32_t)random_subject(random) };
	tests[1] = (struct program_test){ 0, (uint32_t)random_call(random) };
	tests[2] = (struct program_test){ 4, SECCOMP_ARCH };
	for (uint32_t i = 3; i < COUNT(tests); i++)
		tests[i] = (struct program_test){ offsets[random_below(random, COUNT(offsets))],
						  random_value(random) };
	random_program(random, &palette, program);
}

/* ---- one case ---- */

/* An opcode with what its filter sees, and the calls that do the same to the same arguments. */
struct trial {
	struct bpf_program program;
	const struct uring_opcode *opcode;
	bool named;
	uint8_t input[FILTER_INPUT];
	struct seccomp_data calls[CALLS];
	const char *names[CALLS];
	uint32_t call_count;
};

/* Numbers that the policy compares with, so that arguments meet them. */
static uint64_t random_argument(struct random *random, const struct bpf_program *program)
{
	uint32_t value = program->insns[random_below(random, (uint32_t)program->count)].k;

	switch (random_below(random, 4)) {
	case 0:
		return random_wide(random);
	case 1:
		return value + random_below(random, 3) - 1;
	}
	return value;
}

static void random_calls(struct random *random, struct trial *trial)
{
	trial->call_count = 0;
	for (const char *name = trial->opcode->syscalls; *name; name += strlen(name) + 1) {
		struct seccomp_data *call = &trial->calls[trial->call_count];

		if (number_of(name) < 0)
			continue;
		assert_true(trial->call_count < CALLS);
		trial->names[trial->call_count++] = name;
		*call = (struct seccomp_data){
			.nr = number_of(name),
			.arch = SECCOMP_ARCH,
			.instruction_pointer = random_wide(random),
		};
		for (uint32_t i = 0; i < COUNT(call->args); i++)
			call->args[i] = random_argument(random, &trial->program);
	}
}

/*
 * openat(2) and OPENAT add O_LARGEFILE to what the program wrote, unless it was O_PATH; OPENAT2
 * shows what the program wrote. So a call with O_LARGEFILE is the call without it.
 */
static uint64_t flags_shown(struct random *random, const struct trial *trial, uint32_t flags)
{
	if (!strcmp(trial->opcode->name, "openat"))
		return flags & PATH_ONLY ? flags : flags | LARGEFILE;
	return (uint64_t)(random_below(random, 8) ? 0 : random_word(random)) << 32 | flags |
	       (random_below(random, 2) ? LARGEFILE : 0);
}

static void show(struct random *random, struct trial *trial, const struct shown *item)
{
	uint32_t value = (uint32_t)random_argument(random, &trial->program);
	uint64_t wide = value;

	if (item->size == 8 && item->argument == 2) {
		value &= ~LARGEFILE;
		wide = flags_shown(random, trial, value);
	}
	if (item->size == 8)
		memcpy(trial->input + item->offset, &wide, sizeof(wide));
	else
		memcpy(trial->input + item->offset, &value, sizeof(value));
	for (uint32_t i = 0; i < trial->call_count; i++)
		if (!strcmp(trial->names[i], item->call))
			trial->calls[i].args[item->argument] = value;
}

static void random_arguments(struct random *random, struct trial *trial)
{
	for (size_t i = 0; i < FILTER_INPUT; i++)
		trial->input[i] = (uint8_t)random_word(random);
	trial->input[8] = trial->opcode->number;
	random_calls(random, trial);
	for (uint32_t i = 0; i < COUNT(shown); i++)
		if (!strcmp(shown[i].opcode, trial->opcode->name))
			show(random, trial, &shown[i]);
}

static uint32_t run(const struct bpf_program *program, const struct seccomp_data *call)
{
	uint32_t result;

	assert_int_equal(bpf_interpret(program, call, sizeof(*call), &result), 0);
	return result;
}

/* True if what the policy says of the call hangs on a word that no filter is shown. */
static bool looks_at_hidden(const struct trial *trial, uint32_t call)
{
	static const uint32_t looked = 0x12345678;
	struct sock_filter insns[BPF_MAXINSNS];
	struct bpf_program program = { insns, trial->program.count };

	for (size_t i = 0; i < program.count; i++) {
		insns[i] = trial->program.insns[i];
		if (insns[i].code == (BPF_LD | BPF_W | BPF_ABS) &&
		    !is_shown(trial->opcode->name, trial->names[call], insns[i].k))
			insns[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, looked);
	}
	return run(&program, &trial->calls[call]) == looked;
}

static bool ring_allows(const struct trial *trial, const struct uring_derived *derived)
{
	uint32_t result;

	if (derived->answer != BPF_DEPENDS)
		return derived->answer == BPF_ALLOWED;
	assert_int_equal(bpf_interpret(&derived->program, trial->input, FILTER_INPUT, &result), 0);
	assert_true(result <= 1);
	return result == 1;
}

/*
 * Whatever else a call may say: an opcode that is named is denied if one of its calls is, whatever
 * its arguments, and only then.
 */
static const char *judge_named(const struct trial *trial, const struct uring_derived *derived)
{
	bool ring = ring_allows(trial, derived);
	bool all_allowed = true;

	for (uint32_t i = 0; i < trial->call_count; i++) {
		bool allowed = action_allows(run(&trial->program, &trial->calls[i]));

		if (ring && !allowed && !looks_at_hidden(trial, i))
			return "allows, though it is named, what the policy denies";
		all_allowed = all_allowed && allowed;
	}
	return !ring && all_allowed ? "denies, though it is named, what may be allowed" : NULL;
}

/* NULL if all is well, else what is wrong. */
static const char *judge(const struct trial *trial, const struct uring_derived *derived)
{
	bool ring = ring_allows(trial, derived);
	bool must_allow = true;

	if (derived->reason && strstr(derived->reason, "too complex"))
		return derived->answer == BPF_DENIED ? NULL : "is too complex and not denied";
	if (trial->named)
		return judge_named(trial, derived);
	for (uint32_t i = 0; i < trial->call_count; i++) {
		bool allowed = action_allows(run(&trial->program, &trial->calls[i]));

		if (ring && !allowed)
			return "allows what the policy denies";
		must_allow = must_allow && allowed;
	}
	if (ring || !must_allow)
		return NULL;
	for (uint32_t i = 0; i < trial->call_count; i++)
		if (looks_at_hidden(trial, i))
			return NULL;
	return "denies what the policy allows";
}

static const char *derive_and_judge(const struct trial *trial)
{
	struct bpf_specialiser *specialiser = bpf_specialiser_new(&trial->program);
	struct arena arena = { 0 };
	struct uring_derived derived =
		uring_derive(specialiser, trial->opcode, trial->named, &arena);
	const char *wrong = judge(trial, &derived);

	bpf_specialiser_free(specialiser);
	arena_free(&arena);
	return wrong;
}

static bool is_wrong(void *context)
{
	return derive_and_judge(context) != NULL;
}

static void print_trial(const struct trial *trial, uint64_t number)
{
	printf("# case %llu: what is derived for %s%s %s:\n", (unsigned long long)number,
	       trial->opcode->name, trial->named ? ", named," : "", derive_and_judge(trial));
	program_print(&trial->program);
	for (uint32_t i = 0; i < trial->call_count; i++) {
		const struct seccomp_data *call = &trial->calls[i];

		printf("# %s, number %d, from 0x%llx: answer 0x%x, arguments", trial->names[i],
		       call->nr, (unsigned long long)call->instruction_pointer,
		       run(&trial->program, call));
		for (uint32_t k = 0; k < COUNT(call->args); k++)
			printf(" 0x%llx", (unsigned long long)call->args[k]);
		printf("\n");
	}
	printf("# filter's input:");
	for (size_t i = 0; i < FILTER_INPUT; i += sizeof(uint32_t)) {
		uint32_t word;

		memcpy(&word, trial->input + i, sizeof(word));
		printf(" 0x%x", word);
	}
	printf("\n");
}

/* ---- all of them ---- */

struct tally {
	uint64_t cases;
	uint64_t verdicts[BPF_DEPENDS + 1];
};

static void try_opcode(struct random *random, struct trial *trial,
		       struct bpf_specialiser *specialiser, struct tally *tally)
{
	struct arena arena = { 0 };
	struct error err;
	struct uring_derived derived =
		uring_derive(specialiser, trial->opcode, trial->named, &arena);
	int inputs = derived.answer == BPF_DEPENDS ? 16 * INPUTS : INPUTS;

	if (derived.answer == BPF_DEPENDS)
		assert_int_equal(bpf_check(&derived.program, BPF_URING, &err), 0);
	for (int i = 0; i < inputs; i++) {
		random_arguments(random, trial);
		if (judge(trial, &derived)) {
			program_shrink(&trial->program, is_wrong, trial);
			print_trial(trial, tally->cases);
			fail();
		}
		tally->cases++;
		tally->verdicts[derived.answer]++;
	}
	arena_free(&arena);
}

static void no_opcode_is_allowed_what_its_calls_are_denied(void **state)
{
	uint64_t cases = number_from_environment("URING_JAIL_CASES", CASES);
	struct random random = { number_from_environment("URING_JAIL_SEED", 20260224) };
	struct sock_filter insns[BPF_MAXINSNS];
	struct trial trial = { .program.insns = insns };
	struct tally tally = { 0 };

	(void)state;
	while (tally.cases < cases) {
		struct bpf_specialiser *specialiser;

		if (random_below(&random, 2))
			library_policy(&random, &trial.program);
		else
			raw_policy(&random, &trial.program);
		specialiser = bpf_specialiser_new(&trial.program);
		for (uint32_t i = 0; i < URING_OPCODE_COUNT; i++) {
			trial.opcode = &uring_opcodes[i];
			trial.named = false;
			try_opcode(&random, &trial, specialiser, &tally);
			trial.named = trial.opcode->class == CLASS_OPAQUE;
			if (trial.named)
				try_opcode(&random, &trial, specialiser, &tally);
		}
		bpf_specialiser_free(specialiser);
	}
	/* Each of the three is met often, or the test tries nothing. */
	for (int i = 0; i <= BPF_DEPENDS; i++)
		assert_in_range(tally.verdicts[i], cases / 100, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_opcode_is_allowed_what_its_calls_are_denied),
	};

	return cmocka_run_group_tests(tests, find_calls, NULL);
}
