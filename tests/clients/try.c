// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * try: tries named operations, through io_uring or by the system call that does the same, and
 * prints what came of each.
 *
 *   try [-m MODE]... [--fd N] GATE OP [ARG...] [-- GATE OP [ARG...]]...
 *   try [-m MODE]... [--fd N] all [ring|call]
 *   try list [GATE]
 *
 * GATE
 *   ring            through an SQE
 *   call            by the equivalent system calls; the first one refused counts
 *   register        by io_uring_register on a ring
 *   blind-register  by io_uring_register without one (descriptor -1)
 *
 * Output: one line for each operation,
 *   GATE OP ARG...: RESULT [(REMARK)]
 * with RESULT one of
 *   ok              the kernel did it. Where its proof is an errno (a timeout's ETIME, EAGAIN of
 *                   a futex with another value), that errno is "ok".
 *   EACCES...       the name of the errno
 *   none            no system call does this (a NOP, a cancellation)
 *   TIMEOUT         nothing came within 2 seconds
 *   KILLED-SIGSYS   the process that tried it was killed by that signal
 * The REMARK says what the operation lacked, as "no file: open EPERM". An operation that lacks its
 * object is tried all the same: what is allowed then shows EBADF or the like, what is denied shows
 * the denial, since seccomp and io_uring filters come before the lookup of descriptors and paths.
 * Where there is no ring the line is "ring setup: ERRNO".
 *
 * Exit status: 0 all ok or none, 1 something was refused, 2 usage, 3 no ring.
 *
 * System calls are tried in a forked child, requests in this process unless a mode says otherwise;
 * "all" gives every operation a child of its own.
 *
 * Without any policy every operation is "ok" both ways, but for these:
 *   recv_zc         EINVAL, since the kernel refuses it before the filters see it, unless there is
 *                   a receive queue. One without a network card can be made by root, in the first
 *                   user namespace, from 7.1 on; there it is ok, or EACCES if filtered.
 *                   Restrictions come first: by those it is EACCES everywhere.
 *   link_timeout    EACCES is this program's conclusion: the kernel says ECANCELED
 *   msg_ring, fixed_fd_install    EINVAL and EPERM with the mode personality, filtered or not
 *   uring_cmd getsockname         EOPNOTSUPP on 6.18 and older
 *   fsetxattr and its like        EOPNOTSUPP where the file system has no user attributes
 *   opcodes newer than the kernel EINVAL
 *
 * MODE, where
 *   thread          in a new thread
 *   fork            in a forked child
 *   keep            in a forked child, on a ring that its parent made
 *   exec            after executing itself
 *   hole            after making a ring, using it, and executing itself (CVE-2026-80713)
 *   hole-unused     the same without using the ring
 * on which ring
 *   sqpoll disabled defer nommap sqe128 cqe32 no-sqarray cqe-mixed sqe-mixed
 *                   set up with that flag. One that starts disabled first tries to have its
 *                   restrictions reset and widened; register then acts on it while disabled.
 *   registered      known by its registered index only
 *   --fd N          the ring behind the inherited descriptor N (see ringpass)
 * by which request
 *   link hardlink   second in a chain, after a NOP
 *   async drain     with that flag
 *   personality     with a registered personality
 *   fixed           on a fixed file, where the operation takes a descriptor
 *   msgring         on a fixed file that another ring sent by MSG_RING
 *   slot            makes a fixed file, where the operation makes a descriptor
 *
 * ARG, all optional (see "try list"):
 *   openat, openat2 FLAGS [PATH]    FLAGS of: read write rdwr create trunc tmpfile append
 *                                   directory path excl nofollow nonblock cloexec, for openat2
 *                                   also beneath no-symlinks in-root no-xdev no-magiclinks
 *   socket FAMILY[,TYPE[,cloexec][,nonblock]][,PROTOCOL]    names or numbers
 *   connect, bind, send, sendmsg, send_zc, sendmsg_zc, sendto, fastopen ADDRESS [OPTION...]
 *       ADDRESS of: 1.2.3.4:PORT [::1]:PORT unix:PATH unix:@ABSTRACT unspec
 *       OPTION of: udp, short (an IPv6 address of 24 bytes), own (make a listener there first;
 *       PORT 0 does so on a free port), fastopen (connect by sending)
 *   uring_cmd inq|outq|getsockopt|setsockopt|getsockname    to a socket
 *   msg_ring data|fd    a message, or a descriptor, to a second ring
 *   flags LIST      a NOP with these SQE flags: fixed-file drain link hardlink async buffer-select
 *                   skip-success
 *   most file operations take the PATH of the file to act on
 *
 * Operations without an equivalent in io_uring, for the system-call gate alone, are listed by
 * "try list call".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "run.h"
#include "words.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

struct settings {
	unsigned int modes;
	unsigned int setup_flags;
	int ring_fd;
};

static const struct {
	const char *name;
	unsigned int mode;
	unsigned int setup_flags;
} modes[] = {
	{ "thread", MODE_THREAD, 0 },
	{ "fork", MODE_FORK, 0 },
	{ "keep", MODE_KEEP, 0 },
	{ "exec", MODE_EXEC, 0 },
	{ "hole", MODE_HOLE, 0 },
	{ "hole-unused", MODE_HOLE_UNUSED, 0 },
	{ "sqpoll", 0, SETUP_SQPOLL },
	{ "disabled", MODE_DISABLED, SETUP_R_DISABLED },
	{ "defer", 0, SETUP_DEFER_TASKRUN | SETUP_SINGLE_ISSUER },
	{ "nommap", 0, SETUP_NO_MMAP },
	{ "sqe128", 0, SETUP_SQE128 },
	{ "cqe32", 0, SETUP_CQE32 },
	{ "no-sqarray", 0, SETUP_NO_SQARRAY },
	{ "cqe-mixed", 0, SETUP_CQE_MIXED },
	{ "sqe-mixed", 0, SETUP_SQE_MIXED },
	{ "registered", MODE_REGISTERED, 0 },
	{ "link", MODE_LINK, 0 },
	{ "hardlink", MODE_HARDLINK, 0 },
	{ "async", MODE_ASYNC, 0 },
	{ "drain", MODE_DRAIN, 0 },
	{ "personality", MODE_PERSONALITY, 0 },
	{ "fixed", MODE_FIXED, 0 },
	{ "msgring", MODE_MSGRING, 0 },
	{ "slot", MODE_SLOT, 0 },
};

static const struct op *const ring_tables[] = { file_ops, path_ops, net_ops, misc_ops, NULL };
static const struct op *const call_tables[] = {
	file_ops, path_ops, net_ops, misc_ops, hostile_ops, NULL,
};
static const struct op *const register_tables[] = { register_ops, NULL };
static const struct op *const blind_tables[] = { blind_ops, NULL };

static const struct {
	const char *name;
	enum gate gate;
	const struct op *const *tables;
} gates[] = {
	{ "ring", GATE_RING, ring_tables },
	{ "call", GATE_CALL, call_tables },
	{ "register", GATE_REGISTER, register_tables },
	{ "blind-register", GATE_BLIND_REGISTER, blind_tables },
};

static int usage(const char *what, const char *name)
{
	fprintf(stderr, "try: %s: %s\n", what, name);
	fprintf(stderr, "usage: try [-m MODE]... [--fd N] GATE OP [ARG...] [-- GATE OP...]\n"
			"       try [-m MODE]... all [GATE]\n"
			"       try list [GATE]\n");
	return STATUS_USAGE;
}

static bool add_mode(const char *name, struct settings *settings)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (!strcmp(modes[i].name, name)) {
			settings->modes |= modes[i].mode;
			settings->setup_flags |= modes[i].setup_flags;
			return true;
		}
	}
	return false;
}

static int find_gate(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(gates); i++)
		if (!strcmp(gates[i].name, name))
			return (int)i;
	return -1;
}

static const struct op *find_op(const struct op *const *tables, const char *name)
{
	for (; *tables; tables++)
		for (const struct op *op = *tables; op->name; op++)
			if (!strcmp(op->name, name))
				return op;
	return NULL;
}

static const struct op *find_opcode(unsigned int opcode)
{
	for (const struct op *const *tables = ring_tables; *tables; tables++)
		for (const struct op *op = *tables; op->name; op++)
			if (op->number == opcode && !(op->flags & VARIANT))
				return op;
	return NULL;
}

static void prepare(struct trial *trial, enum gate gate, const struct op *op,
		    const struct settings *settings)
{
	memset(trial, 0, sizeof(*trial));
	trial->gate = gate;
	trial->op = op;
	trial->modes = settings->modes;
	trial->setup_flags = settings->setup_flags;
	trial->ring.fd = -1;
}

static enum status highest(enum status one, enum status other)
{
	return one > other ? one : other;
}

static enum status try_all_calls(struct trial *trial, const struct settings *settings)
{
	enum status status = STATUS_OK;

	for (unsigned int opcode = 0; opcode < OP_COUNT; opcode++) {
		prepare(trial, GATE_CALL, find_opcode(opcode), settings);
		status = highest(status, run_in_child(trial, settings->ring_fd));
	}
	return status;
}

static enum status try_all_requests(struct trial *trial, const struct settings *settings)
{
	enum status status = STATUS_OK;

	for (unsigned int opcode = 0; opcode < OP_COUNT; opcode++) {
		prepare(trial, GATE_RING, find_opcode(opcode), settings);
		status = highest(status, run_in_child(trial, settings->ring_fd));
		/* Where a NOP gets no ring nothing does: saying so once will do. */
		if (opcode == OP_NOP && status == STATUS_NO_RING)
			break;
	}
	return status;
}

static enum status try_all_registrations(struct trial *trial, int index,
					 const struct settings *settings)
{
	enum status status = STATUS_OK;

	for (const struct op *op = gates[index].tables[0]; op->name; op++) {
		prepare(trial, gates[index].gate, op, settings);
		status = highest(status, run_in_child(trial, settings->ring_fd));
		if (op == gates[index].tables[0] && status == STATUS_NO_RING)
			break;
	}
	return status;
}

static enum status try_all(const char *only, struct trial *trial, const struct settings *settings)
{
	enum status status = STATUS_OK;
	int index = only ? find_gate(only) : -1;

	if (only && index < 0)
		return usage("unknown gate", only);
	if (index >= 0 && gates[index].gate != GATE_RING && gates[index].gate != GATE_CALL)
		return try_all_registrations(trial, index, settings);
	if (index < 0 || gates[index].gate == GATE_RING)
		status = highest(status, try_all_requests(trial, settings));
	if (index < 0 || gates[index].gate == GATE_CALL)
		status = highest(status, try_all_calls(trial, settings));
	return status;
}

static enum status list(const char *only)
{
	for (size_t i = 0; i < ARRAY_SIZE(gates); i++) {
		if (only && strcmp(only, gates[i].name) != 0)
			continue;
		for (const struct op *const *tables = gates[i].tables; *tables; tables++)
			for (const struct op *op = *tables; op->name; op++)
				printf("%s %s %s\n", gates[i].name, op->name, op->arguments);
	}
	return STATUS_OK;
}

/* One operation is the words up to the next "--". */
static enum status try_words(int argc, char **argv, struct trial *trial,
			     const struct settings *settings)
{
	const struct op *op;
	int index;

	if (argc < 2)
		return usage("no operation", argc ? argv[0] : "");
	index = find_gate(argv[0]);
	if (index < 0)
		return usage("unknown gate", argv[0]);
	op = find_op(gates[index].tables, argv[1]);
	if (!op)
		return usage("unknown operation", argv[1]);
	prepare(trial, gates[index].gate, op, settings);
	trial->argc = argc - 2;
	trial->argv = argv + 2;
	return run_trial(trial, settings->ring_fd);
}

static enum status try_each(int argc, char **argv, struct trial *trial,
			    const struct settings *settings)
{
	enum status status = STATUS_OK;

	while (argc > 0) {
		int count = 0;

		while (count < argc && strcmp(argv[count], "--") != 0)
			count++;
		status = highest(status, try_words(count, argv, trial, settings));
		argc -= count + 1;
		argv += count + 1;
	}
	return status;
}

/* Reads the options; returns the index of the first other word, or -1. */
static int parse_options(int argc, char **argv, struct settings *settings)
{
	int i = 1;

	for (; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "-m")) {
			if (!add_mode(argv[i + 1], settings))
				return usage("unknown mode", argv[i + 1]), -1;
		} else if (!strcmp(argv[i], "--fd")) {
			settings->ring_fd = number_or_none(argv[i + 1]);
			if (settings->ring_fd < 0)
				return usage("not a descriptor", argv[i + 1]), -1;
		} else {
			break;
		}
	}
	if (i >= argc)
		return usage("no operation", ""), -1;
	return i;
}

/* The new image gets the same words, less those that ask for it. */
static enum status exec_rest(int argc, char **argv, const struct settings *settings)
{
	char **words = calloc((size_t)argc + 1, sizeof(*words));
	int count = 0, error;

	if (!words)
		return STATUS_REFUSED;

	for (int i = 0; i < argc; i++) {
		struct settings one = { 0 };

		if (i + 1 < argc && !strcmp(argv[i], "-m") && add_mode(argv[i + 1], &one) &&
		    one.modes & MODES_EXEC)
			i++;
		else
			words[count++] = argv[i];
	}
	error = exec_again(settings->modes, words);
	printf("exec: %s\n", errno_name(-error));
	free(words);
	return STATUS_REFUSED;
}

int main(int argc, char **argv)
{
	static struct trial trial;
	struct settings settings = { .ring_fd = -1 };
	int first = parse_options(argc, argv, &settings);

	if (first < 0)
		return STATUS_USAGE;
	if (settings.modes & MODES_EXEC)
		return exec_rest(argc, argv, &settings);
	if (!strcmp(argv[first], "list"))
		return list(argv[first + 1]);
	if (!strcmp(argv[first], "all"))
		return try_all(argv[first + 1], &trial, &settings);
	return try_each(argc - first, argv + first, &trial, &settings);
}
