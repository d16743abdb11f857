// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/tracepoint.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file.h"

static int read_id(uint64_t *id)
{
	static const char *const paths[] = {
		"/sys/kernel/tracing/events/io_uring/io_uring_req_failed/id",
		"/sys/kernel/debug/tracing/events/io_uring/io_uring_req_failed/id",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		long number = file_number(paths[i], -1);

		if (number < 0)
			continue;
		*id = (uint64_t)number;
		return 0;
	}
	return -1;
}

int tracepoint_open(void)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attributes),
		.inherit = 1,
	};
	_cleanup_close_ int fd = -1;
	uint64_t id;

	if (read_id(&id) < 0)
		return -1;
	attributes.config = id;
	fd = (int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	/* -13 is -EACCES; the tracepoint tells of every other failure too. */
	if (fd < 0 || ioctl(fd, PERF_EVENT_IOC_SET_FILTER, "error == -13") < 0)
		return -1;
	return steal_fd(&fd);
}

int tracepoint_read(int fd, uint64_t *count)
{
	return read(fd, count, sizeof(*count)) == (ssize_t)sizeof(*count) ? 0 : -1;
}
