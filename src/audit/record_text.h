/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_RECORD_TEXT_H
#define AUDIT_RECORD_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "audit/record.h"

struct audit_style {
	bool coloured;
	bool timed; /* a file is read later: when it was is told there, and not on a terminal */
};

/* One line, its newline included, of @count equal denials. */
void record_text(FILE *out, const struct audit_record *record, uint64_t count,
		 struct audit_style style);

/* One line, its newline included, that tells of no denial. */
void audit_note_text(FILE *out, const char *note, struct audit_style style);

/* What was asked for: "io_uring socket(AF_INET, SOCK_STREAM, 0)". */
void record_request_text(FILE *out, const struct audit_record *record);

#endif
