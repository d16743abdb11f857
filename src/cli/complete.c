// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/complete.h"

#include <dirent.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <unistd.h>

#include "cli/options.h"
#include "policy/names.h"
#include "policy/profile_list.h"
#include "policy/syscall_group.h"
#include "uring/opcode.h"

/* The word being typed: @prefix is settled, the rest, @item, is what candidates begin with. */
struct typed {
	FILE *out;
	const char *prefix;
	size_t prefix_length;
	const char *item;
	const struct profile_source *source;
};

/* Offers @before @word @after if it begins with what is typed; @after does not count. */
static void offer(const struct typed *typed, const char *before, const char *word,
		  const char *after, const char *summary)
{
	struct arena arena = { 0 };
	const char *whole = arena_printf(&arena, "%s%s", before, word);

	if (!strncmp(whole, typed->item, strlen(typed->item)))
		fprintf(typed->out, "%.*s%s%s\t%s\n", (int)typed->prefix_length, typed->prefix,
			whole, after, summary ? summary : "");
	arena_free(&arena);
}

static void offer_word(const struct typed *typed, const char *word, const char *summary)
{
	offer(typed, "", word, "", summary);
}

/* The first @length letters of @text. */
static void offer_first(const struct typed *typed, const char *text, size_t length,
			const char *after)
{
	struct arena arena = { 0 };

	offer(typed, "", arena_strndup(&arena, text, length), after, NULL);
	arena_free(&arena);
}

static void offer_names(const struct typed *typed, const struct name *names)
{
	for (; names->name; names++)
		offer_word(typed, names->name, NULL);
}

/* Settles what is typed up to the last of @separators. */
static void settle(struct typed *typed, const char *separators)
{
	for (const char *next; *(next = typed->item + strcspn(typed->item, separators));) {
		typed->item = next + 1;
		typed->prefix_length = (size_t)(typed->item - typed->prefix);
	}
}

static void say_words(const struct typed *typed)
{
	fputs("words\n", typed->out);
}

static void say_path(const struct typed *typed, const char *kind)
{
	fprintf(typed->out, "%s %.*s\n", kind, (int)typed->prefix_length, typed->prefix);
}

/* What there is for each kind of argument. */

static void complete_nothing(struct typed *typed)
{
	say_words(typed);
}

static void complete_files(struct typed *typed)
{
	say_path(typed, "files");
}

static void complete_folders(struct typed *typed)
{
	say_path(typed, "folders");
}

static void complete_list_of_files(struct typed *typed)
{
	settle(typed, ",");
	say_path(typed, "files");
}

static void complete_operations(struct typed *typed)
{
	settle(typed, ", ");
	say_words(typed);
	for (const struct uring_group *group = uring_groups; group->name; group++)
		offer_word(typed, group->name, group->summary);
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
		offer_word(typed, uring_opcodes[i].name, NULL);
}

static void complete_grants(struct typed *typed)
{
	say_words(typed);
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
		if (uring_opcodes[i].data != DATA_NONE)
			offer_word(typed, uring_opcodes[i].name, NULL);
}

static void complete_registers(struct typed *typed)
{
	const char *name;

	settle(typed, ", ");
	say_words(typed);
	for (unsigned int i = 0; (name = uring_register_name(i)); i++)
		offer_word(typed, name, NULL);
}

static void complete_sqe_flags(struct typed *typed)
{
	settle(typed, ", ");
	say_words(typed);
	offer_word(typed, "none", NULL);
	for (unsigned int bit = 1; bit <= URING_SQE_FLAGS_ALL; bit <<= 1)
		offer_word(typed, uring_sqe_flag_name(bit), NULL);
}

static void complete_rights(struct typed *typed)
{
	settle(typed, ", ");
	say_words(typed);
	offer_names(typed, open_right_names);
	for (const struct name *flag = resolve_names; flag->name; flag++)
		offer(typed, "resolve=", flag->name, "", NULL);
}

/* Calls are in several groups, and are to be offered once. */
struct calls {
	const struct typed *typed;
	struct arena arena;
	ARRAY(const char *) offered;
};

static void offer_call(void *context, const char *name)
{
	const struct syscall_group *group = *name == '@' ? syscall_group_find(name) : NULL;
	struct calls *calls = context;

	for (size_t i = 0; i < calls->offered.count; i++)
		if (!strcmp(calls->offered.items[i], name))
			return;
	*array_push(&calls->arena, &calls->offered) = name;
	offer_word(calls->typed, name, group ? group->summary : NULL);
}

static void complete_calls(struct typed *typed)
{
	struct calls calls = { .typed = typed };

	settle(typed, ", !");
	say_words(typed);
	syscall_names_visit(offer_call, &calls);
	arena_free(&calls.arena);
}

static void complete_families(struct typed *typed)
{
	settle(typed, ", ");
	say_words(typed);
	offer_names(typed, family_names);
}

/* FAMILY/TYPE/PROTOCOL: the next of them by the slashes before it. */
static void complete_sockets(struct typed *typed)
{
	const struct name *const names[] = { family_names, socket_type_names, protocol_names };
	size_t slashes = 0;

	settle(typed, ", ");
	for (const char *slash = typed->item; (slash = strchr(slash, '/')); slash++)
		slashes++;
	settle(typed, "/");
	say_words(typed);
	if (slashes < sizeof(names) / sizeof(names[0]))
		offer_names(typed, names[slashes]);
}

static void complete_namespaces(struct typed *typed)
{
	settle(typed, ", ");
	say_words(typed);
	offer_names(typed, namespace_type_names);
}

static void complete_capabilities(struct typed *typed)
{
	settle(typed, ", ");
	say_words(typed);
	for (cap_value_t cap = 0; cap <= CAP_LAST_CAP; cap++) {
		char *name = cap_to_name(cap);

		if (name && !strncmp(name, "cap_", 4))
			offer_word(typed, name + 4, NULL);
		cap_free(name);
	}
}

static void complete_dropped_capabilities(struct typed *typed)
{
	complete_capabilities(typed);
	offer_word(typed, "all", NULL);
}

static void complete_etc(struct typed *typed)
{
	DIR *folder = opendir("/etc");
	const struct dirent *entry;

	settle(typed, ", ");
	say_words(typed);
	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			offer_word(typed, entry->d_name, NULL);
	if (folder)
		closedir(folder);
}

static void complete_variables(struct typed *typed)
{
	say_words(typed);
	for (char **entry = environ; *entry; entry++)
		offer_first(typed, *entry, strcspn(*entry, "="), "=");
}

static void complete_profiles(struct typed *typed)
{
	struct profile_list list = { 0 };
	struct arena arena = { 0 };
	struct error err = { 0 };

	if (strchr(typed->item, '/')) {
		say_path(typed, "files");
		return;
	}
	say_words(typed);
	/* What cannot be read is no answer, and an error none that a shell could show. */
	profile_list(&list, typed->source, &arena, &err);
	for (size_t i = 0; i < list.count; i++)
		offer_word(typed, list.items[i].name, list.items[i].summary);
	arena_free(&arena);
}

static const struct {
	const char *argument_name;
	void (*complete)(struct typed *typed);
} arguments[] = {
	{ "PATH", complete_files },
	{ "FILE", complete_files },
	{ "FILE|FD", complete_files },
	{ "FOLDER", complete_folders },
	{ "SRC,DST", complete_list_of_files },
	{ "PATH[,FOLDER]", complete_list_of_files },
	{ "NAME|FILE", complete_profiles },
	{ "NAME...", complete_etc },
	{ "OP|@GROUP...", complete_operations },
	{ "OP RULE...", complete_grants },
	{ "OP...", complete_registers },
	{ "FLAG...|none", complete_sqe_flags },
	{ "RIGHT...[,resolve=FLAG...]", complete_rights },
	{ "[!]CALL|@GROUP...", complete_calls },
	{ "CALL|@GROUP...", complete_calls },
	{ "FAMILY...", complete_families },
	{ "FAMILY[/TYPE[/PROTOCOL]]...", complete_sockets },
	{ "TYPE...", complete_namespaces },
	{ "CAP...", complete_capabilities },
	{ "all|CAP...", complete_dropped_capabilities },
	{ "NAME=VALUE", complete_variables },
	{ "NAME", complete_nothing },
	{ "N", complete_nothing },
	{ "N[-N]...", complete_nothing },
	{ "SECONDS|HH:MM:SS", complete_nothing },
	{ "SOFT[:HARD]", complete_nothing },
	{ "SIZE", complete_nothing },
	{ "BUSNAME...", complete_nothing },
	{ "PERCENT%", complete_nothing },
	{ "ADDRESS[/PREFIX][:PORT[-PORT]]...", complete_nothing },
	{ "ADDRESS[/PREFIX]|HOST[:PORT[-PORT]]...", complete_nothing },
	{ "[ADDRESS[/PREFIX]:]PORT[-PORT]...", complete_nothing },
	{ "[ADDRESS:]PORT[:JAILPORT][/udp]...", complete_nothing },
};

/* "none|host|user": the words themselves. */
static bool is_choice(const char *argument_name)
{
	return !argument_name[strspn(argument_name, "abcdefghijklmnopqrstuvwxyz-|")];
}

static void complete_choice(struct typed *typed, const char *choices)
{
	say_words(typed);
	while (*choices) {
		size_t length = strcspn(choices, "|");

		offer_first(typed, choices, length, "");
		choices += length + (choices[length] == '|');
	}
}

bool complete_knows(const char *argument_name)
{
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
		if (!strcmp(arguments[i].argument_name, argument_name))
			return true;
	return is_choice(argument_name);
}

static void complete_value(struct typed *typed, const char *argument_name)
{
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		if (strcmp(arguments[i].argument_name, argument_name))
			continue;
		arguments[i].complete(typed);
		return;
	}
	complete_choice(typed, argument_name);
}

/* An option as the command line has it, of either table. */
struct option_of {
	const char *name;
	enum directive_argument argument;
	const char *argument_name;
};

static bool find_letter(char letter, struct option_of *found)
{
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (row->letter != letter)
			continue;
		*found = (struct option_of){ row->name, row->argument, row->argument_name };
		return true;
	}
	return false;
}

static bool find_name(const char *name, size_t length, struct option_of *found)
{
	for (const struct option_row *row = option_rows; row->name; row++) {
		if (strlen(row->name) != length || strncmp(row->name, name, length))
			continue;
		*found = (struct option_of){ row->name, row->argument, row->argument_name };
		return true;
	}
	for (const struct directive *row = directives; row->name; row++) {
		if (strlen(row->name) != length || strncmp(row->name, name, length))
			continue;
		*found = (struct option_of){ row->name, row->argument, row->argument_name };
		return true;
	}
	return false;
}

/*
 * The option that @word ends with, and where its value begins: NULL where it has none in this word.
 * "-qp" is two options, "-pNAME" is one with its value.
 */
static bool find_option(const char *word, struct option_of *found, const char **value)
{
	*value = NULL;
	if (!strncmp(word, "--", 2)) {
		size_t length = strcspn(word + 2, "=");

		*value = word[2 + length] ? word + 2 + length + 1 : NULL;
		return find_name(word + 2, length, found);
	}
	for (const char *letter = word + 1; *letter; letter++) {
		if (!find_letter(*letter, found))
			return false;
		if (found->argument == ARGUMENT_REQUIRED) {
			*value = letter[1] ? letter + 1 : NULL;
			return true;
		}
	}
	return word[1];
}

static void complete_option(struct typed *typed)
{
	say_words(typed);
	for (const struct option_row *row = option_rows; row->name; row++)
		offer(typed, "--", row->name, row->argument == ARGUMENT_REQUIRED ? "=" : "",
		      row->summary);
	for (const struct directive *row = directives; row->name; row++)
		offer(typed, "--", row->name, row->argument == ARGUMENT_REQUIRED ? "=" : "",
		      row->summary);
}

/* The last word, an option or the value of the one before it. */
static void complete_last(struct typed *typed, const struct option_of *before)
{
	struct option_of found;
	const char *value;

	if (before) {
		complete_value(typed, before->argument_name);
	} else if (find_option(typed->item, &found, &value) && value) {
		typed->item = value;
		typed->prefix_length = (size_t)(value - typed->prefix);
		if (found.argument == ARGUMENT_NONE)
			complete_nothing(typed);
		else
			complete_value(typed, found.argument_name);
	} else {
		complete_option(typed);
	}
}

void complete(FILE *out, const char *const *words, const struct profile_source *source)
{
	struct typed typed = { .out = out, .source = source };
	const struct option_of *before = NULL;
	struct option_of found;
	const char *value;
	size_t i;

	for (i = 0; words[i] && words[i + 1]; i++) {
		if (before) {
			before = NULL;
			continue;
		}
		if (!strcmp(words[i], "--"))
			i++;
		else if (words[i][0] == '-' && words[i][1]) {
			if (find_option(words[i], &found, &value) && !value &&
			    found.argument == ARGUMENT_REQUIRED)
				before = &found;
			continue;
		}
		fprintf(out, "command %zu\n", i);
		return;
	}
	typed.item = typed.prefix = words[i] ? words[i] : "";
	if (!before && typed.item[0] != '-')
		fprintf(out, "command %zu\n", i);
	else
		complete_last(&typed, before);
}
