// SPDX-License-Identifier: LGPL-2.1-or-later
#include "uring/rules.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fcntl.h> /* the kernel's own O_*, some of which <fcntl.h> of libc changes */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bpf/asm.h"
#include "uring/abi.h"

enum { DENY = 0, ALLOW = 1 };

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define AND (BPF_ALU | BPF_AND | BPF_K)
#define IF_EQUAL (BPF_JMP | BPF_JEQ | BPF_K)
#define IF_ABOVE (BPF_JMP | BPF_JGT | BPF_K)
#define IF_AT_LEAST (BPF_JMP | BPF_JGE | BPF_K)
#define IF_ANY_BIT (BPF_JMP | BPF_JSET | BPF_K)

/* Filters read native words, so the halves of a u64 lie as the machine has them. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_WORD(offset) (offset)
#define HIGH_WORD(offset) ((offset) + 4)
#else
#define LOW_WORD(offset) ((offset) + 4)
#define HIGH_WORD(offset) (offset)
#endif

/* A program under construction, with the two ends that each of them has. */
struct builder {
	struct bpf_asm code;
	bpf_label allow;
	bpf_label deny;
};

static void begin(struct builder *b)
{
	bpf_asm_init(&b->code);
	b->allow = bpf_label_new(&b->code);
	b->deny = bpf_label_new(&b->code);
}

static int end(struct builder *b, struct arena *arena, struct bpf_program *out, struct error *err)
{
	int status;

	bpf_label_place(&b->code, b->allow);
	bpf_stmt(&b->code, BPF_RET | BPF_K, ALLOW);
	bpf_label_place(&b->code, b->deny);
	bpf_stmt(&b->code, BPF_RET | BPF_K, DENY);
	status = bpf_asm_finish(&b->code, arena, out, err);
	bpf_asm_free(&b->code);
	return status;
}

static void compile_return(uint32_t value, struct arena *arena, struct bpf_program *out)
{
	struct sock_filter insn = { .code = BPF_RET | BPF_K, .k = value };

	out->insns = arena_memdup(arena, &insn, sizeof(insn));
	out->count = 1;
}

void uring_compile_deny(struct arena *arena, struct bpf_program *out)
{
	compile_return(DENY, arena, out);
}

/* Where to go for each value of the accumulator. */
struct choice {
	uint32_t value;
	bpf_label target;
};

struct choices {
	struct choice *items;
	size_t count;
};

static void choices_add(struct choices *choices, uint32_t value, bpf_label target)
{
	for (size_t i = 0; i < choices->count; i++)
		if (choices->items[i].value == value)
			return;
	choices->items[choices->count++] = (struct choice){ value, target };
}

static void emit_choices(struct builder *b, const struct choices *choices, bpf_label otherwise)
{
	if (!choices->count)
		bpf_goto(&b->code, otherwise);
	for (size_t i = 0; i < choices->count; i++)
		bpf_jump(&b->code, IF_EQUAL, choices->items[i].value, choices->items[i].target,
			 i + 1 < choices->count ? BPF_NEXT : otherwise);
}

/* ---- sockets ---- */

#define SOCKET_TYPE_MASK 0xf /* the rest is SOCK_CLOEXEC and SOCK_NONBLOCK, seen up to 7.2 */
#define OTHER_FAMILIES (-1)  /* all that no rule names */

struct socket_rules {
	const struct uring_socket_rule *items;
	size_t count;
	struct arena *arena;
};

static bool applies_to(const struct uring_socket_rule *rule, int family)
{
	return rule->family == -1 || rule->family == family;
}

/* Exactly this rule, for that family. */
static bool has_rule(const struct socket_rules *rules, int family, int type, int protocol)
{
	for (size_t i = 0; i < rules->count; i++)
		if (applies_to(&rules->items[i], family) && rules->items[i].type == type &&
		    rules->items[i].protocol == protocol)
			return true;
	return false;
}

static bool has_rule_for_family(const struct socket_rules *rules, int family)
{
	for (size_t i = 0; i < rules->count; i++)
		if (applies_to(&rules->items[i], family))
			return true;
	return false;
}

static bool has_type(const struct socket_rules *rules, int family, int type)
{
	for (size_t i = 0; i < rules->count; i++)
		if (applies_to(&rules->items[i], family) && rules->items[i].type == type)
			return true;
	return false;
}

/*
 * socket(AF_INET, SOCK_PACKET) makes an AF_PACKET socket (__sock_create() in net/socket.c): a rule
 * for any type of AF_INET must not open that door.
 */
static bool refuses_packet_type(const struct socket_rules *rules, int family)
{
	if (family != AF_INET || !has_type(rules, AF_INET, -1) ||
	    has_type(rules, AF_INET, SOCK_PACKET))
		return false;
	return !has_rule(rules, AF_PACKET, -1, -1);
}

static bool same_rules(const struct socket_rules *rules, int a, int b)
{
	if (refuses_packet_type(rules, a) != refuses_packet_type(rules, b))
		return false;
	for (size_t i = 0; i < rules->count; i++) {
		const struct uring_socket_rule *rule = &rules->items[i];

		if (applies_to(rule, a) != applies_to(rule, b) &&
		    !has_rule(rules, applies_to(rule, a) ? b : a, rule->type, rule->protocol))
			return false;
	}
	return true;
}

/* Allows the protocols that rules name for this type, or for any. */
static void emit_protocols(struct builder *b, const struct socket_rules *rules, int family,
			   int type)
{
	struct choices protocols = {
		.items = arena_alloc(rules->arena, rules->count * sizeof(struct choice)),
	};

	for (size_t i = 0; i < rules->count; i++) {
		const struct uring_socket_rule *rule = &rules->items[i];

		if (applies_to(rule, family) && (rule->type == type || rule->type == -1))
			choices_add(&protocols, (uint32_t)rule->protocol, b->allow);
	}
	if (protocols.count)
		bpf_stmt(&b->code, LOAD, URING_FILTER_SOCKET_PROTOCOL);
	emit_choices(b, &protocols, b->deny);
}

/* What to do about a type that a rule names; *@check is set where its protocols must be seen. */
static bpf_label type_target(struct builder *b, const struct socket_rules *rules, int family,
			     int type, bool *check)
{
	*check = false;
	if (has_rule(rules, family, type, -1))
		return b->allow;
	*check = true;
	return bpf_label_new(&b->code);
}

/* Decides on type and protocol, the family being known. */
static void emit_family(struct builder *b, const struct socket_rules *rules, int family)
{
	size_t room = rules->count + 1;
	struct choices types = { .items = arena_alloc(rules->arena, room * sizeof(struct choice)) };
	bool *check = arena_alloc(rules->arena, room * sizeof(bool));
	bool any = has_rule(rules, family, -1, -1);

	if (refuses_packet_type(rules, family))
		choices_add(&types, SOCK_PACKET, b->deny);
	for (size_t i = 0; i < rules->count && !any; i++) {
		const struct uring_socket_rule *rule = &rules->items[i];
		size_t count = types.count;

		if (applies_to(rule, family) && rule->type != -1)
			choices_add(&types, (uint32_t)rule->type,
				    type_target(b, rules, family, rule->type, &check[count]));
	}
	if (types.count) {
		bpf_stmt(&b->code, LOAD, URING_FILTER_SOCKET_TYPE);
		bpf_stmt(&b->code, AND, SOCKET_TYPE_MASK);
	}
	if (any) {
		emit_choices(b, &types, b->allow);
		return;
	}
	if (has_type(rules, family, -1)) {
		emit_choices(b, &types, BPF_NEXT);
		emit_protocols(b, rules, family, -1);
	} else {
		emit_choices(b, &types, b->deny);
	}
	for (size_t i = 0; i < types.count; i++) {
		if (!check[i])
			continue;
		bpf_label_place(&b->code, types.items[i].target);
		emit_protocols(b, rules, family, (int)types.items[i].value);
	}
}

/* The families that rules name, each once; returns how many. @families has room for all. */
static size_t list_families(const struct socket_rules *rules, int *families)
{
	size_t count = 0;

	for (size_t i = 0; i < rules->count; i++) {
		bool known = rules->items[i].family == -1;

		for (size_t j = 0; j < count && !known; j++)
			known = families[j] == rules->items[i].family;
		if (!known)
			families[count++] = rules->items[i].family;
	}
	return count;
}

static void emit_sockets(struct builder *b, const struct socket_rules *rules)
{
	int *families = arena_alloc(rules->arena, rules->count * sizeof(int));
	struct choices tests = {
		.items = arena_alloc(rules->arena, rules->count * sizeof(struct choice)),
	};
	size_t count = list_families(rules, families);
	bpf_label otherwise = b->deny;

	if (has_rule_for_family(rules, OTHER_FAMILIES))
		otherwise = bpf_label_new(&b->code);

	for (size_t i = 0; i < count; i++) {
		bpf_label target = bpf_label_new(&b->code);

		for (size_t j = 0; j < i; j++)
			if (same_rules(rules, families[i], families[j]))
				target = tests.items[j].target;
		if (has_rule(rules, families[i], -1, -1) &&
		    !refuses_packet_type(rules, families[i]))
			target = b->allow;
		choices_add(&tests, (uint32_t)families[i], target);
	}
	bpf_stmt(&b->code, LOAD, URING_FILTER_SOCKET_FAMILY);
	emit_choices(b, &tests, otherwise);

	for (size_t i = 0; i < count; i++) {
		bool done = tests.items[i].target == b->allow;

		for (size_t j = 0; j < i && !done; j++)
			done = tests.items[j].target == tests.items[i].target;
		if (done)
			continue;
		bpf_label_place(&b->code, tests.items[i].target);
		emit_family(b, rules, families[i]);
	}
	if (otherwise != b->deny) {
		bpf_label_place(&b->code, otherwise);
		emit_family(b, rules, OTHER_FAMILIES);
	}
}

static int too_many(const char *what, struct error *err)
{
	return error_set(err, E2BIG, "too many %s for one io_uring filter of %d instructions", what,
			 BPF_MAXINSNS);
}

int uring_compile_sockets(const struct uring_socket_rule *rules, size_t count, struct arena *arena,
			  struct bpf_program *out, struct error *err)
{
	struct socket_rules all = { rules, count, arena };
	struct builder b;

	if (count > BPF_MAXINSNS)
		return too_many("uring.socket rules", err);
	if (!count || has_rule(&all, OTHER_FAMILIES, -1, -1)) {
		compile_return(ALLOW, arena, out);
		return 0;
	}
	begin(&b);
	emit_sockets(&b, &all);
	return end(&b, arena, out, err);
}

/* ---- opening files ---- */

/*
 * All flags that Linux 7.2 knows. Newer ones (O_EMPTYPATH, the high word's OPENAT2_REGULAR) are
 * denied until somebody has looked at what they grant.
 */
#define KNOWN_OPEN_FLAGS                                                                           \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |      \
	 FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC |      \
	 O_PATH | __O_TMPFILE)

/* Flags that must not be there; the access mode's own bits (0 read, 1 write, 2 both) too. */
static uint32_t forbidden_open_flags(unsigned int rights)
{
	uint32_t forbidden = ~(uint32_t)KNOWN_OPEN_FLAGS;

	if (!(rights & OPEN_CREATE))
		forbidden |= O_CREAT;
	if (!(rights & OPEN_TRUNCATE))
		forbidden |= O_TRUNC;
	if (!(rights & OPEN_TMPFILE))
		forbidden |= __O_TMPFILE;
	if (!(rights & OPEN_WRITE))
		forbidden |= O_ACCMODE; /* 0 is left */
	if (!(rights & OPEN_READ))
		forbidden |= O_RDWR | O_PATH; /* 1 is left, and 0, which is tested apart */
	return forbidden;
}

int uring_compile_open(const struct uring_open_rule *rule, bool openat2, struct arena *arena,
		       struct bpf_program *out, struct error *err)
{
	uint32_t resolve = (uint32_t)rule->resolve;
	struct builder b;

	if (!(rule->rights & (OPEN_READ | OPEN_WRITE)) || (resolve && !openat2) ||
	    rule->resolve != resolve) {
		uring_compile_deny(arena, out);
		return 0;
	}
	begin(&b);
	if (openat2) {
		bpf_stmt(&b.code, LOAD, HIGH_WORD(URING_FILTER_OPEN_FLAGS));
		bpf_jump(&b.code, IF_EQUAL, 0, BPF_NEXT, b.deny);
	}
	bpf_stmt(&b.code, LOAD, LOW_WORD(URING_FILTER_OPEN_FLAGS));
	bpf_jump(&b.code, IF_ANY_BIT, forbidden_open_flags(rule->rights), b.deny, BPF_NEXT);
	if (!(rule->rights & OPEN_READ))
		bpf_jump(&b.code, IF_ANY_BIT, O_WRONLY, BPF_NEXT, b.deny);
	if (resolve) {
		bpf_stmt(&b.code, LOAD, LOW_WORD(URING_FILTER_OPEN_RESOLVE));
		if (resolve & (resolve - 1)) {
			bpf_stmt(&b.code, AND, resolve);
			bpf_jump(&b.code, IF_EQUAL, resolve, BPF_NEXT, b.deny);
		} else {
			bpf_jump(&b.code, IF_ANY_BIT, resolve, BPF_NEXT, b.deny);
		}
	}
	bpf_goto(&b.code, b.allow);
	return end(&b, arena, out, err);
}

/* ---- addresses ---- */

struct port_range {
	uint32_t low;
	uint32_t high;
};

/*
 * One prefix and the ports to which connections are allowed there: those of every rule that covers
 * it. So the longest prefix that fits an address decides alone.
 */
struct destination {
	const uint8_t *address;
	unsigned int prefix;
	struct port_range *ports;
	size_t port_count;
	bpf_label target;
};

struct destinations {
	int family;
	unsigned int bits;
	const struct uring_connect_rule *rules;
	size_t rule_count;
	struct destination *items;
	size_t count;
	struct arena *arena;
};

static const uint8_t unspecified[16];
static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
#define MAPPED_PREFIX 96

/* The bits of an address's word @index that a prefix holds, as a filter loads them. */
static uint32_t prefix_mask(unsigned int prefix, unsigned int index)
{
	unsigned int before = index * 32;

	if (prefix <= before)
		return 0;
	if (prefix - before >= 32)
		return UINT32_MAX;
	return htonl(UINT32_MAX << (32 - (prefix - before)));
}

static uint32_t address_word(const uint8_t *address, unsigned int index)
{
	uint32_t word;

	memcpy(&word, address + index * sizeof(word), sizeof(word));
	return word;
}

static bool in_prefix(const uint8_t *address, const uint8_t *network, unsigned int prefix)
{
	for (unsigned int i = 0; i * 32 < prefix; i++)
		if ((address_word(address, i) ^ address_word(network, i)) & prefix_mask(prefix, i))
			return false;
	return true;
}

static bool is_unspecified(const struct destinations *all, const uint8_t *address,
			   unsigned int prefix)
{
	return prefix == all->bits && in_prefix(address, unspecified, prefix);
}

static bool is_mapped(const struct destinations *all, const uint8_t *address, unsigned int prefix)
{
	return all->family == AF_INET6 && prefix >= MAPPED_PREFIX &&
	       in_prefix(address, mapped, MAPPED_PREFIX);
}

static bool covers(const struct destinations *all, const struct uring_connect_rule *rule,
		   const struct destination *to)
{
	if (rule->family != all->family || rule->prefix > to->prefix ||
	    !in_prefix(to->address, rule->address, rule->prefix))
		return false;
	if (is_unspecified(all, to->address, to->prefix) && rule->prefix != all->bits)
		return false;
	return !is_mapped(all, to->address, to->prefix) ||
	       is_mapped(all, rule->address, rule->prefix);
}

static void add_destination(struct destinations *all, const uint8_t *address, unsigned int prefix)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].prefix == prefix &&
		    in_prefix(address, all->items[i].address, prefix))
			return;
	all->items[all->count++] = (struct destination){ .address = address, .prefix = prefix };
}

static int compare_ranges(const void *a, const void *b)
{
	const struct port_range *x = a, *y = b;

	return x->low < y->low ? -1 : x->low > y->low;
}

/* Sorts the ranges and joins those that overlap or touch. */
static void join_ranges(struct destination *to)
{
	size_t count = 0;

	qsort(to->ports, to->port_count, sizeof(*to->ports), compare_ranges);
	for (size_t i = 0; i < to->port_count; i++) {
		struct port_range *last = count ? &to->ports[count - 1] : NULL;

		if (last && to->ports[i].low <= last->high + 1) {
			if (last->high < to->ports[i].high)
				last->high = to->ports[i].high;
			continue;
		}
		to->ports[count++] = to->ports[i];
	}
	to->port_count = count;
}

static void find_ports(const struct destinations *all, struct destination *to)
{
	/*
	 * A short address shows as zeros, port included. With CVE-2026-99042 a kernel takes a
	 * 24-byte sockaddr_in6 for one, and yet connects to what it says.
	 */
	uint32_t lowest = is_unspecified(all, to->address, to->prefix);
	size_t room = 0;

	for (size_t i = 0; i < all->rule_count; i++)
		room += covers(all, &all->rules[i], to);
	to->ports = arena_alloc(all->arena, room * sizeof(*to->ports));
	for (size_t i = 0; i < all->rule_count; i++) {
		const struct uring_connect_rule *rule = &all->rules[i];
		uint32_t low = rule->port_low < lowest ? lowest : rule->port_low;

		if (covers(all, rule, to) && low <= rule->port_high)
			to->ports[to->port_count++] = (struct port_range){ low, rule->port_high };
	}
	join_ranges(to);
}

static bool same_ports(const struct destination *a, const struct destination *b)
{
	return a->port_count == b->port_count &&
	       !memcmp(a->ports, b->ports, a->port_count * sizeof(*a->ports));
}

static int longest_prefix_first(const void *a, const void *b)
{
	const struct destination *x = a, *y = b;

	if (x->prefix != y->prefix)
		return x->prefix > y->prefix ? -1 : 1;
	return memcmp(x->address, y->address, 16);
}

/* Drops what the next shorter prefix (or, without one, the denial at the end) says as well. */
static void drop_repetitions(struct destinations *all)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct destination *to = &all->items[i];
		size_t j = i + 1;

		while (j < all->count &&
		       (all->items[j].prefix == to->prefix ||
			!in_prefix(to->address, all->items[j].address, all->items[j].prefix)))
			j++;
		if (j < all->count ? same_ports(to, &all->items[j]) : !to->port_count)
			continue;
		all->items[count++] = *to;
	}
	all->count = count;
}

static void list_destinations(struct destinations *all)
{
	for (size_t i = 0; i < all->rule_count; i++) {
		const struct uring_connect_rule *rule = &all->rules[i];

		if (rule->family == all->family)
			add_destination(all, rule->address, rule->prefix);
	}
	if (!all->count)
		return;
	/* Both are refused unless a rule names them, so they decide before what covers them. */
	add_destination(all, unspecified, all->bits);
	if (all->family == AF_INET6)
		add_destination(all, mapped, MAPPED_PREFIX);

	for (size_t i = 0; i < all->count; i++)
		find_ports(all, &all->items[i]);
	qsort(all->items, all->count, sizeof(*all->items), longest_prefix_first);
	drop_repetitions(all);
}

static bool single_ports(const struct destination *to)
{
	for (size_t i = 0; i < to->port_count; i++)
		if (to->ports[i].low != to->ports[i].high)
			return false;
	return true;
}

/* Loads the port, in network order if all that follows is comparing it for equality. */
static void emit_load_port(struct builder *b, bool network_order)
{
	bpf_stmt(&b->code, LOAD, URING_FILTER_CONNECT_PORT);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (network_order) {
		bpf_stmt(&b->code, AND, 0xffff);
		return;
	}
	/* There are no byte loads, so the bytes are swapped: X = low byte << 8, A = high byte. */
	bpf_stmt(&b->code, AND, 0xff);
	bpf_stmt(&b->code, BPF_ALU | BPF_LSH | BPF_K, 8);
	bpf_stmt(&b->code, BPF_MISC | BPF_TAX, 0);
	bpf_stmt(&b->code, LOAD, URING_FILTER_CONNECT_PORT);
	bpf_stmt(&b->code, BPF_ALU | BPF_RSH | BPF_K, 8);
	bpf_stmt(&b->code, AND, 0xff);
	bpf_stmt(&b->code, BPF_ALU | BPF_OR | BPF_X, 0);
#else
	(void)network_order;
	bpf_stmt(&b->code, BPF_ALU | BPF_RSH | BPF_K, 16);
#endif
}

static void emit_ports(struct builder *b, const struct destination *to)
{
	bool network_order = single_ports(to);

	emit_load_port(b, network_order);
	for (size_t i = 0; i < to->port_count; i++) {
		const struct port_range *range = &to->ports[i];
		bpf_label otherwise = i + 1 < to->port_count ? BPF_NEXT : b->deny;

		if (range->low == range->high) {
			bpf_jump(&b->code, IF_EQUAL,
				 network_order ? htons((uint16_t)range->low) : range->low, b->allow,
				 otherwise);
			continue;
		}
		/* Ranges are sorted: what is below this one is in no later one. */
		if (range->low)
			bpf_jump(&b->code, IF_AT_LEAST, range->low, BPF_NEXT, b->deny);
		if (range->high < UINT16_MAX)
			bpf_jump(&b->code, IF_ABOVE, range->high, otherwise, b->allow);
		else
			bpf_goto(&b->code, b->allow);
	}
}

/* Chooses where each destination's ports are tested; equal tests are written once. */
static void choose_targets(struct builder *b, struct destinations *all)
{
	for (size_t i = 0; i < all->count; i++) {
		struct destination *to = &all->items[i];

		to->target = -1;
		if (!to->port_count)
			to->target = b->deny;
		else if (to->ports[0].low == 0 && to->ports[0].high == UINT16_MAX)
			to->target = b->allow;
		for (size_t j = 0; j < i && to->target < 0; j++)
			if (same_ports(to, &all->items[j]))
				to->target = all->items[j].target;
		if (to->target < 0)
			to->target = bpf_label_new(&b->code);
	}
}

static void emit_port_tests(struct builder *b, const struct destinations *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct destination *to = &all->items[i];
		bool done = to->target == b->allow || to->target == b->deny;

		for (size_t j = 0; j < i && !done; j++)
			done = all->items[j].target == to->target;
		if (done)
			continue;
		bpf_label_place(&b->code, to->target);
		emit_ports(b, to);
	}
}

/* One word: it is loaded once, and masked ever further as prefixes get shorter. */
static void emit_inet(struct builder *b, const struct destinations *all)
{
	unsigned int prefix = all->bits;

	bpf_stmt(&b->code, LOAD, URING_FILTER_CONNECT_ADDRESS);
	for (size_t i = 0; i < all->count; i++) {
		const struct destination *to = &all->items[i];
		bool last = i + 1 == all->count;

		if (!to->prefix) {
			bpf_goto(&b->code, to->target);
			return;
		}
		if (to->prefix != prefix)
			bpf_stmt(&b->code, AND, prefix_mask(to->prefix, 0));
		prefix = to->prefix;
		bpf_jump(&b->code, IF_EQUAL, address_word(to->address, 0), to->target,
			 last ? b->deny : BPF_NEXT);
	}
}

static void emit_inet6(struct builder *b, const struct destinations *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct destination *to = &all->items[i];
		bool last = i + 1 == all->count;
		bpf_label mismatch = last ? b->deny : bpf_label_new(&b->code);

		for (unsigned int word = 0; word * 32 < to->prefix; word++) {
			uint32_t mask = prefix_mask(to->prefix, word);
			bool more = (word + 1) * 32 < to->prefix;

			bpf_stmt(&b->code, LOAD, URING_FILTER_CONNECT_ADDRESS + word * 4);
			if (mask != UINT32_MAX)
				bpf_stmt(&b->code, AND, mask);
			bpf_jump(&b->code, IF_EQUAL, address_word(to->address, word),
				 more ? BPF_NEXT : to->target, mismatch);
		}
		if (!to->prefix)
			bpf_goto(&b->code, to->target);
		if (!last)
			bpf_label_place(&b->code, mismatch);
	}
}

static struct destinations destinations_of(int family, const struct uring_connect_rule *rules,
					   size_t count, struct arena *arena)
{
	struct destinations all = {
		.family = family,
		.bits = family == AF_INET6 ? 128 : 32,
		.rules = rules,
		.rule_count = count,
		.items = arena_alloc(arena, (count + 2) * sizeof(*all.items)),
		.arena = arena,
	};

	list_destinations(&all);
	return all;
}

int uring_compile_connect(const struct uring_connect_rule *rules, size_t count, struct arena *arena,
			  struct bpf_program *out, struct error *err)
{
	struct destinations inet, inet6;
	struct choice items[2];
	struct choices families = { .items = items };
	struct builder b;

	if (count > BPF_MAXINSNS)
		return too_many("uring.connect rules", err);
	inet = destinations_of(AF_INET, rules, count, arena);
	inet6 = destinations_of(AF_INET6, rules, count, arena);
	if (!inet.count && !inet6.count) {
		uring_compile_deny(arena, out);
		return 0;
	}
	begin(&b);
	choose_targets(&b, &inet);
	choose_targets(&b, &inet6);
	if (inet.count)
		choices_add(&families, AF_INET, bpf_label_new(&b.code));
	if (inet6.count)
		choices_add(&families, AF_INET6, bpf_label_new(&b.code));
	bpf_stmt(&b.code, LOAD, URING_FILTER_CONNECT_FAMILY);
	emit_choices(&b, &families, b.deny);
	for (size_t i = 0; i < families.count; i++) {
		bpf_label_place(&b.code, families.items[i].target);
		if (families.items[i].value == AF_INET)
			emit_inet(&b, &inet);
		else
			emit_inet6(&b, &inet6);
	}
	emit_port_tests(&b, &inet);
	emit_port_tests(&b, &inet6);
	return end(&b, arena, out, err);
}
