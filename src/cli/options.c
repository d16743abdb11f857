// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "policy/directive_parse.h"
#include "util/nearest.h"

enum row {
	ROW_PROFILE,
	ROW_NO_PROFILE,
	ROW_KEEP_FD,
	ROW_AUDIT,
	ROW_AUDIT_FORMAT,
	ROW_AUDIT_MODE,
	ROW_LEARN,
	ROW_QUIET,
	ROW_VERBOSE,
	ROW_EXPLAIN,
	ROW_CHECK,
	ROW_LIST_DIRECTIVES,
	ROW_LIST_OPS,
	ROW_LIST_PROFILES,
	ROW_HELP,
	ROW_VERSION,
	ROW_COMPLETE,
	ROW_COUNT,
};

const struct option_row option_rows[] = {
	[ROW_PROFILE] = { "profile", 'p', ARGUMENT_REQUIRED, "NAME|FILE",
			  "reads this profile, not the one of the program's name" },
	[ROW_NO_PROFILE] = { "no-profile", 0, ARGUMENT_NONE, NULL,
			     "reads no profile: defaults and the command line only" },
	[ROW_KEEP_FD] = { "keep-fd", 0, ARGUMENT_REQUIRED, "N",
			  "passes descriptor N on, beside 0, 1 and 2" },
	[ROW_AUDIT] = { "audit", 'a', ARGUMENT_OPTIONAL, "FILE",
			"reports what is denied, by system call and by ring, to FILE or here" },
	[ROW_AUDIT_FORMAT] = { "audit-format", 0, ARGUMENT_REQUIRED, "text|json",
			       "how --audit reports: for people, or an object a line" },
	[ROW_AUDIT_MODE] = { "audit-mode", 0, ARGUMENT_REQUIRED, "full|light",
			     "light costs less, and counts what it misses" },
	[ROW_LEARN] = { "learn", 0, ARGUMENT_REQUIRED, "FILE",
			"allows all that may be allowed, and writes the profile it takes" },
	[ROW_QUIET] = { "quiet", 'q', ARGUMENT_NONE, NULL, "prints errors only, no notes" },
	[ROW_VERBOSE] = { "verbose", 'v', ARGUMENT_NONE, NULL,
			  "with --explain, shows every filter's instructions" },
	[ROW_EXPLAIN] = { "explain", 0, ARGUMENT_OPTIONAL, "json",
			  "shows what would be done, and runs nothing" },
	[ROW_CHECK] = { "check", 0, ARGUMENT_OPTIONAL, "json",
			"tells what this kernel can enforce" },
	[ROW_LIST_DIRECTIVES] = { "list-directives", 0, ARGUMENT_NONE, NULL,
				  "shows the directives of profiles" },
	[ROW_LIST_OPS] = { "list-ops", 0, ARGUMENT_NONE, NULL,
			   "shows the operations of io_uring and their groups" },
	[ROW_LIST_PROFILES] = { "list-profiles", 0, ARGUMENT_NONE, NULL,
				"shows the profiles that are found by name" },
	[ROW_HELP] = { "help", 'h', ARGUMENT_NONE, NULL, "shows this" },
	[ROW_VERSION] = { "version", 0, ARGUMENT_NONE, NULL, "shows the version" },
	[ROW_COMPLETE] = { "complete", 0, ARGUMENT_NONE, NULL,
			   "tells a shell what may follow the words behind it" },
	[ROW_COUNT] = { NULL, 0, ARGUMENT_NONE, NULL, NULL },
};

/* Values that getopt_long() returns: rows from here on, then directives. */
#define FIRST_ROW 256

static int getopt_argument(enum directive_argument argument)
{
	switch (argument) {
	case ARGUMENT_NONE:
		return no_argument;
	case ARGUMENT_OPTIONAL:
		return optional_argument;
	case ARGUMENT_REQUIRED:
		break;
	}
	return required_argument;
}

static struct option *make_long_options(struct arena *arena)
{
	size_t count = ROW_COUNT;
	struct option *all;
	struct option *next;

	for (const struct directive *directive = directives; directive->name; directive++)
		count++;
	next = all = arena_alloc(arena, (count + 1) * sizeof(*all));
	for (size_t i = 0; i < ROW_COUNT; i++)
		*next++ = (struct option){ option_rows[i].name,
					   getopt_argument(option_rows[i].argument), NULL,
					   FIRST_ROW + (int)i };
	for (size_t i = 0; directives[i].name; i++)
		*next++ = (struct option){ directives[i].name,
					   getopt_argument(directives[i].argument), NULL,
					   FIRST_ROW + ROW_COUNT + (int)i };
	return all;
}

static const char *make_short_options(struct arena *arena)
{
	/* '+': the first word that is no option is the program; ':': errors are ours to tell. */
	char *letters = arena_alloc(arena, 2 * (size_t)ROW_COUNT + 3);
	char *next = letters;

	*next++ = '+';
	*next++ = ':';
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (!option_rows[i].letter)
			continue;
		*next++ = option_rows[i].letter;
		if (option_rows[i].argument == ARGUMENT_REQUIRED)
			*next++ = ':';
	}
	return letters;
}

static int unknown_option(const char *word, struct error *err)
{
	struct nearest nearest = { 0 };
	char name[64];
	size_t length;

	error_set(err, EINVAL, "unknown option %.64s", word);
	if (strncmp(word, "--", 2))
		return -EINVAL;
	length = strcspn(word + 2, "=");
	if (length >= sizeof(name))
		return -EINVAL;
	memcpy(name, word + 2, length);
	name[length] = '\0';
	nearest.word = name;
	for (size_t i = 0; i < ROW_COUNT; i++)
		nearest_offer(&nearest, option_rows[i].name);
	for (const struct directive *directive = directives; directive->name; directive++)
		nearest_offer(&nearest, directive->name);
	if (nearest.name)
		error_hint(err, "did you mean --%s?", nearest.name);
	else
		error_hint(err, "uring-jail --help shows all options");
	return -EINVAL;
}

static int add_keep_fd(struct options *options, const char *value, struct error *err)
{
	uint64_t number;

	if (!parse_number(value, INT_MAX, &number))
		return error_set(err, EINVAL, "--keep-fd: \"%.32s\" is no descriptor", value);
	*array_push(&options->arena, &options->keep_fds) = (int)number;
	return 0;
}

/* For an action that tells something, as text or as JSON. */
static int set_report(struct options *options, enum action action, const char *name,
		      const char *form, struct error *err)
{
	options->action = action;
	options->json = form && !strcmp(form, "json");
	if (form && !options->json)
		return error_set(err, EINVAL, "--%s: unknown form \"%.32s\", only json", name,
				 form);
	return 0;
}

static int set_choice(bool *second, const char *option, const char *value,
		      const char *const names[2], struct error *err)
{
	*second = !strcmp(value, names[1]);
	if (*second || !strcmp(value, names[0]))
		return 0;
	error_set(err, EINVAL, "--%s: unknown value \"%.32s\"", option, value);
	error_hint(err, "it is %s or %s", names[0], names[1]);
	return -EINVAL;
}

static int set_audit_format(struct options *options, const char *value, struct error *err)
{
	static const char *const formats[] = { "text", "json" };
	bool json;
	int status = set_choice(&json, "audit-format", value, formats, err);

	options->audit = true;
	options->audit_format = json ? AUDIT_JSON : AUDIT_TEXT;
	return status;
}

static int set_audit_mode(struct options *options, const char *value, struct error *err)
{
	static const char *const modes[] = { "full", "light" };

	options->audit = true;
	return set_choice(&options->audit_light, "audit-mode", value, modes, err);
}

static int apply_row(struct options *options, enum row row, const char *value, struct error *err)
{
	switch (row) {
	case ROW_PROFILE:
		options->profile = value;
		break;
	case ROW_NO_PROFILE:
		options->no_profile = true;
		break;
	case ROW_KEEP_FD:
		return add_keep_fd(options, value, err);
	case ROW_AUDIT:
		options->audit = true;
		options->audit_file = value;
		break;
	case ROW_AUDIT_FORMAT:
		return set_audit_format(options, value, err);
	case ROW_AUDIT_MODE:
		return set_audit_mode(options, value, err);
	case ROW_LEARN:
		options->learn = value;
		break;
	case ROW_QUIET:
		options->quiet = true;
		break;
	case ROW_CHECK:
		return set_report(options, ACTION_CHECK, option_rows[row].name, value, err);
	case ROW_EXPLAIN:
		return set_report(options, ACTION_EXPLAIN, option_rows[row].name, value, err);
	case ROW_VERBOSE:
		options->verbose = true;
		break;
	case ROW_LIST_DIRECTIVES:
		options->action = ACTION_LIST_DIRECTIVES;
		break;
	case ROW_LIST_OPS:
		options->action = ACTION_LIST_OPS;
		break;
	case ROW_LIST_PROFILES:
		options->action = ACTION_LIST_PROFILES;
		break;
	case ROW_HELP:
		options->action = ACTION_HELP;
		break;
	case ROW_VERSION:
		options->action = ACTION_VERSION;
		break;
	case ROW_COMPLETE:
		options->action = ACTION_COMPLETE;
		break;
	case ROW_COUNT:
		break;
	}
	return 0;
}

static int row_of_letter(int letter)
{
	for (int i = 0; i < ROW_COUNT; i++)
		if (option_rows[i].letter == letter)
			return FIRST_ROW + i;
	return -1;
}

/*
 * getopt_long() takes any unambiguous beginning of a name. A script that relied on one would break
 * with the next directive, or mean another one: names are to be whole.
 */
static bool is_whole_name(const char *word, const char *name)
{
	return strncmp(word, "--", 2) || strcspn(word + 2, "=") == strlen(name);
}

static int apply_option(struct options *options, int value, const char *word,
			const struct option *all, struct error *err)
{
	if (value == ':')
		return error_set(err, EINVAL, "option %.64s needs a value", word);
	if (value != '?' && value < FIRST_ROW)
		value = row_of_letter(value);
	if (value < FIRST_ROW || !is_whole_name(word, all[value - FIRST_ROW].name))
		return unknown_option(word, err);
	if (value < FIRST_ROW + ROW_COUNT)
		return apply_row(options, (enum row)(value - FIRST_ROW), optarg, err);
	*array_push(&options->arena, &options->directives) = (struct option_directive){
		.name = all[value - FIRST_ROW].name,
		.value = optarg ? optarg : "",
	};
	return 0;
}

int options_parse(struct options *options, int argc, char **argv, struct error *err)
{
	struct option *all = make_long_options(&options->arena);
	const char *letters = make_short_options(&options->arena);

	opterr = 0;
	for (;;) {
		const char *word = optind < argc ? argv[optind] : "";
		int value = getopt_long(argc, argv, letters, all, NULL);
		int status;

		if (value < 0)
			break;
		status = apply_option(options, value, word, all, err);
		if (status < 0)
			return status;
	}
	options->program = argv + optind;
	return 0;
}

void options_free(struct options *options)
{
	arena_free(&options->arena);
}

static void print_row(FILE *out, char letter, const char *name, enum directive_argument argument,
		      const char *argument_name, const char *summary)
{
	char left[96];
	const char *open = argument == ARGUMENT_OPTIONAL ? "[=" : "=";
	const char *close = argument == ARGUMENT_OPTIONAL ? "]" : "";
	int width = 34;

	snprintf(left, sizeof(left), "%c%c%c --%s%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
		 letter ? ',' : ' ', name, argument_name ? open : "",
		 argument_name ? argument_name : "", argument_name ? close : "");
	if ((int)strlen(left) >= width)
		fprintf(out, "  %s\n  %*s %s\n", left, width, "", summary);
	else
		fprintf(out, "  %-*s %s\n", width, left, summary);
}

void options_print_help(FILE *out)
{
	fputs("Usage: uring-jail [OPTION...] [--] PROGRAM [ARGUMENT...]\n"
	      "Runs PROGRAM in a sandbox that holds for io_uring as well as for system calls.\n\n"
	      "Options:\n",
	      out);
	for (const struct option_row *row = option_rows; row->name; row++)
		print_row(out, row->letter, row->name, row->argument, row->argument_name,
			  row->summary);
	fputs("\nDirectives, as in profiles (without \"--\", and a blank for \"=\"):\n", out);
	for (const struct directive *row = directives; row->name; row++)
		print_row(out, 0, row->name, row->argument, row->argument_name, row->summary);
	fputs("\nPROGRAM may be left out with --explain where --profile or --no-profile is given.\n"
	      "\nExit status: PROGRAM's; 128+N where signal N ended it; 125 where nothing was "
	      "run,\n"
	      "126 where PROGRAM could not be executed, 127 where it was not found.\n",
	      out);
}
