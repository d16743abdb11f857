/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_LOG_H
#define AUDIT_LOG_H

#include <stdint.h>

#include "audit/record.h"
#include "policy/plan.h"
#include "util/error.h"

/*
 * Where records go: text for people or one JSON object a line, to a file or standard error.
 *
 * Whoever writes a record never waits for who reads it: records go through a queue of bounded size
 * that a thread of its own empties. What finds the queue full, or a full disk, or a pipe that
 * nobody reads any more, is counted as lost.
 *
 * The first of equal denials (all but time and pid the same) is written at once; the repeats that
 * follow are counted, and written as one record with a count, every second and at the end.
 */

enum audit_format {
	AUDIT_TEXT,
	AUDIT_JSON,
};

struct audit_log;

/* What the supervisor could not see, for the summary. All counts. */
struct audit_losses {
	uint64_t completions; /* gone from a completion queue before they were read */
	uint64_t requests;    /* whose SQE could not be read in time */
	uint64_t rings;	      /* that could not be opened or mapped */
	uint64_t overflows;   /* that the kernel itself dropped (CQ overflow, SQ dropped) */
	uint64_t waiting; /* denials that were told before their completion was seen: too many */
	const char *why_rings; /* of the last of @rings; NULL: none */
};

/*
 * Opens @file for appending (created with mode 0600), or with NULL takes standard error. To be
 * called before the jail is started: it fails where the file cannot be written, with a hint. A
 * symbolic link is refused, since a program that was jailed in its folder may have made it.
 * Starts no thread yet.
 */
int audit_log_open(struct audit_log **log, const char *file, enum audit_format format,
		   const struct plan *plan, struct error *err);

/* The descriptor that must stay open; -1: none of its own, just standard error. */
int audit_log_fd(const struct audit_log *log);

/* Starts the writing thread: after the jail was cloned, since that needs a single thread. */
int audit_log_start(struct audit_log *log, struct error *err);

/* Never blocks and never fails. All puts and notes are one thread's, which closes the log too. */
void audit_log_put(struct audit_log *log, const struct audit_record *record);

/* A line that is no denial, such as "tracepoint io_uring_req_failed agrees"; never blocks. */
void audit_log_note(struct audit_log *log, const char *text);

/*
 * Writes what is pending, then the summary: denials by operation with counts, what was lost or
 * uncertain, and for each distinct denial the profile line that would allow it, or why none
 * should. Waits for a reader that does not read for two seconds at the most, for one that is slow
 * for ten. Frees @log.
 * @losses may be NULL. Returns how many records, at least, could not be written.
 */
uint64_t audit_log_close(struct audit_log *log, const struct audit_losses *losses);

#endif
