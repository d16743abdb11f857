/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_NETFILTER_H
#define SANDBOX_NETFILTER_H

#include <stddef.h>
#include <stdint.h>

#include "policy/plan.h"
#include "util/error.h"

/*
 * The netlink messages that make the table, its chains and all rules of @net, in one transaction:
 * all of it holds or nothing does. Allocated in @arena; @size is their length in bytes.
 */
const void *netfilter_encode(const struct net_plan *net, struct arena *arena, size_t *size);

/*
 * Installs the rules of @net in this process's network namespace, which needs CAP_NET_ADMIN there.
 * Does nothing where there are none. Returns 0 or a negative errno.
 */
int netfilter_apply(const struct net_plan *net, struct error *err);

#endif
