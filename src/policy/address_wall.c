// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/address_wall.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <string.h>
#include <sys/socket.h>

#include "policy/names.h"
#include "policy/seccomp_argument.h"
#include "policy/seccomp_policy.h"
#include "uring/opcode.h"
#include "uring/rules.h"

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define AND (BPF_ALU | BPF_AND | BPF_K)
#define IF_EQUAL (BPF_JMP | BPF_JEQ | BPF_K)
#define IF_ANY_BIT (BPF_JMP | BPF_JSET | BPF_K)

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

bool address_wall_stands(const struct policy *policy)
{
	return policy->uring.grants.connects.count;
}

/* Of the directive that the wall is for. */
static const char *wall_origin(const struct policy *policy, struct arena *arena)
{
	return origin_text(arena, &policy->uring.grants.connects.items[0].origin);
}

static const struct origin *first_grant(const struct uring_grants *grants, const char **name)
{
	*name = "connect";
	if (grants->connects.count)
		return &grants->connects.items[0].origin;
	*name = "openat";
	if (grants->openat.count)
		return &grants->openat.items[0].origin;
	*name = "openat2";
	if (grants->openat2.count)
		return &grants->openat2.items[0].origin;
	*name = "socket";
	return grants->sockets.count ? &grants->sockets.items[0].origin : NULL;
}

static int check_mode(struct plan *plan, struct error *err)
{
	const struct uring_policy *uring = &plan->policy->uring;
	const char *name;
	const struct origin *grant = first_grant(&uring->grants, &name);

	if (!grant || uring->mode != URING_UNFILTERED)
		return 0;
	error_set(err, EINVAL, "%s: uring.grant %s means nothing beside uring unfiltered (%s)",
		  origin_text(&plan->arena, grant), name,
		  origin_text(&plan->arena, &uring->mode_origin));
	error_hint(err, "without filters a ring does everything: say \"uring filter\"");
	return -EINVAL;
}

static int reaches_others(struct plan *plan, const struct origin *origin, const char *directive,
			  const char *family, struct error *err)
{
	error_set(err, EINVAL,
		  "%s: %s %s beside uring.grant connect (%s): such sockets reach others by ways "
		  "that nothing here sees",
		  origin_text(&plan->arena, origin), directive, family,
		  wall_origin(plan->policy, &plan->arena));
	error_hint(err, "unix, inet, inet6 and netlink are held by it");
	return -EINVAL;
}

static const char *family_text(struct arena *arena, unsigned int family)
{
	const char *name = name_of(family_names, family);

	return name ? name : arena_printf(arena, "%u", family);
}

static int check_families(struct plan *plan, struct error *err)
{
	const struct protocol_policy *protocol = &plan->policy->protocol;
	const struct uring_socket_rules *sockets = &plan->policy->uring.grants.sockets;
	uint64_t others = protocol->set ? protocol->families & ~WALL_FAMILIES : 0;

	for (unsigned int family = 0; family < PROTOCOL_FAMILIES; family++)
		if (others >> family & 1)
			return reaches_others(plan, &protocol->origin, "protocol",
					      family_text(&plan->arena, family), err);
	for (size_t i = 0; i < sockets->count; i++) {
		int family = sockets->items[i].family;

		if (family >= 0 && family < PROTOCOL_FAMILIES && WALL_FAMILIES >> family & 1)
			continue;
		return reaches_others(
			plan, &sockets->items[i].origin, "uring.grant socket",
			family < 0 ? "*" : family_text(&plan->arena, (unsigned int)family), err);
	}
	return 0;
}

/* What a socket's option says is in memory, and a command's number is in no filter's input. */
static int check_commands(struct plan *plan, struct error *err)
{
	static const char *const commands[] = { "uring_cmd", "uring_cmd128" };

	for (size_t i = 0; i < COUNT(commands); i++) {
		unsigned int number = uring_opcode_by_name(commands[i])->number;
		const struct uring_choice_at *at = &plan->policy->uring.choices[number];

		if (at->choice != URING_NAMED)
			continue;
		error_set(err, EINVAL,
			  "%s: uring.allow %s beside uring.grant connect (%s): its commands, "
			  "setsockopt among them, are invisible to filters",
			  origin_text(&plan->arena, &at->origin), commands[i],
			  wall_origin(plan->policy, &plan->arena));
		error_hint(err, "take one of them out");
		return -EINVAL;
	}
	return 0;
}

static int check_capabilities(struct plan *plan, struct error *err)
{
	if (!(plan->caps >> CAP_NET_ADMIN & 1))
		return 0;
	error_set(err, EINVAL,
		  "caps.keep net_admin beside uring.grant connect (%s): the program could change "
		  "where an address leads",
		  wall_origin(plan->policy, &plan->arena));
	error_hint(err, "take one of them out");
	return -EINVAL;
}

int address_wall_check(struct plan *plan, struct error *err)
{
	int status = check_mode(plan, err);

	if (status < 0 || !address_wall_stands(plan->policy))
		return status;
	status = check_families(plan, err);
	if (status == 0)
		status = check_commands(plan, err);
	if (status == 0)
		status = check_capabilities(plan, err);
	return status;
}

enum syscall_action address_wall_action(unsigned int number)
{
	switch (number) {
	case __NR_connect:
	case __NR_sendmsg:
	case __NR_sendmmsg:
		return ACTION_EPERM;
	case __NR_sendto:
		return ACTION_SENDTO;
	case __NR_setsockopt:
		return ACTION_SETSOCKOPT;
	}
	return ACTION_ALLOW;
}

/*
 * All 64 bits of the address: the kernel asks whether the pointer is null, whatever its top bits
 * mean. Without one, Fast Open fails (EINVAL), in today's kernels: the flag is none of send(2)'s.
 */
void address_wall_write_sendto(struct bpf_asm *a, bpf_label allow, bpf_label deny)
{
	bpf_stmt(a, LOAD, ARGUMENT_LOW(4));
	bpf_jump(a, IF_EQUAL, 0, BPF_NEXT, deny);
	bpf_stmt(a, LOAD, ARGUMENT_HIGH(4));
	bpf_jump(a, IF_EQUAL, 0, BPF_NEXT, deny);
	bpf_stmt(a, LOAD, ARGUMENT_LOW(3));
	bpf_jump(a, IF_ANY_BIT, MSG_FASTOPEN, deny, allow);
}

/*
 * Linux 7.3: sk_setsockopt(), do_ip_setsockopt() and do_ipv6_setsockopt(); these ask for no
 * capability, or for none before a device is chosen. On a socket of either family all work.
 */
static const struct {
	uint32_t level;
	uint32_t options[6]; /* 0 ends them */
} held_options[] = {
	{ SOL_SOCKET, { SO_BINDTODEVICE, SO_BINDTOIFINDEX } },
	{ IPPROTO_IP, { IP_OPTIONS, IP_UNICAST_IF } },
	{ IPPROTO_IPV6,
	  { IPV6_2292PKTOPTIONS, IPV6_FLOWLABEL_MGR, IPV6_RTHDR, IPV6_PKTINFO, IPV6_UNICAST_IF } },
};

void address_wall_write_setsockopt(struct bpf_asm *a, bpf_label allow, bpf_label deny)
{
	bpf_label levels[COUNT(held_options)];

	bpf_stmt(a, LOAD, ARGUMENT_LOW(1));
	for (size_t i = 0; i < COUNT(held_options); i++) {
		levels[i] = bpf_label_new(a);
		bpf_jump(a, IF_EQUAL, held_options[i].level, levels[i], BPF_NEXT);
	}
	bpf_goto(a, allow);
	for (size_t i = 0; i < COUNT(held_options); i++) {
		bpf_label_place(a, levels[i]);
		bpf_stmt(a, LOAD, ARGUMENT_LOW(2));
		for (size_t k = 0; held_options[i].options[k]; k++)
			bpf_jump(a, IF_EQUAL, held_options[i].options[k], deny, BPF_NEXT);
		bpf_goto(a, allow);
	}
}

/* What internet sockets may be; a kernel that lacks the rest answers EPROTONOSUPPORT. */
static const struct {
	int type;
	int protocol; /* beside 0, the type's own */
} transports[] = {
	{ SOCK_STREAM, IPPROTO_TCP },
	{ SOCK_DGRAM, IPPROTO_UDP },
};

void address_wall_write_socket(struct bpf_asm *a, bpf_label allow)
{
	bpf_label protocols[COUNT(transports)];

	bpf_stmt(a, LOAD, ARGUMENT_LOW(1));
	bpf_stmt(a, AND, SOCKET_TYPE_MASK);
	for (size_t i = 0; i < COUNT(transports); i++) {
		protocols[i] = bpf_label_new(a);
		bpf_jump(a, IF_EQUAL, (uint32_t)transports[i].type, protocols[i], BPF_NEXT);
	}
	bpf_stmt(a, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPROTONOSUPPORT);
	for (size_t i = 0; i < COUNT(transports); i++) {
		bpf_label_place(a, protocols[i]);
		bpf_stmt(a, LOAD, ARGUMENT_LOW(2));
		bpf_jump(a, IF_EQUAL, 0, allow, BPF_NEXT);
		bpf_jump(a, IF_EQUAL, (uint32_t)transports[i].protocol, allow, BPF_NEXT);
		bpf_stmt(a, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPROTONOSUPPORT);
	}
}

int address_wall_compile_socket(struct arena *arena, struct bpf_program *out, struct error *err)
{
	static const int internet[] = { AF_INET, AF_INET6 };
	struct uring_socket_rules rules = { 0 };

	for (size_t i = 0; i < COUNT(internet) * COUNT(transports); i++) {
		struct uring_socket_rule rule = {
			.family = internet[i / COUNT(transports)],
			.type = transports[i % COUNT(transports)].type,
		};

		*array_push(arena, &rules) = rule;
		rule.protocol = transports[i % COUNT(transports)].protocol;
		*array_push(arena, &rules) = rule;
	}
	*array_push(arena, &rules) = (struct uring_socket_rule){ AF_UNIX, -1, -1, { 0 } };
	*array_push(arena, &rules) = (struct uring_socket_rule){ AF_NETLINK, -1, -1, { 0 } };
	return uring_compile_sockets(rules.items, rules.count, arena, out, err);
}

const char *address_wall_condition(const struct policy *policy, unsigned int number,
				   struct arena *arena)
{
	const char *what = NULL;

	switch (number) {
	case __NR_connect:
	case __NR_sendmsg:
	case __NR_sendmmsg:
		what = "denied, since its address cannot be seen";
		break;
	case __NR_sendto:
		what = "without an address and without MSG_FASTOPEN (TCP Fast Open)";
		break;
	case __NR_setsockopt:
		what = "no source routes (IP_OPTIONS, IPV6_RTHDR, IPV6_2292PKTOPTIONS, "
		       "IPV6_FLOWLABEL_MGR) and no choice of the device (SO_BINDTODEVICE, "
		       "SO_BINDTOIFINDEX, IP_UNICAST_IF, IPV6_UNICAST_IF, IPV6_PKTINFO)";
		break;
	case __NR_socket:
	case __NR_socketpair:
		what = "TCP and UDP only of inet and inet6";
		break;
	}
	if (!what || !address_wall_stands(policy))
		return NULL;
	return arena_printf(arena, "uring.grant connect (%s): %s", wall_origin(policy, arena),
			    what);
}
