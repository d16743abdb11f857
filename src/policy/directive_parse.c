// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/directive_parse.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <unistd.h>

#include "policy/macro.h"
#include "policy/names.h"
#include "util/nearest.h"

const char *list_next(struct arena *arena, const char **list)
{
	static const char separators[] = ", \t";
	const char *start = *list + strspn(*list, separators);
	size_t length = strcspn(start, separators);

	*list = start + length;
	return length ? arena_strndup(arena, start, length) : NULL;
}

bool parse_number(const char *text, uint64_t highest, uint64_t *number)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoull(text, &end, text[0] == '0' && text[1] == 'x' ? 16 : 10);
	if (errno || *end || value > highest)
		return false;
	*number = value;
	return true;
}

int unknown_name(const char *kind, const char *word, const struct name *table, struct error *err)
{
	struct nearest nearest = { .word = word };

	for (; table->name; table++)
		nearest_offer(&nearest, table->name);
	error_set(err, EINVAL, "unknown %s \"%.64s\"", kind, word);
	if (nearest.name)
		error_hint(err, "did you mean \"%s\"?", nearest.name);
	return -EINVAL;
}

bool overrides(const struct directive_call *call, const struct origin *before)
{
	return call->origin.file == command_line && before->file && before->file != command_line;
}

int parse_include(const struct directive_call *call, const char *value, struct error *err)
{
	if (!call->include)
		return error_set(err, EINVAL, "include is not possible here");
	return call->include(call->include_context, value, &call->origin, err);
}

int parse_root(const struct directive_call *call, const char *value, struct error *err)
{
	static const struct name modes[] = {
		{ "minimal", ROOT_MINIMAL },
		{ "host", ROOT_HOST },
		{ "empty", ROOT_EMPTY },
		{ NULL, 0 },
	};
	const struct name *mode = name_find(modes, value);

	if (!mode)
		return unknown_name("root", value, modes, err);
	call->policy->root = (enum root_mode)mode->value;
	return 0;
}

/* A list of paths taken for one name would silently hide nothing. */
static int check_comma(const struct directive_call *call, const char *path, struct error *err)
{
	if (call->directive->detail != PATH_BLACKLIST || !strchr(path, ',') ||
	    access(path, F_OK) == 0)
		return 0;
	error_set(err, EINVAL, "there is no \"%s\": %s takes one path", path,
		  call->directive->name);
	error_hint(err, "name each path on a line of its own");
	return -EINVAL;
}

static int parse_one_path(const struct directive_call *call, const char *value, const char **path,
			  struct error *err)
{
	struct macro_paths expanded;
	int status = macro_expand(call, value, false, &expanded, err);

	if (status == 0)
		*path = expanded.paths.items[0];
	return status;
}

static void add_paths(const struct directive_call *call, const struct macro_paths *expanded,
		      struct path_rule rule)
{
	rule.pattern = expanded->pattern;
	for (size_t i = 0; i < expanded->paths.count; i++) {
		rule.path = expanded->paths.items[i];
		rule.more = i + 1 < expanded->paths.count;
		*array_push(&call->policy->arena, &call->policy->paths) = rule;
	}
}

int parse_path(const struct directive_call *call, const char *value, struct error *err)
{
	struct path_rule rule = {
		.action = (enum path_action)call->directive->detail,
		.optional = *value == '-',
		.origin = call->origin,
	};
	struct macro_paths expanded;
	int status = macro_expand(call, value + rule.optional, rule.action != PATH_TMPFS, &expanded,
				  err);

	if (status == 0 && !expanded.pattern)
		status = check_comma(call, expanded.paths.items[0], err);
	if (status == 0)
		add_paths(call, &expanded, rule);
	return status;
}

int parse_make(const struct directive_call *call, const char *value, struct error *err)
{
	struct make_rule rule = { .folder = call->directive->detail, .origin = call->origin };
	int status = parse_one_path(call, value, &rule.path, err);

	if (status == 0)
		*array_push(&call->policy->arena, &call->policy->makes) = rule;
	return status;
}

int parse_bind(const struct directive_call *call, const char *value, struct error *err)
{
	struct path_rule rule = {
		.action = PATH_BIND,
		.optional = *value == '-',
		.origin = call->origin,
	};
	const char *comma = strchr(value, ',');
	const char *source;
	int status;

	if (!comma || strchr(comma + 1, ','))
		return error_set(err, EINVAL, "bind needs SOURCE,TARGET with one comma, got \"%s\"",
				 value);
	source = arena_strndup(&call->policy->arena, value + rule.optional,
			       (size_t)(comma - value) - rule.optional);
	status = parse_one_path(call, source, &rule.path, err);
	if (status == 0)
		status =
			parse_one_path(call, comma + 1 + strspn(comma + 1, " "), &rule.target, err);
	if (status == 0)
		*array_push(&call->policy->arena, &call->policy->paths) = rule;
	return status;
}

int parse_overlay(const struct directive_call *call, const char *value, struct error *err)
{
	struct path_rule rule = {
		.action = PATH_OVERLAY,
		.optional = *value == '-',
		.origin = call->origin,
	};
	const char *path = value + rule.optional;
	const char *comma = strchr(path, ',');
	int status = 0;

	if (comma && strchr(comma + 1, ','))
		return error_set(err, EINVAL, "overlay takes PATH or PATH,FOLDER, got \"%s\"",
				 value);
	if (comma) {
		path = arena_strndup(&call->policy->arena, path, (size_t)(comma - path));
		status =
			parse_one_path(call, comma + 1 + strspn(comma + 1, " "), &rule.target, err);
	}
	if (status == 0)
		status = parse_one_path(call, path, &rule.path, err);
	if (status == 0)
		*array_push(&call->policy->arena, &call->policy->paths) = rule;
	return status;
}

int parse_private(const struct directive_call *call, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	if (call->directive->detail == 't')
		call->policy->private_tmp = true;
	else
		call->policy->private_dev = true;
	return 0;
}

int parse_userns(const struct directive_call *call, const char *value, struct error *err)
{
	static const struct name modes[] = { { "require", false }, { "try", true }, { NULL, 0 } };
	const struct name *mode = name_find(modes, value);

	if (!mode)
		return unknown_name("userns mode", value, modes, err);
	call->policy->userns_try = mode->value;
	return 0;
}

int parse_landlock(const struct directive_call *call, const char *value, struct error *err)
{
	static const struct name modes[] = {
		{ "auto", LANDLOCK_AUTO },
		{ "require", LANDLOCK_REQUIRE },
		{ "off", LANDLOCK_OFF },
		{ NULL, 0 },
	};
	const struct name *mode = name_find(modes, value);

	if (!mode)
		return unknown_name("Landlock mode", value, modes, err);
	call->policy->landlock = (enum landlock_mode)mode->value;
	call->policy->landlock_origin = call->origin;
	return 0;
}

int parse_private_home(const struct directive_call *call, const char *value, struct error *err)
{
	struct policy *policy = call->policy;
	const char *folder = NULL;

	if (*value && parse_one_path(call, value, &folder, err) < 0)
		return -err->code;
	if (!call->macros->home)
		return error_set(err, EINVAL, "%s: there is no HOME", call->directive->name);
	policy->private_home = true;
	policy->home_folder = folder;
	policy->home_origin = call->origin;
	return 0;
}

/* Names below /etc: neither "/etc/passwd" nor a way out of it. */
static bool is_below_etc(const char *name)
{
	for (const char *part = name;; part++) {
		size_t length = strcspn(part, "/");

		if (!length || (length <= 2 && !strncmp(part, "..", length)))
			return false;
		part += length;
		if (!*part)
			return true;
	}
}

int parse_private_etc(const struct directive_call *call, const char *value, struct error *err)
{
	struct policy *policy = call->policy;

	for (const char *item; (item = list_next(&policy->arena, &value));) {
		if (!is_below_etc(item) || strpbrk(item, "*?[")) {
			error_set(err, EINVAL, "\"%.64s\" is not the name of something in /etc",
				  item);
			error_hint(err, "names as below /etc, without wildcards: hosts,ssl/certs");
			return -EINVAL;
		}
		*array_push(&policy->arena, &policy->etc) = item;
	}
	policy->private_etc = true;
	return 0;
}

int parse_private_cwd(const struct directive_call *call, const char *value, struct error *err)
{
	const char *folder = NULL;

	if (*value && parse_one_path(call, value, &folder, err) < 0)
		return -err->code;
	call->policy->private_cwd = true;
	call->policy->cwd = folder;
	call->policy->cwd_origin = call->origin;
	return 0;
}

int parse_disable_mnt(const struct directive_call *call, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	call->policy->disable_mnt = true;
	call->policy->mnt_origin = call->origin;
	return 0;
}

int parse_net(const struct directive_call *call, const char *value, struct error *err)
{
	static const struct name modes[] = {
		{ "none", NET_NONE },
		{ "host", NET_HOST },
		{ "user", NET_USER },
		{ NULL, 0 },
	};
	const struct name *mode = name_find(modes, value);

	if (!mode)
		return unknown_name("network", value, modes, err);
	call->policy->net = (enum net_mode)mode->value;
	call->policy->net_origin = call->origin;
	return 0;
}

int parse_protocol(const struct directive_call *call, const char *value, struct error *err)
{
	struct protocol_policy protocol = { .set = true, .origin = call->origin };

	for (const char *item; (item = list_next(&call->policy->arena, &value));) {
		const struct name *family = name_find(family_names, item);

		if (!family)
			return unknown_name("address family", item, family_names, err);
		protocol.families |= UINT64_C(1) << family->value;
	}
	call->policy->protocol = protocol;
	return 0;
}

static int two_policies(const struct directive_call *call, struct error *err)
{
	const struct seccomp_policy *seccomp = &call->policy->seccomp;

	error_set(err, EINVAL, "%s cannot stand beside %s (%s)", call->directive->name,
		  seccomp_directives[seccomp->mode],
		  origin_text(&call->policy->arena, &seccomp->mode_origin));
	error_hint(err, "seccomp, seccomp.drop, seccomp.keep, seccomp.bpf and seccomp.oci exclude "
			"each other");
	return -EINVAL;
}

/*
 * A foreign policy is no list that could be added to: what would count, where two of them differ,
 * nobody could tell. Only the command line's replaces what a profile says.
 */
int parse_seccomp_file(const struct directive_call *call, const char *value, struct error *err)
{
	struct seccomp_policy *seccomp = &call->policy->seccomp;
	enum seccomp_mode mode = (enum seccomp_mode)call->directive->detail;
	struct seccomp_policy foreign = { .mode = mode, .mode_origin = call->origin };
	uint64_t fd;
	int status;

	if (seccomp->mode_origin.file && !overrides(call, &seccomp->mode_origin))
		return two_policies(call, err);
	if (mode == SECCOMP_BPF_FILE && parse_number(value, INT_MAX, &fd)) {
		if (fd <= STDERR_FILENO)
			return error_set(err, EINVAL,
					 "descriptor %d is the program's: %s takes one from 3 on",
					 (int)fd, call->directive->name);
		foreign.fd = (int)fd;
	} else {
		status = parse_one_path(call, value, &foreign.file, err);
		if (status < 0)
			return status;
		/* The next launch reads it again. */
		*array_push(&call->policy->arena, &call->policy->files) = foreign.file;
	}
	*seccomp = foreign;
	return 0;
}

int parse_seccomp(const struct directive_call *call, const char *value, struct error *err)
{
	struct seccomp_policy *seccomp = &call->policy->seccomp;
	enum seccomp_mode mode = (enum seccomp_mode)call->directive->detail;

	/* Which of two lists was meant to hold cannot be told, and a guess could be the wider one.
	 */
	if (seccomp->mode_origin.file && mode != seccomp->mode)
		return two_policies(call, err);
	if (mode == SECCOMP_KEEP && overrides(call, &seccomp->mode_origin))
		seccomp->items.count = 0;
	seccomp->mode = mode;
	seccomp->mode_origin = call->origin;
	for (const char *item; (item = list_next(&call->policy->arena, &value));) {
		bool except = *item == '!';

		if (except && mode == SECCOMP_KEEP)
			return error_set(err, EINVAL, "\"%s\": '!' has no meaning in seccomp.keep",
					 item);
		*array_push(&call->policy->arena, &seccomp->items) = (struct syscall_item){
			.name = item + except,
			.except = except,
			.origin = call->origin,
		};
	}
	return 0;
}

int capability_by_name(struct arena *arena, const char *name)
{
	cap_value_t value;
	const char *full =
		strncasecmp(name, "cap_", 4) ? arena_printf(arena, "cap_%s", name) : name;

	return cap_from_name(full, &value) < 0 || value >= 64 ? -1 : value;
}

int unknown_capability(const char *item, struct error *err)
{
	struct nearest nearest = { .word = item };
	char *names[CAP_LAST_CAP + 1];

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
		names[cap] = cap_to_name(cap);
		if (names[cap])
			nearest_offer(&nearest, names[cap] + strlen("cap_"));
	}
	error_set(err, EINVAL, "unknown capability \"%.64s\"", item);
	if (nearest.name)
		error_hint(err, "did you mean \"%s\"?", nearest.name);
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		cap_free(names[cap]);
	return -EINVAL;
}

int parse_caps(const struct directive_call *call, const char *value, struct error *err)
{
	bool keep = call->directive->detail == 'k';
	uint64_t *set = keep ? &call->policy->caps_keep : &call->policy->caps_drop;

	for (const char *item; (item = list_next(&call->policy->arena, &value));) {
		int cap = capability_by_name(&call->policy->arena, item);

		if (!keep && !strcmp(item, "all"))
			*set = ~UINT64_C(0);
		else if (cap < 0)
			return unknown_capability(item, err);
		else
			*set |= UINT64_C(1) << cap;
	}
	return 0;
}

static bool is_variable_name(const char *name, size_t length)
{
	if (!length || isdigit((unsigned char)*name))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isgraph((unsigned char)name[i]) || name[i] == '=')
			return false;
	return true;
}

int parse_env(const struct directive_call *call, const char *value, struct error *err)
{
	const char *equals = strchr(value, '=');
	struct arena *arena = &call->policy->arena;

	if (!equals || !is_variable_name(value, (size_t)(equals - value)))
		return error_set(err, EINVAL, "env needs NAME=VALUE, got \"%.64s\"", value);
	*array_push(arena, &call->policy->env) = (struct env_rule){
		.name = arena_strndup(arena, value, (size_t)(equals - value)),
		.value = arena_strdup(arena, equals + 1),
	};
	return 0;
}

int parse_rmenv(const struct directive_call *call, const char *value, struct error *err)
{
	struct arena *arena = &call->policy->arena;

	for (const char *item; (item = list_next(arena, &value));) {
		if (!is_variable_name(item, strlen(item)))
			return error_set(err, EINVAL, "\"%.64s\" is no variable's name", item);
		*array_push(arena, &call->policy->env) = (struct env_rule){ .name = item };
	}
	return 0;
}

int parse_hostname(const struct directive_call *call, const char *value, struct error *err)
{
	/* 64: __NEW_UTS_LEN; the letters are those of hostname(7). */
	if (strlen(value) > 64 || value[strspn(value, "abcdefghijklmnopqrstuvwxyz"
						      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")])
		return error_set(err, EINVAL, "\"%.80s\" is no host name", value);
	call->policy->hostname = arena_strdup(&call->policy->arena, value);
	return 0;
}

bool parse_size(const char *text, size_t length, rlim_t *limit)
{
	static const char units[] = "kmgt";
	char digits[32];
	const char *unit;
	uint64_t number;
	unsigned int shift = 0;

	if (!length || length >= sizeof(digits))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (!strcmp(digits, "unlimited")) {
		*limit = RLIM_INFINITY;
		return true;
	}
	unit = strchr(units, tolower((unsigned char)digits[length - 1]));
	if (unit) {
		shift = 10 * (unsigned int)(unit - units + 1);
		digits[length - 1] = '\0';
	}
	if (!parse_number(digits, (RLIM_INFINITY - 1) >> shift, &number))
		return false;
	*limit = (rlim_t)number << shift;
	return true;
}

int parse_rlimit(const struct directive_call *call, const char *value, struct error *err)
{
	struct rlimit_rule rule = { .set = true, .origin = call->origin };
	size_t soft = strcspn(value, ":");
	bool right = parse_size(value, soft, &rule.limit.rlim_cur);

	if (right && value[soft])
		right = parse_size(value + soft + 1, strlen(value + soft + 1),
				   &rule.limit.rlim_max);
	else
		rule.limit.rlim_max = rule.limit.rlim_cur;
	if (!right || rule.limit.rlim_cur > rule.limit.rlim_max) {
		error_set(err, EINVAL, "\"%.64s\" is no limit", value);
		error_hint(err, "a number, with k, m, g or t behind it for 1024 and its powers, "
				"or \"unlimited\"; SOFT:HARD for two");
		return -EINVAL;
	}
	call->policy->rlimits[call->directive->detail] = rule;
	return 0;
}
