// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/helper.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/plan.h"
#include "util/file.h"

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

const char *helper_find(const char *name, struct arena *arena)
{
	const char *path = getenv("PATH");
	const char *found = NULL;

	if (!path)
		path = "/usr/bin:/bin";
	while (path && !found) {
		size_t length = strcspn(path, ":");
		char *folder = realpath(arena_strndup(arena, path, length), NULL);

		/* An empty or relative one is the working folder, or below it. */
		if (*path == '/' && folder && plan_is_system(folder))
			found = program_find(name, folder, arena);
		free(folder);
		path = path[length] ? path + length + 1 : NULL;
	}
	return found;
}

void helper_execute(char *const *words, pid_t launcher, int output, int kept)
{
	struct arena arena = { 0 };
	const char *program = helper_find(words[0], &arena);

	if (!program)
		_exit(127);
	/* In the working folder there may be what it would load by a relative name. */
	if (!place_descriptors(output, kept) || chdir("/") < 0 || setsid() < 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    getppid() != launcher)
		_exit(126);
	execv(program, words);
	_exit(126);
}

void helper_end(pid_t *pid)
{
	if (!*pid)
		return;
	kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}
