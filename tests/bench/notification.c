// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a seccomp notification costs that nobody looks at: the least that --audit can cost for each
 * io_uring_enter(2). Two processes, two switches between them, and an answer that the call goes on.
 *
 * Usage: notification [CALLS]      prints microseconds a call, and those of the same call without
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

static double microseconds_a_call(unsigned int calls)
{
	struct timespec begin;
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (unsigned int i = 0; i < calls; i++)
		syscall(SYS_getppid);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) /
	       1e3 / calls;
}

/* Tells of getppid(2) and of nothing else. Returns the listener. */
static int install(void)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = 4, .filter = insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

static void answer(int listener, unsigned int calls)
{
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	for (unsigned int i = 0; i < calls; i++) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp go_on = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
			return;
		go_on.id = call.id;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &go_on);
	}
}

int main(int argc, char **argv)
{
	unsigned int calls = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 20000;
	volatile int *listener = mmap(NULL, sizeof(*listener), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double plain = microseconds_a_call(calls);
	pid_t caller;
	int status;

	if (listener == MAP_FAILED)
		return 1;
	/* The descriptors are shared: the listener's number is all that is to be passed. */
	caller = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0UL);
	if (caller == 0) {
		*listener = install();
		if (*listener < 0)
			_exit(1);
		printf("%.2f %.2f\n", microseconds_a_call(calls), plain);
		fflush(stdout);
		_exit(0);
	}
	while (!*listener)
		usleep(100);
	if (*listener > 0)
		answer(*listener, calls);
	return waitpid(caller, &status, 0) < 0 || status;
}
