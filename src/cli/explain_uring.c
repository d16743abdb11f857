// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/explain.h"

#include <string.h>

#include "cli/explain_words.h"
#include "uring/filter_fields.h"
#include "uring/opcode.h"

/* The io_uring gate of a plan: operations of one verdict and reason are told of together. */

#define INDENT 10

static const enum colour verdict_colours[] = {
	[VERDICT_ALLOW] = COLOUR_ALLOW,
	[VERDICT_DENY] = COLOUR_DENY,
	[VERDICT_FILTER] = COLOUR_FILTER,
};

struct group {
	const struct uring_plan *uring;
	bool alone; /* one operation each */
	size_t members[URING_OPCODE_COUNT];
	size_t count;
};

static bool belongs(const struct group *group, size_t number)
{
	const struct uring_op_plan *first = &group->uring->ops[group->members[0]];
	const struct uring_op_plan *other = &group->uring->ops[number];

	return !group->alone && first->verdict != VERDICT_FILTER &&
	       first->verdict == other->verdict && !strcmp(first->reason, other->reason) &&
	       !first->unmatched == !other->unmatched;
}

/* Takes the first operation that was not told of yet, and those like it. */
static bool next_group(struct group *group, bool *told)
{
	group->count = 0;
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++) {
		if (told[i] || (group->count && !belongs(group, i)))
			continue;
		told[i] = true;
		group->members[group->count++] = i;
	}
	return group->count;
}

static bool names_before(const struct group *group, size_t index)
{
	const struct uring_op_plan *ops = group->uring->ops;

	for (size_t i = 0; i < index; i++)
		if (!strcmp(ops[group->members[i]].unmatched, ops[group->members[index]].unmatched))
			return true;
	return false;
}

/* More calls than this are not listed: -v tells of each operation by itself. */
#define CALLS_LISTED 6

/* So that nobody takes the rule for a wall. */
static void print_unmatched(struct screen *screen, const struct group *group, struct arena *arena)
{
	const struct uring_op_plan *ops = group->uring->ops;
	const char *text = "";
	size_t calls = 0;

	if (!ops[group->members[0]].unmatched)
		return;
	for (size_t i = 0; i < group->count; i++) {
		if (names_before(group, i))
			continue;
		text = arena_printf(arena, "%s%s%s(2)", text, calls ? ", " : "",
				    ops[group->members[i]].unmatched);
		calls++;
	}
	screen_label(screen, INDENT, INDENT + 2, COLOUR_WARNING, "!");
	if (calls > CALLS_LISTED)
		text = "the system calls that do the same";
	screen_phrase(screen, COLOUR_WARNING, text);
	screen_phrase(screen, COLOUR_WARNING, calls > 1 ? "still allow them" : "still allows it");
}

static void print_group(struct screen *screen, const struct group *group, bool verbose,
			struct arena *arena)
{
	const struct uring_opcode *opcode = &uring_opcodes[group->members[0]];
	const struct uring_op_plan *op = &group->uring->ops[group->members[0]];

	screen_label(screen, 2, INDENT, verdict_colours[op->verdict], verdict_names[op->verdict]);
	for (size_t i = 0; i < group->count; i++)
		screen_printf(screen, COLOUR_NONE, "%zu %s%s", group->members[i],
			      uring_opcodes[group->members[i]].name,
			      i + 1 < group->count ? "," : ":");
	screen_phrase(screen, COLOUR_FAINT, op->reason);
	if (op->verdict == VERDICT_FILTER)
		screen_printf(screen, COLOUR_FILTER, "[%zu instructions]", op->filter.count);
	print_unmatched(screen, group, arena);
	if (verbose && op->verdict == VERDICT_FILTER)
		explain_program(screen, &op->filter, uring_filter_fields(opcode->data));
}

static void print_registers(struct screen *screen, const struct plan *plan, struct arena *arena)
{
	const struct uring_policy *policy = &plan->policy->uring;
	size_t denied = 0;
	size_t known = 0;
	bool except;

	for (; uring_register_name((unsigned int)known); known++)
		denied += !(plan->uring.registers >> known & 1);
	except = denied <= known / 2;
	screen_label(screen, 2, INDENT + 2, COLOUR_NONE, "register");
	screen_phrase(screen, COLOUR_NONE, !denied ? "all" : except ? "all but" : "only");
	if (denied == known)
		screen_word(screen, COLOUR_NONE, "none");
	for (unsigned int i = 0; i < known; i++)
		if (denied && (plan->uring.registers >> i & 1) != except)
			screen_word(screen, COLOUR_NONE, uring_register_name(i));
	if (policy->has_registers)
		screen_printf(screen, COLOUR_FAINT, "(%s)",
			      origin_text(arena, &policy->registers_origin));
}

static void print_sqe_flags(struct screen *screen, const struct uring_plan *uring)
{
	screen_label(screen, 2, INDENT + 2, COLOUR_NONE, "SQE flags");
	if (uring->sqe_flags == URING_SQE_FLAGS_ALL)
		screen_word(screen, COLOUR_NONE, "all");
	else if (!uring->sqe_flags)
		screen_word(screen, COLOUR_NONE, "none");
	else
		for (unsigned int bit = 0; uring_sqe_flag_name(bit); bit++)
			if (uring->sqe_flags >> bit & 1)
				screen_word(screen, COLOUR_NONE, uring_sqe_flag_name(bit));
	if (uring->sqe_flags_reason)
		screen_printf(screen, COLOUR_FAINT, "%s", uring->sqe_flags_reason);
}

static void print_mode(struct screen *screen, const struct plan *plan, struct arena *arena)
{
	const char *reason = uring_mode_reason(plan, arena);
	const struct uring_plan *uring = &plan->uring;

	screen_label(screen, 0, INDENT + 4, COLOUR_TITLE, "io_uring");
	screen_word(screen, uring->mode == URING_UNFILTERED ? COLOUR_WARNING : COLOUR_NONE,
		    uring_mode_names[uring->mode]);
	if (uring->mode == URING_FILTER)
		screen_phrase(screen, COLOUR_FAINT,
			      uring->require
				      ? "(an error where the kernel's filters cannot be trusted)"
				      : "(ENOSYS where the kernel's filters cannot be trusted)");
	else
		screen_phrase(screen, COLOUR_FAINT, arena_printf(arena, "(%s)", reason));
	if (uring->needs_connect_data)
		screen_phrase(screen, COLOUR_FAINT,
			      "connect's filter needs Linux 7.2: before, connect is denied");
}

void explain_uring(struct screen *screen, const struct plan *plan, bool verbose)
{
	struct group group = { .uring = &plan->uring, .alone = verbose };
	bool told[URING_OPCODE_COUNT] = { 0 };
	struct arena arena = { 0 };

	print_mode(screen, plan, &arena);
	if (plan->uring.mode == URING_FILTER) {
		while (next_group(&group, told))
			print_group(screen, &group, verbose, &arena);
		screen_label(screen, 2, INDENT, COLOUR_DENY, verdict_names[VERDICT_DENY]);
		screen_printf(screen, COLOUR_NONE, "%d-%d:", URING_OPCODE_COUNT, URING_OPCODES - 1);
		screen_phrase(screen, COLOUR_FAINT, plan->uring.ops[URING_OPCODE_COUNT].reason);
		print_registers(screen, plan, &arena);
		print_sqe_flags(screen, &plan->uring);
	}
	arena_free(&arena);
}
