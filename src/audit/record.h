/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_RECORD_H
#define AUDIT_RECORD_H

#include <linux/audit.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

/*
 * One denial, as the supervisor saw it. Plain data: strings are whoever's made the record, and
 * live as long as the call that it is handed to.
 */

/* The kernel's audit has a number of that name, which is not meant here. */
#undef AUDIT_BY_CALL

enum audit_gate {
	AUDIT_BY_RING,   /* an SQE: @number is its opcode */
	AUDIT_BY_CALL, /* @number is the system call's */
};

/* Who said no. */
enum audit_cause {
	AUDIT_POLICY,	  /* the plan: @rule tells which part of it */
	AUDIT_PERMISSION, /* the plan allows it: the object's own permissions, or Landlock */
	AUDIT_UNKNOWN,	  /* cannot be told: the request was not seen, or a jail inside denied it */
};

/* How sure that is. Of system calls everything is confirmed: the supervisor itself answers them. */
enum audit_certainty {
	AUDIT_CONFIRMED, /* the request was seen before, and its completion said so */
	AUDIT_PREDICTED, /* the request was seen and the filters deny it; no completion was seen */
	AUDIT_UNMATCHED, /* a completion said so; the request was not seen before */
};

/* What a person asks for. What an operation does not have is absent: NULL, -1 or false. */
struct audit_arguments {
	const char *path;	 /* as the program gave it; NULL: none, or it could not be read */
	const char *second_path; /* of rename, link, symlink */
	bool has_flags;
	uint64_t flags; /* of open, rename, unlink...: as the program gave them */
	bool has_mode;
	uint64_t mode;
	bool has_resolve;
	uint64_t resolve; /* RESOLVE_* */
	bool has_socket;
	int family; /* AF_* */
	int type;   /* SOCK_*, with SOCK_CLOEXEC and the like */
	int protocol;
	bool has_address;
	struct sockaddr_storage address;
	socklen_t address_length;
	int fd;			/* that it acts on, or a path starts from; -1: none */
	bool fixed;		/* @fd is a slot of the ring's fixed files */
	const char *fd_target;	/* what it refers to, as in /proc/PID/fd; NULL: not known.
				 * Without an @fd, the working folder that @path starts from. */
	const char *operation;	/* of io_uring_register, ioctl; an attribute's name; NULL: none */
	unsigned int sqe_flags; /* of an SQE: IOSQE_* */
	/* The other arguments that are numbers, in their order; of a system call that is not
	 * known, or of another architecture, all six. */
	unsigned int raw_count;
	uint64_t raw[6];
};

struct audit_record {
	struct timespec time; /* CLOCK_REALTIME */
	pid_t pid;	      /* of the process, as seen from outside the jail */
	const char *program;  /* the name of its executable or thread; NULL: it was gone */
	enum audit_gate gate;
	unsigned int number;
	const char *name; /* of the opcode or system call; NULL: not known */
	struct audit_arguments arguments;
	int error; /* what the program was told: a positive errno; 0: it was killed */
	enum audit_cause cause;
	enum audit_certainty certainty;
	const char *rule; /* why, as --explain says it, with FILE:LINE; NULL: not the policy */
};

#endif
