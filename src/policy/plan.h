/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_PLAN_H
#define POLICY_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/bpf.h"
#include "policy/landlock_plan.h"
#include "policy/nft_rule.h"
#include "policy/policy.h"
#include "policy/seccomp_policy.h"
#include "util/error.h"

/*
 * Everything decided, nothing applied: what the launch steps carry out one by one, and what can be
 * printed without privilege. A plan points into its policy and must not outlive it.
 */

enum mount_kind {
	MOUNT_BIND,    /* @source (file or folder) appears at @target, submounts included */
	MOUNT_TMPFS,   /* an empty tmpfs, mode @mode */
	MOUNT_PROC,    /* a new /proc of the jail's PID namespace */
	MOUNT_DEVPTS,  /* a new devpts instance */
	MOUNT_MQUEUE,  /* a new /dev/mqueue of the jail's IPC namespace */
	MOUNT_DIR,     /* a folder, mode @mode */
	MOUNT_SYMLINK, /* a symlink at @target to @source */
	MOUNT_BUS,     /* the socket of the proxy for bus @source, a name of bus_kinds[] */
	MOUNT_TEXT,    /* a file that says @source, a text */
	MOUNT_MASK,    /* @target, a file or folder that is there already, is hidden and empty */
	MOUNT_ATTR,    /* flags of what is there already, from @target downwards; without flags, and
			* with the type that @target must have in @mode, it can only not be moved */
};

enum mount_flag {
	MOUNT_READ_ONLY = 1 << 0,
	MOUNT_READ_WRITE = 1 << 1, /* MOUNT_ATTR: takes read-only off again */
	MOUNT_NOEXEC = 1 << 2,
	MOUNT_DEVICES = 1 << 3,	  /* device nodes work; else every mount is nodev */
	MOUNT_OPTIONAL = 1 << 4,  /* a source or target that is not there is no error */
	MOUNT_ONE_LEVEL = 1 << 5, /* MOUNT_ATTR: this mount alone, not those below it */
	MOUNT_OVERLAY = 1 << 6,	  /* MOUNT_BIND: what is written goes to @changes */
};

/* One step of building the jail's file system. Paths are absolute; @source is the host's. */
struct mount_op {
	enum mount_kind kind;
	unsigned int flags; /* enum mount_flag */
	mode_t mode;	    /* MOUNT_BIND: the type of the source, S_IFDIR for instance */
	const char *source;
	const char *target;  /* as seen in the jail */
	const char *changes; /* MOUNT_OVERLAY: the folder of the host that keeps them; NULL: they
			      * end with the jail */
	struct origin origin;
};

/* The steps in their order, on an empty tmpfs that becomes the jail's root, read-only at last. */
struct mount_plan {
	ARRAY(struct mount_op) ops;
};

/* An empty folder (mode 0700) or file (0600) of the user's own, made on the host. */
struct make_op {
	bool folder;
	const char *base; /* canonical: HOME, /run/user/UID or the working folder */
	const char
		*path; /* below it, without symlinks, "." and "..": missing when it was planned */
	struct origin origin;
};

/* In order, each with the folders that lead to it. */
struct make_plan {
	struct make_op *items;
	size_t count;
	size_t room;
};

enum uring_verdict {
	VERDICT_ALLOW,
	VERDICT_DENY,
	VERDICT_FILTER, /* its program decides, per SQE */
};

/* What becomes of one opcode, and why, in words for --explain. */
struct uring_op_plan {
	enum uring_verdict verdict;
	const char *reason;
	/*
	 * A system call that still does what a rule of the profile takes from the ring alone, so
	 * that the rule is no wall; NULL: there is none. Only a plan to be explained says so.
	 */
	const char *unmatched;
	bool granted;		   /* uring.grant: the ring may do what the system call may not */
	struct bpf_program filter; /* VERDICT_FILTER only */
	uint8_t pdu_size; /* bytes of filter data that the program reads behind offset 16 */
};

/* The io_uring gate. Without filters (NONE, UNFILTERED), ops are not looked at. */
struct uring_plan {
	enum uring_mode mode;
	bool require;
	struct uring_op_plan ops[URING_OPCODES];
	uint64_t registers;	 /* allowed register opcodes, a bit each; held by seccomp as well */
	uint8_t sqe_flags;	 /* allowed IOSQE_* */
	bool needs_restrictions; /* sqe_flags were narrowed: nothing but restrictions can hold that
				  */
	const char *sqe_flags_reason;	 /* the directive that narrowed them; NULL: none */
	bool needs_connect_data;	 /* CONNECT's filter reads the address: Linux 7.2 */
	const char *connect_directive;	 /* which asks for that */
	struct bpf_program connect_deny; /* what CONNECT gets where the kernel shows no address */
};

/* An address of a host that net.connect names. */
struct resolved_host {
	const char *host;
	int family;	     /* AF_INET or AF_INET6 */
	uint8_t address[16]; /* network order */
};

struct resolved_hosts {
	struct resolved_host *items;
	size_t count;
	size_t room;
};

/*
 * What pasta answers for the host's resolver with net user, where the jail is to ask for names. A
 * link-local address (RFC 3927), so that it is nobody's on the networks outside.
 */
#define NET_NAMESERVER "169.254.1.1"

/* The jail's network namespace; without one of its own there is nothing in here. */
struct net_plan {
	bool holds_connect; /* net.connect: the output chain */
	bool holds_listen;  /* net.listen: the input chain */
	struct nft_rules rules;
	struct resolved_hosts hosts; /* the names in net.connect, and what they came to */
	/* The ports that any listed address has, for Landlock, which knows no addresses. */
	struct port_set connect_ports;
	struct port_set listen_ports;
	const char **pasta; /* net user: its command line but for the namespaces; else NULL */
};

/* A bus of D-Bus, as directives, programs and systems call it. */
struct bus_kind {
	const char *name;     /* of the directive */
	const char *variable; /* that has its address */
	const char *socket;   /* its usual place; NULL: /run/user/UID/bus */
};

extern const struct bus_kind bus_kinds[BUSES];

/* Below /run/user/UID: where proxies listen, in a folder each, until their jail has the socket. */
#define PROXIES_FOLDER "uring-jail"

struct bus_plan {
	const char *address;	     /* outside; NULL: there is none */
	ARRAY(const char *) sockets; /* of the bus itself, outside */
	bool abstract;		     /* it has an abstract one */
	bool hidden;		     /* all of that, from the jail */
	const char *target;	     /* where its socket is in the jail, if it is */
	const char **proxy;	     /* what the proxy is told to let pass; NULL: there is none */
};

struct plan {
	struct arena arena;
	const struct policy *policy;
	bool explain; /* made to be printed */
	char **argv;  /* of the program; NULL-terminated */
	char **envp;
	uint64_t namespaces; /* CLONE_NEW*; 0: there can be none, see policy/no_userns.h */
	uid_t uid;
	gid_t gid;
	const char *cwd;	 /* where the program starts if that is there in the jail */
	bool cwd_required;	 /* it is an error if it is not */
	const char *home;	 /* else here; NULL if there is none */
	const char *path;	 /* the program's PATH; NULL: none */
	struct make_plan makes;	 /* by the launcher itself, before it starts the jail */
	struct path_rules rules; /* the policy's, with a rule for each path that a pattern stands
				  * for; those that a noblacklist speaks of are left out */
	struct mount_plan mounts;
	struct landlock_plan landlock;
	struct net_plan net;
	struct bus_plan buses[BUSES];
	uint64_t caps;		    /* kept, a bit each */
	struct syscall_gate gate;   /* seccomp_resolve(): system calls by number */
	struct bpf_program foreign; /* what seccomp.bpf or seccomp.oci says, in place of @gate's
				     * sets; no instructions: neither was said */
	struct bpf_program seccomp; /* the system-call gate, with io_uring as uring.mode says */
	struct bpf_program seccomp_no_uring; /* the same with io_uring blocked by ENOSYS */
	struct uring_plan uring;
	ARRAY(int) keep_fds; /* beyond 0, 1 and 2, sorted, each once */
};

/* What planning may know of the world; taken once by main, so that planning itself is pure. */
struct plan_input {
	char **argv;
	char **envp;		/* of the launcher */
	const char *cwd;	/* canonical */
	const char *home;	/* canonical, NULL if there is none */
	const char *login_home; /* the user database's, whatever HOME says; like @home */
	const char *launcher;	/* its own binary, canonical; NULL if it cannot be told */
	uid_t uid;
	gid_t gid;
	const int *keep_fds;
	size_t keep_fd_count;
	bool no_userns;		     /* namespaces cannot be made, and the policy does without */
	bool explain;		     /* the plan is to be printed: say more than a launch needs */
	struct resolved_hosts hosts; /* of all names in net.connect */
	const char *tty;	     /* the terminal's device, NULL if there is none */
};

/*
 * Decides everything. Reads the file system (which paths exist, which are symlinks), changes
 * nothing. Returns 0 or a negative errno. @plan is to be freed with plan_free() either way.
 */
int plan_make(struct plan *plan, const struct policy *policy, const struct plan_input *input,
	      struct error *err);
void plan_free(struct plan *plan);

/*
 * Is @path, without symlinks, at or below a folder of the system's (/usr, /nix/store...)? A jail
 * shows those read-only unless its profile says otherwise.
 */
bool plan_is_system(const char *path);

/*
 * Will something be made at @path (without symlinks), or is it a folder on the way to that? Gives
 * its type then.
 */
bool plan_makes_at(const struct make_plan *makes, const char *path, mode_t *mode);

/* The parts of planning, each in a file of its own. */
int plan_makes(struct plan *plan, const struct plan_input *input, struct error *err);
int plan_mounts(struct plan *plan, const struct plan_input *input, struct error *err);
void plan_bus_variables(struct plan *plan);		 /* after the mounts */
int plan_landlock(struct plan *plan, struct error *err); /* after the mounts */
int plan_network(struct plan *plan, const struct plan_input *input, struct error *err);
int plan_seccomp_without_uring(struct plan *plan, struct error *err);
int plan_seccomp(struct plan *plan, struct error *err);
int plan_uring(struct plan *plan, struct error *err);

/* Settles for a kernel that does not show addresses: CONNECT is denied altogether. */
void plan_uring_without_connect_data(struct plan *plan);

#endif
