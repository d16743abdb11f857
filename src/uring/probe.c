// SPDX-License-Identifier: LGPL-2.1-or-later
#include "uring/probe.h"

#include <ctype.h>
#include <errno.h>
#include <liburing.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "uring/abi.h"
#include "uring/install.h"
#include "util/cleanup.h"

/* argv[0] of the self-test's second half; its only argument. */
static char selftest_name[] = "uring-jail: io_uring self-test";

/* Exit statuses of the self-test; not 0, which a program run by mistake might return. */
enum {
	SELFTEST_HOLDS = 40,
	SELFTEST_LEAKS,
	SELFTEST_NO_FILTER,  /* the filter could not be registered */
	SELFTEST_NOT_DENIED, /* it was, and did not deny */
	SELFTEST_NO_RING,
	SELFTEST_NO_EXEC,
};

static struct sock_filter deny_insns[] = { { .code = BPF_RET | BPF_K, .k = 0 } };
static const struct bpf_program deny_all = { deny_insns, 1 };

/* ---- are there filters? ---- */

/* With arguments that no operation accepts, to see how far the kernel gets. Returns errno. */
static int try_register(unsigned int operation)
{
	return syscall(SYS_io_uring_register, -1, operation, NULL, 1) < 0 ? errno : 0;
}

static void found(struct uring_kernel *kernel, enum uring_filters filters, const char *how)
{
	kernel->filters = filters;
	snprintf(kernel->filters_how, sizeof(kernel->filters_how), "%s", how);
}

/* Linux 7.0 came with task restrictions too, and they do not hang on CONFIG_IO_URING_BPF. */
static bool has_task_restrictions(void)
{
	int error = try_register(URING_REGISTER_RESTRICTIONS);

	return error == EFAULT || error == EPERM || error == EACCES;
}

static void probe_filters(struct uring_kernel *kernel)
{
	switch (try_register(URING_REGISTER_BPF_FILTER)) {
	case EFAULT:
		found(kernel, FILTERS_WORK, "IORING_REGISTER_BPF_FILTER is known (EFAULT)");
		return;
	case EINVAL:
		if (has_task_restrictions())
			found(kernel, FILTERS_NOT_BUILT,
			      "task restrictions are known, IORING_REGISTER_BPF_FILTER is not "
			      "(EINVAL): built without CONFIG_IO_URING_BPF");
		else
			found(kernel, FILTERS_MISSING,
			      "IORING_REGISTER_BPF_FILTER is not known (EINVAL): older than 7.0");
		return;
	case EPERM:
		found(kernel, FILTERS_BLOCKED,
		      "io_uring_register is refused (EPERM): by the seccomp policy of a "
		      "container?");
		return;
	case ENOSYS:
		found(kernel, FILTERS_BLOCKED,
		      "io_uring_register is not there (ENOSYS): a kernel without io_uring, or a "
		      "seccomp policy that hides it");
		return;
	case EACCES:
		found(kernel, FILTERS_BLOCKED,
		      "io_uring_register is refused (EACCES): by a jail around this one, or "
		      "no_new_privs is not set");
		return;
	default:
		found(kernel, FILTERS_BLOCKED, "io_uring_register answers what it should not");
	}
}

/*
 * The size of an opcode's filter data. A filter that claims more than there can be is refused with
 * EMSGSIZE, before anything is installed, and the kernel's own size is written back.
 */
static int probe_data(unsigned int opcode)
{
	uint8_t size = UINT8_MAX;

	return uring_register_filter(opcode, &deny_all, 0, &size) == -EMSGSIZE ? size : -1;
}

static void probe_all_data(struct uring_kernel *kernel)
{
	kernel->pdu_socket = probe_data(IORING_OP_SOCKET);
	kernel->pdu_openat = probe_data(IORING_OP_OPENAT);
	kernel->pdu_openat2 = probe_data(IORING_OP_OPENAT2);
	kernel->pdu_connect = probe_data(IORING_OP_CONNECT);
	if (kernel->pdu_socket < 0)
		found(kernel, FILTERS_NOT_BUILT,
		      "a well-formed filter is refused: built without CONFIG_IO_URING_BPF");
}

/* ---- do they hold? ---- */

/* The number behind "rc" in a release, 0 if it is none of a release candidate. */
static unsigned long candidate(const char *release)
{
	for (const char *rc = release; (rc = strstr(rc, "rc")); rc++)
		if (rc > release && !isalnum((unsigned char)rc[-1]) &&
		    isdigit((unsigned char)rc[2]))
			return strtoul(rc + 2, NULL, 10);
	return 0;
}

/* The number at *@text, 0 if there is none; passes over it and the '.' behind it. */
static unsigned long take_number(const char **text)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)**text))
		return 0;
	number = strtoul(*text, &end, 10);
	*text = *end == '.' ? end + 1 : end;
	return number;
}

bool uring_release_has_exec_fix(const char *release)
{
	const char *rest = release;
	unsigned long major = take_number(&rest);
	unsigned long minor = take_number(&rest);
	unsigned long patch = take_number(&rest);

	if (major != 7)
		return major > 7;
	if (minor == 1)
		return patch >= 8 && !candidate(release);
	/* A distribution's 7.2.0-1 may well have been built from a candidate: only 7.2.1 proves it.
	 */
	if (minor == 2)
		return candidate(release) ? candidate(release) >= 6 : patch >= 1;
	return minor > 2;
}

/*
 * Submits a NOP, which filters deny, and a cancellation of nothing, which restrictions do, on a new
 * ring; neither can block. Returns false if there is no ring to be had.
 */
static bool submit_denied(bool *denied)
{
	struct io_uring_cqe *cqe;
	struct io_uring ring;

	if (io_uring_queue_init(2, &ring, IORING_SETUP_SUBMIT_ALL) < 0)
		return false;
	io_uring_prep_nop(io_uring_get_sqe(&ring));
	io_uring_prep_cancel64(io_uring_get_sqe(&ring), 1, 0);
	if (io_uring_submit_and_wait(&ring, 2) < 0)
		return false;
	*denied = true;
	for (int i = 0; i < 2; i++) {
		if (io_uring_peek_cqe(&ring, &cqe) < 0)
			return false;
		*denied = *denied && cqe->res == -EACCES;
		io_uring_cqe_seen(&ring, cqe);
	}
	/* The ring stays open until exec or exit: what leaks filters is an exec with a ring. */
	return true;
}

bool uring_is_selftest(char **argv)
{
	return argv[0] && !argv[1] && !strcmp(argv[0], selftest_name);
}

int uring_selftest_stage2(void)
{
	bool denied;

	if (!submit_denied(&denied))
		return SELFTEST_NO_RING;
	return denied ? SELFTEST_HOLDS : SELFTEST_LEAKS;
}

/* Nothing in the self-test blocks; should it, the alarm ends it, across exec too. */
static void bound_time(void)
{
	sigset_t alarm_only;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	alarm(URING_SELFTEST_SECONDS);
}

static bool deny(unsigned int opcode)
{
	uint8_t pdu_size = 0;

	return uring_register_filter(opcode, &deny_all, 0, &pdu_size) == 0;
}

/* Only a NOP is left. Where a jail around this one has taken the restrictions, filters do it all.
 */
static bool restrict_to_nop(void)
{
	URING_TASK_RESTRICTION(task, 1);

	task->nr_res = 1;
	task->restrictions[0] = (struct uring_restriction){
		.opcode = URING_RESTRICTION_SQE_OP,
		.sqe_op = IORING_OP_NOP,
	};
	if (syscall(SYS_io_uring_register, -1, URING_REGISTER_RESTRICTIONS, task, 1) == 0)
		return true;
	return (errno == EPERM || errno == EACCES) && deny(IORING_OP_ASYNC_CANCEL);
}

static int selftest_stage1(void)
{
	char *argv[] = { selftest_name, NULL };
	bool denied;

	bound_time();
	if (!restrict_to_nop() || !deny(IORING_OP_NOP))
		return SELFTEST_NO_FILTER;
	if (!submit_denied(&denied))
		return SELFTEST_NO_RING;
	if (!denied)
		return SELFTEST_NOT_DENIED;
	execve("/proc/self/exe", argv, environ);
	return SELFTEST_NO_EXEC;
}

/* Returns the child's wait status, -1 if there was none to be had. */
static int run_selftest(void)
{
	struct sigaction normal = { .sa_handler = SIG_DFL };
	struct sigaction before;
	int status = -1;
	pid_t child;

	/* Where SIGCHLD is ignored, a child's status is lost. */
	sigaction(SIGCHLD, &normal, &before);
	child = fork();
	if (child == 0)
		_exit(selftest_stage1());
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			child = -1;
	sigaction(SIGCHLD, &before, NULL);
	return child < 0 ? -1 : status;
}

static void judged(struct uring_kernel *kernel, enum uring_exec exec, const char *how)
{
	kernel->exec = exec;
	snprintf(kernel->exec_how, sizeof(kernel->exec_how), "%s", how);
}

static void probe_exec_by_test(struct uring_kernel *kernel)
{
	int status = run_selftest();

	if (status == -1) {
		judged(kernel, EXEC_UNTRIED, "self-test: no process to be had");
		return;
	}
	if (!WIFEXITED(status)) {
		judged(kernel, EXEC_UNTRIED,
		       WTERMSIG(status) == SIGALRM ? "self-test: did not end in time"
						   : "self-test: ended by a signal");
		return;
	}
	switch (WEXITSTATUS(status)) {
	case SELFTEST_HOLDS:
		judged(kernel, EXEC_HOLDS, "self-test: a filter still denies after exec");
		return;
	case SELFTEST_LEAKS:
		judged(kernel, EXEC_LEAKS,
		       "self-test: after exec by a task with a ring its filters are gone "
		       "(CVE-2026-80713)");
		return;
	case SELFTEST_NOT_DENIED:
		judged(kernel, EXEC_LEAKS, "self-test: a filter that denies does not");
		return;
	case SELFTEST_NO_FILTER:
		judged(kernel, EXEC_UNTRIED, "self-test: no filter can be registered");
		return;
	case SELFTEST_NO_RING:
		judged(kernel, EXEC_UNTRIED,
		       kernel->disabled > 0
			       ? "self-test: no ring can be made (sysctl kernel.io_uring_disabled)"
			       : "self-test: no ring can be made");
		return;
	default:
		judged(kernel, EXEC_UNTRIED, "self-test: this program cannot execute itself anew");
	}
}

static void probe_exec(struct uring_kernel *kernel, bool always_test)
{
	bool fixed = uring_release_has_exec_fix(kernel->release);

	if (kernel->filters != FILTERS_WORK) {
		judged(kernel, EXEC_UNTRIED, "there are no filters to test");
		return;
	}
	if (!fixed || always_test)
		probe_exec_by_test(kernel);
	if (fixed && (!always_test || kernel->exec == EXEC_UNTRIED)) {
		kernel->exec = EXEC_HOLDS;
		snprintf(kernel->exec_how, sizeof(kernel->exec_how),
			 "version: %s (CVE-2026-80713 is fixed in 7.1.8 and 7.2)", kernel->release);
	}
}

static int read_disabled(void)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/sys/kernel/io_uring_disabled", "re");
	char text[16];

	if (!file || !fgets(text, sizeof(text), file))
		return -1;
	return (int)strtol(text, NULL, 10);
}

static void probe(struct uring_kernel *kernel, bool always_test)
{
	struct utsname name;

	*kernel = (struct uring_kernel){
		.pdu_socket = -1,
		.pdu_openat = -1,
		.pdu_openat2 = -1,
		.pdu_connect = -1,
		.exec = EXEC_UNTRIED,
		.disabled = read_disabled(),
	};
	if (uname(&name) == 0)
		snprintf(kernel->release, sizeof(kernel->release), "%s", name.release);
	probe_filters(kernel);
	if (kernel->filters == FILTERS_WORK)
		probe_all_data(kernel);
	probe_exec(kernel, always_test);
	kernel->trusted = kernel->filters == FILTERS_WORK && kernel->exec == EXEC_HOLDS;
	if (!kernel->trusted)
		kernel->why =
			kernel->filters == FILTERS_WORK ? kernel->exec_how : kernel->filters_how;
}

void uring_probe(struct uring_kernel *kernel)
{
	probe(kernel, false);
}

void uring_probe_fully(struct uring_kernel *kernel)
{
	probe(kernel, true);
}
