// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "policy/mount_tree.h"
#include "policy/path_resolve.h"

/*
 * From the root mode and the file rules to the list of mounts. Three rounds: the root mode's
 * defaults, then the rules that put something somewhere, then those that take away. The tree makes
 * one order of it.
 */
struct planner {
	struct plan *plan;
	const struct policy *policy;
	const struct plan_input *input;
	struct arena *arena;
	struct mount_tree tree;
	bool private_dev;
	const char *run_user; /* /run/user/UID */
};

static const struct origin nobody = { 0 };

/* What a program needs to run at all, and should not change. */
static const char *const system_folders[] = {
	"/usr",	   "/bin", "/sbin", "/lib",	  "/lib32",	"/lib64",
	"/libx32", "/etc", "/opt",  "/nix/store", "/gnu/store", "/run/current-system",
};

/* With the host's tree these are read-only too. /sys: global root may write there without caps. */
static const char *const host_read_only[] = { "/boot", "/var" };

/*
 * Secrets below the system folders. They are hidden from whoever can read them: root mostly, and
 * members of groups such as shadow and ssl-cert.
 */
static const char *const secrets[] = {
	"/etc/shadow",		 "/etc/shadow-",
	"/etc/gshadow",		 "/etc/gshadow-",
	"/etc/security/opasswd", "/etc/sudoers",
	"/etc/sudoers.d",	 "/etc/doas.conf",
	"/etc/ssl/private",	 "/etc/ssh/ssh_host_*_key",
	"/etc/krb5.keytab",	 "/etc/ppp/chap-secrets",
	"/etc/ppp/pap-secrets",	 "/etc/wireguard",
	"/etc/wpa_supplicant",	 "/etc/NetworkManager/system-connections",
};

/*
 * What global root may write in any /proc, whatever its user namespace and without a capability:
 * these files check the owner alone.
 */
static const char *const proc_read_only[] = {
	"/proc/sys",  "/proc/sysrq-trigger", "/proc/irq",    "/proc/bus",
	"/proc/fs",   "/proc/dynamic_debug", "/proc/driver", "/proc/profile",
	"/proc/mtrr", "/proc/pressure",
};

/* What it may read there of the host's memory, keys and devices. */
static const char *const proc_hidden[] = {
	"/proc/acpi",	       "/proc/asound",	    "/proc/kcore",	"/proc/keys",
	"/proc/kmsg",	       "/proc/kpagecount",  "/proc/kpageflags", "/proc/kpagecgroup",
	"/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",	"/proc/timer_list",
	"/proc/timer_stats",   "/proc/vmallocinfo", "/proc/slabinfo",	"/proc/pagetypeinfo",
};

#define for_each(item, table)                                                                      \
	for (size_t item = 0; item < sizeof(table) / sizeof((table)[0]); item++)

static bool exists(const char *path, mode_t *mode)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return false;
	*mode = st.st_mode;
	return true;
}

/* Puts an object of the root mode's own at @path. */
static struct mount_node *put_default(struct planner *planner, const char *path,
				      enum mount_kind kind, mode_t mode, const char *source)
{
	struct mount_node *node = mount_tree_at(&planner->tree, path);

	if (node->object_by > SAID_BY_DEFAULT)
		return node;
	node->object_by = SAID_BY_DEFAULT;
	node->object = (struct mount_op){
		.kind = kind,
		.mode = mode,
		.source = source,
		.target = node->path,
	};
	return node;
}

static void put_private(struct planner *planner, const char *path, mode_t mode)
{
	struct mount_node *node = put_default(planner, path, MOUNT_TMPFS, mode, NULL);

	mount_tree_access(&planner->tree, node->path, false, SAID_BY_DEFAULT, &nobody);
}

static void put_link(struct planner *planner, const char *path, const char *text)
{
	put_default(planner, path, MOUNT_SYMLINK, 0, text);
}

/* The symlinks on the way to something shown, so that it is found by the name that was used. */
static void put_links(struct planner *planner, const struct path_resolved *resolved)
{
	for (size_t i = 0; i < resolved->links.count; i++)
		put_link(planner, resolved->links.items[i].path, resolved->links.items[i].text);
}

/* Shows a system folder read-only, by way of the host's symlink if it is one (merged /usr). */
static void put_system_folder(struct planner *planner, const char *path, bool shown)
{
	struct path_resolved resolved;
	const struct mount_node *said;

	if (path_resolve(planner->arena, path, &resolved) < 0 || !resolved.exists ||
	    !strcmp(resolved.path, "/"))
		return;
	if (shown)
		put_links(planner, &resolved);
	/* Where /bin is in /usr, the one word about /usr is enough. */
	said = mount_tree_said_access(&planner->tree, resolved.path);
	if (said && said->read_only)
		return;
	if (shown)
		put_default(planner, resolved.path, MOUNT_BIND, resolved.mode & S_IFMT,
			    resolved.path);
	mount_tree_access(&planner->tree, resolved.path, true, SAID_BY_DEFAULT, &nobody);
}

static void put_system_folders(struct planner *planner, bool shown)
{
	for_each(i, system_folders) put_system_folder(planner, system_folders[i], shown);
	mount_tree_access(&planner->tree, "/sys", true, SAID_BY_DEFAULT, &nobody);
}

static void mask_default(struct planner *planner, const char *path)
{
	struct mount_node *node = mount_tree_at(&planner->tree, path);

	if (!node->object_by && !node->masked_by)
		node->masked_by = SAID_BY_DEFAULT;
}

/* Only what can be read: to hide the rest would cost a mount each for nothing. */
static void mask_secret(struct planner *planner, const char *path)
{
	struct path_resolved resolved;

	if (access(path, R_OK) < 0 || path_resolve(planner->arena, path, &resolved) < 0)
		return;
	if (resolved.exists)
		mask_default(planner, resolved.path);
}

static void mask_secrets(struct planner *planner)
{
	for_each(i, secrets)
	{
		glob_t found = { 0 };

		if (!strchr(secrets[i], '*')) {
			mask_secret(planner, secrets[i]);
			continue;
		}
		if (glob(secrets[i], GLOB_NOSORT, NULL, &found) == 0)
			for (size_t k = 0; k < found.gl_pathc; k++)
				mask_secret(planner, found.gl_pathv[k]);
		globfree(&found);
	}
}

static void put_proc(struct planner *planner)
{
	mode_t mode;

	put_default(planner, "/proc", MOUNT_PROC, 0, NULL);
	if (planner->input->uid != 0)
		return;
	for_each(i, proc_read_only) if (exists(proc_read_only[i], &mode)) mount_tree_access(
		&planner->tree, proc_read_only[i], true, SAID_BY_DEFAULT, &nobody);
	for_each(i, proc_hidden) if (exists(proc_hidden[i], &mode))
		mask_default(planner, proc_hidden[i]);
}

static void put_device(struct planner *planner, const char *path, const char *source)
{
	struct mount_node *node;
	mode_t mode;

	if (!exists(source, &mode) || S_ISLNK(mode) || S_ISDIR(mode))
		return;
	node = put_default(planner, path, MOUNT_BIND, mode & S_IFMT, source);
	node->object.flags |= MOUNT_DEVICES;
}

static void put_private_dev(struct planner *planner)
{
	static const char *const devices[] = { "/dev/null",   "/dev/zero",    "/dev/full",
					       "/dev/random", "/dev/urandom", "/dev/tty" };
	static const struct path_link links[] = {
		{ "/dev/ptmx", "pts/ptmx" },	      { "/dev/fd", "/proc/self/fd" },
		{ "/dev/stdin", "/proc/self/fd/0" },  { "/dev/stdout", "/proc/self/fd/1" },
		{ "/dev/stderr", "/proc/self/fd/2" },
	};
	struct mount_node *dev = put_default(planner, "/dev", MOUNT_TMPFS, 0755, NULL);
	struct mount_node *pts;

	dev->sealed = true;
	for_each(i, devices) put_device(planner, devices[i], devices[i]);
	if (planner->input->tty)
		put_device(planner, "/dev/console", planner->input->tty);
	pts = put_default(planner, "/dev/pts", MOUNT_DEVPTS, 0620, NULL);
	pts->object.flags |= MOUNT_DEVICES | MOUNT_NOEXEC;
	for_each(i, links) put_link(planner, links[i].path, links[i].text);
	put_private(planner, "/dev/shm", 01777);
	put_default(planner, "/dev/mqueue", MOUNT_MQUEUE, 0, NULL)->object.flags |= MOUNT_OPTIONAL;
}

static void put_host_dev(struct planner *planner)
{
	mode_t mode;

	put_default(planner, "/dev", MOUNT_BIND, S_IFDIR, "/dev")->object.flags |= MOUNT_DEVICES;
	if (exists("/dev/mqueue", &mode) && S_ISDIR(mode))
		put_default(planner, "/dev/mqueue", MOUNT_MQUEUE, 0, NULL)->object.flags |=
			MOUNT_OPTIONAL;
}

/* Does the root mode put something at @path or below it? */
static bool has_default_below(struct planner *planner, const char *path)
{
	struct mount_node *top = mount_tree_at(&planner->tree, path);

	mount_tree_each(node, top) if (node->object_by == SAID_BY_DEFAULT &&
				       node->object.kind != MOUNT_SYMLINK) return true;
	return false;
}

static const char *environment(const struct planner *planner, const char *name)
{
	size_t length = strlen(name);

	for (char **entry = planner->input->envp; entry && *entry; entry++)
		if (!strncmp(*entry, name, length) && (*entry)[length] == '=')
			return *entry + length + 1;
	return NULL;
}

/* An empty HOME, found by the name in the environment too. */
static void put_private_home(struct planner *planner)
{
	const char *home = planner->input->home;
	const char *name = environment(planner, "HOME");
	struct path_resolved resolved;

	if (!home || has_default_below(planner, home))
		return;
	put_private(planner, home, 0700);
	if (name && name[0] == '/' && strcmp(name, home) &&
	    path_resolve(planner->arena, name, &resolved) == 0 && !strcmp(resolved.path, home))
		put_links(planner, &resolved);
}

/* With the host's network its resolver counts, whose file often is a symlink into /run. */
static void put_resolver(struct planner *planner)
{
	struct path_resolved resolved;

	if (planner->policy->net != NET_HOST ||
	    path_resolve(planner->arena, "/etc/resolv.conf", &resolved) < 0 || !resolved.exists ||
	    !S_ISREG(resolved.mode))
		return;
	put_default(planner, resolved.path, MOUNT_BIND, S_IFREG, resolved.path);
	mount_tree_access(&planner->tree, resolved.path, true, SAID_BY_DEFAULT, &nobody);
}

static void put_minimal_root(struct planner *planner)
{
	put_default(planner, "/var", MOUNT_DIR, 0755, NULL);
	put_private(planner, "/run", 0755);
	put_system_folders(planner, true);
	put_proc(planner);
	put_private_dev(planner);
	put_private(planner, "/tmp", 01777);
	put_private(planner, "/var/tmp", 01777);
	put_default(planner, "/run/lock", MOUNT_DIR, 01777, NULL);
	put_default(planner, planner->run_user, MOUNT_DIR, 0700, NULL);
	put_link(planner, "/var/run", "/run");
	put_link(planner, "/var/lock", "/run/lock");
	put_private_home(planner);
	put_resolver(planner);
	mask_secrets(planner);
}

static void put_host_root(struct planner *planner)
{
	mode_t mode;

	put_default(planner, "/", MOUNT_BIND, S_IFDIR, "/");
	put_system_folders(planner, false);
	for_each(i, host_read_only) put_system_folder(planner, host_read_only[i], false);
	put_proc(planner);
	if (planner->private_dev)
		put_private_dev(planner);
	else
		put_host_dev(planner);
	if (planner->policy->private_tmp)
		put_private(planner, "/tmp", 01777);
	if (exists("/var/tmp", &mode) && S_ISDIR(mode))
		put_private(planner, "/var/tmp", 01777);
	mask_secrets(planner);
}

static void put_empty_root(struct planner *planner)
{
	put_system_folders(planner, false);
	if (planner->private_dev)
		put_private_dev(planner);
	if (planner->policy->private_tmp)
		put_private(planner, "/tmp", 01777);
}

/* --- rules --- */

static const char *rule_name(const struct path_rule *rule)
{
	static const char *const names[] = {
		[PATH_WHITELIST] = "whitelist",
		[PATH_WHITELIST_RO] = "whitelist-ro",
		[PATH_BLACKLIST] = "blacklist",
		[PATH_READ_ONLY] = "read-only",
		[PATH_READ_WRITE] = "read-write",
		[PATH_TMPFS] = "tmpfs",
		[PATH_BIND] = "bind",
	};

	return names[rule->action];
}

static int rule_error(struct planner *planner, const struct path_rule *rule, int code,
		      struct error *err)
{
	error_set(err, code, "cannot %s %s (%s): %s", rule_name(rule), rule->path,
		  origin_text(planner->arena, &rule->origin), strerror(code));
	if (code == ENOENT)
		error_hint(err, "create it, or write \"%s -%s%s%s\" if it may be missing",
			   rule_name(rule), rule->path, rule->target ? "," : "",
			   rule->target ? rule->target : "");
	else if (code == EACCES)
		error_hint(err, "a folder on the way is closed to this user: name that folder");
	return -code;
}

static int rule_refused(struct planner *planner, const struct path_rule *rule, const char *path,
			const char *why, const char *hint, struct error *err)
{
	error_set(err, EINVAL, "cannot %s %s (%s): %s", rule_name(rule), path,
		  origin_text(planner->arena, &rule->origin), why);
	error_hint(err, "%s", hint);
	return -EINVAL;
}

/* Symlinks that a rule goes through: to be seen in the jail, and safe from its program. */
static void note_links(struct planner *planner, const struct path_rule *rule,
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
		put_link(planner, node->path, resolved->links.items[i].text);
		node->object.origin = rule->origin;
		node->grants_link = true;
	}
}

/* Drops the root mode's objects below something that a rule shows or empties as a whole. */
static void drop_defaults_below(struct mount_node *top)
{
	mount_tree_each(node, top) if (node != top && node->object_by == SAID_BY_DEFAULT)
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
	/* A whitelist-ro of before is no longer what counts here. */
	if (node->access_by == SAID_BY_GRANT)
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

	for_each(i, own) if (own[i] && path_is_at_or_below(path, own[i])) return own[i];
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
	put_default(planner, top, MOUNT_TMPFS,
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
			put_proc(planner);
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
	note_links(planner, rule, resolved, true);
	if (rule->action == PATH_WHITELIST_RO)
		mount_tree_access(&planner->tree, resolved->path, true, SAID_BY_GRANT,
				  &rule->origin);
	return 0;
}

static int bind_rule(struct planner *planner, size_t index, const struct path_rule *rule,
		     const struct path_resolved *source, struct error *err)
{
	struct path_resolved target;
	int r = path_resolve(planner->arena, rule->target, &target);

	if (r < 0)
		return rule_error(planner, rule, -r, err);
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
	note_links(planner, rule, source, true);
	note_links(planner, rule, &target, true);
	return 0;
}

static int apply_grant(struct planner *planner, size_t index, struct error *err)
{
	const struct path_rule *rule = &planner->policy->paths.items[index];
	struct path_resolved resolved;
	int r = path_resolve(planner->arena, rule->path, &resolved);

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
			note_links(planner, rule, &resolved, true);
		return r;
	}
	if (r == 0 && !resolved.exists)
		r = -ENOENT;
	if ((r == -ENOENT || r == -ENOTDIR) && rule->optional)
		return 0;
	if (r < 0)
		return rule_error(planner, rule, -r, err);
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
	int r = path_resolve(planner->arena, path, resolved);

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
	const struct path_rule *rule = &planner->policy->paths.items[index];
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
	const struct path_rule *rule = &planner->policy->paths.items[index];
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

/*
 * What hides or protects a file does so wherever the file appears: @host is its path on the host,
 * @done the one path that has been dealt with.
 */
static int restrict_copies(struct planner *planner, size_t index, const char *host,
			   const char *done, struct error *err)
{
	const struct path_rule *rule = &planner->policy->paths.items[index];

	mount_tree_each(node, planner->tree.root)
	{
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
		r = rule->action == PATH_BLACKLIST ? blacklist_at(planner, index, path, err)
						   : access_at(planner, index, path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int apply_restriction(struct planner *planner, size_t index, struct error *err)
{
	const struct path_rule *rule = &planner->policy->paths.items[index];
	bool blacklist = rule->action == PATH_BLACKLIST;
	struct path_resolved in_jail;
	struct path_resolved host;
	int r = resolve_in_jail(planner, rule->path, &in_jail);

	if (r == 0 && !in_jail.exists)
		r = -ENOENT;
	if ((r == -ENOENT || r == -ENOTDIR) && (rule->optional || blacklist))
		return 0;
	if (r < 0)
		return rule_error(planner, rule, -r, err);
	r = blacklist ? blacklist_at(planner, index, in_jail.path, err)
		      : access_at(planner, index, in_jail.path, err);
	if (r < 0)
		return r;
	note_links(planner, rule, &in_jail, rule->action == PATH_READ_WRITE);
	if (rule->action == PATH_READ_WRITE)
		return 0;
	r = path_resolve(planner->arena, rule->path, &host);
	return r < 0 || !host.exists
		       ? 0
		       : restrict_copies(planner, index, host.path, in_jail.path, err);
}

static bool is_grant(const struct path_rule *rule)
{
	return rule->action == PATH_WHITELIST || rule->action == PATH_WHITELIST_RO ||
	       rule->action == PATH_TMPFS || rule->action == PATH_BIND;
}

static int apply_rules(struct planner *planner, bool grants, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < planner->policy->paths.count; i++)
		if (is_grant(&planner->policy->paths.items[i]) == grants)
			r = grants ? apply_grant(planner, i, err)
				   : apply_restriction(planner, i, err);
	return r;
}

/* --- the working folder --- */

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

	if (!cwd || planner->policy->root == ROOT_EMPTY || has_default_below(planner, cwd) ||
	    path_is_at_or_below(cwd, "/proc") || path_is_at_or_below(cwd, "/sys") ||
	    path_is_at_or_below(cwd, "/dev") || path_is_at_or_below(planner->run_user, cwd))
		return;
	if (path_resolve(planner->arena, cwd, &resolved) < 0 || !resolved.exists ||
	    strcmp(resolved.path, cwd) != 0)
		return;
	cover = mount_tree_cover(&planner->tree, cwd);
	if (cover && (cover->object_by == SAID_BY_RULE || cover->object.kind == MOUNT_BIND))
		return;
	put_default(planner, cwd, MOUNT_BIND, resolved.mode & S_IFMT, cwd);
}

/* --- the launcher's own profiles --- */

static int protect_at(struct planner *planner, const char *path, struct error *err)
{
	static const struct origin launcher = { .file = "uring-jail itself" };
	struct mount_node *top = mount_tree_at(&planner->tree, path);

	mount_tree_each(node, top)
	{
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
		put_default(planner, node->path, MOUNT_DIR, 0700, NULL);
		node->object.flags |= MOUNT_OPTIONAL;
		node->make_on_host = true;
	}
}

/* Where the host's @folder appears in the jail, by a bind of it or of something around it. */
static int protect_copies(struct planner *planner, const struct path_resolved *folder,
			  struct error *err)
{
	mount_tree_each(node, planner->tree.root)
	{
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
	note_links(planner, &self, &resolved, false);
	return protect_copies(planner, &resolved, err);
}

/* A hostile program that could edit its profile would be free at the next launch. */
static int protect_profiles(struct planner *planner, struct error *err)
{
	const char *config = environment(planner, "XDG_CONFIG_HOME");
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

/* A device by name is worth nothing without the others: with the host's tree, it takes them out. */
static bool wants_private_dev(const struct policy *policy)
{
	if (policy->private_dev)
		return true;
	if (policy->root != ROOT_HOST)
		return false;
	for (size_t i = 0; i < policy->paths.count; i++) {
		const struct path_rule *rule = &policy->paths.items[i];

		if (is_grant(rule) && rule->action != PATH_BIND && rule->action != PATH_TMPFS &&
		    path_is_below(rule->path, "/dev"))
			return true;
	}
	return false;
}

int plan_mounts(struct plan *plan, const struct plan_input *input, struct error *err)
{
	static void (*const put_root[])(struct planner *) = {
		[ROOT_MINIMAL] = put_minimal_root,
		[ROOT_HOST] = put_host_root,
		[ROOT_EMPTY] = put_empty_root,
	};
	struct planner planner = {
		.plan = plan,
		.policy = plan->policy,
		.input = input,
		.arena = &plan->arena,
		.private_dev = wants_private_dev(plan->policy),
	};
	int r;

	planner.run_user = arena_printf(&plan->arena, "/run/user/%u", (unsigned int)input->uid);
	mount_tree_init(&planner.tree, &plan->arena);
	put_root[plan->policy->root](&planner);
	r = apply_rules(&planner, true, err);
	if (r == 0)
		r = apply_rules(&planner, false, err);
	if (r < 0)
		return r;
	put_working_folder(&planner);
	r = protect_profiles(&planner, err);
	return r < 0 ? r : mount_tree_emit(&planner.tree, &plan->mounts, err);
}
