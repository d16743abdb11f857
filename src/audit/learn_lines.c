// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/learn_internal.h"

/* The draft of a profile, and what is common to all that write into it. */

void learn_add(struct learn_draft *draft, const char *directive, const char *value,
	       const char *comment)
{
	const char *line = arena_printf(draft->arena, "%s%s%s%s%s", directive, *value ? " " : "",
					value, LEARN_MARK, comment);

	draft->granted = true;
	draft->length += strlen(line) + 1;
	if (draft->length > LEARN_LENGTH)
		learn_refuse(draft, "more lines than %d KiB", LEARN_LENGTH / 1024);
	else
		*array_push(draft->arena, &draft->lines) = line;
}

/* Sections make a new profile readable; what is added to one later has a heading of its own. */
void learn_add_section(struct learn_draft *draft, const char *title)
{
	if (!draft->fresh)
		return;
	*array_push(draft->arena, &draft->lines) = "";
	*array_push(draft->arena, &draft->lines) = arena_printf(draft->arena, "# %s", title);
}

/* Is @line one of the lines of @text? */
static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (const char *found = strstr(text, line); found; found = strstr(found + 1, line))
		if ((found == text || found[-1] == '\n') &&
		    (found[length] == '\n' || !found[length]))
			return true;
	return false;
}

void learn_refuse(struct learn_draft *draft, const char *format, ...)
{
	char text[1024];
	const char *line;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	line = arena_printf(draft->arena, "# not granted: %s", text);
	if (has_line(draft->base, line))
		return;
	for (size_t i = 0; i < draft->refused.count; i++)
		if (!strcmp(draft->refused.items[i], line))
			return;
	if (draft->refused.count == LEARN_REFUSED)
		return;
	if (draft->refused.count == LEARN_REFUSED - 1)
		line = "# not granted: more than there is room to tell";
	*array_push(draft->arena, &draft->refused) = line;
}

const char *learn_who_text(struct learn_draft *draft, const struct learn_who *who)
{
	if (who->count == 1)
		return arena_printf(draft->arena, "%s: %s", who->program, who->how);
	return arena_printf(draft->arena, "%s: %s, %llu times", who->program, who->how,
			    (unsigned long long)who->count);
}

/* Line @number of @text, from 1 on; NULL: it has less. */
static const char *line_at(struct arena *arena, const char *text, unsigned int number)
{
	while (--number) {
		text = strchr(text, '\n');
		if (!text)
			return NULL;
		text++;
	}
	return arena_strndup(arena, text, strcspn(text, "\n"));
}

bool learn_is_learned(const struct learn_draft *draft, const struct origin *origin,
		      const char *comment)
{
	const char *line;
	const char *mark;

	/* Of the file itself, not of one that it includes. */
	if (!origin->file || !origin->line || strcmp(origin->file, draft->policy.name) != 0)
		return false;
	line = line_at(draft->arena, draft->base, origin->line);
	mark = line ? strstr(line, LEARN_MARK) : NULL;
	return mark && !strncmp(mark + strlen(LEARN_MARK), comment, strlen(comment));
}

const char *learn_text(struct learn_draft *draft)
{
	size_t length = strlen(draft->base);
	char *text;
	char *next;

	for (size_t i = 0; i < draft->lines.count; i++)
		length += strlen(draft->lines.items[i]) + 1;
	next = text = arena_alloc(draft->arena, length + 1);
	next = stpcpy(next, draft->base);
	for (size_t i = 0; i < draft->lines.count; i++) {
		next = stpcpy(next, draft->lines.items[i]);
		*next++ = '\n';
	}
	return text;
}

int learn_replan(struct learn_draft *draft, struct error *err)
{
	const struct learn_input *input = &draft->learn->input;
	const char *text = learn_text(draft);
	int status;

	plan_free(&draft->plan);
	policy_free(&draft->policy);
	draft->plan = (struct plan){ 0 };
	draft->policy = (struct policy){ 0 };
	status = profile_read_text(&draft->policy, input->source, input->file, text, strlen(text),
				   err);
	if (status == 0)
		status = plan_make(&draft->plan, &draft->policy, input->world, err);
	return status;
}

void learn_write_denied(struct learn_draft *draft)
{
	const struct learn_notes *notes = &draft->learn->notes;

	for (size_t i = 0; i < notes->denied.count; i++)
		learn_refuse(draft,
			     "%s (%s): it leads out of every jail, or no profile should "
			     "allow it unasked",
			     notes->denied.items[i].what, notes->denied.items[i].who.program);
	if (notes->lost)
		learn_refuse(draft, "what was not seen, or found no room: this is not all that was "
				    "asked for");
}
