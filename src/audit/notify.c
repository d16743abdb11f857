// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/notify.h"

#include <asm/unistd.h>
#include <errno.h>
#include <stddef.h>

#include "bpf/asm.h"
#include "bpf/interpret.h"
#include "bpf/search.h"
#include "policy/seccomp_policy.h"
#include "uring/abi.h"

/*
 * Every return of the plain program becomes a jump to what decides anew, or another return. Its own
 * jumps are counted in instructions and stay right, since each instruction stays one; the last one
 * alone may vanish, where it would jump to what follows.
 */

#define MAX_ERRNO 4095 /* what a filter's errno is cut to, include/linux/err.h */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARGUMENT_LOW(n) (uint32_t) offsetof(struct seccomp_data, args[n])
#else
#define ARGUMENT_LOW(n) ((uint32_t)offsetof(struct seccomp_data, args[n]) + 4)
#endif

struct ends {
	bpf_label notify;
	bpf_label allowed;  /* by the plain program: is it watched? */
	bpf_label computed; /* the plain program returns its accumulator */
	bool has_computed;
};

static uint32_t action_of(uint32_t value)
{
	return value & SECCOMP_RET_ACTION_FULL;
}

/* What is denied with a signal or by a tracer stays with those. */
static void write_return(struct bpf_asm *a, struct ends *ends, const struct sock_filter *insn)
{
	if (BPF_RVAL(insn->code) == BPF_A) {
		ends->has_computed = true;
		bpf_goto(a, ends->computed);
		return;
	}
	switch (action_of(insn->k)) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		bpf_goto(a, ends->allowed);
		break;
	case SECCOMP_RET_ERRNO:
		bpf_stmt(a, BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
		break;
	default:
		bpf_stmt(a, BPF_RET | BPF_K, insn->k);
	}
}

static void write_computed(struct bpf_asm *a, const struct ends *ends)
{
	const uint16_t equal = BPF_JMP | BPF_JEQ | BPF_K;
	bpf_label other = bpf_label_new(a);

	bpf_label_place(a, ends->computed);
	bpf_stmt(a, BPF_MISC | BPF_TAX, 0);
	bpf_stmt(a, BPF_ALU | BPF_AND | BPF_K, SECCOMP_RET_ACTION_FULL);
	bpf_jump(a, equal, SECCOMP_RET_ERRNO, ends->notify, BPF_NEXT);
	bpf_jump(a, equal, SECCOMP_RET_LOG, ends->allowed, BPF_NEXT);
	bpf_jump(a, equal, SECCOMP_RET_ALLOW, ends->allowed, other);
	bpf_label_place(a, other);
	bpf_stmt(a, BPF_MISC | BPF_TXA, 0);
	bpf_stmt(a, BPF_RET | BPF_A, 0);
}

/*
 * A listener of the program's own is refused here, as the kernel refuses it while there is ours.
 * Were ours closed before the jail is ended (the launcher is killed: its descriptors go first), a
 * filter that the program puts over this one would be asked before it, and could answer
 * that a denied call goes on. So the refusal must not hang on who listens.
 */
static void write_seccomp(struct bpf_asm *a, bpf_label otherwise)
{
	bpf_label refuse = bpf_label_new(a);

	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, ARGUMENT_LOW(1));
	bpf_jump(a, BPF_JMP | BPF_JSET | BPF_K, SECCOMP_FILTER_FLAG_NEW_LISTENER, refuse,
		 otherwise);
	bpf_label_place(a, refuse);
	bpf_stmt(a, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EBUSY);
}

/* seccomp(2) by the other ways into the kernel, which a policy from elsewhere may leave open. */
#if defined(__x86_64__)
#define OTHER_ARCH AUDIT_ARCH_I386
#define OTHER_SECCOMP 354 /* arch/x86/entry/syscalls/syscall_32.tbl */
#elif defined(__aarch64__)
#define OTHER_ARCH AUDIT_ARCH_ARM
#define OTHER_SECCOMP 383 /* arch/arm/tools/syscall.tbl */
#endif

static void write_other_architecture(struct bpf_asm *a, bpf_label seccomp, bpf_label allow)
{
	bpf_label numbers = bpf_label_new(a);

	bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, OTHER_ARCH, numbers, allow);
	bpf_label_place(a, numbers);
	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, OTHER_SECCOMP, seccomp, allow);
}

/* Of all mappings, those of a ring's SQEs are told of: they come once the ring is there. */
static void write_map(struct bpf_asm *a, bpf_label notify, bpf_label allow)
{
	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, ARGUMENT_LOW(5));
	bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, URING_OFFSET_SQES, notify, allow);
}

static void write_allowed(struct bpf_asm *a, const struct ends *ends,
			  const struct syscall_set *watched)
{
	bool told = syscall_set_has(watched, __NR_seccomp);
	bpf_label allow = bpf_label_new(a);
	bpf_label native = bpf_label_new(a);
	bpf_label seccomp = bpf_label_new(a);
	bpf_label other_seccomp = bpf_label_new(a);
	bpf_label map = bpf_label_new(a);
	struct bpf_runs runs = { .count = 0 };

	for (unsigned int number = 0; number < SYSCALL_NUMBERS; number++)
		bpf_runs_add(&runs, number,
			     number == __NR_seccomp		 ? seccomp
			     : !syscall_set_has(watched, number) ? allow
			     : number == __NR_mmap		 ? map
								 : ends->notify);
	bpf_runs_add(&runs, SYSCALL_NUMBERS, allow);
#ifdef __x86_64__
	bpf_runs_add(&runs, SECCOMP_X32_BIT | __NR_seccomp, other_seccomp);
	bpf_runs_add(&runs, (SECCOMP_X32_BIT | __NR_seccomp) + 1, allow);
#endif

	bpf_label_place(a, ends->allowed);
	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	bpf_jump(a, BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_ARCH, native, BPF_NEXT);
	write_other_architecture(a, other_seccomp, allow);
	bpf_label_place(a, native);
	bpf_stmt(a, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	bpf_runs_search(a, &runs);
	bpf_label_place(a, seccomp);
	write_seccomp(a, told ? ends->notify : allow);
	bpf_label_place(a, other_seccomp);
	write_seccomp(a, allow);
	if (syscall_set_has(watched, __NR_mmap)) {
		bpf_label_place(a, map);
		write_map(a, ends->notify, allow);
	}
	bpf_label_place(a, allow);
	bpf_stmt(a, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

int notify_program(const struct bpf_program *plain, const struct syscall_set *watched,
		   struct arena *arena, struct bpf_program *out, struct error *err)
{
	struct bpf_asm a;
	struct ends ends = { 0 };
	int status;

	bpf_asm_init(&a);
	ends.notify = bpf_label_new(&a);
	ends.allowed = bpf_label_new(&a);
	ends.computed = bpf_label_new(&a);
	for (size_t i = 0; i < plain->count; i++) {
		const struct bpf_program one = { &plain->insns[i], 1 };

		if (BPF_CLASS(plain->insns[i].code) == BPF_RET)
			write_return(&a, &ends, &plain->insns[i]);
		else
			bpf_append(&a, &one);
	}
	if (ends.has_computed)
		write_computed(&a, &ends);
	write_allowed(&a, &ends, watched);
	bpf_label_place(&a, ends.notify);
	bpf_stmt(&a, BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	status = bpf_asm_finish(&a, arena, out, err);
	bpf_asm_free(&a);
	if (status < 0)
		return error_wrap(err, "cannot watch this system-call policy");
	return 0;
}

struct notify_answer notify_answer(const struct bpf_program *plain, const struct seccomp_data *call)
{
	struct notify_answer answer = { .error = -EPERM };
	uint32_t result;

	if (bpf_interpret(plain, call, sizeof(*call), &result) < 0)
		return answer;
	switch (action_of(result)) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		answer.allowed = true;
		answer.error = 0;
		break;
	case SECCOMP_RET_ERRNO:
		answer.error = -(int)(result & SECCOMP_RET_DATA);
		if (answer.error < -MAX_ERRNO)
			answer.error = -MAX_ERRNO;
		break;
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		/* What the kernel says where nobody traces or listens. */
		answer.error = -ENOSYS;
		break;
	}
	return answer;
}
