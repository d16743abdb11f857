// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The io_uring ABI that the test clients speak, under names of their own.
 *
 * Kernel headers from 6.1 on differ in what they define, and a test client must be able to ask any
 * kernel for any operation. So nothing here comes from <linux/io_uring.h>; numbers and layouts are
 * those of include/uapi/linux/io_uring.h in Linux 7.3, where they are frozen as ABI.
 */
#ifndef TESTS_CLIENTS_ABI_H
#define TESTS_CLIENTS_ABI_H

#include <stdint.h>

enum opcode {
	OP_NOP = 0,
	OP_READV = 1,
	OP_WRITEV = 2,
	OP_FSYNC = 3,
	OP_READ_FIXED = 4,
	OP_WRITE_FIXED = 5,
	OP_POLL_ADD = 6,
	OP_POLL_REMOVE = 7,
	OP_SYNC_FILE_RANGE = 8,
	OP_SENDMSG = 9,
	OP_RECVMSG = 10,
	OP_TIMEOUT = 11,
	OP_TIMEOUT_REMOVE = 12,
	OP_ACCEPT = 13,
	OP_ASYNC_CANCEL = 14,
	OP_LINK_TIMEOUT = 15,
	OP_CONNECT = 16,
	OP_FALLOCATE = 17,
	OP_OPENAT = 18,
	OP_CLOSE = 19,
	OP_FILES_UPDATE = 20,
	OP_STATX = 21,
	OP_READ = 22,
	OP_WRITE = 23,
	OP_FADVISE = 24,
	OP_MADVISE = 25,
	OP_SEND = 26,
	OP_RECV = 27,
	OP_OPENAT2 = 28,
	OP_EPOLL_CTL = 29,
	OP_SPLICE = 30,
	OP_PROVIDE_BUFFERS = 31,
	OP_REMOVE_BUFFERS = 32,
	OP_TEE = 33,
	OP_SHUTDOWN = 34,
	OP_RENAMEAT = 35,
	OP_UNLINKAT = 36,
	OP_MKDIRAT = 37,
	OP_SYMLINKAT = 38,
	OP_LINKAT = 39,
	OP_MSG_RING = 40,
	OP_FSETXATTR = 41,
	OP_SETXATTR = 42,
	OP_FGETXATTR = 43,
	OP_GETXATTR = 44,
	OP_SOCKET = 45,
	OP_URING_CMD = 46,
	OP_SEND_ZC = 47,
	OP_SENDMSG_ZC = 48,
	OP_READ_MULTISHOT = 49,
	OP_WAITID = 50,
	OP_FUTEX_WAIT = 51,
	OP_FUTEX_WAKE = 52,
	OP_FUTEX_WAITV = 53,
	OP_FIXED_FD_INSTALL = 54,
	OP_FTRUNCATE = 55,
	OP_BIND = 56,
	OP_LISTEN = 57,
	OP_RECV_ZC = 58,
	OP_EPOLL_WAIT = 59,
	OP_READV_FIXED = 60,
	OP_WRITEV_FIXED = 61,
	OP_PIPE = 62,
	OP_NOP128 = 63,
	OP_URING_CMD128 = 64,
	OP_COUNT = 65,
};

enum sqe_flag {
	SQE_FIXED_FILE = 1 << 0,
	SQE_DRAIN = 1 << 1,
	SQE_LINK = 1 << 2,
	SQE_HARDLINK = 1 << 3,
	SQE_ASYNC = 1 << 4,
	SQE_BUFFER_SELECT = 1 << 5,
	SQE_CQE_SKIP_SUCCESS = 1 << 6,
};

enum cqe_flag {
	CQE_MORE = 1 << 1,
	CQE_NOTIF = 1 << 3,
	CQE_SKIP = 1 << 5,
	CQE_BIG = 1 << 15,
};

enum setup_flag {
	SETUP_SQPOLL = 1 << 1,
	SETUP_CQSIZE = 1 << 3,
	SETUP_R_DISABLED = 1 << 6,
	SETUP_SUBMIT_ALL = 1 << 7,
	SETUP_SQE128 = 1 << 10,
	SETUP_CQE32 = 1 << 11,
	SETUP_SINGLE_ISSUER = 1 << 12,
	SETUP_DEFER_TASKRUN = 1 << 13,
	SETUP_NO_MMAP = 1 << 14,
	SETUP_REGISTERED_FD_ONLY = 1 << 15,
	SETUP_NO_SQARRAY = 1 << 16,
	SETUP_CQE_MIXED = 1 << 18,
	SETUP_SQE_MIXED = 1 << 19,
};

enum enter_flag {
	ENTER_GETEVENTS = 1 << 0,
	ENTER_SQ_WAKEUP = 1 << 1,
	ENTER_EXT_ARG = 1 << 3,
	ENTER_REGISTERED_RING = 1 << 4,
};

enum { SQ_NEED_WAKEUP = 1 << 0 };

enum register_op {
	REG_BUFFERS = 0,
	REG_UNREGISTER_BUFFERS = 1,
	REG_FILES = 2,
	REG_UNREGISTER_FILES = 3,
	REG_EVENTFD = 4,
	REG_UNREGISTER_EVENTFD = 5,
	REG_FILES_UPDATE = 6,
	REG_EVENTFD_ASYNC = 7,
	REG_PROBE = 8,
	REG_PERSONALITY = 9,
	REG_UNREGISTER_PERSONALITY = 10,
	REG_RESTRICTIONS = 11,
	REG_ENABLE_RINGS = 12,
	REG_FILES2 = 13,
	REG_FILES_UPDATE2 = 14,
	REG_BUFFERS2 = 15,
	REG_BUFFERS_UPDATE = 16,
	REG_IOWQ_AFF = 17,
	REG_UNREGISTER_IOWQ_AFF = 18,
	REG_IOWQ_MAX_WORKERS = 19,
	REG_RING_FDS = 20,
	REG_UNREGISTER_RING_FDS = 21,
	REG_PBUF_RING = 22,
	REG_UNREGISTER_PBUF_RING = 23,
	REG_SYNC_CANCEL = 24,
	REG_FILE_ALLOC_RANGE = 25,
	REG_PBUF_STATUS = 26,
	REG_NAPI = 27,
	REG_UNREGISTER_NAPI = 28,
	REG_CLOCK = 29,
	REG_CLONE_BUFFERS = 30,
	REG_SEND_MSG_RING = 31,
	REG_ZCRX_IFQ = 32,
	REG_RESIZE_RINGS = 33,
	REG_MEM_REGION = 34,
	REG_QUERY = 35,
	REG_ZCRX_CTRL = 36,
	REG_BPF_FILTER = 37,
	REG_COUNT = 38,
};

/* io_uring_register by the index of a registered ring instead of a descriptor. */
#define REG_USE_REGISTERED_RING (1U << 31)

/* Values of single operations. */
enum {
	ASYNC_CANCEL_ALL = 1 << 0,
	RECV_MULTISHOT = 1 << 1,
	MSG_RING_DATA = 0,
	MSG_RING_SEND_FD = 1,
	SOCKET_CMD_SIOCINQ = 0,
	SOCKET_CMD_SIOCOUTQ = 1,
	SOCKET_CMD_GETSOCKOPT = 2,
	SOCKET_CMD_SETSOCKOPT = 3,
	SOCKET_CMD_GETSOCKNAME = 5,
	NOP_INJECT_RESULT = 1 << 0,
	NOP_TASK_WORK = 1 << 4,
	NOP_CQE32 = 1 << 5,
	FUTEX2_U32 = 2,
	FUTEX2_PRIVATE_FLAG = 128,
	RESTRICT_REGISTER_OP = 0,
	RESTRICT_SQE_OP = 1,
	RESTRICT_SQE_FLAGS_ALLOWED = 2,
	RSRC_SPARSE = 1 << 0,
	ZCRX_NODEV = 2,
	REGION_USER = 1,
};

#define FILE_INDEX_ALLOC (~0U)
#define RESTRICT_COUNT_MAX (OP_COUNT + REG_COUNT + 1)

struct sqe {
	uint8_t opcode;
	uint8_t flags;
	uint16_t ioprio;
	int32_t fd;
	union {
		uint64_t off;
		uint64_t addr2;
		uint32_t cmd_op;
	};
	union {
		uint64_t addr;
		uint64_t splice_off_in;
		struct {
			uint32_t level;
			uint32_t optname;
		};
	};
	uint32_t len;
	uint32_t op_flags;
	uint64_t user_data;
	uint16_t buf_index;
	uint16_t personality;
	union {
		int32_t splice_fd_in;
		uint32_t file_index;
		uint32_t optlen;
		uint16_t addr_len;
	};
	union {
		uint64_t addr3;
		uint64_t optval;
	};
	uint64_t pad;
};

struct cqe {
	uint64_t user_data;
	int32_t res;
	uint32_t flags;
};

struct sq_offsets {
	uint32_t head, tail, ring_mask, ring_entries, flags, dropped, array, resv1;
	uint64_t user_addr;
};

struct cq_offsets {
	uint32_t head, tail, ring_mask, ring_entries, overflow, cqes, flags, resv1;
	uint64_t user_addr;
};

struct ring_params {
	uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd;
	uint32_t resv[3];
	struct sq_offsets sq_off;
	struct cq_offsets cq_off;
};

struct ring_timespec {
	int64_t sec;
	int64_t nsec;
};

struct getevents_arg {
	uint64_t sigmask;
	uint32_t sigmask_sz;
	uint32_t min_wait_usec;
	uint64_t ts;
};

struct rsrc_update {
	uint32_t offset;
	uint32_t resv;
	uint64_t data;
};

struct rsrc_register {
	uint32_t nr;
	uint32_t flags;
	uint64_t resv2;
	uint64_t data;
	uint64_t tags;
};

struct rsrc_update2 {
	uint32_t offset;
	uint32_t resv;
	uint64_t data;
	uint64_t tags;
	uint32_t nr;
	uint32_t resv2;
};

struct restriction {
	uint16_t kind;
	uint8_t value;
	uint8_t resv;
	uint32_t resv2[3];
};

struct task_restriction {
	uint16_t flags;
	uint16_t count;
	uint32_t resv[3];
	struct restriction items[RESTRICT_COUNT_MAX];
};

struct filter_registration {
	uint16_t cmd_type;
	uint16_t cmd_flags;
	uint32_t resv;
	uint32_t opcode;
	uint32_t flags;
	uint32_t filter_len;
	uint8_t pdu_size;
	uint8_t resv1[3];
	uint64_t filter_ptr;
	uint64_t resv2[5];
};

struct region_desc {
	uint64_t user_addr;
	uint64_t size;
	uint32_t flags;
	uint32_t id;
	uint64_t mmap_offset;
	uint64_t resv[4];
};

struct mem_region_reg {
	uint64_t region;
	uint64_t flags;
	uint64_t resv[2];
};

struct sync_cancel {
	uint64_t addr;
	int32_t fd;
	uint32_t flags;
	struct ring_timespec timeout;
	uint8_t opcode;
	uint8_t pad[7];
	uint64_t pad2[3];
};

struct index_range {
	uint32_t off;
	uint32_t len;
	uint64_t resv;
};

struct buffer_ring_reg {
	uint64_t ring_addr;
	uint32_t ring_entries;
	uint16_t group;
	uint16_t flags;
	uint64_t resv[3];
};

struct buffer_ring_status {
	uint32_t group;
	uint32_t head;
	uint32_t resv[8];
};

struct napi {
	uint32_t busy_poll_to;
	uint8_t prefer_busy_poll;
	uint8_t opcode;
	uint8_t pad[2];
	uint32_t op_param;
	uint32_t resv;
};

struct clock_register {
	uint32_t clockid;
	uint32_t resv[3];
};

struct clone_buffers {
	uint32_t src_fd;
	uint32_t flags;
	uint32_t src_off;
	uint32_t dst_off;
	uint32_t nr;
	uint32_t pad[3];
};

struct query_header {
	uint64_t next;
	uint64_t data;
	uint32_t op;
	uint32_t size;
	int32_t result;
	uint32_t resv[3];
};

struct query_opcodes {
	uint32_t request_opcodes;
	uint32_t register_opcodes;
	uint64_t features, setup_flags, enter_flags, sqe_flags;
	uint32_t query_opcodes;
	uint32_t pad;
};

struct zcrx_area {
	uint64_t addr;
	uint64_t len;
	uint64_t token;
	uint32_t flags;
	uint32_t dmabuf_fd;
	uint64_t resv[2];
};

struct zcrx_reg {
	uint32_t if_idx;
	uint32_t if_rxq;
	uint32_t rq_entries;
	uint32_t flags;
	uint64_t area;
	uint64_t region;
	uint32_t offsets[4];
	uint64_t offsets_resv[2];
	uint32_t zcrx_id;
	uint32_t rx_buf_len;
	uint64_t event_desc;
	uint64_t resv[2];
};

struct zcrx_control {
	uint32_t zcrx_id;
	uint32_t op;
	uint64_t resv[8];
};

_Static_assert(sizeof(struct sqe) == 64, "an SQE has 64 bytes");
_Static_assert(sizeof(struct ring_params) == 120, "io_uring_params has 120 bytes");
_Static_assert(sizeof(struct filter_registration) == 72, "io_uring_bpf has 72 bytes");

#define ADDR(pointer) ((uint64_t)(uintptr_t)(pointer))

#endif
