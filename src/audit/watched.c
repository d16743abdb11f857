// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/watched.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audit/remote.h"
#include "util/alloc.h"
#include "util/cleanup.h"

/* In sweeps. A thread may take its time between making a ring and mapping it. */
#define SETUP_LOOKED_FOR 10
#define SETUP_GIVEN_UP 600

#define PIDFD_OF_THREAD O_EXCL /* PIDFD_THREAD, Linux 6.9 */

static const char ring_name[] = "anon_inode:[io_uring]";

/* ---- rings ---- */

static void lost_ring(struct watched *watched, const char *why)
{
	watched->lost_rings++;
	watched->why_lost = why;
}

static struct watched_ring *find_inode(const struct watched *watched, ino_t inode)
{
	struct watched_ring *ring = watched->rings;

	while (ring && (!inode || ring->inode != inode))
		ring = ring->next;
	return ring;
}

static bool recall(struct watched *watched, ino_t inode, struct ring_setup *setup)
{
	for (size_t i = 0; i < FORGOTTEN_RINGS; i++) {
		if (!inode || watched->forgotten[i].inode != inode)
			continue;
		*setup = watched->forgotten[i].setup;
		watched->forgotten[i].inode = 0;
		return true;
	}
	return false;
}

static struct watched_ring *add_ring(struct watched *watched, const struct task *task, int fd,
				     ino_t inode, const struct ring_setup *setup)
{
	struct watched_ring *ring = xrealloc(NULL, 1, sizeof(*ring));

	*ring = (struct watched_ring){
		.source = { SOURCE_RING },
		.next = watched->rings,
		.inode = inode,
		.ring = { .fd = fd, .setup = *setup, .memory_of = task->tid },
		.process = task->process,
	};
	match_init(&ring->match, &watched->room);
	watched->rings = ring;
	return ring;
}

static void remove_ring(struct watched *watched, struct watched_ring *ring)
{
	struct watched_ring **link = &watched->rings;

	while (*link != ring)
		link = &(*link)->next;
	*link = ring->next;
	ring->next = watched->dead_rings;
	watched->dead_rings = ring;
}

static void end_ring(struct watched *watched, struct watched_ring *ring)
{
	if (ring->opened)
		watched->ended(watched->context, ring);
	if (ring->inode) {
		unsigned int place = watched->forgotten_next++ % FORGOTTEN_RINGS;

		watched->forgotten[place].inode = ring->inode;
		watched->forgotten[place].setup = ring->ring.setup;
	}
	/* To close it is not enough while the program holds it: its events would lead here. */
	if (ring->ring.fd >= 0)
		epoll_ctl(watched->epoll, EPOLL_CTL_DEL, ring->ring.fd, NULL);
	ring_close(&ring->ring);
	remove_ring(watched, ring);
}

static void release_ring(struct watched *watched, struct watched_ring *ring)
{
	if (ring && --ring->users == 0)
		end_ring(watched, ring);
}

/* Late, because the memory of one without a descriptor is only then known to be the ring's. */
static bool open_ring(struct watched *watched, struct watched_ring *ring)
{
	const char *why = "";

	if (!ring->opened && ring_open(&ring->ring, &watched->layout, &why) == 0)
		ring->opened = true;
	else if (ring->resized && ring_reopen(&ring->ring, &why) < 0)
		ring->opened = false;
	ring->resized = false;
	if (!ring->opened)
		lost_ring(watched, why);
	return ring->opened;
}

static bool is_ring(int fd, ino_t *inode)
{
	char path[64];
	char target[sizeof(ring_name) + 1];
	struct stat stat;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target));
	if (length != (ssize_t)strlen(ring_name) || memcmp(target, ring_name, (size_t)length) ||
	    fstat(fd, &stat) < 0)
		return false;
	*inode = stat.st_ino;
	return true;
}

static void remember_fd(struct task *task, int fd, struct watched_ring *ring)
{
	if (task->fd_count == task->fd_room) {
		task->fd_room = task->fd_room ? 2 * task->fd_room : 4;
		task->fds = xrealloc(task->fds, task->fd_room, sizeof(*task->fds));
	}
	task->fds[task->fd_count++] = (struct ring_fd){ fd, ring };
	ring->users++;
}

/*
 * With what a ring that is new here was set up: the thread that is first to use it has made it, or
 * else another one of its process, and did nothing with it.
 */
static void take_setup(struct watched *watched, struct task *task, struct ring_setup *setup)
{
	for (size_t i = 0; !task->has_setup && i < TASK_BUCKETS; i++)
		for (struct task *other = watched->tasks[i]; other; other = other->next)
			if (other->process == task->process && other->has_setup)
				task = other;
	if (task->has_setup)
		*setup = task->setup;
	task->has_setup = false;
}

/* Takes the ring behind a descriptor that is not known yet. */
static struct watched_ring *attach(struct watched *watched, struct task *task, int fd)
{
	struct ring_setup setup = { 0 };
	_cleanup_close_ int ours = (int)syscall(SYS_pidfd_getfd, task->pidfd, fd, 0);
	struct watched_ring *ring;
	ino_t inode;

	if (ours < 0 && errno != EBADF)
		lost_ring(watched, errno == EMFILE ? "too many descriptors are open"
						   : "its descriptor cannot be taken");
	if (ours < 0 || !is_ring(ours, &inode))
		return NULL;
	ring = find_inode(watched, inode);
	if (!ring) {
		if (!recall(watched, inode, &setup))
			take_setup(watched, task, &setup);
		ring = add_ring(watched, task, steal_fd(&ours), inode, &setup);
	}
	remember_fd(task, fd, ring);
	return open_ring(watched, ring) ? ring : NULL;
}

/* Without kcmp(2), a descriptor is taken to be what it was. */
static bool is_same(const struct watched *watched, const struct task *task,
		    const struct ring_fd *known)
{
	long answer = syscall(SYS_kcmp, watched->self, task->tid, KCMP_FILE, known->ring->ring.fd,
			      known->fd);

	return answer == 0 || (answer < 0 && errno == ENOSYS);
}

static void forget_fd(struct watched *watched, struct task *task, size_t index)
{
	struct watched_ring *ring = task->fds[index].ring;

	task->fds[index] = task->fds[--task->fd_count];
	release_ring(watched, ring);
}

struct watched_ring *watched_by_fd(struct watched *watched, struct task *task, int fd)
{
	for (size_t i = 0; i < task->fd_count; i++) {
		if (task->fds[i].fd != fd)
			continue;
		if (is_same(watched, task, &task->fds[i]))
			return open_ring(watched, task->fds[i].ring) ? task->fds[i].ring : NULL;
		forget_fd(watched, task, i);
		break;
	}
	return attach(watched, task, fd);
}

struct watched_ring *watched_by_index(struct watched *watched, struct task *task, uint32_t index)
{
	struct watched_ring *ring = index < URING_REGISTERED_RINGS ? task->registered[index] : NULL;

	return ring && open_ring(watched, ring) ? ring : NULL;
}

/* ---- set-up and registration ---- */

/* Rings of @task's that nobody has used yet: at most one, unless threads make them all at once. */
static void find_new_rings(struct watched *watched, struct task *task)
{
	char path[64];
	char target[sizeof(ring_name) + 1];
	DIR *folder;
	struct stat stat;

	snprintf(path, sizeof(path), "/proc/%d/fd", task->tid);
	folder = opendir(path);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target));

		if (length == (ssize_t)strlen(ring_name) &&
		    !memcmp(target, ring_name, (size_t)length) &&
		    fstatat(dirfd(folder), entry->d_name, &stat, 0) == 0 &&
		    !find_inode(watched, stat.st_ino))
			attach(watched, task, (int)strtol(entry->d_name, NULL, 10));
	}
	if (folder)
		closedir(folder);
}

static void set_registered(struct watched *watched, struct task *task, uint32_t index,
			   struct watched_ring *ring)
{
	if (index >= URING_REGISTERED_RINGS) /* any free one, as the kernel takes it */
		for (index = 0; index < URING_REGISTERED_RINGS && task->registered[index];)
			index++;
	if (index == URING_REGISTERED_RINGS)
		return;
	if (ring)
		ring->users++;
	release_ring(watched, task->registered[index]);
	task->registered[index] = ring;
}

void watched_setup(struct watched *watched, struct task *task, const struct ring_setup *setup)
{
	if (task->has_setup)
		find_new_rings(watched, task);
	if (setup->flags & URING_SETUP_REGISTERED_FD_ONLY) {
		struct watched_ring *ring = add_ring(watched, task, -1, 0, setup);

		set_registered(watched, task, URING_REGISTERED_RINGS, ring);
		/* No index is free: the kernel refuses it too. */
		if (!ring->users)
			end_ring(watched, ring);
		return;
	}
	task->setup = *setup;
	task->setup_age = 0;
	task->has_setup = true;
}

/* struct io_uring_rsrc_update */
struct update {
	uint32_t offset;
	uint32_t reserved;
	uint64_t data;
};

static uint32_t read_updates(const struct task *task, uint64_t address, uint32_t count,
			     struct update *updates)
{
	if (count > URING_REGISTERED_RINGS ||
	    remote_read(task->tid, address, updates, count * sizeof(*updates)) < 0)
		return 0;
	return count;
}

void watched_register(struct watched *watched, struct task *task, uint64_t address, uint32_t count)
{
	struct update updates[URING_REGISTERED_RINGS];

	count = read_updates(task, address, count, updates);
	for (uint32_t i = 0; i < count; i++) {
		struct watched_ring *ring = watched_by_fd(watched, task, (int)updates[i].data);

		if (ring)
			set_registered(watched, task, updates[i].offset, ring);
	}
}

void watched_unregister(struct watched *watched, struct task *task, uint64_t address,
			uint32_t count)
{
	struct update updates[URING_REGISTERED_RINGS];

	count = read_updates(task, address, count, updates);
	for (uint32_t i = 0; i < count; i++)
		if (updates[i].offset < URING_REGISTERED_RINGS)
			set_registered(watched, task, updates[i].offset, NULL);
}

/* ---- threads ---- */

static struct task **bucket_of(struct watched *watched, pid_t tid)
{
	return &watched->tasks[(unsigned int)tid % TASK_BUCKETS];
}

struct task *watched_task(struct watched *watched, pid_t tid)
{
	struct task **bucket = bucket_of(watched, tid);
	struct epoll_event event = { .events = EPOLLIN };
	struct task *task = *bucket;
	pid_t process;

	while (task && task->tid != tid)
		task = task->next;
	if (task)
		return task;
	process = remote_process(tid);
	if (process < 0)
		return NULL;
	task = xrealloc(NULL, 1, sizeof(*task));
	*task = (struct task){
		.source = { SOURCE_TASK },
		.next = *bucket,
		.tid = tid,
		.process = process,
		.pidfd = (int)syscall(SYS_pidfd_open, tid, PIDFD_OF_THREAD),
	};
	/* Before Linux 6.9, the process must do. */
	if (task->pidfd < 0)
		task->pidfd = (int)syscall(SYS_pidfd_open, process, 0);
	event.data.ptr = task;
	if (task->pidfd >= 0)
		epoll_ctl(watched->epoll, EPOLL_CTL_ADD, task->pidfd, &event);
	*bucket = task;
	return task;
}

static void let_go(struct watched *watched, struct task *task)
{
	while (task->fd_count)
		forget_fd(watched, task, task->fd_count - 1);
	for (uint32_t i = 0; i < URING_REGISTERED_RINGS; i++)
		if (task->registered[i])
			set_registered(watched, task, i, NULL);
	if (task->pidfd >= 0)
		close(task->pidfd);
	free(task->fds);
}

void watched_forget(struct watched *watched, struct task *task)
{
	struct task **link = bucket_of(watched, task->tid);

	while (*link && *link != task)
		link = &(*link)->next;
	if (!*link)
		return; /* an event of it came twice */
	*link = task->next;
	let_go(watched, task);
	task->next = watched->dead_tasks;
	watched->dead_tasks = task;
}

static void sweep_task(struct watched *watched, struct task *task)
{
	for (size_t i = task->fd_count; i-- > 0;)
		if (!is_same(watched, task, &task->fds[i]))
			forget_fd(watched, task, i);
	if (!task->has_setup)
		return;
	/*
	 * Most rings are seen when they are mapped or entered. What is looked for here would take a
	 * ring that another thread is just making for this one's, so there is no hurry with it.
	 */
	if (++task->setup_age == SETUP_LOOKED_FOR)
		find_new_rings(watched, task);
	else if (task->setup_age > SETUP_GIVEN_UP)
		task->has_setup = false; /* the call failed */
}

void watched_sweep(struct watched *watched)
{
	for (size_t i = 0; i < TASK_BUCKETS; i++)
		for (struct task *task = watched->tasks[i]; task; task = task->next)
			sweep_task(watched, task);
}

bool watched_is_idle(const struct watched *watched)
{
	if (watched->rings)
		return false;
	for (size_t i = 0; i < TASK_BUCKETS; i++)
		for (const struct task *task = watched->tasks[i]; task; task = task->next)
			if (task->has_setup)
				return false;
	return true;
}

void watched_bury(struct watched *watched)
{
	while (watched->dead_rings) {
		struct watched_ring *ring = watched->dead_rings;

		watched->dead_rings = ring->next;
		free(ring);
	}
	while (watched->dead_tasks) {
		struct task *task = watched->dead_tasks;

		watched->dead_tasks = task->next;
		free(task);
	}
}

void watched_end(struct watched *watched)
{
	for (size_t i = 0; i < TASK_BUCKETS; i++)
		while (watched->tasks[i])
			watched_forget(watched, watched->tasks[i]);
	while (watched->rings)
		end_ring(watched, watched->rings);
	watched_bury(watched);
}
