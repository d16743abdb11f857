// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/pasta.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/helper.h"
#include "util/alloc.h"
#include "util/cleanup.h"

int pasta_prepare(struct pasta *pasta, const struct net_plan *net, struct error *err)
{
	int ends[2] = { -1, -1 };

	if (net->pasta && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, "cannot create a socket pair");
	*pasta = (struct pasta){ .launcher_end = ends[0], .jail_end = ends[1] };
	return 0;
}

int pasta_ask(const struct pasta *pasta, struct error *err)
{
	if (pasta->jail_end < 0)
		return 0;
	/* Or it would keep its own question from ending with the jail. */
	close(pasta->launcher_end);
	if (send(pasta->jail_end, "", 1, MSG_NOSIGNAL) != 1)
		return error_errno(err, "cannot ask for a network");
	return 0;
}

int pasta_wait(const struct pasta *pasta, struct error *err)
{
	char byte;

	if (pasta->jail_end < 0)
		return 0;
	if (recv(pasta->jail_end, &byte, sizeof(byte), 0) != 1)
		return error_set(err, ENETDOWN, "the jail's network is not connected");
	return 0;
}

/* The plan's words, and those that only a launch knows. */
static char *const *command_line_for(const struct net_plan *net, pid_t jail, struct arena *arena)
{
	const char *const own[] = {
		/* It writes its number there when it is ready. */
		"--pid",    "/proc/self/fd/1",
		"--userns", arena_printf(arena, "/proc/%d/ns/user", jail),
		"--netns",  arena_printf(arena, "/proc/%d/ns/net", jail),
		NULL,
	};
	ARRAY(char *) words = { 0 };

	for (const char **word = net->pasta; *word; word++)
		*array_push(arena, &words) = arena_strdup(arena, *word);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		*array_push(arena, &words) = own[i] ? arena_strdup(arena, own[i]) : NULL;
	return words.items;
}

/* Whether the last line of @text is a number, and complete. */
static bool is_ready(const char *text, size_t length)
{
	size_t start = length;

	if (!length || text[length - 1] != '\n')
		return false;
	while (start > 1 && isdigit((unsigned char)text[start - 2]))
		start--;
	return start < length && (start == 1 || text[start - 2] == '\n');
}

/* Everything that pasta says until it is ready or has ended. Returns whether it is ready. */
static bool read_output(int fd, char *text, size_t size)
{
	size_t length = 0;

	while (length < size - 1) {
		ssize_t more = read(fd, text + length, size - 1 - length);

		if (more <= 0)
			break;
		length += (size_t)more;
		if (is_ready(text, length))
			return true;
	}
	text[length] = '\0';
	return false;
}

/* The last line that it wrote says why. */
static int failed(struct pasta *pasta, char *text, struct error *err)
{
	int status = 0;
	char *line;

	kill(pasta->pid, SIGKILL);
	waitpid(pasta->pid, &status, 0);
	pasta->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		error_set(err, ENOENT, "net user needs pasta, which is not found");
		error_hint(err, "install the package passt; " HELPER_PLACES);
		return -ENOENT;
	}
	for (size_t length = strlen(text); length && text[length - 1] == '\n';)
		text[--length] = '\0';
	line = strrchr(text, '\n');
	error_set(err, ENETDOWN, "pasta cannot connect the jail's network: %.512s",
		  line	  ? line + 1
		  : *text ? text
			  : "it ended without a word");
	error_hint(err, "pasta needs /dev/net/tun, and ports to publish that are free and not "
			"below the sysctl net.ipv4.ip_unprivileged_port_start");
	return -ENETDOWN;
}

static int start(struct pasta *pasta, char *const *words, struct error *err)
{
	_cleanup_close_ int output = -1;
	pid_t launcher = getpid();
	char text[4096];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "cannot create a pipe");
	output = ends[0];
	pasta->pid = fork();
	if (pasta->pid == 0)
		helper_execute(words, launcher, ends[1], -1);
	close(ends[1]);
	if (pasta->pid < 0) {
		pasta->pid = 0;
		return error_errno(err, "cannot start pasta");
	}
	return read_output(output, text, sizeof(text)) ? 0 : failed(pasta, text, err);
}

int pasta_start(struct pasta *pasta, const struct net_plan *net, pid_t jail, struct error *err)
{
	_cleanup_close_ int end = pasta->launcher_end;
	struct arena arena = { 0 };
	char byte;
	int status;

	if (end < 0)
		return 0;
	close(pasta->jail_end);
	if (recv(end, &byte, sizeof(byte), 0) != 1)
		return 0; /* the jail has failed, and says why itself */
	status = start(pasta, command_line_for(net, jail, &arena), err);
	arena_free(&arena);
	if (status == 0)
		send(end, "", 1, MSG_NOSIGNAL);
	return status;
}

void pasta_end(struct pasta *pasta)
{
	helper_end(&pasta->pid);
}
