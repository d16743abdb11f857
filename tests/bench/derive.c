// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How long the policy of Podman, or that of a file, takes: reading and compiling it, and deriving
 * the verdicts of all io_uring operations from it. The first time, and medians.
 *
 * Usage: build/tests/bench/derive [FILE.json | FILE.bpf]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/plan.h"
#include "policy/seccomp_policy.h"
#include "uring/opcode.h"

#define RUNS 201

struct times {
	double compile[RUNS]; /* JSON to program, libseccomp's part in it */
	double names[RUNS];   /* libseccomp finding the numbers of the calls that opcodes list */
	double derive[RUNS];  /* that, and the verdicts */
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double *values)
{
	qsort(values, RUNS, sizeof(*values), compare);
	return values[RUNS / 2];
}

static void print(const char *what, double *values)
{
	double first = values[0];

	printf("%-25s %.3f ms, at first %.3f ms\n", what, median(values), first);
}

/* Their sum, so that the compiler does not leave the work out. */
static int look_names_up(void)
{
	int sum = 0;

	for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
		for (const char *name = uring_opcodes[i].syscalls; *name;) {
			sum += syscall_number(name);
			while (*name++)
				;
		}
	return sum;
}

static int measure(const struct policy *policy, struct plan *plan, struct times *times, int run)
{
	struct error err;
	double start;

	plan->policy = policy;
	start = now();
	if (seccomp_resolve(plan, &err) < 0 || plan_seccomp_without_uring(plan, &err) < 0) {
		fprintf(stderr, "%s\n", err.message);
		return -1;
	}
	times->compile[run] = now() - start;
	start = now();
	if (look_names_up() < 0)
		return -1;
	times->names[run] = now() - start;
	start = now();
	if (plan_uring(plan, &err) < 0)
		return -1;
	times->derive[run] = now() - start;
	return 0;
}

int main(int argc, char **argv)
{
	static struct times times;
	struct policy policy = { 0 };
	size_t instructions = 0;

	policy.seccomp.file = argc > 1 ? argv[1] : "/usr/share/containers/seccomp.json";
	policy.seccomp.mode =
		strstr(policy.seccomp.file, ".bpf") ? SECCOMP_BPF_FILE : SECCOMP_OCI_FILE;
	for (int run = 0; run < RUNS; run++) {
		struct plan plan = { 0 };

		if (measure(&policy, &plan, &times, run) < 0)
			return 1;
		instructions = plan.foreign.count;
		plan_free(&plan);
	}
	printf("%s: %zu instructions\n", policy.seccomp.file, instructions);
	print("read and compiled", times.compile);
	print("names of calls looked up", times.names);
	print("verdicts, with names", times.derive);
	return 0;
}
