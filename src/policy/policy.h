/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "util/alloc.h"

/*
 * What the user said: the merged directives of profiles and command line, each with its origin.
 * Nothing is resolved here; that is planning's work. All memory is the policy's arena's.
 */

/*
 * Where a directive stands. On the command line, @file is "command line" and @line 0; of what
 * nobody said (a default), @file is NULL.
 */
struct origin {
	const char *file;
	unsigned int line;
};

enum root_mode {
	ROOT_MINIMAL, /* read-only system folders, private /dev /proc /tmp /run and HOME */
	ROOT_HOST,    /* the host's tree, its system folders read-only */
	ROOT_EMPTY,   /* nothing but what the profile names; not even /proc */
};

enum path_action {
	PATH_WHITELIST,
	PATH_WHITELIST_RO,
	PATH_BLACKLIST,
	PATH_READ_ONLY,
	PATH_READ_WRITE,
	PATH_TMPFS,
	PATH_BIND,
	PATH_NOEXEC,
	PATH_OVERLAY,
	PATH_NOBLACKLIST, /* @pattern: blacklists of these names are left out */
};

/* One path of a file directive; macros are expanded, symlinks are not resolved. */
struct path_rule {
	enum path_action action;
	const char *path;   /* absolute */
	const char *target; /* PATH_BIND: where it appears; PATH_OVERLAY: where changes are kept,
			     * NULL: nowhere; else NULL */
	bool pattern;	    /* @path is one of glob(7); what is to be taken literally is escaped */
	bool more;	    /* the next rule is the same word's: one of them must be there */
	bool optional;	    /* written with a leading '-': may be missing */
	struct origin origin;
};

struct path_rules {
	struct path_rule *items;
	size_t count;
	size_t room;
};

/* A folder or file to be made before the launch, where there is none. */
struct make_rule {
	bool folder;
	const char *path; /* absolute, macros expanded */
	struct origin origin;
};

enum net_mode {
	NET_NONE, /* an own network namespace with loopback */
	NET_HOST,
	NET_USER, /* an own one that pasta connects to the host's */
};

/* The second wall under the mounts. */
enum landlock_mode {
	LANDLOCK_AUTO, /* as far as the kernel has it */
	LANDLOCK_REQUIRE,
	LANDLOCK_OFF,
};

/* One name or @group of a seccomp directive; @except when written with a leading '!'. */
struct syscall_item {
	const char *name;
	bool except;
	struct origin origin;
};

enum seccomp_mode {
	SECCOMP_DEFAULT,  /* the default allow-list; items deny more, '!' items allow more */
	SECCOMP_DROP,	  /* all known calls but the items and @always-denied */
	SECCOMP_KEEP,	  /* the items and @default-keep only */
	SECCOMP_BPF_FILE, /* a compiled filter from elsewhere */
	SECCOMP_OCI_FILE, /* the JSON of container engines */
};

/* The directive of each mode. */
extern const char *const seccomp_directives[];

struct seccomp_policy {
	enum seccomp_mode mode;
	struct origin mode_origin; /* of the directive that set the mode */
	ARRAY(struct syscall_item) items;
	const char *file; /* SECCOMP_*_FILE: absolute; NULL: read from @fd */
	int fd;
};

/* Somebody else's policy, which stands alone: no items, no groups. */
static inline bool seccomp_is_foreign(const struct seccomp_policy *seccomp)
{
	return seccomp->mode == SECCOMP_BPF_FILE || seccomp->mode == SECCOMP_OCI_FILE;
}

#define PROTOCOL_FAMILIES 64 /* bits of a family set; AF_MAX is 46 in Linux 7.3 */

/* The address families of `protocol`, for socket(2) and IORING_OP_SOCKET alike. */
struct protocol_policy {
	bool set;
	uint64_t families; /* bit AF_x */
	struct origin origin;
};

enum uring_mode {
	URING_FILTER,
	URING_NONE,
	URING_UNFILTERED,
};

#define URING_OPCODES 256 /* an SQE's opcode is a u8 */

enum uring_choice {
	URING_UNSAID,
	URING_ALLOWED, /* by a group */
	URING_NAMED,   /* allowed by its own name: the only way to permit an opaque opcode */
	URING_DENIED,
};

struct uring_choice_at {
	enum uring_choice choice;
	struct origin origin;
};

/* A socket that IORING_OP_SOCKET may make; -1 stands for any. @type is without SOCK_* flags. */
struct uring_socket_rule {
	int family;
	int type;
	int protocol;
	struct origin origin;
};

/* An ARRAY() that has a name, to be passed on; so are those of the other rules. */
struct uring_socket_rules {
	struct uring_socket_rule *items;
	size_t count;
	size_t room;
};

enum uring_open_right {
	OPEN_READ = 1 << 0,
	OPEN_WRITE = 1 << 1,
	OPEN_CREATE = 1 << 2,
	OPEN_TRUNCATE = 1 << 3,
	OPEN_TMPFILE = 1 << 4,
};

struct uring_open_rule {
	bool set;
	unsigned int rights; /* enum uring_open_right */
	uint64_t resolve;    /* RESOLVE_* bits that an OPENAT2 must carry; OPENAT then is denied */
	struct origin origin;
};

struct uring_open_rules {
	struct uring_open_rule *items;
	size_t count;
	size_t room;
};

/* An address that IORING_OP_CONNECT may go to. */
struct uring_connect_rule {
	int family;	     /* AF_INET or AF_INET6 */
	uint8_t address[16]; /* network order; 4 or 16 bytes */
	unsigned int prefix; /* bits that must match */
	uint16_t port_low;   /* host order, both ends belong to the range; 0..65535 is any */
	uint16_t port_high;
	struct origin origin;
};

struct uring_connect_rules {
	struct uring_connect_rule *items;
	size_t count;
	size_t room;
};

/* An item of net.connect or net.listen. */
struct net_rule {
	struct uring_connect_rule address; /* net.listen: AF_UNSPEC is any address */
	const char *host; /* net.connect: a name that is resolved at start, in place of an address;
			   * NULL: none */
};

struct net_rules {
	struct net_rule *items;
	size_t count;
	size_t room;
};

/* A port outside that leads into the jail. */
struct publish_rule {
	const char *address; /* outside; NULL: any */
	uint16_t port;
	uint16_t jail_port;
	bool udp; /* else TCP */
	struct origin origin;
};

/*
 * uring.grant: what the ring may do though the system call may not. The only operations are those
 * whose arguments the kernel shows to filters. What nobody granted has no rules.
 */
struct uring_grants {
	struct uring_socket_rules sockets;
	struct uring_open_rules openat;
	struct uring_open_rules openat2;
	struct uring_connect_rules connects; /* any: the launcher holds addresses, see
					      * policy/address_wall.h */
};

struct uring_policy {
	enum uring_mode mode;
	struct origin mode_origin;
	bool require;	/* an error, not ENOSYS, where filters cannot be trusted */
	bool has_allow; /* some uring.allow was said: all other opcodes are denied */
	struct origin allow_origin;
	struct uring_choice_at choices[URING_OPCODES];
	/* What narrows the ring. */
	struct uring_socket_rules sockets; /* empty: not said */
	struct uring_open_rule open;
	struct uring_connect_rules connects; /* empty: not said */
	struct uring_grants grants;
	bool has_registers;
	uint64_t registers; /* bit per IORING_REGISTER_* */
	struct origin registers_origin;
	bool has_sqe_flags;
	uint8_t sqe_flags; /* IOSQE_* that a program may use */
	struct origin sqe_flags_origin;
};

struct env_rule {
	const char *name;
	const char *value; /* NULL: taken out */
};

struct rlimit_rule {
	bool set;
	struct rlimit limit;
	struct origin origin;
};

/* Limits that a control group holds; see policy/group_limit.h. */
enum group_limit_kind {
	GROUP_MEMORY_MAX,
	GROUP_SWAP_MAX,
	GROUP_TASKS_MAX,
	GROUP_CPU_QUOTA,
	GROUP_LIMITS,
};

struct group_limit_rule {
	const char *value; /* as the kernel takes it; NULL: not said */
	struct origin origin;
};

struct policy {
	struct arena arena;
	const char *name; /* of the profile, for messages */
	enum root_mode root;
	bool private_tmp;
	bool private_dev;
	bool private_home;	 /* empty, or @home_folder in its place */
	const char *home_folder; /* absolute; NULL: none */
	struct origin home_origin;
	bool private_etc;
	ARRAY(const char *) etc; /* what it has, below /etc */
	bool private_cwd;	 /* the folder that the launcher stands in is not shown */
	const char *cwd;	 /* where the program starts then; NULL: in HOME, or in / */
	struct origin cwd_origin;
	bool disable_mnt;
	struct origin mnt_origin;
	struct path_rules paths;
	ARRAY(struct make_rule) makes; /* in order */
	enum net_mode net;
	struct origin net_origin;
	bool userns_try; /* without namespaces, if there can be none */
	enum landlock_mode landlock;
	struct origin landlock_origin;
	struct net_rules net_connects; /* empty: not said */
	struct net_rules net_listens;  /* empty: not said */
	ARRAY(struct publish_rule) publishes;
	struct protocol_policy protocol;
	struct seccomp_policy seccomp;
	bool memory_deny_write_execute;
	struct origin memory_origin;
	uint32_t restrict_namespaces; /* CLONE_NEW* that nothing makes or enters */
	struct origin namespaces_origin;
	uint64_t caps_keep; /* bit CAP_x */
	uint64_t caps_drop;
	struct uring_policy uring;
	ARRAY(struct env_rule) env; /* in order: the last one of a name counts */
	const char *hostname;
	struct rlimit_rule rlimits[RLIM_NLIMITS];
	struct group_limit_rule group_limits[GROUP_LIMITS];
	uint32_t timeout; /* seconds until the jail is ended; 0: never */
	bool nice_set;
	int nice; /* -20..19 */
	struct origin nice_origin;
	bool cpus_set;
	cpu_set_t cpus;
	struct origin cpus_origin;
	ARRAY(const char *) files;   /* that were read, absolute, by the names that led to them */
	ARRAY(const char *) missing; /* that would have been read, had they been there */
};

void policy_free(struct policy *policy);

/* Whether the rule @index of @policy->env counts: it is the last one of its name. */
bool policy_env_counts(const struct policy *policy, size_t index);

/* "FILE:LINE", "command line" or "default", allocated in @arena where it must be. */
const char *origin_text(struct arena *arena, const struct origin *origin);

#endif
