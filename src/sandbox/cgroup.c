// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "policy/group_limit.h"
#include "util/cleanup.h"
#include "util/file.h"

static const char prefix[] = "uring-jail-";
static const char remedy[] = "start it in a group of its own that is delegated to this user: "
			     "systemd-run --user --scope -p Delegate=yes uring-jail ...";

static int open_group(int parent, const char *name)
{
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The files of a group take or give all at once. */
static int write_file(int group, const char *name, const char *text)
{
	_cleanup_close_ int fd = openat(group, name, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

static int read_file(int group, const char *name, char *text, size_t size)
{
	_cleanup_close_ int fd = openat(group, name, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : file_read(fd, text, size - 1);

	if (length < 0)
		return -1;
	text[length] = '\0';
	return 0;
}

/* --- where the launcher is --- */

static const char *find_mount(void)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs fs;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (statfs(places[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return places[i];
	return NULL;
}

/* The path of this process's group in @path. */
static int find_own(char *path, size_t size, struct error *err)
{
	static const char unified[] = "0::";
	const char *mount = find_mount();
	_cleanup_fclose_ FILE *list = fopen("/proc/self/cgroup", "re");
	_cleanup_free_ char *line = NULL;
	size_t room = 0;

	while (mount && list && getline(&line, &room, list) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, unified, strlen(unified)) != 0)
			continue;
		/* Outside of the cgroup namespace, as it is after entering another one. */
		if (strstr(line, "/.."))
			break;
		if ((size_t)snprintf(path, size, "%s%s", mount, line + strlen(unified)) < size)
			return 0;
	}
	error_set(err, ENOENT, "this process has no control group of version 2 that can be seen");
	error_hint(err, "/sys/fs/cgroup must be a cgroup2 file system");
	return -ENOENT;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; *(at += strspn(at, " \n")); at += strcspn(at, " \n"))
		if (!strncmp(at, word, length) && strchr(" \n", at[length]))
			return true;
	return false;
}

static int not_delegated(const char *path, const char *what, struct error *err)
{
	error_errno(err, "the control group %s cannot be %s", path, what);
	error_hint(err, "%s", remedy);
	return -err->code;
}

static int check_controller(const char *path, const char *have, const char *controller,
			    struct error *err)
{
	if (has_word(have, controller))
		return 0;
	error_set(err, EOPNOTSUPP, "the control group %s has no %s controller", path, controller);
	error_hint(err, "%s", remedy);
	return -EOPNOTSUPP;
}

/* Without limits, of all: whether any could be had. */
static int check_controllers(int own, const char *path, const struct policy *policy,
			     struct error *err)
{
	char have[512];
	int status = 0;

	if (read_file(own, "cgroup.controllers", have, sizeof(have)) < 0)
		return not_delegated(path, "read", err);
	for (size_t i = 0; status == 0 && i < GROUP_LIMITS; i++)
		if (!policy || policy->group_limits[i].value)
			status = check_controller(path, have, group_limits[i].controller, err);
	return status;
}

/* The hierarchy's own root, which alone may have processes beside groups. */
static bool is_root(int own)
{
	return faccessat(own, "cgroup.events", F_OK, 0) < 0 && errno == ENOENT;
}

/* Processes beside this one that are in the way. */
static bool has_others(int own)
{
	char list[4096];
	char self[32];

	snprintf(self, sizeof(self), "%d\n", getpid());
	return !is_root(own) && read_file(own, "cgroup.procs", list, sizeof(list)) == 0 &&
	       strcmp(list, self) != 0;
}

static int busy(const char *path, struct error *err)
{
	error_set(err, EBUSY,
		  "the control group %s has other processes, and no limits can be set "
		  "below it",
		  path);
	error_hint(err, "%s", remedy);
	return -EBUSY;
}

int cgroup_check(char *where, size_t size, struct error *err)
{
	static const char *const written[] = { ".", "cgroup.procs", "cgroup.subtree_control" };
	_cleanup_close_ int own = -1;

	if (find_own(where, size, err) < 0)
		return -err->code;
	own = open_group(AT_FDCWD, where);
	if (own < 0)
		return not_delegated(where, "opened", err);
	if (check_controllers(own, where, NULL, err) < 0)
		return -err->code;
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		if (faccessat(own, written[i], W_OK, AT_EACCESS) < 0)
			return not_delegated(where, "divided", err);
	return has_others(own) ? busy(where, err) : 0;
}

/* --- the end --- */

/* Until no process is left in it. What is dying in a kernel that is stuck is not waited for. */
static void wait_for_empty(int group)
{
	_cleanup_close_ int events = openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd change = { .fd = events, .events = POLLPRI };
	char text[256];

	for (int tries = 0; events >= 0 && tries < 50; tries++) {
		if (read_file(group, "cgroup.events", text, sizeof(text)) < 0 ||
		    !strstr(text, "populated 1"))
			return;
		poll(&change, 1, 100);
	}
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/*
 * A program that may mount makes groups below its own. They are empty by now, and no more and no
 * deeper than bounds[] lets them be.
 */
static void remove_tree(int parent, const char *name)
{
	int group = open_group(parent, name);
	DIR *list = group < 0 ? NULL : fdopendir(group);
	const struct dirent *entry;

	while (list && (entry = readdir(list)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.')
			remove_tree(group, entry->d_name);
	if (list)
		closedir(list);
	else
		close_fd(&group);
	unlinkat(parent, name, AT_REMOVEDIR);
}

void cgroup_end(struct cgroup *cgroup)
{
	if (cgroup->own < 0)
		return;
	if (cgroup->limits >= 0) {
		/* With a PID namespace, nothing is left by now. */
		write_file(cgroup->limits, "cgroup.kill", "1");
		wait_for_empty(cgroup->limits);
	}
	close_fd(&cgroup->inside);
	close_fd(&cgroup->limits);
	if (cgroup->group >= 0) {
		remove_tree(cgroup->group, "jail");
		write_file(cgroup->group, "cgroup.subtree_control", cgroup->disable);
	}
	if (*cgroup->disable)
		write_file(cgroup->own, "cgroup.subtree_control", cgroup->disable);
	if (cgroup->moved)
		write_file(cgroup->own, "cgroup.procs", "0");
	if (cgroup->group >= 0)
		unlinkat(cgroup->group, "launcher", AT_REMOVEDIR);
	if (*cgroup->name)
		unlinkat(cgroup->own, cgroup->name, AT_REMOVEDIR);
	close_fd(&cgroup->group);
	close_fd(&cgroup->own);
}

/* --- the making --- */

/* "+memory +pids" and "-memory -pids" of what @policy needs and @group has not switched on yet. */
static int list_controllers(int group, const struct policy *policy, char *enable, char *disable,
			    size_t size)
{
	char have[512];

	*enable = *disable = '\0';
	if (read_file(group, "cgroup.subtree_control", have, sizeof(have)) < 0)
		return -1;
	for (size_t i = 0; i < GROUP_LIMITS; i++) {
		const char *controller = group_limits[i].controller;

		if (!policy->group_limits[i].value || has_word(have, controller) ||
		    strstr(enable, controller))
			continue;
		snprintf(enable + strlen(enable), size - strlen(enable), "+%s ", controller);
		snprintf(disable + strlen(disable), size - strlen(disable), "-%s ", controller);
	}
	return 0;
}

static int enable_below(int group, const struct policy *policy, char *disable)
{
	char enable[64];

	if (list_controllers(group, policy, enable, disable, sizeof(enable)) < 0 ||
	    (*enable && write_file(group, "cgroup.subtree_control", enable) < 0)) {
		*disable = '\0';
		return -1;
	}
	return 0;
}

/* Makes the launch's own group, and leaves the one around it, where that may not have processes. */
static int make_group(struct cgroup *cgroup, const char *path, struct error *err)
{
	snprintf(cgroup->name, sizeof(cgroup->name), "%s%d", prefix, getpid());
	if (mkdirat(cgroup->own, cgroup->name, 0755) < 0) {
		*cgroup->name = '\0';
		return not_delegated(path, "divided", err);
	}
	cgroup->group = open_group(cgroup->own, cgroup->name);
	if (cgroup->group < 0)
		return not_delegated(path, "divided", err);
	if (is_root(cgroup->own))
		return 0;
	if (mkdirat(cgroup->group, "launcher", 0755) < 0 ||
	    write_file(cgroup->group, "launcher/cgroup.procs", "0") < 0)
		return not_delegated(path, "left", err);
	cgroup->moved = true;
	return 0;
}

static int enable_controllers(struct cgroup *cgroup, const char *path, const struct policy *policy,
			      struct error *err)
{
	char disable[sizeof(cgroup->disable)];

	if (enable_below(cgroup->own, policy, cgroup->disable) == 0 &&
	    enable_below(cgroup->group, policy, disable) == 0)
		return 0;
	return errno == EBUSY ? busy(path, err) : not_delegated(path, "divided", err);
}

static int set_limit(const struct cgroup *cgroup, const struct group_limit *limit,
		     const struct group_limit_rule *rule, struct error *err)
{
	struct arena arena = { 0 };

	if (write_file(cgroup->limits, limit->file, rule->value) == 0)
		return 0;
	error_errno(err, "%s: cannot set %s %s", origin_text(&arena, &rule->origin), limit->name,
		    rule->value);
	arena_free(&arena);
	if (err->code == ENOENT)
		error_hint(err, "this kernel does not account for that (no %s)", limit->file);
	return -err->code;
}

/* Of the groups that a program makes below: what the launcher has to take away at the end. */
static const struct {
	const char *file;
	const char *value;
} bounds[] = {
	{ "cgroup.max.depth", "10" },
	{ "cgroup.max.descendants", "1000" },
};

static int set_bounds(const struct cgroup *cgroup, struct error *err)
{
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		if (write_file(cgroup->limits, bounds[i].file, bounds[i].value) < 0)
			return error_errno(err, "cannot set %s of the jail's control group",
					   bounds[i].file);
	return 0;
}

static int make_limits(struct cgroup *cgroup, const char *path, const struct policy *policy,
		       struct error *err)
{
	int status;

	if (mkdirat(cgroup->group, "jail", 0755) < 0)
		return not_delegated(path, "divided", err);
	cgroup->limits = open_group(cgroup->group, "jail");
	status = set_bounds(cgroup, err);
	for (size_t i = 0; status == 0 && i < GROUP_LIMITS; i++)
		if (policy->group_limits[i].value)
			status = set_limit(cgroup, &group_limits[i], &policy->group_limits[i], err);
	if (status < 0)
		return status;
	if (mkdirat(cgroup->limits, "inside", 0755) < 0)
		return not_delegated(path, "divided", err);
	cgroup->inside = open_group(cgroup->limits, "inside");
	return cgroup->inside < 0 ? not_delegated(path, "opened", err) : 0;
}

int cgroup_make(struct cgroup *cgroup, const struct policy *policy, struct error *err)
{
	char path[PATH_MAX];
	int status;

	*cgroup = (struct cgroup){ .own = -1, .group = -1, .limits = -1, .inside = -1 };
	if (!group_limits_asked(policy))
		return 0;
	if (find_own(path, sizeof(path), err) < 0)
		return -err->code;
	cgroup->own = open_group(AT_FDCWD, path);
	if (cgroup->own < 0)
		return not_delegated(path, "opened", err);
	status = check_controllers(cgroup->own, path, policy, err);
	if (status == 0)
		status = make_group(cgroup, path, err);
	if (status == 0)
		status = enable_controllers(cgroup, path, policy, err);
	if (status == 0)
		status = make_limits(cgroup, path, policy, err);
	return status;
}

size_t cgroup_fds(const struct cgroup *cgroup, int fds[CGROUP_FDS])
{
	const int all[CGROUP_FDS] = { cgroup->own, cgroup->group, cgroup->limits, cgroup->inside };
	size_t count = 0;

	for (size_t i = 0; i < CGROUP_FDS; i++)
		if (all[i] >= 0)
			fds[count++] = all[i];
	return count;
}
