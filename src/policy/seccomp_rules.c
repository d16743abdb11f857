// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/seccomp_rules.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/asm.h"
#include "bpf/checker.h"
#include "bpf/search.h"
#include "policy/seccomp_policy.h"
#include "util/cleanup.h"

/*
 * Rules without conditions become a search by number, written here; what is left, conditions and
 * the calls that other architectures bundle (socketcall), is libseccomp's, whose program stands
 * behind and has the last word.
 *
 * libseccomp alone takes a multiple of a launch. Podman's seccomp.json (472 names;
 *libseccomp 2.5.4, 2 cores, a new process each time, JSON apart, about):
 *
 *	                                   compiled in  instructions
 *	libseccomp, x86-64 alone                1.1 ms           375
 *	libseccomp, with x86 and x32             12 ms          1138
 *	the same, as a binary tree               14 ms          1418
 *	as here, with x86 and x32               0.6 ms           435
 */

/* From here on, a system call has one number on every architecture. */
#define FIRST_COMMON_NUMBER 424

/* More conditions than instructions that the kernel takes; libseccomp's time is quadratic. */
#define CONDITIONS_LIMIT 1024

#ifdef __x86_64__
#define NATIVE SCMP_ARCH_X86_64
#else
#define NATIVE SCMP_ARCH_AARCH64
#endif

#define OTHERS (sizeof(((struct seccomp_rules *)0)->others) / sizeof(uint32_t))

struct action {
	uint32_t value;
	bpf_label label;
};

struct compiler {
	const struct seccomp_rules *rules;
	struct arena *arena;
	struct bpf_asm assembler;
	struct syscall_set conditional; /* calls with a rule that looks at arguments */
	struct syscall_set several;	/* those with a rule of several conditions */
	struct syscall_set branching;	/* and those where one before the last branches */
	size_t conditions;
	bpf_label rests[1 + OTHERS];  /* libseccomp's programs, the native one first */
	ARRAY(struct action) actions; /* each once */
};

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

/*
 * x86 alone bundles. libseccomp numbers the calls that may be within from -100 to -299, on other
 * architectures too, and what an architecture lacks below that.
 */
static bool is_bundled(uint32_t architecture, int number)
{
	return architecture == SCMP_ARCH_X86 && number <= -100 && number > -300;
}

/* The calls that bundle others are what rules for those others turn into. */
static bool is_bundle(const char *name)
{
	return !strcmp(name, "socketcall") || !strcmp(name, "ipc");
}

/* Calls that the architecture lacks are kept from libseccomp: see check_export(). */
static bool is_left_to_library(const struct compiler *c, uint32_t architecture,
			       const struct seccomp_rule *rule)
{
	int number = number_on(architecture, rule);

	if (rule->action == c->rules->default_action)
		return false;
	if (number < 0)
		return is_bundled(architecture, number);
	if (rule->condition_count || number >= SYSCALL_NUMBERS || is_bundle(rule->name))
		return true;
	/* Beside one without conditions, libseccomp takes no notice of those with. */
	return rule->number >= 0 && syscall_set_has(&c->conditional, (unsigned int)rule->number);
}

/*
 * A condition on 64 bits that is neither EQ nor MASKED_EQ is met by two ways through the halves,
 * and what stands behind it hangs on both. With another rule for the call that has several
 * conditions, libseccomp 2.5.4 ties such a tree into a ring, and goes round in it for ever. Without
 * a second one it came back from each of 160 000 random sets of one to four rules for a call.
 */
static bool may_not_come_back(struct compiler *c, const struct seccomp_rule *rule)
{
	/* Numbers that no set holds are mixed with others: what is refused in vain is rare. */
	unsigned int number = (unsigned int)rule->number % SYSCALL_NUMBERS;
	bool is_second = syscall_set_has(&c->several, number);

	if (rule->condition_count < 2)
		return false;
	syscall_set_put(&c->several, number, true);
	for (unsigned int i = 0; i + 1 < rule->condition_count; i++)
		if (rule->conditions[i].op != SCMP_CMP_EQ &&
		    rule->conditions[i].op != SCMP_CMP_MASKED_EQ)
			syscall_set_put(&c->branching, number, true);
	return is_second && syscall_set_has(&c->branching, number);
}

static int add_to_library(struct compiler *c, scmp_filter_ctx filter,
			  const struct seccomp_rule *rule, struct error *err)
{
	int status;

	c->conditions += rule->condition_count;
	if (c->conditions > CONDITIONS_LIMIT)
		return error_set(err, E2BIG, "more than %d conditions on arguments",
				 CONDITIONS_LIMIT);
	if (may_not_come_back(c, rule)) {
		error_set(err, EINVAL,
			  "two rules for %.64s have several conditions each, and not all of them "
			  "are SCMP_CMP_EQ or SCMP_CMP_MASKED_EQ: libseccomp may not come back "
			  "from that",
			  rule->name);
		error_hint(err, "give all but one of these rules one condition only");
		return -EINVAL;
	}
	status = seccomp_rule_add_array(filter, rule->action, rule->number, rule->condition_count,
					rule->conditions);
	if (status == 0)
		return 0;
	if (status == -EEXIST)
		return error_set(err, EEXIST,
				 "two rules for %.64s have the same conditions, and different "
				 "actions",
				 rule->name);
	if (status == -EFAULT) {
		error_set(err, EINVAL,
			  "libseccomp %d.%d.%d does not know %.64s, and so cannot test its "
			  "arguments on the other architectures that are listed",
			  seccomp_version()->major, seccomp_version()->minor,
			  seccomp_version()->micro, rule->name);
		error_hint(err, "take the other architectures out");
		return -EINVAL;
	}
	return error_set(err, -status, "libseccomp refuses the rule for %.64s: %s", rule->name,
			 strerror(-status));
}

/*
 * libseccomp 2.5.4 forgets to load the call's number where the first call that an architecture's
 * part tests is one that it lacks, and tests the architecture instead.
 */
static int check_export(const struct bpf_program *program, bool has_rules, struct error *err)
{
	const struct sock_filter load_number =
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));

	if (bpf_check(program, BPF_SECCOMP, err) < 0)
		return error_wrap(err, "libseccomp's program");
	if (!has_rules ||
	    (program->count > 2 && !memcmp(&program->insns[2], &load_number, sizeof(load_number))))
		return 0;
	error_set(err, EINVAL, "libseccomp %u.%u.%u compiles it wrongly", seccomp_version()->major,
		  seccomp_version()->minor, seccomp_version()->micro);
	error_hint(err, "take the other architectures out");
	return -EINVAL;
}

/* libseccomp before 2.6 writes programs to descriptors only. */
static int export_library(scmp_filter_ctx filter, struct bpf_program *program, struct error *err)
{
	_cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
	int status;
	off_t size;

	if (fd < 0)
		return error_errno(err, "cannot create a file in memory");
	status = seccomp_export_bpf(filter, fd);
	if (status < 0)
		return error_set(err, -status, "libseccomp cannot compile it: %s",
				 strerror(-status));
	size = lseek(fd, 0, SEEK_END);
	program->count = (size_t)size / sizeof(*program->insns);
	if (program->count > BPF_MAXINSNS)
		return error_set(err, E2BIG, "it has more than %d instructions", BPF_MAXINSNS);
	if (pread(fd, program->insns, (size_t)size, 0) != size)
		return error_errno(err, "cannot read what libseccomp compiled");
	return 0;
}

static scmp_filter_ctx new_library(uint32_t architecture, uint32_t default_action)
{
	scmp_filter_ctx filter = seccomp_init(default_action);

	if (filter &&
	    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
	    (architecture == NATIVE || (seccomp_arch_add(filter, architecture) == 0 &&
					seccomp_arch_remove(filter, NATIVE) == 0)))
		return filter;
	if (filter)
		seccomp_release(filter);
	return NULL;
}

/* Each architecture's is a program of its own: libseccomp's time grows with their square. */
static int write_library(struct compiler *c, uint32_t architecture, struct error *err)
{
	scmp_filter_ctx filter = new_library(architecture, c->rules->default_action);
	struct sock_filter insns[BPF_MAXINSNS];
	struct bpf_program program = { .insns = insns };
	bool has_rules = false;
	int status = 0;

	c->several = c->branching = (struct syscall_set){ 0 };
	if (!filter)
		return error_set(err, EINVAL, "libseccomp cannot start a filter");
	for (size_t i = 0; i < c->rules->items.count && status == 0; i++) {
		const struct seccomp_rule *rule = &c->rules->items.items[i];

		if (!is_left_to_library(c, architecture, rule))
			continue;
		status = add_to_library(c, filter, rule, err);
		has_rules = true;
	}
	if (status == 0)
		status = export_library(filter, &program, err);
	if (status == 0)
		status = check_export(&program, has_rules, err);
	if (status == 0)
		bpf_append(&c->assembler, &program);
	seccomp_release(filter);
	return status;
}

static bpf_label action_label(struct compiler *c, uint32_t value)
{
	struct action *action;

	for (size_t i = 0; i < c->actions.count; i++)
		if (c->actions.items[i].value == value)
			return c->actions.items[i].label;
	action = array_push(c->arena, &c->actions);
	*action = (struct action){ .value = value, .label = bpf_label_new(&c->assembler) };
	return action->label;
}

/* One architecture's numbers, from @base on: 0, or the bit of x32. */
static void add_numbers(struct compiler *c, uint32_t architecture, bpf_label rest, uint32_t base,
			struct bpf_runs *runs)
{
	const struct seccomp_rules *rules = c->rules;
	bpf_label targets[SYSCALL_NUMBERS];

	for (size_t i = 0; i < SYSCALL_NUMBERS; i++)
		targets[i] = rest;
	for (size_t i = 0; i < rules->items.count; i++) {
		const struct seccomp_rule *rule = &rules->items.items[i];
		int number;

		if (rule->condition_count || rule->action == rules->default_action)
			continue;
		number = number_on(architecture, rule);
		/* Of several rules without conditions the first counts. */
		if (number >= 0 && number < SYSCALL_NUMBERS && targets[number] == rest)
			targets[number] = action_label(c, rule->action);
	}
	for (uint32_t i = 0; i < SYSCALL_NUMBERS; i++)
		bpf_runs_add(runs, base + i, targets[i]);
	bpf_runs_add(runs, base + SYSCALL_NUMBERS, rest);
}

static ptrdiff_t find_other(const struct seccomp_rules *rules, uint32_t architecture)
{
	for (size_t i = 0; i < rules->other_count; i++)
		if (rules->others[i] == architecture)
			return (ptrdiff_t)i;
	return -1;
}

/* The kernel calls x32 by the name of x86-64; its numbers have a bit set. */
static void write_native(struct compiler *c)
{
	struct bpf_asm *a = &c->assembler;
	ptrdiff_t x32 = find_other(c->rules, SCMP_ARCH_X32);
	struct bpf_runs runs = { .count = 0 };

	add_numbers(c, NATIVE, c->rests[0], 0, &runs);
	if (x32 >= 0)
		add_numbers(c, SCMP_ARCH_X32, c->rests[1 + x32], SECCOMP_X32_BIT, &runs);
	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	bpf_runs_search(a, &runs);
}

static void write_other(struct compiler *c, size_t index)
{
	struct bpf_asm *a = &c->assembler;
	struct bpf_runs runs = { .count = 0 };

	add_numbers(c, c->rules->others[index], c->rests[1 + index], 0, &runs);
	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	bpf_runs_search(a, &runs);
}

static void write_search(struct compiler *c)
{
	struct bpf_asm *a = &c->assembler;
	bpf_label other = bpf_label_new(a);

	for (size_t i = 0; i < 1 + OTHERS; i++)
		c->rests[i] = bpf_label_new(a);
	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_ARCH, BPF_NEXT, other);
	write_native(c);
	bpf_label_place(a, other);
	for (size_t i = 0; i < c->rules->other_count; i++) {
		bpf_label behind = bpf_label_new(a);

		if (c->rules->others[i] == SCMP_ARCH_X32)
			continue;
		/* But for x32, libseccomp's numbers of architectures are the kernel's. */
		bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, c->rules->others[i], BPF_NEXT, behind);
		write_other(c, i);
		bpf_label_place(a, behind);
	}
	bpf_stmt(a, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	for (size_t i = 0; i < c->actions.count; i++) {
		bpf_label_place(a, c->actions.items[i].label);
		bpf_stmt(a, BPF_RET | BPF_K, c->actions.items[i].value);
	}
}

int seccomp_rules_compile(const struct seccomp_rules *rules, struct arena *arena,
			  struct bpf_program *program, struct error *err)
{
	struct compiler c = { .rules = rules, .arena = arena };
	int status = 0;

	for (size_t i = 0; i < rules->items.count; i++)
		if (rules->items.items[i].condition_count && rules->items.items[i].number >= 0)
			syscall_set_put(&c.conditional, (unsigned int)rules->items.items[i].number,
					true);
	bpf_asm_init(&c.assembler);
	write_search(&c);
	for (size_t i = 0; i <= rules->other_count && status == 0; i++) {
		bpf_label_place(&c.assembler, c.rests[i]);
		status = write_library(&c, i ? rules->others[i - 1] : NATIVE, err);
	}
	if (status == 0)
		status = bpf_asm_finish(&c.assembler, arena, program, err);
	bpf_asm_free(&c.assembler);
	return status;
}
