// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The descriptors in their places. @kept must not be overwritten before it is copied. */
static bool place_descriptors(int output, int kept)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned int first = kept < 0 ? HELPER_FD : HELPER_FD + 1;

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(output, STDERR_FILENO) < 0)
		return false;
	if (kept == HELPER_FD ? fcntl(kept, F_SETFD, 0) < 0
			      : kept >= 0 && dup2(kept, HELPER_FD) < 0)
		return false;
	return syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

void helper_execute(char *const *words, pid_t launcher, int output, int kept)
{
	if (!place_descriptors(output, kept) || setsid() < 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    getppid() != launcher)
		_exit(126);
	execvp(words[0], words);
	_exit(errno == ENOENT ? 127 : 126);
}

void helper_end(pid_t *pid)
{
	if (!*pid)
		return;
	kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}
