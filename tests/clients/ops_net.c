// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Operations on sockets. Without an address they act on sockets of their own: unix ones where any
 * family will do, so that they work under the narrowest policies.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "address.h"
#include "trial.h"
#include "words.h"

/* A port of 0 asks for a receiver of its own there. */
#define LOOPBACK "127.0.0.1:0"

struct named_number {
	const char *name;
	int number;
};

static const struct named_number families[] = {
	{ "unspec", AF_UNSPEC }, { "unix", AF_UNIX },	    { "inet", AF_INET },
	{ "inet6", AF_INET6 },	 { "netlink", AF_NETLINK }, { "packet", AF_PACKET },
	{ "vsock", AF_VSOCK },	 { "alg", AF_ALG },	    { "bluetooth", AF_BLUETOOTH },
	{ "xdp", AF_XDP },	 { "can", AF_CAN },	    { 0 },
};

static const struct named_number types[] = {
	{ "stream", SOCK_STREAM },
	{ "dgram", SOCK_DGRAM },
	{ "raw", SOCK_RAW },
	{ "seqpacket", SOCK_SEQPACKET },
	{ 0 },
};

static const struct named_number type_flags[] = {
	{ "cloexec", SOCK_CLOEXEC },
	{ "nonblock", SOCK_NONBLOCK },
	{ 0 },
};

static char data[64] = "a message from the test client\n";
static struct iovec vector = { data, 32 };

static bool look_up(const struct named_number *table, const char *name, int *number)
{
	for (; table->name; table++) {
		if (!strcmp(table->name, name)) {
			*number = table->number;
			return true;
		}
	}
	return false;
}

static bool look_up_or_number(const struct named_number *table, const char *name, int *number)
{
	return look_up(table, name, number) || parse_number(name, number);
}

/* FAMILY[,TYPE[,cloexec][,nonblock]][,PROTOCOL] */
static bool parse_socket(const char *list, int *family, int *type, int *protocol)
{
	char word[WORD_SIZE];
	int flag;

	*type = SOCK_STREAM;
	*protocol = 0;
	if (!next_word(&list, word) || !look_up_or_number(families, word, family))
		return false;
	if (next_word(&list, word) && !look_up_or_number(types, word, type))
		return false;
	while (next_word(&list, word)) {
		if (look_up(type_flags, word, &flag))
			*type |= flag;
		else if (!parse_number(word, protocol))
			return false;
	}
	return true;
}

static int act_socket(struct trial *trial)
{
	int family, type, protocol;

	if (!parse_socket(argument(trial, 0, "unix"), &family, &type, &protocol))
		return RESULT_USAGE;
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = family, .off = (uint32_t)type,
					     .len = (uint32_t)protocol));
	return done(socket(family, type, protocol));
}

static int make_socket(struct trial *trial, int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		missing(trial, "socket: socket", -errno);
	return fd;
}

/* A connected pair, with data waiting in fds[0]; { -1, -1 } if there is none. */
static void make_pair(struct trial *trial, int fds[2])
{
	fds[0] = fds[1] = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		missing(trial, "socket: socketpair", -errno);
	else if (write(fds[1], data, 32) != 32)
		missing(trial, "data: write", -errno);
}

static int bind_to(struct trial *trial, int fd, struct address *address)
{
	if (bind(fd, &address->any, address->length) < 0) {
		missing(trial, "bound socket: bind", -errno);
		return -1;
	}
	address->length = sizeof(address->storage);
	if (getsockname(fd, &address->any, &address->length) < 0)
		missing(trial, "address: getsockname", -errno);
	return 0;
}

/* A socket that receives at @address, whose free port, if it has one, is filled in; or -1. */
static int make_listener(struct trial *trial, struct address *address)
{
	socklen_t length = address->length;
	int one = 1;
	int fd = make_socket(trial, address->any.sa_family, address->type);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind_to(trial, fd, address) == 0 && address->type == SOCK_STREAM && listen(fd, 8) < 0)
		missing(trial, "listener: listen", -errno);
	/* A short address stays short. */
	if (length < address->length)
		address->length = length;
	return fd;
}

static int act_connect(struct trial *trial)
{
	struct address address;
	int fd;

	if (!trial->argc) {
		address_unique("listener", &address);
		address.own_listener = true;
	} else if (!address_parse(trial->argc, trial->argv, &address)) {
		return RESULT_USAGE;
	}
	if (address.own_listener)
		make_listener(trial, &address);
	fd = make_socket(trial, address.family, address.type);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .addr = ADDR(&address.storage),
					     .off = address.length));
	return done(connect(fd, &address.any, address.length));
}

static int act_bind(struct trial *trial)
{
	struct address address;
	int fd;

	if (!trial->argc)
		address_unique("bind", &address);
	else if (!address_parse(trial->argc, trial->argv, &address))
		return RESULT_USAGE;
	fd = make_socket(trial, address.family, address.type);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .addr = ADDR(&address.storage),
					     .addr2 = address.length));
	return done(bind(fd, &address.any, address.length));
}

static int act_listen(struct trial *trial)
{
	struct address address;
	int fd = make_socket(trial, AF_UNIX, SOCK_STREAM);

	address_unique("listen", &address);
	bind_to(trial, fd, &address);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .len = 8));
	return done(listen(fd, 8));
}

static int act_accept(struct trial *trial)
{
	struct address address;
	int listener, client;

	address_unique("accept", &address);
	listener = make_listener(trial, &address);
	client = make_socket(trial, AF_UNIX, SOCK_STREAM);
	if (connect(client, &address.any, address.length) < 0)
		missing(trial, "client: connect", -errno);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = listener));
	return done(accept4(listener, NULL, NULL, 0));
}

static int act_shutdown(struct trial *trial)
{
	int fds[2];

	make_pair(trial, fds);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fds[0], .len = SHUT_RDWR));
	return done(shutdown(fds[0], SHUT_RDWR));
}

/*
 * A datagram socket connected to itself: only inet sockets take zero-copy data.
 * On a unix socket, the fallback, zero-copy sends show EOPNOTSUPP: the policy let them through.
 */
static int make_loop(struct trial *trial)
{
	struct address address;
	int fds[2], fd;

	address_parse_word(LOOPBACK, &address);
	fd = make_socket(trial, AF_INET, SOCK_DGRAM);
	if (fd >= 0 && bind_to(trial, fd, &address) == 0) {
		if (connect(fd, &address.any, address.length) < 0)
			missing(trial, "connection: connect", -errno);
		return fd;
	}
	make_pair(trial, fds);
	return fds[0];
}

static bool zero_copy(const struct trial *trial)
{
	return trial->op->number == OP_SEND_ZC || trial->op->number == OP_SENDMSG_ZC;
}

static int plain_target(struct trial *trial)
{
	int fds[2];

	/* A zero-copy send's own notification is ahead of it: with a drain it waits for itself. */
	trial->armed = zero_copy(trial);
	if (zero_copy(trial))
		return make_loop(trial);
	make_pair(trial, fds);
	return fds[0];
}

static int send_plain(struct trial *trial)
{
	int fd = plain_target(trial);

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .addr = ADDR(data), .len = 32,
					     .op_flags = MSG_NOSIGNAL));
	return done(sendto(fd, data, 32, MSG_NOSIGNAL, NULL, 0));
}

static int sendmsg_plain(struct trial *trial)
{
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	int fd = plain_target(trial);

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .addr = ADDR(&message), .len = 1,
					     .op_flags = MSG_NOSIGNAL));
	return done(sendmsg(fd, &message, MSG_NOSIGNAL));
}

/* An address makes it a datagram's target, unless Fast Open connects with it. */
static bool send_target(struct trial *trial, struct address *address)
{
	bool fast_open = !strncmp(trial->op->name, "fastopen", 8);

	if (trial->argc ? !address_parse(trial->argc, trial->argv, address)
			: !address_parse_word(LOOPBACK, address))
		return false;
	address->fast_open |= fast_open;
	if (!address->fast_open)
		address->type = SOCK_DGRAM;
	if (address->own_listener)
		make_listener(trial, address);
	return true;
}

/* A ring never blocks on a socket, so its Fast Open succeeds with EINPROGRESS: the SYN is out. */
static int connecting(const struct address *address, int result)
{
	return address->fast_open ? reached(result, EINPROGRESS) : result;
}

static int send_to(struct trial *trial)
{
	struct address address;
	int fd, flags;

	if (!send_target(trial, &address))
		return RESULT_USAGE;
	fd = make_socket(trial, address.family, address.type);
	flags = MSG_NOSIGNAL | (address.fast_open ? MSG_FASTOPEN : 0);
	if (by_ring(trial))
		return connecting(&address,
				  submit(trial, REQUEST(.fd = fd, .addr = ADDR(data), .len = 32,
							.addr2 = ADDR(&address.storage),
							.addr_len = (uint16_t)address.length,
							.op_flags = (uint32_t)flags)));
	return done(sendto(fd, data, 32, flags, &address.any, address.length));
}

static int sendmsg_to(struct trial *trial)
{
	struct address address;
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	int fd, flags;

	if (!send_target(trial, &address))
		return RESULT_USAGE;
	message.msg_name = &address.storage;
	message.msg_namelen = address.length;
	fd = make_socket(trial, address.family, address.type);
	flags = MSG_NOSIGNAL | (address.fast_open ? MSG_FASTOPEN : 0);
	if (by_ring(trial))
		return connecting(&address,
				  submit(trial, REQUEST(.fd = fd, .addr = ADDR(&message), .len = 1,
							.op_flags = (uint32_t)flags)));
	return done(sendmsg(fd, &message, flags));
}

static int act_send(struct trial *trial)
{
	return trial->argc ? send_to(trial) : send_plain(trial);
}

static int act_sendmsg(struct trial *trial)
{
	return trial->argc ? sendmsg_to(trial) : sendmsg_plain(trial);
}

static int act_recv(struct trial *trial)
{
	int fds[2];

	make_pair(trial, fds);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fds[0], .addr = ADDR(data), .len = 32));
	return done(recvfrom(fds[0], data, 32, 0, NULL, NULL));
}

static int act_recvmsg(struct trial *trial)
{
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	int fds[2];

	make_pair(trial, fds);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fds[0], .addr = ADDR(&message), .len = 1));
	return done(recvmsg(fds[0], &message, 0));
}

/* Hands a descriptor to another socket: what MSG_RING does between rings. */
static int act_send_fd(struct trial *trial)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fds[2], fd = number_or_none(argument(trial, 0, "0"));

	make_pair(trial, fds);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fds[0], .addr = ADDR(&message), .len = 1));
	return done(sendmsg(fds[0], &message, 0));
}

static int register_zero_copy(struct trial *trial)
{
	static struct region_desc region;
	static struct zcrx_area area;
	static struct zcrx_reg reg;
	size_t size = 1 << 20;

	region = (struct region_desc){ .size = 65536, .flags = REGION_USER };
	region.user_addr = ADDR(mmap(NULL, region.size, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	area = (struct zcrx_area){ .len = size };
	area.addr =
		ADDR(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	reg = (struct zcrx_reg){
		.rq_entries = 64, .flags = ZCRX_NODEV, .area = ADDR(&area), .region = ADDR(&region)
	};
	return ring_register(&trial->ring, REG_ZCRX_IFQ, &reg, 1);
}

/*
 * Zero-copy receive wants a network card's queue, or from 7.1 on CAP_NET_ADMIN in the first user
 * namespace and a "queue" without a device. Without either, the kernel refuses the request with
 * EINVAL before it asks the filters; a denial by a restriction, which comes first, is EACCES all
 * the same. So EINVAL here says: not possible for this process, filtered or not.
 */
static int act_recv_zc(struct trial *trial)
{
	struct address address;
	int listener, fd, ret;

	address_parse_word(LOOPBACK, &address);
	listener = make_listener(trial, &address);
	fd = make_socket(trial, AF_INET, SOCK_STREAM);
	if (connect(fd, &address.any, address.length) < 0)
		missing(trial, "connection: connect", -errno);
	listener = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (write(listener, data, 32) != 32)
		missing(trial, "data: write", -errno);
	if (!by_ring(trial))
		return done(recvfrom(fd, data, 32, 0, NULL, NULL));
	ret = register_zero_copy(trial);
	if (ret < 0)
		missing(trial, "receive queue: register", ret);
	return submit(trial, REQUEST(.fd = fd, .ioprio = RECV_MULTISHOT));
}

static int socket_call(int fd, int command, int *value, socklen_t *length)
{
	struct sockaddr_storage name;
	socklen_t name_length = sizeof(name);

	switch (command) {
	case SOCKET_CMD_SIOCINQ:
		return done(ioctl(fd, FIONREAD, value));
	case SOCKET_CMD_SIOCOUTQ:
		return done(ioctl(fd, TIOCOUTQ, value));
	case SOCKET_CMD_GETSOCKOPT:
		return done(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, value, length));
	case SOCKET_CMD_SETSOCKOPT:
		return done(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, value, *length));
	default:
		return done(getsockname(fd, (struct sockaddr *)&name, &name_length));
	}
}

/*
 * A command to a socket. On a unix socket, the fallback, "inq" and "outq" show EOPNOTSUPP by ring:
 * the policy let them through.
 */
static int act_uring_cmd(struct trial *trial)
{
	static const struct named_number commands[] = {
		{ "inq", SOCKET_CMD_SIOCINQ },
		{ "outq", SOCKET_CMD_SIOCOUTQ },
		{ "getsockopt", SOCKET_CMD_GETSOCKOPT },
		{ "setsockopt", SOCKET_CMD_SETSOCKOPT },
		{ "getsockname", SOCKET_CMD_GETSOCKNAME },
		{ 0 },
	};
	struct sqe sqe = { 0 };
	struct sockaddr_storage name;
	socklen_t length = sizeof(int), name_length = sizeof(name);
	int command, value = 16384, fd;

	if (!look_up(commands, argument(trial, 0, "inq"), &command))
		return RESULT_USAGE;
	fd = make_loop(trial);
	if (!by_ring(trial))
		return socket_call(fd, command, &value, &length);
	sqe.fd = fd;
	sqe.cmd_op = (uint32_t)command;
	if (command == SOCKET_CMD_GETSOCKOPT || command == SOCKET_CMD_SETSOCKOPT) {
		sqe.level = SOL_SOCKET;
		sqe.optname = SO_SNDBUF;
		sqe.optlen = length;
		sqe.optval = ADDR(&value);
	} else if (command == SOCKET_CMD_GETSOCKNAME) {
		sqe.addr = ADDR(&name);
		sqe.addr3 = ADDR(&name_length);
	}
	return submit(trial, &sqe);
}

const struct op net_ops[] = {
	{ "socket", OP_SOCKET, act_socket, MAKES_FILE, "[FAMILY[,TYPE][,cloexec][,nonblock][,N]]" },
	{ "connect", OP_CONNECT, act_connect, ON_FILE, "[ADDRESS [OPTION...]]" },
	{ "bind", OP_BIND, act_bind, ON_FILE, "[ADDRESS [OPTION...]]" },
	{ "listen", OP_LISTEN, act_listen, ON_FILE, "" },
	{ "accept", OP_ACCEPT, act_accept, ON_FILE | MAKES_FILE, "" },
	{ "shutdown", OP_SHUTDOWN, act_shutdown, ON_FILE, "" },
	{ "send", OP_SEND, act_send, ON_FILE, "[ADDRESS [OPTION...]]" },
	{ "sendmsg", OP_SENDMSG, act_sendmsg, ON_FILE, "[ADDRESS [OPTION...]]" },
	{ "send_zc", OP_SEND_ZC, act_send, ON_FILE, "[ADDRESS [OPTION...]]" },
	{ "sendmsg_zc", OP_SENDMSG_ZC, act_sendmsg, ON_FILE, "[ADDRESS [OPTION...]]" },
	{ "recv", OP_RECV, act_recv, ON_FILE, "" },
	{ "recvmsg", OP_RECVMSG, act_recvmsg, ON_FILE, "" },
	{ "recv_zc", OP_RECV_ZC, act_recv_zc, ON_FILE | ZERO_COPY_RING, "" },
	{ "uring_cmd", OP_URING_CMD, act_uring_cmd, ON_FILE,
	  "[inq|outq|getsockopt|setsockopt|getsockname]" },
	{ "uring_cmd128", OP_URING_CMD128, act_uring_cmd, ON_FILE | BIG_SQE,
	  "[inq|outq|getsockopt|setsockopt|getsockname]" },
	{ "sendto", OP_SEND, send_to, ON_FILE | VARIANT, "[ADDRESS [OPTION...]]" },
	{ "sendmsgto", OP_SENDMSG, sendmsg_to, ON_FILE | VARIANT, "[ADDRESS [OPTION...]]" },
	{ "fastopen", OP_SEND, send_to, ON_FILE | VARIANT, "[ADDRESS [OPTION...]]" },
	{ "fastopenmsg", OP_SENDMSG, sendmsg_to, ON_FILE | VARIANT, "[ADDRESS [OPTION...]]" },
	{ "send_fd", OP_SENDMSG, act_send_fd, ON_FILE | VARIANT, "[N]" },
	{ 0 },
};
