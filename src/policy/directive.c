// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/directive.h"

#include <errno.h>
#include <string.h>

#include "policy/directive_parse.h"
#include "util/nearest.h"

const char command_line[] = "command line";

/* Sorted by what they are about, as the manual page has them. */
const struct directive directives[] = {
	{ "include", ARGUMENT_REQUIRED, "FILE",
	  "reads another profile here; FILE.local may be missing", parse_include, 0 },

	{ "root", ARGUMENT_REQUIRED, "minimal|host|empty", "what the file system starts from",
	  parse_root, 0 },
	{ "whitelist", ARGUMENT_REQUIRED, "PATH", "PATH is there, as writable as it is outside",
	  parse_path, PATH_WHITELIST },
	{ "whitelist-ro", ARGUMENT_REQUIRED, "PATH", "PATH is there, read-only", parse_path,
	  PATH_WHITELIST_RO },
	{ "blacklist", ARGUMENT_REQUIRED, "PATH", "PATH is hidden", parse_path, PATH_BLACKLIST },
	{ "noblacklist", ARGUMENT_REQUIRED, "PATH",
	  "PATH, by that name, is not hidden by any blacklist", parse_path, PATH_NOBLACKLIST },
	{ "read-only", ARGUMENT_REQUIRED, "PATH", "PATH, where it is there, is read-only",
	  parse_path, PATH_READ_ONLY },
	{ "read-write", ARGUMENT_REQUIRED, "PATH", "PATH below a read-only folder is writable",
	  parse_path, PATH_READ_WRITE },
	{ "noexec", ARGUMENT_REQUIRED, "PATH",
	  "nothing in PATH, where it is there, can be executed", parse_path, PATH_NOEXEC },
	{ "tmpfs", ARGUMENT_REQUIRED, "PATH", "PATH is an empty folder in memory", parse_path,
	  PATH_TMPFS },
	{ "bind", ARGUMENT_REQUIRED, "SRC,DST", "SRC is there under the name DST", parse_bind, 0 },
	{ "overlay", ARGUMENT_REQUIRED, "PATH[,FOLDER]",
	  "the folder PATH is writable, and its changes are dropped, or kept in FOLDER",
	  parse_overlay, 0 },
	{ "mkdir", ARGUMENT_REQUIRED, "PATH",
	  "makes the folder PATH below HOME, /run/user/UID or the working folder", parse_make,
	  true },
	{ "mkfile", ARGUMENT_REQUIRED, "PATH", "makes an empty file there", parse_make, false },
	{ "private", ARGUMENT_OPTIONAL, "FOLDER", "an empty HOME, or FOLDER as HOME",
	  parse_private_home, 0 },
	{ "private-cwd", ARGUMENT_OPTIONAL, "FOLDER",
	  "starts in FOLDER, or in HOME, and does not show the folder that it is started from",
	  parse_private_cwd, 0 },
	{ "private-etc", ARGUMENT_REQUIRED, "NAME...",
	  "of /etc only these, read-only, and what every program needs", parse_private_etc, 0 },
	{ "disable-mnt", ARGUMENT_NONE, NULL, "hides /mnt, /media, /run/mount and /run/media",
	  parse_disable_mnt, 0 },
	{ "private-tmp", ARGUMENT_NONE, NULL, "an empty /tmp", parse_private, 't' },
	{ "private-dev", ARGUMENT_NONE, NULL, "a /dev with harmless devices only", parse_private,
	  'd' },

	{ "userns", ARGUMENT_REQUIRED, "require|try",
	  "an error where no namespaces can be made, or what can be held without them",
	  parse_userns, 0 },
	{ "landlock", ARGUMENT_REQUIRED, "auto|require|off",
	  "a second wall under the mounts: where the kernel has it, an error without it, none",
	  parse_landlock, 0 },

	{ "net", ARGUMENT_REQUIRED, "none|host|user",
	  "an own network with loopback only, the host's, or an own one that pasta connects",
	  parse_net, 0 },
	{ "net.connect", ARGUMENT_REQUIRED, "ADDRESS[/PREFIX]|HOST[:PORT[-PORT]]...",
	  "where TCP and UDP may go, by system call and by ring, loopback included",
	  parse_net_connect, 0 },
	{ "net.listen", ARGUMENT_REQUIRED, "[ADDRESS[/PREFIX]:]PORT[-PORT]...",
	  "where TCP and UDP may arrive, by system call and by ring, loopback included",
	  parse_net_listen, 0 },
	{ "net.publish", ARGUMENT_REQUIRED, "[ADDRESS:]PORT[:JAILPORT][/udp]...",
	  "with net user: ports of the host that lead into the jail", parse_net_publish, 0 },
#define BUS(name, number)                                                                          \
	{ name,                                                                                    \
	  ARGUMENT_REQUIRED,                                                                       \
	  "none|filter|allow",                                                                     \
	  "hides that bus, shows what is named below through xdg-dbus-proxy, or shows all of it",  \
	  parse_bus,                                                                               \
	  number },                                                                                \
		{ name ".see",	  ARGUMENT_REQUIRED,                                               \
		  "BUSNAME...",	  "names whose coming and going the program sees",                 \
		  parse_bus_rule, number },                                                        \
		{ name ".talk",	  ARGUMENT_REQUIRED,                                               \
		  "BUSNAME...",	  "names that it may call and hear",                               \
		  parse_bus_rule, number },                                                        \
	{                                                                                          \
		name ".own", ARGUMENT_REQUIRED, "BUSNAME...", "names that it may take",            \
			parse_bus_rule, number                                                     \
	}
	BUS("dbus-user", BUS_USER),
	BUS("dbus-system", BUS_SYSTEM),
#undef BUS

	{ "protocol", ARGUMENT_REQUIRED, "FAMILY...",
	  "address families that sockets may have, by system call and by ring", parse_protocol, 0 },

	{ "seccomp", ARGUMENT_OPTIONAL, "[!]CALL|@GROUP...",
	  "the default allow-list, less what is named, more what is named with '!'", parse_seccomp,
	  SECCOMP_DEFAULT },
	{ "seccomp.drop", ARGUMENT_REQUIRED, "CALL|@GROUP...",
	  "allows all known system calls but these", parse_seccomp, SECCOMP_DROP },
	{ "seccomp.keep", ARGUMENT_REQUIRED, "CALL|@GROUP...",
	  "allows these system calls and those of @default-keep", parse_seccomp, SECCOMP_KEEP },
	{ "seccomp.bpf", ARGUMENT_REQUIRED, "FILE|FD",
	  "a compiled filter, as seccomp_export_bpf(3) writes it, in place of the lists",
	  parse_seccomp_file, SECCOMP_BPF_FILE },
	{ "seccomp.oci", ARGUMENT_REQUIRED, "FILE",
	  "a policy of Docker, Podman or containerd, in JSON, in place of the lists",
	  parse_seccomp_file, SECCOMP_OCI_FILE },

	{ "memory-deny-write-execute", ARGUMENT_NONE, NULL,
	  "no memory that can be written and executed, and none made executable later",
	  parse_memory, 0 },
	{ "restrict-namespaces", ARGUMENT_OPTIONAL, "TYPE...",
	  "no new namespaces (of these types), even with seccomp !@nesting", parse_namespaces, 0 },

	{ "caps.drop", ARGUMENT_REQUIRED, "all|CAP...",
	  "takes capabilities out of what caps.keep names", parse_caps, 'd' },
	{ "caps.keep", ARGUMENT_REQUIRED, "CAP...",
	  "capabilities to keep, within the jail's namespaces (default: none)", parse_caps, 'k' },

	{ "uring", ARGUMENT_REQUIRED, "filter|none|unfiltered",
	  "io_uring under filters, blocked, or as it is", parse_uring, 0 },
	{ "uring.allow", ARGUMENT_REQUIRED, "OP|@GROUP...",
	  "allows these operations only; an opaque one must be named itself", parse_uring_ops,
	  'a' },
	{ "uring.deny", ARGUMENT_REQUIRED, "OP|@GROUP...", "denies these operations",
	  parse_uring_ops, 'd' },
	{ "uring.grant", ARGUMENT_REQUIRED, "OP RULE...",
	  "what the ring may do beyond the call: connect, openat, openat2 or socket, by rules",
	  parse_uring_grant, 0 },
	{ "uring.socket", ARGUMENT_REQUIRED, "FAMILY[/TYPE[/PROTOCOL]]...",
	  "sockets that SOCKET may make", parse_uring_socket, 0 },
	{ "uring.open", ARGUMENT_REQUIRED, "RIGHT...[,resolve=FLAG...]",
	  "what OPENAT and OPENAT2 may open for: read write create truncate tmpfile",
	  parse_uring_open, 0 },
	{ "uring.connect", ARGUMENT_REQUIRED, "ADDRESS[/PREFIX][:PORT[-PORT]]...",
	  "where CONNECT may go (Linux 7.2)", parse_uring_connect, 0 },
	{ "uring.register", ARGUMENT_REQUIRED, "OP...", "what io_uring_register(2) may do",
	  parse_uring_register, 0 },
	{ "uring.sqe-flags", ARGUMENT_REQUIRED, "FLAG...|none", "IOSQE flags that may be used",
	  parse_uring_sqe_flags, 0 },
	{ "uring.require", ARGUMENT_NONE, NULL,
	  "an error, instead of no io_uring, where filters cannot be trusted", parse_uring_require,
	  0 },

	{ "env", ARGUMENT_REQUIRED, "NAME=VALUE", "sets a variable", parse_env, 0 },
	{ "rmenv", ARGUMENT_REQUIRED, "NAME", "takes a variable out", parse_rmenv, 0 },
	{ "hostname", ARGUMENT_REQUIRED, "NAME", "the host's name as the program sees it",
	  parse_hostname, 0 },

	{ "timeout", ARGUMENT_REQUIRED, "SECONDS|HH:MM:SS",
	  "ends the program when the time is over, with status 124", parse_timeout, 0 },
	{ "nice", ARGUMENT_REQUIRED, "N", "the program's niceness, -20 to 19", parse_nice, 0 },
	{ "cpu", ARGUMENT_REQUIRED, "N[-N]...",
	  "processors that the program starts on; it may change that", parse_cpu, 0 },

	{ "memory-max", ARGUMENT_REQUIRED, "SIZE", "memory of all processes of the jail together",
	  parse_group_size, GROUP_MEMORY_MAX },
	{ "memory-swap-max", ARGUMENT_REQUIRED, "SIZE", "the same of swap", parse_group_size,
	  GROUP_SWAP_MAX },
	{ "tasks-max", ARGUMENT_REQUIRED, "N", "processes and threads of the jail together",
	  parse_tasks, 0 },
	{ "cpu-quota", ARGUMENT_REQUIRED, "PERCENT%",
	  "processor time of the jail: 100% is one processor's", parse_quota, 0 },

#define RLIMIT(name, resource, summary)                                                            \
	{                                                                                          \
		"rlimit-" name, ARGUMENT_REQUIRED, "SOFT[:HARD]", summary, parse_rlimit, resource  \
	}
	RLIMIT("as", RLIMIT_AS, "address space, bytes"),
	RLIMIT("core", RLIMIT_CORE, "core file, bytes"),
	RLIMIT("cpu", RLIMIT_CPU, "processor time, seconds"),
	RLIMIT("data", RLIMIT_DATA, "data segment, bytes"),
	RLIMIT("fsize", RLIMIT_FSIZE, "size of a file written, bytes"),
	RLIMIT("locks", RLIMIT_LOCKS, "file locks"),
	RLIMIT("memlock", RLIMIT_MEMLOCK, "locked memory, bytes"),
	RLIMIT("msgqueue", RLIMIT_MSGQUEUE, "POSIX message queues, bytes"),
	RLIMIT("nice", RLIMIT_NICE, "highest priority, 20 - nice"),
	RLIMIT("nofile", RLIMIT_NOFILE, "open descriptors"),
	RLIMIT("nproc", RLIMIT_NPROC, "processes of the user"),
	RLIMIT("rss", RLIMIT_RSS, "resident memory, bytes (not enforced by Linux)"),
	RLIMIT("rtprio", RLIMIT_RTPRIO, "real-time priority"),
	RLIMIT("rttime", RLIMIT_RTTIME, "real-time processor time, microseconds"),
	RLIMIT("sigpending", RLIMIT_SIGPENDING, "queued signals"),
	RLIMIT("stack", RLIMIT_STACK, "stack, bytes"),
#undef RLIMIT

	{ NULL, ARGUMENT_NONE, NULL, NULL, NULL, 0 },
};

const struct directive *directive_find(const char *name)
{
	for (const struct directive *directive = directives; directive->name; directive++)
		if (!strcmp(directive->name, name))
			return directive;
	return NULL;
}

static int unknown_directive(const char *name, struct error *err)
{
	struct nearest nearest = { .word = name };

	for (const struct directive *known = directives; known->name; known++)
		nearest_offer(&nearest, known->name);
	error_set(err, EINVAL, "unknown directive \"%.64s\"", name);
	if (nearest.name)
		error_hint(err, "did you mean \"%s\"?", nearest.name);
	else
		error_hint(err, "uring-jail --list-directives shows all of them");
	return -EINVAL;
}

static int apply(struct directive_call *call, const char *name, const char *value,
		 struct error *err)
{
	const struct directive *directive = directive_find(name);

	if (!directive)
		return unknown_directive(name, err);
	if (directive->argument == ARGUMENT_NONE && *value)
		return error_set(err, EINVAL, "%s takes no value, got \"%.64s\"", name, value);
	/* An empty list is no rule at all, where its author meant a strict one. */
	if (directive->argument == ARGUMENT_REQUIRED && !value[strspn(value, ", \t")]) {
		error_set(err, EINVAL, "%s needs a value", name);
		error_hint(err, "%s %s: %s", name, directive->argument_name, directive->summary);
		return -EINVAL;
	}
	call->directive = directive;
	return directive->parse(call, value, err);
}

int directive_apply(struct directive_call *call, const char *name, const char *value,
		    struct error *err)
{
	int status = apply(call, name, value, err);

	if (status < 0) {
		struct arena arena = { 0 };

		error_wrap(err, "%s", origin_text(&arena, &call->origin));
		arena_free(&arena);
	}
	return status;
}
