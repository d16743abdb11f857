// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "audit/advice.h"
#include "audit/describe.h"
#include "bpf/interpret.h"
#include "policy/plan.h"
#include "policy/profile.h"
#include "uring/abi.h"
#include "uring/opcode.h"

/*
 * Advice is put to the test: what it says is appended to the policy, and what was denied must then
 * be allowed.
 */
struct fixture {
	struct arena arena;
	const char *profile;
	const char *options; /* NAME=VALUE, a line each */
	struct policy policy;
	struct plan plan;
	bool ring;
	struct seccomp_data call; /* what is tried: a call */
	struct audit_sqe sqe;	  /* or this */
	struct audit_record record;
	char file[32]; /* of a foreign policy */
};

static const struct profile_source source = {
	.macros = { .home = "/home/user", .cwd = "/work" },
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->profile = "";
	f->options = "";
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (*f->file)
		unlink(f->file);
	plan_free(&f->plan);
	policy_free(&f->policy);
	arena_free(&f->arena);
	free(f);
	return 0;
}

/* ---- the policy ---- */

static void apply_options(struct fixture *f, struct error *err)
{
	const char *option = f->options;

	while (*option) {
		size_t length = strcspn(option, "\n");
		size_t name = strcspn(option, "=");

		if (profile_apply(&f->policy, &source, arena_strndup(&f->arena, option, name),
				  arena_strndup(&f->arena, option + name + 1, length - name - 1),
				  err) < 0)
			fail_msg("%s", err->message);
		option += length + 1;
	}
}

static void make_plan(struct fixture *f)
{
	struct error err = { 0 };

	plan_free(&f->plan);
	policy_free(&f->policy);
	f->policy = (struct policy){ 0 };
	f->plan = (struct plan){ .policy = &f->policy };
	if (profile_read_text(&f->policy, &source, "x.profile", f->profile, strlen(f->profile),
			      &err) < 0)
		fail_msg("%s", err.message);
	apply_options(f, &err);
	if (seccomp_resolve(&f->plan, &err) < 0 || plan_seccomp_without_uring(&f->plan, &err) < 0 ||
	    plan_uring(&f->plan, &err) < 0 || plan_seccomp(&f->plan, &err) < 0)
		fail_msg("%s", err.message);
}

static void policy_is(struct fixture *f, const char *profile, const char *options)
{
	f->profile = arena_strdup(&f->arena, profile);
	f->options = arena_strdup(&f->arena, options);
	make_plan(f);
}

/* ---- what is tried ---- */

static bool call_is_allowed(const struct fixture *f)
{
	uint32_t result;

	assert_int_equal(bpf_interpret(&f->plan.seccomp, &f->call, sizeof(f->call), &result), 0);
	return result == SECCOMP_RET_ALLOW;
}

/* What the kernel shows to the filter. */
static void fill_input(const struct fixture *f, unsigned char input[URING_FILTER_SIZE])
{
	const struct audit_sqe *sqe = &f->sqe;
	const struct sockaddr_in *inet;
	uint32_t socket[] = { (uint32_t)sqe->fd, (uint32_t)sqe->off, sqe->len };
	uint64_t open[] = { sqe->op_flags, sqe->len, 0 };
	uint32_t family;

	switch (uring_opcodes[sqe->opcode].data) {
	case DATA_SOCKET:
		memcpy(input + URING_FILTER_PDU, socket, sizeof(socket));
		break;
	case DATA_OPEN:
		if (!strcmp(uring_opcodes[sqe->opcode].name, "openat"))
			memcpy(input + URING_FILTER_PDU, open, sizeof(open));
		else if (sqe->off)
			memcpy(input + URING_FILTER_PDU, (const void *)(uintptr_t)sqe->off,
			       sizeof(struct open_how));
		break;
	case DATA_CONNECT:
		inet = (const void *)(uintptr_t)sqe->addr;
		if (!inet)
			break;
		family = inet->sin_family;
		memcpy(input + URING_FILTER_CONNECT_FAMILY, &family, 4);
		memcpy(input + URING_FILTER_CONNECT_PORT, &inet->sin_port, 2);
		if (family == AF_INET)
			memcpy(input + URING_FILTER_CONNECT_ADDRESS, &inet->sin_addr, 4);
		else if (family == AF_INET6)
			memcpy(input + URING_FILTER_CONNECT_ADDRESS,
			       &((const struct sockaddr_in6 *)inet)->sin6_addr, 16);
		break;
	case DATA_NONE:
		break;
	}
}

static bool sqe_is_allowed(const struct fixture *f)
{
	const struct uring_op_plan *op = &f->plan.uring.ops[f->sqe.opcode];
	uint32_t input[URING_FILTER_SIZE / 4] = { 0 };
	uint32_t result;

	if (f->sqe.flags & ~f->plan.uring.sqe_flags)
		return false;
	if (op->verdict != VERDICT_FILTER)
		return op->verdict == VERDICT_ALLOW;
	fill_input(f, (unsigned char *)input);
	assert_int_equal(bpf_interpret(&op->filter, input, sizeof(input), &result), 0);
	return result;
}

static bool is_allowed(const struct fixture *f)
{
	return f->ring ? sqe_is_allowed(f) : call_is_allowed(f);
}

static void denied(struct fixture *f)
{
	if (is_allowed(f))
		fail_msg("%s is not denied", f->record.name);
}

static void call_is_denied(struct fixture *f, const char *name, const uint64_t args[6])
{
	f->ring = false;
	f->call = (struct seccomp_data){ .nr = syscall_number(name), .arch = SECCOMP_ARCH };
	memcpy(f->call.args, args, sizeof(f->call.args));
	f->record = (struct audit_record){
		.gate = AUDIT_BY_CALL,
		.number = (unsigned int)f->call.nr,
		.name = name,
		.error = EPERM,
	};
	describe_call(getpid(), &f->call, &f->record.arguments, &f->arena);
	denied(f);
}

#define CALL(f, name, ...) call_is_denied(f, name, (const uint64_t[6]){ __VA_ARGS__ })

static void sqe_is_denied(struct fixture *f, const char *name, struct audit_sqe sqe)
{
	f->ring = true;
	f->sqe = sqe;
	f->sqe.opcode = uring_opcode_by_name(name)->number;
	f->record = (struct audit_record){
		.gate = AUDIT_BY_RING,
		.number = f->sqe.opcode,
		.name = name,
		.error = EACCES,
	};
	describe_sqe(getpid(), &f->sqe, &f->record.arguments, &f->arena);
	denied(f);
}

#define SQE(f, name, ...) sqe_is_denied(f, name, (struct audit_sqe){ __VA_ARGS__ })

/* ---- what is advised ---- */

static void follow(struct fixture *f, const char *lines)
{
	while (lines && *lines) {
		size_t length = strcspn(lines, "\n");
		const char *line = arena_strndup(&f->arena, lines, length);

		if (!strncmp(line, "--", 2))
			f->options = arena_printf(&f->arena, "%s%s\n", f->options, line + 2);
		else
			f->profile = arena_printf(&f->arena, "%s%s\n", f->profile, line);
		lines += length + (lines[length] == '\n');
	}
	make_plan(f);
}

/* @but: what speaks against it, NULL: nothing. */
static void advises(struct fixture *f, const char *lines, const char *but)
{
	const char *why = "never set";
	const char *advice = audit_advice(&f->record, &f->plan, &f->arena, &why);

	if (!advice)
		fail_msg("%s: no advice, because %s", f->record.name, why);
	assert_string_equal(advice, lines);
	if (!but)
		assert_null(why);
	else if (!why || !strstr(why, but))
		fail_msg("%s: \"%s\"", f->record.name, why ? why : "(null)");
	follow(f, advice);
	if (!is_allowed(f))
		fail_msg("%s is still denied with %s", f->record.name, advice);
}

static void advises_nothing(struct fixture *f, const char *because)
{
	const char *why = NULL;
	const char *advice = audit_advice(&f->record, &f->plan, &f->arena, &why);

	if (advice)
		fail_msg("%s: %s", f->record.name, advice);
	if (!why || !strstr(why, because))
		fail_msg("%s: \"%s\"", f->record.name, why ? why : "(null)");
}

/* ---- system calls ---- */

static void a_denied_call_is_named(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "", "");
	CALL(f, "move_pages", 0);
	advises(f, "seccomp !move_pages", NULL);
	policy_is(f, "seccomp @network-io\n", "");
	CALL(f, "bind", 0);
	advises(f, "seccomp !bind", NULL);
	policy_is(f, "seccomp bind\n", "");
	CALL(f, "bind", 0);
	advises(f, "seccomp !bind", NULL);
	policy_is(f, "seccomp.drop kill,@network-io\n", "");
	CALL(f, "kill", 1, 9);
	advises(f, "seccomp.drop !kill", NULL);
	CALL(f, "bind", 0);
	advises(f, "seccomp.drop !bind", NULL);
	policy_is(f, "seccomp.keep read,write\n", "");
	CALL(f, "openat", (uint32_t)AT_FDCWD, 0, 0);
	advises(f, "seccomp.keep openat", NULL);
}

static void what_the_command_line_denies_takes_an_option(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "", "seccomp=@network-io\n");
	CALL(f, "bind", 0);
	advises(f, "--seccomp=!bind", NULL);
	policy_is(f, "seccomp.drop mkdirat\n", "seccomp.drop=kill\n");
	CALL(f, "mkdirat", 0);
	advises(f, "seccomp.drop !mkdirat", NULL);
	CALL(f, "kill", 1, 9);
	advises(f, "--seccomp.drop=!kill", NULL);
	policy_is(f, "seccomp.keep read\n", "seccomp.keep=write\n");
	CALL(f, "read", 0);
	advises(f, "--seccomp.keep=read", NULL);
	policy_is(f, "", "protocol=unix\n");
	CALL(f, "socket", AF_INET, SOCK_STREAM);
	advises(f, "--protocol=unix,inet", NULL);
	policy_is(f, "", "uring.open=read\n");
	SQE(f, "openat", .addr = 8, .op_flags = O_WRONLY);
	advises(f, "--uring.open=read,write", NULL);
	policy_is(f, "", "uring.allow=read\n");
	SQE(f, "write", .fd = 0);
	advises(f, "--uring.allow=write", NULL);
	policy_is(f, "", "uring=none\n");
	CALL(f, "io_uring_setup", 8);
	advises(f, "--uring=filter", NULL);
}

static void what_leads_out_of_every_jail_is_not_advised(void **state)
{
	static const char *const names[] = {
		"ptrace",     "bpf",	"setns",       "mount",
		"keyctl",     "reboot", "init_module", "open_by_handle_at",
		"acct",	      "syslog", "userfaultfd", "perf_event_open",
		"pidfd_getfd"
	};
	static const char *const policies[] = { "", "seccomp.drop read\n", "seccomp.keep read\n",
						"seccomp ptrace,bpf\n" };
	struct fixture *f = *state;

	for (size_t p = 0; p < sizeof(policies) / sizeof(*policies); p++) {
		policy_is(f, policies[p], "");
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			CALL(f, names[i], 0);
			advises_nothing(f, "is for no jail");
		}
	}
}

static void what_is_shared_with_the_outside_is_not_advised(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "", "");
	CALL(f, "ioctl", 0, TIOCSTI);
	advises_nothing(f, "terminal");
	CALL(f, "ioctl", 0, TIOCSETD);
	advises_nothing(f, "terminal");
	CALL(f, "setpriority", PRIO_PGRP, 0, 19);
	advises_nothing(f, "process group");
	CALL(f, "ioprio_set", 2, 0, 0);
	advises_nothing(f, "process group");
}

static void namespaces_are_advised_with_a_warning(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "", "");
	CALL(f, "clone", CLONE_NEWUSER);
	advises(f, "seccomp !@nesting", "namespaces");
	policy_is(f, "", "");
	CALL(f, "unshare", CLONE_NEWNET);
	advises(f, "seccomp !@nesting", "namespaces");
	policy_is(f, "seccomp.drop mkdirat\n", "");
	CALL(f, "unshare", CLONE_NEWNET);
	advises(f, "seccomp.drop !@nesting", "namespaces");
	policy_is(f, "seccomp.keep read\n", "");
	CALL(f, "clone", CLONE_NEWUSER);
	advises(f, "seccomp.keep clone\nseccomp.keep @nesting", "namespaces");
	policy_is(f, "", "seccomp=@nesting\n");
	CALL(f, "unshare", CLONE_NEWNET);
	advises(f, "--seccomp=!unshare\n--seccomp=!@nesting", "namespaces");
	policy_is(f, "", "");
	CALL(f, "clone3", 0);
	advises_nothing(f, "clone(2)");
}

static void a_family_joins_those_that_are_there(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "protocol unix\n", "");
	CALL(f, "socket", AF_INET, SOCK_STREAM);
	advises(f, "protocol unix,inet", NULL);
	CALL(f, "socketpair", AF_INET6, SOCK_STREAM);
	advises(f, "protocol unix,inet,inet6", NULL);
	policy_is(f, "", "");
	CALL(f, "socket", AF_VSOCK, SOCK_STREAM);
	advises(f, "protocol unix,inet,inet6,netlink,vsock", "host");
	policy_is(f, "protocol inet\n", "");
	CALL(f, "socket", AF_INET, SOCK_PACKET);
	advises(f, "protocol inet,packet", "packet sockets");
	policy_is(f, "", "");
	CALL(f, "socket", 12 /* AF_DECnet */, SOCK_STREAM);
	advises_nothing(f, "no profile has a name");
	CALL(f, "socket", UINT32_MAX, SOCK_STREAM);
	advises_nothing(f, "no profile has a name");
	policy_is(f, "seccomp.keep read\nprotocol unix\n", "");
	CALL(f, "socket", AF_INET, SOCK_STREAM);
	advises(f, "seccomp.keep socket\nprotocol unix,inet", NULL);
}

/* ---- io_uring's own calls ---- */

static void the_ring_comes_back_as_it_was_taken(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "uring none\n", "");
	CALL(f, "io_uring_setup", 8);
	advises(f, "uring filter", NULL);
	policy_is(f, "seccomp @io-uring\n", "");
	CALL(f, "io_uring_enter", 3);
	advises(f, "seccomp !io_uring_setup,!io_uring_enter,!io_uring_register", NULL);
	policy_is(f, "seccomp io_uring_enter\nuring none\n", "");
	CALL(f, "io_uring_setup", 8);
	advises(f, "seccomp !io_uring_enter\nuring filter", NULL);
	/* As the launch does where the kernel's filters do not hold. */
	policy_is(f, "", "");
	f->plan.uring.mode = URING_NONE;
	f->plan.seccomp = f->plan.seccomp_no_uring;
	CALL(f, "io_uring_setup", 8);
	advises_nothing(f, "this kernel");
}

static void a_register_operation_joins_those_that_are_there(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "uring.register buffers\n", "");
	CALL(f, "io_uring_register", 3, 2 /* files */);
	advises(f, "uring.register files", NULL);
	policy_is(f, "", "");
	CALL(f, "io_uring_register", 3, URING_REGISTER_SEND_MSG_RING);
	f->record.arguments.operation = "send_msg_ring";
	advises(f,
		"uring.register "
		"buffers,unregister_buffers,files,unregister_files,eventfd,unregister_eventfd,"
		"files_"
		"update,eventfd_async,probe,personality,unregister_personality,restrictions,enable_"
		"rings,files2,files_update2,buffers2,buffers_update,iowq_aff,unregister_iowq_aff,"
		"iowq_max_workers,ring_fds,unregister_ring_fds,pbuf_ring,unregister_pbuf_ring,sync_"
		"cancel,file_alloc_range,pbuf_status,napi,unregister_napi,clock,clone_buffers,"
		"resize_rings,mem_region,query,bpf_filter,send_msg_ring",
		"other rings");
	CALL(f, "io_uring_register", 3, 60);
	advises_nothing(f, "no profile has a name");
}

/* ---- operations ---- */

static void an_operation_is_named(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "uring.allow read\n", "");
	SQE(f, "write", .fd = 0);
	advises(f, "uring.allow write", NULL);
	policy_is(f, "uring.deny write\n", "");
	SQE(f, "write", .fd = 0);
	advises_nothing(f, "uring.deny (x.profile:1)");
	policy_is(f, "uring.deny @write\n", "");
	SQE(f, "write", .fd = 0);
	advises_nothing(f, "uring.deny (x.profile:1)");
}

static void an_opaque_operation_is_named_with_a_warning(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "", "");
	SQE(f, "uring_cmd", .fd = 0);
	advises(f, "uring.allow @default,uring_cmd", "no filter sees its command");
	/* What was allowed before is allowed still. */
	SQE(f, "msg_ring", .fd = 0);
	advises(f, "uring.allow msg_ring", "other rings");
	assert_int_equal(f->plan.uring.ops[uring_opcode_by_name("read")->number].verdict,
			 VERDICT_ALLOW);
	policy_is(f, "uring.allow @opaque\n", "");
	SQE(f, "uring_cmd", .fd = 0);
	advises(f, "uring.allow uring_cmd", "no filter sees its command");
}

static void a_derived_denial_names_the_calls(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "seccomp sendto,sendmmsg\n", "");
	SQE(f, "send", .fd = 0);
	advises(f, "seccomp !sendto,!sendmmsg", NULL);
	policy_is(f, "seccomp.keep read,openat\n", "");
	SQE(f, "openat2", .addr = 8);
	advises(f, "seccomp.keep openat2", NULL);
	policy_is(f, "seccomp connect\nuring.allow read\n", "");
	SQE(f, "connect", .addr = 8);
	advises(f, "uring.allow connect\nseccomp !connect", NULL);
	policy_is(f, "seccomp sendto\n", "seccomp=sendmsg\n");
	SQE(f, "send", .fd = 0);
	advises(f, "seccomp !sendto\n--seccomp=!sendmsg", NULL);
}

/* Every operation whose calls are denied, one by one. */
static void the_calls_of_every_operation_bring_it_back(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++) {
		const char *name = uring_opcodes[i].name;
		const char *call = uring_opcodes[i].syscalls;
		struct open_how how = { 0 };

		for (; *call; call += strlen(call) + 1) {
			const char *why;

			if (syscall_number(call) < 0)
				continue;
			policy_is(
				f,
				arena_printf(&f->arena, "seccomp %s\nuring.allow %s\n", call, name),
				"");
			/* A Unix stream, and an open for reading, whichever it is. */
			SQE(f, name, .fd = AF_UNIX,
			    .off = strcmp(name, "openat2") ? SOCK_STREAM : (uintptr_t)&how);
			follow(f, audit_advice(&f->record, &f->plan, &f->arena, &why));
			if (!is_allowed(f))
				fail_msg("%s is still denied with !%s", name, call);
		}
	}
}

static void a_socket_is_ruled_exactly(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "protocol unix\n", "");
	SQE(f, "socket", .fd = AF_INET, .off = SOCK_STREAM);
	advises(f, "protocol unix,inet", NULL);
	policy_is(f, "uring.socket inet/stream\n", "");
	SQE(f, "socket", .fd = AF_INET, .off = SOCK_DGRAM | SOCK_CLOEXEC, .len = IPPROTO_UDP);
	advises(f, "uring.socket inet/dgram/udp", NULL);
	SQE(f, "socket", .fd = AF_UNIX, .off = SOCK_STREAM);
	advises(f, "uring.socket unix/stream/0", NULL);
	SQE(f, "socket", .fd = AF_INET, .off = SOCK_PACKET);
	advises(f, "protocol unix,inet,inet6,netlink,packet\nuring.socket inet/10/0",
		"packet sockets");
	policy_is(f, "protocol inet,packet\nuring.socket inet\n", "");
	SQE(f, "socket", .fd = AF_INET, .off = SOCK_PACKET);
	advises(f, "uring.socket inet/10/0", NULL);
	policy_is(f, "protocol unix\nuring.socket unix\n", "");
	SQE(f, "socket", .fd = AF_INET, .off = SOCK_STREAM, .len = 77);
	advises(f, "protocol unix,inet\nuring.socket inet/stream/77", NULL);
}

static void an_open_gets_the_rights_that_it_needs(void **state)
{
	static const struct {
		uint32_t flags;
		const char *line;
	} opens[] = {
		{ O_WRONLY, "uring.open read,write" },
		{ O_RDWR, "uring.open read,write" },
		{ O_WRONLY | O_CREAT | O_TRUNC, "uring.open read,write,create,truncate" },
		{ O_RDWR | O_TMPFILE, "uring.open read,write,tmpfile" },
		{ O_RDONLY | O_CREAT, "uring.open read,create" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(opens) / sizeof(*opens); i++) {
		policy_is(f, "uring.open read\n", "");
		SQE(f, "openat", .addr = 8, .op_flags = opens[i].flags);
		advises(f, opens[i].line, NULL);
	}
	policy_is(f, "uring.open write\n", "");
	SQE(f, "openat", .addr = 8, .op_flags = O_RDONLY);
	advises(f, "uring.open read,write", NULL);
	policy_is(f, "uring.open write\n", "");
	SQE(f, "openat", .addr = 8, .op_flags = O_PATH);
	advises(f, "uring.open read,write", NULL);
	policy_is(f, "uring.open read\n", "");
	SQE(f, "openat", .addr = 8, .op_flags = 0x8000000);
	advises_nothing(f, "no right to open covers");
}

static void resolve_flags_are_the_programs_to_give(void **state)
{
	struct fixture *f = *state;
	struct open_how how = { .flags = O_WRONLY, .resolve = RESOLVE_BENEATH };

	policy_is(f, "uring.open read,resolve=beneath\n", "");
	SQE(f, "openat", .addr = 8, .op_flags = O_RDONLY);
	advises_nothing(f, "openat has not");
	SQE(f, "openat2", .addr = 8, .off = (uintptr_t)&how, .len = sizeof(how));
	advises(f, "uring.open read,write,resolve=beneath", NULL);
	how = (struct open_how){ .flags = O_RDONLY };
	SQE(f, "openat2", .addr = 8, .off = (uintptr_t)&how, .len = sizeof(how));
	advises_nothing(f, "demands resolve=beneath");
	f->record.arguments.has_flags = false;
	advises_nothing(f, "could not be read");
}

static void a_connection_gets_its_address(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in inet = { .sin_family = AF_INET, .sin_port = htons(443) };
	struct sockaddr_in6 inet6 = { .sin6_family = AF_INET6, .sin6_port = htons(80) };
	struct sockaddr unix_socket = { .sa_family = AF_UNIX };

	inet.sin_addr.s_addr = htonl(0xc0000201);
	inet6.sin6_addr.s6_addr[15] = 1;
	policy_is(f, "uring.connect 127.0.0.1:80\n", "");
	SQE(f, "connect", .addr = (uintptr_t)&inet, .off = sizeof(inet));
	advises(f, "uring.connect 192.0.2.1:443", NULL);
	SQE(f, "connect", .addr = (uintptr_t)&inet6, .off = sizeof(inet6));
	advises(f, "uring.connect [::1]:80", NULL);
	SQE(f, "connect", .addr = (uintptr_t)&unix_socket, .off = sizeof(unix_socket));
	advises_nothing(f, "IPv4 and IPv6");
	/* An address of no host and no port may hide one that the filter cannot see. */
	inet = (struct sockaddr_in){ .sin_family = AF_INET };
	SQE(f, "connect", .addr = (uintptr_t)&inet, .off = sizeof(inet));
	advises_nothing(f, "no rule can allow");
	plan_uring_without_connect_data(&f->plan);
	inet.sin_port = htons(80);
	SQE(f, "connect", .addr = (uintptr_t)&inet, .off = sizeof(inet));
	advises_nothing(f, "this kernel");
}

static void sending_past_connect_rules_is_named_with_a_warning(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "uring.connect 127.0.0.1:80\n", "");
	SQE(f, "send", .fd = 0);
	advises(f, "uring.allow @default,send", "past uring.connect");
	policy_is(f, "uring.connect 127.0.0.1:80\nuring.allow @client\n", "");
	SQE(f, "send", .fd = 0);
	advises(f, "uring.allow send", "past uring.connect");
}

static void sqe_flags_join_those_that_are_there(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "uring.sqe-flags fixed_file\n", "");
	SQE(f, "nop", .flags = 4 /* IOSQE_IO_LINK */);
	advises(f, "uring.sqe-flags fixed_file,io_link", NULL);
}

/* ---- foreign policies ---- */

static void foreign_policy_is(struct fixture *f, const char *calls, const char *more)
{
	FILE *file;

	if (*f->file)
		unlink(f->file);
	snprintf(f->file, sizeof(f->file), "/tmp/advice.XXXXXX");
	file = fdopen(mkstemp(f->file), "w");
	fprintf(file,
		"{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [ { \"names\": [ %s ], "
		"\"action\": \"SCMP_ACT_ALLOW\" } ] }",
		calls);
	fclose(file);
	policy_is(f, arena_printf(&f->arena, "seccomp.oci %s\n%s", f->file, more), "");
}

static void a_foreign_policy_is_to_be_changed_itself(void **state)
{
	struct fixture *f = *state;

	foreign_policy_is(f, "\"read\", \"execve\", \"ioctl\"", "");
	CALL(f, "bind", 0);
	advises_nothing(f, "seccomp.oci (x.profile:1) denies it");
	SQE(f, "bind", .fd = 0);
	advises_nothing(f, "seccomp.oci (x.profile:1) denies it");
	CALL(f, "socket", AF_INET, SOCK_STREAM);
	advises_nothing(f, "seccomp.oci (x.profile:1) denies it");
	CALL(f, "ioctl", 0, TIOCSTI);
	advises_nothing(f, "terminal");
}

static void what_holds_beside_a_foreign_policy_is_advised(void **state)
{
	struct fixture *f = *state;

	foreign_policy_is(f, "\"read\", \"execve\", \"socket\"", "protocol unix\n");
	CALL(f, "socket", AF_INET, SOCK_STREAM);
	advises(f, "protocol unix,inet", NULL);
	foreign_policy_is(f, "\"read\", \"execve\", \"socket\"", "protocol unix\n");
	SQE(f, "socket", .fd = AF_INET, .off = SOCK_STREAM);
	advises(f, "protocol unix,inet", NULL);
	foreign_policy_is(f, "\"read\", \"execve\"", "protocol unix\nuring none\n");
	CALL(f, "socket", AF_INET, SOCK_STREAM);
	advises_nothing(f, "seccomp.oci");
	CALL(f, "io_uring_setup", 8);
	advises(f, "uring filter", NULL);
}

/* ---- what is no policy's ---- */

static void what_the_policy_does_not_deny_is_not_advised(void **state)
{
	struct fixture *f = *state;
	const char *why;

	policy_is(f, "uring.open read\n", "");
	SQE(f, "openat", .addr = (uintptr_t) "/etc/shadow", .op_flags = O_WRONLY);
	f->record.cause = AUDIT_PERMISSION;
	advises_nothing(f, "the permissions of the file");
	f->record.cause = AUDIT_UNKNOWN;
	advises_nothing(f, "cannot be told");
	/* A record that fits no denial of this plan. */
	f->record = (struct audit_record){ .gate = AUDIT_BY_RING, .number = 0, .name = "nop" };
	assert_null(audit_advice(&f->record, &f->plan, &f->arena, &why));
	assert_non_null(why);
}

static void what_has_no_name_is_not_advised(void **state)
{
	struct fixture *f = *state;

	policy_is(f, "", "");
	f->record = (struct audit_record){ .gate = AUDIT_BY_CALL, .number = 900, .error = ENOSYS };
	advises_nothing(f, "no profile has a name");
	/* Of another architecture: the number is another call's here. */
	f->record = (struct audit_record){ .gate = AUDIT_BY_CALL, .number = __NR_bind };
	advises_nothing(f, "this architecture");
	f->record = (struct audit_record){ .gate = AUDIT_BY_RING, .number = 200 };
	advises_nothing(f, "no profile has a name");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_denied_call_is_named),
		TEST(what_the_command_line_denies_takes_an_option),
		TEST(what_leads_out_of_every_jail_is_not_advised),
		TEST(what_is_shared_with_the_outside_is_not_advised),
		TEST(namespaces_are_advised_with_a_warning),
		TEST(a_family_joins_those_that_are_there),
		TEST(the_ring_comes_back_as_it_was_taken),
		TEST(a_register_operation_joins_those_that_are_there),
		TEST(an_operation_is_named),
		TEST(an_opaque_operation_is_named_with_a_warning),
		TEST(a_derived_denial_names_the_calls),
		TEST(the_calls_of_every_operation_bring_it_back),
		TEST(a_socket_is_ruled_exactly),
		TEST(an_open_gets_the_rights_that_it_needs),
		TEST(resolve_flags_are_the_programs_to_give),
		TEST(a_connection_gets_its_address),
		TEST(sending_past_connect_rules_is_named_with_a_warning),
		TEST(sqe_flags_join_those_that_are_there),
		TEST(a_foreign_policy_is_to_be_changed_itself),
		TEST(what_holds_beside_a_foreign_policy_is_advised),
		TEST(what_the_policy_does_not_deny_is_not_advised),
		TEST(what_has_no_name_is_not_advised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
