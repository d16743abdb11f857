// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How often a reader that does not read is given another look: whether to go on waiting. */
#define LOOK_MS 50

int64_t audit_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void look_at(struct audit_output *output)
{
	struct stat status;

	if (fstat(output->fd, &status) < 0)
		return;
	output->socket = S_ISSOCK(status.st_mode);
	output->polled = !S_ISREG(status.st_mode);
}

static int take_standard_error(struct audit_output *output)
{
	struct stat status;
	int fd = -1;

	if (fstat(STDERR_FILENO, &status) == 0 &&
	    (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)))
		fd = open("/proc/self/fd/2",
			  O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	output->own = fd >= 0;
	output->fd = fd >= 0 ? fd : STDERR_FILENO;
	look_at(output);
	return 0;
}

/*
 * A link that the program left in a folder of its own, where an earlier run of it could write,
 * would have the log go on in any file of the user's. The links of /dev and /proc are the system's.
 */
static int follow_flag(const char *file)
{
	return !strncmp(file, "/dev/", 5) || !strncmp(file, "/proc/", 6) ? 0 : O_NOFOLLOW;
}

static int cannot_open(const char *file, struct error *err)
{
	int code = errno;

	error_errno(err, "cannot write the audit log %s", file);
	switch (code) {
	case EROFS:
		error_hint(err, "its file system is read-only: name a file elsewhere, or none for "
				"standard error");
		break;
	case ENOENT:
	case ENOTDIR:
		error_hint(err, "make its folder first, or name a file elsewhere");
		break;
	case EACCES:
	case EPERM:
		error_hint(err, "name a file that you may write to, or none for standard error");
		break;
	case EISDIR:
		error_hint(err, "that is a folder: name a file in it");
		break;
	case ELOOP:
		error_hint(err,
			   "it is a symbolic link, which the program might have put there: name "
			   "the file that is meant");
		break;
	case ENXIO:
		error_hint(err, "it is a pipe or socket that nobody reads: start the reader first");
		break;
	default:
		error_hint(err, "name another file, or none for standard error");
	}
	return -code;
}

int audit_output_open(struct audit_output *output, const char *file, struct error *err)
{
	*output = (struct audit_output){ .fd = -1 };
	if (!file)
		return take_standard_error(output);
	output->fd = open(file,
			  O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
				  follow_flag(file),
			  0600);
	if (output->fd < 0)
		return cannot_open(file, err);
	output->own = true;
	look_at(output);
	return 0;
}

void audit_output_close(struct audit_output *output)
{
	if (output->own)
		close(output->fd);
	output->fd = -1;
}

static bool patience_is_over(const struct audit_output *output, int64_t since)
{
	int64_t closing = atomic_load(&output->closing);
	int64_t now = audit_now();

	if (!closing)
		return false;
	return now >= closing + AUDIT_PATIENCE_IN_ALL ||
	       now >= (since > closing ? since : closing) + AUDIT_PATIENCE;
}

/* False where the reader was waited for long enough. */
static bool wait_for_room(const struct audit_output *output)
{
	struct pollfd pollfd = { .fd = output->fd, .events = POLLOUT };
	int64_t since = audit_now();

	while (!patience_is_over(output, since))
		if (poll(&pollfd, 1, LOOK_MS) > 0)
			return true;
	return false;
}

static ssize_t write_some(const struct audit_output *output, const char *text, size_t length)
{
	if (output->socket)
		return send(output->fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	return write(output->fd, text, length);
}

/* Returns how many bytes were written. */
static size_t write_text(struct audit_output *output, const char *text, size_t length)
{
	size_t done = 0;

	while (done < length && !output->dead) {
		ssize_t written;

		if (output->polled && !wait_for_room(output)) {
			output->dead = true;
			break;
		}
		written = write_some(output, text + done, length - done);
		if (written > 0)
			done += (size_t)written;
		else if (written == 0 || errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
			break; /* there may be room again later */
		else if (errno != EINTR && errno != EAGAIN)
			output->dead = true;
	}
	return done;
}

bool audit_output_write(struct audit_output *output, const char *line, size_t length)
{
	size_t done;

	if (output->torn && write_text(output, "\n", 1))
		output->torn = false;
	if (output->torn)
		return false;
	done = write_text(output, line, length);
	output->torn = done && done < length;
	return done == length;
}
