// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * load: many requests through many rings, a known share of which the policy denies.
 *
 *   load [-n N] [-P N] [-T N] [-e N] [-b N] [-d N] [-s SEED] [-f FORM,...] [-t FILE] [-r FILE]
 *        [-x FILE] [-i] [-k]
 *
 *   -n N     so many requests (100000) in all
 *   -P, -T   by so many processes (2) of so many threads (4), each with a ring of its own
 *   -e N     of so many entries (32)
 *   -b N     in batches of so many; 0 (default): of random sizes up to the ring's
 *   -d N     one in N (50) is one that the policy of requests.h denies; 0: none
 *   -s SEED  of the random numbers, which are the same everywhere (1)
 *   -f FORM  how rings are set up and used; --help lists the forms
 *   -t FILE  writes a JSON line to FILE.0, FILE.1... of each process for each denied request
 *            that was sent and whose denial was seen, or that a chain swallowed ("seen": false)
 *   -r FILE  the file that may be read (.)
 *   -x FILE  one in 40 opens FILE, which lacks permission
 *   -i       one in 40 is a NOP that says EACCES of its own accord
 *   -k       of what is allowed, NOP alone
 *
 * Prints "load: N requests, N denied, N enters, N.N seconds". Exit status: 0; 1 if a completion was
 * not as expected; 2 usage, 3 no ring.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "requests.h"
#include "ring.h"
#include "trial.h"
#include "words.h"

#define SLOTS 8192
#define RESIZE_EVERY 16 /* batches */
#define CHAIN_MAX 3
#define THREADS_MAX 64

enum behaviour {
	REGISTERED = 1 << 0,
	HIDDEN = 1 << 1,
	RESIZE = 1 << 2,
	OVERFLOW = 1 << 3,
	CHAINS = 1 << 4,
	SKIPS = 1 << 5,
	SAME_USER_DATA = 1 << 6,
	SHARED = 1 << 7,
};

struct form {
	const char *name;
	unsigned int setup_flags;
	unsigned int behaviour;
	const char *help;
};

static const struct form forms[] = {
	{ "plain", 0, 0, "as the kernel makes them" },
	{ "submit-all", SETUP_SUBMIT_ALL, 0, "a refused request does not end a submission" },
	{ "defer", SETUP_DEFER_TASKRUN | SETUP_SINGLE_ISSUER, 0, "completions at enter alone" },
	{ "registered", 0, REGISTERED, "entered by the index of the registered ring" },
	{ "hidden", 0, HIDDEN, "the same, and the descriptor is closed" },
	{ "registered-only", SETUP_NO_MMAP | SETUP_REGISTERED_FD_ONLY, 0,
	  "that never had a descriptor" },
	{ "no-sqarray", SETUP_NO_SQARRAY, 0, "without the array of indices" },
	{ "nommap", SETUP_NO_MMAP, 0, "in the program's own memory" },
	{ "sqe128", SETUP_SQE128, 0, "with large SQEs" },
	{ "cqe32", SETUP_CQE32, 0, "with large CQEs" },
	{ "sqe-mixed", SETUP_SQE_MIXED, 0, "with SQEs of both sizes" },
	{ "cqe-mixed", SETUP_CQE_MIXED, 0, "with CQEs of both sizes" },
	{ "sqpoll", SETUP_SQPOLL, 0, "with a kernel thread that polls" },
	{ "resize", SETUP_DEFER_TASKRUN | SETUP_SINGLE_ISSUER, RESIZE, "resized now and then" },
	{ "overflow", 0, OVERFLOW, "whose CQ ring is too small, and reaped late" },
	{ "chain", 0, CHAINS, "what is denied is part of a chain" },
	{ "cqe-skip", 0, CHAINS | SKIPS, "the same, with CQE_SKIP_SUCCESS" },
	{ "same-user-data", 0, SAME_USER_DATA, "user_data tells nothing apart" },
	{ "shared", 0, SHARED, "one ring a process" },
	{ 0 },
};

struct options {
	unsigned int requests, processes, threads, entries, batch, denied_every, seed;
	unsigned int setup_flags, behaviour;
	const char *truth, *readable, *forbidden;
	bool inject, nops;
};

/* What the processes share. */
struct totals {
	unsigned int requests, denied, enters, wrong, no_ring;
};

/* A ring, and what is under way on it. */
struct traffic {
	const struct options *options;
	struct totals *totals;
	FILE *truth;
	pthread_mutex_t lock;
	struct ring ring;
	struct source source;
	struct request *slots;
	unsigned int next, drained; /* numbers of requests; up to @drained none is pending */
	unsigned int outstanding, limit;
	unsigned int batches, quota;
	unsigned int got_denied; /* since the last drain, where user_data tells nothing apart */
};

static void count(unsigned int *total, unsigned int number)
{
	__atomic_add_fetch(total, number, __ATOMIC_RELAXED);
}

static void wrong(struct traffic *traffic, const struct request *request, int result)
{
	count(&traffic->totals->wrong, 1);
	fprintf(stderr, "load: opcode %u, user_data %llx, {%s}: result %d\n", request->sqe.opcode,
		(unsigned long long)request->sqe.user_data, request->truth, result);
}

static void tell(struct traffic *traffic, const struct request *request, bool seen)
{
	if (request->expectation == EXPECT_DENIED)
		count(&traffic->totals->denied, 1);
	if (traffic->truth && *request->truth)
		fprintf(traffic->truth, "{\"pid\": %d, \"user_data\": %llu, \"seen\": %s, %s}\n",
			getpid(), (unsigned long long)request->sqe.user_data,
			seen ? "true" : "false", request->truth);
}

/* Where user_data tells nothing apart: 1 for what gives a descriptor, 2 for others. */
static uint64_t user_data(const struct traffic *traffic, const struct request *request)
{
	if (!(traffic->options->behaviour & SAME_USER_DATA))
		return (uint64_t)(traffic->source.name + 1) << 40 | traffic->next;
	if (request->expectation == EXPECT_DENIED)
		return 1 + traffic->next % 2;
	return request->gives_fd ? 1 : 2;
}

static void complete_unknown(struct traffic *traffic, const struct cqe *cqe)
{
	traffic->outstanding--;
	traffic->got_denied += cqe->res == -EACCES;
	if (cqe->user_data == 1 && cqe->res >= 0)
		close(cqe->res);
}

static void complete(struct traffic *traffic, const struct cqe *cqe)
{
	struct request *request = &traffic->slots[(unsigned int)cqe->user_data % SLOTS];

	if (traffic->options->behaviour & SAME_USER_DATA) {
		complete_unknown(traffic, cqe);
		return;
	}
	if (!request->pending || request->sqe.user_data != cqe->user_data) {
		wrong(traffic, request, cqe->res);
		return;
	}
	request->pending = false;
	traffic->outstanding--;
	if (!request_as_expected(request, cqe->res))
		wrong(traffic, request, cqe->res);
	if (cqe->res == -EACCES)
		tell(traffic, request, true);
	if (request->swallows)
		tell(traffic, request->swallows, false);
	if (request->gives_fd && cqe->res >= 0)
		close(cqe->res);
}

static void reap(struct traffic *traffic)
{
	struct cqe cqe;

	while (ring_pop(&traffic->ring, &cqe))
		complete(traffic, &cqe);
}

static int enter(struct traffic *traffic, unsigned int submit, unsigned int wait)
{
	int ret;

	count(&traffic->totals->enters, 1);
	if (wait > traffic->ring.cq_entries)
		wait = traffic->ring.cq_entries;
	ret = ring_enter(&traffic->ring, submit, wait, wait ? ENTER_GETEVENTS : 0);
	return ret == -EINTR || ret == -EBUSY || ret == -EAGAIN ? 0 : ret;
}

/* Which of those since the last drain were denied, when all that is known is how many. */
static int settle(struct traffic *traffic)
{
	unsigned int denied = 0, no_right = 0;

	for (unsigned int i = traffic->drained; i != traffic->next; i++) {
		denied += traffic->slots[i % SLOTS].expectation == EXPECT_DENIED;
		no_right += traffic->slots[i % SLOTS].expectation == EXPECT_NO_RIGHT;
	}
	if (traffic->got_denied != denied && traffic->got_denied != denied + no_right) {
		fprintf(stderr, "load: %u denied, not %u or %u\n", traffic->got_denied, denied,
			denied + no_right);
		count(&traffic->totals->wrong, 1);
	}
	for (unsigned int i = traffic->drained; i != traffic->next; i++) {
		const struct request *request = &traffic->slots[i % SLOTS];

		if (request->expectation == EXPECT_DENIED ||
		    (request->expectation == EXPECT_NO_RIGHT && traffic->got_denied > denied))
			tell(traffic, request, true);
	}
	traffic->got_denied = 0;
	traffic->drained = traffic->next;
	return 0;
}

static int wait_until_left(struct traffic *traffic, unsigned int left)
{
	int ret = 0;

	reap(traffic);
	while (ret >= 0 && traffic->outstanding > left) {
		ret = enter(traffic, 0, traffic->outstanding - left);
		reap(traffic);
	}
	return ret < 0 ? ret : 0;
}

static int submit_all(struct traffic *traffic)
{
	/* Often all in one call, as io_uring_submit_and_wait() does. */
	bool wait = !(traffic->options->behaviour & OVERFLOW) &&
		    source_random(&traffic->source, 3) == 0;
	int ret = 0;

	if (traffic->options->setup_flags & SETUP_SQPOLL) {
		while (ret >= 0 && (ret = ring_submit(&traffic->ring)) >= 0 &&
		       ring_unsubmitted(&traffic->ring))
			sched_yield();
		return ret;
	}
	/* A refused request ends a submission; those behind it need another one. */
	while (ret >= 0 && ring_unsubmitted(&traffic->ring)) {
		ret = enter(traffic, ring_unsubmitted(&traffic->ring),
			    wait ? traffic->outstanding : 0);
		if (ret < 0 || !ring_unsubmitted(&traffic->ring))
			break;
		if (!(traffic->options->behaviour & OVERFLOW))
			reap(traffic);
	}
	return ret < 0 ? ret : 0;
}

static struct request *slot(struct traffic *traffic)
{
	return &traffic->slots[traffic->next % SLOTS];
}

static void push(struct traffic *traffic, struct request *request)
{
	request->sqe.user_data = user_data(traffic, request);
	request->pending = !request->swallowed;
	traffic->outstanding += request->pending;
	/* The ring counts up, and is told from where. */
	traffic->ring.last_user_data = request->sqe.user_data - 1;
	ring_push(&traffic->ring, &request->sqe);
	traffic->next++;
}

static struct request *push_nop(struct traffic *traffic, unsigned int flags,
				enum expectation expectation)
{
	struct request *request = slot(traffic);

	request_nop(request, flags, expectation);
	push(traffic, request);
	return request;
}

static void push_denied(struct traffic *traffic, unsigned int flags)
{
	struct request *request = slot(traffic);

	request_denied(&traffic->source, request, traffic->next);
	request->sqe.flags = (uint8_t)flags;
	push(traffic, request);
}

/* A chain as a whole is canceled where one is denied, wherever it stands. */
static void push_chain(struct traffic *traffic)
{
	unsigned int link = source_random(&traffic->source, 2) ? SQE_LINK : SQE_HARDLINK;

	switch (source_random(&traffic->source, 3)) {
	case 0:
		push_nop(traffic, link, EXPECT_CANCELED);
		push_denied(traffic, 0);
		break;
	case 1:
		push_denied(traffic, link);
		push_nop(traffic, 0, EXPECT_CANCELED);
		break;
	default:
		push_nop(traffic, link, EXPECT_CANCELED);
		push_denied(traffic, link);
		push_nop(traffic, 0, EXPECT_CANCELED);
		break;
	}
}

/* A head that fails without wanting a completion has one all the same, and the others have none. */
static void push_skipping_chain(struct traffic *traffic)
{
	struct request *head, *denied;

	switch (source_random(&traffic->source, 3)) {
	case 0:
		head = push_nop(traffic, SQE_LINK | SQE_CQE_SKIP_SUCCESS, EXPECT_CANCELED);
		denied = slot(traffic);
		request_denied(&traffic->source, denied, traffic->next);
		denied->swallowed = true;
		head->swallows = denied;
		push(traffic, denied);
		break;
	case 1:
		push_denied(traffic, SQE_CQE_SKIP_SUCCESS);
		break;
	default:
		push_denied(traffic, SQE_LINK | SQE_CQE_SKIP_SUCCESS);
		request_nop(slot(traffic), 0, EXPECT_CANCELED);
		slot(traffic)->swallowed = true;
		push(traffic, slot(traffic));
		break;
	}
}

static void push_some(struct traffic *traffic)
{
	const struct options *options = traffic->options;
	bool denied = options->denied_every &&
		      source_random(&traffic->source, options->denied_every) == 0;

	if (denied && options->behaviour & SKIPS && source_random(&traffic->source, 2))
		push_skipping_chain(traffic);
	else if (denied && options->behaviour & CHAINS)
		push_chain(traffic);
	else if (denied) {
		push_denied(traffic, 0);
	} else {
		struct request *request = slot(traffic);

		request_allowed(&traffic->source, request, traffic->next);
		/* A large SQE may not wrap around. */
		if (options->setup_flags & SETUP_SQE_MIXED && request->sqe.opcode == OP_NOP &&
		    (traffic->ring.tail & traffic->ring.sq_mask) != traffic->ring.sq_mask) {
			request->sqe.opcode = OP_NOP128;
			request->sqe.op_flags = 0;
		}
		push(traffic, request);
	}
}

static int resize(struct traffic *traffic)
{
	unsigned int entries = traffic->options->entries >> source_random(&traffic->source, 3);
	unsigned int cq_entries = traffic->options->entries
				  << (2 + source_random(&traffic->source, 3));

	return ring_resize(&traffic->ring, entries ? entries : 1, cq_entries);
}

/* A slot that is still in use, by a request that io-wq took long for, is waited for. */
static int batch(struct traffic *traffic)
{
	unsigned int room = traffic->ring.sq_entries, end = traffic->next + room;
	unsigned int size = traffic->options->batch ? traffic->options->batch
						    : 1 + source_random(&traffic->source, room);
	int ret = 0;

	for (unsigned int i = traffic->next; i != end + CHAIN_MAX && ret == 0; i++)
		if (traffic->slots[i % SLOTS].pending)
			ret = wait_until_left(traffic, 0);
	if (ret == 0 && traffic->options->behaviour & RESIZE &&
	    ++traffic->batches % RESIZE_EVERY == 0) {
		ret = resize(traffic);
		room = traffic->ring.sq_entries;
	}
	if (ret < 0)
		return ret;
	for (end = traffic->next + size; (int)(end - traffic->next) > 0;) {
		if (traffic->next >= traffic->quota ||
		    ring_unsubmitted(&traffic->ring) + CHAIN_MAX > room)
			break;
		push_some(traffic);
	}
	ret = submit_all(traffic);
	if (ret == 0 && !(traffic->options->behaviour & OVERFLOW))
		reap(traffic);
	if (ret == 0 && traffic->options->behaviour & SAME_USER_DATA) {
		ret = wait_until_left(traffic, 0);
		return ret < 0 ? ret : settle(traffic);
	}
	if (ret == 0 && traffic->outstanding > traffic->limit)
		ret = wait_until_left(
			traffic, traffic->options->behaviour & OVERFLOW
					 ? 0
					 : source_random(&traffic->source, traffic->limit + 1));
	return ret;
}

static int open_ring(struct traffic *traffic)
{
	const struct options *options = traffic->options;
	/* Room for a batch beside what is left of those before it. */
	unsigned int cq_entries =
		options->behaviour & OVERFLOW ? options->entries : 4 * options->entries;
	unsigned int flags = options->setup_flags;
	int ret, fd, copy;

	if (options->threads > 1 && traffic->source.name % 2 && !(flags & SETUP_SQPOLL))
		flags |= SETUP_SUBMIT_ALL;
	ret = ring_make_sized(&traffic->ring, options->entries, cq_entries, flags);
	if (ret < 0 || !(options->behaviour & (REGISTERED | HIDDEN)))
		return ret;
	fd = traffic->ring.fd;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	ret = ring_hide(&traffic->ring);
	/* The descriptor may stay, as liburing leaves it. */
	if (options->behaviour & REGISTERED)
		dup3(copy, fd, O_CLOEXEC);
	close(copy);
	return ret;
}

static void *run_thread(void *context)
{
	struct traffic *traffic = context;
	bool shared = traffic->options->behaviour & SHARED;
	int ret = shared ? 0 : open_ring(traffic);

	if (ret < 0) {
		fprintf(stderr, "load: ring: %s\n", errno_name(-ret));
		count(&traffic->totals->no_ring, 1);
		return NULL;
	}
	while (ret == 0) {
		pthread_mutex_lock(&traffic->lock);
		if (traffic->next < traffic->quota) {
			ret = batch(traffic);
			pthread_mutex_unlock(&traffic->lock);
			continue;
		}
		ret = wait_until_left(traffic, 0);
		pthread_mutex_unlock(&traffic->lock);
		break;
	}
	if (ret < 0) {
		fprintf(stderr, "load: %s\n", errno_name(-ret));
		count(&traffic->totals->wrong, 1);
	}
	return NULL;
}

static int open_traffic(struct traffic *traffic, const struct options *options,
			struct totals *totals, FILE *truth, unsigned int name)
{
	*traffic = (struct traffic){
		.options = options,
		.totals = totals,
		.truth = truth,
		.slots = calloc(SLOTS, sizeof(*traffic->slots)),
		.limit =
			options->behaviour & OVERFLOW ? 8 * options->entries : 2 * options->entries,
		.source = { .random = (((uint64_t)options->seed << 20 | name) + 1) *
				      0x9e3779b97f4a7c15,
			    .name = name,
			    .zero_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC),
			    .null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC),
			    .unix_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
			    .readable = options->readable,
			    .forbidden = options->forbidden,
			    .inject = options->inject,
			    .nops = options->nops,
			    .large_cqes = options->setup_flags & SETUP_CQE_MIXED },
	};
	pthread_mutex_init(&traffic->lock, NULL);
	/* Large completions take the room of two, and a filler at the end. */
	if (traffic->source.large_cqes)
		traffic->limit = options->entries / 2;
	return traffic->slots ? 0 : -ENOMEM;
}

static FILE *open_truth(const char *name, unsigned int process)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s.%u", name, process);
	file = fopen(path, "we");
	if (!file)
		fprintf(stderr, "load: %s: %s\n", path, errno_name(errno));
	return file;
}

static int run_process(const struct options *options, struct totals *totals, unsigned int process)
{
	bool shared = options->behaviour & SHARED;
	unsigned int rings = shared ? 1 : options->threads;
	struct traffic traffic[THREADS_MAX];
	pthread_t threads[THREADS_MAX];
	FILE *truth = options->truth ? open_truth(options->truth, process) : NULL;

	if (options->truth && !truth)
		return 1;
	for (unsigned int i = 0; i < rings; i++) {
		if (open_traffic(&traffic[i], options, totals, truth, process * rings + i) < 0)
			return 1;
		traffic[i].quota = options->requests / options->processes / rings;
	}
	if (shared && open_ring(&traffic[0]) < 0)
		return 3;
	for (unsigned int i = 0; i < options->threads; i++)
		if (pthread_create(&threads[i], NULL, run_thread, &traffic[shared ? 0 : i]) != 0)
			return 1;
	for (unsigned int i = 0; i < options->threads; i++)
		pthread_join(threads[i], NULL);
	for (unsigned int i = 0; i < rings; i++)
		count(&totals->requests, traffic[i].next);
	return truth && fclose(truth) != 0;
}

static int run(const struct options *options)
{
	struct totals *totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec begin, end;
	int failed = 0, status;

	if (totals == MAP_FAILED)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (unsigned int i = 1; i < options->processes; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(run_process(options, totals, i));
		failed |= pid < 0;
	}
	failed |= run_process(options, totals, 0);
	while (wait(&status) > 0)
		failed |= !WIFEXITED(status) || WEXITSTATUS(status);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("load: %u requests, %u denied, %u enters, %.3f seconds\n", totals->requests,
	       totals->denied, totals->enters,
	       (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
	return totals->no_ring ? 3 : failed || totals->wrong;
}

static bool add_forms(struct options *options, const char *list)
{
	char word[WORD_SIZE];
	const struct form *form;

	while (next_word(&list, word)) {
		for (form = forms; form->name && strcmp(form->name, word) != 0; form++)
			;
		if (!form->name)
			return false;
		options->setup_flags |= form->setup_flags;
		options->behaviour |= form->behaviour;
	}
	return true;
}

static int usage(void)
{
	fprintf(stderr, "usage: load [-n N] [-P N] [-T N] [-e N] [-b N] [-d N] [-s SEED]\n"
			"            [-f FORM,...] [-t FILE] [-r FILE] [-x FILE] [-i] [-k]\n");
	for (const struct form *form = forms; form->name; form++)
		fprintf(stderr, "  -f %-16s rings %s\n", form->name, form->help);
	return 2;
}

static bool parse(struct options *options, int option, const char *value)
{
	struct {
		int option;
		unsigned int *number;
		const char **text;
	} rows[] = {
		{ 'n', &options->requests, NULL }, { 'P', &options->processes, NULL },
		{ 'T', &options->threads, NULL },  { 'e', &options->entries, NULL },
		{ 'b', &options->batch, NULL },	   { 'd', &options->denied_every, NULL },
		{ 's', &options->seed, NULL },	   { 't', NULL, &options->truth },
		{ 'r', NULL, &options->readable }, { 'x', NULL, &options->forbidden },
	};
	int number;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].option != option)
			continue;
		if (rows[i].text) {
			*rows[i].text = value;
			return true;
		}
		if (!parse_number(value, &number) || number < 0)
			return false;
		*rows[i].number = (unsigned int)number;
		return true;
	}
	options->inject |= option == 'i';
	options->nops |= option == 'k';
	return option == 'i' || option == 'k' || (option == 'f' && add_forms(options, value));
}

int main(int argc, char **argv)
{
	struct options options = { .requests = 100000,
				   .processes = 2,
				   .threads = 4,
				   .entries = 32,
				   .denied_every = 50,
				   .seed = 1,
				   .readable = "." };
	int option;

	while ((option = getopt(argc, argv, "n:P:T:e:b:d:s:f:t:r:x:ik")) != -1)
		if (!parse(&options, option, optarg))
			return usage();
	if (optind != argc || !options.processes || !options.threads ||
	    options.threads > THREADS_MAX || !options.entries || options.entries > 1024)
		return usage();
	return run(&options);
}
