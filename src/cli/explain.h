/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include "bpf/disasm.h"
#include "cli/screen.h"
#include "policy/plan.h"

/* The plan, for a person, or as JSON. @verbose: with the instructions of every filter. */
void explain_text(FILE *out, const struct plan *plan, bool verbose);
void explain_json(FILE *out, const struct plan *plan);

/* The parts of the text that have files of their own. */
void explain_calls(struct screen *screen, const struct plan *plan, bool verbose);
void explain_uring(struct screen *screen, const struct plan *plan, bool verbose);

/* The instructions of a filter, a line each. */
void explain_program(struct screen *screen, const struct bpf_program *program,
		     const struct bpf_field *fields);

#endif
