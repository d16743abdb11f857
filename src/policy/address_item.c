// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/address_item.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "policy/directive_parse.h"

bool address_item_ports(const char *text, struct uring_connect_rule *rule)
{
	size_t length = strcspn(text, "-");
	char low[8] = "";
	uint64_t number;

	if (length >= sizeof(low))
		return false;
	memcpy(low, text, length);
	if (!parse_number(low, UINT16_MAX, &number))
		return false;
	rule->port_low = rule->port_high = (uint16_t)number;
	if (!text[length])
		return true;
	if (!parse_number(text + length + 1, UINT16_MAX, &number))
		return false;
	rule->port_high = (uint16_t)number;
	return rule->port_low <= rule->port_high;
}

/* Bits beyond the prefix must be zero: "10.0.0.1/8" is a slip more often than a wish. */
static bool address_fits_prefix(const struct uring_connect_rule *rule, unsigned int bits)
{
	for (unsigned int bit = rule->prefix; bit < bits; bit++)
		if (rule->address[bit / 8] & (0x80 >> bit % 8))
			return false;
	return true;
}

const char *address_item_parse(char *text, struct uring_connect_rule *rule)
{
	char *ports = NULL;
	char *prefix;
	char *address = text;
	unsigned int bits;
	uint64_t number;

	if (*text == '[') {
		char *close = strchr(text, ']');

		if (!close)
			return "']' is missing";
		address = text + 1;
		*close = '\0';
		prefix = close[1] == '/' ? close + 1 : strchr(address, '/');
		ports = strchr(close + 1, ':');
		if (!ports && close[1] && close[1] != '/')
			return "a port follows a ':'";
	} else {
		prefix = strchr(text, '/');
		/* More than one colon is an IPv6 address without a port. */
		ports = strchr(text, ':');
		if (ports && strchr(ports + 1, ':'))
			ports = NULL;
	}
	if (ports)
		*ports++ = '\0';
	if (prefix)
		*prefix++ = '\0';
	rule->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	bits = rule->family == AF_INET6 ? 128 : 32;
	if (inet_pton(rule->family, address, rule->address) != 1)
		return "it is neither an IPv4 nor an IPv6 address";
	rule->prefix = bits;
	if (prefix) {
		if (!parse_number(prefix, bits, &number))
			return "the prefix is no number of bits";
		rule->prefix = (unsigned int)number;
	}
	if (!address_fits_prefix(rule, bits))
		return "it has bits beyond its prefix";
	rule->port_low = 0;
	rule->port_high = UINT16_MAX;
	if (ports && !address_item_ports(ports, rule))
		return "the port is no number or range from 0 to 65535";
	return NULL;
}
