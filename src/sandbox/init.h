/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_INIT_H
#define SANDBOX_INIT_H

#include <stdbool.h>
#include <sys/types.h>

/* What the end of the launcher tells init where that must end the jail itself. */
#define INIT_END_SIGNAL SIGRTMAX

/* Builds with AddressSanitizer would call sigaltstack(2), which init's filter does not have. */
#define INIT_CODE __attribute__((no_sanitize_address))

/*
 * The jail's PID 1 once the program runs: reaps whatever ends in the jail, passes on the signals
 * that come from outside, writes a byte to @stopped whenever the program stops, and exits as it
 * exits, 128 + N for a signal. The kernel then kills what is left in the jail.
 *
 * @program is the program's process. A watched one is made by @starter, another process, which
 * sets it (0 until then) and ends, or fails and so ends the jail; else @starter is 0.
 *
 * @outside: the jail is no PID namespace, but a Landlock domain that scopes signals, and PID 1 just
 * a process in it, outside of the program's own domain. What is left then is killed by this one.
 *
 * All signals are blocked. From here on only the handful of system calls of init's own seccomp
 * filter are used.
 */
void init_run(const volatile pid_t *program, pid_t starter, int stopped, bool outside) INIT_CODE
	__attribute__((noreturn));

/* The exit status of a wait status: the program's own, or 128 + N for a signal. */
int init_exit_status(int wait_status);

#endif
