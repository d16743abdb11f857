// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/ring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audit/remote.h"
#include "uring/abi.h"
#include "uring/opcode.h"
#include "util/cleanup.h"

#define SQE_SIZE 64
#define CQE_SIZE 16

/* The array of SQE indices begins on a cache line behind the CQEs (rings_size() in io_uring.c). */
#define CACHE_LINE 64

static int probe(struct io_uring_params *params)
{
	int fd = (int)syscall(SYS_io_uring_setup, 2 * CACHE_LINE, params);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/*
 * With large CQEs, the kernel doubles the sum of what is before the array of indices, header and
 * all (rings_size() up to Linux 6.18 at least): so it is asked where the array is.
 */
static uint32_t learn_wide(uint32_t otherwise)
{
	struct io_uring_params params = { .flags = URING_SETUP_CQE32 };

	if (probe(&params) < 0)
		return otherwise;
	return params.sq_off.array - params.cq_entries * 2 * CQE_SIZE;
}

int ring_layout_learn(struct ring_layout *layout)
{
	struct io_uring_params params = { 0 };
	int status = probe(&params);

	if (status < 0)
		return status;
	*layout = (struct ring_layout){
		.sq_head = params.sq_off.head,
		.sq_tail = params.sq_off.tail,
		.cq_tail = params.cq_off.tail,
		.cq_overflow = params.cq_off.overflow,
		.sq_dropped = params.sq_off.dropped,
		.cqes = params.cq_off.cqes,
		.wide_cqes = learn_wide(params.cq_off.cqes),
	};
	return 0;
}

static uint32_t power_of_two(uint32_t number)
{
	uint32_t power = 1;

	while (power < number)
		power *= 2;
	return power;
}

/* As io_uring_fill_params() does; true if the kernel takes these numbers. */
static bool settle_sizes(struct ring_setup *setup, uint32_t entries, uint32_t cq_entries)
{
	bool clamp = setup->flags & URING_SETUP_CLAMP;

	if (!entries || (entries > URING_MAX_ENTRIES && !clamp))
		return false;
	if (entries > URING_MAX_ENTRIES)
		entries = URING_MAX_ENTRIES;
	setup->sq_entries = power_of_two(entries);
	setup->cq_entries = 2 * setup->sq_entries;
	if (!(setup->flags & URING_SETUP_CQSIZE))
		return true;
	if (!cq_entries || (cq_entries > 2 * URING_MAX_ENTRIES && !clamp))
		return false;
	if (cq_entries > 2 * URING_MAX_ENTRIES)
		cq_entries = 2 * URING_MAX_ENTRIES;
	setup->cq_entries = power_of_two(cq_entries);
	return setup->cq_entries >= setup->sq_entries;
}

/* Struct io_uring_params, of whose two offset tables only the last members are asked for. */
struct params {
	uint32_t sq_entries;
	uint32_t cq_entries;
	uint32_t flags;
	uint32_t rest[7];
	uint32_t sq_offsets[8];
	uint64_t sqes;
	uint32_t cq_offsets[8];
	uint64_t rings;
};

_Static_assert(sizeof(struct params) == sizeof(struct io_uring_params), "the parameters differ");

bool ring_setup_read(pid_t tid, uint32_t entries, uint64_t address, struct ring_setup *setup)
{
	struct params params;

	if (remote_read(tid, address, &params, sizeof(params)) < 0)
		return false;
	*setup = (struct ring_setup){ .flags = params.flags };
	if (setup->flags & URING_SETUP_NO_MMAP) {
		setup->rings = params.rings;
		setup->sqes = params.sqes;
	}
	return settle_sizes(setup, entries, params.cq_entries);
}

static size_t cqe_size(const struct ring *ring)
{
	return ring->setup.flags & URING_SETUP_CQE32 ? 2 * CQE_SIZE : CQE_SIZE;
}

static size_t sqe_size(const struct ring *ring)
{
	return ring->setup.flags & URING_SETUP_SQE128 ? 2 * SQE_SIZE : SQE_SIZE;
}

static size_t array_offset(const struct ring *ring)
{
	bool wide = ring->setup.flags & URING_SETUP_CQE32;
	size_t end = (wide ? ring->layout->wide_cqes : ring->layout->cqes) +
		     ring->setup.cq_entries * cqe_size(ring);

	return (end + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
}

static void set_sizes(struct ring *ring)
{
	bool array = !(ring->setup.flags & URING_SETUP_NO_SQARRAY);

	ring->rings_size =
		array_offset(ring) + (array ? ring->setup.sq_entries * sizeof(uint32_t) : 0);
	ring->sqes_size = ring->setup.sq_entries * sqe_size(ring);
}

/*
 * Reads @size bytes of one of the two areas. Mapped memory changes while it is read: copied once,
 * it can be looked at.
 */
static bool read_area(const struct ring *ring, bool rings, size_t offset, void *buffer, size_t size)
{
	const uint8_t *area = rings ? ring->rings : ring->sqes;
	size_t room = rings ? ring->rings_size : ring->sqes_size;
	uint64_t address = rings ? ring->setup.rings : ring->setup.sqes;

	if (offset + size > room)
		return false;
	if (area) {
		atomic_signal_fence(memory_order_acquire);
		memcpy(buffer, area + offset, size);
		return true;
	}
	return remote_read(ring->memory_of, address + offset, buffer, size) == 0;
}

static bool read_word(const struct ring *ring, size_t offset, uint32_t *value)
{
	if (!ring->rings)
		return read_area(ring, true, offset, value, sizeof(*value));
	*value = atomic_load_explicit((const _Atomic uint32_t *)(ring->rings + offset),
				      memory_order_acquire);
	return true;
}

#ifndef MADV_POPULATE_READ /* Linux 5.14 */
#define MADV_POPULATE_READ 22
#endif

/*
 * The kernel maps more than the ring has, without a word, and reading there is a SIGBUS. How it
 * was set up is hearsay: another ring of the program's may be taken for that one. What is
 * mapped once stays, whatever becomes of the ring.
 */
static bool is_all_there(void *area, size_t size)
{
	/* EINVAL: an older kernel, which maps no more than there is. */
	return madvise(area, size, MADV_POPULATE_READ) == 0 || errno == EINVAL;
}

static const uint8_t *map(int fd, size_t size, off_t offset)
{
	void *area = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, offset);

	if (area == MAP_FAILED)
		return NULL;
	if (is_all_there(area, size))
		return area;
	munmap(area, size);
	return NULL;
}

/* What stands behind @name at the start of a line "NAME:\tVALUE", if it does. */
static void read_field(const char *line, const char *name, unsigned long *value)
{
	size_t length = strlen(name);

	if (!strncmp(line, name, length) && line[length] == ':')
		*value = strtoul(line + length + 1, NULL, 16);
}

/*
 * The kernel's own word on the sizes, where the call that made the ring was not seen, or they have
 * changed since. It says nothing while somebody else holds the ring's lock.
 */
static bool ask_sizes(struct ring *ring)
{
	char path[64];
	char line[128];
	unsigned long sq_mask = 0;
	unsigned long cq_mask = 0;
	_cleanup_fclose_ FILE *info = NULL;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", ring->fd);
	info = fopen(path, "re");
	while (info && fgets(line, sizeof(line), info) && !cq_mask) {
		read_field(line, "SqMask", &sq_mask);
		read_field(line, "CqMask", &cq_mask);
	}
	if (!cq_mask || cq_mask >= 2 * URING_MAX_ENTRIES || sq_mask >= URING_MAX_ENTRIES)
		return false;
	ring->setup.sq_entries = (uint32_t)sq_mask + 1;
	ring->setup.cq_entries = (uint32_t)cq_mask + 1;
	return true;
}

static void unmap(struct ring *ring)
{
	if (ring->rings)
		munmap((void *)ring->rings, ring->rings_size);
	if (ring->sqes)
		munmap((void *)ring->sqes, ring->sqes_size);
	ring->rings = ring->sqes = NULL;
}

static int map_queues(struct ring *ring, const char **why)
{
	if (ring->fd >= 0 && !ask_sizes(ring) && !ring->setup.sq_entries) {
		*why = "its sizes cannot be found out";
		return -1;
	}
	set_sizes(ring);
	if (ring->setup.flags & URING_SETUP_NO_MMAP)
		return 0;
	ring->rings = map(ring->fd, ring->rings_size, URING_OFFSET_SQ_RING);
	ring->sqes = map(ring->fd, ring->sqes_size, URING_OFFSET_SQES);
	if (ring->rings && ring->sqes)
		return 0;
	unmap(ring);
	*why = "its queues cannot be mapped";
	return -1;
}

int ring_open(struct ring *ring, const struct ring_layout *layout, const char **why)
{
	ring->layout = layout;
	if (map_queues(ring, why) < 0)
		return -1;
	if (!read_word(ring, layout->cq_tail, &ring->read) ||
	    !read_word(ring, layout->sq_head, &ring->taken)) {
		unmap(ring);
		*why = "its queues cannot be read";
		return -1;
	}
	return 0;
}

void ring_close(struct ring *ring)
{
	unmap(ring);
	if (ring->fd >= 0)
		close(ring->fd);
	ring->fd = -1;
}

int ring_reopen(struct ring *ring, const char **why)
{
	unmap(ring);
	return map_queues(ring, why);
}

bool ring_entry(const struct ring *ring, uint32_t index, struct audit_sqe *sqe)
{
	return index < ring->setup.sq_entries &&
	       read_area(ring, false, index * sqe_size(ring), sqe, sizeof(*sqe));
}

bool ring_find(struct ring *ring, uint64_t user_data, unsigned int *steps, struct audit_sqe *sqe)
{
	uint32_t entries = ring->setup.sq_entries;

	for (uint32_t i = 1; i <= entries && *steps; i++, --*steps) {
		uint32_t index = (ring->found + i) & (entries - 1);

		if (!ring_entry(ring, index, sqe) || sqe->user_data != user_data)
			continue;
		ring->found = index;
		return true;
	}
	return false;
}

/* The SQE at a position of the queue; false: the kernel will drop it, or it cannot be read. */
static bool entry_at(const struct ring *ring, uint32_t position, struct audit_sqe *sqe)
{
	uint32_t index = position & (ring->setup.sq_entries - 1);

	if (!(ring->setup.flags & URING_SETUP_NO_SQARRAY) &&
	    !read_area(ring, true, array_offset(ring) + index * sizeof(index), &index,
		       sizeof(index)))
		return false;
	return ring_entry(ring, index, sqe);
}

/* In a queue of mixed sizes, two operations take two places. */
static bool is_double(const struct ring *ring, const struct audit_sqe *sqe)
{
	static const char wide[] = "128";
	const char *name;

	if (!(ring->setup.flags & URING_SETUP_SQE_MIXED) || sqe->opcode >= URING_OPCODE_COUNT)
		return false;
	name = uring_opcodes[sqe->opcode].name;
	return strlen(name) > strlen(wide) && !strcmp(name + strlen(name) - strlen(wide), wide);
}

/* From where to where; everything published counts, since somebody will submit it. */
static bool waiting(struct ring *ring, uint32_t to_submit, uint32_t *from, uint32_t *to)
{
	uint32_t head;

	if (ring->setup.flags & URING_SETUP_SQ_REWIND) {
		/* Head and tail mean nothing: each call submits from the start. */
		*from = 0;
		*to = to_submit < ring->setup.sq_entries ? to_submit : ring->setup.sq_entries;
		return true;
	}
	if (!read_word(ring, ring->layout->sq_head, &head) ||
	    !read_word(ring, ring->layout->sq_tail, to) || *to - head > ring->setup.sq_entries)
		return false;
	/* What was seen but not yet taken by the kernel was seen all the same. */
	*from = ring->taken - head <= *to - head ? ring->taken : head;
	ring->taken = *to;
	return true;
}

void ring_take(struct ring *ring, uint32_t to_submit, ring_request request, void *context)
{
	struct audit_sqe sqe;
	uint32_t from;
	uint32_t to;

	if (!waiting(ring, to_submit, &from, &to))
		return;
	for (; from != to; from++) {
		if (!entry_at(ring, from, &sqe))
			continue;
		request(context, &sqe);
		if (is_double(ring, &sqe) && from + 1 != to)
			from++;
	}
}

struct cqe {
	uint64_t user_data;
	int32_t result;
	uint32_t flags;
};

/*
 * Whether what was just read at ring->read may be a later completion, which would be told twice:
 * the program had taken the one that was there. The kernel writes before it publishes, so this is
 * not certain. In memory of the program's own, it would take a system call for each completion.
 */
static bool was_overwritten(const struct ring *ring)
{
	uint32_t tail;

	atomic_thread_fence(memory_order_acquire);
	return ring->rings && read_word(ring, ring->layout->cq_tail, &tail) &&
	       tail - ring->read > ring->setup.cq_entries;
}

uint64_t ring_read(struct ring *ring, ring_completion completion, void *context)
{
	uint32_t entries = ring->setup.cq_entries;
	uint64_t lost = 0;
	uint32_t tail;
	struct cqe cqe;

	if (!read_word(ring, ring->layout->cq_tail, &tail))
		return 0;
	if (tail - ring->read > entries) {
		lost = tail - ring->read - entries;
		ring->read = tail - entries;
	}
	for (; ring->read != tail; ring->read++) {
		uint32_t index = ring->read & (entries - 1);

		if (!read_area(ring, true, ring->layout->cqes + index * cqe_size(ring), &cqe,
			       sizeof(cqe)))
			break;
		if (was_overwritten(ring)) {
			lost++;
			continue;
		}
		if (!(cqe.flags & URING_CQE_SKIP && ring->setup.flags & URING_SETUP_CQE_MIXED))
			completion(context, cqe.user_data, cqe.result);
		if (cqe.flags & URING_CQE_32 && ring->setup.flags & URING_SETUP_CQE_MIXED &&
		    ring->read + 1 != tail)
			ring->read++;
	}
	return lost;
}

uint32_t ring_overflows(const struct ring *ring)
{
	uint32_t overflow = 0;
	uint32_t dropped = 0;

	read_word(ring, ring->layout->cq_overflow, &overflow);
	read_word(ring, ring->layout->sq_dropped, &dropped);
	return overflow + dropped;
}
