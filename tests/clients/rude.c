// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rude: treats its rings, and who watches them, as badly as a program can.
 *
 *   rude [-n N] [-s STATUS] [-w] MODE [ARG...]
 *
 *   -n N       so many times (each mode has a number of its own)
 *   -s STATUS  ends with this exit status (0)
 *   -w         waits for a line of input after a tenth of it and at its end, so that somebody can
 *              look at what is there meanwhile
 *
 * All that is to be denied is UNLINKAT of "MODE/NUMBER", or in mode "calls" bpf(2) and internet
 * sockets; see requests.h for the policy. Prints "rude: MODE: N denied" at its end, N being what
 * was surely sent, or "rude: MODE: denied N of M" and ends with 1. Exit status: -s; 2 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ring.h"
#include "trial.h"
#include "words.h"

#define RINGS 8
#define THREADS 8

struct rude;

struct treatment {
	const char *name;
	unsigned int times;
	/* Returns how many denials were surely sent; adds to rude->missed those not seen. */
	unsigned int (*run)(struct rude *rude);
	const char *help;
};

struct rude {
	const struct treatment *mode;
	const char *program;
	unsigned int times, status, missed;
	bool waits;
	int argc;
	char **argv;
};

static unsigned int chance(unsigned int limit)
{
	static _Thread_local uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)(state >> 32) % limit;
}

/* Lets somebody look, who sees this line and sends one. */
static void pause_here(const struct rude *rude, unsigned int done)
{
	char line[8];

	if (!rude->waits)
		return;
	printf("rude: %s: at %u\n", rude->mode->name, done);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
}

static void tenth(const struct rude *rude, unsigned int done)
{
	if (done == rude->times / 10)
		pause_here(rude, done);
}

/* The path lives on: a request may be read later than it was submitted. */
static struct sqe forbidden(const char *mode, unsigned int number)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%u", mode, number) < 0)
		abort();
	return (struct sqe){ .opcode = OP_UNLINKAT, .fd = AT_FDCWD, .addr = ADDR(path) };
}

static void deny_one(struct rude *rude, struct ring *ring, unsigned int number)
{
	struct sqe sqe = forbidden(rude->mode->name, number);

	if (ring_run(ring, &sqe) != -EACCES)
		rude->missed++;
}

/* Nothing may be said of a ring that is ill-treated but that it was submitted. */
static void deny_unseen(struct rude *rude, struct ring *ring, unsigned int number)
{
	struct sqe sqe = forbidden(rude->mode->name, number);

	ring_push(ring, &sqe);
	ring_enter(ring, 1, 0, 0);
}

static void make(struct ring *ring, unsigned int flags)
{
	int ret = ring_make(ring, flags);

	if (ret == 0)
		return;
	fprintf(stderr, "rude: ring: %s\n", errno_name(-ret));
	exit(1);
}

static void discard(struct ring *ring)
{
	ring_close(ring);
	ring_unmap(ring);
}

/* Reads that stay in flight, of a pipe that nobody writes to. */
static void arm_reads(struct ring *ring, int count)
{
	static char buffer[16];
	static int ends[2] = { -1, -1 };

	if (ends[0] < 0 && pipe2(ends, O_CLOEXEC) < 0)
		exit(1);
	for (int i = 0; i < count; i++)
		ring_push(ring, REQUEST(.opcode = OP_READ, .fd = ends[0], .addr = ADDR(buffer),
					.len = 1));
	ring_submit(ring);
}

static void *submit_forever(void *context)
{
	struct rude *rude = context;
	struct ring ring;

	make(&ring, 0);
	arm_reads(&ring, 2);
	for (unsigned int i = 0;; i++) {
		deny_one(rude, &ring, i);
		__atomic_store_n(&rude->times, i, __ATOMIC_RELAXED);
	}
	return NULL;
}

static unsigned int run_killed(struct rude *rude)
{
	unsigned int enough = rude->times;
	pthread_t thread;

	rude->times = 0;
	pthread_create(&thread, NULL, submit_forever, rude);
	while (__atomic_load_n(&rude->times, __ATOMIC_RELAXED) < enough)
		usleep(1000);
	kill(getpid(), SIGKILL);
	return 0;
}

/* exec LEFT [FD]: the descriptor is that of a ring that was made before the last exec. */
static unsigned int run_exec(struct rude *rude)
{
	unsigned int left =
		rude->argc > 0 ? (unsigned int)number_or_none(rude->argv[0]) : rude->times;
	char left_text[16], fd_text[16], status_text[16];
	struct ring kept, ring;

	if (rude->argc > 1 && ring_adopt(&kept, number_or_none(rude->argv[1])) == 0) {
		deny_one(rude, &kept, 1000 + left);
		arm_reads(&kept, 1);
	}
	make(&ring, 0);
	arm_reads(&ring, 2);
	deny_one(rude, &ring, left);
	if (left == 0 || rude->missed)
		return rude->times + 1 + rude->times / 2;
	snprintf(left_text, sizeof(left_text), "%u", left - 1);
	snprintf(fd_text, sizeof(fd_text), "%d", ring.fd);
	snprintf(status_text, sizeof(status_text), "%u", rude->status);
	if (left % 2)
		fcntl(ring.fd, F_SETFD, 0);
	execl(rude->program, rude->program, "-s", status_text, "exec", left_text,
	      left % 2 ? fd_text : NULL, NULL);
	return 0;
}

static void one_child(struct rude *rude, unsigned int number)
{
	struct ring ring;

	make(&ring, 0);
	deny_one(rude, &ring, number);
	_exit(rude->missed != 0);
}

static void collect(struct rude *rude)
{
	int status;

	if (wait(&status) > 0 && status != 0)
		rude->missed++;
}

static unsigned int run_forks(struct rude *rude)
{
	for (unsigned int i = 0; i < rude->times; i++) {
		pid_t pid = fork();

		if (pid == 0)
			one_child(rude, i);
		if (i >= THREADS)
			collect(rude);
		tenth(rude, i);
	}
	for (unsigned int i = 0; i < THREADS; i++)
		collect(rude);
	return rude->times;
}

static unsigned int run_rings(struct rude *rude)
{
	struct ring rings[RINGS];

	for (unsigned int i = 0; i < rude->times; i++) {
		struct ring *ring = &rings[i % RINGS];

		if (i >= RINGS)
			discard(ring);
		make(ring, 0);
		deny_one(rude, ring, i);
		tenth(rude, i);
	}
	return rude->times;
}

static unsigned int run_close(struct rude *rude)
{
	struct ring ring;

	for (unsigned int i = 0; i < rude->times; i++) {
		make(&ring, 0);
		arm_reads(&ring, 4);
		deny_unseen(rude, &ring, i);
		ring_close(&ring);
		if (i % 2)
			ring_unmap(&ring);
	}
	return rude->times;
}

static unsigned int run_unmap(struct rude *rude)
{
	struct ring ring;

	for (unsigned int i = 0; i < rude->times; i++) {
		struct sqe sqe = forbidden(rude->mode->name, i);

		make(&ring, 0);
		ring_push(&ring, &sqe);
		*ring.sq_tail = ring.tail;
		ring_unmap(&ring);
		if (syscall(SYS_io_uring_enter, ring.fd, 1, 0, 0, NULL, 0) != 1)
			rude->missed++;
		ring_close(&ring);
	}
	return rude->times;
}

struct scribbler {
	pthread_t thread;
	unsigned char *begin, *end, *spare_begin, *spare_end; /* not between the latter two */
	bool stop;
};

static void *scribble(void *context)
{
	struct scribbler *scribbler = context;
	unsigned int words = (unsigned int)(scribbler->end - scribbler->begin) / 4;

	while (!__atomic_load_n(&scribbler->stop, __ATOMIC_RELAXED)) {
		/* The heads and tails more often than the rest. */
		unsigned int at = chance(chance(2) ? 16 : words);
		unsigned char *place = scribbler->begin + at * 4UL;
		unsigned int value = chance(2) ? chance(64) : chance(~0U);

		if (place < scribbler->spare_begin || place >= scribbler->spare_end)
			__atomic_store_n((unsigned int *)place, value, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void submit_while_scribbled(struct rude *rude, struct ring *ring,
				   struct scribbler *scribbler)
{
	pthread_create(&scribbler->thread, NULL, scribble, scribbler);
	for (unsigned int i = 0; i < rude->times; i++) {
		deny_unseen(rude, ring, i);
		ring_enter(ring, 0, 0, ENTER_GETEVENTS);
	}
	scribbler->stop = true;
	pthread_join(scribbler->thread, NULL);
}

/* Head, tail, mask and size of the CQ ring, and its CQEs; the SQ ring's head and tail are spared.
 */
static unsigned int run_scribble_cq(struct rude *rude)
{
	struct ring ring;

	make(&ring, 0);
	submit_while_scribbled(rude, &ring,
			       &(struct scribbler){ .begin = ring.rings,
						    .end = (unsigned char *)ring.sq_array,
						    .spare_begin = ring.rings,
						    .spare_end = ring.rings + 8 });
	return 0;
}

static unsigned int run_scribble_sq(struct rude *rude)
{
	struct ring ring;

	make(&ring, 0);
	submit_while_scribbled(rude, &ring,
			       &(struct scribbler){ .begin = ring.rings,
						    .end = (unsigned char *)(ring.sq_array + 16),
						    .spare_begin = ring.cqes,
						    .spare_end = (unsigned char *)ring.sq_array });
	return 0;
}

static unsigned int run_odd(struct rude *rude)
{
	static const unsigned int sizes[] = { 1, 2, 3, 5, 31, 33, 1000, 4096, 32768 };
	static const unsigned int flags[] = { 0, SETUP_NO_MMAP, SETUP_SQE128 | SETUP_CQE32,
					      SETUP_NO_SQARRAY | SETUP_CQE32 };
	unsigned int made = 0;
	struct ring ring;

	for (unsigned int i = 0; i < rude->times; i++) {
		unsigned int size = sizes[i % 9];

		if (ring_make_sized(&ring, size, i % 2 ? size + chance(size) : 0, flags[i % 4]) < 0)
			continue;
		deny_one(rude, &ring, i);
		discard(&ring);
		made++;
	}
	return made;
}

static void make_all(struct ring rings[RINGS])
{
	for (unsigned int i = 0; i < RINGS; i++)
		make(&rings[i], 0);
}

/* Any of the rings at any index, which is entered by it. */
static unsigned int run_register_fds(struct rude *rude)
{
	struct ring rings[RINGS];
	int at[16];

	memset(at, -1, sizeof(at));
	make_all(rings);
	for (unsigned int i = 0; i < rude->times;) {
		unsigned int index = chance(16), which = chance(RINGS);
		struct rsrc_update update = { .offset = index, .data = (uint64_t)rings[which].fd };

		if (at[index] < 0) {
			if (ring_register(&rings[0], REG_RING_FDS, &update, 1) == 1)
				at[index] = (int)which;
		} else if (chance(3) == 0) {
			update.data = 0;
			ring_register(&rings[0], REG_UNREGISTER_RING_FDS, &update, 1);
			at[index] = -1;
		} else {
			struct ring *ring = &rings[at[index]];
			int fd = ring->fd;

			ring->fd = (int)index;
			ring->registered = true;
			deny_one(rude, ring, i++);
			ring->fd = fd;
			ring->registered = false;
		}
	}
	return rude->times;
}

/* Any of the rings behind any of the descriptors. */
static unsigned int run_dup2(struct rude *rude)
{
	struct ring rings[RINGS];
	int fds[RINGS];
	unsigned int behind[RINGS];

	make_all(rings);
	for (unsigned int i = 0; i < RINGS; i++) {
		fds[i] = rings[i].fd;
		rings[i].fd = fcntl(fds[i], F_DUPFD_CLOEXEC, 100);
		behind[i] = i;
	}
	for (unsigned int i = 0; i < rude->times; i++) {
		unsigned int from = chance(RINGS), to = chance(RINGS);
		struct ring *ring = &rings[from];
		int fd;

		dup2(ring->fd, fds[to]);
		behind[to] = from;
		to = chance(RINGS);
		ring = &rings[behind[to]];
		fd = ring->fd;
		ring->fd = fds[to];
		deny_one(rude, ring, i);
		ring->fd = fd;
	}
	return rude->times;
}

static unsigned int run_garbage(struct rude *rude)
{
	struct ring_params params;
	struct ring ring;

	for (unsigned int i = 0; i < rude->times; i++) {
		unsigned int *words = (unsigned int *)&params;
		int fd;

		memset(&params, 0, sizeof(params));
		for (unsigned int j = 0; j < sizeof(params) / 4; j++)
			words[j] = chance(4) ? 0 : chance(~0U);
		if (chance(2))
			params.flags = 1U << chance(24);
		params.cq_entries %= 256;
		fd = (int)syscall(SYS_io_uring_setup, chance(64), chance(8) ? &params : (void *)1);
		if (fd >= 0)
			close(fd);
	}
	make(&ring, 0);
	deny_one(rude, &ring, 0);
	return 1;
}

/* A path that ends where memory ends, without a NUL. */
static uint64_t edge_of_memory(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(pages + 4096, 4096);
	memset(pages, 'x', 4096);
	return ADDR(pages + 4000);
}

static unsigned int run_wild(struct rude *rude)
{
	static const uint8_t opcodes[] = { OP_OPENAT,	OP_OPENAT2,   OP_CONNECT,  OP_UNLINKAT,
					   OP_RENAMEAT, OP_MKDIRAT,   OP_LINKAT,   OP_SYMLINKAT,
					   OP_STATX,	OP_SENDMSG,   OP_WRITEV,   OP_SOCKET,
					   OP_BIND,	OP_URING_CMD, OP_SETXATTR, OP_COUNT + 7 };
	const uint64_t pointers[] = { 0,    1,		 edge_of_memory(),   0x7ffffffff000,
				      ~0UL, ~0UL - 4096, 0xffff888000000000, 0x8000000000000000 };
	struct ring ring;

	make(&ring, SETUP_SUBMIT_ALL);
	for (unsigned int i = 0; i < rude->times; i++) {
		struct sqe sqe = { .opcode = opcodes[chance(sizeof(opcodes))],
				   .fd = chance(2) ? AT_FDCWD : (int)chance(~0U),
				   .addr = pointers[chance(8)],
				   .addr2 = pointers[chance(8)],
				   .addr3 = chance(2) ? pointers[chance(8)] : 0,
				   .len = chance(2) ? 24 : chance(~0U) };

		ring_run(&ring, &sqe);
	}
	deny_one(rude, &ring, 0);
	return 1;
}

struct caller {
	pthread_t thread;
	unsigned int number, times, missed;
};

static void *call(void *context)
{
	struct caller *caller = context;

	for (unsigned int i = 0; i < caller->times; i++) {
		int protocol = (int)(caller->number << 20 | i);

		if (socket(AF_INET6, SOCK_DGRAM, protocol) >= 0 || errno != EAFNOSUPPORT)
			caller->missed++;
		if (syscall(SYS_bpf, protocol, NULL, 0) >= 0 || errno != EPERM)
			caller->missed++;
	}
	return NULL;
}

static unsigned int run_calls(struct rude *rude)
{
	struct caller callers[THREADS];

	for (unsigned int i = 0; i < THREADS; i++) {
		callers[i] = (struct caller){ .number = i, .times = rude->times };
		pthread_create(&callers[i].thread, NULL, call, &callers[i]);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		pthread_join(callers[i].thread, NULL);
		rude->missed += callers[i].missed;
	}
	return rude->times * THREADS * 2;
}

static const struct treatment modes[] = {
	{ "killed", 200, run_killed, "kills itself while its rings are at work" },
	{ "exec", 8, run_exec, "executes itself, every other time with its ring open" },
	{ "forks", 1000, run_forks, "has children that make a ring each" },
	{ "rings", 1000, run_rings, "makes rings, and closes all but the last ones" },
	{ "close", 200, run_close, "closes rings that are at work" },
	{ "unmap", 200, run_unmap, "submits to rings that are not mapped any more" },
	{ "scribble-cq", 2000, run_scribble_cq, "writes all over its CQ ring" },
	{ "scribble-sq", 2000, run_scribble_sq, "writes all over both rings, but CQEs" },
	{ "odd", 72, run_odd, "makes rings of odd sizes" },
	{ "register-fds", 500, run_register_fds, "registers and unregisters its rings" },
	{ "dup2", 500, run_dup2, "moves its rings from descriptor to descriptor" },
	{ "garbage", 5000, run_garbage, "asks for rings with random parameters" },
	{ "wild", 2000, run_wild, "submits requests with wild pointers" },
	{ "calls", 500, run_calls, "makes system calls that are denied, by eight threads" },
	{ 0 },
};

static int usage(void)
{
	fprintf(stderr, "usage: rude [-n N] [-s STATUS] [-w] MODE [ARG...]\n");
	for (const struct treatment *mode = modes; mode->name; mode++)
		fprintf(stderr, "  %-13s %s (%u times)\n", mode->name, mode->help, mode->times);
	return 2;
}

static int run(struct rude *rude)
{
	unsigned int denied = rude->mode->run(rude);

	pause_here(rude, denied);
	if (rude->missed) {
		printf("rude: %s: denied %u of %u\n", rude->mode->name, denied - rude->missed,
		       denied);
		return 1;
	}
	printf("rude: %s: %u denied\n", rude->mode->name, denied);
	return (int)rude->status;
}

int main(int argc, char **argv)
{
	struct rude rude = { .mode = modes, .program = argv[0] };
	int option, number = 0;

	while ((option = getopt(argc, argv, "+n:s:w")) != -1) {
		if (option == '?' || (option != 'w' && !parse_number(optarg, &number)))
			return usage();
		if (option == 'n')
			rude.times = (unsigned int)number;
		else if (option == 's')
			rude.status = (unsigned int)number;
		else
			rude.waits = true;
	}
	if (optind == argc)
		return usage();
	while (rude.mode->name && strcmp(rude.mode->name, argv[optind]) != 0)
		rude.mode++;
	if (!rude.mode->name)
		return usage();
	if (!rude.times)
		rude.times = rude.mode->times;
	rude.argc = argc - optind - 1;
	rude.argv = argv + optind + 1;
	return run(&rude);
}
