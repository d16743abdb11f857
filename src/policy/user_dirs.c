// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/user_dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file.h"

#define SIZE_LIMIT 65536

const struct user_dir user_dirs[] = {
	{ "${DESKTOP}", "XDG_DESKTOP_DIR", "Desktop" },
	{ "${DOCUMENTS}", "XDG_DOCUMENTS_DIR", "Documents" },
	{ "${DOWNLOADS}", "XDG_DOWNLOAD_DIR", "Downloads" },
	{ "${MUSIC}", "XDG_MUSIC_DIR", "Music" },
	{ "${PICTURES}", "XDG_PICTURES_DIR", "Pictures" },
	{ "${VIDEOS}", "XDG_VIDEOS_DIR", "Videos" },
	{ NULL, NULL, NULL },
};

/* Returns the file's text, NULL if there is none, or sets @err. */
static char *read_text(const char *path, struct arena *arena, struct error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text = arena_alloc(arena, SIZE_LIMIT + 1);
	struct stat st;
	ssize_t length;

	if (fd < 0 && errno == ENOENT)
		return NULL;
	length = fd < 0 || fstat(fd, &st) < 0 ? -1 : file_read(fd, text, SIZE_LIMIT + 1);
	if (length < 0)
		error_errno(err, "cannot read %s", path);
	else if (!S_ISREG(st.st_mode) || length > SIZE_LIMIT)
		error_set(err, EINVAL, "%s is no file of xdg-user-dirs", path);
	else
		text[length] = '\0';
	return text;
}

/* The value of the last line NAME="VALUE"; NULL: there is none. */
static const char *find_value(struct arena *arena, const char *text, const char *name)
{
	const size_t length = strlen(name);
	const char *value = NULL;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *start = line + strspn(line, " \t");

		if (strncmp(start, name, length) != 0 || start[length] != '=' ||
		    start[length + 1] != '"')
			continue;
		start += length + 2;
		value = arena_strndup(arena, start, strcspn(start, "\"\n"));
	}
	return value;
}

/* Below HOME, with names that are neither hidden nor ".." nor written with an escape. */
static bool is_plain(const char *below)
{
	if (!*below || strpbrk(below, "\\$`"))
		return false;
	for (const char *name = below; *name; name += strcspn(name, "/"), name += *name == '/')
		if (*name == '.' || *name == '/')
			return false;
	return true;
}

/*
 * The file is the user's, and programs outside of any jail write it; a program in a jail may not,
 * but what it says could be older than that. So it can name no place that a profile's author
 * would not have meant: not ~/.ssh, and nothing outside of HOME.
 */
static int check_value(const struct directive_call *call, const struct user_dir *dir,
		       const char *file, const char *value, const char **folder, struct error *err)
{
	const char *home = call->macros->home;
	const char *below = "";

	if (!strncmp(value, "$HOME/", strlen("$HOME/")))
		below = value + strlen("$HOME/");
	else if (!strncmp(value, home, strlen(home)) && value[strlen(home)] == '/')
		below = value + strlen(home) + 1;
	if (is_plain(below)) {
		*folder = arena_printf(&call->policy->arena, "%s/%s", home, below);
		return 0;
	}
	error_set(err, EINVAL, "%s is \"%s\" in %s, which is not taken for a folder of HOME",
		  dir->variable, value, file);
	error_hint(err, "name the path itself in place of %s", dir->macro);
	return -EINVAL;
}

int user_dir_find(const struct directive_call *call, const struct user_dir *dir,
		  const char **folder, struct error *err)
{
	struct arena *arena = &call->policy->arena;
	const char *value = NULL;
	const char *file;
	const char *text;

	if (!call->macros->home || !call->macros->config)
		return error_set(err, EINVAL, "%s is not known here: there is no HOME", dir->macro);
	file = arena_printf(arena, "%s/user-dirs.dirs", call->macros->config);
	text = read_text(file, arena, err);
	if (err->code)
		return -err->code;
	if (text)
		*array_push(arena, &call->policy->files) = file;
	else
		*array_push(arena, &call->policy->missing) = file;
	if (text)
		value = find_value(arena, text, dir->variable);
	if (value)
		return check_value(call, dir, file, value, folder, err);
	*folder = arena_printf(arena, "%s/%s", call->macros->home, dir->name);
	return 0;
}
