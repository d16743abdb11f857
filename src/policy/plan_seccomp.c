// SPDX-License-Identifier: LGPL-2.1-or-later
#include <asm/ioctls.h>
#include <asm/unistd.h>
#include <errno.h>
#include <linux/ioprio.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>

#include "bpf/asm.h"
#include "bpf/search.h"
#include "policy/address_wall.h"
#include "policy/plan.h"
#include "policy/seccomp_argument.h"
#include "policy/seccomp_policy.h"
#include "uring/abi.h"

/*
 * Writes the seccomp program: architecture, then a binary search over the runs of system-call
 * numbers that are answered alike, then what looks at arguments, for the few calls that need it.
 *
 * The program is written here and not by libseccomp. For the default list (libseccomp 2.5.4, 310
 * calls, 2 cores, a new process each time, medians of 101; libseccomp's programs lack what looks
 * at arguments, ours is made twice, with and without io_uring):
 *
 *	                         compiled in  instructions  installed in  steps: read  futex
 *	libseccomp, linear           0.83 ms           319       0.25 ms            6    174
 *	libseccomp, binary tree      1.2 ms            399       0.11 ms           12     14
 *	runs, as here                0.04 ms           125       0.06 ms           10     10
 *
 * A launch takes 3 to 4 ms in all. libseccomp still says which number a name has, and the unit
 * tests compare the answer to every number with that of the program that libseccomp makes.
 *
 * Nothing but a special call's own branch loads an argument: the kernel's table of calls that are
 * always allowed (seccomp_is_const_allow()) then holds all others, and they skip the program.
 */

/* Everything that makes a namespace by clone(2); CLONE_NEWTIME is a part of the signal there. */
#define CLONE_NAMESPACES                                                                           \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)

/*
 * What unshare(2) may be asked for without namespaces. A list of the allowed, since its flags are
 * not all those of clone: UNSHARE_EMPTY_MNTNS (Linux 7.1) has the bit of CLONE_PARENT_SETTID.
 */
#define UNSHARE_HARMLESS                                                                           \
	(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)

#define UNSHARE_EMPTY_MOUNTS 0x00100000U /* UNSHARE_EMPTY_MNTNS */

#define REGISTER_OPERATIONS 64

struct writer {
	struct bpf_asm assembler;
	const struct plan *plan;
	enum uring_mode uring;
	bpf_label actions[ACTIONS];
	bool used[ACTIONS];
	bpf_label admitted; /* where io_uring's own calls go if allowed, whatever a foreign
			     * program says */
};

static void ret(struct bpf_asm *a, uint32_t value)
{
	bpf_stmt(a, BPF_RET | BPF_K, value);
}

static void load(struct bpf_asm *a, uint32_t offset)
{
	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, offset);
}

static void write_numbers(struct writer *writer)
{
	struct bpf_runs runs = { .count = 0 };

	for (unsigned int number = 0; number < SYSCALL_NUMBERS; number++) {
		enum syscall_action action =
			seccomp_action(&writer->plan->gate, writer->uring, number);

		writer->used[action] = true;
		bpf_runs_add(&runs, number, writer->actions[action]);
	}
	bpf_runs_add(&runs, SYSCALL_NUMBERS, writer->actions[ACTION_ENOSYS]);
#ifdef __x86_64__
	bpf_runs_add(&runs, SECCOMP_X32_BIT, writer->actions[ACTION_KILL]);
	/* -1 is no x32 call but how programs and tracers ask for "no call at all". */
	bpf_runs_add(&runs, UINT32_MAX, writer->actions[ACTION_ENOSYS]);
#endif
	load(&writer->assembler, offsetof(struct seccomp_data, nr));
	bpf_runs_search(&writer->assembler, &runs);
}

/* Beside @nesting, restrict-namespaces denies some; else all are denied. */
static uint32_t denied_namespaces(const struct writer *writer)
{
	return writer->plan->gate.namespaces ? writer->plan->gate.restricted : ALL_NAMESPACES;
}

static void deny_flags(struct writer *writer, uint32_t argument, uint32_t flags)
{
	load(&writer->assembler, argument);
	bpf_jump(&writer->assembler, BPF_JMP | BPF_JSET | BPF_K, flags,
		 writer->actions[ACTION_EPERM], writer->actions[ACTION_ALLOW]);
}

static void write_clone(struct writer *writer)
{
	deny_flags(writer, ARGUMENT_LOW(0), denied_namespaces(writer) & CLONE_NAMESPACES);
}

static void write_unshare(struct writer *writer)
{
	uint32_t denied = denied_namespaces(writer);

	if (denied == ALL_NAMESPACES)
		denied = ~(uint32_t)UNSHARE_HARMLESS;
	else if (denied & CLONE_NEWNS)
		denied |= UNSHARE_EMPTY_MOUNTS;
	deny_flags(writer, ARGUMENT_LOW(0), denied);
}

/* Without a type, any is entered. */
static void write_setns(struct writer *writer)
{
	load(&writer->assembler, ARGUMENT_LOW(1));
	bpf_jump(&writer->assembler, BPF_JMP | BPF_JEQ | BPF_K, 0, writer->actions[ACTION_EPERM],
		 BPF_NEXT);
	bpf_jump(&writer->assembler, BPF_JMP | BPF_JSET | BPF_K, writer->plan->gate.restricted,
		 writer->actions[ACTION_EPERM], writer->actions[ACTION_ALLOW]);
}

/* Flags that make a mount namespace of what they open (Linux 7.0), and those not known yet. */
static void write_open_tree(struct writer *writer)
{
	deny_flags(writer, ARGUMENT_LOW(2), 0xffU & ~(uint32_t)OPEN_TREE_CLONE);
}

static void write_fsmount(struct writer *writer)
{
	deny_flags(writer, ARGUMENT_LOW(1), ~(uint32_t)FSMOUNT_CLOEXEC);
}

static void write_mmap(struct writer *writer)
{
	load(&writer->assembler, ARGUMENT_LOW(2));
	bpf_stmt(&writer->assembler, BPF_ALU | BPF_AND | BPF_K, PROT_WRITE | PROT_EXEC);
	bpf_jump(&writer->assembler, BPF_JMP | BPF_JEQ | BPF_K, PROT_WRITE | PROT_EXEC,
		 writer->actions[ACTION_EPERM], writer->actions[ACTION_ALLOW]);
}

/* What is to be executed is mapped so at once, from a file. */
static void write_mprotect(struct writer *writer)
{
	deny_flags(writer, ARGUMENT_LOW(2), PROT_EXEC);
}

static void write_shmat(struct writer *writer)
{
	deny_flags(writer, ARGUMENT_LOW(2), SHM_EXEC);
}

/* All bits set ask what it is. */
static void write_personality(struct writer *writer)
{
	load(&writer->assembler, ARGUMENT_LOW(0));
	bpf_jump(&writer->assembler, BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX,
		 writer->actions[ACTION_ALLOW], BPF_NEXT);
	bpf_jump(&writer->assembler, BPF_JMP | BPF_JSET | BPF_K, READ_IMPLIES_EXEC,
		 writer->actions[ACTION_EPERM], writer->actions[ACTION_ALLOW]);
}

/* ipc(SHMAT, id, flags, ...): the upper half of the call is a version. */
static void write_ipc(struct writer *writer)
{
	const uint32_t shmat = 21; /* linux/ipc.h */

	load(&writer->assembler, ARGUMENT_LOW(0));
	bpf_stmt(&writer->assembler, BPF_ALU | BPF_AND | BPF_K, 0xffff);
	bpf_jump(&writer->assembler, BPF_JMP | BPF_JEQ | BPF_K, shmat, BPF_NEXT,
		 writer->actions[ACTION_ALLOW]);
	deny_flags(writer, ARGUMENT_LOW(2), SHM_EXEC);
}

/*
 * The program shares its process group with the launcher and its neighbours in a pipeline, PID
 * namespace or not: what acts on a group would act on them.
 */
static void write_no_group(struct writer *writer, uint32_t which)
{
	load(&writer->assembler, ARGUMENT_LOW(0));
	bpf_jump(&writer->assembler, BPF_JMP | BPF_JEQ | BPF_K, which,
		 writer->actions[ACTION_EPERM], writer->actions[ACTION_ALLOW]);
}

static void write_setpriority(struct writer *writer)
{
	write_no_group(writer, PRIO_PGRP);
}

static void write_ioprio_set(struct writer *writer)
{
	write_no_group(writer, IOPRIO_WHO_PGRP);
}

/* Without a PID namespace, others' limits are the user's to set: one of no processor time kills. */
static void write_prlimit(struct writer *writer)
{
	load(&writer->assembler, ARGUMENT_LOW(0));
	bpf_jump(&writer->assembler, BPF_JMP | BPF_JEQ | BPF_K, 0, writer->actions[ACTION_ALLOW],
		 writer->actions[ACTION_EPERM]);
}

/*
 * TIOCSTI and TIOCLINUX put input into the terminal that the jail shares with the shell outside,
 * which then runs it. The command is an unsigned int: a filter that compared all 64 bits would be
 * passed by with a bit set that the kernel drops (CVE-2019-10063 of Flatpak). TIOCEXCL would keep
 * the user from opening the terminal after the program's end, and TIOCSETD loads line disciplines.
 */
static void write_ioctl(struct writer *writer)
{
	static const uint32_t denied[] = { TIOCSTI, TIOCLINUX, TIOCEXCL, TIOCSETD };
	const size_t last = sizeof(denied) / sizeof(*denied) - 1;

	load(&writer->assembler, ARGUMENT_LOW(1));
	for (size_t i = 0; i <= last; i++)
		bpf_jump(&writer->assembler, BPF_JMP | BPF_JEQ | BPF_K, denied[i],
			 writer->actions[ACTION_EPERM],
			 i == last ? writer->actions[ACTION_ALLOW] : BPF_NEXT);
}

/* The kernel makes an AF_PACKET socket of socket(AF_INET, SOCK_PACKET). */
static void write_no_packet_type(struct writer *writer)
{
	struct bpf_asm *a = &writer->assembler;

	load(a, ARGUMENT_LOW(1));
	bpf_stmt(a, BPF_ALU | BPF_AND | BPF_K, SOCKET_TYPE_MASK);
	bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, SOCK_PACKET, BPF_NEXT,
		 writer->actions[ACTION_ALLOW]);
	ret(a, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
}

/*
 * The answer to a family that is not allowed is EAFNOSUPPORT, what a kernel without it says:
 * programs that find no IPv6 or netlink go on with what there is, and EPERM would end them.
 */
static void write_families(struct writer *writer, uint64_t families)
{
	const uint64_t inet_bit = UINT64_C(1) << AF_INET;
	struct bpf_asm *a = &writer->assembler;
	bool held = writer->plan->gate.addresses_held;
	bpf_label looked_at = bpf_label_new(a);
	uint64_t look = 0;

	if (held)
		look = families & (inet_bit | UINT64_C(1) << AF_INET6);
	else if (!(families >> AF_PACKET & 1))
		look = families & inet_bit;
	load(a, ARGUMENT_LOW(0));
	for (unsigned int family = 0; family < PROTOCOL_FAMILIES; family++)
		if (families >> family & 1)
			bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, family,
				 look >> family & 1 ? looked_at : writer->actions[ACTION_ALLOW],
				 BPF_NEXT);
	ret(a, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
	bpf_label_place(a, looked_at);
	if (look && held)
		address_wall_write_socket(a, writer->actions[ACTION_ALLOW]);
	else if (look)
		write_no_packet_type(writer);
}

static void write_socket(struct writer *writer)
{
	write_families(writer, writer->plan->gate.families);
}

/* A pair of Unix sockets reaches nobody: it is a pipe of two directions. */
static void write_socketpair(struct writer *writer)
{
	write_families(writer, writer->plan->gate.families | UINT64_C(1) << AF_UNIX);
}

static void write_sendto(struct writer *writer)
{
	address_wall_write_sendto(&writer->assembler, writer->actions[ACTION_ALLOW],
				  writer->actions[ACTION_EPERM]);
}

static void write_setsockopt(struct writer *writer)
{
	address_wall_write_setsockopt(&writer->assembler, writer->actions[ACTION_ALLOW],
				      writer->actions[ACTION_EPERM]);
}

/*
 * A denied operation gets EACCES, which is also what the kernel's own restrictions answer, so
 * that it does not matter which of them is asked first. One that is newer than any known gets
 * EINVAL, as from a kernel without it.
 */
static void write_uring_register(struct writer *writer)
{
	struct bpf_asm *a = &writer->assembler;
	bpf_label denied = bpf_label_new(a);
	bpf_label unknown = bpf_label_new(a);
	struct bpf_runs runs = { .count = 0 };

	for (unsigned int operation = 0; operation < REGISTER_OPERATIONS; operation++)
		bpf_runs_add(&runs, operation,
			     writer->plan->uring.registers >> operation & 1 ? writer->admitted
									    : denied);
	bpf_runs_add(&runs, REGISTER_OPERATIONS, unknown);

	load(a, ARGUMENT_LOW(1));
	bpf_stmt(a, BPF_ALU | BPF_AND | BPF_K, ~(uint32_t)URING_REGISTER_USE_REGISTERED_RING);
	bpf_runs_search(a, &runs);
	bpf_label_place(a, denied);
	ret(a, SECCOMP_RET_ERRNO | EACCES);
	bpf_label_place(a, unknown);
	ret(a, SECCOMP_RET_ERRNO | EINVAL);
}

/* What a call's own branch of the program looks at. */
static void write_specials(struct writer *writer)
{
	static const struct {
		enum syscall_action action;
		void (*write)(struct writer *writer);
	} specials[] = {
		{ ACTION_CLONE, write_clone },
		{ ACTION_UNSHARE, write_unshare },
		{ ACTION_SETNS, write_setns },
		{ ACTION_OPEN_TREE, write_open_tree },
		{ ACTION_FSMOUNT, write_fsmount },
		{ ACTION_MMAP, write_mmap },
		{ ACTION_MPROTECT, write_mprotect },
		{ ACTION_SHMAT, write_shmat },
		{ ACTION_PERSONALITY, write_personality },
		{ ACTION_IPC, write_ipc },
		{ ACTION_IOCTL, write_ioctl },
		{ ACTION_SOCKET, write_socket },
		{ ACTION_SOCKETPAIR, write_socketpair },
		{ ACTION_SENDTO, write_sendto },
		{ ACTION_SETSOCKOPT, write_setsockopt },
		{ ACTION_SETPRIORITY, write_setpriority },
		{ ACTION_IOPRIO_SET, write_ioprio_set },
		{ ACTION_PRLIMIT, write_prlimit },
		{ ACTION_URING_REGISTER, write_uring_register },
	};

	for (size_t i = 0; i < sizeof(specials) / sizeof(*specials); i++) {
		if (!writer->used[specials[i].action])
			continue;
		bpf_label_place(&writer->assembler, writer->actions[specials[i].action]);
		specials[i].write(writer);
	}
}

/* Behind a prefix, the foreign program goes on where it would be allowed. */
static void write_returns(struct writer *writer, bool prefix)
{
	static const struct {
		enum syscall_action action;
		uint32_t value;
	} returns[] = {
		{ ACTION_ALLOW, SECCOMP_RET_ALLOW },
		{ ACTION_EPERM, SECCOMP_RET_ERRNO | EPERM },
		{ ACTION_ENOSYS, SECCOMP_RET_ERRNO | ENOSYS },
		{ ACTION_KILL, SECCOMP_RET_KILL_PROCESS },
	};

	for (size_t i = 0; i < sizeof(returns) / sizeof(*returns); i++) {
		if (prefix && !writer->used[returns[i].action])
			continue;
		bpf_label_place(&writer->assembler, writer->actions[returns[i].action]);
		ret(&writer->assembler, returns[i].value);
	}
}

/* A program for another architecture has other numbers, which nothing here has looked at. */
static void write_architecture(struct writer *writer)
{
	load(&writer->assembler, offsetof(struct seccomp_data, arch));
	bpf_jump(&writer->assembler, BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_ARCH, BPF_NEXT,
		 writer->actions[ACTION_KILL]);
}

static void write_own(struct writer *writer)
{
	writer->admitted = writer->actions[ACTION_ALLOW];
	write_architecture(writer);
	write_numbers(writer);
	write_specials(writer);
	write_returns(writer, false);
}

/*
 * What holds beside a foreign policy, for every way into the kernel that its program may leave
 * open: the terminal, the process group, `protocol`, the addresses that uring.grant holds, what
 * memory-deny-write-execute and restrict-namespaces deny, keys, and io_uring. Sorted by
 * architecture and number.
 *
 * Engines allow calls on keys because their containers have a keyring of their own. Here they would
 * reach the session's, and the user's by its number, which a user namespace does not keep apart.
 *
 * A ring is made by the native calls alone, since those are what its filters are derived from.
 */
static const struct held_call {
	uint32_t architecture;
	uint32_t number;
	enum syscall_action action; /* ACTION_URING_REGISTER: as the io_uring mode says */
} held_calls[] = {
#if defined(__x86_64__)
	/* Linux before 5.4 took x32's own numbers without their bit, and others with it. */
	{ AUDIT_ARCH_X86_64, __NR_mmap, ACTION_MMAP },
	{ AUDIT_ARCH_X86_64, __NR_mprotect, ACTION_MPROTECT },
	{ AUDIT_ARCH_X86_64, __NR_ioctl, ACTION_IOCTL },
	{ AUDIT_ARCH_X86_64, __NR_shmat, ACTION_SHMAT },
	{ AUDIT_ARCH_X86_64, __NR_socket, ACTION_SOCKET },
	{ AUDIT_ARCH_X86_64, __NR_connect, ACTION_ADDRESS },
	{ AUDIT_ARCH_X86_64, __NR_sendto, ACTION_SENDTO },
	{ AUDIT_ARCH_X86_64, __NR_sendmsg, ACTION_ADDRESS },
	{ AUDIT_ARCH_X86_64, __NR_socketpair, ACTION_SOCKETPAIR },
	{ AUDIT_ARCH_X86_64, __NR_setsockopt, ACTION_SETSOCKOPT },
	{ AUDIT_ARCH_X86_64, __NR_clone, ACTION_CLONE },
	{ AUDIT_ARCH_X86_64, __NR_personality, ACTION_PERSONALITY },
	{ AUDIT_ARCH_X86_64, __NR_setpriority, ACTION_SETPRIORITY },
	{ AUDIT_ARCH_X86_64, __NR_add_key, ACTION_EPERM },
	{ AUDIT_ARCH_X86_64, __NR_request_key, ACTION_EPERM },
	{ AUDIT_ARCH_X86_64, __NR_keyctl, ACTION_EPERM },
	{ AUDIT_ARCH_X86_64, __NR_ioprio_set, ACTION_IOPRIO_SET },
	{ AUDIT_ARCH_X86_64, __NR_unshare, ACTION_UNSHARE },
	{ AUDIT_ARCH_X86_64, __NR_sendmmsg, ACTION_ADDRESS },
	{ AUDIT_ARCH_X86_64, __NR_setns, ACTION_SETNS },
	{ AUDIT_ARCH_X86_64, __NR_memfd_create, ACTION_WX },
	{ AUDIT_ARCH_X86_64, __NR_pkey_mprotect, ACTION_MPROTECT },
	{ AUDIT_ARCH_X86_64, __NR_io_uring_setup, ACTION_URING_REGISTER },
	{ AUDIT_ARCH_X86_64, __NR_io_uring_enter, ACTION_URING_REGISTER },
	{ AUDIT_ARCH_X86_64, __NR_io_uring_register, ACTION_URING_REGISTER },
	{ AUDIT_ARCH_X86_64, __NR_open_tree, ACTION_OPEN_TREE },
	{ AUDIT_ARCH_X86_64, __NR_fsmount, ACTION_FSMOUNT },
	{ AUDIT_ARCH_X86_64, __NR_clone3, ACTION_CLONE3 },
	{ AUDIT_ARCH_X86_64, NR_MEMFD_SECRET, ACTION_WX },
	{ AUDIT_ARCH_X86_64, NR_OPEN_TREE_ATTR, ACTION_OPEN_TREE },
	{ AUDIT_ARCH_X86_64, 514, ACTION_IOCTL },
	{ AUDIT_ARCH_X86_64, 518, ACTION_ADDRESS }, /* sendmsg */
	{ AUDIT_ARCH_X86_64, 538, ACTION_ADDRESS }, /* sendmmsg */
	{ AUDIT_ARCH_X86_64, 541, ACTION_SETSOCKOPT },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_mmap, ACTION_MMAP },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_mprotect, ACTION_MPROTECT },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_ioctl, ACTION_IOCTL },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_shmat, ACTION_SHMAT },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_socket, ACTION_SOCKET },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_connect, ACTION_ADDRESS },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_sendto, ACTION_SENDTO },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_sendmsg, ACTION_ADDRESS },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_socketpair, ACTION_SOCKETPAIR },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_setsockopt, ACTION_SETSOCKOPT },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_clone, ACTION_CLONE },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_personality, ACTION_PERSONALITY },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_setpriority, ACTION_SETPRIORITY },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_add_key, ACTION_EPERM },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_request_key, ACTION_EPERM },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_keyctl, ACTION_EPERM },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_ioprio_set, ACTION_IOPRIO_SET },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_unshare, ACTION_UNSHARE },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_sendmmsg, ACTION_ADDRESS },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_setns, ACTION_SETNS },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_memfd_create, ACTION_WX },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_pkey_mprotect, ACTION_MPROTECT },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_io_uring_setup, ACTION_ENOSYS },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_io_uring_enter, ACTION_ENOSYS },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_io_uring_register, ACTION_ENOSYS },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_open_tree, ACTION_OPEN_TREE },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_fsmount, ACTION_FSMOUNT },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | __NR_clone3, ACTION_CLONE3 },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | NR_MEMFD_SECRET, ACTION_WX },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | NR_OPEN_TREE_ATTR, ACTION_OPEN_TREE },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | 514, ACTION_IOCTL },
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | 518, ACTION_ADDRESS }, /* sendmsg */
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | 538, ACTION_ADDRESS }, /* sendmmsg */
	{ AUDIT_ARCH_X86_64, SECCOMP_X32_BIT | 541, ACTION_SETSOCKOPT },
	/* arch/x86/entry/syscalls/syscall_32.tbl */
	{ AUDIT_ARCH_I386, 54, ACTION_IOCTL },
	{ AUDIT_ARCH_I386, 90, ACTION_WX }, /* mmap: its arguments are in memory */
	{ AUDIT_ARCH_I386, 97, ACTION_SETPRIORITY },
	{ AUDIT_ARCH_I386, 102, ACTION_SOCKETCALL },
	{ AUDIT_ARCH_I386, 117, ACTION_IPC },
	{ AUDIT_ARCH_I386, 120, ACTION_CLONE },
	{ AUDIT_ARCH_I386, 125, ACTION_MPROTECT },
	{ AUDIT_ARCH_I386, 136, ACTION_PERSONALITY },
	{ AUDIT_ARCH_I386, 192, ACTION_MMAP },	/* mmap2 */
	{ AUDIT_ARCH_I386, 286, ACTION_EPERM }, /* add_key */
	{ AUDIT_ARCH_I386, 287, ACTION_EPERM }, /* request_key */
	{ AUDIT_ARCH_I386, 288, ACTION_EPERM }, /* keyctl */
	{ AUDIT_ARCH_I386, 289, ACTION_IOPRIO_SET },
	{ AUDIT_ARCH_I386, 310, ACTION_UNSHARE },
	{ AUDIT_ARCH_I386, 345, ACTION_ADDRESS }, /* sendmmsg */
	{ AUDIT_ARCH_I386, 346, ACTION_SETNS },
	{ AUDIT_ARCH_I386, 356, ACTION_WX }, /* memfd_create */
	{ AUDIT_ARCH_I386, 359, ACTION_SOCKET },
	{ AUDIT_ARCH_I386, 360, ACTION_SOCKETPAIR },
	{ AUDIT_ARCH_I386, 362, ACTION_ADDRESS }, /* connect */
	{ AUDIT_ARCH_I386, 366, ACTION_SETSOCKOPT },
	{ AUDIT_ARCH_I386, 369, ACTION_SENDTO },
	{ AUDIT_ARCH_I386, 370, ACTION_ADDRESS },  /* sendmsg */
	{ AUDIT_ARCH_I386, 380, ACTION_MPROTECT }, /* pkey_mprotect */
	{ AUDIT_ARCH_I386, 397, ACTION_SHMAT },
	{ AUDIT_ARCH_I386, __NR_io_uring_setup, ACTION_ENOSYS },
	{ AUDIT_ARCH_I386, __NR_io_uring_enter, ACTION_ENOSYS },
	{ AUDIT_ARCH_I386, __NR_io_uring_register, ACTION_ENOSYS },
	{ AUDIT_ARCH_I386, __NR_open_tree, ACTION_OPEN_TREE },
	{ AUDIT_ARCH_I386, __NR_fsmount, ACTION_FSMOUNT },
	{ AUDIT_ARCH_I386, __NR_clone3, ACTION_CLONE3 },
	{ AUDIT_ARCH_I386, NR_MEMFD_SECRET, ACTION_WX },
	{ AUDIT_ARCH_I386, NR_OPEN_TREE_ATTR, ACTION_OPEN_TREE },
#elif defined(__aarch64__)
	{ AUDIT_ARCH_AARCH64, __NR_ioctl, ACTION_IOCTL },
	{ AUDIT_ARCH_AARCH64, __NR_ioprio_set, ACTION_IOPRIO_SET },
	{ AUDIT_ARCH_AARCH64, __NR_personality, ACTION_PERSONALITY },
	{ AUDIT_ARCH_AARCH64, __NR_unshare, ACTION_UNSHARE },
	{ AUDIT_ARCH_AARCH64, __NR_setpriority, ACTION_SETPRIORITY },
	{ AUDIT_ARCH_AARCH64, __NR_shmat, ACTION_SHMAT },
	{ AUDIT_ARCH_AARCH64, __NR_socket, ACTION_SOCKET },
	{ AUDIT_ARCH_AARCH64, __NR_socketpair, ACTION_SOCKETPAIR },
	{ AUDIT_ARCH_AARCH64, __NR_connect, ACTION_ADDRESS },
	{ AUDIT_ARCH_AARCH64, __NR_sendto, ACTION_SENDTO },
	{ AUDIT_ARCH_AARCH64, __NR_setsockopt, ACTION_SETSOCKOPT },
	{ AUDIT_ARCH_AARCH64, __NR_sendmsg, ACTION_ADDRESS },
	{ AUDIT_ARCH_AARCH64, __NR_add_key, ACTION_EPERM },
	{ AUDIT_ARCH_AARCH64, __NR_request_key, ACTION_EPERM },
	{ AUDIT_ARCH_AARCH64, __NR_keyctl, ACTION_EPERM },
	{ AUDIT_ARCH_AARCH64, __NR_clone, ACTION_CLONE },
	{ AUDIT_ARCH_AARCH64, __NR_mmap, ACTION_MMAP },
	{ AUDIT_ARCH_AARCH64, __NR_mprotect, ACTION_MPROTECT },
	{ AUDIT_ARCH_AARCH64, __NR_setns, ACTION_SETNS },
	{ AUDIT_ARCH_AARCH64, __NR_sendmmsg, ACTION_ADDRESS },
	{ AUDIT_ARCH_AARCH64, __NR_memfd_create, ACTION_WX },
	{ AUDIT_ARCH_AARCH64, __NR_pkey_mprotect, ACTION_MPROTECT },
	{ AUDIT_ARCH_AARCH64, __NR_io_uring_setup, ACTION_URING_REGISTER },
	{ AUDIT_ARCH_AARCH64, __NR_io_uring_enter, ACTION_URING_REGISTER },
	{ AUDIT_ARCH_AARCH64, __NR_io_uring_register, ACTION_URING_REGISTER },
	{ AUDIT_ARCH_AARCH64, __NR_open_tree, ACTION_OPEN_TREE },
	{ AUDIT_ARCH_AARCH64, __NR_fsmount, ACTION_FSMOUNT },
	{ AUDIT_ARCH_AARCH64, __NR_clone3, ACTION_CLONE3 },
	{ AUDIT_ARCH_AARCH64, NR_MEMFD_SECRET, ACTION_WX },
	{ AUDIT_ARCH_AARCH64, NR_OPEN_TREE_ATTR, ACTION_OPEN_TREE },
	/* arch/arm/tools/syscall.tbl */
	{ AUDIT_ARCH_ARM, 54, ACTION_IOCTL },
	{ AUDIT_ARCH_ARM, 90, ACTION_WX }, /* mmap: its arguments are in memory */
	{ AUDIT_ARCH_ARM, 97, ACTION_SETPRIORITY },
	{ AUDIT_ARCH_ARM, 117, ACTION_IPC },
	{ AUDIT_ARCH_ARM, 120, ACTION_CLONE },
	{ AUDIT_ARCH_ARM, 125, ACTION_MPROTECT },
	{ AUDIT_ARCH_ARM, 136, ACTION_PERSONALITY },
	{ AUDIT_ARCH_ARM, 192, ACTION_MMAP }, /* mmap2 */
	{ AUDIT_ARCH_ARM, 281, ACTION_SOCKET },
	{ AUDIT_ARCH_ARM, 283, ACTION_ADDRESS }, /* connect */
	{ AUDIT_ARCH_ARM, 288, ACTION_SOCKETPAIR },
	{ AUDIT_ARCH_ARM, 290, ACTION_SENDTO },
	{ AUDIT_ARCH_ARM, 294, ACTION_SETSOCKOPT },
	{ AUDIT_ARCH_ARM, 296, ACTION_ADDRESS }, /* sendmsg */
	{ AUDIT_ARCH_ARM, 305, ACTION_SHMAT },
	{ AUDIT_ARCH_ARM, 309, ACTION_EPERM }, /* add_key */
	{ AUDIT_ARCH_ARM, 310, ACTION_EPERM }, /* request_key */
	{ AUDIT_ARCH_ARM, 311, ACTION_EPERM }, /* keyctl */
	{ AUDIT_ARCH_ARM, 314, ACTION_IOPRIO_SET },
	{ AUDIT_ARCH_ARM, 337, ACTION_UNSHARE },
	{ AUDIT_ARCH_ARM, 374, ACTION_ADDRESS }, /* sendmmsg */
	{ AUDIT_ARCH_ARM, 375, ACTION_SETNS },
	{ AUDIT_ARCH_ARM, 385, ACTION_WX },	  /* memfd_create */
	{ AUDIT_ARCH_ARM, 394, ACTION_MPROTECT }, /* pkey_mprotect */
	{ AUDIT_ARCH_ARM, __NR_io_uring_setup, ACTION_ENOSYS },
	{ AUDIT_ARCH_ARM, __NR_io_uring_enter, ACTION_ENOSYS },
	{ AUDIT_ARCH_ARM, __NR_io_uring_register, ACTION_ENOSYS },
	{ AUDIT_ARCH_ARM, __NR_open_tree, ACTION_OPEN_TREE },
	{ AUDIT_ARCH_ARM, __NR_fsmount, ACTION_FSMOUNT },
	{ AUDIT_ARCH_ARM, __NR_clone3, ACTION_CLONE3 },
	{ AUDIT_ARCH_ARM, NR_MEMFD_SECRET, ACTION_WX },
	{ AUDIT_ARCH_ARM, NR_OPEN_TREE_ATTR, ACTION_OPEN_TREE },
#endif
};

#define HELD_CALLS (sizeof(held_calls) / sizeof(held_calls[0]))

static bpf_label held_target(struct writer *writer, const struct held_call *call)
{
	enum syscall_action action = call->action;

	switch (action) {
	case ACTION_SENDTO:
	case ACTION_SETSOCKOPT:
	case ACTION_ADDRESS:
		if (!writer->plan->gate.addresses_held)
			return writer->actions[ACTION_ALLOW];
		action = action == ACTION_ADDRESS ? ACTION_EPERM : action;
		break;
	case ACTION_SOCKET:
	case ACTION_SOCKETPAIR:
		if (writer->plan->gate.any_family)
			return writer->actions[ACTION_ALLOW];
		break;
	case ACTION_CLONE:
	case ACTION_UNSHARE:
	case ACTION_SETNS:
		if (!writer->plan->gate.restricted)
			return writer->actions[ACTION_ALLOW];
		break;
	case ACTION_CLONE3:
		/* As in an own policy. */
		action = writer->plan->gate.restricted ? ACTION_ENOSYS : ACTION_ALLOW;
		break;
	case ACTION_OPEN_TREE:
	case ACTION_FSMOUNT:
		if (!(writer->plan->gate.restricted & CLONE_NEWNS))
			return writer->actions[ACTION_ALLOW];
		break;
	case ACTION_MMAP:
	case ACTION_MPROTECT:
	case ACTION_SHMAT:
	case ACTION_PERSONALITY:
	case ACTION_IPC:
	case ACTION_WX:
		if (!writer->plan->gate.wx_denied)
			return writer->actions[ACTION_ALLOW];
		action = action == ACTION_WX ? ACTION_EPERM : action;
		break;
	case ACTION_SOCKETCALL:
		/* Its family is in memory, out of sight; C libraries go on to socket(2). */
		action = writer->plan->gate.any_family ? ACTION_ALLOW : ACTION_ENOSYS;
		break;
	case ACTION_URING_REGISTER:
		action = seccomp_uring_action(writer->uring, call->number);
		if (action == ACTION_ALLOW)
			return writer->admitted;
		break;
	default:
		break;
	}
	writer->used[action] = true;
	return writer->actions[action];
}

/* Goes on in the foreign program, or on its way there in what looks at arguments. */
static void write_prefix(struct writer *writer)
{
	bpf_label foreign = writer->actions[ACTION_ALLOW];

	load(&writer->assembler, offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < HELD_CALLS;) {
		uint32_t architecture = held_calls[i].architecture;
		bpf_label behind = bpf_label_new(&writer->assembler);
		struct bpf_runs runs = { .count = 0 };

		bpf_runs_add(&runs, 0, foreign);
		for (; i < HELD_CALLS && held_calls[i].architecture == architecture; i++) {
			/* A run ends where the next number does not follow. */
			bpf_runs_add(&runs, held_calls[i].number,
				     held_target(writer, &held_calls[i]));
			if (i + 1 == HELD_CALLS ||
			    held_calls[i + 1].number != held_calls[i].number + 1)
				bpf_runs_add(&runs, held_calls[i].number + 1, foreign);
		}
		bpf_jump(&writer->assembler, BPF_JMP | BPF_JEQ | BPF_K, architecture, BPF_NEXT,
			 behind);
		load(&writer->assembler, offsetof(struct seccomp_data, nr));
		bpf_runs_search(&writer->assembler, &runs);
		bpf_label_place(&writer->assembler, behind);
	}
	bpf_goto(&writer->assembler, foreign);
}

static void write_beside_foreign(struct writer *writer)
{
	const struct bpf_program *foreign = &writer->plan->foreign;
	struct bpf_asm *a = &writer->assembler;

	writer->admitted = bpf_label_new(a);
	write_prefix(writer);
	write_specials(writer);
	writer->used[ACTION_EPERM] = true; /* by what looks at arguments, ioctl(2)'s always */
	writer->used[ACTION_ALLOW] = false;
	write_returns(writer, true);
	if (writer->uring != URING_NONE) {
		bpf_label_place(a, writer->admitted);
		ret(a, SECCOMP_RET_ALLOW);
	}
	bpf_label_place(a, writer->actions[ACTION_ALLOW]);
	/* A program may count on it that the accumulator is zero at its start. */
	if (BPF_CLASS(foreign->insns[0].code) != BPF_LD)
		bpf_stmt(a, BPF_LD | BPF_IMM, 0);
	bpf_append(a, foreign);
}

static int write_program(struct plan *plan, enum uring_mode uring, struct bpf_program *program,
			 struct error *err)
{
	struct writer writer = { .plan = plan, .uring = uring };
	int status;

	bpf_asm_init(&writer.assembler);
	for (size_t i = 0; i < ACTIONS; i++)
		writer.actions[i] = bpf_label_new(&writer.assembler);
	if (plan->foreign.count)
		write_beside_foreign(&writer);
	else
		write_own(&writer);
	status = bpf_asm_finish(&writer.assembler, &plan->arena, program, err);
	bpf_asm_free(&writer.assembler);
	return status;
}

static int cannot_compile(struct plan *plan, struct error *err)
{
	if (!plan->foreign.count)
		return error_wrap(err, "cannot compile the system-call policy");
	return error_wrap(err, "%s: cannot put what holds in every jail before this policy",
			  origin_text(&plan->arena, &plan->policy->seccomp.mode_origin));
}

int plan_seccomp_without_uring(struct plan *plan, struct error *err)
{
	if (write_program(plan, URING_NONE, &plan->seccomp_no_uring, err) < 0)
		return cannot_compile(plan, err);
	return 0;
}

int plan_seccomp(struct plan *plan, struct error *err)
{
	/* plan_uring() had the last word on the mode, unless the policy denies the calls. */
	enum uring_mode uring = plan->gate.uring_blocked ? URING_NONE : plan->uring.mode;

	if (uring == URING_NONE) {
		plan->seccomp = plan->seccomp_no_uring;
		return 0;
	}
	if (write_program(plan, uring, &plan->seccomp, err) < 0)
		return cannot_compile(plan, err);
	return 0;
}
