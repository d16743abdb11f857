// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/mount_planner.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "policy/group_limit.h"

/* What the program must not write, and why. */
struct protection {
	const char *why;
	const char *hint;
};

static const struct protection run_from = {
	"uring-jail is run from",
	"a program must write neither profiles nor the launcher: remove the line",
};

static int protect_at(struct planner *planner, const char *path, const struct protection *what,
		      struct error *err)
{
	static const struct origin launcher = { .file = "uring-jail itself" };
	struct mount_node *top = mount_tree_at(&planner->tree, path);

	for (const struct mount_node *node = top; node; node = mount_node_next(node, top)) {
		if (node->access_by != SAID_BY_RULE || node->read_only)
			continue;
		error_set(err, EINVAL, "cannot make %s writable (%s): %s %s", node->path,
			  origin_text(planner->arena, &node->access_origin), what->why, path);
		error_hint(err, "%s", what->hint);
		return -EINVAL;
	}
	mount_tree_access(&planner->tree, path, true, SAID_BY_LAUNCHER, &launcher);
	return 0;
}

/*
 * A folder that is missing could be made by the program. So the launcher makes it, empty, where
 * the program could: the names behind the @existing first bytes of the path.
 */
static void make_missing(struct planner *planner, const char *path, size_t existing)
{
	size_t length = existing;

	while (path[length]) {
		struct mount_node *node;

		length += 1 + strcspn(path + length + 1, "/");
		node = mount_tree_at(&planner->tree, arena_strndup(planner->arena, path, length));
		if (node->object_by)
			continue;
		planner_put(planner, node->path, MOUNT_DIR, 0700, NULL);
		node->object.flags |= MOUNT_OPTIONAL;
		node->make_on_host = true;
	}
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The name at or above @path that leads to @wanted; NULL if none does. */
static const char *name_above(struct planner *planner, const char *path, const struct stat *wanted)
{
	size_t length = strlen(path);
	struct stat st;

	for (;;) {
		const char *above =
			length ? arena_strndup(planner->arena, path, length) : (const char *)"/";

		if (stat(above, &st) == 0 && is_same(&st, wanted))
			return above;
		if (length == 0)
			return NULL;
		while (path[--length] != '/')
			;
	}
}

/*
 * Where the bind at @node shows the host's @path, or what is below it; NULL: nowhere. What a rule
 * binds may be the same folder by another name, of a bind mount on the host.
 */
static const char *shown_at(struct planner *planner, const struct mount_node *node,
			    const char *path)
{
	const char *source = node->object.source;
	const char *above;
	struct stat there;
	struct stat st;

	if (path_is_at_or_below(path, source))
		return path_moved(planner->arena, path, source, node->path);
	if (path_is_below(source, path))
		return node->path;
	if (node->object_by == SAID_BY_DEFAULT &&
	    (!planner->input->cwd || strcmp(source, planner->input->cwd) != 0))
		return NULL;
	if (stat(source, &st) < 0)
		return NULL;
	above = name_above(planner, path, &st);
	if (stat(path, &st) < 0)
		return above ? path_moved(planner->arena, path, above, node->path) : NULL;
	if (!above)
		return name_above(planner, source, &st) ? node->path : NULL;
	/* A mount on the way need not be there by the other name. */
	return stat(path_moved(planner->arena, path, above, source), &there) == 0 &&
			       is_same(&st, &there)
		       ? path_moved(planner->arena, path, above, node->path)
		       : NULL;
}

/* Where the host's @folder (or file) appears in the jail, by a bind of it or around it. */
static int protect_copies(struct planner *planner, const struct path_resolved *folder,
			  const struct protection *what, struct error *err)
{
	for (struct mount_node *node = planner->tree.root; node;
	     node = mount_node_next(node, planner->tree.root)) {
		const char *path;
		int r;

		if (!node->object_by || node->object.kind != MOUNT_BIND)
			continue;
		path = shown_at(planner, node, folder->path);
		if (!path || mount_tree_cover(&planner->tree, path) != node)
			continue;
		/* What is made in an overlay is not there for the next launch. */
		if (!folder->exists && (node->object.flags & MOUNT_OVERLAY))
			continue;
		r = protect_at(planner, path, what, err);
		if (r < 0)
			return r;
		if (!folder->exists)
			make_missing(planner, path,
				     folder->existing + strlen(path) - strlen(folder->path));
	}
	return 0;
}

static int hide_at(struct planner *planner, const char *path, const struct mount_op *overlay,
		   struct error *err)
{
	struct mount_node *node = mount_tree_at(&planner->tree, path);

	if (node->object_by == SAID_BY_RULE) {
		error_set(err, EINVAL,
			  "cannot show %s (%s): %s keeps the changes of overlay %s (%s)", path,
			  origin_text(planner->arena, &node->object.origin), overlay->changes,
			  overlay->target, origin_text(planner->arena, &overlay->origin));
		error_hint(err, "remove one of the two");
		return -EINVAL;
	}
	node->object_by = SAID_NOWHERE;
	node->masked_by = SAID_BY_LAUNCHER;
	node->mask_origin = overlay->origin;
	return 0;
}

static int hide_changes_of(struct planner *planner, const struct mount_op *overlay,
			   struct error *err)
{
	int r = 0;

	for (struct mount_node *node = planner->tree.root; r == 0 && node;
	     node = mount_node_next(node, planner->tree.root)) {
		const char *path;

		if (!node->object_by || node->object.kind != MOUNT_BIND)
			continue;
		path = shown_at(planner, node, overlay->changes);
		if (path && mount_tree_cover(&planner->tree, path) == node)
			r = hide_at(planner, path, overlay, err);
	}
	return r;
}

int planner_hide_changes(struct planner *planner, struct error *err)
{
	int r = 0;

	for (const struct mount_node *node = planner->tree.root; r == 0 && node;
	     node = mount_node_next(node, planner->tree.root))
		if (node->object_by && node->object.changes)
			r = hide_changes_of(planner, &node->object, err);
	return r;
}

static int hide_socket_at(struct planner *planner, const struct mount_node *shower,
			  const char *path, const char *directive, const struct bus_policy *policy,
			  bool *shown, struct error *err)
{
	struct mount_node *node = mount_tree_at(&planner->tree, path);

	if (node == shower && node->object_by == SAID_BY_RULE && policy->mode == BUS_UNSAID) {
		*shown = true;
		return 0;
	}
	if (node->object_by == SAID_BY_RULE) {
		error_set(err, EINVAL, "cannot show %s (%s): %s (%s) hides it", path,
			  origin_text(planner->arena, &node->object.origin), directive,
			  origin_text(planner->arena, &policy->origin));
		error_hint(err, "\"%s allow\" shows the bus itself", directive);
		return -EINVAL;
	}
	node->object_by = SAID_NOWHERE;
	if (node->masked_by < SAID_BY_LAUNCHER)
		node->mask_origin = policy->origin;
	node->masked_by = SAID_BY_LAUNCHER;
	return 0;
}

int planner_hide_socket(struct planner *planner, const char *path, const char *directive,
			const struct bus_policy *policy, bool *shown, struct error *err)
{
	struct path_resolved resolved;
	int r = 0;

	/* What is not there, or out of this user's reach, need not be hidden. */
	if (path_resolve(planner->arena, path, &resolved) < 0 || !resolved.exists)
		return 0;
	for (struct mount_node *node = planner->tree.root; r == 0 && node;
	     node = mount_node_next(node, planner->tree.root)) {
		const char *at;

		if (!node->object_by || node->object.kind != MOUNT_BIND)
			continue;
		at = shown_at(planner, node, resolved.path);
		if (at && mount_tree_cover(&planner->tree, at) == node)
			r = hide_socket_at(planner, node, at, directive, policy, shown, err);
	}
	return r;
}

/* Where a bind shows @path, which is there or will be. Sets @shown if one does. */
static int hide_proxies_in_binds(struct planner *planner, const char *path, bool *shown,
				 struct error *err)
{
	static const struct origin launcher = { .file = "uring-jail itself" };

	for (struct mount_node *node = planner->tree.root; node;
	     node = mount_node_next(node, planner->tree.root)) {
		struct mount_node *hidden;
		const char *at;

		if (!node->object_by || node->object.kind != MOUNT_BIND)
			continue;
		at = shown_at(planner, node, path);
		if (!at || mount_tree_cover(&planner->tree, at) != node)
			continue;
		hidden = mount_tree_at(&planner->tree, at);
		if (hidden->object_by == SAID_BY_RULE) {
			error_set(err, EINVAL, "cannot show %s (%s): other jails' buses are there",
				  at, origin_text(planner->arena, &hidden->object.origin));
			error_hint(err, "remove the line");
			return -EINVAL;
		}
		hidden->object_by = SAID_NOWHERE;
		hidden->masked_by = SAID_BY_LAUNCHER;
		hidden->mask_origin = launcher;
		*shown = true;
	}
	return 0;
}

int planner_hide_proxies(struct planner *planner, const struct bus_plan buses[BUSES],
			 struct make_plan *makes, struct error *err)
{
	const char *path = arena_printf(planner->arena, "%s/" PROXIES_FOLDER, planner->run_user);
	struct path_resolved resolved;
	bool needed = false;

	/* Without such a folder of the user's there are no proxies in it either. */
	if (access(planner->run_user, W_OK) < 0)
		return 0;
	for (enum bus_number number = 0; number < BUSES; number++)
		needed = needed || buses[number].proxy;
	if (hide_proxies_in_binds(planner, path, &needed, err) < 0)
		return -err->code;
	if (!needed)
		return 0;
	/* No jail can have left something else there, but who is not in one can. */
	if (path_resolve(planner->arena, path, &resolved) < 0 || resolved.links.count ||
	    (resolved.exists && !S_ISDIR(resolved.mode))) {
		error_set(err, ENOTDIR, "%s is no folder, or by way of a symlink", path);
		error_hint(err, "remove it: proxies of buses have their sockets there");
		return -ENOTDIR;
	}
	if (!resolved.exists)
		*array_push(planner->arena, makes) = (struct make_op){
			.folder = true,
			.base = planner->run_user,
			.path = resolved.path,
			.origin = { .file = "uring-jail itself" },
		};
	return 0;
}

static const struct path_rule self = { .origin = { .file = "uring-jail itself" } };

/* A file, or whatever a symlink among the profiles leads to. */
static int protect_file(struct planner *planner, const char *path, struct error *err)
{
	struct path_resolved resolved;

	if (path_resolve(planner->arena, path, &resolved) < 0 || !resolved.exists)
		return 0;
	planner_note_links(planner, &self, &resolved, false);
	return protect_copies(planner, &resolved, &run_from, err);
}

/* What another launch would read by way of a symlink in @folder. */
static int protect_linked(struct planner *planner, const char *folder, struct error *err)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int r = 0;

	if (!dir)
		return 0;
	while (r == 0 && (entry = readdir(dir)))
		if ((entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) &&
		    strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = protect_file(
				planner,
				arena_printf(planner->arena, "%s/%s", folder, entry->d_name), err);
	closedir(dir);
	return r;
}

static int protect_folder(struct planner *planner, const char *folder, struct error *err)
{
	struct path_resolved resolved;
	int r;

	/* What the user cannot reach, the jail's program cannot reach either. */
	if (path_resolve(planner->arena, folder, &resolved) < 0)
		return 0;
	if (!resolved.exists) {
		const char *parent =
			resolved.existing
				? arena_strndup(planner->arena, resolved.path, resolved.existing)
				: "/";

		if (access(parent, W_OK) < 0)
			return 0;
	}
	planner_note_links(planner, &self, &resolved, false);
	r = protect_copies(planner, &resolved, &run_from, err);
	return r < 0 || !resolved.exists ? r : protect_linked(planner, resolved.path, err);
}

/* Who could write there could lift the jail's limits, or leave its control group. */
static int protect_groups(struct planner *planner, struct error *err)
{
	static const struct protection groups = {
		"the limits of control groups are held in",
		"remove the line, or memory-max, tasks-max and cpu-quota",
	};
	struct path_resolved resolved;

	if (!group_limits_asked(planner->policy) ||
	    path_resolve(planner->arena, "/sys/fs/cgroup", &resolved) < 0 || !resolved.exists)
		return 0;
	return protect_copies(planner, &resolved, &groups, err);
}

/* The folders that this launch or another one reads profiles from; an entry may be NULL. */
#define FOLDERS 5
#define USER_FOLDERS 3 /* the first of them */

static void list_folders(const struct planner *planner, const char *folders[FOLDERS])
{
	const char *config = planner_environment(planner, "XDG_CONFIG_HOME");
	const char *const homes[] = { planner->input->home, planner->input->login_home };

	folders[0] = config && config[0] == '/'
			     ? arena_printf(planner->arena, "%s/uring-jail", config)
			     : NULL;
	for (size_t i = 0; i < 2; i++)
		folders[1 + i] =
			homes[i] ? arena_printf(planner->arena, "%s/.config/uring-jail", homes[i])
				 : NULL;
	folders[3] = SYSTEM_PROFILE_DIR;
	folders[4] = PROFILE_DIR;
}

/* Next to the user's folders of profiles: what ${DOWNLOADS} and its like stand for. */
static int protect_user_dirs(struct planner *planner, const char *folder, struct error *err)
{
	const char *end = folder + strlen(folder) - strlen("/uring-jail");

	return protect_file(
		planner,
		arena_printf(planner->arena, "%.*s/user-dirs.dirs", (int)(end - folder), folder),
		err);
}

int planner_protect_profiles(struct planner *planner, struct error *err)
{
	const char *folders[FOLDERS];
	int r = 0;

	list_folders(planner, folders);
	for (size_t i = 0; r == 0 && i < FOLDERS; i++)
		if (folders[i])
			r = protect_folder(planner, folders[i], err);
	for (size_t i = 0; r == 0 && i < USER_FOLDERS; i++)
		if (folders[i])
			r = protect_user_dirs(planner, folders[i], err);
	for (size_t i = 0; r == 0 && i < planner->policy->files.count; i++)
		r = protect_file(planner, planner->policy->files.items[i], err);
	if (r == 0 && planner->input->launcher)
		r = protect_file(planner, planner->input->launcher, err);
	return r < 0 ? r : protect_groups(planner, err);
}

/* Is @path the folder @inner, or one above it, by whatever name? */
static bool is_at_or_above(struct planner *planner, const char *path, const char *inner)
{
	struct stat st;

	return path_is_at_or_below(inner, path) ||
	       (stat(path, &st) == 0 && name_above(planner, inner, &st));
}

/* By its own name, what is protected in there can be protected. */
static bool is_other_name_of(struct planner *planner, const char *path, const char *folder)
{
	struct path_resolved resolved;

	if (path_resolve(planner->arena, folder, &resolved) < 0 ||
	    path_is_at_or_below(resolved.path, path) || path_is_below(path, resolved.path))
		return false;
	return is_at_or_above(planner, path, resolved.path) ||
	       (resolved.exists && is_at_or_above(planner, resolved.path, path));
}

bool planner_is_private(struct planner *planner, const char *path)
{
	const char *const homes[] = { planner->input->home, planner->input->login_home };
	const char *folders[FOLDERS];

	for (size_t i = 0; i < 2; i++)
		if (homes[i] && is_at_or_above(planner, path, homes[i]))
			return true;
	list_folders(planner, folders);
	for (size_t i = 0; i < FOLDERS; i++)
		if (folders[i] && is_other_name_of(planner, path, folders[i]))
			return true;
	return false;
}
