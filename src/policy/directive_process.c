// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "policy/directive_parse.h"
#include "policy/names.h"

/* Directives on what the kernel gives the program's processes. */

#define TIMEOUT_LIMIT (365U * 24 * 3600)

/* HH:MM:SS, as in firejail. */
static bool parse_clock(struct arena *arena, const char *value, uint64_t *seconds)
{
	static const unsigned int highest[] = { TIMEOUT_LIMIT / 3600, 59, 59 };

	*seconds = 0;
	for (size_t i = 0; i < 3; i++) {
		size_t length = strcspn(value, ":");
		uint64_t part;

		if (!parse_number(arena_strndup(arena, value, length), highest[i], &part) ||
		    (value[length] == ':') != (i < 2))
			return false;
		*seconds = *seconds * 60 + part;
		value += length + 1;
	}
	return true;
}

int parse_timeout(const struct directive_call *call, const char *value, struct error *err)
{
	uint64_t seconds;
	bool right = strchr(value, ':') ? parse_clock(&call->policy->arena, value, &seconds)
					: parse_number(value, TIMEOUT_LIMIT, &seconds);

	if (!right || !seconds || seconds > TIMEOUT_LIMIT) {
		error_set(err, EINVAL, "\"%.64s\" is no time to end after", value);
		error_hint(err, "seconds, or HH:MM:SS; a year at most");
		return -EINVAL;
	}
	call->policy->timeout = (uint32_t)seconds;
	return 0;
}

int parse_nice(const struct directive_call *call, const char *value, struct error *err)
{
	bool negative = *value == '-';
	uint64_t number;

	if (!parse_number(value + negative, negative ? 20 : 19, &number))
		return error_set(err, EINVAL, "\"%.64s\" is no niceness: -20 to 19", value);
	call->policy->nice_set = true;
	call->policy->nice = negative ? -(int)number : (int)number;
	call->policy->nice_origin = call->origin;
	return 0;
}

static bool parse_range(struct arena *arena, const char *item, cpu_set_t *set)
{
	const char *dash = strchr(item, '-');
	uint64_t first;
	uint64_t last;

	if (!parse_number(dash ? arena_strndup(arena, item, (size_t)(dash - item)) : item,
			  CPU_SETSIZE - 1, &first))
		return false;
	last = first;
	if (dash && (!parse_number(dash + 1, CPU_SETSIZE - 1, &last) || last < first))
		return false;
	for (; first <= last; first++)
		CPU_SET(first, set);
	return true;
}

int parse_cpu(const struct directive_call *call, const char *value, struct error *err)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (const char *item; (item = list_next(&call->policy->arena, &value));)
		if (!parse_range(&call->policy->arena, item, &set))
			return error_set(err, EINVAL,
					 "\"%.64s\" is no processor, nor a range of them", item);
	call->policy->cpus_set = true;
	call->policy->cpus = set;
	call->policy->cpus_origin = call->origin;
	return 0;
}

int parse_memory(const struct directive_call *call, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	call->policy->memory_deny_write_execute = true;
	call->policy->memory_origin = call->origin;
	return 0;
}

int parse_namespaces(const struct directive_call *call, const char *value, struct error *err)
{
	uint32_t types = 0;

	for (const char *item; (item = list_next(&call->policy->arena, &value));) {
		const struct name *type = name_find(namespace_type_names, item);

		if (!type)
			return unknown_name("type of namespace", item, namespace_type_names, err);
		types |= (uint32_t)type->value;
	}
	for (const struct name *type = namespace_type_names; !types && type->name; type++)
		call->policy->restrict_namespaces |= (uint32_t)type->value;
	call->policy->restrict_namespaces |= types;
	call->policy->namespaces_origin = call->origin;
	return 0;
}

static void set_group_limit(const struct directive_call *call, enum group_limit_kind kind,
			    const char *value)
{
	call->policy->group_limits[kind] = (struct group_limit_rule){ value, call->origin };
}

int parse_group_size(const struct directive_call *call, const char *value, struct error *err)
{
	enum group_limit_kind kind = (enum group_limit_kind)call->directive->detail;
	struct arena *arena = &call->policy->arena;
	rlim_t size;

	/* Without any memory nothing runs; without any swap all does. */
	if (!parse_size(value, strlen(value), &size) || (!size && kind == GROUP_MEMORY_MAX)) {
		error_set(err, EINVAL, "\"%.64s\" is no size", value);
		error_hint(err, "bytes, with k, m, g or t behind the number for 1024 and its "
				"powers, or \"unlimited\"");
		return -EINVAL;
	}
	set_group_limit(call, kind,
			size == RLIM_INFINITY
				? "max"
				: arena_printf(arena, "%llu", (unsigned long long)size));
	return 0;
}

/* PID_MAX_LIMIT, include/linux/threads.h */
#define TASKS_LIMIT 4194304

int parse_tasks(const struct directive_call *call, const char *value, struct error *err)
{
	struct arena *arena = &call->policy->arena;
	uint64_t number;

	if (!parse_number(value, TASKS_LIMIT, &number) || number < 2) {
		error_set(err, EINVAL, "\"%.64s\" is no number of processes", value);
		error_hint(err, "2 at the least: the program, and the jail's first process");
		return -EINVAL;
	}
	set_group_limit(call, GROUP_TASKS_MAX, arena_printf(arena, "%u", (unsigned int)number));
	return 0;
}

/* Of a period of 100 ms, the kernel's own; it takes 1 ms at the least. */
int parse_quota(const struct directive_call *call, const char *value, struct error *err)
{
	struct arena *arena = &call->policy->arena;
	size_t length = strcspn(value, "%");
	uint64_t percent;

	if (strcmp(value + length, "%") != 0 ||
	    !parse_number(arena_strndup(arena, value, length), 1000000, &percent) || !percent) {
		error_set(err, EINVAL, "\"%.64s\" is no share of a processor", value);
		error_hint(err, "50%% is half of one, 200%% is two");
		return -EINVAL;
	}
	set_group_limit(call, GROUP_CPU_QUOTA,
			arena_printf(arena, "%llu 100000", (unsigned long long)percent * 1000));
	return 0;
}
