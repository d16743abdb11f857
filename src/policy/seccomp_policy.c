// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/directive.h"
#include "policy/seccomp_policy.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "policy/address_wall.h"
#include "policy/plan.h"
#include "policy/seccomp_foreign.h"
#include "policy/syscall_group.h"
#include "util/nearest.h"

/*
 * What socket(2) may be asked for where nothing is said. Left out: vsock, which reaches the host
 * past every network namespace; alg, packet, bluetooth, can, tipc, rds and the rest, which load
 * kernel modules that few use and many exploits have used.
 */
#define DEFAULT_FAMILIES                                                                           \
	(family_bit(AF_UNIX) | family_bit(AF_INET) | family_bit(AF_INET6) | family_bit(AF_NETLINK))

static uint64_t family_bit(unsigned int family)
{
	return UINT64_C(1) << family;
}

/* Members of groups going into a set, or out of it. */
struct change {
	struct syscall_set *set;
	bool member;
};

static void change_one(void *context, const char *name)
{
	const struct change *change = context;
	int number = syscall_number(name);

	if (number >= 0)
		syscall_set_put(change->set, (unsigned int)number, change->member);
}

static void change_group(struct syscall_set *set, const char *group, bool member)
{
	struct change change = { .set = set, .member = member };

	syscall_group_visit(syscall_group_find(group), change_one, &change);
}

static void start_set(struct syscall_gate *gate, enum seccomp_mode mode)
{
	switch (mode) {
	case SECCOMP_DEFAULT:
		change_group(&gate->allowed, "@default", true);
		break;
	case SECCOMP_DROP:
		gate->allowed = gate->known;
		change_group(&gate->allowed, "@always-denied", false);
		break;
	case SECCOMP_KEEP:
		change_group(&gate->allowed, "@default-keep", true);
		/* A list of calls does not speak of rings unless it denies them: `uring` does. */
		change_group(&gate->allowed, "@io-uring", true);
		break;
	case SECCOMP_BPF_FILE:
	case SECCOMP_OCI_FILE:
		break; /* the program that was read says it */
	}
}

static bool item_allows(const struct seccomp_policy *seccomp, const struct syscall_item *item)
{
	return (seccomp->mode == SECCOMP_KEEP) != item->except;
}

static void offer_name(void *context, const char *name)
{
	nearest_offer(context, name);
}

static const char *group_list(struct arena *arena)
{
	const char *list = "";

	for (const struct syscall_group *group = syscall_groups; group->name; group++)
		list = arena_printf(arena, "%s %s", list, group->name);
	return list;
}

static int unknown_item(struct plan *plan, const struct syscall_item *item, struct error *err)
{
	struct nearest nearest = { .word = item->name };
	bool is_group = *item->name == '@';

	error_set(err, EINVAL, "%s: unknown system call%s \"%.64s\"",
		  origin_text(&plan->arena, &item->origin), is_group ? " group" : "", item->name);
	syscall_names_visit(offer_name, &nearest);
	if (nearest.name)
		error_hint(err, "did you mean \"%s\"?", nearest.name);
	else if (is_group)
		error_hint(err, "the groups are%s", group_list(&plan->arena));
	return -EINVAL;
}

static int apply_group(struct plan *plan, const struct syscall_item *item, struct error *err)
{
	bool allow = item_allows(&plan->policy->seccomp, item);

	if (!syscall_group_find(item->name))
		return unknown_item(plan, item, err);
	change_group(&plan->gate.allowed, item->name, allow);
	if (!strcmp(item->name, "@nesting"))
		plan->gate.namespaces = allow;
	return 0;
}

static int apply_name(struct plan *plan, const struct syscall_item *item, struct error *err)
{
	int number = syscall_number(item->name);

	if (number == SYSCALL_UNKNOWN)
		return unknown_item(plan, item, err);
	if (number >= 0)
		syscall_set_put(&plan->gate.allowed, (unsigned int)number,
				item_allows(&plan->policy->seccomp, item));
	return 0;
}

/* The items that are groups, or those that are names, of profiles or of the command line. */
static int apply_some(struct plan *plan, bool groups, bool from_command_line, struct error *err)
{
	const struct seccomp_policy *seccomp = &plan->policy->seccomp;
	int status = 0;

	for (size_t i = 0; i < seccomp->items.count && status == 0; i++) {
		const struct syscall_item *item = &seccomp->items.items[i];

		if ((*item->name == '@') != groups ||
		    (item->origin.file == command_line) != from_command_line)
			continue;
		status = groups ? apply_group(plan, item, err) : apply_name(plan, item, err);
	}
	return status;
}

/*
 * A name counts more than a group that holds it, wherever they stand: "seccomp @network-io,!bind"
 * and "!bind,@network-io" are one. Between equals, the later word counts, as everywhere. The
 * command line comes after profiles as a whole: "--seccomp=@debug" takes back a "!ptrace".
 */
static int apply_items(struct plan *plan, struct error *err)
{
	int status = 0;

	for (int pass = 0; pass < 4 && status == 0; pass++)
		status = apply_some(plan, pass % 2 == 0, pass >= 2, err);
	return status;
}

static void find_call(void *context, const char *name)
{
	const char **wanted = context;

	if (*wanted && !strcmp(*wanted, name))
		*wanted = NULL;
}

static bool item_names(const struct syscall_item *item, const char *call)
{
	if (*item->name != '@')
		return !strcmp(item->name, call);
	syscall_group_visit(syscall_group_find(item->name), find_call, &call);
	return !call;
}

const struct syscall_item *seccomp_denying_item(const struct seccomp_policy *seccomp,
						const char *call)
{
	const struct syscall_item *found = NULL;

	for (size_t i = 0; i < seccomp->items.count; i++) {
		const struct syscall_item *item = &seccomp->items.items[i];

		if (item_allows(seccomp, item) || !item_names(item, call))
			continue;
		if (!found || *found->name == '@' || *item->name != '@')
			found = item;
	}
	return found;
}

static void resolve_uring(struct plan *plan)
{
	static const struct {
		unsigned int number;
		const char *name;
	} calls[] = {
		{ __NR_io_uring_setup, "io_uring_setup" },
		{ __NR_io_uring_enter, "io_uring_enter" },
		{ __NR_io_uring_register, "io_uring_register" },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const struct syscall_item *item;

		if (syscall_set_has(&plan->gate.allowed, calls[i].number))
			continue;
		item = seccomp_denying_item(&plan->policy->seccomp, calls[i].name);
		plan->gate.uring_blocked = true;
		if (item)
			plan->gate.uring_origin = item->origin;
	}
}

static void resolve_families(struct plan *plan)
{
	const struct policy *policy = plan->policy;

	plan->gate.addresses_held = address_wall_stands(policy);
	/* A policy from elsewhere says itself which sockets it means. */
	plan->gate.any_family = !policy->protocol.set && seccomp_is_foreign(&policy->seccomp) &&
				!plan->gate.addresses_held;
	plan->gate.families = policy->protocol.set ? policy->protocol.families : DEFAULT_FAMILIES;
}

static int check_execve(struct plan *plan, struct error *err)
{
	const struct seccomp_policy *seccomp = &plan->policy->seccomp;
	const struct syscall_item *item;

	if (syscall_set_has(&plan->gate.allowed, __NR_execve))
		return 0;
	item = seccomp_denying_item(seccomp, "execve");
	error_set(err, EINVAL, "%s: %s denies execve, and without it the program cannot start",
		  origin_text(&plan->arena, item ? &item->origin : &seccomp->mode_origin),
		  item ? item->name : "seccomp");
	if (seccomp->mode == SECCOMP_KEEP)
		error_hint(err, "add execve to seccomp.keep");
	else if (item && *item->name == '@')
		error_hint(err, "add !execve to %s",
			   seccomp->mode == SECCOMP_DROP ? "seccomp.drop" : "seccomp");
	else
		error_hint(err, "take execve out of %s",
			   seccomp->mode == SECCOMP_DROP ? "seccomp.drop" : "seccomp");
	return -EINVAL;
}

static int resolve_own(struct plan *plan, struct error *err)
{
	change_group(&plan->gate.known, "@known", true);
	start_set(&plan->gate, plan->policy->seccomp.mode);
	if (apply_items(plan, err) < 0)
		return -err->code;
	resolve_uring(plan);
	return check_execve(plan, err);
}

int seccomp_resolve(struct plan *plan, struct error *err)
{
	const struct policy *policy = plan->policy;
	int status;

	plan->gate = (struct syscall_gate){
		.restricted = policy->restrict_namespaces,
		.wx_denied = policy->memory_deny_write_execute,
	};
	if (address_wall_check(plan, err) < 0)
		return -err->code;
	resolve_families(plan);
	status = seccomp_is_foreign(&policy->seccomp) ? seccomp_foreign_read(plan, err)
						      : resolve_own(plan, err);
	if ((policy->restrict_namespaces & ALL_NAMESPACES) == ALL_NAMESPACES)
		plan->gate.namespaces = false;
	return status;
}

enum uring_mode seccomp_uring_mode(const struct plan *plan)
{
	return plan->gate.uring_blocked ? URING_NONE : plan->policy->uring.mode;
}

enum syscall_action seccomp_uring_action(enum uring_mode uring, unsigned int number)
{
	/* ENOSYS and not EPERM: programs and libraries then use what they used before. */
	if (uring == URING_NONE)
		return ACTION_ENOSYS;
	if (uring == URING_FILTER && number == __NR_io_uring_register)
		return ACTION_URING_REGISTER;
	return ACTION_ALLOW;
}

/*
 * What memory-deny-write-execute looks at. Beside mappings themselves: READ_IMPLIES_EXEC of
 * personality(2) makes every mapping executable behind the filter's back, and a file in memory is
 * written by one mapping and executed by another. So is any file that the program can write:
 * noexec is for those. /proc/self/mem and ptrace(2) write into code that is mapped, as for every
 * filter of this kind.
 */
static enum syscall_action wx_action(unsigned int number)
{
	switch (number) {
	case __NR_mmap:
		return ACTION_MMAP;
	case __NR_mprotect:
	case __NR_pkey_mprotect:
		return ACTION_MPROTECT;
	case __NR_shmat:
		return ACTION_SHMAT;
	case __NR_personality:
		return ACTION_PERSONALITY;
	case __NR_memfd_create:
	case NR_MEMFD_SECRET:
		return ACTION_EPERM;
	}
	return ACTION_ALLOW;
}

/* What makes or enters namespaces beside clone and unshare. */
static enum syscall_action namespace_action(const struct syscall_gate *gate, unsigned int number)
{
	bool mounts = gate->restricted & CLONE_NEWNS;

	switch (number) {
	case __NR_setns:
		return ACTION_SETNS;
	case __NR_open_tree:
	case NR_OPEN_TREE_ATTR:
		return mounts ? ACTION_OPEN_TREE : ACTION_ALLOW;
	case __NR_fsmount:
		return mounts ? ACTION_FSMOUNT : ACTION_ALLOW;
	}
	return ACTION_ALLOW;
}

enum syscall_action seccomp_action(const struct syscall_gate *gate, enum uring_mode uring,
				   unsigned int number)
{
	switch (number) {
	case __NR_io_uring_setup:
	case __NR_io_uring_enter:
	case __NR_io_uring_register:
		return seccomp_uring_action(uring, number);
	case __NR_clone3:
		/* Its flags are in memory, where no filter can look; C libraries go on to clone. */
		return gate->namespaces && !gate->restricted &&
				       syscall_set_has(&gate->allowed, number)
			       ? ACTION_ALLOW
			       : ACTION_ENOSYS;
	}
	if (!syscall_set_has(&gate->allowed, number))
		return syscall_set_has(&gate->known, number) ? ACTION_EPERM : ACTION_ENOSYS;
	if (gate->wx_denied && wx_action(number) != ACTION_ALLOW)
		return wx_action(number);
	if (gate->restricted && namespace_action(gate, number) != ACTION_ALLOW)
		return namespace_action(gate, number);
	if (gate->addresses_held && address_wall_action(number) != ACTION_ALLOW)
		return address_wall_action(number);
	switch (number) {
	case __NR_clone:
		return gate->namespaces && !gate->restricted ? ACTION_ALLOW : ACTION_CLONE;
	case __NR_unshare:
		return gate->namespaces && !gate->restricted ? ACTION_ALLOW : ACTION_UNSHARE;
	case __NR_ioctl:
		return ACTION_IOCTL;
	case __NR_socket:
		return gate->any_family ? ACTION_ALLOW : ACTION_SOCKET;
	case __NR_socketpair:
		return gate->any_family ? ACTION_ALLOW : ACTION_SOCKETPAIR;
	case __NR_setpriority:
		return ACTION_SETPRIORITY;
	case __NR_ioprio_set:
		return ACTION_IOPRIO_SET;
	case __NR_prlimit64:
		return gate->own_limits ? ACTION_PRLIMIT : ACTION_ALLOW;
	}
	return ACTION_ALLOW;
}
