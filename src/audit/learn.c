// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/learn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "audit/learn_internal.h"
#include "policy/syscall_group.h"
#include "util/cleanup.h"
#include "util/file.h"

#define SIZE_LIMIT (1024 * 1024) /* as profile.c has it */

static void note_name(void *context, const char *name)
{
	struct learn *learn = context;
	int number = syscall_number(name);

	if (number >= 0 && !learn->names[number])
		learn->names[number] = name;
}

/* ---- the file ---- */

/* The folder is held by descriptor: the program may put another one in its place. */
static int open_folder(struct learn *learn, struct error *err)
{
	const char *file = learn->input.file;
	char path[PATH_MAX];
	struct stat st;
	char *slash;

	if (lstat(file, &st) == 0 && S_ISLNK(st.st_mode)) {
		if (!realpath(file, path)) {
			error_errno(err, "cannot learn into %s: it is a symlink that leads nowhere",
				    file);
			error_hint(err, "remove it, or name the file that it should lead to");
			return -err->code;
		}
	} else if (snprintf(path, sizeof(path), "%s%s", *file == '/' ? "" : "./", file) >=
		   (int)sizeof(path)) {
		return error_set(err, ENAMETOOLONG, "cannot learn into %.64s...", file);
	}
	slash = strrchr(path, '/');
	learn->name = arena_strdup(&learn->arena, slash + 1);
	slash[slash == path] = '\0';
	learn->folder_path = arena_strdup(&learn->arena, path);
	if (!*learn->name)
		return error_set(err, EISDIR, "cannot learn into %s: it is a folder", file);
	learn->folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (learn->folder < 0)
		return error_errno(err, "cannot learn into %s: %s", file, path);
	if (faccessat(learn->folder, ".", W_OK | X_OK, AT_EACCESS) < 0) {
		error_errno(err, "cannot learn into %s: cannot write in its folder", file);
		error_hint(err, "--learn writes a new file beside it, which then takes its place");
		return -err->code;
	}
	return 0;
}

/* Reads what stands in the file. Returns 1 if there is one, 0 if there is none. */
static int read_old(const struct learn *learn, struct arena *arena, struct stat *st,
		    const char **text, size_t *length, struct error *err)
{
	_cleanup_close_ int fd = openat(learn->folder, learn->name,
					O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	_cleanup_free_ char *buffer = NULL;
	ssize_t got;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, st) < 0)
		return error_errno(err, "cannot read %s", learn->input.file);
	if (!S_ISREG(st->st_mode))
		return error_set(err, EINVAL, "cannot learn into %s: it is not a regular file",
				 learn->input.file);
	buffer = xrealloc(NULL, SIZE_LIMIT + 1, 1);
	got = file_read(fd, buffer, SIZE_LIMIT + 1);
	if (got < 0)
		return error_errno(err, "cannot read %s", learn->input.file);
	if (got > SIZE_LIMIT)
		return error_set(err, EFBIG, "cannot learn into %s: it is larger than %d KiB",
				 learn->input.file, SIZE_LIMIT / 1024);
	if (memchr(buffer, '\0', (size_t)got))
		return error_set(err, EINVAL, "cannot learn into %s: binary data: not a profile",
				 learn->input.file);
	*text = arena_strndup(arena, buffer, (size_t)got);
	*length = (size_t)got;
	return 1;
}

/* What stands in the file already must be a profile that a program can be started with. */
static int check_old(struct learn *learn, struct error *err)
{
	struct policy policy = { 0 };
	struct plan plan = { 0 };
	int status = profile_read_text(&policy, learn->input.source, learn->input.file,
				       learn->old_text, learn->old_length, err);

	if (status == 0)
		status = plan_make(&plan, &policy, learn->input.world, err);
	if (status < 0) {
		error_wrap(err, "cannot learn into %s", learn->input.file);
		error_hint(err, "put it right first, or learn into a new file");
	}
	plan_free(&plan);
	policy_free(&policy);
	return status;
}

int learn_open(struct learn **out, const struct learn_input *input, struct error *err)
{
	struct learn *learn = xrealloc(NULL, 1, sizeof(*learn));
	int status;

	*learn = (struct learn){ .input = *input, .folder = -1 };
	learn_notes_init(&learn->notes);
	syscall_group_visit(syscall_group_find("@known"), note_name, learn);
	status = open_folder(learn, err);
	if (status == 0)
		status = read_old(learn, &learn->arena, &learn->stat, &learn->old_text,
				  &learn->old_length, err);
	learn->existed = status > 0;
	if (learn->existed)
		status = check_old(learn, err);
	if (status < 0) {
		learn_abandon(learn);
		return status;
	}
	*out = learn;
	return 0;
}

int learn_fd(const struct learn *learn)
{
	return learn->folder;
}

void learn_abandon(struct learn *learn)
{
	if (learn->folder >= 0)
		close(learn->folder);
	learn_notes_free(&learn->notes);
	arena_free(&learn->arena);
	free(learn);
}

/* ---- the text ---- */

static const char *today(const struct learn *learn, struct arena *arena)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32] = "";

	if (learn->input.when)
		return learn->input.when;
	if (localtime_r(&now, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d", &tm);
	return arena_strdup(arena, text);
}

static const char *kernel(const struct learn *learn, struct arena *arena)
{
	struct utsname name;

	if (learn->input.kernel)
		return learn->input.kernel;
	return uname(&name) == 0 ? arena_printf(arena, "%s %s", name.sysname, name.release) : "?";
}

/* Words with anything but these are quoted; what cannot be printed is escaped. */
static const char *command(const struct learn *learn, struct arena *arena)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789%+,-./:=@_";
	const char *line = "";

	for (char **word = learn->input.plan->argv; word && *word && strlen(line) < 512; word++) {
		const char *text = learn_escape(arena, *word, 256);
		const char *quote = *text && !text[strspn(text, plain)] ? "" : "'";

		line = arena_printf(arena, "%s%s%s%s%s", line, *line ? " " : "", quote, text,
				    quote);
	}
	return line;
}

static void add_line(struct learn_draft *draft, const char *line)
{
	*array_push(draft->arena, &draft->lines) = line;
}

static void write_header(struct learn_draft *draft)
{
	const struct learn *learn = draft->learn;
	struct arena *arena = draft->arena;

	add_line(draft, arena_printf(arena, "# Learned by uring-jail --learn on %s, %s, from:",
				     today(learn, arena), kernel(learn, arena)));
	add_line(draft, arena_printf(arena, "#     %s", command(learn, arena)));
	add_line(draft,
		 arena_printf(arena, "# in %s.",
			      learn_escape(arena,
					   learn->input.plan->cwd ? learn->input.plan->cwd : "?",
					   PATH_MAX)));
	add_line(draft,
		 "# Use it with --profile=FILE. Read it first: a program that does not want");
	add_line(draft,
		 "# to be held can ask for more than it needs. Change what you like: learning");
	add_line(draft, "# again changes no line, adds what is missing, and grants nothing that a");
	add_line(draft, "# blacklist, read-only, uring.deny or seccomp line of yours denies.");
	add_line(draft, "");
	add_line(draft, "root minimal");
}

static void write_again(struct learn_draft *draft)
{
	struct arena *arena = draft->arena;

	add_line(draft, "");
	add_line(draft, arena_printf(arena, "# learned again on %s, %s, from: %s",
				     today(draft->learn, arena), kernel(draft->learn, arena),
				     command(draft->learn, arena)));
}

static void write_refused(struct learn_draft *draft)
{
	if (draft->fresh && draft->refused.count)
		add_line(draft, "");
	for (size_t i = 0; i < draft->refused.count; i++)
		add_line(draft, draft->refused.items[i]);
}

static int fill(struct learn_draft *draft, struct error *err)
{
	if (draft->fresh)
		write_header(draft);
	else
		write_again(draft);
	if (learn_replan(draft, err) < 0)
		return -err->code;
	learn_write_network(draft);
	learn_write_calls(draft);
	learn_write_uring(draft);
	/* What the network is says whether the resolver's file is there. */
	if (learn_replan(draft, err) < 0 || learn_write_files(draft, err) < 0)
		return -err->code;
	learn_write_denied(draft);
	write_refused(draft);
	/* What is written must be what a launch can read. */
	return learn_replan(draft, err);
}

/* ---- writing ---- */

/* The program had the user's rights while it was learned: what it did to the file counts not. */
static int check_unchanged(const struct learn *learn, struct arena *arena, struct error *err)
{
	const char *text = NULL;
	size_t length = 0;
	struct stat st;
	int status = read_old(learn, arena, &st, &text, &length, err);

	if (status < 0)
		return status;
	if ((status > 0) == learn->existed &&
	    (!learn->existed ||
	     (text && length == learn->old_length && !memcmp(text, learn->old_text, length))))
		return 0;
	error_set(err, EBUSY, "%s was changed while the program was learned", learn->input.file);
	error_hint(err, "nothing was written: look at it, and learn again");
	return -EBUSY;
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		text += written;
		length -= (size_t)written;
	}
	return 0;
}

static int keep_owner(const struct learn *learn, int fd)
{
	if (!learn->existed)
		return 0;
	if ((learn->stat.st_uid != geteuid() || learn->stat.st_gid != getegid()) &&
	    fchown(fd, learn->stat.st_uid, learn->stat.st_gid) < 0)
		return -1;
	return fchmod(fd, learn->stat.st_mode & 07777);
}

static int replace(const struct learn *learn, const char *text, struct error *err)
{
	struct arena arena = { 0 };
	const char *temporary = arena_printf(&arena, ".%.200s.%d.new", learn->name, (int)getpid());
	_cleanup_close_ int fd = openat(learn->folder, temporary,
					O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	int status = 0;

	if (fd < 0) {
		status = error_errno(err, "cannot write a new file beside %s", learn->input.file);
		arena_free(&arena);
		return status;
	}
	if (keep_owner(learn, fd) < 0)
		status = error_errno(err, "cannot keep owner and mode of %s", learn->input.file);
	else if (write_all(fd, text, strlen(text)) < 0 || fsync(fd) < 0 ||
		 renameat(learn->folder, temporary, learn->folder, learn->name) < 0)
		status = error_errno(err, "cannot write %s", learn->input.file);
	if (status < 0)
		unlinkat(learn->folder, temporary, 0);
	arena_free(&arena);
	return status;
}

/* A last line without its newline stays as it is, with one. */
static const char *base_text(const struct learn *learn, struct arena *arena)
{
	if (!learn->existed)
		return "";
	if (learn->old_length && learn->old_text[learn->old_length - 1] != '\n')
		return arena_printf(arena, "%s\n", learn->old_text);
	return learn->old_text;
}

static int write_profile(struct learn *learn, struct arena *arena, struct error *err)
{
	struct learn_draft draft = {
		.learn = learn,
		.arena = arena,
		.fresh = !learn->existed || !learn->old_length,
		.base = base_text(learn, arena),
	};
	int status;

	learn_note_program(learn);
	learn_note_interpreters(learn);
	status = fill(&draft, err);
	if (status < 0)
		error_wrap(err, "cannot make a profile of what was learned");
	else
		status = check_unchanged(learn, arena, err);
	if (status == 0 && (draft.fresh || draft.granted || draft.refused.count))
		status = replace(learn, learn_text(&draft), err);
	plan_free(&draft.plan);
	policy_free(&draft.policy);
	return status;
}

int learn_close(struct learn *learn, struct error *err)
{
	struct arena arena = { 0 };
	int status = write_profile(learn, &arena, err);

	arena_free(&arena);
	learn_abandon(learn);
	return status;
}
