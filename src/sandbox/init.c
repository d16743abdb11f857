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

/*
 * Landlock lets a signal to everybody through to this domain and those within alone. The program
 * cannot send one here: that would be out of its own.
 */
INIT_CODE static void end(int status, bool outside) __attribute__((noreturn));

INIT_CODE static void end(int status, bool outside)
{
	if (outside)
		kill(-1, SIGKILL);
	_exit(status);
}

/* One SIGCHLD may stand for many children. */
INIT_CODE static void reap(const volatile pid_t *program, pid_t starter, int stopped, bool outside)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid == starter && !WIFSTOPPED(status) && init_exit_status(status) != 0)
			end(init_exit_status(status), outside);
		if (pid != *program)
			continue;
		if (!WIFSTOPPED(status))
			end(init_exit_status(status), outside);
		/* Without a reader there is nobody who would have to stop too. */
		while (write(stopped, "", 1) < 0 && errno == EINTR)
			;
	}
}

void init_run(const volatile pid_t *program, pid_t starter, int stopped, bool outside)
{
	sigset_t all;
	siginfo_t info;

	sigfillset(&all);
	for (;;) {
		int signal = sigwaitinfo(&all, &info);

		if (signal == SIGCHLD)
			reap(program, starter, stopped, outside);
		else if (outside && signal == INIT_END_SIGNAL)
			end(128 + SIGKILL, outside);
		/* From outside, a sender has no number here. The terminal's own signals (si_code
		 * SI_KERNEL) reach the program without us, and those of the jail are not ours. */
		else if (signal > 0 && info.si_code <= 0 && (outside || info.si_pid == 0) &&
			 *program > 0)
			kill(*program, signal);
	}
}
