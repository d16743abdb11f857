/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_ADVICE_H
#define AUDIT_ADVICE_H

#include "audit/record.h"
#include "policy/plan.h"
#include "util/alloc.h"

/*
 * The profile line that would allow what @record tells of, as it would stand in a profile, or NULL
 * with *@why set to why none should (it leads out of every jail) or can (it is no policy's denial).
 * Strings are @arena's or static.
 */
const char *audit_advice(const struct audit_record *record, const struct plan *plan,
			 struct arena *arena, const char **why);

#endif
