/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_LEARN_TABLE_H
#define AUDIT_LEARN_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/* What a program did to a path. */
enum learn_access {
	LEARN_LOOK = 1 << 0,  /* asked whether it is there, and for what it is */
	LEARN_ENTER = 1 << 1, /* opened a folder, or made it the working folder */
	LEARN_LIST = 1 << 2,  /* read a folder's names */
	LEARN_READ = 1 << 3,
	LEARN_EXEC = 1 << 4,
	LEARN_WRITE = 1 << 5,	/* the object itself, its attributes too */
	LEARN_ENTRY = 1 << 6,	/* made, replaced or removed it: its folder is what changes */
	LEARN_CONNECT = 1 << 7, /* a Unix socket */
};

/* What is special in how an operation names its path. */
enum learn_how {
	HOW_PLAIN,
	HOW_OPEN,    /* open's flags say what for */
	HOW_OPENAT2, /* a struct open_how does */
	HOW_CREAT,
	HOW_FD, /* the path is that of a descriptor */
};

/* A path among the arguments of a system call; a call with two has two rows. */
struct learn_path_call {
	const char *name; /* NULL ends the table */
	int8_t folder;	 /* the argument that a relative path starts from; -1: the working folder */
	int8_t path;	 /* the argument that points to the path; HOW_FD: the descriptor */
	uint8_t access;	 /* enum learn_access */
	bool is_link;	 /* a symlink at its end is not followed */
	int8_t at_flags; /* the argument with AT_SYMLINK_NOFOLLOW and its like; -1: none */
	enum learn_how how; /* HOW_OPEN, HOW_OPENAT2: by the argument behind the path */
};

extern const struct learn_path_call learn_path_calls[];

/* Where an SQE has what a path operation needs. */
enum learn_field {
	FIELD_NONE,
	FIELD_FD,
	FIELD_LEN,
	FIELD_ADDR,
	FIELD_OFF,
	FIELD_OP_FLAGS,
	FIELD_ADDR3,
};

struct learn_path_op {
	const char *name; /* of the opcode; NULL ends the table */
	enum learn_field folder;
	enum learn_field path;
	uint8_t access;
	bool is_link;
	enum learn_field at_flags;
	enum learn_how how; /* HOW_OPEN: flags in op_flags; HOW_OPENAT2: open_how at off */
};

extern const struct learn_path_op learn_path_ops[];

#endif
