// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * System calls that a jail must not let through, and that io_uring has no part in.
 *
 * Most would fail for an ordinary user anyway, which would prove nothing. So, where the kernel
 * checks arguments before privileges, the arguments are wrong on purpose: "ok" then means that the
 * call got into the kernel, where only the arguments stopped it. Where privileges come first, an
 * ordinary user sees EPERM with and without a policy; those are marked (privileged).
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "trial.h"
#include "words.h"

/* The first number behind those of Linux 7.3 (fchroot is 472), on every architecture. */
#define NEXT_SYSCALL 473
#define X32_BIT 0x40000000L
#define USERFAULTFD_USER_MODE_ONLY 1
#define TIOCLINUX_SUBCODE 2

/* A call that stops at its arguments, with the errno that shows it; 0 if it just succeeds. */
struct probe {
	const char *name;
	long number;
	long args[5];
	int expected;
};

#define BAD_FLAGS 0x7f000000L
#define BAD_POINTER 1L
#define TEXT(string) ((long)(uintptr_t)(string))

static const struct probe *find_probe(const char *name)
{
	static struct probe probes[] = {
		{ "acct", SYS_acct, { BAD_POINTER }, EFAULT },
		{ "add_key", SYS_add_key, { 0, 0, 0, 0, -2 }, EFAULT },
		{ "adjtimex", SYS_adjtimex, { 0 }, EFAULT },
		{ "bpf", SYS_bpf, { 0, 0, 72 }, EFAULT },
		{ "clock_adjtime", SYS_clock_adjtime, { 0, 0 }, EFAULT },
		{ "clock_settime", SYS_clock_settime, { 0, BAD_POINTER }, EFAULT },
		{ "delete_module", SYS_delete_module, { 0, O_NONBLOCK }, EFAULT },
		{ "fanotify_init", SYS_fanotify_init, { FAN_REPORT_FID, 0 }, 0 },
		{ "finit_module", SYS_finit_module, { -1, 0, 0 }, EBADF },
		{ "fsconfig", SYS_fsconfig, { -1, 0, 0, 0, 0 }, EINVAL },
		{ "fsopen", SYS_fsopen, { BAD_POINTER, BAD_FLAGS }, EINVAL },
		{ "init_module", SYS_init_module, { 0, 0, 0 }, ENOEXEC },
		{ "io_uring_enter", SYS_io_uring_enter, { 9999, 0, 0, 0, 0 }, EBADF },
		{ "io_uring_register", SYS_io_uring_register, { 9999, 0, 0, 0 }, EBADF },
		{ "io_uring_setup", SYS_io_uring_setup, { 1, 0 }, EFAULT },
		{ "kexec_file_load", SYS_kexec_file_load, { -1, -1, 0, 0, BAD_FLAGS }, EINVAL },
		{ "kexec_load", SYS_kexec_load, { 0, 0, 0, BAD_FLAGS }, EINVAL },
		{ "keyctl", SYS_keyctl, { 0, -2, 1 }, 0 },
		{ "landlock_create_ruleset", SYS_landlock_create_ruleset, { 0, 0, 1 }, 0 },
		{ "mount", SYS_mount, { 0, TEXT("/"), BAD_POINTER, 0, 0 }, EFAULT },
		{ "mount_setattr", SYS_mount_setattr, { -1, 0, BAD_FLAGS, 0, 0 }, EINVAL },
		{ "move_mount", SYS_move_mount, { -1, 0, -1, 0, BAD_FLAGS }, EINVAL },
		{ "move_pages", SYS_move_pages, { 0, 0, 0, 0, BAD_FLAGS }, EINVAL },
		{ "open_tree", SYS_open_tree, { AT_FDCWD, TEXT("/"), 0 }, 0 },
		{ "perf_event_open", SYS_perf_event_open, { 0, 0, -1, -1, BAD_FLAGS }, EINVAL },
		{ "pivot_root", SYS_pivot_root, { BAD_POINTER, BAD_POINTER }, EFAULT },
		{ "process_madvise", SYS_process_madvise, { -1, 0, 0, 0, 0 }, EBADF },
		{ "quotactl", SYS_quotactl, { 99, 0, 0, 0 }, EINVAL },
		{ "reboot", SYS_reboot, { 0, 0, 0 }, EINVAL },
		{ "request_key", SYS_request_key, { 0, 0, 0, 0 }, EFAULT },
		{ "setns", SYS_setns, { -1, 0 }, EBADF },
		{ "settimeofday", SYS_settimeofday, { BAD_POINTER, 0 }, EFAULT },
		{ "swapon", SYS_swapon, { 0, BAD_FLAGS }, EINVAL },
		{ "syslog", SYS_syslog, { 99, 0, 0 }, EINVAL },
		{ "umount2", SYS_umount2, { 0, BAD_FLAGS }, EINVAL },
		{ "userfaultfd", SYS_userfaultfd, { USERFAULTFD_USER_MODE_ONLY | O_CLOEXEC }, 0 },
		{ "vmsplice", SYS_vmsplice, { -1, 0, 0, 0 }, EBADF },
#ifdef SYS_iopl
		{ "iopl", SYS_iopl, { 4 }, EINVAL },
		{ "ioperm", SYS_ioperm, { 0, 1, 0 }, 0 },
#endif
#ifdef SYS_modify_ldt
		{ "modify_ldt", SYS_modify_ldt, { 0, 0, 0 }, 0 },
#endif
		{ 0 },
	};
	const struct probe *probe = probes;

	while (probe->name && strcmp(probe->name, name) != 0)
		probe++;
	return probe;
}

static int act_probe(struct trial *trial)
{
	const struct probe *probe = find_probe(trial->op->name);
	const long *args = probe->args;
	int result = done(syscall(probe->number, args[0], args[1], args[2], args[3], args[4]));

	return probe->expected ? reached(result, probe->expected) : result;
}

/* The process to attack: the one that was named, or a child made for it that sleeps. */
static pid_t victim(struct trial *trial)
{
	const char *name = argument(trial, 0, NULL);
	pid_t pid;

	if (name && !strcmp(name, "parent"))
		return getppid();
	if (name)
		return (pid_t)number_or_none(name);
	pid = fork();
	if (pid < 0)
		missing(trial, "child: fork", -errno);
	if (pid == 0) {
		alarm(5);
		pause();
		_exit(0);
	}
	return pid;
}

static void release(struct trial *trial, pid_t pid)
{
	if (trial->argc || pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Takes a descriptor out of another process, a ring maybe: [PID|parent [N]]. */
static int act_pidfd_getfd(struct trial *trial)
{
	pid_t pid = victim(trial);
	int fd = number_or_none(argument(trial, 1, "0"));
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int result;

	if (pidfd < 0)
		missing(trial, "process: pidfd_open", -errno);
	result = done(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
	release(trial, pid);
	return result;
}

static int act_ptrace(struct trial *trial)
{
	pid_t pid = victim(trial);
	int result = done(ptrace(PTRACE_SEIZE, pid, NULL, NULL));

	if (result >= 0)
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	release(trial, pid);
	return result;
}

static int act_process_vm_readv(struct trial *trial)
{
	static char here[16], there[16];
	struct iovec local = { here, sizeof(here) }, remote = { there, sizeof(there) };
	pid_t pid = victim(trial);
	int result = done(process_vm_readv(pid, &local, 1, &remote, 1, 0));

	release(trial, pid);
	return result;
}

static int act_kcmp(struct trial *trial)
{
	(void)trial;
	return done(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0));
}

static int act_kill(struct trial *trial)
{
	pid_t pid = victim(trial);
	int result = done(kill(pid, 0));

	release(trial, pid);
	return result;
}

static int act_unshare_user(struct trial *trial)
{
	(void)trial;
	return done(unshare(CLONE_NEWUSER));
}

static int end_child(long pid)
{
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return -errno;
	waitpid((pid_t)pid, NULL, 0);
	return 0;
}

static int act_clone_user(struct trial *trial)
{
	(void)trial;
	return end_child(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}

/* Its flags are in memory, where seccomp cannot see them. */
static int act_clone3_user(struct trial *trial)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };

	(void)trial;
	return end_child(syscall(SYS_clone3, &args, sizeof(args)));
}

static int terminal(const struct trial *trial)
{
	return number_or_none(argument(trial, 0, "0"));
}

/* Pushes a character into the terminal's input; ENOTTY without a terminal says it got through. */
static int act_tiocsti(struct trial *trial)
{
	return done(syscall(SYS_ioctl, terminal(trial), (long)TIOCSTI, " "));
}

/* The kernel uses 32 bits of the command; a filter that compares 64 is walked around. */
static int act_tiocsti_high(struct trial *trial)
{
	return done(syscall(SYS_ioctl, terminal(trial), (1L << 32) | TIOCSTI, " "));
}

static int act_tioclinux(struct trial *trial)
{
	char subcode = TIOCLINUX_SUBCODE;

	return done(syscall(SYS_ioctl, terminal(trial), (long)TIOCLINUX, &subcode));
}

static int act_setuid0(struct trial *trial)
{
	(void)trial;
	return done(syscall(SYS_setresuid, 0, 0, 0));
}

static int act_open_by_handle_at(struct trial *trial)
{
	char space[sizeof(struct file_handle) + MAX_HANDLE_SZ] = { 0 };
	struct file_handle *handle = (struct file_handle *)space;
	int mount;

	handle->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, ".", handle, &mount, 0) < 0)
		missing(trial, "handle: name_to_handle_at", -errno);
	return done(open_by_handle_at(AT_FDCWD, handle, O_RDONLY | O_CLOEXEC));
}

static int act_unknown_syscall(struct trial *trial)
{
	long number = strtol(argument(trial, 0, "9999"), NULL, 0);

	return done(syscall(number, -1, -1, -1, -1, -1, -1));
}

static int act_next_syscall(struct trial *trial)
{
	(void)trial;
	return done(syscall(NEXT_SYSCALL, -1, -1, -1, -1, -1, -1));
}

#ifdef __x86_64__
/* A policy that compares plain numbers is walked around by the x32 bit. */
static int act_x32(struct trial *trial)
{
	if (!strcmp(argument(trial, 0, "getpid"), "socket"))
		return done(syscall(X32_BIT | SYS_socket, 2, 1, 0));
	return done(syscall(X32_BIT | SYS_getpid));
}

/*
 * Calls by numbers of the 32-bit table, on a descriptor that is no socket, with an address that is
 * not there: what is let through shows ENOTSOCK, of socketcall EFAULT. Where 32-bit calls are not
 * built in, the kernel answers with SIGSEGV.
 */
static int act_int80(struct trial *trial)
{
	static const struct {
		const char *name;
		long number;
	} calls[] = {
		{ "getpid", 20 },   { "socketcall", 102 }, { "sendmmsg", 345 }, { "socket", 359 },
		{ "connect", 362 }, { "sendto", 369 },	   { "sendmsg", 370 },
	};
	const char *name = argument(trial, 0, "getpid");
	long result = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (!strcmp(calls[i].name, name))
			result = calls[i].number;
	if (!result)
		return RESULT_USAGE;
	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(2L), "c"(1L), "d"(0L), "S"(0L), "D"(1L)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}
#endif

const struct op hostile_ops[] = {
	{ "acct", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "add_key", 0, act_probe, OWN_CHILD, "" },
	{ "adjtimex", 0, act_probe, OWN_CHILD, "" },
	{ "bpf", 0, act_probe, OWN_CHILD, "" },
	{ "clock_adjtime", 0, act_probe, OWN_CHILD, "" },
	{ "clock_settime", 0, act_probe, OWN_CHILD, "" },
	{ "clone-user", 0, act_clone_user, OWN_CHILD, "" },
	{ "clone3-user", 0, act_clone3_user, OWN_CHILD, "" },
	{ "delete_module", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "fanotify_init", 0, act_probe, OWN_CHILD, "" },
	{ "finit_module", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "fsconfig", 0, act_probe, OWN_CHILD, "" },
	{ "fsopen", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "init_module", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "io_uring_enter", 0, act_probe, OWN_CHILD, "" },
	{ "io_uring_register", 0, act_probe, OWN_CHILD, "" },
	{ "io_uring_setup", 0, act_probe, OWN_CHILD, "" },
	{ "kcmp", 0, act_kcmp, OWN_CHILD, "" },
	{ "kexec_file_load", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "kexec_load", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "keyctl", 0, act_probe, OWN_CHILD, "" },
	{ "kill", 0, act_kill, OWN_CHILD, "[PID|parent]" },
	{ "landlock_create_ruleset", 0, act_probe, OWN_CHILD, "" },
	{ "mount", 0, act_probe, OWN_CHILD, "" },
	{ "mount_setattr", 0, act_probe, OWN_CHILD, "" },
	{ "move_mount", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "move_pages", 0, act_probe, OWN_CHILD, "" },
	{ "next-syscall", 0, act_next_syscall, OWN_CHILD, "(ENOSYS in any case)" },
	{ "open_by_handle_at", 0, act_open_by_handle_at, OWN_CHILD, "(privileged)" },
	{ "open_tree", 0, act_probe, OWN_CHILD, "" },
	{ "perf_event_open", 0, act_probe, OWN_CHILD, "" },
	{ "pidfd_getfd", 0, act_pidfd_getfd, OWN_CHILD, "[PID|parent [N]]" },
	{ "pivot_root", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "process_madvise", 0, act_probe, OWN_CHILD, "" },
	{ "process_vm_readv", 0, act_process_vm_readv, OWN_CHILD, "[PID|parent]" },
	{ "ptrace", 0, act_ptrace, OWN_CHILD, "[PID|parent]" },
	{ "quotactl", 0, act_probe, OWN_CHILD, "" },
	{ "reboot", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "request_key", 0, act_probe, OWN_CHILD, "" },
	{ "setns", 0, act_probe, OWN_CHILD, "" },
	{ "settimeofday", 0, act_probe, OWN_CHILD, "" },
	{ "setuid0", 0, act_setuid0, OWN_CHILD, "(privileged)" },
	{ "swapon", 0, act_probe, OWN_CHILD, "" },
	{ "syslog", 0, act_probe, OWN_CHILD, "(privileged)" },
	{ "tioclinux", 0, act_tioclinux, OWN_CHILD, "[N]" },
	{ "tiocsti", 0, act_tiocsti, OWN_CHILD, "[N]" },
	{ "tiocsti-high", 0, act_tiocsti_high, OWN_CHILD, "[N]" },
	{ "umount2", 0, act_probe, OWN_CHILD, "" },
	{ "unknown-syscall", 0, act_unknown_syscall, OWN_CHILD, "[N] (ENOSYS in any case)" },
	{ "unshare-user", 0, act_unshare_user, OWN_CHILD, "" },
	{ "userfaultfd", 0, act_probe, OWN_CHILD, "" },
	{ "vmsplice", 0, act_probe, OWN_CHILD, "" },
#ifdef SYS_iopl
	{ "ioperm", 0, act_probe, OWN_CHILD, "" },
	{ "iopl", 0, act_probe, OWN_CHILD, "" },
#endif
#ifdef SYS_modify_ldt
	{ "modify_ldt", 0, act_probe, OWN_CHILD, "" },
#endif
#ifdef __x86_64__
	{ "int80", 0, act_int80, OWN_CHILD,
	  "[getpid|socket|connect|sendto|sendmsg|sendmmsg|socketcall]" },
	{ "x32", 0, act_x32, OWN_CHILD, "[getpid|socket] (ENOSYS where the kernel has no x32)" },
#endif
	{ 0 },
};
