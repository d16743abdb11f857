// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/adviser.h"

#include <linux/fcntl.h> /* the kernel's own O_*, some of which <fcntl.h> of libc changes */
#include <stddef.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "audit/record_words.h"
#include "bpf/interpret.h"
#include "policy/directive.h"
#include "policy/names.h"
#include "policy/uring_derive.h"
#include "uring/abi.h"
#include "uring/opcode.h"
#include "uring/rules.h"

/*
 * The advice for operations of io_uring. It follows plan_uring.c step by step, since more than one
 * thing may deny the same SQE, and each takes a line of its own.
 */

#define TYPE_MASK 0xf /* the rest of a socket's type is SOCK_CLOEXEC and its like */

/* What a filter would see of the record. */
union input {
	uint32_t words[URING_FILTER_SIZE / 4];
	unsigned char bytes[URING_FILTER_SIZE];
};

static bool allows(const struct bpf_program *program, const union input *input)
{
	uint32_t result = 0;

	return bpf_interpret(program, input, sizeof(*input), &result) == 0 && result;
}

static void put_u64(union input *input, size_t offset, uint64_t value)
{
	memcpy(input->bytes + offset, &value, sizeof(value));
}

/* ---- by name ---- */

static bool sends_past_connect(const struct adviser *a, const struct uring_opcode *opcode)
{
	return a->plan->policy->uring.connects.count && uring_group_by_name("@send")->has(opcode);
}

static void advise_name(struct adviser *a, const struct uring_opcode *opcode)
{
	const struct uring_policy *policy = &a->plan->policy->uring;
	const struct uring_choice_at *at = &policy->choices[opcode->number];
	bool opaque = opcode->class == CLASS_OPAQUE;
	bool by_name = opaque || sends_past_connect(a, opcode);

	if (at->choice == URING_DENIED) {
		advise_none(a, arena_printf(a->arena,
					    "uring.deny (%s) names it or a group that holds it, "
					    "and no other line takes that back",
					    origin_text(a->arena, &at->origin)));
		return;
	}
	if (by_name ? at->choice == URING_NAMED : !policy->has_allow || at->choice != URING_UNSAID)
		return;
	/* The first uring.allow denies all that it does not name. */
	advise_line(a, &policy->allow_origin, "uring.allow",
		    policy->has_allow ? opcode->name : advise_list(a, "@default", opcode->name));
	if (!strcmp(opcode->name, "msg_ring"))
		advise_against(a, "it hands descriptors to other rings, past their filters");
	else if (opaque)
		advise_against(a, "no filter sees its command: it may be any that the descriptor "
				  "takes");
	else if (by_name)
		advise_against(a, "no filter sees where it sends: it goes past uring.connect");
}

/* ---- as the system calls that do the same ---- */

static bool has_a_call(const struct uring_opcode *opcode)
{
	const char *name = opcode->syscalls;

	for (; *name; name += strlen(name) + 1)
		if (syscall_number(name) >= 0)
			return true;
	return !*opcode->syscalls;
}

static void fill_input(const struct audit_arguments *arguments, enum uring_filter_data data,
		       union input *input)
{
	if (data == DATA_SOCKET) {
		input->words[URING_FILTER_SOCKET_FAMILY / 4] = (uint32_t)arguments->family;
		input->words[URING_FILTER_SOCKET_TYPE / 4] = (uint32_t)arguments->type;
		input->words[URING_FILTER_SOCKET_PROTOCOL / 4] = (uint32_t)arguments->protocol;
	} else if (data == DATA_OPEN) {
		put_u64(input, URING_FILTER_OPEN_FLAGS, arguments->flags);
		put_u64(input, URING_FILTER_OPEN_MODE, arguments->has_mode ? arguments->mode : 0);
		put_u64(input, URING_FILTER_OPEN_RESOLVE, arguments->resolve);
	}
}

/* Whether the policy from elsewhere, `protocol` aside, denies it: its program is asked. */
static bool foreign_denies(const struct adviser *a, const struct uring_opcode *opcode)
{
	struct bpf_specialiser *specialiser = bpf_specialiser_new(&a->plan->foreign);
	struct uring_derived derived =
		uring_derive(specialiser, opcode, opcode->class == CLASS_OPAQUE, a->arena);
	union input input = { 0 };

	bpf_specialiser_free(specialiser);
	fill_input(&a->record->arguments, opcode->data, &input);
	return derived.answer == BPF_DENIED ||
	       (derived.answer == BPF_DEPENDS && !allows(&derived.program, &input));
}

static void advise_same_calls(struct adviser *a, const struct uring_opcode *opcode)
{
	if (!has_a_call(opcode))
		advise_none(a, "no system call of this architecture does the same");
	if (!a->plan->foreign.count)
		advise_calls(a, opcode->syscalls);
	else if (foreign_denies(a, opcode))
		advise_foreign(a);
}

/* ---- by its arguments ---- */

static bool fits(int rule, int value)
{
	return rule == -1 || rule == value;
}

static bool socket_is_ruled(const struct adviser *a)
{
	const struct uring_policy *policy = &a->plan->policy->uring;
	const struct audit_arguments *arguments = &a->record->arguments;
	int type = arguments->type & TYPE_MASK;

	for (size_t i = 0; i < policy->sockets.count; i++) {
		const struct uring_socket_rule *rule = &policy->sockets.items[i];
		/* That type of AF_INET makes a packet socket: it must be named. */
		bool any_type = arguments->family != AF_INET || type != SOCK_PACKET;

		if (fits(rule->family, arguments->family) &&
		    fits(rule->protocol, arguments->protocol) &&
		    (any_type ? fits(rule->type, type) : rule->type == type))
			return true;
	}
	return false;
}

static const char *word(struct adviser *a, const struct name *table, int value)
{
	const char *name = value < 0 ? NULL : name_of(table, (uint64_t)value);

	return name ? name : arena_printf(a->arena, "%d", value);
}

static void advise_socket_rule(struct adviser *a)
{
	const struct uring_policy *policy = &a->plan->policy->uring;
	const struct audit_arguments *arguments = &a->record->arguments;
	const char *protocol;

	advise_family(a, arguments->family, arguments->type);
	if (!policy->sockets.count || socket_is_ruled(a))
		return;
	if (arguments->family < 0 || arguments->protocol < 0) {
		advise_none(a, "there are no such sockets");
		return;
	}
	/* "ip" would say of the number 0 what it does not mean here. */
	protocol = arguments->protocol ? word(a, protocol_names, arguments->protocol) : "0";
	advise_line(a, &policy->sockets.items[0].origin, "uring.socket",
		    arena_printf(a->arena, "%s/%s/%s", word(a, family_names, arguments->family),
				 word(a, socket_type_names, arguments->type & TYPE_MASK),
				 protocol));
}

static unsigned int rights_of(uint64_t flags)
{
	static const struct {
		uint64_t flag;
		unsigned int right;
	} rights[] = {
		{ O_PATH, OPEN_READ },
		{ O_CREAT, OPEN_CREATE },
		{ O_TRUNC, OPEN_TRUNCATE },
		{ __O_TMPFILE, OPEN_TMPFILE },
	};
	static const unsigned int by_access[] = { OPEN_READ, OPEN_WRITE, OPEN_READ | OPEN_WRITE,
						  OPEN_READ | OPEN_WRITE };
	unsigned int needed = by_access[flags & O_ACCMODE];

	for (size_t i = 0; i < sizeof(rights) / sizeof(*rights); i++)
		if (flags & rights[i].flag)
			needed |= rights[i].right;
	return needed;
}

static const char *set_list(struct adviser *a, const struct name *table, uint64_t set)
{
	const char *list = "";

	for (; table->name; table++)
		if (set & table->value)
			list = advise_list(a, list, table->name);
	return list;
}

static bool open_allows(struct adviser *a, const struct uring_open_rule *rule, bool openat2)
{
	struct bpf_program program;
	struct error err;
	union input input = { 0 };

	fill_input(&a->record->arguments, DATA_OPEN, &input);
	return uring_compile_open(rule, openat2, a->arena, &program, &err) == 0 &&
	       allows(&program, &input);
}

static void advise_open(struct adviser *a, bool openat2)
{
	struct uring_open_rule rule = a->plan->policy->uring.open;
	const struct audit_arguments *arguments = &a->record->arguments;

	if (!rule.set || open_allows(a, &rule, openat2))
		return;
	if (!arguments->has_flags) {
		advise_none(a, "what it was opened for could not be read");
		return;
	}
	if (rule.resolve & ~arguments->resolve) {
		advise_none(a, arena_printf(a->arena,
					    openat2 ? "uring.open (%s) demands resolve=%s"
						    : "uring.open (%s) demands resolve=%s, which "
						      "openat2 has and openat has not",
					    origin_text(a->arena, &rule.origin),
					    set_list(a, resolve_names, rule.resolve)));
		return;
	}
	rule.rights |= rights_of(arguments->flags);
	if (!open_allows(a, &rule, openat2)) {
		advise_none(a, "it has flags that no right to open covers");
		return;
	}
	advise_line(a, &rule.origin, "uring.open",
		    rule.resolve ? arena_printf(a->arena, "%s,resolve=%s",
						set_list(a, open_right_names, rule.rights),
						set_list(a, resolve_names, rule.resolve))
				 : set_list(a, open_right_names, rule.rights));
}

/* The address as the filter sees it; false where it sees zeros, or another family. */
static bool connect_input(const struct audit_arguments *arguments, union input *input,
			  struct uring_connect_rule *rule)
{
	const struct sockaddr_in *inet = (const struct sockaddr_in *)&arguments->address;
	const struct sockaddr_in6 *inet6 = (const struct sockaddr_in6 *)&arguments->address;
	bool v6 = arguments->address.ss_family == AF_INET6;
	size_t size = v6 ? sizeof(inet6->sin6_addr) : sizeof(inet->sin_addr);

	if (!v6 && arguments->address.ss_family != AF_INET)
		return false;
	if (arguments->address_length < (v6 ? sizeof(*inet6) : sizeof(*inet)))
		return false;
	*rule = (struct uring_connect_rule){
		.family = v6 ? AF_INET6 : AF_INET,
		.prefix = v6 ? 128 : 32,
		.port_low = (uint16_t)audit_port(arguments),
		.port_high = (uint16_t)audit_port(arguments),
	};
	memcpy(rule->address, v6 ? (const void *)&inet6->sin6_addr : &inet->sin_addr, size);
	input->words[URING_FILTER_CONNECT_FAMILY / 4] = (uint32_t)rule->family;
	memcpy(input->bytes + URING_FILTER_CONNECT_PORT, &inet->sin_port, sizeof(inet->sin_port));
	memcpy(input->bytes + URING_FILTER_CONNECT_ADDRESS, rule->address, size);
	return true;
}

static bool connect_allows(struct adviser *a, const struct uring_connect_rule *rules, size_t count,
			   const union input *input)
{
	struct bpf_program program;
	struct error err;

	return uring_compile_connect(rules, count, a->arena, &program, &err) == 0 &&
	       allows(&program, input);
}

static void advise_connect(struct adviser *a)
{
	const struct plan *plan = a->plan;
	const struct uring_policy *policy = &plan->policy->uring;
	const struct audit_arguments *arguments = &a->record->arguments;
	size_t count = policy->connects.count;
	struct uring_connect_rule *rules;
	union input input = { 0 };
	const char *address;

	if (!count)
		return;
	/* plan_uring_without_connect_data() was called. */
	if (!plan->uring.needs_connect_data && !a->lines) {
		advise_none(a,
			    "this kernel does not show addresses to filters (Linux 7.2 does), so "
			    "that uring.connect denies all");
		return;
	}
	rules = arena_alloc(a->arena, (count + 1) * sizeof(*rules));
	memcpy(rules, policy->connects.items, count * sizeof(*rules));
	if (!arguments->has_address || !connect_input(arguments, &input, &rules[count])) {
		advise_none(a, "uring.connect speaks of IPv4 and IPv6 addresses only");
		return;
	}
	if (connect_allows(a, rules, count, &input))
		return;
	if (!connect_allows(a, rules, count + 1, &input)) {
		advise_none(a, "no rule can allow that address");
		return;
	}
	address = audit_address(a->arena, arguments);
	advise_line(a, &policy->connects.items[0].origin, "uring.connect",
		    arena_printf(a->arena, strchr(address, ':') ? "[%s]:%d" : "%s:%d", address,
				 audit_port(arguments)));
}

/* ---- by SQE flags ---- */

static void advise_sqe_flags(struct adviser *a)
{
	const struct uring_plan *uring = &a->plan->uring;
	unsigned int wanted = uring->sqe_flags | a->record->arguments.sqe_flags;
	const char *list = "";

	if (!uring->needs_restrictions || wanted == uring->sqe_flags)
		return;
	for (unsigned int bit = 0; uring_sqe_flag_name(bit); bit++)
		if (wanted >> bit & 1)
			list = advise_list(a, list, uring_sqe_flag_name(bit));
	advise_line(a, &a->plan->policy->uring.sqe_flags_origin, "uring.sqe-flags", list);
}

/* ---- all of it ---- */

void advise_uring(struct adviser *a)
{
	const struct uring_opcode *opcode;

	if (a->record->number >= URING_OPCODE_COUNT || a->plan->uring.mode != URING_FILTER) {
		advise_none(a, "no profile has a name for that operation");
		return;
	}
	opcode = &uring_opcodes[a->record->number];
	advise_name(a, opcode);
	advise_same_calls(a, opcode);
	switch (opcode->data) {
	case DATA_SOCKET:
		advise_socket_rule(a);
		break;
	case DATA_OPEN:
		advise_open(a, !strcmp(opcode->name, "openat2"));
		break;
	case DATA_CONNECT:
		advise_connect(a);
		break;
	case DATA_NONE:
		break;
	}
	advise_sqe_flags(a);
}
