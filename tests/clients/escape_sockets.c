// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sockets outside, at which tests/escape/listen.py waits: abstract ones, that of an X server among
 * them, some in a folder outside, and a port of the loopback interface.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "address.h"
#include "escape.h"

static int make_socket(struct attack *attack, int family, int type, int protocol)
{
	if (attack->ring)
		return ring_run(attack->ring,
				REQUEST(.opcode = OP_SOCKET, .fd = family, .off = (uint64_t)type,
					.len = (uint32_t)protocol));
	return outcome(socket(family, type, protocol));
}

static int connect_to(struct attack *attack, int fd, const struct address *address)
{
	if (attack->ring)
		return ring_run(attack->ring,
				REQUEST(.opcode = OP_CONNECT, .fd = fd, .addr = ADDR(&address->any),
					.off = address->length));
	return outcome(connect(fd, &address->any, address->length));
}

/* The listener greets with the secret. */
static int act_connect(struct attack *attack, const char *text)
{
	struct address address = { 0 };
	int fd, ret;

	if (!address_parse_word(text, &address))
		return -EINVAL;
	fd = make_socket(attack, address.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	ret = connect_to(attack, fd, &address);
	return ret < 0 ? ret : reveal(attack, fd);
}

/* A datagram, which is answered with the secret. */
static int act_send(struct attack *attack, const char *text)
{
	struct address address = { 0 };
	struct pollfd answer;
	char word[] = "escape";
	struct iovec vector = { word, sizeof(word) };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	int ret;

	if (!address_parse_word(text, &address))
		return -EINVAL;
	answer = (struct pollfd){
		.fd = make_socket(attack, address.family, SOCK_DGRAM | SOCK_CLOEXEC, 0),
		.events = POLLIN,
	};
	if (answer.fd < 0)
		return answer.fd;
	/* So that to be refused is told at once. */
	setsockopt(answer.fd, IPPROTO_IP, IP_RECVERR, &(int){ 1 }, sizeof(int));
	setsockopt(answer.fd, IPPROTO_IPV6, IPV6_RECVERR, &(int){ 1 }, sizeof(int));
	/* A name, to be answered at. */
	if (address.family == AF_UNIX &&
	    bind(answer.fd, &(struct sockaddr){ .sa_family = AF_UNIX }, sizeof(sa_family_t)) < 0)
		return -errno;
	message.msg_name = &address.any;
	message.msg_namelen = address.length;
	if (attack->ring)
		ret = ring_run(attack->ring, REQUEST(.opcode = OP_SENDMSG, .fd = answer.fd,
						     .addr = ADDR(&message), .len = 1));
	else
		ret = outcome(sendmsg(answer.fd, &message, 0));
	if (ret < 0)
		return ret;
	return poll(&answer, 1, 5000) == 1 ? reveal(attack, answer.fd) : -ETIMEDOUT;
}

static int act_bind(struct attack *attack, const char *path)
{
	struct address address = { 0 };
	int fd = make_socket(attack, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[4200];

	if (fd < 0)
		return fd;
	snprintf(text, sizeof(text), "unix:%s/socket-%s", path, attack->ring ? "ring" : "call");
	if (!address_parse_word(text, &address))
		return -EINVAL;
	if (attack->ring)
		return ring_run(attack->ring,
				REQUEST(.opcode = OP_BIND, .fd = fd, .addr = ADDR(&address.any),
					.off = address.length));
	return outcome(bind(fd, &address.any, address.length));
}

static int act_raw(struct attack *attack, const char *word)
{
	(void)word;
	return make_socket(attack, AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int act_raw6(struct attack *attack, const char *word)
{
	(void)word;
	return make_socket(attack, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
}

static int act_packet(struct attack *attack, const char *word)
{
	(void)word;
	return make_socket(attack, AF_PACKET, SOCK_RAW, 0);
}

/* Another way of asking for the same. */
static int act_packet_by_inet(struct attack *attack, const char *word)
{
	(void)word;
	return make_socket(attack, AF_INET, SOCK_PACKET, 0);
}

static int act_vsock(struct attack *attack, const char *word)
{
	(void)word;
	return make_socket(attack, AF_VSOCK, SOCK_STREAM, 0);
}

static int act_alg(struct attack *attack, const char *word)
{
	(void)word;
	return make_socket(attack, AF_ALG, SOCK_SEQPACKET, 0);
}

static int act_xdp(struct attack *attack, const char *word)
{
	(void)word;
	return make_socket(attack, AF_XDP, SOCK_RAW, 0);
}

/* What the kernel tells of the host's interfaces: is there one beside loopback? */
static int act_interfaces(struct attack *attack, const char *word)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg body;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = RTM_GETLINK,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
	};
	static char answer[65536];
	int fd = make_socket(attack, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int found = -ENODATA;
	ssize_t got;

	(void)word;
	if (fd < 0)
		return fd;
	if (send(fd, &request, sizeof(request), 0) < 0)
		return -errno;
	for (;;) {
		struct nlmsghdr *header = (struct nlmsghdr *)answer;

		got = recv(fd, answer, sizeof(answer), 0);
		if (got <= 0)
			return -errno;
		for (; NLMSG_OK(header, got); header = NLMSG_NEXT(header, got)) {
			const struct ifinfomsg *link = NLMSG_DATA(header);

			if (header->nlmsg_type == NLMSG_DONE)
				return found;
			if (header->nlmsg_type == RTM_NEWLINK && !(link->ifi_flags & IFF_LOOPBACK))
				found = 0;
		}
	}
}

const struct attempt socket_attempts[] = {
	{ "abstract", act_connect, "unix:@{ABSTRACT}", BOTH },
	{ "abstract-datagram", act_send, "unix:@{ABSTRACT}-datagram", BOTH },
	{ "x11-abstract", act_connect, "unix:@/tmp/.X11-unix/X{DISPLAY}", BOTH },
	{ "path", act_connect, "unix:{OUTSIDE}/socket", BOTH },
	{ "path-self-root", act_connect, "unix:/proc/self/root{OUTSIDE}/socket", BOTH },
	{ "path-planted", act_connect, "unix:" OWN "planted-folder/socket", BOTH },
	{ "path-datagram", act_send, "unix:{OUTSIDE}/datagram", BOTH },
	{ "path-bind", act_bind, "{OUTSIDE}", BOTH },
	{ "loopback", act_connect, "127.0.0.1:{PORT}", BOTH },
	{ "loopback-other", act_connect, "127.1.2.3:{PORT}", BOTH },
	{ "loopback-any", act_connect, "0.0.0.0:{PORT}", BOTH },
	{ "loopback6", act_connect, "[::1]:{PORT}", BOTH },
	{ "loopback-mapped", act_connect, "[::ffff:127.0.0.1]:{PORT}", BOTH },
	{ "loopback-datagram", act_send, "127.0.0.1:{PORT}", BOTH },
	{ "loopback6-datagram", act_send, "[::1]:{PORT}", BOTH },
	{ "interfaces", act_interfaces, NULL, BOTH },
	{ 0 },
};

/* Families that a jail has no use for, or that no network namespace holds. */
const struct attempt family_attempts[] = {
	{ "raw", act_raw, NULL, BOTH },	      { "raw6", act_raw6, NULL, BOTH },
	{ "packet", act_packet, NULL, BOTH }, { "packet-by-inet", act_packet_by_inet, NULL, BOTH },
	{ "vsock", act_vsock, NULL, BOTH },   { "alg", act_alg, NULL, BOTH },
	{ "xdp", act_xdp, NULL, BOTH },	      { 0 },
};
