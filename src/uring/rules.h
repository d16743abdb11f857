/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef URING_RULES_H
#define URING_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/bpf.h"
#include "policy/policy.h"
#include "util/alloc.h"
#include "util/error.h"

/*
 * The explicit rules of a profile, compiled to programs over an io_uring filter's 40 bytes of
 * input (uring/abi.h). A program returns 1 to allow an SQE, 0 to deny it (-EACCES). All are
 * allow-lists: what a rule does not speak of, a later kernel's additions too, is denied. Programs
 * are allocated in @arena. Functions return 0, or -E2BIG with @err set if there are more rules
 * than a program of 4096 instructions can hold.
 */

/*
 * IORING_OP_SOCKET: some rule must fit (none at all: any socket). AF_INET with SOCK_PACKET, an old
 * way to write AF_PACKET, is denied unless a rule names that type or allows all of AF_PACKET.
 */
int uring_compile_sockets(const struct uring_socket_rule *rules, size_t count, struct arena *arena,
			  struct bpf_program *out, struct error *err);

/*
 * IORING_OP_OPENAT, or IORING_OP_OPENAT2 with @openat2. A rule that demands resolve flags denies
 * every OPENAT, since that has none.
 */
int uring_compile_open(const struct uring_open_rule *rule, bool openat2, struct arena *arena,
		       struct bpf_program *out, struct error *err);

/*
 * IORING_OP_CONNECT, on kernels that show its address. Denied beside what no rule covers:
 * - an address too short to be seen as a whole, which filters are shown as zeros;
 * - the unspecified address, which connects to this host, unless it is a rule of its own;
 * - IPv4-mapped IPv6 addresses, unless a rule's prefix lies among them: [::]/0 is IPv6 only.
 */
int uring_compile_connect(const struct uring_connect_rule *rules, size_t count, struct arena *arena,
			  struct bpf_program *out, struct error *err);

/* Denies everything. */
void uring_compile_deny(struct arena *arena, struct bpf_program *out);

#endif
