/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdio.h>

#include "policy/profile_list.h"
#include "sandbox/check.h"

/* Text and JSON of what uring-jail tells without running anything. */

void report_check(FILE *out, const struct check *check);
void report_check_json(FILE *out, const struct check *check);
void report_directives(FILE *out); /* --list-directives */
void report_ops(FILE *out);	   /* --list-ops */
void report_profiles(FILE *out, const struct profile_list *list);

#endif
