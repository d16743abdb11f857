/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef URING_INSTALL_H
#define URING_INSTALL_H

#include <stdint.h>

#include "bpf/bpf.h"
#include "policy/plan.h"
#include "util/error.h"

/*
 * Puts the calling task, and all that it will start, under @plan's restrictions and filters. They
 * hold for rings made from now on, and cannot be taken off. The task must be single-threaded, have
 * no_new_privs set, and not yet be under the jail's seccomp program. To be called for URING_FILTER
 * only.
 *
 * Returns 0 or a negative errno with @err set; some of the filters may then be in place, so that
 * the task is good for nothing but ending.
 */
int uring_install(const struct uring_plan *plan, struct error *err);

/*
 * Registers one filter for the calling task. @pdu_size: the bytes of filter data that the program
 * reads; the kernel puts the number that it shows there. @flags: URING_BPF_FILTER_*.
 * Returns 0 or a negative errno; -EMSGSIZE: the kernel shows less data, nothing was registered.
 */
int uring_register_filter(unsigned int opcode, const struct bpf_program *program, uint32_t flags,
			  uint8_t *pdu_size);

#endif
