// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/seccomp_foreign.h"

#include <asm/unistd.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bpf/specialise.h"
#include "policy/seccomp_bpf.h"
#include "policy/seccomp_oci.h"
#include "policy/seccomp_policy.h"
#include "util/cleanup.h"
#include "util/file.h"

/* Where the launcher's own descriptor is read, a pipe is as good as a file. */
static int open_source(const struct seccomp_policy *seccomp, struct error *err)
{
	_cleanup_close_ int fd = -1;
	struct stat stat;

	if (!seccomp->file)
		return seccomp->fd;
	fd = open(seccomp->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &stat) < 0)
		return error_errno(err, "cannot read it");
	if (!S_ISREG(stat.st_mode))
		return error_set(err, EINVAL, "it is not a regular file");
	return steal_fd(&fd);
}

static int compile(struct plan *plan, bool oci, const char *bytes, size_t length, struct error *err)
{
	struct seccomp_oci_host host = { .caps = plan->caps };
	struct utsname system;

	if (!oci)
		return seccomp_bpf_read(bytes, length, &plan->arena, &plan->foreign, err);
	if (length > SECCOMP_OCI_SIZE_LIMIT)
		return error_set(err, EFBIG, "it is larger than %d KiB",
				 SECCOMP_OCI_SIZE_LIMIT / 1024);
	if (uname(&system) < 0)
		return error_errno(err, "cannot tell the kernel's version");
	/* NOLINTNEXTLINE(cert-err34-c): five digits fit */
	if (sscanf(system.release, "%5u.%5u", &host.kernel_major, &host.kernel_minor) != 2)
		return error_set(err, EINVAL, "\"%s\" is no version of a kernel", system.release);
	return seccomp_oci_compile(bytes, length, &host, &plan->arena, &plan->foreign, err);
}

static int read_foreign(struct plan *plan, const struct seccomp_policy *seccomp, struct error *err)
{
	bool oci = seccomp->mode == SECCOMP_OCI_FILE;
	size_t limit = oci ? SECCOMP_OCI_SIZE_LIMIT : SECCOMP_BPF_SIZE_LIMIT;
	_cleanup_close_ int fd = open_source(seccomp, err);
	_cleanup_free_ char *bytes = NULL;
	ssize_t length;

	if (fd < 0)
		return fd;
	/* One byte more than is allowed tells what is too large. */
	bytes = xrealloc(NULL, limit + 1, 1);
	length = file_read(fd, bytes, limit + 1);
	if (length < 0)
		return error_errno(err, "cannot read it");
	return compile(plan, oci, bytes, (size_t)length, err);
}

static struct bpf_view view_of_call(unsigned int number)
{
	struct bpf_view view = { 0 };

	view.words[offsetof(struct seccomp_data, nr) / sizeof(uint32_t)] =
		(struct bpf_word){ .kind = BPF_WORD_FIXED, .value = number };
	view.words[offsetof(struct seccomp_data, arch) / sizeof(uint32_t)] =
		(struct bpf_word){ .kind = BPF_WORD_FIXED, .value = SECCOMP_ARCH };
	return view;
}

/* Denied whatever the arguments that are not fixed; where they matter, only the kernel can tell. */
static bool denies(struct plan *plan, const struct bpf_view *view)
{
	struct bpf_specialiser *specialiser = bpf_specialiser_new(&plan->foreign);
	struct bpf_special special = bpf_specialise(specialiser, view, 1, &plan->arena);

	bpf_specialiser_free(specialiser);
	return special.answer == BPF_DENIED && special.blame == BPF_NO_WORD && !special.too_complex;
}

static bool denies_execve(struct plan *plan)
{
	struct bpf_view view = view_of_call(__NR_execve);

	return denies(plan, &view);
}

/*
 * Whether a program may make mount namespaces of its own, in which the jail's masks do not hold
 * (see mount_check.c): planning must know, as it does of @nesting.
 */
static bool allows_namespaces(struct plan *plan)
{
	static const struct {
		unsigned int number;
		uint32_t flags; /* the first argument; 0: any */
	} ways[] = {
		{ __NR_clone3, 0 },
		{ __NR_setns, 0 },
		{ __NR_unshare, CLONE_NEWUSER },
		{ __NR_unshare, CLONE_NEWUSER | CLONE_NEWNS },
		{ __NR_clone, CLONE_NEWUSER | SIGCHLD },
		{ __NR_clone, CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD },
	};
	const size_t low = offsetof(struct seccomp_data, args[0]) / sizeof(uint32_t);

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct bpf_view view = view_of_call(ways[i].number);

		if (ways[i].flags) {
			view.words[low] =
				(struct bpf_word){ .kind = BPF_WORD_FIXED, .value = ways[i].flags };
			view.words[low + 1] = (struct bpf_word){ .kind = BPF_WORD_FIXED };
		}
		if (!denies(plan, &view))
			return true;
	}
	return false;
}

static int read_and_check(struct plan *plan, const struct seccomp_policy *seccomp,
			  struct error *err)
{
	int status = read_foreign(plan, seccomp, err);

	if (status == 0 && denies_execve(plan)) {
		error_set(err, EINVAL,
			  "it denies execve, and without that the program cannot start");
		error_hint(err, "the filter is installed before the program is executed: it must "
				"allow execve");
		return -EINVAL;
	}
	return status;
}

int seccomp_foreign_read(struct plan *plan, struct error *err)
{
	const struct seccomp_policy *seccomp = &plan->policy->seccomp;
	const char *directive = seccomp->mode == SECCOMP_OCI_FILE ? "seccomp.oci" : "seccomp.bpf";
	const char *origin = origin_text(&plan->arena, &seccomp->mode_origin);

	if (read_and_check(plan, seccomp, err) == 0) {
		plan->gate.namespaces = allows_namespaces(plan);
		return 0;
	}
	if (seccomp->file)
		return error_wrap(err, "%s: %s %s", origin, directive, seccomp->file);
	return error_wrap(err, "%s: %s %d", origin, directive, seccomp->fd);
}
