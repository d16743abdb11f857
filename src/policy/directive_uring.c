// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "policy/address_item.h"
#include "policy/directive_parse.h"
#include "policy/names.h"
#include "uring/abi.h"
#include "uring/opcode.h"
#include "util/nearest.h"

/* The directives of the ring: uring, uring.*. */

int parse_uring(const struct directive_call *call, const char *value, struct error *err)
{
	static const struct name modes[] = {
		{ "filter", URING_FILTER },
		{ "none", URING_NONE },
		{ "unfiltered", URING_UNFILTERED },
		{ NULL, 0 },
	};
	const struct name *mode = name_find(modes, value);

	if (!mode)
		return unknown_name("io_uring mode", value, modes, err);
	call->policy->uring.mode = (enum uring_mode)mode->value;
	call->policy->uring.mode_origin = call->origin;
	return 0;
}

int parse_uring_require(const struct directive_call *call, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	call->policy->uring.require = true;
	return 0;
}

static int unknown_operation(const char *item, struct error *err)
{
	struct nearest nearest = { .word = item };

	if (*item == '@') {
		for (const struct uring_group *group = uring_groups; group->name; group++)
			nearest_offer(&nearest, group->name);
		error_set(err, EINVAL, "unknown group of io_uring operations \"%.64s\"", item);
	} else {
		for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
			nearest_offer(&nearest, uring_opcodes[i].name);
		error_set(err, EINVAL, "unknown io_uring operation \"%.64s\"", item);
	}
	if (nearest.name)
		error_hint(err, "did you mean \"%s\"?", nearest.name);
	else
		error_hint(err, "uring-jail --list-ops shows all of them");
	return -EINVAL;
}

/* A denial stays, and so does an opcode's own name beside a group that holds it too. */
static void choose(struct uring_policy *uring, const struct directive_call *call,
		   const struct uring_opcode *opcode, enum uring_choice choice)
{
	struct uring_choice_at *at = &uring->choices[opcode->number];

	if (at->choice < choice)
		*at = (struct uring_choice_at){ .choice = choice, .origin = call->origin };
}

static void forget_allowed(struct uring_policy *uring)
{
	for (size_t i = 0; i < URING_OPCODES; i++)
		if (uring->choices[i].choice != URING_DENIED)
			uring->choices[i] = (struct uring_choice_at){ 0 };
}

int parse_uring_ops(const struct directive_call *call, const char *value, struct error *err)
{
	struct uring_policy *uring = &call->policy->uring;
	bool allow = call->directive->detail == 'a';

	if (allow) {
		if (overrides(call, &uring->allow_origin))
			forget_allowed(uring);
		uring->has_allow = true;
		uring->allow_origin = call->origin;
	}
	for (const char *item; (item = list_next(&call->policy->arena, &value));) {
		const struct uring_opcode *opcode = uring_opcode_by_name(item);
		const struct uring_group *group = uring_group_by_name(item);

		if (!opcode && !group)
			return unknown_operation(item, err);
		if (opcode)
			choose(uring, call, opcode, allow ? URING_NAMED : URING_DENIED);
		for (size_t i = 0; group && i < URING_OPCODE_COUNT; i++)
			if (group->has(&uring_opcodes[i]))
				choose(uring, call, &uring_opcodes[i],
				       allow ? URING_ALLOWED : URING_DENIED);
	}
	return 0;
}

/* A name of the table, a number, or "*" for any (-1). */
static int parse_socket_word(const char *kind, const char *word, const struct name *table,
			     int *value, struct error *err)
{
	const struct name *known = name_find(table, word);
	uint64_t number;

	if (!strcmp(word, "*"))
		*value = -1;
	else if (known)
		*value = (int)known->value;
	else if (parse_number(word, INT32_MAX, &number))
		*value = (int)number;
	else
		return unknown_name(kind, word, table, err);
	return 0;
}

static int parse_socket_item(struct arena *arena, const char *item, struct uring_socket_rule *rule,
			     struct error *err)
{
	const char *words[3] = { "*", "*", "*" };
	size_t count = 0;
	int status;

	for (;;) {
		size_t length = strcspn(item, "/");

		words[count++] = arena_strndup(arena, item, length);
		if (!item[length])
			break;
		if (count == 3)
			return error_set(err, EINVAL, "more than FAMILY/TYPE/PROTOCOL");
		item += length + 1;
	}
	status = parse_socket_word("address family", words[0], family_names, &rule->family, err);
	if (status == 0)
		status = parse_socket_word("socket type", words[1], socket_type_names, &rule->type,
					   err);
	if (status == 0)
		status = parse_socket_word("protocol", words[2], protocol_names, &rule->protocol,
					   err);
	return status;
}

static int parse_sockets(const struct directive_call *call, const char *list,
			 struct uring_socket_rules *rules, struct error *err)
{
	struct arena *arena = &call->policy->arena;

	if (rules->count && overrides(call, &rules->items[0].origin))
		rules->count = 0;
	for (const char *item; (item = list_next(arena, &list));) {
		struct uring_socket_rule rule = { .origin = call->origin };
		int status = parse_socket_item(arena, item, &rule, err);

		if (status < 0)
			return status;
		*array_push(arena, rules) = rule;
	}
	return 0;
}

int parse_uring_socket(const struct directive_call *call, const char *value, struct error *err)
{
	return parse_sockets(call, value, &call->policy->uring.sockets, err);
}

/*
 * Rights come first; from "resolve=" on, items are resolve flags. So a list of flags is a list of
 * items too: "read,resolve=beneath,no-symlinks". They are added to @open.
 */
static int parse_open(const struct directive_call *call, const char *list,
		      struct uring_open_rule *open, struct error *err)
{
	static const char resolve[] = "resolve=";
	bool in_resolve = false;

	open->set = true;
	open->origin = call->origin;
	for (const char *item; (item = list_next(&call->policy->arena, &list));) {
		const struct name *name;

		if (!strncmp(item, resolve, strlen(resolve))) {
			in_resolve = true;
			item += strlen(resolve);
		}
		name = name_find(in_resolve ? resolve_names : open_right_names, item);
		if (!name)
			return unknown_name(in_resolve ? "resolve flag" : "right to open", item,
					    in_resolve ? resolve_names : open_right_names, err);
		if (in_resolve)
			open->resolve |= name->value;
		else
			open->rights |= (unsigned int)name->value;
	}
	return 0;
}

int parse_uring_open(const struct directive_call *call, const char *value, struct error *err)
{
	struct uring_open_rule *open = &call->policy->uring.open;

	if (overrides(call, &open->origin))
		*open = (struct uring_open_rule){ 0 };
	return parse_open(call, value, open, err);
}

static int parse_connects(const struct directive_call *call, const char *list,
			  struct uring_connect_rules *rules, struct error *err)
{
	struct arena *arena = &call->policy->arena;

	if (rules->count && overrides(call, &rules->items[0].origin))
		rules->count = 0;
	for (const char *item; (item = list_next(arena, &list));) {
		struct uring_connect_rule rule = { .origin = call->origin };
		const char *why = address_item_parse(arena_strdup(arena, item), &rule);

		if (why) {
			error_set(err, EINVAL, "bad address \"%.64s\": %s", item, why);
			error_hint(err, "write 127.0.0.1:5432, 10.0.0.0/8, [::1]:80 or "
					"[2001:db8::/32]:1024-65535; names are not looked up");
			return -EINVAL;
		}
		*array_push(arena, rules) = rule;
	}
	return 0;
}

int parse_uring_connect(const struct directive_call *call, const char *value, struct error *err)
{
	return parse_connects(call, value, &call->policy->uring.connects, err);
}

/*
 * Rights add up where the same resolve flags go with them. Others make a rule of their own: "read"
 * and "write,resolve=beneath" must not become a right to write anywhere, nor one to read beneath.
 */
static int grant_open(const struct directive_call *call, const char *list, bool openat2,
		      struct uring_open_rules *rules, struct error *err)
{
	struct uring_open_rule rule = { 0 };
	int status = parse_open(call, list, &rule, err);

	if (status < 0)
		return status;
	if (rule.resolve && !openat2) {
		error_set(err, EINVAL, "openat has no resolve flags");
		error_hint(err, "grant openat2 in its place");
		return -EINVAL;
	}
	if (!(rule.rights & (OPEN_READ | OPEN_WRITE))) {
		error_set(err, EINVAL, "a file is opened to read or to write it");
		error_hint(err, "add read or write");
		return -EINVAL;
	}
	if (rules->count && overrides(call, &rules->items[0].origin))
		rules->count = 0;
	for (size_t i = 0; i < rules->count; i++) {
		if (rules->items[i].resolve != rule.resolve)
			continue;
		rules->items[i].rights |= rule.rights;
		return 0;
	}
	*array_push(&call->policy->arena, rules) = rule;
	return 0;
}

static const char grantable[] = "connect, openat, openat2 and socket can be granted";

static int cannot_grant(const char *item, struct error *err)
{
	const struct uring_opcode *opcode = uring_opcode_by_name(item);

	if (opcode) {
		error_set(err, EINVAL,
			  "%s cannot be granted: the ring's filter sees nothing of its arguments",
			  opcode->name);
		error_hint(err, "allow the system call instead; %s", grantable);
		return -EINVAL;
	}
	if (*item != '@')
		return unknown_operation(item, err);
	error_set(err, EINVAL, "a group cannot be granted: each operation has rules of its own");
	error_hint(err, "%s", grantable);
	return -EINVAL;
}

/* The directive that narrows an operation by the rules that uring.grant takes for it. */
static const char *narrow_directive(const struct uring_opcode *opcode)
{
	static const char *const names[] = {
		[DATA_NONE] = NULL,
		[DATA_SOCKET] = "uring.socket",
		[DATA_OPEN] = "uring.open",
		[DATA_CONNECT] = "uring.connect",
	};

	return names[opcode->data];
}

int parse_uring_grant(const struct directive_call *call, const char *value, struct error *err)
{
	struct uring_grants *grants = &call->policy->uring.grants;
	const char *item = list_next(&call->policy->arena, &value);
	const struct uring_opcode *opcode = uring_opcode_by_name(item);
	bool openat2;

	if (!opcode || opcode->data == DATA_NONE)
		return cannot_grant(item, err);
	if (!value[strspn(value, ", \t")]) {
		error_set(err, EINVAL, "%s is granted by rules only", opcode->name);
		error_hint(err, "uring.grant %s %s", opcode->name,
			   directive_find(narrow_directive(opcode))->argument_name);
		return -EINVAL;
	}
	switch (opcode->data) {
	case DATA_SOCKET:
		return parse_sockets(call, value, &grants->sockets, err);
	case DATA_CONNECT:
		return parse_connects(call, value, &grants->connects, err);
	case DATA_OPEN:
		openat2 = !strcmp(opcode->name, "openat2");
		return grant_open(call, value, openat2,
				  openat2 ? &grants->openat2 : &grants->openat, err);
	case DATA_NONE:
		break;
	}
	return 0;
}

int parse_uring_register(const struct directive_call *call, const char *value, struct error *err)
{
	struct uring_policy *uring = &call->policy->uring;

	if (overrides(call, &uring->registers_origin))
		uring->registers = 0;
	uring->has_registers = true;
	uring->registers_origin = call->origin;
	for (const char *item; (item = list_next(&call->policy->arena, &value));) {
		int number = uring_register_by_name(item);

		if (!strcmp(item, "none"))
			continue;
		if (number < 0 || number > 63) {
			struct nearest nearest = { .word = item };

			for (unsigned int i = 0; i < 64; i++)
				if (uring_register_name(i))
					nearest_offer(&nearest, uring_register_name(i));
			error_set(err, EINVAL, "unknown io_uring_register operation \"%.64s\"",
				  item);
			if (nearest.name)
				error_hint(err, "did you mean \"%s\"?", nearest.name);
			return -EINVAL;
		}
		uring->registers |= UINT64_C(1) << number;
	}
	return 0;
}

int parse_uring_sqe_flags(const struct directive_call *call, const char *value, struct error *err)
{
	struct uring_policy *uring = &call->policy->uring;

	if (overrides(call, &uring->sqe_flags_origin))
		uring->sqe_flags = 0;
	uring->has_sqe_flags = true;
	uring->sqe_flags_origin = call->origin;
	for (const char *item; (item = list_next(&call->policy->arena, &value));) {
		int flag = uring_sqe_flag_by_name(item);

		if (!strcmp(item, "none"))
			continue;
		if (flag < 0) {
			error_set(err, EINVAL, "unknown SQE flag \"%.64s\"", item);
			error_hint(err, "known ones: fixed_file io_drain io_link io_hardlink async "
					"buffer_select cqe_skip_success none");
			return -EINVAL;
		}
		uring->sqe_flags |= (uint8_t)flag;
	}
	return 0;
}
