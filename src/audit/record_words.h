/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_RECORD_WORDS_H
#define AUDIT_RECORD_WORDS_H

#include "audit/record.h"
#include "util/alloc.h"

/* What a record says, as text and as JSON, in the same words. Strings are the arena's or static. */

extern const char *const audit_gate_names[];	  /* by enum audit_gate */
extern const char *const audit_cause_names[];	  /* by enum audit_cause */
extern const char *const audit_certainty_names[]; /* by enum audit_certainty */

/* Room for "2026-01-31T23:59:59.123456789Z" and its NUL: RFC 3339, in UTC. */
#define AUDIT_TIME_SIZE 31
void audit_time(const struct timespec *time, char text[static AUDIT_TIME_SIZE]);

/* "EACCES"; a number where it has no name; "killed" for 0. */
const char *audit_error_name(struct arena *arena, int error);

/* The operation's or system call's name, else its number. */
const char *audit_operation(struct arena *arena, const struct audit_record *record);

/* "AF_INET", "SOCK_STREAM" and "IPPROTO_TCP"; numbers where they have no names. */
const char *audit_family(struct arena *arena, int family);
const char *audit_socket_type(struct arena *arena, int type); /* without SOCK_CLOEXEC... */
const char *audit_protocol(struct arena *arena, const struct audit_arguments *arguments);

/* The bits of a socket's type that are flags. */
uint64_t audit_socket_flags(int type);

/* An address without its port; of a Unix socket its path, or its name behind an '@'. NULL: none. */
const char *audit_address(struct arena *arena, const struct audit_arguments *arguments);
int audit_port(const struct audit_arguments *arguments); /* -1: none */

#endif
