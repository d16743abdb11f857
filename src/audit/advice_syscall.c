// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/adviser.h"

#include <asm/unistd.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/socket.h>
#include <string.h>

#include "bpf/interpret.h"
#include "uring/opcode.h"

/* The advice for system calls: what seccomp_action() says of each, turned round. */

#define CLONE_NAMESPACES                                                                           \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)

static const char why_no_terminal[] =
	"it is for no jail: the terminal is shared with the shell outside, which would run what is "
	"typed into it";
static const char why_no_group[] =
	"it is for no jail: the process group is shared with the launcher and its neighbours";

/* ---- io_uring's own calls ---- */

static void advise_ring(struct adviser *a)
{
	const struct plan *plan = a->plan;
	const struct uring_policy *policy = &plan->policy->uring;

	if (plan->gate.uring_blocked)
		advise_calls(a, "io_uring_setup\0io_uring_enter\0io_uring_register\0");
	if (policy->mode == URING_NONE)
		advise_line(a, &policy->mode_origin, "uring", "filter");
	if (!a->lines)
		advise_none(a, "this kernel cannot hold filters of io_uring: uring-jail --check "
			       "tells why");
}

static void advise_register(struct adviser *a)
{
	const struct plan *plan = a->plan;
	const struct uring_policy *policy = &plan->policy->uring;
	const char *name = a->record->arguments.operation;
	int operation = name ? uring_register_by_name(name) : -1;
	const char *list = "";

	if (operation < 0) {
		advise_none(a, "no profile has a name for that operation of io_uring_register");
		return;
	}
	if (plan->uring.registers >> operation & 1)
		return;
	/* A list takes the place of what is allowed without one. */
	for (unsigned int i = 0; !policy->has_registers && uring_register_name(i); i++)
		if (plan->uring.registers >> i & 1)
			list = advise_list(a, list, uring_register_name(i));
	advise_line(a, &policy->registers_origin, "uring.register",
		    advise_list(a, list, uring_register_name((unsigned int)operation)));
	if (!(uring_registers_default() >> operation & 1))
		advise_against(a, strstr(name, "zcrx")
					  ? "it maps a network device's queue"
					  : "it hands descriptors to other rings, past "
					    "their filters");
}

/* ---- calls whose arguments count ---- */

static const char *nesting(const struct adviser *a)
{
	return a->plan->policy->seccomp.mode == SECCOMP_KEEP ? "@nesting" : "!@nesting";
}

static void advise_nesting(struct adviser *a)
{
	const struct seccomp_policy *seccomp = &a->plan->policy->seccomp;
	const struct origin *origin = seccomp->mode == SECCOMP_KEEP ? &seccomp->mode_origin : NULL;
	const char *directive = seccomp->mode == SECCOMP_DROP	? "seccomp.drop"
				: seccomp->mode == SECCOMP_KEEP ? "seccomp.keep"
								: "seccomp";

	for (size_t i = 0; i < seccomp->items.count; i++)
		if (!strcmp(seccomp->items.items[i].name, "@nesting"))
			origin = &seccomp->items.items[i].origin;
	advise_line(a, origin, directive, nesting(a));
	advise_against(a, "it opens new namespaces and their mounts, and much of the kernel with "
			  "them");
}

/* Returns whether restrict-namespaces denies it, so that no line of seccomp would help. */
static bool advise_restricted(struct adviser *a)
{
	if (a->plan->gate.restricted)
		advise_none(a, "restrict-namespaces denies it: take out the type, or the line");
	return a->plan->gate.restricted;
}

static void advise_setns(struct adviser *a)
{
	advise_restricted(a);
}

static void advise_memory(struct adviser *a)
{
	if (a->plan->gate.wx_denied)
		advise_none(a, "memory-deny-write-execute denies it: take out that line");
}

static void advise_clone(struct adviser *a)
{
	if (!(a->record->arguments.flags & CLONE_NAMESPACES) || advise_restricted(a))
		return;
	if (!a->plan->gate.namespaces)
		advise_nesting(a);
}

/* unshare(2) may be denied for flags that are newer than any namespace, too. */
static void advise_unshare(struct adviser *a)
{
	const uint64_t harmless =
		CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;

	if (!(a->record->arguments.flags & ~harmless) || advise_restricted(a))
		return;
	if (!a->plan->gate.namespaces)
		advise_nesting(a);
}

static void advise_clone3(struct adviser *a)
{
	if (!a->plan->gate.namespaces)
		advise_none(a, "its flags cannot be seen, so programs are told to use clone(2) "
			       "instead, and do");
}

static void advise_socket(struct adviser *a)
{
	advise_family(a, a->record->arguments.family, a->record->arguments.type);
}

/* A pair of Unix sockets is always allowed. */
static void advise_socketpair(struct adviser *a)
{
	if (a->record->arguments.family != AF_UNIX)
		advise_socket(a);
}

static void advise_ioctl(struct adviser *a)
{
	static const char *const denied[] = { "TIOCSTI", "TIOCLINUX", "TIOCEXCL", "TIOCSETD" };
	const char *request = a->record->arguments.operation;

	for (size_t i = 0; request && i < sizeof(denied) / sizeof(*denied); i++)
		if (!strcmp(request, denied[i]))
			advise_none(a, why_no_terminal);
}

static void advise_priority(struct adviser *a)
{
	/* PRIO_PGRP and IOPRIO_WHO_PGRP, the first arguments. */
	uint64_t group = a->record->number == __NR_setpriority ? 1 : 2;

	if (a->record->arguments.raw_count && a->record->arguments.raw[0] == group)
		advise_none(a, why_no_group);
}

static const struct {
	unsigned int number;
	void (*advise)(struct adviser *a);
} specials[] = {
	{ __NR_clone, advise_clone },		{ __NR_unshare, advise_unshare },
	{ __NR_clone3, advise_clone3 },		{ __NR_socket, advise_socket },
	{ __NR_socketpair, advise_socketpair }, { __NR_ioctl, advise_ioctl },
	{ __NR_setns, advise_setns },		{ __NR_mmap, advise_memory },
	{ __NR_mprotect, advise_memory },	{ __NR_pkey_mprotect, advise_memory },
	{ __NR_shmat, advise_memory },		{ __NR_personality, advise_memory },
	{ __NR_memfd_create, advise_memory },	{ __NR_setpriority, advise_priority },
	{ __NR_ioprio_set, advise_priority },
};

static void advise_special(struct adviser *a)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(*specials); i++)
		if (specials[i].number == a->record->number)
			specials[i].advise(a);
}

/* ---- beside a policy from elsewhere ---- */

/* What `protocol` denies, that policy may deny as well; of a socket it is known. */
static bool foreign_allows_socket(const struct adviser *a)
{
	const struct audit_arguments *arguments = &a->record->arguments;
	struct seccomp_data data = {
		.nr = (int)a->record->number,
		.arch = SECCOMP_ARCH,
		.args = { (uint32_t)arguments->family, (uint32_t)arguments->type,
			  (uint32_t)arguments->protocol },
	};
	uint32_t result;

	return bpf_interpret(&a->plan->foreign, &data, sizeof(data), &result) == 0 &&
	       (result & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW;
}

static void advise_beside_foreign(struct adviser *a)
{
	bool is_socket = a->record->number == __NR_socket || a->record->number == __NR_socketpair;

	advise_special(a);
	if (a->none || (is_socket && a->lines && foreign_allows_socket(a)))
		return;
	advise_foreign(a);
}

/* ---- all of them ---- */

static bool is_native(const struct audit_record *record)
{
	return record->name && syscall_number(record->name) == (int)record->number;
}

static void advise_own(struct adviser *a)
{
	const char *name = a->record->name;
	const char *names = arena_strndup(a->arena, name, strlen(name) + 1); /* and the last NUL */

	if (a->record->number != __NR_clone3)
		advise_calls(a, names);
	advise_special(a);
}

void advise_syscall(struct adviser *a)
{
	if (!is_native(a->record)) {
		advise_none(a, a->record->error
				       ? "no profile has a name for that system call"
				       : "no program of this architecture makes that call");
		return;
	}
	switch (a->record->number) {
	case __NR_io_uring_register:
		if (a->plan->uring.mode == URING_FILTER && !a->plan->gate.uring_blocked) {
			advise_register(a);
			return;
		}
		__attribute__((fallthrough));
	case __NR_io_uring_setup:
	case __NR_io_uring_enter:
		advise_ring(a);
		return;
	}
	if (a->plan->foreign.count)
		advise_beside_foreign(a);
	else
		advise_own(a);
}
