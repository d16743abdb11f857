// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "policy/address_item.h"
#include "policy/directive_parse.h"
#include "policy/names.h"

/* The directives that hold the jail's own network: net.connect, net.listen, net.publish; and D-Bus.
 */

static int bad_item(const struct directive_call *call, const char *item, const char *why,
		    const char *examples, struct error *err)
{
	error_set(err, EINVAL, "%s: bad item \"%.64s\": %s", call->directive->name, item, why);
	error_hint(err, "write %s", examples);
	return -EINVAL;
}

/* A name and no slip of an address: its last label is no number (RFC 1123, 2.1). */
static bool is_host(const char *text, size_t length)
{
	size_t label = 0;

	if (!length || length > 253 || *text == '-' || *text == '.')
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)text[i]) && !strchr("-.", text[i]))
			return false;
		if (text[i] == '.' && i + 1 < length)
			label = i + 1;
	}
	return isalpha((unsigned char)text[label]);
}

/* Whether @item is HOST[:PORT[-PORT]]; @why is set where its ports are bad. */
static bool parse_host(struct arena *arena, const char *item, struct net_rule *rule,
		       const char **why)
{
	size_t length = strcspn(item, ":");

	if (!is_host(item, length))
		return false;
	rule->host = arena_strndup(arena, item, length);
	rule->address.port_high = UINT16_MAX;
	if (item[length] && !address_item_ports(item + length + 1, &rule->address))
		*why = "the port is no number or range from 0 to 65535";
	return true;
}

/* Such a packet is one of IPv4, where the rule would never see it. */
static bool is_mapped(const struct uring_connect_rule *rule)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return rule->family == AF_INET6 && rule->prefix >= 96 &&
	       !memcmp(rule->address, mapped, sizeof(mapped));
}

static const char *parse_address(struct arena *arena, const char *item,
				 struct uring_connect_rule *address)
{
	const char *why = address_item_parse(arena_strdup(arena, item), address);

	if (!why && is_mapped(address))
		return "it is an IPv4 address: write that";
	return why;
}

int parse_net_connect(const struct directive_call *call, const char *value, struct error *err)
{
	struct arena *arena = &call->policy->arena;
	struct net_rules *rules = &call->policy->net_connects;

	if (rules->count && overrides(call, &rules->items[0].address.origin))
		rules->count = 0;
	for (const char *item; (item = list_next(arena, &value));) {
		struct net_rule rule = { .address.origin = call->origin };
		const char *why = NULL;

		if (!parse_host(arena, item, &rule, &why))
			why = parse_address(arena, item, &rule.address);
		if (why)
			return bad_item(call, item, why,
					"127.0.0.1:5432, 10.0.0.0/8, [::1]:80, "
					"[2001:db8::/32]:1024-65535 or example.org:443",
					err);
		*array_push(arena, rules) = rule;
	}
	return 0;
}

int parse_net_listen(const struct directive_call *call, const char *value, struct error *err)
{
	struct arena *arena = &call->policy->arena;
	struct net_rules *rules = &call->policy->net_listens;

	if (rules->count && overrides(call, &rules->items[0].address.origin))
		rules->count = 0;
	for (const char *item; (item = list_next(arena, &value));) {
		struct net_rule rule = { .address.origin = call->origin };
		const char *why = NULL;

		if (!address_item_ports(item, &rule.address))
			why = parse_address(arena, item, &rule.address);
		if (why)
			return bad_item(call, item, why,
					"8080, 8000-8010, 127.0.0.1:5432 or [::1]:80", err);
		*array_push(arena, rules) = rule;
	}
	return 0;
}

static bool parse_port(const char *text, uint16_t *port)
{
	uint64_t number;

	if (!parse_number(text, UINT16_MAX, &number) || !number)
		return false;
	*port = (uint16_t)number;
	return true;
}

/* Takes ADDRESS: off the front of @text, an IPv6 address without its brackets. */
static const char *take_address(char **text, const char **address)
{
	uint8_t bytes[16];
	char *start = *text;
	char *end = *start == '[' ? strchr(start, ']') : strchr(start, ':');

	if (*start != '[' && !memchr(start, '.', strcspn(start, ":")))
		return NULL; /* a port is first */
	if (*start == '[' && end && end[1] == ':') {
		*end++ = '\0';
		start++;
	}
	if (!end || *end != ':')
		return "a port is missing";
	*end = '\0';
	if (inet_pton(end[-1] ? AF_INET : AF_INET6, start, bytes) != 1)
		return "its address is neither an IPv4 nor an IPv6 address in brackets";
	*address = start;
	*text = end + 1;
	return NULL;
}

static const char *parse_publish_item(char *text, struct publish_rule *rule)
{
	const char *why;
	char *slash = strchr(text, '/');
	char *colon;

	if (slash) {
		*slash = '\0';
		rule->udp = !strcmp(slash + 1, "udp");
		if (!rule->udp && strcmp(slash + 1, "tcp") != 0)
			return "/udp or /tcp is what may follow a '/'";
	}
	why = take_address(&text, &rule->address);
	if (why)
		return why;
	colon = strchr(text, ':');
	if (colon)
		*colon = '\0';
	if (!parse_port(text, &rule->port) ||
	    !parse_port(colon ? colon + 1 : text, &rule->jail_port))
		return "a port is a number from 1 to 65535";
	return NULL;
}

int parse_net_publish(const struct directive_call *call, const char *value, struct error *err)
{
	struct policy *policy = call->policy;

	if (policy->publishes.count && overrides(call, &policy->publishes.items[0].origin))
		policy->publishes.count = 0;
	for (const char *item; (item = list_next(&policy->arena, &value));) {
		struct publish_rule rule = { .origin = call->origin };
		const char *why = parse_publish_item(arena_strdup(&policy->arena, item), &rule);

		if (why)
			return bad_item(call, item, why,
					"8080, 8080:80, 127.0.0.1:5353:53/udp or [::1]:8080", err);
		*array_push(&policy->arena, &policy->publishes) = rule;
	}
	return 0;
}

int parse_bus(const struct directive_call *call, const char *value, struct error *err)
{
	static const struct name modes[] = {
		{ "none", BUS_NONE },
		{ "filter", BUS_FILTER },
		{ "allow", BUS_ALLOW },
		{ NULL, 0 },
	};
	const struct name *mode = name_find(modes, value);
	struct bus_policy *bus = &call->policy->buses[call->directive->detail];

	if (!mode)
		return unknown_name("mode of a bus", value, modes, err);
	bus->mode = (enum bus_mode)mode->value;
	bus->origin = call->origin;
	return 0;
}

/* A bus name of the D-Bus specification, not one that the bus gives, or its start with ".*". */
static bool is_bus_name(const char *name)
{
	size_t length = strlen(name);
	size_t parts = 0;

	if (length > 255)
		return false;
	for (const char *part = name;; part++) {
		size_t part_length = strcspn(part, ".");

		if (!strcmp(part, "*"))
			return parts > 0;
		if (!part_length || isdigit((unsigned char)*part))
			return false;
		for (size_t i = 0; i < part_length; i++)
			if (!isalnum((unsigned char)part[i]) && !strchr("_-", part[i]))
				return false;
		parts++;
		part += part_length;
		if (!*part)
			return parts > 1;
	}
}

int parse_bus_rule(const struct directive_call *call, const char *value, struct error *err)
{
	struct arena *arena = &call->policy->arena;
	struct bus_policy *bus = &call->policy->buses[call->directive->detail];

	for (const char *item; (item = list_next(arena, &value));) {
		if (!is_bus_name(item))
			return bad_item(call, item, "it is no name of a bus",
					"org.example.Name or org.example.*", err);
		*array_push(arena, &bus->rules) = (struct bus_rule){
			.right = strrchr(call->directive->name, '.') + 1,
			.name = item,
			.origin = call->origin,
		};
	}
	return 0;
}
