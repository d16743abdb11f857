/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_INTERPRET_H
#define BPF_INTERPRET_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/bpf.h"

/*
 * Runs @program over @size bytes at @data, as the kernel runs a seccomp or io_uring filter: loads
 * are native-endian words at multiples of four. @result is what the program returns.
 * Returns 0, or -EINVAL for what neither dialect has (byte loads, MOD), a load out of bounds, of a
 * scratch word never stored, or a jump or path off the program's end.
 */
int bpf_interpret(const struct bpf_program *program, const void *data, size_t size,
		  uint32_t *result);

#endif
