/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_MOUNT_PLANNER_H
#define POLICY_MOUNT_PLANNER_H

#include "policy/mount_tree.h"
#include "policy/path_resolve.h"
#include "policy/plan.h"

/*
 * From the root mode and the file rules to the list of mounts: the parts of plan_mounts().
 * Defaults come first, then the rules that put something somewhere, then those that take away, and
 * the launcher's own profiles last. The tree makes one order of it.
 */
struct planner {
	const struct policy *policy;
	const struct plan_input *input;
	struct arena *arena;	       /* the plan's */
	struct path_rules *rules;      /* the plan's */
	const struct make_plan *makes; /* the plan's */
	struct mount_tree tree;
	bool private_dev;
	bool nesting;	      /* the program may make namespaces, and mount a /proc in them */
	const char *run_user; /* /run/user/UID */
};

/*
 * path_expand.c: fills planner->rules from the policy's. Patterns are expanded here and never
 * again: what appears between this and the mounting is not meant, and is not there.
 */
int planner_expand(struct planner *planner, struct error *err);

/* Like path_resolve(), of what will be there: the launcher makes planner->makes first. */
int planner_resolve(struct planner *planner, const char *path, struct path_resolved *resolved);

/* "whitelist" and its like. */
const char *path_rule_name(const struct path_rule *rule);
int path_rule_error(struct planner *planner, const struct path_rule *rule, int code,
		    struct error *err);

/* mount_defaults.c: what the root mode puts into the jail. */
void planner_put_root(struct planner *planner);

/* A new /proc without the names of keys; for global root without what it may write there. */
void planner_put_proc(struct planner *planner);

/* Puts an object of the root mode's own at @path, unless a rule has put one there. */
struct mount_node *planner_put(struct planner *planner, const char *path, enum mount_kind kind,
			       mode_t mode, const char *source);
void planner_put_link(struct planner *planner, const char *path, const char *text);

/* Does the root mode put something at @path or below it? */
bool planner_has_default_below(struct planner *planner, const char *path);

/* The launcher's environment variable @name; NULL if it is not set. */
const char *planner_environment(const struct planner *planner, const char *name);

/*
 * plan_mounts.c: symlinks that @rule goes through are to be seen in the jail if the rule @grants
 * something, and must be safe from its program.
 */
void planner_note_links(struct planner *planner, const struct path_rule *rule,
			const struct path_resolved *resolved, bool grants);

/*
 * mount_protect.c: makes the folders that profiles are read from read-only wherever they appear,
 * whatever a rule says. A hostile program that could edit its profile would be free at the next
 * launch. Likewise the control groups, if they hold limits.
 */
int planner_protect_profiles(struct planner *planner, struct error *err);

/* plan_bus.c: hides the buses, or puts a proxy's socket in their place. */
int planner_put_buses(struct planner *planner, struct bus_plan buses[BUSES], struct error *err);

/*
 * mount_protect.c: hides the host's socket @path of a bus wherever it would appear. Where nothing
 * was said of the bus, a rule that names the socket itself shows it: @shown is set then.
 */
int planner_hide_socket(struct planner *planner, const char *path, const char *directive,
			const struct bus_policy *policy, bool *shown, struct error *err);

/*
 * mount_protect.c: hides the folder of /run/user/UID in which the sockets of proxies appear for a
 * moment, those of other jails among them. Where it is missing, and could be made in here or is
 * needed, it is added to @makes.
 */
int planner_hide_proxies(struct planner *planner, const struct bus_plan buses[BUSES],
			 struct make_plan *makes, struct error *err);

/*
 * mount_protect.c: hides the folders that keep an overlay's changes wherever they would appear. A
 * program that could write there would do so past the overlay, which the kernel does not expect.
 */
int planner_hide_changes(struct planner *planner, struct error *err);

/*
 * Is the folder @path a home, or above one, by whatever name? Or does it lead to profiles by a
 * name by which they would not be protected?
 */
bool planner_is_private(struct planner *planner, const char *path);

/* mount_check.c: refuses finished steps that would not hold what they promise. */
int planner_check(const struct planner *planner, const struct plan *plan, struct error *err);

#endif
