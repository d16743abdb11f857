// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/directive.h"
#include "policy/mount_planner.h"

/* Each is a mount, or several: a program of an earlier jail may have left any number of files. */
#define MATCHES_LIMIT 2000

const char *path_rule_name(const struct path_rule *rule)
{
	static const char *const names[] = {
		[PATH_WHITELIST] = "whitelist",
		[PATH_WHITELIST_RO] = "whitelist-ro",
		[PATH_BLACKLIST] = "blacklist",
		[PATH_READ_ONLY] = "read-only",
		[PATH_READ_WRITE] = "read-write",
		[PATH_TMPFS] = "tmpfs",
		[PATH_BIND] = "bind",
		[PATH_NOEXEC] = "noexec",
		[PATH_OVERLAY] = "overlay",
		[PATH_NOBLACKLIST] = "noblacklist",
	};

	return names[rule->action];
}

int path_rule_error(struct planner *planner, const struct path_rule *rule, int code,
		    struct error *err)
{
	error_set(err, code, "cannot %s %s (%s): %s", path_rule_name(rule), rule->path,
		  origin_text(planner->arena, &rule->origin), strerror(code));
	if (code == ENOENT)
		error_hint(err, "create it, or write \"%s -%s%s%s\" if it may be missing",
			   path_rule_name(rule), rule->path, rule->target ? "," : "",
			   rule->target ? rule->target : "");
	else if (code == EACCES)
		error_hint(err, "a folder on the way is closed to this user: name that folder");
	return -code;
}

int planner_resolve(struct planner *planner, const char *path, struct path_resolved *resolved)
{
	int r = path_resolve(planner->arena, path, resolved);

	if (r == 0 && !resolved->exists &&
	    plan_makes_at(planner->makes, resolved->path, &resolved->mode)) {
		resolved->exists = true;
		resolved->existing = strlen(resolved->path);
	}
	return r;
}

/* Says the command line more than a profile, here as everywhere? */
static bool may_exempt(const struct path_rule *exempting, const struct path_rule *blacklist)
{
	return blacklist->origin.file != command_line || exempting->origin.file == command_line;
}

/* "/a//b/./c/" as "/a/b/c"; ".." stays. */
static const char *tidy(struct arena *arena, const char *path)
{
	const char *tidied = "";

	for (const char *name = path; *(name += strspn(name, "/"));) {
		size_t length = strcspn(name, "/");

		if (length != 1 || *name != '.')
			tidied = arena_printf(arena, "%s/%.*s", tidied, (int)length, name);
		name += length;
	}
	return *tidied ? tidied : "/";
}

/*
 * As in firejail, by the names that are written, wherever symlinks lead: those may be the work of
 * a program in an earlier jail, which must not talk anybody out of hiding something.
 */
static bool is_exempt(struct planner *planner, const struct path_rule *blacklist)
{
	const char *path = tidy(planner->arena, blacklist->path);

	for (size_t i = 0; i < planner->policy->paths.count; i++) {
		const struct path_rule *rule = &planner->policy->paths.items[i];

		if (rule->action == PATH_NOBLACKLIST && may_exempt(rule, blacklist) &&
		    !fnmatch(tidy(planner->arena, rule->path), path, FNM_PATHNAME))
			return true;
	}
	return false;
}

static void add(struct planner *planner, const struct path_rule *rule)
{
	if (rule->action == PATH_NOBLACKLIST ||
	    (rule->action == PATH_BLACKLIST && is_exempt(planner, rule)))
		return;
	*array_push(planner->arena, planner->rules) = *rule;
}

/* A wildcard matches dot files, as in firejail, but not the two names that lead elsewhere. */
static bool leads_elsewhere(const char *path)
{
	for (const char *name = path; *(name += strspn(name, "/"));) {
		size_t length = strcspn(name, "/");

		if (!strncmp(name, "..", length) && length <= 2)
			return true;
		name += length;
	}
	return false;
}

/*
 * A program of an earlier jail could have closed a folder of the user's to reading: then nothing
 * in it would be found, and nothing hidden, though all of it could be reached. Of other users'
 * folders, those that cannot be entered do not matter.
 */
static int on_unreadable(const char *path, int code)
{
	struct stat st;

	if (code == ENOENT || code == ENOTDIR)
		return 0;
	return access(path, X_OK) == 0 || (stat(path, &st) == 0 && st.st_uid == getuid());
}

static int expand(struct planner *planner, const struct path_rule *pattern, size_t *matches,
		  struct error *err)
{
	struct path_rule rule = *pattern;
	glob_t found = { 0 };
	int status = glob(pattern->path, GLOB_PERIOD, on_unreadable, &found);

	rule.pattern = false;
	for (size_t i = 0; status == 0 && i < found.gl_pathc; i++) {
		if (leads_elsewhere(found.gl_pathv[i]))
			continue;
		++*matches;
		rule.path = arena_strdup(planner->arena, found.gl_pathv[i]);
		if (*matches <= MATCHES_LIMIT)
			add(planner, &rule);
	}
	globfree(&found);
	if (*matches > MATCHES_LIMIT)
		return error_set(err, E2BIG, "%s %s (%s) is more than %d paths",
				 path_rule_name(pattern), pattern->path,
				 origin_text(planner->arena, &pattern->origin), MATCHES_LIMIT);
	if (status == 0 || status == GLOB_NOMATCH)
		return 0;
	error_set(err, EACCES, "cannot tell what %s %s (%s) stands for: a folder cannot be read",
		  path_rule_name(pattern), pattern->path,
		  origin_text(planner->arena, &pattern->origin));
	error_hint(err, "make the folders that the wildcards are in readable, or name the paths");
	return -EACCES;
}

/* What other directives say, as rules: they hold as those do. */
static void add_implied(struct planner *planner)
{
	static const char *const mount_points[] = { "/mnt", "/media", "/run/mount", "/run/media" };
	const struct policy *policy = planner->policy;

	if (policy->home_folder && planner->input->home)
		add(planner, &(struct path_rule){
				     .action = PATH_BIND,
				     .path = policy->home_folder,
				     .target = planner->input->home,
				     .origin = policy->home_origin,
			     });
	for (size_t i = 0; policy->disable_mnt && i < sizeof(mount_points) / sizeof(*mount_points);
	     i++)
		add(planner, &(struct path_rule){
				     .action = PATH_BLACKLIST,
				     .path = mount_points[i],
				     .origin = policy->mnt_origin,
			     });
}

int planner_expand(struct planner *planner, struct error *err)
{
	size_t matches = 0;

	add_implied(planner);
	for (size_t i = 0; i < planner->policy->paths.count; i++) {
		const struct path_rule *rule = &planner->policy->paths.items[i];

		if (!rule->pattern || rule->action == PATH_NOBLACKLIST) {
			add(planner, rule);
			continue;
		}
		if (expand(planner, rule, &matches, err) < 0)
			return -err->code;
		if (rule->more)
			continue;
		if (!matches && !rule->optional && rule->action != PATH_BLACKLIST)
			return path_rule_error(planner, rule, ENOENT, err);
		matches = 0;
	}
	return 0;
}
