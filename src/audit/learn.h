/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_LEARN_H
#define AUDIT_LEARN_H

#include <linux/seccomp.h>
#include <sys/types.h>

#include "audit/sqe.h"
#include "policy/plan.h"
#include "util/error.h"

/*
 * --learn: what a program does becomes a profile. The supervisor hands over every system call that
 * it is told of and every SQE that it sees; they are noted once each, by what they are about.
 */
struct learn;

/*
 * @file is where the profile goes: it must be writable, and if it is there already it must parse.
 * @plan is the permissive one that the program runs under.
 */
int learn_open(struct learn **learn, const char *file, const struct plan *plan, struct error *err);

/* @call was asked for by thread @tid; @allowed: it goes on, else it was denied even so. */
void learn_call(struct learn *learn, pid_t tid, const struct seccomp_data *call, bool allowed);

/* @sqe is about to be submitted by thread @tid; @allowed: the ring's filters let it. */
void learn_sqe(struct learn *learn, pid_t tid, const struct audit_sqe *sqe, bool allowed);

/* Ring set-up: io_uring is in use at all. */
void learn_ring(struct learn *learn, pid_t tid);

/* Writes or merges the profile, atomically. Frees @learn. */
int learn_close(struct learn *learn, struct error *err);

#endif
