/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_OUTPUT_H
#define AUDIT_OUTPUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

/*
 * A file, pipe, socket or terminal that lines are written to, by one thread. SIGPIPE must be
 * blocked or ignored in that thread.
 */
struct audit_output {
	int fd;
	bool own; /* else standard error itself */
	bool socket;
	bool polled; /* whether there is room is asked first, since a write would wait for it */
	bool dead;   /* nobody reads it any more */
	bool torn;   /* the last line was written in part */
	_Atomic int64_t closing; /* when it began, by audit_now(); 0: not yet */
};

/*
 * Opens @file for appending, or takes standard error (NULL). Where that is a pipe or a terminal it
 * is opened anew, so that it can be made not to wait without changing that for the program too.
 */
int audit_output_open(struct audit_output *output, const char *file, struct error *err);
void audit_output_close(struct audit_output *output);

/*
 * How long the reader is waited for once @closing is set, in nanoseconds: one that takes nothing,
 * and one that takes its time. Until then, for ever.
 */
#define AUDIT_PATIENCE INT64_C(2000000000)
#define AUDIT_PATIENCE_IN_ALL INT64_C(10000000000)

/* Writes a line as a whole, in one write where the other end takes it so. False: it is lost. */
bool audit_output_write(struct audit_output *output, const char *line, size_t length);

/* CLOCK_MONOTONIC, in nanoseconds. */
int64_t audit_now(void);

#endif
