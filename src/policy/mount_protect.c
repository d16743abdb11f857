// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/mount_planner.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

static int protect_at(struct planner *planner, const char *path, struct error *err)
{
	static const struct origin launcher = { .file = "uring-jail itself" };
	struct mount_node *top = mount_tree_at(&planner->tree, path);

	for (const struct mount_node *node = top; node; node = mount_node_next(node, top)) {
		if (node->access_by != SAID_BY_RULE || node->read_only)
			continue;
		error_set(err, EINVAL, "cannot make %s writable (%s): profiles are read there",
			  node->path, origin_text(planner->arena, &node->access_origin));
		error_hint(err, "a program must not write its own profile: remove the line");
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

/* Where the host's @folder appears in the jail, by a bind of it or of something around it. */
static int protect_copies(struct planner *planner, const struct path_resolved *folder,
			  struct error *err)
{
	for (struct mount_node *node = planner->tree.root; node;
	     node = mount_node_next(node, planner->tree.root)) {
		const char *source = node->object.source;
		const char *path = node->path;
		size_t existing = folder->existing;
		int r;

		if (!node->object_by || node->object.kind != MOUNT_BIND)
			continue;
		if (path_is_at_or_below(folder->path, source)) {
			path = path_moved(planner->arena, folder->path, source, node->path);
			existing += strlen(path) - strlen(folder->path);
		} else if (!path_is_below(source, folder->path)) {
			continue;
		}
		r = protect_at(planner, path, err);
		if (r < 0)
			return r;
		if (!folder->exists)
			make_missing(planner, path, existing);
	}
	return 0;
}

static int protect_folder(struct planner *planner, const char *folder, struct error *err)
{
	static const struct path_rule self = { .origin = { .file = "uring-jail itself" } };
	struct path_resolved resolved;

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
	return protect_copies(planner, &resolved, err);
}

int planner_protect_profiles(struct planner *planner, struct error *err)
{
	const char *config = planner_environment(planner, "XDG_CONFIG_HOME");
	const char *home = planner->input->home;
	int r = 0;

	if (config && config[0] == '/')
		r = protect_folder(planner, arena_printf(planner->arena, "%s/uring-jail", config),
				   err);
	if (r == 0 && home)
		r = protect_folder(
			planner, arena_printf(planner->arena, "%s/.config/uring-jail", home), err);
	if (r == 0)
		r = protect_folder(planner, SYSTEM_PROFILE_DIR, err);
	if (r == 0)
		r = protect_folder(planner, PROFILE_DIR, err);
	return r;
}
