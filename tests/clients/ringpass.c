// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ringpass: hands a ring that was made without any policy to another program.
 *
 *   ringpass [--fd N] COMMAND [ARG...]   leaves the ring at descriptor N (3) and executes COMMAND
 *   ringpass --scm SOCKET                sends it to the unix socket SOCKET (a path, or @NAME, or
 *                                        "pair" for a socket of its own) and prints "scm: RESULT";
 *                                        the kernel refuses that with EINVAL
 *
 * Exit status: COMMAND's; 1 for a refused --scm, 2 for usage, 3 if no ring could be made.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "address.h"
#include "ring.h"
#include "trial.h"
#include "words.h"

static int usage(void)
{
	fprintf(stderr, "usage: ringpass [--fd N] COMMAND [ARG...]\n"
			"       ringpass --scm SOCKET\n");
	return 2;
}

static int connect_to(const char *name)
{
	struct address address;
	char text[120];
	int fds[2];

	if (!strcmp(name, "pair"))
		return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 ? -1 : fds[0];
	snprintf(text, sizeof(text), "unix:%s", name);
	if (!address_parse_word(text, &address)) {
		errno = EINVAL;
		return -1;
	}
	fds[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fds[0] >= 0 && connect(fds[0], &address.any, address.length) < 0)
		return -1;
	return fds[0];
}

static int send_ring(const char *name, int ring_fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	char byte = 'r';
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd = connect_to(name);

	if (fd < 0) {
		printf("connect: %s\n", errno_name(errno));
		return 1;
	}
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &ring_fd, sizeof(ring_fd));
	if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0) {
		printf("scm: %s\n", errno_name(errno));
		return 1;
	}
	printf("scm: ok\n");
	return 0;
}

int main(int argc, char **argv)
{
	const char *socket_name = NULL;
	int place = 3, first = 1, ret;
	struct ring ring;

	if (argc > 2 && !strcmp(argv[1], "--fd")) {
		place = number_or_none(argv[2]);
		first = 3;
	} else if (argc > 2 && !strcmp(argv[1], "--scm")) {
		socket_name = argv[2];
	}
	if (argc <= first || place < 0)
		return usage();
	ret = ring_make(&ring, 0);
	if (ret < 0) {
		fprintf(stderr, "ring setup: %s\n", errno_name(-ret));
		return 3;
	}
	if (socket_name)
		return send_ring(socket_name, ring.fd);
	/* dup2 clears the close-on-exec flag, unless it has nothing to do. */
	if (ring.fd == place ? fcntl(place, F_SETFD, 0) < 0 : dup2(ring.fd, place) < 0) {
		fprintf(stderr, "ringpass: descriptor %d: %s\n", place, errno_name(errno));
		return 3;
	}
	execvp(argv[first], argv + first);
	fprintf(stderr, "ringpass: %s: %s\n", argv[first], errno_name(errno));
	return 127;
}
