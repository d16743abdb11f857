/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef URING_ABI_H
#define URING_ABI_H

#include <stdint.h>

/*
 * The parts of io_uring's ABI that kernel headers before Linux 7.0 do not have, under names of our
 * own so that they never clash with newer headers. Values: include/uapi/linux/io_uring.h and
 * include/uapi/linux/io_uring/bpf_filter.h of Linux 7.3; tests/unit/abi.c compares them with the
 * installed headers where those know them.
 */

#define URING_REGISTER_RESTRICTIONS 11 /* with fd -1: of the task */
#define URING_REGISTER_SEND_MSG_RING 31
#define URING_REGISTER_ZCRX_IFQ 32
#define URING_REGISTER_ZCRX_CTRL 36
#define URING_REGISTER_BPF_FILTER 37
#define URING_REGISTER_USE_REGISTERED_RING (1U << 31)

#define URING_SETUP_SQPOLL (1U << 1)
#define URING_SETUP_CQSIZE (1U << 3)
#define URING_SETUP_CLAMP (1U << 4)
#define URING_SETUP_SQE128 (1U << 10)
#define URING_SETUP_CQE32 (1U << 11)
#define URING_SETUP_NO_MMAP (1U << 14)
#define URING_SETUP_REGISTERED_FD_ONLY (1U << 15)
#define URING_SETUP_NO_SQARRAY (1U << 16)
#define URING_SETUP_CQE_MIXED (1U << 18)
#define URING_SETUP_SQE_MIXED (1U << 19)
#define URING_SETUP_SQ_REWIND (1U << 20)

#define URING_ENTER_REGISTERED_RING (1U << 4)

#define URING_CQE_SKIP (1U << 5) /* fills up the end of a queue of mixed sizes */
#define URING_CQE_32 (1U << 15)	 /* takes two places in a queue of mixed sizes */

#define URING_REGISTER_RING_FDS 20
#define URING_UNREGISTER_RING_FDS 21
#define URING_REGISTER_RESIZE_RINGS 33
#define URING_REGISTERED_RINGS 16 /* for a thread: IO_RINGFD_REG_MAX, io_uring/tctx.h */

#define URING_MAX_ENTRIES 32768 /* IORING_MAX_ENTRIES; twice that of CQEs */

#define URING_OFFSET_SQ_RING 0 /* what mmap(2) of a ring maps at which offset */
#define URING_OFFSET_CQ_RING 0x8000000
#define URING_OFFSET_SQES 0x10000000

#define URING_BPF_CMD_FILTER 1
#define URING_BPF_FILTER_DENY_REST (1U << 0)
#define URING_BPF_FILTER_SZ_STRICT (1U << 1)

struct uring_bpf_filter {
	uint32_t opcode;
	uint32_t flags;	     /* URING_BPF_FILTER_* */
	uint32_t filter_len; /* instructions */
	uint8_t pdu_size;    /* bytes of filter data; the kernel writes its own size back */
	uint8_t resv[3];
	uint64_t filter_ptr;
	uint64_t resv2[5];
};

struct uring_bpf {
	uint16_t cmd_type; /* URING_BPF_CMD_FILTER */
	uint16_t cmd_flags;
	uint32_t resv;
	struct uring_bpf_filter filter;
};

struct uring_restriction {
	uint16_t opcode; /* URING_RESTRICTION_* */
	union {
		uint8_t register_op;
		uint8_t sqe_op;
		uint8_t sqe_flags;
	};
	uint8_t resv;
	uint32_t resv2[3];
};

#define URING_RESTRICTION_REGISTER_OP 0
#define URING_RESTRICTION_SQE_OP 1
#define URING_RESTRICTION_SQE_FLAGS_ALLOWED 2
#define URING_RESTRICTION_SQE_FLAGS_REQUIRED 3

struct uring_task_restriction {
	uint16_t flags;
	uint16_t nr_res;
	uint32_t resv[3];
	struct uring_restriction restrictions[];
};

/* A filter's input, 40 bytes, read in native byte order: offsets of its words. */
#define URING_FILTER_SIZE 40
#define URING_FILTER_OPCODE_WORD 8 /* opcode | sqe_flags << 8 | pdu_size << 16, little-endian */
#define URING_FILTER_PDU 16
#define URING_FILTER_SOCKET_FAMILY 16
#define URING_FILTER_SOCKET_TYPE 20
#define URING_FILTER_SOCKET_PROTOCOL 24
#define URING_FILTER_OPEN_FLAGS 16   /* u64 */
#define URING_FILTER_OPEN_MODE 24    /* u64 */
#define URING_FILTER_OPEN_RESOLVE 32 /* u64 */
#define URING_FILTER_CONNECT_FAMILY 16
#define URING_FILTER_CONNECT_PORT 20	/* be16, then two bytes of padding */
#define URING_FILTER_CONNECT_ADDRESS 24 /* 4 or 16 bytes, network order */

/*
 * openat(2) adds O_LARGEFILE by itself where longs have 64 bits, and so does OPENAT before its
 * filter sees the flags. A policy sees what the program wrote, which is without it.
 */
#if defined(__aarch64__)
#define URING_O_LARGEFILE 0400000U /* arch/arm64/include/uapi/asm/fcntl.h */
#else
#define URING_O_LARGEFILE 0100000U /* include/uapi/asm-generic/fcntl.h */
#endif

#define URING_SOCKET_PDU 12
#define URING_OPEN_PDU 24
#define URING_CONNECT_PDU 24 /* Linux 7.2 */

#endif
