/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

/*
 * What went wrong, as one sentence "WHAT: WHY", and what a person can do about it.
 *
 * Plain data without pointers, so that a child can leave it in shared memory for its parent even
 * after it has lost every system call.
 *
 * Functions that can fail take a struct error * and return 0 or a negative errno. Callers add what
 * they know with error_wrap() and pass it on; only main prints.
 */
struct error {
	int code;   /* errno, positive; 0 while there is no error */
	int status; /* the launcher's exit status for it; 0 means the usual 125 */
	char message[2048];
	char hint[1024];
};

/* Sets message and code, clears the hint. Returns -code. */
int error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Like error_set() with errno, whose text is put behind the message. Returns -errno. */
int error_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "format: " before the message. Returns -code, to be used in a return statement. */
int error_wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets the remedy unless there is one: who is nearest to the cause knows best. */
void error_hint(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
