/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_ADVISER_H
#define AUDIT_ADVISER_H

#include "audit/record.h"
#include "policy/plan.h"
#include "util/alloc.h"

/* Advice being collected for one record: the parts of audit_advice(). */
struct adviser {
	const struct audit_record *record;
	const struct plan *plan;
	struct arena *arena;
	const char *lines; /* NULL: none yet */
	const char *why;   /* the first thing to be said against them, or for there being none */
	bool none;	   /* there is no advice, whatever @lines are */
};

/* One line more. @origin is of what it outdoes: of the command line's word, it is an option. */
void advise_line(struct adviser *a, const struct origin *origin, const char *directive,
		 const char *value);

/* Something that speaks against the lines. */
void advise_against(struct adviser *a, const char *why);

/* There is no line. */
void advise_none(struct adviser *a, const char *why);

/* @list, and behind it @name. */
const char *advise_list(struct adviser *a, const char *list, const char *name);

/* Allows those calls of @names (each ended by NUL, an empty one ends all) that are not. */
void advise_calls(struct adviser *a, const char *names);

/* Allows sockets of @family and @type; nothing if `protocol` has it already. */
void advise_family(struct adviser *a, int family, int type);

/* The file of a foreign policy denies it. */
void advise_foreign(struct adviser *a);

/* The record's system call, or its operation of io_uring. */
void advise_syscall(struct adviser *a);
void advise_uring(struct adviser *a);

#endif
