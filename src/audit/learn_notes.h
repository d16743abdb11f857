/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_LEARN_NOTES_H
#define AUDIT_LEARN_NOTES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "audit/learn_table.h"
#include "policy/path_resolve.h"
#include "policy/syscall_number.h"
#include "uring/opcode.h"
#include "util/alloc.h"

/*
 * What was seen of a program that is being learned, each thing once. How much that can be is
 * bounded; what finds no room is counted in @lost, and the profile says so.
 */

/* Who asked for something first, how, and how often it was asked for. */
struct learn_who {
	const char *program; /* escaped */
	const char *how;     /* "openat(2)", "ring OPENAT" */
	uint64_t count;
};

struct learn_path {
	const char *path; /* without symlinks but for the last name, where that was meant itself */
	const char *name; /* that the program used, where symlinks led from it; else NULL */
	uint8_t access;	  /* enum learn_access */
	bool existed;	  /* when it was seen first */
	mode_t mode;	  /* then; 0 if it did not exist */
	struct learn_who who; /* of the first, and of the first that changes something */
};

/* A symlink on the way to a path: it must be there in the jail too. */
struct learn_link {
	const char *path;
	size_t target; /* index of the learn_path that it led to */
};

enum learn_toward {
	TOWARD_CONNECT,
	TOWARD_SEND,
	TOWARD_BIND,
};

struct learn_address {
	struct sockaddr_storage address; /* AF_INET or AF_INET6; the rest is zero */
	enum learn_toward toward;
	bool ring;
	struct learn_who who;
};

struct learn_socket {
	int family;
	int type; /* without SOCK_* flags */
	int protocol;
	bool ring;
	struct learn_who who;
};

/* What was denied even so. */
struct learn_denied {
	const char *what; /* escaped */
	struct learn_who who;
};

#define LEARN_PATHS 8192
#define LEARN_LINKS 256
#define LEARN_ADDRESSES 256
#define LEARN_SOCKETS 128
#define LEARN_DENIED 128

struct learn_notes {
	struct arena arena;
	ARRAY(struct learn_path) paths;
	uint32_t *index; /* of @paths by hash, plus one; 0 is free */
	ARRAY(struct learn_link) links;
	ARRAY(struct learn_address) addresses;
	ARRAY(struct learn_socket) sockets;
	ARRAY(struct learn_denied) denied;
	struct learn_who calls[SYSCALL_NUMBERS]; /* count 0: not called */
	struct learn_who ops[URING_OPCODE_COUNT];
	bool ring;	   /* io_uring was set up */
	bool ring_blocked; /* it was asked for, and is blocked here */
	struct learn_who ring_who;
	uint64_t registers; /* bit per IORING_REGISTER_* */
	struct learn_who registers_who;
	uint8_t sqe_flags; /* IOSQE_* */
	struct learn_who sqe_flags_who;
	unsigned int open_rights; /* enum uring_open_right, by ring */
	struct learn_who open_who;
	bool ring_connects_unix;
	uint64_t lost;
};

void learn_notes_init(struct learn_notes *notes);
void learn_notes_free(struct learn_notes *notes);

/* Counts one more; the first time, @who becomes a copy of @by. */
void learn_count(struct learn_notes *notes, struct learn_who *who, const struct learn_who *by);

/*
 * @path was used for @access. @resolved tells where it leads, @name how the program named it.
 * Strings are copied.
 */
void learn_note_path(struct learn_notes *notes, const char *name,
		     const struct path_resolved *resolved, uint8_t access,
		     const struct learn_who *by);
void learn_note_address(struct learn_notes *notes, const struct sockaddr_storage *address,
			enum learn_toward toward, bool ring, const struct learn_who *by);
void learn_note_socket(struct learn_notes *notes, int family, int type, int protocol, bool ring,
		       const struct learn_who *by);
void learn_note_denied(struct learn_notes *notes, const char *what, const struct learn_who *by);

/* NULL: it was not seen. */
const struct learn_path *learn_find_path(const struct learn_notes *notes, const char *path);

/* @text with all that is not printable ASCII, and the backslash, as \xHH; cut at @limit bytes. */
const char *learn_escape(struct arena *arena, const char *text, size_t limit);

#endif
