/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_MOUNT_TREE_H
#define POLICY_MOUNT_TREE_H

#include "policy/plan.h"

/*
 * The jail's file system as a tree of what was said about each path: what stands there, whether it
 * is hidden, whether it is read-only. What is said may come in any order; the tree brings it into
 * the one order in which it can be mounted (a parent before its children), decides what an inner
 * path inherits from an outer one, and refuses what contradicts itself.
 */

/* Who said it. A later and stronger word replaces an earlier one about the same path. */
enum said_by {
	SAID_NOWHERE,
	SAID_BY_DEFAULT, /* the root mode's own */
	SAID_BY_GRANT, /* read-only as part of whitelist-ro: an inner whitelist is writable again */
	SAID_BY_RULE,
	SAID_BY_LAUNCHER, /* its own profiles are read-only, whatever a rule says */
};

/* What a node comes to; set by mount_tree_emit(). */
enum mount_action {
	ACTION_NONE,
	ACTION_OBJECT,
	ACTION_MASK,
	ACTION_ATTR,
	ACTION_PIN, /* a mount of its own, so that it can be neither renamed nor removed */
};

struct mount_node {
	const char *path;
	struct mount_node *parent;
	struct mount_node *child; /* the first */
	struct mount_node *last_child;
	struct mount_node *next;

	enum said_by object_by; /* SAID_NOWHERE: nothing of its own stands here */
	struct mount_op object;
	size_t object_order;	/* index of the rule, for "the later one counts" */
	bool granted_read_only; /* by whitelist-ro */
	bool grants_link;	/* a symlink that a granting rule's path goes through */
	bool holds_link;	/* a symlink that a restricting rule's path goes through */
	bool make_on_host;	/* MOUNT_DIR in a bind: the host's folder is made */
	bool sealed;		/* MOUNT_TMPFS: itself read-only, what is mounted in it is not */

	enum said_by access_by;
	bool read_only; /* if access_by */
	bool access_optional;
	struct origin access_origin;

	bool noexec; /* nothing is executed from here on downwards */
	struct origin noexec_origin;

	enum said_by masked_by;
	struct origin mask_origin;

	enum mount_action action;
	bool writable;			/* once everything is applied */
	bool executable;		/* the same */
	bool changes_access;		/* ACTION_ATTR: of what is around it */
	bool takes_exec;		/* from what is around it */
	bool pinned;			/* ACTION_PIN, if it has no other action */
	const struct mount_node *cover; /* the node whose object shows this path */
};

struct mount_tree {
	struct arena *arena;
	const struct make_plan *makes; /* what will be there, as if it were already */
	struct mount_node *root;
};

void mount_tree_init(struct mount_tree *tree, struct arena *arena, const struct make_plan *makes);

/* The node of @path (canonical), made if there is none. */
struct mount_node *mount_tree_at(struct mount_tree *tree, const char *path);

/* The innermost node at or above @path that has an object; NULL if there is none. */
struct mount_node *mount_tree_cover(const struct mount_tree *tree, const char *path);

/* The next node in the order parent, children; all of them from the root on. */
struct mount_node *mount_node_next(const struct mount_node *node, const struct mount_node *top);

/* Says that @path is read-only or not; a weaker voice than one heard before is ignored. */
struct mount_node *mount_tree_access(struct mount_tree *tree, const char *path, bool read_only,
				     enum said_by by, const struct origin *origin);

/* The read-only state that was said of @path or of the nearest path above it. */
const struct mount_node *mount_tree_said_access(const struct mount_tree *tree, const char *path);

/* Says that nothing is executed from @path on downwards. */
void mount_tree_noexec(struct mount_tree *tree, const char *path, const struct origin *origin);

/* Decides and appends the steps to @plan. Returns 0 or a negative errno. */
int mount_tree_emit(struct mount_tree *tree, struct mount_plan *plan, struct error *err);

#endif
