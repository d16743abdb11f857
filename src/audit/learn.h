/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_LEARN_H
#define AUDIT_LEARN_H

#include <linux/seccomp.h>
#include <sys/types.h>

#include "audit/sqe.h"
#include "policy/plan.h"
#include "policy/profile.h"
#include "util/error.h"

/*
 * --learn: what a program does becomes a profile. The supervisor hands over every system call that
 * it is told of and every SQE that it sees; they are noted once each, by what they are about.
 *
 * All of it comes from a program that may be hostile: what is kept is bounded, what a profile
 * cannot say is left out, and no line grants more than the folder of what was asked for.
 */
struct learn;

/* What --learn goes by; all of it must outlive the struct learn. */
struct learn_input {
	const char *file;		     /* where the profile goes */
	const struct plan *plan;	     /* the permissive one that the program runs under */
	const struct profile_source *source; /* for includes and macros of @file */
	const struct plan_input *world;	     /* as plan_make() took it */
	bool connect_data;  /* this kernel shows CONNECT's address to filters (Linux 7.2) */
	const char *when;   /* the date, for the comment; NULL: today's */
	const char *kernel; /* its release, for the comment; NULL: the running one's */
};

/*
 * The folder of @input->file must be writable; a profile that is there already must be one that
 * can be read and planned with, or that is the error, with FILE:LINE. A symlink is followed, once,
 * here. To be called before the program is started.
 */
int learn_open(struct learn **learn, const struct learn_input *input, struct error *err);

/* The descriptor that must stay open until learn_close(). */
int learn_fd(const struct learn *learn);

/* @call was asked for by thread @tid; @allowed: it goes on, else it was denied even so. */
void learn_call(struct learn *learn, pid_t tid, const struct seccomp_data *call, bool allowed);

/* @sqe is about to be submitted by thread @tid; @allowed: the ring's filters let it. */
void learn_sqe(struct learn *learn, pid_t tid, const struct audit_sqe *sqe, bool allowed);

/* Ring set-up: io_uring is in use at all. */
void learn_ring(struct learn *learn, pid_t tid);

/* So many requests, or rings with all of theirs, were not seen: the profile then says so. */
void learn_lost(struct learn *learn, uint64_t count);

/*
 * Writes or merges the profile, atomically: a temporary file beside it takes its place. What
 * stands in it stays, byte for byte; what is missing is added at its end. Frees @learn.
 */
int learn_close(struct learn *learn, struct error *err);

/* Frees @learn and writes nothing. */
void learn_abandon(struct learn *learn);

#endif
