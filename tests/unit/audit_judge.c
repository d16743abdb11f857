// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a watched jail's system calls and requests are answered with, by the plan's own filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "audit/judge.h"
#include "audit/notify.h"
#include "bpf/asm.h"
#include "bpf/checker.h"
#include "bpf/interpret.h"
#include "policy/profile.h"
#include "policy/seccomp_policy.h"
#include "uring/abi.h"
#include "uring/opcode.h"

struct fixture {
	struct policy policy;
	struct plan plan;
	struct error err;
};

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	plan_free(&f->plan);
	policy_free(&f->policy);
	free(f);
	return 0;
}

static void say(struct fixture *f, const char *name, const char *value)
{
	static const struct profile_source source = { 0 };

	if (profile_apply(&f->policy, &source, name, value, &f->err) < 0)
		fail_msg("%s", f->err.message);
}

static void plan_for(struct fixture *f)
{
	f->plan.policy = &f->policy;
	if (seccomp_resolve(&f->plan, &f->err) < 0 ||
	    plan_seccomp_without_uring(&f->plan, &f->err) < 0 ||
	    plan_uring(&f->plan, &f->err) < 0 || plan_seccomp(&f->plan, &f->err) < 0)
		fail_msg("%s", f->err.message);
}

static struct judgement judge(const struct fixture *f, const char *opcode, struct audit_sqe sqe)
{
	sqe.opcode = uring_opcode_by_name(opcode)->number;
	return judge_sqe(&f->plan.uring, getpid(), &sqe);
}

static void a_socket_is_judged_by_its_family(void **state)
{
	struct fixture *f = *state;
	struct judgement judgement;

	say(f, "protocol", "unix");
	plan_for(f);
	judgement = judge(f, "socket", (struct audit_sqe){ .fd = AF_INET, .off = SOCK_STREAM });
	assert_true(judgement.denied);
	assert_non_null(strstr(judgement.rule, "protocol"));
	assert_false(judge(f, "socket", (struct audit_sqe){ .fd = AF_UNIX }).denied);
	assert_false(judge(f, "nop", (struct audit_sqe){ 0 }).denied);
	assert_true(judge(f, "uring_cmd", (struct audit_sqe){ 0 }).denied);
}

struct how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};

static void an_open_is_judged_by_its_flags(void **state)
{
	struct fixture *f = *state;
	struct how reading = { .flags = O_RDONLY };
	struct how writing = { .flags = O_RDWR };
	struct audit_sqe sqe = { .op_flags = O_RDONLY, .len = sizeof(reading) };

	say(f, "uring.open", "read");
	plan_for(f);
	assert_false(judge(f, "openat", sqe).denied);
	sqe.op_flags = O_WRONLY;
	assert_true(judge(f, "openat", sqe).denied);
	sqe.off = (uintptr_t)&reading;
	assert_false(judge(f, "openat2", sqe).denied);
	sqe.off = (uintptr_t)&writing;
	assert_true(judge(f, "openat2", sqe).denied);
}

static void what_cannot_be_read_is_not_judged(void **state)
{
	struct fixture *f = *state;
	struct judgement judgement;

	say(f, "uring.open", "read");
	plan_for(f);
	judgement = judge(f, "openat2", (struct audit_sqe){ .off = 16, .len = 24 });
	assert_true(judgement.blind);
	assert_false(judgement.denied);
}

static void a_connection_is_judged_by_its_address(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in6 inet6 = { .sin6_family = AF_INET6, .sin6_port = htons(80) };
	struct sockaddr_in inet = {
		.sin_family = AF_INET,
		.sin_port = htons(5432),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct audit_sqe sqe = { .addr = (uintptr_t)&inet, .off = sizeof(inet) };

	say(f, "uring.connect", "127.0.0.1:5432,[::1]:80");
	plan_for(f);
	assert_false(judge(f, "connect", sqe).denied);
	inet.sin_port = htons(5433);
	assert_true(judge(f, "connect", sqe).denied);
	inet6.sin6_addr = in6addr_loopback;
	sqe.addr = (uintptr_t)&inet6;
	sqe.off = sizeof(inet6);
	assert_false(judge(f, "connect", sqe).denied);
	sqe.off = 24; /* too short to be seen as a whole */
	assert_true(judge(f, "connect", sqe).denied);
	assert_true(judge(f, "send", sqe).denied);
}

static void flags_are_judged(void **state)
{
	struct fixture *f = *state;

	say(f, "uring.sqe-flags", "io_link");
	plan_for(f);
	assert_false(judge(f, "nop", (struct audit_sqe){ .flags = 1 << 2 }).denied);
	assert_true(judge(f, "nop", (struct audit_sqe){ .flags = 1 << 4 }).denied);
}

static void an_operation_that_the_kernel_lacks_is_not_denied(void **state)
{
	struct fixture *f = *state;
	struct audit_sqe sqe = { .opcode = 200 };

	plan_for(f);
	assert_false(judge_sqe(&f->plan.uring, getpid(), &sqe).denied);
}

/* ---- notifications ---- */

static uint32_t run(const struct bpf_program *program, const struct seccomp_data *call)
{
	uint32_t result;

	assert_int_equal(bpf_interpret(program, call, sizeof(*call), &result), 0);
	return result & SECCOMP_RET_ACTION_FULL;
}

static bool is_told(uint32_t number)
{
	return number == __NR_openat || number == __NR_io_uring_enter || number == __NR_mmap;
}

static bool is_seccomp(const struct seccomp_data *call)
{
	switch (call->arch) {
	case AUDIT_ARCH_I386:
		return SECCOMP_ARCH == AUDIT_ARCH_X86_64 && call->nr == 354;
	case AUDIT_ARCH_ARM:
		return SECCOMP_ARCH == AUDIT_ARCH_AARCH64 && call->nr == 383;
	}
	return call->arch == SECCOMP_ARCH &&
	       (call->nr == __NR_seccomp ||
		(SECCOMP_ARCH == AUDIT_ARCH_X86_64 && call->nr == (0x40000000 | __NR_seccomp)));
}

/* True of a call that is refused whoever listens, since it asks for a listener. */
static bool makes_listener(const struct seccomp_data *call)
{
	return is_seccomp(call) && (call->args[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

/* For one call: what the watched program says, against what the plain one does. */
static void compare(const struct bpf_program *plain, const struct bpf_program *watched,
		    const struct seccomp_data *call)
{
	uint32_t before = run(plain, call);
	uint32_t after = run(watched, call);
	bool told = call->arch == SECCOMP_ARCH && is_told((uint32_t)call->nr) &&
		    (call->nr != __NR_mmap || (uint32_t)call->args[5] == URING_OFFSET_SQES);

	if (before == SECCOMP_RET_ERRNO)
		assert_int_equal(after, SECCOMP_RET_USER_NOTIF);
	else if ((before == SECCOMP_RET_ALLOW || before == SECCOMP_RET_LOG) && makes_listener(call))
		assert_int_equal(after, SECCOMP_RET_ERRNO);
	else if (before == SECCOMP_RET_ALLOW || before == SECCOMP_RET_LOG)
		assert_int_equal(after, told ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW);
	else
		assert_int_equal(after, before);
}

static void compare_all(const struct bpf_program *plain)
{
	static const uint32_t architectures[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
						  AUDIT_ARCH_AARCH64 };
	static const uint64_t values[] = { 0, 1, URING_OFFSET_SQES, UINT64_C(1) << 32, ~0ULL };
	struct arena arena = { 0 };
	struct syscall_set told = { { 0 } };
	struct bpf_program watched;
	struct error err;

	for (unsigned int number = 0; number < SYSCALL_NUMBERS; number++)
		syscall_set_put(&told, number, is_told(number));
	assert_int_equal(notify_program(plain, &told, &arena, &watched, &err), 0);
	assert_int_equal(bpf_check(&watched, BPF_SECCOMP, &err), 0);
	for (size_t a = 0; a < 3; a++)
		for (uint32_t number = 0; number < 1100; number++)
			for (size_t v = 0; v < 5; v++) {
				struct seccomp_data call = { .nr = (int)number,
							     .arch = architectures[a] };

				for (size_t i = 0; i < 6; i++)
					call.args[i] = values[(v + i) % 5];
				compare(plain, &watched, &call);
				call.nr |= 0x40000000;
				compare(plain, &watched, &call);
			}
	arena_free(&arena);
}

static void a_watched_program_tells_of_what_is_denied_and_no_more(void **state)
{
	struct fixture *f = *state;

	say(f, "protocol", "unix");
	plan_for(f);
	compare_all(&f->plan.seccomp);
}

/* Compilers other than libseccomp compute what they return. */
static void a_program_that_computes_its_answer_is_watched(void **state)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 2),
		BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ERRNO | 5),
		BPF_STMT(BPF_RET | BPF_A, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2),
		BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_LOG),
		BPF_STMT(BPF_RET | BPF_A, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, URING_OFFSET_SQES, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	const struct bpf_program plain = { insns, sizeof(insns) / sizeof(insns[0]) };

	(void)state;
	compare_all(&plain);
}

static void answers_are_those_of_the_plain_program(void **state)
{
	static const struct {
		uint32_t result;
		bool allowed;
		int error;
	} cases[] = {
		{ SECCOMP_RET_ALLOW, true, 0 },
		{ SECCOMP_RET_LOG, true, 0 },
		{ SECCOMP_RET_ERRNO | EPERM, false, -EPERM },
		{ SECCOMP_RET_ERRNO, false, 0 },
		{ SECCOMP_RET_ERRNO | 0xffff, false, -4095 },
		{ SECCOMP_RET_USER_NOTIF, false, -ENOSYS },
		{ SECCOMP_RET_TRACE, false, -ENOSYS },
		{ SECCOMP_RET_KILL_PROCESS, false, -EPERM },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sock_filter insn = BPF_STMT(BPF_RET | BPF_K, cases[i].result);
		const struct bpf_program plain = { &insn, 1 };
		struct seccomp_data call = { 0 };
		struct notify_answer answer = notify_answer(&plain, &call);

		assert_int_equal(answer.allowed, cases[i].allowed);
		assert_int_equal(answer.error, cases[i].error);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_socket_is_judged_by_its_family),
		TEST(an_open_is_judged_by_its_flags),
		TEST(what_cannot_be_read_is_not_judged),
		TEST(a_connection_is_judged_by_its_address),
		TEST(flags_are_judged),
		TEST(an_operation_that_the_kernel_lacks_is_not_denied),
		TEST(a_watched_program_tells_of_what_is_denied_and_no_more),
		TEST(a_program_that_computes_its_answer_is_watched),
		TEST(answers_are_those_of_the_plain_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
