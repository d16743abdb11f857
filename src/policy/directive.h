/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_DIRECTIVE_H
#define POLICY_DIRECTIVE_H

#include "policy/policy.h"
#include "util/error.h"

/*
 * The one table of directives, for profile files (NAME VALUE) and the command line (--NAME=VALUE)
 * alike. Where the same thing is said twice, the later word counts; lists add up, but what the
 * command line says of a list that narrows replaces what the profile said of it.
 */

enum directive_argument {
	ARGUMENT_NONE,
	ARGUMENT_OPTIONAL,
	ARGUMENT_REQUIRED,
};

/* What ${HOME} and its like stand for. */
struct macros {
	const char *home; /* NULL if there is none: using it is an error */
	const char *cwd;
	const char *runuser; /* /run/user/UID */
	const char *cfg;     /* the folder of the system's profiles */
	const char *path;    /* the launcher's PATH, NULL if there is none */
	const char *config;  /* the user's configuration, ~/.config; NULL if there is none */
};

/* One directive being read. */
struct directive_call {
	const struct directive *directive;
	struct policy *policy;
	const struct macros *macros;
	struct origin origin;
	/* Reads an included profile: set by the reader of profiles, NULL without one. */
	int (*include)(void *context, const char *name, const struct origin *origin,
		       struct error *err);
	void *include_context;
};

struct directive {
	const char *name;
	enum directive_argument argument;
	const char *argument_name; /* for help and completion: PATH, LIST, ... */
	const char *summary;
	/* @value is "" where none was given. @err is set without FILE:LINE; the caller adds it. */
	int (*parse)(const struct directive_call *call, const char *value, struct error *err);
	int detail; /* what tells directives apart that share a parser */
};

extern const struct directive directives[]; /* ends with a NULL name */
extern const char command_line[];	    /* origin.file of what the command line says */

const struct directive *directive_find(const char *name);

/*
 * Looks up @name and parses @value. @call->directive is filled here. Errors are complete: they
 * carry FILE:LINE, and for an unknown name the nearest known one.
 */
int directive_apply(struct directive_call *call, const char *name, const char *value,
		    struct error *err);

#endif
