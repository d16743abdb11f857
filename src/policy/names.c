// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/names.h"

#include <linux/openat2.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "policy/policy.h"

/* Linux 7.3 has AF_QIPCRTR..AF_XDP and AF_MCTP, older libc headers may not; numbers are ABI. */
const struct name family_names[] = {
	{ "unix", AF_UNIX },
	{ "inet", AF_INET },
	{ "inet6", AF_INET6 },
	{ "netlink", AF_NETLINK },
	{ "packet", AF_PACKET },
	{ "bluetooth", AF_BLUETOOTH },
	{ "vsock", AF_VSOCK },
	{ "alg", AF_ALG },
	{ "can", AF_CAN },
	{ "tipc", AF_TIPC },
	{ "rds", AF_RDS },
	{ "x25", AF_X25 },
	{ "ax25", AF_AX25 },
	{ "key", AF_KEY },
	{ "rxrpc", AF_RXRPC },
	{ "llc", AF_LLC },
	{ "ib", 27 },
	{ "mpls", 28 },
	{ "phonet", AF_PHONET },
	{ "caif", AF_CAIF },
	{ "nfc", AF_NFC },
	{ "kcm", 41 },
	{ "qipcrtr", 42 },
	{ "smc", 43 },
	{ "xdp", 44 },
	{ "mctp", 45 },
	{ "isdn", AF_ISDN },
	{ "ieee802154", AF_IEEE802154 },
	{ "local", AF_UNIX },
	{ NULL, 0 },
};

const struct name socket_type_names[] = {
	{ "stream", SOCK_STREAM },	 { "dgram", SOCK_DGRAM }, { "raw", SOCK_RAW },
	{ "seqpacket", SOCK_SEQPACKET }, { "rdm", SOCK_RDM },	  { NULL, 0 },
};

const struct name protocol_names[] = {
	{ "ip", IPPROTO_IP },		{ "icmp", IPPROTO_ICMP },
	{ "tcp", IPPROTO_TCP },		{ "udp", IPPROTO_UDP },
	{ "icmpv6", IPPROTO_ICMPV6 },	{ "sctp", IPPROTO_SCTP },
	{ "udplite", IPPROTO_UDPLITE }, { "mptcp", 262 },
	{ "raw", IPPROTO_RAW },		{ NULL, 0 },
};

const struct name open_right_names[] = {
	{ "read", OPEN_READ },	       { "write", OPEN_WRITE },	    { "create", OPEN_CREATE },
	{ "truncate", OPEN_TRUNCATE }, { "tmpfile", OPEN_TMPFILE }, { NULL, 0 },
};

const struct name resolve_names[] = {
	{ "no-xdev", RESOLVE_NO_XDEV },
	{ "no-magiclinks", RESOLVE_NO_MAGICLINKS },
	{ "no-symlinks", RESOLVE_NO_SYMLINKS },
	{ "beneath", RESOLVE_BENEATH },
	{ "in-root", RESOLVE_IN_ROOT },
	{ "cached", RESOLVE_CACHED },
	{ NULL, 0 },
};

/* As firejail calls them. */
const struct name namespace_type_names[] = {
	{ "cgroup", CLONE_NEWCGROUP },
	{ "ipc", CLONE_NEWIPC },
	{ "mnt", CLONE_NEWNS },
	{ "net", CLONE_NEWNET },
	{ "pid", CLONE_NEWPID },
	{ "time", 0x80 /* CLONE_NEWTIME */ },
	{ "user", CLONE_NEWUSER },
	{ "uts", CLONE_NEWUTS },
	{ NULL, 0 },
};

const struct name rlimit_names[] = {
	{ "as", RLIMIT_AS },
	{ "core", RLIMIT_CORE },
	{ "cpu", RLIMIT_CPU },
	{ "data", RLIMIT_DATA },
	{ "fsize", RLIMIT_FSIZE },
	{ "locks", RLIMIT_LOCKS },
	{ "memlock", RLIMIT_MEMLOCK },
	{ "msgqueue", RLIMIT_MSGQUEUE },
	{ "nice", RLIMIT_NICE },
	{ "nofile", RLIMIT_NOFILE },
	{ "nproc", RLIMIT_NPROC },
	{ "rss", RLIMIT_RSS },
	{ "rtprio", RLIMIT_RTPRIO },
	{ "rttime", RLIMIT_RTTIME },
	{ "sigpending", RLIMIT_SIGPENDING },
	{ "stack", RLIMIT_STACK },
	{ NULL, 0 },
};

const struct name *name_find(const struct name *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

const char *name_of(const struct name *table, uint64_t value)
{
	for (; table->name; table++)
		if (table->value == value)
			return table->name;
	return NULL;
}
