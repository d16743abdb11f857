/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_WATCHED_H
#define AUDIT_WATCHED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "audit/match.h"
#include "audit/ring.h"
#include "uring/abi.h"

/*
 * The threads and rings of a watched jail: which descriptor or registered index of a thread is
 * which ring. A thread is known from the first thing it is seen to do until it ends.
 */

/* What an event of the supervisor's epoll set is about. */
enum source_kind {
	SOURCE_LISTENER,
	SOURCE_SWEEP,
	SOURCE_PAUSE,
	SOURCE_TASK, /* has ended */
	SOURCE_RING, /* has completions */
};

struct source {
	enum source_kind kind;
};

struct watched_ring {
	struct source source; /* first, so that it leads back here */
	struct watched_ring *next;
	ino_t inode; /* tells rings apart; 0: one without a descriptor */
	struct ring ring;
	bool opened;
	bool resized;  /* its queues are to be opened anew */
	bool followed; /* its completions are events */
	bool busy;     /* they come too often for that: it is looked at by the timer */
	struct match match;
	unsigned int users; /* descriptors and indices by which threads know it */
	pid_t process;	    /* that was first seen to use it */
};

struct ring_fd {
	int fd;
	struct watched_ring *ring;
};

struct task {
	struct source source; /* first */
	struct task *next;
	pid_t tid;
	pid_t process;
	int pidfd;
	struct ring_fd *fds;
	size_t fd_count;
	size_t fd_room;
	struct watched_ring *registered[URING_REGISTERED_RINGS];
	bool has_setup;		/* io_uring_setup(2) was called, and its ring not yet seen */
	unsigned int setup_age; /* sweeps since then */
	struct ring_setup setup;
};

#define TASK_BUCKETS 256
#define FORGOTTEN_RINGS 64

struct watched {
	int epoll;
	pid_t self; /* whoever watches */
	struct ring_layout layout;
	struct task *tasks[TASK_BUCKETS];
	struct watched_ring *rings;
	struct match_room room;
	/* How rings were set up that no known thread has now; they may come back by another. */
	struct {
		ino_t inode;
		struct ring_setup setup;
	} forgotten[FORGOTTEN_RINGS];
	unsigned int forgotten_next;
	/* Freed once no event of the current batch can lead to them any more. */
	struct watched_ring *dead_rings;
	struct task *dead_tasks;
	uint64_t lost_rings;
	const char *why_lost; /* the last one; NULL: none */
	/* A ring that no thread has any more: what is left in it is to be read. */
	void (*ended)(void *context, struct watched_ring *ring);
	void *context;
};

/* The thread, known from now on; NULL: it is gone. */
struct task *watched_task(struct watched *watched, pid_t tid);

/* It has ended. */
void watched_forget(struct watched *watched, struct task *task);

/* The ring behind a descriptor or registered index of @task; NULL: there is none. */
struct watched_ring *watched_by_fd(struct watched *watched, struct task *task, int fd);
struct watched_ring *watched_by_index(struct watched *watched, struct task *task, uint32_t index);

/* @task is about to make a ring, to register or to unregister some. */
void watched_setup(struct watched *watched, struct task *task, const struct ring_setup *setup);
void watched_register(struct watched *watched, struct task *task, uint64_t address, uint32_t count);
void watched_unregister(struct watched *watched, struct task *task, uint64_t address,
			uint32_t count);

/* Looks for rings that were made since, and lets go of those that were closed. */
void watched_sweep(struct watched *watched);

/* Is there anything that a sweep could find? */
bool watched_is_idle(const struct watched *watched);

void watched_bury(struct watched *watched); /* frees what has died */
void watched_end(struct watched *watched);  /* lets go of everything */

#endif
