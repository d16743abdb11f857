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
	struct {
		struct uring_task_restriction head;
		struct uring_restriction list[URING_OPCODE_COUNT + 64 + 1];
	} task = { 0 };

	task.head.nr_res = (uint16_t)list_restrictions(plan, task.list);
	if (syscall(SYS_io_uring_register, NO_RING, URING_REGISTER_RESTRICTIONS, &task, 1) < 0)
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

static struct sock_filter deny_insns[] = { { .code = BPF_RET | BPF_K, .k = 0 } };
static const struct bpf_program deny_all = { deny_insns, 1 };

/* What restrictions cannot say: verdicts that hang on an operation's arguments. */
static int filter_arguments(const struct uring_plan *plan, struct error *err)
{
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++) {
		int status;

		if (plan->ops[i].verdict != VERDICT_FILTER)
			continue;
		status = install_filter(plan, i, &plan->ops[i].filter, 0);
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
 * One list of restrictions holds all plain verdicts, and filters are for what hangs on arguments.
 * The list comes first, since a task that has filters can get none.
 *
 * What the forms cost that mean the same, in instructions, user space and kernel, on Linux 7.3.4
 * (7.1.13 and 7.2.12: the same order, a third less at most). They are counted under emulation by
 * tests/vm/vm run -i -k 7.3 -- build/tests/bench/uring_filters, so that only proportions say
 * something of a real machine. 62 of 65 operations are allowed, as by default, or 13; one of them
 * by a filter of 10 instructions.
 *
 *	registering						62 allowed	13 allowed
 *	restrictions alone (arguments are not looked at)	    20,700	    18,500
 *	restrictions, filters of arguments			    50,600	    61,600
 *	a filter for each denied operation			    91,700	 1,517,900
 *	restrictions and that					   109,800	 1,533,700
 *	a filter for each allowed one, DENY_REST		 1,765,500	   386,100
 *	restrictions and that					 1,788,500	   405,300
 *
 *	each SQE				     NOP	  SOCKET
 *	no policy				     294	   4,532
 *	restrictions				     + 19	    + 32
 *	a filter that only allows		    + 139	   + 158
 *	a filter of 10 instructions		    + 156	   + 214
 *	two filters that only allow		    + 191	   + 203
 *
 * A filter costs some 28,000 to register (the kernel compiles it) and 120 where it says nothing, a
 * restriction next to nothing. It is not weaker either, on 7.1.13, 7.2.12 and 7.3.4: by
 * restrictions alone, an operation is denied with the same -EACCES in threads, children, after
 * exec (CVE-2026-80713 sheds both or neither: the task has them in one piece), with SQPOLL, on
 * rings of every kind, and on one that starts disabled. There, a ring that inherits nothing but
 * filters takes restrictions of its own; one that inherits a list answers -EBUSY, provided that
 * the list names operations or SQE flags, or register operations. Operations, flags and register
 * operations of a newer kernel are not in the list, so they are denied without being known.
 *
 * Nor would it be quicker to leave the list out where a profile asks for nothing: three filters
 * that deny the opaque operations cost twice as much. Once it is there, SQE flags are free, and so
 * are register operations, which seccomp holds as well: for 7.1, whose rings look at the list of
 * register operations only once they are enabled, and 7.2, which does not for descriptor -1.
 */
int uring_install(const struct uring_plan *plan, struct error *err)
{
	int status = restrict_task(plan);

	if (status == 0)
		return filter_arguments(plan, err);
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
