/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_LEARN_INTERNAL_H
#define AUDIT_LEARN_INTERNAL_H

#include <sys/stat.h>

#include "audit/learn.h"
#include "audit/learn_notes.h"
#include "policy/mount_view.h"

/* The parts of learning: collecting (learn_collect.c), writing (learn_lines.c and what it calls),
 * and the file (learn.c). */
struct learn {
	struct arena arena;
	struct learn_input input;
	struct learn_notes notes;
	const char *names[SYSCALL_NUMBERS]; /* of the system calls; NULL: unknown here */
	int folder;			    /* of the file, held open */
	const char *folder_path;
	const char *name; /* of the file in it */
	bool existed;
	struct stat stat;     /* if @existed */
	const char *old_text; /* if @existed */
	size_t old_length;
};

#define LEARN_MARK "  # learned: "
#define LEARN_REFUSED 100	  /* comments on what is not granted */
#define LEARN_LENGTH (256 * 1024) /* what one run may add: a profile has 1 MiB at most */

/* A profile being written: what stands in it, what that comes to, and what is added. */
struct learn_draft {
	struct learn *learn;
	struct arena *arena;
	bool fresh;		     /* nothing stands in it yet */
	const char *base;	     /* the text that stands there already */
	struct policy policy;	     /* what @base says */
	struct plan plan;	     /* what it comes to */
	ARRAY(const char *) lines;   /* without newlines; "" is an empty one */
	ARRAY(const char *) refused; /* comments, without "# " */
	bool granted;		     /* @lines has a directive */
	size_t length;		     /* of the directives, bytes */
};

/* Adds "DIRECTIVE VALUE  # learned: COMMENT". */
void learn_add(struct learn_draft *draft, const char *directive, const char *value,
	       const char *comment);
void learn_add_section(struct learn_draft *draft, const char *title);

/* Says, each once and not again where it was said before, what is not granted and why. */
void learn_refuse(struct learn_draft *draft, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "PROGRAM: HOW, N times" */
const char *learn_who_text(struct learn_draft *draft, const struct learn_who *who);

/* Is the line at @origin one that learning wrote, and nobody has changed its comment? */
bool learn_is_learned(const struct learn_draft *draft, const struct origin *origin,
		      const char *comment);

/* The text so far; reads and plans it anew into @draft->policy and @draft->plan. */
const char *learn_text(struct learn_draft *draft);
int learn_replan(struct learn_draft *draft, struct error *err);

/* Each adds the lines of one concern. */
void learn_write_network(struct learn_draft *draft);
void learn_write_calls(struct learn_draft *draft);
void learn_write_uring(struct learn_draft *draft);
void learn_write_denied(struct learn_draft *draft);
int learn_write_files(struct learn_draft *draft, struct error *err);

/* Notes what an executed file's interpreter is, and what the program itself is. */
void learn_note_program(struct learn *learn);
void learn_note_interpreters(struct learn *learn);

#endif
