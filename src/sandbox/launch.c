// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/names.h"
#include "policy/no_userns.h"
#include "sandbox/caps.h"
#include "sandbox/cgroup.h"
#include "sandbox/fds.h"
#include "sandbox/init.h"
#include "sandbox/landlock.h"
#include "sandbox/makes.h"
#include "sandbox/mounts.h"
#include "sandbox/netfilter.h"
#include "sandbox/overlay.h"
#include "sandbox/pasta.h"
#include "sandbox/seccomp.h"
#include "sandbox/supervise.h"
#include "sandbox/userns.h"
#include "uring/install.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/*
 * What the launcher and the processes of the jail tell each other. It lies in shared memory,
 * because a process under the program's seccomp policy may have no system call left to do it with.
 */
struct shared {
	struct error report;
	volatile pid_t program; /* the program's process, as the jail numbers it; 0: not yet */
	volatile int listener;	/* of a watched program, in its starter's descriptors; 0: not yet */
};

struct launch {
	const struct plan *plan;
	const struct watcher *watcher; /* NULL: nobody watches */
	struct shared *shared;
	int parent;	  /* pidfd of the launcher */
	int stopped;	  /* the jail's end of the pipe: a byte whenever the program stops */
	int messages;	  /* the jail's end of the socket that takes the listener; -1: none */
	int ready;	  /* eventfd: the program's process goes on once PID 1 is shut in */
	sigset_t signals; /* the mask that the program starts with */
	struct pasta pasta;
	struct cgroup cgroup;
	const char *program; /* its path, once found */
};

/* The jail must not outlive its launcher, however that one ends. */
static int die_with_parent(struct launch *launch, struct error *err)
{
	struct pollfd parent = { .fd = launch->parent, .events = POLLIN };

	if (prctl(PR_SET_PDEATHSIG, launch->plan->namespaces ? SIGKILL : INIT_END_SIGNAL, 0, 0, 0) <
	    0)
		return error_errno(err, "cannot tie the jail to its launcher");
	/* It may have ended before that. */
	if (poll(&parent, 1, 0) != 0)
		return error_set(err, ESRCH, "the launcher has ended");
	return 0;
}

static int map_ids(struct launch *launch, struct error *err)
{
	if (!launch->plan->namespaces)
		return 0;
	return userns_map_ids(launch->plan->uid, launch->plan->gid, err);
}

static int build_file_system(struct launch *launch, struct error *err)
{
	if (!launch->plan->namespaces)
		return 0;
	return mounts_apply(&launch->plan->mounts, err);
}

static int enter_cgroup_namespace(struct launch *launch, struct error *err)
{
	if (!launch->plan->namespaces)
		return 0;
	return cgroup_enter_namespace(&launch->cgroup, err);
}

static int set_host_name(struct launch *launch, struct error *err)
{
	const char *name = launch->plan->policy->hostname;

	if (name && sethostname(name, strlen(name)) < 0)
		return error_errno(err, "cannot set the host name to %s", name);
	return 0;
}

static int raise_loopback(struct launch *launch, struct error *err)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	_cleanup_close_ int fd = -1;

	if (!(launch->plan->namespaces & CLONE_NEWNET))
		return 0;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 && errno == EAFNOSUPPORT)
		return 0; /* a kernel without IPv4 has no loopback to raise */
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return error_errno(err, "cannot bring up the jail's loopback interface");
	return 0;
}

static int ask_for_network(struct launch *launch, struct error *err)
{
	return pasta_ask(&launch->pasta, err);
}

static int wait_for_network(struct launch *launch, struct error *err)
{
	return pasta_wait(&launch->pasta, err);
}

/* After the loopback interface, which it may cut off, and before CAP_NET_ADMIN is gone. */
static int filter_network(struct launch *launch, struct error *err)
{
	return netfilter_apply(&launch->plan->net, err);
}

static int set_limits(struct launch *launch, struct error *err)
{
	const struct policy *policy = launch->plan->policy;

	for (int i = 0; i < RLIM_NLIMITS; i++) {
		const struct rlimit_rule *rule = &policy->rlimits[i];

		if (!rule->set || setrlimit((__rlimit_resource_t)i, &rule->limit) == 0)
			continue;
		error_errno(err, "%s:%u: cannot set rlimit-%s", rule->origin.file,
			    rule->origin.line, name_of(rlimit_names, (uint64_t)i));
		if (err->code == EPERM)
			error_hint(err, "it is above this user's hard limit: see ulimit -H");
		return -err->code;
	}
	return 0;
}

/* Whoever may not raise the priority, as in a jail nobody may, can at least keep it. */
static int set_niceness(struct launch *launch, struct error *err)
{
	const struct policy *policy = launch->plan->policy;

	if (!policy->nice_set || setpriority(PRIO_PROCESS, 0, policy->nice) == 0)
		return 0;
	error_errno(err, "cannot set nice %d", policy->nice);
	if (err->code == EACCES || err->code == EPERM)
		error_hint(err, "it is less than the launcher's own, and a jail cannot raise its "
				"priority unless ulimit -e allows that");
	return -err->code;
}

static int set_processors(struct launch *launch, struct error *err)
{
	const struct policy *policy = launch->plan->policy;

	if (!policy->cpus_set || sched_setaffinity(0, sizeof(policy->cpus), &policy->cpus) == 0)
		return 0;
	error_errno(err, "cannot run on these processors alone (cpu)");
	if (err->code == EINVAL)
		error_hint(err, "none of them is there: see nproc and /proc/self/status, "
				"Cpus_allowed_list");
	return -err->code;
}

/* Where the folder is not there in the jail, the next best is where a login would start. */
static int enter_folder(struct launch *launch, struct error *err)
{
	const char *folders[] = { launch->plan->cwd, launch->plan->home, "/" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (folders[i] && chdir(folders[i]) == 0)
			return 0;
		if (i == 0 && launch->plan->cwd_required) {
			error_errno(err, "cannot start in %s", folders[i]);
			error_hint(err, "private-cwd only names it: \"whitelist %s\" shows it",
				   folders[i]);
			return -err->code;
		}
	}
	return error_errno(err, "cannot enter the jail's root folder");
}

static int drop_capabilities(struct launch *launch, struct error *err)
{
	return caps_apply(launch->plan->caps, launch->plan->namespaces != 0, err);
}

static int close_descriptors(struct launch *launch, struct error *err)
{
	size_t count = launch->plan->keep_fds.count;
	_cleanup_free_ int *keep = xrealloc(NULL, count + 2, sizeof(*keep));

	if (count)
		memcpy(keep, launch->plan->keep_fds.items, count * sizeof(*keep));
	keep[count] = launch->stopped;
	keep[count + 1] = launch->messages;
	/* From here on only the kept ones are there, and those that close on exec. */
	return fds_close_others(keep, count + 2, err);
}

/*
 * Out of reach of the program: PID 1 carries no filter that must be kept from it, but it could be
 * made to do what the program may not.
 */
static int shield_init(struct launch *launch, struct error *err)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    (!launch->plan->namespaces && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0))
		return error_errno(err, "cannot shield the jail's first process");
	return 0;
}

static int enter_landlock(struct launch *launch, struct error *err)
{
	const struct landlock_plan around = { .scopes = SCOPE_SIGNALS };
	const struct plan *plan = launch->plan;

	/* See init_run(), which must not be outside of it: the program's is another one, inside. */
	if (!plan->namespaces && landlock_abi() < NO_USERNS_ABI)
		return error_set(err, ENOSYS, "Landlock cannot hold a jail without namespaces");
	if (!plan->namespaces)
		return landlock_apply(&around, NULL, 0, err);
	return landlock_apply(&plan->landlock, plan->keep_fds.items, plan->keep_fds.count, err);
}

static int install_uring_filters(struct launch *launch, struct error *err)
{
	if (launch->plan->uring.mode != URING_FILTER)
		return 0;
	return uring_install(&launch->plan->uring, err);
}

/* 0, or the errno for why @path cannot be the program. */
static int why_not_program(const char *path)
{
	struct stat found;

	if (stat(path, &found) < 0)
		return errno;
	if (S_ISDIR(found.st_mode))
		return EISDIR;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? errno : 0;
}

static int not_found(const char *name, int code, struct error *err)
{
	errno = code;
	error_errno(err, "cannot execute %s", name);
	err->status = code == ENOENT || code == ENOTDIR ? 127 : 126;
	return -code;
}

/* As execvp(3) looks a name up: what is there but cannot be executed is passed over. */
static int search_path(struct launch *launch, const char *name)
{
	static char found[PATH_MAX];
	int why = ENOENT;

	for (const char *path = launch->plan->path; path;) {
		size_t length = strcspn(path, ":");
		int written = snprintf(found, sizeof(found), "%.*s/%s", (int)length,
				       length ? path : ".", name);
		int code = written > 0 && (size_t)written < sizeof(found) ? why_not_program(found)
									  : ENAMETOOLONG;

		if (code == 0) {
			launch->program = found;
			return 0;
		}
		if (code == EACCES)
			why = code;
		path = path[length] ? path + length + 1 : NULL;
	}
	return why;
}

/* In the jail, but before the seccomp filter: a policy need not allow the looking. */
static int find_program(struct launch *launch, struct error *err)
{
	const char *name = launch->plan->argv[0];
	int why;

	launch->program = name;
	why = strchr(name, '/') || !*name ? why_not_program(name) : search_path(launch, name);
	return why ? not_found(name, why, err) : 0;
}

/*
 * The launch, in its order. Each step needs what the ones before it left, and takes away what the
 * ones after it no longer need; none of them may be skipped, moved or fail silently.
 */
static const struct step {
	const char *what;
	int (*run)(struct launch *launch, struct error *err);
} steps[] = {
	{ "tie the jail to its launcher", die_with_parent },
	{ "map user and group", map_ids },
	{ "enter a cgroup namespace", enter_cgroup_namespace },
	{ "ask for a network", ask_for_network },
	{ "build the file system", build_file_system },
	{ "set the host name", set_host_name },
	{ "bring up the network", raise_loopback },
	{ "filter the network", filter_network },
	{ "wait for the network", wait_for_network },
	{ "set the niceness", set_niceness },
	{ "choose processors", set_processors },
	{ "drop capabilities", drop_capabilities },
	{ "enter the working folder", enter_folder },
	{ "find the program", find_program },
	{ "close descriptors", close_descriptors },
	{ "shield the first process", shield_init },
	{ "enter a Landlock domain", enter_landlock },
	{ "install io_uring filters", install_uring_filters },
};

static void fail(struct launch *launch, const struct error *err) __attribute__((noreturn));

static void fail(struct launch *launch, const struct error *err)
{
	launch->shared->report = *err;
	_exit(err->status ? err->status : 125);
}

/* Until PID 1 is behind its own filter: had it failed, the kernel would have killed us too. */
static int wait_for_init(struct launch *launch, struct error *err)
{
	uint64_t count;

	if (read(launch->ready, &count, sizeof(count)) != (ssize_t)sizeof(count))
		return error_errno(err, "cannot wait for the jail's first process");
	return 0;
}

/* The program's own domain, where PID 1 has no namespace to be out of reach in. */
static int enter_inner_landlock(struct launch *launch, struct error *err)
{
	const struct plan *plan = launch->plan;

	if (plan->namespaces)
		return 0;
	return landlock_apply(&plan->landlock, plan->keep_fds.items, plan->keep_fds.count, err);
}

static int restore_signals(struct launch *launch, struct error *err)
{
	if (sigprocmask(SIG_SETMASK, &launch->signals, NULL) < 0)
		return error_errno(err, "cannot restore the signal mask");
	return 0;
}

/*
 * The kernel's own word on memory-deny-write-execute (Linux 6.3): it sees what the filter cannot,
 * as a mapping that was writable once. Children and executed programs keep it, and nothing takes
 * it off. Older kernels have the filter alone.
 */
static int refuse_exec_gain(struct launch *launch, struct error *err)
{
	const int set_mdwe = 65; /* PR_SET_MDWE, linux/prctl.h */
	const unsigned long refuse_exec_gain_bit = 1;

	if (!launch->plan->policy->memory_deny_write_execute ||
	    prctl(set_mdwe, refuse_exec_gain_bit, 0UL, 0UL, 0UL) == 0 || errno == EINVAL)
		return 0;
	return error_errno(err, "cannot refuse memory that becomes executable");
}

static int install_policy(struct launch *launch, struct error *err)
{
	int listener;

	if (!launch->watcher)
		return seccomp_install(&launch->plan->seccomp, err);
	listener = seccomp_install_watched(launch->watcher->program, err);
	launch->shared->listener = listener;
	return listener < 0 ? listener : 0;
}

static int execute(struct launch *launch, struct error *err)
{
	execve(launch->program, launch->plan->argv, launch->plan->envp);
	error_errno(err, "cannot execute %s", launch->program);
	err->status = err->code == ENOENT ? 127 : 126;
	if (err->code == ENOENT)
		error_hint(err, "the file is there; the interpreter that it names is not in the "
				"jail");
	else if (err->code == ENOEXEC)
		error_hint(err, "it is neither a program of this machine nor a script with a #! "
				"line");
	return -err->code;
}

/* What remains in the program's own process. */
static const struct step program_steps[] = {
	{ "wait for the first process", wait_for_init },
	{ "enter a Landlock domain", enter_inner_landlock },
	{ "set resource limits", set_limits },
	{ "restore signals", restore_signals },
	{ "refuse memory that becomes executable", refuse_exec_gain },
	{ "install the system-call policy", install_policy },
	{ "execute the program", execute },
};

static void run_steps(struct launch *launch, const struct step *list, size_t count,
		      struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].run(launch, err) < 0)
			fail(launch, err);
}

static int send_listener(struct launch *launch, struct error *err)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	char byte = 0;
	struct iovec data = { &byte, sizeof(byte) };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int listener = launch->shared->listener;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &listener, sizeof(listener));
	if (sendmsg(launch->messages, &message, MSG_NOSIGNAL) < 0)
		return error_errno(err, "cannot hand over the listener of a watched program");
	return 0;
}

static void run_program(struct launch *launch, struct error *err) __attribute__((noreturn));

static void run_program(struct launch *launch, struct error *err)
{
	run_steps(launch, program_steps, sizeof(program_steps) / sizeof(program_steps[0]), err);
	_exit(125); /* not reached: the last step does not return */
}

/*
 * Until the program's process is behind its policy, or has failed. From then on it may have no
 * call left to tell so with, hence the looking, for as long as one system call takes.
 */
static bool wait_for_listener(const struct launch *launch, pid_t program)
{
	siginfo_t info = { 0 };

	while (!launch->shared->listener) {
		if (waitid(P_PID, (id_t)program, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
		    info.si_pid == program)
			return false;
		sched_yield();
	}
	return launch->shared->listener > 0;
}

/*
 * Who is watched cannot pass the listener on: its policy may have no call for it, and a call that
 * it denies waits for an answer that nobody gives yet. So the program's process is made by another
 * one, with the same descriptors until it executes the program, and that one sends the listener.
 */
static void start_watched(struct launch *launch, struct error *err) __attribute__((noreturn));

static void start_watched(struct launch *launch, struct error *err)
{
	pid_t program = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0UL);

	if (program == 0)
		run_program(launch, err);
	if (program < 0) {
		error_errno(err, "cannot start the program's process");
		fail(launch, err);
	}
	if (!wait_for_listener(launch, program))
		_exit(125); /* it has said why */
	/* It goes to PID 1 when this process ends, and not before. */
	launch->shared->program = program;
	if (send_listener(launch, err) < 0)
		fail(launch, err);
	_exit(0);
}

/* PID 1 lets go of all that is the program's, then watches. */
static void become_init(struct launch *launch, pid_t child, struct error *err) INIT_CODE
	__attribute__((noreturn));

static void become_init(struct launch *launch, pid_t child, struct error *err)
{
	const uint64_t one = 1;

	if (dup3(launch->stopped, STDIN_FILENO, O_CLOEXEC) < 0 ||
	    dup3(launch->ready, STDOUT_FILENO, O_CLOEXEC) < 0 ||
	    syscall(SYS_close_range, STDOUT_FILENO + 1, ~0U, 0) < 0) {
		error_errno(err, "cannot close the program's descriptors in the first process");
		fail(launch, err);
	}
	if (!launch->watcher)
		launch->shared->program = child;
	if (seccomp_install(&init_seccomp, err) < 0)
		fail(launch, err);
	if (write(STDOUT_FILENO, &one, sizeof(one)) != (ssize_t)sizeof(one)) {
		error_errno(err, "cannot wake the program's process");
		fail(launch, err);
	}
	init_run(&launch->shared->program, launch->watcher ? child : 0, STDIN_FILENO,
		 !launch->plan->namespaces);
}

static void run_jail(struct launch *launch) __attribute__((noreturn));

static void run_jail(struct launch *launch)
{
	static struct error err;
	pid_t child;

	run_steps(launch, steps, sizeof(steps) / sizeof(steps[0]), &err);
	launch->ready = eventfd(0, EFD_CLOEXEC);
	child = launch->ready < 0 ? -1 : fork();
	if (child < 0) {
		error_errno(&err, "cannot start the program's process");
		fail(launch, &err);
	}
	if (child == 0 && launch->watcher)
		start_watched(launch, &err);
	if (child == 0)
		run_program(launch, &err);
	become_init(launch, child, &err);
}

/* Only standard error is still needed out here, for what may have to be said. */
static int let_go(const struct supervision *supervision, struct error *err)
{
	const struct watcher *watcher = supervision->watcher;
	size_t count = watcher ? watcher->keep_fd_count : 0;
	_cleanup_free_ int *needed =
		xrealloc(NULL, count + supervision->held_count + 4, sizeof(*needed));

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	if (count)
		memcpy(needed, watcher->keep_fds, count * sizeof(*needed));
	needed[count++] = supervision->signals;
	needed[count++] = supervision->stopped;
	needed[count++] = supervision->listener;
	needed[count++] = supervision->timer;
	for (size_t i = 0; i < supervision->held_count; i++)
		needed[count++] = supervision->held[i];
	return fds_close_others(needed, count, err);
}

static int watch_jail(const struct supervision *supervision, const struct shared *shared,
		      struct error *err)
{
	struct supervision_end end = { 0 };
	int status = let_go(supervision, err);

	if (status == 0)
		status = supervise(supervision, &end, err);
	if (status < 0) {
		kill(supervision->jail, SIGKILL);
		return status;
	}
	if (shared->report.code) {
		*err = shared->report;
		return -err->code;
	}
	return end.timed_out ? SUPERVISE_TIMED_OUT : init_exit_status(end.wait_status);
}

/* The ends of what connects launcher and jail: first the launcher's, then the jail's. */
static int connect_jail(const struct watcher *watcher, int pipe_ends[2], int messages[2],
			struct error *err)
{
	messages[0] = messages[1] = -1;
	if (pipe2(pipe_ends, O_CLOEXEC) < 0)
		return error_errno(err, "cannot create a pipe");
	if (watcher && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, messages) < 0)
		return error_errno(err, "cannot create a socket pair");
	return 0;
}

/* The jail, and what connects its network for as long as it is there. */
static int watch_connected(const struct supervision *supervision, struct launch *launch,
			   struct error *err)
{
	int status = pasta_start(&launch->pasta, &launch->plan->net, supervision->jail, err);

	if (status < 0) {
		kill(supervision->jail, SIGKILL);
		return status;
	}
	status = watch_jail(supervision, launch->shared, err);
	pasta_end(&launch->pasta);
	return status;
}

/* What must be this jail's alone, and no longer than it is there. Allocates @held. */
static int hold(const struct launch *launch, struct supervision *supervision, int **held,
		struct error *err)
{
	int count;

	*held = xrealloc(NULL, launch->plan->mounts.ops.count + CGROUP_FDS, sizeof(**held));
	count = overlay_lock_all(&launch->plan->mounts, *held, err);
	if (count < 0)
		return count;
	supervision->held = *held;
	supervision->held_count = (size_t)count + cgroup_fds(&launch->cgroup, *held + count);
	return 0;
}

static pid_t start_jail(struct launch *launch, struct error *err)
{
	uint64_t namespaces = launch->plan->namespaces;
	pid_t jail;

	if (launch->cgroup.inside >= 0)
		namespaces &= ~(uint64_t)CLONE_NEWCGROUP;
	/* SIGCONT, so that its end wakes a launcher that has stopped with the program. */
	jail = userns_clone(namespaces, SIGCONT, launch->cgroup.inside, err);
	if (jail == 0)
		run_jail(launch);
	return jail;
}

/* With its control group made. */
static int launch_in_group(struct launch *launch, struct error *err)
{
	const struct plan *plan = launch->plan;
	struct supervision supervision = { .watcher = launch->watcher };
	_cleanup_close_ int parent = -1;
	_cleanup_close_ int signals = -1;
	_cleanup_free_ int *held = NULL;
	int pipe_ends[2];
	int messages[2];

	if (hold(launch, &supervision, &held, err) < 0)
		return -err->code;
	launch->shared = mmap(NULL, sizeof(*launch->shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (launch->shared == MAP_FAILED)
		return error_errno(err, "cannot share memory with the jail");
	parent = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (parent < 0)
		return error_errno(err, "cannot open the launcher's own pidfd");
	if (connect_jail(launch->watcher, pipe_ends, messages, err) < 0 ||
	    pasta_prepare(&launch->pasta, &plan->net, err) < 0)
		return -err->code;
	signals = supervise_prepare(&launch->signals, err);
	if (signals < 0)
		return signals;
	if (supervise_start_timer(plan->policy->timeout, &supervision.timer, err) < 0)
		return -err->code;
	launch->parent = parent;
	launch->stopped = pipe_ends[1];
	launch->messages = messages[1];
	supervision.jail = start_jail(launch, err);
	if (supervision.jail < 0)
		return supervision.jail;
	/* What the jail's side of them is for is no longer ours: watch_jail() closes it. */
	steal_fd(&parent);
	supervision.signals = steal_fd(&signals);
	supervision.stopped = pipe_ends[0];
	supervision.listener = messages[0];
	return watch_connected(&supervision, launch, err);
}

int launch(const struct plan *plan, const struct watcher *watcher, struct error *err)
{
	struct launch launch = { .plan = plan, .watcher = watcher };
	int status;

	if (makes_apply(&plan->makes, err) < 0)
		return -err->code;
	status = cgroup_make(&launch.cgroup, plan->policy, err);
	if (status == 0)
		status = launch_in_group(&launch, err);
	cgroup_end(&launch.cgroup);
	return status;
}
