// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "audit/learn_internal.h"
#include "policy/names.h"
#include "uring/abi.h"

/* The ring's own lines: which operations, and with what. */

static const char no_ring[] = "no ring was made";
static const char blocked_ring[] = "io_uring is blocked here, and was asked for: learn again";

/*
 * Libraries use these for their own bookkeeping, now and then, and some end the program when one
 * is denied (libuv does for EPOLL_CTL). None reaches anything.
 */
static const char *const bookkeeping[] = {
	"nop",	 "poll_add",	 "poll_remove",	 "timeout",   "timeout_remove",
	"close", "async_cancel", "link_timeout", "epoll_ctl", NULL,
};

/* More addresses than a person reads are no rule. */
#define CONNECTS_LIMIT 64

static const char *append(struct learn_draft *draft, const char *list, const char *item)
{
	return arena_printf(draft->arena, "%s%s%s", list, *list ? "," : "", item);
}

static bool is_send(const struct uring_opcode *opcode)
{
	return uring_group_by_name("@send")->has(opcode);
}

/* Does the profile leave the operation to its filters and the system-call gate? */
static bool is_allowed(const struct learn_draft *draft, const struct uring_opcode *opcode)
{
	const struct uring_policy *uring = &draft->policy.uring;
	enum uring_choice choice = uring->choices[opcode->number].choice;

	if (draft->fresh)
		return false;
	if (choice == URING_DENIED)
		return false;
	if (opcode->class == CLASS_OPAQUE || (uring->connects.count && is_send(opcode)))
		return choice == URING_NAMED;
	return !uring->has_allow || choice != URING_UNSAID;
}

static bool is_refused(struct learn_draft *draft, const struct uring_opcode *opcode,
		       const struct learn_who *who)
{
	const struct uring_choice_at *at = &draft->policy.uring.choices[opcode->number];

	if (at->choice != URING_DENIED)
		return false;
	learn_refuse(draft, "ring operation %s (%s): uring.deny stands at %s", opcode->name,
		     who->program, origin_text(draft->arena, &at->origin));
	return true;
}

static void write_ops(struct learn_draft *draft)
{
	const struct learn_notes *notes = &draft->learn->notes;
	const struct learn_who *first = NULL;
	const char *list = "";

	for (size_t i = 0; i < URING_OPCODE_COUNT; i++) {
		const struct uring_opcode *opcode = &uring_opcodes[i];
		const struct learn_who *who = &notes->ops[i];

		if (!who->count || is_refused(draft, opcode, who) || is_allowed(draft, opcode))
			continue;
		if (opcode->class == CLASS_OPAQUE) {
			learn_add(draft, "uring.allow", opcode->name,
				  arena_printf(draft->arena,
					       "%s; WARNING: no filter sees what it commands",
					       learn_who_text(draft, who)));
			continue;
		}
		list = append(draft, list, opcode->name);
		first = first ? first : who;
	}
	if (*list)
		learn_add(draft, "uring.allow", list, learn_who_text(draft, first));
}

static void write_bookkeeping(struct learn_draft *draft)
{
	const char *list = "";

	for (const char *const *name = bookkeeping; *name; name++) {
		const struct uring_opcode *opcode = uring_opcode_by_name(*name);

		if (!draft->learn->notes.ops[opcode->number].count)
			list = append(draft, list, *name);
	}
	if (*list)
		learn_add(draft, "uring.allow", list,
			  "not seen; reaches nothing, and libraries break without");
}

static void write_open(struct learn_draft *draft)
{
	const struct learn_notes *notes = &draft->learn->notes;
	const struct uring_open_rule *rule = &draft->policy.uring.open;
	unsigned int missing = notes->open_rights;
	const char *list = "";

	if (!draft->fresh)
		missing = rule->set ? missing & ~rule->rights : 0;
	if (!draft->fresh && rule->resolve && notes->open_who.count)
		learn_refuse(draft,
			     "opening by ring without the flags of resolve=: they stand at "
			     "%s",
			     origin_text(draft->arena, &rule->origin));
	for (const struct name *right = open_right_names; right->name; right++)
		if (missing & right->value)
			list = append(draft, list, right->name);
	if (*list)
		learn_add(draft, "uring.open", list, learn_who_text(draft, &notes->open_who));
}

static bool rule_fits(const struct uring_socket_rule *rule, const struct learn_socket *socket)
{
	return (rule->family < 0 || rule->family == socket->family) &&
	       (rule->type < 0 || rule->type == socket->type) &&
	       (rule->protocol < 0 || rule->protocol == socket->protocol);
}

static bool socket_is_allowed(const struct learn_draft *draft, const struct learn_socket *socket)
{
	const struct uring_policy *uring = &draft->policy.uring;

	for (size_t i = 0; i < uring->sockets.count; i++)
		if (rule_fits(&uring->sockets.items[i], socket))
			return true;
	return !draft->fresh && !uring->sockets.count;
}

/* A name, or the number that has none. */
static const char *word(struct learn_draft *draft, const struct name *table, int value)
{
	const char *name = value ? name_of(table, (uint64_t)(unsigned int)value) : NULL;

	return name ? name : arena_printf(draft->arena, "%d", value);
}

static void write_sockets(struct learn_draft *draft)
{
	const struct learn_notes *notes = &draft->learn->notes;
	const struct learn_who *first = NULL;
	const char *list = "";

	for (size_t i = 0; i < notes->sockets.count; i++) {
		const struct learn_socket *socket = &notes->sockets.items[i];

		if (!socket->ring || socket->family < 0 || socket->protocol < 0 ||
		    socket_is_allowed(draft, socket))
			continue;
		list = append(draft, list,
			      arena_printf(draft->arena, "%s/%s/%s",
					   word(draft, family_names, socket->family),
					   word(draft, socket_type_names, socket->type),
					   word(draft, protocol_names, socket->protocol)));
		first = first ? first : &socket->who;
	}
	if (*list)
		learn_add(draft, "uring.socket", list, learn_who_text(draft, first));
}

/* The address and port of a connect, as uring.connect's rules have them. */
static struct uring_connect_rule connect_rule(const struct sockaddr_storage *address)
{
	struct uring_connect_rule rule = { .family = address->ss_family };

	if (address->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)address;

		rule.prefix = 32;
		memcpy(rule.address, &in->sin_addr, 4);
		rule.port_low = rule.port_high = ntohs(in->sin_port);
	} else {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)address;

		rule.prefix = 128;
		memcpy(rule.address, &in->sin6_addr, 16);
		rule.port_low = rule.port_high = ntohs(in->sin6_port);
	}
	return rule;
}

static bool prefix_fits(const struct uring_connect_rule *rule,
			const struct uring_connect_rule *wanted)
{
	for (unsigned int bit = 0; bit < rule->prefix; bit++)
		if ((rule->address[bit / 8] ^ wanted->address[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return rule->family == wanted->family && rule->port_low <= wanted->port_low &&
	       wanted->port_low <= rule->port_high;
}

/* What a rule for many says of the unspecified address and of mapped ones: see uring/rules.h. */
static bool needs_own_rule(const struct uring_connect_rule *wanted)
{
	static const uint8_t zeros[10];
	const unsigned int bytes = wanted->prefix / 8;

	return !memcmp(wanted->address, zeros, bytes < sizeof(zeros) ? bytes : sizeof(zeros));
}

static bool connect_is_allowed(const struct learn_draft *draft,
			       const struct uring_connect_rule *wanted)
{
	const struct uring_policy *uring = &draft->policy.uring;

	for (size_t i = 0; i < uring->connects.count; i++) {
		const struct uring_connect_rule *rule = &uring->connects.items[i];

		if (prefix_fits(rule, wanted) &&
		    (rule->prefix == wanted->prefix || !needs_own_rule(wanted)))
			return true;
	}
	return false;
}

static const char *connect_text(struct learn_draft *draft, const struct uring_connect_rule *rule)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(rule->family, rule->address, text, sizeof(text));
	return arena_printf(draft->arena, rule->family == AF_INET6 ? "[%s]:%u" : "%s:%u", text,
			    rule->port_low);
}

/* Why CONNECT is not narrowed to the addresses seen; NULL: it can be. */
static const char *why_no_connects(const struct learn_draft *draft, size_t count)
{
	const struct learn_notes *notes = &draft->learn->notes;

	if (notes->ring_connects_unix)
		return "the ring connects Unix sockets too";
	if (!draft->learn->input.connect_data)
		return "this kernel does not show addresses to filters (Linux 7.2 does)";
	return count > CONNECTS_LIMIT ? "there are too many" : NULL;
}

static size_t count_connects(const struct learn_notes *notes)
{
	size_t count = 0;

	for (size_t i = 0; i < notes->addresses.count; i++)
		count += notes->addresses.items[i].ring &&
			 notes->addresses.items[i].toward == TOWARD_CONNECT;
	return count;
}

static void write_connects(struct learn_draft *draft)
{
	const struct learn_notes *notes = &draft->learn->notes;
	size_t count = count_connects(notes);
	const struct learn_who *first = NULL;
	const char *list = "";
	const char *why = why_no_connects(draft, count);

	/* Without a rule, a profile that is there already allows all of them. */
	if (!count || (!draft->fresh && !draft->policy.uring.connects.count))
		return;
	if (draft->fresh && why) {
		learn_refuse(draft,
			     "uring.connect, which would narrow CONNECT to the addresses "
			     "seen: %s",
			     why);
		return;
	}
	for (size_t i = 0; i < notes->addresses.count; i++) {
		const struct learn_address *address = &notes->addresses.items[i];
		struct uring_connect_rule rule = connect_rule(&address->address);

		if (!address->ring || address->toward != TOWARD_CONNECT ||
		    connect_is_allowed(draft, &rule))
			continue;
		list = append(draft, list, connect_text(draft, &rule));
		first = first ? first : &address->who;
	}
	if (*list)
		learn_add(draft, "uring.connect", list, learn_who_text(draft, first));
}

/* What gives back is allowed beside what takes: a program's end is not always the same. */
static uint64_t with_unregister(uint64_t registers)
{
	for (unsigned int i = 0; i < 64; i++) {
		const char *name = registers >> i & 1 ? uring_register_name(i) : NULL;
		char undo[64];
		int number;

		if (!name || strlen(name) > 40)
			continue;
		stpcpy(stpcpy(undo, "unregister_"), name);
		number = uring_register_by_name(undo);
		if (number >= 0)
			registers |= UINT64_C(1) << number;
	}
	return registers;
}

static void write_registers(struct learn_draft *draft)
{
	const struct learn_notes *notes = &draft->learn->notes;
	uint64_t missing = with_unregister(notes->registers);
	const char *list = "";

	if (!draft->fresh)
		missing &= ~draft->plan.uring.registers;
	for (unsigned int i = 0; i < 64; i++)
		if (missing >> i & 1 && uring_register_name(i))
			list = append(draft, list, uring_register_name(i));
	if (*list)
		learn_add(draft, "uring.register", list,
			  notes->registers_who.count ? learn_who_text(draft, &notes->registers_who)
						     : "seen");
	else if (draft->fresh)
		learn_add(draft, "uring.register", "none", "nothing was registered");
}

static void write_sqe_flags(struct learn_draft *draft)
{
	const struct learn_notes *notes = &draft->learn->notes;
	uint8_t missing = notes->sqe_flags;
	const char *list = "";

	if (!draft->fresh)
		missing &= draft->policy.uring.has_sqe_flags ? ~draft->policy.uring.sqe_flags : 0;
	for (unsigned int bit = 0; bit < 8; bit++)
		if (missing >> bit & 1 && uring_sqe_flag_name(bit))
			list = append(draft, list, uring_sqe_flag_name(bit));
	if (*list)
		learn_add(draft, "uring.sqe-flags", list,
			  learn_who_text(draft, &notes->sqe_flags_who));
	else if (draft->fresh)
		learn_add(draft, "uring.sqe-flags", "none", "no request had a flag");
}

static void write_ring(struct learn_draft *draft)
{
	write_ops(draft);
	if (draft->fresh)
		write_bookkeeping(draft);
	write_open(draft);
	write_sockets(draft);
	write_connects(draft);
	write_registers(draft);
	write_sqe_flags(draft);
}

/* `uring none` of an earlier run that made no ring gives way; a person's does not. */
static bool reopen_ring(struct learn_draft *draft)
{
	const struct origin *origin = &draft->policy.uring.mode_origin;
	const struct learn_notes *notes = &draft->learn->notes;

	if (!learn_is_learned(draft, origin, no_ring) &&
	    !learn_is_learned(draft, origin, blocked_ring)) {
		learn_refuse(draft, "io_uring (%s): uring none stands at %s",
			     notes->ring_who.count ? notes->ring_who.program : "?",
			     origin_text(draft->arena, origin));
		return false;
	}
	learn_add(draft, "uring", "filter", learn_who_text(draft, &notes->ring_who));
	return true;
}

void learn_write_uring(struct learn_draft *draft)
{
	const struct learn_notes *notes = &draft->learn->notes;
	const bool fresh = draft->fresh;

	learn_add_section(draft, "io_uring");
	if (!notes->ring) {
		if (fresh)
			learn_add(draft, "uring", "none",
				  notes->ring_blocked ? blocked_ring : no_ring);
		return;
	}
	if (!fresh && draft->policy.uring.mode == URING_UNFILTERED)
		return;
	if (fresh) {
		learn_add(draft, "uring", "filter", learn_who_text(draft, &notes->ring_who));
	} else if (draft->policy.uring.mode == URING_NONE) {
		if (!reopen_ring(draft))
			return;
		/* Nothing has been learned of a ring yet, and only what was seen is to be allowed.
		 */
		draft->fresh = !draft->policy.uring.has_allow;
	}
	write_ring(draft);
	draft->fresh = fresh;
}
