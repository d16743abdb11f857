// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bpf/interpret.h"
#include "uring/abi.h"
#include "uring/rules.h"

/*
 * Programs are run over what the kernel would show them, and compared with what the rules mean,
 * written down here once more in the plainest way.
 */

struct fixture {
	struct arena arena;
	struct bpf_program program;
	struct error err;
};

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->arena);
	free(f);
	return 0;
}

/* What io_uring_check_cbpf_filter() and bpf_check_classic() ask for, and rules have use for. */
static void check_acceptable(const struct bpf_program *program)
{
	assert_in_range(program->count, 1, BPF_MAXINSNS);
	for (size_t i = 0; i < program->count; i++) {
		const struct sock_filter *insn = &program->insns[i];

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_in_range(insn->k, 16, URING_FILTER_SIZE - 4);
			assert_int_equal(insn->k % 4, 0);
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			assert_true(i + 1 + insn->jt < program->count);
			assert_true(i + 1 + insn->jf < program->count);
			break;
		case BPF_JMP | BPF_JA:
			assert_true(insn->k < program->count - i - 1);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
		case BPF_ALU | BPF_LSH | BPF_K:
		case BPF_ALU | BPF_RSH | BPF_K:
		case BPF_ALU | BPF_OR | BPF_X:
		case BPF_MISC | BPF_TAX:
			break;
		case BPF_RET | BPF_K:
			assert_in_range(insn->k, 0, 1);
			break;
		default:
			fail_msg("instruction %zu has code %#x", i, insn->code);
		}
	}
	assert_int_equal(BPF_CLASS(program->insns[program->count - 1].code), BPF_RET);
}

static bool allows(const struct fixture *f, const uint8_t input[URING_FILTER_SIZE])
{
	uint32_t result = 99;

	assert_int_equal(bpf_interpret(&f->program, input, URING_FILTER_SIZE, &result), 0);
	return result;
}

static void put_word(uint8_t *input, size_t offset, uint32_t value)
{
	memcpy(input + offset, &value, sizeof(value));
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* ---- sockets ---- */

static bool allows_socket(const struct fixture *f, uint32_t family, uint32_t type,
			  uint32_t protocol)
{
	uint8_t input[URING_FILTER_SIZE] = { [8] = 45, [10] = URING_SOCKET_PDU };

	put_word(input, URING_FILTER_SOCKET_FAMILY, family);
	put_word(input, URING_FILTER_SOCKET_TYPE, type);
	put_word(input, URING_FILTER_SOCKET_PROTOCOL, protocol);
	return allows(f, input);
}

static void compile_sockets(struct fixture *f, const struct uring_socket_rule *rules, size_t count)
{
	arena_free(&f->arena);
	assert_int_equal(uring_compile_sockets(rules, count, &f->arena, &f->program, &f->err), 0);
	check_acceptable(&f->program);
}

static bool rule_fits(const struct uring_socket_rule *rule, int family, int type, int protocol)
{
	return (rule->family == -1 || rule->family == family) &&
	       (rule->type == -1 || rule->type == type) &&
	       (rule->protocol == -1 || rule->protocol == protocol);
}

static bool some_rule_fits(const struct uring_socket_rule *rules, size_t count, int family,
			   int type, int protocol)
{
	bool fits = !count;

	for (size_t i = 0; i < count; i++)
		fits = fits || rule_fits(&rules[i], family, type, protocol);
	return fits;
}

static bool means_socket(const struct uring_socket_rule *rules, size_t count, int family, int type,
			 int protocol)
{
	bool fits = some_rule_fits(rules, count, family, type, protocol);

	/* The kernel makes an AF_PACKET socket of this one. */
	if (fits && family == AF_INET && type == SOCK_PACKET) {
		bool named = false;

		for (size_t i = 0; i < count; i++)
			named = named || ((rules[i].family == -1 || rules[i].family == AF_INET) &&
					  rules[i].type == SOCK_PACKET);
		return named || some_rule_fits(rules, count, AF_PACKET, type, protocol);
	}
	return fits;
}

static const int protocols[] = { 0, 1, 6, 17, 132, 262 };
static const uint32_t type_flags[] = { 0, 02000000, 04000, 02004000 }; /* CLOEXEC, NONBLOCK */

static void compare_sockets(const struct fixture *f, const struct uring_socket_rule *rules,
			    size_t count)
{
	for (int family = 0; family <= 64; family++)
		for (int type = 0; type < 16; type++)
			for (size_t p = 0; p < sizeof(protocols) / sizeof(*protocols); p++)
				for (size_t t = 0; t < 4; t++) {
					bool is = allows_socket(f, (uint32_t)family,
								(uint32_t)type | type_flags[t],
								(uint32_t)protocols[p]);
					bool should = means_socket(rules, count, family, type,
								   protocols[p]);

					/* SOCK_PACKET may be denied for good measure. */
					if (is == should ||
					    (!is && family == AF_INET && type == SOCK_PACKET))
						continue;
					fail_msg("socket(%d, %d|%#x, %d): %d, should be %d", family,
						 type, type_flags[t], protocols[p], is, should);
				}
}

static void sockets_are_those_of_the_rules(void **state)
{
	static const struct uring_socket_rule sets[][4] = {
		{ { AF_UNIX, -1, -1, { 0 } } },
		{ { AF_UNIX, -1, -1, { 0 } }, { AF_INET, SOCK_STREAM, -1, { 0 } } },
		{ { AF_INET, SOCK_STREAM, 6, { 0 } }, { AF_INET, SOCK_DGRAM, 17, { 0 } } },
		{ { AF_INET, SOCK_STREAM, -1, { 0 } }, { AF_INET6, SOCK_STREAM, -1, { 0 } } },
		{ { AF_INET, -1, 6, { 0 } }, { AF_INET, SOCK_STREAM, 132, { 0 } } },
		{ { -1, SOCK_STREAM, -1, { 0 } }, { AF_UNIX, -1, -1, { 0 } } },
		{ { -1, -1, 0, { 0 } }, { AF_INET, SOCK_DGRAM, -1, { 0 } } },
		{ { AF_INET, -1, -1, { 0 } } },
		{ { AF_INET, SOCK_PACKET, -1, { 0 } } },
		{ { AF_INET, -1, -1, { 0 } }, { AF_PACKET, -1, -1, { 0 } } },
		{ { -1, -1, -1, { 0 } } },
	};
	static const size_t counts[] = { 1, 2, 2, 2, 2, 2, 2, 1, 1, 2, 1 };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		compile_sockets(f, sets[i], counts[i]);
		compare_sockets(f, sets[i], counts[i]);
	}
	compile_sockets(f, NULL, 0);
	compare_sockets(f, NULL, 0);
}

static int pick(const int *values, size_t count, uint32_t *seed)
{
	return values[next_random(seed) % count];
}

static void random_socket_rules_allow_what_they_mean(void **state)
{
	static const int some_families[] = { -1, AF_UNIX, AF_INET, AF_INET, AF_INET6, 63 };
	static const int some_types[] = { -1, -1, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW };
	static const int some_protocols[] = { -1, -1, 0, 6, 17 };
	struct fixture *f = *state;
	uint32_t seed = 1;

	for (int round = 0; round < 100; round++) {
		struct uring_socket_rule rules[6];
		size_t count = 1 + next_random(&seed) % 6;

		for (size_t i = 0; i < count; i++)
			rules[i] = (struct uring_socket_rule){
				.family = pick(some_families, 6, &seed),
				.type = pick(some_types, 5, &seed),
				.protocol = pick(some_protocols, 5, &seed),
			};
		compile_sockets(f, rules, count);
		compare_sockets(f, rules, count);
	}
}

static void a_packet_socket_needs_more_than_a_rule_for_inet(void **state)
{
	static const struct uring_socket_rule inet[] = { { AF_INET, -1, -1, { 0 } } };
	static const struct uring_socket_rule with_packet[] = {
		{ AF_INET, -1, -1, { 0 } },
		{ AF_PACKET, -1, -1, { 0 } },
	};
	static const struct uring_socket_rule named[] = {
		{ AF_INET, SOCK_PACKET, -1, { 0 } },
		{ AF_INET, -1, -1, { 0 } },
	};
	struct fixture *f = *state;

	compile_sockets(f, inet, 1);
	assert_true(allows_socket(f, AF_INET, SOCK_RAW, 0));
	assert_false(allows_socket(f, AF_INET, SOCK_PACKET | type_flags[1], 0));
	compile_sockets(f, with_packet, 2);
	assert_true(allows_socket(f, AF_INET, SOCK_PACKET, 0));
	for (size_t count = 1; count <= 2; count++) {
		compile_sockets(f, named, count);
		assert_true(allows_socket(f, AF_INET, SOCK_PACKET, 0));
	}
}

static void socket_programs_are_short(void **state)
{
	static const struct uring_socket_rule one[] = { { AF_UNIX, -1, -1, { 0 } } };
	static const struct uring_socket_rule repeated[] = {
		{ AF_UNIX, -1, -1, { 0 } },
		{ AF_UNIX, SOCK_STREAM, -1, { 0 } },
		{ AF_UNIX, -1, -1, { 0 } },
	};
	static const struct uring_socket_rule shared[] = {
		{ AF_INET, SOCK_STREAM, -1, { 0 } },
		{ AF_INET6, SOCK_STREAM, -1, { 0 } },
	};
	struct fixture *f = *state;

	compile_sockets(f, NULL, 0);
	assert_int_equal(f->program.count, 1);
	compile_sockets(f, one, 1); /* ld, jeq, ret, ret */
	assert_int_equal(f->program.count, 4);
	compile_sockets(f, repeated, 3);
	assert_int_equal(f->program.count, 4);
	compile_sockets(f, shared, 2); /* ld, 2 jeq, ld, and, jeq, ret, ret */
	assert_int_equal(f->program.count, 8);
}

/* ---- opening files ---- */

static bool allows_open(const struct fixture *f, uint64_t flags, uint64_t resolve)
{
	uint8_t input[URING_FILTER_SIZE] = { [8] = 18, [10] = URING_OPEN_PDU };

	memcpy(input + URING_FILTER_OPEN_FLAGS, &flags, sizeof(flags));
	memcpy(input + URING_FILTER_OPEN_RESOLVE, &resolve, sizeof(resolve));
	return allows(f, input);
}

static void compile_open(struct fixture *f, const struct uring_open_rule *rule, bool openat2)
{
	arena_free(&f->arena);
	assert_int_equal(uring_compile_open(rule, openat2, &f->arena, &f->program, &f->err), 0);
	check_acceptable(&f->program);
}

static bool means_open(const struct uring_open_rule *rule, bool openat2, uint64_t flags,
		       uint64_t resolve)
{
	unsigned int mode = flags & O_ACCMODE;
	unsigned int rights = rule->rights;

	if (rule->resolve && (!openat2 || (resolve & rule->resolve) != rule->resolve))
		return false;
	if ((mode == O_RDONLY || mode == O_RDWR || mode == 3) && !(rights & OPEN_READ))
		return false;
	if ((mode == O_WRONLY || mode == O_RDWR || mode == 3) && !(rights & OPEN_WRITE))
		return false;
	if ((flags & O_CREAT && !(rights & OPEN_CREATE)) ||
	    (flags & O_TRUNC && !(rights & OPEN_TRUNCATE)) ||
	    (flags & __O_TMPFILE && !(rights & OPEN_TMPFILE)) ||
	    (flags & O_PATH && !(rights & OPEN_READ)))
		return false;
	return true;
}

static const uint32_t open_flags[] = {
	O_RDONLY,   O_WRONLY,	 O_RDWR, O_CREAT,   O_EXCL,	 O_TRUNC,  O_PATH,
	O_NOFOLLOW, O_DIRECTORY, O_SYNC, O_CLOEXEC, __O_TMPFILE, O_APPEND, O_LARGEFILE,
};

#define OPEN_FLAGS (sizeof(open_flags) / sizeof(*open_flags))

static uint32_t open_flag_set(uint32_t bits)
{
	uint32_t flags = 0;

	for (size_t i = 0; i < OPEN_FLAGS; i++)
		if (bits >> i & 1)
			flags |= open_flags[i];
	return flags;
}

static void opens_are_those_of_the_rights(void **state)
{
	static const uint64_t resolves[] = {
		0,
		RESOLVE_BENEATH,
		RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	struct fixture *f = *state;

	for (unsigned int rights = 0; rights < 32; rights++)
		for (size_t r = 0; r < 6; r++) {
			struct uring_open_rule rule = {
				.set = true,
				.rights = rights,
				.resolve = resolves[r / 2],
			};
			bool openat2 = r % 2;

			compile_open(f, &rule, openat2);
			for (uint32_t bits = 0; bits < 1U << OPEN_FLAGS; bits++) {
				uint32_t flags = open_flag_set(bits);
				uint64_t resolve = bits * 7 % 64;

				if (allows_open(f, flags, resolve) !=
				    means_open(&rule, openat2, flags, resolve))
					fail_msg("rights %#x, flags %#x, resolve %#llx", rights,
						 flags, (unsigned long long)resolve);
			}
		}
}

static void every_resolve_flag_of_a_rule_must_be_there(void **state)
{
	struct fixture *f = *state;

	for (uint64_t wanted = 1; wanted < 64; wanted++) {
		struct uring_open_rule rule = {
			.set = true,
			.rights = OPEN_READ,
			.resolve = wanted,
		};

		compile_open(f, &rule, true);
		for (uint64_t given = 0; given < 64; given++)
			assert_int_equal(allows_open(f, O_RDONLY, given),
					 (given & wanted) == wanted);
		compile_open(f, &rule, false);
		assert_int_equal(f->program.count, 1);
		assert_false(allows_open(f, O_RDONLY, wanted));
	}
}

static void open_flags_that_nobody_knows_are_denied(void **state)
{
	static const uint32_t unknown[] = { 1U << 23, 1U << 26, 1U << 31 };
	const struct uring_open_rule all = { .set = true, .rights = 0x1f };
	struct fixture *f = *state;

	for (int openat2 = 0; openat2 < 2; openat2++) {
		compile_open(f, &all, openat2);
		assert_true(allows_open(f, O_RDWR | O_CREAT | O_TRUNC, 0));
		for (size_t i = 0; i < 3; i++)
			assert_false(allows_open(f, O_RDONLY | unknown[i], 0));
	}
	for (int bit = 32; bit < 64; bit++)
		assert_false(allows_open(f, UINT64_C(1) << bit, 0));
}

static void read_only_means_that_nothing_is_written_or_made(void **state)
{
	static const uint32_t refused[] = {
		O_WRONLY, O_RDWR, 3, O_CREAT, O_CREAT | O_EXCL, O_TRUNC, O_RDWR | O_TMPFILE,
	};
	const struct uring_open_rule read = { .set = true, .rights = OPEN_READ };
	struct fixture *f = *state;

	for (int openat2 = 0; openat2 < 2; openat2++) {
		compile_open(f, &read, openat2);
		for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
			assert_false(allows_open(f, refused[i], 0));
		assert_true(allows_open(f, O_RDONLY | O_CLOEXEC | O_LARGEFILE, 0));
		assert_true(allows_open(f, O_PATH | O_NOFOLLOW, 0));
		assert_int_equal(f->program.count, openat2 ? 6 : 4);
	}
}

/* ---- addresses ---- */

static bool allows_connect(const struct fixture *f, uint32_t family, const uint8_t *address,
			   size_t length, uint16_t port)
{
	uint8_t input[URING_FILTER_SIZE] = { [8] = 16, [10] = URING_CONNECT_PDU };
	uint16_t network_port = htons(port);

	put_word(input, URING_FILTER_CONNECT_FAMILY, family);
	memcpy(input + URING_FILTER_CONNECT_PORT, &network_port, sizeof(network_port));
	memcpy(input + URING_FILTER_CONNECT_ADDRESS, address, length);
	return allows(f, input);
}

static bool allows_text(const struct fixture *f, const char *address, uint16_t port)
{
	uint8_t bytes[16] = { 0 };
	int family = strchr(address, ':') ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, address, bytes), 1);
	return allows_connect(f, (uint32_t)family, bytes, family == AF_INET ? 4 : 16, port);
}

static struct uring_connect_rule connect_rule(const char *address, unsigned int prefix,
					      uint16_t low, uint16_t high)
{
	struct uring_connect_rule rule = {
		.family = strchr(address, ':') ? AF_INET6 : AF_INET,
		.prefix = prefix,
		.port_low = low,
		.port_high = high,
	};

	assert_int_equal(inet_pton(rule.family, address, rule.address), 1);
	return rule;
}

static void compile_connect(struct fixture *f, const struct uring_connect_rule *rules, size_t count)
{
	arena_free(&f->arena);
	assert_int_equal(uring_compile_connect(rules, count, &f->arena, &f->program, &f->err), 0);
	check_acceptable(&f->program);
}

static void compile_one_connect(struct fixture *f, const char *address, unsigned int prefix,
				uint16_t low, uint16_t high)
{
	struct uring_connect_rule rule = connect_rule(address, prefix, low, high);

	compile_connect(f, &rule, 1);
}

static bool bits_match(const uint8_t *a, const uint8_t *b, unsigned int bits)
{
	for (unsigned int i = 0; i < bits; i++)
		if ((a[i / 8] ^ b[i / 8]) & (0x80 >> i % 8))
			return false;
	return true;
}

static bool means_connect(const struct uring_connect_rule *rules, size_t count, int family,
			  const uint8_t *address, uint16_t port)
{
	static const uint8_t zero[16];
	static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
	unsigned int bits = family == AF_INET ? 32 : 128;
	bool is_zero = bits_match(address, zero, bits);
	bool is_mapped = family == AF_INET6 && bits_match(address, mapped, 96);

	for (size_t i = 0; i < count; i++) {
		const struct uring_connect_rule *rule = &rules[i];

		if (rule->family != family || port < rule->port_low || port > rule->port_high ||
		    !bits_match(rule->address, address, rule->prefix))
			continue;
		if (is_zero && (rule->prefix != bits || !port))
			continue;
		if (is_mapped && (rule->prefix < 96 || !bits_match(rule->address, mapped, 96)))
			continue;
		return true;
	}
	return false;
}

static void a_listed_address_and_port_alone_are_allowed(void **state)
{
	struct fixture *f = *state;

	compile_one_connect(f, "127.0.0.1", 32, 5432, 5432);
	assert_true(allows_text(f, "127.0.0.1", 5432));
	assert_false(allows_text(f, "127.0.0.1", 5433));
	assert_false(allows_text(f, "127.0.0.1", 0x3815)); /* 5432 in the other byte order */
	assert_false(allows_text(f, "127.0.0.2", 5432));
	assert_false(allows_text(f, "1.0.0.127", 5432));
	assert_false(allows_text(f, "::1", 5432));
	/* ld, jeq, ld, jeq, ld, and, jeq, ret, ret */
	assert_int_equal(f->program.count, 9);
}

static void other_families_are_refused(void **state)
{
	static const uint8_t address[16] = { 127, 0, 0, 1 };
	struct uring_connect_rule rules[] = {
		connect_rule("0.0.0.0", 0, 0, 65535),
		connect_rule("::", 0, 0, 65535),
	};
	struct fixture *f = *state;

	compile_connect(f, rules, 2);
	for (uint32_t family = 0; family < 64; family++)
		assert_int_equal(allows_connect(f, family, address, 16, 80),
				 family == AF_INET || family == AF_INET6);
	assert_false(allows_connect(f, 0x10000 | AF_INET, address, 16, 80));
}

static void mapped_addresses_are_refused_unless_listed_as_such(void **state)
{
	struct uring_connect_rule rules[] = {
		connect_rule("127.0.0.1", 32, 0, 65535),
		connect_rule("::", 0, 0, 65535),
	};
	struct fixture *f = *state;

	compile_connect(f, rules, 2);
	assert_true(allows_text(f, "127.0.0.1", 80));
	assert_true(allows_text(f, "2001:db8::1", 80));
	assert_true(allows_text(f, "::1", 80));
	assert_true(allows_text(f, "::fffe:7f00:1", 80));
	assert_true(allows_text(f, "::1:ffff:7f00:1", 80));
	assert_false(allows_text(f, "::ffff:127.0.0.1", 80));
	assert_false(allows_text(f, "::ffff:0.0.0.0", 80));

	compile_one_connect(f, "::ffff:10.0.0.0", 104, 80, 80);
	assert_true(allows_text(f, "::ffff:10.1.2.3", 80));
	assert_false(allows_text(f, "::ffff:11.1.2.3", 80));
	assert_false(allows_text(f, "10.1.2.3", 80));
}

static void the_unspecified_address_must_be_listed_itself(void **state)
{
	struct fixture *f = *state;

	compile_one_connect(f, "0.0.0.0", 0, 0, 65535);
	assert_false(allows_text(f, "0.0.0.0", 80));
	assert_true(allows_text(f, "0.0.0.1", 80));
	compile_one_connect(f, "::", 64, 0, 65535);
	assert_false(allows_text(f, "::", 80));
	assert_true(allows_text(f, "::1", 80));
	compile_one_connect(f, "0.0.0.0", 32, 80, 80);
	assert_true(allows_text(f, "0.0.0.0", 80));
	compile_one_connect(f, "::", 128, 0, 65535);
	assert_true(allows_text(f, "::", 80));
}

/* The kernel shows zeros for an address that it has not seen as a whole. */
static void short_addresses_are_refused(void **state)
{
	static const struct {
		const char *address;
		unsigned int prefix;
	} wide[] = {
		{ "0.0.0.0", 0 }, { "0.0.0.0", 8 }, { "0.0.0.0", 32 },
		{ "::", 0 },	  { "::", 96 },	    { "::", 128 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
		compile_one_connect(f, wide[i].address, wide[i].prefix, 0, 65535);
		assert_false(allows_text(f, "0.0.0.0", 0));
		assert_false(allows_text(f, "::", 0));
	}
}

static void port_ranges_hold_at_both_ends(void **state)
{
	struct uring_connect_rule rules[] = {
		connect_rule("10.0.0.0", 8, 0, 21),
		connect_rule("10.0.0.0", 8, 80, 80),
		connect_rule("10.0.0.0", 8, 1000, 2000),
		connect_rule("10.0.0.0", 8, 1500, 2500),
		connect_rule("10.0.0.0", 8, 2501, 2502),
		connect_rule("10.0.0.0", 8, 60000, 65535),
		connect_rule("11.0.0.0", 8, 256, 65535),
		connect_rule("12.0.0.0", 8, 0, 255),
		connect_rule("13.0.0.0", 8, 0x1234, 0x1235),
	};
	struct fixture *f = *state;

	compile_connect(f, rules, sizeof(rules) / sizeof(*rules));
	for (uint32_t port = 0; port <= UINT16_MAX; port++)
		for (uint8_t network = 9; network < 15; network++) {
			const uint8_t address[4] = { network, 1, 2, 3 };

			if (allows_connect(f, AF_INET, address, 4, (uint16_t)port) !=
			    means_connect(rules, sizeof(rules) / sizeof(*rules), AF_INET, address,
					  (uint16_t)port))
				fail_msg("%u.1.2.3:%u", network, port);
		}
}

static void prefixes_of_every_length_hold(void **state)
{
	struct fixture *f = *state;
	uint32_t seed = 3;

	for (unsigned int prefix = 1; prefix <= 128; prefix++)
		for (int family = 0; family < 2; family++) {
			unsigned int bits = family ? 128 : 32;
			struct uring_connect_rule rule = {
				.family = family ? AF_INET6 : AF_INET,
				.prefix = prefix,
				.port_high = UINT16_MAX,
			};

			if (prefix > bits)
				continue;
			for (unsigned int i = 0; i < prefix; i++)
				if (next_random(&seed) % 2 || !i)
					rule.address[i / 8] |= 0x80 >> i % 8;
			compile_connect(f, &rule, 1);
			for (unsigned int flip = 0; flip < bits; flip++) {
				uint8_t address[16];

				memcpy(address, rule.address, sizeof(address));
				address[flip / 8] ^= 0x80 >> flip % 8;
				assert_int_equal(allows_connect(f, (uint32_t)rule.family, address,
								bits / 8, 443),
						 flip >= prefix);
			}
		}
}

static void random_address(uint8_t *address, int family, uint32_t *seed)
{
	memset(address, 0, 16);
	/* Few distinct values, so that rules overlap and addresses meet them. */
	for (int i = 0; i < (family == AF_INET ? 4 : 16); i++)
		if (next_random(seed) % 3 == 0)
			address[i] = (uint8_t)(0x7f + next_random(seed) % 3);
	if (family == AF_INET6 && next_random(seed) % 3 == 0) {
		memset(address, 0, 12);
		address[10] = address[11] = 0xff;
	}
}

static void random_connect_rules_allow_what_they_mean(void **state)
{
	static const unsigned int prefixes[] = { 0, 1, 8, 9, 16, 31, 32, 64, 96, 104, 127, 128 };
	static const uint16_t ports[] = { 0, 1, 80, 443, 1024, 65535 };
	struct fixture *f = *state;
	uint32_t seed = 4;

	for (int round = 0; round < 300; round++) {
		struct uring_connect_rule rules[12];
		size_t count = 1 + next_random(&seed) % 12;

		for (size_t i = 0; i < count; i++) {
			struct uring_connect_rule *rule = &rules[i];
			uint16_t a = ports[next_random(&seed) % 6];
			uint16_t b = ports[next_random(&seed) % 6];

			*rule = (struct uring_connect_rule){
				.family = next_random(&seed) % 2 ? AF_INET : AF_INET6,
				.port_low = a < b ? a : b,
				.port_high = a < b ? b : a,
			};
			rule->prefix =
				prefixes[next_random(&seed) % (rule->family == AF_INET ? 7 : 12)];
			random_address(rule->address, rule->family, &seed);
			for (unsigned int bit = rule->prefix; bit < 128; bit++)
				rule->address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
		}
		compile_connect(f, rules, count);
		for (int i = 0; i < 1000; i++) {
			int family = i % 2 ? AF_INET : AF_INET6;
			uint16_t port = (uint16_t)(ports[next_random(&seed) % 6] +
						   next_random(&seed) % 3 - 1);
			uint8_t address[16];

			if (next_random(&seed) % 2) {
				memcpy(address, rules[next_random(&seed) % count].address, 16);
				address[next_random(&seed) % 16] ^= next_random(&seed) % 4 == 0;
				if (family == AF_INET)
					memset(address + 4, 0, 12);
			} else {
				random_address(address, family, &seed);
			}
			if (allows_connect(f, (uint32_t)family, address, 16, port) !=
			    means_connect(rules, count, family, address, port))
				fail_msg("round %d: %d.%d.%d.%d..., family %d, port %u", round,
					 address[0], address[1], address[2], address[3], family,
					 port);
		}
	}
}

static void connect_programs_are_short(void **state)
{
	struct uring_connect_rule same_port[] = {
		connect_rule("10.0.0.1", 32, 80, 80),
		connect_rule("10.0.0.2", 32, 80, 80),
		connect_rule("10.0.0.3", 32, 80, 80),
		connect_rule("10.0.0.3", 32, 80, 80),
	};
	struct uring_connect_rule within[] = {
		connect_rule("10.0.0.0", 8, 80, 443),
		connect_rule("10.1.0.0", 16, 80, 80),
		connect_rule("10.1.2.3", 32, 443, 443),
	};
	struct uring_connect_rule touching[] = {
		connect_rule("10.0.0.1", 32, 1000, 1999),
		connect_rule("10.0.0.1", 32, 2000, 3000),
	};
	struct fixture *f = *state;

	compile_connect(f, touching, 1);
	assert_int_equal(f->program.count, 16);
	compile_connect(f, touching, 2);
	assert_int_equal(f->program.count, 16);
	compile_one_connect(f, "10.0.0.0", 8, 0, 65535); /* ld, jeq, ld, and, jeq, ret, ret */
	assert_int_equal(f->program.count, 7);
	compile_connect(f, same_port, 4); /* one jeq for each address, one test of the port */
	assert_int_equal(f->program.count, 11);
	compile_connect(f, within, 3); /* the first says it all */
	assert_int_equal(f->program.count, 17);
	compile_one_connect(f, "2001:db8::1", 128, 443, 443);
	assert_int_equal(f->program.count, 15);
}

static void more_rules_than_a_program_can_hold_are_an_error(void **state)
{
	enum { MANY = 5000 };
	struct fixture *f = *state;
	struct uring_connect_rule *connects = calloc(MANY, sizeof(*connects));
	struct uring_socket_rule *sockets = calloc(MANY, sizeof(*sockets));

	for (int i = 0; i < MANY; i++) {
		connects[i] = connect_rule("10.0.0.0", 32, 80, 80);
		connects[i].address[2] = (uint8_t)(i >> 8);
		connects[i].address[3] = (uint8_t)i;
		sockets[i] = (struct uring_socket_rule){ i, -1, -1, { 0 } };
	}
	assert_int_equal(uring_compile_connect(connects, MANY, &f->arena, &f->program, &f->err),
			 -E2BIG);
	assert_int_equal(uring_compile_connect(connects, 4090, &f->arena, &f->program, &f->err),
			 -E2BIG);
	assert_int_equal(uring_compile_connect(connects, 1000, &f->arena, &f->program, &f->err), 0);
	check_acceptable(&f->program);
	assert_true(allows_text(f, "10.0.0.0", 80));
	assert_true(allows_text(f, "10.0.3.231", 80));
	assert_false(allows_text(f, "10.0.3.232", 80));
	assert_int_equal(uring_compile_sockets(sockets, MANY, &f->arena, &f->program, &f->err),
			 -E2BIG);
	free(connects);
	free(sockets);
}

static void denying_everything_is_one_instruction(void **state)
{
	static const uint8_t input[URING_FILTER_SIZE];
	struct fixture *f = *state;

	uring_compile_deny(&f->arena, &f->program);
	check_acceptable(&f->program);
	assert_int_equal(f->program.count, 1);
	assert_false(allows(f, input));
}

int main(void)
{
#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_ARENA(sockets_are_those_of_the_rules),
		WITH_ARENA(random_socket_rules_allow_what_they_mean),
		WITH_ARENA(a_packet_socket_needs_more_than_a_rule_for_inet),
		WITH_ARENA(socket_programs_are_short),
		WITH_ARENA(opens_are_those_of_the_rights),
		WITH_ARENA(every_resolve_flag_of_a_rule_must_be_there),
		WITH_ARENA(open_flags_that_nobody_knows_are_denied),
		WITH_ARENA(read_only_means_that_nothing_is_written_or_made),
		WITH_ARENA(a_listed_address_and_port_alone_are_allowed),
		WITH_ARENA(other_families_are_refused),
		WITH_ARENA(mapped_addresses_are_refused_unless_listed_as_such),
		WITH_ARENA(the_unspecified_address_must_be_listed_itself),
		WITH_ARENA(short_addresses_are_refused),
		WITH_ARENA(port_ranges_hold_at_both_ends),
		WITH_ARENA(prefixes_of_every_length_hold),
		WITH_ARENA(random_connect_rules_allow_what_they_mean),
		WITH_ARENA(connect_programs_are_short),
		WITH_ARENA(more_rules_than_a_program_can_hold_are_an_error),
		WITH_ARENA(denying_everything_is_one_instruction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
