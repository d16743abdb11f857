/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_RING_H
#define AUDIT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "audit/sqe.h"

/*
 * The queues of somebody else's ring, read from outside. The program can write to most of that
 * memory at any time: what is read is bounded by what the kernel told, never by what lies there.
 */

/* Where things lie in the rings' shared memory, the same for every ring of a kernel. */
struct ring_layout {
	uint32_t sq_head;
	uint32_t sq_tail;
	uint32_t cq_tail;
	uint32_t cq_overflow;
	uint32_t sq_dropped;
	uint32_t cqes;
	uint32_t wide_cqes; /* what the kernel leaves before 32-byte CQEs in its sums of sizes */
};

/* Learned by making a ring of our own. Returns 0 or a negative errno. */
int ring_layout_learn(struct ring_layout *layout);

/* What io_uring_setup(2) was asked for. */
struct ring_setup {
	uint32_t flags; /* URING_SETUP_* */
	uint32_t sq_entries;
	uint32_t cq_entries;
	uint64_t rings; /* NO_MMAP: where they lie in the program's memory */
	uint64_t sqes;
};

/* From the call's first argument and what lay at its second; false: the kernel will refuse it. */
bool ring_setup_read(pid_t tid, uint32_t entries, uint64_t params, struct ring_setup *setup);

struct ring {
	int fd; /* ours, of the same ring; -1: it has none, only registered indices */
	struct ring_setup setup;
	const struct ring_layout *layout;
	const uint8_t *rings; /* mapped; NULL: read from @memory_of */
	size_t rings_size;
	const uint8_t *sqes;
	size_t sqes_size;
	pid_t memory_of; /* a thread whose memory holds them */
	uint32_t taken;	 /* the position in the SQ up to which requests were seen */
	uint32_t read;	 /* the position in the CQ up to which completions were read */
	uint32_t found;	 /* the SQE that ring_find() found last */
};

/*
 * Opens the queues of @ring, whose @fd or @memory_of and @setup are filled in. What is in the
 * completion queue already counts as read. Returns 0, or -1 with @why set (static).
 */
int ring_open(struct ring *ring, const struct ring_layout *layout, const char **why);
void ring_close(struct ring *ring); /* closes @fd too */

/* Its sizes have changed (RESIZE_RINGS): opens the queues anew, at the same positions. */
int ring_reopen(struct ring *ring, const char **why);

/* The requests that wait for submission and were not seen before. */
typedef void (*ring_request)(void *context, const struct audit_sqe *sqe);
void ring_take(struct ring *ring, uint32_t to_submit, ring_request request, void *context);

/* Any entry of the SQE array, whatever its state. False: there is none of that number. */
bool ring_entry(const struct ring *ring, uint32_t index, struct audit_sqe *sqe);

/*
 * The SQE of that user_data, whatever its state. Searching goes on where the last one was found,
 * since equal user_data comes in the order of submission. @steps goes down by one for each entry
 * that is looked at, to none at the least: the program decides how often there is something to
 * find.
 */
bool ring_find(struct ring *ring, uint64_t user_data, unsigned int *steps, struct audit_sqe *sqe);

/* The completions since the last time. Returns how many were lost because nobody read in time. */
typedef void (*ring_completion)(void *context, uint64_t user_data, int32_t result);
uint64_t ring_read(struct ring *ring, ring_completion completion, void *context);

/* What the kernel itself counted as dropped or overflown. */
uint32_t ring_overflows(const struct ring *ring);

#endif
