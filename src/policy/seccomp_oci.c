// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/seccomp_oci.h"

#include <errno.h>
#include <jansson.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "policy/directive_parse.h"
#include "policy/json_read.h"
#include "policy/names.h"
#include "policy/seccomp_rules.h"
#include "policy/syscall_group.h"
#include "policy/syscall_number.h"
#include "util/nearest.h"

#define ERRNO_LIMIT 4095 /* MAX_ERRNO of the kernel: a higher one is lowered to it */
#define ARGUMENTS 6

struct reader {
	const struct seccomp_oci_host *host;
	struct arena *arena;
	struct seccomp_rules rules;
	size_t condition_count; /* of all rules */
	struct error *err;
};

static const struct name actions[] = {
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
	{ NULL, 0 },
};

static const struct name operators[] = {
	{ "SCMP_CMP_NE", SCMP_CMP_NE },
	{ "SCMP_CMP_LT", SCMP_CMP_LT },
	{ "SCMP_CMP_LE", SCMP_CMP_LE },
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
	{ "SCMP_CMP_GE", SCMP_CMP_GE },
	{ "SCMP_CMP_GT", SCMP_CMP_GT },
	{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	{ NULL, 0 },
};

/* Architectures that this kernel does not run are known, and 0. */
static const struct name architectures[] = {
#if defined(__x86_64__)
	{ "SCMP_ARCH_NATIVE", SCMP_ARCH_X86_64 },
	{ "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
	{ "SCMP_ARCH_X86", SCMP_ARCH_X86 },
	{ "SCMP_ARCH_X32", SCMP_ARCH_X32 },
	{ "SCMP_ARCH_AARCH64", 0 },
	{ "SCMP_ARCH_ARM", 0 },
#elif defined(__aarch64__)
	{ "SCMP_ARCH_NATIVE", SCMP_ARCH_AARCH64 },
	{ "SCMP_ARCH_X86_64", 0 },
	{ "SCMP_ARCH_X86", 0 },
	{ "SCMP_ARCH_X32", 0 },
	{ "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
	{ "SCMP_ARCH_ARM", SCMP_ARCH_ARM },
#endif
	{ "SCMP_ARCH_LOONGARCH64", 0 },
	{ "SCMP_ARCH_M68K", 0 },
	{ "SCMP_ARCH_MIPS", 0 },
	{ "SCMP_ARCH_MIPS64", 0 },
	{ "SCMP_ARCH_MIPS64N32", 0 },
	{ "SCMP_ARCH_MIPSEL", 0 },
	{ "SCMP_ARCH_MIPSEL64", 0 },
	{ "SCMP_ARCH_MIPSEL64N32", 0 },
	{ "SCMP_ARCH_PARISC", 0 },
	{ "SCMP_ARCH_PARISC64", 0 },
	{ "SCMP_ARCH_PPC", 0 },
	{ "SCMP_ARCH_PPC64", 0 },
	{ "SCMP_ARCH_PPC64LE", 0 },
	{ "SCMP_ARCH_RISCV64", 0 },
	{ "SCMP_ARCH_S390", 0 },
	{ "SCMP_ARCH_S390X", 0 },
	{ "SCMP_ARCH_SH", 0 },
	{ "SCMP_ARCH_SHEB", 0 },
	{ NULL, 0 },
};

#ifdef __x86_64__
#define NATIVE SCMP_ARCH_X86_64
#define IS_X86_64 1
#define IS_ARM64 0
#else
#define NATIVE SCMP_ARCH_AARCH64
#define IS_X86_64 0
#define IS_ARM64 1
#endif

/* Those of "includes" and "excludes" have the names of Go; 1: it is this one. */
static const struct name go_architectures[] = {
	{ "386", 0 },	    { "amd64", IS_X86_64 }, { "arm", 0 },	  { "arm64", IS_ARM64 },
	{ "loong64", 0 },   { "mips", 0 },	    { "mips64", 0 },	  { "mips64le", 0 },
	{ "mips64n32", 0 }, { "mips64p32", 0 },	    { "mips64p32le", 0 }, { "mipsel", 0 },
	{ "mipsel64", 0 },  { "mipsel64n32", 0 },   { "mipsle", 0 },	  { "ppc", 0 },
	{ "ppc64", 0 },	    { "ppc64le", 0 },	    { "riscv64", 0 },	  { "s390", 0 },
	{ "s390x", 0 },	    { "x32", 0 },	    { "x86", 0 },	  { NULL, 0 },
};

/* Calls @visit for each string of an array. */
static int each_string(struct reader *r, const json_t *object, const char *key,
		       int (*visit)(struct reader *r, const char *text, void *context),
		       void *context)
{
	const json_t *array;
	json_t *item;
	size_t i;

	if (json_get_array(object, key, &array, r->err) < 0)
		return -EINVAL;
	json_array_foreach (array, i, item) {
		if (!json_is_string(item))
			return error_set(r->err, EINVAL, "%s[%zu] is no string", key, i);
		if (visit(r, json_string_value(item), context) < 0)
			return error_wrap(r->err, "%s[%zu]", key, i);
	}
	return 0;
}

/* "EPERM" or a number. */
static int errno_by_name(const struct reader *r, const char *text, uint64_t *number)
{
	static const struct name aliases[] = {
		{ "EDEADLOCK", EDEADLOCK },
		{ "ENOTSUP", ENOTSUP },
		{ "EWOULDBLOCK", EWOULDBLOCK },
		{ NULL, 0 },
	};
	const struct name *alias = name_find(aliases, text);

	if (alias) {
		*number = alias->value;
		return 0;
	}
	for (int code = 1; code <= EHWPOISON; code++) {
		const char *name = strerrorname_np(code);

		if (name && !strcmp(name, text)) {
			*number = (uint64_t)code;
			return 0;
		}
	}
	if (parse_number(text, ERRNO_LIMIT, number))
		return 0;
	return error_set(r->err, EINVAL, "unknown errno \"%.64s\"", text);
}

/* An action and its errno: the name, else the number, else EPERM. */
static int get_action(const struct reader *r, const json_t *object, const char *const keys[3],
		      uint32_t *action)
{
	const struct name *name;
	const char *errno_name;
	uint64_t code = EPERM;

	if (json_get_name(object, keys[0], "action", actions, &name, r->err) < 0 ||
	    json_get_number(object, keys[1], ERRNO_LIMIT, &code, r->err) < 0 ||
	    json_get_string(object, keys[2], &errno_name, r->err) < 0)
		return -EINVAL;
	if (errno_name && *errno_name && errno_by_name(r, errno_name, &code) < 0)
		return -EINVAL;
	*action = (uint32_t)name->value;
	if (*action == SECCOMP_RET_ERRNO)
		*action |= (uint32_t)code;
	if (*action == SECCOMP_RET_USER_NOTIF)
		return error_set(r->err, EINVAL, "%s needs a listener, and there is none",
				 name->name);
	if (*action == SECCOMP_RET_TRACE)
		return error_set(r->err, EINVAL,
				 "%s leaves it to a tracer, which a program of the jail could be",
				 name->name);
	return 0;
}

/* ---- includes and excludes ---- */

struct match {
	size_t count;
	size_t matching;
};

static int match_capability(struct reader *r, const char *text, void *context)
{
	struct match *match = context;
	int cap = capability_by_name(r->arena, text);

	if (cap < 0)
		return unknown_capability(text, r->err);
	match->count++;
	match->matching += r->host->caps >> cap & 1;
	return 0;
}

static int match_architecture(struct reader *r, const char *text, void *context)
{
	struct match *match = context;
	const struct name *name = name_find(go_architectures, text);

	if (!name)
		return unknown_name("architecture", text, go_architectures, r->err);
	match->count++;
	match->matching += name->value;
	return 0;
}

static int match_kernel(const struct reader *r, const json_t *object, struct match *match)
{
	unsigned int major;
	unsigned int minor;
	const char *text;
	char end;

	if (json_get_string(object, "minKernel", &text, r->err) < 0)
		return -EINVAL;
	if (!text || !*text)
		return 0;
	/* NOLINTNEXTLINE(cert-err34-c): five digits fit */
	if (sscanf(text, "%5u.%5u%c", &major, &minor, &end) != 2)
		return error_set(r->err, EINVAL, "minKernel: \"%.64s\" is no version", text);
	match->count++;
	match->matching += r->host->kernel_major > major ||
			   (r->host->kernel_major == major && r->host->kernel_minor >= minor);
	return 0;
}

/* What a rule is conditional on: all of "includes", none of "excludes". */
static int get_matches(struct reader *r, const json_t *rule, const char *key, struct match *all,
		       struct match *architecture)
{
	static const char *const keys[] = { "caps", "arches", "minKernel", NULL };
	const json_t *object = json_member(rule, key);

	if (!object)
		return 0;
	if (json_check_object(object, keys, r->err) < 0 ||
	    each_string(r, object, "caps", match_capability, all) < 0 ||
	    each_string(r, object, "arches", match_architecture, architecture) < 0 ||
	    match_kernel(r, object, all) < 0)
		return error_wrap(r->err, "%s", key);
	return 0;
}

static int applies(struct reader *r, const json_t *rule, bool *answer)
{
	struct match includes = { 0 };
	struct match includes_architecture = { 0 };
	struct match excludes = { 0 };

	if (get_matches(r, rule, "includes", &includes, &includes_architecture) < 0 ||
	    get_matches(r, rule, "excludes", &excludes, &excludes) < 0)
		return -EINVAL;
	*answer = includes.matching == includes.count && !excludes.matching &&
		  (!includes_architecture.count || includes_architecture.matching);
	return 0;
}

/* ---- rules ---- */

static int get_condition(const struct reader *r, const json_t *object, struct scmp_arg_cmp *out)
{
	static const char *const keys[] = { "index", "value", "valueTwo", "op", NULL };
	const struct name *operator;
	uint64_t index = ARGUMENTS;
	uint64_t value = 0;
	uint64_t second = 0;

	if (json_check_object(object, keys, r->err) < 0 ||
	    json_get_number(object, "index", ARGUMENTS - 1, &index, r->err) < 0 ||
	    json_get_number(object, "value", INT64_MAX, &value, r->err) < 0 ||
	    json_get_number(object, "valueTwo", INT64_MAX, &second, r->err) < 0 ||
	    json_get_name(object, "op", "operator", operators, &operator, r->err) < 0)
		return -EINVAL;
	if (index == ARGUMENTS)
		return error_set(r->err, EINVAL, "\"index\" is missing");
	/* Mask and value exchanged, as a rule; it would be no condition at all. */
	if (operator->value == SCMP_CMP_MASKED_EQ && value == 0)
		return error_set(r->err, EINVAL,
				 "a mask of 0: \"value\" is the mask of %s", operator->name);
	*out = (struct scmp_arg_cmp){
		.arg = (unsigned int)index,
		.op = (enum scmp_compare) operator->value,
		.datum_a = value,
		.datum_b = second,
	};
	return 0;
}

struct conditions {
	ARRAY(struct scmp_arg_cmp) all;
	bool separate; /* two are on the same argument: each is a rule of its own */
};

static int get_conditions(const struct reader *r, const json_t *rule, struct conditions *conditions)
{
	unsigned int seen = 0;
	const json_t *array;
	json_t *item;
	size_t i;

	if (json_get_array(rule, "args", &array, r->err) < 0)
		return -EINVAL;
	json_array_foreach (array, i, item) {
		struct scmp_arg_cmp condition;

		if (get_condition(r, item, &condition) < 0)
			return error_wrap(r->err, "args[%zu]", i);
		if (seen >> condition.arg & 1)
			conditions->separate = true;
		seen |= 1U << condition.arg;
		*array_push(r->arena, &conditions->all) = condition;
	}
	return 0;
}

static void offer_name(void *context, const char *name)
{
	if (*name != '@')
		nearest_offer(context, name);
}

static int unknown_call(const struct reader *r, const char *name)
{
	struct nearest nearest = { .word = name };

	syscall_names_visit(offer_name, &nearest);
	error_set(r->err, EINVAL, "unknown system call \"%.64s\"", name);
	if (nearest.name)
		error_hint(r->err, "did you mean \"%s\"?", nearest.name);
	return -EINVAL;
}

struct rule_head {
	uint32_t action;
	struct conditions conditions;
	bool applies;
};

static int add_rule(struct reader *r, const char *name, void *context)
{
	const struct rule_head *head = context;
	const struct conditions *conditions = &head->conditions;
	size_t count = conditions->separate ? conditions->all.count : 1;
	struct seccomp_rule rule = { .name = name, .action = head->action };

	if (!head->applies)
		return 0;
	rule.number = syscall_number(name);
	if (rule.number == SYSCALL_UNKNOWN)
		return unknown_call(r, name);
	if (rule.number < 0)
		rule.number = seccomp_syscall_resolve_name(name);
	r->condition_count += conditions->all.count;
	if (r->condition_count > SECCOMP_CONDITIONS_LIMIT)
		return error_set(r->err, E2BIG, "more than %d conditions on arguments",
				 SECCOMP_CONDITIONS_LIMIT);
	for (size_t i = 0; i < count; i++) {
		rule.conditions = conditions->all.count ? &conditions->all.items[i] : NULL;
		rule.condition_count =
			conditions->separate ? 1 : (unsigned int)conditions->all.count;
		*array_push(r->arena, &r->rules.items) = rule;
	}
	return 0;
}

static int read_rule(struct reader *r, const json_t *object)
{
	static const char *const keys[] = { "names", "name",	 "action",   "errnoRet", "errno",
					    "args",  "includes", "excludes", "comment",	 NULL };
	static const char *const action_keys[] = { "action", "errnoRet", "errno" };
	struct rule_head head = { 0 };
	const char *name;
	bool named;

	if (json_check_object(object, keys, r->err) < 0 ||
	    get_action(r, object, action_keys, &head.action) < 0 ||
	    get_conditions(r, object, &head.conditions) < 0 ||
	    applies(r, object, &head.applies) < 0 ||
	    json_get_string(object, "name", &name, r->err) < 0)
		return -EINVAL;
	named = name && *name;
	if (named ? json_array_size(json_member(object, "names")) > 0
		  : !json_member(object, "names"))
		return error_set(r->err, EINVAL, "one of \"names\" and \"name\" is needed");
	if (named)
		return add_rule(r, name, &head);
	return each_string(r, object, "names", add_rule, &head);
}

static int read_rules(struct reader *r, const json_t *profile)
{
	const json_t *array;
	json_t *item;
	size_t i;

	if (json_get_array(profile, "syscalls", &array, r->err) < 0)
		return -EINVAL;
	json_array_foreach (array, i, item)
		if (read_rule(r, item) < 0)
			return error_wrap(r->err, "syscalls[%zu]", i);
	return 0;
}

/* ---- architectures ---- */

static int add_architecture(struct reader *r, const char *text, void *context)
{
	const struct name *name = name_find(architectures, text);
	const bool *wanted = context;
	struct seccomp_rules *rules = &r->rules;

	if (!name)
		return unknown_name("architecture", text, architectures, r->err);
	if (!*wanted || name->value == 0 || name->value == NATIVE)
		return 0;
	for (size_t i = 0; i < rules->other_count; i++)
		if (rules->others[i] == name->value)
			return 0;
	rules->others[rules->other_count++] = (uint32_t)name->value;
	return 0;
}

/* The entry of this architecture, with those that run beside it. */
static int read_map_entry(struct reader *r, const json_t *entry)
{
	static const char *const keys[] = { "architecture", "subArchitectures", NULL };
	const struct name *name;
	bool wanted;

	if (json_check_object(entry, keys, r->err) < 0 ||
	    json_get_name(entry, "architecture", "architecture", architectures, &name, r->err) < 0)
		return -EINVAL;
	wanted = name->value == NATIVE;
	return each_string(r, entry, "subArchitectures", add_architecture, &wanted);
}

static int read_architectures(struct reader *r, const json_t *profile)
{
	bool wanted = true;
	const json_t *map;
	json_t *entry;
	size_t i;

	if (each_string(r, profile, "architectures", add_architecture, &wanted) < 0 ||
	    json_get_array(profile, "archMap", &map, r->err) < 0)
		return -EINVAL;
	if (json_array_size(map) && json_array_size(json_member(profile, "architectures")))
		return error_set(r->err, EINVAL,
				 "one of \"architectures\" and \"archMap\" is needed, not both");
	json_array_foreach (map, i, entry)
		if (read_map_entry(r, entry) < 0)
			return error_wrap(r->err, "archMap[%zu]", i);
	return 0;
}

/* ---- the whole ---- */

static int read_profile(struct reader *r, const json_t *profile)
{
	/* Flags say how a filter is logged and loaded; a listener is of use with NOTIFY only. */
	static const char *const keys[] = { "defaultAction",
					    "defaultErrnoRet",
					    "defaultErrno",
					    "architectures",
					    "archMap",
					    "syscalls",
					    "flags",
					    "listenerPath",
					    "listenerMetadata",
					    "comment",
					    NULL };
	static const char *const action_keys[] = { "defaultAction", "defaultErrnoRet",
						   "defaultErrno" };

	if (json_check_object(profile, keys, r->err) < 0 ||
	    get_action(r, profile, action_keys, &r->rules.default_action) < 0 ||
	    read_architectures(r, profile) < 0)
		return -EINVAL;
	return read_rules(r, profile);
}

/* A whole config.json of the runtime-spec has the policy further in. */
static int find_profile(const json_t *root, const json_t **profile, struct error *err)
{
	const json_t *linux_part = json_member(root, "linux");

	*profile = root;
	if (!json_is_object(root))
		return error_set(err, EINVAL, "no JSON object");
	if (!linux_part && !json_member(root, "ociVersion"))
		return 0;
	*profile = json_member(linux_part, "seccomp");
	if (!*profile)
		return error_set(err, EINVAL, "there is no linux.seccomp in it");
	return 0;
}

int seccomp_oci_compile(const char *json, size_t length, const struct seccomp_oci_host *host,
			struct arena *arena, struct bpf_program *program, struct error *err)
{
	struct reader reader = { .host = host, .arena = arena, .err = err };
	json_error_t why;
	json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &why);
	const json_t *profile;
	int status;

	if (!root)
		return error_set(err, EINVAL, "line %d, column %d: %s", why.line, why.column,
				 why.text);
	status = find_profile(root, &profile, err);
	if (status == 0)
		status = read_profile(&reader, profile);
	if (status == 0)
		status = seccomp_rules_compile(&reader.rules, arena, program, err);
	json_decref(root);
	return status;
}
