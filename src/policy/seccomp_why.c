// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/seccomp_why.h"

#include <asm/unistd.h>
#include <string.h>

#include "policy/syscall_group.h"

/* What a call's own branch of the program says, by what it looks at. */
static const char *why_conditions(const struct plan *plan, enum syscall_action action,
				  struct arena *arena)
{
	const struct policy *policy = plan->policy;

	switch (action) {
	case ACTION_MMAP:
	case ACTION_MPROTECT:
	case ACTION_SHMAT:
	case ACTION_PERSONALITY:
		return arena_printf(arena, "memory-deny-write-execute (%s)",
				    origin_text(arena, &policy->memory_origin));
	case ACTION_SETNS:
	case ACTION_OPEN_TREE:
	case ACTION_FSMOUNT:
		return arena_printf(arena, "restrict-namespaces (%s)",
				    origin_text(arena, &policy->namespaces_origin));
	case ACTION_CLONE:
	case ACTION_UNSHARE:
		if (plan->gate.restricted)
			return arena_printf(arena, "restrict-namespaces (%s)",
					    origin_text(arena, &policy->namespaces_origin));
		return "new namespaces need seccomp !@nesting";
	case ACTION_IOCTL:
		return "it would reach the terminal's input or settings";
	case ACTION_SETPRIORITY:
	case ACTION_IOPRIO_SET:
		return "the process group is the launcher's too";
	case ACTION_PRLIMIT:
		return "limits of other processes, which are there without namespaces";
	case ACTION_SOCKET:
	case ACTION_SOCKETPAIR:
		return policy->protocol.set
			       ? arena_printf(arena, "protocol (%s)",
					      origin_text(arena, &policy->protocol.origin))
			       : "the address family is not one that is allowed by default";
	case ACTION_URING_REGISTER:
		return policy->uring.has_registers
			       ? arena_printf(arena, "uring.register (%s)",
					      origin_text(arena, &policy->uring.registers_origin))
			       : "the operation is not one that is allowed by default";
	default:
		return NULL;
	}
}

static const char *why_listed(const struct plan *plan, unsigned int number, struct arena *arena)
{
	const struct seccomp_policy *seccomp = &plan->policy->seccomp;
	const char *name = syscall_name(number, arena);
	const struct syscall_item *item = name ? seccomp_denying_item(seccomp, name) : NULL;

	if (!syscall_set_has(&plan->gate.known, number))
		return "newer than any system call known here";
	if (seccomp->mode == SECCOMP_KEEP)
		return arena_printf(arena, "not in seccomp.keep (%s)",
				    origin_text(arena, &seccomp->mode_origin));
	if (item)
		return arena_printf(arena, "%s %s (%s)", seccomp_directives[seccomp->mode],
				    item->name, origin_text(arena, &item->origin));
	return seccomp->mode == SECCOMP_DROP ? "@always-denied" : "not in the default list";
}

const char *seccomp_why(const struct plan *plan, uint32_t architecture, unsigned int number,
			struct arena *arena)
{
	const struct seccomp_policy *seccomp = &plan->policy->seccomp;
	enum syscall_action action;
	const char *why;

	if (seccomp_is_foreign(seccomp))
		return arena_printf(arena, "%s (%s)", seccomp_directives[seccomp->mode],
				    origin_text(arena, &seccomp->mode_origin));
	if (architecture != SECCOMP_ARCH || number >= SYSCALL_NUMBERS)
		return "not a call of this architecture that is known here";
	action = seccomp_action(&plan->gate, plan->uring.mode, number);
	why = why_conditions(plan, action, arena);
	if (why)
		return why;
	if (action == ACTION_ENOSYS && plan->uring.mode == URING_NONE &&
	    syscall_set_has(&plan->gate.allowed, number))
		return arena_printf(arena, "uring none (%s)",
				    origin_text(arena, &plan->policy->uring.mode_origin));
	if (number == __NR_memfd_create || number == NR_MEMFD_SECRET)
		if (plan->gate.wx_denied && syscall_set_has(&plan->gate.allowed, number))
			return why_conditions(plan, ACTION_MMAP, arena);
	return why_listed(plan, number, arena);
}
