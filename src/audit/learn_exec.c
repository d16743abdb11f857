// SPDX-License-Identifier: LGPL-2.1-or-later
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/learn_internal.h"
#include "util/cleanup.h"

/*
 * What the kernel opens by itself when a program is executed, and no system call names: the
 * interpreter that a script's first line names, and the loader of a dynamically linked program.
 */

#define HEADERS_LIMIT 64 /* program headers that are looked at */

static void note_file(struct learn *learn, const char *path, uint8_t access, const char *how)
{
	struct arena arena = { 0 };
	struct path_resolved resolved;
	const char *slash = strrchr(path, '/');
	struct learn_who by = {
		.program = learn_escape(&arena, slash ? slash + 1 : path, 64),
		.how = how,
	};

	if (*path == '/' && path_resolve(&arena, path, &resolved) == 0 && resolved.exists)
		learn_note_path(&learn->notes, path, &resolved, access, &by);
	arena_free(&arena);
}

/* Where execvpe() finds it. */
static const char *find_program(const struct learn *learn, struct arena *arena)
{
	const struct plan *plan = learn->input.plan;
	const char *name = plan->argv ? plan->argv[0] : NULL;
	const char *path = plan->path;

	if (!name || !*name)
		return NULL;
	if (*name == '/')
		return name;
	if (strchr(name, '/'))
		return plan->cwd ? arena_printf(arena, "%s/%s", plan->cwd, name) : NULL;
	while (path) {
		size_t length = strcspn(path, ":");
		const char *found = arena_printf(arena, "%.*s/%s", (int)length, path, name);

		if (access(found, X_OK) == 0)
			return found;
		path = path[length] ? path + length + 1 : NULL;
	}
	return NULL;
}

void learn_note_program(struct learn *learn)
{
	struct arena arena = { 0 };
	const char *path = find_program(learn, &arena);

	if (path)
		note_file(learn, path, LEARN_EXEC, "the program itself");
	arena_free(&arena);
}

/* "#!/usr/bin/env sh" leads to /usr/bin/env, which looks for sh by itself. */
static void note_script(struct learn *learn, char *line)
{
	char *start = line + 2 + strspn(line + 2, " \t");

	start[strcspn(start, " \t\r\n")] = '\0';
	note_file(learn, start, LEARN_EXEC, "interpreter of a script");
}

static void note_loader(struct learn *learn, int fd, const Elf64_Ehdr *header)
{
	char path[PATH_MAX];
	Elf64_Phdr one;

	for (unsigned int i = 0; i < header->e_phnum && i < HEADERS_LIMIT; i++) {
		off_t at = (off_t)(header->e_phoff + (uint64_t)i * header->e_phentsize);

		if (pread(fd, &one, sizeof(one), at) != sizeof(one))
			return;
		if (one.p_type != PT_INTERP || !one.p_filesz || one.p_filesz > sizeof(path))
			continue;
		if (pread(fd, path, one.p_filesz, (off_t)one.p_offset) == (ssize_t)one.p_filesz &&
		    !path[one.p_filesz - 1])
			note_file(learn, path, LEARN_EXEC, "loader of a program");
		return;
	}
}

static void note_interpreter(struct learn *learn, const char *path)
{
	/* A device or a pipe would do something when it is opened. */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	union {
		Elf64_Ehdr elf;
		char text[256];
	} start = { .text = "" };
	ssize_t length = fd < 0 ? -1 : pread(fd, start.text, sizeof(start.text) - 1, 0);

	if (length < 2)
		return;
	if (start.text[0] == '#' && start.text[1] == '!')
		note_script(learn, start.text);
	else if (length >= (ssize_t)sizeof(start.elf) &&
		 !memcmp(start.elf.e_ident, ELFMAG, SELFMAG) &&
		 start.elf.e_ident[EI_CLASS] == ELFCLASS64)
		note_loader(learn, fd, &start.elf);
}

void learn_note_interpreters(struct learn *learn)
{
	/* An interpreter may be a script itself: what is added is looked at as well. */
	for (size_t i = 0; i < learn->notes.paths.count; i++) {
		const struct learn_path *path = &learn->notes.paths.items[i];

		if ((path->access & LEARN_EXEC) && S_ISREG(path->mode))
			note_interpreter(learn, path->path);
	}
}
