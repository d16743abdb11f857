/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_BPF_H
#define BPF_BPF_H

#include <linux/filter.h>
#include <stddef.h>

/*
 * A classic BPF program, as the kernel takes it for seccomp and for io_uring filters.
 * @insns belongs to whoever made it, usually a plan's arena. At most BPF_MAXINSNS (4096) long.
 */
struct bpf_program {
	struct sock_filter *insns;
	size_t count;
};

#endif
