// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Operations that name a path. Without one they act on a scratch file; with one, on just that.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "trial.h"
#include "words.h"

#define XATTR_NAME "user.try"

/* struct open_how and its flags, without <linux/openat2.h>. */
struct how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};

struct open_flag {
	const char *name;
	uint64_t flags;
	uint64_t resolve;
};

static const struct open_flag open_flags[] = {
	{ "read", O_RDONLY, 0 },     { "write", O_WRONLY, 0 },	      { "rdwr", O_RDWR, 0 },
	{ "create", O_CREAT, 0 },    { "trunc", O_TRUNC, 0 },	      { "tmpfile", O_TMPFILE, 0 },
	{ "append", O_APPEND, 0 },   { "directory", O_DIRECTORY, 0 }, { "path", O_PATH, 0 },
	{ "excl", O_EXCL, 0 },	     { "nofollow", O_NOFOLLOW, 0 },   { "nonblock", O_NONBLOCK, 0 },
	{ "cloexec", O_CLOEXEC, 0 }, { "no-xdev", 0, 0x01 },	      { "no-magiclinks", 0, 0x02 },
	{ "no-symlinks", 0, 0x04 },  { "beneath", 0, 0x08 },	      { "in-root", 0, 0x10 },
};

static bool add_open_flag(const char *name, struct how *how)
{
	for (size_t i = 0; i < sizeof(open_flags) / sizeof(*open_flags); i++) {
		if (!strcmp(open_flags[i].name, name)) {
			how->flags |= open_flags[i].flags;
			how->resolve |= open_flags[i].resolve;
			return true;
		}
	}
	return false;
}

static bool parse_open_flags(const char *list, struct how *how)
{
	char word[WORD_SIZE];

	while (next_word(&list, word))
		if (!add_open_flag(word, how))
			return false;
	/* The kernel refuses O_TMPFILE without write access, before any policy. */
	if ((how->flags & O_TMPFILE) == O_TMPFILE && (how->flags & O_ACCMODE) == O_RDONLY)
		how->flags |= O_RDWR;
	if (how->flags & (O_CREAT | O_TMPFILE) & ~O_DIRECTORY)
		how->mode = 0600;
	return true;
}

/* What the flags can succeed on: a folder, a new name, or a file. */
static const char *open_path(struct trial *trial, const struct how *how)
{
	const char *path = argument(trial, 1, NULL);

	if (path)
		return path;
	if (how->flags & O_DIRECTORY)
		return scratch_folder(trial);
	if (how->flags & O_CREAT)
		return scratch_path(trial, "new");
	return scratch_file(trial, "file");
}

static int act_openat(struct trial *trial)
{
	struct how how = { 0 };
	const char *path;

	if (!parse_open_flags(argument(trial, 0, "read"), &how) || how.resolve)
		return RESULT_USAGE;
	path = open_path(trial, &how);
	if (by_ring(trial))
		return submit(trial,
			      REQUEST(.fd = AT_FDCWD, .addr = ADDR(path), .len = (uint32_t)how.mode,
				      .op_flags = (uint32_t)how.flags));
	return done(syscall(SYS_openat, AT_FDCWD, path, (int)how.flags, (mode_t)how.mode));
}

/*
 * Beneath a folder, absolute paths are refused, so a default path is opened from its own folder.
 * @path is cut in two in place.
 */
static int folder_of(struct trial *trial, const char **path)
{
	const char *slash = strrchr(*path, '/');
	int fd = open(scratch_folder(trial), O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		missing(trial, "folder: open", -errno);
	if (slash)
		*path = slash + 1;
	return fd;
}

static int act_openat2(struct trial *trial)
{
	struct how how = { 0 };
	int folder = AT_FDCWD;
	const char *path;

	if (!parse_open_flags(argument(trial, 0, "read"), &how))
		return RESULT_USAGE;
	path = open_path(trial, &how);
	if (how.resolve & 0x18 && trial->argc < 2) {
		folder = folder_of(trial, &path);
		if (how.flags & O_DIRECTORY)
			path = ".";
	}
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = folder, .addr = ADDR(path), .len = sizeof(how),
					     .off = ADDR(&how)));
	return done(syscall(SYS_openat2, folder, path, &how, sizeof(how)));
}

static const char *path_argument(struct trial *trial, int index, const char *name)
{
	const char *path = argument(trial, index, NULL);

	return path ? path : scratch_file(trial, name);
}

static int act_statx(struct trial *trial)
{
	const char *path = path_argument(trial, 0, "file");
	struct statx result;

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = AT_FDCWD, .addr = ADDR(path),
					     .len = STATX_BASIC_STATS, .off = ADDR(&result)));
	return done(statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, &result));
}

static int act_unlinkat(struct trial *trial)
{
	const char *path = path_argument(trial, 0, "file");

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = AT_FDCWD, .addr = ADDR(path)));
	return done(unlinkat(AT_FDCWD, path, 0));
}

static int act_renameat(struct trial *trial)
{
	const char *from = path_argument(trial, 0, "old");
	const char *to = argument(trial, 1, NULL);

	if (!to)
		to = scratch_path(trial, "renamed");
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = AT_FDCWD, .addr = ADDR(from),
					     .len = (uint32_t)AT_FDCWD, .addr2 = ADDR(to)));
	return done(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

static int act_mkdirat(struct trial *trial)
{
	const char *path = argument(trial, 0, NULL);

	if (!path)
		path = scratch_path(trial, "folder");
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = AT_FDCWD, .addr = ADDR(path), .len = 0700));
	return done(mkdirat(AT_FDCWD, path, 0700));
}

static int act_symlinkat(struct trial *trial)
{
	const char *target = argument(trial, 0, "target");
	const char *path = argument(trial, 1, NULL);

	if (!path)
		path = scratch_path(trial, "symlink");
	if (by_ring(trial))
		return submit(trial,
			      REQUEST(.fd = AT_FDCWD, .addr = ADDR(target), .addr2 = ADDR(path)));
	return done(symlinkat(target, AT_FDCWD, path));
}

static int act_linkat(struct trial *trial)
{
	const char *from = path_argument(trial, 0, "file");
	const char *to = argument(trial, 1, NULL);

	if (!to)
		to = scratch_path(trial, "link");
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = AT_FDCWD, .addr = ADDR(from),
					     .len = (uint32_t)AT_FDCWD, .addr2 = ADDR(to)));
	return done(linkat(AT_FDCWD, from, AT_FDCWD, to, 0));
}

/* Both gates give EOPNOTSUPP on a file system without user attributes (tmpfs before 6.6). */
static int act_setxattr(struct trial *trial)
{
	const char *path = path_argument(trial, 0, "file");

	if (by_ring(trial))
		return submit(trial, REQUEST(.addr = ADDR(XATTR_NAME), .addr2 = ADDR("1"), .len = 1,
					     .addr3 = ADDR(path)));
	return done(setxattr(path, XATTR_NAME, "1", 1, 0));
}

/* Both gates give ENODATA where the attribute could not be set before. */
static int act_getxattr(struct trial *trial)
{
	const char *path = path_argument(trial, 0, "file");
	char value[16];

	if (trial->argc == 0 && setxattr(path, XATTR_NAME, "1", 1, 0) < 0)
		missing(trial, "attribute: setxattr", -errno);
	if (by_ring(trial))
		return submit(trial, REQUEST(.addr = ADDR(XATTR_NAME), .addr2 = ADDR(value),
					     .len = sizeof(value), .addr3 = ADDR(path)));
	return done(getxattr(path, XATTR_NAME, value, sizeof(value)));
}

const struct op path_ops[] = {
	{ "openat", OP_OPENAT, act_openat, MAKES_FILE, "[FLAGS [PATH]]" },
	{ "openat2", OP_OPENAT2, act_openat2, MAKES_FILE, "[FLAGS [PATH]]" },
	{ "statx", OP_STATX, act_statx, 0, "[PATH]" },
	{ "unlinkat", OP_UNLINKAT, act_unlinkat, 0, "[PATH]" },
	{ "renameat", OP_RENAMEAT, act_renameat, 0, "[PATH [NEW]]" },
	{ "mkdirat", OP_MKDIRAT, act_mkdirat, 0, "[PATH]" },
	{ "symlinkat", OP_SYMLINKAT, act_symlinkat, 0, "[TARGET [PATH]]" },
	{ "linkat", OP_LINKAT, act_linkat, 0, "[PATH [NEW]]" },
	{ "setxattr", OP_SETXATTR, act_setxattr, 0, "[PATH]" },
	{ "getxattr", OP_GETXATTR, act_getxattr, 0, "[PATH]" },
	{ 0 },
};
