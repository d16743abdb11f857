// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "trial.h"

static char folder[PATH_SIZE / 2];
static char prefix[32];
static bool own_folder;

/* All that the operations ask for. */
static const char *const names[] = {
	"copy", "file", "folder", "link", "new", "old", "renamed", "symlink",
};

static bool try_folder(const char *parent)
{
	if (!parent || !*parent || strlen(parent) > sizeof(folder) - 32)
		return false;
	snprintf(folder, sizeof(folder), "%s/try-XXXXXX", parent);
	own_folder = mkdtemp(folder) != NULL;
	return own_folder;
}

/* Where the policy forbids mkdir but not open, plain files in a shared folder must do. */
static bool try_prefix(const char *parent)
{
	char path[PATH_SIZE];
	int fd;

	if (!parent || !*parent || strlen(parent) > sizeof(folder) - 1)
		return false;
	snprintf(folder, sizeof(folder), "%s", parent);
	snprintf(prefix, sizeof(prefix), "try-%d-", (int)getpid());
	snprintf(path, sizeof(path), "%s/%sx", folder, prefix);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	close(fd);
	unlink(path);
	return true;
}

static void ensure_folder(void)
{
	const char *const parents[] = { getenv("TMPDIR"), "/tmp", "." };

	if (*folder)
		return;
	for (size_t i = 0; i < 3; i++)
		if (try_folder(parents[i]))
			return;
	for (size_t i = 0; i < 3; i++)
		if (try_prefix(parents[i]))
			return;
	snprintf(folder, sizeof(folder), ".");
	snprintf(prefix, sizeof(prefix), "try-%d-", (int)getpid());
}

const char *scratch_folder(struct trial *trial)
{
	(void)trial;
	ensure_folder();
	return folder;
}

const char *scratch_path(struct trial *trial, const char *name)
{
	char *path = trial->paths[trial->path_count++ % PATHS_MAX];

	ensure_folder();
	snprintf(path, PATH_SIZE, "%s/%s%s", folder, prefix, name);
	return path;
}

const char *scratch_file(struct trial *trial, const char *name)
{
	const char *path = scratch_path(trial, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0) {
		missing(trial, "file: open", -errno);
		return path;
	}
	if (write(fd, "0123456789abcdef", 16) != 16)
		missing(trial, "contents: write", -errno);
	close(fd);
	return path;
}

int scratch_open(struct trial *trial, int flags)
{
	const char *path = argument(trial, 0, NULL);
	int fd;

	if (!path)
		path = scratch_file(trial, "file");
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		missing(trial, "file: open", -errno);
	return fd;
}

/*
 * By name, since reading a folder takes an open that the policy may forbid, and unlink may be all
 * that is left.
 */
static void remove_entries(void)
{
	char path[PATH_SIZE];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s%s", folder, prefix, names[i]);
		if (unlink(path) < 0)
			rmdir(path);
	}
}

void scratch_clean(void)
{
	if (!*folder)
		return;
	/* An empty one takes no more than this, and more may be a call that kills. */
	if (!own_folder || rmdir(folder) < 0) {
		remove_entries();
		if (own_folder)
			rmdir(folder);
	}
	scratch_forget();
}

void scratch_forget(void)
{
	*folder = *prefix = '\0';
	own_folder = false;
}
