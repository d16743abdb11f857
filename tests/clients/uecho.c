// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * uecho: a TCP echo on 127.0.0.1 that does all its work through a ring, and nothing without one.
 *
 *   uecho PORT                   SOCKET, BIND, LISTEN, ACCEPT, then RECV and SEND, for one client
 *   uecho --client [-n N] PORT   SOCKET, CONNECT, then N (100) times SEND and RECV, and compares
 *   uecho --self [-n N] PORT     both, in two processes
 *
 * Prints "server: N messages" or "client: N messages", or the step that was refused, as
 * "server: bind: EACCES". Exit status: 0, 1 if a step was refused, 2 usage, 3 no ring.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ring.h"
#include "trial.h"
#include "words.h"

#define STEP_MS 10000
#define CONNECT_TRIES 100

struct peer {
	const char *role;
	struct ring ring;
	struct sockaddr_in address;
};

/* Returns the step's result; says so if it failed. */
static int step(struct peer *peer, const char *name, const struct sqe *sqe)
{
	uint64_t user_data = ring_push(&peer->ring, sqe);
	int ret = ring_submit(&peer->ring);

	if (ret >= 0)
		ret = ring_wait(&peer->ring, user_data, STEP_MS);
	if (ret == RESULT_TIMEOUT)
		ret = -ETIMEDOUT;
	if (ret < 0 && name)
		printf("%s: %s: %s\n", peer->role, name, errno_name(-ret));
	return ret;
}

static int make_socket(struct peer *peer)
{
	return step(peer, "socket",
		    REQUEST(.opcode = OP_SOCKET, .fd = AF_INET, .off = SOCK_STREAM));
}

static int send_all(struct peer *peer, int fd, const char *data, int size)
{
	for (int at = 0; at < size;) {
		int ret = step(peer, "send",
			       REQUEST(.opcode = OP_SEND, .fd = fd, .addr = ADDR(data + at),
				       .len = (uint32_t)(size - at), .op_flags = MSG_NOSIGNAL));

		if (ret < 0)
			return ret;
		at += ret;
	}
	return 0;
}

/* Up to @size bytes; 0 at the end. */
static int receive(struct peer *peer, int fd, char *data, int size)
{
	return step(
		peer, "recv",
		REQUEST(.opcode = OP_RECV, .fd = fd, .addr = ADDR(data), .len = (uint32_t)size));
}

static int accept_client(struct peer *peer)
{
	int ret, one = 1, fd = make_socket(peer);

	if (fd < 0)
		return fd;
	/* The one plain call: a port that was in use a minute ago is good enough for a test. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ret = step(peer, "bind",
		   REQUEST(.opcode = OP_BIND, .fd = fd, .addr = ADDR(&peer->address),
			   .addr2 = sizeof(peer->address)));
	if (ret < 0)
		return ret;
	ret = step(peer, "listen", REQUEST(.opcode = OP_LISTEN, .fd = fd, .len = 8));
	if (ret < 0)
		return ret;
	return step(peer, "accept", REQUEST(.opcode = OP_ACCEPT, .fd = fd));
}

static int serve(struct peer *peer)
{
	char data[4096];
	int fd = accept_client(peer), count = 0;

	if (fd < 0)
		return 1;
	for (;; count++) {
		int size = receive(peer, fd, data, sizeof(data));

		if (size < 0 || (size > 0 && send_all(peer, fd, data, size) < 0))
			return 1;
		if (size == 0)
			break;
	}
	printf("server: %d messages\n", count);
	return 0;
}

/* The server may not listen yet. A refused connection needs a new socket. */
static int connect_server(struct peer *peer)
{
	struct sqe sqe = { .opcode = OP_CONNECT,
			   .addr = ADDR(&peer->address),
			   .addr2 = sizeof(peer->address) };

	for (int tries = 1;; tries++) {
		int ret;

		sqe.fd = make_socket(peer);
		if (sqe.fd < 0)
			return sqe.fd;
		ret = step(peer, NULL, &sqe);
		if (ret >= 0)
			return sqe.fd;
		if (ret != -ECONNREFUSED || tries == CONNECT_TRIES) {
			printf("%s: connect: %s\n", peer->role, errno_name(-ret));
			return ret;
		}
		close(sqe.fd);
		usleep(50000);
	}
}

static int exchange(struct peer *peer, int fd, int number)
{
	char sent[64], got[64];
	int size = snprintf(sent, sizeof(sent), "message %d", number) + 1;

	if (send_all(peer, fd, sent, size) < 0)
		return -1;
	for (int at = 0, ret; at < size; at += ret) {
		ret = receive(peer, fd, got + at, size - at);
		if (ret <= 0)
			return -1;
	}
	if (!memcmp(sent, got, (size_t)size))
		return 0;
	printf("%s: message %d came back changed\n", peer->role, number);
	return -1;
}

static int ask(struct peer *peer, int messages)
{
	int fd = connect_server(peer), count = 0;

	if (fd < 0)
		return 1;
	while (count < messages && exchange(peer, fd, count) == 0)
		count++;
	/* The server counts on it. */
	close(fd);
	if (count < messages)
		return 1;
	printf("client: %d messages\n", messages);
	return 0;
}

static int run(const char *role, int port, int messages)
{
	struct peer peer = { .role = role };
	int ret = ring_make(&peer.ring, 0);

	if (ret < 0) {
		printf("%s: ring setup: %s\n", role, errno_name(-ret));
		return 3;
	}
	peer.address.sin_family = AF_INET;
	peer.address.sin_port = htons((uint16_t)port);
	peer.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return !strcmp(role, "client") ? ask(&peer, messages) : serve(&peer);
}

static int run_both(int port, int messages)
{
	int status, ret;
	pid_t pid = fork();

	if (pid < 0) {
		printf("fork: %s\n", errno_name(errno));
		return 1;
	}
	if (pid == 0) {
		ret = run("server", port, 0);
		fflush(stdout);
		_exit(ret);
	}
	ret = run("client", port, messages);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) > ret ? WEXITSTATUS(status) : ret;
}

int main(int argc, char **argv)
{
	bool client = false, both = false;
	int messages = 100, port = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--client"))
			client = true;
		else if (!strcmp(argv[i], "--self"))
			both = true;
		else if (!strcmp(argv[i], "-n") && i + 1 < argc)
			messages = number_or_none(argv[++i]);
		else
			port = number_or_none(argv[i]);
	}
	if (port <= 0 || port > 65535 || messages < 0) {
		fprintf(stderr, "usage: uecho [--client|--self] [-n MESSAGES] PORT\n");
		return 2;
	}
	if (both)
		return run_both(port, messages);
	return run(client ? "client" : "server", port, messages);
}
