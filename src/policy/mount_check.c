// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/mount_planner.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What the steps show at a path: the bind that does, if one does, and whether it is writable. */
struct shown {
	const struct mount_op *bind;
	bool writable;
};

/* A parent's step comes before its children's, so the last word is the innermost one. */
static void apply_step(struct shown *shown, const struct mount_op *op)
{
	switch (op->kind) {
	case MOUNT_DIR:
	case MOUNT_SYMLINK:
		break;
	case MOUNT_ATTR:
		if (!(op->flags & MOUNT_ONE_LEVEL) &&
		    (op->flags & (MOUNT_READ_ONLY | MOUNT_READ_WRITE)))
			shown->writable = (op->flags & MOUNT_READ_WRITE) != 0;
		break;
	default:
		shown->bind = op->kind == MOUNT_BIND ? op : NULL;
		shown->writable = !(op->flags & MOUNT_READ_ONLY);
		break;
	}
}

/* Does @op take something away from what is around it, or hold it in its place? */
static bool restricts(const struct mount_op *op)
{
	switch (op->kind) {
	case MOUNT_DIR:
	case MOUNT_SYMLINK:
		return false;
	case MOUNT_ATTR:
		return !(op->flags & MOUNT_READ_WRITE) || (op->flags & MOUNT_NOEXEC);
	case MOUNT_BIND:
		return (op->flags & (MOUNT_READ_ONLY | MOUNT_NOEXEC | MOUNT_OVERLAY)) ||
		       strcmp(op->source, op->target) != 0;
	default:
		return true;
	}
}

/*
 * A program with mount namespaces of its own (@nesting) can leave the mounts behind: it keeps a
 * descriptor of a writable folder, and where no mount of its namespace is in the way, it renames
 * what is mounted on. That takes the mounts off in the jail as well. So there must be none.
 */
static int check_nesting(const struct planner *planner, const struct mount_plan *plan,
			 struct error *err)
{
	for (size_t i = 0; i < plan->ops.count; i++) {
		const struct mount_op *op = &plan->ops.items[i];
		struct shown around = { 0 };

		if (!restricts(op))
			continue;
		for (size_t k = 0; k < i; k++)
			if (path_is_below(op->target, plan->ops.items[k].target))
				apply_step(&around, &plan->ops.items[k]);
		if (!around.bind || !around.writable)
			continue;
		error_set(err, EINVAL,
			  "cannot hold what is said of %s (%s) inside the writable %s: a program "
			  "with namespaces of its own can undo it",
			  op->target, origin_text(planner->arena, &op->origin),
			  around.bind->target);
		error_hint(err,
			   "make %s read-only as a whole, or allow no namespaces: leave out "
			   "!@nesting, deny clone3, setns, and CLONE_NEWUSER to clone and unshare",
			   around.bind->target);
		return -EINVAL;
	}
	return 0;
}

static bool is_writable_at(const struct mount_plan *plan, const struct mount_op *bind,
			   const char *path)
{
	struct shown shown = { 0 };

	for (size_t i = 0; i < plan->ops.count; i++) {
		const struct mount_op *op = &plan->ops.items[i];

		if (path_is_at_or_below(path, op->target))
			apply_step(&shown, op);
	}
	return shown.bind == bind && shown.writable;
}

/* An include that may be missing, or user-dirs.dirs, is read as soon as it is there: the program
 * must not make it. */
static int check_missing(const struct planner *planner, const struct mount_plan *plan,
			 const char *name, struct error *err)
{
	struct path_resolved missing;

	if (path_resolve(planner->arena, name, &missing) < 0 || missing.exists ||
	    (missing.existing &&
	     access(arena_strndup(planner->arena, missing.path, missing.existing), W_OK) < 0))
		return 0;
	for (size_t i = 0; i < plan->ops.count; i++) {
		const struct mount_op *op = &plan->ops.items[i];

		if (op->kind != MOUNT_BIND || (op->flags & MOUNT_OVERLAY) ||
		    !path_is_below(missing.path, op->source) ||
		    !is_writable_at(
			    plan, op,
			    path_moved(planner->arena, missing.path, op->source, op->target)))
			continue;
		error_set(err, EINVAL,
			  "cannot do without %s: the program could make it, for the next launch "
			  "to read",
			  missing.path);
		error_hint(err, "create it, empty if need be, or take out what asks for it");
		return -EINVAL;
	}
	return 0;
}

int planner_check(const struct planner *planner, const struct plan *plan, struct error *err)
{
	int r = plan->gate.namespaces ? check_nesting(planner, &plan->mounts, err) : 0;

	for (size_t i = 0; r == 0 && i < planner->policy->missing.count; i++)
		r = check_missing(planner, &plan->mounts, planner->policy->missing.items[i], err);
	return r;
}
