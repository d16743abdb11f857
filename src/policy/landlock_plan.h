/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_LANDLOCK_PLAN_H
#define POLICY_LANDLOCK_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/names.h"
#include "policy/policy.h"

/*
 * The second wall: what Landlock holds of a plan, decided without asking the kernel. Landlock
 * grants rights to a path and all that is below it, and can take nothing back further down.
 */

/* LANDLOCK_ACCESS_FS_* of linux/landlock.h, Linux 7.3; older headers lack the last ones. */
#define FS_EXECUTE (UINT64_C(1) << 0)
#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_REMOVE_DIR (UINT64_C(1) << 4)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_CHAR (UINT64_C(1) << 6)
#define FS_MAKE_DIR (UINT64_C(1) << 7)
#define FS_MAKE_REG (UINT64_C(1) << 8)
#define FS_MAKE_SOCK (UINT64_C(1) << 9)
#define FS_MAKE_FIFO (UINT64_C(1) << 10)
#define FS_MAKE_BLOCK (UINT64_C(1) << 11)
#define FS_MAKE_SYM (UINT64_C(1) << 12)
#define FS_REFER (UINT64_C(1) << 13)	    /* ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)	    /* ABI 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)    /* ABI 5 */
#define FS_RESOLVE_UNIX (UINT64_C(1) << 16) /* ABI 9 */
#define FS_ALL ((UINT64_C(1) << 17) - 1)

/* What a rule about a file, not a folder, may have. */
#define FS_OF_FILES                                                                                \
	(FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV | FS_RESOLVE_UNIX)

/* LANDLOCK_ACCESS_NET_* */
#define NET_BIND_TCP (UINT64_C(1) << 0)		/* ABI 4 */
#define NET_CONNECT_TCP (UINT64_C(1) << 1)	/* ABI 4 */
#define NET_BIND_UDP (UINT64_C(1) << 2)		/* ABI 10 */
#define NET_CONNECT_SEND_UDP (UINT64_C(1) << 3) /* ABI 10 */

/* LANDLOCK_SCOPE_* */
#define SCOPE_ABSTRACT_UNIX (UINT64_C(1) << 0) /* ABI 6 */
#define SCOPE_SIGNALS (UINT64_C(1) << 1)       /* ABI 6 */

extern const struct name landlock_fs_names[];
extern const struct name landlock_net_names[];
extern const struct name landlock_scope_names[];

/* The rights of @path, as seen in the jail, and of all below it. */
struct landlock_rule {
	const char *path;
	uint64_t rights; /* FS_*; of a file only those that files have count */
	bool optional;	 /* no error if it is not there */
	struct origin origin;
};

/* What the mounts take away below something that a rule grants, and so hold alone. */
struct landlock_gap {
	const char *path;
	struct origin origin;
};

struct landlock_port {
	uint16_t port;
	uint64_t rights; /* NET_* */
};

struct landlock_plan {
	enum landlock_mode mode;
	const char *no_files; /* why there are no file rules; NULL: there are */
	uint64_t fs; /* rights that are denied where no rule grants them; 0: no file rules */
	ARRAY(struct landlock_rule) rules;
	ARRAY(struct landlock_gap) gaps;
	uint64_t net; /* the same for ports */
	ARRAY(struct landlock_port) ports;
	uint64_t net_alone; /* NET_*: a list so long that nftables alone holds it */
	uint64_t scopes;
	int needs_abi; /* with `landlock require`: the oldest that holds all of this */
};

/*
 * A rule has one port, so a range of them is a system call each at every launch: of more, nftables
 * says the same in one rule. 1024 take 0.7 ms, where the whole launch takes 10.
 */
#define LANDLOCK_PORTS 1024

/*
 * Holds @rights (NET_*) to the ports of @ports, which may be none: an empty list denies all of
 * them. Port 0 to bind is any free one. To be called once for each list that a policy has.
 */
void landlock_plan_ports(struct landlock_plan *plan, struct arena *arena, uint64_t rights,
			 const uint16_t *ports, size_t count);

/* The first ABI that knows all of these rights; 0 where there are none. */
int landlock_abi_of(uint64_t fs, uint64_t net, uint64_t scopes);

/* The rights among these that ABI @abi knows. */
uint64_t landlock_known_fs(uint64_t fs, int abi);
uint64_t landlock_known_net(uint64_t net, int abi);
uint64_t landlock_known_scopes(uint64_t scopes, int abi);

#endif
