// SPDX-License-Identifier: LGPL-2.1-or-later
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "run.h"

#define CALL_SECONDS 3
#define CHILD_SECONDS 15

static const char *const gate_names[] = {
	[GATE_RING] = "ring",
	[GATE_CALL] = "call",
	[GATE_REGISTER] = "register",
	[GATE_BLIND_REGISTER] = "blind-register",
};

struct thread_work {
	struct trial *trial;
	int ring_fd;
	enum status status;
};

static void ignore_signal(int signal)
{
	(void)signal;
}

static void print_result(const struct trial *trial, int result)
{
	printf("%s %s", gate_names[trial->gate], trial->op->name);
	for (int i = 0; i < trial->argc; i++)
		printf(" %s", trial->argv[i]);
	if (result >= 0)
		printf(": ok");
	else if (result == RESULT_TIMEOUT)
		printf(": TIMEOUT");
	else if (result == RESULT_NONE)
		printf(": none");
	else if (result < -4095)
		printf(": KILLED-SIG%s", sigabbrev_np(result - RESULT_KILLED));
	else
		printf(": %s", errno_name(-result));
	if (result < 0 && result != RESULT_NONE && *trial->remark)
		printf(" (%s)", trial->remark);
	printf("\n");
	fflush(stdout);
}

static enum status report(const struct trial *trial, int result)
{
	if (result == RESULT_USAGE) {
		fprintf(stderr, "try: usage: %s %s %s\n", gate_names[trial->gate], trial->op->name,
			trial->op->arguments);
		return STATUS_USAGE;
	}
	print_result(trial, result);
	return result >= 0 || result == RESULT_NONE ? STATUS_OK : STATUS_REFUSED;
}

/* Of flags that exclude each other, those of the modes win. */
static unsigned int ring_flags(const struct trial *trial)
{
	unsigned int op_flags = trial->op->flags;
	unsigned int flags = trial->setup_flags;

	if (op_flags & BIG_SQE && !(flags & SETUP_SQE_MIXED))
		flags |= SETUP_SQE128;
	if (op_flags & ZERO_COPY_RING && !(flags & SETUP_CQE_MIXED))
		flags |= SETUP_CQE32;
	if (op_flags & (ZERO_COPY_RING | DEFERRED_RING) && !(flags & SETUP_SQPOLL))
		flags |= SETUP_DEFER_TASKRUN | SETUP_SINGLE_ISSUER;
	if (op_flags & DISABLED_RING)
		flags |= SETUP_R_DISABLED;
	return flags;
}

static int open_ring(struct trial *trial, int ring_fd)
{
	struct ring *ring = &trial->ring;
	int ret;

	if (ring_fd >= 0)
		return ring_adopt(ring, ring_fd);
	ret = ring_make(ring, ring_flags(trial));
	if (ret < 0)
		return ret;
	if (trial->modes & MODE_DISABLED) {
		if (!(trial->op->flags & DISABLED_RING))
			widen_disabled_ring(ring);
		/* A registration is to be tried while the ring is still disabled. */
		if (trial->gate == GATE_RING)
			ret = ring_register(ring, REG_ENABLE_RINGS, NULL, 0);
	}
	if (ret >= 0 && trial->modes & MODE_REGISTERED)
		ret = ring_hide(ring);
	if (ret < 0)
		ring_close(ring);
	return ret;
}

static bool needs_ring(const struct trial *trial)
{
	return trial->gate == GATE_RING || trial->gate == GATE_REGISTER;
}

/* A call that blocks is ended by a signal whose handler does nothing. */
static int act_bounded(struct trial *trial)
{
	struct sigaction action = { .sa_handler = ignore_signal };
	int result;

	if (trial->gate == GATE_RING)
		return trial->op->act(trial);
	sigaction(SIGALRM, &action, NULL);
	alarm(CALL_SECONDS);
	result = trial->op->act(trial);
	alarm(0);
	return result == -EINTR ? RESULT_TIMEOUT : result;
}

static enum status perform(struct trial *trial, int ring_fd)
{
	int ret = 0;

	if (needs_ring(trial) && trial->ring.fd < 0)
		ret = open_ring(trial, ring_fd);
	if (ret < 0) {
		printf("ring setup: %s\n", errno_name(-ret));
		fflush(stdout);
		return STATUS_NO_RING;
	}
	ret = act_bounded(trial);
	if (ring_fd < 0)
		ring_close(&trial->ring);
	return report(trial, ret);
}

static void *perform_in_thread(void *data)
{
	struct thread_work *work = data;
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	work->status = perform(work->trial, work->ring_fd);
	return NULL;
}

static enum status run_in_thread(struct trial *trial, int ring_fd)
{
	struct thread_work work = { trial, ring_fd, STATUS_REFUSED };
	sigset_t alarms;
	pthread_t thread;
	int ret;

	/* The alarm is for the thread, so nobody else may take it. */
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	ret = pthread_create(&thread, NULL, perform_in_thread, &work);
	if (ret) {
		missing(trial, "thread: pthread_create", -ret);
		return report(trial, -ret);
	}
	pthread_join(thread, NULL);
	return work.status;
}

static enum status run_here(struct trial *trial, int ring_fd)
{
	if (trial->modes & MODE_THREAD)
		return run_in_thread(trial, ring_fd);
	return perform(trial, ring_fd);
}

static time_t seconds_now(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Returns the child's wait status, having ended it if it hangs. */
static int wait_bounded(pid_t pid)
{
	time_t end = seconds_now() + CHILD_SECONDS;
	int status;

	/* By the clock and not by turns: the policy may deny sleeping. */
	while (seconds_now() < end) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		usleep(1000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}

/* Even cleaning up may be a call that the policy kills for. */
static void clean_in_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		scratch_clean();
		_exit(0);
	}
	if (pid > 0)
		wait_bounded(pid);
	scratch_forget();
}

enum status run_in_child(struct trial *trial, int ring_fd)
{
	int status;
	pid_t pid;

	if (trial->modes & MODE_KEEP && needs_ring(trial)) {
		int ret = open_ring(trial, ring_fd);

		if (ret < 0)
			return perform(trial, ring_fd);
	}
	fflush(stdout);
	/* Made before the fork, so that it is removed even if the child is killed. */
	scratch_folder(trial);
	pid = fork();
	if (pid < 0) {
		missing(trial, "child: fork", -errno);
		return run_here(trial, ring_fd);
	}
	if (pid == 0)
		_exit(run_here(trial, ring_fd));
	status = wait_bounded(pid);
	clean_in_child();
	if (ring_fd < 0)
		ring_close(&trial->ring);
	if (WIFSIGNALED(status))
		return report(trial, RESULT_KILLED + WTERMSIG(status));
	return WEXITSTATUS(status);
}

enum status run_trial(struct trial *trial, int ring_fd)
{
	enum status status;

	/* A system call may be one that the policy kills for. */
	if (trial->modes & (MODE_FORK | MODE_KEEP) || trial->op->flags & OWN_CHILD ||
	    trial->gate == GATE_CALL)
		return run_in_child(trial, ring_fd);
	status = run_here(trial, ring_fd);
	scratch_clean();
	return status;
}

int exec_again(unsigned int modes, char **argv)
{
	struct ring ring = { .fd = -1 };

	/*
	 * CVE-2026-80713: an exec frees the io_uring state of a task that has used a ring, and on
	 * kernels without the fix the filters with it. Where no ring is to be had, that is seen
	 * again, and reported, in the new image.
	 */
	if (modes & (MODE_HOLE | MODE_HOLE_UNUSED) && ring_make(&ring, 0) == 0 && modes & MODE_HOLE)
		ring_run(&ring, REQUEST(.opcode = OP_NOP));
	execv("/proc/self/exe", argv);
	execvp(argv[0], argv);
	return -errno;
}
