// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/profile_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/file.h"

#define SUFFIX ".profile"

/* A first line that is longer is no summary. */
#define LINE_LIMIT 512

static bool has_name(const struct profile_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i].name, name))
			return true;
	return false;
}

/*
 * What the comment in the first line says: "# NAME: what it is for", and the name is known. @line
 * is written into.
 */
static const char *summary_of(struct arena *arena, const char *name, char *line)
{
	size_t length = strlen(name);

	line[strcspn(line, "\r\n")] = '\0';
	if (*line != '#')
		return "";
	line += strspn(line, "# \t");
	if (!strncmp(line, name, length) && line[length] == ':')
		line += length + 1;
	return arena_strdup(arena, line + strspn(line, " \t"));
}

/* NULL where the name leads nowhere: such a profile is passed over when it is looked for, too. */
static const char *read_summary(struct arena *arena, const char *name, const char *path)
{
	char line[LINE_LIMIT + 1] = { 0 };
	struct stat stat;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0 || fstat(fd, &stat) < 0)
		return arena_printf(arena, "(cannot be read: %s)", strerror(errno));
	if (!S_ISREG(stat.st_mode))
		return "(cannot be read: it is not a regular file)";
	if (file_read(fd, line, LINE_LIMIT) < 0)
		return arena_printf(arena, "(cannot be read: %s)", strerror(errno));
	return summary_of(arena, name, line);
}

static void add(struct profile_list *list, struct arena *arena, const char *folder,
		const char *file)
{
	size_t length = strlen(file);
	struct profile_entry entry;

	if (length <= strlen(SUFFIX) || strcmp(file + length - strlen(SUFFIX), SUFFIX) != 0)
		return;
	entry.name = arena_strndup(arena, file, length - strlen(SUFFIX));
	if (has_name(list, entry.name))
		return;
	entry.path = arena_printf(arena, "%s/%s", folder, file);
	entry.summary = read_summary(arena, entry.name, entry.path);
	if (entry.summary)
		*array_push(arena, list) = entry;
}

static int add_folder(struct profile_list *list, struct arena *arena, const char *folder,
		      struct error *err)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (!dir && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!dir)
		return error_errno(err, "cannot read the profiles in %s", folder);
	for (errno = 0; (entry = readdir(dir)); errno = 0)
		add(list, arena, folder, entry->d_name);
	if (errno)
		error_errno(err, "cannot read the profiles in %s", folder);
	closedir(dir);
	return -err->code;
}

static int compare(const void *a, const void *b)
{
	const struct profile_entry *left = a;
	const struct profile_entry *right = b;

	return strcmp(left->name, right->name);
}

int profile_list(struct profile_list *list, const struct profile_source *source,
		 struct arena *arena, struct error *err)
{
	static const char carried[] = "default";
	int status = 0;

	for (size_t i = 0; status == 0 && i < PROFILE_FOLDERS; i++)
		if (source->folders[i])
			status = add_folder(list, arena, source->folders[i], err);
	if (status < 0)
		return status;
	if (!has_name(list, carried))
		*array_push(arena, list) = (struct profile_entry){
			.name = carried,
			.summary = summary_of(arena, carried,
					      arena_strdup(arena, source->default_text)),
		};
	qsort(list->items, list->count, sizeof(*list->items), compare);
	return 0;
}
