// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"

const char overlay_upper[] = "changes";
const char overlay_work[] = "work";

/* What the kernel has to say of a failure: "e overlay: ...", a message a read. */
static void explain(int fs, struct error *err)
{
	char text[256];
	ssize_t length = read(fs, text, sizeof(text) - 1);

	if (length > 2)
		error_hint(err, "the kernel says: %.*s", (int)strcspn(text + 2, "\n"), text + 2);
	else if (err->code == EINVAL)
		error_hint(err, "something may be mounted below it outside, which an overlay "
				"cannot show; or the file system cannot be a layer of one; or the "
				"kernel is older than Linux 6.13");
	else if (err->code == ENODEV)
		error_hint(err, "the kernel needs CONFIG_OVERLAY_FS, built in or as a module that "
				"it can load");
}

static int configure(int fs, const struct overlay_layers *layers)
{
	if (fsconfig(fs, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_FD, "lowerdir+", NULL, layers->lower) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_FD, "upperdir", NULL, layers->upper) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_FD, "workdir", NULL, layers->work) < 0)
		return -1;
	return fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int overlay_mount(const struct overlay_layers *layers, uint64_t attributes, struct error *err)
{
	_cleanup_close_ int fs = fsopen("overlay", FSOPEN_CLOEXEC);
	int mount = -1;

	if (fs >= 0 && configure(fs, layers) == 0)
		mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned int)attributes);
	if (mount >= 0)
		return mount;
	error_errno(err, "no overlay can be mounted");
	explain(fs, err);
	return -err->code;
}

int overlay_try(struct error *err)
{
	struct overlay_layers layers = { -1, -1, -1 };
	_cleanup_close_ int mount_fd = -1;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/proc", "tmpfs", MS_NOSUID | MS_NODEV, NULL) < 0 ||
	    mkdir("/proc/lower", 0700) < 0 || mkdir("/proc/upper", 0700) < 0 ||
	    mkdir("/proc/work", 0700) < 0)
		return error_errno(err, "cannot mount a tmpfs");
	layers.lower = open("/proc/lower", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	layers.upper = open("/proc/upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	layers.work = open("/proc/work", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mount_fd = overlay_mount(&layers, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
	cleanup_close(&layers.lower);
	cleanup_close(&layers.upper);
	cleanup_close(&layers.work);
	return mount_fd < 0 ? -err->code : 0;
}

int overlay_check_folder(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_errno(err, "cannot look at %s", path);
	/* What the program leaves there may be setuid, and is nobody else's to run or to change. */
	if (st.st_uid == getuid() && !(st.st_mode & 077))
		return 0;
	error_set(err, EPERM, "cannot keep changes in %s: others may enter it", path);
	error_hint(err, "it must be your own, and closed to others: chmod 700 %s", path);
	return -EPERM;
}

static int lock_folder(const char *path, int *held, struct error *err)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd < 0)
		return error_errno(err, "cannot keep changes in %s", path);
	if (overlay_check_folder(fd, path, err) < 0)
		return -err->code;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		error_errno(err, "cannot keep changes in %s", path);
		if (err->code == EWOULDBLOCK)
			error_hint(err, "another jail keeps its changes there at the moment");
		return -err->code;
	}
	*held = steal_fd(&fd);
	return 0;
}

int overlay_lock_all(const struct mount_plan *plan, int *held, struct error *err)
{
	int count = 0;

	for (size_t i = 0; i < plan->ops.count; i++) {
		const char *changes = plan->ops.items[i].changes;

		if (changes && lock_folder(changes, &held[count++], err) < 0)
			return -err->code;
	}
	return count;
}
