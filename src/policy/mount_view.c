// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/mount_view.h"

#include <string.h>

#include "policy/path_resolve.h"

static void apply_attr(struct mount_view *view, const struct mount_op *op)
{
	/* A sealed tmpfs is read-only itself; what is mounted in it comes before this step. */
	if ((op->flags & MOUNT_ONE_LEVEL) && (!view->op || strcmp(view->op->target, op->target)))
		return;
	if (op->flags & (MOUNT_READ_ONLY | MOUNT_READ_WRITE))
		view->writable = (op->flags & MOUNT_READ_WRITE) != 0;
}

static enum mount_view_kind kind_of_bind(const struct mount_op *op)
{
	/* Devices of a private /dev are the host's, by the same name. */
	return strcmp(op->source, op->target) ? VIEW_MOVED : VIEW_HOST;
}

/* @path is at or below the step's target. */
static void apply_step(struct mount_view *view, const struct mount_op *op)
{
	switch (op->kind) {
	case MOUNT_SYMLINK:
		return;
	case MOUNT_ATTR:
		apply_attr(view, op);
		return;
	case MOUNT_DIR:
		if (view->kind == VIEW_NOTHING)
			view->kind = VIEW_FOLDER;
		break;
	case MOUNT_MASK:
		view->kind = VIEW_MASKED;
		view->writable = false;
		break;
	case MOUNT_BIND:
		view->kind = kind_of_bind(op);
		view->writable = !(op->flags & MOUNT_READ_ONLY);
		break;
	default:
		view->kind = VIEW_OWN;
		view->writable = !(op->flags & MOUNT_READ_ONLY);
		break;
	}
	view->op = op;
}

struct mount_view mount_view_at(const struct mount_plan *plan, const char *path)
{
	struct mount_view view = { 0 };
	bool leads_on = false;

	for (size_t i = 0; i < plan->ops.count; i++) {
		const struct mount_op *op = &plan->ops.items[i];

		if (path_is_at_or_below(path, op->target))
			apply_step(&view, op);
		else if (op->kind != MOUNT_ATTR && op->kind != MOUNT_MASK &&
			 path_is_below(op->target, path))
			leads_on = true;
	}
	if (view.kind == VIEW_NOTHING && leads_on)
		view.kind = VIEW_FOLDER;
	/* In a tmpfs, and in folders of the launcher's making, there is what was put there. */
	if ((view.kind == VIEW_OWN || view.kind == VIEW_FOLDER) && view.op && !leads_on &&
	    (view.op->kind == MOUNT_TMPFS || view.op->kind == MOUNT_DIR) &&
	    strcmp(view.op->target, path) != 0)
		view.kind = VIEW_NOTHING;
	return view;
}

bool mount_view_has_link(const struct mount_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->ops.count; i++)
		if (plan->ops.items[i].kind == MOUNT_SYMLINK &&
		    !strcmp(plan->ops.items[i].target, path))
			return true;
	return false;
}
