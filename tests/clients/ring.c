// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "ring.h"

#define OFFSET_RINGS 0ULL
#define OFFSET_SQES 0x10000000ULL
#define RUN_MS 2000

/* Room for both rings of RING_ENTRIES, as another program made them. */
#define RINGS_SIZE 4096UL

/*
 * struct io_rings is the kernel's own, but its offsets have been the same since 5.4 and go out
 * through io_uring_params, so they are ABI in all but name. A ring that another program made has
 * to be read without its params.
 */
static const struct sq_offsets known_sq = {
	.head = 0,
	.tail = 4,
	.ring_mask = 16,
	.ring_entries = 24,
	.dropped = 32,
	.flags = 36,
};
static const struct cq_offsets known_cq = {
	.head = 8,
	.tail = 12,
	.ring_mask = 20,
	.ring_entries = 28,
	.flags = 40,
	.overflow = 44,
	.cqes = 64,
};

static int sys_setup(unsigned int entries, struct ring_params *params)
{
	int fd = (int)syscall(SYS_io_uring_setup, entries, params);

	return fd < 0 ? -errno : fd;
}

static int sys_register(unsigned int fd, unsigned int op, const void *arg, unsigned int count)
{
	int ret = (int)syscall(SYS_io_uring_register, fd, op, arg, count);

	return ret < 0 ? -errno : ret;
}

static int sys_enter(struct ring *ring, unsigned int submit, unsigned int wait, unsigned int flags,
		     const void *arg, size_t size)
{
	int ret;

	if (ring->registered)
		flags |= ENTER_REGISTERED_RING;
	ret = (int)syscall(SYS_io_uring_enter, ring->fd, submit, wait, flags, arg, size);
	if (ret >= 0)
		return ret;
	ret = -errno;
	ring->enter_failed = ret != -ETIME && ret != -EINTR;
	return ret;
}

/* An inherited ring may still hold completions of somebody else's. */
static uint64_t first_user_data(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)getpid() << 40 ^ (uint64_t)now.tv_nsec << 8;
}

static size_t sqe_size(unsigned int flags)
{
	return flags & SETUP_SQE128 ? 128 : 64;
}

static size_t cqe_size(unsigned int flags)
{
	return flags & SETUP_CQE32 ? 32 : 16;
}

static void set_pointers(struct ring *ring, unsigned char *base, const struct sq_offsets *sq,
			 const struct cq_offsets *cq)
{
	ring->sq_head = (unsigned int *)(base + sq->head);
	ring->sq_tail = (unsigned int *)(base + sq->tail);
	ring->sq_flags = (unsigned int *)(base + sq->flags);
	ring->tail = *ring->sq_tail;
	ring->sq_mask = *(unsigned int *)(base + sq->ring_mask);
	ring->sq_array = NULL;
	if (!(ring->setup_flags & SETUP_NO_SQARRAY))
		ring->sq_array = (unsigned int *)(base + sq->array);
	ring->cq_head = (unsigned int *)(base + cq->head);
	ring->cq_tail = (unsigned int *)(base + cq->tail);
	ring->cq_mask = *(unsigned int *)(base + cq->ring_mask);
	ring->cqes = base + cq->cqes;
	ring->sq_entries = ring->sq_mask + 1;
	ring->cq_entries = ring->cq_mask + 1;
	ring->sqe_size = sqe_size(ring->setup_flags);
	ring->cqe_size = cqe_size(ring->setup_flags);
	ring->last_user_data = first_user_data();
}

static void *map_anonymous(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE,
		    -1, 0);
}

static void *map_ring(int fd, size_t size, uint64_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
		    (off_t)offset);
}

static size_t whole_pages(size_t size)
{
	return (size + 4095) & ~4095UL;
}

static unsigned int power_of_two(unsigned int number)
{
	unsigned int power = 1;

	while (power < number)
		power *= 2;
	return power;
}

/* Memory for a ring that is not to be the kernel's own. */
static int give_memory(struct ring *ring, struct ring_params *params, unsigned int entries,
		       unsigned int cq_entries)
{
	entries = power_of_two(entries);
	cq_entries = cq_entries ? power_of_two(cq_entries) : 2 * entries;
	ring->rings_size = whole_pages(128 + entries * sizeof(unsigned int) +
				       cq_entries * cqe_size(params->flags));
	ring->sqes_size = whole_pages(entries * sqe_size(params->flags));
	ring->rings = map_anonymous(ring->rings_size);
	ring->sqes = map_anonymous(ring->sqes_size);
	if (ring->rings == MAP_FAILED || ring->sqes == MAP_FAILED)
		return -ENOMEM;
	params->cq_off.user_addr = ADDR(ring->rings);
	params->sq_off.user_addr = ADDR(ring->sqes);
	return 0;
}

/* The array follows the CQEs on the next cache line. */
static unsigned int array_offset(unsigned int cq_entries, unsigned int flags)
{
	return (known_cq.cqes + cq_entries * (unsigned int)cqe_size(flags) + 63) & ~63U;
}

static int map_rings(struct ring *ring, const struct ring_params *params)
{
	size_t cq_end = params->cq_off.cqes + params->cq_entries * cqe_size(params->flags);
	size_t sq_end = params->sq_off.array + params->sq_entries * sizeof(unsigned int);

	ring->rings_size = whole_pages(cq_end > sq_end ? cq_end : sq_end);
	ring->sqes_size = whole_pages(params->sq_entries * sqe_size(params->flags));
	ring->rings = map_ring(ring->fd, ring->rings_size, OFFSET_RINGS);
	ring->sqes = map_ring(ring->fd, ring->sqes_size, OFFSET_SQES);
	return ring->rings == MAP_FAILED || ring->sqes == MAP_FAILED ? -errno : 0;
}

int ring_make(struct ring *ring, unsigned int flags)
{
	return ring_make_sized(ring, RING_ENTRIES, 0, flags);
}

int ring_make_sized(struct ring *ring, unsigned int entries, unsigned int cq_entries,
		    unsigned int flags)
{
	struct ring_params params = { .flags = flags | (cq_entries ? SETUP_CQSIZE : 0),
				      .cq_entries = cq_entries,
				      .sq_thread_idle = 1000 };
	int ret = 0;

	*ring = (struct ring){ .fd = -1, .setup_flags = flags };
	if (flags & SETUP_NO_MMAP)
		ret = give_memory(ring, &params, entries, cq_entries);
	if (ret < 0)
		return ret;
	ring->fd = sys_setup(entries, &params);
	if (ring->fd < 0)
		return ring->fd;
	ring->registered = flags & SETUP_REGISTERED_FD_ONLY;
	if (!(flags & SETUP_NO_MMAP))
		ret = map_rings(ring, &params);
	if (ret < 0) {
		ring_close(ring);
		return ret;
	}
	set_pointers(ring, ring->rings, &params.sq_off, &params.cq_off);
	return 0;
}

int ring_resize(struct ring *ring, unsigned int entries, unsigned int cq_entries)
{
	struct ring_params params = { .flags = SETUP_CQSIZE,
				      .sq_entries = entries,
				      .cq_entries = cq_entries };
	uint64_t last_user_data = ring->last_user_data;
	int ret = ring_register(ring, REG_RESIZE_RINGS, &params, 1);

	if (ret < 0)
		return ret;
	ring_unmap(ring);
	/* The kernel says the ring's own flags and where the array is only at its set-up. */
	params.flags = ring->setup_flags;
	params.sq_off.array = array_offset(params.cq_entries, params.flags);
	ret = map_rings(ring, &params);
	if (ret < 0)
		return ret;
	set_pointers(ring, ring->rings, &params.sq_off, &params.cq_off);
	ring->last_user_data = last_user_data;
	return 0;
}

void ring_unmap(struct ring *ring)
{
	munmap(ring->rings, ring->rings_size);
	munmap(ring->sqes, ring->sqes_size);
}

int ring_adopt(struct ring *ring, int fd)
{
	struct sq_offsets sq = known_sq;
	unsigned char *rings = map_ring(fd, RINGS_SIZE, OFFSET_RINGS);
	unsigned char *sqes;
	unsigned int cq_entries;

	*ring = (struct ring){ .fd = -1 };
	if (rings == MAP_FAILED)
		return -errno;
	cq_entries = *(unsigned int *)(rings + known_cq.ring_entries);
	sq.array = array_offset(cq_entries, 0);
	sqes = map_ring(fd, *(unsigned int *)(rings + sq.ring_entries) * 64UL, OFFSET_SQES);
	if (sqes == MAP_FAILED)
		return -errno;
	ring->fd = fd;
	ring->rings = rings;
	ring->rings_size = RINGS_SIZE;
	ring->sqes = sqes;
	ring->sqes_size = *(unsigned int *)(rings + sq.ring_entries) * 64UL;
	set_pointers(ring, rings, &sq, &known_cq);
	return 0;
}

int ring_hide(struct ring *ring)
{
	struct rsrc_update update = { .offset = ~0U, .data = (uint64_t)ring->fd };
	int ret = sys_register(ring->fd, REG_RING_FDS, &update, 1);

	if (ret < 0)
		return ret;
	close(ring->fd);
	ring->fd = (int)update.offset;
	ring->registered = true;
	return 0;
}

void ring_close(struct ring *ring)
{
	if (ring->fd >= 0 && !ring->registered)
		close(ring->fd);
	ring->fd = -1;
}

int ring_register(struct ring *ring, unsigned int op, const void *arg, unsigned int count)
{
	if (ring->registered)
		op |= REG_USE_REGISTERED_RING;
	return sys_register(ring->fd, op, arg, count);
}

int blind_register(unsigned int op, const void *arg, unsigned int count)
{
	return sys_register(-1, op, arg, count);
}

static void push_slot(struct ring *ring, unsigned int tail, const void *slot, size_t size)
{
	unsigned int index = tail & ring->sq_mask;

	memcpy(ring->sqes + index * ring->sqe_size, slot, size);
	if (ring->sq_array)
		ring->sq_array[index] = index;
}

uint64_t ring_push(struct ring *ring, const struct sqe *sqe)
{
	struct sqe both[2] = { *sqe };

	both[0].user_data = ++ring->last_user_data;
	push_slot(ring, ring->tail++, both, ring->sqe_size);
	/* Among mixed sizes, a large SQE is two neighbouring small ones. */
	if ((ring->setup_flags & SETUP_SQE_MIXED) &&
	    (sqe->opcode == OP_NOP128 || sqe->opcode == OP_URING_CMD128))
		push_slot(ring, ring->tail++, &both[1], ring->sqe_size);
	return both[0].user_data;
}

unsigned int ring_unsubmitted(const struct ring *ring)
{
	return ring->tail - __atomic_load_n(ring->sq_head, __ATOMIC_ACQUIRE);
}

int ring_enter(struct ring *ring, unsigned int submit, unsigned int wait, unsigned int flags)
{
	__atomic_store_n(ring->sq_tail, ring->tail, __ATOMIC_RELEASE);
	return sys_enter(ring, submit, wait, flags, NULL, 0);
}

int ring_submit(struct ring *ring)
{
	int ret;

	/* A polling thread must see a chain as a whole, or it is two. */
	__atomic_store_n(ring->sq_tail, ring->tail, __ATOMIC_RELEASE);
	if (ring->setup_flags & SETUP_SQPOLL) {
		/* The tail must be out before the flag is read, or a sleeping thread is missed. */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (!(__atomic_load_n(ring->sq_flags, __ATOMIC_RELAXED) & SQ_NEED_WAKEUP))
			return 0;
		ret = sys_enter(ring, 0, 0, ENTER_SQ_WAKEUP, NULL, 0);
		return ret < 0 ? ret : 0;
	}
	/* A refused request ends a submission; those behind it need another one. */
	while (ring_unsubmitted(ring)) {
		ret = sys_enter(ring, ring_unsubmitted(ring), 0, 0, NULL, 0);
		if (ret <= 0)
			return ret ? ret : -EBUSY;
	}
	return 0;
}

bool ring_pop(struct ring *ring, struct cqe *cqe)
{
	unsigned int head = *ring->cq_head;
	bool found = false;

	while (!found && head != __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE)) {
		memcpy(cqe, ring->cqes + (head & ring->cq_mask) * ring->cqe_size, sizeof(*cqe));
		head += cqe->flags & CQE_BIG && ring->cqe_size == 16 ? 2 : 1;
		found = !(cqe->flags & CQE_SKIP);
	}
	__atomic_store_n(ring->cq_head, head, __ATOMIC_RELEASE);
	return found;
}

static void reap(struct ring *ring)
{
	struct cqe cqe;

	while (ring_pop(ring, &cqe))
		if (!(cqe.flags & CQE_NOTIF))
			ring->seen[ring->seen_count++ % RING_SEEN_MAX] = cqe;
}

static bool find_seen(const struct ring *ring, uint64_t user_data, int *result)
{
	for (unsigned int i = 0; i < ring->seen_count && i < RING_SEEN_MAX; i++) {
		if (ring->seen[i].user_data == user_data) {
			*result = ring->seen[i].res;
			return true;
		}
	}
	return false;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int ring_wait(struct ring *ring, uint64_t user_data, int ms)
{
	int64_t end = now_ms() + ms;

	for (;;) {
		int64_t left = end - now_ms();
		struct ring_timespec pause = { .nsec = left > 50 ? 50000000 : 1000000 };
		struct getevents_arg arg = { .ts = ADDR(&pause) };
		int result, ret;

		reap(ring);
		if (find_seen(ring, user_data, &result))
			return result;
		if (left < 0)
			return RESULT_TIMEOUT;
		ret = sys_enter(ring, 0, 1, ENTER_GETEVENTS | ENTER_EXT_ARG, &arg, sizeof(arg));
		if (ret < 0 && ret != -ETIME && ret != -EINTR)
			return ret;
	}
}

int ring_run(struct ring *ring, const struct sqe *sqe)
{
	uint64_t user_data = ring_push(ring, sqe);
	int ret = ring_submit(ring);

	return ret < 0 ? ret : ring_wait(ring, user_data, RUN_MS);
}
