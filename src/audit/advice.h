/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_ADVICE_H
#define AUDIT_ADVICE_H

#include "audit/record.h"
#include "policy/plan.h"
#include "util/alloc.h"

/*
 * The profile line that would allow what @record tells of, as it would stand at the end of the
 * profile; lines with '\n' between them where it takes more than one. Where the command line itself
 * denies it, which counts more than a profile, a line is an option of it: "--protocol=unix,inet".
 *
 * NULL, with *@why set: none should (it leads out of every jail), none can (it is no policy's
 * denial), or none would (what is to be taken out is named). With a line, *@why is NULL or what
 * speaks against it. Strings are @arena's or static.
 */
const char *audit_advice(const struct audit_record *record, const struct plan *plan,
			 struct arena *arena, const char **why);

#endif
