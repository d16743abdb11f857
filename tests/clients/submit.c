// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "trial.h"

#define SLOTS 8
#define SUBMIT_MS 2000

const char *errno_name(int error)
{
	const char *name = strerrorname_np(error);

	return name ? name : "E?";
}

void missing(struct trial *trial, const char *what, int error)
{
	if (*trial->remark)
		return;
	if (error == RESULT_TIMEOUT)
		snprintf(trial->remark, sizeof(trial->remark), "no %s TIMEOUT", what);
	else
		snprintf(trial->remark, sizeof(trial->remark), "no %s %s", what,
			 errno_name(-error));
}

int second_ring(struct trial *trial, struct ring *ring)
{
	int ret = ring_make(ring, 0);

	if (ret < 0)
		missing(trial, "second ring: io_uring_setup", ret);
	return ret;
}

int register_file(struct ring *ring, int fd)
{
	int fds[SLOTS] = { fd, -1, -1, -1, -1, -1, -1, -1 };

	return ring_register(ring, REG_FILES, fds, SLOTS);
}

/* The fixed file @index of the trial's ring comes from another ring, where @fd was registered. */
static int receive_file(struct trial *trial, int fd)
{
	struct sqe sqe = {
		.opcode = OP_MSG_RING,
		.fd = trial->ring.fd,
		.addr = MSG_RING_SEND_FD,
		.file_index = 1,
	};
	struct ring sender;
	int ret = second_ring(trial, &sender);

	if (ret < 0)
		return ret;
	ret = register_file(&trial->ring, -1);
	if (ret >= 0)
		ret = register_file(&sender, fd);
	if (ret >= 0)
		ret = ring_run(&sender, &sqe);
	ring_close(&sender);
	return ret;
}

static int use_fixed_file(struct trial *trial, struct sqe *sqe)
{
	bool by_message = trial->modes & MODE_MSGRING;
	int ret = by_message ? receive_file(trial, sqe->fd) : register_file(&trial->ring, sqe->fd);

	if (ret < 0) {
		missing(trial, by_message ? "fixed file: msg_ring" : "fixed file: register", ret);
		return ret;
	}
	sqe->fd = 0;
	sqe->flags |= SQE_FIXED_FILE;
	return 0;
}

static int use_slot(struct trial *trial, struct sqe *sqe)
{
	int ret = register_file(&trial->ring, -1);

	if (ret < 0) {
		missing(trial, "slot: register", ret);
		return ret;
	}
	sqe->file_index = FILE_INDEX_ALLOC;
	return 0;
}

static int use_personality(struct trial *trial, struct sqe *sqe)
{
	int ret = ring_register(&trial->ring, REG_PERSONALITY, NULL, 0);

	if (ret < 0) {
		missing(trial, "personality: register", ret);
		return ret;
	}
	sqe->personality = (uint16_t)ret;
	return 0;
}

static int apply_modes(struct trial *trial, struct sqe *sqe)
{
	int ret = 0;

	if (trial->modes & MODE_ASYNC)
		sqe->flags |= SQE_ASYNC;
	/* Behind a helper request that stays pending, a drain would wait for ever. */
	if (trial->modes & MODE_DRAIN && !trial->armed)
		sqe->flags |= SQE_DRAIN;
	if (trial->modes & (MODE_FIXED | MODE_MSGRING) && trial->op->flags & ON_FILE)
		ret = use_fixed_file(trial, sqe);
	if (ret >= 0 && trial->modes & MODE_SLOT && trial->op->flags & MAKES_FILE)
		ret = use_slot(trial, sqe);
	if (ret >= 0 && trial->modes & MODE_PERSONALITY)
		ret = use_personality(trial, sqe);
	return ret;
}

/* Returns the user_data of @head's request. */
static uint64_t push_before(struct trial *trial, const struct sqe *head)
{
	struct sqe nop = { .opcode = OP_NOP };
	struct sqe linked;

	if (trial->modes & (MODE_LINK | MODE_HARDLINK | MODE_DRAIN)) {
		if (trial->modes & MODE_LINK)
			nop.flags = SQE_LINK;
		if (trial->modes & MODE_HARDLINK)
			nop.flags = SQE_HARDLINK;
		ring_push(&trial->ring, &nop);
	}
	if (!head)
		return 0;
	linked = *head;
	linked.flags |= SQE_LINK;
	return ring_push(&trial->ring, &linked);
}

int submit_after(struct trial *trial, const struct sqe *head, const struct sqe *sqe)
{
	struct ring *ring = &trial->ring;
	struct sqe request = *sqe;
	uint64_t user_data, head_data;
	int ret;

	request.opcode = (uint8_t)trial->op->number;
	ret = apply_modes(trial, &request);
	if (ret < 0)
		return ret;
	head_data = push_before(trial, head);
	user_data = ring_push(ring, &request);
	ret = ring_submit(ring);
	if (ret >= 0)
		ret = ring_wait(ring, user_data, SUBMIT_MS);
	if (head)
		trial->head_result = ring_wait(ring, head_data, 0);
	if (ret < 0 && ring->enter_failed)
		missing(trial, "completion: io_uring_enter", ret);
	return ret;
}

int submit(struct trial *trial, const struct sqe *sqe)
{
	return submit_after(trial, NULL, sqe);
}

uint64_t arm(struct trial *trial, const struct sqe *sqe)
{
	uint64_t user_data = ring_push(&trial->ring, sqe);
	int ret = ring_submit(&trial->ring);

	if (ret >= 0)
		ret = ring_wait(&trial->ring, user_data, 0);
	trial->armed = ret == RESULT_TIMEOUT;
	if (ret < 0 && ret != RESULT_TIMEOUT)
		missing(trial, "helper request", ret);
	return user_data;
}
