// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <asm/ioctls.h>
#include <asm/unistd.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/interpret.h"
#include "policy/directive.h"
#include "policy/plan.h"
#include "policy/seccomp_policy.h"
#include "policy/syscall_group.h"
#include "sandbox/seccomp.h"

#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS
#define DENY(error) (SECCOMP_RET_ERRNO | (error))
#define GARBAGE 0xdeadbeef00000000ULL /* in a half that the kernel does not look at */
#define REGISTERED_RING 0x80000000U
#define CLONE_NEWTIME_BIT 0x80
#define UNSHARE_EMPTY_MNTNS_BIT 0x100000

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- policies and what becomes of them ---- */

struct fixture {
	struct policy policy;
	struct plan plan;
	struct error err;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return !*state;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->plan.arena);
	policy_free(&f->policy);
	free(f);
	return 0;
}

/* Adds the blank-separated @items as a directive of test.profile, line 7. */
static void add_items(struct fixture *f, const char *items)
{
	char *copy = arena_strdup(&f->policy.arena, items);

	for (char *item = strtok(copy, " "); item; item = strtok(NULL, " "))
		*array_push(&f->policy.arena, &f->policy.seccomp.items) = (struct syscall_item){
			.name = item + (*item == '!'),
			.except = *item == '!',
			.origin = { "test.profile", 7 },
		};
}

static void set_policy(struct fixture *f, enum seccomp_mode mode, const char *items)
{
	f->policy.seccomp.mode = mode;
	f->policy.seccomp.mode_origin = (struct origin){ "test.profile", 7 };
	f->policy.seccomp.items.count = 0;
	add_items(f, items);
}

/* As plan_make() does, with @registers where plan_uring() would say so. */
static int make(struct fixture *f, uint64_t registers)
{
	arena_free(&f->plan.arena);
	f->plan = (struct plan){ .policy = &f->policy };
	if (seccomp_resolve(&f->plan, &f->err) < 0 ||
	    plan_seccomp_without_uring(&f->plan, &f->err) < 0)
		return -f->err.code;
	f->plan.uring.mode = f->policy.uring.mode;
	f->plan.uring.registers = registers;
	return plan_seccomp(&f->plan, &f->err);
}

static void compile(struct fixture *f, enum seccomp_mode mode, const char *items)
{
	set_policy(f, mode, items);
	if (make(f, UINT64_MAX) < 0)
		fail_msg("%s", f->err.message);
}

static uint32_t run(const struct bpf_program *program, const struct seccomp_data *data)
{
	uint32_t result = 0;

	assert_int_equal(bpf_interpret(program, data, sizeof(*data), &result), 0);
	return result;
}

static struct seccomp_data call(int number, uint64_t first, uint64_t second)
{
	return (struct seccomp_data){
		.nr = number,
		.arch = SECCOMP_ARCH,
		.instruction_pointer = 0x123456789abcdef0ULL,
		.args = { first, second },
	};
}

static uint32_t ask(struct fixture *f, int number, uint64_t first, uint64_t second)
{
	struct seccomp_data data = call(number, first, second);

	return run(&f->plan.seccomp, &data);
}

static uint32_t ask_no_uring(struct fixture *f, int number, uint64_t second)
{
	struct seccomp_data data = call(number, 3, second);

	return run(&f->plan.seccomp_no_uring, &data);
}

static uint32_t ask_name(struct fixture *f, const char *name)
{
	int number = syscall_number(name);

	if (number < 0)
		fail_msg("%s is no system call of this architecture", name);
	return ask(f, number, 0, 0);
}

static void assert_answer(struct fixture *f, const char *name, uint32_t answer)
{
	uint32_t got = ask_name(f, name);

	if (got != answer)
		fail_msg("%s: 0x%x instead of 0x%x", name, got, answer);
}

/* ---- the table of groups ---- */

struct search {
	const char *name;
	bool found;
};

static void compare(void *context, const char *name)
{
	struct search *search = context;

	search->found |= !strcmp(search->name, name);
}

static bool group_has(const char *group, const char *name)
{
	struct search search = { .name = name };

	syscall_group_visit(syscall_group_find(group), compare, &search);
	return search.found;
}

static void assert_in_a_group(const char *name, int number)
{
	for (const struct syscall_group *group = syscall_groups; group->name; group++)
		for (const char *member = NULL; (member = syscall_group_next(group, member));)
			if (!strcmp(member, name))
				return;
	fail_msg("%s (%d) is in no group", name, number);
}

static void every_call_that_libseccomp_knows_is_in_a_group(void **state)
{
	static const uint32_t architectures[] = { SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64 };

	(void)state;
	for (size_t i = 0; i < COUNT(architectures); i++)
		for (int number = 0; number <= SYSCALL_NEWEST; number++) {
			char *name = seccomp_syscall_resolve_num_arch(architectures[i], number);

			if (name)
				assert_in_a_group(name, number);
			free(name);
		}
}

static FILE *open_header(void)
{
	static const char *const paths[] = {
#ifdef __x86_64__
		"/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
		"/usr/include/asm/unistd_64.h",
#else
		"/usr/include/aarch64-linux-gnu/asm/unistd_64.h",
		"/usr/include/asm/unistd_64.h",
		"/usr/include/asm-generic/unistd.h",
#endif
	};
	FILE *file = NULL;

	for (size_t i = 0; i < COUNT(paths) && !file; i++)
		file = fopen(paths[i], "re");
	return file;
}

static void every_call_of_the_kernel_headers_is_in_a_group_under_its_number(void **state)
{
	FILE *file = open_header();
	char line[256];
	char name[64];
	char digits[8];
	int found = 0;

	(void)state;
	if (!file)
		skip();
	while (fgets(line, sizeof(line), file)) {
		int number;

		if (sscanf(line, "#define __NR_%63[a-z0-9_] %7[0-9]", name, digits) != 2)
			continue;
		number = (int)strtol(digits, NULL, 10);
		if (number > SYSCALL_NEWEST || !strcmp(name, "syscalls"))
			continue;
		assert_in_a_group(name, number);
		if (syscall_number(name) != number)
			fail_msg("%s is %d, not %d", name, number, syscall_number(name));
		found++;
	}
	fclose(file);
	assert_true(found > 250);
}

static void count_number(void *context, const char *name)
{
	unsigned int *found = context;
	int number = syscall_number(name);

	if (number >= 0 && number <= SYSCALL_NEWEST)
		found[number]++;
	else if (number >= 0)
		fail_msg("%s is %d, above the newest", name, number);
}

/* From 424 on, every architecture has every number, up to the newest. */
static void the_newer_numbers_all_have_a_name(void **state)
{
	unsigned int found[SYSCALL_NEWEST + 1] = { 0 };

	(void)state;
	syscall_group_visit(syscall_group_find("@known"), count_number, found);
	for (unsigned int number = 424; number <= SYSCALL_NEWEST; number++)
		if (!found[number])
			fail_msg("no call has the number %u", number);
}

static void check_name(void *context, const char *name)
{
	(void)context;
	if (syscall_number(name) == SYSCALL_UNKNOWN)
		fail_msg("%s is no system call", name);
}

static void check_depth(const struct syscall_group *group, int depth)
{
	assert_true(depth < 8);
	for (const char *member = NULL; (member = syscall_group_next(group, member));) {
		const struct syscall_group *inner = syscall_group_find(member);

		if (*member != '@')
			continue;
		if (!inner) {
			fail_msg("%s has %s, which is no group", group->name, member);
			return;
		}
		check_depth(inner, depth + 1);
	}
}

static void every_group_can_be_followed_to_system_calls(void **state)
{
	(void)state;
	for (const struct syscall_group *group = syscall_groups; group->name; group++) {
		assert_ptr_equal(syscall_group_find(group->name), group);
		assert_int_equal(group->name[0], '@');
		assert_true(strlen(group->summary) > 0);
		check_depth(group, 0);
		syscall_group_visit(group, check_name, NULL);
	}
}

static void check_known(void *context, const char *name)
{
	if (!group_has("@known", name))
		fail_msg("%s of %s is not in @known", name, (const char *)context);
}

static void the_group_known_holds_all_others(void **state)
{
	(void)state;
	for (const struct syscall_group *group = syscall_groups; group->name; group++)
		syscall_group_visit(group, check_known, (void *)group->name);
}

static void check_not_default(void *context, const char *name)
{
	(void)context;
	if (group_has("@default", name) || group_has("@default-keep", name))
		fail_msg("%s is always denied and allowed by default", name);
}

static void the_default_holds_nothing_that_is_always_denied(void **state)
{
	(void)state;
	syscall_group_visit(syscall_group_find("@always-denied"), check_not_default, NULL);
}

static void what_must_never_be_reached_is_always_denied(void **state)
{
	static const char *const calls[] = {
		"pidfd_getfd",
		"ptrace",
		"process_vm_readv",
		"process_vm_writev",
		"kcmp",
		"bpf",
		"keyctl",
		"add_key",
		"request_key",
		"userfaultfd",
		"perf_event_open",
		"init_module",
		"finit_module",
		"delete_module",
		"kexec_load",
		"kexec_file_load",
		"mount",
		"umount2",
		"pivot_root",
		"move_mount",
		"open_tree",
		"open_tree_attr",
		"fsopen",
		"fsmount",
		"fsconfig",
		"fspick",
		"mount_setattr",
		"chroot",
		"fchroot",
		"open_by_handle_at",
		"reboot",
		"swapon",
		"swapoff",
		"acct",
		"quotactl",
		"quotactl_fd",
		"iopl",
		"ioperm",
		"settimeofday",
		"clock_settime",
		"clock_adjtime",
		"adjtimex",
		"lookup_dcookie",
		"fanotify_init",
		"nfsservctl",
		"vhangup",
		"syslog",
		"modify_ldt",
		"setns",
		"listns",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++)
		if (!group_has("@always-denied", calls[i]))
			fail_msg("%s is not in @always-denied", calls[i]);
}

/* ---- modes and items ---- */

static const char *const ordinary[] = {
	"read",
	"write",
	"openat",
	"close",
	"fstat",
	"mmap",
	"futex",
	"execve",
	"wait4",
	"epoll_ctl",
	"recvmsg",
	"sendto",
	"shmget",
	"shmat",
	"semop",
	"io_setup",
	"io_submit",
	"io_getevents",
	"sched_setaffinity",
	"ioprio_set",
	"prctl",
	"seccomp",
	"landlock_create_ruleset",
	"memfd_create",
	"copy_file_range",
	"splice",
	"fchown",
	"getrandom",
	"statx",
	"mseal",
	"file_getattr",
	"setxattrat",
	"rseq_slice_yield",
};

static const char *const denied[] = {
	"ptrace",	 "pidfd_getfd",	      "mount",		"fchroot", "setns",
	"bpf",		 "userfaultfd",	      "vmsplice",	"add_key", "perf_event_open",
	"sethostname",	 "name_to_handle_at", "open_tree_attr", "listns",  "process_vm_writev",
	"migrate_pages",
};

static void the_default_allows_what_ordinary_programs_call(void **state)
{
	compile(*state, SECCOMP_DEFAULT, "");
	for (size_t i = 0; i < COUNT(ordinary); i++)
		assert_answer(*state, ordinary[i], ALLOW);
}

static void the_default_denies_with_EPERM(void **state)
{
	compile(*state, SECCOMP_DEFAULT, "");
	for (size_t i = 0; i < COUNT(denied); i++)
		assert_answer(*state, denied[i], DENY(EPERM));
}

static void seccomp_items_deny_and_excepted_ones_allow(void **state)
{
	compile(*state, SECCOMP_DEFAULT, "listen @chown !ptrace !@keyring");
	assert_answer(*state, "listen", DENY(EPERM));
	assert_answer(*state, "fchown", DENY(EPERM));
	assert_answer(*state, "ptrace", ALLOW);
	assert_answer(*state, "keyctl", ALLOW);
	assert_answer(*state, "process_vm_readv", DENY(EPERM));
	assert_answer(*state, "bind", ALLOW);
}

static void a_name_counts_more_than_a_group_in_any_order(void **state)
{
	static const char *const orders[] = { "@network-io !bind", "!bind @network-io" };

	for (size_t i = 0; i < COUNT(orders); i++) {
		compile(*state, SECCOMP_DEFAULT, orders[i]);
		assert_answer(*state, "bind", ALLOW);
		assert_answer(*state, "connect", DENY(EPERM));
	}
}

static void of_equal_items_the_later_counts(void **state)
{
	compile(*state, SECCOMP_DEFAULT, "bind !bind !@keyring @keyring");
	assert_answer(*state, "bind", ALLOW);
	assert_answer(*state, "keyctl", DENY(EPERM));
}

static void drop_allows_all_known_calls_but_the_named_and_the_always_denied(void **state)
{
	compile(*state, SECCOMP_DROP, "listen @chown");
	assert_answer(*state, "listen", DENY(EPERM));
	assert_answer(*state, "fchown", DENY(EPERM));
	assert_answer(*state, "bind", ALLOW);
	assert_answer(*state, "vmsplice", ALLOW);
	assert_answer(*state, "sethostname", ALLOW);
	assert_answer(*state, "ptrace", DENY(EPERM));
	assert_answer(*state, "mount", DENY(EPERM));
	assert_answer(*state, "setns", DENY(EPERM));
}

static void drop_lifts_what_is_always_denied_for_an_exception(void **state)
{
	compile(*state, SECCOMP_DROP, "listen !ptrace !@clock");
	assert_answer(*state, "listen", DENY(EPERM));
	assert_answer(*state, "ptrace", ALLOW);
	assert_answer(*state, "clock_settime", ALLOW);
	assert_answer(*state, "pidfd_getfd", DENY(EPERM));
}

static void keep_allows_the_named_and_what_programs_need_to_start(void **state)
{
	compile(*state, SECCOMP_KEEP, "read write @timer");
	assert_answer(*state, "read", ALLOW);
	assert_answer(*state, "nanosleep", ALLOW);
	assert_answer(*state, "execve", ALLOW);
	assert_answer(*state, "exit_group", ALLOW);
	assert_answer(*state, "rt_sigreturn", ALLOW);
	assert_answer(*state, "restart_syscall", ALLOW);
	assert_answer(*state, "brk", ALLOW);
	assert_answer(*state, "openat", DENY(EPERM));
	assert_answer(*state, "ioctl", DENY(EPERM));
	assert_answer(*state, "socket", DENY(EPERM));
	assert_answer(*state, "clone", DENY(EPERM));
	assert_answer(*state, "ptrace", DENY(EPERM));
}

static void keep_grants_an_always_denied_call_that_it_names(void **state)
{
	compile(*state, SECCOMP_KEEP, "ptrace");
	assert_answer(*state, "ptrace", ALLOW);
	assert_answer(*state, "kcmp", DENY(EPERM));
	compile(*state, SECCOMP_KEEP, "@debug");
	assert_answer(*state, "kcmp", ALLOW);
}

static void a_probe_of_the_kernel_is_never_denied(void **state)
{
	compile(*state, SECCOMP_KEEP, "");
#ifdef __x86_64__
	assert_answer(*state, "uretprobe", ALLOW);
	assert_answer(*state, "uprobe", ALLOW);
#else
	assert_int_equal(syscall_number("uretprobe"), SYSCALL_ABSENT);
#endif
}

/* ---- bad input ---- */

static void assert_refused(struct fixture *f, enum seccomp_mode mode, const char *items,
			   const char *message, const char *hint)
{
	set_policy(f, mode, items);
	f->err = (struct error){ 0 };
	assert_int_equal(make(f, UINT64_MAX), -EINVAL);
	assert_string_equal(f->err.message, message);
	assert_non_null(strstr(f->err.hint, hint));
}

static void an_unknown_call_is_refused_with_its_line_and_the_nearest_name(void **state)
{
	assert_refused(*state, SECCOMP_DEFAULT, "listen opne",
		       "test.profile:7: unknown system call \"opne\"", "did you mean \"open\"?");
	assert_refused(*state, SECCOMP_KEEP, "raed", "test.profile:7: unknown system call \"raed\"",
		       "did you mean \"read\"?");
}

static void an_unknown_group_is_refused_with_its_line_and_the_nearest_name(void **state)
{
	assert_refused(*state, SECCOMP_DROP, "@monut",
		       "test.profile:7: unknown system call group \"@monut\"",
		       "did you mean \"@mount\"?");
	assert_refused(*state, SECCOMP_DROP, "@everything-else",
		       "test.profile:7: unknown system call group \"@everything-else\"",
		       "@network-io");
	assert_refused(*state, SECCOMP_DROP, "@", "test.profile:7: unknown system call group \"@\"",
		       "");
}

static void a_call_of_another_architecture_is_ignored(void **state)
{
	compile(*state, SECCOMP_DROP, "waitpid socketcall stime");
	assert_answer(*state, "wait4", ALLOW);
	assert_int_equal(syscall_number("waitpid"), SYSCALL_ABSENT);
	assert_int_equal(syscall_number("no_such_call"), SYSCALL_UNKNOWN);
}

static void a_policy_that_denies_execve_is_refused(void **state)
{
	assert_refused(*state, SECCOMP_DROP, "listen execve",
		       "test.profile:7: execve denies execve, and without it the program cannot "
		       "start",
		       "take execve out of seccomp.drop");
	assert_refused(*state, SECCOMP_DEFAULT, "@process",
		       "test.profile:7: @process denies execve, and without it the program cannot "
		       "start",
		       "add !execve to seccomp");
	assert_refused(*state, SECCOMP_KEEP, "!execve",
		       "test.profile:7: execve denies execve, and without it the program cannot "
		       "start",
		       "add execve to seccomp.keep");
	compile(*state, SECCOMP_DEFAULT, "@process !execve");
}

/* ---- namespaces ---- */

static const uint32_t clone_namespaces[] = {
	CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
	CLONE_NEWUSER, CLONE_NEWPID,	CLONE_NEWNET,
};

static void clone_makes_processes_and_threads_but_no_namespaces(void **state)
{
	const uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
				CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
				CLONE_CHILD_CLEARTID;

	compile(*state, SECCOMP_DEFAULT, "");
	assert_int_equal(ask(*state, __NR_clone, SIGCHLD, 0), ALLOW);
	assert_int_equal(ask(*state, __NR_clone, thread, 0), ALLOW);
	assert_int_equal(ask(*state, __NR_clone, CLONE_VFORK | CLONE_VM | SIGCHLD, 0), ALLOW);
	for (size_t i = 0; i < COUNT(clone_namespaces); i++) {
		uint64_t flags = clone_namespaces[i] | SIGCHLD;

		assert_int_equal(ask(*state, __NR_clone, flags, 0), DENY(EPERM));
		assert_int_equal(ask(*state, __NR_clone, flags | GARBAGE, 0), DENY(EPERM));
	}
	assert_int_equal(ask(*state, __NR_clone, SIGCHLD | GARBAGE, 0), ALLOW);
}

static void clone3_is_answered_with_ENOSYS(void **state)
{
	compile(*state, SECCOMP_DEFAULT, "");
	assert_answer(*state, "clone3", DENY(ENOSYS));
	compile(*state, SECCOMP_DEFAULT, "!clone3 clone3");
	assert_answer(*state, "clone3", DENY(ENOSYS));
	compile(*state, SECCOMP_DROP, "listen");
	assert_answer(*state, "clone3", DENY(ENOSYS));
	compile(*state, SECCOMP_KEEP, "clone3 @process");
	assert_answer(*state, "clone3", DENY(ENOSYS));
}

static void unshare_does_what_needs_no_namespace(void **state)
{
	static const uint32_t bad[] = { CLONE_NEWTIME_BIT, UNSHARE_EMPTY_MNTNS_BIT };

	compile(*state, SECCOMP_DEFAULT, "");
	assert_int_equal(ask(*state, __NR_unshare, CLONE_FS | CLONE_FILES, 0), ALLOW);
	assert_int_equal(ask(*state, __NR_unshare, CLONE_SYSVSEM | GARBAGE, 0), ALLOW);
	for (size_t i = 0; i < COUNT(clone_namespaces); i++)
		assert_int_equal(ask(*state, __NR_unshare, clone_namespaces[i] | CLONE_FS, 0),
				 DENY(EPERM));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(ask(*state, __NR_unshare, bad[i] | GARBAGE, 0), DENY(EPERM));
}

static void naming_clone_or_unshare_alone_makes_no_namespaces(void **state)
{
	compile(*state, SECCOMP_KEEP, "clone unshare");
	assert_int_equal(ask(*state, __NR_clone, CLONE_NEWUSER | SIGCHLD, 0), DENY(EPERM));
	assert_int_equal(ask(*state, __NR_unshare, CLONE_NEWUSER, 0), DENY(EPERM));
	compile(*state, SECCOMP_DROP, "listen !unshare");
	assert_int_equal(ask(*state, __NR_clone, CLONE_NEWUSER | SIGCHLD, 0), DENY(EPERM));
	assert_int_equal(ask(*state, __NR_unshare, CLONE_NEWUSER, 0), DENY(EPERM));
}

static void nesting_opens_namespaces_and_mounts(void **state)
{
	static const struct {
		enum seccomp_mode mode;
		const char *items;
	} policies[] = {
		{ SECCOMP_DEFAULT, "!@nesting" },
		{ SECCOMP_DROP, "listen !@nesting" },
		{ SECCOMP_KEEP, "@process @nesting" },
	};

	for (size_t i = 0; i < COUNT(policies); i++) {
		compile(*state, policies[i].mode, policies[i].items);
		assert_int_equal(ask(*state, __NR_clone, CLONE_NEWUSER | SIGCHLD, 0), ALLOW);
		assert_int_equal(ask(*state, __NR_unshare, CLONE_NEWUSER | CLONE_NEWNET, 0), ALLOW);
		assert_answer(*state, "clone3", ALLOW);
		assert_answer(*state, "setns", ALLOW);
		assert_answer(*state, "mount", ALLOW);
		assert_answer(*state, "move_mount", ALLOW);
		assert_answer(*state, "pivot_root", ALLOW);
		assert_answer(*state, "landlock_restrict_self", ALLOW);
		assert_answer(*state, "ptrace", DENY(EPERM));
	}
}

static void nesting_can_be_taken_back(void **state)
{
	compile(*state, SECCOMP_DEFAULT, "!@nesting @nesting");
	assert_int_equal(ask(*state, __NR_clone, CLONE_NEWUSER | SIGCHLD, 0), DENY(EPERM));
	assert_int_equal(ask(*state, __NR_clone, SIGCHLD, 0), ALLOW);
	assert_answer(*state, "mount", DENY(EPERM));
	assert_answer(*state, "clone3", DENY(ENOSYS));
	compile(*state, SECCOMP_DEFAULT, "!@nesting clone3 mount");
	assert_answer(*state, "clone3", DENY(ENOSYS));
	assert_answer(*state, "mount", DENY(EPERM));
	assert_answer(*state, "umount2", ALLOW);
}

/* ---- memory and namespaces ---- */

static uint32_t ask_three(struct fixture *f, int number, uint64_t first, uint64_t second,
			  uint64_t third)
{
	struct seccomp_data data = call(number, first, second);

	data.args[2] = third;
	return run(&f->plan.seccomp, &data);
}

static void memory_is_not_writable_and_executable(void **state)
{
	struct fixture *f = *state;
	const uint64_t high = UINT64_C(1) << 32;

	f->policy.memory_deny_write_execute = true;
	for (enum seccomp_mode mode = SECCOMP_DEFAULT; mode <= SECCOMP_KEEP; mode++) {
		compile(f, mode, mode == SECCOMP_KEEP ? "@default" : mode ? "listen" : "");
		assert_int_equal(ask_three(f, __NR_mmap, 0, 1, PROT_READ | PROT_EXEC), ALLOW);
		assert_int_equal(ask_three(f, __NR_mmap, 0, 1, PROT_READ | PROT_WRITE), ALLOW);
		assert_int_equal(ask_three(f, __NR_mmap, 0, 1, high | PROT_WRITE | PROT_EXEC),
				 DENY(EPERM));
		assert_int_equal(ask_three(f, __NR_mprotect, 0, 1, PROT_READ), ALLOW);
		assert_int_equal(ask_three(f, __NR_mprotect, 0, 1, PROT_READ | PROT_EXEC),
				 DENY(EPERM));
		assert_int_equal(ask_three(f, __NR_pkey_mprotect, 0, 1, high | PROT_EXEC),
				 DENY(EPERM));
		assert_int_equal(ask_three(f, __NR_shmat, 0, 1, 0), ALLOW);
		assert_int_equal(ask_three(f, __NR_shmat, 0, 1, SHM_EXEC), DENY(EPERM));
		assert_int_equal(ask(f, __NR_personality, 0xffffffff, 0), ALLOW);
		assert_int_equal(ask(f, __NR_personality, ADDR_NO_RANDOMIZE, 0), ALLOW);
		assert_int_equal(ask(f, __NR_personality, high | READ_IMPLIES_EXEC, 0),
				 DENY(EPERM));
		assert_answer(f, "memfd_create", DENY(EPERM));
		assert_answer(f, "memfd_secret", DENY(EPERM));
	}
	f->policy.memory_deny_write_execute = false;
	compile(f, SECCOMP_DEFAULT, "");
	assert_int_equal(ask_three(f, __NR_mmap, 0, 1, PROT_WRITE | PROT_EXEC), ALLOW);
	assert_answer(f, "memfd_create", ALLOW);
}

static void some_namespaces_are_restricted_beside_nesting(void **state)
{
	struct fixture *f = *state;

	f->policy.restrict_namespaces = CLONE_NEWUSER | CLONE_NEWNS;
	compile(f, SECCOMP_DEFAULT, "!@nesting");
	assert_int_equal(ask(f, __NR_clone, CLONE_NEWNET | SIGCHLD, 0), ALLOW);
	assert_int_equal(ask(f, __NR_clone, CLONE_NEWNET | CLONE_NEWUSER | SIGCHLD, 0),
			 DENY(EPERM));
	assert_answer(f, "clone3", DENY(ENOSYS));
	assert_int_equal(ask(f, __NR_unshare, CLONE_NEWNET, 0), ALLOW);
	assert_int_equal(ask(f, __NR_unshare, CLONE_NEWNS, 0), DENY(EPERM));
	assert_int_equal(ask(f, __NR_unshare, 0x00100000, 0), DENY(EPERM));
	assert_int_equal(ask(f, __NR_setns, 3, CLONE_NEWNET), ALLOW);
	assert_int_equal(ask(f, __NR_setns, 3, CLONE_NEWUSER | CLONE_NEWNET), DENY(EPERM));
	assert_int_equal(ask(f, __NR_setns, 3, 0), DENY(EPERM));
	assert_int_equal(ask_three(f, __NR_open_tree, 3, 0, OPEN_TREE_CLONE), ALLOW);
	assert_int_equal(ask_three(f, __NR_open_tree, 3, 0, 2), DENY(EPERM));
	assert_int_equal(ask_three(f, 467, 3, 0, 2), DENY(EPERM));
	assert_int_equal(ask(f, __NR_fsmount, 3, FSMOUNT_CLOEXEC), ALLOW);
	assert_int_equal(ask(f, __NR_fsmount, 3, 2), DENY(EPERM));
	assert_true(f->plan.gate.namespaces);
	f->policy.restrict_namespaces = 0x80; /* CLONE_NEWTIME, which to clone(2) is a signal's */
	compile(f, SECCOMP_DEFAULT, "!@nesting");
	assert_int_equal(ask(f, __NR_clone, 0x80, 0), ALLOW);
	assert_int_equal(ask(f, __NR_unshare, 0x80, 0), DENY(EPERM));
	assert_int_equal(ask_three(f, __NR_open_tree, 3, 0, 2), ALLOW);
}

static void all_namespaces_are_restricted_beside_nesting(void **state)
{
	struct fixture *f = *state;

	f->policy.restrict_namespaces = ALL_NAMESPACES;
	compile(f, SECCOMP_DEFAULT, "!@nesting");
	assert_false(f->plan.gate.namespaces);
	for (unsigned int bit = 0; bit < 32; bit++) {
		uint32_t flag = UINT32_C(1) << bit;
		uint32_t answer = flag & ALL_NAMESPACES ? DENY(EPERM) : ALLOW;

		assert_int_equal(ask(f, __NR_clone, flag, 0), flag == 0x80 ? ALLOW : answer);
		if (flag & ALL_NAMESPACES) {
			assert_int_equal(ask(f, __NR_unshare, flag, 0), DENY(EPERM));
			assert_int_equal(ask(f, __NR_setns, 3, flag), DENY(EPERM));
		}
	}
	assert_answer(f, "clone3", DENY(ENOSYS));
	/* Without @nesting, fewer types named open nothing. */
	f->policy.restrict_namespaces = CLONE_NEWNET;
	compile(f, SECCOMP_DEFAULT, "");
	assert_int_equal(ask(f, __NR_clone, CLONE_NEWUSER | SIGCHLD, 0), DENY(EPERM));
	assert_int_equal(ask(f, __NR_unshare, CLONE_NEWUSER, 0), DENY(EPERM));
	assert_answer(f, "setns", DENY(EPERM));
}

/* ---- ioctl ---- */

static void input_cannot_be_put_into_the_terminal_in_any_mode(void **state)
{
	static const struct {
		enum seccomp_mode mode;
		const char *items;
	} policies[] = {
		{ SECCOMP_DEFAULT, "" },    { SECCOMP_DEFAULT, "!ioctl !@nesting !@known" },
		{ SECCOMP_DROP, "listen" }, { SECCOMP_DROP, "!ioctl" },
		{ SECCOMP_KEEP, "ioctl" },  { SECCOMP_KEEP, "@known" },
	};

	for (size_t i = 0; i < COUNT(policies); i++) {
		compile(*state, policies[i].mode, policies[i].items);
		assert_int_equal(ask(*state, __NR_ioctl, 0, TIOCSTI), DENY(EPERM));
		assert_int_equal(ask(*state, __NR_ioctl, 0, TIOCLINUX), DENY(EPERM));
		assert_int_equal(ask(*state, __NR_ioctl, 0, TIOCEXCL), DENY(EPERM));
		assert_int_equal(ask(*state, __NR_ioctl, 0, TIOCSETD), DENY(EPERM));
		assert_int_equal(ask(*state, __NR_ioctl, 0, TIOCGWINSZ), ALLOW);
		assert_int_equal(ask(*state, __NR_ioctl, TIOCSTI, TCGETS), ALLOW);
	}
}

static void the_upper_half_of_an_ioctl_command_hides_nothing(void **state)
{
	compile(*state, SECCOMP_DEFAULT, "");
	assert_int_equal(ask(*state, __NR_ioctl, 0, TIOCSTI | GARBAGE), DENY(EPERM));
	assert_int_equal(ask(*state, __NR_ioctl, 0, TIOCLINUX | 1ULL << 32), DENY(EPERM));
	assert_int_equal(ask(*state, __NR_ioctl, 0, TIOCGWINSZ | GARBAGE), ALLOW);
}

/* ---- sockets ---- */

static uint64_t family(int number)
{
	return UINT64_C(1) << number;
}

static void assert_family(struct fixture *f, int number, uint32_t answer)
{
	assert_int_equal(ask(f, __NR_socket, (uint64_t)number, SOCK_STREAM), answer);
	assert_int_equal(ask(f, __NR_socket, (uint64_t)number | GARBAGE,
			     SOCK_DGRAM | SOCK_CLOEXEC | GARBAGE),
			 answer);
}

static void protocol_decides_on_the_families_of_socket_in_every_mode(void **state)
{
	static const struct {
		enum seccomp_mode mode;
		const char *items;
	} policies[] = {
		{ SECCOMP_DEFAULT, "" },
		{ SECCOMP_DROP, "listen" },
		{ SECCOMP_KEEP, "socket socketpair" },
	};
	struct fixture *f = *state;

	f->policy.protocol.set = true;
	f->policy.protocol.families = family(AF_UNIX);
	for (size_t i = 0; i < COUNT(policies); i++) {
		compile(f, policies[i].mode, policies[i].items);
		assert_family(f, AF_UNIX, ALLOW);
		assert_family(f, AF_INET, DENY(EAFNOSUPPORT));
		assert_family(f, AF_INET6, DENY(EAFNOSUPPORT));
		assert_family(f, AF_NETLINK, DENY(EAFNOSUPPORT));
		assert_family(f, AF_UNIX + 64, DENY(EAFNOSUPPORT));
	}
}

static void without_protocol_the_default_has_four_families(void **state)
{
	compile(*state, SECCOMP_DEFAULT, "");
	assert_family(*state, AF_UNIX, ALLOW);
	assert_family(*state, AF_INET, ALLOW);
	assert_family(*state, AF_INET6, ALLOW);
	assert_family(*state, AF_NETLINK, ALLOW);
	assert_family(*state, AF_VSOCK, DENY(EAFNOSUPPORT));
	assert_family(*state, AF_PACKET, DENY(EAFNOSUPPORT));
	assert_family(*state, AF_ALG, DENY(EAFNOSUPPORT));
	assert_family(*state, AF_BLUETOOTH, DENY(EAFNOSUPPORT));
	assert_family(*state, 0, DENY(EAFNOSUPPORT));
	assert_family(*state, 1000, DENY(EAFNOSUPPORT));
}

static void without_protocol_drop_and_keep_have_the_same_four_families(void **state)
{
	compile(*state, SECCOMP_DROP, "listen");
	assert_family(*state, AF_VSOCK, DENY(EAFNOSUPPORT));
	assert_family(*state, AF_INET, ALLOW);
	compile(*state, SECCOMP_KEEP, "socket");
	assert_family(*state, AF_VSOCK, DENY(EAFNOSUPPORT));
	assert_family(*state, AF_INET, ALLOW);
}

static void what_acts_on_the_process_group_is_denied(void **state)
{
	compile(*state, SECCOMP_DEFAULT, "");
	assert_int_equal(ask(*state, __NR_setpriority, PRIO_PROCESS, 0), ALLOW);
	assert_int_equal(ask(*state, __NR_setpriority, PRIO_PGRP, 0), DENY(EPERM));
	assert_int_equal(ask(*state, __NR_setpriority, PRIO_PGRP | GARBAGE, 0), DENY(EPERM));
	assert_int_equal(ask(*state, __NR_ioprio_set, 1, 0), ALLOW);
	assert_int_equal(ask(*state, __NR_ioprio_set, 2 | GARBAGE, 0), DENY(EPERM));
}

static void the_command_line_takes_back_what_a_profile_excepts(void **state)
{
	struct fixture *f = *state;

	set_policy(f, SECCOMP_DEFAULT, "!ptrace @debug");
	f->policy.seccomp.items.items[1].origin.file = command_line;
	assert_int_equal(make(f, 0), 0);
	assert_answer(f, "ptrace", DENY(EPERM));
}

static void protocol_does_not_bring_a_denied_socket_call_back(void **state)
{
	struct fixture *f = *state;

	f->policy.protocol.set = true;
	f->policy.protocol.families = family(AF_INET);
	compile(f, SECCOMP_DEFAULT, "socket");
	assert_family(f, AF_INET, DENY(EPERM));
	compile(f, SECCOMP_KEEP, "read");
	assert_family(f, AF_INET, DENY(EPERM));
}

static void a_packet_socket_in_the_guise_of_inet_is_denied(void **state)
{
	struct fixture *f = *state;

	compile(f, SECCOMP_DEFAULT, "");
	assert_int_equal(ask(f, __NR_socket, AF_INET, SOCK_PACKET), DENY(EAFNOSUPPORT));
	assert_int_equal(ask(f, __NR_socket, AF_INET, SOCK_PACKET | SOCK_CLOEXEC | GARBAGE),
			 DENY(EAFNOSUPPORT));
	assert_int_equal(ask(f, __NR_socket, AF_INET, SOCK_RAW), ALLOW);
	f->policy.protocol.set = true;
	f->policy.protocol.families = family(AF_INET) | family(AF_PACKET);
	compile(f, SECCOMP_DEFAULT, "");
	assert_int_equal(ask(f, __NR_socket, AF_INET, SOCK_PACKET), ALLOW);
	assert_int_equal(ask(f, __NR_socket, AF_PACKET, SOCK_RAW), ALLOW);
}

static void a_pair_of_unix_sockets_is_always_possible(void **state)
{
	struct fixture *f = *state;

	f->policy.protocol.set = true;
	f->policy.protocol.families = family(AF_INET);
	compile(f, SECCOMP_DEFAULT, "");
	assert_int_equal(ask(f, __NR_socketpair, AF_UNIX | GARBAGE, SOCK_STREAM), ALLOW);
	assert_int_equal(ask(f, __NR_socketpair, AF_INET, SOCK_STREAM), ALLOW);
	assert_int_equal(ask(f, __NR_socketpair, AF_TIPC, SOCK_STREAM), DENY(EAFNOSUPPORT));
	assert_family(f, AF_UNIX, DENY(EAFNOSUPPORT));
}

/* ---- io_uring ---- */

static void filtered_rings_are_allowed_with_the_listed_register_operations(void **state)
{
	struct fixture *f = *state;

	set_policy(f, SECCOMP_DEFAULT, "");
	assert_int_equal(make(f, 1 << 0 | 1 << 4 | UINT64_C(1) << 37 | UINT64_C(1) << 63), 0);
	assert_answer(f, "io_uring_setup", ALLOW);
	assert_answer(f, "io_uring_enter", ALLOW);
	for (unsigned int op = 0; op < 64; op++) {
		bool listed = op == 0 || op == 4 || op == 37 || op == 63;
		uint32_t answer = listed ? ALLOW : DENY(EACCES);

		assert_int_equal(ask(f, __NR_io_uring_register, 3, op), answer);
		assert_int_equal(ask(f, __NR_io_uring_register, 3, op | REGISTERED_RING), answer);
		assert_int_equal(ask(f, __NR_io_uring_register, 3, op | GARBAGE), answer);
	}
	assert_int_equal(ask(f, __NR_io_uring_register, 3, 64), DENY(EINVAL));
	assert_int_equal(ask(f, __NR_io_uring_register, 3, 64 | REGISTERED_RING), DENY(EINVAL));
	assert_int_equal(ask(f, __NR_io_uring_register, 3, 0x7fffffff), DENY(EINVAL));
}

static void with_no_register_operation_listed_none_is_allowed(void **state)
{
	struct fixture *f = *state;

	set_policy(f, SECCOMP_DEFAULT, "");
	assert_int_equal(make(f, 0), 0);
	for (unsigned int op = 0; op < 64; op++)
		assert_int_equal(ask(f, __NR_io_uring_register, 3, op), DENY(EACCES));
}

static void assert_uring(struct fixture *f, uint32_t answer)
{
	assert_answer(f, "io_uring_setup", answer);
	assert_answer(f, "io_uring_enter", answer);
	assert_int_equal(ask(f, __NR_io_uring_register, 3, 0), answer);
	assert_int_equal(ask(f, __NR_io_uring_register, 3, 63), answer);
}

static void uring_none_answers_ENOSYS_and_unfiltered_allows_in_every_mode(void **state)
{
	static const struct {
		enum seccomp_mode mode;
		const char *items;
	} policies[] = {
		{ SECCOMP_DEFAULT, "" },
		{ SECCOMP_DEFAULT, "!@io-uring" },
		{ SECCOMP_DROP, "listen" },
		{ SECCOMP_KEEP, "read" },
		{ SECCOMP_KEEP, "io_uring_setup" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(policies); i++) {
		f->policy.uring.mode = URING_NONE;
		compile(f, policies[i].mode, policies[i].items);
		assert_uring(f, DENY(ENOSYS));
		f->policy.uring.mode = URING_UNFILTERED;
		set_policy(f, policies[i].mode, policies[i].items);
		assert_int_equal(make(f, 0), 0);
		assert_uring(f, ALLOW);
	}
}

static void denying_one_io_uring_call_blocks_io_uring(void **state)
{
	static const struct {
		enum seccomp_mode mode;
		const char *items;
	} policies[] = {
		{ SECCOMP_DROP, "io_uring_setup" },	  { SECCOMP_DROP, "io_uring_enter" },
		{ SECCOMP_DROP, "io_uring_register" },	  { SECCOMP_DEFAULT, "io_uring_setup" },
		{ SECCOMP_DEFAULT, "@io-uring" },	  { SECCOMP_DROP, "@aio" },
		{ SECCOMP_KEEP, "read !io_uring_setup" },
	};
	struct fixture *f = *state;

	for (size_t mode = URING_FILTER; mode <= URING_UNFILTERED; mode++)
		for (size_t i = 0; i < COUNT(policies); i++) {
			f->policy.uring.mode = (enum uring_mode)mode;
			compile(f, policies[i].mode, policies[i].items);
			assert_uring(f, DENY(ENOSYS));
			assert_true(f->plan.gate.uring_blocked);
			assert_int_equal(f->plan.gate.uring_origin.line, 7);
			assert_int_equal(seccomp_uring_mode(&f->plan), URING_NONE);
		}
	f->policy.uring.mode = URING_FILTER;
	compile(f, SECCOMP_DROP, "@aio !@io-uring");
	assert_uring(f, ALLOW);
	assert_int_equal(seccomp_uring_mode(&f->plan), URING_FILTER);
}

static void the_program_without_io_uring_differs_in_nothing_else(void **state)
{
	struct fixture *f = *state;

	compile(f, SECCOMP_DEFAULT, "listen !ptrace");
	assert_int_equal(ask_no_uring(f, __NR_io_uring_setup, 0), DENY(ENOSYS));
	assert_int_equal(ask_no_uring(f, __NR_io_uring_enter, 0), DENY(ENOSYS));
	assert_int_equal(ask_no_uring(f, __NR_io_uring_register, 0), DENY(ENOSYS));
	for (int number = -2; number < SYSCALL_NUMBERS + 2; number++) {
		if (number >= __NR_io_uring_setup && number <= __NR_io_uring_register)
			continue;
		assert_int_equal(ask_no_uring(f, number, TIOCSTI), ask(f, number, 3, TIOCSTI));
	}
}

/* ---- numbers that are no calls ---- */

static void what_is_newer_than_the_list_gets_ENOSYS_in_every_mode(void **state)
{
	static const struct {
		enum seccomp_mode mode;
		const char *items;
	} policies[] = {
		{ SECCOMP_DEFAULT, "" },
		{ SECCOMP_DROP, "listen" },
		{ SECCOMP_KEEP, "@known" },
	};
	static const int newer[] = { SYSCALL_NEWEST + 1, SYSCALL_NUMBERS - 1, SYSCALL_NUMBERS,
				     SYSCALL_NUMBERS + 1, 0x3fffffff };

	for (size_t i = 0; i < COUNT(policies); i++) {
		compile(*state, policies[i].mode, policies[i].items);
		for (size_t j = 0; j < COUNT(newer); j++)
			assert_int_equal(ask(*state, newer[j], 0, 0), DENY(ENOSYS));
	}
}

static void the_newest_call_of_the_list_is_known(void **state)
{
	assert_int_equal(syscall_number("fchroot"), SYSCALL_NEWEST);
	compile(*state, SECCOMP_DEFAULT, "");
	assert_int_equal(ask(*state, SYSCALL_NEWEST, 0, 0), DENY(EPERM));
	compile(*state, SECCOMP_DEFAULT, "!fchroot");
	assert_int_equal(ask(*state, SYSCALL_NEWEST, 0, 0), ALLOW);
}

static void a_number_in_a_hole_gets_ENOSYS(void **state)
{
	compile(*state, SECCOMP_DROP, "listen");
	assert_int_equal(ask(*state, 400, 0, 0), DENY(ENOSYS));
	assert_int_equal(ask(*state, 423, 0, 0), DENY(ENOSYS));
	assert_int_equal(ask(*state, 424, 0, 0), ALLOW);
}

static void asking_for_no_call_at_all_gets_ENOSYS(void **state)
{
	compile(*state, SECCOMP_DEFAULT, "");
	assert_int_equal(ask(*state, -1, 0, 0), DENY(ENOSYS));
}

static void x32_calls_kill(void **state)
{
#ifdef __x86_64__
	compile(*state, SECCOMP_KEEP, "@known");
	assert_int_equal(ask(*state, 0x40000000, 0, 0), KILL);
	assert_int_equal(ask(*state, 0x40000000 | __NR_getpid, 0, 0), KILL);
	assert_int_equal(ask(*state, (int)0x80000000, 0, 0), KILL);
	assert_int_equal(ask(*state, -2, 0, 0), KILL);
	assert_int_equal(ask(*state, 0x3fffffff, 0, 0), DENY(ENOSYS));
#else
	(void)state;
	skip();
#endif
}

static void calls_of_another_architecture_kill(void **state)
{
	static const uint32_t architectures[] = { AUDIT_ARCH_I386, AUDIT_ARCH_ARM, 0,
						  SECCOMP_ARCH ^ 1 };
	struct fixture *f = *state;

	compile(f, SECCOMP_KEEP, "@known");
	for (size_t i = 0; i < COUNT(architectures); i++) {
		struct seccomp_data data = call(__NR_read, 0, 0);

		data.arch = architectures[i];
		assert_int_equal(run(&f->plan.seccomp, &data), KILL);
		assert_int_equal(run(&f->plan.seccomp_no_uring, &data), KILL);
	}
}

/* ---- libseccomp as the judge ---- */

static void allow_one(void *context, const char *name)
{
	int number = syscall_number(name);

	if (number >= 0)
		assert_int_equal(seccomp_rule_add_exact(context, SCMP_ACT_ALLOW, number, 0), 0);
}

static struct bpf_program export(scmp_filter_ctx context)
{
	static struct sock_filter insns[BPF_MAXINSNS];
	int fd = memfd_create("filter", MFD_CLOEXEC);
	ssize_t size;

	assert_int_equal(seccomp_export_bpf(context, fd), 0);
	size = pread(fd, insns, sizeof(insns), 0);
	assert_true(size > 0 && (size_t)size < sizeof(insns));
	close(fd);
	return (struct bpf_program){ insns, (size_t)size / sizeof(*insns) };
}

/* Ours answers those differently on purpose, whatever the list. */
static bool is_special(int number)
{
	return number == __NR_clone3 || number == __NR_setpriority ||
	       (number >= __NR_io_uring_setup && number <= __NR_io_uring_register);
}

static void assert_agreement(struct fixture *f, const struct bpf_program *judge)
{
	for (int number = 0; number < SYSCALL_NUMBERS; number++) {
		/* Arguments that every branch allows: AF_UNIX, no CLONE_NEW*, no TIOCSTI. */
		struct seccomp_data data =
			call(number, number == __NR_unshare ? 0 : AF_UNIX, SOCK_STREAM);
		bool expected = run(judge, &data) == ALLOW;

		if (!is_special(number) && (run(&f->plan.seccomp, &data) == ALLOW) != expected)
			fail_msg("%d: libseccomp %s it", number, expected ? "allows" : "denies");
	}
}

static void the_default_list_is_what_libseccomp_makes_of_it(void **state)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	struct bpf_program judge;

	syscall_group_visit(syscall_group_find("@default"), allow_one, context);
	judge = export(context);
	compile(*state, SECCOMP_DEFAULT, "");
	assert_agreement(*state, &judge);
	seccomp_release(context);
}

struct names {
	const char *items[1024];
	size_t count;
};

static void collect(void *context, const char *name)
{
	struct names *names = context;

	assert_true(names->count < COUNT(names->items));
	names->items[names->count++] = name;
}

/* A fixed sequence, so that a failure comes again. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void random_lists_are_what_libseccomp_makes_of_them(void **state)
{
	static struct names names;
	struct fixture *f = *state;
	uint32_t seed = 1;

	names.count = 0;
	syscall_group_visit(syscall_group_find("@known"), collect, &names);
	for (int round = 0; round < 50; round++) {
		scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
		uint32_t share = next_random(&seed) % 100;
		struct bpf_program judge;

		syscall_group_visit(syscall_group_find("@default-keep"), allow_one, context);
		set_policy(f, SECCOMP_KEEP, "");
		for (size_t i = 0; i < names.count; i++) {
			if (next_random(&seed) % 100 >= share)
				continue;
			add_items(f, names.items[i]);
			allow_one(context, names.items[i]);
		}
		judge = export(context);
		assert_int_equal(make(f, UINT64_MAX), 0);
		assert_agreement(f, &judge);
		seccomp_release(context);
	}
}

/* ---- cost ---- */

/*
 * What the kernel does when a filter is installed (seccomp_is_const_allow()): a call is put into
 * the table of those always allowed if the program says so without a look at arguments. Returns
 * the number of instructions that takes, 0 if the call is not put there.
 */
static size_t constant_steps(const struct bpf_program *program, uint32_t number)
{
	uint32_t accumulator = 0;
	size_t steps = 0;

	for (size_t at = 0; at < program->count; at++) {
		const struct sock_filter *insn = &program->insns[at];
		bool jump;

		steps++;
		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (insn->k > offsetof(struct seccomp_data, arch))
				return 0;
			accumulator = insn->k ? SECCOMP_ARCH : number;
			continue;
		case BPF_RET | BPF_K:
			return insn->k == ALLOW ? steps : 0;
		case BPF_JMP | BPF_JA:
			at += insn->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			jump = accumulator == insn->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			jump = accumulator >= insn->k;
			break;
		default:
			return 0;
		}
		at += jump ? insn->jt : insn->jf;
	}
	return 0;
}

static void the_kernel_can_skip_the_program_for_every_call_without_conditions(void **state)
{
	struct fixture *f = *state;
	size_t skipped = 0;

	compile(f, SECCOMP_DEFAULT, "");
	for (unsigned int number = 0; number < SYSCALL_NUMBERS; number++) {
		bool plain = seccomp_action(&f->plan.gate, URING_FILTER, number) == ACTION_ALLOW;

		skipped += plain;
		assert_int_equal(constant_steps(&f->plan.seccomp, number) > 0, plain);
	}
	assert_true(skipped > 250);
}

static void calls_that_are_made_often_pass_in_few_steps(void **state)
{
	static const char *const often[] = {
		"read",	  "write", "futex", "epoll_pwait",
		"openat", "close", "mmap",  "io_uring_enter",
	};
	struct fixture *f = *state;

	compile(f, SECCOMP_DEFAULT, "");
	for (size_t i = 0; i < COUNT(often); i++) {
		size_t steps = constant_steps(&f->plan.seccomp, (uint32_t)syscall_number(often[i]));

		print_message("# %s: %zu of %zu instructions\n", often[i], steps,
			      f->plan.seccomp.count);
		assert_in_range(steps, 1, 12);
	}
}

static void the_longest_program_is_one_that_the_kernel_takes(void **state)
{
	static struct names names;
	struct fixture *f = *state;

	names.count = 0;
	syscall_group_visit(syscall_group_find("@known"), collect, &names);
	/* Every other number: no two calls side by side are answered alike. */
	set_policy(f, SECCOMP_KEEP, "clone unshare ioctl socket socketpair");
	for (size_t i = 0; i < names.count; i++)
		if (syscall_number(names.items[i]) % 2 == 0)
			add_items(f, names.items[i]);
	f->policy.protocol.set = true;
	f->policy.protocol.families = UINT64_MAX & ~family(AF_PACKET);
	assert_int_equal(make(f, 0x5555555555555555ULL), 0);
	print_message("# %zu instructions\n", f->plan.seccomp.count);
	assert_in_range(f->plan.seccomp.count, 300, BPF_MAXINSNS);
	assert_answer(f, "fchroot", ALLOW);
	assert_answer(f, "rseq_slice_yield", DENY(EPERM));
}

/* ---- the first process ---- */

static void init_may_wait_reap_signal_write_and_exit_and_nothing_else(void **state)
{
	static const int allowed[] = { __NR_rt_sigtimedwait, __NR_wait4, __NR_kill, __NR_write,
				       __NR_exit_group };

	(void)state;
	for (int number = -2; number < SYSCALL_NUMBERS; number++) {
		struct seccomp_data data = call(number, 0, 0);
		uint32_t expected = KILL;

		for (size_t i = 0; i < COUNT(allowed); i++)
			if (number == allowed[i])
				expected = ALLOW;
		assert_int_equal(run(&init_seccomp, &data), expected);
		data.arch = AUDIT_ARCH_I386;
		assert_int_equal(run(&init_seccomp, &data), KILL);
		data = call(number | 0x40000000, 0, 0);
		assert_int_equal(run(&init_seccomp, &data), KILL);
	}
}

/* ---- on this kernel ---- */

static bool gives(long result, int error)
{
	return result == -1 && errno == error;
}

/* Exits with the number of the first wrong answer, 0 if there is none. */
static void try_under_filter(const struct bpf_program *program)
{
	struct error err = { 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || seccomp_install(program, &err) < 0)
		_exit(1);
	if (getppid() <= 0)
		_exit(2);
	if (!gives(syscall(SYS_unshare, CLONE_NEWUSER), EPERM))
		_exit(3);
	if (!gives(syscall(SYS_ptrace, 0, 0, 0, 0), EPERM))
		_exit(4);
	if (!gives(syscall(SYS_clone3, NULL, 0), ENOSYS))
		_exit(5);
	if (!gives(syscall(SYS_socket, AF_VSOCK, SOCK_STREAM, 0), EAFNOSUPPORT))
		_exit(6);
	if (!gives(syscall(SYS_ioctl, 0, TIOCSTI | GARBAGE, ""), EPERM))
		_exit(7);
	if (!gives(syscall(SYSCALL_NEWEST + 1), ENOSYS))
		_exit(8);
	if (syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) < 0)
		_exit(9);
	_exit(0);
}

static void the_kernel_answers_as_the_interpreter_does(void **state)
{
	struct fixture *f = *state;
	int status;
	pid_t pid;

	compile(f, SECCOMP_DEFAULT, "");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		try_under_filter(&f->plan.seccomp);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_filter_that_the_kernel_refuses_is_an_error(void **state)
{
	struct sock_filter broken[] = { BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0) };
	struct bpf_program program = { broken, 1 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(seccomp_install(&program, &err), -EINVAL);
	assert_non_null(strstr(err.message, "cannot install the system-call filter"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_call_that_libseccomp_knows_is_in_a_group),
		TEST(every_call_of_the_kernel_headers_is_in_a_group_under_its_number),
		TEST(the_newer_numbers_all_have_a_name),
		TEST(every_group_can_be_followed_to_system_calls),
		TEST(the_group_known_holds_all_others),
		TEST(the_default_holds_nothing_that_is_always_denied),
		TEST(what_must_never_be_reached_is_always_denied),
		TEST(the_default_allows_what_ordinary_programs_call),
		TEST(the_default_denies_with_EPERM),
		TEST(seccomp_items_deny_and_excepted_ones_allow),
		TEST(a_name_counts_more_than_a_group_in_any_order),
		TEST(of_equal_items_the_later_counts),
		TEST(drop_allows_all_known_calls_but_the_named_and_the_always_denied),
		TEST(drop_lifts_what_is_always_denied_for_an_exception),
		TEST(keep_allows_the_named_and_what_programs_need_to_start),
		TEST(keep_grants_an_always_denied_call_that_it_names),
		TEST(a_probe_of_the_kernel_is_never_denied),
		TEST(an_unknown_call_is_refused_with_its_line_and_the_nearest_name),
		TEST(an_unknown_group_is_refused_with_its_line_and_the_nearest_name),
		TEST(a_call_of_another_architecture_is_ignored),
		TEST(a_policy_that_denies_execve_is_refused),
		TEST(clone_makes_processes_and_threads_but_no_namespaces),
		TEST(clone3_is_answered_with_ENOSYS),
		TEST(unshare_does_what_needs_no_namespace),
		TEST(naming_clone_or_unshare_alone_makes_no_namespaces),
		TEST(nesting_opens_namespaces_and_mounts),
		TEST(nesting_can_be_taken_back),
		TEST(memory_is_not_writable_and_executable),
		TEST(some_namespaces_are_restricted_beside_nesting),
		TEST(all_namespaces_are_restricted_beside_nesting),
		TEST(input_cannot_be_put_into_the_terminal_in_any_mode),
		TEST(the_upper_half_of_an_ioctl_command_hides_nothing),
		TEST(protocol_decides_on_the_families_of_socket_in_every_mode),
		TEST(without_protocol_the_default_has_four_families),
		TEST(without_protocol_drop_and_keep_have_the_same_four_families),
		TEST(what_acts_on_the_process_group_is_denied),
		TEST(the_command_line_takes_back_what_a_profile_excepts),
		TEST(protocol_does_not_bring_a_denied_socket_call_back),
		TEST(a_packet_socket_in_the_guise_of_inet_is_denied),
		TEST(a_pair_of_unix_sockets_is_always_possible),
		TEST(filtered_rings_are_allowed_with_the_listed_register_operations),
		TEST(with_no_register_operation_listed_none_is_allowed),
		TEST(uring_none_answers_ENOSYS_and_unfiltered_allows_in_every_mode),
		TEST(denying_one_io_uring_call_blocks_io_uring),
		TEST(the_program_without_io_uring_differs_in_nothing_else),
		TEST(what_is_newer_than_the_list_gets_ENOSYS_in_every_mode),
		TEST(the_newest_call_of_the_list_is_known),
		TEST(a_number_in_a_hole_gets_ENOSYS),
		TEST(asking_for_no_call_at_all_gets_ENOSYS),
		TEST(x32_calls_kill),
		TEST(calls_of_another_architecture_kill),
		TEST(the_default_list_is_what_libseccomp_makes_of_it),
		TEST(random_lists_are_what_libseccomp_makes_of_them),
		TEST(the_kernel_can_skip_the_program_for_every_call_without_conditions),
		TEST(calls_that_are_made_often_pass_in_few_steps),
		TEST(the_longest_program_is_one_that_the_kernel_takes),
		TEST(init_may_wait_reap_signal_write_and_exit_and_nothing_else),
		TEST(the_kernel_answers_as_the_interpreter_does),
		TEST(a_filter_that_the_kernel_refuses_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
