// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Files: one outside of all that the jail shows ({OUTSIDE}/secret), one masked in a writable
 * folder (box/masked), one in a masked folder (box/hidden/secret), and one that may only be read
 * (shown/file).
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "escape.h"

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#define RENAME_WHITEOUT (1 << 2)
#endif

/* Names of its own, one for each use; nothing is there. */
static const char *own(struct attack *attack, const char *suffix)
{
	static char paths[4][256];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), OWN "%s-%s-%s", attack->name,
		 attack->ring ? "ring" : "call", suffix);
	unlink(path);
	return path;
}

static const char *own_file(struct attack *attack)
{
	const char *path = own(attack, "mine");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd >= 0)
		close(fd);
	return path;
}

/* --- by both gates --- */

static int make_link(struct attack *attack, const char *text, const char *path)
{
	if (attack->ring)
		return ring_run(attack->ring, REQUEST(.opcode = OP_SYMLINKAT, .fd = AT_FDCWD,
						      .addr = ADDR(text), .addr2 = ADDR(path)));
	return outcome(symlinkat(text, AT_FDCWD, path));
}

static int link_file(struct attack *attack, const char *from, const char *to, int flags)
{
	if (attack->ring)
		return ring_run(attack->ring,
				REQUEST(.opcode = OP_LINKAT, .fd = AT_FDCWD, .addr = ADDR(from),
					.len = (uint32_t)AT_FDCWD, .addr2 = ADDR(to),
					.op_flags = (uint32_t)flags));
	return outcome(linkat(AT_FDCWD, from, AT_FDCWD, to, flags));
}

static int rename_file(struct attack *attack, const char *from, const char *to, unsigned int flags)
{
	if (attack->ring)
		return ring_run(attack->ring, REQUEST(.opcode = OP_RENAMEAT, .fd = AT_FDCWD,
						      .addr = ADDR(from), .len = (uint32_t)AT_FDCWD,
						      .addr2 = ADDR(to), .op_flags = flags));
	return outcome(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags));
}

static int open_how(struct attack *attack, int folder, const char *path, uint64_t resolve)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { .flags = O_RDONLY | O_CLOEXEC, .resolve = resolve };

	if (attack->ring)
		return ring_run(attack->ring,
				REQUEST(.opcode = OP_OPENAT2, .fd = folder, .addr = ADDR(path),
					.len = sizeof(how), .off = ADDR(&how)));
	return outcome(syscall(SYS_openat2, folder, path, &how, sizeof(how)));
}

static int act_open(struct attack *attack, const char *path)
{
	return reveal_path(attack, path);
}

static int act_openat2(struct attack *attack, const char *path)
{
	return reveal(attack, open_how(attack, AT_FDCWD, path, 0));
}

/* As of a folder that is open: "FOLDER NAME". */
static int act_from_folder(struct attack *attack, const char *words)
{
	char folder[256], name[256];
	int fd;

	if (sscanf(words, "%255s %255s", folder, name) != 2)
		return -EINVAL;
	fd = attack_open(attack, AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fd : reveal(attack, attack_open(attack, fd, name, O_RDONLY | O_CLOEXEC));
}

/* A symlink made in the jail. */
static int act_link(struct attack *attack, const char *text)
{
	const char *path = own(attack, "link");
	int ret = make_link(attack, text, path);

	return ret < 0 ? ret : reveal_path(attack, path);
}

static int act_link_of_link(struct attack *attack, const char *text)
{
	const char *path = own(attack, "link"), *other = own(attack, "other");
	int ret = make_link(attack, strrchr(path, '/') + 1, other);

	/* Dangling as long as the first one is not there. */
	if (ret >= 0)
		ret = make_link(attack, text, path);
	return ret < 0 ? ret : reveal_path(attack, other);
}

/* Whatever the process has open: a pattern with the number. */
static int act_each_fd(struct attack *attack, const char *prefix)
{
	int last = -ENOENT;
	char path[256];

	for (int fd = 0; fd < 64 && last < 0; fd++) {
		int ret;

		snprintf(path, sizeof(path), "%s%d", prefix, fd);
		ret = reveal(attack, attack_open(attack, AT_FDCWD, path,
						 O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
		last = ret == -ENOENT ? last : ret;
	}
	return last;
}

static int act_statx(struct attack *attack, const char *path)
{
	struct statx found = { 0 };
	int ret;

	if (attack->ring)
		ret = ring_run(attack->ring,
			       REQUEST(.opcode = OP_STATX, .fd = AT_FDCWD, .addr = ADDR(path),
				       .len = STATX_BASIC_STATS, .off = ADDR(&found)));
	else
		ret = outcome(statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, &found));
	if (ret < 0)
		return ret;
	return found.stx_size == strlen(SECRET) ? 0 : -ENODATA;
}

static int act_unlink(struct attack *attack, const char *path)
{
	if (attack->ring)
		return ring_run(attack->ring,
				REQUEST(.opcode = OP_UNLINKAT, .fd = AT_FDCWD, .addr = ADDR(path)));
	return outcome(unlink(path));
}

/* That it is not empty is found out last. */
static int act_rmdir(struct attack *attack, const char *path)
{
	int ret;

	if (attack->ring)
		ret = ring_run(attack->ring, REQUEST(.opcode = OP_UNLINKAT, .fd = AT_FDCWD,
						     .addr = ADDR(path), .op_flags = AT_REMOVEDIR));
	else
		ret = outcome(rmdir(path));
	return ret == -ENOTEMPTY ? 0 : ret;
}

static int act_steal(struct attack *attack, const char *path)
{
	const char *to = own(attack, "stolen");
	int ret = rename_file(attack, path, to, 0);

	return ret < 0 ? ret : reveal_path(attack, to);
}

static int act_exchange(struct attack *attack, const char *path)
{
	const char *mine = own_file(attack);
	int ret = rename_file(attack, path, mine, RENAME_EXCHANGE);

	return ret < 0 ? ret : reveal_path(attack, mine);
}

static int act_rename_over(struct attack *attack, const char *path)
{
	return rename_file(attack, own_file(attack), path, 0);
}

/* Moves the folder around something masked away: "FOLDER NAME". */
static int act_move_around(struct attack *attack, const char *words)
{
	char folder[256], name[256], path[600];
	const char *moved = "moved";
	int ret;

	if (sscanf(words, "%255s %255s", folder, name) != 2)
		return -EINVAL;
	ret = rename_file(attack, folder, moved, 0);
	if (ret < 0)
		return ret;
	mkdir(folder, 0755);
	snprintf(path, sizeof(path), "%s/%s", moved, name);
	ret = reveal_path(attack, path);
	/* As it was, for those that come later. */
	rmdir(folder);
	rename(moved, folder);
	return ret;
}

static int act_hard_link(struct attack *attack, const char *path)
{
	const char *to = own(attack, "linked");
	int ret = link_file(attack, path, to, AT_SYMLINK_FOLLOW);

	return ret < 0 ? ret : reveal_path(attack, to);
}

/* A second name in a writable folder, to be written by. */
static int act_link_and_write(struct attack *attack, const char *path)
{
	const char *to = own(attack, "linked");
	int ret = link_file(attack, path, to, 0);

	return ret < 0 ? ret : attack_open(attack, AT_FDCWD, to, O_WRONLY | O_CLOEXEC);
}

static int act_mkdir(struct attack *attack, const char *folder)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/%s-%s", folder, attack->name,
		 attack->ring ? "ring" : "call");
	if (attack->ring)
		return ring_run(attack->ring, REQUEST(.opcode = OP_MKDIRAT, .fd = AT_FDCWD,
						      .addr = ADDR(path), .len = 0700));
	return outcome(mkdir(path, 0700));
}

static int act_symlink(struct attack *attack, const char *folder)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/%s-%s", folder, attack->name,
		 attack->ring ? "ring" : "call");
	return make_link(attack, "text", path);
}

static int act_create(struct attack *attack, const char *folder)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/%s-%s", folder, attack->name,
		 attack->ring ? "ring" : "call");
	return attack_open(attack, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
}

/* A nameless file of a writable folder that gets its name in another. */
static int act_tmpfile(struct attack *attack, const char *folder)
{
	int fd = attack_open(attack, AT_FDCWD, OWN, O_RDWR | O_TMPFILE | O_CLOEXEC);
	char from[64], to[4200];

	if (fd < 0)
		return fd;
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	snprintf(to, sizeof(to), "%s/%s-%s", folder, attack->name, attack->ring ? "ring" : "call");
	return link_file(attack, from, to, AT_SYMLINK_FOLLOW);
}

static int act_write(struct attack *attack, const char *path)
{
	return attack_open(attack, AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
}

static int act_write_trunc(struct attack *attack, const char *path)
{
	return attack_open(attack, AT_FDCWD, path, O_RDONLY | O_TRUNC | O_CLOEXEC);
}

/* "FLAGS PATH": opened harmlessly, then once more by its descriptor. */
static int reopen(struct attack *attack, const char *path, int first, int then)
{
	int fd = attack_open(attack, AT_FDCWD, path, first | O_CLOEXEC);
	char again[64];

	if (fd < 0)
		return fd;
	snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	fd = attack_open(attack, AT_FDCWD, again, then | O_CLOEXEC);
	return fd < 0 || then != O_RDONLY ? fd : reveal(attack, fd);
}

static int act_reopen(struct attack *attack, const char *path)
{
	return reopen(attack, path, O_PATH, O_RDONLY);
}

static int act_reopen_write(struct attack *attack, const char *path)
{
	return reopen(attack, path, O_RDONLY, O_WRONLY);
}

static int act_set_attribute(struct attack *attack, const char *path)
{
	if (attack->ring)
		return ring_run(attack->ring,
				REQUEST(.opcode = OP_SETXATTR, .addr = ADDR("user.escape"),
					.addr2 = ADDR("1"), .len = 1, .addr3 = ADDR(path)));
	return outcome(setxattr(path, "user.escape", "1", 1, 0));
}

/* That it has no such attribute is the file's own answer. */
static int act_get_attribute(struct attack *attack, const char *path)
{
	char value[16];
	int ret;

	if (attack->ring)
		ret = ring_run(attack->ring,
			       REQUEST(.opcode = OP_GETXATTR, .addr = ADDR("user.none"),
				       .addr2 = ADDR(value), .len = sizeof(value),
				       .addr3 = ADDR(path)));
	else
		ret = outcome(getxattr(path, "user.none", value, sizeof(value)));
	return ret == -ENODATA ? 0 : ret;
}

/* --- by system calls alone --- */

static int act_access(struct attack *attack, const char *path)
{
	(void)attack;
	return outcome(access(path, R_OK));
}

static int act_truncate(struct attack *attack, const char *path)
{
	(void)attack;
	return outcome(truncate(path, 0));
}

static int act_chmod(struct attack *attack, const char *path)
{
	int ret = outcome(chmod(path, 0644));

	return ret < 0 ? ret : reveal_path(attack, path);
}

static int act_chown(struct attack *attack, const char *path)
{
	(void)attack;
	return outcome(chown(path, getuid(), getgid()));
}

static int act_utimes(struct attack *attack, const char *path)
{
	(void)attack;
	return outcome(utimensat(AT_FDCWD, path, NULL, 0));
}

static int act_inotify(struct attack *attack, const char *path)
{
	(void)attack;
	return outcome(inotify_add_watch(inotify_init(), path, IN_ACCESS));
}

static int act_chdir(struct attack *attack, const char *path)
{
	(void)attack;
	return outcome(chdir(path));
}

static int act_list(struct attack *attack, const char *path)
{
	return attack_open(attack, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int act_fifo(struct attack *attack, const char *folder)
{
	char path[4200];

	snprintf(path, sizeof(path), "%s/%s", folder, attack->name);
	return outcome(mknod(path, S_IFIFO | 0600, 0));
}

/* Executing it is reading it: the kernel gets to its first bytes, which are no program. */
static int act_execute(struct attack *attack, const char *path)
{
	char *const argv[] = { (char *)path, NULL };

	(void)attack;
	execve(path, argv, argv + 1);
	return errno == ENOEXEC ? 0 : -errno;
}

/*
 * Handles, as another process may tell them: {HANDLE} is one in hexadecimal, of the file that is
 * outside, on the same file system as the working folder.
 */
static int open_handle(struct attack *attack, const char *text)
{
	unsigned char space[sizeof(struct file_handle) + MAX_HANDLE_SZ] = { 0 };
	struct file_handle *handle = (struct file_handle *)space;
	int folder = open(OWN, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *rest;

	handle->handle_type = (int)strtol(text, &rest, 10);
	while (*rest && rest[1] && rest[2] && handle->handle_bytes < MAX_HANDLE_SZ) {
		const char digits[] = { rest[1], rest[2], '\0' };

		handle->f_handle[handle->handle_bytes++] = (unsigned char)strtoul(digits, NULL, 16);
		rest += 2;
	}
	if (folder < 0 || !handle->handle_bytes)
		return -EINVAL;
	return reveal(attack, outcome(open_by_handle_at(folder, handle, O_RDONLY | O_CLOEXEC)));
}

static int act_name_handle(struct attack *attack, const char *path)
{
	unsigned char space[sizeof(struct file_handle) + MAX_HANDLE_SZ] = { 0 };
	struct file_handle *handle = (struct file_handle *)space;
	int mount;

	(void)attack;
	handle->handle_bytes = MAX_HANDLE_SZ;
	return outcome(name_to_handle_at(AT_FDCWD, path, handle, &mount, 0));
}

/* --- mounts --- */

static int act_bind_around(struct attack *attack, const char *name)
{
	char path[512];
	int ret;

	mkdir(OWN "here", 0755);
	ret = outcome(mount(OWN, OWN "here", NULL, MS_BIND, NULL));
	snprintf(path, sizeof(path), OWN "here/%s", name);
	return ret < 0 ? ret : reveal_path(attack, path);
}

static int act_open_tree(struct attack *attack, const char *name)
{
	int fd = outcome(open_tree(AT_FDCWD, OWN, OPEN_TREE_CLONE));

	return fd < 0 ? fd : reveal(attack, attack_open(attack, fd, name, O_RDONLY));
}

static int act_umount(struct attack *attack, const char *path)
{
	int ret = outcome(umount2(path, MNT_DETACH));

	return ret < 0 ? ret : reveal_path(attack, path);
}

static int act_move_mount(struct attack *attack, const char *path)
{
	const char *to = own_file(attack);
	int ret = outcome(move_mount(AT_FDCWD, path, AT_FDCWD, to, 0));

	return ret < 0 ? ret : reveal_path(attack, path);
}

static int act_remount(struct attack *attack, const char *path)
{
	int ret = outcome(
		mount(NULL, "shown", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, NULL));

	return ret < 0 ? ret : act_write(attack, path);
}

static int act_mount_setattr(struct attack *attack, const char *path)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };
	int ret = outcome(mount_setattr(AT_FDCWD, "shown", 0, &attr, sizeof(attr)));

	return ret < 0 ? ret : act_write(attack, path);
}

static int act_fsopen(struct attack *attack, const char *type)
{
	(void)attack;
	return outcome(fsopen(type, 0));
}

static int act_fspick(struct attack *attack, const char *path)
{
	(void)attack;
	return outcome(fspick(AT_FDCWD, path, 0));
}

/* Out of a root further down, with a working folder that stayed above it. */
static int act_chroot(struct attack *attack, const char *path)
{
	int ret = outcome(chroot(OWN));

	return ret < 0 ? ret : reveal_path(attack, path);
}

static int act_pivot_root(struct attack *attack, const char *path)
{
	(void)attack;
	return outcome(syscall(SYS_pivot_root, path, path));
}

static int act_unshare_mounts(struct attack *attack, const char *path)
{
	int ret = outcome(unshare(CLONE_NEWUSER | CLONE_NEWNS));

	return ret < 0 ? ret : act_umount(attack, path);
}

static int act_setns(struct attack *attack, const char *path)
{
	int fd = attack_open(attack, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? fd : outcome(syscall(SYS_setns, fd, CLONE_NEWNS));
}

#define OUT "{OUTSIDE}/secret"
#define UP "../../../../../../../../../../../../.."

const struct attempt file_attempts[] = {
	/* the file outside, by all names that lead there */
	{ "absolute", act_open, OUT, BOTH },
	{ "openat2", act_openat2, OUT, BOTH },
	{ "dotdot", act_open, UP OUT, BOTH },
	{ "cwd-dotdot", act_from_folder, ". " UP OUT, BOTH },
	{ "root-dotdot", act_from_folder, "/ " UP OUT, BOTH },
	{ "self-root", act_open, "/proc/self/root" OUT, BOTH },
	{ "self-cwd", act_open, "/proc/self/cwd/" UP OUT, BOTH },
	{ "thread-root", act_open, "/proc/thread-self/root" OUT, BOTH },
	{ "init-root", act_open, "/proc/1/root" OUT, BOTH },
	{ "init-cwd", act_open, "/proc/1/cwd/" UP OUT, BOTH },
	{ "init-task-root", act_open, "/proc/1/task/1/root" OUT, BOTH },
	{ "init-fd", act_each_fd, "/proc/1/fd/", BOTH },
	{ "victim-root", act_open, "/proc/{VICTIM}/root" OUT, BOTH },
	{ "victim-cwd", act_open, "/proc/{VICTIM}/cwd/secret", BOTH },
	{ "victim-fd", act_each_fd, "/proc/{VICTIM}/fd/", BOTH },
	{ "planted-absolute", act_open, OWN "planted-absolute", BOTH },
	{ "planted-relative", act_open, OWN "planted-relative", BOTH },
	{ "planted-folder", act_open, OWN "planted-folder/secret", BOTH },
	{ "planted-proc", act_open, OWN "planted-proc" OUT, BOTH },
	{ "link-absolute", act_link, OUT, BOTH },
	{ "link-relative", act_link, UP OUT, BOTH },
	{ "link-self-root", act_link, "/proc/self/root" OUT, BOTH },
	{ "link-of-link", act_link_of_link, OUT, BOTH },
	{ "statx", act_statx, OUT, BOTH },
	{ "access", act_access, OUT, BY_CALL },
	{ "getxattr", act_get_attribute, OUT, BOTH },
	{ "setxattr", act_set_attribute, OUT, BOTH },
	{ "unlink", act_unlink, OUT, BOTH },
	{ "steal", act_steal, OUT, BOTH },
	{ "exchange", act_exchange, OUT, BOTH },
	{ "rename-over", act_rename_over, OUT, BOTH },
	{ "hard-link", act_hard_link, OUT, BOTH },
	{ "mkdir", act_mkdir, "{OUTSIDE}", BOTH },
	{ "symlink", act_symlink, "{OUTSIDE}", BOTH },
	{ "create", act_create, "{OUTSIDE}", BOTH },
	{ "fifo", act_fifo, "{OUTSIDE}", BY_CALL },
	{ "write", act_write, OUT, BOTH },
	{ "truncate", act_truncate, OUT, BY_CALL },
	{ "chmod", act_chmod, OUT, BY_CALL },
	{ "chown", act_chown, OUT, BY_CALL },
	{ "utimes", act_utimes, OUT, BY_CALL },
	{ "inotify", act_inotify, OUT, BY_CALL },
	{ "chdir", act_chdir, "{OUTSIDE}", BY_CALL },
	{ "list", act_list, "{OUTSIDE}", BOTH },
	{ "execute", act_execute, OUT, BY_CALL },
	{ "name-handle", act_name_handle, OUT, BY_CALL },

	/* the masked file, and the one in a masked folder */
	{ "masked-open", act_open, OWN "masked", BOTH },
	{ "masked-openat2", act_openat2, OWN "./masked", BOTH },
	{ "masked-self-root", act_open, "/proc/self/cwd/" OWN "masked", BOTH },
	{ "masked-from-folder", act_from_folder, OWN " masked", BOTH },
	{ "masked-reopen", act_reopen, OWN "masked", BOTH },
	{ "masked-link", act_link, "masked", BOTH },
	{ "masked-statx", act_statx, OWN "masked", BOTH },
	{ "masked-access", act_access, OWN "masked", BY_CALL },
	{ "masked-steal", act_steal, OWN "masked", BOTH },
	{ "masked-exchange", act_exchange, OWN "masked", BOTH },
	{ "masked-rename-over", act_rename_over, OWN "masked", BOTH },
	{ "masked-hard-link", act_hard_link, OWN "masked", BOTH },
	{ "masked-unlink", act_unlink, OWN "masked", BOTH },
	{ "masked-write", act_write, OWN "masked", BOTH },
	{ "masked-truncate", act_truncate, OWN "masked", BY_CALL },
	{ "masked-chmod", act_chmod, OWN "masked", BY_CALL },
	{ "masked-setxattr", act_set_attribute, OWN "masked", BOTH },
	{ "masked-execute", act_execute, OWN "masked", BY_CALL },
	{ "hidden-open", act_open, OWN "hidden/secret", BOTH },
	{ "hidden-list", act_list, OWN "hidden", BOTH },
	{ "hidden-chdir", act_chdir, OWN "hidden", BY_CALL },
	{ "hidden-create", act_create, OWN "hidden", BOTH },
	{ "hidden-steal", act_move_around, "box/hidden secret", BOTH },
	{ "hidden-rmdir", act_rmdir, OWN "hidden", BOTH },
	{ "hidden-chown", act_chown, OWN "hidden", BY_CALL },
	{ "hidden-move-around", act_move_around, "box hidden/secret", BOTH },

	/* the file to read */
	{ "shown-write", act_write, "shown/file", BOTH },
	{ "shown-truncating", act_write_trunc, "shown/file", BOTH },
	{ "shown-truncate", act_truncate, "shown/file", BY_CALL },
	{ "shown-reopen", act_reopen_write, "shown/file", BOTH },
	{ "shown-link-write", act_link_and_write, "shown/file", BOTH },
	{ "shown-rename-over", act_rename_over, "shown/file", BOTH },
	{ "shown-exchange", act_exchange, "shown/file", BOTH },
	{ "shown-unlink", act_unlink, "shown/file", BOTH },
	{ "shown-create", act_create, "shown", BOTH },
	{ "shown-tmpfile", act_tmpfile, "shown", BOTH },
	{ "shown-mkdir", act_mkdir, "shown", BOTH },
	{ "shown-symlink", act_symlink, "shown", BOTH },
	{ "shown-fifo", act_fifo, "shown", BY_CALL },
	{ "shown-chmod", act_chmod, "shown/file", BY_CALL },
	{ "shown-chown", act_chown, "shown/file", BY_CALL },
	{ "shown-utimes", act_utimes, "shown/file", BY_CALL },
	{ "shown-move-around", act_move_around, "shown file", BOTH },
	{ "shown-setxattr", act_set_attribute, "shown/file", BOTH },
	{ "stdin-write", act_write, "/proc/self/fd/0", BOTH },
	{ 0 },
};

/* What the right to mount would do to them all. */
const struct attempt mount_attempts[] = {
	{ "handle", open_handle, "{HANDLE}", BY_CALL },
	{ "bind-around", act_bind_around, "masked", BY_CALL },
	{ "open-tree", act_open_tree, "masked", BY_CALL },
	{ "umount", act_umount, OWN "masked", BY_CALL },
	{ "move-mount", act_move_mount, OWN "masked", BY_CALL },
	{ "remount", act_remount, "shown/file", BY_CALL },
	{ "mount-setattr", act_mount_setattr, "shown/file", BY_CALL },
	{ "fsopen", act_fsopen, "tmpfs", BY_CALL },
	{ "fspick", act_fspick, OWN, BY_CALL },
	{ "chroot", act_chroot, UP OUT, BY_CALL },
	{ "pivot-root", act_pivot_root, "/", BY_CALL },
	{ "unshare", act_unshare_mounts, OWN "masked", BY_CALL },
	{ "setns", act_setns, "/proc/self/ns/mnt", BY_CALL },
	{ 0 },
};
