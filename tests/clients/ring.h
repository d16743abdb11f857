// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An io_uring, driven by the three raw system calls.
 *
 * liburing hides set-up flags, registered descriptors and submission order, and its older releases
 * know none of the newer ones. A hostile program has all of them at hand, so these clients do too.
 */
#ifndef TESTS_CLIENTS_RING_H
#define TESTS_CLIENTS_RING_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include "abi.h"

/* No completion came in time. Not a negative errno, which start at -4095. */
#define RESULT_TIMEOUT INT_MIN

#define RING_ENTRIES 16
#define RING_SEEN_MAX 64

/* A request in passing: REQUEST(.fd = fd, .len = 1). */
#define REQUEST(...) (&(struct sqe){ __VA_ARGS__ })

struct ring {
	int fd; /* -1 if none; an index if @registered */
	bool registered;
	bool enter_failed; /* the last failure was io_uring_enter's, not a request's */
	unsigned int setup_flags;
	unsigned char *rings; /* mapped: both rings, and @sqes */
	size_t rings_size, sqes_size;
	unsigned int sq_entries, cq_entries;
	unsigned int *sq_head, *sq_tail, *sq_flags, *sq_array;
	unsigned int sq_mask;
	unsigned int tail; /* of what was pushed; the kernel sees it at the submission */
	unsigned int *cq_head, *cq_tail;
	unsigned int cq_mask;
	unsigned char *sqes, *cqes;
	size_t sqe_size, cqe_size;
	uint64_t last_user_data;
	struct cqe seen[RING_SEEN_MAX]; /* the latest completions */
	unsigned int seen_count;
};

/*
 * Makes a ring with the set-up flags @flags; SETUP_NO_MMAP is given its memory here.
 * A ring with SETUP_R_DISABLED has to be enabled by the caller. Returns 0 or a negative errno.
 */
int ring_make(struct ring *ring, unsigned int flags);

/*
 * The same with @entries SQEs and @cq_entries CQEs, 0 being the kernel's choice (twice as many).
 * The kernel rounds both up to powers of two.
 */
int ring_make_sized(struct ring *ring, unsigned int entries, unsigned int cq_entries,
		    unsigned int flags);

/*
 * Gives the ring another size (SETUP_DEFER_TASKRUN only) and maps it anew. What is in the rings
 * moves along. Returns 0 or a negative errno.
 */
int ring_resize(struct ring *ring, unsigned int entries, unsigned int cq_entries);

/*
 * Maps the ring behind the descriptor @fd, which another program made.
 * It must be a plain one of 64-byte SQEs and 16-byte CQEs. Returns 0 or a negative errno.
 */
int ring_adopt(struct ring *ring, int fd);

/*
 * Registers the ring's descriptor with the calling thread and closes it, so that only the index
 * is left, which no /proc/PID/fd shows. Returns 0 or a negative errno.
 */
int ring_hide(struct ring *ring);

/* Unmaps the rings. */
void ring_unmap(struct ring *ring);

/* Closes the ring's descriptor. The mappings stay until the program ends. */
void ring_close(struct ring *ring);

/* io_uring_register on the ring. Returns the call's result or a negative errno. */
int ring_register(struct ring *ring, unsigned int op, const void *arg, unsigned int count);

/* io_uring_register without a ring (descriptor -1). Returns the result or a negative errno. */
int blind_register(unsigned int op, const void *arg, unsigned int count);

/*
 * Puts @sqe at the end of the submission queue without submitting; gives it a user_data of its own,
 * which is returned. @sqe is 64 bytes; the other half of a large SQE is zero.
 */
uint64_t ring_push(struct ring *ring, const struct sqe *sqe);

/*
 * io_uring_enter for @submit of what was pushed, waiting for @wait completions; @flags: ENTER_*.
 * Returns the call's result or a negative errno.
 */
int ring_enter(struct ring *ring, unsigned int submit, unsigned int wait, unsigned int flags);

/* How many SQEs were pushed that the kernel has not taken yet. */
unsigned int ring_unsubmitted(const struct ring *ring);

/* Takes the oldest completion off the ring, if there is one; fillers are passed over. */
bool ring_pop(struct ring *ring, struct cqe *cqe);

/* Submits all that was pushed. Returns 0 or a negative errno of io_uring_enter. */
int ring_submit(struct ring *ring);

/*
 * Waits up to @ms milliseconds for the completion of @user_data; others are kept for later waits.
 * Returns its result, RESULT_TIMEOUT, or a negative errno of io_uring_enter.
 */
int ring_wait(struct ring *ring, uint64_t user_data, int ms);

/* ring_push, ring_submit and ring_wait for a single request, for two seconds. */
int ring_run(struct ring *ring, const struct sqe *sqe);

#endif
