// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/explain_words.h"
#include "policy/directive.h"
#include "policy/plan.h"
#include "sandbox/netfilter.h"

/* net, net.connect, net.listen, net.publish: what is read, and the rules that come of it. */

struct fixture {
	struct policy policy;
	struct plan plan;
	struct plan_input input;
	struct arena arena;
	struct error err;
};

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : 1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	plan_free(&f->plan);
	policy_free(&f->policy);
	arena_free(&f->arena);
	free(f);
	return 0;
}

static int say(struct fixture *f, const char *file, const char *name, const char *value)
{
	const struct macros macros = { 0 };
	struct directive_call call = {
		.policy = &f->policy,
		.macros = &macros,
		.origin = { file, file == command_line ? 0 : 7 },
	};

	return directive_apply(&call, name, value, &f->err);
}

static int try_to_plan(struct fixture *f)
{
	plan_free(&f->plan);
	f->plan = (struct plan){ .policy = &f->policy, .uid = 1000, .caps = f->policy.caps_keep };
	return plan_network(&f->plan, &f->input, &f->err);
}

/* The rules of a chain, a line each. */
static const char *rules(struct fixture *f, enum nft_chain chain)
{
	const char *text = "";

	assert_int_equal(try_to_plan(f), 0);
	for (size_t i = 0; i < f->plan.net.rules.count; i++)
		if (f->plan.net.rules.items[i].chain == chain)
			text = arena_printf(&f->arena, "%s%s\n", text,
					    f->plan.net.rules.items[i].text);
	return text;
}

static void assert_has(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no \"%s\" in:\n%s", line, text);
}

static void assert_has_not(const char *text, const char *line)
{
	if (strstr(text, line))
		fail_msg("\"%s\" in:\n%s", line, text);
}

static void without_a_word_there_are_no_rules(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(try_to_plan(f), 0);
	assert_int_equal(f->plan.net.rules.count, 0);
	assert_null(f->plan.net.pasta);
	assert_null(netfilter_text(&f->plan, &f->arena));
}

static void the_ruleset_is_the_golden_one(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(say(f, "p", "net.connect", "10.0.0.0/8:443"), 0);
	assert_int_equal(say(f, "p", "net.listen", "[::1]:8000-8010"), 0);
	assert_int_equal(try_to_plan(f), 0);
	assert_string_equal(netfilter_text(&f->plan, &f->arena),
			    "table inet uring_jail {\n"
			    "\tchain input {\n"
			    "\t\ttype filter hook input priority filter; policy drop;\n"
			    "\t\tiifname != \"lo\" ct mark set 1\n"
			    "\t\tct state established,related accept\n"
			    "\t\ticmpv6 type nd-router-advert accept\n"
			    "\t\ticmpv6 type nd-neighbor-solicit accept\n"
			    "\t\ticmpv6 type nd-neighbor-advert accept\n"
			    "\t\tip6 daddr ::1 tcp dport 8000-8010 accept\n"
			    "\t\tip6 daddr ::1 udp dport 8000-8010 accept\n"
			    "\t\tmeta l4proto tcp reject with tcp reset\n"
			    "\t}\n"
			    "\tchain output {\n"
			    "\t\ttype filter hook output priority filter; policy drop;\n"
			    "\t\tip hdrlength != 5 drop\n"
			    "\t\texthdr rt exists drop\n"
			    "\t\toifname \"lo\" ct state established,related accept\n"
			    "\t\tct mark 1 ct direction reply ct state established,related accept\n"
			    "\t\ticmpv6 type nd-router-solicit accept\n"
			    "\t\ticmpv6 type nd-neighbor-solicit accept\n"
			    "\t\ticmpv6 type nd-neighbor-advert accept\n"
			    "\t\tip daddr 10.0.0.0/8 tcp dport 443 accept\n"
			    "\t\tip daddr 10.0.0.0/8 udp dport 443 accept\n"
			    "\t\tmeta l4proto tcp reject with tcp reset\n"
			    "\t}\n"
			    "}\n");
}

static void each_directive_has_a_chain_of_its_own(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(say(f, "p", "net.listen", "80"), 0);
	assert_string_equal(rules(f, NFT_OUTPUT), "");
	assert_has_not(rules(f, NFT_INPUT), "mark");
	assert_has(netfilter_text(&f->plan, &f->arena), "hook input priority filter; policy drop");
	f->policy.net_listens.count = 0;
	assert_int_equal(say(f, "p", "net.connect", "127.0.0.1"), 0);
	assert_string_equal(rules(f, NFT_INPUT), "iifname != \"lo\" ct mark set 1\n");
	assert_has(netfilter_text(&f->plan, &f->arena),
		   "hook input priority filter; policy accept");
}

static void addresses_are_read_in_all_their_forms(void **state)
{
	static const struct {
		const char *item;
		const char *rule;
	} rows[] = {
		{ "192.0.2.1", "ip daddr 192.0.2.1 meta l4proto tcp accept\n" },
		{ "192.0.2.1:0-65535", "ip daddr 192.0.2.1 meta l4proto udp accept\n" },
		{ "0.0.0.0/0:53", "meta nfproto ipv4 udp dport 53 accept\n" },
		{ "[::]/0:53", "meta nfproto ipv6 tcp dport 53 accept\n" },
		{ "[2001:db8::/32]:1-9", "ip6 daddr 2001:db8::/32 tcp dport 1-9 accept\n" },
		{ "2001:db8::1", "ip6 daddr 2001:db8::1 meta l4proto tcp accept\n" },
		{ "198.51.100.128/25:65535",
		  "ip daddr 198.51.100.128/25 udp dport 65535 accept\n" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		f->policy.net_connects.count = 0;
		assert_int_equal(say(f, "p", "net.connect", rows[i].item), 0);
		assert_has(rules(f, NFT_OUTPUT), rows[i].rule);
	}
}

static void bad_items_are_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "net.connect", "10.0.0.1/8" },
		{ "net.connect", "300.1.1.1" },
		{ "net.connect", "127.0.0.1:99999" },
		{ "net.connect", "127.0.0.1:9-1" },
		{ "net.connect", "example.org:x" },
		{ "net.connect", "-x.org" },
		{ "net.connect", "example.org/24" },
		{ "net.connect", "[::1" },
		{ "net.connect", "*:80" },
		{ "net.connect", "[::ffff:10.0.0.1]:80" },
		{ "net.connect", "80" },
		{ "net.listen", "localhost:80" },
		{ "net.listen", "65536" },
		{ "net.listen", "80/24" },
		{ "net.listen", "x" },
		{ "net.publish", "0" },
		{ "net.publish", "80:" },
		{ "net.publish", "80:0" },
		{ "net.publish", "80/sctp" },
		{ "net.publish", "127.0.0.1" },
		{ "net.publish", "127.0.0.1:80:90:1" },
		{ "net.publish", "::1:80" },
		{ "net.publish", "[::1]80" },
		{ "net.publish", "[127.0.0.1]:80" },
		{ "net.publish", "[]:80" },
		{ "net.publish", "80-90" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (say(f, "p", rows[i][0], rows[i][1]) != -EINVAL)
			fail_msg("%s %s is taken", rows[i][0], rows[i][1]);
		assert_has(f->err.message, "p:7: ");
		assert_has(f->err.hint, "write ");
	}
	assert_int_equal(say(f, "p", "net", "usr"), -EINVAL);
	assert_has(f->err.hint, "user");
}

static void the_command_line_replaces_a_profile(void **state)
{
	struct fixture *f = *state;

	say(f, "p", "net.connect", "192.0.2.1:1 192.0.2.1:2");
	say(f, command_line, "net.connect", "192.0.2.1:3");
	say(f, command_line, "net.connect", "192.0.2.1:4");
	assert_has_not(rules(f, NFT_OUTPUT), "dport 1 ");
	assert_has_not(rules(f, NFT_OUTPUT), "dport 2 ");
	assert_has(rules(f, NFT_OUTPUT), "tcp dport 3 accept\n");
	assert_has(rules(f, NFT_OUTPUT), "tcp dport 4 accept\n");
}

static void a_name_is_all_its_addresses(void **state)
{
	struct resolved_host hosts[] = {
		{ "example.org", AF_INET, { 192, 0, 2, 1 } },
		{ "example.org", AF_INET6, { 0x20, 1, 0xd, 0xb8, [15] = 1 } },
		{ "example.com", AF_INET, { 192, 0, 2, 2 } },
	};
	struct fixture *f = *state;

	f->input.hosts = (struct resolved_hosts){ hosts, 3, 3 };
	assert_int_equal(say(f, "p", "net.connect", "example.org:443"), 0);
	assert_has(rules(f, NFT_OUTPUT), "ip daddr 192.0.2.1 tcp dport 443 accept\n"
					 "ip daddr 192.0.2.1 udp dport 443 accept\n"
					 "ip6 daddr 2001:db8::1 tcp dport 443 accept\n"
					 "ip6 daddr 2001:db8::1 udp dport 443 accept\n");
	assert_has_not(rules(f, NFT_OUTPUT), "192.0.2.2");
	assert_int_equal(say(f, "p", "net.connect", "nowhere.example"), 0);
	assert_int_equal(try_to_plan(f), -ENOENT);
	assert_string_equal(f->err.message,
			    "p:7: net.connect nowhere.example: the name has no address");
}

static void the_hosts_network_is_not_filtered(void **state)
{
	struct fixture *f = *state;

	say(f, "p", "net", "host");
	say(f, "p", "net.listen", "80");
	assert_int_equal(try_to_plan(f), -EINVAL);
	assert_string_equal(f->err.message, "p:7: net.listen beside net host (p:7): it is held in "
					    "a network namespace of the jail's own");
	assert_has(f->err.hint, "uring.grant connect");
}

static void capabilities_that_would_undo_it_are_refused(void **state)
{
	static const char *const names[] = { "net_admin", "net_raw" };
	struct fixture *f = *state;

	say(f, "p", "net.connect", "127.0.0.1");
	for (size_t i = 0; i < 2; i++) {
		f->policy.caps_keep = 0;
		say(f, "p", "caps.keep", names[i]);
		assert_int_equal(try_to_plan(f), -EINVAL);
		assert_has(f->err.message, names[i]);
	}
	f->policy.net_connects.count = 0;
	assert_int_equal(try_to_plan(f), 0);
}

static const char *pasta_words(struct fixture *f)
{
	const char *text = "";

	assert_int_equal(try_to_plan(f), 0);
	assert_non_null(f->plan.net.pasta);
	if (!f->plan.net.pasta) /* for who does not know what assert_non_null() does */
		return "";
	for (const char **word = f->plan.net.pasta; *word; word++)
		text = arena_printf(&f->arena, "%s%s ", text, *word);
	return text;
}

static void pasta_forwards_nothing_unasked(void **state)
{
	struct fixture *f = *state;

	say(f, "p", "net", "user");
	assert_string_equal(pasta_words(f),
			    "pasta --config-net --foreground --quiet --no-map-gw --tcp-ns none "
			    "--udp-ns none --dns-forward 169.254.1.1 --tcp-ports none "
			    "--udp-ports none ");
}

static void published_ports_are_pastas(void **state)
{
	struct fixture *f = *state;

	say(f, "p", "net", "user");
	assert_int_equal(say(f, "p", "net.publish",
			     "8080 8081:80 127.0.0.1:8082 [::1]:8083:83/tcp 127.0.0.1:53:5353/udp"),
			 0);
	assert_has(pasta_words(f),
		   "--tcp-ports 8080:8080 --tcp-ports 8081:80 --tcp-ports 127.0.0.1/8082:8082 "
		   "--tcp-ports ::1/8083:83 --udp-ports 127.0.0.1/53:5353 ");
	say(f, "p", "net.connect", "192.0.2.1");
	assert_has(rules(f, NFT_OUTPUT), "oifname \"lo\" tcp dport 80 accept\n");
	assert_has(rules(f, NFT_OUTPUT), "oifname \"lo\" udp dport 5353 accept\n");
	say(f, "p", "net", "none");
	assert_int_equal(try_to_plan(f), -EINVAL);
	assert_string_equal(f->err.message, "p:7: net.publish needs net user");
}

static void ports_are_left_for_landlock(void **state)
{
	struct fixture *f = *state;

	say(f, "p", "net.connect", "192.0.2.1:443,198.51.100.0/24:1-9");
	say(f, "p", "net.listen", "80");
	assert_int_equal(try_to_plan(f), 0);
	if (f->plan.net.connect_ports.count != 2 || !f->plan.net.connect_ports.items) {
		fail_msg("%zu ports", f->plan.net.connect_ports.count);
		return;
	}
	assert_int_equal(f->plan.net.connect_ports.items[1].low, 1);
	assert_int_equal(f->plan.net.connect_ports.items[1].high, 9);
	assert_int_equal(f->plan.net.listen_ports.count, 1);
}

/* What the kernel would walk over: every length leads to the next message, and the last to the end.
 */
static void messages_follow_each_other(void **state)
{
	struct fixture *f = *state;
	const char *messages;
	size_t size;
	size_t count = 0;
	size_t acknowledged = 0;

	for (int i = 0; i < 300; i++)
		say(f, "p", "net.connect", "192.0.2.1:443");
	assert_int_equal(try_to_plan(f), 0);
	messages = netfilter_encode(&f->plan.net, &f->arena, &size);
	for (size_t at = 0; at < size; count++) {
		struct nlmsghdr header;

		assert_true(size - at >= sizeof(header));
		memcpy(&header, messages + at, sizeof(header));
		assert_true(header.nlmsg_len >= sizeof(header) && header.nlmsg_len <= size - at);
		assert_int_equal(header.nlmsg_seq, count);
		acknowledged += (header.nlmsg_flags & NLM_F_ACK) != 0;
		at += NLMSG_ALIGN(header.nlmsg_len);
	}
	/* The batch's two ends, a table, two chains and the rules; the last rule is answered. */
	assert_int_equal(count, 5 + f->plan.net.rules.count);
	assert_int_equal(acknowledged, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(without_a_word_there_are_no_rules),
		TEST(the_ruleset_is_the_golden_one),
		TEST(each_directive_has_a_chain_of_its_own),
		TEST(addresses_are_read_in_all_their_forms),
		TEST(bad_items_are_refused),
		TEST(the_command_line_replaces_a_profile),
		TEST(a_name_is_all_its_addresses),
		TEST(the_hosts_network_is_not_filtered),
		TEST(capabilities_that_would_undo_it_are_refused),
		TEST(pasta_forwards_nothing_unasked),
		TEST(published_ports_are_pastas),
		TEST(ports_are_left_for_landlock),
		TEST(messages_follow_each_other),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
