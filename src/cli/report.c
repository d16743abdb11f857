// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/report.h"

#include <jansson.h>
#include <string.h>

#include "policy/directive.h"
#include "uring/opcode.h"
#include "util/escape.h"

static const char *const state_words[] = {
	[CHECK_YES] = "yes",
	[CHECK_NO] = "no",
	[CHECK_PARTLY] = "partly",
};

void report_check(FILE *out, const struct check *check)
{
	fprintf(out, "Linux %s\n\n", check->kernel);
	for (size_t i = 0; i < check->lines.count; i++) {
		const struct check_line *line = &check->lines.items[i];

		fprintf(out, "%-7s%-20s %s\n%28s(%s)\n", state_words[line->state], line->id,
			line->what, "", line->how);
		if (line->hint)
			fprintf(out, "%28shint: %s\n", "", line->hint);
	}
	fprintf(out, "\nio_uring filtering %s be trusted on this kernel.\n",
		check->uring_trusted ? "can" : "cannot");
	if (!check->uring_trusted)
		fputs("uring-jail blocks io_uring here (ENOSYS), so that programs fall back.\n",
		      out);
}

void report_check_json(FILE *out, const struct check *check)
{
	json_t *checks = json_array();
	json_t *root;

	for (size_t i = 0; i < check->lines.count; i++) {
		const struct check_line *line = &check->lines.items[i];

		json_array_append_new(checks,
				      json_pack("{s:s, s:s, s:s, s:s, s:s?}", "id", line->id,
						"state", state_words[line->state], "what",
						line->what, "how", line->how, "hint", line->hint));
	}
	root = json_pack("{s:s, s:b, s:o}", "kernel", check->kernel, "uring_trusted",
			 check->uring_trusted, "checks", checks);
	json_dumpf(root, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(root);
}

void report_directives(FILE *out)
{
	for (const struct directive *directive = directives; directive->name; directive++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", directive->name,
			 directive->argument_name ? directive->argument_name : "");
		if (strlen(left) > 36)
			fprintf(out, "%s\n%37s%s\n", left, "", directive->summary);
		else
			fprintf(out, "%-36s %s\n", left, directive->summary);
	}
}

static const char *const class_words[] = {
	[CLASS_HARMLESS] = "harmless", [CLASS_DESCRIPTOR] = "descriptor",
	[CLASS_PATH] = "path",	       [CLASS_NETWORK] = "network",
	[CLASS_PASSING] = "passing",   [CLASS_PROCESS] = "process",
	[CLASS_OPAQUE] = "opaque",
};

void report_ops(FILE *out)
{
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++) {
		const struct uring_opcode *opcode = &uring_opcodes[i];

		fprintf(out, "%2u %-18s %-10s", opcode->number, opcode->name,
			class_words[opcode->class]);
		for (const char *name = opcode->syscalls; name && *name; name += strlen(name) + 1)
			fprintf(out, " %s", name);
		fputc('\n', out);
	}
	fputs("\nGroups:\n", out);
	for (const struct uring_group *group = uring_groups; group->name; group++)
		fprintf(out, "   %-18s %s\n", group->name, group->summary);
}

/* What files are called and say is anybody's: no control character of theirs reaches a terminal. */
void report_profiles(FILE *out, const struct profile_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct profile_entry *entry = &list->items[i];
		size_t length = strlen(entry->name);

		escape_write(out, entry->name, length);
		if (*entry->summary) {
			fprintf(out, "%*s ", length < 18 ? (int)(18 - length) : 0, "");
			escape_write(out, entry->summary, strlen(entry->summary));
		}
		fputc('\n', out);
	}
}
