// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/mount_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/path_resolve.h"
#include "util/cleanup.h"

void mount_tree_init(struct mount_tree *tree, struct arena *arena, const struct make_plan *makes)
{
	tree->arena = arena;
	tree->makes = makes;
	tree->root = arena_alloc(arena, sizeof(*tree->root));
	tree->root->path = "/";
}

static const char *last_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static struct mount_node *find_child(const struct mount_node *node, const char *name, size_t length)
{
	for (struct mount_node *child = node->child; child; child = child->next) {
		const char *known = last_name(child->path);

		if (!strncmp(known, name, length) && !known[length])
			return child;
	}
	return NULL;
}

static struct mount_node *add_child(struct mount_tree *tree, struct mount_node *parent,
				    const char *path, size_t length)
{
	struct mount_node *child = arena_alloc(tree->arena, sizeof(*child));

	child->path = arena_strndup(tree->arena, path, length);
	child->parent = parent;
	if (parent->last_child)
		parent->last_child->next = child;
	else
		parent->child = child;
	parent->last_child = child;
	return child;
}

struct mount_node *mount_tree_at(struct mount_tree *tree, const char *path)
{
	struct mount_node *node = tree->root;
	const char *name = path + strspn(path, "/");

	while (*name) {
		size_t length = strcspn(name, "/");
		struct mount_node *child = find_child(node, name, length);

		node = child ? child : add_child(tree, node, path, name + length - path);
		name += length;
		name += strspn(name, "/");
	}
	return node;
}

/* The innermost node at or above @path. */
static struct mount_node *nearest(const struct mount_tree *tree, const char *path)
{
	struct mount_node *node = tree->root;
	const char *name = path + strspn(path, "/");

	while (*name) {
		size_t length = strcspn(name, "/");
		struct mount_node *child = find_child(node, name, length);

		if (!child)
			break;
		node = child;
		name += length;
		name += strspn(name, "/");
	}
	return node;
}

struct mount_node *mount_tree_cover(const struct mount_tree *tree, const char *path)
{
	struct mount_node *node = nearest(tree, path);

	/* A folder or a symlink is part of what it stands in. */
	while (node && (!node->object_by || node->object.kind == MOUNT_DIR ||
			node->object.kind == MOUNT_SYMLINK))
		node = node->parent;
	return node;
}

struct mount_node *mount_node_next(const struct mount_node *node, const struct mount_node *top)
{
	if (node->child)
		return node->child;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}

struct mount_node *mount_tree_access(struct mount_tree *tree, const char *path, bool read_only,
				     enum said_by by, const struct origin *origin)
{
	struct mount_node *node = mount_tree_at(tree, path);

	if (by < node->access_by)
		return node;
	node->access_by = by;
	node->read_only = read_only;
	node->access_optional = false;
	node->access_origin = *origin;
	return node;
}

const struct mount_node *mount_tree_said_access(const struct mount_tree *tree, const char *path)
{
	const struct mount_node *node = nearest(tree, path);

	while (node && !node->access_by)
		node = node->parent;
	return node;
}

void mount_tree_noexec(struct mount_tree *tree, const char *path, const struct origin *origin)
{
	struct mount_node *node = mount_tree_at(tree, path);

	node->noexec = true;
	node->noexec_origin = *origin;
}

static bool is_said_noexec(const struct mount_tree *tree, const char *path)
{
	const struct mount_node *node = nearest(tree, path);

	while (node && !node->noexec)
		node = node->parent;
	return node;
}

/* What a node inherits from those above it. */
struct view {
	const struct mount_node *cover;
	bool read_only;
	bool noexec;
	enum said_by by;
	/* Said of what is around a tmpfs: that may be written, the host's files shown in it not. */
	enum said_by host_read_only_by;
};

static bool is_bind(const struct mount_node *node)
{
	return node && node->object_by && node->object.kind == MOUNT_BIND;
}

static bool is_same_path_bind(const struct mount_node *node)
{
	return is_bind(node) && !strcmp(node->object.source, node->path);
}

static bool is_overlay(const struct mount_node *node)
{
	return is_bind(node) && (node->object.flags & MOUNT_OVERLAY);
}

/* Where the path that @cover shows at @path stands on the host; NULL if on no host path. */
static const char *host_path(struct mount_tree *tree, const struct mount_node *cover,
			     const char *path)
{
	if (is_bind(cover))
		return path_moved(tree->arena, path, cover->path, cover->object.source);
	/* A new /proc has the host's entries, processes aside. */
	if (cover && cover->object.kind == MOUNT_PROC)
		return path;
	return NULL;
}

static bool host_shows(struct mount_tree *tree, const struct mount_node *cover, const char *path,
		       mode_t *mode)
{
	const char *host = host_path(tree, cover, path);
	struct stat st;

	if (!host)
		return false;
	if (lstat(host, &st) < 0)
		return plan_makes_at(tree->makes, host, mode);
	*mode = st.st_mode;
	return true;
}

/*
 * Is something there to be hidden or protected? What a rule names has been looked up: if it is
 * gone by now, that is an error to come, and nothing to be silent about.
 */
static bool is_shown(struct mount_tree *tree, const struct mount_node *cover, const char *path,
		     enum said_by by)
{
	mode_t mode;

	return (by >= SAID_BY_RULE && is_bind(cover)) || host_shows(tree, cover, path, &mode);
}

/*
 * May the invoking user rename or remove what stands at @host? The folder around it that is gone by
 * now, or is a symlink, has been changed meanwhile: so it may.
 */
static bool user_may_move(const char *host)
{
	char folder[4096];
	const char *end = strrchr(host, '/');
	size_t length = end - host;
	_cleanup_close_ int fd = -1;

	if (length >= sizeof(folder))
		return true;
	memcpy(folder, host, length);
	folder[length] = '\0';
	fd = path_open_folder(length ? folder : "/");
	if (fd < 0)
		return errno != EACCES;
	return faccessat(fd, ".", W_OK, 0) == 0;
}

/*
 * A mount that hides or protects something moves along when a folder above it is renamed, and
 * then anything can be put in its place, for the next launch to find. So the folders between the
 * writable mount and it become mounts themselves: those cannot be renamed or removed.
 */
static void pin_parents(struct mount_tree *tree, const struct mount_node *node,
			const struct mount_node *cover)
{
	if (!is_bind(cover))
		return;
	for (struct mount_node *up = node->parent; up && up != cover; up = up->parent)
		if (up->writable && (up->make_on_host || is_overlay(cover) ||
				     user_may_move(host_path(tree, cover, up->path))))
			up->pinned = true;
}

static int contradiction(struct mount_tree *tree, const struct mount_node *mask, const char *what,
			 const char *path, const struct origin *origin, struct error *err)
{
	error_set(err, EINVAL, "cannot %s %s (%s): %s is blacklisted (%s)", what, path,
		  origin_text(tree->arena, origin), mask->path,
		  origin_text(tree->arena, &mask->mask_origin));
	error_hint(err, "nothing below a blacklisted path can be shown: remove one of the two");
	return -EINVAL;
}

static const char *object_name(const struct mount_op *op)
{
	if (op->kind == MOUNT_TMPFS)
		return "mount a tmpfs on";
	if (op->flags & MOUNT_OVERLAY)
		return "overlay";
	return !strcmp(op->source, op->target) ? "whitelist" : "bind to";
}

/* Below a mask nothing may be said that would show something. */
static int check_below_mask(struct mount_tree *tree, struct mount_node *mask, struct error *err)
{
	for (struct mount_node *node = mask; node; node = mount_node_next(node, mask)) {
		if (node == mask)
			continue;
		if (node->object_by == SAID_BY_RULE && node->object.kind != MOUNT_SYMLINK) {
			if (mask->masked_by >= SAID_BY_RULE)
				return contradiction(tree, mask, object_name(&node->object),
						     node->path, &node->object.origin, err);
			/* The default was only meant to hide: an empty folder hides as well. */
			mask->masked_by = SAID_NOWHERE;
			mask->object_by = SAID_BY_DEFAULT;
			mask->object = (struct mount_op){ .kind = MOUNT_TMPFS,
							  .mode = 0755,
							  .target = mask->path };
			mount_tree_access(tree, mask->path, true, SAID_BY_DEFAULT,
					  &mask->mask_origin);
			return 0;
		}
		if (node->access_by == SAID_BY_RULE && !node->read_only)
			return contradiction(tree, mask, "make writable", node->path,
					     &node->access_origin, err);
	}
	return 0;
}

static void decide_mask(struct mount_tree *tree, struct mount_node *node, const struct view *view)
{
	if (!is_shown(tree, view->cover, node->path, node->masked_by))
		return;
	node->action = ACTION_MASK;
	pin_parents(tree, node, view->cover);
}

static bool is_link(const struct mount_node *node)
{
	return (node->object_by && node->object.kind == MOUNT_SYMLINK) || node->holds_link;
}

/*
 * A symlink that a rule's path goes through. Where the jail's program can write it, the next
 * launch would follow wherever the program has pointed it: it grants nothing then, and for a
 * restriction it is held in its place.
 */
static int decide_link(struct mount_tree *tree, struct mount_node *node, const struct view *view,
		       struct error *err)
{
	const struct origin *origin = &node->object.origin;

	if (!is_bind(view->cover)) {
		if (node->object_by && (!view->cover || view->cover->object.kind == MOUNT_TMPFS))
			node->action = ACTION_OBJECT;
		return 0;
	}
	/* What the program makes of it in an overlay is not there for the next launch. */
	if (is_overlay(view->cover))
		return 0;
	/* Another bind's target may be here: what it shows by this name is not the symlink. */
	if (view->read_only || strcmp(host_path(tree, view->cover, node->path), node->path) != 0 ||
	    !user_may_move(node->path))
		return 0;
	if (node->grants_link) {
		error_set(err, EINVAL, "cannot follow %s (%s): the program can change that symlink",
			  node->path, origin_text(tree->arena, origin));
		error_hint(err,
			   "name what it points to, %s, or make the folder around it read-only",
			   node->object.source);
		return -EINVAL;
	}
	node->action = ACTION_PIN;
	pin_parents(tree, node, view->cover);
	return 0;
}

static int missing_mount_point(struct mount_tree *tree, const struct mount_node *node,
			       const char *host, int code, struct error *err)
{
	error_set(err, code, "cannot %s %s (%s): %s", object_name(&node->object), node->path,
		  origin_text(tree->arena, &node->object.origin), strerror(code));
	error_hint(err, "%s %s, to mount on; nothing is made on the host for that",
		   code == ENOENT ? "create" : "there must be a file or folder of the same kind at",
		   host);
	return -code;
}

/* A mount inside a bind needs a mount point there: making one would write to the host. */
static int check_mount_point(struct mount_tree *tree, const struct mount_node *node,
			     const struct mount_node *cover, struct error *err)
{
	bool folder = (node->object.kind != MOUNT_BIND && node->object.kind != MOUNT_TEXT) ||
		      S_ISDIR(node->object.mode);
	mode_t mode;

	if (!is_bind(cover) || node->make_on_host || !node->parent)
		return 0;
	if (!host_shows(tree, cover, node->path, &mode))
		return node->object.flags & MOUNT_OPTIONAL
			       ? 1
			       : missing_mount_point(tree, node, host_path(tree, cover, node->path),
						     ENOENT, err);
	if (S_ISDIR(mode) != folder || S_ISLNK(mode))
		return missing_mount_point(tree, node, host_path(tree, cover, node->path), ENOTDIR,
					   err);
	return 0;
}

/* The same file system object is there already, from further out. */
static bool is_shown_already(struct mount_tree *tree, const struct mount_node *node,
			     const struct mount_node *cover)
{
	if (!cover || !is_bind(node) || !is_bind(cover) || is_overlay(node) || is_overlay(cover))
		return false;
	if ((node->object.flags & MOUNT_DEVICES) && !(cover->object.flags & MOUNT_DEVICES))
		return false;
	return !strcmp(host_path(tree, cover, node->path), node->object.source);
}

/* Does what is said of the source's own path make a copy of it read-only elsewhere too? */
static bool source_is_read_only(const struct mount_tree *tree, const struct mount_node *node)
{
	const struct mount_node *said = mount_tree_said_access(tree, node->object.source);

	return said && said->read_only;
}

/* What may not be executed is nowhere executed, whatever the name. */
static void enter_noexec(struct mount_tree *tree, const struct mount_node *node, struct view *view)
{
	view->noexec = view->noexec || node->noexec ||
		       (is_bind(node) && is_said_noexec(tree, node->object.source));
}

/* What an object's own kind makes of the read-only state that it finds. */
static void enter_object(struct mount_tree *tree, const struct mount_node *node, struct view *view)
{
	bool said_here = node->access_by != SAID_NOWHERE;

	if (is_same_path_bind(node)) {
		/* A whitelist inside a whitelist-ro would be for nothing if it were not writable.
		 */
		if (!said_here && (view->by == SAID_BY_GRANT ||
				   (is_overlay(node) && view->by == SAID_BY_DEFAULT)))
			view->read_only = false;
	} else if (is_bind(node)) {
		if (!said_here)
			view->read_only = (view->read_only && view->by == SAID_BY_RULE) ||
					  source_is_read_only(tree, node);
	} else if (!said_here && node->object_by == SAID_BY_RULE) {
		if (view->read_only && node->object.kind == MOUNT_TMPFS)
			view->host_read_only_by = view->by;
		view->read_only = false;
	}
}

/* Neither a default nor what is inside a whitelist-ro takes back what a rule has forbidden. */
static void enter_access(const struct mount_node *node, struct view *view)
{
	if (!node->access_by)
		return;
	if (view->read_only && view->by >= SAID_BY_RULE && node->access_by < view->by)
		return;
	view->read_only = node->read_only;
	view->by = node->access_by;
	if (node->access_by >= view->host_read_only_by)
		view->host_read_only_by = SAID_NOWHERE;
}

/* Folders are made in the jail's own tmpfs, or, to protect one that is missing, on the host. */
static bool is_dir_wanted(const struct mount_node *node, const struct view *outer)
{
	if (node->make_on_host)
		return is_bind(outer->cover) && !outer->read_only;
	return !is_bind(outer->cover);
}

/* Something said about a path which shows nothing there. */
static int check_shown(struct mount_tree *tree, const struct mount_node *node,
		       const struct view *view, struct error *err)
{
	if (node->access_by != SAID_BY_RULE || node->read_only || node->access_optional ||
	    is_shown(tree, view->cover, node->path, node->access_by))
		return 0;
	error_set(err, ENOENT, "cannot make %s writable (%s): it is not in the jail", node->path,
		  origin_text(tree->arena, &node->access_origin));
	error_hint(err, "\"whitelist %s\" shows it and makes it writable", node->path);
	return -ENOENT;
}

static int decide_node(struct mount_tree *tree, struct mount_node *node, struct view *view,
		       struct error *err)
{
	const struct view outer = *view;
	bool emits = node->object_by != SAID_NOWHERE;
	int r;

	if (is_bind(node) && view->host_read_only_by) {
		view->read_only = true;
		view->by = view->host_read_only_by;
		view->host_read_only_by = SAID_NOWHERE;
	}
	enter_access(node, view);
	enter_noexec(tree, node, view);
	if (emits) {
		enter_object(tree, node, view);
		emits = !is_shown_already(tree, node, outer.cover);
	} else {
		r = check_shown(tree, node, &outer, err);
		if (r < 0)
			return r;
	}
	if (emits && node->object.kind == MOUNT_DIR)
		emits = is_dir_wanted(node, &outer);
	if (emits) {
		r = check_mount_point(tree, node, outer.cover, err);
		if (r < 0)
			return r;
		emits = r == 0;
	}
	if (emits) {
		node->action = ACTION_OBJECT;
		if (node->object.kind != MOUNT_DIR) {
			view->cover = node;
			pin_parents(tree, node, outer.cover);
		}
	} else {
		node->changes_access = view->read_only != outer.read_only &&
				       is_shown(tree, outer.cover, node->path, node->access_by);
		node->takes_exec = view->noexec && !outer.noexec &&
				   is_shown(tree, outer.cover, node->path, SAID_BY_RULE);
		if (node->changes_access || node->takes_exec)
			node->action = ACTION_ATTR;
	}
	node->writable = !view->read_only;
	node->executable = !view->noexec;
	if (((view->read_only && !outer.read_only) || (view->noexec && !outer.noexec)) &&
	    node->action != ACTION_NONE)
		pin_parents(tree, node, outer.cover);
	return 0;
}

static int decide(struct mount_tree *tree, struct mount_node *node, struct view view,
		  struct error *err)
{
	int r = 0;

	node->cover = view.cover;
	if (node->masked_by)
		r = check_below_mask(tree, node, err);
	if (r < 0)
		return r;
	if (node->masked_by) {
		decide_mask(tree, node, &view);
		return 0;
	}
	r = is_link(node) && !node->child ? decide_link(tree, node, &view, err)
					  : decide_node(tree, node, &view, err);
	if (r < 0)
		return r;
	for (struct mount_node *child = node->child; child; child = child->next) {
		r = decide(tree, child, view, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static void push(struct mount_tree *tree, struct mount_plan *plan, struct mount_op op)
{
	*array_push(tree->arena, &plan->ops) = op;
}

static bool has_attached_child(struct mount_node *top)
{
	for (const struct mount_node *node = top; node; node = mount_node_next(node, top))
		if (node != top && node->action == ACTION_OBJECT)
			return true;
	return false;
}

/* In a tmpfs the mount points of the children must be made before it is made read-only. */
static bool is_sealed_late(struct mount_node *node)
{
	return node->action == ACTION_OBJECT && node->object.kind == MOUNT_TMPFS &&
	       (node->sealed || !node->writable) && has_attached_child(node);
}

static void emit_object(struct mount_tree *tree, struct mount_node *node, struct mount_plan *plan)
{
	struct mount_op op = node->object;
	bool mounts = op.kind != MOUNT_DIR && op.kind != MOUNT_SYMLINK;

	if (mounts && (node->sealed || !node->writable) && !is_sealed_late(node))
		op.flags |= MOUNT_READ_ONLY;
	if (mounts && !node->executable)
		op.flags |= MOUNT_NOEXEC;
	push(tree, plan, op);
	/* A folder is part of what it stands in; a mount of its own can be what that is not. */
	if (op.kind == MOUNT_DIR && node->noexec && !node->make_on_host)
		push(tree, plan,
		     (struct mount_op){
			     .kind = MOUNT_ATTR,
			     .flags = MOUNT_NOEXEC,
			     .target = node->path,
			     .origin = node->noexec_origin,
		     });
	if (node->make_on_host && (node->pinned || !node->writable))
		push(tree, plan,
		     (struct mount_op){
			     .kind = MOUNT_ATTR,
			     .flags = MOUNT_OPTIONAL | (node->writable ? 0 : MOUNT_READ_ONLY),
			     .mode = S_IFDIR,
			     .target = node->path,
			     .origin = op.origin,
		     });
}

static void emit_attr(struct mount_tree *tree, const struct mount_node *node,
		      struct mount_plan *plan)
{
	bool proc = node->cover && node->cover->object.kind == MOUNT_PROC;
	struct mount_op op = {
		.kind = MOUNT_ATTR,
		.flags = proc ? MOUNT_OPTIONAL : 0,
		.target = node->path,
		.origin = node->access_by ? node->access_origin : node->object.origin,
	};

	if (node->action != ACTION_ATTR)
		op.mode = is_link(node) ? S_IFLNK : S_IFDIR;
	if (node->changes_access)
		op.flags |= node->writable ? MOUNT_READ_WRITE : MOUNT_READ_ONLY;
	if (node->takes_exec)
		op.flags |= MOUNT_NOEXEC;
	if (node->takes_exec && !node->changes_access)
		op.origin = node->noexec_origin;
	push(tree, plan, op);
}

static void emit(struct mount_tree *tree, struct mount_node *node, struct mount_plan *plan)
{
	bool proc = node->cover && node->cover->object.kind == MOUNT_PROC;

	if (node->action == ACTION_NONE && node->pinned)
		node->action = ACTION_PIN;
	switch (node->action) {
	case ACTION_OBJECT:
		emit_object(tree, node, plan);
		break;
	case ACTION_ATTR:
	case ACTION_PIN:
		emit_attr(tree, node, plan);
		break;
	case ACTION_MASK:
		push(tree, plan,
		     (struct mount_op){
			     .kind = MOUNT_MASK,
			     .flags = proc ? MOUNT_OPTIONAL : 0,
			     .target = node->path,
			     .origin = node->mask_origin,
		     });
		return;
	case ACTION_NONE:
		break;
	}
	for (struct mount_node *child = node->child; child; child = child->next)
		emit(tree, child, plan);
	if (is_sealed_late(node))
		push(tree, plan,
		     (struct mount_op){
			     .kind = MOUNT_ATTR,
			     .flags = MOUNT_READ_ONLY | MOUNT_ONE_LEVEL,
			     .target = node->path,
			     .origin = node->access_origin,
		     });
}

int mount_tree_emit(struct mount_tree *tree, struct mount_plan *plan, struct error *err)
{
	int r = decide(tree, tree->root, (struct view){ 0 }, err);

	if (r == 0)
		emit(tree, tree->root, plan);
	return r;
}
