// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/path_resolve.h"
#include "policy/plan.h"

/* Is @path below one of the folders that are the user's own to make things in? */
static const char *find_base(struct plan *plan, const struct plan_input *input, const char *path)
{
	const char *const bases[] = {
		input->home,
		arena_printf(&plan->arena, "/run/user/%u", (unsigned int)input->uid),
		input->cwd,
	};

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		if (bases[i] && strcmp(bases[i], "/") != 0 && path_is_below(path, bases[i]))
			return bases[i];
	return NULL;
}

static int refuse(struct plan *plan, const struct make_rule *rule, int code, const char *why,
		  const char *hint, struct error *err)
{
	error_set(err, code, "cannot make %s (%s): %s", rule->path,
		  origin_text(&plan->arena, &rule->origin), why);
	error_hint(err, "%s", hint);
	return -code;
}

/*
 * What is there already stays as it is. A symlink on the way to what is missing may be the work of
 * a program in an earlier jail, which would have things made wherever it likes.
 */
static int plan_one(struct plan *plan, const struct plan_input *input, const struct make_rule *rule,
		    struct error *err)
{
	struct path_resolved resolved;
	const char *base;
	int r = path_resolve(&plan->arena, rule->path, &resolved);

	if (r < 0)
		return refuse(plan, rule, -r, strerror(-r),
			      "every part of it that is there must be a folder", err);
	if (resolved.exists)
		return 0;
	if (resolved.links.count)
		return refuse(
			plan, rule, ELOOP,
			arena_printf(&plan->arena, "%s is a symlink", resolved.links.items[0].path),
			"name the folder that it leads to", err);
	base = find_base(plan, input, resolved.path);
	if (!base)
		return refuse(plan, rule, EINVAL,
			      "it is not below HOME, /run/user/UID or the working folder",
			      "create it by hand", err);
	*array_push(&plan->arena, &plan->makes) = (struct make_op){
		.folder = rule->folder,
		.base = base,
		.path = resolved.path,
		.origin = rule->origin,
	};
	return 0;
}

int plan_makes(struct plan *plan, const struct plan_input *input, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->policy->makes.count; i++)
		r = plan_one(plan, input, &plan->policy->makes.items[i], err);
	return r;
}

bool plan_makes_at(const struct make_plan *makes, const char *path, mode_t *mode)
{
	for (size_t i = 0; i < makes->count; i++) {
		const struct make_op *op = &makes->items[i];

		if (!path_is_at_or_below(op->path, path))
			continue;
		*mode = op->folder || strcmp(op->path, path) != 0 ? S_IFDIR | 0700 : S_IFREG | 0600;
		return true;
	}
	return false;
}
