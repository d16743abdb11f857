/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_SQE_H
#define AUDIT_SQE_H

#include <stdint.h>

/*
 * A submission queue entry as the kernel takes it (struct io_uring_sqe, frozen ABI), under names
 * of our own because headers of different age name different members of its unions. The second
 * half of a 128-byte entry belongs to opaque commands alone and is not looked at.
 */
struct audit_sqe {
	uint8_t opcode;
	uint8_t flags; /* IOSQE_* */
	uint16_t ioprio;
	int32_t fd;	   /* SOCKET: the family */
	uint64_t off;	   /* also addr2; SOCKET: the type; CONNECT: the address' length */
	uint64_t addr;	   /* also splice_off_in */
	uint32_t len;	   /* SOCKET: the protocol; OPENAT: the mode; OPENAT2: sizeof(open_how) */
	uint32_t op_flags; /* rw_flags, open_flags, msg_flags... */
	uint64_t user_data;
	uint16_t buf_index;
	uint16_t personality;
	uint32_t file_index; /* also splice_fd_in, addr_len */
	uint64_t addr3;
	uint64_t pad;
};

_Static_assert(sizeof(struct audit_sqe) == 64, "an SQE has 64 bytes");

#endif
