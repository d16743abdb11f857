// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <asm/unistd.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/interpret.h"
#include "policy/plan.h"
#include "policy/seccomp_policy.h"
#include "uring/abi.h"
#include "uring/opcode.h"

/* uring.grant connect: nothing but the ring's CONNECT takes an address, whatever else is said. */

#define ALLOW SECCOMP_RET_ALLOW
#define DENY(error) (SECCOMP_RET_ERRNO | (error))
#define GARBAGE 0xdeadbeef00000000ULL
#define POINTER 0x00007ffc12345678ULL

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct fixture {
	struct policy policy;
	struct plan plan;
	struct error err;
};

static const struct origin line_7 = { "some.profile", 7 };
static const struct origin line_9 = { "some.profile", 9 };

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return 1;
	*array_push(&f->policy.arena, &f->policy.uring.grants.connects) =
		(struct uring_connect_rule){
			.family = AF_INET,
			.address = { 127, 0, 0, 1 },
			.prefix = 32,
			.port_low = 5432,
			.port_high = 5432,
			.origin = line_7,
		};
	*state = f;
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

static int try_to_plan(struct fixture *f)
{
	plan_free(&f->plan);
	f->plan = (struct plan){ .policy = &f->policy, .caps = f->policy.caps_keep };
	if (seccomp_resolve(&f->plan, &f->err) < 0 ||
	    plan_seccomp_without_uring(&f->plan, &f->err) < 0 || plan_uring(&f->plan, &f->err) < 0)
		return -f->err.code;
	return plan_seccomp(&f->plan, &f->err);
}

static void plan_for(struct fixture *f)
{
	if (try_to_plan(f) < 0)
		fail_msg("%s", f->err.message);
}

static void plan_list(struct fixture *f, enum seccomp_mode mode, const char *items)
{
	char *copy = arena_strdup(&f->policy.arena, items);

	f->policy.seccomp.mode = mode;
	f->policy.seccomp.items.count = 0;
	for (char *item = strtok(copy, " "); item; item = strtok(NULL, " "))
		*array_push(&f->policy.arena, &f->policy.seccomp.items) = (struct syscall_item){
			.name = item + (*item == '!'),
			.except = *item == '!',
			.origin = line_9,
		};
	plan_for(f);
}

/* A policy from elsewhere that allows everything. */
static void plan_foreign(struct fixture *f)
{
	static const struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, ALLOW) };

	f->policy.seccomp.mode = SECCOMP_BPF_FILE;
	f->policy.seccomp.fd = memfd_create("policy", MFD_CLOEXEC);
	assert_int_equal(write(f->policy.seccomp.fd, all, sizeof(all)), sizeof(all));
	assert_int_equal(lseek(f->policy.seccomp.fd, 0, SEEK_SET), 0);
	plan_for(f);
}

/* The numbers of one way into the kernel; 0: it has no such call. */
struct way {
	uint32_t arch;
	unsigned int connect, sendto, sendmsg, sendmmsg, setsockopt, socket, socketcall;
};

#define X32 0x40000000U

static const struct way ways[] = {
	{ SECCOMP_ARCH, __NR_connect, __NR_sendto, __NR_sendmsg, __NR_sendmmsg, __NR_setsockopt,
	  __NR_socket, 0 },
#if defined(__x86_64__)
	/* arch/x86/entry/syscalls/syscall_64.tbl: x32 has numbers of its own for some. */
	{ AUDIT_ARCH_X86_64, X32 | 42, X32 | 44, X32 | 518, X32 | 538, X32 | 541, X32 | 41, 0 },
	{ AUDIT_ARCH_X86_64, 42, 44, 518, 538, 541, 41, 0 },
	{ AUDIT_ARCH_X86_64, X32 | 42, X32 | 44, X32 | 46, X32 | 307, X32 | 54, X32 | 41, 0 },
	/* arch/x86/entry/syscalls/syscall_32.tbl */
	{ AUDIT_ARCH_I386, 362, 369, 370, 345, 366, 359, 102 },
#elif defined(__aarch64__)
	/* arch/arm/tools/syscall.tbl */
	{ AUDIT_ARCH_ARM, 283, 290, 296, 374, 294, 281, 0 },
#endif
};

static uint32_t run_on(const struct bpf_program *program, uint32_t arch, unsigned int number,
		       const uint64_t arguments[6])
{
	struct seccomp_data data = { .nr = (int)number, .arch = arch };
	uint32_t result = 0;

	memcpy(data.args, arguments, sizeof(data.args));
	assert_int_equal(bpf_interpret(program, &data, sizeof(data), &result), 0);
	return result;
}

static uint32_t send_to(const struct bpf_program *program, const struct way *way, uint64_t flags,
			uint64_t address)
{
	const uint64_t arguments[6] = { 3, POINTER, 10, flags, address, 16 };

	return run_on(program, way->arch, way->sendto, arguments);
}

static void assert_no_address(const struct bpf_program *program, const struct way *way)
{
	const uint64_t arguments[6] = { 3, POINTER, 16 };
	const uint64_t nothing[6] = { 0 };

	assert_int_equal(run_on(program, way->arch, way->connect, arguments), DENY(EPERM));
	assert_int_equal(run_on(program, way->arch, way->sendmsg, arguments), DENY(EPERM));
	assert_int_equal(run_on(program, way->arch, way->sendmmsg, arguments), DENY(EPERM));
	assert_int_equal(run_on(program, way->arch, way->sendmsg, nothing), DENY(EPERM));
	assert_int_equal(send_to(program, way, 0, POINTER), DENY(EPERM));
	assert_int_equal(send_to(program, way, 0, 1), DENY(EPERM));
	assert_int_equal(send_to(program, way, 0, 0x5600000000000000ULL), DENY(EPERM));
	assert_int_equal(send_to(program, way, 0, 1ULL << 32), DENY(EPERM));
	assert_int_equal(send_to(program, way, MSG_FASTOPEN, POINTER), DENY(EPERM));
	assert_int_equal(send_to(program, way, MSG_FASTOPEN, 0), DENY(EPERM));
	assert_int_equal(send_to(program, way, MSG_FASTOPEN | MSG_NOSIGNAL | GARBAGE, 0),
			 DENY(EPERM));
	assert_int_equal(send_to(program, way, 0, 0), ALLOW);
	assert_int_equal(send_to(program, way, MSG_NOSIGNAL | MSG_DONTWAIT | GARBAGE, 0), ALLOW);
	if (way->socketcall)
		assert_int_equal(run_on(program, way->arch, way->socketcall, nothing),
				 DENY(ENOSYS));
}

static void no_system_call_takes_an_address(void **state)
{
	static const struct {
		enum seccomp_mode mode;
		const char *items;
	} lists[] = {
		{ SECCOMP_DEFAULT, "" },
		{ SECCOMP_DEFAULT, "!connect !sendto !sendmsg !sendmmsg !setsockopt" },
		{ SECCOMP_DEFAULT, "!@network-io !@nesting" },
		{ SECCOMP_DROP, "listen" },
		{ SECCOMP_KEEP, "connect sendto sendmsg sendmmsg setsockopt socket" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(lists); i++) {
		plan_list(f, lists[i].mode, lists[i].items);
		assert_no_address(&f->plan.seccomp, &ways[0]);
		assert_no_address(&f->plan.seccomp_no_uring, &ways[0]);
	}
}

static void a_denied_call_stays_denied(void **state)
{
	struct fixture *f = *state;

	plan_list(f, SECCOMP_DEFAULT, "sendto setsockopt");
	assert_int_equal(send_to(&f->plan.seccomp, &ways[0], 0, 0), DENY(EPERM));
	assert_int_equal(run_on(&f->plan.seccomp, SECCOMP_ARCH, __NR_setsockopt,
				(uint64_t[6]){ 3, SOL_SOCKET, SO_REUSEADDR }),
			 DENY(EPERM));
}

static void no_way_beside_a_foreign_policy_takes_an_address(void **state)
{
	struct fixture *f = *state;

	plan_foreign(f);
	for (size_t i = 0; i < COUNT(ways); i++) {
		assert_no_address(&f->plan.seccomp, &ways[i]);
		assert_no_address(&f->plan.seccomp_no_uring, &ways[i]);
	}
}

static void without_the_grant_a_foreign_policy_has_the_word(void **state)
{
	const uint64_t arguments[6] = { 3, POINTER, 16, MSG_FASTOPEN, POINTER, 16 };
	struct fixture *f = *state;

	f->policy.uring.grants.connects.count = 0;
	plan_foreign(f);
	for (size_t i = 0; i < COUNT(ways); i++) {
		const unsigned int numbers[] = { ways[i].connect,    ways[i].sendto,
						 ways[i].sendmsg,    ways[i].sendmmsg,
						 ways[i].setsockopt, ways[i].socketcall };

		for (size_t k = 0; k < COUNT(numbers); k++)
			assert_int_equal(
				run_on(&f->plan.seccomp, ways[i].arch, numbers[k], arguments),
				ALLOW);
	}
}

/* A source route, or another device, leads packets for a listed address by way of another. */
static void assert_no_source_route(const struct bpf_program *program, const struct way *way)
{
	static const struct {
		uint64_t level;
		uint64_t option;
		uint32_t answer;
	} rows[] = {
		{ IPPROTO_IP, IP_OPTIONS, DENY(EPERM) },
		{ IPPROTO_IP | GARBAGE, IP_OPTIONS | GARBAGE, DENY(EPERM) },
		{ IPPROTO_IPV6, IPV6_RTHDR, DENY(EPERM) },
		{ IPPROTO_IPV6 | GARBAGE, IPV6_RTHDR | GARBAGE, DENY(EPERM) },
		{ IPPROTO_IPV6, IPV6_2292PKTOPTIONS, DENY(EPERM) },
		{ IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, DENY(EPERM) },
		{ IPPROTO_IPV6, IPV6_PKTINFO, DENY(EPERM) },
		{ IPPROTO_IPV6, IPV6_UNICAST_IF, DENY(EPERM) },
		{ IPPROTO_IP, IP_UNICAST_IF, DENY(EPERM) },
		{ SOL_SOCKET, SO_BINDTODEVICE, DENY(EPERM) },
		{ SOL_SOCKET | GARBAGE, SO_BINDTODEVICE | GARBAGE, DENY(EPERM) },
		{ SOL_SOCKET, SO_BINDTOIFINDEX, DENY(EPERM) },
		{ IPPROTO_IP, IP_TOS, ALLOW },
		{ IPPROTO_IP, IPV6_RTHDR, ALLOW },
		{ IPPROTO_IPV6, IPV6_V6ONLY, ALLOW },
		{ IPPROTO_TCP, 1 /* TCP_NODELAY */, ALLOW },
		{ IPPROTO_TCP, 30 /* TCP_FASTOPEN_CONNECT */, ALLOW },
		{ SOL_SOCKET, SO_DEBUG, ALLOW },
		{ SOL_SOCKET, SO_REUSEADDR, ALLOW },
		{ SOL_SOCKET, 57, ALLOW },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const uint64_t arguments[6] = { 3, rows[i].level, rows[i].option, POINTER, 4 };

		assert_int_equal(run_on(program, way->arch, way->setsockopt, arguments),
				 rows[i].answer);
	}
}

static void no_packet_is_led_astray(void **state)
{
	struct fixture *f = *state;

	plan_list(f, SECCOMP_DEFAULT, "");
	assert_no_source_route(&f->plan.seccomp, &ways[0]);
	plan_foreign(f);
	for (size_t i = 0; i < COUNT(ways); i++)
		assert_no_source_route(&f->plan.seccomp, &ways[i]);
}

static bool may_be_made(unsigned int family, unsigned int type, unsigned int protocol)
{
	switch (family) {
	case AF_UNIX:
	case AF_NETLINK:
		return true;
	case AF_INET:
	case AF_INET6:
		return (type == SOCK_STREAM && (!protocol || protocol == IPPROTO_TCP)) ||
		       (type == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP));
	}
	return false;
}

static bool ring_may_make(const struct fixture *f, uint32_t family, uint32_t type,
			  uint32_t protocol)
{
	const struct uring_op_plan *op = &f->plan.uring.ops[uring_opcode_by_name("socket")->number];
	uint32_t input[URING_FILTER_SIZE / 4] = { 0 };
	uint32_t result = 0;

	assert_int_equal(op->verdict, VERDICT_FILTER);
	input[URING_FILTER_SOCKET_FAMILY / 4] = family;
	input[URING_FILTER_SOCKET_TYPE / 4] = type;
	input[URING_FILTER_SOCKET_PROTOCOL / 4] = protocol;
	assert_int_equal(bpf_interpret(&op->filter, input, sizeof(input), &result), 0);
	return result;
}

/* Protocols: 0, ICMP, TCP, UDP, DCCP, L2TP, SCTP, UDPLITE, RAW, SMC, MPTCP, and none. */
static const uint32_t protocols[] = {
	0, 1, 6, 17, 33, 58, 115, 132, 136, 255, 256, 262, 0xffffffff
};

static void assert_sockets(const struct fixture *f, const struct way *way)
{
	for (uint32_t i = 0; i < 64 * 16 * COUNT(protocols); i++) {
		uint32_t family = i / 16 / COUNT(protocols);
		uint32_t type = i / COUNT(protocols) % 16;
		uint32_t protocol = protocols[i % COUNT(protocols)];
		const uint64_t arguments[6] = { family | GARBAGE, type | SOCK_CLOEXEC | GARBAGE,
						protocol | GARBAGE };
		bool expected = may_be_made(family, type, protocol);
		uint32_t answer = run_on(&f->plan.seccomp, way->arch, way->socket, arguments);

		if ((answer == ALLOW) != expected ||
		    ring_may_make(f, family, type | SOCK_NONBLOCK, protocol) != expected)
			fail_msg("family %u, type %u, protocol %u: 0x%x", family, type, protocol,
				 answer);
	}
}

static void internet_sockets_are_tcp_and_udp(void **state)
{
	struct fixture *f = *state;

	plan_list(f, SECCOMP_DEFAULT, "");
	assert_sockets(f, &ways[0]);
	plan_list(f, SECCOMP_DROP, "listen");
	assert_sockets(f, &ways[0]);
	plan_foreign(f);
	for (size_t i = 0; i < COUNT(ways); i++)
		assert_sockets(f, &ways[i]);
}

/* The ring gets more families than the call, but none of what the wall forbids. */
static void a_granted_socket_is_no_way_out(void **state)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
	const struct way *way = &ways[0];
	struct fixture *f = *state;

	f->policy.protocol.set = true;
	f->policy.protocol.families = 1 << AF_UNIX;
	for (size_t i = 0; i < COUNT(families); i++)
		*array_push(&f->policy.arena, &f->policy.uring.grants.sockets) =
			(struct uring_socket_rule){ families[i], -1, -1, line_9 };
	plan_list(f, SECCOMP_DEFAULT, "");
	for (uint32_t i = 0; i < 64 * 16 * COUNT(protocols); i++) {
		uint32_t family = i / 16 / COUNT(protocols);
		uint32_t type = i / COUNT(protocols) % 16;
		uint32_t protocol = protocols[i % COUNT(protocols)];
		const uint64_t arguments[6] = { family, type, protocol };

		assert_int_equal(ring_may_make(f, family, type, protocol),
				 may_be_made(family, type, protocol));
		assert_int_equal(run_on(&f->plan.seccomp, way->arch, way->socket, arguments),
				 family == AF_UNIX ? ALLOW : DENY(EAFNOSUPPORT));
	}
}

static void the_ring_sends_nothing_even_if_it_is_named(void **state)
{
	static const char *const sends[] = { "send", "sendmsg", "send_zc", "sendmsg_zc" };
	struct fixture *f = *state;

	for (int round = 0; round < 3; round++) {
		if (round == 2)
			plan_foreign(f);
		else
			plan_list(f, SECCOMP_DEFAULT, "!sendto !sendmsg !sendmmsg !connect");
		for (size_t i = 0; i < COUNT(sends); i++) {
			unsigned int number = uring_opcode_by_name(sends[i])->number;
			const struct uring_op_plan *op = &f->plan.uring.ops[number];

			assert_int_equal(op->verdict, VERDICT_DENY);
			assert_non_null(strstr(op->reason, "uring.grant connect (some.profile:7)"));
			f->policy.uring.choices[number] =
				(struct uring_choice_at){ URING_NAMED, line_9 };
		}
		assert_int_equal(f->plan.uring.ops[uring_opcode_by_name("write")->number].verdict,
				 VERDICT_ALLOW);
	}
}

static void assert_refused(struct fixture *f, const char *message)
{
	assert_true(try_to_plan(f) < 0);
	if (!strstr(f->err.message, message))
		fail_msg("\"%s\" has no \"%s\"", f->err.message, message);
	if (!strstr(f->err.message, "some.profile:7"))
		fail_msg("\"%s\" does not say where", f->err.message);
}

static void what_would_open_the_wall_is_refused(void **state)
{
	static const char *const commands[] = { "uring_cmd", "uring_cmd128" };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(commands); i++) {
		struct uring_choice_at *at =
			&f->policy.uring.choices[uring_opcode_by_name(commands[i])->number];

		*at = (struct uring_choice_at){ URING_NAMED, line_9 };
		assert_refused(f, commands[i]);
		at->choice = URING_DENIED;
		plan_for(f);
	}
	f->policy.caps_keep = UINT64_C(1) << CAP_NET_ADMIN;
	assert_refused(f, "net_admin");
	f->policy.caps_keep = ~(UINT64_C(1) << CAP_NET_ADMIN);
	plan_for(f);
	f->policy.uring.mode = URING_UNFILTERED;
	f->policy.uring.mode_origin = line_9;
	assert_refused(f, "uring unfiltered (some.profile:9)");
}

static void families_that_need_no_address_are_refused(void **state)
{
	struct fixture *f = *state;

	f->policy.protocol.set = true;
	f->policy.protocol.origin = line_9;
	for (int family = 0; family < PROTOCOL_FAMILIES; family++) {
		f->policy.protocol.families = UINT64_C(1) << family | 1 << AF_UNIX;
		if (may_be_made((unsigned int)family, SOCK_STREAM, 0))
			plan_for(f);
		else
			assert_refused(f, "some.profile:9: protocol ");
	}
	f->policy.protocol.families = UINT64_C(1) << AF_UNIX;
	*array_push(&f->policy.arena, &f->policy.uring.grants.sockets) =
		(struct uring_socket_rule){ AF_VSOCK, -1, -1, line_9 };
	assert_refused(f, "some.profile:9: uring.grant socket vsock");
	f->policy.uring.grants.sockets.items[0].family = -1;
	assert_refused(f, "some.profile:9: uring.grant socket *");
	f->policy.uring.grants.sockets.items[0].family = AF_INET;
	plan_for(f);
}

static void without_io_uring_the_wall_stands_too(void **state)
{
	struct fixture *f = *state;

	f->policy.uring.mode = URING_NONE;
	plan_list(f, SECCOMP_DEFAULT, "");
	assert_no_address(&f->plan.seccomp, &ways[0]);
	assert_no_source_route(&f->plan.seccomp, &ways[0]);
}

int main(void)
{
#define WITH_GRANT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_GRANT(no_system_call_takes_an_address),
		WITH_GRANT(a_denied_call_stays_denied),
		WITH_GRANT(no_way_beside_a_foreign_policy_takes_an_address),
		WITH_GRANT(without_the_grant_a_foreign_policy_has_the_word),
		WITH_GRANT(no_packet_is_led_astray),
		WITH_GRANT(internet_sockets_are_tcp_and_udp),
		WITH_GRANT(a_granted_socket_is_no_way_out),
		WITH_GRANT(the_ring_sends_nothing_even_if_it_is_named),
		WITH_GRANT(what_would_open_the_wall_is_refused),
		WITH_GRANT(families_that_need_no_address_are_refused),
		WITH_GRANT(without_io_uring_the_wall_stands_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
