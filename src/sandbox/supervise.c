// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/supervise.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util/cleanup.h"

int supervise_prepare(sigset_t *original, struct error *err)
{
	sigset_t all;
	int fd;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, original) < 0)
		return error_errno(err, "cannot block signals");
	fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return error_errno(err, "cannot read signals");
	return fd;
}

/* For the program to save its work in. */
#define GRACE_SECONDS 5

/*
 * The launcher stops with the program, so that a program could stop the clock, and its other
 * processes go on. A second timer wakes the launcher: no stop outlasts SIGCONT.
 */
static int start_waking(const struct itimerspec *when)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGCONT };
	timer_t timer;

	return timer_create(CLOCK_MONOTONIC, &event, &timer) < 0
		       ? -1
		       : timer_settime(timer, 0, when, NULL);
}

int supervise_start_timer(unsigned int seconds, int *timer, struct error *err)
{
	const struct itimerspec when = { .it_value.tv_sec = seconds };
	_cleanup_close_ int fd = -1;

	*timer = -1;
	if (!seconds)
		return 0;
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (fd < 0 || timerfd_settime(fd, 0, &when, NULL) < 0 || start_waking(&when) < 0)
		return error_errno(err, "cannot start the timer of timeout");
	*timer = steal_fd(&fd);
	return 0;
}

/* The time is over, for the program, or for the whole jail. */
static int handle_timer(const struct supervision *supervision, struct supervision_end *end,
			struct error *err)
{
	const struct itimerspec grace = { .it_value.tv_sec = GRACE_SECONDS };
	uint64_t count;

	if (read(supervision->timer, &count, sizeof(count)) != (ssize_t)sizeof(count))
		return 0;
	if (end->timed_out) {
		kill(supervision->jail, SIGKILL);
		return 0;
	}
	end->timed_out = true;
	/* A stopped program gets the signal once it goes on. */
	kill(supervision->jail, SIGTERM);
	kill(supervision->jail, SIGCONT);
	if (timerfd_settime(supervision->timer, 0, &grace, NULL) < 0)
		return error_errno(err, "cannot set the timer of timeout");
	return 0;
}

/* Returns 1 when the jail has ended. */
static int handle_signal(pid_t jail, const struct signalfd_siginfo *info, int *wait_status,
			 struct error *err)
{
	/* The jail's end is told by SIGCONT, which may have been merged with somebody else's. */
	if (info->ssi_signo == SIGCONT) {
		pid_t pid = waitpid(jail, wait_status, WNOHANG | __WALL);

		if (pid < 0)
			return error_errno(err, "cannot wait for the jail");
		if (pid == jail)
			return 1;
	}
	/*
	 * What the terminal sends (SI_KERNEL) goes to the whole process group, the program
	 * included; passed on, a Ctrl-C would arrive twice.
	 */
	if (info->ssi_code <= 0 && info->ssi_signo != SIGCHLD)
		kill(jail, (int)info->ssi_signo);
	return 0;
}

static int handle_signals(pid_t jail, int signals, int *wait_status, struct error *err)
{
	struct signalfd_siginfo info;
	int status = 0;

	while (status == 0 && read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		status = handle_signal(jail, &info, wait_status, err);
	return status;
}

/* The one message that a watched jail sends: the listener. Returns -1 where there is none. */
static int receive_listener(int socket)
{
	char control[CMSG_SPACE(sizeof(int))];
	char byte;
	struct iovec data = { &byte, sizeof(byte) };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd = -1;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) <= 0)
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

enum {
	WAIT_SIGNALS,
	WAIT_STOPPED,
	WAIT_LISTENER,
	WAIT_WATCHER,
	WAIT_TIMER,
	WAITS,
};

static int watch(const struct supervision *supervision, struct pollfd *fds, struct error *err)
{
	if (fds[WAIT_LISTENER].revents) {
		int listener = receive_listener(supervision->listener);

		fds[WAIT_LISTENER].fd = -1;
		/* The jail has failed; its end follows, and says why. */
		if (listener < 0)
			return 0;
		fds[WAIT_WATCHER].fd =
			supervision->watcher->start(supervision->watcher->context, listener, err);
		return fds[WAIT_WATCHER].fd < 0 ? -err->code : 0;
	}
	if (fds[WAIT_WATCHER].revents)
		return supervision->watcher->ready(supervision->watcher->context, err);
	return 0;
}

int supervise(const struct supervision *supervision, struct supervision_end *end, struct error *err)
{
	struct pollfd fds[WAITS] = {
		[WAIT_SIGNALS] = { .fd = supervision->signals, .events = POLLIN },
		[WAIT_STOPPED] = { .fd = supervision->stopped, .events = POLLIN },
		[WAIT_LISTENER] = { .fd = supervision->listener, .events = POLLIN },
		[WAIT_WATCHER] = { .fd = -1, .events = POLLIN },
		[WAIT_TIMER] = { .fd = supervision->timer, .events = POLLIN },
	};
	char bytes[16];
	int status;

	for (;;) {
		if (poll(fds, WAITS, -1) < 0 && errno != EINTR)
			return error_errno(err, "cannot wait for the jail");
		status = watch(supervision, fds, err);
		if (status == 0 && fds[WAIT_SIGNALS].revents)
			status = handle_signals(supervision->jail, supervision->signals,
						&end->wait_status, err);
		if (status == 0 && fds[WAIT_TIMER].revents)
			status = handle_timer(supervision, end, err);
		if (status != 0)
			return status < 0 ? status : 0;
		/* The shell that waits for us is to see the job stopped, as it would the program.
		 */
		if (fds[WAIT_STOPPED].revents & POLLIN &&
		    read(supervision->stopped, bytes, sizeof(bytes)) > 0) {
			/* Nothing would wake it again for what is left of the grace. */
			if (!end->timed_out)
				kill(getpid(), SIGSTOP);
		} else if (fds[WAIT_STOPPED].revents)
			fds[WAIT_STOPPED].fd = -1; /* the jail is gone; its signal follows */
	}
}
