/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_ADDRESS_WALL_H
#define POLICY_ADDRESS_WALL_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/asm.h"
#include "policy/plan.h"
#include "util/error.h"

/*
 * With `uring.grant connect`, the program opens connections to the listed addresses and sends to
 * no other: the ring's CONNECT sees the address, copied once. That is a wall only if nothing else
 * takes an address, so the system-call gate holds every other way, on every architecture:
 *
 * - connect(2), sendmsg(2), sendmmsg(2): their address is in memory, out of sight. Denied.
 * - sendto(2): as send(2) only, without an address and without MSG_FASTOPEN, which connects.
 *   TCP_FASTOPEN_CONNECT is no way around: the address is still CONNECT's.
 * - socket(2): of internet sockets TCP and UDP alone. SCTP connects by setsockopt(2), and so does
 *   SOCK_SEQPACKET, which stands for it; MPTCP goes on to addresses that the peer announces; L2TP
 *   has no ports; raw sockets need none.
 * - Other families than unix, inet, inet6 and netlink send without an address to what they were
 *   bound to (packet, can, xdp), or joined (tipc). Unix sockets are connected in pairs, or by
 *   others to a listener; netlink without an address is the kernel, which obeys CAP_NET_ADMIN
 *   alone. So nobody may keep that: it also changes where an address leads.
 * - setsockopt(2): no source route (IP_OPTIONS, IPV6_RTHDR; IPV6_2292PKTOPTIONS and a flow label
 *   can carry one). It sends packets for a listed address by way of any other, which can answer
 *   in its place. IPv4's need CAP_NET_RAW where CVE-2026-53249 is closed; IPv6's need nothing.
 *   Nor a choice of the device (SO_BINDTODEVICE and its like): where no route leads there by way
 *   of it, IPv4 takes the address to be its neighbour's, and so does whoever answers there.
 *
 * The ring's operations follow from these (SEND, SENDMSG and their like are denied, SOCKET has the
 * same conditions), and URING_CMD, which hides a setsockopt, cannot be allowed beside it.
 *
 * What is not held: what descriptors that the program was given lead to, who connects to the
 * program, and which link an IPv6 address is on where several lead there: CONNECT's filter does not
 * see the scope of a link-local one, and bind(2) to one's own link-local address chooses its
 * device.
 */

#define WALL_FAMILIES                                                                              \
	(UINT64_C(1) << AF_UNIX | UINT64_C(1) << AF_INET | UINT64_C(1) << AF_INET6 |               \
	 UINT64_C(1) << AF_NETLINK)

bool address_wall_stands(const struct policy *policy);

/* Refuses, with FILE:LINE, what would open the wall or make a grant meaningless. */
int address_wall_check(struct plan *plan, struct error *err);

/* What the gate does with system call @number instead of allowing it, or ACTION_ALLOW. */
enum syscall_action address_wall_action(unsigned int number);

/* The conditions of the calls above: they go to one of the labels, or return. */
void address_wall_write_sendto(struct bpf_asm *a, bpf_label allow, bpf_label deny);
void address_wall_write_setsockopt(struct bpf_asm *a, bpf_label allow, bpf_label deny);
/* For AF_INET and AF_INET6. */
void address_wall_write_socket(struct bpf_asm *a, bpf_label allow);

/* The same condition for the ring's SOCKET, over its filter's input. */
int address_wall_compile_socket(struct arena *arena, struct bpf_program *out, struct error *err);

/* In words, what holds @number; NULL: the wall does not speak of it. */
const char *address_wall_condition(const struct policy *policy, unsigned int number,
				   struct arena *arena);

#endif
