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
#include "util/file.h"

/*
 * Rules without conditions become a search by number, written here; what is left, conditions and
 * the calls that other architectures bundle (socketcall), is libseccomp's, whose program stands
 * behind and has the last word.
 *
 * libseccomp alone takes a multiple of a launch. Podman's seccomp.json (435 names; 2 cores, a new
 * process each time, about):
 *
 *	                                      compiled in   instructions
 *	libseccomp, x86-64 alone                   1.1 ms            375
 *	libseccomp, with x86 and x32                12 ms           1138
 *	libseccomp, so, as a binary tree            14 ms           1418
 *	as here, with x86 and x32                  @@ ms            @@@
 */

/* From here on, a system call has one number on every architecture. */
#define FIRST_COMMON_NUMBER 424

/* More conditions than instructions that the kernel takes; libseccomp's time is quadratic. */
#define CONDITIONS_LIMIT 1024

#ifdef __x86_64__
#define NATIVE SCMP_ARCH_X86_64
#define X32_BIT 0x40000000U
#else
#define NATIVE SCMP_ARCH_AARCH64
#define X32_BIT 0U
#endif

struct action {
	uint32_t value;
	bpf_label label;
};

struct compiler {
	const struct seccomp_rules *rules;
	struct bpf_asm assembler;
	scmp_filter_ctx filter;		/* what is left to libseccomp */
	struct syscall_set conditional; /* calls with a rule that looks at arguments */
	size_t conditions;
	bpf_label rest; /* its program */
	struct arena *arena;
	ARRAY(struct action) actions; /* each once */
};

static bool says_nothing(const struct seccomp_rules *rules, const struct seccomp_rule *rule)
{
	return rule->action == rules->default_action;
}

/* Negative where the architecture lacks the call or bundles it with others. */
static int number_on(uint32_t architecture, const struct seccomp_rule *rule)
{
	int number = seccomp_syscall_resolve_name_arch(architecture, rule->name);

	if (number != __NR_SCMP_ERROR)
		return architecture == SCMP_ARCH_X32 && number >= 0 ? number & ~(int)X32_BIT
								    : number;
	/* libseccomp is older than the call. */
	return architecture == NATIVE || rule->number >= FIRST_COMMON_NUMBER ? rule->number : -1;
}

/* libseccomp numbers what is bundled from -100 to -299, and what is not there below that. */
static bool is_bundled(int number)
{
	return number <= -100 && number > -300;
}

/* The calls that bundle others are what rules for those others turn into. */
static bool is_bundle(const char *name)
{
	return !strcmp(name, "socketcall") || !strcmp(name, "ipc");
}

static bool is_left_to_library(const struct compiler *c, const struct seccomp_rule *rule)
{
	if (rule->condition_count)
		return true;
	/* Beside one without conditions, libseccomp takes no notice of those with. */
	if (rule->number >= 0 && syscall_set_has(&c->conditional, (unsigned int)rule->number))
		return true;
	for (size_t i = 0; i < c->rules->other_count; i++) {
		int number = number_on(c->rules->others[i], rule);

		if (number >= SYSCALL_NUMBERS || is_bundled(number) || is_bundle(rule->name))
			return true;
	}
	return false;
}

static int add_to_library(struct compiler *c, const struct seccomp_rule *rule, struct error *err)
{
	int status;

	c->conditions += rule->condition_count;
	if (c->conditions > CONDITIONS_LIMIT)
		return error_set(err, E2BIG, "more than %d conditions on arguments",
				 CONDITIONS_LIMIT);
	status = seccomp_rule_add_array(c->filter, rule->action, rule->number,
					rule->condition_count, rule->conditions);
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

static int fill_library(struct compiler *c, struct error *err)
{
	const struct seccomp_rules *rules = c->rules;
	int status = 0;

	c->filter = seccomp_init(rules->default_action);
	if (!c->filter)
		return error_set(err, EINVAL, "libseccomp refuses the default action");
	seccomp_attr_set(c->filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; i < rules->other_count; i++)
		if (seccomp_arch_add(c->filter, rules->others[i]) < 0)
			return error_set(err, EINVAL, "libseccomp refuses an architecture");
	for (size_t i = 0; i < rules->items.count; i++)
		if (rules->items.items[i].condition_count && rules->items.items[i].number >= 0)
			syscall_set_put(&c->conditional, (unsigned int)rules->items.items[i].number,
					true);
	for (size_t i = 0; i < rules->items.count && status == 0; i++) {
		const struct seccomp_rule *rule = &rules->items.items[i];

		if ((rule->number >= 0 || rules->other_count) && !says_nothing(rules, rule) &&
		    is_left_to_library(c, rule))
			status = add_to_library(c, rule, err);
	}
	return status;
}

/* libseccomp before 2.6 writes programs to descriptors only. */
static int append_library(struct compiler *c, struct error *err)
{
	_cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
	struct sock_filter insns[BPF_MAXINSNS];
	struct bpf_program program = { .insns = insns };
	ssize_t length;
	int status;

	if (fd < 0)
		return error_errno(err, "cannot create a file in memory");
	status = seccomp_export_bpf(c->filter, fd);
	if (status < 0)
		return error_set(err, -status, "libseccomp cannot compile it: %s",
				 strerror(-status));
	if (lseek(fd, 0, SEEK_END) > (off_t)sizeof(insns))
		return error_set(err, E2BIG, "it has more than %d instructions", BPF_MAXINSNS);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return error_errno(err, "cannot read what libseccomp compiled");
	length = file_read(fd, insns, sizeof(insns));
	if (length < 0)
		return error_errno(err, "cannot read what libseccomp compiled");
	program.count = (size_t)length / sizeof(*insns);
	if (bpf_check(&program, BPF_SECCOMP, err) < 0)
		return error_wrap(err, "libseccomp's program");
	bpf_label_place(&c->assembler, c->rest);
	bpf_append(&c->assembler, &program);
	return 0;
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
static void add_numbers(struct compiler *c, uint32_t architecture, uint32_t base,
			struct bpf_runs *runs)
{
	const struct seccomp_rules *rules = c->rules;
	bpf_label targets[SYSCALL_NUMBERS];

	for (size_t i = 0; i < SYSCALL_NUMBERS; i++)
		targets[i] = c->rest;
	for (size_t i = 0; i < rules->items.count; i++) {
		const struct seccomp_rule *rule = &rules->items.items[i];
		int number;

		if (rule->condition_count || says_nothing(rules, rule))
			continue;
		number = number_on(architecture, rule);
		/* Of several rules without conditions the first counts. */
		if (number >= 0 && number < SYSCALL_NUMBERS && targets[number] == c->rest)
			targets[number] = action_label(c, rule->action);
	}
	for (uint32_t i = 0; i < SYSCALL_NUMBERS; i++)
		bpf_runs_add(runs, base + i, targets[i]);
	bpf_runs_add(runs, base + SYSCALL_NUMBERS, c->rest);
}

/* x32's calls are those of the native architecture as a program sees it, with a bit set. */
static void write_architecture(struct compiler *c, uint32_t architecture, uint32_t audit, bool x32)
{
	struct bpf_asm *a = &c->assembler;
	bpf_label behind = bpf_label_new(a);
	struct bpf_runs runs = { .count = 0 };

	add_numbers(c, architecture, 0, &runs);
	if (x32)
		add_numbers(c, SCMP_ARCH_X32, X32_BIT, &runs);
	bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, audit, BPF_NEXT, behind);
	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	bpf_runs_search(a, &runs);
	bpf_label_place(a, behind);
}

static bool is_listed(const struct seccomp_rules *rules, uint32_t architecture)
{
	for (size_t i = 0; i < rules->other_count; i++)
		if (rules->others[i] == architecture)
			return true;
	return false;
}

static void write_search(struct compiler *c)
{
	struct bpf_asm *a = &c->assembler;

	c->rest = bpf_label_new(a);
	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	write_architecture(c, NATIVE, SECCOMP_ARCH, is_listed(c->rules, SCMP_ARCH_X32));
	/* libseccomp's tokens are the kernel's, but for x32. */
	for (size_t i = 0; i < c->rules->other_count; i++)
		if (c->rules->others[i] != SCMP_ARCH_X32)
			write_architecture(c, c->rules->others[i], c->rules->others[i], false);
	bpf_goto(a, c->rest);
	for (size_t i = 0; i < c->actions.count; i++) {
		bpf_label_place(a, c->actions.items[i].label);
		bpf_stmt(a, BPF_RET | BPF_K, c->actions.items[i].value);
	}
}

int seccomp_rules_compile(const struct seccomp_rules *rules, struct arena *arena,
			  struct bpf_program *program, struct error *err)
{
	struct compiler c = { .rules = rules, .arena = arena };
	int status;

	bpf_asm_init(&c.assembler);
	write_search(&c);
	status = fill_library(&c, err);
	if (status == 0)
		status = append_library(&c, err);
	if (status == 0)
		status = bpf_asm_finish(&c.assembler, arena, program, err);
	if (c.filter)
		seccomp_release(c.filter);
	bpf_asm_free(&c.assembler);
	return status;
}
