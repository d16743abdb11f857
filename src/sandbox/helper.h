/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_HELPER_H
#define SANDBOX_HELPER_H

#include <sys/types.h>

/* Programs that serve a jail from outside: children of the launcher, which die with it. */

#define HELPER_FD 3 /* what helper_execute() keeps for the program */

/*
 * In a child of @launcher: executes @words, with @output as its standard output and error, and
 * @kept, unless it is -1, as HELPER_FD; no other descriptor is passed on. It leaves the terminal
 * and its process group: what a Ctrl-C ends is the jail's program, which may handle it, and not
 * what serves it. Signals stay blocked; what ends it is SIGKILL. Exits with 127 where there is no
 * such program.
 */
void helper_execute(char *const *words, pid_t launcher, int output, int kept)
	__attribute__((noreturn));

/* Ends it, and sets @pid to 0. Does nothing where that is 0. */
void helper_end(pid_t *pid);

#endif
