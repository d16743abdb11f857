// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/advice.h"

#include <string.h>
#include <sys/socket.h>

#include "audit/adviser.h"
#include "policy/directive.h"
#include "policy/names.h"
#include "policy/syscall_group.h"

#define TYPE_MASK 0xf /* the rest of a socket's type is SOCK_CLOEXEC and its like */

void advise_line(struct adviser *a, const struct origin *origin, const char *directive,
		 const char *value)
{
	bool option = origin && origin->file == command_line;
	const char *line = arena_printf(a->arena, option ? "--%s=%s" : "%s %s", directive, value);

	a->lines = a->lines ? arena_printf(a->arena, "%s\n%s", a->lines, line) : line;
}

void advise_against(struct adviser *a, const char *why)
{
	if (!a->why)
		a->why = why;
}

void advise_none(struct adviser *a, const char *why)
{
	if (!a->none)
		a->why = why;
	a->none = true;
}

const char *advise_list(struct adviser *a, const char *list, const char *name)
{
	return *list ? arena_printf(a->arena, "%s,%s", list, name) : name;
}

/* ---- system calls by name ---- */

struct search {
	const char *name;
	bool found;
};

static void look_for(void *context, const char *name)
{
	struct search *search = context;

	search->found = search->found || !strcmp(search->name, name);
}

static bool group_has(const char *group, const char *call)
{
	struct search search = { .name = call };

	syscall_group_visit(syscall_group_find(group), look_for, &search);
	return search.found;
}

/* Why a call is denied in every jail, as the groups' own comments have it. */
static const struct {
	const char *call; /* or group */
	const char *why;
} never[] = {
	{ "@clock", "the clock is the host's" },
	{ "@cpu-emulation", "its code in the kernel has a history of holes" },
	{ "@debug", "it reaches into other processes and takes their descriptors" },
	{ "@keyring", "keys are the user's, not the jail's" },
	{ "@module", "it changes the kernel itself" },
	{ "@mount", "new mounts uncover what the jail covers" },
	{ "@obsolete", "nobody uses it, and nobody reviews it" },
	{ "@raw-io", "it reaches the machine itself" },
	{ "@reboot", "it ends the machine" },
	{ "@swap", "it is the machine's administration" },
	{ "bpf", "it runs code in the kernel" },
	{ "fanotify_init", "it watches whole file systems, beyond the jail's" },
	{ "fanotify_mark", "it watches whole file systems, beyond the jail's" },
	{ "listns", "it finds namespaces that are not the jail's" },
	{ "setns", "it enters namespaces that are not the jail's" },
	{ "open_by_handle_at", "it opens files that no path of the jail leads to" },
	{ "userfaultfd", "it stops the kernel in the middle of a copy: an aid to exploits" },
};

/* NULL: the call is none of those. */
static const char *why_never(struct adviser *a, const char *call)
{
	const char *why = "it is administration of the host";

	if (!group_has("@always-denied", call))
		return NULL;
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (*never[i].call == '@' ? group_has(never[i].call, call)
					  : !strcmp(never[i].call, call)) {
			why = never[i].why;
			break;
		}
	return arena_printf(a->arena, "%s(2) is for no jail: %s", call, why);
}

static const char *seccomp_directive(const struct seccomp_policy *seccomp)
{
	switch (seccomp->mode) {
	case SECCOMP_DROP:
		return "seccomp.drop";
	case SECCOMP_KEEP:
		return "seccomp.keep";
	default:
		return "seccomp";
	}
}

static bool item_names(const struct syscall_item *item, const char *name)
{
	return !strcmp(item->name, name) || (*item->name == '@' && group_has(item->name, name));
}

/* Of what the command line denies itself; it comes behind all profiles. */
static const struct origin *origin_against(const struct seccomp_policy *seccomp, const char *name)
{
	if (seccomp->mode == SECCOMP_KEEP)
		return &seccomp->mode_origin;
	for (size_t i = 0; i < seccomp->items.count; i++) {
		const struct syscall_item *item = &seccomp->items.items[i];

		if (item->origin.file == command_line && !item->except && item_names(item, name))
			return &item->origin;
	}
	return NULL;
}

/* @name, a call or group, becomes allowed. The options come on a line of their own. */
static void add_call(struct adviser *a, const char *name, const char **line, const char **option)
{
	const struct seccomp_policy *seccomp = &a->plan->policy->seccomp;
	const struct origin *origin = origin_against(seccomp, name);
	const char **list = origin && origin->file == command_line ? option : line;

	if (seccomp->mode != SECCOMP_KEEP)
		name = arena_printf(a->arena, "!%s", name);
	*list = advise_list(a, *list, name);
}

static void add_lines(struct adviser *a, const char *line, const char *option)
{
	static const struct origin on_command_line = { .file = command_line };
	const char *directive = seccomp_directive(&a->plan->policy->seccomp);

	if (*line)
		advise_line(a, NULL, directive, line);
	if (*option)
		advise_line(a, &on_command_line, directive, option);
}

static bool is_allowed(const struct plan *plan, const char *name)
{
	int number = syscall_number(name);

	/* What this architecture does not have, no policy speaks of. */
	return number < 0 || syscall_set_has(&plan->gate.allowed, (unsigned int)number);
}

void advise_calls(struct adviser *a, const char *names)
{
	const char *line = "";
	const char *option = "";

	for (; *names; names += strlen(names) + 1) {
		const char *why = why_never(a, names);

		if (is_allowed(a->plan, names))
			continue;
		if (why)
			advise_none(a, why);
		add_call(a, names, &line, &option);
	}
	add_lines(a, line, option);
}

void advise_foreign(struct adviser *a)
{
	const struct policy *policy = a->plan->policy;

	advise_none(a, arena_printf(a->arena, "%s (%s) denies it: it is to be allowed in that file",
				    policy->seccomp.mode == SECCOMP_OCI_FILE ? "seccomp.oci"
									     : "seccomp.bpf",
				    origin_text(a->arena, &policy->seccomp.mode_origin)));
}

/* ---- address families ---- */

static const char *against_family(int family)
{
	switch (family) {
	case AF_UNIX:
	case AF_INET:
	case AF_INET6:
	case AF_NETLINK:
		return NULL;
	case AF_VSOCK:
		return "vsock reaches the host past every network namespace";
	case AF_PACKET:
		return "packet sockets see and forge all that goes through a network";
	default:
		return "few programs need that family, and exploits have used such again and again";
	}
}

static bool has_family(uint64_t families, int family)
{
	return family >= 0 && family < PROTOCOL_FAMILIES && families >> family & 1;
}

void advise_family(struct adviser *a, int family, int type)
{
	const struct policy *policy = a->plan->policy;
	uint64_t wanted = a->plan->gate.families;
	const char *list = "";

	/* That type of AF_INET makes a packet socket. */
	bool packet = family == AF_INET && (type & TYPE_MASK) == SOCK_PACKET;

	if (a->plan->gate.any_family)
		return;
	if (has_family(wanted, family) && (!packet || has_family(wanted, AF_PACKET)))
		return;
	if (family < 0 || !name_of(family_names, (uint64_t)family)) {
		advise_none(a, "no profile has a name for that address family");
		return;
	}
	wanted |= UINT64_C(1) << family;
	if (packet)
		wanted |= UINT64_C(1) << AF_PACKET;
	for (unsigned int i = 0; i < PROTOCOL_FAMILIES; i++)
		if (wanted >> i & 1)
			list = advise_list(a, list, name_of(family_names, i));
	advise_line(a, &policy->protocol.origin, "protocol", list);
	advise_against(a, against_family(packet ? AF_PACKET : family));
}

/* ---- all of it ---- */

const char *audit_advice(const struct audit_record *record, const struct plan *plan,
			 struct arena *arena, const char **why)
{
	struct adviser a = { .record = record, .plan = plan, .arena = arena };

	if (record->cause == AUDIT_PERMISSION)
		advise_none(&a,
			    record->arguments.path
				    ? "the policy allows it: the permissions of the file, or of "
				      "a folder on the way to it, do not"
				    : "the policy allows it: the kernel's own permissions do "
				      "not");
	else if (record->cause == AUDIT_UNKNOWN)
		advise_none(&a, "who denied it cannot be told");
	else if (record->gate == AUDIT_BY_RING)
		advise_uring(&a);
	else
		advise_syscall(&a);
	if (!a.lines)
		advise_none(&a, "nothing in the policy is known to deny it");
	*why = a.why;
	return a.none ? NULL : a.lines;
}
