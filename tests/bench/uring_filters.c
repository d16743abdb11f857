// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What it costs to hold io_uring, by task restrictions, by filters and by both: registering them,
 * which every launch does, and then each SQE. Needs Linux 7.0.
 *
 * Usage: build/tests/bench/uring_filters
 *        build/tests/bench/uring_filters FORM PROGRAM [ARGUMENT...]
 *
 * The second runs a program under one form of the first policy ("list" lists them), without a jail
 * and without seccomp, so that it shows what this form holds by itself.
 *
 * Every figure is the median of several runs, each in a new process. Under emulation the time is
 * no measure; tests/vm/vm run -i makes the VM's clock count instructions, one a nanosecond, and
 * the figures are the same every time but for a per cent or two:
 *
 *	tests/vm/vm run -i -k 7.3 -- build/tests/bench/uring_filters
 */
#include <errno.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "policy/plan.h"
#include "uring/abi.h"
#include "uring/install.h"
#include "uring/opcode.h"

#define RUNS 9
#define BATCH 64
#define BATCHES 1000
#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

/* Ten instructions, all of which run, whatever the operation's data. */
#define PASS BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0, 0, 0)
static struct sock_filter allow_insns[] = { BPF_STMT(BPF_RET | BPF_K, 1) };
static struct sock_filter deny_insns[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
static struct sock_filter ten_insns[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, URING_FILTER_SOCKET_FAMILY),
	PASS,
	PASS,
	PASS,
	PASS,
	PASS,
	PASS,
	PASS,
	PASS,
	BPF_STMT(BPF_RET | BPF_K, 1),
};
static const struct bpf_program allow_all = { allow_insns, ARRAY_SIZE(allow_insns) };
static const struct bpf_program deny_all = { deny_insns, ARRAY_SIZE(deny_insns) };
static const struct bpf_program ten = { ten_insns, ARRAY_SIZE(ten_insns) };

/* The shape of the default policy, and that of a program that is let do little. */
static const char *const default_denied[] = { "msg_ring", "uring_cmd", "uring_cmd128", NULL };
static const char *const narrow_allowed[] = { "nop",	      "read",	  "write",  "fsync",
					      "close",	      "statx",	  "send",   "recv",
					      "accept",	      "poll_add", "openat", "timeout",
					      "async_cancel", NULL };

static bool is_listed(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

static void make_default(struct uring_plan *plan)
{
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
		if (!is_listed(default_denied, uring_opcodes[i].name))
			plan->ops[i].verdict = VERDICT_ALLOW;
	plan->ops[IORING_OP_SOCKET].verdict = VERDICT_FILTER;
	plan->ops[IORING_OP_SOCKET].filter = ten;
	plan->ops[IORING_OP_SOCKET].pdu_size = URING_SOCKET_PDU;
}

static void make_narrow(struct uring_plan *plan)
{
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
		if (is_listed(narrow_allowed, uring_opcodes[i].name))
			plan->ops[i].verdict = VERDICT_ALLOW;
	plan->ops[IORING_OP_OPENAT].verdict = VERDICT_FILTER;
	plan->ops[IORING_OP_OPENAT].filter = ten;
	plan->ops[IORING_OP_OPENAT].pdu_size = URING_OPEN_PDU;
}

static const struct {
	const char *name;
	void (*make)(struct uring_plan *plan);
} policies[] = {
	{ "62 of 65 operations allowed, 1 of them by its arguments", make_default },
	{ "13 of 65 operations allowed, 1 of them by its arguments", make_narrow },
};

static void make_plan(struct uring_plan *plan, void (*make)(struct uring_plan *plan))
{
	*plan = (struct uring_plan){
		.mode = URING_FILTER,
		.registers = uring_registers_default(),
		.sqe_flags = URING_SQE_FLAGS_ALL,
		.connect_deny = deny_all,
	};
	for (size_t i = 0; i < URING_OPCODES; i++)
		plan->ops[i].verdict = VERDICT_DENY;
	make(plan);
}

static void give_up(const char *what, int status)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-status));
	_exit(EXIT_FAILURE);
}

/* ---- the forms ---- */

static void put_filter(unsigned int opcode, const struct bpf_program *program, uint32_t flags)
{
	uint8_t pdu_size = 0;
	int status = uring_register_filter(opcode, program, flags, &pdu_size);

	if (status < 0)
		give_up("IORING_REGISTER_BPF_FILTER", status);
}

static void restrict_task(const struct uring_plan *plan)
{
	static struct {
		struct uring_task_restriction head;
		struct uring_restriction list[URING_OPCODE_COUNT + 64 + 1];
	} task;
	uint64_t registers = plan->registers | UINT64_C(1) << URING_REGISTER_BPF_FILTER;
	size_t count = 0;

	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		if (plan->ops[i].verdict != VERDICT_DENY)
			task.list[count++] = (struct uring_restriction){
				.opcode = URING_RESTRICTION_SQE_OP,
				.sqe_op = (uint8_t)i,
			};
	for (unsigned int i = 0; uring_register_name(i); i++)
		if (registers >> i & 1)
			task.list[count++] = (struct uring_restriction){
				.opcode = URING_RESTRICTION_REGISTER_OP,
				.register_op = (uint8_t)i,
			};
	task.list[count++] = (struct uring_restriction){
		.opcode = URING_RESTRICTION_SQE_FLAGS_ALLOWED,
		.sqe_flags = plan->sqe_flags,
	};
	task.head.nr_res = (uint16_t)count;
	if (syscall(SYS_io_uring_register, -1, URING_REGISTER_RESTRICTIONS, &task, 1) < 0)
		give_up("IORING_REGISTER_RESTRICTIONS", -errno);
}

/* The filters that look at arguments, which every form needs. */
static void filter_arguments(const struct uring_plan *plan)
{
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		if (plan->ops[i].verdict == VERDICT_FILTER)
			put_filter(i, &plan->ops[i].filter, 0);
}

static void deny_each(const struct uring_plan *plan)
{
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		if (plan->ops[i].verdict == VERDICT_DENY)
			put_filter(i, &deny_all, 0);
	filter_arguments(plan);
}

static void deny_rest(const struct uring_plan *plan)
{
	unsigned int last = URING_OPCODE_COUNT;

	while (plan->ops[last - 1].verdict != VERDICT_ALLOW)
		last--;
	filter_arguments(plan);
	for (unsigned int i = 0; i < last; i++)
		if (plan->ops[i].verdict == VERDICT_ALLOW)
			put_filter(i, &allow_all, i + 1 == last ? URING_BPF_FILTER_DENY_REST : 0);
}

static void restrict_and_filter_arguments(const struct uring_plan *plan)
{
	restrict_task(plan);
	filter_arguments(plan);
}

static void restrict_and_deny_each(const struct uring_plan *plan)
{
	restrict_task(plan);
	deny_each(plan);
}

static void restrict_and_deny_rest(const struct uring_plan *plan)
{
	restrict_task(plan);
	deny_rest(plan);
}

static void install(const struct uring_plan *plan)
{
	struct error err;

	if (uring_install(plan, &err) < 0) {
		fprintf(stderr, "%s\n", err.message);
		_exit(EXIT_FAILURE);
	}
}

static const struct form {
	const char *name;
	const char *summary;
	void (*put)(const struct uring_plan *plan);
} forms[] = {
	{ "restrictions", "restrictions alone, no arguments", restrict_task },
	{ "restrictions+filters", "restrictions, and filters of arguments",
	  restrict_and_filter_arguments },
	{ "deny-each", "a filter for each denied operation", deny_each },
	{ "restrictions+deny-each", "restrictions, and the same", restrict_and_deny_each },
	{ "deny-rest", "a filter for each allowed one, DENY_REST", deny_rest },
	{ "restrictions+deny-rest", "restrictions, and the same", restrict_and_deny_rest },
	{ "install", "what uring-jail does", install },
};

/* ---- measuring ---- */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

/*
 * The kernel frees the filters of a process that has ended later, on its own threads, and on one
 * CPU that would be counted to the next. A quarter of a second is for ever to it.
 */
static void let_the_kernel_clean_up(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 250000000 }, NULL);
}

/* Runs @measure in new processes; returns the median of what it returns. */
static double median(double (*measure)(const void *what), const void *what)
{
	double *results = mmap(NULL, RUNS * sizeof(*results), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double result;

	if (results == MAP_FAILED)
		give_up("mmap", -errno);
	for (int run = 0; run < RUNS; run++) {
		int status = 0;
		pid_t child = fork();

		if (child < 0)
			give_up("fork", -errno);
		if (child == 0) {
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
			results[run] = measure(what);
			_exit(EXIT_SUCCESS);
		}
		if (waitpid(child, &status, 0) < 0 || status != 0)
			exit(EXIT_FAILURE);
		let_the_kernel_clean_up();
	}
	qsort(results, RUNS, sizeof(*results), compare);
	result = results[RUNS / 2];
	munmap(results, RUNS * sizeof(*results));
	return result;
}

struct registration {
	const struct form *form;
	struct uring_plan plan;
};

static double registering(const void *what)
{
	const struct registration *registration = what;
	double start = now();

	registration->form->put(&registration->plan);
	return now() - start;
}

static void print_registrations(void)
{
	static struct registration registration;

	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		double first = 0;

		make_plan(&registration.plan, policies[i].make);
		printf("\nRegistering: %s\n", policies[i].name);
		for (size_t j = 0; j < ARRAY_SIZE(forms); j++) {
			double time;

			registration.form = &forms[j];
			time = median(registering, &registration);
			if (j == 0)
				first = time;
			printf("  %-24s %9.0f  x %5.2f   %s\n", forms[j].name, time, time / first,
			       forms[j].summary);
		}
	}
}

/* What an SQE meets on its way. */
struct load {
	const char *name;
	bool restricted;
	const struct bpf_program *filter;
	unsigned int filters; /* how many of it, one on the other */
};

static const struct load loads[] = {
	{ "no policy", false, NULL, 0 },
	{ "restrictions", true, NULL, 0 },
	{ "a filter that allows", false, &allow_all, 1 },
	{ "both", true, &allow_all, 1 },
	{ "a filter of 10 instructions", false, &ten, 1 },
	{ "both", true, &ten, 1 },
	{ "two filters that allow", false, &allow_all, 2 },
	{ "two filters of 10", false, &ten, 2 },
};

struct submission {
	const struct load *load;
	unsigned int opcode;
};

static void put_load(const struct submission *submission)
{
	struct uring_plan plan;

	make_plan(&plan, make_default);
	if (submission->load->restricted)
		restrict_task(&plan);
	for (unsigned int i = 0; i < submission->load->filters; i++)
		put_filter(submission->opcode, submission->load->filter, 0);
}

static void prepare(struct io_uring *ring, unsigned int opcode)
{
	for (int i = 0; i < BATCH; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

		if (opcode == IORING_OP_SOCKET)
			io_uring_prep_socket(sqe, AF_UNIX, SOCK_STREAM, 0, 0);
		else
			io_uring_prep_nop(sqe);
	}
}

static void reap(struct io_uring *ring, unsigned int opcode)
{
	struct io_uring_cqe *cqe;

	for (int i = 0; i < BATCH; i++) {
		int status = io_uring_wait_cqe(ring, &cqe);

		if (status < 0 || cqe->res < 0)
			give_up("a request failed", status < 0 ? status : cqe->res);
		if (opcode == IORING_OP_SOCKET)
			close(cqe->res);
		io_uring_cqe_seen(ring, cqe);
	}
}

/* Of one SQE. Only the submission counts: it carries out these operations to their end. */
static double submitting(const void *what)
{
	const struct submission *submission = what;
	struct io_uring ring;
	double time = 0;
	int status;

	put_load(submission);
	status = io_uring_queue_init(BATCH, &ring, 0);
	if (status < 0)
		give_up("io_uring_setup", status);
	for (int i = -1; i < BATCHES; i++) {
		double start;

		prepare(&ring, submission->opcode);
		start = now();
		status = io_uring_submit(&ring);
		/* the first batch fills caches */
		if (i >= 0)
			time += now() - start;
		if (status != BATCH)
			give_up("io_uring_enter", status);
		reap(&ring, submission->opcode);
	}
	io_uring_queue_exit(&ring);
	return time / BATCHES / BATCH;
}

static void print_submissions(unsigned int opcode)
{
	double first = 0;

	printf("\nEach SQE: %s, %d times in batches of %d\n", uring_opcodes[opcode].name,
	       BATCHES * BATCH, BATCH);
	for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
		struct submission submission = { &loads[i], opcode };
		double time = median(submitting, &submission);

		if (i == 0)
			first = time;
		printf("  %-28s %9.1f  x %5.2f  + %.1f\n", loads[i].name, time, time / first,
		       time - first);
	}
}

static int run_under(char **argv)
{
	static struct uring_plan plan;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (strcmp(argv[0], forms[i].name) != 0)
			continue;
		make_plan(&plan, make_default);
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		forms[i].put(&plan);
		execvp(argv[1], argv + 1);
		give_up(argv[1], -errno);
	}
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		printf("%-24s %s\n", forms[i].name, forms[i].summary);
	return 2;
}

int main(int argc, char **argv)
{
	struct utsname name;

	if (argc > 1)
		return run_under(argv + 1);
	setlinebuf(stdout);
	if (uname(&name) == 0)
		printf("Linux %s; nanoseconds, and in proportion to the first line\n",
		       name.release);
	print_registrations();
	print_submissions(IORING_OP_NOP);
	print_submissions(IORING_OP_SOCKET);
	return 0;
}
