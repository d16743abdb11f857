// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * io_uring_register, every operation of it, on a ring and without one.
 *
 * An operation that undoes another does the other first. Where an errno is the only result to be
 * had without special hardware, it counts as "ok": the kernel was asked.
 */
#include <linux/filter.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include "run.h"
#include "trial.h"

static char memory[8192] __attribute__((aligned(4096)));
static struct iovec {
	void *base;
	size_t length;
} vector = { memory, 4096 };

static int plain(struct trial *trial, const void *arg, unsigned int count)
{
	return ring_register(&trial->ring, trial->op->number, arg, count);
}

/* Does @op first, for the operation under trial to have something to act on. */
static void before(struct trial *trial, unsigned int op, const void *arg, unsigned int count)
{
	int ret = ring_register(&trial->ring, op, arg, count);

	if (ret < 0)
		missing(trial, "object: register", ret);
}

static int act_nothing(struct trial *trial)
{
	return plain(trial, NULL, 0);
}

static int act_buffers(struct trial *trial)
{
	return plain(trial, &vector, 1);
}

static int act_unregister_buffers(struct trial *trial)
{
	before(trial, REG_BUFFERS, &vector, 1);
	return plain(trial, NULL, 0);
}

static int act_files(struct trial *trial)
{
	int fds[2] = { STDIN_FILENO, -1 };

	return plain(trial, fds, 2);
}

static int act_unregister_files(struct trial *trial)
{
	register_file(&trial->ring, STDIN_FILENO);
	return plain(trial, NULL, 0);
}

static int act_eventfd(struct trial *trial)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd < 0)
		missing(trial, "eventfd: eventfd2", -errno);
	return plain(trial, &fd, 1);
}

static int act_unregister_eventfd(struct trial *trial)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	before(trial, REG_EVENTFD, &fd, 1);
	return plain(trial, NULL, 0);
}

static int act_files_update(struct trial *trial)
{
	int fd = STDIN_FILENO;
	struct rsrc_update update = { .offset = 1, .data = ADDR(&fd) };

	register_file(&trial->ring, -1);
	return plain(trial, &update, 1);
}

static int act_probe(struct trial *trial)
{
	static uint8_t probe[16 + 256 * 8];

	return plain(trial, probe, 256);
}

static int act_unregister_personality(struct trial *trial)
{
	int id = ring_register(&trial->ring, REG_PERSONALITY, NULL, 0);

	if (id < 0)
		missing(trial, "personality: register", id);
	return plain(trial, NULL, (unsigned int)id);
}

static int act_files2(struct trial *trial)
{
	int fds[2] = { STDIN_FILENO, -1 };
	struct rsrc_register reg = { .nr = 2, .data = ADDR(fds) };

	return plain(trial, &reg, sizeof(reg));
}

static int act_files_update2(struct trial *trial)
{
	int fd = STDIN_FILENO;
	struct rsrc_update2 update = { .offset = 1, .data = ADDR(&fd), .nr = 1 };

	register_file(&trial->ring, -1);
	return plain(trial, &update, sizeof(update));
}

static int act_buffers2(struct trial *trial)
{
	struct rsrc_register reg = { .nr = 1, .data = ADDR(&vector) };

	return plain(trial, &reg, sizeof(reg));
}

static int act_buffers_update(struct trial *trial)
{
	struct rsrc_update2 update = { .data = ADDR(&vector), .nr = 1 };

	before(trial, REG_BUFFERS, &vector, 1);
	return plain(trial, &update, sizeof(update));
}

static int act_iowq_aff(struct trial *trial)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		missing(trial, "affinity: sched_getaffinity", -errno);
	return plain(trial, &set, sizeof(set));
}

static int act_iowq_max_workers(struct trial *trial)
{
	uint32_t counts[2] = { 0, 0 };

	return plain(trial, counts, 2);
}

static int act_ring_fds(struct trial *trial)
{
	struct rsrc_update update = { .offset = ~0U, .data = (uint64_t)trial->ring.fd };

	return plain(trial, &update, 1);
}

static int act_unregister_ring_fds(struct trial *trial)
{
	struct rsrc_update update = { .offset = ~0U, .data = (uint64_t)trial->ring.fd };

	before(trial, REG_RING_FDS, &update, 1);
	update.data = 0;
	return plain(trial, &update, 1);
}

static const struct buffer_ring_reg buffer_ring = { .ring_entries = 4, .group = 5 };

static int act_pbuf_ring(struct trial *trial)
{
	struct buffer_ring_reg reg = buffer_ring;

	reg.ring_addr = ADDR(memory);
	return plain(trial, &reg, 1);
}

static int act_unregister_pbuf_ring(struct trial *trial)
{
	struct buffer_ring_reg reg = buffer_ring, group = { .group = buffer_ring.group };

	reg.ring_addr = ADDR(memory);
	before(trial, REG_PBUF_RING, &reg, 1);
	return plain(trial, &group, 1);
}

static int act_pbuf_status(struct trial *trial)
{
	struct buffer_ring_reg reg = buffer_ring;
	struct buffer_ring_status status = { .group = buffer_ring.group };

	reg.ring_addr = ADDR(memory);
	before(trial, REG_PBUF_RING, &reg, 1);
	return plain(trial, &status, 1);
}

/* Nothing is pending, and the kernel says so: ENOENT. */
static int act_sync_cancel(struct trial *trial)
{
	struct sync_cancel cancel = { .addr = 1, .timeout = { -1, -1 } };

	return reached(plain(trial, &cancel, 1), ENOENT);
}

static int act_file_alloc_range(struct trial *trial)
{
	struct index_range range = { .off = 0, .len = 2 };

	register_file(&trial->ring, -1);
	return plain(trial, &range, 0);
}

/* EINVAL on kernels without busy polling. */
static int act_napi(struct trial *trial)
{
	struct napi napi = { 0 };

	return plain(trial, &napi, 1);
}

static int act_clock(struct trial *trial)
{
	struct clock_register clock = { .clockid = CLOCK_BOOTTIME };

	return plain(trial, &clock, 0);
}

static int act_clone_buffers(struct trial *trial)
{
	struct clone_buffers clone = { 0 };
	struct ring source;
	int ret = second_ring(trial, &source);

	if (ret < 0)
		return ret;
	ret = ring_register(&source, REG_BUFFERS, &vector, 1);
	if (ret < 0)
		missing(trial, "buffers: register", ret);
	clone.src_fd = (uint32_t)source.fd;
	ret = plain(trial, &clone, 1);
	ring_close(&source);
	return ret;
}

/* A queue of a network card, or of none; needs CAP_NET_ADMIN in the first user namespace. */
static int act_zcrx_ifq(struct trial *trial)
{
	struct region_desc region = { .user_addr = ADDR(memory),
				      .size = sizeof(memory),
				      .flags = REGION_USER };
	struct zcrx_area area = { .len = 1 << 20 };
	struct zcrx_reg reg = {
		.rq_entries = 64, .flags = ZCRX_NODEV, .area = ADDR(&area), .region = ADDR(&region)
	};

	area.addr = ADDR(
		mmap(NULL, area.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	return plain(trial, &reg, 1);
}

/* There is no such queue, and the kernel says so: ENXIO. */
static int act_zcrx_ctrl(struct trial *trial)
{
	struct zcrx_control control = { .zcrx_id = 77 };

	return reached(plain(trial, &control, 0), ENXIO);
}

static int act_resize_rings(struct trial *trial)
{
	struct ring_params params = { .sq_entries = 32, .cq_entries = 64 };

	return plain(trial, &params, 1);
}

static int act_mem_region(struct trial *trial)
{
	struct region_desc region = { .user_addr = ADDR(memory),
				      .size = 4096,
				      .flags = REGION_USER };
	struct mem_region_reg reg = { .region = ADDR(&region) };

	return plain(trial, &reg, 1);
}

static int query(struct trial *trial, bool blind)
{
	struct query_opcodes opcodes = { 0 };
	struct query_header header = { .data = ADDR(&opcodes), .size = sizeof(opcodes) };

	return blind ? blind_register(REG_QUERY, &header, 0) : plain(trial, &header, 0);
}

static int act_query(struct trial *trial)
{
	return query(trial, false);
}

static int act_blind_query(struct trial *trial)
{
	return query(trial, true);
}

/* Only the form without a ring exists; on a ring it is EINVAL, and was so for ever. */
static int act_send_msg_ring(struct trial *trial)
{
	struct sqe sqe = { .opcode = OP_MSG_RING, .len = 7, .off = 7 };
	struct ring target;

	sqe.fd = second_ring(trial, &target) < 0 ? -1 : target.fd;
	return blind_register(REG_SEND_MSG_RING, &sqe, 1);
}

/* A filter for NOP that allows it. */
static struct filter_registration harmless_filter(void)
{
	static struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, 1) };

	return (struct filter_registration){
		.cmd_type = 1, .opcode = OP_NOP, .filter_len = 1, .filter_ptr = ADDR(allow)
	};
}

static int act_bpf_filter(struct trial *trial)
{
	struct filter_registration filter = harmless_filter();

	return plain(trial, &filter, 1);
}

static int act_blind_bpf_filter(struct trial *trial)
{
	struct filter_registration filter = harmless_filter();

	(void)trial;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return blind_register(REG_BPF_FILTER, &filter, 1);
}

/* Fills @items with all that a kernel of so many operations can allow; returns their number. */
static unsigned int allow_all(struct restriction *items, unsigned int ops, unsigned int registers)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < ops; i++)
		items[count++] = (struct restriction){ RESTRICT_SQE_OP, (uint8_t)i, 0, { 0 } };
	for (unsigned int i = 0; i < registers; i++)
		items[count++] = (struct restriction){ RESTRICT_REGISTER_OP, (uint8_t)i, 0, { 0 } };
	items[count++] = (struct restriction){ RESTRICT_SQE_FLAGS_ALLOWED, 0x7f, 0, { 0 } };
	return count;
}

/*
 * Operations that the kernel does not know are EINVAL, and how many it knows may be a secret, so
 * the longest list that it takes is found by trying.
 */
static int restrict_to_all(struct ring *ring)
{
	struct restriction items[RESTRICT_COUNT_MAX] = { 0 };
	int ret = -EINVAL;

	for (unsigned int ops = OP_COUNT; ret == -EINVAL && ops > OP_SEND_ZC; ops--)
		for (unsigned int regs = REG_COUNT; ret == -EINVAL && regs > REG_RING_FDS; regs--)
			ret = ring_register(ring, REG_RESTRICTIONS, items,
					    allow_all(items, ops, regs));
	return ret;
}

static int act_restrictions(struct trial *trial)
{
	return restrict_to_all(&trial->ring);
}

/* Task restrictions: the kernel takes them once, and never after a filter (EPERM). */
static int act_blind_restrictions(struct trial *trial)
{
	struct task_restriction all = { 0 };

	(void)trial;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	all.count = (uint16_t)allow_all(all.items, OP_SEND_ZC, REG_RING_FDS);
	return blind_register(REG_RESTRICTIONS, &all, 1);
}

void widen_disabled_ring(struct ring *ring)
{
	struct restriction nonsense = { .kind = 99 };

	/* An error resets what was there; then comes a list that allows everything. */
	ring_register(ring, REG_RESTRICTIONS, &nonsense, 1);
	restrict_to_all(ring);
}

const struct op register_ops[] = {
	{ "buffers", REG_BUFFERS, act_buffers, 0, "" },
	{ "unregister-buffers", REG_UNREGISTER_BUFFERS, act_unregister_buffers, 0, "" },
	{ "files", REG_FILES, act_files, 0, "" },
	{ "unregister-files", REG_UNREGISTER_FILES, act_unregister_files, 0, "" },
	{ "eventfd", REG_EVENTFD, act_eventfd, 0, "" },
	{ "unregister-eventfd", REG_UNREGISTER_EVENTFD, act_unregister_eventfd, 0, "" },
	{ "files-update", REG_FILES_UPDATE, act_files_update, 0, "" },
	{ "eventfd-async", REG_EVENTFD_ASYNC, act_eventfd, 0, "" },
	{ "probe", REG_PROBE, act_probe, 0, "" },
	{ "personality", REG_PERSONALITY, act_nothing, 0, "" },
	{ "unregister-personality", REG_UNREGISTER_PERSONALITY, act_unregister_personality, 0, "" },
	{ "restrictions", REG_RESTRICTIONS, act_restrictions, DISABLED_RING, "" },
	{ "enable-rings", REG_ENABLE_RINGS, act_nothing, DISABLED_RING, "" },
	{ "files2", REG_FILES2, act_files2, 0, "" },
	{ "files-update2", REG_FILES_UPDATE2, act_files_update2, 0, "" },
	{ "buffers2", REG_BUFFERS2, act_buffers2, 0, "" },
	{ "buffers-update", REG_BUFFERS_UPDATE, act_buffers_update, 0, "" },
	{ "iowq-aff", REG_IOWQ_AFF, act_iowq_aff, 0, "" },
	{ "unregister-iowq-aff", REG_UNREGISTER_IOWQ_AFF, act_nothing, 0, "" },
	{ "iowq-max-workers", REG_IOWQ_MAX_WORKERS, act_iowq_max_workers, 0, "" },
	{ "ring-fds", REG_RING_FDS, act_ring_fds, 0, "" },
	{ "unregister-ring-fds", REG_UNREGISTER_RING_FDS, act_unregister_ring_fds, 0, "" },
	{ "pbuf-ring", REG_PBUF_RING, act_pbuf_ring, 0, "" },
	{ "unregister-pbuf-ring", REG_UNREGISTER_PBUF_RING, act_unregister_pbuf_ring, 0, "" },
	{ "sync-cancel", REG_SYNC_CANCEL, act_sync_cancel, 0, "" },
	{ "file-alloc-range", REG_FILE_ALLOC_RANGE, act_file_alloc_range, 0, "" },
	{ "pbuf-status", REG_PBUF_STATUS, act_pbuf_status, 0, "" },
	{ "napi", REG_NAPI, act_napi, 0, "" },
	{ "unregister-napi", REG_UNREGISTER_NAPI, act_napi, 0, "" },
	{ "clock", REG_CLOCK, act_clock, 0, "" },
	{ "clone-buffers", REG_CLONE_BUFFERS, act_clone_buffers, 0, "" },
	{ "zcrx-ifq", REG_ZCRX_IFQ, act_zcrx_ifq, ZERO_COPY_RING, "" },
	{ "resize-rings", REG_RESIZE_RINGS, act_resize_rings, DEFERRED_RING, "" },
	{ "mem-region", REG_MEM_REGION, act_mem_region, 0, "" },
	{ "query", REG_QUERY, act_query, 0, "" },
	{ "zcrx-ctrl", REG_ZCRX_CTRL, act_zcrx_ctrl, 0, "" },
	{ "bpf-filter", REG_BPF_FILTER, act_bpf_filter, 0, "" },
	{ 0 },
};

const struct op blind_ops[] = {
	{ "send-msg-ring", REG_SEND_MSG_RING, act_send_msg_ring, 0, "" },
	{ "query", REG_QUERY, act_blind_query, 0, "" },
	{ "restrictions", REG_RESTRICTIONS, act_blind_restrictions, OWN_CHILD, "" },
	{ "bpf-filter", REG_BPF_FILTER, act_blind_bpf_filter, OWN_CHILD, "" },
	{ 0 },
};
