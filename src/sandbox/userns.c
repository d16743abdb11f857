// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file.h"

static bool in_container(void)
{
	return access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0;
}

static bool under_seccomp(void)
{
	_cleanup_fclose_ FILE *status = fopen("/proc/self/status", "re");
	char line[256];

	while (status && fgets(line, sizeof(line), status))
		if (!strcmp(line, "Seccomp:\t2\n"))
			return true;
	return false;
}

void userns_explain(struct error *err)
{
	if (file_number("/proc/sys/user/max_user_namespaces", 1) == 0)
		error_hint(err, "user namespaces are switched off: set the sysctl "
				"user.max_user_namespaces above 0");
	else if (file_number("/proc/sys/kernel/unprivileged_userns_clone", 1) == 0)
		error_hint(err, "user namespaces are for root only here: set the sysctl "
				"kernel.unprivileged_userns_clone to 1");
	else if (file_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0) == 1)
		error_hint(err, "AppArmor restricts user namespaces here: load a profile for "
				"uring-jail that has \"userns,\", or set the sysctl "
				"kernel.apparmor_restrict_unprivileged_userns to 0");
	else if (in_container() || under_seccomp())
		error_hint(err, "a container or another sandbox is around this process, and its "
				"seccomp filter may forbid namespaces: run outside of it, or allow "
				"clone, unshare and mount in its policy");
	else if (err->code == ENOSPC || err->code == EUSERS)
		error_hint(err, "the limit of nested or existing namespaces is reached: see "
				"/proc/sys/user");
	else if (err->code == EPERM)
		error_hint(err,
			   "the kernel makes no user namespace in a chroot, and maps no user 0 "
			   "for who has no CAP_SETFCAP (root in a jail or container)");
	else if (err->code == EINVAL || err->code == ENOSYS)
		error_hint(err, "the kernel is too old or was built without some namespace: "
				"uring-jail --check tells which");
}

pid_t userns_clone(uint64_t namespaces, int exit_signal, int cgroup, struct error *err)
{
	struct clone_args args = {
		.flags = namespaces | (cgroup < 0 ? 0 : CLONE_INTO_CGROUP),
		.exit_signal = (uint64_t)exit_signal,
		.cgroup = cgroup < 0 ? 0 : (uint64_t)cgroup,
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	/* Sandboxes such as ours answer ENOSYS, so that flags stay visible to their filters. */
	if (pid < 0 && errno == ENOSYS && cgroup < 0)
		pid = (pid_t)syscall(SYS_clone, namespaces | (uint64_t)exit_signal, NULL, NULL,
				     NULL, 0UL);
	if (pid < 0) {
		error_errno(err, "cannot create namespaces");
		userns_explain(err);
		return -err->code;
	}
	return pid;
}

static int write_file(const char *path, const char *text, struct error *err)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return error_errno(err, "cannot open %s", path);
	if (write(fd, text, strlen(text)) < 0)
		return error_errno(err, "cannot write %s", path);
	return 0;
}

int userns_map_ids(uid_t uid, gid_t gid, struct error *err)
{
	char users[64];
	char groups[64];
	int status;

	snprintf(users, sizeof(users), "%u %u 1\n", uid, uid);
	snprintf(groups, sizeof(groups), "%u %u 1\n", gid, gid);
	status = write_file("/proc/self/uid_map", users, err);
	/* Without privilege outside, the kernel takes a gid_map only once setgroups is off. */
	if (status == 0)
		status = write_file("/proc/self/setgroups", "deny", err);
	if (status == 0)
		status = write_file("/proc/self/gid_map", groups, err);
	if (status < 0 && err->code == ENOENT)
		error_hint(err, "/proc must be mounted");
	else if (status < 0)
		userns_explain(err);
	return status;
}
