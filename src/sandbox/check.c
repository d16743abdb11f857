// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/no_userns.h"
#include "policy/plan.h"
#include "sandbox/cgroup.h"
#include "sandbox/helper.h"
#include "sandbox/landlock.h"
#include "sandbox/mounts.h"
#include "sandbox/netfilter.h"
#include "sandbox/overlay.h"
#include "sandbox/userns.h"
#include "uring/probe.h"
#include "util/cleanup.h"
#include "util/file.h"

static void add(struct check *check, const char *id, enum check_state state, const char *what,
		const char *how, const char *hint)
{
	*array_push(&check->arena, &check->lines) = (struct check_line){
		.id = id,
		.state = state,
		.what = what,
		.how = how,
		.hint = hint,
	};
}

/* In the child: as a launch does it, down to a root of its own with a new /proc. */
static int try_root(struct error *err)
{
	struct mount_op ops[] = {
		{ .kind = MOUNT_DIR, .mode = 0755, .target = "/proc" },
		{ .kind = MOUNT_PROC, .target = "/proc" },
	};
	struct mount_plan mounts = { .ops = { .items = ops, .count = 2, .room = 2 } };

	return mounts_apply(&mounts, NULL, err);
}

/* With all that rules of net.connect and net.listen are made of and that is a module of its own. */
static int try_nftables(struct error *err)
{
	struct net_plan net = { .holds_connect = true };
	struct arena arena = { 0 };
	struct nft_draft draft;
	int status;

	nft_begin(&draft, NFT_OUTPUT, &arena);
	nft_states(&draft);
	nft_marked(&draft);
	nft_accept(&draft);
	*array_push(&arena, &net.rules) = draft.rule;
	nft_begin(&draft, NFT_OUTPUT, &arena);
	nft_reset(&draft);
	*array_push(&arena, &net.rules) = draft.rule;
	status = netfilter_apply(&net, err);
	arena_free(&arena);
	return status;
}

/*
 * Runs @try in a child with namespaces of its own and ids mapped. Returns 0, or the error of
 * whatever failed.
 */
static int in_namespaces(int (*try)(struct error *err), struct error *err)
{
	const uint64_t all = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
			     CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWNET;
	struct error *report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uid_t uid = getuid();
	gid_t gid = getgid();
	pid_t child;

	if (report == MAP_FAILED)
		return error_errno(err, "cannot share memory with a child");
	child = userns_clone(all, SIGCHLD, -1, report);
	if (child == 0)
		_exit(userns_map_ids(uid, gid, report) < 0 || try(report) < 0);
	if (child > 0)
		waitpid(child, NULL, 0);
	*err = *report;
	munmap(report, sizeof(*report));
	return -err->code;
}

int check_namespaces(struct error *err)
{
	return in_namespaces(try_root, err);
}

static void report_namespaces(struct check *check)
{
	static const char id[] = "namespaces";
	struct error err = { 0 };
	bool held = landlock_abi() >= NO_USERNS_ABI;

	if (check_namespaces(&err) < 0)
		add(check, id, CHECK_NO, arena_strdup(&check->arena, err.message),
		    "made a jail with all of them",
		    err.hint[0] ? arena_strdup(&check->arena, err.hint) : NULL);
	else
		add(check, id, CHECK_YES, "user, mount, PID, IPC, UTS, cgroup and network",
		    arena_printf(&check->arena, "made a jail with all of them, as user %u",
				 getuid()),
		    NULL);
	add(check, "userns-try", held ? CHECK_YES : CHECK_NO,
	    held ? "without namespaces, Landlock holds files, signals and sockets"
		 : "without namespaces nothing can be run: Landlock does not hold unix sockets",
	    "Landlock ABI 9, Linux 7.1", NULL);
}

static void check_seccomp(struct check *check)
{
	const uint32_t action = SECCOMP_RET_KILL_PROCESS;
	bool available = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;

	add(check, "seccomp", available ? CHECK_YES : CHECK_NO,
	    available ? "system calls can be filtered" : "system calls cannot be filtered",
	    "seccomp(SECCOMP_GET_ACTION_AVAIL)",
	    available ? NULL
		      : "the kernel needs CONFIG_SECCOMP_FILTER; a sandbox around this "
			"process may forbid it");
}

/* What each ABI of Landlock holds, and what is open where it is missing. */
static const struct {
	const char *id;
	int abi;
	const char *held;
	const char *open;
} landlock_parts[] = {
	{ "landlock-files", 3, "files are held by Landlock under the mounts",
	  "mounts alone hold files: an inherited descriptor can be opened anew with other rights" },
	{ "landlock-tcp", 4, "TCP ports of net.connect and net.listen are held beside nftables",
	  "nftables alone holds the TCP ports of net.connect and net.listen" },
	{ "landlock-devices", 5, "ioctls are for the devices of the plan alone",
	  "ioctls of a device are held by the mounts that show it, and by seccomp" },
	{ "signal-scope", LANDLOCK_SCOPE_ABI, "signals and abstract unix sockets stay in the jail",
	  "a program can signal its process group, the launcher included, and with net host reach "
	  "abstract unix sockets" },
	{ "landlock-unix", 9, "unix sockets are for who sees them by a rule's path",
	  "a unix socket is reached below any folder whose descriptor the program is given" },
	{ "landlock-udp", 10, "UDP ports of net.listen are held beside nftables",
	  "nftables alone holds the UDP ports of net.listen" },
};

static void check_landlock(struct check *check)
{
	int abi = landlock_abi();
	const char *how = "landlock_create_ruleset(LANDLOCK_CREATE_RULESET_VERSION)";

	add(check, "landlock", abi ? CHECK_YES : CHECK_NO,
	    abi ? arena_printf(&check->arena, "ABI %d", abi) : "not there", how,
	    abi ? NULL : "the kernel needs CONFIG_SECURITY_LANDLOCK, and \"landlock\" in lsm=");
	for (size_t i = 0; i < sizeof(landlock_parts) / sizeof(landlock_parts[0]); i++) {
		bool held = abi >= landlock_parts[i].abi;

		add(check, landlock_parts[i].id, held ? CHECK_YES : CHECK_NO,
		    held ? landlock_parts[i].held : landlock_parts[i].open,
		    arena_printf(&check->arena, "Landlock ABI %d, Linux %s", landlock_parts[i].abi,
				 landlock_linux(landlock_parts[i].abi)),
		    NULL);
	}
}

static const char *copy(struct check *check, const char *text)
{
	return arena_strdup(&check->arena, text);
}

/* What some directives alone need: a kernel that has it, or a program. */
static void check_trial(struct check *check, const char *id, int (*try)(struct error *err),
			const char *what, const char *how)
{
	struct error err = { 0 };

	if (in_namespaces(try, &err) == 0)
		add(check, id, CHECK_YES, what, how, NULL);
	else
		add(check, id, CHECK_NO, copy(check, err.message), how,
		    err.hint[0] ? copy(check, err.hint) : NULL);
}

static void check_pasta(struct check *check)
{
	static const char id[] = "pasta";
	static const char how[] =
		"looked for it in the system's folders of PATH, and opened /dev/net/tun";
	const char *path = helper_find("pasta", &check->arena);
	_cleanup_close_ int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (!path)
		add(check, id, CHECK_NO, "net user cannot be had: there is no pasta", how,
		    "install the package passt");
	else if (tun < 0)
		add(check, id, CHECK_NO,
		    arena_printf(&check->arena, "net user cannot be had: /dev/net/tun: %s",
				 strerror(errno)),
		    how, "load the module tun; a container must be given the device");
	else
		add(check, id, CHECK_YES,
		    arena_printf(&check->arena, "net user connects jails, by %s", path), how, NULL);
}

static void check_proxy(struct check *check)
{
	static const char id[] = "dbus-proxy";
	static const char how[] = "looked for xdg-dbus-proxy in the system's folders of PATH";
	const char *path = helper_find("xdg-dbus-proxy", &check->arena);

	if (path)
		add(check, id, CHECK_YES,
		    arena_printf(&check->arena, "buses can be filtered, by %s", path), how, NULL);
	else
		add(check, id, CHECK_NO,
		    "dbus-user filter cannot be had: there is no xdg-dbus-proxy", how,
		    "install the package xdg-dbus-proxy");
}

static void check_cgroup(struct check *check)
{
	static const char id[] = "cgroup";
	static const char how[] = "looked at its controllers, processes and permissions";
	char where[PATH_MAX];
	struct error err = { 0 };

	if (cgroup_check(where, sizeof(where), &err) == 0)
		add(check, id, CHECK_YES,
		    arena_printf(&check->arena,
				 "memory-max, tasks-max and cpu-quota can be held below %s", where),
		    how, NULL);
	else
		add(check, id, CHECK_NO, copy(check, err.message), how,
		    err.hint[0] ? copy(check, err.hint) : NULL);
}

static void check_parts(struct check *check)
{
	check_trial(check, "nftables", try_nftables,
		    "net.connect and net.listen hold addresses and ports",
		    "installed such rules in a network namespace of its own");
	check_pasta(check);
	check_proxy(check);
	check_trial(check, "overlay", overlay_try,
		    "overlay shows a folder whose changes are its own",
		    "mounted one in namespaces of its own");
	check_cgroup(check);
}

static void check_filters(struct check *check, const struct uring_kernel *kernel)
{
	static const struct {
		const char *what;
		const char *hint;
	} words[] = {
		[FILTERS_WORK] = { "io_uring operations can be filtered", NULL },
		[FILTERS_MISSING] = { "this kernel has no io_uring filters", "Linux 7.0 has them" },
		[FILTERS_NOT_BUILT] = { "this kernel was built without io_uring filters",
					"it needs CONFIG_IO_URING_BPF" },
		[FILTERS_BLOCKED] = { "something around this process forbids io_uring",
				      "a container's seccomp filter, or the sysctl "
				      "kernel.io_uring_disabled" },
	};

	add(check, "uring-filters", kernel->filters == FILTERS_WORK ? CHECK_YES : CHECK_NO,
	    words[kernel->filters].what, copy(check, kernel->filters_how),
	    words[kernel->filters].hint);
	if (kernel->disabled > 0)
		add(check, "uring-enabled", kernel->disabled == 1 ? CHECK_PARTLY : CHECK_NO,
		    kernel->disabled == 1 ? "only a group and privileged users may make rings"
					  : "nobody may make rings",
		    "sysctl kernel.io_uring_disabled",
		    "set it to 0 if programs are to use io_uring under filters");
}

static void check_exec(struct check *check, const struct uring_kernel *kernel)
{
	static const char *const words[] = {
		[EXEC_HOLDS] = "filters hold across exec",
		[EXEC_LEAKS] = "a program sheds its filters by a ring and an exec (CVE-2026-80713)",
		[EXEC_UNTRIED] = "not known whether filters hold across exec (CVE-2026-80713)",
	};

	add(check, "uring-exec", kernel->exec == EXEC_HOLDS ? CHECK_YES : CHECK_NO,
	    words[kernel->exec], copy(check, kernel->exec_how),
	    kernel->exec == EXEC_LEAKS ? "fixed in Linux 7.1.8 and 7.2" : NULL);
}

static void check_data(struct check *check, const struct uring_kernel *kernel)
{
	bool addresses = kernel->pdu_connect > 0;

	add(check, "uring-data", addresses ? CHECK_YES : CHECK_PARTLY,
	    arena_printf(&check->arena,
			 "filters see SOCKET %d, OPENAT %d, OPENAT2 %d, CONNECT %d "
			 "bytes of arguments%s",
			 kernel->pdu_socket, kernel->pdu_openat, kernel->pdu_openat2,
			 kernel->pdu_connect,
			 addresses ? "" : ": uring.connect denies every CONNECT"),
	    "asked for more filter data than there is: the kernel tells its size",
	    addresses ? NULL : "addresses are shown from Linux 7.2 on");
}

void check_run(struct check *check)
{
	struct uring_kernel kernel;

	uring_probe_fully(&kernel);
	check->kernel = copy(check, kernel.release);
	report_namespaces(check);
	check_seccomp(check);
	check_landlock(check);
	check_parts(check);
	check_filters(check, &kernel);
	if (kernel.filters == FILTERS_WORK) {
		check_exec(check, &kernel);
		check_data(check, &kernel);
	}
	check->uring_trusted = kernel.trusted;
}

void check_free(struct check *check)
{
	arena_free(&check->arena);
}
