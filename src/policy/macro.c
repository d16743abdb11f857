// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/macro.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/user_dirs.h"

static const char wildcards[] = "*?[";

/* @text as a pattern that matches nothing but itself. */
static const char *escape(struct arena *arena, const char *text)
{
	char *escaped = arena_alloc(arena, 2 * strlen(text) + 1);
	char *end = escaped;

	for (; *text; text++) {
		if (strchr("\\*?[]", *text))
			*end++ = '\\';
		*end++ = *text;
	}
	return escaped;
}

static void add(const struct directive_call *call, struct macro_paths *expanded, const char *folder,
		const char *rest)
{
	struct arena *arena = &call->policy->arena;

	*array_push(arena, &expanded->paths) = arena_printf(
		arena, "%s%s", expanded->pattern ? escape(arena, folder) : folder, rest);
}

/* The absolute folders of PATH: a relative one is another one wherever a program stands. */
static int add_path_folders(const struct directive_call *call, const char *rest,
			    struct macro_paths *expanded, struct error *err)
{
	struct arena *arena = &call->policy->arena;

	expanded->pattern = true;
	for (const char *path = call->macros->path; path && *path;) {
		size_t length = strcspn(path, ":");

		if (*path == '/')
			add(call, expanded, arena_strndup(arena, path, length), rest);
		path += length + (path[length] == ':');
	}
	if (!expanded->paths.count)
		return error_set(err, EINVAL, "${PATH} has no folder here");
	return 0;
}

static bool is_macro(const char *value, const char *macro, const char **rest)
{
	size_t length = strlen(macro);

	*rest = value + length;
	return !strncmp(value, macro, length) && (!**rest || **rest == '/');
}

static int unknown_macro(const char *value, struct error *err)
{
	error_set(err, EINVAL, "unknown macro in \"%s\"", value);
	error_hint(err, "known ones, at the start of a path only: ${HOME} ${CWD} ${RUNUSER} "
			"${CFG} ${PATH} ${DESKTOP} ${DOCUMENTS} ${DOWNLOADS} ${MUSIC} "
			"${PICTURES} ${VIDEOS} and ~");
	return -EINVAL;
}

static int add_user_dir(const struct directive_call *call, const char *value,
			struct macro_paths *expanded, struct error *err)
{
	for (const struct user_dir *dir = user_dirs; dir->macro; dir++) {
		const char *rest;
		const char *folder;

		if (!is_macro(value, dir->macro, &rest))
			continue;
		if (user_dir_find(call, dir, &folder, err) < 0)
			return -err->code;
		add(call, expanded, folder, rest);
		return 0;
	}
	return unknown_macro(value, err);
}

static int add_expanded(const struct directive_call *call, const char *value,
			struct macro_paths *expanded, struct error *err)
{
	const struct {
		const char *macro;
		const char *text;
	} macros[] = {
		{ "${HOME}", call->macros->home }, { "~", call->macros->home },
		{ "${CWD}", call->macros->cwd },   { "${RUNUSER}", call->macros->runuser },
		{ "${CFG}", call->macros->cfg },
	};
	const char *rest;

	for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++) {
		if (!is_macro(value, macros[i].macro, &rest))
			continue;
		if (!macros[i].text)
			return error_set(err, EINVAL, "%s is not known here, in \"%s\"",
					 macros[i].macro, value);
		add(call, expanded, macros[i].text, rest);
		return 0;
	}
	if (strstr(value, "${"))
		return add_user_dir(call, value, expanded, err);
	if (*value == '/') {
		add(call, expanded, "", value);
		return 0;
	}
	if (call->origin.file != command_line || !*value) {
		error_set(err, EINVAL, "\"%s\" is not an absolute path", value);
		error_hint(err, "start it with / or ${HOME}/ or ${CWD}/");
		return -EINVAL;
	}
	add(call, expanded, call->macros->cwd, arena_printf(&call->policy->arena, "/%s", value));
	return 0;
}

static int no_patterns(const struct directive_call *call, const char *value, struct error *err)
{
	error_set(err, EINVAL, "%s takes one path, and no wildcards: \"%s\"", call->directive->name,
		  value);
	error_hint(err, "name each path on a line of its own");
	return -EINVAL;
}

/* A list of paths taken for one pattern would match nothing, and hide nothing. */
static int check_pattern(const struct directive_call *call, const char *value, struct error *err)
{
	for (const char *name = value; (name = strstr(name, "..")); name += 2)
		if ((name == value || name[-1] == '/') && (!name[2] || name[2] == '/')) {
			error_set(err, EINVAL, "\"..\" beside wildcards, in \"%s\"", value);
			error_hint(err, "name the folder that is meant");
			return -EINVAL;
		}
	if (strchr(value, ','))
		return no_patterns(call, value, err);
	return 0;
}

int macro_expand(const struct directive_call *call, const char *value, bool patterns,
		 struct macro_paths *expanded, struct error *err)
{
	const char *rest;
	bool path = is_macro(value, "${PATH}", &rest);

	*expanded = (struct macro_paths){ .pattern = strpbrk(value, wildcards) };
	if ((path || expanded->pattern) && !patterns)
		return no_patterns(call, value, err);
	if ((path || expanded->pattern) && check_pattern(call, value, err) < 0)
		return -err->code;
	if (!path)
		return add_expanded(call, value, expanded, err);
	if (!expanded->pattern)
		rest = escape(&call->policy->arena, rest);
	return add_path_folders(call, rest, expanded, err);
}
