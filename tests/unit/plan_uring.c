// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bpf/interpret.h"
#include "policy/plan.h"
#include "policy/seccomp_policy.h"
#include "uring/abi.h"
#include "uring/opcode.h"

struct fixture {
	struct policy policy;
	struct plan plan;
	bool explain;
	struct error err;
};

static const struct origin line_7 = { "some.profile", 7 };

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

static void deny_call(struct fixture *f, const char *name)
{
	*array_push(&f->policy.arena, &f->policy.seccomp.items) = (struct syscall_item){
		.name = name,
		.origin = line_7,
	};
}

static void choose(struct fixture *f, const char *opcode, enum uring_choice choice)
{
	f->policy.uring.choices[uring_opcode_by_name(opcode)->number] = (struct uring_choice_at){
		.choice = choice,
		.origin = line_7,
	};
}

static void plan_for(struct fixture *f)
{
	plan_free(&f->plan);
	f->plan = (struct plan){ .policy = &f->policy, .explain = f->explain };
	assert_int_equal(seccomp_resolve(&f->plan, &f->err), 0);
	assert_int_equal(plan_seccomp_without_uring(&f->plan, &f->err), 0);
	assert_int_equal(plan_uring(&f->plan, &f->err), 0);
}

static const struct uring_op_plan *op(const struct fixture *f, const char *name)
{
	return &f->plan.uring.ops[uring_opcode_by_name(name)->number];
}

static void assert_denied(const struct fixture *f, const char *opcode, const char *reason)
{
	if (op(f, opcode)->verdict != VERDICT_DENY)
		fail_msg("%s is not denied", opcode);
	if (!strstr(op(f, opcode)->reason, reason))
		fail_msg("%s is denied because \"%s\"", opcode, op(f, opcode)->reason);
}

static bool socket_allowed(const struct fixture *f, uint32_t family, uint32_t type)
{
	const struct uring_op_plan *plan = op(f, "socket");
	uint32_t input[URING_FILTER_SIZE / 4] = { 0 };
	uint32_t result = 0;

	if (plan->verdict != VERDICT_FILTER)
		return plan->verdict == VERDICT_ALLOW;
	input[URING_FILTER_SOCKET_FAMILY / 4] = family;
	input[URING_FILTER_SOCKET_TYPE / 4] = type;
	assert_int_equal(bpf_interpret(&plan->filter, input, sizeof(input), &result), 0);
	return result;
}

static void a_silent_profile_allows_all_but_the_opaque(void **state)
{
	struct fixture *f = *state;

	plan_for(f);
	assert_int_equal(f->plan.uring.mode, URING_FILTER);
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++) {
		const struct uring_op_plan *plan = &f->plan.uring.ops[i];

		assert_non_null(plan->reason);
		if (uring_opcodes[i].class == CLASS_OPAQUE)
			assert_denied(f, uring_opcodes[i].name, "only by name");
		else if (plan->verdict == VERDICT_DENY)
			fail_msg("%s: %s", uring_opcodes[i].name, plan->reason);
	}
}

static void opcodes_that_nobody_knows_are_denied(void **state)
{
	struct fixture *f = *state;

	plan_for(f);
	for (unsigned int i = URING_OPCODE_COUNT; i < URING_OPCODES; i++) {
		assert_int_equal(f->plan.uring.ops[i].verdict, VERDICT_DENY);
		assert_non_null(f->plan.uring.ops[i].reason);
	}
}

/* Every call of the table, denied alone, takes along exactly the opcodes that list it. */
static void a_denied_call_denies_the_opcodes_that_do_the_same(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++) {
		const char *name = uring_opcodes[i].syscalls;

		for (; *name; name += strlen(name) + 1) {
			char reason[64];

			f->policy.seccomp.items.count = 0;
			deny_call(f, name);
			choose(f, uring_opcodes[i].name, URING_NAMED);
			plan_for(f);
			snprintf(reason, sizeof(reason), "%s(2) is denied", name);
			assert_denied(f, uring_opcodes[i].name, reason);
		}
	}
}

static void an_unrelated_denial_takes_nothing_away(void **state)
{
	struct fixture *f = *state;

	deny_call(f, "sendto");
	deny_call(f, "unlink");
	deny_call(f, "open");
	deny_call(f, "select");
	deny_call(f, "kill");
	plan_for(f);
	assert_denied(f, "send", "sendto(2)");
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		if (!strstr(uring_opcodes[i].name, "send") &&
		    uring_opcodes[i].class != CLASS_OPAQUE)
			assert_int_not_equal(f->plan.uring.ops[i].verdict, VERDICT_DENY);
}

static void an_opcode_denied_by_the_profile_is_denied(void **state)
{
	struct fixture *f = *state;

	choose(f, "write", URING_DENIED);
	choose(f, "uring_cmd", URING_DENIED);
	plan_for(f);
	assert_denied(f, "write", "uring.deny (some.profile:7)");
	assert_denied(f, "uring_cmd", "uring.deny (some.profile:7)");
	assert_int_equal(op(f, "writev")->verdict, VERDICT_ALLOW);
}

static void a_list_of_allowed_opcodes_denies_all_others(void **state)
{
	struct fixture *f = *state;

	f->policy.uring.has_allow = true;
	f->policy.uring.allow_origin = line_7;
	choose(f, "read", URING_NAMED);
	choose(f, "write", URING_ALLOWED);
	choose(f, "fsync", URING_DENIED);
	plan_for(f);
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++) {
		bool listed = i == 22 || i == 23;

		assert_int_equal(f->plan.uring.ops[i].verdict,
				 listed ? VERDICT_ALLOW : VERDICT_DENY);
	}
	assert_denied(f, "nop", "not in uring.allow (some.profile:7)");
	assert_denied(f, "fsync", "uring.deny");
	assert_non_null(strstr(op(f, "read")->reason, "some.profile:7"));
}

static void what_is_allowed_by_name_still_needs_its_system_call(void **state)
{
	struct fixture *f = *state;

	f->policy.uring.has_allow = true;
	choose(f, "connect", URING_NAMED);
	deny_call(f, "connect");
	plan_for(f);
	assert_denied(f, "connect", "connect(2) is denied");
}

static void opaque_opcodes_need_their_own_name(void **state)
{
	static const char *const opaque[] = { "uring_cmd", "uring_cmd128", "msg_ring" };
	struct fixture *f = *state;

	for (size_t i = 0; i < 3; i++) {
		choose(f, opaque[i], URING_ALLOWED);
		plan_for(f);
		assert_denied(f, opaque[i], "only by name");
		choose(f, opaque[i], URING_NAMED);
		plan_for(f);
		assert_int_equal(op(f, opaque[i])->verdict, VERDICT_ALLOW);
	}
}

static void protocol_holds_for_the_ring_too(void **state)
{
	struct fixture *f = *state;

	f->policy.protocol.set = true;
	f->policy.protocol.families = 1 << AF_UNIX;
	f->policy.protocol.origin = line_7;
	plan_for(f);
	assert_int_equal(op(f, "socket")->verdict, VERDICT_FILTER);
	assert_int_equal(op(f, "socket")->pdu_size, URING_SOCKET_PDU);
	assert_non_null(strstr(op(f, "socket")->reason, "protocol (some.profile:7)"));
	for (uint32_t family = 0; family < 64; family++) {
		assert_int_equal(socket_allowed(f, family, SOCK_STREAM), family == AF_UNIX);
		assert_int_equal(socket_allowed(f, family, SOCK_DGRAM | SOCK_CLOEXEC),
				 family == AF_UNIX);
	}
}

static void socket_rules_and_protocol_must_both_allow(void **state)
{
	struct fixture *f = *state;

	f->policy.protocol.set = true;
	f->policy.protocol.families = 1 << AF_UNIX | 1 << AF_INET;
	*array_push(&f->policy.arena, &f->policy.uring.sockets) =
		(struct uring_socket_rule){ AF_INET, SOCK_STREAM, -1, line_7 };
	*array_push(&f->policy.arena, &f->policy.uring.sockets) =
		(struct uring_socket_rule){ AF_INET6, -1, -1, line_7 };
	plan_for(f);
	assert_true(socket_allowed(f, AF_INET, SOCK_STREAM));
	assert_false(socket_allowed(f, AF_INET, SOCK_DGRAM));
	assert_false(socket_allowed(f, AF_INET6, SOCK_STREAM));
	assert_false(socket_allowed(f, AF_UNIX, SOCK_STREAM));
}

static void families_that_socket_may_not_make_the_ring_may_not_either(void **state)
{
	struct fixture *f = *state;

	plan_for(f);
	for (uint32_t family = 0; family < 64; family++)
		assert_int_equal(socket_allowed(f, family, SOCK_STREAM),
				 f->plan.gate.families >> family & 1);
}

static bool open_allowed(const struct fixture *f, const char *opcode, uint64_t flags,
			 uint64_t resolve)
{
	const struct uring_op_plan *plan = op(f, opcode);
	uint64_t input[URING_FILTER_SIZE / 8] = { 0 };
	uint32_t result = 0;

	if (plan->verdict != VERDICT_FILTER)
		return plan->verdict == VERDICT_ALLOW;
	input[URING_FILTER_OPEN_FLAGS / 8] = flags;
	input[URING_FILTER_OPEN_RESOLVE / 8] = resolve;
	assert_int_equal(bpf_interpret(&plan->filter, input, sizeof(input), &result), 0);
	return result;
}

static void open_rights_narrow_both_opens_and_nothing_else(void **state)
{
	struct fixture *f = *state;

	f->policy.uring.open = (struct uring_open_rule){
		.set = true,
		.rights = OPEN_READ,
		.origin = line_7,
	};
	plan_for(f);
	assert_true(open_allowed(f, "openat", O_RDONLY, 0));
	assert_false(open_allowed(f, "openat", O_RDWR, 0));
	assert_false(open_allowed(f, "openat2", O_RDONLY | O_CREAT, 0));
	assert_int_equal(op(f, "openat2")->pdu_size, URING_OPEN_PDU);
	assert_non_null(strstr(op(f, "openat")->reason, "uring.open (some.profile:7)"));
	assert_int_equal(op(f, "unlinkat")->verdict, VERDICT_ALLOW);
	assert_int_equal(op(f, "mkdirat")->verdict, VERDICT_ALLOW);
}

static void required_resolve_flags_deny_openat(void **state)
{
	struct fixture *f = *state;

	f->policy.uring.open = (struct uring_open_rule){
		.set = true,
		.rights = OPEN_READ,
		.resolve = 8,
		.origin = line_7,
	};
	plan_for(f);
	assert_denied(f, "openat", "no resolve flags");
	assert_true(open_allowed(f, "openat2", O_RDONLY, 8));
	assert_false(open_allowed(f, "openat2", O_RDONLY, 0));
}

static void add_connect_rule(struct fixture *f)
{
	*array_push(&f->policy.arena, &f->policy.uring.connects) = (struct uring_connect_rule){
		.family = AF_INET,
		.address = { 127, 0, 0, 1 },
		.prefix = 32,
		.port_low = 5432,
		.port_high = 5432,
		.origin = line_7,
	};
}

static void a_connect_rule_needs_what_7_2_shows(void **state)
{
	struct fixture *f = *state;

	add_connect_rule(f);
	plan_for(f);
	assert_int_equal(op(f, "connect")->verdict, VERDICT_FILTER);
	assert_int_equal(op(f, "connect")->pdu_size, URING_CONNECT_PDU);
	assert_true(f->plan.uring.needs_connect_data);
	assert_int_equal(f->plan.uring.connect_deny.count, 1);
	assert_int_equal(f->plan.uring.connect_deny.insns[0].k, 0);
	plan_uring_without_connect_data(&f->plan);
	assert_denied(f, "connect", "does not show the address");
	assert_false(f->plan.uring.needs_connect_data);
}

static void a_connect_rule_denies_what_sends_past_it(void **state)
{
	static const char *const sends[] = { "send", "sendmsg", "send_zc", "sendmsg_zc" };
	struct fixture *f = *state;

	add_connect_rule(f);
	choose(f, "send", URING_ALLOWED); /* by a group: not enough */
	plan_for(f);
	for (size_t i = 0; i < 4; i++)
		assert_denied(f, sends[i], "uring.connect (some.profile:7)");
	assert_int_equal(op(f, "write")->verdict, VERDICT_ALLOW);
	assert_int_equal(op(f, "recv")->verdict, VERDICT_ALLOW);

	choose(f, "send", URING_NAMED);
	plan_for(f);
	assert_int_equal(op(f, "send")->verdict, VERDICT_ALLOW);
	assert_denied(f, "sendmsg", "uring.connect");
}

static void assert_unmatched(const struct fixture *f, const char *opcode, const char *call)
{
	if (!call)
		assert_null(op(f, opcode)->unmatched);
	else if (!op(f, opcode)->unmatched || strcmp(op(f, opcode)->unmatched, call))
		fail_msg("%s is unmatched by %s", opcode, op(f, opcode)->unmatched);
}

static void rules_that_the_system_calls_do_not_match_are_marked(void **state)
{
	struct fixture *f = *state;

	f->explain = true;
	plan_for(f);
	for (unsigned int i = 0; i < URING_OPCODES; i++)
		assert_null(f->plan.uring.ops[i].unmatched);

	add_connect_rule(f);
	choose(f, "write", URING_DENIED);
	choose(f, "read_fixed", URING_DENIED);
	choose(f, "nop", URING_DENIED);
	choose(f, "uring_cmd", URING_DENIED);
	plan_for(f);
	assert_unmatched(f, "connect", "connect");
	assert_unmatched(f, "send_zc", "sendto");
	assert_unmatched(f, "sendmsg", "sendmsg");
	assert_unmatched(f, "write", "write");
	assert_unmatched(f, "read_fixed", "read");
	assert_unmatched(f, "read", NULL);
	assert_unmatched(f, "nop", NULL);	/* no call is like it */
	assert_unmatched(f, "uring_cmd", NULL); /* denied without the rule, too */
	plan_uring_without_connect_data(&f->plan);
	assert_unmatched(f, "connect", "connect");

	deny_call(f, "connect");
	deny_call(f, "sendto");
	deny_call(f, "pwritev2");
	plan_for(f);
	assert_unmatched(f, "connect", NULL);
	assert_unmatched(f, "send_zc", NULL);
	assert_unmatched(f, "write", NULL);
}

static void a_list_of_allowed_opcodes_is_marked_where_calls_are_not_denied(void **state)
{
	struct fixture *f = *state;

	f->explain = true;
	f->policy.uring.has_allow = true;
	choose(f, "nop", URING_NAMED);
	deny_call(f, "bind");
	plan_for(f);
	assert_unmatched(f, "openat2", "openat2");
	assert_unmatched(f, "timeout", "nanosleep");
	assert_unmatched(f, "socket", "socket");
	assert_unmatched(f, "bind", NULL);
	assert_unmatched(f, "nop", NULL);
}

static void a_socket_rule_is_marked_if_it_says_less_than_protocol(void **state)
{
	struct fixture *f = *state;

	f->explain = true;
	f->policy.protocol.set = true;
	f->policy.protocol.families = 1 << AF_UNIX;
	*array_push(&f->policy.arena, &f->policy.uring.sockets) =
		(struct uring_socket_rule){ AF_UNIX, -1, -1, line_7 };
	plan_for(f);
	assert_unmatched(f, "socket", NULL);
	f->policy.protocol.families |= 1 << AF_INET;
	plan_for(f);
	assert_unmatched(f, "socket", "socket");
	f->policy.protocol.families = 1 << AF_UNIX;
	f->policy.uring.sockets.items[0].type = SOCK_STREAM;
	plan_for(f);
	assert_unmatched(f, "socket", "socket");
	f->policy.uring.sockets.items[0].type = -1;
	for (int family = AF_INET; family <= AF_NETLINK; family++)
		*array_push(&f->policy.arena, &f->policy.uring.sockets) =
			(struct uring_socket_rule){ family, -1, -1, line_7 };
	f->policy.protocol.set = false;
	plan_for(f);
	assert_unmatched(f, "socket", NULL);
}

static void an_open_rule_is_marked_unless_openat_is_denied(void **state)
{
	struct fixture *f = *state;

	f->explain = true;
	f->policy.uring.open = (struct uring_open_rule){ .set = true, .rights = OPEN_READ };
	plan_for(f);
	assert_unmatched(f, "openat", "openat");
	assert_unmatched(f, "openat2", "openat2");
	deny_call(f, "openat");
	plan_for(f);
	assert_unmatched(f, "openat", NULL);
	assert_unmatched(f, "openat2", NULL);
}

static void msg_ring_opens_its_other_door_only_by_name(void **state)
{
	const uint64_t door = UINT64_C(1) << URING_REGISTER_SEND_MSG_RING;
	struct fixture *f = *state;

	plan_for(f);
	assert_int_equal(f->plan.uring.registers, uring_registers_default());
	choose(f, "msg_ring", URING_NAMED);
	plan_for(f);
	assert_int_equal(f->plan.uring.registers, uring_registers_default() | door);
	f->policy.uring.has_registers = true;
	f->policy.uring.registers = 5;
	plan_for(f);
	assert_int_equal(f->plan.uring.registers, 5);
	f->policy.uring.registers = door;
	choose(f, "msg_ring", URING_DENIED);
	plan_for(f);
	assert_int_equal(f->plan.uring.registers, door);
}

static void narrowed_sqe_flags_need_restrictions(void **state)
{
	struct fixture *f = *state;

	plan_for(f);
	assert_int_equal(f->plan.uring.sqe_flags, URING_SQE_FLAGS_ALL);
	assert_false(f->plan.uring.needs_restrictions);
	f->policy.uring.has_sqe_flags = true;
	f->policy.uring.sqe_flags = 3;
	f->policy.uring.sqe_flags_origin = line_7;
	plan_for(f);
	assert_int_equal(f->plan.uring.sqe_flags, 3);
	assert_true(f->plan.uring.needs_restrictions);
	assert_non_null(strstr(f->plan.uring.sqe_flags_reason, "some.profile:7"));
}

static void a_policy_that_denies_io_uring_itself_has_none(void **state)
{
	struct fixture *f = *state;

	deny_call(f, "io_uring_setup");
	plan_for(f);
	assert_int_equal(f->plan.uring.mode, URING_NONE);
}

static void grant_connect(struct fixture *f)
{
	add_connect_rule(f);
	f->policy.uring.grants.connects = f->policy.uring.connects;
	f->policy.uring.connects = (struct uring_connect_rules){ 0 };
}

static void grant_open(struct fixture *f, struct uring_open_rules *rules, unsigned int rights,
		       uint64_t resolve)
{
	*array_push(&f->policy.arena, rules) = (struct uring_open_rule){
		.set = true,
		.rights = rights,
		.resolve = resolve,
		.origin = line_7,
	};
}

static void grant_socket(struct fixture *f, int family, int type)
{
	*array_push(&f->policy.arena, &f->policy.uring.grants.sockets) =
		(struct uring_socket_rule){ family, type, -1, line_7 };
}

static bool connect_allowed(const struct fixture *f, uint32_t address, uint16_t port)
{
	const struct uring_op_plan *plan = op(f, "connect");
	uint32_t input[URING_FILTER_SIZE / 4] = { 0 };
	uint16_t network_port = htons(port);
	uint32_t result = 0;

	if (plan->verdict != VERDICT_FILTER)
		return plan->verdict == VERDICT_ALLOW;
	input[URING_FILTER_CONNECT_FAMILY / 4] = AF_INET;
	memcpy(&input[URING_FILTER_CONNECT_PORT / 4], &network_port, sizeof(network_port));
	input[URING_FILTER_CONNECT_ADDRESS / 4] = htonl(address);
	assert_int_equal(bpf_interpret(&plan->filter, input, sizeof(input), &result), 0);
	return result;
}

#define LISTED 0x7f000001 /* 127.0.0.1 */

static void a_granted_address_is_all_that_connect_reaches(void **state)
{
	struct fixture *f = *state;

	grant_connect(f);
	f->explain = true;
	plan_for(f);
	assert_true(op(f, "connect")->granted);
	assert_true(connect_allowed(f, LISTED, 5432));
	assert_false(connect_allowed(f, LISTED, 5433));
	assert_false(connect_allowed(f, LISTED + 1, 5432));
	assert_int_equal(op(f, "connect")->pdu_size, URING_CONNECT_PDU);
	assert_string_equal(op(f, "connect")->reason,
			    "uring.grant connect (some.profile:7): connect(2) is denied, the ring "
			    "goes beyond it");
	assert_null(op(f, "connect")->unmatched);
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		assert_int_equal(f->plan.uring.ops[i].granted, i == 16);
}

static void a_granted_address_needs_what_7_2_shows(void **state)
{
	struct fixture *f = *state;

	grant_connect(f);
	plan_for(f);
	assert_true(f->plan.uring.needs_connect_data);
	assert_string_equal(f->plan.uring.connect_directive, "uring.grant connect");
	plan_uring_without_connect_data(&f->plan);
	assert_denied(f, "connect", "does not show the address");
	assert_false(op(f, "connect")->granted);
}

static void a_denial_counts_more_than_a_grant(void **state)
{
	struct fixture *f = *state;

	grant_connect(f);
	choose(f, "connect", URING_DENIED);
	plan_for(f);
	assert_denied(f, "connect", "uring.deny (some.profile:7)");
	assert_false(op(f, "connect")->granted);
	assert_denied(f, "sendmsg", "uring.grant connect");
}

static void a_grant_counts_as_naming_the_opcode(void **state)
{
	struct fixture *f = *state;

	grant_connect(f);
	f->policy.uring.has_allow = true;
	choose(f, "read", URING_NAMED);
	plan_for(f);
	assert_true(connect_allowed(f, LISTED, 5432));
	assert_denied(f, "socket", "not in uring.allow");
}

static void a_grant_is_narrowed_by_rules_of_the_ring(void **state)
{
	struct fixture *f = *state;

	grant_connect(f);
	f->policy.uring.grants.connects.items[0].port_high = 6000;
	add_connect_rule(f);
	f->explain = true;
	plan_for(f);
	assert_true(connect_allowed(f, LISTED, 5432));
	assert_false(connect_allowed(f, LISTED, 5433));
	assert_true(op(f, "connect")->granted);
	assert_null(op(f, "connect")->unmatched);
	assert_non_null(strstr(op(f, "connect")->reason,
			       "uring.connect (some.profile:7) within uring.grant connect"));
	/* What narrows allows no more than what is granted. */
	f->policy.uring.connects.items[0].port_low = 0;
	f->policy.uring.grants.connects.items[0].port_high = 5432;
	plan_for(f);
	assert_true(connect_allowed(f, LISTED, 5432));
	assert_false(connect_allowed(f, LISTED, 5431));
}

static void a_grant_that_a_rule_takes_back_is_none(void **state)
{
	struct fixture *f = *state;

	deny_call(f, "openat");
	grant_open(f, &f->policy.uring.grants.openat, OPEN_READ, 0);
	f->policy.uring.open = (struct uring_open_rule){
		.set = true,
		.rights = OPEN_READ,
		.resolve = 8,
		.origin = line_7,
	};
	plan_for(f);
	assert_denied(f, "openat", "no resolve flags");
	assert_false(op(f, "openat")->granted);
}

static void openat2_is_granted_within_its_resolve_flags(void **state)
{
	struct fixture *f = *state;

	deny_call(f, "openat2");
	grant_open(f, &f->policy.uring.grants.openat2, OPEN_READ, 8);
	grant_open(f, &f->policy.uring.grants.openat2, OPEN_READ | OPEN_WRITE, 4 | 8);
	plan_for(f);
	assert_true(op(f, "openat2")->granted);
	assert_true(open_allowed(f, "openat2", O_RDONLY, 8));
	assert_true(open_allowed(f, "openat2", O_RDWR, 4 | 8));
	assert_false(open_allowed(f, "openat2", O_RDONLY, 0));
	assert_false(open_allowed(f, "openat2", O_RDONLY, 4));
	assert_false(open_allowed(f, "openat2", O_RDWR, 8));
	assert_false(open_allowed(f, "openat2", O_WRONLY, 0));
	assert_false(op(f, "openat")->granted);
	assert_int_equal(op(f, "openat")->verdict, VERDICT_ALLOW);
}

/* Without openat(2), files are opened through the ring only, as far as is granted. */
static void both_opens_are_granted_without_their_calls(void **state)
{
	struct fixture *f = *state;

	deny_call(f, "openat");
	grant_open(f, &f->policy.uring.grants.openat2, OPEN_READ, 8);
	plan_for(f);
	assert_denied(f, "openat", "openat(2) is denied");
	assert_true(open_allowed(f, "openat2", O_RDONLY, 8));
	assert_false(open_allowed(f, "openat2", O_RDONLY, 0));
	grant_open(f, &f->policy.uring.grants.openat, OPEN_READ, 0);
	plan_for(f);
	assert_true(open_allowed(f, "openat", O_RDONLY, 0));
	assert_false(open_allowed(f, "openat", O_RDWR, 0));
}

static void a_granted_socket_adds_to_what_the_call_may_make(void **state)
{
	struct fixture *f = *state;

	f->policy.protocol.set = true;
	f->policy.protocol.families = 1 << AF_UNIX;
	f->policy.protocol.origin = line_7;
	grant_socket(f, AF_INET, SOCK_STREAM);
	plan_for(f);
	assert_true(op(f, "socket")->granted);
	assert_true(socket_allowed(f, AF_UNIX, SOCK_DGRAM));
	assert_true(socket_allowed(f, AF_INET, SOCK_STREAM));
	assert_true(socket_allowed(f, AF_INET, SOCK_STREAM | SOCK_CLOEXEC));
	assert_false(socket_allowed(f, AF_INET, SOCK_DGRAM));
	assert_false(socket_allowed(f, AF_INET6, SOCK_STREAM));
	assert_string_equal(op(f, "socket")->reason,
			    "uring.grant socket (some.profile:7): the ring goes beyond protocol "
			    "(some.profile:7)");
	deny_call(f, "socket");
	plan_for(f);
	assert_false(socket_allowed(f, AF_UNIX, SOCK_DGRAM));
	assert_true(socket_allowed(f, AF_INET, SOCK_STREAM));
}

static void a_grant_of_what_is_allowed_is_an_error(void **state)
{
	struct fixture *f = *state;

	grant_open(f, &f->policy.uring.grants.openat, OPEN_READ, 0);
	f->plan = (struct plan){ .policy = &f->policy };
	assert_int_equal(seccomp_resolve(&f->plan, &f->err), 0);
	assert_int_equal(plan_seccomp_without_uring(&f->plan, &f->err), 0);
	assert_true(plan_uring(&f->plan, &f->err) < 0);
	assert_non_null(strstr(f->err.message, "some.profile:7: uring.grant openat grants "
					       "nothing: openat(2) is allowed already"));
}

static void more_rules_than_a_filter_holds_are_an_error(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5000; i++)
		add_connect_rule(f);
	f->plan = (struct plan){ .policy = &f->policy, .explain = f->explain };
	assert_int_equal(seccomp_resolve(&f->plan, &f->err), 0);
	assert_int_equal(plan_seccomp_without_uring(&f->plan, &f->err), 0);
	assert_true(plan_uring(&f->plan, &f->err) < 0);
	assert_non_null(strstr(f->err.message, "uring.connect (some.profile:7)"));
}

int main(void)
{
#define WITH_PLAN(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_PLAN(a_silent_profile_allows_all_but_the_opaque),
		WITH_PLAN(opcodes_that_nobody_knows_are_denied),
		WITH_PLAN(a_denied_call_denies_the_opcodes_that_do_the_same),
		WITH_PLAN(an_unrelated_denial_takes_nothing_away),
		WITH_PLAN(an_opcode_denied_by_the_profile_is_denied),
		WITH_PLAN(a_list_of_allowed_opcodes_denies_all_others),
		WITH_PLAN(what_is_allowed_by_name_still_needs_its_system_call),
		WITH_PLAN(opaque_opcodes_need_their_own_name),
		WITH_PLAN(protocol_holds_for_the_ring_too),
		WITH_PLAN(socket_rules_and_protocol_must_both_allow),
		WITH_PLAN(families_that_socket_may_not_make_the_ring_may_not_either),
		WITH_PLAN(open_rights_narrow_both_opens_and_nothing_else),
		WITH_PLAN(required_resolve_flags_deny_openat),
		WITH_PLAN(a_connect_rule_needs_what_7_2_shows),
		WITH_PLAN(a_connect_rule_denies_what_sends_past_it),
		WITH_PLAN(rules_that_the_system_calls_do_not_match_are_marked),
		WITH_PLAN(a_list_of_allowed_opcodes_is_marked_where_calls_are_not_denied),
		WITH_PLAN(a_socket_rule_is_marked_if_it_says_less_than_protocol),
		WITH_PLAN(an_open_rule_is_marked_unless_openat_is_denied),
		WITH_PLAN(msg_ring_opens_its_other_door_only_by_name),
		WITH_PLAN(narrowed_sqe_flags_need_restrictions),
		WITH_PLAN(a_policy_that_denies_io_uring_itself_has_none),
		WITH_PLAN(a_granted_address_is_all_that_connect_reaches),
		WITH_PLAN(a_granted_address_needs_what_7_2_shows),
		WITH_PLAN(a_denial_counts_more_than_a_grant),
		WITH_PLAN(a_grant_counts_as_naming_the_opcode),
		WITH_PLAN(a_grant_is_narrowed_by_rules_of_the_ring),
		WITH_PLAN(a_grant_that_a_rule_takes_back_is_none),
		WITH_PLAN(openat2_is_granted_within_its_resolve_flags),
		WITH_PLAN(both_opens_are_granted_without_their_calls),
		WITH_PLAN(a_granted_socket_adds_to_what_the_call_may_make),
		WITH_PLAN(a_grant_of_what_is_allowed_is_an_error),
		WITH_PLAN(more_rules_than_a_filter_holds_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
