// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/overlay.h"
#include "util/cleanup.h"

#define NO_SYMFOLLOW 0x2000 /* ST_NOSYMFOLLOW, linux/statfs.h, Linux 5.10 */

/*
 * The first step is to change places with the old root: an empty tmpfs, the stage, becomes the
 * root, and the old root is mounted on top of it, where no path leads but one descriptor does. So
 * nothing has to be made in the old root, which may be read-only; and a copy of all of it does not
 * contain the new one. The last step lets go of it.
 *
 * Two things are hostile here: the host's paths, which may be swapped after planning, and the
 * contents of writable binds, where an earlier jail may have left symlinks. So every path, source
 * or target, is opened by openat2() without following a single symlink, and everything else is
 * done by descriptor.
 */
struct builder {
	int old;		  /* the root that there was: all sources are opened below it */
	const char *const *buses; /* sockets of proxies, by number */
	int stage;
	int root;   /* of the jail's tree as far as it is built: the stage, or a bind over it */
	int parent; /* the folder that @parent_path names in it, or -1: many targets share one */
	char parent_path[4096];
	int mask_file; /* an unreadable empty file and folder, made when first needed, or -1 */
	int mask_folder;
	int changes;  /* a tmpfs of its own for what overlays drop, made when first needed, or -1 */
	int overlays; /* how many have a folder in it */
	int texts; /* how many files of a text were made, each of which has a name in the stage */
	struct error *err;
};

static int open_beneath(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	while (*path == '/')
		path++;
	return (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));
}

/* A detached copy, always with what is mounted below: the kernel gives no other to a user
 * namespace, since a copy without could show what a mount hides. */
static int copy_tree(int fd)
{
	return open_tree(fd, "",
			 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
}

static int set_attributes(int fd, unsigned int at_flags, uint64_t set, uint64_t clear)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear };

	return mount_setattr(fd, "", AT_EMPTY_PATH | at_flags, &attr, sizeof(attr));
}

static int attach(int tree, int target)
{
	return move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static uint64_t attributes(unsigned int flags)
{
	return MOUNT_ATTR_NOSUID | (flags & MOUNT_DEVICES ? 0 : MOUNT_ATTR_NODEV) |
	       (flags & MOUNT_READ_ONLY ? MOUNT_ATTR_RDONLY : 0) |
	       (flags & MOUNT_NOEXEC ? MOUNT_ATTR_NOEXEC : 0);
}

/* --- errors --- */

static void describe(const struct mount_op *op, char *text, size_t size)
{
	static const char *const verbs[] = {
		[MOUNT_BIND] = "bind",
		[MOUNT_TMPFS] = "mount a tmpfs on",
		[MOUNT_PROC] = "mount proc on",
		[MOUNT_DEVPTS] = "mount devpts on",
		[MOUNT_MQUEUE] = "mount mqueue on",
		[MOUNT_DIR] = "make the folder",
		[MOUNT_SYMLINK] = "make the symlink",
		[MOUNT_TEXT] = "make the file",
		[MOUNT_BUS] = "put a proxy in the place of",
		[MOUNT_MASK] = "hide",
		[MOUNT_ATTR] = "protect",
	};
	const char *verb = verbs[op->kind];
	int used;

	if (op->flags & MOUNT_OVERLAY)
		verb = "overlay";
	else if (op->kind == MOUNT_BIND && (op->flags & MOUNT_READ_ONLY))
		verb = "bind read-only";
	if (op->kind == MOUNT_ATTR && (op->flags & (MOUNT_READ_ONLY | MOUNT_READ_WRITE)))
		verb = op->flags & MOUNT_READ_ONLY ? "make read-only" : "make writable";
	if (op->kind == MOUNT_BIND && strcmp(op->source, op->target) != 0)
		used = snprintf(text, size, "cannot %s %s to %s", verb, op->source, op->target);
	else
		used = snprintf(text, size, "cannot %s %s", verb, op->target);
	if (!op->origin.file || used < 0 || (size_t)used >= size)
		return;
	if (op->origin.line)
		snprintf(text + used, size - used, " (%s:%u)", op->origin.file, op->origin.line);
	else
		snprintf(text + used, size - used, " (%s)", op->origin.file);
}

static int op_error(struct builder *builder, const struct mount_op *op)
{
	char what[2 * 4096];
	int code = errno;

	describe(op, what, sizeof(what));
	errno = code;
	return error_errno(builder->err, "%s", what);
}

static int source_error(struct builder *builder, const struct mount_op *op)
{
	int r = op_error(builder, op);

	if (r == -ELOOP)
		error_hint(builder->err,
			   "%s, or a folder above it, has become a symlink since it was looked up",
			   op->source);
	else if (r == -EACCES)
		error_hint(builder->err,
			   "a folder above %s belongs to a user who is not in the jail; as root, "
			   "run it as that user, or from another folder",
			   op->source);
	return r;
}

static int target_error(struct builder *builder, const struct mount_op *op)
{
	int r = op_error(builder, op);

	if (r == -ELOOP || r == -ENOTDIR)
		error_hint(builder->err,
			   "what stands at %s is a symlink, or not of the kind that it was",
			   op->target);
	else if (r == -EROFS)
		error_hint(builder->err, "the folder around %s is read-only: create it on the host",
			   op->target);
	return r;
}

/* The first mount of all tells whether this user namespace may mount. */
static int no_mounts_error(struct error *err, const char *what)
{
	int r = error_errno(err, "%s", what);

	if (r == -ENOSYS)
		error_hint(err, "Linux 5.12 or later is needed, and a container's seccomp policy "
				"must let mount calls pass");
	else if (r == -EPERM || r == -EACCES)
		error_hint(err, "this user namespace may not mount: AppArmor (sysctl "
				"kernel.apparmor_restrict_unprivileged_userns=0, or a profile for "
				"uring-jail), SELinux or a container's seccomp policy forbids it");
	return r;
}

/* --- targets --- */

static void forget_parent(struct builder *builder)
{
	if (builder->parent >= 0)
		close(builder->parent);
	builder->parent = -1;
}

/* Opens the folder @path below the root and makes what is missing of it, name by name. */
static int make_path(int root, const char *path)
{
	_cleanup_close_ int fd = open_beneath(root, "", O_DIRECTORY);
	char name[256];

	while (fd >= 0 && *(path += strspn(path, "/"))) {
		size_t length = strcspn(path, "/");
		int next;

		if (length >= sizeof(name)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(name, path, length);
		name[length] = '\0';
		next = open_beneath(fd, name, O_DIRECTORY);
		if (next < 0 && errno == ENOENT && mkdirat(fd, name, 0755) == 0)
			next = open_beneath(fd, name, O_DIRECTORY);
		close(fd);
		fd = next;
		path += length;
	}
	return steal_fd(&fd);
}

/* Sets builder->parent to the folder of @target, and returns @target's last name, or NULL. */
static const char *enter_parent(struct builder *builder, const char *target)
{
	const char *name = strrchr(target, '/') + 1;
	size_t length = name - target - 1;

	if (builder->parent >= 0 && !strncmp(builder->parent_path, target, length) &&
	    !builder->parent_path[length])
		return name;
	forget_parent(builder);
	if (length >= sizeof(builder->parent_path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(builder->parent_path, target, length);
	builder->parent_path[length] = '\0';
	builder->parent = open_beneath(builder->root, builder->parent_path, O_DIRECTORY);
	if (builder->parent < 0 && errno == ENOENT)
		builder->parent = make_path(builder->root, builder->parent_path);
	return builder->parent < 0 ? NULL : name;
}

/* Opens @op's target as a mount point, and makes it where it is missing. */
static int open_mount_point(struct builder *builder, const struct mount_op *op, bool folder)
{
	const char *name;
	int fd;

	if (!op->target[1])
		return open_beneath(builder->root, "", O_DIRECTORY);
	name = enter_parent(builder, op->target);
	if (!name)
		return -1;
	fd = open_beneath(builder->parent, name, folder ? O_DIRECTORY : 0);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (!folder)
		return openat(builder->parent, name,
			      O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0444);
	if (mkdirat(builder->parent, name, 0755) < 0)
		return -1;
	return open_beneath(builder->parent, name, O_DIRECTORY);
}

static int attach_at(struct builder *builder, const struct mount_op *op, int tree, bool folder)
{
	_cleanup_close_ int target = open_mount_point(builder, op, folder);
	size_t length = strlen(op->target);

	if (target < 0 || attach(tree, target) < 0)
		return target_error(builder, op);
	/* What was opened at or below this path is under the new mount now. */
	if (builder->parent >= 0 && !strncmp(builder->parent_path, op->target, length))
		forget_parent(builder);
	return 0;
}

/* --- the kinds of steps --- */

/* Returns a detached mount of a new file system, or -1. @mode 0: without that option. */
static int new_file_system(const char *type, mode_t mode, unsigned int flags)
{
	_cleanup_close_ int fs = fsopen(type, FSOPEN_CLOEXEC);
	char octal[16];

	if (fs < 0)
		return -1;
	snprintf(octal, sizeof(octal), "%o", (unsigned int)mode);
	if (mode && fsconfig(fs, FSCONFIG_SET_STRING, "mode", octal, 0) < 0)
		return -1;
	if (!strcmp(type, "devpts") && fsconfig(fs, FSCONFIG_SET_STRING, "ptmxmode", "0666", 0) < 0)
		return -1;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return fsmount(fs, FSMOUNT_CLOEXEC, attributes(flags));
}

/* Opens a folder for reading, as a layer must be. */
static int open_layer(int folder, const char *name)
{
	return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static const char changes_name[] = ".uring-jail-changes";

/* A new folder for changes that are dropped. Its file system goes with the last overlay on it. */
static int make_changes(struct builder *builder)
{
	_cleanup_close_ int tree = -1;
	_cleanup_close_ int place = -1;
	char name[16];

	if (builder->changes < 0) {
		if (mkdirat(builder->stage, changes_name, 0700) < 0)
			return -1;
		place = open_beneath(builder->stage, changes_name, O_DIRECTORY);
		tree = new_file_system("tmpfs", 0700, 0);
		/* A layer must be mounted somewhere; forget_changes() takes it away again. */
		if (tree < 0 || place < 0 || attach(tree, place) < 0)
			return -1;
		builder->changes = steal_fd(&tree);
	}
	snprintf(name, sizeof(name), "%d", builder->overlays++);
	if (mkdirat(builder->changes, name, 0700) < 0)
		return -1;
	return open_layer(builder->changes, name);
}

/* The overlays keep what they use of it. */
static int forget_changes(struct builder *builder)
{
	if (builder->changes < 0)
		return 0;
	if (umount2(changes_name, MNT_DETACH) < 0 ||
	    unlinkat(builder->stage, changes_name, AT_REMOVEDIR) < 0)
		return error_errno(builder->err, "cannot remove the place of dropped changes");
	return 0;
}

/* Opens what is to take the changes; the launcher has locked it. */
static int open_changes(struct builder *builder, const struct mount_op *op)
{
	_cleanup_close_ int folder = -1;
	_cleanup_close_ int place = -1;

	if (!op->changes) {
		folder = make_changes(builder);
		return folder < 0 ? op_error(builder, op) : steal_fd(&folder);
	}
	place = open_beneath(builder->old, op->changes, O_DIRECTORY);
	folder = place < 0 ? -1 : open_layer(place, ".");
	if (folder < 0)
		return error_errno(builder->err, "cannot keep changes in %s", op->changes);
	if (overlay_check_folder(folder, op->changes, builder->err) < 0)
		return -builder->err->code;
	return steal_fd(&folder);
}

/* The changes of the folder's own mode are as good as those in it: it starts with the lower's. */
static int open_layers(struct builder *builder, const struct mount_op *op, int source,
		       struct overlay_layers *layers)
{
	_cleanup_close_ int folder = open_changes(builder, op);
	struct stat st;

	if (folder < 0)
		return folder;
	layers->lower = open_layer(source, ".");
	if (layers->lower < 0 || fstat(layers->lower, &st) < 0)
		return source_error(builder, op);
	if ((mkdirat(folder, overlay_upper, (st.st_mode & 01777) | S_IRWXU) < 0 &&
	     errno != EEXIST) ||
	    (mkdirat(folder, overlay_work, S_IRWXU) < 0 && errno != EEXIST))
		return op_error(builder, op);
	layers->upper = open_layer(folder, overlay_upper);
	layers->work = open_layer(folder, overlay_work);
	return layers->upper < 0 || layers->work < 0 ? op_error(builder, op) : 0;
}

/* What a bind would keep of the host's mount, an overlay must be told. */
static int inherited_attributes(int source, uint64_t *inherited)
{
	struct statvfs st;

	if (fstatvfs(source, &st) < 0)
		return -1;
	*inherited = (st.f_flag & ST_NOEXEC ? MOUNT_ATTR_NOEXEC : 0) |
		     (st.f_flag & NO_SYMFOLLOW ? MOUNT_ATTR_NOSYMFOLLOW : 0);
	return 0;
}

static int apply_overlay(struct builder *builder, const struct mount_op *op, int source)
{
	struct overlay_layers layers = { -1, -1, -1 };
	_cleanup_close_ int tree = -1;
	char what[2 * 4096];
	uint64_t inherited = 0;
	int r = inherited_attributes(source, &inherited) < 0
			? source_error(builder, op)
			: open_layers(builder, op, source, &layers);

	if (r == 0) {
		tree = overlay_mount(&layers, attributes(op->flags) | inherited, builder->err);
		r = tree < 0 ? tree : 0;
		describe(op, what, sizeof(what));
		if (r < 0)
			error_wrap(builder->err, "%.512s", what);
	}
	if (r == 0)
		r = attach_at(builder, op, tree, true);
	cleanup_close(&layers.lower);
	cleanup_close(&layers.upper);
	cleanup_close(&layers.work);
	return r;
}

static int apply_bind(struct builder *builder, const struct mount_op *op)
{
	_cleanup_close_ int source =
		open_beneath(builder->old, op->source, S_ISDIR(op->mode) ? O_DIRECTORY : 0);
	_cleanup_close_ int tree = -1;
	int r;

	if (source < 0)
		return (op->flags & MOUNT_OPTIONAL) && errno == ENOENT ? 0
								       : source_error(builder, op);
	if (op->flags & MOUNT_OVERLAY)
		return apply_overlay(builder, op, source);
	tree = copy_tree(source);
	if (tree < 0)
		return source_error(builder, op);
	if (set_attributes(tree, AT_RECURSIVE, attributes(op->flags), 0) < 0)
		return op_error(builder, op);
	r = attach_at(builder, op, tree, S_ISDIR(op->mode));
	/* Everything that follows is to go into the tree that now covers the root. */
	if (r == 0 && !op->target[1]) {
		if (builder->root != builder->stage)
			close(builder->root);
		builder->root = steal_fd(&tree);
		forget_parent(builder);
	}
	return r;
}

static int apply_new(struct builder *builder, const struct mount_op *op)
{
	static const char *const types[] = {
		[MOUNT_TMPFS] = "tmpfs",
		[MOUNT_PROC] = "proc",
		[MOUNT_DEVPTS] = "devpts",
		[MOUNT_MQUEUE] = "mqueue",
	};
	_cleanup_close_ int tree = new_file_system(types[op->kind], op->mode, op->flags);
	int r;

	if (tree >= 0)
		return attach_at(builder, op, tree, true);
	if ((op->flags & MOUNT_OPTIONAL) && errno == ENODEV)
		return 0;
	r = op_error(builder, op);
	if (r == -EPERM && op->kind == MOUNT_PROC)
		error_hint(builder->err,
			   "parts of this system's own /proc are covered, as in a container or in "
			   "a jail that root has started, and the kernel then allows no new one; "
			   "docker and podman: --security-opt systempaths=unconfined");
	return r;
}

static int apply_dir(struct builder *builder, const struct mount_op *op)
{
	const char *name = enter_parent(builder, op->target);

	if (name && (mkdirat(builder->parent, name, op->mode) == 0 || errno == EEXIST))
		return 0;
	/* Where the jail's first process cannot make it, its program cannot either. */
	if ((op->flags & MOUNT_OPTIONAL) &&
	    (errno == EACCES || errno == EPERM || errno == EROFS || errno == ENOENT))
		return 0;
	return target_error(builder, op);
}

static int apply_symlink(struct builder *builder, const struct mount_op *op)
{
	const char *name = enter_parent(builder, op->target);

	if (!name || symlinkat(op->source, builder->parent, name) < 0)
		return target_error(builder, op);
	return 0;
}

/* The file and the folder that cover what is hidden, made once for all. */
static const char mask_file_name[] = ".uring-jail-hidden-file";
static const char mask_folder_name[] = ".uring-jail-hidden-folder";

static int make_masks(struct builder *builder)
{
	builder->mask_file =
		openat(builder->stage, mask_file_name, O_CREAT | O_EXCL | O_CLOEXEC | O_RDONLY, 0);
	if (builder->mask_file < 0 || mkdirat(builder->stage, mask_folder_name, 0) < 0)
		return -1;
	builder->mask_folder = open_beneath(builder->stage, mask_folder_name, O_DIRECTORY);
	return builder->mask_folder;
}

/* Their mounts keep them. The names must stay until then: the kernel mounts nothing nameless. */
static int forget_mask_names(struct builder *builder)
{
	if (builder->mask_file < 0)
		return 0;
	if (unlinkat(builder->stage, mask_file_name, 0) < 0 ||
	    unlinkat(builder->stage, mask_folder_name, AT_REMOVEDIR) < 0)
		return error_errno(builder->err, "cannot remove the cover of hidden files");
	return 0;
}

static int apply_mask(struct builder *builder, const struct mount_op *op)
{
	_cleanup_close_ int target = open_beneath(builder->root, op->target, 0);
	_cleanup_close_ int tree = -1;
	struct stat st;

	if (target < 0 && errno == ENOENT && (op->flags & MOUNT_OPTIONAL))
		return 0;
	if (target < 0 || fstat(target, &st) < 0)
		return target_error(builder, op);
	if (builder->mask_file < 0 && make_masks(builder) < 0)
		return op_error(builder, op);
	tree = copy_tree(S_ISDIR(st.st_mode) ? builder->mask_folder : builder->mask_file);
	if (tree < 0 || set_attributes(tree, 0, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, 0) < 0 ||
	    attach(tree, target) < 0)
		return op_error(builder, op);
	return 0;
}

static const char text_name_format[] = ".uring-jail-text-%d";

static int apply_text(struct builder *builder, const struct mount_op *op)
{
	_cleanup_close_ int file = -1;
	_cleanup_close_ int tree = -1;
	size_t length = strlen(op->source);
	char name[64];

	snprintf(name, sizeof(name), text_name_format, builder->texts++);
	file = openat(builder->stage, name, O_CREAT | O_EXCL | O_CLOEXEC | O_WRONLY, 0444);
	if (file < 0 || write(file, op->source, length) != (ssize_t)length)
		return op_error(builder, op);
	tree = copy_tree(file);
	if (tree < 0 || set_attributes(tree, 0, attributes(op->flags), 0) < 0)
		return op_error(builder, op);
	return attach_at(builder, op, tree, false);
}

/* Without its name, the socket is the jail's alone, and nothing of it is left behind. */
static int forget_bus(struct builder *builder, const char *path)
{
	char folder[PATH_MAX];

	while (*path == '/')
		path++;
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (unlinkat(builder->old, path, 0) < 0 || unlinkat(builder->old, folder, AT_REMOVEDIR) < 0)
		return error_errno(builder->err, "cannot remove the name of a socket");
	return 0;
}

static int apply_bus(struct builder *builder, const struct mount_op *op)
{
	const char *path = NULL;
	_cleanup_close_ int socket = -1;
	_cleanup_close_ int tree = -1;
	struct stat st;
	int r;

	for (enum bus_number number = 0; number < BUSES; number++)
		if (!strcmp(bus_kinds[number].name, op->source))
			path = builder->buses[number];
	if (!path)
		return error_set(builder->err, ENOENT, "%s has no proxy", op->source);
	socket = open_beneath(builder->old, path, 0);
	if (socket < 0 || fstat(socket, &st) < 0)
		return source_error(builder, op);
	if (!S_ISSOCK(st.st_mode) || st.st_uid != getuid())
		return error_set(builder->err, ECONNREFUSED, "%s is not the proxy's socket", path);
	tree = copy_tree(socket);
	if (tree < 0 || set_attributes(tree, 0, attributes(op->flags), 0) < 0)
		return op_error(builder, op);
	r = attach_at(builder, op, tree, false);
	return r < 0 ? r : forget_bus(builder, path);
}

static int forget_text_names(struct builder *builder)
{
	char name[64];

	while (builder->texts > 0) {
		snprintf(name, sizeof(name), text_name_format, --builder->texts);
		if (unlinkat(builder->stage, name, 0) < 0)
			return error_errno(builder->err, "cannot remove the name of a file");
	}
	return 0;
}

/*
 * Takes read-only off. Mounts of the host that are read-only themselves stay so: the kernel has
 * locked that. They may lie below what is to be writable, but not be it.
 */
static int make_writable(struct builder *builder, const struct mount_op *op, int tree)
{
	int r;

	if (set_attributes(tree, AT_RECURSIVE, 0, MOUNT_ATTR_RDONLY) == 0 ||
	    (errno == EPERM && set_attributes(tree, 0, 0, MOUNT_ATTR_RDONLY) == 0))
		return 0;
	r = op_error(builder, op);
	if (r == -EPERM)
		error_hint(builder->err, "it is mounted read-only outside the jail");
	return r;
}

/* A mount that only holds a name in its place must be on what it was meant for. */
static bool is_of_kind(int fd, mode_t type)
{
	struct stat st;

	if (!type)
		return true;
	if (fstat(fd, &st) < 0)
		return false;
	errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	return (st.st_mode & S_IFMT) == type;
}

/* Opens what is to be protected. Returns -1 if it is not there, and may be so. */
static int open_protected(struct builder *builder, const struct mount_op *op, int *fd)
{
	/* Names held in their place may be those of symlinks. */
	*fd = open_beneath(builder->root, op->target, op->mode ? O_NOFOLLOW : 0);
	if (*fd < 0 && errno == ENOENT && (op->flags & MOUNT_OPTIONAL))
		return 0;
	if (*fd < 0 || !is_of_kind(*fd, op->mode))
		return target_error(builder, op);
	return 1;
}

static int apply_attributes(struct builder *builder, const struct mount_op *op)
{
	uint64_t set = (op->flags & MOUNT_READ_ONLY ? MOUNT_ATTR_RDONLY : 0) |
		       (op->flags & MOUNT_NOEXEC ? MOUNT_ATTR_NOEXEC : 0);
	_cleanup_close_ int target = -1;
	_cleanup_close_ int tree = -1;
	int r = open_protected(builder, op, &target);

	if (r <= 0)
		return r;
	if (op->flags & MOUNT_ONE_LEVEL)
		return set_attributes(target, 0, set, 0) < 0 ? op_error(builder, op) : 0;
	tree = copy_tree(target);
	if (tree < 0 || (set && set_attributes(tree, AT_RECURSIVE, set, 0) < 0))
		return op_error(builder, op);
	if (op->flags & MOUNT_READ_WRITE) {
		r = make_writable(builder, op, tree);
		if (r < 0)
			return r;
	}
	if (attach(tree, target) < 0)
		return op_error(builder, op);
	/* It may be open from under the new mount. */
	forget_parent(builder);
	return 0;
}

static int (*const apply_kind[])(struct builder *, const struct mount_op *) = {
	[MOUNT_BIND] = apply_bind,	 [MOUNT_TMPFS] = apply_new,
	[MOUNT_PROC] = apply_new,	 [MOUNT_DEVPTS] = apply_new,
	[MOUNT_MQUEUE] = apply_new,	 [MOUNT_DIR] = apply_dir,
	[MOUNT_SYMLINK] = apply_symlink, [MOUNT_MASK] = apply_mask,
	[MOUNT_ATTR] = apply_attributes, [MOUNT_TEXT] = apply_text,
	[MOUNT_BUS] = apply_bus,
};

/* --- the root --- */

/* Makes the mount of @root this process's root, and mounts the one that there was on top of it. */
static int change_root(struct builder *builder, int root)
{
	int r;

	if (fchdir(root) == 0 && syscall(SYS_pivot_root, ".", ".") == 0)
		return 0;
	r = error_errno(builder->err, "cannot change to the new root");
	if (r == -EINVAL)
		error_hint(builder->err, "the kernel cannot do that on an initramfs: its root "
					 "must be a mount of its own");
	return r;
}

static int start_root(struct builder *builder)
{
	/* Or mounts made here would show up outside, and those outside in here. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return no_mounts_error(builder->err, "cannot make the mounts private");
	builder->old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (builder->old < 0)
		return error_errno(builder->err, "cannot open /");
	builder->stage = new_file_system("tmpfs", 0755, 0);
	builder->root = builder->stage;
	if (builder->stage < 0 || attach(builder->stage, builder->old) < 0)
		return no_mounts_error(builder->err, "cannot mount a new root");
	return change_root(builder, builder->stage);
}

/* "." is the new root; as the name of a mount to remove it reaches the topmost one there. */
static int remove_top(struct builder *builder, const char *what)
{
	return umount2(".", MNT_DETACH) < 0
		       ? error_errno(builder->err, "cannot unmount the %s", what)
		       : 0;
}

static int finish_root(struct builder *builder)
{
	bool is_bind = builder->root != builder->stage;
	int r = 0;

	if (is_bind)
		r = change_root(builder, builder->root);
	else if (set_attributes(builder->stage, 0, MOUNT_ATTR_RDONLY, 0) < 0)
		r = error_errno(builder->err, "cannot make the new root read-only");
	if (r == 0)
		r = remove_top(builder, "old root");
	if (r == 0 && is_bind)
		r = remove_top(builder, "stage of the new root");
	if (r == 0 && chdir("/") < 0)
		r = error_errno(builder->err, "cannot enter the new root");
	return r;
}

static int build(struct builder *builder, const struct mount_plan *plan)
{
	int r = start_root(builder);

	for (size_t i = 0; r == 0 && i < plan->ops.count; i++)
		r = apply_kind[plan->ops.items[i].kind](builder, &plan->ops.items[i]);
	if (r == 0)
		r = forget_mask_names(builder);
	if (r == 0)
		r = forget_text_names(builder);
	if (r == 0)
		r = forget_changes(builder);
	return r < 0 ? r : finish_root(builder);
}

static void close_all(struct builder *builder)
{
	const int fds[] = {
		builder->parent,      builder->mask_file,
		builder->mask_folder, builder->root != builder->stage ? builder->root : -1,
		builder->stage,	      builder->old,
		builder->changes,
	};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int mounts_apply(const struct mount_plan *plan, const char *const buses[BUSES], struct error *err)
{
	struct builder builder = {
		.buses = buses,
		.old = -1,
		.stage = -1,
		.root = -1,
		.parent = -1,
		.mask_file = -1,
		.mask_folder = -1,
		.changes = -1,
		.err = err,
	};
	/* Modes are meant as they are written, whatever the caller's umask is. */
	mode_t umask_before = umask(0);
	int r = build(&builder, plan);

	umask(umask_before);
	close_all(&builder);
	return r;
}
