/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_SECCOMP_BPF_H
#define POLICY_SECCOMP_BPF_H

#include <stddef.h>

#include "bpf/bpf.h"
#include "util/alloc.h"
#include "util/error.h"

/* No filter that the kernel takes is longer. */
#define SECCOMP_BPF_SIZE_LIMIT (BPF_MAXINSNS * sizeof(struct sock_filter))

/*
 * A compiled filter, an array of struct sock_filter, from @bytes into @arena. What the kernel
 * would refuse, and so -EINVAL or -E2BIG here: nothing, a part of an instruction, more than 4096
 * of them, and what bpf_check() finds.
 *
 * TRACE and USER_NOTIF are taken as they are: without a tracer or listener the kernel answers
 * ENOSYS, and the ring is denied what depends on them.
 */
int seccomp_bpf_read(const void *bytes, size_t length, struct arena *arena,
		     struct bpf_program *program, struct error *err);

#endif
