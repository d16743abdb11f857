// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Processes: a victim outside of the jail ({VICTIM}, of the same user), whose number means nothing
 * in there, and everybody that a number for many may mean. The victim, the shell function `victim`
 * of tests/escape/escape.bash, writes down what it gets; so does the launcher's process group.
 */
#include <fcntl.h>
#include <linux/ioprio.h>
#include <linux/kcmp.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "escape.h"

static pid_t victim(void)
{
	return (pid_t)escape_number("VICTIM");
}

static int act_kill(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(kill(victim(), SIGURG));
}

static int act_tgkill(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(syscall(SYS_tgkill, victim(), victim(), SIGURG));
}

static int act_tkill(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(syscall(SYS_tkill, victim(), SIGURG));
}

static int act_sigqueue(struct attack *attack, const char *word)
{
	siginfo_t info = { .si_signo = SIGURG, .si_code = SI_QUEUE };

	(void)attack;
	(void)word;
	return outcome(syscall(SYS_rt_sigqueueinfo, victim(), SIGURG, &info));
}

static int act_pidfd_open(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(syscall(SYS_pidfd_open, victim(), 0));
}

/* A descriptor of the victim by way of /proc, which is as good as a pidfd. */
static int act_proc_signal(struct attack *attack, const char *path)
{
	int fd = attack_open(attack, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? fd : outcome(syscall(SYS_pidfd_send_signal, fd, SIGURG, NULL, 0));
}

static int act_ptrace(struct attack *attack, const char *word)
{
	int ret = outcome(ptrace(PTRACE_SEIZE, victim(), NULL, NULL));

	(void)attack;
	(void)word;
	if (ret >= 0)
		ptrace(PTRACE_DETACH, victim(), NULL, NULL);
	return ret;
}

/* EFAULT comes after all questions of right. */
static int act_vm_read(struct attack *attack, const char *word)
{
	char here[16];
	struct iovec local = { here, sizeof(here) }, remote = { (void *)16, sizeof(here) };

	(void)attack;
	(void)word;
	if (process_vm_readv(victim(), &local, 1, &remote, 1, 0) < 0 && errno != EFAULT)
		return -errno;
	return 0;
}

static int act_vm_write(struct attack *attack, const char *word)
{
	char here[16] = { 0 };
	struct iovec local = { here, sizeof(here) }, remote = { (void *)16, sizeof(here) };

	(void)attack;
	(void)word;
	if (process_vm_writev(victim(), &local, 1, &remote, 1, 0) < 0 && errno != EFAULT)
		return -errno;
	return 0;
}

static int act_open(struct attack *attack, const char *path)
{
	return attack_open(attack, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
}

static int act_open_write(struct attack *attack, const char *path)
{
	return attack_open(attack, AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
}

static int act_prlimit(struct attack *attack, const char *word)
{
	struct rlimit limit;

	(void)attack;
	(void)word;
	return outcome(prlimit(victim(), RLIMIT_NOFILE, NULL, &limit));
}

static int act_getpriority(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	errno = 0;
	return getpriority(PRIO_PROCESS, (id_t)victim()) == -1 && errno ? -errno : 0;
}

static int act_setpriority(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(setpriority(PRIO_PROCESS, (id_t)victim(), 19));
}

static int act_ioprio_set(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, victim(),
			       IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)));
}

static int act_affinity(struct attack *attack, const char *word)
{
	cpu_set_t set;

	(void)attack;
	(void)word;
	if (sched_getaffinity(victim(), sizeof(set), &set) < 0)
		return -errno;
	return outcome(sched_setaffinity(victim(), sizeof(set), &set));
}

static int act_scheduler(struct attack *attack, const char *word)
{
	const struct sched_param param = { 0 };

	(void)attack;
	(void)word;
	return outcome(sched_setscheduler(victim(), SCHED_BATCH, &param));
}

static int act_kcmp(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(syscall(SYS_kcmp, getpid(), victim(), KCMP_FILE, 0, 0));
}

static int act_perf(struct attack *attack, const char *word)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.exclude_kernel = 1,
	};

	(void)attack;
	(void)word;
	return outcome(syscall(SYS_perf_event_open, &attr, victim(), -1, -1, 0));
}

static int act_madvise(struct attack *attack, const char *word)
{
	int fd = outcome(syscall(SYS_pidfd_open, victim(), 0));
	struct iovec nothing = { NULL, 0 };

	(void)attack;
	(void)word;
	return fd < 0 ? fd : outcome(syscall(SYS_process_madvise, fd, &nothing, 1, 20, 0));
}

static int act_getfd(struct attack *attack, const char *word)
{
	int fd = outcome(syscall(SYS_pidfd_open, victim(), 0));

	(void)attack;
	(void)word;
	return fd < 0 ? fd : outcome(syscall(SYS_pidfd_getfd, fd, 0, 0));
}

static int act_robust_list(struct attack *attack, const char *word)
{
	size_t length;
	void *head;

	(void)attack;
	(void)word;
	return outcome(syscall(SYS_get_robust_list, victim(), &head, &length));
}

static int act_move_pages(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(syscall(SYS_move_pages, victim(), 0, NULL, NULL, NULL, 0));
}

static int act_getpgid(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(getpgid(victim()));
}

/* A socket whose urgent data is the victim's affair. */
static int act_set_owner(struct attack *attack, const char *word)
{
	int ends[2];

	(void)attack;
	(void)word;
	if (pipe(ends) < 0)
		return -errno;
	if (fcntl(ends[0], F_SETSIG, SIGURG) < 0 || fcntl(ends[0], F_SETOWN, victim()) < 0 ||
	    fcntl(ends[0], F_SETFL, O_ASYNC) < 0)
		return -errno;
	return outcome(write(ends[1], "x", 1));
}

/* --- all at once: what they say is not what they did --- */

static void ignore_urgent(void)
{
	signal(SIGURG, SIG_IGN);
	signal(SIGIO, SIG_IGN);
}

static int act_kill_all(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	ignore_urgent();
	return outcome(kill(-1, SIGURG));
}

static int act_kill_group(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	ignore_urgent();
	return outcome(kill(0, SIGURG));
}

static int act_nice_user(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(setpriority(PRIO_USER, 0, 15));
}

static int act_nice_group(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(setpriority(PRIO_PGRP, 0, 15));
}

static int act_ioprio_group(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(syscall(SYS_ioprio_set, IOPRIO_WHO_PGRP, 0,
			       IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)));
}

const struct attempt process_attempts[] = {
	{ "kill", act_kill, NULL, BY_CALL },
	{ "tgkill", act_tgkill, NULL, BY_CALL },
	{ "tkill", act_tkill, NULL, BY_CALL },
	{ "sigqueue", act_sigqueue, NULL, BY_CALL },
	{ "pidfd-open", act_pidfd_open, NULL, BY_CALL },
	{ "pidfd-getfd", act_getfd, NULL, BY_CALL },
	{ "proc-signal", act_proc_signal, "/proc/{VICTIM}", BOTH },
	{ "set-owner", act_set_owner, NULL, BY_CALL },
	{ "ptrace", act_ptrace, NULL, BY_CALL },
	{ "vm-read", act_vm_read, NULL, BY_CALL },
	{ "vm-write", act_vm_write, NULL, BY_CALL },
	{ "proc-mem", act_open_write, "/proc/{VICTIM}/mem", BOTH },
	{ "proc-environ", act_open, "/proc/{VICTIM}/environ", BOTH },
	{ "proc-maps", act_open, "/proc/{VICTIM}/maps", BOTH },
	{ "proc-status", act_open, "/proc/{VICTIM}/status", BOTH },
	{ "proc-oom", act_open_write, "/proc/{VICTIM}/oom_score_adj", BOTH },
	{ "proc-ns", act_open, "/proc/{VICTIM}/ns/net", BOTH },
	{ "prlimit", act_prlimit, NULL, BY_CALL },
	{ "getpriority", act_getpriority, NULL, BY_CALL },
	{ "setpriority", act_setpriority, NULL, BY_CALL },
	{ "ioprio-set", act_ioprio_set, NULL, BY_CALL },
	{ "affinity", act_affinity, NULL, BY_CALL },
	{ "scheduler", act_scheduler, NULL, BY_CALL },
	{ "kcmp", act_kcmp, NULL, BY_CALL },
	{ "perf", act_perf, NULL, BY_CALL },
	{ "madvise", act_madvise, NULL, BY_CALL },
	{ "robust-list", act_robust_list, NULL, BY_CALL },
	{ "move-pages", act_move_pages, NULL, BY_CALL },
	{ "getpgid", act_getpgid, NULL, BY_CALL },
	{ "init-mem", act_open_write, "/proc/1/mem", BOTH },
	{ "init-environ", act_open, "/proc/1/environ", BOTH },
	{ "init-ns", act_open, "/proc/1/ns/user", BOTH },
	{ 0 },
};

const struct attempt crowd_attempts[] = {
	{ "kill-all", act_kill_all, NULL, BY_CALL },
	{ "kill-group", act_kill_group, NULL, BY_CALL },
	{ "nice-user", act_nice_user, NULL, BY_CALL },
	{ "nice-group", act_nice_group, NULL, BY_CALL },
	{ "ioprio-group", act_ioprio_group, NULL, BY_CALL },
	{ 0 },
};
