// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/judge.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "audit/remote.h"
#include "bpf/interpret.h"
#include "uring/abi.h"
#include "uring/opcode.h"

static void put32(uint8_t *input, unsigned int offset, uint32_t value)
{
	memcpy(input + offset, &value, sizeof(value));
}

static void put64(uint8_t *input, unsigned int offset, uint64_t value)
{
	memcpy(input + offset, &value, sizeof(value));
}

/* The kernel's struct open_how, of which later versions may have more. */
struct how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};

static bool fill_open(uint8_t *input, pid_t tid, const struct audit_sqe *sqe)
{
	struct how how = { .flags = sqe->op_flags | URING_O_LARGEFILE, .mode = sqe->len };

	if (!strcmp(uring_opcodes[sqe->opcode].name, "openat2") &&
	    remote_read(tid, sqe->off, &how, sizeof(how)) < 0)
		return false;
	put64(input, URING_FILTER_OPEN_FLAGS, how.flags);
	put64(input, URING_FILTER_OPEN_MODE, how.mode);
	put64(input, URING_FILTER_OPEN_RESOLVE, how.resolve);
	return true;
}

/* As the kernel does: an address that is too short to be seen as a whole is all zeros. */
static bool fill_connect(uint8_t *input, pid_t tid, const struct audit_sqe *sqe)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr_in inet;
		struct sockaddr_in6 inet6;
	} address = { 0 };
	size_t length = sqe->off < sizeof(address) ? (size_t)sqe->off : sizeof(address);

	if (length && remote_read(tid, sqe->addr, &address, length) < 0)
		return false;
	if (length < sizeof(address.any.ss_family))
		return true;
	put32(input, URING_FILTER_CONNECT_FAMILY, address.any.ss_family);
	if (address.any.ss_family == AF_INET && length >= sizeof(address.inet)) {
		memcpy(input + URING_FILTER_CONNECT_PORT, &address.inet.sin_port, 2);
		memcpy(input + URING_FILTER_CONNECT_ADDRESS, &address.inet.sin_addr, 4);
	} else if (address.any.ss_family == AF_INET6 && length >= sizeof(address.inet6)) {
		memcpy(input + URING_FILTER_CONNECT_PORT, &address.inet6.sin6_port, 2);
		memcpy(input + URING_FILTER_CONNECT_ADDRESS, &address.inet6.sin6_addr, 16);
	}
	return true;
}

/* What the filter of @sqe's opcode is shown, URING_FILTER_SIZE bytes. */
static bool fill_input(uint8_t *input, pid_t tid, const struct audit_sqe *sqe)
{
	memcpy(input, &sqe->user_data, sizeof(sqe->user_data));
	input[URING_FILTER_OPCODE_WORD] = sqe->opcode;
	input[URING_FILTER_OPCODE_WORD + 1] = sqe->flags;
	switch (uring_opcodes[sqe->opcode].data) {
	case DATA_SOCKET:
		put32(input, URING_FILTER_SOCKET_FAMILY, (uint32_t)sqe->fd);
		put32(input, URING_FILTER_SOCKET_TYPE, (uint32_t)sqe->off);
		put32(input, URING_FILTER_SOCKET_PROTOCOL, sqe->len);
		return true;
	case DATA_OPEN:
		return fill_open(input, tid, sqe);
	case DATA_CONNECT:
		return fill_connect(input, tid, sqe);
	case DATA_NONE:
		break;
	}
	return true;
}

static struct judgement run_filter(const struct uring_op_plan *op, pid_t tid,
				   const struct audit_sqe *sqe)
{
	uint8_t input[URING_FILTER_SIZE] __attribute__((aligned(8))) = { 0 };
	struct judgement judgement = { 0 };
	uint32_t result = 0;

	if (!fill_input(input, tid, sqe)) {
		judgement.blind = true;
		return judgement;
	}
	if (bpf_interpret(&op->filter, input, sizeof(input), &result) < 0 || !result) {
		judgement.denied = true;
		judgement.rule = op->reason;
	}
	return judgement;
}

struct judgement judge_sqe(const struct uring_plan *plan, pid_t tid, const struct audit_sqe *sqe)
{
	const struct uring_op_plan *op = &plan->ops[sqe->opcode];
	struct judgement judgement = { 0 };

	/* The kernel has no such operation, and says so before it asks a filter. */
	if (plan->mode != URING_FILTER || sqe->opcode >= URING_OPCODE_COUNT)
		return judgement;
	if (sqe->flags & URING_SQE_FLAGS_ALL & ~plan->sqe_flags) {
		judgement.denied = true;
		judgement.rule = plan->sqe_flags_reason;
		return judgement;
	}
	if (op->verdict == VERDICT_FILTER)
		return run_filter(op, tid, sqe);
	if (op->verdict == VERDICT_DENY) {
		judgement.denied = true;
		judgement.rule = op->reason;
	}
	return judgement;
}
