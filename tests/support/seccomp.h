/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_SECCOMP_H
#define SUPPORT_SECCOMP_H

#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdint.h>

#include "bpf/bpf.h"
#include "util/alloc.h"

/* For cmocka's tests: what goes wrong here fails the test. */

#define ALLOW SECCOMP_RET_ALLOW
#define KILL SECCOMP_RET_KILL_PROCESS
#define DENY(error) (SECCOMP_RET_ERRNO | (error))
#define GARBAGE 0xdeadbeef00000000ULL /* in a half that the kernel does not look at */
#define X32_BIT 0x40000000U

/* What a seccomp program answers to a call. */
uint32_t run_on(const struct bpf_program *program, uint32_t arch, unsigned int number,
		const uint64_t arguments[6]);

/* Likewise, on this architecture, by the first three arguments. */
uint32_t ask(const struct bpf_program *program, unsigned int number, uint64_t first,
	     uint64_t second, uint64_t third);

/* What libseccomp makes of @filter, which stays the caller's; in @arena. */
void read_export(scmp_filter_ctx filter, struct arena *arena, struct bpf_program *program);

#endif
