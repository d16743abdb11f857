// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/explain.h"

#include <string.h>

#include "cli/explain_words.h"
#include "policy/syscall_group.h"

/* The system calls of a plan, group by group. */

#define INDENT 14

struct group_state {
	const struct call_table *table;
	struct syscall_set allowed;
	struct syscall_set denied;
	size_t allowed_count;
	size_t denied_count;
};

static void count_call(void *context, const char *name)
{
	struct group_state *state = context;
	int number = syscall_number(name);
	bool allowed;

	if (number < 0 || call_is_hidden(state->table, (unsigned int)number) ||
	    syscall_set_has(&state->allowed, (unsigned int)number) ||
	    syscall_set_has(&state->denied, (unsigned int)number))
		return;
	allowed = call_is_allowed(state->table, (unsigned int)number);
	syscall_set_put(allowed ? &state->allowed : &state->denied, (unsigned int)number, true);
	if (allowed)
		state->allowed_count++;
	else
		state->denied_count++;
}

static struct group_state look_at(const struct syscall_group *group, const struct call_table *table)
{
	struct group_state state = { .table = table };

	syscall_group_visit(group, count_call, &state);
	return state;
}

/* @known is everything, and what only gives another group a second name says nothing new. */
static bool is_told(const struct syscall_group *group)
{
	const char *first = syscall_group_next(group, NULL);

	return strcmp(group->name, "@known") != 0 &&
	       (*first != '@' || syscall_group_next(group, first));
}

static void print_whole_groups(struct screen *screen, const struct call_table *table, bool allowed)
{
	enum colour colour = allowed ? COLOUR_ALLOW : COLOUR_DENY;

	screen_label(screen, 2, INDENT, colour, allowed ? "allowed" : "denied");
	for (const struct syscall_group *group = syscall_groups; group->name; group++) {
		struct group_state state = look_at(group, table);

		if (is_told(group) && (allowed ? !state.denied_count : !state.allowed_count))
			screen_word(screen, COLOUR_NONE, group->name);
	}
}

static void print_set(struct screen *screen, const struct call_table *table,
		      const struct syscall_set *set)
{
	for (unsigned int number = 0; number < SYSCALL_NUMBERS; number++)
		if (syscall_set_has(set, number))
			screen_word(screen, COLOUR_NONE, table->names[number]);
}

/* What is allowed, or what is denied: the shorter list of the two. */
static void print_part_groups(struct screen *screen, const struct call_table *table)
{
	const char *label = "partly";

	for (const struct syscall_group *group = syscall_groups; group->name; group++) {
		struct group_state state = look_at(group, table);
		bool except = state.denied_count <= state.allowed_count;

		if (!is_told(group) || !state.denied_count || !state.allowed_count)
			continue;
		screen_label(screen, 2, INDENT, COLOUR_FILTER, label);
		screen_word(screen, COLOUR_NONE, group->name);
		screen_phrase(screen, except ? COLOUR_DENY : COLOUR_ALLOW,
			      except ? "all but" : "only");
		print_set(screen, table, except ? &state.denied : &state.allowed);
		label = "";
	}
}

static void print_conditions(struct screen *screen, const struct call_table *table,
			     const struct plan *plan, struct arena *arena)
{
	const char *label = "by arguments";

	for (unsigned int number = 0; number < SYSCALL_NUMBERS; number++) {
		const char *condition = call_condition(table, number, plan, arena);

		if (!condition)
			continue;
		screen_label(screen, 2, INDENT + 2, COLOUR_FILTER, label);
		screen_printf(screen, COLOUR_NONE, "%s:", table->names[number]);
		screen_phrase(screen, COLOUR_NONE, condition);
		label = "";
	}
}

static void print_mode(struct screen *screen, const struct plan *plan,
		       const struct call_table *table, struct arena *arena)
{
	static const char *const words[] = {
		[SECCOMP_DEFAULT] = "the default list,",
		[SECCOMP_DROP] = "all but what is listed,",
		[SECCOMP_KEEP] = "what is listed alone,",
		[SECCOMP_BPF_FILE] = "a compiled filter,",
		[SECCOMP_OCI_FILE] = "a container engine's policy,",
	};
	const struct seccomp_policy *policy = &plan->policy->seccomp;
	size_t allowed = 0;

	for (unsigned int number = 0; number < SYSCALL_NUMBERS; number++)
		allowed += call_is_allowed(table, number);
	screen_label(screen, 0, INDENT, COLOUR_TITLE, "System calls");
	screen_phrase(screen, COLOUR_NONE, words[policy->mode]);
	if (policy->mode_origin.file)
		screen_printf(screen, COLOUR_FAINT, "(%s)",
			      origin_text(arena, &policy->mode_origin));
	screen_printf(screen, COLOUR_NONE, "%zu allowed, %zu instructions", allowed,
		      plan->seccomp.count);
}

void explain_calls(struct screen *screen, const struct plan *plan, bool verbose)
{
	struct call_table table = { 0 };
	struct arena arena = { 0 };

	call_table_fill(&table, plan, &arena);
	print_mode(screen, plan, &table, &arena);
	print_whole_groups(screen, &table, true);
	print_whole_groups(screen, &table, false);
	print_part_groups(screen, &table);
	print_conditions(screen, &table, plan, &arena);
	if (verbose)
		explain_program(screen, &plan->seccomp, bpf_seccomp_fields);
	arena_free(&arena);
}
