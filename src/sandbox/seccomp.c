// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/seccomp.h"

#include <asm/unistd.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policy/seccomp_policy.h"

/* A matching call goes to the last instruction but @behind, which is the one that allows. */
#define ALLOW(call, behind) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, behind, 0)

/*
 * On x86-64 the x32 calls need no test: with their bit set, no number is equal to one of these.
 * Left out: rt_sigreturn, since init has every signal blocked and no handlers; the calls of
 * abort() and of a failed stack check, which end in a kill all the same.
 */
static struct sock_filter init_insns[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_ARCH, 0, 6),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	ALLOW(rt_sigtimedwait, 5),
	ALLOW(wait4, 4),
	ALLOW(kill, 3),
	ALLOW(write, 2),
	ALLOW(exit_group, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

const struct bpf_program init_seccomp = {
	.insns = init_insns,
	.count = sizeof(init_insns) / sizeof(*init_insns),
};

static int install(const struct bpf_program *program, unsigned int flags)
{
	struct sock_fprog fprog = {
		.len = (unsigned short)program->count,
		.filter = program->insns,
	};

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &fprog);
}

static int failed(struct error *err)
{
	error_errno(err, "cannot install the system-call filter");
	if (err->code == ENOSYS || err->code == EINVAL)
		error_hint(err,
			   "the kernel must have CONFIG_SECCOMP_FILTER, and a container around "
			   "this program must allow seccomp(2)");
	else if (err->code == EACCES)
		error_hint(err, "no_new_privs is not set");
	else if (err->code == ENOMEM)
		error_hint(err, "all filters of a process together may have 32768 instructions");
	else if (err->code == EBUSY)
		error_hint(err, "a process can be watched once, and the audit around this one "
				"does: run without --audit and --learn here");
	return -err->code;
}

int seccomp_install(const struct bpf_program *program, struct error *err)
{
	return install(program, 0) == 0 ? 0 : failed(err);
}

/*
 * Once a notification is received, only a fatal signal ends the wait for its answer: a call that
 * is answered twice would be told of twice. Linux 5.19.
 */
int seccomp_install_watched(const struct bpf_program *program, struct error *err)
{
	int listener = install(program, SECCOMP_FILTER_FLAG_NEW_LISTENER |
						SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

	if (listener < 0 && errno == EINVAL)
		listener = install(program, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	return listener >= 0 ? listener : failed(err);
}
