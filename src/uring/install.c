// SPDX-License-Identifier: LGPL-2.1-or-later
#include "uring/install.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_LIBURING_BPF_FILTER
#include <liburing.h>
#endif

#include "uring/abi.h"
#include "uring/opcode.h"
#include "util/alloc.h"
#include "util/cleanup.h"

#define NO_RING (-1) /* registers for the task, not for a ring */

static int register_filter(struct uring_bpf *bpf)
{
#ifdef HAVE_LIBURING_BPF_FILTER
	struct io_uring_bpf theirs;
	int status;

	_Static_assert(sizeof(theirs) == sizeof(*bpf), "uring/abi.h differs from liburing");
	memcpy(&theirs, bpf, sizeof(theirs));
	status = io_uring_register_bpf_filter_task(&theirs);
	memcpy(bpf, &theirs, sizeof(theirs));
	return status;
#else
	if (syscall(SYS_io_uring_register, NO_RING, URING_REGISTER_BPF_FILTER, bpf, 1) < 0)
		return -errno;
	return 0;
#endif
}

int uring_register_filter(unsigned int opcode, const struct bpf_program *program, uint32_t flags,
			  uint8_t *pdu_size)
{
	struct uring_bpf bpf = {
		.cmd_type = URING_BPF_CMD_FILTER,
		.filter = {
			.opcode = opcode,
			.flags = flags,
			.filter_len = (uint32_t)program->count,
			.pdu_size = *pdu_size,
			.filter_ptr = (uintptr_t)program->insns,
		},
	};
	int status = register_filter(&bpf);

	*pdu_size = bpf.filter.pdu_size;
	return status;
}

/* What is allowed, as restrictions say it; returns how many. */
static size_t list_restrictions(const struct uring_plan *plan, struct uring_restriction *list)
{
	/* Without BPF_FILTER, Linux 7.3 would refuse the filters that follow. */
	uint64_t registers = plan->registers | UINT64_C(1) << URING_REGISTER_BPF_FILTER;
	size_t count = 0;

	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		if (plan->ops[i].verdict != VERDICT_DENY)
			list[count++] = (struct uring_restriction){
				.opcode = URING_RESTRICTION_SQE_OP,
				.sqe_op = (uint8_t)i,
			};
	for (unsigned int i = 0; uring_register_name(i); i++)
		if (registers >> i & 1)
			list[count++] = (struct uring_restriction){
				.opcode = URING_RESTRICTION_REGISTER_OP,
				.register_op = (uint8_t)i,
			};
	/* Without this entry, every flag is forbidden. */
	list[count++] = (struct uring_restriction){
		.opcode = URING_RESTRICTION_SQE_FLAGS_ALLOWED,
		.sqe_flags = plan->sqe_flags,
	};
	return count;
}

/*
 * -EPERM: the task has restrictions or filters already; -EACCES, from Linux 7.3 on: those that it
 * has forbid this too, or no_new_privs is missing.
 */
static int restrict_task(const struct uring_plan *plan)
{
	const size_t room = URING_OPCODE_COUNT + 64 + 1;
	struct uring_task_restriction *task;
	_cleanup_free_ void *memory = NULL;

	memory = xrealloc(NULL, 1, sizeof(*task) + room * sizeof(*task->restrictions));
	task = memory;
	*task = (struct uring_task_restriction){ 0 };
	task->nr_res = (uint16_t)list_restrictions(plan, task->restrictions);
	if (syscall(SYS_io_uring_register, NO_RING, URING_REGISTER_RESTRICTIONS, task, 1) < 0)
		return -errno;
	return 0;
}

static const char *opcode_name(unsigned int opcode)
{
	return opcode < URING_OPCODE_COUNT ? uring_opcodes[opcode].name : "a newer operation";
}

static int failed(unsigned int opcode, int status, struct error *err)
{
	errno = -status;
	error_errno(err, "cannot install the io_uring filter of %s", opcode_name(opcode));
	if (status == -EACCES)
		error_hint(err, "a jail or container around this one forbids io_uring filters, or "
				"no_new_privs is not set");
	else if (status == -EPERM || status == -ENOSYS)
		error_hint(err, "a container's seccomp policy may forbid io_uring_register: "
				"\"uring none\" runs without io_uring");
	return status;
}

static int install_filter(const struct uring_plan *plan, unsigned int opcode,
			  const struct bpf_program *program, uint32_t flags)
{
	uint8_t pdu_size =
		plan->ops[opcode].verdict == VERDICT_FILTER ? plan->ops[opcode].pdu_size : 0;
	int status = uring_register_filter(opcode, program, flags, &pdu_size);

	if (status != -EMSGSIZE)
		return status;
	/* The kernel does not show what the program looks at (CONNECT before 7.2): deny it all. */
	pdu_size = 0;
	return uring_register_filter(opcode, &plan->connect_deny, flags, &pdu_size);
}

static struct sock_filter allow_insns[] = { { .code = BPF_RET | BPF_K, .k = 1 } };
static struct sock_filter deny_insns[] = { { .code = BPF_RET | BPF_K, .k = 0 } };
static const struct bpf_program allow_all = { allow_insns, 1 };
static const struct bpf_program deny_all = { deny_insns, 1 };

static const struct bpf_program *filter_of(const struct uring_plan *plan, unsigned int opcode)
{
	switch (plan->ops[opcode].verdict) {
	case VERDICT_ALLOW:
		return &allow_all;
	case VERDICT_FILTER:
		return &plan->ops[opcode].filter;
	case VERDICT_DENY:
		break;
	}
	return NULL;
}

/*
 * DENY_REST denies, for ever, each opcode that has no filter at that moment, those of a later
 * kernel too. So what is allowed gets a filter that says so, and the last of them carries the flag.
 */
static int allow_and_deny_rest(const struct uring_plan *plan, struct error *err)
{
	unsigned int last = URING_OPCODE_COUNT;
	int status;

	while (last > 0 && !filter_of(plan, last - 1))
		last--;
	if (!last) {
		status = install_filter(plan, 0, &deny_all, URING_BPF_FILTER_DENY_REST);
		return status < 0 ? failed(0, status, err) : 0;
	}
	for (unsigned int i = 0; i < last; i++) {
		const struct bpf_program *program = filter_of(plan, i);
		uint32_t flags = i + 1 == last ? URING_BPF_FILTER_DENY_REST : 0;

		if (!program)
			continue;
		status = install_filter(plan, i, program, flags);
		if (status < 0)
			return failed(i, status, err);
	}
	return 0;
}

/*
 * In a jail inside a jail, DENY_REST is not enough: it passes over opcodes that have a filter of
 * the outer jail. So what is denied is denied by a filter of its own, up to the last opcode that
 * the kernel has. What is allowed needs none.
 */
static int deny_each(const struct uring_plan *plan, struct error *err)
{
	for (unsigned int i = 0; i < URING_OPCODES; i++) {
		enum uring_verdict verdict = plan->ops[i].verdict;
		int status;

		if (verdict == VERDICT_ALLOW)
			continue;
		status = install_filter(
			plan, i, verdict == VERDICT_DENY ? &deny_all : &plan->ops[i].filter, 0);
		if (status == -EINVAL && i >= URING_OPCODE_COUNT)
			return 0;
		if (status < 0)
			return failed(i, status, err);
	}
	return 0;
}

/*
 * Restrictions come first, since a task that has filters can get none. They say once more what the
 * filters say of operations, and hold SQE flags and register operations beside.
 */
int uring_install(const struct uring_plan *plan, struct error *err)
{
	int status = restrict_task(plan);

	if (status == 0)
		return allow_and_deny_rest(plan, err);
	if (status != -EPERM && status != -EACCES) {
		errno = -status;
		return error_errno(err, "cannot restrict io_uring");
	}
	if (plan->needs_restrictions) {
		error_set(err, EPERM, "%s cannot be enforced in a jail inside a jail",
			  plan->sqe_flags_reason);
		error_hint(err, "a task can be restricted once, and the outer jail has done it: "
				"say uring.sqe-flags there");
		return -EPERM;
	}
	return deny_each(plan, err);
}
