// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int check_one(int fd, struct error *err)
{
	static const char ring[] = "anon_inode:[io_uring]";
	char path[64];
	char target[64];
	ssize_t length;
	struct stat stat;

	if (fstat(fd, &stat) < 0)
		return error_errno(err, "cannot keep descriptor %d", fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0) {
		error_errno(err, "cannot tell what descriptor %d is: %s", fd, path);
		error_hint(err, "/proc must be mounted");
		return -err->code;
	}
	target[length] = '\0';
	if (!strcmp(target, ring)) {
		error_set(err, EPERM,
			  "descriptor %d is an io_uring ring made outside the jail, where "
			  "no filter holds",
			  fd);
		error_hint(err, "close it for this command: %d>&-", fd);
		return -EPERM;
	}
	if (fd <= STDERR_FILENO && S_ISDIR(stat.st_mode)) {
		error_set(err, EISDIR, "descriptor %d is a folder, and would lead out of the jail",
			  fd);
		error_hint(err, "redirect it to a file or /dev/null");
		return -EISDIR;
	}
	return 0;
}

int fds_check(const int *keep, size_t count, struct error *err)
{
	int status = 0;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && status == 0; fd++)
		status = check_one(fd, err);
	for (size_t i = 0; i < count && status == 0; i++)
		status = check_one(keep[i], err);
	return status;
}

static int close_between(unsigned int first, unsigned int last, struct error *err)
{
	if (first > last)
		return 0;
	if (syscall(SYS_close_range, first, last, 0) < 0)
		return error_errno(err, "cannot close descriptors (close_range)");
	return 0;
}

static int compare_numbers(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int fds_close_others(int *keep, size_t count, struct error *err)
{
	unsigned int next = STDERR_FILENO + 1;

	if (count)
		qsort(keep, count, sizeof(*keep), compare_numbers);
	for (size_t i = 0; i < count; i++) {
		int status;

		if (keep[i] < (int)next)
			continue;
		status = close_between(next, (unsigned int)keep[i] - 1, err);
		if (status < 0)
			return status;
		next = (unsigned int)keep[i] + 1;
	}
	return close_between(next, ~0U, err);
}

int fds_fill_standard(struct error *err)
{
	int fd;

	/* The lowest free number is taken each time. */
	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return error_errno(err, "cannot open /dev/null");
	} while (fd <= STDERR_FILENO);
	close(fd);
	return 0;
}
