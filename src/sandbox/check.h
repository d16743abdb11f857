/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_CHECK_H
#define SANDBOX_CHECK_H

#include <stdbool.h>

#include "util/alloc.h"
#include "util/error.h"

/* What this kernel can enforce, each fact with how it was found out. */

enum check_state {
	CHECK_YES,
	CHECK_NO,
	CHECK_PARTLY,
};

struct check_line {
	const char *id; /* for programs: "user-namespaces" */
	enum check_state state;
	const char *what; /* for people: what is there, or what is missing */
	const char *how;  /* what was tried or read */
	const char *hint; /* NULL if there is nothing to be done */
};

struct check {
	struct arena arena;
	const char *kernel; /* its release */
	ARRAY(struct check_line) lines;
	bool uring_trusted; /* io_uring filtering can be relied on */
};

/*
 * Makes a jail with all namespaces, empty, and lets go of it. Returns 0, or a negative errno with
 * the cause and the remedy.
 */
int check_namespaces(struct error *err);

/*
 * Finds everything out, by trying it in processes of its own where that is possible.
 * The caller has set no_new_privs.
 */
void check_run(struct check *check);
void check_free(struct check *check);

#endif
