// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/supervise.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

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

int supervise(pid_t jail, int signals, int stopped, int *wait_status, struct error *err)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = stopped, .events = POLLIN },
	};
	char bytes[16];

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return error_errno(err, "cannot wait for the jail");
		if (fds[0].revents) {
			int status = handle_signals(jail, signals, wait_status, err);

			if (status != 0)
				return status < 0 ? status : 0;
		}
		/* The shell that waits for us is to see the job stopped, as it would the program.
		 */
		if (fds[1].revents & POLLIN && read(stopped, bytes, sizeof(bytes)) > 0)
			kill(getpid(), SIGSTOP);
		else if (fds[1].revents)
			fds[1].fd = -1; /* the jail is gone; its signal follows */
	}
}
