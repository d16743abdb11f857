// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/init.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int init_exit_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

/* One SIGCHLD may stand for many children. */
INIT_CODE static void reap(const volatile pid_t *program, pid_t starter, int stopped)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid == starter && !WIFSTOPPED(status) && init_exit_status(status) != 0)
			_exit(init_exit_status(status));
		if (pid != *program)
			continue;
		if (!WIFSTOPPED(status))
			_exit(init_exit_status(status));
		/* Without a reader there is nobody who would have to stop too. */
		while (write(stopped, "", 1) < 0 && errno == EINTR)
			;
	}
}

void init_run(const volatile pid_t *program, pid_t starter, int stopped)
{
	sigset_t all;
	siginfo_t info;

	sigfillset(&all);
	for (;;) {
		int signal = sigwaitinfo(&all, &info);

		if (signal == SIGCHLD)
			reap(program, starter, stopped);
		/* From outside, a sender has no number here. The terminal's own signals (si_code
		 * SI_KERNEL) reach the program without us, and those of the jail are not ours. */
		else if (signal > 0 && info.si_code <= 0 && info.si_pid == 0 && *program > 0)
			kill(*program, signal);
	}
}
