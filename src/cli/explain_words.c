// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/explain_words.h"

#include <arpa/inet.h>
#include <asm/unistd.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/socket.h>

#include "bpf/specialise.h"
#include "policy/address_wall.h"
#include "policy/syscall_group.h"

const struct name namespace_names[] = {
	{ "user", CLONE_NEWUSER }, { "mount", CLONE_NEWNS },
	{ "pid", CLONE_NEWPID },   { "ipc", CLONE_NEWIPC },
	{ "uts", CLONE_NEWUTS },   { "cgroup", CLONE_NEWCGROUP },
	{ "net", CLONE_NEWNET },   { NULL, 0 },
};

const char *const mount_look_names[LOOKS] = {
	[LOOK_READ_ONLY] = "read-only", [LOOK_WRITABLE] = "writable", [LOOK_PRIVATE] = "private",
	[LOOK_KERNEL] = "kernel",	[LOOK_DEVICE] = "device",     [LOOK_MASKED] = "masked",
	[LOOK_FOLDER] = "folder",	[LOOK_LINK] = "link",	      [LOOK_FIXED] = "fixed",
	[LOOK_NOEXEC] = "noexec",	[LOOK_OVERLAY] = "overlay",
};

const char *const seccomp_mode_names[] = {
	[SECCOMP_DEFAULT] = "default", [SECCOMP_DROP] = "drop",	   [SECCOMP_KEEP] = "keep",
	[SECCOMP_BPF_FILE] = "bpf",    [SECCOMP_OCI_FILE] = "oci",
};

const char *const net_mode_names[] = {
	[NET_NONE] = "none",
	[NET_HOST] = "host",
	[NET_USER] = "user",
};

const char *const landlock_mode_names[] = {
	[LANDLOCK_AUTO] = "auto",
	[LANDLOCK_REQUIRE] = "require",
	[LANDLOCK_OFF] = "off",
};

const char *const root_mode_names[] = {
	[ROOT_MINIMAL] = "minimal",
	[ROOT_HOST] = "host",
	[ROOT_EMPTY] = "empty",
};

const char *const uring_mode_names[] = {
	[URING_FILTER] = "filter",
	[URING_NONE] = "none",
	[URING_UNFILTERED] = "unfiltered",
};

const char *const verdict_names[] = {
	[VERDICT_ALLOW] = "allow",
	[VERDICT_DENY] = "deny",
	[VERDICT_FILTER] = "filter",
};

static enum mount_look attribute_look(const struct mount_op *op)
{
	if (op->flags & MOUNT_READ_WRITE)
		return LOOK_WRITABLE;
	if (op->flags & MOUNT_READ_ONLY)
		return LOOK_READ_ONLY;
	return op->flags & MOUNT_NOEXEC ? LOOK_NOEXEC : LOOK_FIXED;
}

enum mount_look mount_look(const struct mount_op *op)
{
	switch (op->kind) {
	case MOUNT_BIND:
		if (op->flags & MOUNT_DEVICES)
			return LOOK_DEVICE;
		if (op->flags & MOUNT_READ_ONLY)
			return LOOK_READ_ONLY;
		return op->flags & MOUNT_OVERLAY ? LOOK_OVERLAY : LOOK_WRITABLE;
	case MOUNT_TMPFS:
		return op->flags & MOUNT_READ_ONLY ? LOOK_FOLDER : LOOK_PRIVATE;
	case MOUNT_PROC:
	case MOUNT_DEVPTS:
	case MOUNT_MQUEUE:
		return LOOK_KERNEL;
	case MOUNT_DIR:
		return LOOK_FOLDER;
	case MOUNT_SYMLINK:
		return LOOK_LINK;
	case MOUNT_TEXT:
		return LOOK_READ_ONLY;
	case MOUNT_MASK:
		return LOOK_MASKED;
	case MOUNT_ATTR:
		break;
	}
	return attribute_look(op);
}

const char *capability_text(struct arena *arena, unsigned int bit)
{
	char *name = cap_to_name((cap_value_t)bit);
	const char *text =
		name ? arena_strdup(arena, name) : arena_printf(arena, "capability %u", bit);

	cap_free(name);
	return text;
}

const char *set_text(struct arena *arena, const struct name *table, uint64_t set,
		     const char *separator)
{
	const char *text = "";

	for (; table->name; table++)
		if ((set & table->value) == table->value)
			text = arena_printf(arena, "%s%s%s", text, *text ? separator : "",
					    table->name);
	return text;
}

const char *cpus_text(struct arena *arena, const cpu_set_t *cpus)
{
	const char *text = "";

	for (size_t first = 0; first < CPU_SETSIZE; first++) {
		size_t last = first;

		if (!CPU_ISSET(first, cpus))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
			last++;
		text = last > first ? arena_printf(arena, "%s%s%zu-%zu", text, *text ? "," : "",
						   first, last)
				    : arena_printf(arena, "%s%s%zu", text, *text ? "," : "", first);
		first = last;
	}
	return text;
}

const char *families_text(struct arena *arena, uint64_t families)
{
	const char *text = "";

	for (unsigned int family = 0; family < PROTOCOL_FAMILIES; family++) {
		const char *name = name_of(family_names, family);

		if (!(families >> family & 1))
			continue;
		text = arena_printf(arena, "%s%s%s", text, *text ? ", " : "",
				    name ? name : arena_printf(arena, "%u", family));
	}
	return *text ? text : "none";
}

static void name_call(void *context, const char *name)
{
	struct call_table *table = context;
	int number = syscall_number(name);

	if (number >= 0)
		table->names[number] = name;
}

/* A call that no group holds, which a profile may name all the same. */
static const char *ungrouped_name(unsigned int number, struct arena *arena)
{
	const char *name = syscall_name(number, arena);

	return name ? name : arena_printf(arena, "%u", number);
}

/* What a policy from elsewhere does with a call is known only by running it. */
static enum syscall_action foreign_action(struct bpf_specialiser *specialiser, unsigned int number,
					  struct arena *arena)
{
	struct bpf_view view = { 0 };
	struct bpf_special special;

	view.words[offsetof(struct seccomp_data, nr) / sizeof(uint32_t)] =
		(struct bpf_word){ .kind = BPF_WORD_FIXED, .value = number };
	view.words[offsetof(struct seccomp_data, arch) / sizeof(uint32_t)] =
		(struct bpf_word){ .kind = BPF_WORD_FIXED, .value = SECCOMP_ARCH };
	special = bpf_specialise(specialiser, &view, 1, arena);
	if (special.answer == BPF_ALLOWED)
		return ACTION_ALLOW;
	return special.blame == BPF_NO_WORD && !special.too_complex ? ACTION_EPERM
								    : ACTION_CONDITIONS;
}

static void fill_foreign(struct call_table *table, const struct plan *plan, struct arena *arena)
{
	struct bpf_specialiser *specialiser = bpf_specialiser_new(&plan->seccomp_no_uring);

	for (unsigned int number = 0; number < SYSCALL_NUMBERS; number++)
		if (table->names[number])
			table->actions[number] = foreign_action(specialiser, number, arena);
		else
			table->actions[number] = ACTION_ENOSYS;
	bpf_specialiser_free(specialiser);
	for (unsigned int number = __NR_io_uring_setup; number <= __NR_io_uring_register; number++)
		table->actions[number] = seccomp_uring_action(plan->uring.mode, number);
}

void call_table_fill(struct call_table *table, const struct plan *plan, struct arena *arena)
{
	syscall_group_visit(syscall_group_find("@known"), name_call, table);
	if (seccomp_is_foreign(&plan->policy->seccomp)) {
		fill_foreign(table, plan, arena);
		return;
	}
	for (unsigned int number = 0; number < SYSCALL_NUMBERS; number++) {
		table->actions[number] =
			seccomp_action(&plan->gate, seccomp_uring_mode(plan), number);
		if (!table->names[number] && call_is_allowed(table, number))
			table->names[number] = ungrouped_name(number, arena);
	}
}

bool call_is_allowed(const struct call_table *table, unsigned int number)
{
	switch (table->actions[number]) {
	case ACTION_EPERM:
	case ACTION_ENOSYS:
	case ACTION_KILL:
		return false;
	default:
		return true;
	}
}

bool call_is_hidden(const struct call_table *table, unsigned int number)
{
	return number == __NR_clone3 && table->actions[number] == ACTION_ENOSYS;
}

static const char *restricted_text(const struct plan *plan, struct arena *arena)
{
	return arena_printf(arena, "no new namespaces of these types: %s",
			    set_text(arena, namespace_type_names, plan->gate.restricted, " "));
}

const char *call_condition(const struct call_table *table, unsigned int number,
			   const struct plan *plan, struct arena *arena)
{
	uint64_t families = plan->gate.families;
	const char *held = address_wall_condition(plan->policy, number, arena);

	switch (table->actions[number]) {
	case ACTION_MMAP:
		return "not writable and executable at once";
	case ACTION_MPROTECT:
	case ACTION_SHMAT:
		return "not executable";
	case ACTION_PERSONALITY:
		return "not READ_IMPLIES_EXEC";
	case ACTION_SETNS:
		return "by type, and not one that restrict-namespaces names";
	case ACTION_OPEN_TREE:
	case ACTION_FSMOUNT:
		return "not as a new mount namespace";
	case ACTION_CLONE:
		if (plan->gate.namespaces)
			return restricted_text(plan, arena);
		return "no new namespaces (CLONE_NEW*)";
	case ACTION_UNSHARE:
		if (plan->gate.namespaces)
			return restricted_text(plan, arena);
		return "no new namespaces; what the process shares with its threads only";
	case ACTION_IOCTL:
		return "not TIOCSTI and TIOCLINUX, which type into the terminal, TIOCEXCL, "
		       "TIOCSETD";
	case ACTION_SETPRIORITY:
	case ACTION_IOPRIO_SET:
		return "not of the process group, which the launcher is in";
	case ACTION_PRLIMIT:
		return "of the process itself, by 0";
	case ACTION_SOCKETPAIR:
		families |= UINT64_C(1) << AF_UNIX;
		__attribute__((fallthrough));
	case ACTION_SOCKET:
		return arena_printf(arena, "address families %s%s%s",
				    families_text(arena, families), held ? "; " : "",
				    held ? held : "");
	case ACTION_CONDITIONS:
		return held ? arena_printf(arena, "%s, within the policy's own conditions", held)
			    : "as the policy's own conditions say";
	case ACTION_SENDTO:
	case ACTION_SETSOCKOPT:
		return held;
	case ACTION_EPERM:
		return address_wall_action(number) == ACTION_EPERM ? held : NULL;
	case ACTION_URING_REGISTER:
		return "the operations listed with io_uring";
	case ACTION_ENOSYS:
		return call_is_hidden(table, number)
			       ? "as if not there (ENOSYS): its flags cannot be seen, clone's can"
			       : NULL;
	default:
		return NULL;
	}
}

const char *uring_mode_reason(const struct plan *plan, struct arena *arena)
{
	const struct uring_policy *policy = &plan->policy->uring;

	if (plan->uring.mode == URING_FILTER)
		return NULL;
	if (plan->uring.mode == policy->mode)
		return arena_printf(arena, "uring %s (%s)", uring_mode_names[policy->mode],
				    origin_text(arena, &policy->mode_origin));
	return arena_printf(arena, "%s denies its system calls",
			    origin_text(arena, &plan->gate.uring_origin));
}

const char *host_address(const struct resolved_host *host, struct arena *arena)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(host->family, host->address, text, sizeof(text));
	return arena_strdup(arena, text);
}

static const char *chain_text(const struct plan *plan, enum nft_chain chain, bool holds,
			      struct arena *arena)
{
	const char *text = arena_printf(
		arena, "\tchain %s {\n\t\ttype filter hook %s priority filter; policy %s;\n",
		nft_chain_names[chain], nft_chain_names[chain], holds ? "drop" : "accept");

	for (size_t i = 0; i < plan->net.rules.count; i++)
		if (plan->net.rules.items[i].chain == chain)
			text = arena_printf(arena, "%s\t\t%s\n", text,
					    plan->net.rules.items[i].text);
	return arena_printf(arena, "%s\t}\n", text);
}

const char *netfilter_text(const struct plan *plan, struct arena *arena)
{
	const char *input;
	const char *output = "";

	if (!plan->net.rules.count)
		return NULL;
	input = chain_text(plan, NFT_INPUT, plan->net.holds_listen, arena);
	if (plan->net.holds_connect)
		output = chain_text(plan, NFT_OUTPUT, true, arena);
	return arena_printf(arena, "table inet %s {\n%s%s}\n", nft_table_name, input, output);
}
