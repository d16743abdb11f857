/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_SECCOMP_POLICY_H
#define POLICY_SECCOMP_POLICY_H

#include <linux/audit.h>

#include "policy/policy.h"
#include "policy/syscall_number.h"
#include "util/error.h"

struct plan;

#if defined(__x86_64__)
#define SECCOMP_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SECCOMP_ARCH AUDIT_ARCH_AARCH64
#else
#error "system-call numbers are known for x86-64 and arm64 only"
#endif

/* x32 calls carry this bit; they are a second, little used, way into an x86-64 kernel. */
#ifdef __x86_64__
#define SECCOMP_X32_BIT 0x40000000U
#else
#define SECCOMP_X32_BIT 0U
#endif

/*
 * The policy on system calls, resolved to numbers: what the seccomp program is compiled from, and
 * what the io_uring gate is derived from.
 */
struct syscall_gate {
	struct syscall_set known; /* what has a name here; anything else is answered with ENOSYS */
	struct syscall_set allowed;
	bool namespaces;     /* @nesting: clone and unshare with CLONE_NEW*, and clone3; beside a
			      * foreign policy, whether it leaves any of them */
	uint32_t restricted; /* CLONE_NEW* of restrict-namespaces, which hold beside any policy */
	bool wx_denied;	     /* memory-deny-write-execute, the same */
	bool any_family;     /* socket(2) with any address family, else with one of @families */
	uint64_t families;   /* bit AF_x */
	bool addresses_held; /* by uring.grant connect: see policy/address_wall.h */
	bool own_limits;     /* prlimit64 for the caller alone */
	bool uring_blocked;  /* the policy denies one of the io_uring calls by name or group */
	struct origin uring_origin; /* where */
};

/* Every CLONE_NEW*. */
#define ALL_NAMESPACES 0x7e020080U

/* The same number everywhere; headers may be older. */
#define NR_MEMFD_SECRET 447
#define NR_OPEN_TREE_ATTR 467

/* What the seccomp program does with one system call. */
enum syscall_action {
	ACTION_ALLOW,
	ACTION_EPERM,  /* denied on purpose */
	ACTION_ENOSYS, /* as if the kernel did not have it: programs fall back to something older */
	ACTION_KILL,   /* a number that no program of this architecture uses */
	ACTION_CLONE,  /* the rest depends on arguments */
	ACTION_UNSHARE,
	ACTION_IOCTL,
	ACTION_SOCKET,
	ACTION_SOCKETPAIR,
	ACTION_SENDTO, /* only where addresses are held, like the next */
	ACTION_SETSOCKOPT,
	ACTION_SETPRIORITY,
	ACTION_IOPRIO_SET,
	ACTION_PRLIMIT,
	ACTION_CLONE3, /* of restrict-namespaces, as the next ones */
	ACTION_SETNS,
	ACTION_OPEN_TREE,
	ACTION_FSMOUNT,
	ACTION_MMAP, /* of memory-deny-write-execute, as the next ones */
	ACTION_MPROTECT,
	ACTION_SHMAT,
	ACTION_PERSONALITY,
	ACTION_IPC,	   /* shmat(2) of a foreign architecture */
	ACTION_WX,	   /* what leads to executable memory by another way: EPERM */
	ACTION_SOCKETCALL, /* of a foreign architecture */
	ACTION_ADDRESS,	   /* beside a foreign policy: EPERM where addresses are held */
	ACTION_CONDITIONS, /* of a foreign policy, which are its own business */
	ACTION_URING_REGISTER,
	ACTIONS,
};

/*
 * Fills plan->gate from plan->policy. Fails with the item's FILE:LINE on a name that is neither a
 * system call nor a group, and on a policy that denies execve, since the program could not start.
 * Of seccomp.bpf and seccomp.oci it reads the file, into plan->foreign.
 */
int seccomp_resolve(struct plan *plan, struct error *err);

/*
 * The io_uring mode after seccomp_resolve(): what `uring` says, but URING_NONE where the policy
 * denies io_uring_setup, io_uring_enter or io_uring_register. A foreign policy usually denies them
 * because it knows no filters: with those, they are admitted beside it.
 */
enum uring_mode seccomp_uring_mode(const struct plan *plan);

/* What the program does with @number, below SYSCALL_NUMBERS; @uring is the io_uring mode. */
enum syscall_action seccomp_action(const struct syscall_gate *gate, enum uring_mode uring,
				   unsigned int number);

/* The item that @call is denied by, to be looked for only once it is known to be denied; or NULL.
 */
const struct syscall_item *seccomp_denying_item(const struct seccomp_policy *seccomp,
						const char *call);

/* What the program does with io_uring's own calls; @number is one of them. */
enum syscall_action seccomp_uring_action(enum uring_mode uring, unsigned int number);

#endif
