// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rules of container engines against what they say, worked out here rule by rule.
 *
 * RULES_SETS and RULES_SEED change how many random sets of rules there are, and which.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/checker.h"
#include "policy/seccomp_policy.h"
#include "policy/seccomp_rules.h"
#include "support/random.h"
#include "support/seccomp.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct fixture {
	struct error err;
	struct arena arena;
	struct seccomp_rules rules;
	struct bpf_program program;
	struct random random;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->random.state = number_from_environment("RULES_SEED", 88172645463325252ULL);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->arena);
	free(f);
	return 0;
}

/* ---- ways into the kernel ---- */

struct way {
	uint32_t libseccomp;
	uint32_t arch;
	uint32_t bit;
	bool narrow;
};

static const struct way ways[] = {
#ifdef __x86_64__
	{ SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, 0, false },
	{ SCMP_ARCH_X32, AUDIT_ARCH_X86_64, X32_BIT, false },
	{ SCMP_ARCH_X86, AUDIT_ARCH_I386, 0, true },
#else
	{ SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, 0, false },
	{ SCMP_ARCH_ARM, AUDIT_ARCH_ARM, 0, true },
#endif
};

static const struct way *const native = &ways[0];

static bool is_open(const struct seccomp_rules *rules, const struct way *way)
{
	for (size_t i = 0; i < rules->other_count; i++)
		if (rules->others[i] == way->libseccomp)
			return true;
	return way == native;
}

/* ---- what rules say ---- */

/* An action's place in the list of seccomp(2), the most severe first. */
static size_t place(uint32_t action)
{
	static const uint32_t order[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
		SECCOMP_RET_ERRNO,	  SECCOMP_RET_USER_NOTIF,  SECCOMP_RET_TRACE,
		SECCOMP_RET_LOG,	  SECCOMP_RET_ALLOW,
	};
	size_t i = 0;

	while (order[i] != (action & 0xffff0000))
		i++;
	return i;
}

static bool condition_holds(const struct scmp_arg_cmp *condition, const uint64_t arguments[6],
			    bool narrow)
{
	uint64_t argument = arguments[condition->arg];

	if (narrow)
		argument = (uint32_t)argument;
	switch (condition->op) {
	case SCMP_CMP_NE:
		return argument != condition->datum_a;
	case SCMP_CMP_LT:
		return argument < condition->datum_a;
	case SCMP_CMP_LE:
		return argument <= condition->datum_a;
	case SCMP_CMP_EQ:
		return argument == condition->datum_a;
	case SCMP_CMP_GE:
		return argument >= condition->datum_a;
	case SCMP_CMP_GT:
		return argument > condition->datum_a;
	default:
		return (argument & condition->datum_a) == (condition->datum_b & condition->datum_a);
	}
}

static bool conditions_hold(const struct seccomp_rule *rule, const uint64_t arguments[6],
			    bool narrow)
{
	for (unsigned int i = 0; i < rule->condition_count; i++)
		if (!condition_holds(&rule->conditions[i], arguments, narrow))
			return false;
	return true;
}

/* The number that libseccomp has for a call within another: -101 for socket, by i386. */
static int bundled_number(const struct way *way, unsigned int number, const uint64_t arguments[6])
{
	if (way->arch != AUDIT_ARCH_I386)
		return 0;
	if (number == 102 && (uint32_t)arguments[0] < 100)
		return -100 - (int)(uint32_t)arguments[0];
	if (number == 117 && (arguments[0] & 0xffff) < 100)
		return -200 - (int)(arguments[0] & 0xffff);
	return 0;
}

static bool is_for(const struct seccomp_rule *rule, const struct way *way, unsigned int number)
{
	int own = seccomp_syscall_resolve_name_arch(way->libseccomp, rule->name);
	char *name;
	bool same;

	if (own >= 0)
		return ((unsigned int)own & ~way->bit) == number;
	name = seccomp_syscall_resolve_num_arch(way->libseccomp, (int)number);
	same = name && !strcmp(name, rule->name);
	free(name);
	return same;
}

static uint32_t worse(uint32_t now, uint32_t action)
{
	return place(action) < place(now) ? action : now;
}

#define NOTHING UINT32_MAX

static uint32_t expected(const struct seccomp_rules *rules, const struct way *way,
			 unsigned int number, const uint64_t arguments[6])
{
	int bundled = bundled_number(way, number, arguments);
	uint32_t worst = NOTHING;
	bool always = false;

	for (size_t i = 0; i < rules->items.count; i++) {
		const struct seccomp_rule *rule = &rules->items.items[i];
		int own = seccomp_syscall_resolve_name_arch(way->libseccomp, rule->name);

		if (!rule->condition_count && ((bundled && own == bundled) || own == (int)number))
			always = true;
	}
	for (size_t i = 0; i < rules->items.count; i++) {
		const struct seccomp_rule *rule = &rules->items.items[i];
		uint32_t action = rule->action;

		if (bundled &&
		    bundled == seccomp_syscall_resolve_name_arch(way->libseccomp, rule->name)) {
			/* It may match or not. */
			if (rule->condition_count && !always &&
			    place(rules->default_action) <= place(action))
				action = rules->default_action;
		} else if (!is_for(rule, way, number) ||
			   !conditions_hold(rule, arguments, way->narrow)) {
			continue;
		}
		worst = worst == NOTHING ? action : worse(worst, action);
	}
	return worst == NOTHING ? rules->default_action : worst;
}

/* ---- rules ---- */

static void start_rules(struct fixture *f, uint32_t default_action)
{
	arena_free(&f->arena);
	f->rules = (struct seccomp_rules){ .default_action = default_action };
}

static void open_all_ways(struct fixture *f)
{
	for (size_t i = 1; i < COUNT(ways); i++)
		f->rules.others[f->rules.other_count++] = ways[i].libseccomp;
}

static void add_rule(struct fixture *f, const char *name, uint32_t action,
		     const struct scmp_arg_cmp *conditions, unsigned int count)
{
	*array_push(&f->arena, &f->rules.items) = (struct seccomp_rule){
		.name = name,
		.number = seccomp_syscall_resolve_name(name),
		.action = action,
		.conditions =
			arena_memdup(&f->arena, conditions, (count + 1) * sizeof(*conditions)),
		.condition_count = count,
	};
}

#define IS(argument, operator, number)                                                             \
	{                                                                                          \
		.arg = (argument), .op = SCMP_CMP_##operator, .datum_a =(number)                   \
	}
#define MASKED(argument, mask, number)                                                             \
	{                                                                                          \
		.arg = (argument), .op = SCMP_CMP_MASKED_EQ, .datum_a = (mask),                    \
		.datum_b = (number)                                                                \
	}

/* add(f, "read", ALLOW, IS(0, EQ, 1), MASKED(1, 3, 1)) */
#define add(f, name, action, ...)                                                                  \
	add_rule(f, name, action, (const struct scmp_arg_cmp[]){ __VA_ARGS__, { 0 } },             \
		 COUNT(((const struct scmp_arg_cmp[]){ __VA_ARGS__ })))
#define add_always(f, name, action)                                                                \
	add_rule(f, name, action, (const struct scmp_arg_cmp[]){ { 0 } }, 0)

static void compiles(struct fixture *f)
{
	if (seccomp_rules_compile(&f->rules, &f->arena, &f->program, &f->err) < 0 ||
	    bpf_check(&f->program, BPF_SECCOMP, &f->err) < 0)
		fail_msg("%s", f->err.message);
}

static void print_rules(const struct fixture *f)
{
	static const char *const operators[] = {
		[SCMP_CMP_NE] = "!=",	    [SCMP_CMP_LT] = "<",  [SCMP_CMP_LE] = "<=",
		[SCMP_CMP_EQ] = "==",	    [SCMP_CMP_GE] = ">=", [SCMP_CMP_GT] = ">",
		[SCMP_CMP_MASKED_EQ] = "&",
	};

	for (size_t i = 0; i < f->rules.items.count; i++) {
		const struct seccomp_rule *rule = &f->rules.items.items[i];

		print_message("# %s: %x", rule->name, rule->action);
		for (unsigned int j = 0; j < rule->condition_count; j++)
			print_message(" [%u %s %llx %llx]", rule->conditions[j].arg,
				      operators[rule->conditions[j].op],
				      (unsigned long long)rule->conditions[j].datum_a,
				      (unsigned long long)rule->conditions[j].datum_b);
		print_message("\n");
	}
	print_message("# otherwise: %x\n", f->rules.default_action);
}

/* Returns the action that was right. */
static uint32_t judge(const struct fixture *f, const struct way *way, unsigned int number,
		      const uint64_t arguments[6])
{
	uint32_t action = run_on(&f->program, way->arch, way->bit | number, arguments);
	uint32_t right = expected(&f->rules, way, number, arguments);

	if (action != right) {
		print_rules(f);
		fail_msg("arch %x, call %u, arguments %llx %llx %llx: %x instead of %x", way->arch,
			 number, (unsigned long long)arguments[0], (unsigned long long)arguments[1],
			 (unsigned long long)arguments[2], action, right);
	}
	return right;
}

/* All that three arguments of a few values can be. */
static void judge_all(const struct fixture *f, unsigned int number)
{
	static const uint64_t values[] = {
		0,	     1,		  2,	       3,	    4,
		6,	     7,		  UINT32_MAX,  0x100000000, 0x100000001,
		0x100000002, 0x100000003, 0x100000004, 0x200000000, UINT64_MAX,
	};
	const size_t count = COUNT(values);

	for (size_t i = 0; i < count * count * count; i++)
		judge(f, native, number,
		      (uint64_t[6]){ values[i % count], values[i / count % count],
				     values[i / count / count] });
}

/* ---- sets that libseccomp 2.5.4 compiles wrongly ---- */

/* It loses the second one where the first one's argument was tested. */
static void a_rule_is_not_lost_beside_one_for_the_other_value(void **state)
{
	static const uint32_t actions[][3] = { { ALLOW, DENY(EPERM), DENY(EACCES) },
					       { DENY(EPERM), ALLOW, ALLOW } };
	const uint64_t second[6] = { 7, 5 };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(actions); i++) {
		start_rules(f, actions[i][0]);
		add(f, "socket", actions[i][1], IS(1, EQ, 2));
		add(f, "socket", actions[i][2], MASKED(0, 3, 3), IS(1, NE, 2));
		compiles(f);
		assert_int_equal(run_on(&f->program, native->arch, __NR_socket, second),
				 actions[i][2]);
		judge_all(f, __NR_socket);
	}
}

/* It has the second one hold from 3 on, whatever the higher half. */
static void a_high_half_is_not_lost_beside_a_rule_for_small_values(void **state)
{
	static const uint32_t actions[][2] = { { ALLOW, DENY(EPERM) }, { DENY(EPERM), ALLOW } };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(actions); i++) {
		start_rules(f, actions[i][0]);
		add(f, "socket", actions[i][1], IS(2, LT, 1));
		add(f, "socket", actions[i][1], IS(2, GE, 0x100000003));
		compiles(f);
		assert_int_equal(ask(&f->program, __NR_socket, 0, 0, 4), actions[i][0]);
		assert_int_equal(ask(&f->program, __NR_socket, 0, 0, 0x100000002), actions[i][0]);
		assert_int_equal(ask(&f->program, __NR_socket, 0, 0, 0x100000003), actions[i][1]);
		judge_all(f, __NR_socket);
	}
}

/* It goes round in a ring. */
static void rules_with_several_branching_conditions_work(void **state)
{
	struct fixture *f = *state;

	start_rules(f, DENY(EPERM));
	add(f, "socket", SECCOMP_RET_LOG, IS(2, GE, 3));
	add(f, "socket", ALLOW, IS(0, GT, 2), IS(1, LT, 1));
	add(f, "socket", ALLOW, IS(0, GT, 2), IS(2, GT, 2));
	compiles(f);
	judge_all(f, __NR_socket);
}

/* The third one is reached with the accumulator masked by the first one's mask or the second's. */
static void a_mask_is_not_taken_for_another(void **state)
{
	struct fixture *f = *state;

	start_rules(f, ALLOW);
	add(f, "socket", DENY(EPERM), IS(1, EQ, 0), MASKED(0, 3, 1));
	add(f, "socket", DENY(EPERM), IS(1, NE, 0), MASKED(0, 6, 2));
	add(f, "socket", DENY(EPERM), MASKED(0, 3, 2));
	compiles(f);
	judge_all(f, __NR_socket);
}

/* ---- which rule counts ---- */

static void the_most_severe_action_wins(void **state)
{
	static const uint32_t order[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
		SECCOMP_RET_TRAP,	  DENY(EACCES),
		SECCOMP_RET_USER_NOTIF,	  SECCOMP_RET_TRACE,
		SECCOMP_RET_LOG,	  SECCOMP_RET_ALLOW,
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(order); i++)
		for (size_t j = 0; j < COUNT(order); j++) {
			uint32_t wins = order[i < j ? i : j];

			start_rules(f, DENY(ENOSYS));
			add_always(f, "read", order[i]);
			add_always(f, "read", order[j]);
			add_always(f, "socket", order[i]);
			add(f, "socket", order[j], IS(0, EQ, 1));
			add(f, "connect", order[i], IS(0, GE, 1));
			add(f, "connect", order[j], IS(1, EQ, 1));
			compiles(f);
			assert_int_equal(ask(&f->program, __NR_read, 0, 0, 0), wins);
			assert_int_equal(ask(&f->program, __NR_socket, 1, 0, 0), wins);
			assert_int_equal(ask(&f->program, __NR_socket, 0, 0, 0), order[i]);
			assert_int_equal(ask(&f->program, __NR_connect, 1, 1, 0), wins);
			assert_int_equal(ask(&f->program, __NR_connect, 0, 1, 0), order[j]);
			assert_int_equal(ask(&f->program, __NR_connect, 1, 0, 0), order[i]);
			assert_int_equal(ask(&f->program, __NR_connect, 0, 0, 0), DENY(ENOSYS));
		}
}

static void the_first_errno_counts(void **state)
{
	struct fixture *f = *state;

	start_rules(f, ALLOW);
	add(f, "socket", DENY(EPERM), IS(0, EQ, 1));
	add(f, "socket", DENY(EACCES), IS(1, EQ, 1));
	add_always(f, "read", DENY(EPERM));
	add_always(f, "read", DENY(EACCES));
	compiles(f);
	assert_int_equal(ask(&f->program, __NR_socket, 1, 1, 0), DENY(EPERM));
	assert_int_equal(ask(&f->program, __NR_socket, 0, 1, 0), DENY(EACCES));
	assert_int_equal(ask(&f->program, __NR_read, 0, 0, 0), DENY(EPERM));
}

/* libseccomp takes none with it. */
static void a_rule_with_the_default_action_counts(void **state)
{
	struct fixture *f = *state;

	start_rules(f, DENY(EPERM));
	add_always(f, "socket", ALLOW);
	add(f, "socket", DENY(EPERM), IS(0, EQ, 1));
	compiles(f);
	assert_int_equal(ask(&f->program, __NR_socket, 1, 0, 0), DENY(EPERM));
	assert_int_equal(ask(&f->program, __NR_socket, 2, 0, 0), ALLOW);
}

/* ---- other ways into the kernel ---- */

#ifdef __x86_64__
#define SOCKETCALL 102
#define IPC 117

static uint32_t on_i386(const struct fixture *f, unsigned int number, uint64_t first)
{
	return run_on(&f->program, AUDIT_ARCH_I386, number, (uint64_t[6]){ first });
}

static void what_bundles_a_call_is_no_way_round_its_rules(void **state)
{
	struct fixture *f = *state;

	start_rules(f, ALLOW);
	open_all_ways(f);
	add_always(f, "socketcall", ALLOW);
	add_always(f, "bind", DENY(EACCES));
	add(f, "socket", DENY(EPERM), IS(0, EQ, 16));
	add_always(f, "semget", DENY(EPERM));
	compiles(f);
	assert_int_equal(on_i386(f, SOCKETCALL, 1), DENY(EPERM));
	assert_int_equal(on_i386(f, SOCKETCALL, GARBAGE | 2), DENY(EACCES));
	assert_int_equal(on_i386(f, SOCKETCALL, 3), ALLOW);
	assert_int_equal(on_i386(f, 359, 16), DENY(EPERM));
	assert_int_equal(on_i386(f, 359, GARBAGE | 16), DENY(EPERM));
	assert_int_equal(on_i386(f, 359, 2), ALLOW);
	assert_int_equal(on_i386(f, 361, 0), DENY(EACCES));
	assert_int_equal(on_i386(f, IPC, 2), DENY(EPERM));
	assert_int_equal(on_i386(f, IPC, 0x10002), DENY(EPERM));
	assert_int_equal(on_i386(f, IPC, 1), ALLOW);
}

static void x32_is_killed_where_it_is_not_open(void **state)
{
	struct fixture *f = *state;

	for (int open = 0; open < 2; open++) {
		start_rules(f, DENY(EPERM));
		if (open)
			open_all_ways(f);
		add(f, "read", ALLOW, IS(0, EQ, 1));
		compiles(f);
		assert_int_equal(ask(&f->program, X32_BIT | __NR_read, 1, 0, 0),
				 open ? ALLOW : KILL);
		assert_int_equal(ask(&f->program, X32_BIT | __NR_read, GARBAGE | 1, 0, 0),
				 open ? DENY(EPERM) : KILL);
		assert_int_equal(ask(&f->program, X32_BIT - 1, 0, 0, 0), DENY(EPERM));
		assert_int_equal(ask(&f->program, UINT32_MAX - 1, 0, 0, 0),
				 open ? DENY(EPERM) : KILL);
		/* What a tracer writes to skip a call. */
		assert_int_equal(ask(&f->program, UINT32_MAX, 0, 0, 0), DENY(EPERM));
		assert_int_equal(on_i386(f, 3, GARBAGE | 1), open ? ALLOW : KILL);
	}
}

/* The tests of waitpid are those that follow the first one of personality. */
static void what_calls_share_is_loaded_for_each(void **state)
{
	struct fixture *f = *state;

	start_rules(f, DENY(EPERM));
	open_all_ways(f);
	add(f, "personality", SECCOMP_RET_LOG, IS(0, EQ, 5));
	add(f, "personality", ALLOW, IS(0, EQ, 136));
	add(f, "waitpid", ALLOW, IS(0, EQ, 136));
	compiles(f);
	assert_int_equal(on_i386(f, 136, 5), SECCOMP_RET_LOG);
	assert_int_equal(on_i386(f, 136, 136), ALLOW);
	assert_int_equal(on_i386(f, 7, 136), ALLOW);
	assert_int_equal(on_i386(f, 7, 7), DENY(EPERM));
}

static void conditions_that_are_not_seen_allow_nothing(void **state)
{
	static const uint64_t socket = 1;
	struct fixture *f = *state;

	start_rules(f, DENY(EPERM));
	open_all_ways(f);
	add(f, "socket", ALLOW, IS(0, EQ, 1));
	compiles(f);
	assert_int_equal(on_i386(f, 359, 1), ALLOW);
	assert_int_equal(on_i386(f, SOCKETCALL, socket), DENY(EPERM));
	add_always(f, "socketcall", ALLOW);
	compiles(f);
	assert_int_equal(on_i386(f, SOCKETCALL, socket), ALLOW);
	add(f, "socket", KILL, IS(1, EQ, 1));
	compiles(f);
	assert_int_equal(on_i386(f, SOCKETCALL, socket), KILL);
}
#endif

/* Each call has one rule at most, of one condition at most: that is what libseccomp gets right. */
static void start_library(struct fixture *f, const struct way *way, scmp_filter_ctx *library)
{
	start_rules(f, DENY(EPERM));
	open_all_ways(f);
	*library = seccomp_init(DENY(EPERM));
	seccomp_attr_set(*library, SCMP_FLTATR_ACT_BADARCH, KILL);
	if (way != native) {
		seccomp_arch_add(*library, way->libseccomp);
		seccomp_arch_remove(*library, native->libseccomp);
	}
}

static void allow_in_both(struct fixture *f, scmp_filter_ctx library, const char *name,
			  const struct scmp_arg_cmp *conditions, unsigned int count)
{
	add_rule(f, arena_strdup(&f->arena, name), ALLOW, conditions, count);
	assert_int_equal(seccomp_rule_add_array(library, ALLOW, seccomp_syscall_resolve_name(name),
						count, conditions),
			 0);
}

static void compare_with_library(struct fixture *f, const struct way *way, scmp_filter_ctx library)
{
	struct bpf_program program;

	read_export(library, &f->arena, &program);
	seccomp_release(library);
	compiles(f);
	for (unsigned int number = 0; number < 500; number++)
		for (uint64_t value = 0; value < 25; value++) {
			const uint64_t arguments[6] = { value, value % 5 };
			uint32_t theirs = run_on(&program, way->arch, way->bit | number, arguments);

			if (run_on(&f->program, way->arch, way->bit | number, arguments) != theirs)
				fail_msg("arch %x, call %u, argument %u: libseccomp says %x",
					 way->arch, number, (unsigned int)value, theirs);
		}
}

static void calls_have_the_numbers_that_libseccomp_has(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(ways); i++)
		/* Every third: another one cannot stand in for it. */
		for (int rest = 0; rest < 3; rest++) {
			scmp_filter_ctx library;

			start_library(f, &ways[i], &library);
			for (int number = -224; number < 480; number++) {
				char *name = seccomp_syscall_resolve_num_arch(
					ways[i].libseccomp, number | (int)ways[i].bit);

				if (name && (number + 300) % 3 == rest &&
				    strcmp(name, "ipc") != 0 && strcmp(name, "socketcall") != 0)
					allow_in_both(f, library, name,
						      (struct scmp_arg_cmp[]){ { 0 } }, 0);
				free(name);
			}
			compare_with_library(f, &ways[i], library);
		}
}

static void one_condition_is_what_libseccomp_makes_of_it(void **state)
{
	static const char *const names[] = { "read", "ioctl", "openat", "personality", "fcntl" };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(ways); i++)
		for (unsigned int op = SCMP_CMP_NE; op <= SCMP_CMP_MASKED_EQ; op++) {
			scmp_filter_ctx library;

			start_library(f, &ways[i], &library);
			for (size_t j = 0; j < COUNT(names); j++) {
				const struct scmp_arg_cmp conditions[] = {
					{ .arg = 1,
					  .op = (enum scmp_compare)op,
					  .datum_a = j,
					  .datum_b = 1 },
					{ 0 }
				};

				allow_in_both(f, library, names[j], conditions, 1);
			}
			compare_with_library(f, &ways[i], library);
		}
}

/* ---- programs are short ---- */

static size_t instructions(const struct bpf_program *program, uint16_t class)
{
	size_t count = 0;

	for (size_t i = 0; i < program->count; i++)
		count += BPF_CLASS(program->insns[i].code) == class;
	return count;
}

static void nothing_is_loaded_or_tested_twice(void **state)
{
	static const uint64_t personalities[] = { 0, 8, 0x20000, 0x20008, 0xffffffff };
	size_t loads;
	size_t jumps;
	struct fixture *f = *state;

	start_rules(f, DENY(ENOSYS));
	add_always(f, "personality", ALLOW);
	compiles(f);
	loads = instructions(&f->program, BPF_LD);
	jumps = instructions(&f->program, BPF_JMP);
	start_rules(f, DENY(ENOSYS));
	for (size_t i = 0; i < COUNT(personalities); i++)
		add(f, "personality", ALLOW, IS(0, EQ, personalities[i]));
	compiles(f);
	assert_int_equal(instructions(&f->program, BPF_LD), loads + 2);
	assert_int_equal(instructions(&f->program, BPF_JMP), jumps + 6);

	/* Docker's for clone: no flag is in the higher half. */
	start_rules(f, DENY(ENOSYS));
	add(f, "clone", ALLOW, MASKED(0, 0x7e020000, 0));
	compiles(f);
	assert_int_equal(instructions(&f->program, BPF_LD), loads + 1);
	assert_int_equal(instructions(&f->program, BPF_JMP), jumps + 1);
	assert_int_equal(instructions(&f->program, BPF_ALU), 0);

	/* Podman's rules for socket: two conditions of four. */
	start_rules(f, DENY(ENOSYS));
	add(f, "socket", DENY(EINVAL), IS(0, EQ, 16), IS(2, EQ, 9));
	add(f, "socket", ALLOW, IS(2, NE, 9));
	add(f, "socket", ALLOW, IS(0, NE, 16));
	compiles(f);
	assert_int_equal(instructions(&f->program, BPF_LD), loads + 4);
	assert_int_equal(instructions(&f->program, BPF_JMP), jumps + 4);
	judge_all(f, __NR_socket);
}

/* ---- random rules ---- */

static const char *const random_names[] = {
	"socket", "socket", "openat", "personality", "semget", "socketcall", "ipc", "recv",
};

static uint64_t random_half(struct random *random)
{
	static const uint32_t halves[] = { 0, 0, 0, 1,		2,	    3,
					   4, 5, 6, 0x7fffffff, 0x80000000, UINT32_MAX };

	return halves[random_below(random, COUNT(halves))];
}

static uint64_t random_number(struct random *random)
{
	return random_half(random) << 32 | random_half(random);
}

static uint32_t random_action(struct random *random)
{
	static const uint32_t actions[] = {
		ALLOW,
		ALLOW,
		DENY(EPERM),
		DENY(EACCES),
		DENY(ENOSYS),
		SECCOMP_RET_LOG,
		SECCOMP_RET_TRAP,
		SECCOMP_RET_KILL_THREAD,
		KILL,
		SECCOMP_RET_TRACE,
		SECCOMP_RET_USER_NOTIF,
	};

	return actions[random_below(random, COUNT(actions))];
}

static void random_rules(struct fixture *f)
{
	const char *first = random_names[random_below(&f->random, COUNT(random_names))];
	const char *second = random_names[random_below(&f->random, COUNT(random_names))];

	start_rules(f, random_action(&f->random));
	if (random_below(&f->random, 2))
		open_all_ways(f);
	for (uint32_t i = 1 + random_below(&f->random, 8); i > 0; i--) {
		struct scmp_arg_cmp conditions[5] = { 0 };
		unsigned int count =
			random_below(&f->random, 8) ? 1 + random_below(&f->random, 4) : 0;

		for (unsigned int j = 0; j < count; j++)
			conditions[j] = (struct scmp_arg_cmp){
				.arg = random_below(&f->random, 3),
				.op = (enum scmp_compare)(SCMP_CMP_NE +
							  random_below(&f->random, 7)),
				.datum_a = random_number(&f->random),
				.datum_b = random_number(&f->random),
			};
		add_rule(f, random_below(&f->random, 3) ? first : second, random_action(&f->random),
			 conditions, count);
	}
}

/* Often next to what a condition compares with. */
static uint64_t random_argument(struct fixture *f)
{
	const struct seccomp_rule *rule =
		&f->rules.items.items[random_below(&f->random, (uint32_t)f->rules.items.count)];
	const struct scmp_arg_cmp *condition = rule->conditions;

	if (rule->condition_count)
		condition += random_below(&f->random, rule->condition_count);
	switch (random_below(&f->random, 8)) {
	case 0:
	case 1:
		return condition->datum_a;
	case 2:
		return condition->datum_a + 1;
	case 3:
		return condition->datum_a - 1;
	case 4:
		return condition->datum_b;
	case 5:
		return (condition->datum_b & condition->datum_a) |
		       (random_number(&f->random) & ~condition->datum_a);
	case 6:
		return condition->datum_a << 32 | condition->datum_a >> 32;
	}
	return random_number(&f->random);
}

static unsigned int random_call(struct fixture *f, const struct way *way)
{
	static const unsigned int bundles[] = { 102, 117, 359, 393 };
	uint32_t rule = random_below(&f->random, (uint32_t)f->rules.items.count);
	int number =
		seccomp_syscall_resolve_name_arch(way->libseccomp, f->rules.items.items[rule].name);

	if (number < 0)
		return bundles[random_below(&f->random, COUNT(bundles))];
	return (unsigned int)number & ~way->bit;
}

static void random_rules_do_what_they_say(void **state)
{
	uint64_t sets = number_from_environment("RULES_SETS", 4000);
	struct fixture *f = *state;
	size_t defaults = 0;
	size_t others = 0;

	for (uint64_t i = 0; i < sets; i++) {
		random_rules(f);
		compiles(f);
		for (int tries = 0; tries < 100; tries++) {
			const struct way *way = &ways[random_below(&f->random, COUNT(ways))];
			uint64_t arguments[6] = { random_argument(f), random_argument(f),
						  random_argument(f) };
			unsigned int number;

			if (!is_open(&f->rules, way))
				way = native;
			number = random_call(f, way);
			if (random_below(&f->random, 2) && (number == 102 || number == 117))
				arguments[0] = random_below(&f->random, 12);
			if (judge(f, way, number, arguments) == f->rules.default_action)
				defaults++;
			else
				others++;
		}
	}
	/* Both happen often, or little was shown. */
	assert_in_range(defaults, sets * 100 / 4, sets * 100 * 3 / 4);
	assert_int_equal(defaults + others, sets * 100);
}

/* As many conditions as a policy may have, of one call: bounded in time, and still right. */
static void as_many_conditions_as_there_may_be_take_no_time(void **state)
{
	struct fixture *f = *state;

	start_rules(f, DENY(EPERM));
	open_all_ways(f);
	for (uint64_t i = 0; i < SECCOMP_CONDITIONS_LIMIT; i++)
		add(f, "socket", ALLOW, IS(0, EQ, i * i << 5));
	alarm(60);
	compiles(f);
	alarm(0);
	for (uint64_t i = 0; i < 1000; i++)
		judge(f, native, __NR_socket, (uint64_t[6]){ i << 5 });
	assert_int_equal(ask(&f->program, __NR_socket, 1023 * 1023 << 5, 0, 0), ALLOW);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_rule_is_not_lost_beside_one_for_the_other_value),
		TEST(a_high_half_is_not_lost_beside_a_rule_for_small_values),
		TEST(rules_with_several_branching_conditions_work),
		TEST(a_mask_is_not_taken_for_another),
		TEST(the_most_severe_action_wins),
		TEST(the_first_errno_counts),
		TEST(a_rule_with_the_default_action_counts),
#ifdef __x86_64__
		TEST(what_bundles_a_call_is_no_way_round_its_rules),
		TEST(x32_is_killed_where_it_is_not_open),
		TEST(what_calls_share_is_loaded_for_each),
		TEST(conditions_that_are_not_seen_allow_nothing),
#endif
		TEST(calls_have_the_numbers_that_libseccomp_has),
		TEST(one_condition_is_what_libseccomp_makes_of_it),
		TEST(nothing_is_loaded_or_tested_twice),
		TEST(random_rules_do_what_they_say),
		TEST(as_many_conditions_as_there_may_be_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
