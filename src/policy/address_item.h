/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_ADDRESS_ITEM_H
#define POLICY_ADDRESS_ITEM_H

#include <stdbool.h>

#include "policy/policy.h"

/*
 * One item of a list of addresses, ADDRESS[/PREFIX][:PORT[-PORT]], an IPv6 address in brackets
 * where a port follows: the prefix may stand within or behind them. Without a port it is any.
 * @text is written into; all of @rule but its origin is set. Returns NULL, or what is wrong with
 * it.
 */
const char *address_item_parse(char *text, struct uring_connect_rule *rule);

/* PORT[-PORT] alone. Returns whether it is one. */
bool address_item_ports(const char *text, struct uring_connect_rule *rule);

#endif
