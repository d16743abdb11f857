// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/makes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"

/* Programs of other jails may write here while this runs. */
static int open_folder(int at, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, at, path, &how, sizeof(how));
}

static int open_or_make_folder(int at, const char *name)
{
	int fd = open_folder(at, name);

	if (fd >= 0 || errno != ENOENT || (mkdirat(at, name, 0700) < 0 && errno != EEXIST))
		return fd;
	return open_folder(at, name);
}

static int make_last(int at, const char *name, bool folder)
{
	_cleanup_close_ int fd = -1;

	if (folder)
		return mkdirat(at, name, 0700);
	fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : 0;
}

static int failed(const struct make_op *op, struct error *err)
{
	if (op->origin.line)
		error_errno(err, "cannot make %s (%s:%u)", op->path, op->origin.file,
			    op->origin.line);
	else
		error_errno(err, "cannot make %s (%s)", op->path, op->origin.file);
	if (err->code == ELOOP || err->code == ENOTDIR)
		error_hint(err, "a folder above it has become a symlink, or a file");
	return -err->code;
}

static int make(const struct make_op *op, struct error *err)
{
	_cleanup_close_ int at = open_folder(AT_FDCWD, op->base);
	const char *name = op->path + strlen(op->base) + 1;

	while (at >= 0) {
		size_t length = strcspn(name, "/");
		char one[NAME_MAX + 1];
		int next;

		if (!name[length])
			break;
		memcpy(one, name, length);
		one[length] = '\0';
		next = open_or_make_folder(at, one);
		close(at);
		at = next;
		name += length + 1;
	}
	if (at < 0 || (make_last(at, name, op->folder) < 0 && errno != EEXIST))
		return failed(op, err);
	return 0;
}

int makes_apply(const struct make_plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->count; i++)
		if (make(&plan->items[i], err) < 0)
			return -err->code;
	return 0;
}
