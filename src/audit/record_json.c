// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/record_json.h"

#include "audit/flag_names.h"
#include "audit/record_words.h"
#include "policy/names.h"
#include "uring/opcode.h"
#include "util/json_text.h"

/* JSON's numbers are signed here; the kernel's addresses stay below 2^63. */
static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static void put_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_text(text));
}

static json_t *flag_names(const char *operation, uint64_t flags)
{
	struct flag_walk walk = { .left = flags };
	json_t *names = json_array();

	for (const char *name; (name = flag_next(operation, &walk));)
		json_array_append_new(names, json_string(name));
	return names;
}

static void put_how(json_t *object, const char *operation, const struct audit_arguments *arguments)
{
	if (arguments->has_flags) {
		json_object_set_new(object, "flags", flag_names(operation, arguments->flags));
		json_object_set_new(object, "flags_value", number(arguments->flags));
	}
	if (arguments->has_mode)
		json_object_set_new(object, "mode", number(arguments->mode));
	if (arguments->has_resolve) {
		json_t *names = json_array();

		for (const struct name *row = resolve_names; row->name; row++)
			if (arguments->resolve & row->value)
				json_array_append_new(names, json_string(row->name));
		json_object_set_new(object, "resolve", names);
		json_object_set_new(object, "resolve_value", number(arguments->resolve));
	}
}

static void put_socket(json_t *object, const struct audit_arguments *arguments, struct arena *arena)
{
	if (!arguments->has_socket)
		return;
	put_text(object, "family", audit_family(arena, arguments->family));
	put_text(object, "type", audit_socket_type(arena, arguments->type));
	json_object_set_new(object, "type_flags",
			    flag_names("socket", audit_socket_flags(arguments->type)));
	json_object_set_new(object, "protocol", json_integer(arguments->protocol));
}

static void put_address(json_t *object, const struct audit_arguments *arguments,
			struct arena *arena)
{
	json_t *address;

	if (!arguments->has_address)
		return;
	address = json_object();
	put_text(address, "family", audit_family(arena, arguments->address.ss_family));
	put_text(address, "address", audit_address(arena, arguments));
	if (audit_port(arguments) >= 0)
		json_object_set_new(address, "port", json_integer(audit_port(arguments)));
	json_object_set_new(object, "address", address);
}

static void put_fd(json_t *object, const struct audit_arguments *arguments)
{
	if (arguments->fd >= 0) {
		json_object_set_new(object, "fd", json_integer(arguments->fd));
		json_object_set_new(object, "fixed", json_boolean(arguments->fixed));
		put_text(object, "fd_target", arguments->fd_target);
	} else {
		put_text(object, "folder", arguments->fd_target);
	}
}

static void put_sqe_flags(json_t *object, const struct audit_record *record)
{
	json_t *names;

	if (record->gate != AUDIT_BY_RING)
		return;
	names = json_array();
	for (unsigned int bit = 0; uring_sqe_flag_name(bit); bit++)
		if (record->arguments.sqe_flags >> bit & 1)
			json_array_append_new(names, json_string(uring_sqe_flag_name(bit)));
	json_object_set_new(object, "sqe_flags", names);
}

static json_t *arguments_json(const struct audit_record *record, struct arena *arena)
{
	const struct audit_arguments *arguments = &record->arguments;
	json_t *object = json_object();

	put_text(object, "path", arguments->path);
	put_text(object, "second_path", arguments->second_path);
	put_how(object, record->name, arguments);
	put_socket(object, arguments, arena);
	put_address(object, arguments, arena);
	put_fd(object, arguments);
	put_text(object, "operation", arguments->operation);
	if (arguments->raw_count) {
		json_t *numbers = json_array();

		for (unsigned int i = 0; i < arguments->raw_count; i++)
			json_array_append_new(numbers, number(arguments->raw[i]));
		json_object_set_new(object, "numbers", numbers);
	}
	put_sqe_flags(object, record);
	return object;
}

json_t *record_json(const struct audit_record *record, uint64_t count)
{
	struct arena arena = { 0 };
	char time[AUDIT_TIME_SIZE];
	json_t *object;

	audit_time(&record->time, time);
	object = json_pack(
		"{s:s, s:i, s:o, s:s, s:o, s:i, s:o, s:o, s:s, s:s, s:o, s:I}", "time", time, "pid",
		(int)record->pid, "program", json_text(record->program), "gate",
		audit_gate_names[record->gate], "op", json_text(record->name), "number",
		(int)record->number, "arguments", arguments_json(record, &arena), "error",
		record->error ? json_text(audit_error_name(&arena, record->error)) : json_null(),
		"cause", audit_cause_names[record->cause], "certainty",
		audit_certainty_names[record->certainty], "rule", json_text(record->rule), "count",
		(json_int_t)count);
	arena_free(&arena);
	return object;
}
