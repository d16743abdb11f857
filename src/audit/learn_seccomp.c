// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "audit/learn_internal.h"
#include "audit/learn_policy.h"
#include "policy/syscall_group.h"

/* The seccomp line: the default list without the groups of which nothing was called. */

/* A call was made, or an operation of the ring that the profile must allow it for. */
static void find_used(const struct learn_notes *notes, struct syscall_set *used)
{
	for (unsigned int i = 0; i < SYSCALL_NUMBERS; i++)
		if (notes->calls[i].count)
			syscall_set_put(used, i, true);
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++) {
		const char *name = uring_opcodes[i].syscalls;

		for (; notes->ops[i].count && *name; name += strlen(name) + 1)
			if (syscall_number(name) >= 0)
				syscall_set_put(used, (unsigned int)syscall_number(name), true);
	}
}

static bool meet(const struct syscall_set *a, const struct syscall_set *b)
{
	for (size_t i = 0; i < SYSCALL_NUMBERS / 64; i++)
		if (a->words[i] & b->words[i])
			return true;
	return false;
}

/* The line is known again by the number of groups: one that was put in by hand is a person's. */
static const char *unused_comment(struct learn_draft *draft, size_t count)
{
	return arena_printf(draft->arena, "nothing of these %zu was called", count);
}

static void write_unused(struct learn_draft *draft, const struct syscall_set *used)
{
	const char *list = "";
	size_t count = 0;

	for (const struct learn_group *group = learn_groups; group->name; group++) {
		struct syscall_set calls;

		learn_group_calls(group, &calls);
		if (meet(&calls, used))
			continue;
		list = arena_printf(draft->arena, "%s%s%s%s%s", list, *list ? "," : "", group->name,
				    group->except ? ",!" : "", group->except ? group->except : "");
		count++;
	}
	if (count)
		learn_add(draft, "seccomp", list, unused_comment(draft, count));
}

struct search {
	const char *name;
	bool found;
};

static void compare(void *context, const char *name)
{
	struct search *search = context;

	search->found |= !strcmp(search->name, name);
}

static bool item_names(const struct syscall_item *item, const char *name)
{
	struct search search = { .name = name };

	if (*item->name != '@')
		return !strcmp(item->name, name);
	syscall_group_visit(syscall_group_find(item->name), compare, &search);
	return search.found;
}

/* How many groups the line at @origin takes away. */
static size_t groups_of_line(const struct learn_draft *draft, const struct origin *origin)
{
	size_t count = 0;

	for (size_t i = 0; i < draft->policy.seccomp.items.count; i++) {
		const struct syscall_item *item = &draft->policy.seccomp.items.items[i];

		count += !item->except && item->origin.line == origin->line &&
			 item->origin.file == origin->file;
	}
	return count;
}

/* The item by which somebody, and not learning, denies the call; NULL: nobody does. */
static const struct syscall_item *denied_by_hand(struct learn_draft *draft, const char *name)
{
	const struct seccomp_policy *seccomp = &draft->policy.seccomp;

	for (size_t i = 0; i < seccomp->items.count; i++) {
		const struct syscall_item *item = &seccomp->items.items[i];
		size_t count;

		if (item->except != (seccomp->mode == SECCOMP_KEEP) || !item_names(item, name))
			continue;
		count = groups_of_line(draft, &item->origin);
		if (*item->name != '@' ||
		    !learn_is_learned(draft, &item->origin, unused_comment(draft, count)))
			return item;
	}
	return NULL;
}

static void write_call(struct learn_draft *draft, const char *name, const struct learn_who *who)
{
	const struct seccomp_policy *seccomp = &draft->policy.seccomp;
	const struct syscall_item *item =
		seccomp->mode == SECCOMP_KEEP ? NULL : denied_by_hand(draft, name);

	if (item)
		learn_refuse(draft, "system call %s (%s): %s stands at %s", name, who->program,
			     item->name, origin_text(draft->arena, &item->origin));
	else if (seccomp->mode == SECCOMP_KEEP)
		learn_add(draft, "seccomp.keep", name, learn_who_text(draft, who));
	else if (seccomp->mode == SECCOMP_DEFAULT)
		learn_add(draft, "seccomp", arena_printf(draft->arena, "!%s", name),
			  learn_who_text(draft, who));
	else
		learn_refuse(draft, "system call %s (%s): the policy at %s denies it", name,
			     who->program, origin_text(draft->arena, &seccomp->mode_origin));
}

/* Who made the call, or gave the ring what does the same. */
static const struct learn_who *who_called(const struct learn_notes *notes, unsigned int number,
					  const char *name)
{
	static const struct learn_who nobody = { .program = "?", .how = "a ring", .count = 1 };

	if (notes->calls[number].count)
		return &notes->calls[number];
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++) {
		const char *same = uring_opcodes[i].syscalls;

		for (; notes->ops[i].count && *same; same += strlen(same) + 1)
			if (!strcmp(same, name))
				return &notes->ops[i];
	}
	return &nobody;
}

/* io_uring's own calls are allowed or not by `uring`. */
static bool is_uring(const char *name)
{
	return !strncmp(name, "io_uring_", strlen("io_uring_"));
}

void learn_write_calls(struct learn_draft *draft)
{
	const struct learn *learn = draft->learn;
	struct syscall_set used = { 0 };

	learn_add_section(draft, "System calls");
	find_used(&learn->notes, &used);
	if (draft->fresh)
		write_unused(draft, &used);
	/* A policy from elsewhere has no list that could be looked up, or added to. */
	if (seccomp_is_foreign(&draft->policy.seccomp))
		return;
	for (unsigned int i = 0; i < SYSCALL_NUMBERS; i++) {
		struct syscall_set usual = { 0 };

		if (!syscall_set_has(&used, i) || !learn->names[i] || is_uring(learn->names[i]))
			continue;
		learn_put_group(&usual, "@default", true);
		/* A new profile takes away nothing that was used. */
		if (draft->fresh ? !syscall_set_has(&usual, i)
				 : !syscall_set_has(&draft->plan.gate.allowed, i))
			write_call(draft, learn->names[i],
				   who_called(&learn->notes, i, learn->names[i]));
	}
}
