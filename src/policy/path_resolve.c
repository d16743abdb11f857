// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/path_resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"

#define MAX_LINKS 40 /* the kernel's own limit, path_resolution(7) */

struct walk {
	char done[PATH_MAX]; /* resolved so far; "" is "/" */
	size_t length;
	char rest[PATH_MAX]; /* still to go */
};

static void pop(struct walk *walk)
{
	while (walk->length > 0 && walk->done[--walk->length] != '/')
		;
	walk->done[walk->length] = '\0';
}

static int push(struct walk *walk, const char *name, size_t length)
{
	if (walk->length + 1 + length >= sizeof(walk->done))
		return -ENAMETOOLONG;
	walk->done[walk->length++] = '/';
	memcpy(walk->done + walk->length, name, length);
	walk->length += length;
	walk->done[walk->length] = '\0';
	return 0;
}

/* Takes the next name off the rest. Returns its length, 0 at the end. */
static size_t next_name(struct walk *walk, char name[NAME_MAX + 1])
{
	const char *start = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(start, "/");

	if (length > NAME_MAX)
		return length;
	memcpy(name, start, length);
	name[length] = '\0';
	memmove(walk->rest, start + length, strlen(start + length) + 1);
	return length;
}

/* Puts a symlink's text in the place of its name. */
static int enter_link(struct walk *walk, const char *text)
{
	char rest[PATH_MAX];
	int length = snprintf(rest, sizeof(rest), "%s/%s", text, walk->rest);

	if (length < 0 || (size_t)length >= sizeof(rest))
		return -ENAMETOOLONG;
	memcpy(walk->rest, rest, length + 1);
	if (text[0] == '/') {
		walk->length = 0;
		walk->done[0] = '\0';
	} else {
		pop(walk);
	}
	return 0;
}

/* Everything from here on is missing: it is taken as it is written. */
static int append_missing(struct walk *walk)
{
	char name[NAME_MAX + 1];
	size_t length;
	int r;

	while ((length = next_name(walk, name)) > 0) {
		if (length > NAME_MAX)
			return -ENAMETOOLONG;
		if (!strcmp(name, ".."))
			return -ENOENT;
		if (!strcmp(name, "."))
			continue;
		r = push(walk, name, length);
		if (r < 0)
			return r;
	}
	return 0;
}

int path_open_folder(const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/*
 * As readlink(2), of the symlink that stands at @path itself. A folder above it that has become a
 * symlink since it was passed is an error: what is read by way of that one stands elsewhere, and
 * is not what anybody is asked about who asks whether the program can change this one.
 */
static ssize_t read_link(char *path, char *text, size_t size)
{
	char *name = strrchr(path, '/');
	_cleanup_close_ int folder = -1;

	if (name == path)
		return readlink(path, text, size);
	*name = '\0';
	folder = path_open_folder(path);
	*name = '/';
	return folder < 0 ? -1 : readlinkat(folder, name + 1, text, size);
}

/* One name further. Returns 1 to go on, 0 if it is missing. */
static int step(struct arena *arena, struct walk *walk, const char *name, size_t length,
		struct path_resolved *resolved)
{
	char text[PATH_MAX];
	size_t before = walk->length;
	ssize_t got;
	int r;

	r = push(walk, name, length);
	if (r < 0)
		return r;
	got = read_link(walk->done, text, sizeof(text));
	if (got < 0 && errno == EINVAL)
		return 1;
	if (got < 0 && errno == ENOENT) {
		resolved->existing = before;
		return 0;
	}
	if (got < 0)
		return -errno;
	if (got == 0 || (size_t)got == sizeof(text))
		return -ENAMETOOLONG;
	text[got] = '\0';
	if (resolved->links.count == MAX_LINKS)
		return -ELOOP;
	*array_push(arena, &resolved->links) = (struct path_link){
		.path = arena_strdup(arena, walk->done),
		.text = arena_strdup(arena, text),
	};
	r = enter_link(walk, text);
	return r < 0 ? r : 1;
}

static int finish(struct arena *arena, const struct walk *walk, struct path_resolved *resolved)
{
	struct stat st;

	resolved->path = arena_strdup(arena, walk->length ? walk->done : "/");
	if (!resolved->exists)
		return 0;
	if (lstat(resolved->path, &st) < 0)
		return -errno;
	resolved->mode = st.st_mode;
	resolved->existing = walk->length;
	return 0;
}

int path_resolve(struct arena *arena, const char *path, struct path_resolved *resolved)
{
	struct walk walk = { 0 };
	char name[NAME_MAX + 1];
	size_t length;
	int r;

	*resolved = (struct path_resolved){ .exists = true };
	length = strlen(path);
	if (length >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	memcpy(walk.rest, path, length + 1);
	while (resolved->exists && (length = next_name(&walk, name)) > 0) {
		if (length > NAME_MAX)
			return -ENAMETOOLONG;
		if (!strcmp(name, "."))
			continue;
		if (!strcmp(name, "..")) {
			pop(&walk);
			continue;
		}
		r = step(arena, &walk, name, length, resolved);
		if (r < 0)
			return r;
		resolved->exists = r > 0;
	}
	if (!resolved->exists) {
		r = append_missing(&walk);
		if (r < 0)
			return r;
	}
	return finish(arena, &walk, resolved);
}

bool path_is_below(const char *path, const char *parent)
{
	size_t length = strlen(parent);

	if (length == 1)
		return path[1] != '\0';
	return !strncmp(path, parent, length) && path[length] == '/';
}

bool path_is_at_or_below(const char *path, const char *parent)
{
	return !strcmp(path, parent) || path_is_below(path, parent);
}

const char *path_moved(struct arena *arena, const char *path, const char *from, const char *to)
{
	const char *rest = path + (from[1] ? strlen(from) : 0);

	if (!rest[0] || !rest[1])
		return to;
	return arena_printf(arena, "%s%s", to[1] ? to : "", rest);
}
