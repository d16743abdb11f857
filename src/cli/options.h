/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "audit/log.h"
#include "policy/directive.h"
#include "util/error.h"

enum action {
	ACTION_RUN,
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_CHECK,
	ACTION_EXPLAIN,
	ACTION_LIST_DIRECTIVES,
	ACTION_LIST_OPS,
	ACTION_COMPLETE,
	ACTION_LIST_PROFILES,
};

/* A directive given as --NAME[=VALUE]; it is applied once the profile has been read. */
struct option_directive {
	const char *name;
	const char *value; /* "" where none was given */
};

/* The command line, taken apart. Strings are argv's; the arrays are @arena's. */
struct options {
	struct arena arena;
	enum action action;
	bool json; /* of ACTION_CHECK and ACTION_EXPLAIN */
	bool quiet;
	bool verbose;
	bool no_profile;
	bool audit;
	const char *audit_file; /* NULL: standard error */
	enum audit_format audit_format;
	bool audit_light;
	const char *learn;   /* the profile to write; NULL: none */
	const char *profile; /* NULL: chosen by the program's name */
	ARRAY(struct option_directive) directives;
	ARRAY(int) keep_fds;
	char **program; /* and its arguments; NULL-terminated, empty if none was named */
};

/* One option of the program's own: what is not a directive. */
struct option_row {
	const char *name; /* NULL ends the table */
	char letter;	  /* 0: none */
	enum directive_argument argument;
	const char *argument_name;
	const char *summary;
};

extern const struct option_row option_rows[];

int options_parse(struct options *options, int argc, char **argv, struct error *err);
void options_free(struct options *options);

/* The text of --help, made from both tables. */
void options_print_help(FILE *out);

#endif
