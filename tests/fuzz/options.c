// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The command line, a word a line: it is refused with a message, or taken apart, and its directives
 * are refused or applied.
 */
#include <getopt.h>

#include "cli/options.h"
#include "fuzz/fuzz.h"
#include "policy/profile.h"

#define WORDS 64

static void apply_directives(const struct options *options)
{
	const struct profile_source source = {
		.macros = { .home = "/home/user", .cwd = "/home/user/work" },
	};
	struct policy policy = { .name = command_line };
	struct error err = { 0 };

	for (size_t i = 0; i < options->directives.count; i++) {
		const struct option_directive *directive = &options->directives.items[i];
		int status =
			profile_apply(&policy, &source, directive->name, directive->value, &err);

		expect(status <= 0 && !status == !err.message[0], "status %d, message \"%s\"",
		       status, err.message);
		if (status < 0)
			break;
	}
	policy_free(&policy);
}

static void parse(int argc, char **argv)
{
	struct options options = { 0 };
	struct error err = { 0 };
	int status;

	optind = 0; /* glibc: start anew */
	status = options_parse(&options, argc, argv, &err);
	expect(status <= 0 && !status == !err.message[0], "status %d, message \"%s\"", status,
	       err.message);
	if (status == 0) {
		expect(options.program > argv && options.program <= argv + argc, "no program");
		apply_directives(&options);
	}
	options_free(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char *words[WORDS + 2] = { (char[]){ "uring-jail" } };
	int count = 1;

	take(&(struct input){ data, size }, text, size);
	text[size] = '\0';
	for (char *word = text; word && count <= WORDS; count++) {
		words[count] = word;
		word = strchr(word, '\n');
		if (word)
			*word++ = '\0';
	}
	parse(count, words);
	free(text);
	return 0;
}
