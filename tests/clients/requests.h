// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The requests that load sends: what a policy lets, and what it denies, with arguments of their own
 * each, so that a log of denials can be held against what was really sent.
 *
 * The policy is: protocol unix, uring.open read, uring.deny unlinkat,renameat,connect.
 */
#ifndef TESTS_CLIENTS_REQUESTS_H
#define TESTS_CLIENTS_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include "abi.h"

/* What a completion must say. */
enum expectation {
	EXPECT_SUCCESS,
	EXPECT_DENIED,	 /* by the policy: EACCES */
	EXPECT_MISSING,	 /* ENOENT */
	EXPECT_NO_RIGHT, /* EACCES by the file's permissions, or success for who has every right */
	EXPECT_INJECTED, /* EACCES that the request itself asked for */
	EXPECT_CANCELED, /* it is in a chain with a denied one */
};

struct how {
	uint64_t flags, mode, resolve;
};

/* A request, and the memory that it points to until it is complete. */
struct request {
	struct sqe sqe;
	enum expectation expectation;
	bool gives_fd;		  /* its result is a descriptor, to be closed */
	bool pending;		  /* its completion is awaited */
	bool swallowed;		  /* there will be none */
	struct request *swallows; /* a denied one whose completion this one's chain swallows */
	char path[80], second_path[88], buffer[16];
	struct sockaddr_storage address;
	struct how how;
	char truth[400]; /* what it asks for, as members of a JSON object; "" if it is not denied */
};

/* What requests are made from. */
struct source {
	uint64_t random;	       /* state; not 0 */
	unsigned int name;	       /* of whose requests these are: part of all arguments */
	int zero_fd, null_fd, unix_fd; /* /dev/zero, /dev/null and a unix socket */
	const char *readable;	       /* a file that may be read */
	const char *forbidden;	       /* one that lacks permission, or NULL */
	bool inject;		       /* also requests that just say EACCES */
	bool nops;		       /* of what is allowed, NOP alone */
	bool large_cqes;	       /* some completions are to be large ones (SETUP_CQE_MIXED) */
};

/* A number below @limit. */
unsigned int source_random(struct source *source, unsigned int limit);

/* Makes @request number @number, one that the policy lets. */
void request_allowed(struct source *source, struct request *request, unsigned int number);

/* One that the policy denies, and that differs from all others in its arguments. */
void request_denied(struct source *source, struct request *request, unsigned int number);

/* A NOP that takes its part in a chain, with SQE_* @flags. */
void request_nop(struct request *request, unsigned int flags, enum expectation expectation);

/* Whether @result is what was expected. */
bool request_as_expected(const struct request *request, int result);

#endif
