// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <strings.h>

/* Headers of Linux 7.0, or a liburing of that time, know every name that follows. */
#if __has_include(<liburing/io_uring/bpf_filter.h>)
#include <liburing.h>
#include <liburing/io_uring/bpf_filter.h>
#define HEADERS_ARE_NEW
#elif __has_include(<linux/io_uring/bpf_filter.h>)
#include <linux/io_uring.h>
#include <linux/io_uring/bpf_filter.h>
#define HEADERS_ARE_NEW
#else
#include <liburing.h>
#endif

#include "uring/abi.h"
#include "uring/opcode.h"

/* Compares what this project writes down itself with the headers that are installed. */

struct number {
	const char *name;
	int number;
};

#define OP(name)                                                                                   \
	{                                                                                          \
#name, IORING_OP_##name                                                            \
	}

static const struct number operations[] = {
	OP(NOP),
	OP(READV),
	OP(WRITEV),
	OP(FSYNC),
	OP(READ_FIXED),
	OP(WRITE_FIXED),
	OP(POLL_ADD),
	OP(POLL_REMOVE),
	OP(SYNC_FILE_RANGE),
	OP(SENDMSG),
	OP(RECVMSG),
	OP(TIMEOUT),
	OP(TIMEOUT_REMOVE),
	OP(ACCEPT),
	OP(ASYNC_CANCEL),
	OP(LINK_TIMEOUT),
	OP(CONNECT),
	OP(FALLOCATE),
	OP(OPENAT),
	OP(CLOSE),
	OP(FILES_UPDATE),
	OP(STATX),
	OP(READ),
	OP(WRITE),
	OP(FADVISE),
	OP(MADVISE),
	OP(SEND),
	OP(RECV),
	OP(OPENAT2),
	OP(EPOLL_CTL),
	OP(SPLICE),
	OP(PROVIDE_BUFFERS),
	OP(REMOVE_BUFFERS),
	OP(TEE),
	OP(SHUTDOWN),
	OP(RENAMEAT),
	OP(UNLINKAT),
	OP(MKDIRAT),
	OP(SYMLINKAT),
	OP(LINKAT),
	OP(MSG_RING),
	OP(FSETXATTR),
	OP(SETXATTR),
	OP(FGETXATTR),
	OP(GETXATTR),
	OP(SOCKET),
	OP(URING_CMD),
	OP(SEND_ZC),
	OP(SENDMSG_ZC),
#ifdef HEADERS_ARE_NEW
	OP(READ_MULTISHOT),
	OP(WAITID),
	OP(FUTEX_WAIT),
	OP(FUTEX_WAKE),
	OP(FUTEX_WAITV),
	OP(FIXED_FD_INSTALL),
	OP(FTRUNCATE),
	OP(BIND),
	OP(LISTEN),
	OP(RECV_ZC),
	OP(EPOLL_WAIT),
	OP(READV_FIXED),
	OP(WRITEV_FIXED),
	OP(PIPE),
	OP(NOP128),
	OP(URING_CMD128),
#endif
};

static void opcodes_have_the_names_of_the_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		assert_int_equal(operations[i].number, i);
		assert_int_equal(strcasecmp(uring_opcodes[i].name, operations[i].name), 0);
	}
}

#define REGISTER(name)                                                                             \
	{                                                                                          \
		"register_" #name, IORING_REGISTER_##name                                          \
	}
#define UNREGISTER(name)                                                                           \
	{                                                                                          \
		"unregister_" #name, IORING_UNREGISTER_##name                                      \
	}

static const struct number registers[] = {
	REGISTER(BUFFERS),	  UNREGISTER(BUFFERS),
	REGISTER(FILES),	  UNREGISTER(FILES),
	REGISTER(EVENTFD),	  UNREGISTER(EVENTFD),
	REGISTER(FILES_UPDATE),	  REGISTER(EVENTFD_ASYNC),
	REGISTER(PROBE),	  REGISTER(PERSONALITY),
	UNREGISTER(PERSONALITY),  REGISTER(RESTRICTIONS),
	REGISTER(ENABLE_RINGS),	  REGISTER(FILES2),
	REGISTER(FILES_UPDATE2),  REGISTER(BUFFERS2),
	REGISTER(BUFFERS_UPDATE), REGISTER(IOWQ_AFF),
	UNREGISTER(IOWQ_AFF),	  REGISTER(IOWQ_MAX_WORKERS),
	REGISTER(RING_FDS),	  UNREGISTER(RING_FDS),
	REGISTER(PBUF_RING),	  UNREGISTER(PBUF_RING),
	REGISTER(SYNC_CANCEL),	  REGISTER(FILE_ALLOC_RANGE),
#ifdef HEADERS_ARE_NEW
	REGISTER(PBUF_STATUS),	  REGISTER(NAPI),
	UNREGISTER(NAPI),	  REGISTER(CLOCK),
	REGISTER(CLONE_BUFFERS),  REGISTER(SEND_MSG_RING),
	REGISTER(ZCRX_IFQ),	  REGISTER(RESIZE_RINGS),
	REGISTER(MEM_REGION),	  REGISTER(QUERY),
	REGISTER(ZCRX_CTRL),	  REGISTER(BPF_FILTER),
#endif
};

static void register_operations_have_the_names_of_the_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(registers) / sizeof(*registers); i++) {
		assert_int_equal(registers[i].number, i);
		assert_int_equal(uring_register_by_name(registers[i].name), (int)i);
	}
	assert_int_equal(URING_REGISTER_RESTRICTIONS, IORING_REGISTER_RESTRICTIONS);
#ifdef HEADERS_ARE_NEW
	assert_int_equal(URING_REGISTER_SEND_MSG_RING, IORING_REGISTER_SEND_MSG_RING);
	assert_int_equal(URING_REGISTER_ZCRX_IFQ, IORING_REGISTER_ZCRX_IFQ);
	assert_int_equal(URING_REGISTER_ZCRX_CTRL, IORING_REGISTER_ZCRX_CTRL);
	assert_int_equal(URING_REGISTER_BPF_FILTER, IORING_REGISTER_BPF_FILTER);
	assert_int_equal(URING_REGISTER_USE_REGISTERED_RING, IORING_REGISTER_USE_REGISTERED_RING);
#endif
}

static void sqe_flags_have_the_names_of_the_header(void **state)
{
	(void)state;
	assert_int_equal(uring_sqe_flag_by_name("fixed_file"), IOSQE_FIXED_FILE);
	assert_int_equal(uring_sqe_flag_by_name("io_drain"), IOSQE_IO_DRAIN);
	assert_int_equal(uring_sqe_flag_by_name("io_link"), IOSQE_IO_LINK);
	assert_int_equal(uring_sqe_flag_by_name("io_hardlink"), IOSQE_IO_HARDLINK);
	assert_int_equal(uring_sqe_flag_by_name("async"), IOSQE_ASYNC);
	assert_int_equal(uring_sqe_flag_by_name("buffer_select"), IOSQE_BUFFER_SELECT);
	assert_int_equal(uring_sqe_flag_by_name("cqe_skip_success"), IOSQE_CQE_SKIP_SUCCESS);
}

static void restrictions_are_laid_out_as_in_the_header(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct uring_restriction), sizeof(struct io_uring_restriction));
	assert_int_equal(offsetof(struct uring_restriction, sqe_op),
			 offsetof(struct io_uring_restriction, sqe_op));
	assert_int_equal(offsetof(struct uring_restriction, resv2),
			 offsetof(struct io_uring_restriction, resv2));
	assert_int_equal(URING_RESTRICTION_REGISTER_OP, IORING_RESTRICTION_REGISTER_OP);
	assert_int_equal(URING_RESTRICTION_SQE_OP, IORING_RESTRICTION_SQE_OP);
	assert_int_equal(URING_RESTRICTION_SQE_FLAGS_ALLOWED, IORING_RESTRICTION_SQE_FLAGS_ALLOWED);
	assert_int_equal(URING_RESTRICTION_SQE_FLAGS_REQUIRED,
			 IORING_RESTRICTION_SQE_FLAGS_REQUIRED);
	assert_int_equal(sizeof(struct uring_task_restriction), 16);
#ifdef HEADERS_ARE_NEW
	assert_int_equal(sizeof(struct uring_task_restriction),
			 sizeof(struct io_uring_task_restriction));
	assert_int_equal(offsetof(struct uring_task_restriction, nr_res),
			 offsetof(struct io_uring_task_restriction, nr_res));
	assert_int_equal(offsetof(struct uring_task_restriction, restrictions),
			 offsetof(struct io_uring_task_restriction, restrictions));
#endif
}

#ifdef HEADERS_ARE_NEW
#define same_field(ours, theirs, field)                                                            \
	assert_int_equal(offsetof(struct ours, field), offsetof(struct theirs, field));            \
	assert_int_equal(sizeof(((struct ours *)0)->field), sizeof(((struct theirs *)0)->field))

static void filters_are_registered_as_the_header_says(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct uring_bpf), sizeof(struct io_uring_bpf));
	same_field(uring_bpf, io_uring_bpf, cmd_type);
	same_field(uring_bpf, io_uring_bpf, cmd_flags);
	same_field(uring_bpf, io_uring_bpf, resv);
	same_field(uring_bpf, io_uring_bpf, filter);
	same_field(uring_bpf_filter, io_uring_bpf_filter, opcode);
	same_field(uring_bpf_filter, io_uring_bpf_filter, flags);
	same_field(uring_bpf_filter, io_uring_bpf_filter, filter_len);
	same_field(uring_bpf_filter, io_uring_bpf_filter, pdu_size);
	same_field(uring_bpf_filter, io_uring_bpf_filter, resv);
	same_field(uring_bpf_filter, io_uring_bpf_filter, filter_ptr);
	same_field(uring_bpf_filter, io_uring_bpf_filter, resv2);
	assert_int_equal(URING_BPF_CMD_FILTER, IO_URING_BPF_CMD_FILTER);
	assert_int_equal(URING_BPF_FILTER_DENY_REST, IO_URING_BPF_FILTER_DENY_REST);
	assert_int_equal(URING_BPF_FILTER_SZ_STRICT, IO_URING_BPF_FILTER_SZ_STRICT);
}

static void a_filter_sees_its_input_where_the_header_says(void **state)
{
	(void)state;
	assert_int_equal(URING_FILTER_OPCODE_WORD, offsetof(struct io_uring_bpf_ctx, opcode));
	assert_int_equal(URING_FILTER_PDU, offsetof(struct io_uring_bpf_ctx, socket));
	assert_int_equal(URING_FILTER_SOCKET_FAMILY,
			 offsetof(struct io_uring_bpf_ctx, socket.family));
	assert_int_equal(URING_FILTER_SOCKET_TYPE, offsetof(struct io_uring_bpf_ctx, socket.type));
	assert_int_equal(URING_FILTER_SOCKET_PROTOCOL,
			 offsetof(struct io_uring_bpf_ctx, socket.protocol));
	assert_int_equal(URING_FILTER_OPEN_FLAGS, offsetof(struct io_uring_bpf_ctx, open.flags));
	assert_int_equal(URING_FILTER_OPEN_MODE, offsetof(struct io_uring_bpf_ctx, open.mode));
	assert_int_equal(URING_FILTER_OPEN_RESOLVE,
			 offsetof(struct io_uring_bpf_ctx, open.resolve));
	assert_int_equal(URING_SOCKET_PDU, sizeof(((struct io_uring_bpf_ctx *)0)->socket));
	assert_int_equal(URING_OPEN_PDU, sizeof(((struct io_uring_bpf_ctx *)0)->open));
	/* Headers before Linux 7.2 do not have connect, which made the whole no larger. */
	assert_int_equal(URING_FILTER_SIZE, sizeof(struct io_uring_bpf_ctx));
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opcodes_have_the_names_of_the_header),
		cmocka_unit_test(register_operations_have_the_names_of_the_header),
		cmocka_unit_test(sqe_flags_have_the_names_of_the_header),
		cmocka_unit_test(restrictions_are_laid_out_as_in_the_header),
#ifdef HEADERS_ARE_NEW
		cmocka_unit_test(filters_are_registered_as_the_header_says),
		cmocka_unit_test(a_filter_sees_its_input_where_the_header_says),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
