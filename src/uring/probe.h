/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef URING_PROBE_H
#define URING_PROBE_H

#include <stdbool.h>
#include <stdint.h>

/* What this kernel can do about io_uring filters, and how each fact was found out. */

enum uring_filters {
	FILTERS_WORK,
	FILTERS_MISSING,   /* the kernel is older than Linux 7.0 */
	FILTERS_NOT_BUILT, /* the kernel was built without CONFIG_IO_URING_BPF */
	FILTERS_BLOCKED,   /* something around this process forbids to register them */
};

/* Whether filters are still there after exec: CVE-2026-80713. */
enum uring_exec {
	EXEC_HOLDS,
	EXEC_LEAKS,   /* a program that makes a ring and execs has none left: do not rely on them */
	EXEC_UNTRIED, /* nobody knows: do not rely on them */
};

#define URING_HOW_SIZE 192

struct uring_kernel {
	char release[65]; /* uname -r */
	enum uring_filters filters;
	char filters_how[URING_HOW_SIZE];
	/* Bytes of filter data that are shown; -1: not found out. CONNECT has none before 7.2. */
	int pdu_socket;
	int pdu_openat;
	int pdu_openat2;
	int pdu_connect;
	enum uring_exec exec;
	char exec_how[URING_HOW_SIZE];
	int disabled;	 /* sysctl kernel.io_uring_disabled; -1: there is none, or no /proc */
	bool trusted;	 /* filters work, and hold across exec: they can be relied on */
	const char *why; /* not trusted: one of the two texts above; else NULL */
};

/*
 * Finds out all of it, and leaves nothing behind in this task, which must have no_new_privs set.
 * The self-test runs in a child that executes this program anew (see uring_is_selftest()), and is
 * over within URING_SELFTEST_SECONDS. Since it costs an exec, uring_probe() leaves it out where the
 * version proves that the kernel is good; uring_probe_fully() runs it always.
 */
void uring_probe(struct uring_kernel *kernel);
void uring_probe_fully(struct uring_kernel *kernel);

#define URING_SELFTEST_SECONDS 10

/*
 * The second half of the self-test, in the child after its exec. main() must ask before it does
 * anything else, and return what uring_selftest_stage2() returns.
 */
bool uring_is_selftest(char **argv);
int uring_selftest_stage2(void);

/* True if a kernel of this release (uname -r) is known to have CVE-2026-80713 fixed. */
bool uring_release_has_exec_fix(const char *release);

#endif
