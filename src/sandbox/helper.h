/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_HELPER_H
#define SANDBOX_HELPER_H

#include <sys/types.h>

#include "util/alloc.h"

/* Programs that serve a jail from outside: children of the launcher, which die with it. */

#define HELPER_FD 3 /* what helper_execute() keeps for the program */

/*
 * The program @name of PATH, allocated in @arena; NULL if there is none. It runs outside of the
 * jail, so only folders of the system's count: any other one may have been the working folder of an
 * earlier jail, or be that of this one, with a program of that name left in it.
 */
const char *helper_find(const char *name, struct arena *arena);

/* To be said where it finds none, beside what to install. */
#define HELPER_PLACES "it is looked for in the folders of PATH that are the system's, as /usr/bin"

/*
 * In a child of @launcher: executes @words, the first by helper_find(), with @output as its
 * standard output and error, and
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
