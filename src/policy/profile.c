// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/file.h"

/* A profile of more than this is none; the longest of firejail's is 6 KiB. */
#define SIZE_LIMIT (1024 * 1024)
#define DEPTH_LIMIT 16

/* A file being read, and who included it. */
struct open_profile {
	const struct open_profile *parent;
	const char *path;
	dev_t device;
	ino_t inode;
	unsigned int depth;
};

struct reader {
	struct policy *policy;
	const struct profile_source *source;
	const struct open_profile *current;
};

static int read_file(struct reader *reader, int fd, const char *path, struct error *err);

/* A name that was opened, from the root on; NULL where that cannot be told. */
static const char *absolute(const struct reader *reader, const char *path)
{
	const char *cwd = reader->source->macros.cwd;

	if (*path == '/')
		return path;
	return cwd ? arena_printf(&reader->policy->arena, "%s/%s", cwd, path) : NULL;
}

static void note_missing(struct reader *reader, const char *path)
{
	path = absolute(reader, path);
	if (path)
		*array_push(&reader->policy->arena, &reader->policy->missing) = path;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* Ends the line before a comment: a '#' at its start or behind a blank. */
static void cut_comment(char *line)
{
	for (char *hash = strchr(line, '#'); hash; hash = strchr(hash + 1, '#')) {
		if (hash == line || hash[-1] == ' ' || hash[-1] == '\t') {
			*hash = '\0';
			return;
		}
	}
}

static void cut_trailing_blanks(char *line)
{
	size_t length = strlen(line);

	while (length && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		line[--length] = '\0';
}

/* Opens NAME in the folders, then beside the file that includes it. Returns -1: nowhere. */
static int open_in_folders(struct reader *reader, const char *name, const char **path)
{
	struct arena *arena = &reader->policy->arena;
	const char *slash = reader->current ? strrchr(reader->current->path, '/') : NULL;

	for (size_t i = 0; i <= PROFILE_FOLDERS; i++) {
		const char *folder = i < PROFILE_FOLDERS ? reader->source->folders[i] : NULL;
		int fd;

		if (i == PROFILE_FOLDERS && slash)
			folder = arena_strndup(arena, reader->current->path,
					       (size_t)(slash - reader->current->path));
		if (!folder)
			continue;
		*path = arena_printf(arena, "%s/%s", folder, name);
		fd = open(*path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		/* A profile that is there but cannot be read must not be passed over in silence. */
		if (fd >= 0 || (errno != ENOENT && errno != ENOTDIR))
			return fd;
	}
	errno = ENOENT;
	return -1;
}

static bool may_be_missing(const char *name)
{
	static const char suffix[] = ".local";
	size_t length = strlen(name);

	return length >= strlen(suffix) && !strcmp(name + length - strlen(suffix), suffix);
}

static int include(void *context, const char *name, const struct origin *origin, struct error *err)
{
	struct reader *reader = context;
	const char *path = name;
	_cleanup_close_ int fd = -1;

	(void)origin;
	if (*name == '/')
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	else
		fd = open_in_folders(reader, name, &path);
	if (fd < 0 && errno == ENOENT && may_be_missing(name)) {
		/* The last place looked at; the others are the profile folders. */
		note_missing(reader, path);
		return 0;
	}
	if (fd < 0) {
		error_errno(err, "cannot include %s",
			    *name == '/' || errno != ENOENT ? path : name);
		error_hint(err,
			   "it is looked for in ~/.config/uring-jail, the system's folders and "
			   "beside the profile");
		return -err->code;
	}
	return read_file(reader, fd, path, err);
}

static int apply(struct reader *reader, const struct origin *origin, const char *name,
		 const char *value, struct error *err)
{
	struct directive_call call = {
		.policy = reader->policy,
		.macros = &reader->source->macros,
		.origin = *origin,
		.include = include,
		.include_context = reader,
	};

	return directive_apply(&call, name, value, err);
}

static int read_line(struct reader *reader, char *line, unsigned int number, struct error *err)
{
	const struct origin origin = { .file = reader->current->path, .line = number };
	const char *start;
	const char *name;
	size_t length;

	for (const char *byte = line; *byte; byte++)
		if ((unsigned char)*byte < ' ' && *byte != '\t')
			return error_set(err, EINVAL,
					 "%s:%u: control character 0x%02x: not a profile",
					 origin.file, number, (unsigned char)*byte);
	cut_comment(line);
	cut_trailing_blanks(line);
	start = skip_blanks(line);
	if (!*start)
		return 0;
	length = strcspn(start, " \t");
	name = arena_strndup(&reader->policy->arena, start, length);
	return apply(reader, &origin, name, skip_blanks(start + length), err);
}

/* @text is written into; text[length] is NUL. */
static int read_text(struct reader *reader, char *text, size_t length, struct error *err)
{
	const char *path = reader->current->path;
	unsigned int number = 1;

	for (char *line = text; line < text + length; number++) {
		char *end = memchr(line, '\n', (size_t)(text + length - line));
		int status;

		if (!end)
			end = text + length;
		if (memchr(line, '\0', (size_t)(end - line)))
			return error_set(err, EINVAL, "%s:%u: binary data: not a profile", path,
					 number);
		*end = '\0';
		status = read_line(reader, line, number, err);
		if (status < 0)
			return status;
		line = end + 1;
	}
	return 0;
}

/* Refuses what is open already further up: a file that includes itself would never end. */
static int check_nesting(const struct open_profile *profile, struct error *err)
{
	for (const struct open_profile *up = profile->parent; up; up = up->parent)
		if (up->device == profile->device && up->inode == profile->inode)
			return error_set(err, ELOOP, "%s includes itself", profile->path);
	if (profile->depth > DEPTH_LIMIT)
		return error_set(err, ELOOP, "includes are nested more than %d deep", DEPTH_LIMIT);
	return 0;
}

static int read_file(struct reader *reader, int fd, const char *path, struct error *err)
{
	struct open_profile profile = {
		.parent = reader->current,
		.path = path,
		.depth = reader->current ? reader->current->depth + 1 : 0,
	};
	_cleanup_free_ char *text = NULL;
	struct stat stat;
	ssize_t length;
	int status;

	if (fstat(fd, &stat) < 0)
		return error_errno(err, "cannot read profile %s", path);
	if (!S_ISREG(stat.st_mode))
		return error_set(err, EINVAL, "cannot read profile %s: it is not a regular file",
				 path);
	profile.device = stat.st_dev;
	profile.inode = stat.st_ino;
	status = check_nesting(&profile, err);
	if (status < 0)
		return status;
	text = xrealloc(NULL, SIZE_LIMIT + 2, 1);
	length = file_read(fd, text, SIZE_LIMIT + 1);
	if (length < 0)
		return error_errno(err, "cannot read profile %s", path);
	if (length > SIZE_LIMIT)
		return error_set(err, EFBIG, "cannot read profile %s: it is larger than %d KiB",
				 path, SIZE_LIMIT / 1024);
	text[length] = '\0';
	path = absolute(reader, path);
	if (path)
		*array_push(&reader->policy->arena, &reader->policy->files) = path;
	reader->current = &profile;
	status = read_text(reader, text, (size_t)length, err);
	reader->current = profile.parent;
	return status;
}

int profile_apply(struct policy *policy, const struct profile_source *source, const char *name,
		  const char *value, struct error *err)
{
	const struct origin origin = { .file = command_line };
	struct reader reader = { .policy = policy, .source = source };

	return apply(&reader, &origin, name, value, err);
}

int profile_read_text(struct policy *policy, const struct profile_source *source, const char *name,
		      const char *text, size_t length, struct error *err)
{
	struct open_profile profile = { .path = arena_strdup(&policy->arena, name) };
	struct reader reader = { .policy = policy, .source = source, .current = &profile };
	char *copy = arena_strndup(&policy->arena, text, length);

	policy->name = profile.path;
	return read_text(&reader, copy, length, err);
}

int profile_read(struct policy *policy, const struct profile_source *source, const char *name,
		 struct error *err)
{
	struct reader reader = { .policy = policy, .source = source };
	const char *path = arena_strdup(&policy->arena, name);
	_cleanup_close_ int fd = -1;

	if (strchr(name, '/'))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	else
		fd = open_in_folders(&reader, arena_printf(&policy->arena, "%s.profile", name),
				     &path);
	if (fd < 0) {
		/* Without the hint about folders where a path was given. */
		if (strchr(name, '/') || errno != ENOENT)
			return error_errno(err, "cannot read profile %s", path);
		error_set(err, ENOENT, "there is no profile \"%s\"", name);
		error_hint(err,
			   "it is looked for as %s.profile in ~/.config/uring-jail and in the "
			   "system's folders; a file is named with a '/'",
			   name);
		return -ENOENT;
	}
	policy->name = path;
	return read_file(&reader, fd, path, err);
}

int profile_read_for(struct policy *policy, const struct profile_source *source,
		     const char *program, struct error *err)
{
	const char *slash = strrchr(program, '/');
	const char *names[] = { slash ? slash + 1 : program, "default" };

	for (size_t i = 0; i < 2; i++) {
		struct reader reader = { .policy = policy, .source = source };
		const char *path;
		_cleanup_close_ int fd = -1;

		if (!*names[i])
			continue;
		fd = open_in_folders(&reader, arena_printf(&policy->arena, "%s.profile", names[i]),
				     &path);
		if (fd < 0 && errno != ENOENT)
			return error_errno(err, "cannot read profile %s", path);
		if (fd >= 0) {
			policy->name = path;
			return read_file(&reader, fd, path, err);
		}
	}
	return profile_read_text(policy, source, "default.profile", source->default_text,
				 strlen(source->default_text), err);
}
