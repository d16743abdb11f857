// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One trial: one operation, through one gate, with the modes that apply to it.
 */
#ifndef TESTS_CLIENTS_TRIAL_H
#define TESTS_CLIENTS_TRIAL_H

#include <errno.h>
#include "ring.h"

/* Results beside a number from 0 on, a negative errno, and RESULT_TIMEOUT. */
#define RESULT_NONE (INT_MIN + 1)     /* no system call does what this operation does */
#define RESULT_USAGE (INT_MIN + 2)    /* the operation's arguments make no sense */
#define RESULT_KILLED (INT_MIN + 100) /* plus the signal that ended the trial */

enum gate {
	GATE_RING,
	GATE_CALL,
	GATE_REGISTER,
	GATE_BLIND_REGISTER,
};

enum mode {
	/* where it happens */
	MODE_THREAD = 1 << 0,
	MODE_FORK = 1 << 1,
	MODE_EXEC = 1 << 2,
	MODE_HOLE = 1 << 3,
	MODE_HOLE_UNUSED = 1 << 4,
	MODE_KEEP = 1 << 5,
	/* what the ring is like */
	MODE_DISABLED = 1 << 6,
	MODE_REGISTERED = 1 << 7,
	/* what the request is like */
	MODE_LINK = 1 << 8,
	MODE_HARDLINK = 1 << 9,
	MODE_ASYNC = 1 << 10,
	MODE_DRAIN = 1 << 11,
	MODE_FIXED = 1 << 12,
	MODE_MSGRING = 1 << 13,
	MODE_SLOT = 1 << 14,
	MODE_PERSONALITY = 1 << 15,
};

#define MODES_EXEC (MODE_EXEC | MODE_HOLE | MODE_HOLE_UNUSED)

enum op_flag {
	ON_FILE = 1 << 0,	 /* sqe.fd is a descriptor, so it can be a fixed file */
	MAKES_FILE = 1 << 1,	 /* the new descriptor can go to a fixed slot */
	BIG_SQE = 1 << 2,	 /* needs a ring with 128-byte SQEs */
	ZERO_COPY_RING = 1 << 3, /* needs DEFER_TASKRUN and 32-byte CQEs */
	VARIANT = 1 << 4,	 /* another form of an operation: not part of "all" */
	OWN_CHILD = 1 << 5,	 /* may change or kill its process */
	DISABLED_RING = 1 << 6,	 /* needs a ring that is not enabled yet */
	DEFERRED_RING = 1 << 7,	 /* needs DEFER_TASKRUN */
};

#define PATHS_MAX 6
#define PATH_SIZE 512

struct trial;

struct op {
	const char *name;
	unsigned int number; /* opcode, or register operation */
	/* Does it through trial->gate. Returns 0 or more, a negative errno, or RESULT_*. */
	int (*act)(struct trial *trial);
	unsigned int flags;
	const char *arguments;
};

struct trial {
	enum gate gate;
	const struct op *op;
	int argc;
	char **argv;
	unsigned int modes;
	unsigned int setup_flags;
	struct ring ring;
	bool armed;	 /* something pending would hold up a drain */
	int head_result; /* of the request before it in a chain */
	char remark[160];
	char paths[PATHS_MAX][PATH_SIZE];
	unsigned int path_count;
};

/* The tables of operations, each ended by an entry without a name. */
extern const struct op file_ops[], path_ops[], net_ops[], misc_ops[], register_ops[], blind_ops[],
	hostile_ops[];

static inline bool by_ring(const struct trial *trial)
{
	return trial->gate == GATE_RING;
}

/* The operation's argument number @index, or @fallback if it was not given. */
static inline const char *argument(const struct trial *trial, int index, const char *fallback)
{
	return index < trial->argc ? trial->argv[index] : fallback;
}

/* A system call's result as the result of a trial. */
static inline int done(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

/* For an operation whose proof is a certain errno: that it got as far as this counts as done. */
static inline int reached(int result, int expected)
{
	return result == -expected ? 0 : result;
}

/*
 * Notes that @what could not be had, with the negative errno @error; the first note is printed
 * behind the result, so that "EBADF (no file: open EPERM)" is not taken for a broken test.
 */
void missing(struct trial *trial, const char *what, int error);

/* The name of an errno, as "EACCES"; also for those that strerrorname_np() does not know. */
const char *errno_name(int error);

/*
 * Sends @sqe as a request of the trial's opcode with all that the modes ask for, and waits for it.
 * @head, if not NULL, is sent before it in a chain; its result goes to trial->head_result.
 * Returns the request's result.
 */
int submit(struct trial *trial, const struct sqe *sqe);
int submit_after(struct trial *trial, const struct sqe *head, const struct sqe *sqe);

/*
 * Sends a helper request that is to stay pending, or to prepare something, and returns its
 * user_data. One that was refused is noted as missing.
 */
uint64_t arm(struct trial *trial, const struct sqe *sqe);

/* Registers @fd as the first of two fixed files, the second being empty. 0 or a negative errno. */
int register_file(struct ring *ring, int fd);

/* Makes a second ring, to be the target or the source of messages. 0 or a negative errno. */
int second_ring(struct trial *trial, struct ring *ring);

/*
 * A place for files: a folder of its own in $TMPDIR, /tmp or the working folder. Where it may not
 * make a folder, names with a prefix of its own. Returns the path of @name in it, which need not
 * exist. The names are those that scratch.c removes at the end.
 */
const char *scratch_path(struct trial *trial, const char *name);

/* The scratch folder itself. */
const char *scratch_folder(struct trial *trial);

/* Makes a file of 16 bytes there. */
const char *scratch_file(struct trial *trial, const char *name);

/* A descriptor of such a file, or of the file named by the first argument; -1 if there is none. */
int scratch_open(struct trial *trial, int flags);

/* Removes all that was made there. */
void scratch_clean(void);

/* Takes it that another process has removed it. */
void scratch_forget(void);

#endif
