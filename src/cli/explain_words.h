/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_EXPLAIN_WORDS_H
#define CLI_EXPLAIN_WORDS_H

#include "policy/names.h"
#include "policy/plan.h"

/* What --explain says of a plan, as text and as JSON, in the same words. */

extern const struct name namespace_names[]; /* CLONE_NEW* */

/* How a step of building the file system looks from within the jail. */
enum mount_look {
	LOOK_READ_ONLY,
	LOOK_WRITABLE,
	LOOK_OVERLAY, /* writable, and the host's files stay as they are */
	LOOK_PRIVATE, /* empty at the start, and the jail's own */
	LOOK_KERNEL,  /* /proc and its like */
	LOOK_DEVICE,
	LOOK_MASKED,
	LOOK_FOLDER, /* holds what is mounted below it */
	LOOK_LINK,
	LOOK_FIXED, /* as before, but cannot be moved away */
	LOOK_NOEXEC,
	LOOKS,
};

extern const char *const mount_look_names[LOOKS];
enum mount_look mount_look(const struct mount_op *op);

extern const char *const seccomp_mode_names[];	/* by enum seccomp_mode */
extern const char *const net_mode_names[];	/* by enum net_mode */
extern const char *const landlock_mode_names[]; /* by enum landlock_mode */
extern const char *const root_mode_names[];	/* by enum root_mode */
extern const char *const uring_mode_names[];	/* by enum uring_mode */
extern const char *const verdict_names[];	/* by enum uring_verdict */

/* The name of capability @bit, or its number, in @arena. */
const char *capability_text(struct arena *arena, unsigned int bit);

/* All names of the bits of @set that @table has, with @separator between, in @arena. */
const char *set_text(struct arena *arena, const struct name *table, uint64_t set,
		     const char *separator);

/* "0,2-3", in @arena. */
const char *cpus_text(struct arena *arena, const cpu_set_t *cpus);

/* Families of sockets, a bit each, the nameless by number. */
const char *families_text(struct arena *arena, uint64_t families);

/* What the seccomp program does with each call. */
struct call_table {
	const char *names[SYSCALL_NUMBERS]; /* NULL: nothing has this number */
	enum syscall_action actions[SYSCALL_NUMBERS];
};

void call_table_fill(struct call_table *table, const struct plan *plan, struct arena *arena);
bool call_is_allowed(const struct call_table *table, unsigned int number); /* not always: at all */

/* clone3 without @nesting: neither allowed nor denied, but hidden. */
bool call_is_hidden(const struct call_table *table, unsigned int number);

/* In words, what a call may be asked for where that depends on its arguments; NULL: it does not. */
const char *call_condition(const struct call_table *table, unsigned int number,
			   const struct plan *plan, struct arena *arena);

/* Why io_uring is not there, or not looked at; NULL: it is filtered. */
const char *uring_mode_reason(const struct plan *plan, struct arena *arena);

/* An address that a name was resolved to. */
const char *host_address(const struct resolved_host *host, struct arena *arena);

/* The rules of the jail's network as a file for nft(8); NULL: there are none. */
const char *netfilter_text(const struct plan *plan, struct arena *arena);

#endif
