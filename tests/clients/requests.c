// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "requests.h"

#define RESOLVE_IN_FOLDER 8 /* RESOLVE_BENEATH */
#define REFUSE_TO_REPLACE 1 /* RENAME_NOREPLACE */
#define FORBIDDEN_EVERY 40
#define INJECT_EVERY 40

unsigned int source_random(struct source *source, unsigned int limit)
{
	/* xorshift64: the same requests on every C library */
	source->random ^= source->random << 13;
	source->random ^= source->random >> 7;
	source->random ^= source->random << 17;
	return (unsigned int)(source->random >> 32) % limit;
}

static void begin(struct request *request, enum opcode opcode, int fd)
{
	*request = (struct request){ .sqe = { .opcode = (uint8_t)opcode, .fd = fd } };
}

static void ask_nop(struct source *source, struct request *request)
{
	begin(request, OP_NOP, -1);
	if (source_random(source, 8) == 0)
		request->sqe.op_flags = NOP_TASK_WORK;
	if (source->large_cqes && source_random(source, 2))
		request->sqe.op_flags |= NOP_CQE32;
}

static void ask_read(struct source *source, struct request *request)
{
	begin(request, OP_READ, source->zero_fd);
	request->sqe.addr = ADDR(request->buffer);
	request->sqe.len = sizeof(request->buffer);
	if (source_random(source, 16) == 0)
		request->sqe.flags = SQE_ASYNC;
}

static void ask_write(struct source *source, struct request *request)
{
	begin(request, OP_WRITE, source->null_fd);
	request->sqe.addr = ADDR(request->buffer);
	request->sqe.len = sizeof(request->buffer);
}

static void ask_unix_socket(struct source *source, struct request *request)
{
	begin(request, OP_SOCKET, AF_UNIX);
	request->sqe.off = SOCK_STREAM | (source_random(source, 2) ? SOCK_CLOEXEC : 0);
	request->gives_fd = true;
}

static void ask_open(struct source *source, struct request *request)
{
	begin(request, OP_OPENAT, AT_FDCWD);
	request->sqe.addr = ADDR(source->readable);
	request->sqe.op_flags = O_RDONLY | O_CLOEXEC;
	request->gives_fd = true;
}

static void ask_open_missing(struct source *source, struct request *request)
{
	(void)source;
	begin(request, OP_OPENAT, AT_FDCWD);
	request->sqe.addr = ADDR("there-is-no-such-file");
	request->sqe.op_flags = O_RDONLY | O_CLOEXEC;
	request->expectation = EXPECT_MISSING;
}

static void ask_open_forbidden(struct source *source, struct request *request)
{
	begin(request, OP_OPENAT, AT_FDCWD);
	request->sqe.addr = ADDR(source->forbidden);
	request->sqe.op_flags = O_RDONLY | O_CLOEXEC;
	request->gives_fd = true;
	request->expectation = EXPECT_NO_RIGHT;
	snprintf(
		request->truth, sizeof(request->truth),
		"\"op\": \"OPENAT\", \"cause\": \"permission\", \"path\": \"%.80s\", \"flags\": %u",
		source->forbidden, request->sqe.op_flags);
}

static void ask_injected(struct source *source, struct request *request)
{
	(void)source;
	begin(request, OP_NOP, -1);
	request->sqe.op_flags = NOP_INJECT_RESULT;
	request->sqe.len = (uint32_t)-EACCES;
	request->expectation = EXPECT_INJECTED;
}

void request_allowed(struct source *source, struct request *request, unsigned int number)
{
	/* More of what is cheap. */
	static void (*const kinds[])(struct source *, struct request *) = {
		ask_nop,   ask_nop,  ask_nop,	      ask_read,
		ask_write, ask_open, ask_unix_socket, ask_open_missing,
	};

	(void)number;
	if (source->forbidden && source_random(source, FORBIDDEN_EVERY) == 0)
		ask_open_forbidden(source, request);
	else if (source->inject && source_random(source, INJECT_EVERY) == 0)
		ask_injected(source, request);
	else if (source->nops)
		begin(request, OP_NOP, -1);
	else
		kinds[source_random(source, sizeof(kinds) / sizeof(*kinds))](source, request);
}

void request_nop(struct request *request, unsigned int flags, enum expectation expectation)
{
	begin(request, OP_NOP, -1);
	request->sqe.flags = (uint8_t)flags;
	request->expectation = expectation;
}

/* Paths that name who asked, and for the how-manieth time. */
static void set_path(struct request *request, const char *what, unsigned int name,
		     unsigned int number)
{
	snprintf(request->path, sizeof(request->path), "%s/%u/%u", what, name, number);
	request->sqe.addr = ADDR(request->path);
}

static void deny_socket(struct source *source, struct request *request, unsigned int number)
{
	static const int families[] = { AF_INET, AF_INET6, AF_NETLINK };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_STREAM | SOCK_CLOEXEC,
				     SOCK_DGRAM | SOCK_NONBLOCK };
	int type = types[source_random(source, 4)];

	begin(request, OP_SOCKET, families[source_random(source, 3)]);
	request->sqe.off = (uint64_t)type;
	request->sqe.len = source->name << 20 | number;
	snprintf(request->truth, sizeof(request->truth),
		 "\"op\": \"SOCKET\", \"family\": %d, \"type\": %d, \"protocol\": %u",
		 request->sqe.fd, type, request->sqe.len);
}

static void deny_open(struct source *source, struct request *request, unsigned int number)
{
	static const unsigned int flags[] = { O_WRONLY, O_RDWR | O_CREAT, O_WRONLY | O_TRUNC,
					      O_RDWR | O_CLOEXEC };

	begin(request, OP_OPENAT, AT_FDCWD);
	set_path(request, "openat", source->name, number);
	request->sqe.op_flags = flags[source_random(source, 4)];
	request->sqe.len = 0640;
	snprintf(request->truth, sizeof(request->truth),
		 "\"op\": \"OPENAT\", \"path\": \"%s\", \"flags\": %u, \"mode\": %u", request->path,
		 request->sqe.op_flags, request->sqe.len);
}

static void deny_open_how(struct source *source, struct request *request, unsigned int number)
{
	begin(request, OP_OPENAT2, AT_FDCWD);
	set_path(request, "openat2", source->name, number);
	request->how.flags = O_RDWR | O_CREAT;
	request->how.mode = 0600;
	request->how.resolve = source_random(source, 2) ? RESOLVE_IN_FOLDER : 0;
	request->sqe.addr2 = ADDR(&request->how);
	request->sqe.len = sizeof(request->how);
	snprintf(request->truth, sizeof(request->truth),
		 "\"op\": \"OPENAT2\", \"path\": \"%s\", \"flags\": %u, \"mode\": %u, \"resolve\": "
		 "%u",
		 request->path, (unsigned int)request->how.flags, (unsigned int)request->how.mode,
		 (unsigned int)request->how.resolve);
}

static void deny_unlink(struct source *source, struct request *request, unsigned int number)
{
	begin(request, OP_UNLINKAT, AT_FDCWD);
	set_path(request, "unlinkat", source->name, number);
	request->sqe.op_flags = source_random(source, 2) ? AT_REMOVEDIR : 0;
	snprintf(request->truth, sizeof(request->truth),
		 "\"op\": \"UNLINKAT\", \"path\": \"%s\", \"flags\": %u", request->path,
		 request->sqe.op_flags);
}

static void deny_rename(struct source *source, struct request *request, unsigned int number)
{
	begin(request, OP_RENAMEAT, AT_FDCWD);
	set_path(request, "renameat", source->name, number);
	snprintf(request->second_path, sizeof(request->second_path), "%s.new", request->path);
	request->sqe.addr2 = ADDR(request->second_path);
	request->sqe.len = (uint32_t)AT_FDCWD;
	request->sqe.op_flags = source_random(source, 2) ? REFUSE_TO_REPLACE : 0;
	snprintf(request->truth, sizeof(request->truth),
		 "\"op\": \"RENAMEAT\", \"path\": \"%s\", \"second_path\": \"%s\", \"flags\": %u",
		 request->path, request->second_path, request->sqe.op_flags);
}

/* Addresses that nobody has: 198.18.0.0/15 is for tests, 2001:db8::/32 for documents. */
static void set_address(struct source *source, struct request *request, unsigned int number)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&request->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&request->address;
	uint16_t port = (uint16_t)(1 + number % 65535);

	if (source_random(source, 2)) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		v4->sin_addr.s_addr = htonl(0xc6120000 | source->name << 8 | number / 65535);
		request->sqe.addr2 = sizeof(*v4);
		return;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	inet_pton(AF_INET6, "2001:db8::", &v6->sin6_addr);
	v6->sin6_addr.s6_addr[13] = (uint8_t)source->name;
	v6->sin6_addr.s6_addr[15] = (uint8_t)(number / 65535);
	request->sqe.addr2 = sizeof(*v6);
}

static void deny_connect(struct source *source, struct request *request, unsigned int number)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&request->address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&request->address;
	char address[INET6_ADDRSTRLEN];

	begin(request, OP_CONNECT, source->unix_fd);
	set_address(source, request, number);
	request->sqe.addr = ADDR(&request->address);
	if (v4->sin_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, address, sizeof(address));
	else
		inet_ntop(AF_INET6, &v6->sin6_addr, address, sizeof(address));
	/* Both families have their port at the same place. */
	snprintf(request->truth, sizeof(request->truth),
		 "\"op\": \"CONNECT\", \"fd\": %d, \"address\": \"%s\", \"port\": %u",
		 source->unix_fd, address, ntohs(v4->sin_port));
}

void request_denied(struct source *source, struct request *request, unsigned int number)
{
	static void (*const kinds[])(struct source *, struct request *, unsigned int) = {
		deny_socket, deny_open, deny_open_how, deny_unlink, deny_rename, deny_connect,
	};

	kinds[source_random(source, sizeof(kinds) / sizeof(*kinds))](source, request, number);
	request->expectation = EXPECT_DENIED;
}

bool request_as_expected(const struct request *request, int result)
{
	switch (request->expectation) {
	case EXPECT_SUCCESS:
		return result >= 0;
	case EXPECT_DENIED:
	case EXPECT_INJECTED:
		return result == -EACCES;
	case EXPECT_MISSING:
		return result == -ENOENT;
	case EXPECT_NO_RIGHT:
		return result >= 0 || result == -EACCES;
	case EXPECT_CANCELED:
		return result == -ECANCELED;
	}
	return false;
}
