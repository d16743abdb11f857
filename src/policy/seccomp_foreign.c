// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/seccomp_foreign.h"

#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
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

/*
 * What is left to a listener or a tracer is denied, with what the kernel says where there is none:
 * nobody out here listens, but a program of the jail could, and let itself go on.
 */
static void leave_to_nobody(struct bpf_program *program)
{
	for (size_t i = 0; i < program->count; i++) {
		struct sock_filter *insn = &program->insns[i];
		uint32_t action = insn->k & SECCOMP_RET_ACTION_FULL;

		if (insn->code == (BPF_RET | BPF_K) &&
		    (action == SECCOMP_RET_USER_NOTIF || action == SECCOMP_RET_TRACE))
			insn->k = SECCOMP_RET_ERRNO | ENOSYS;
	}
}

static int compile(struct plan *plan, bool oci, const char *bytes, size_t length, struct error *err)
{
	struct seccomp_oci_host host = { .caps = plan->caps };
	struct utsname system;

	if (!oci) {
		if (seccomp_bpf_read(bytes, length, &plan->arena, &plan->foreign, err) < 0)
			return -err->code;
		leave_to_nobody(&plan->foreign);
		return 0;
	}
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

#define ANY_FLAGS UINT32_MAX

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FIRST_ARGUMENT offsetof(struct seccomp_data, args)
#else
#define FIRST_ARGUMENT (offsetof(struct seccomp_data, args) + 4)
#endif

static void fix(struct bpf_view *view, size_t offset, uint32_t value)
{
	view->words[offset / sizeof(uint32_t)] =
		(struct bpf_word){ .kind = BPF_WORD_FIXED, .value = value };
}

/* Whatever its arguments, but for @flags in the first: where they matter, only a run can tell. */
static bool denies(struct bpf_specialiser *specialiser, uint32_t architecture, unsigned int number,
		   uint32_t flags)
{
	struct bpf_view view = { 0 };
	struct bpf_special special;
	struct arena arena = { 0 };

	fix(&view, offsetof(struct seccomp_data, nr), number);
	fix(&view, offsetof(struct seccomp_data, arch), architecture);
	if (flags != ANY_FLAGS)
		fix(&view, FIRST_ARGUMENT, flags);
	special = bpf_specialise(specialiser, &view, 1, &arena);
	arena_free(&arena);
	return special.answer == BPF_DENIED && special.blame == BPF_NO_WORD && !special.too_complex;
}

/* Whatever makes or enters namespaces, by every way into the kernel. */
static bool denies_namespaces(struct bpf_specialiser *specialiser)
{
	static const struct {
		uint32_t architecture;
		unsigned int number;
		bool flags_seen;
	} calls[] = {
		{ SECCOMP_ARCH, __NR_clone, true },
		{ SECCOMP_ARCH, __NR_unshare, true },
		{ SECCOMP_ARCH, __NR_clone3, false },
		{ SECCOMP_ARCH, __NR_setns, false },
#if defined(__x86_64__)
		{ SECCOMP_ARCH, SECCOMP_X32_BIT | __NR_clone, true },
		{ SECCOMP_ARCH, SECCOMP_X32_BIT | __NR_unshare, true },
		{ SECCOMP_ARCH, SECCOMP_X32_BIT | __NR_clone3, false },
		{ SECCOMP_ARCH, SECCOMP_X32_BIT | __NR_setns, false },
		{ AUDIT_ARCH_I386, 120, true },
		{ AUDIT_ARCH_I386, 310, true },
		{ AUDIT_ARCH_I386, 346, false },
		{ AUDIT_ARCH_I386, __NR_clone3, false },
#elif defined(__aarch64__)
		{ AUDIT_ARCH_ARM, 120, true },
		{ AUDIT_ARCH_ARM, 337, true },
		{ AUDIT_ARCH_ARM, 375, false },
		{ AUDIT_ARCH_ARM, __NR_clone3, false },
#endif
	};
	static const uint32_t flags[] = { CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWUSER | CLONE_NEWNS };
	bool denied = true;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		for (size_t k = 0; k < (calls[i].flags_seen ? 3 : 1); k++)
			denied = denied &&
				 denies(specialiser, calls[i].architecture, calls[i].number,
					calls[i].flags_seen ? flags[k] : ANY_FLAGS);
	return denied;
}

static int read_and_check(struct plan *plan, const struct seccomp_policy *seccomp,
			  struct error *err)
{
	struct bpf_specialiser *specialiser;
	bool can_start;
	int status = read_foreign(plan, seccomp, err);

	if (status < 0)
		return status;
	specialiser = bpf_specialiser_new(&plan->foreign);
	can_start = !denies(specialiser, SECCOMP_ARCH, __NR_execve, ANY_FLAGS);
	/* Planning must know, as it does of @nesting: see mount_check.c. */
	plan->gate.namespaces = !denies_namespaces(specialiser);
	bpf_specialiser_free(specialiser);
	if (can_start)
		return 0;
	error_set(err, EINVAL, "it denies execve, and without that the program cannot start");
	error_hint(err,
		   "the filter is installed before the program is executed: it must allow execve");
	return -EINVAL;
}

int seccomp_foreign_read(struct plan *plan, struct error *err)
{
	const struct seccomp_policy *seccomp = &plan->policy->seccomp;
	const char *directive = seccomp->mode == SECCOMP_OCI_FILE ? "seccomp.oci" : "seccomp.bpf";
	const char *origin = origin_text(&plan->arena, &seccomp->mode_origin);

	if (read_and_check(plan, seccomp, err) == 0)
		return 0;
	if (seccomp->file)
		return error_wrap(err, "%s: %s %s", origin, directive, seccomp->file);
	return error_wrap(err, "%s: %s %d", origin, directive, seccomp->fd);
}
