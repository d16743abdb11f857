/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_SUMMARY_H
#define AUDIT_SUMMARY_H

#include <jansson.h>
#include <stdio.h>

#include "audit/log.h"
#include "policy/syscall_number.h"
#include "util/alloc.h"

/* What is told at the end: denials by operation, what was lost, and what would allow them. */

struct audit_counter {
	enum audit_gate gate;
	unsigned int number;
	const char *name; /* NULL: not known */
	uint64_t denials;
	uint64_t by_certainty[3]; /* enum audit_certainty */
	uint64_t by_cause[3];	  /* enum audit_cause */
};

/* Denials that are equal but for time and pid. */
struct audit_distinct {
	const struct audit_record *record;
	uint64_t count;
};

struct audit_summary {
	struct arena arena;
	const struct plan *plan;
	struct audit_losses losses;
	uint64_t lost; /* records that could not be written */
	uint64_t denials;
	uint64_t by_certainty[3];
	uint64_t by_cause[3];
	ARRAY(struct audit_counter) counters;
	unsigned int index[2][SYSCALL_NUMBERS + 1]; /* by gate and number: place in @counters + 1;
						     * the last is of all other numbers */
	ARRAY(struct audit_distinct) distinct;
	uint64_t untold; /* denials beyond those of @distinct: there were too many different ones */
};

/* Counts one denial; its name is copied. */
void audit_summary_count(struct audit_summary *summary, const struct audit_record *record);

void audit_summary_text(FILE *out, struct audit_summary *summary, bool coloured);
json_t *audit_summary_json(struct audit_summary *summary);

#endif
