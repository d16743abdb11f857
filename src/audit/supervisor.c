// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/supervisor.h"

#include <asm/unistd.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "audit/describe.h"
#include "audit/judge.h"
#include "audit/notify.h"
#include "audit/remote.h"
#include "audit/tracepoint.h"
#include "audit/watched.h"
#include "policy/seccomp_why.h"
#include "uring/opcode.h"
#include "util/file.h"

/*
 * How often closed rings are let go of, and completions read that nothing else tells of. A ring
 * that the program closes lives on until then, since it is held here.
 */
#define SWEEP_MS 100

/* How often a busy ring is looked at where nothing else tells of it: a thousand times a second. */
#define PAUSE_MS 1

/* For so long the next call is waited for, and after so long other things have their turn. */
#define TURN_MS 1

/* Linux 6.6: whoever waits for the answer goes on where this process stops, on the same CPU. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

struct supervisor {
	struct supervisor_options options;
	struct arena arena;
	struct bpf_program program;
	int kept_fds[3]; /* of the log, of what learns, and the tracepoint; -1: there is none */
	int tracepoint;
	uint64_t ring_denials; /* that were recorded as the policy's */
	int listener;
	int timer;
	int pause;
	bool timer_runs;
	bool called; /* a notification is there */
	struct source listener_source;
	struct source timer_source;
	struct source pause_source;
	struct seccomp_notif *notification; /* as large as the kernel's, which may have more */
	size_t notification_size;
	struct seccomp_notif_resp *response;
	size_t response_size;
	struct watched watched;
	struct audit_losses losses;
};

/* ---- records ---- */

static void put_record(struct supervisor *s, struct audit_record *record)
{
	clock_gettime(CLOCK_REALTIME, &record->time);
	s->ring_denials += record->gate == AUDIT_BY_RING && record->cause == AUDIT_POLICY;
	if (s->options.log)
		audit_log_put(s->options.log, record);
}

static void settled(void *context, struct audit_record *record)
{
	put_record(context, record);
}

static void record_call(struct supervisor *s, const struct task *task,
			const struct seccomp_data *call, int error)
{
	bool native = call->arch == SECCOMP_ARCH;
	struct arena arena = { 0 };
	struct audit_record record = {
		.pid = task->process,
		.program = remote_program(task->process, &arena),
		.gate = AUDIT_BY_CALL,
		.number = (unsigned int)call->nr,
		.name = native ? syscall_name((unsigned int)call->nr, &arena) : NULL,
		.error = -error,
		.cause = AUDIT_POLICY,
		.rule = seccomp_why(s->options.plan, call->arch, (unsigned int)call->nr, &arena),
	};

	describe_call(task->tid, call, &record.arguments, &arena);
	put_record(s, &record);
	arena_free(&arena);
}

/* ---- rings ---- */

struct submission {
	struct supervisor *supervisor;
	struct task *task;
	struct watched_ring *ring;
};

/* What works on open descriptors alone does not fail for want of permission, but for LSMs. */
static bool may_lack_permission(uint8_t opcode)
{
	return opcode < URING_OPCODE_COUNT && uring_opcodes[opcode].class != CLASS_HARMLESS &&
	       uring_opcodes[opcode].class != CLASS_DESCRIPTOR;
}

static void fill_record(struct audit_record *record, const struct audit_sqe *sqe, pid_t process,
			pid_t tid, struct arena *arena)
{
	*record = (struct audit_record){
		.pid = process,
		.program = remote_program(process, arena),
		.gate = AUDIT_BY_RING,
		.number = sqe->opcode,
		.name = sqe->opcode < URING_OPCODE_COUNT ? uring_opcodes[sqe->opcode].name : NULL,
		.error = EACCES,
		.arguments = { .fd = -1 },
	};
	describe_sqe(tid, sqe, &record->arguments, arena);
}

static void take_request(void *context, const struct audit_sqe *sqe)
{
	const struct submission *submission = context;
	struct supervisor *s = submission->supervisor;
	const struct task *task = submission->task;
	struct match *match = &submission->ring->match;
	struct judgement judgement = judge_sqe(&s->options.plan->uring, task->tid, sqe);
	struct match_request *request;

	s->losses.requests += judgement.blind;
	if (s->options.learn)
		learn_sqe(s->options.learn, task->tid, sqe, !judgement.denied);
	if (!s->options.log || (!judgement.denied && !may_lack_permission(sqe->opcode)))
		return;
	request = xrealloc(NULL, 1, sizeof(*request));
	*request = (struct match_request){ .user_data = sqe->user_data };
	fill_record(&request->record, sqe, task->process, task->tid, &request->arena);
	request->record.rule = judgement.rule;
	if (judgement.denied)
		match_denied(match, request, settled, s);
	else
		match_allowed(match, request);
}

static void record_unmatched(struct supervisor *s, struct watched_ring *ring, uint64_t user_data)
{
	struct arena arena = { 0 };
	struct audit_record record = {
		.pid = ring->process,
		.program = remote_program(ring->process, &arena),
		.gate = AUDIT_BY_RING,
		.number = UINT8_MAX,
		.error = EACCES,
		.arguments = { .fd = -1 },
		.cause = AUDIT_UNKNOWN,
	};
	struct audit_sqe sqe;

	/* Nobody told of it (SQPOLL, the light form), but its SQE may still lie where it was. */
	if (ring_find(&ring->ring, user_data, &ring->match.steps, &sqe)) {
		struct judgement judgement =
			judge_sqe(&s->options.plan->uring, ring->process, &sqe);

		fill_record(&record, &sqe, ring->process, ring->process, &arena);
		record.rule = judgement.rule;
		record.cause = judgement.denied	 ? AUDIT_POLICY
			       : judgement.blind ? AUDIT_UNKNOWN
						 : AUDIT_PERMISSION;
	}
	record.certainty = AUDIT_UNMATCHED;
	put_record(s, &record);
	arena_free(&arena);
}

static void take_completion(void *context, uint64_t user_data, int32_t result)
{
	const struct submission *submission = context;

	if (!match_completed(&submission->ring->match, user_data, result, settled,
			     submission->supervisor))
		record_unmatched(submission->supervisor, submission->ring, user_data);
}

static uint64_t read_completions(struct supervisor *s, struct watched_ring *ring)
{
	struct submission submission = { s, NULL, ring };
	uint32_t before = ring->ring.read;

	if (!s->options.log || !ring->opened)
		return 0;
	match_begin(&ring->match);
	s->losses.completions += ring_read(&ring->ring, take_completion, &submission);
	return ring->ring.read - before;
}

static void ring_ended(void *context, struct watched_ring *ring)
{
	struct supervisor *s = context;

	read_completions(s, ring);
	match_end(&ring->match, settled, s);
	s->losses.overflows += ring_overflows(&ring->ring);
}

/* ---- the calls of io_uring ---- */

/* Where nobody tells of submissions, completions do. */
static bool needs_events(const struct supervisor *s, const struct watched_ring *ring)
{
	return s->options.light || ring->ring.setup.flags & URING_SETUP_SQPOLL;
}

static void follow(struct supervisor *s, struct watched_ring *ring)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = ring };

	if (!ring || ring->followed || ring->busy || ring->ring.fd < 0 || !needs_events(s, ring))
		return;
	ring->followed = epoll_ctl(s->watched.epoll, EPOLL_CTL_ADD, ring->ring.fd, &event) == 0;
}

static struct watched_ring *ring_of(struct supervisor *s, struct task *task, uint64_t fd,
				    bool registered)
{
	struct watched_ring *ring = registered ? watched_by_index(&s->watched, task, (uint32_t)fd)
					       : watched_by_fd(&s->watched, task, (int)fd);

	follow(s, ring);
	return ring;
}

static void on_setup(struct supervisor *s, struct task *task, const struct seccomp_data *call)
{
	struct ring_setup setup;

	if (ring_setup_read(task->tid, (uint32_t)call->args[0], call->args[1], &setup))
		watched_setup(&s->watched, task, &setup);
	if (s->options.learn)
		learn_ring(s->options.learn, task->tid);
}

static void on_enter(struct supervisor *s, struct task *task, const struct seccomp_data *call)
{
	bool registered = call->args[3] & URING_ENTER_REGISTERED_RING;
	struct submission submission = { s, task, ring_of(s, task, call->args[0], registered) };

	if (!submission.ring)
		return;
	read_completions(s, submission.ring);
	ring_take(&submission.ring->ring, (uint32_t)call->args[1], take_request, &submission);
}

static void on_register(struct supervisor *s, struct task *task, const struct seccomp_data *call)
{
	bool registered = call->args[1] & URING_REGISTER_USE_REGISTERED_RING;
	struct watched_ring *ring;

	switch (call->args[1] & ~(uint64_t)URING_REGISTER_USE_REGISTERED_RING & UINT32_MAX) {
	case URING_REGISTER_RING_FDS:
		watched_register(&s->watched, task, call->args[2], (uint32_t)call->args[3]);
		break;
	case URING_UNREGISTER_RING_FDS:
		watched_unregister(&s->watched, task, call->args[2], (uint32_t)call->args[3]);
		break;
	case URING_REGISTER_RESIZE_RINGS:
		ring = ring_of(s, task, call->args[0], registered);
		if (!ring)
			break;
		read_completions(s, ring);
		ring->resized = true;
		break;
	default:
		ring_of(s, task, call->args[0], registered);
	}
}

static void on_map(struct supervisor *s, struct task *task, const struct seccomp_data *call)
{
	ring_of(s, task, call->args[4], false);
}

/* The memory of a ring that is not mapped here goes with the program: what is in it is read now. */
static void on_end(struct supervisor *s, struct task *task, const struct seccomp_data *call)
{
	(void)call;
	for (struct watched_ring *ring = s->watched.rings; ring; ring = ring->next)
		if (ring->process == task->process && ring->ring.setup.flags & URING_SETUP_NO_MMAP)
			read_completions(s, ring);
}

static const struct {
	int number;
	void (*handle)(struct supervisor *s, struct task *task, const struct seccomp_data *call);
	bool light; /* told of in the light form too */
} ring_calls[] = {
	{ __NR_io_uring_setup, on_setup, true },
	{ __NR_io_uring_enter, on_enter, false },
	{ __NR_io_uring_register, on_register, true },
	{ __NR_mmap, on_map, true },
	{ __NR_execve, on_end, false },
	{ __NR_execveat, on_end, false },
	{ __NR_exit_group, on_end, false },
};

#define RING_CALLS (sizeof(ring_calls) / sizeof(ring_calls[0]))

/* ---- events ---- */

static void set_timer(struct supervisor *s)
{
	bool runs = !watched_is_idle(&s->watched);
	struct itimerspec time = { 0 };

	if (runs == s->timer_runs)
		return;
	if (runs)
		time.it_value.tv_nsec = time.it_interval.tv_nsec = SWEEP_MS * 1000000L;
	timerfd_settime(s->timer, 0, &time, NULL);
	s->timer_runs = runs;
}

/* clone3(2) is answered as by a kernel without it, upon which clone(2) is used: nothing is lost. */
static bool is_denial(const struct seccomp_data *call, const struct notify_answer *answer)
{
	return !answer->allowed &&
	       !(call->arch == SECCOMP_ARCH && call->nr == __NR_clone3 && answer->error == -ENOSYS);
}

static void look_at_call(struct supervisor *s, const struct notify_answer *answer)
{
	const struct seccomp_data *call = &s->notification->data;
	struct task *task = watched_task(&s->watched, (pid_t)s->notification->pid);

	if (!task)
		return;
	if (s->options.learn && call->arch == SECCOMP_ARCH)
		learn_call(s->options.learn, task->tid, call, answer->allowed);
	if (is_denial(call, answer) && s->options.log)
		record_call(s, task, call, answer->error);
	if (!answer->allowed || call->arch != SECCOMP_ARCH)
		return;
	for (size_t i = 0; i < RING_CALLS; i++)
		if (call->nr == ring_calls[i].number)
			ring_calls[i].handle(s, task, call);
}

static void answer_call(struct supervisor *s)
{
	struct notify_answer answer;

	memset(s->notification, 0, s->notification_size);
	/* ENOENT: who asked is gone already. */
	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, s->notification) < 0)
		return;
	answer = notify_answer(&s->options.plan->seccomp, &s->notification->data);
	look_at_call(s, &answer);
	memset(s->response, 0, s->response_size);
	s->response->id = s->notification->id;
	if (answer.allowed)
		s->response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		s->response->error = answer.error;
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, s->response);
}

static void set_pause(struct supervisor *s)
{
	const struct itimerspec time = { .it_value.tv_nsec = PAUSE_MS * 1000000L };

	timerfd_settime(s->pause, 0, &time, NULL);
}

/*
 * An event for every completion would cost a busy ring more than all the rest of it: the kernel
 * wakes this process each time. So one that had something is looked at by a timer, until it has
 * nothing for once.
 */
static void on_completions(struct supervisor *s, struct watched_ring *ring)
{
	if (!ring->users || !read_completions(s, ring))
		return;
	epoll_ctl(s->watched.epoll, EPOLL_CTL_DEL, ring->ring.fd, NULL);
	ring->followed = false;
	ring->busy = true;
	set_pause(s);
}

static void look_at_busy(struct supervisor *s)
{
	bool busy = false;
	uint64_t times;

	if (read(s->pause, &times, sizeof(times)) < 0)
		return;
	for (struct watched_ring *ring = s->watched.rings; ring; ring = ring->next) {
		if (!ring->busy)
			continue;
		ring->busy = read_completions(s, ring);
		follow(s, ring);
		busy = busy || ring->busy;
	}
	if (busy)
		set_pause(s);
}

static void sweep(struct supervisor *s)
{
	uint64_t times;

	if (read(s->timer, &times, sizeof(times)) < 0)
		return;
	watched_sweep(&s->watched);
	for (struct watched_ring *ring = s->watched.rings; ring; ring = ring->next) {
		follow(s, ring);
		read_completions(s, ring);
	}
}

static void handle_event(struct supervisor *s, const struct epoll_event *event)
{
	const struct source *source = event->data.ptr;

	switch (source->kind) {
	case SOURCE_LISTENER:
		s->called = event->events & EPOLLIN;
		if (!s->called)
			epoll_ctl(s->watched.epoll, EPOLL_CTL_DEL, s->listener, NULL);
		break;
	case SOURCE_SWEEP:
		sweep(s);
		break;
	case SOURCE_PAUSE:
		look_at_busy(s);
		break;
	case SOURCE_TASK:
		watched_forget(&s->watched, event->data.ptr);
		break;
	case SOURCE_RING:
		on_completions(s, event->data.ptr);
		break;
	}
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/*
 * Who has called is likely to call again at once. Between its calls only the listener is looked at:
 * to look at everything else too, the launcher's own signals and timers, costs half as much as all
 * the rest of an answer.
 */
static void answer_calls(struct supervisor *s)
{
	struct pollfd listener = { .fd = s->listener, .events = POLLIN };
	int64_t end = now_ms() + TURN_MS;

	do {
		answer_call(s);
	} while (now_ms() <= end && poll(&listener, 1, TURN_MS) > 0 && listener.revents & POLLIN);
}

static int ready(void *context, struct error *err)
{
	struct supervisor *s = context;
	struct epoll_event events[16];
	int count = epoll_wait(s->watched.epoll, events, 16, 0);

	if (count < 0 && errno != EINTR)
		return error_errno(err, "cannot wait for what is watched");
	s->called = false;
	for (int i = 0; i < count; i++)
		handle_event(s, &events[i]);
	if (s->called)
		answer_calls(s);
	watched_bury(&s->watched);
	set_timer(s);
	return 0;
}

/* ---- beginning and end ---- */

/* A ring, and a thread that uses one, take a descriptor each. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int add_source(struct supervisor *s, int fd, struct source *source, enum source_kind kind)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	source->kind = kind;
	return fd < 0 ? -1 : epoll_ctl(s->watched.epoll, EPOLL_CTL_ADD, fd, &event);
}

static int start(void *context, int listener, struct error *err)
{
	struct supervisor *s = context;

	s->listener = listener;
	raise_limit();
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	s->watched.epoll = epoll_create1(EPOLL_CLOEXEC);
	s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	s->pause = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (s->watched.epoll < 0 ||
	    add_source(s, listener, &s->listener_source, SOURCE_LISTENER) < 0 ||
	    add_source(s, s->timer, &s->timer_source, SOURCE_SWEEP) < 0 ||
	    add_source(s, s->pause, &s->pause_source, SOURCE_PAUSE) < 0)
		return error_errno(err, "cannot watch the jail");
	if (s->options.log && audit_log_start(s->options.log, err) < 0)
		return -err->code;
	return s->watched.epoll;
}

static int check_yama(struct error *err)
{
	long scope = file_number("/proc/sys/kernel/yama/ptrace_scope", 0);

	if (scope < 3)
		return 0;
	error_set(err, EPERM, "no process may be watched here: kernel.yama.ptrace_scope is %ld",
		  scope);
	error_hint(err, "the sysctl cannot be lowered again before the next boot; run without "
			"--audit and --learn");
	return -EPERM;
}

static int learn_sizes(struct supervisor *s, struct error *err)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0)
		return error_errno(err, "this kernel has no notifications of system calls");
	s->notification_size = sizes.seccomp_notif > sizeof(*s->notification)
				       ? sizes.seccomp_notif
				       : sizeof(*s->notification);
	s->response_size = sizes.seccomp_notif_resp > sizeof(*s->response)
				   ? sizes.seccomp_notif_resp
				   : sizeof(*s->response);
	s->notification = arena_alloc(&s->arena, s->notification_size);
	s->response = arena_alloc(&s->arena, s->response_size);
	return 0;
}

static int make_program(struct supervisor *s, struct error *err)
{
	struct syscall_set watched = { { 0 } };

	if (s->options.watched)
		watched = *s->options.watched;
	for (size_t i = 0; i < RING_CALLS && s->options.plan->uring.mode != URING_NONE; i++)
		if (ring_calls[i].light || !s->options.light)
			syscall_set_put(&watched, (unsigned int)ring_calls[i].number, true);
	return notify_program(&s->options.plan->seccomp, &watched, &s->arena, &s->program, err);
}

static int prepare(struct supervisor *s, struct error *err)
{
	int status = check_yama(err);

	if (status == 0)
		status = learn_sizes(s, err);
	if (status == 0)
		status = make_program(s, err);
	if (status < 0 || s->options.plan->uring.mode == URING_NONE)
		return status;
	status = ring_layout_learn(&s->watched.layout);
	if (status < 0) {
		errno = -status;
		error_errno(err, "cannot find out how rings lie in memory");
		error_hint(err, "io_uring must be usable out here too, or say uring none");
	}
	return status;
}

int supervisor_new(struct supervisor **supervisor, const struct supervisor_options *options,
		   struct watcher *watcher, struct error *err)
{
	struct supervisor *s = xrealloc(NULL, 1, sizeof(*s));

	*s = (struct supervisor){
		.options = *options, .listener = -1, .timer = -1, .pause = -1, .tracepoint = -1
	};
	s->watched.self = getpid();
	s->watched.epoll = -1;
	s->watched.ended = ring_ended;
	s->watched.context = s;
	*supervisor = s;
	if (prepare(s, err) < 0)
		return -err->code;
	if (options->log && options->plan->uring.mode == URING_FILTER)
		s->tracepoint = tracepoint_open();
	s->kept_fds[0] = options->log ? audit_log_fd(options->log) : -1;
	s->kept_fds[1] = options->learn ? learn_fd(options->learn) : -1;
	s->kept_fds[2] = s->tracepoint;
	*watcher = (struct watcher){
		.program = &s->program,
		.keep_fds = s->kept_fds,
		.keep_fd_count = sizeof(s->kept_fds) / sizeof(s->kept_fds[0]),
		.context = s,
		.start = start,
		.ready = ready,
	};
	return 0;
}

/*
 * Two ways of counting that know nothing of each other. They differ by what completed in silence,
 * was overwritten or belongs to a jail inside, and by what the program made up.
 */
static void cross_check(struct supervisor *s)
{
	char text[160];
	uint64_t count;

	if (s->tracepoint < 0 || tracepoint_read(s->tracepoint, &count) < 0)
		return;
	if (count == s->ring_denials)
		snprintf(text, sizeof(text),
			 "the kernel's tracepoint io_uring_req_failed counted %" PRIu64
			 " denials by ring, as many as are recorded here",
			 count);
	else
		snprintf(text, sizeof(text),
			 "the kernel's tracepoint io_uring_req_failed counted %" PRIu64
			 " denials by ring, %" PRIu64 " %s than are recorded here",
			 count,
			 count > s->ring_denials ? count - s->ring_denials
						 : s->ring_denials - count,
			 count > s->ring_denials ? "more" : "fewer");
	audit_log_note(s->options.log, text);
}

void supervisor_end(struct supervisor *s, struct audit_losses *losses)
{
	watched_end(&s->watched);
	cross_check(s);
	s->losses.rings = s->watched.lost_rings;
	s->losses.why_rings = s->watched.why_lost;
	s->losses.waiting = s->watched.room.given_up;
	*losses = s->losses;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void supervisor_free(struct supervisor *s)
{
	if (!s)
		return;
	watched_end(&s->watched);
	close_if_open(s->listener);
	close_if_open(s->timer);
	close_if_open(s->pause);
	close_if_open(s->tracepoint);
	close_if_open(s->watched.epoll);
	arena_free(&s->arena);
	free(s);
}
