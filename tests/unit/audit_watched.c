// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which rings are known, and that nothing leads to one that is not: here the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audit/watched.h"

#define ENTRIES 64 /* whose SQEs fill a page */

static void ignore_end(void *context, struct watched_ring *ring)
{
	(void)context;
	(void)ring;
}

static int set_up(void **state)
{
	struct watched *watched = calloc(1, sizeof(*watched));

	watched->epoll = epoll_create1(EPOLL_CLOEXEC);
	watched->ended = ignore_end;
	watched->self = getpid();
	*state = watched;
	return ring_layout_learn(&watched->layout) < 0 ? 1 : 0;
}

static int tear_down(void **state)
{
	struct watched *watched = *state;

	watched_end(watched);
	close(watched->epoll);
	free(watched);
	return 0;
}

static int make_ring(void)
{
	struct io_uring_params params = { 0 };
	int fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &params);

	assert_true(fd >= 0);
	return fd;
}

static struct task *self(struct watched *watched)
{
	struct task *task = watched_task(watched, getpid());

	assert_non_null(task);
	return task;
}

/* The program passes the ring on to another descriptor, which nobody has told of yet. */
static void a_ring_that_is_let_go_of_tells_of_nothing_more(void **state)
{
	struct watched *watched = *state;
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };
	int first = make_ring();
	struct watched_ring *ring = watched_by_fd(watched, self(watched), first);
	int second = dup(first);

	assert_non_null(ring);
	event.data.ptr = ring;
	assert_int_equal(epoll_ctl(watched->epoll, EPOLL_CTL_ADD, ring->ring.fd, &event), 0);
	assert_int_equal(epoll_wait(watched->epoll, &event, 1, 0), 1);
	close(first);
	watched_sweep(watched);
	assert_ptr_equal(watched->dead_rings, ring);
	watched_bury(watched);
	assert_int_equal(epoll_wait(watched->epoll, &event, 1, 0), 0);
	close(second);
}

/* What another call said of another ring, which the kernel refused, is taken for this one's. */
static void a_ring_said_to_be_larger_than_it_is_is_lost(void **state)
{
	struct watched *watched = *state;
	const struct ring_setup larger = { .flags = URING_SETUP_SQE128,
					   .sq_entries = ENTRIES,
					   .cq_entries = 2 * ENTRIES };
	int fd = make_ring();

	watched_setup(watched, self(watched), &larger);
	assert_null(watched_by_fd(watched, self(watched), fd));
	assert_int_equal(watched->lost_rings, 1);
	assert_string_equal(watched->why_lost, "its queues cannot be mapped");
	close(fd);
}

static void rings_without_a_descriptor_are_no_more_than_indices(void **state)
{
	struct watched *watched = *state;
	const struct ring_setup setup = { .flags = URING_SETUP_NO_MMAP |
						   URING_SETUP_REGISTERED_FD_ONLY,
					  .sq_entries = ENTRIES,
					  .cq_entries = 2 * ENTRIES };
	unsigned int count = 0;

	for (unsigned int i = 0; i < 2 * URING_REGISTERED_RINGS; i++)
		watched_setup(watched, self(watched), &setup);
	for (struct watched_ring *ring = watched->rings; ring; ring = ring->next)
		count++;
	assert_int_equal(count, URING_REGISTERED_RINGS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ring_that_is_let_go_of_tells_of_nothing_more),
		TEST(a_ring_said_to_be_larger_than_it_is_is_lost),
		TEST(rings_without_a_descriptor_are_no_more_than_indices),
	};
	struct ring_layout layout;

	/* A kernel without io_uring has nothing to be watched. */
	if (ring_layout_learn(&layout) < 0)
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
