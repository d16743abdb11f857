// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/mount_planner.h"

static int rule_refused(struct planner *planner, const struct path_rule *rule, const char *path,
			const char *why, const char *hint, struct error *err)
{
	error_set(err, EINVAL, "cannot %s %s (%s): %s", path_rule_name(rule), path,
		  origin_text(planner->arena, &rule->origin), why);
	error_hint(err, "%s", hint);
	return -EINVAL;
}

void planner_note_links(struct planner *planner, const struct path_rule *rule,
			const struct path_resolved *resolved, bool grants)
{
	for (size_t i = 0; i < resolved->links.count; i++) {
		struct mount_node *node;

		node = mount_tree_at(&planner->tree, resolved->links.items[i].path);
		if (!grants) {
			if (!node->object_by)
				node->object.origin = rule->origin;
			node->holds_link = true;
			continue;
		}
		if (node->object_by && node->object.kind != MOUNT_SYMLINK)
			continue;
		planner_put_link(planner, node->path, resolved->links.items[i].text);
		node->object.origin = rule->origin;
		node->grants_link = true;
	}
}

/* Drops the root mode's objects below something that a rule shows or empties as a whole. */
static void drop_defaults_below(struct mount_node *top)
{
	for (struct mount_node *node = top; node; node = mount_node_next(node, top))
		if (node != top && node->object_by == SAID_BY_DEFAULT)
			node->object_by = SAID_NOWHERE;
}

static int put_rule(struct planner *planner, size_t index, const struct path_rule *rule,
		    struct mount_op op, struct error *err)
{
	const struct mount_node *cover = mount_tree_cover(&planner->tree, op.target);
	struct mount_node *node;

	if (!strcmp(op.target, "/"))
		return rule_refused(planner, rule, op.target, "it is the root itself",
				    "\"root host\" shows the host's tree", err);
	if (cover && cover->object.kind == MOUNT_PROC)
		return rule_refused(planner, rule, op.target, "/proc is always the jail's own",
				    "remove the line", err);
	node = mount_tree_at(&planner->tree, op.target);
	if (planner->policy->root != ROOT_HOST || op.kind != MOUNT_BIND)
		drop_defaults_below(node);
	/* A whitelist-ro of before is no longer what counts here; an overlay of a system folder
	 * leaves that alone. */
	if (node->access_by == SAID_BY_GRANT ||
	    (node->access_by == SAID_BY_DEFAULT && (op.flags & MOUNT_OVERLAY)))
		node->access_by = SAID_NOWHERE;
	op.target = node->path;
	op.origin = rule->origin;
	node->object = op;
	node->object_by = SAID_BY_RULE;
	node->object_order = index;
	node->granted_read_only = rule->action == PATH_WHITELIST_RO;
	node->sealed = false;
	node->masked_by = SAID_NOWHERE;
	return 0;
}

/*
 * With the host's tree, "whitelist" empties the top folder around a path: HOME, or the first
 * folder of the path. As in firejail, what is whitelisted is then all that is seen in there.
 */
static const char *top_folder(const struct planner *planner, const char *path)
{
	const char *const own[] = { planner->input->home, planner->run_user, "/usr/share" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i] && path_is_at_or_below(path, own[i]))
			return own[i];
	return arena_strndup(planner->arena, path, 1 + strcspn(path + 1, "/"));
}

static void empty_top_folder(struct planner *planner, const char *path)
{
	const char *top = top_folder(planner, path);
	bool home = planner->input->home && !strcmp(top, planner->input->home);
	struct mount_node *node;

	if (!path_is_below(path, top))
		return;
	node = mount_tree_at(&planner->tree, top);
	if (node->object_by)
		return;
	planner_put(planner, top, MOUNT_TMPFS,
		    home || !strcmp(top, planner->run_user) ? 0700
		    : !strcmp(top, "/tmp")		    ? 01777
							    : 0755,
		    NULL);
	node->sealed = !home && strcmp(top, "/tmp") != 0;
}

static int whitelist(struct planner *planner, size_t index, const struct path_rule *rule,
		     const struct path_resolved *resolved, struct error *err)
{
	const struct mount_node *cover = mount_tree_cover(&planner->tree, resolved->path);
	struct mount_op op = {
		.kind = MOUNT_BIND,
		.mode = resolved->mode & S_IFMT,
		.source = resolved->path,
		.target = resolved->path,
	};
	int r;

	/* Never the host's /proc: its own is what a jail can have. */
	if (!strcmp(resolved->path, "/proc")) {
		if (!cover || cover->object.kind != MOUNT_PROC)
			planner_put_proc(planner);
		return 0;
	}
	if (!strcmp(resolved->path, "/") && planner->policy->root == ROOT_HOST)
		return 0;
	if (path_is_at_or_below(resolved->path, "/dev"))
		op.flags |= MOUNT_DEVICES;
	if (planner->policy->root == ROOT_HOST)
		empty_top_folder(planner, resolved->path);
	r = put_rule(planner, index, rule, op, err);
	if (r < 0)
		return r;
	planner_note_links(planner, rule, resolved, true);
	if (rule->action == PATH_WHITELIST_RO)
		mount_tree_access(&planner->tree, resolved->path, true, SAID_BY_GRANT,
				  &rule->origin);
	return 0;
}

/* The changes are the program's work, and of DIR's files none may be both. */
static int find_changes(struct planner *planner, const struct path_rule *rule, const char *path,
			const char **changes, struct error *err)
{
	struct path_resolved resolved;
	int r = planner_resolve(planner, rule->target, &resolved);

	if (r == 0 && (!resolved.exists || !S_ISDIR(resolved.mode)))
		r = resolved.exists ? -ENOTDIR : -ENOENT;
	if (r < 0) {
		error_set(err, -r, "overlay %s: cannot keep changes in %s (%s): %s", path,
			  rule->target, origin_text(planner->arena, &rule->origin), strerror(-r));
		error_hint(err, "create the folder, with \"mkdir %s\" for example", rule->target);
		return r;
	}
	/* Of a link that a program of an earlier jail may have left, nobody knows where it leads.
	 */
	if (resolved.links.count)
		return rule_refused(planner, rule, path,
				    arena_printf(planner->arena, "%s is a symlink",
						 resolved.links.items[0].path),
				    arena_printf(planner->arena, "to keep changes there, name %s",
						 resolved.path),
				    err);
	if (path_is_at_or_below(resolved.path, path) || path_is_below(path, resolved.path))
		return rule_refused(planner, rule, path,
				    arena_printf(planner->arena, "its changes cannot be kept in %s",
						 resolved.path),
				    "name a folder that is neither in it nor around it", err);
	*changes = resolved.path;
	return 0;
}

static int overlay_rule(struct planner *planner, size_t index, const struct path_rule *rule,
			const struct path_resolved *resolved, struct error *err)
{
	struct mount_op op = {
		.kind = MOUNT_BIND,
		.flags = MOUNT_OVERLAY,
		.mode = S_IFDIR,
		.source = resolved->path,
		.target = resolved->path,
	};
	int r = 0;

	if (!S_ISDIR(resolved->mode))
		return path_rule_error(planner, rule, ENOTDIR, err);
	if (path_is_at_or_below(resolved->path, "/dev"))
		return rule_refused(planner, rule, resolved->path,
				    "devices would not be devices there", "remove the line", err);
	if (rule->target)
		r = find_changes(planner, rule, resolved->path, &op.changes, err);
	if (r == 0)
		r = put_rule(planner, index, rule, op, err);
	if (r == 0)
		planner_note_links(planner, rule, resolved, true);
	return r;
}

static int bind_rule(struct planner *planner, size_t index, const struct path_rule *rule,
		     const struct path_resolved *source, struct error *err)
{
	struct path_resolved target;
	int r = planner_resolve(planner, rule->target, &target);

	if (r < 0)
		return path_rule_error(planner, rule, -r, err);
	r = put_rule(planner, index, rule,
		     (struct mount_op){
			     .kind = MOUNT_BIND,
			     .mode = source->mode & S_IFMT,
			     .source = source->path,
			     .target = target.path,
		     },
		     err);
	if (r < 0)
		return r;
	planner_note_links(planner, rule, source, true);
	planner_note_links(planner, rule, &target, true);
	return 0;
}

static int apply_grant(struct planner *planner, size_t index, struct error *err)
{
	const struct path_rule *rule = &planner->rules->items[index];
	struct path_resolved resolved;
	int r = planner_resolve(planner, rule->path, &resolved);

	if (r == 0 && rule->action == PATH_TMPFS) {
		r = put_rule(planner, index, rule,
			     (struct mount_op){
				     .kind = MOUNT_TMPFS,
				     .mode = 0755,
				     .target = resolved.path,
				     .flags = rule->optional ? MOUNT_OPTIONAL : 0,
			     },
			     err);
		if (r == 0)
			planner_note_links(planner, rule, &resolved, true);
		return r;
	}
	if (r == 0 && !resolved.exists)
		r = -ENOENT;
	if ((r == -ENOENT || r == -ENOTDIR) && rule->optional)
		return 0;
	if (r < 0)
		return path_rule_error(planner, rule, -r, err);
	if (rule->action == PATH_OVERLAY)
		return overlay_rule(planner, index, rule, &resolved, err);
	return rule->action == PATH_BIND ? bind_rule(planner, index, rule, &resolved, err)
					 : whitelist(planner, index, rule, &resolved, err);
}

static bool is_moved_bind(const struct mount_node *node)
{
	return node->object_by == SAID_BY_RULE && node->object.kind == MOUNT_BIND &&
	       strcmp(node->object.source, node->path) != 0;
}

/*
 * A rule may name a path as it is in the jail, below a bind's target: what it means then stands
 * below that bind's source. Returns the path in the jail in @resolved, its symlinks followed.
 */
static int resolve_in_jail(struct planner *planner, const char *path,
			   struct path_resolved *resolved)
{
	const struct mount_node *cover;
	const char *source;
	int r = planner_resolve(planner, path, resolved);

	if (r < 0)
		return r;
	cover = mount_tree_cover(&planner->tree, resolved->path);
	if (!cover || !is_moved_bind(cover))
		return 0;
	source = cover->object.source;
	r = path_resolve(planner->arena,
			 path_moved(planner->arena, resolved->path, cover->path, source), resolved);
	if (r < 0)
		return r;
	if (path_is_at_or_below(resolved->path, source))
		resolved->path = path_moved(planner->arena, resolved->path, source, cover->path);
	resolved->links.count = 0;
	return 0;
}

static int blacklist_at(struct planner *planner, size_t index, const char *path, struct error *err)
{
	const struct path_rule *rule = &planner->rules->items[index];
	struct mount_node *node;

	if (!strcmp(path, "/"))
		return rule_refused(planner, rule, path, "it is the root itself",
				    "\"root empty\" shows nothing but what the profile names", err);
	node = mount_tree_at(&planner->tree, path);
	if (node->object_by == SAID_BY_RULE && node->object_order > index)
		return 0;
	node->object_by = SAID_NOWHERE;
	node->masked_by = SAID_BY_RULE;
	node->mask_origin = rule->origin;
	return 0;
}

static int access_at(struct planner *planner, size_t index, const char *path, struct error *err)
{
	const struct path_rule *rule = &planner->rules->items[index];
	bool read_only = rule->action == PATH_READ_ONLY;
	struct mount_node *node = mount_tree_at(&planner->tree, path);

	(void)err;
	/* A whitelist-ro of the same path that comes later. */
	if (!read_only && node->granted_read_only && node->object_order > index)
		return 0;
	mount_tree_access(&planner->tree, path, read_only, SAID_BY_RULE, &rule->origin);
	node->access_optional = rule->optional;
	return 0;
}

static int noexec_at(struct planner *planner, size_t index, const char *path, struct error *err)
{
	(void)err;
	mount_tree_noexec(&planner->tree, path, &planner->rules->items[index].origin);
	return 0;
}

static int restrict_at(struct planner *planner, size_t index, const char *path, struct error *err)
{
	static int (*const restrict_as[])(struct planner *, size_t, const char *,
					  struct error *) = {
		[PATH_BLACKLIST] = blacklist_at,
		[PATH_READ_ONLY] = access_at,
		[PATH_READ_WRITE] = access_at,
		[PATH_NOEXEC] = noexec_at,
	};

	return restrict_as[planner->rules->items[index].action](planner, index, path, err);
}

/*
 * What hides or protects a file does so wherever the file appears: @host is its path on the host,
 * @done the one path that has been dealt with.
 */
static int restrict_copies(struct planner *planner, size_t index, const char *host,
			   const char *done, struct error *err)
{
	const struct path_rule *rule = &planner->rules->items[index];

	for (struct mount_node *node = planner->tree.root; node;
	     node = mount_node_next(node, planner->tree.root)) {
		const char *source = node->object.source;
		const char *path;
		int r;

		if (!is_moved_bind(node))
			continue;
		if (rule->action == PATH_BLACKLIST && path_is_at_or_below(source, host) &&
		    (strcmp(source, host) != 0 || node->object_order < index)) {
			error_set(err, EINVAL, "cannot bind %s to %s (%s): %s is blacklisted (%s)",
				  source, node->path,
				  origin_text(planner->arena, &node->object.origin), host,
				  origin_text(planner->arena, &rule->origin));
			error_hint(err, "what is blacklisted is nowhere: remove one of the two");
			return -EINVAL;
		}
		if (!path_is_below(host, source))
			continue;
		path = path_moved(planner->arena, host, source, node->path);
		if (!strcmp(path, done))
			continue;
		r = restrict_at(planner, index, path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The host's file that the rule's path names, where that is not what stands there in the jail. */
static int restrict_host(struct planner *planner, size_t index, const char *host, const char *done,
			 struct error *err)
{
	const struct mount_node *cover = mount_tree_cover(&planner->tree, host);
	int r = 0;

	if (strcmp(host, done) != 0 && !(cover && is_moved_bind(cover)))
		r = restrict_at(planner, index, host, err);
	return r < 0 ? r : restrict_copies(planner, index, host, done, err);
}

static int apply_restriction(struct planner *planner, size_t index, struct error *err)
{
	const struct path_rule *rule = &planner->rules->items[index];
	bool blacklist = rule->action == PATH_BLACKLIST;
	struct path_resolved in_jail;
	struct path_resolved host;
	int r = resolve_in_jail(planner, rule->path, &in_jail);
	const char *done = "";

	if (r == 0 && !in_jail.exists)
		r = -ENOENT;
	if (r < 0 && ((r != -ENOENT && r != -ENOTDIR) || (!rule->optional && !blacklist)))
		return path_rule_error(planner, rule, -r, err);
	/* Also those that lead nowhere now: there may be something the next time. */
	planner_note_links(planner, rule, &in_jail, r == 0 && rule->action == PATH_READ_WRITE);
	if (r == 0) {
		done = in_jail.path;
		r = restrict_at(planner, index, done, err);
		if (r < 0)
			return r;
	}
	if (rule->action == PATH_READ_WRITE || planner_resolve(planner, rule->path, &host) < 0 ||
	    !host.exists)
		return 0;
	return restrict_host(planner, index, host.path, done, err);
}

static bool is_grant(const struct path_rule *rule)
{
	return rule->action == PATH_WHITELIST || rule->action == PATH_WHITELIST_RO ||
	       rule->action == PATH_TMPFS || rule->action == PATH_BIND ||
	       rule->action == PATH_OVERLAY;
}

static int apply_rules(struct planner *planner, bool grants, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < planner->rules->count; i++)
		if (is_grant(&planner->rules->items[i]) == grants)
			r = grants ? apply_grant(planner, i, err)
				   : apply_restriction(planner, i, err);
	return r;
}

/*
 * What the system keeps its state in, or mounts other file systems on, is nobody's work: global
 * root, who may write there, would hand it to the program by being in the wrong folder.
 */
static bool is_system_state(const struct planner *planner, const char *cwd)
{
	static const char *const trees[] = { "/boot", "/var", NULL };
	static const char *const mount_points[] = { "/home", "/mnt", "/media", "/srv", NULL };

	if (path_is_at_or_below(cwd, "/run"))
		return true;
	if (planner->input->uid != 0 || path_is_below(cwd, "/var/tmp"))
		return false;
	for (const char *const *tree = trees; *tree; tree++)
		if (path_is_at_or_below(cwd, *tree))
			return true;
	for (const char *const *point = mount_points; *point; point++)
		if (!strcmp(cwd, *point))
			return true;
	return false;
}

/*
 * It is shown, writable, unless that would show more than a folder of somebody's work: HOME and
 * everything else that the jail has its own of, and what is above one of these. Within a system
 * folder it is shown already, read-only. A rule about it or a folder above it goes before.
 */
static void put_working_folder(struct planner *planner)
{
	const char *cwd = planner->input->cwd;
	const struct mount_node *cover;
	struct path_resolved resolved;

	if (!cwd || planner->policy->root == ROOT_EMPTY || planner->policy->private_cwd ||
	    planner_has_default_below(planner, cwd) || path_is_at_or_below(cwd, "/proc") ||
	    path_is_at_or_below(cwd, "/sys") || path_is_at_or_below(cwd, "/dev") ||
	    path_is_at_or_below(planner->run_user, cwd) || is_system_state(planner, cwd))
		return;
	if (path_resolve(planner->arena, cwd, &resolved) < 0 || !resolved.exists ||
	    strcmp(resolved.path, cwd) != 0)
		return;
	cover = mount_tree_cover(&planner->tree, cwd);
	if (cover && (cover->object_by == SAID_BY_RULE || cover->object.kind == MOUNT_BIND))
		return;
	if (planner_is_private(planner, cwd))
		return;
	planner_put(planner, cwd, MOUNT_BIND, resolved.mode & S_IFMT, cwd);
}

/*
 * With the host's tree the host's /dev is shown, but for global root, whom its disks obey. A
 * device that is whitelisted by name takes out the others, as everywhere.
 */
static bool wants_private_dev(const struct planner *planner)
{
	if (planner->policy->private_dev)
		return true;
	if (planner->policy->root != ROOT_HOST)
		return false;
	for (size_t i = 0; i < planner->rules->count; i++) {
		const struct path_rule *rule = &planner->rules->items[i];

		if ((rule->action == PATH_WHITELIST || rule->action == PATH_WHITELIST_RO) &&
		    path_is_below(rule->path, "/dev"))
			return true;
	}
	return planner->input->uid == 0;
}

/* What the root mode needs below HOME, as of one that is /var, it does not give up. */
static int check_private_home(struct planner *planner, struct error *err)
{
	const struct policy *policy = planner->policy;
	const char *home = planner->input->home;
	const struct mount_node *node;

	if (!policy->private_home)
		return 0;
	node = home ? mount_tree_cover(&planner->tree, home) : NULL;
	if (node && node->object.kind != MOUNT_BIND)
		return 0;
	error_set(err, EINVAL, "private: cannot empty %s (%s)", home ? home : "HOME",
		  origin_text(planner->arena, &policy->home_origin));
	error_hint(err, "set HOME to a folder in which the jail has nothing of its own");
	return -EINVAL;
}

int plan_mounts(struct plan *plan, const struct plan_input *input, struct error *err)
{
	struct planner planner = {
		.policy = plan->policy,
		.input = input,
		.arena = &plan->arena,
		.rules = &plan->rules,
		.makes = &plan->makes,
		.nesting = plan->gate.namespaces,
	};
	int r = planner_expand(&planner, err);

	if (r < 0)
		return r;
	planner.private_dev = wants_private_dev(&planner);
	planner.run_user = arena_printf(&plan->arena, "/run/user/%u", (unsigned int)input->uid);
	mount_tree_init(&planner.tree, &plan->arena, &plan->makes);
	planner_put_root(&planner);
	r = check_private_home(&planner, err);
	if (r == 0)
		r = apply_rules(&planner, true, err);
	if (r == 0)
		r = apply_rules(&planner, false, err);
	if (r < 0)
		return r;
	put_working_folder(&planner);
	r = planner_hide_changes(&planner, err);
	if (r == 0)
		r = planner_put_buses(&planner, plan->buses, err);
	if (r == 0)
		r = planner_hide_proxies(&planner, plan->buses, &plan->makes, err);
	if (r == 0)
		r = planner_protect_profiles(&planner, err);
	if (r == 0)
		r = mount_tree_emit(&planner.tree, &plan->mounts, err);
	return r < 0 ? r : planner_check(&planner, plan, err);
}
