// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

static bool is_known(const struct resolved_hosts *hosts, const char *name)
{
	for (size_t i = 0; i < hosts->count; i++)
		if (!strcmp(hosts->items[i].host, name))
			return true;
	return false;
}

static void add(const struct addrinfo *found, const char *name, struct arena *arena,
		struct resolved_hosts *hosts)
{
	struct resolved_host host = { .host = name, .family = found->ai_family };

	if (found->ai_family == AF_INET)
		memcpy(host.address, &((struct sockaddr_in *)found->ai_addr)->sin_addr, 4);
	else if (found->ai_family == AF_INET6)
		memcpy(host.address, &((struct sockaddr_in6 *)found->ai_addr)->sin6_addr, 16);
	else
		return;
	*array_push(arena, hosts) = host;
}

static int resolve(const struct net_rule *rule, struct arena *arena, struct resolved_hosts *hosts,
		   struct error *err)
{
	/* One socket type, or each address would come once for every type. */
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	int status = getaddrinfo(rule->host, NULL, &hints, &list);

	if (status != 0) {
		error_set(err, EHOSTUNREACH, "%s: net.connect %s: the name cannot be resolved: %s",
			  origin_text(arena, &rule->address.origin), rule->host,
			  status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
		error_hint(err, "names are looked up once, at start: write its addresses instead");
		return -err->code;
	}
	for (const struct addrinfo *found = list; found; found = found->ai_next)
		add(found, rule->host, arena, hosts);
	freeaddrinfo(list);
	return 0;
}

int resolve_hosts(const struct policy *policy, struct arena *arena, struct resolved_hosts *hosts,
		  struct error *err)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < policy->net_connects.count; i++) {
		const struct net_rule *rule = &policy->net_connects.items[i];

		if (rule->host && !is_known(hosts, rule->host))
			status = resolve(rule, arena, hosts, err);
	}
	return status;
}
