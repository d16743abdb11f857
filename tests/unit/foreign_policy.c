// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <asm/ioctls.h>
#include <asm/unistd.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/interpret.h"
#include "policy/plan.h"
#include "policy/seccomp_policy.h"
#include "support/seccomp.h"
#include "uring/abi.h"
#include "uring/opcode.h"

#define PODMAN "/usr/share/containers/seccomp.json" /* golang-github-containers-common */

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct fixture {
	struct policy policy;
	struct plan plan;
	struct error err;
	struct arena arena;
};

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return !*state;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	plan_free(&f->plan);
	policy_free(&f->policy);
	arena_free(&f->arena);
	free(f);
	return 0;
}

static const struct origin line_7 = { "some.profile", 7 };

static int plan_for(struct fixture *f)
{
	f->policy.seccomp.mode_origin = line_7;
	plan_free(&f->plan);
	f->plan = (struct plan){ .policy = &f->policy };
	if (seccomp_resolve(&f->plan, &f->err) < 0 ||
	    plan_seccomp_without_uring(&f->plan, &f->err) < 0 || plan_uring(&f->plan, &f->err) < 0)
		return -f->err.code;
	return plan_seccomp(&f->plan, &f->err);
}

/* A descriptor is closed by the plan that reads it. */
static int plan_with_bytes(struct fixture *f, const void *bytes, size_t length)
{
	f->policy.seccomp.mode = SECCOMP_BPF_FILE;
	f->policy.seccomp.fd = memfd_create("policy", MFD_CLOEXEC);
	assert_int_equal(write(f->policy.seccomp.fd, bytes, length), length);
	assert_int_equal(lseek(f->policy.seccomp.fd, 0, SEEK_SET), 0);
	return plan_for(f);
}

static void plan_with(struct fixture *f, const struct sock_filter *insns, size_t count)
{
	if (plan_with_bytes(f, insns, count * sizeof(*insns)) < 0)
		fail_msg("%s", f->err.message);
}

static void plan_with_library(struct fixture *f, scmp_filter_ctx filter)
{
	struct bpf_program program;

	read_export(filter, &f->arena, &program);
	seccomp_release(filter);
	plan_with(f, program.insns, program.count);
}

static const struct sock_filter all_allowed[] = { BPF_STMT(BPF_RET | BPF_K, ALLOW) };

static const struct uring_op_plan *op(const struct fixture *f, const char *name)
{
	return &f->plan.uring.ops[uring_opcode_by_name(name)->number];
}

static size_t tests_in(const struct bpf_program *program)
{
	size_t tests = 0;

	for (size_t i = 0; i < program->count; i++)
		tests += BPF_CLASS(program->insns[i].code) == BPF_JMP &&
			 BPF_OP(program->insns[i].code) != BPF_JA;
	return tests;
}

static bool ring_may_make(const struct fixture *f, uint32_t family, uint32_t type,
			  uint32_t protocol)
{
	uint32_t input[URING_FILTER_SIZE / 4] = { 0 };
	uint32_t result = 0;

	assert_int_equal(op(f, "socket")->verdict, VERDICT_FILTER);
	input[URING_FILTER_SOCKET_FAMILY / 4] = family;
	input[URING_FILTER_SOCKET_TYPE / 4] = type;
	input[URING_FILTER_SOCKET_PROTOCOL / 4] = protocol;
	assert_int_equal(bpf_interpret(&op(f, "socket")->filter, input, sizeof(input), &result), 0);
	return result;
}

static void plan_podman(struct fixture *f)
{
	if (access(PODMAN, R_OK) < 0)
		skip();
	f->policy.seccomp.mode = SECCOMP_OCI_FILE;
	f->policy.seccomp.file = PODMAN;
	if (plan_for(f) < 0)
		fail_msg("%s", f->err.message);
}

static void podman_leaves_one_filter_and_plain_verdicts(void **state)
{
	struct fixture *f = *state;

	plan_podman(f);
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
		if (uring_opcodes[i].data != DATA_SOCKET)
			assert_int_not_equal(f->plan.uring.ops[i].verdict, VERDICT_FILTER);
	/* Of NETLINK_AUDIT two, and one of AF_VSOCK, which newer versions deny too. */
	assert_in_range(tests_in(&op(f, "socket")->filter), 1, 3);
	assert_false(ring_may_make(f, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT));
	assert_true(ring_may_make(f, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	assert_true(ring_may_make(f, AF_INET, SOCK_STREAM, NETLINK_AUDIT));
	assert_int_equal(op(f, "openat")->verdict, VERDICT_ALLOW);
	assert_int_equal(op(f, "send")->verdict, VERDICT_ALLOW);
}

static void podman_means_what_it_means_to_podman(void **state)
{
	struct fixture *f = *state;

	plan_podman(f);
	assert_int_equal(ask(&f->plan.seccomp, __NR_read, 0, 0, 0), ALLOW);
	assert_int_equal(ask(&f->plan.seccomp, __NR_bpf, 0, 0, 0), DENY(EPERM));
	assert_int_equal(ask(&f->plan.seccomp, __NR_kexec_load, 0, 0, 0), DENY(EPERM));
	assert_int_equal(ask(&f->plan.seccomp, 999, 0, 0, 0), DENY(ENOSYS));
	assert_int_equal(ask(&f->plan.seccomp, __NR_personality, 8, 0, 0), ALLOW);
	assert_int_equal(ask(&f->plan.seccomp, __NR_personality, 9, 0, 0), DENY(ENOSYS));
	assert_int_equal(ask(&f->plan.seccomp, __NR_socket, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT),
			 DENY(EINVAL));
}

/* The policy of each test denies all of io_uring, as most do. */
static void plan_without_uring_calls(struct fixture *f, enum uring_mode mode)
{
	scmp_filter_ctx filter = seccomp_init(ALLOW);

	seccomp_rule_add(filter, DENY(EPERM), __NR_io_uring_setup, 0);
	seccomp_rule_add(filter, DENY(EPERM), __NR_io_uring_enter, 0);
	seccomp_rule_add(filter, DENY(EPERM), __NR_io_uring_register, 0);
	seccomp_rule_add(filter, DENY(EPERM), __NR_mount, 0);
	f->policy.uring.mode = mode;
	plan_with_library(f, filter);
}

static void io_uring_is_admitted_beside_a_policy_that_denies_it(void **state)
{
	struct fixture *f = *state;

	f->policy.uring.has_registers = true;
	f->policy.uring.registers = 1 << 2;
	plan_without_uring_calls(f, URING_FILTER);
	assert_int_equal(f->plan.uring.mode, URING_FILTER);
	assert_int_equal(ask(&f->plan.seccomp, __NR_io_uring_setup, 0, 0, 0), ALLOW);
	assert_int_equal(ask(&f->plan.seccomp, __NR_io_uring_enter, 0, 0, 0), ALLOW);
	assert_int_equal(ask(&f->plan.seccomp, __NR_io_uring_register, 0, 2, 0), ALLOW);
	assert_int_equal(ask(&f->plan.seccomp, __NR_io_uring_register, 0, 1, 0), DENY(EACCES));
	assert_int_equal(ask(&f->plan.seccomp, __NR_io_uring_register, 0, 60, 0), DENY(EACCES));
	assert_int_equal(ask(&f->plan.seccomp, __NR_io_uring_register, 0, 99, 0), DENY(EINVAL));
	assert_int_equal(ask(&f->plan.seccomp, __NR_mount, 0, 0, 0), DENY(EPERM));
	assert_int_equal(ask(&f->plan.seccomp, __NR_read, 0, 0, 0), ALLOW);
}

static void io_uring_is_blocked_where_no_filter_holds(void **state)
{
	static const enum uring_mode modes[] = { URING_FILTER, URING_NONE };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(modes); i++) {
		const struct bpf_program *program;

		plan_without_uring_calls(f, modes[i]);
		program = modes[i] == URING_NONE ? &f->plan.seccomp : &f->plan.seccomp_no_uring;
		for (unsigned int call = __NR_io_uring_setup; call <= __NR_io_uring_register;
		     call++)
			assert_int_equal(ask(program, call, 0, 2, 0), DENY(ENOSYS));
		assert_int_equal(ask(program, __NR_mount, 0, 0, 0), DENY(EPERM));
		assert_int_equal(ask(program, __NR_read, 0, 0, 0), ALLOW);
	}
	plan_without_uring_calls(f, URING_UNFILTERED);
	for (unsigned int call = __NR_io_uring_setup; call <= __NR_io_uring_register; call++)
		assert_int_equal(ask(&f->plan.seccomp, call, 0, 99, 0), ALLOW);
}

static void rings_come_by_native_calls_only(void **state)
{
#ifdef __x86_64__
	static const enum uring_mode modes[] = { URING_FILTER, URING_NONE, URING_UNFILTERED };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(modes); i++) {
		f->policy.uring.mode = modes[i];
		plan_with(f, all_allowed, COUNT(all_allowed));
		for (unsigned int call = __NR_io_uring_setup; call <= __NR_io_uring_register;
		     call++) {
			assert_int_equal(
				run_on(&f->plan.seccomp, AUDIT_ARCH_I386, call, (uint64_t[6]){ 0 }),
				DENY(ENOSYS));
			assert_int_equal(ask(&f->plan.seccomp, X32_BIT | call, 0, 0, 0),
					 DENY(ENOSYS));
		}
		assert_int_equal(ask(&f->plan.seccomp, UINT32_MAX, 0, 0, 0), ALLOW);
	}
#else
	(void)state;
#endif
}

/* How each architecture calls what is held. */
static const struct {
	uint32_t arch;
	unsigned int ioctl, socket, socketpair, setpriority, ioprio_set, keyctl;
} ways[] = {
	{ SECCOMP_ARCH, __NR_ioctl, __NR_socket, __NR_socketpair, __NR_setpriority, __NR_ioprio_set,
	  __NR_keyctl },
#ifdef __x86_64__
	{ SECCOMP_ARCH, X32_BIT | 514, X32_BIT | 41, X32_BIT | 53, X32_BIT | 141, X32_BIT | 251,
	  X32_BIT | 250 },
	{ SECCOMP_ARCH, 514, __NR_socket, __NR_socketpair, __NR_setpriority, __NR_ioprio_set,
	  __NR_keyctl },
	{ AUDIT_ARCH_I386, 54, 359, 360, 97, 289, 288 },
#endif
};

static uint32_t ask_way(const struct fixture *f, size_t way, unsigned int number, uint64_t first,
			uint64_t second)
{
	return run_on(&f->plan.seccomp, ways[way].arch, number, (uint64_t[6]){ first, second });
}

static void no_policy_lets_out_to_the_terminal_or_the_process_group(void **state)
{
	struct fixture *f = *state;

	plan_with(f, all_allowed, COUNT(all_allowed));
	for (size_t i = 0; i < COUNT(ways); i++) {
		assert_int_equal(ask_way(f, i, ways[i].ioctl, 0, TCGETS), ALLOW);
		assert_int_equal(ask_way(f, i, ways[i].ioctl, 0, GARBAGE | TIOCSTI), DENY(EPERM));
		assert_int_equal(ask_way(f, i, ways[i].ioctl, 0, TIOCLINUX), DENY(EPERM));
		assert_int_equal(ask_way(f, i, ways[i].setpriority, PRIO_PROCESS, 0), ALLOW);
		assert_int_equal(ask_way(f, i, ways[i].setpriority, PRIO_PGRP, 0), DENY(EPERM));
		assert_int_equal(ask_way(f, i, ways[i].ioprio_set, 1, 0), ALLOW);
		assert_int_equal(ask_way(f, i, ways[i].ioprio_set, 2, 0), DENY(EPERM));
	}
}

static void no_policy_lets_at_the_users_keys(void **state)
{
	struct fixture *f = *state;

	plan_with(f, all_allowed, COUNT(all_allowed));
	for (size_t i = 0; i < COUNT(ways); i++)
		for (unsigned int back = 0; back < 3; back++) /* add_key, request_key before it */
			assert_int_equal(ask_way(f, i, ways[i].keyctl - back, 0, 0), DENY(EPERM));
}

/* How each architecture calls what makes memory executable, or a namespace. */
static const struct {
	uint32_t arch;
	unsigned int mmap, mprotect, pkey_mprotect, shmat, personality, memfd, clone, unshare,
		setns, bit;
} memory_ways[] = {
	{ SECCOMP_ARCH, __NR_mmap, __NR_mprotect, __NR_pkey_mprotect, __NR_shmat, __NR_personality,
	  __NR_memfd_create, __NR_clone, __NR_unshare, __NR_setns, 0 },
#ifdef __x86_64__
	{ SECCOMP_ARCH, X32_BIT | 9, X32_BIT | 10, X32_BIT | 329, X32_BIT | 30, X32_BIT | 135,
	  X32_BIT | 319, X32_BIT | 56, X32_BIT | 272, X32_BIT | 308, X32_BIT },
	{ AUDIT_ARCH_I386, 192, 125, 380, 397, 136, 356, 120, 310, 346, 0 },
#endif
};

static uint32_t ask_memory(const struct fixture *f, size_t way, unsigned int number, uint64_t first,
			   uint64_t second, uint64_t third)
{
	return run_on(&f->plan.seccomp, memory_ways[way].arch, number,
		      (uint64_t[6]){ first, second, third });
}

static void memory_is_not_writable_and_executable_beside_every_policy(void **state)
{
	struct fixture *f = *state;

	plan_with(f, all_allowed, COUNT(all_allowed));
	for (size_t i = 0; i < COUNT(memory_ways); i++)
		assert_int_equal(ask_memory(f, i, memory_ways[i].mmap, 0, 0, 7), ALLOW);
	f->policy.memory_deny_write_execute = true;
	plan_with(f, all_allowed, COUNT(all_allowed));
	for (size_t i = 0; i < COUNT(memory_ways); i++) {
		assert_int_equal(ask_memory(f, i, memory_ways[i].mmap, 0, 0, 7), DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].mmap, 0, 0, 5), ALLOW);
		assert_int_equal(ask_memory(f, i, memory_ways[i].mprotect, 0, 0, 5), DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].mprotect, 0, 0, 3), ALLOW);
		assert_int_equal(ask_memory(f, i, memory_ways[i].pkey_mprotect, 0, 0, 4),
				 DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].shmat, 0, 0, 0100000),
				 DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].personality, 0x0400000, 0, 0),
				 DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].memfd, 0, 0, 0), DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].clone, CLONE_NEWUSER, 0, 0),
				 ALLOW);
	}
#ifdef __x86_64__
	assert_int_equal(run_on(&f->plan.seccomp, AUDIT_ARCH_I386, 90, (uint64_t[6]){ 0 }),
			 DENY(EPERM));
	assert_int_equal(run_on(&f->plan.seccomp, AUDIT_ARCH_I386, 117,
				(uint64_t[6]){ 0x10015, 1, 0100000 }),
			 DENY(EPERM));
	assert_int_equal(
		run_on(&f->plan.seccomp, AUDIT_ARCH_I386, 117, (uint64_t[6]){ 0x10015, 1, 0 }),
		ALLOW);
	assert_int_equal(
		run_on(&f->plan.seccomp, AUDIT_ARCH_I386, 117, (uint64_t[6]){ 1, 1, 0100000 }),
		ALLOW);
#endif
}

static void namespaces_are_restricted_beside_every_policy(void **state)
{
	struct fixture *f = *state;

	f->policy.restrict_namespaces = CLONE_NEWNET;
	plan_with(f, all_allowed, COUNT(all_allowed));
	assert_true(f->plan.gate.namespaces);
	for (size_t i = 0; i < COUNT(memory_ways); i++) {
		unsigned int bit = memory_ways[i].bit;

		assert_int_equal(ask_memory(f, i, memory_ways[i].clone, CLONE_NEWNET, 0, 0),
				 DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].clone, CLONE_NEWUSER, 0, 0),
				 ALLOW);
		assert_int_equal(ask_memory(f, i, memory_ways[i].unshare, CLONE_NEWNET, 0, 0),
				 DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].setns, 3, 0, 0), DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].setns, 3, CLONE_NEWNET, 0),
				 DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].setns, 3, CLONE_NEWIPC, 0), ALLOW);
		assert_int_equal(ask_memory(f, i, bit | __NR_clone3, 0, 0, 0), DENY(ENOSYS));
		assert_int_equal(ask_memory(f, i, bit | 428, 0, 0, 2), ALLOW);
	}
	f->policy.restrict_namespaces = ALL_NAMESPACES;
	plan_with(f, all_allowed, COUNT(all_allowed));
	assert_false(f->plan.gate.namespaces);
	for (size_t i = 0; i < COUNT(memory_ways); i++) {
		assert_int_equal(ask_memory(f, i, memory_ways[i].bit | 428, 0, 0, 2), DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].bit | 432, 0, 2, 0), DENY(EPERM));
		assert_int_equal(ask_memory(f, i, memory_ways[i].bit | 467, 0, 0, 2), DENY(EPERM));
	}
}

static void protocol_holds_beside_every_policy(void **state)
{
	const uint64_t inet[6] = { AF_INET, SOCK_STREAM };
	const uint64_t local[6] = { AF_UNIX, SOCK_STREAM };
	struct fixture *f = *state;

	plan_with(f, all_allowed, COUNT(all_allowed));
	for (size_t i = 0; i < COUNT(ways); i++)
		assert_int_equal(run_on(&f->plan.seccomp, ways[i].arch, ways[i].socket, inet),
				 ALLOW);
	assert_int_equal(op(f, "socket")->verdict, VERDICT_ALLOW);
	f->policy.protocol.set = true;
	f->policy.protocol.families = 1 << AF_UNIX;
	plan_with(f, all_allowed, COUNT(all_allowed));
	for (size_t i = 0; i < COUNT(ways); i++) {
		assert_int_equal(run_on(&f->plan.seccomp, ways[i].arch, ways[i].socket, inet),
				 DENY(EAFNOSUPPORT));
		assert_int_equal(run_on(&f->plan.seccomp, ways[i].arch, ways[i].socketpair, inet),
				 DENY(EAFNOSUPPORT));
		assert_int_equal(run_on(&f->plan.seccomp, ways[i].arch, ways[i].socket, local),
				 ALLOW);
	}
#ifdef __x86_64__
	assert_int_equal(run_on(&f->plan.seccomp, AUDIT_ARCH_I386, 102, local), DENY(ENOSYS));
#endif
	assert_false(ring_may_make(f, AF_INET, SOCK_STREAM, 0));
	assert_true(ring_may_make(f, AF_UNIX, SOCK_STREAM, 0));
}

/* Planning relies on it where mounts must hold. */
static void namespaces_that_a_policy_leaves_are_known(void **state)
{
	static const int calls[] = { __NR_unshare, __NR_clone, __NR_clone3, __NR_setns };
	struct fixture *f = *state;

	plan_with(f, all_allowed, COUNT(all_allowed));
	assert_true(f->plan.gate.namespaces);
	for (size_t left = 0; left <= COUNT(calls); left++) {
		scmp_filter_ctx filter = seccomp_init(ALLOW);

		for (size_t i = 0; i < COUNT(calls); i++)
			if (i != left && calls[i] == __NR_clone)
				seccomp_rule_add(
					filter, DENY(EPERM), calls[i], 1,
					SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
			else if (i != left)
				seccomp_rule_add(filter, DENY(EPERM), calls[i], 0);
		seccomp_rule_add(filter, DENY(EPERM), __NR_clone, 1,
				 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWNS, CLONE_NEWNS));
		plan_with_library(f, filter);
		assert_int_equal(f->plan.gate.namespaces, left < COUNT(calls));
	}
}

#ifdef __x86_64__
static void namespaces_by_another_architecture_count(void **state)
{
	static const struct {
		uint32_t arch;
		uint32_t number;
	} left[] = {
		{ AUDIT_ARCH_I386, 120 },	  { AUDIT_ARCH_I386, 310 },
		{ AUDIT_ARCH_I386, 346 },	  { AUDIT_ARCH_I386, __NR_clone3 },
		{ SECCOMP_ARCH, X32_BIT | 56 },	  { SECCOMP_ARCH, X32_BIT | 272 },
		{ SECCOMP_ARCH, X32_BIT | 308 },  { SECCOMP_ARCH, X32_BIT | __NR_clone3 },
		{ AUDIT_ARCH_I386, __NR_execve },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(left); i++) {
		/* Nothing but execve, and one call of that architecture. */
		const struct sock_filter insns[] = {
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_execve, 4, 0),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, left[i].number, 0, 2),
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, left[i].arch, 1, 0),
			BPF_STMT(BPF_RET | BPF_K, DENY(EPERM)),
			BPF_STMT(BPF_RET | BPF_K, ALLOW),
		};

		plan_with(f, insns, COUNT(insns));
		assert_int_equal(f->plan.gate.namespaces, left[i].number != __NR_execve);
	}
}
#endif

/* The kernel starts a program with both registers zero, and so must what is put before it. */
static void a_program_starts_with_zero_in_its_registers(void **state)
{
	static const struct sock_filter insns[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, KILL),
		BPF_STMT(BPF_RET | BPF_K, ALLOW),
	};
	struct fixture *f = *state;

	plan_with(f, insns, COUNT(insns));
	assert_int_equal(ask(&f->plan.seccomp, __NR_read, 0, 0, 0), ALLOW);
	assert_int_equal(ask(&f->plan.seccomp, __NR_ioctl, 0, TCGETS, 0), ALLOW);
}

static void what_a_policy_denies_the_ring_is_denied(void **state)
{
	struct fixture *f = *state;
	scmp_filter_ctx filter = seccomp_init(ALLOW);

	seccomp_rule_add(filter, SECCOMP_RET_TRACE, __NR_connect, 0);
	seccomp_rule_add(filter, SECCOMP_RET_USER_NOTIF, __NR_mkdirat, 0);
	seccomp_rule_add(filter, SECCOMP_RET_LOG, __NR_unlinkat, 0);
	seccomp_rule_add(filter, DENY(EPERM), __NR_shutdown, 1, SCMP_A0(SCMP_CMP_EQ, 3));
	plan_with_library(f, filter);
	assert_int_equal(op(f, "connect")->verdict, VERDICT_DENY);
	assert_string_equal(op(f, "connect")->reason, "connect(2) is denied");
	assert_int_equal(op(f, "mkdirat")->verdict, VERDICT_DENY);
	assert_int_equal(op(f, "unlinkat")->verdict, VERDICT_ALLOW);
	assert_int_equal(op(f, "shutdown")->verdict, VERDICT_DENY);
	assert_non_null(strstr(op(f, "shutdown")->reason, "depends on its first argument"));
}

/* A program of the jail could trace or listen, and let itself go on. */
static void what_is_left_to_others_is_left_to_nobody(void **state)
{
	struct fixture *f = *state;
	scmp_filter_ctx filter = seccomp_init(ALLOW);

	seccomp_rule_add(filter, SECCOMP_RET_TRACE, __NR_connect, 0);
	seccomp_rule_add(filter, SECCOMP_RET_USER_NOTIF, __NR_mkdirat, 0);
	plan_with_library(f, filter);
	assert_int_equal(ask(&f->plan.seccomp, __NR_connect, 0, 0, 0), DENY(ENOSYS));
	assert_int_equal(ask(&f->plan.seccomp, __NR_mkdirat, 0, 0, 0), DENY(ENOSYS));
}

/* From libseccomp's own output, whose tests of the arguments' high halves fold away. */
static void filters_of_families_are_short(void **state)
{
	struct fixture *f = *state;
	scmp_filter_ctx filter = seccomp_init(ALLOW);

	seccomp_rule_add(filter, DENY(EPERM), __NR_socket, 1, SCMP_A0(SCMP_CMP_EQ, AF_INET));
	plan_with_library(f, filter);
	assert_int_equal(op(f, "socket")->filter.count, 4);
	assert_false(ring_may_make(f, AF_INET, SOCK_STREAM, 0));
	assert_true(ring_may_make(f, AF_INET6, SOCK_STREAM, 0));

	filter = seccomp_init(DENY(EPERM));
	seccomp_rule_add(filter, ALLOW, __NR_execve, 0);
	seccomp_rule_add(filter, ALLOW, __NR_socket, 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	seccomp_rule_add(filter, ALLOW, __NR_socket, 1, SCMP_A0(SCMP_CMP_EQ, AF_INET));
	seccomp_rule_add(filter, ALLOW, __NR_socket, 1, SCMP_A0(SCMP_CMP_EQ, AF_NETLINK));
	plan_with_library(f, filter);
	assert_int_equal(op(f, "socket")->filter.count, 6);
	assert_int_equal(tests_in(&op(f, "socket")->filter), 3);
	for (uint32_t family = 0; family < 46; family++)
		assert_int_equal(ring_may_make(f, family, SOCK_STREAM, 0),
				 family == AF_UNIX || family == AF_INET || family == AF_NETLINK);
}

static void a_descriptor_is_closed_once_it_is_read(void **state)
{
	struct fixture *f = *state;

	plan_with(f, all_allowed, COUNT(all_allowed));
	assert_int_equal(lseek(f->policy.seccomp.fd, 0, SEEK_CUR), -1);
	assert_int_equal(errno, EBADF);
}

static void refuses_bytes(struct fixture *f, const void *bytes, size_t length, const char *message)
{
	assert_true(plan_with_bytes(f, bytes, length) < 0);
	if (!strstr(f->err.message, message))
		fail_msg("\"%s\" is not in \"%s\"", message, f->err.message);
	assert_non_null(strstr(f->err.message, "some.profile:7"));
}

static void what_is_no_compiled_filter_is_refused(void **state)
{
	static const struct sock_filter beyond[] = { BPF_STMT(BPF_JMP | BPF_JA, 5),
						     BPF_STMT(BPF_RET | BPF_K, ALLOW) };
	static const struct sock_filter back[] = { BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX),
						   BPF_STMT(BPF_RET | BPF_K, ALLOW) };
	static const struct sock_filter endless[] = { BPF_STMT(BPF_LD | BPF_IMM, 5) };
	static struct sock_filter many[BPF_MAXINSNS + 1];
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = all_allowed[0];
	refuses_bytes(f, "", 0, "it is empty");
	refuses_bytes(f, all_allowed, 5, "it is truncated");
	refuses_bytes(f, beyond, sizeof(beyond), "jumps beyond the end");
	refuses_bytes(f, back, sizeof(back), "jumps beyond the end");
	refuses_bytes(f, endless, sizeof(endless), "end");
	refuses_bytes(f, many, sizeof(many), "more than 4096 instructions");
	refuses_bytes(f, many, sizeof(many) - sizeof(many[0]), "4096");
	refuses_bytes(f, "#!/bin/sh\necho hello\n..", 24, "instruction 0");
}

static void a_policy_without_execve_is_refused(void **state)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_execve, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, DENY(EPERM)),
		BPF_STMT(BPF_RET | BPF_K, ALLOW),
	};
	struct fixture *f = *state;

	/* It may be allowed, by its arguments. */
	plan_with(f, insns, COUNT(insns));
	insns[2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, DENY(EPERM));
	refuses_bytes(f, insns, sizeof(insns), "it denies execve");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(podman_leaves_one_filter_and_plain_verdicts),
		TEST(podman_means_what_it_means_to_podman),
		TEST(io_uring_is_admitted_beside_a_policy_that_denies_it),
		TEST(io_uring_is_blocked_where_no_filter_holds),
		TEST(rings_come_by_native_calls_only),
		TEST(no_policy_lets_out_to_the_terminal_or_the_process_group),
		TEST(no_policy_lets_at_the_users_keys),
		TEST(namespaces_that_a_policy_leaves_are_known),
#ifdef __x86_64__
		TEST(namespaces_by_another_architecture_count),
#endif
		TEST(memory_is_not_writable_and_executable_beside_every_policy),
		TEST(namespaces_are_restricted_beside_every_policy),
		TEST(protocol_holds_beside_every_policy),
		TEST(a_program_starts_with_zero_in_its_registers),
		TEST(what_a_policy_denies_the_ring_is_denied),
		TEST(what_is_left_to_others_is_left_to_nobody),
		TEST(filters_of_families_are_short),
		TEST(a_descriptor_is_closed_once_it_is_read),
		TEST(what_is_no_compiled_filter_is_refused),
		TEST(a_policy_without_execve_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
