/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef URING_OPCODE_H
#define URING_OPCODE_H

#include <stdbool.h>
#include <stdint.h>

/* The one table of io_uring's operations, in the order of their numbers. */

enum uring_class {
	CLASS_HARMLESS,	  /* waits, wakes, cancels: reaches nothing new */
	CLASS_DESCRIPTOR, /* works on descriptors that the program holds */
	CLASS_PATH,	  /* names files by path */
	CLASS_NETWORK,
	CLASS_PASSING, /* makes or passes on descriptors */
	CLASS_PROCESS,
	CLASS_OPAQUE, /* its command is invisible to filters: denied unless named */
};

/* Which arguments the kernel shows to the opcode's filter. */
enum uring_filter_data {
	DATA_NONE,
	DATA_SOCKET,
	DATA_OPEN,
	DATA_CONNECT,
};

struct uring_opcode {
	uint8_t number;
	const char *name; /* lower case, as in the kernel: IORING_OP_SEND_ZC is "send_zc" */
	enum uring_class class;
	enum uring_filter_data data;
	const char *syscalls; /* names, NUL between them and at the end: what does the same */
};

#define URING_OPCODE_COUNT 65 /* 0..64 in Linux 7.0 to 7.3 */

extern const struct uring_opcode uring_opcodes[URING_OPCODE_COUNT];

/*
 * Case does not matter, '-' stands for '_', and a leading IORING_OP_ is passed over.
 * Returns NULL if there is none of that name.
 */
const struct uring_opcode *uring_opcode_by_name(const char *name);

/* A group is named with its '@' and is a set of opcodes. */
struct uring_group {
	const char *name;
	const char *summary;
	bool (*has)(const struct uring_opcode *opcode);
};

extern const struct uring_group uring_groups[]; /* ends with a NULL name */
const struct uring_group *uring_group_by_name(const char *name);

/* Names of register opcodes (IORING_REGISTER_*) and SQE flags (IOSQE_*), same rules; -1: none. */
int uring_register_by_name(const char *name);
const char *uring_register_name(unsigned int number); /* NULL: unknown */
int uring_sqe_flag_by_name(const char *name);	      /* the flag's bit value */
const char *uring_sqe_flag_name(unsigned int bit);    /* NULL: unknown */

/* What `uring filter` allows io_uring_register() where a profile says nothing, a bit each. */
uint64_t uring_registers_default(void);
#define URING_SQE_FLAGS_ALL 0x7f /* IOSQE_FIXED_FILE .. IOSQE_CQE_SKIP_SUCCESS, Linux 5.17 */

#endif
