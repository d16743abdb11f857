// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/seccomp_oci.h"
#include "policy/seccomp_policy.h"
#include "support/seccomp.h"

#define CAP_BIT(cap) (UINT64_C(1) << (cap))

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct fixture {
	struct error err;
	struct seccomp_oci_host host;
	struct arena arena;
	struct bpf_program program;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->host = (struct seccomp_oci_host){ .kernel_major = 7, .kernel_minor = 2 };
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

/* ---- JSON by itself ---- */

static int compile(struct fixture *f, const char *json)
{
	return seccomp_oci_compile(json, strlen(json), &f->host, &f->arena, &f->program, &f->err);
}

static void compiles(struct fixture *f, const char *json)
{
	if (compile(f, json) < 0)
		fail_msg("%s", f->err.message);
}

/* A policy that denies all but what @rules, of which there is one at least, say. */
static void compiles_rules(struct fixture *f, const char *rules)
{
	compiles(f, arena_printf(&f->arena,
				 "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [%s]}",
				 rules));
}

static void refuses(struct fixture *f, const char *json, const char *message)
{
	if (compile(f, json) == 0)
		fail_msg("accepted: %s", json);
	if (!strstr(f->err.message, message))
		fail_msg("\"%s\" is not in \"%s\"", message, f->err.message);
}

static void refuses_rule(struct fixture *f, const char *rule, const char *message)
{
	refuses(f,
		arena_printf(&f->arena,
			     "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [%s]}", rule),
		message);
}

static uint32_t answer(const struct fixture *f, unsigned int number, uint64_t first)
{
	return ask(&f->program, number, first, 0, 0);
}

static void a_default_that_denies_is_an_allow_list(void **state)
{
	struct fixture *f = *state;

	compiles(f, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38,"
		    "\"syscalls\": [{\"names\": [\"read\", \"write\"], \"action\": "
		    "\"SCMP_ACT_ALLOW\"}]}");
	assert_int_equal(answer(f, __NR_read, 0), ALLOW);
	assert_int_equal(answer(f, __NR_write, 0), ALLOW);
	assert_int_equal(answer(f, __NR_openat, 0), DENY(ENOSYS));
	assert_int_equal(answer(f, 999, 0), DENY(ENOSYS));
	assert_int_equal(answer(f, 5000, 0), DENY(ENOSYS));
}

static void a_default_that_allows_is_a_deny_list(void **state)
{
	struct fixture *f = *state;

	compiles(f, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": ["
		    "{\"name\": \"mount\", \"action\": \"SCMP_ACT_ERRNO\"},"
		    "{\"name\": \"swapon\", \"action\": \"SCMP_ACT_KILL\"},"
		    "{\"name\": \"reboot\", \"action\": \"SCMP_ACT_KILL_PROCESS\"},"
		    "{\"name\": \"acct\", \"action\": \"SCMP_ACT_TRAP\"},"
		    "{\"name\": \"sync\", \"action\": \"SCMP_ACT_LOG\"}]}");
	assert_int_equal(answer(f, __NR_mount, 0), DENY(EPERM));
	assert_int_equal(answer(f, __NR_swapon, 0), SECCOMP_RET_KILL_THREAD);
	assert_int_equal(answer(f, __NR_reboot, 0), KILL);
	assert_int_equal(answer(f, __NR_acct, 0), SECCOMP_RET_TRAP);
	assert_int_equal(answer(f, __NR_sync, 0), SECCOMP_RET_LOG);
	assert_int_equal(answer(f, __NR_read, 0), ALLOW);
}

static void the_errno_is_the_name_or_the_number_or_eperm(void **state)
{
	struct fixture *f = *state;

	compiles(f, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": \"ENOSYS\","
		    "\"defaultErrnoRet\": 1, \"syscalls\": ["
		    "{\"name\": \"mount\", \"action\": \"SCMP_ACT_ERRNO\"},"
		    "{\"name\": \"reboot\", \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 22},"
		    "{\"name\": \"acct\", \"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"ENOTSUP\"},"
		    "{\"name\": \"bpf\", \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 22,"
		    " \"errno\": \"EACCES\"}]}");
	assert_int_equal(answer(f, __NR_read, 0), DENY(ENOSYS));
	assert_int_equal(answer(f, __NR_mount, 0), DENY(EPERM));
	assert_int_equal(answer(f, __NR_reboot, 0), DENY(EINVAL));
	assert_int_equal(answer(f, __NR_acct, 0), DENY(ENOTSUP));
	assert_int_equal(answer(f, __NR_bpf, 0), DENY(EACCES));
}

static void every_operator_compares(void **state)
{
	static const struct {
		const char *operator;
		bool below, equal, above;
	} operators[] = {
		{ "NE", true, false, true }, { "LT", true, false, false },
		{ "LE", true, true, false }, { "EQ", false, true, false },
		{ "GE", false, true, true }, { "GT", false, false, true },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(operators); i++) {
		compiles_rules(f, arena_printf(&f->arena,
					       "{\"name\": \"personality\", \"action\": "
					       "\"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, "
					       "\"value\": 8, \"op\": \"SCMP_CMP_%s\"}]}",
					       operators[i].operator));
		assert_int_equal(answer(f, __NR_personality, 7) == ALLOW, operators[i].below);
		assert_int_equal(answer(f, __NR_personality, 8) == ALLOW, operators[i].equal);
		assert_int_equal(answer(f, __NR_personality, 9) == ALLOW, operators[i].above);
		assert_int_equal(answer(f, __NR_personality, GARBAGE | 8) == ALLOW,
				 operators[i].above);
	}
}

/* As Docker allows clone: without CLONE_NEW*. */
static void a_masked_condition_compares_what_the_mask_leaves(void **state)
{
	struct fixture *f = *state;

	compiles_rules(f, "{\"name\": \"clone\", \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
			  "{\"index\": 0, \"value\": 2114060288, \"valueTwo\": 0,"
			  " \"op\": \"SCMP_CMP_MASKED_EQ\"}]}");
	assert_int_equal(answer(f, __NR_clone, 0x01200011), ALLOW);
	assert_int_equal(answer(f, __NR_clone, 0x10000000), DENY(EPERM));
	compiles_rules(f, "{\"name\": \"clone\", \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
			  "{\"index\": 0, \"value\": 255, \"valueTwo\": 17,"
			  " \"op\": \"SCMP_CMP_MASKED_EQ\"}]}");
	assert_int_equal(answer(f, __NR_clone, 0x01200011), ALLOW);
	assert_int_equal(answer(f, __NR_clone, 0x01200012), DENY(EPERM));
}

#define SOCKET_IF(args)                                                                            \
	"{\"name\": \"socket\", \"action\": \"SCMP_ACT_ALLOW\", \"args\": [" args "]}"
#define IS(index, op, value)                                                                       \
	"{\"index\": " #index ", \"value\": " #value ", \"op\": \"SCMP_CMP_" #op "\"}"

static void conditions_on_different_arguments_must_all_hold(void **state)
{
	struct fixture *f = *state;

	compiles_rules(f, SOCKET_IF(IS(0, EQ, 2) "," IS(1, EQ, 1)));
	assert_int_equal(ask(&f->program, __NR_socket, 2, 1, 0), ALLOW);
	assert_int_equal(ask(&f->program, __NR_socket, 2, 2, 0), DENY(EPERM));
	assert_int_equal(ask(&f->program, __NR_socket, 1, 1, 0), DENY(EPERM));
}

/* As runc has it: each condition is a rule of its own. */
static void conditions_on_one_argument_are_alternatives(void **state)
{
	struct fixture *f = *state;

	compiles_rules(f, SOCKET_IF(IS(0, EQ, 1) "," IS(0, EQ, 2) "," IS(1, EQ, 5)));
	assert_int_equal(ask(&f->program, __NR_socket, 1, 1, 0), ALLOW);
	assert_int_equal(ask(&f->program, __NR_socket, 2, 1, 0), ALLOW);
	assert_int_equal(ask(&f->program, __NR_socket, 3, 5, 0), ALLOW);
	assert_int_equal(ask(&f->program, __NR_socket, 3, 1, 0), DENY(EPERM));
}

static void rules_hold_for_capabilities_that_are_kept(void **state)
{
	static const char rules[] = "{\"name\": \"bpf\", \"action\": \"SCMP_ACT_ALLOW\","
				    " \"includes\": {\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_BPF\"]}},"
				    "{\"name\": \"chroot\", \"action\": \"SCMP_ACT_ALLOW\","
				    " \"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\", \"CAP_BPF\"]}}";
	struct fixture *f = *state;

	compiles_rules(f, rules);
	assert_int_equal(answer(f, __NR_bpf, 0), DENY(EPERM));
	assert_int_equal(answer(f, __NR_chroot, 0), ALLOW);
	f->host.caps = CAP_BIT(CAP_SYS_ADMIN);
	compiles_rules(f, rules);
	assert_int_equal(answer(f, __NR_bpf, 0), DENY(EPERM));
	assert_int_equal(answer(f, __NR_chroot, 0), DENY(EPERM));
	f->host.caps |= CAP_BIT(CAP_BPF);
	compiles_rules(f, rules);
	assert_int_equal(answer(f, __NR_bpf, 0), ALLOW);
}

static void rules_hold_for_architectures_and_kernels(void **state)
{
#ifdef __x86_64__
	static const char here[] = "amd64";
	static const char there[] = "arm64";
#else
	static const char here[] = "arm64";
	static const char there[] = "amd64";
#endif
	static const char *const kernels[] = { "7.2", "4.8", "6.19" };
	static const char *const newer_kernels[] = { "7.3", "8.0", "7.10" };
	struct fixture *f = *state;

	compiles_rules(f, arena_printf(&f->arena,
				       "{\"name\": \"read\", \"action\": \"SCMP_ACT_ALLOW\","
				       " \"includes\": {\"arches\": [\"%s\", \"%s\"]}},"
				       "{\"name\": \"write\", \"action\": \"SCMP_ACT_ALLOW\","
				       " \"includes\": {\"arches\": [\"%s\"]}},"
				       "{\"name\": \"close\", \"action\": \"SCMP_ACT_ALLOW\","
				       " \"excludes\": {\"arches\": [\"%s\"]}}",
				       there, here, there, here));
	assert_int_equal(answer(f, __NR_read, 0), ALLOW);
	assert_int_equal(answer(f, __NR_write, 0), DENY(EPERM));
	assert_int_equal(answer(f, __NR_close, 0), DENY(EPERM));
	for (size_t i = 0; i < 2 * COUNT(kernels); i++) {
		bool newer = i >= COUNT(kernels);
		const char *kernel = newer ? newer_kernels[i - COUNT(kernels)] : kernels[i];

		compiles_rules(f, arena_printf(&f->arena,
					       "{\"name\": \"read\", \"action\": "
					       "\"SCMP_ACT_ALLOW\", \"includes\": "
					       "{\"minKernel\": \"%s\"}},"
					       "{\"name\": \"write\", \"action\": "
					       "\"SCMP_ACT_ALLOW\", \"excludes\": "
					       "{\"minKernel\": \"%s\"}}",
					       kernel, kernel));
		assert_int_equal(answer(f, __NR_read, 0), newer ? DENY(EPERM) : ALLOW);
		assert_int_equal(answer(f, __NR_write, 0), newer ? ALLOW : DENY(EPERM));
	}
}

static void calls_of_other_architectures_are_passed_over(void **state)
{
	struct fixture *f = *state;

	compiles_rules(f, "{\"names\": [\"_llseek\", \"arm_fadvise64_64\", \"read\"],"
			  " \"action\": \"SCMP_ACT_ALLOW\"},"
			  "{\"names\": [\"no_such_call\"], \"action\": \"SCMP_ACT_ALLOW\","
			  " \"includes\": {\"arches\": [\"riscv64\"]}}");
	assert_int_equal(answer(f, __NR_read, 0), ALLOW);
}

static void calls_newer_than_libseccomp_are_known(void **state)
{
	struct fixture *f = *state;

	compiles_rules(f, "{\"names\": [\"mseal\", \"fchroot\"], \"action\": \"SCMP_ACT_ALLOW\"},"
			  "{\"name\": \"listns\", \"action\": \"SCMP_ACT_ALLOW\", \"args\": [" IS(
				  3, EQ, 0) "]}");
	assert_int_equal(answer(f, 462, 0), ALLOW);
	assert_int_equal(answer(f, 472, 0), ALLOW);
	assert_int_equal(answer(f, 470, 0), ALLOW);
	assert_int_equal(run_on(&f->program, SECCOMP_ARCH, 470, (uint64_t[6]){ 0, 0, 0, 1 }),
			 DENY(EPERM));
	assert_int_equal(answer(f, 471, 0), DENY(EPERM));
}

#ifdef __x86_64__
static uint32_t on_i386(const struct fixture *f, unsigned int number)
{
	return run_on(&f->program, AUDIT_ARCH_I386, number, (uint64_t[6]){ 0 });
}

static void architectures_that_are_not_listed_are_killed(void **state)
{
	struct fixture *f = *state;

	compiles(f, "{\"defaultAction\": \"SCMP_ACT_ALLOW\","
		    "\"architectures\": [\"SCMP_ARCH_X86_64\"]}");
	assert_int_equal(answer(f, __NR_read, 0), ALLOW);
	assert_int_equal(on_i386(f, 3), KILL);
	assert_int_equal(answer(f, X32_BIT | __NR_read, 0), KILL);
	assert_int_equal(run_on(&f->program, AUDIT_ARCH_ARM, 3, (uint64_t[6]){ 0 }), KILL);
}

static void rules_hold_on_architectures_that_are_listed(void **state)
{
	static const char rules[] =
		"\"syscalls\": [{\"names\": [\"read\", \"_llseek\", \"mseal\", \"uretprobe\"],"
		" \"action\": \"SCMP_ACT_ALLOW\"}]}";
	static const char *const lists[] = {
		"\"architectures\": [\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"],",
		"\"archMap\": [{\"architecture\": \"SCMP_ARCH_AARCH64\","
		" \"subArchitectures\": [\"SCMP_ARCH_ARM\"]},"
		"{\"architecture\": \"SCMP_ARCH_X86_64\","
		" \"subArchitectures\": [\"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"]}],",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(lists); i++) {
		compiles(f, arena_printf(&f->arena, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", %s%s",
					 lists[i], rules));
		assert_int_equal(on_i386(f, 3), ALLOW);
		assert_int_equal(on_i386(f, 140), ALLOW);
		assert_int_equal(on_i386(f, 462), ALLOW);
		assert_int_equal(on_i386(f, 335), DENY(EPERM));
		assert_int_equal(on_i386(f, 4), DENY(EPERM));
		assert_int_equal(answer(f, __NR_read, 0), ALLOW);
		assert_int_equal(answer(f, 335, 0), ALLOW);
		assert_int_equal(answer(f, X32_BIT | __NR_read, 0), ALLOW);
		assert_int_equal(answer(f, X32_BIT | 462, 0), ALLOW);
		assert_int_equal(answer(f, X32_BIT | __NR_write, 0), DENY(EPERM));
	}
	compiles(f, arena_printf(&f->arena,
				 "{\"defaultAction\": \"SCMP_ACT_ERRNO\","
				 "\"archMap\": [{\"architecture\": \"SCMP_ARCH_MIPS\","
				 "\"subArchitectures\": [\"SCMP_ARCH_X86\"]}],%s",
				 rules));
	assert_int_equal(on_i386(f, 3), KILL);
}
#endif

static void a_runtime_spec_is_a_policy_too(void **state)
{
	struct fixture *f = *state;

	compiles(f, "{\"ociVersion\": \"1.0.2\", \"process\": {}, \"linux\": {\"seccomp\": {"
		    "\"defaultAction\": \"SCMP_ACT_ERRNO\", \"flags\": "
		    "[\"SECCOMP_FILTER_FLAG_LOG\"], \"syscalls\": [{\"names\": [\"read\"], "
		    "\"action\": \"SCMP_ACT_ALLOW\", \"args\": null}]}}}");
	assert_int_equal(answer(f, __NR_read, 0), ALLOW);
	assert_int_equal(answer(f, __NR_write, 0), DENY(EPERM));
	refuses(f, "{\"ociVersion\": \"1.0.2\", \"linux\": {}}", "there is no linux.seccomp");
	refuses(f, "{\"ociVersion\": \"1.0.2\"}", "there is no linux.seccomp");
}

static void what_is_no_policy_is_refused(void **state)
{
	struct fixture *f = *state;

	refuses(f, "", "line 1");
	refuses(f, "{", "line 1");
	refuses(f, "[]", "no JSON object");
	refuses(f, "{}", "\"defaultAction\" is missing");
	refuses(f, "{\"defaultAction\": 1}", "\"defaultAction\" is no string");
	refuses(f, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultAction\": 1}", "duplicate");
	refuses(f, "{\"defaultAction\": \"SCMP_ACT_ALLOW\"} x", "end of file expected");
	refuses(f, "{\"defaultAction\": \"SCMP_ACT_ALOW\"}", "unknown action \"SCMP_ACT_ALOW\"");
	assert_string_equal(f->err.hint, "did you mean \"SCMP_ACT_ALLOW\"?");
	refuses(f, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"sycalls\": []}",
		"unknown key \"sycalls\"");
	assert_string_equal(f->err.hint, "did you mean \"syscalls\"?");
	refuses(f, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": {}}",
		"\"syscalls\" is no array");
	refuses(f,
		"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X68\"]}",
		"architectures[0]: unknown architecture \"SCMP_ARCH_X68\"");
	refuses(f,
		"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"archMap\": [{\"architecture\": \"X\"}]}",
		"archMap[0]: unknown architecture \"X\"");
	refuses(f,
		"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": "
		"[\"SCMP_ARCH_NATIVE\"], \"archMap\": [{\"architecture\": \"SCMP_ARCH_MIPS\"}]}",
		"not both");
	refuses(f, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": \"EWHAT\"}",
		"unknown errno \"EWHAT\"");
	refuses(f, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 5000}",
		"\"defaultErrnoRet\" is no number from 0 to 4095");
	refuses(f, "{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", "needs a listener");
	refuses(f, "{\"defaultAction\": \"SCMP_ACT_TRACE\"}", "leaves it to a tracer");
}

static void what_is_no_rule_is_refused(void **state)
{
#define READ "{\"name\": \"read\", \"action\": \"SCMP_ACT_ALLOW\", "
	struct fixture *f = *state;

	refuses_rule(f, "5", "syscalls[0]: an object was expected");
	refuses_rule(f, "{}", "syscalls[0]: \"action\" is missing");
	refuses_rule(f, "{\"action\": \"SCMP_ACT_ALLOW\"}", "one of \"names\" and \"name\"");
	refuses_rule(f, READ "\"names\": [\"write\"]}", "one of \"names\" and \"name\"");
	refuses_rule(f, READ "\"arg\": []}", "syscalls[0]: unknown key \"arg\"");
	refuses_rule(f, "{\"action\": \"SCMP_ACT_ALLOW\", \"names\": [\"read\", \"opne\"]}",
		     "syscalls[0]: names[1]: unknown system call \"opne\"");
	assert_string_equal(f->err.hint, "did you mean \"open\"?");
	refuses_rule(f, "{\"action\": \"SCMP_ACT_ALLOW\", \"names\": [7]}",
		     "syscalls[0]: names[0] is no string");
	refuses_rule(f, "{\"action\": \"SCMP_ACT_NOTIFY\", \"name\": \"read\"}", "listener");
	refuses_rule(f, READ "\"args\": [" IS(6, EQ, 1) "]}",
		     "args[0]: \"index\" is no number from 0 to 5");
	refuses_rule(f, READ "\"args\": [" IS(0, XX, 1) "]}",
		     "args[0]: unknown operator \"SCMP_CMP_XX\"");
	refuses_rule(f, READ "\"args\": [" IS(0, MASKED_EQ, 0) "]}", "args[0]: a mask of 0");
	refuses_rule(f, READ "\"args\": [" IS(0, EQ, -1) "]}", "args[0]: \"value\" is no number");
	refuses_rule(f, READ "\"args\": [" IS(0, EQ, 1.5) "]}", "args[0]: \"value\" is no number");
	refuses_rule(f, READ "\"args\": [" IS(0, EQ, 18446744073709551615) "]}", "too big integer");
	refuses_rule(f, READ "\"args\": [{\"value\": 1, \"op\": \"SCMP_CMP_EQ\"}]}",
		     "args[0]: \"index\" is missing");
	refuses_rule(f, READ "\"includes\": {\"caps\": [\"CAP_SYS_ADMN\"]}}",
		     "includes: caps[0]: unknown capability \"CAP_SYS_ADMN\"");
	refuses_rule(f, READ "\"excludes\": {\"arches\": [\"amd46\"]}}",
		     "excludes: arches[0]: unknown architecture \"amd46\"");
	refuses_rule(f, READ "\"includes\": {\"minKernel\": \"4.x\"}}",
		     "minKernel: \"4.x\" is no version");
	refuses_rule(f, READ "\"includes\": {\"cap\": []}}", "includes: unknown key \"cap\"");
#undef READ
}

/* An allowed call that a later rule denies, as setns in Podman's JSON; unlike libseccomp. */
static void a_denial_is_not_lost_beside_what_is_allowed(void **state)
{
	struct fixture *f = *state;

	compiles_rules(f, "{\"names\": [\"setns\", \"read\"], \"action\": \"SCMP_ACT_ALLOW\"},"
			  "{\"name\": \"setns\", \"action\": \"SCMP_ACT_ERRNO\", \"errno\": "
			  "\"EACCES\"},"
			  "{\"name\": \"read\", \"action\": \"SCMP_ACT_KILL\", \"args\": [" IS(
				  0, EQ, 7) "]}");
	assert_int_equal(answer(f, __NR_setns, 0), DENY(EACCES));
	assert_int_equal(answer(f, __NR_read, 7), SECCOMP_RET_KILL_THREAD);
	assert_int_equal(answer(f, __NR_read, 6), ALLOW);
}

static void endless_conditions_and_depth_are_refused(void **state)
{
	struct fixture *f = *state;
	char *rules = arena_alloc(&f->arena, 400000);
	size_t length = 0;

	for (int i = 0; i < 1100; i++)
		length += (size_t)sprintf(rules + length,
					  "%s{\"name\": \"read\", \"action\": \"SCMP_ACT_ALLOW\", "
					  "\"args\": [{\"index\": 0, \"value\": %d, \"op\": "
					  "\"SCMP_CMP_EQ\"}]}",
					  i ? "," : "", i);
	refuses_rule(f, rules, "more than 1024 conditions");
	/* Each name is a rule, and each condition on one argument too: not to be multiplied out. */
	length = (size_t)sprintf(rules, "{\"action\": \"SCMP_ACT_ALLOW\", \"names\": [\"read\"");
	for (int i = 0; i < 10000; i++)
		length += (size_t)sprintf(rules + length, ", \"read\"");
	length += (size_t)sprintf(rules + length, "], \"args\": [" IS(0, EQ, 1));
	for (int i = 0; i < 1000; i++)
		length += (size_t)sprintf(rules + length, ", " IS(0, EQ, 2));
	sprintf(rules + length, "]}");
	refuses_rule(f, rules, "more than 1024 conditions");
	memset(rules, '[', 100000);
	rules[100000] = '\0';
	refuses(f, rules, "maximum parsing depth");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_default_that_denies_is_an_allow_list),
		TEST(a_default_that_allows_is_a_deny_list),
		TEST(the_errno_is_the_name_or_the_number_or_eperm),
		TEST(every_operator_compares),
		TEST(a_masked_condition_compares_what_the_mask_leaves),
		TEST(conditions_on_different_arguments_must_all_hold),
		TEST(conditions_on_one_argument_are_alternatives),
		TEST(rules_hold_for_capabilities_that_are_kept),
		TEST(rules_hold_for_architectures_and_kernels),
		TEST(calls_of_other_architectures_are_passed_over),
		TEST(calls_newer_than_libseccomp_are_known),
#ifdef __x86_64__
		TEST(architectures_that_are_not_listed_are_killed),
		TEST(rules_hold_on_architectures_that_are_listed),
#endif
		TEST(a_runtime_spec_is_a_policy_too),
		TEST(what_is_no_policy_is_refused),
		TEST(what_is_no_rule_is_refused),
		TEST(a_denial_is_not_lost_beside_what_is_allowed),
		TEST(endless_conditions_and_depth_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
