// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Somebody else's ring, read from outside: here the test's own, through a second descriptor and
 * mapping, in each of its forms that this kernel has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audit/match.h"
#include "audit/ring.h"
#include "uring/abi.h"

#define ENTRIES 8
#define MEMORY 16384

/* The program's side of a ring. */
struct program {
	int fd;
	struct io_uring_params params;
	uint8_t *rings;
	uint8_t *sqes;
	uint32_t *index_array; /* NULL: none */
	bool own_memory;
};

static uint32_t *word(const struct program *p, uint32_t offset)
{
	return (uint32_t *)(p->rings + offset);
}

/* False where this kernel lacks the form, or io_uring altogether. */
static bool make_ring(struct program *p, uint32_t flags)
{
	memset(p, 0, sizeof(*p));
	p->params.flags = flags;
	p->own_memory = flags & URING_SETUP_NO_MMAP;
	if (p->own_memory) {
		p->rings = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		p->sqes = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		/* user_addr of cq_off and sq_off, the last member of each */
		memcpy((uint8_t *)&p->params + sizeof(p->params) - 8, &p->rings, 8);
		memcpy((uint8_t *)&p->params.sq_off + sizeof(p->params.sq_off) - 8, &p->sqes, 8);
	}
	p->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &p->params);
	if (p->fd < 0)
		return false;
	if (!p->own_memory) {
		p->rings = mmap(NULL, MEMORY / 4, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd, 0);
		p->sqes = mmap(NULL, ENTRIES * (flags & URING_SETUP_SQE128 ? 128 : 64),
			       PROT_READ | PROT_WRITE, MAP_SHARED, p->fd, URING_OFFSET_SQES);
		assert_ptr_not_equal(p->rings, MAP_FAILED);
		assert_ptr_not_equal(p->sqes, MAP_FAILED);
	}
	if (!(flags & URING_SETUP_NO_SQARRAY))
		p->index_array = word(p, p->params.sq_off.array);
	return true;
}

static void end_ring(struct program *p)
{
	munmap(p->rings, p->own_memory ? MEMORY : MEMORY / 4);
	munmap(p->sqes, p->own_memory ? MEMORY : ENTRIES * 64);
	close(p->fd);
}

/* A NOP at the queue's end, in SQE @index where the ring has an array of indices. */
static void push(struct program *p, uint32_t index, uint64_t user_data)
{
	size_t size = p->params.flags & URING_SETUP_SQE128 ? 128 : 64;
	uint32_t tail = *word(p, p->params.sq_off.tail);
	struct audit_sqe sqe = { .opcode = IORING_OP_NOP, .user_data = user_data };

	if (p->index_array)
		p->index_array[tail % ENTRIES] = index;
	else
		index = tail % ENTRIES;
	if (index < ENTRIES)
		memcpy(p->sqes + index * size, &sqe, sizeof(sqe));
	*word(p, p->params.sq_off.tail) = tail + 1;
}

static void enter(const struct program *p, unsigned int count)
{
	assert_int_equal(syscall(SYS_io_uring_enter, p->fd, count, 0, 0, NULL, 0), count);
}

struct seen {
	uint64_t user_data[64];
	int32_t results[64];
	size_t count;
};

static void see_request(void *context, const struct audit_sqe *sqe)
{
	struct seen *seen = context;

	assert_true(seen->count < 64);
	seen->user_data[seen->count++] = sqe->user_data;
}

static void see_completion(void *context, uint64_t user_data, int32_t result)
{
	struct seen *seen = context;

	assert_true(seen->count < 64);
	seen->user_data[seen->count] = user_data;
	seen->results[seen->count++] = result;
}

static struct ring_layout layout;

/* Through the eyes of a supervisor: the call's arguments, then the descriptor. */
static void watch(const struct program *p, const struct io_uring_params *asked, struct ring *ring)
{
	const char *why = NULL;

	*ring = (struct ring){ .fd = dup(p->fd), .memory_of = getpid() };
	assert_true(ring_setup_read(getpid(), ENTRIES, (uintptr_t)asked, &ring->setup));
	if (ring_open(ring, &layout, &why) < 0)
		fail_msg("%s", why);
}

static void requests_and_completions_are_seen(uint32_t flags)
{
	struct program p;
	struct io_uring_params asked;
	struct seen seen = { .count = 0 };
	struct ring ring;

	if (ring_layout_learn(&layout) < 0) {
		skip();
		return;
	}
	if (!make_ring(&p, flags)) {
		assert_int_equal(errno, EINVAL);
		skip();
		return;
	}
	asked = p.params;
	watch(&p, &asked, &ring);
	/* Twice around the queue, in an order that only the array of indices tells. */
	for (uint32_t round = 0; round < 4; round++) {
		for (uint32_t i = 0; i < ENTRIES / 2; i++)
			push(&p, ENTRIES / 2 - 1 - i, 100 * round + i);
		seen.count = 0;
		ring_take(&ring, ENTRIES / 2, see_request, &seen);
		assert_int_equal(seen.count, ENTRIES / 2);
		for (uint32_t i = 0; i < ENTRIES / 2; i++)
			assert_int_equal(seen.user_data[i], 100 * round + i);
		/* Seen once, even if the kernel takes them later. */
		seen.count = 0;
		ring_take(&ring, ENTRIES / 2, see_request, &seen);
		assert_int_equal(seen.count, 0);
		enter(&p, ENTRIES / 2);
		assert_int_equal(ring_read(&ring, see_completion, &seen), 0);
		assert_int_equal(seen.count, ENTRIES / 2);
		for (uint32_t i = 0; i < ENTRIES / 2; i++)
			assert_int_equal(seen.user_data[i], 100 * round + i);
		*word(&p, p.params.cq_off.head) = *word(&p, p.params.cq_off.tail);
	}
	ring_close(&ring);
	end_ring(&p);
}

static void an_ordinary_ring_is_read(void **state)
{
	(void)state;
	requests_and_completions_are_seen(0);
}

static void a_ring_without_index_array_is_read(void **state)
{
	(void)state;
	requests_and_completions_are_seen(URING_SETUP_NO_SQARRAY);
}

static void a_ring_of_large_requests_is_read(void **state)
{
	(void)state;
	requests_and_completions_are_seen(URING_SETUP_SQE128);
}

static void a_ring_of_large_completions_is_read(void **state)
{
	(void)state;
	requests_and_completions_are_seen(URING_SETUP_CQE32);
}

static void a_ring_in_the_programs_memory_is_read(void **state)
{
	(void)state;
	requests_and_completions_are_seen(URING_SETUP_NO_MMAP);
}

static void completions_that_nobody_read_in_time_are_counted(void **state)
{
	struct program p;
	struct seen seen = { .count = 0 };
	struct ring ring;

	(void)state;
	if (ring_layout_learn(&layout) < 0 || !make_ring(&p, 0)) {
		skip();
		return;
	}
	watch(&p, &p.params, &ring);
	for (uint32_t round = 0; round < 5; round++) {
		for (uint32_t i = 0; i < ENTRIES; i++)
			push(&p, i, i);
		enter(&p, ENTRIES);
		*word(&p, p.params.cq_off.head) = *word(&p, p.params.cq_off.tail);
	}
	/* 40 went through a queue of 16. */
	assert_int_equal(ring_read(&ring, see_completion, &seen), 24);
	assert_int_equal(seen.count, 16);
	ring_close(&ring);
	end_ring(&p);
}

/* Whatever the program writes into its queues, nothing beyond them is read. */
static void a_program_that_scribbles_is_survived(void **state)
{
	const uint32_t values[] = { 0, 1, ENTRIES, 0x7fffffff, 0x80000000, 0xffffffff };
	struct program p;
	struct seen seen;
	struct ring ring;

	(void)state;
	if (ring_layout_learn(&layout) < 0 || !make_ring(&p, 0)) {
		skip();
		return;
	}
	watch(&p, &p.params, &ring);
	for (size_t a = 0; a < 6; a++)
		for (size_t b = 0; b < 6; b++) {
			seen.count = 0;
			for (uint32_t i = 0; i < ENTRIES; i++)
				p.index_array[i] = values[(a + i) % 6];
			*word(&p, p.params.sq_off.head) = values[a];
			*word(&p, p.params.sq_off.tail) = values[b];
			*word(&p, p.params.cq_off.tail) = values[b];
			*word(&p, p.params.sq_off.ring_entries) = values[a];
			*word(&p, p.params.cq_off.ring_entries) = values[b];
			ring_take(&ring, values[a], see_request, &seen);
			assert_true(seen.count <= ENTRIES);
			ring_read(&ring, see_completion, &seen);
			assert_true(seen.count <= 3 * ENTRIES);
		}
	ring_close(&ring);
	end_ring(&p);
}

static void sizes_are_those_that_the_kernel_gives(void **state)
{
	struct io_uring_params params = { 0 };
	struct ring_setup setup;

	(void)state;
	assert_true(ring_setup_read(getpid(), 5, (uintptr_t)&params, &setup));
	assert_int_equal(setup.sq_entries, 8);
	assert_int_equal(setup.cq_entries, 16);
	params.flags = URING_SETUP_CQSIZE;
	params.cq_entries = 100;
	assert_true(ring_setup_read(getpid(), 5, (uintptr_t)&params, &setup));
	assert_int_equal(setup.cq_entries, 128);
	params.cq_entries = 4;
	assert_false(ring_setup_read(getpid(), 5, (uintptr_t)&params, &setup));
	params.flags = URING_SETUP_CLAMP;
	assert_true(ring_setup_read(getpid(), 1 << 20, (uintptr_t)&params, &setup));
	assert_int_equal(setup.sq_entries, URING_MAX_ENTRIES);
	params.flags = 0;
	assert_false(ring_setup_read(getpid(), 0, (uintptr_t)&params, &setup));
	assert_false(ring_setup_read(getpid(), 1 << 20, (uintptr_t)&params, &setup));
	assert_false(ring_setup_read(getpid(), 8, 16, &setup));
}

/* Requests that equal each other come in their order. */
static void requests_are_found_by_their_user_data(void **state)
{
	struct audit_sqe sqes[4] = {
		{ .user_data = 7, .fd = 0 },
		{ .user_data = 8, .fd = 1 },
		{ .user_data = 7, .fd = 2 },
		{ .user_data = 9, .fd = 3 },
	};
	struct ring ring = { .setup.sq_entries = 4,
			     .sqes = (const uint8_t *)sqes,
			     .sqes_size = sizeof(sqes),
			     .found = 3 };
	unsigned int steps = 100;
	struct audit_sqe sqe;

	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_true(ring_find(&ring, 7, &steps, &sqe));
		assert_int_equal(sqe.fd, 0);
		assert_true(ring_find(&ring, 7, &steps, &sqe));
		assert_int_equal(sqe.fd, 2);
	}
	assert_true(ring_find(&ring, 9, &steps, &sqe));
	assert_int_equal(sqe.fd, 3);
	assert_false(ring_find(&ring, 10, &steps, &sqe));
}

/*
 * The largest ring is full of requests, and its program writes a completion for each of them that
 * belongs to none: what is looked at is so many entries, not the product of the two.
 */
static void what_is_searched_for_in_vain_is_bounded(void **state)
{
	struct audit_sqe *sqes = calloc(URING_MAX_ENTRIES, sizeof(*sqes));
	struct ring ring = { .setup.sq_entries = URING_MAX_ENTRIES,
			     .sqes = (const uint8_t *)sqes,
			     .sqes_size = URING_MAX_ENTRIES * sizeof(*sqes) };
	unsigned int steps = MATCH_STEPS;
	uint64_t looked_at = 0;
	struct audit_sqe sqe;

	(void)state;
	assert_non_null(sqes);
	for (unsigned int i = 0; i < 2 * URING_MAX_ENTRIES; i++) {
		unsigned int before = steps;

		assert_false(ring_find(&ring, 1, &steps, &sqe));
		assert_true(before - steps <= URING_MAX_ENTRIES);
		looked_at += before - steps;
	}
	assert_int_equal(steps, 0);
	assert_int_equal(looked_at, MATCH_STEPS);
	/* Not even one that is there: it is unmatched, and without its request. */
	assert_false(ring_find(&ring, 0, &steps, &sqe));
	steps = 1;
	assert_true(ring_find(&ring, 0, &steps, &sqe));
	free(sqes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_ring_is_read),
		cmocka_unit_test(a_ring_without_index_array_is_read),
		cmocka_unit_test(a_ring_of_large_requests_is_read),
		cmocka_unit_test(a_ring_of_large_completions_is_read),
		cmocka_unit_test(a_ring_in_the_programs_memory_is_read),
		cmocka_unit_test(completions_that_nobody_read_in_time_are_counted),
		cmocka_unit_test(a_program_that_scribbles_is_survived),
		cmocka_unit_test(sizes_are_those_that_the_kernel_gives),
		cmocka_unit_test(requests_are_found_by_their_user_data),
		cmocka_unit_test(what_is_searched_for_in_vain_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
