// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Operations on neither files nor sockets: time, polling, buffers, futexes, children, descriptors,
 * and other rings.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "trial.h"
#include "words.h"

static char buffer[256];
static struct ring_timespec soon = { .nsec = 1000000 };
static struct ring_timespec late = { .sec = 60 };
static uint32_t futex_word = 1;

static int act_nop(struct trial *trial)
{
	return by_ring(trial) ? submit(trial, REQUEST(.fd = 0)) : RESULT_NONE;
}

static bool parse_sqe_flags(const char *list, uint8_t *flags)
{
	static const struct {
		const char *name;
		uint8_t flag;
	} names[] = {
		{ "fixed-file", SQE_FIXED_FILE },
		{ "drain", SQE_DRAIN },
		{ "link", SQE_LINK },
		{ "hardlink", SQE_HARDLINK },
		{ "async", SQE_ASYNC },
		{ "buffer-select", SQE_BUFFER_SELECT },
		{ "skip-success", SQE_CQE_SKIP_SUCCESS },
	};
	char word[WORD_SIZE];

	while (next_word(&list, word)) {
		size_t i = 0;

		while (i < sizeof(names) / sizeof(*names) && strcmp(names[i].name, word) != 0)
			i++;
		if (i == sizeof(names) / sizeof(*names))
			return false;
		*flags |= names[i].flag;
	}
	return true;
}

/*
 * A NOP with the SQE flags of the list, then a plain one. A NOP that is told to be silent when it
 * succeeds is taken to have done so when the second has come and the first has not.
 */
static int act_flags(struct trial *trial)
{
	struct sqe sqe = { .opcode = OP_NOP };
	uint64_t first, second;
	int ret;

	if (!by_ring(trial) || !parse_sqe_flags(argument(trial, 0, "async"), &sqe.flags))
		return RESULT_USAGE;
	first = ring_push(&trial->ring, &sqe);
	second = ring_push(&trial->ring, REQUEST(.opcode = OP_NOP));
	ret = ring_submit(&trial->ring);
	if (ret < 0)
		return ret;
	ring_wait(&trial->ring, second, 2000);
	ret = ring_wait(&trial->ring, first, 0);
	return ret == RESULT_TIMEOUT && sqe.flags & SQE_CQE_SKIP_SUCCESS ? 0 : ret;
}

/* A timeout's success is ETIME. */
static int act_timeout(struct trial *trial)
{
	struct timespec pause = { .tv_nsec = 1000000 };

	if (by_ring(trial))
		return reached(submit(trial, REQUEST(.fd = -1, .addr = ADDR(&soon), .len = 1)),
			       ETIME);
	return done(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &pause, NULL));
}

static void make_pipe(struct trial *trial, int fds[2])
{
	fds[0] = fds[1] = -1;
	if (pipe2(fds, O_CLOEXEC) < 0)
		missing(trial, "pipe: pipe2", -errno);
}

/* A request that stays pending until it is cancelled: a poll of an empty pipe. */
static struct sqe pending_poll(struct trial *trial)
{
	int fds[2];

	make_pipe(trial, fds);
	return (struct sqe){ .opcode = OP_POLL_ADD, .fd = fds[0], .op_flags = POLLIN };
}

static int act_timeout_remove(struct trial *trial)
{
	uint64_t user_data;

	if (!by_ring(trial))
		return RESULT_NONE;
	user_data =
		arm(trial, REQUEST(.opcode = OP_TIMEOUT, .fd = -1, .addr = ADDR(&late), .len = 1));
	return submit(trial, REQUEST(.fd = -1, .addr = user_data));
}

/*
 * The kernel completes a refused LINK_TIMEOUT with ECANCELED, as it does one that was disarmed
 * because its head has ended, or was itself refused. The head's own result tells them apart: it is
 * ECANCELED at once if the timeout was refused. Heads are tried until one is let through; if none
 * is, ECANCELED remains.
 */
static int act_link_timeout(struct trial *trial)
{
	const struct sqe heads[] = {
		pending_poll(trial),
		{ .opcode = OP_TIMEOUT, .fd = -1, .addr = ADDR(&late), .len = 1 },
		{ .opcode = OP_NOP },
	};
	struct sqe timeout = { .fd = -1, .addr = ADDR(&soon), .len = 1 };
	int ret = RESULT_NONE;

	for (size_t i = 0; by_ring(trial) && i < sizeof(heads) / sizeof(*heads); i++) {
		ret = submit_after(trial, &heads[i], &timeout);
		if (ret == -ETIME || (ret == -ECANCELED && trial->head_result >= 0))
			return 0;
		if (ret == -ECANCELED && trial->head_result == -ECANCELED)
			return -EACCES;
		if (ret != -ECANCELED)
			return ret;
	}
	if (ret == -ECANCELED)
		missing(trial, "head of the chain:", trial->head_result);
	return ret;
}

/* By ppoll, as below by epoll_pwait: the older calls, which do less, stand for no operation. */
static int act_poll_add(struct trial *trial)
{
	struct pollfd entry = { .events = POLLOUT };
	struct timespec second = { .tv_sec = 1 };
	int fds[2];

	make_pipe(trial, fds);
	entry.fd = fds[1];
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fds[1], .op_flags = POLLOUT));
	return done(ppoll(&entry, 1, &second, NULL));
}

static int act_poll_remove(struct trial *trial)
{
	struct sqe poll = pending_poll(trial);
	uint64_t user_data;

	if (!by_ring(trial))
		return RESULT_NONE;
	user_data = arm(trial, &poll);
	return submit(trial, REQUEST(.fd = -1, .addr = user_data));
}

/* Cancels all of that user_data: without a pending request that is none, and no error. */
static int act_async_cancel(struct trial *trial)
{
	struct sqe poll = pending_poll(trial);
	uint64_t user_data;

	if (!by_ring(trial))
		return RESULT_NONE;
	user_data = arm(trial, &poll);
	return submit(trial, REQUEST(.fd = -1, .addr = user_data, .op_flags = ASYNC_CANCEL_ALL));
}

static int make_epoll(struct trial *trial)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		missing(trial, "epoll: epoll_create1", -errno);
	return fd;
}

static int act_epoll_ctl(struct trial *trial)
{
	struct epoll_event event = { .events = EPOLLOUT };
	int epoll = make_epoll(trial);
	int fds[2];

	make_pipe(trial, fds);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = epoll, .len = EPOLL_CTL_ADD,
					     .off = (uint64_t)fds[1], .addr = ADDR(&event)));
	return done(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[1], &event));
}

static int act_epoll_wait(struct trial *trial)
{
	struct epoll_event event = { .events = EPOLLOUT };
	int epoll = make_epoll(trial);
	int fds[2];

	make_pipe(trial, fds);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fds[1], &event) < 0) {
		missing(trial, "event: epoll_ctl", -errno);
		/* Without an event it would wait for ever. */
		epoll = -1;
	}
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = epoll, .addr = ADDR(&event), .len = 1));
	return done(epoll_pwait(epoll, &event, 1, 1000, NULL));
}

static const struct sqe two_buffers = {
	.opcode = OP_PROVIDE_BUFFERS,
	.fd = 2,
	.len = 64,
	.buf_index = 3,
};

static int act_provide_buffers(struct trial *trial)
{
	struct sqe sqe = two_buffers;

	sqe.addr = ADDR(buffer);
	return by_ring(trial) ? submit(trial, &sqe) : RESULT_NONE;
}

/* With no such group it shows ENOENT: the policy let it through. */
static int act_remove_buffers(struct trial *trial)
{
	struct sqe sqe = two_buffers;

	if (!by_ring(trial))
		return RESULT_NONE;
	sqe.addr = ADDR(buffer);
	arm(trial, &sqe);
	return submit(trial, REQUEST(.fd = 2, .buf_index = 3));
}

/* Without a table of fixed files it shows ENXIO: the policy let it through. */
static int act_files_update(struct trial *trial)
{
	int fds[2], ret;

	make_pipe(trial, fds);
	if (!by_ring(trial))
		return done(dup(fds[0]));
	ret = register_file(&trial->ring, -1);
	if (ret < 0)
		missing(trial, "file table: register", ret);
	return submit(trial, REQUEST(.fd = -1, .addr = ADDR(fds), .len = 1));
}

/* Without a fixed file it shows EBADF: the policy let it through. */
static int act_fixed_fd_install(struct trial *trial)
{
	int fds[2], ret;

	make_pipe(trial, fds);
	if (!by_ring(trial))
		return done(dup(fds[0]));
	ret = register_file(&trial->ring, fds[0]);
	if (ret < 0)
		missing(trial, "fixed file: register", ret);
	return submit(trial, REQUEST(.fd = 0, .flags = SQE_FIXED_FILE));
}

static int act_pipe(struct trial *trial)
{
	int fds[2];

	if (by_ring(trial))
		return submit(trial, REQUEST(.addr = ADDR(fds)));
	return done(pipe2(fds, 0));
}

static int send_message(struct trial *trial)
{
	struct ring target;

	if (!by_ring(trial))
		return RESULT_NONE;
	if (second_ring(trial, &target) < 0)
		return submit(trial, REQUEST(.fd = -1, .len = 7, .off = 7));
	return submit(trial, REQUEST(.fd = target.fd, .len = 7, .off = 7));
}

/* Puts a descriptor into another ring's table. As a call, another process's: SCM_RIGHTS. */
static int send_descriptor(struct trial *trial)
{
	struct sqe sqe = { .addr = MSG_RING_SEND_FD, .file_index = 1 };
	struct ring target = { .fd = -1 };
	int fds[2], ret;

	make_pipe(trial, fds);
	if (!by_ring(trial))
		return done(dup(fds[0]));
	ret = second_ring(trial, &target);
	if (ret >= 0)
		ret = register_file(&target, -1);
	if (ret >= 0)
		ret = register_file(&trial->ring, fds[0]);
	if (ret < 0)
		missing(trial, "file tables: register", ret);
	sqe.fd = target.fd;
	return submit(trial, &sqe);
}

static int act_msg_ring(struct trial *trial)
{
	const char *what = argument(trial, 0, "data");

	if (!strcmp(what, "data"))
		return send_message(trial);
	return strcmp(what, "fd") ? RESULT_USAGE : send_descriptor(trial);
}

/* A child that has ended; where none may be made it is somebody else's, and both show ECHILD. */
static int act_waitid(struct trial *trial)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0) {
		missing(trial, "child: fork", -errno);
		pid = 1;
	}
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = pid, .len = P_PID, .file_index = WEXITED,
					     .addr2 = ADDR(&info)));
	return done(waitid(P_PID, (id_t)pid, &info, WEXITED));
}

/* It waits for a value that is not there, so that it cannot block: EAGAIN is its success. */
static int act_futex_wait(struct trial *trial)
{
	if (by_ring(trial))
		return reached(submit(trial, REQUEST(.fd = FUTEX2_U32 | FUTEX2_PRIVATE_FLAG,
						     .addr = ADDR(&futex_word), .addr2 = 2,
						     .addr3 = FUTEX_BITSET_MATCH_ANY)),
			       EAGAIN);
	return reached(done(syscall(SYS_futex, &futex_word, FUTEX_WAIT_PRIVATE, 2, NULL)), EAGAIN);
}

static int act_futex_wake(struct trial *trial)
{
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = FUTEX2_U32 | FUTEX2_PRIVATE_FLAG,
					     .addr = ADDR(&futex_word), .addr2 = 1,
					     .addr3 = FUTEX_BITSET_MATCH_ANY));
	return done(syscall(SYS_futex, &futex_word, FUTEX_WAKE_PRIVATE, 1));
}

static int act_futex_waitv(struct trial *trial)
{
	struct futex_waitv wait = {
		.val = 2,
		.uaddr = ADDR(&futex_word),
		.flags = FUTEX_32 | FUTEX_PRIVATE_FLAG,
	};

	if (by_ring(trial))
		return reached(submit(trial, REQUEST(.addr = ADDR(&wait), .len = 1)), EAGAIN);
	return reached(done(syscall(SYS_futex_waitv, &wait, 1, 0, NULL, 0)), EAGAIN);
}

const struct op misc_ops[] = {
	{ "nop", OP_NOP, act_nop, 0, "" },
	{ "nop128", OP_NOP128, act_nop, BIG_SQE, "" },
	{ "timeout", OP_TIMEOUT, act_timeout, 0, "" },
	{ "timeout_remove", OP_TIMEOUT_REMOVE, act_timeout_remove, 0, "" },
	{ "link_timeout", OP_LINK_TIMEOUT, act_link_timeout, 0, "" },
	{ "poll_add", OP_POLL_ADD, act_poll_add, ON_FILE, "" },
	{ "poll_remove", OP_POLL_REMOVE, act_poll_remove, 0, "" },
	{ "async_cancel", OP_ASYNC_CANCEL, act_async_cancel, 0, "" },
	{ "epoll_ctl", OP_EPOLL_CTL, act_epoll_ctl, 0, "" },
	{ "epoll_wait", OP_EPOLL_WAIT, act_epoll_wait, ON_FILE, "" },
	{ "provide_buffers", OP_PROVIDE_BUFFERS, act_provide_buffers, 0, "" },
	{ "remove_buffers", OP_REMOVE_BUFFERS, act_remove_buffers, 0, "" },
	{ "files_update", OP_FILES_UPDATE, act_files_update, 0, "" },
	{ "fixed_fd_install", OP_FIXED_FD_INSTALL, act_fixed_fd_install, 0, "" },
	{ "pipe", OP_PIPE, act_pipe, MAKES_FILE, "" },
	{ "msg_ring", OP_MSG_RING, act_msg_ring, 0, "[data|fd]" },
	{ "waitid", OP_WAITID, act_waitid, 0, "" },
	{ "futex_wait", OP_FUTEX_WAIT, act_futex_wait, 0, "" },
	{ "futex_wake", OP_FUTEX_WAKE, act_futex_wake, 0, "" },
	{ "futex_waitv", OP_FUTEX_WAITV, act_futex_waitv, 0, "" },
	{ "flags", OP_NOP, act_flags, VARIANT, "LIST" },
	{ 0 },
};
