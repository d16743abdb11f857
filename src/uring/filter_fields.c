// SPDX-License-Identifier: LGPL-2.1-or-later
#include "uring/filter_fields.h"

#include "uring/abi.h"

#define EVERY_OPCODE                                                                               \
	BPF_HALVES("user_data", 0),                                                                \
	{                                                                                          \
		"opcode, sqe_flags, pdu_size", URING_FILTER_OPCODE_WORD                            \
	}

static const struct bpf_field plain_fields[] = {
	EVERY_OPCODE,
	{ NULL, 0 },
};

static const struct bpf_field socket_fields[] = {
	EVERY_OPCODE,
	{ "family", URING_FILTER_SOCKET_FAMILY },
	{ "type", URING_FILTER_SOCKET_TYPE },
	{ "protocol", URING_FILTER_SOCKET_PROTOCOL },
	{ NULL, 0 },
};

static const struct bpf_field open_fields[] = {
	EVERY_OPCODE,
	BPF_HALVES("flags", URING_FILTER_OPEN_FLAGS),
	BPF_HALVES("mode", URING_FILTER_OPEN_MODE),
	BPF_HALVES("resolve", URING_FILTER_OPEN_RESOLVE),
	{ NULL, 0 },
};

static const struct bpf_field connect_fields[] = {
	EVERY_OPCODE,
	{ "family", URING_FILTER_CONNECT_FAMILY },
	{ "port", URING_FILTER_CONNECT_PORT },
	{ "address", URING_FILTER_CONNECT_ADDRESS },
	{ "address[1]", URING_FILTER_CONNECT_ADDRESS + 4 },
	{ "address[2]", URING_FILTER_CONNECT_ADDRESS + 8 },
	{ "address[3]", URING_FILTER_CONNECT_ADDRESS + 12 },
	{ NULL, 0 },
};

const struct bpf_field *uring_filter_fields(enum uring_filter_data data)
{
	static const struct bpf_field *const fields[] = {
		[DATA_NONE] = plain_fields,
		[DATA_SOCKET] = socket_fields,
		[DATA_OPEN] = open_fields,
		[DATA_CONNECT] = connect_fields,
	};

	return fields[data];
}
