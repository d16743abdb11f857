// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/mount_planner.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct origin nobody = { 0 };

/* What a program needs to run at all, and should not change. */
static const char *const system_folders[] = {
	"/usr",	   "/bin", "/sbin", "/lib",	  "/lib32",	"/lib64",
	"/libx32", "/etc", "/opt",  "/nix/store", "/gnu/store", "/run/current-system",
	NULL,
};

/* With the host's tree these are read-only too. */
static const char *const host_read_only[] = {
	"/boot",
	"/var",
	NULL,
};

/*
 * Secrets below the system folders. They are hidden from whoever can read them: root mostly, and
 * members of groups such as shadow and ssl-cert.
 */
static const char *const secrets[] = {
	"/etc/shadow",
	"/etc/shadow-",
	"/etc/gshadow",
	"/etc/gshadow-",
	"/etc/security/opasswd",
	"/etc/sudoers",
	"/etc/sudoers.d",
	"/etc/doas.conf",
	"/etc/ssl/private",
	"/etc/ssh/ssh_host_*_key",
	"/etc/krb5.keytab",
	"/etc/ppp/chap-secrets",
	"/etc/ppp/pap-secrets",
	"/etc/wireguard",
	"/etc/wpa_supplicant",
	"/etc/NetworkManager/system-connections",
	NULL,
};

/*
 * Who listens here runs programs for whoever asks, outside of any jail: where the host's tree or a
 * whitelist of a folder around it shows one, it is hidden from those who can reach it. A whitelist
 * of the path itself shows it again.
 */
static const char *const managers[] = {
	"/run/docker.sock",
	"/run/podman",
	"/run/containerd/containerd.sock",
	"/run/crio/crio.sock",
	"/run/libvirt",
	"/run/snapd.socket",
	"/var/snap/lxd/common/lxd/unix.socket",
	"/var/lib/incus/unix.socket",
	NULL,
};

/* The same, of users' own services, below /run/user/UID. */
static const char *const user_managers[] = { "bus", "systemd", "docker.sock", "podman", NULL };

/* These ask anybody but root for a password. */
static const char *const root_managers[] = {
	"/run/systemd/private",
	"/run/dbus/system_bus_socket",
	NULL,
};

/*
 * What global root may write in any /proc, whatever its user namespace and without a capability:
 * these files check the owner alone.
 */
static const char *const proc_read_only[] = {
	"/proc/sys",  "/proc/sysrq-trigger", "/proc/irq",    "/proc/bus",
	"/proc/fs",   "/proc/dynamic_debug", "/proc/driver", "/proc/profile",
	"/proc/mtrr", "/proc/pressure",	     NULL,
};

/* What it may read there of the host's memory, keys and devices. */
static const char *const proc_hidden[] = {
	"/proc/acpi",
	"/proc/asound",
	"/proc/kcore",
	"/proc/keys",
	"/proc/kmsg",
	"/proc/kpagecount",
	"/proc/kpageflags",
	"/proc/kpagecgroup",
	"/proc/latency_stats",
	"/proc/sched_debug",
	"/proc/scsi",
	"/proc/timer_list",
	"/proc/timer_stats",
	"/proc/vmallocinfo",
	"/proc/slabinfo",
	"/proc/pagetypeinfo",
	NULL,
};

/*
 * What private-etc always has: programs are found by way of alternatives, their libraries by way
 * of the loader's files, and users and groups by their names. None of it is secret.
 */
static const char *const etc_minimum[] = {
	"alternatives",	 "group",     "ld.so.cache",   "ld.so.conf", "ld.so.conf.d",
	"ld.so.preload", "localtime", "nsswitch.conf", "passwd",     NULL,
};

bool plan_is_system(const char *path)
{
	for (const char *const *folder = system_folders; *folder; folder++)
		if (path_is_at_or_below(path, *folder))
			return true;
	return false;
}

static bool exists(const char *path, mode_t *mode)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return false;
	*mode = st.st_mode;
	return true;
}

struct mount_node *planner_put(struct planner *planner, const char *path, enum mount_kind kind,
			       mode_t mode, const char *source)
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
	struct mount_node *node = planner_put(planner, path, MOUNT_TMPFS, mode, NULL);

	mount_tree_access(&planner->tree, node->path, false, SAID_BY_DEFAULT, &nobody);
}

void planner_put_link(struct planner *planner, const char *path, const char *text)
{
	planner_put(planner, path, MOUNT_SYMLINK, 0, text);
}

/* The symlinks on the way to something shown, so that it is found by the name that was used. */
static void put_links(struct planner *planner, const struct path_resolved *resolved)
{
	for (size_t i = 0; i < resolved->links.count; i++)
		planner_put_link(planner, resolved->links.items[i].path,
				 resolved->links.items[i].text);
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
		planner_put(planner, resolved.path, MOUNT_BIND, resolved.mode & S_IFMT,
			    resolved.path);
	mount_tree_access(&planner->tree, resolved.path, true, SAID_BY_DEFAULT, &nobody);
}

static void put_system_folders(struct planner *planner, bool shown)
{
	for (const char *const *path = system_folders; *path; path++)
		if (!planner->policy->private_etc || strcmp(*path, "/etc") != 0)
			put_system_folder(planner, *path, shown);
	/* Global root may write there without a capability. */
	mount_tree_access(&planner->tree, "/sys", true, SAID_BY_DEFAULT, &nobody);
}

static void mask_default(struct planner *planner, const char *path)
{
	struct mount_node *node = mount_tree_at(&planner->tree, path);

	if (!node->object_by && !node->masked_by)
		node->masked_by = SAID_BY_DEFAULT;
}

/* Only what can be reached: to hide the rest would cost a mount each for nothing. */
static void mask_reachable(struct planner *planner, const char *path, int mode)
{
	struct path_resolved resolved;

	if (access(path, mode) < 0 || path_resolve(planner->arena, path, &resolved) < 0)
		return;
	if (resolved.exists)
		mask_default(planner, resolved.path);
}

/* The files and closed folders of @folder, at most @depth levels down, that others cannot read. */
static void mask_unreadable(struct planner *planner, const char *folder, int depth)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		bool is_folder = entry->d_type == DT_DIR;
		mode_t wanted = is_folder ? S_IXOTH : S_IROTH;
		const char *path;
		struct stat st;

		if (entry->d_name[0] == '.' && (!entry->d_name[1] || !strcmp(entry->d_name, "..")))
			continue;
		if ((!is_folder && entry->d_type != DT_REG) ||
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		path = arena_printf(planner->arena, "%s/%s", folder, entry->d_name);
		if (!(st.st_mode & wanted))
			mask_default(planner, path);
		else if (is_folder && depth > 1)
			mask_unreadable(planner, path, depth - 1);
	}
	closedir(dir);
}

static void mask_secrets(struct planner *planner)
{
	for (const char *const *path = secrets; *path; path++) {
		glob_t found = { 0 };

		if (!strchr(*path, '*')) {
			mask_reachable(planner, *path, R_OK);
			continue;
		}
		if (glob(*path, GLOB_NOSORT, NULL, &found) == 0)
			for (size_t k = 0; k < found.gl_pathc; k++)
				mask_reachable(planner, found.gl_pathv[k], R_OK);
		globfree(&found);
	}
	/* Global root may read all of it, and what is kept from others there is kept for a reason.
	 */
	if (planner->input->uid == 0)
		mask_unreadable(planner, "/etc", 2);
}

static void mask_managers(struct planner *planner)
{
	for (const char *const *path = managers; *path; path++)
		mask_reachable(planner, *path, W_OK);
	for (const char *const *name = user_managers; *name; name++)
		mask_reachable(planner,
			       arena_printf(planner->arena, "%s/%s", planner->run_user, *name),
			       W_OK);
	for (const char *const *path = root_managers; *path && planner->input->uid == 0; path++)
		mask_reachable(planner, *path, W_OK);
}

void planner_put_proc(struct planner *planner)
{
	mode_t mode;

	planner_put(planner, "/proc", MOUNT_PROC, 0, NULL)->object.flags |= MOUNT_NOEXEC;
	/*
	 * The names of all the user's keys. Who makes jails inside this one must do without that:
	 * of a /proc that is covered anywhere, the kernel allows no other.
	 */
	if (planner->input->uid != 0 && !planner->nesting && exists("/proc/keys", &mode))
		mask_default(planner, "/proc/keys");
	if (planner->input->uid != 0)
		return;
	for (const char *const *path = proc_read_only; *path; path++)
		if (exists(*path, &mode))
			mount_tree_access(&planner->tree, *path, true, SAID_BY_DEFAULT, &nobody);
	for (const char *const *path = proc_hidden; *path; path++)
		if (exists(*path, &mode))
			mask_default(planner, *path);
}

static void put_device(struct planner *planner, const char *path, const char *source)
{
	struct mount_node *node;
	mode_t mode;

	if (!exists(source, &mode) || S_ISLNK(mode) || S_ISDIR(mode))
		return;
	node = planner_put(planner, path, MOUNT_BIND, mode & S_IFMT, source);
	node->object.flags |= MOUNT_DEVICES;
}

/* Not every kernel has it. */
static void put_mqueue(struct planner *planner)
{
	planner_put(planner, "/dev/mqueue", MOUNT_MQUEUE, 0, NULL)->object.flags |=
		MOUNT_OPTIONAL | MOUNT_NOEXEC;
}

static void put_private_dev(struct planner *planner)
{
	static const char *const devices[] = {
		"/dev/null",	"/dev/zero", "/dev/full", "/dev/random",
		"/dev/urandom", "/dev/tty",  NULL,
	};
	static const struct path_link links[] = {
		{ "/dev/ptmx", "pts/ptmx" },	      { "/dev/fd", "/proc/self/fd" },
		{ "/dev/stdin", "/proc/self/fd/0" },  { "/dev/stdout", "/proc/self/fd/1" },
		{ "/dev/stderr", "/proc/self/fd/2" },
	};
	struct mount_node *dev = planner_put(planner, "/dev", MOUNT_TMPFS, 0755, NULL);
	struct mount_node *pts;

	dev->sealed = true;
	for (const char *const *path = devices; *path; path++)
		put_device(planner, *path, *path);
	if (planner->input->tty)
		put_device(planner, "/dev/console", planner->input->tty);
	pts = planner_put(planner, "/dev/pts", MOUNT_DEVPTS, 0620, NULL);
	pts->object.flags |= MOUNT_DEVICES | MOUNT_NOEXEC;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		planner_put_link(planner, links[i].path, links[i].text);
	put_private(planner, "/dev/shm", 01777);
	put_mqueue(planner);
}

static void put_host_dev(struct planner *planner)
{
	mode_t mode;

	planner_put(planner, "/dev", MOUNT_BIND, S_IFDIR, "/dev")->object.flags |= MOUNT_DEVICES;
	if (exists("/dev/mqueue", &mode) && S_ISDIR(mode))
		put_mqueue(planner);
}

bool planner_has_default_below(struct planner *planner, const char *path)
{
	const struct mount_node *top = mount_tree_at(&planner->tree, path);

	for (const struct mount_node *node = top; node; node = mount_node_next(node, top))
		if (node->object_by == SAID_BY_DEFAULT && node->object.kind != MOUNT_SYMLINK)
			return true;
	return false;
}

const char *planner_environment(const struct planner *planner, const char *name)
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
	const char *name = planner_environment(planner, "HOME");
	struct path_resolved resolved;

	if (!home || planner_has_default_below(planner, home))
		return;
	put_private(planner, home, 0700);
	if (name && name[0] == '/' && strcmp(name, home) &&
	    path_resolve(planner->arena, name, &resolved) == 0 && !strcmp(resolved.path, home))
		put_links(planner, &resolved);
}

/* HOME, and where the user database says that it is: HOME may be anything. */
static void put_private_homes(struct planner *planner)
{
	const char *login = planner->input->login_home;

	put_private_home(planner);
	if (login && !planner_has_default_below(planner, login))
		put_private(planner, login, 0700);
}

/* By way of the host's symlinks, as a system folder. What is missing is missing in the jail too. */
static void put_etc_entry(struct planner *planner, const char *name)
{
	struct path_resolved resolved;

	if (path_resolve(planner->arena, arena_printf(planner->arena, "/etc/%s", name), &resolved) <
		    0 ||
	    !resolved.exists)
		return;
	put_links(planner, &resolved);
	/* A link may lead to what is not the system's: that is nothing of /etc. */
	if (!path_is_below(resolved.path, "/etc"))
		return;
	planner_put(planner, resolved.path, MOUNT_BIND, resolved.mode & S_IFMT, resolved.path);
	mount_tree_access(&planner->tree, resolved.path, true, SAID_BY_DEFAULT, &nobody);
}

/* Later than other objects of the root mode: with the host's tree, it is put over its /etc. */
static void put_private_etc(struct planner *planner)
{
	const struct policy *policy = planner->policy;

	if (!policy->private_etc)
		return;
	planner_put(planner, "/etc", MOUNT_TMPFS, 0755, NULL)->sealed = true;
	for (const char *const *name = etc_minimum; *name; name++)
		put_etc_entry(planner, *name);
	for (size_t i = 0; i < policy->etc.count; i++)
		put_etc_entry(planner, policy->etc.items[i]);
}

static bool has_etc(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->etc.count; i++)
		if (!strcmp(policy->etc.items[i], name))
			return true;
	return !policy->private_etc;
}

/*
 * With the host's network its resolver counts, whose file often is a symlink into /run. With
 * pasta's it is pasta that asks: the host's resolver may be on its loopback, out of reach.
 */
static void put_resolver(struct planner *planner)
{
	struct path_resolved resolved;
	bool pasta = planner->policy->net == NET_USER;

	if (planner->policy->net == NET_NONE || !has_etc(planner->policy, "resolv.conf") ||
	    path_resolve(planner->arena, "/etc/resolv.conf", &resolved) < 0 || !resolved.exists ||
	    !S_ISREG(resolved.mode))
		return;
	planner_put(planner, resolved.path, pasta ? MOUNT_TEXT : MOUNT_BIND, S_IFREG,
		    pasta ? "nameserver " NET_NAMESERVER "\n" : resolved.path);
	mount_tree_access(&planner->tree, resolved.path, true, SAID_BY_DEFAULT, &nobody);
}

static void put_minimal_root(struct planner *planner)
{
	planner_put(planner, "/var", MOUNT_DIR, 0755, NULL);
	put_private(planner, "/run", 0755);
	put_system_folders(planner, true);
	planner_put_proc(planner);
	put_private_dev(planner);
	put_private(planner, "/tmp", 01777);
	put_private(planner, "/var/tmp", 01777);
	planner_put(planner, "/run/lock", MOUNT_DIR, 01777, NULL);
	planner_put(planner, planner->run_user, MOUNT_DIR, 0700, NULL);
	planner_put_link(planner, "/var/run", "/run");
	planner_put_link(planner, "/var/lock", "/run/lock");
	put_private_home(planner);
	put_resolver(planner);
	put_private_etc(planner);
	mask_secrets(planner);
	mask_managers(planner);
}

static void put_host_root(struct planner *planner)
{
	mode_t mode;

	planner_put(planner, "/", MOUNT_BIND, S_IFDIR, "/");
	put_system_folders(planner, false);
	for (const char *const *path = host_read_only; *path; path++)
		put_system_folder(planner, *path, false);
	planner_put_proc(planner);
	if (planner->private_dev)
		put_private_dev(planner);
	else
		put_host_dev(planner);
	if (planner->policy->private_tmp)
		put_private(planner, "/tmp", 01777);
	if (exists("/var/tmp", &mode) && S_ISDIR(mode))
		put_private(planner, "/var/tmp", 01777);
	if (planner->policy->private_home)
		put_private_homes(planner);
	put_private_etc(planner);
	if (planner->policy->net == NET_USER)
		put_resolver(planner);
	mask_secrets(planner);
	mask_managers(planner);
}

static void put_empty_root(struct planner *planner)
{
	put_system_folders(planner, false);
	if (planner->private_dev)
		put_private_dev(planner);
	if (planner->policy->private_tmp)
		put_private(planner, "/tmp", 01777);
	if (planner->policy->private_home)
		put_private_homes(planner);
	put_private_etc(planner);
	mask_managers(planner);
}

void planner_put_root(struct planner *planner)
{
	static void (*const put_root[])(struct planner *) = {
		[ROOT_MINIMAL] = put_minimal_root,
		[ROOT_HOST] = put_host_root,
		[ROOT_EMPTY] = put_empty_root,
	};

	put_root[planner->policy->root](planner);
}
