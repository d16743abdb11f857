// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <asm/unistd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "audit/learn_internal.h"
#include "policy/names.h"

/* net and protocol: whether the program spoke to anybody beyond the jail's own loopback. */

static const char quiet[] = "nothing left the jail";

static bool is_loopback(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)address;

		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)address;

	if (IN6_IS_ADDR_V4MAPPED(&in->sin6_addr))
		return in->sin6_addr.s6_addr[12] == 127;
	return IN6_IS_ADDR_LOOPBACK(&in->sin6_addr);
}

static bool is_any(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET)
		return ((const struct sockaddr_in *)address)->sin_addr.s_addr == 0;
	return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

static unsigned int port_of(const struct sockaddr_storage *address)
{
	/* The port has the same place in both. */
	return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static const char *address_text(struct learn_draft *draft, const struct sockaddr_storage *address)
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (address->ss_family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text,
			  sizeof(text));
		return arena_printf(draft->arena, "%s:%u", text, port_of(address));
	}
	inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, sizeof(text));
	return arena_printf(draft->arena, "[%s]:%u", text, port_of(address));
}

/* Did the jail itself bind (or, with @bound false, go to) that port of its loopback? */
static bool has_peer(const struct learn_notes *notes, const struct learn_address *one, bool bound)
{
	unsigned int port = port_of(&one->address);

	for (size_t i = 0; i < notes->addresses.count; i++) {
		const struct learn_address *other = &notes->addresses.items[i];
		unsigned int other_port = port_of(&other->address);

		if ((other->toward == TOWARD_BIND) != bound ||
		    (!is_loopback(&other->address) && !is_any(&other->address)))
			continue;
		/* Port 0 is one that the kernel chooses, and that is not seen here. */
		if (port == other_port || (bound && !other_port) || (!bound && !port))
			return true;
	}
	return false;
}

static bool has_listened(const struct learn_notes *notes)
{
	return notes->calls[__NR_listen].count ||
	       notes->ops[uring_opcode_by_name("listen")->number].count;
}

/*
 * A server on loopback whose clients are not in the jail, and a client whose server is not, meet
 * on the host's loopback only. Why @address needs the host's network; NULL: it does not.
 */
static const char *leaves_jail(const struct learn_notes *notes, const struct learn_address *address)
{
	bool bound = address->toward == TOWARD_BIND;

	if (is_any(&address->address) && bound) {
		/* Without a port of its own, a client's datagram socket more often than a server's.
		 */
		if (!port_of(&address->address) && !has_listened(notes))
			return NULL;
		return has_peer(notes, address, false) ? NULL : "listens to whoever asks";
	}
	if (!is_loopback(&address->address) && !is_any(&address->address))
		return bound ? "listens there" : "goes there";
	if (has_peer(notes, address, !bound))
		return NULL;
	return bound ? "its clients are not in the jail" : "its server is not in the jail";
}

static const char *who_leaves(struct learn_draft *draft)
{
	const struct learn_notes *notes = &draft->learn->notes;

	for (size_t i = 0; i < notes->addresses.count; i++) {
		const struct learn_address *address = &notes->addresses.items[i];
		const char *why = leaves_jail(notes, address);

		if (why)
			return arena_printf(draft->arena, "%s, %s, %s",
					    learn_who_text(draft, &address->who),
					    address_text(draft, &address->address), why);
	}
	return NULL;
}

static void write_net(struct learn_draft *draft)
{
	const char *who = who_leaves(draft);
	const struct origin *origin = &draft->policy.net_origin;

	if (draft->fresh) {
		learn_add(draft, "net", who ? "host" : "none", who ? who : quiet);
		return;
	}
	if (!who || draft->policy.net != NET_NONE)
		return;
	if (origin->file && !learn_is_learned(draft, origin, quiet))
		learn_refuse(draft, "the host's network: net none stands at %s",
			     origin_text(draft->arena, origin));
	else
		learn_add(draft, "net", "host", who);
}

static uint64_t families_seen(const struct learn_notes *notes, const struct learn_who **who)
{
	uint64_t families = 0;

	for (size_t i = 0; i < notes->sockets.count; i++) {
		const struct learn_socket *socket = &notes->sockets.items[i];

		if (socket->family < 0 || socket->family >= PROTOCOL_FAMILIES)
			continue;
		families |= UINT64_C(1) << socket->family;
		if (!*who)
			*who = &socket->who;
	}
	return families;
}

static const char *family_list(struct learn_draft *draft, uint64_t families)
{
	const char *list = "";

	for (unsigned int family = 0; family < PROTOCOL_FAMILIES; family++)
		if (families >> family & 1 && name_of(family_names, family))
			list = arena_printf(draft->arena, "%s%s%s", list, *list ? "," : "",
					    name_of(family_names, family));
	return list;
}

static void write_protocol(struct learn_draft *draft)
{
	const struct learn_who *who = NULL;
	uint64_t families = families_seen(&draft->learn->notes, &who);
	uint64_t allowed = draft->plan.gate.families;

	if (draft->fresh && !families) {
		learn_add(draft, "protocol", "unix", "no socket was made");
		return;
	}
	if (!families || (!draft->fresh && (draft->plan.gate.any_family || !(families & ~allowed))))
		return;
	/* The last word counts, so it has all of them. */
	if (!draft->fresh)
		families |= allowed;
	learn_add(draft, "protocol", family_list(draft, families), learn_who_text(draft, who));
}

void learn_write_network(struct learn_draft *draft)
{
	learn_add_section(draft, "Network");
	write_net(draft);
	write_protocol(draft);
}
