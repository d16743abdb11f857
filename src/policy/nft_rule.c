// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/nft_rule.h"

#include <arpa/inet.h>
#include <linux/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>
#include <sys/socket.h>

#define IPV6_ROUTING 43	  /* the routing header's number, RFC 8200 4.4 */
#define INTERFACE_NAME 16 /* IFNAMSIZ, of which all are compared */
#define MARK 1		  /* of connections that came from outside */

const char nft_table_name[] = "uring_jail";
const char *const nft_chain_names[NFT_CHAINS] = { [NFT_INPUT] = "input", [NFT_OUTPUT] = "output" };

void nft_begin(struct nft_draft *draft, enum nft_chain chain, struct arena *arena)
{
	*draft = (struct nft_draft){ .arena = arena, .rule = { .chain = chain, .text = "" } };
}

static void say(struct nft_draft *draft, const char *words)
{
	draft->rule.text = arena_printf(draft->arena, "%s%s%s", draft->rule.text,
					*draft->rule.text ? " " : "", words);
}

static void push(struct nft_draft *draft, struct nft_expression expression)
{
	draft->rule.expressions[draft->rule.count++] = expression;
}

static void load(struct nft_draft *draft, enum nft_kind kind, uint32_t key)
{
	push(draft, (struct nft_expression){ .kind = kind, .key = key });
}

static void load_payload(struct nft_draft *draft, uint32_t base, uint32_t offset, uint32_t length)
{
	push(draft,
	     (struct nft_expression){
		     .kind = NFT_LOAD_PAYLOAD, .key = base, .offset = offset, .length = length });
}

static void push_data(struct nft_draft *draft, enum nft_kind kind, uint32_t key, const void *data,
		      uint32_t length)
{
	struct nft_expression expression = { .kind = kind, .key = key, .length = length };

	memcpy(expression.data, data, length);
	push(draft, expression);
}

static void compare_byte(struct nft_draft *draft, uint32_t how, uint8_t value)
{
	push_data(draft, NFT_COMPARE, how, &value, sizeof(value));
}

/* What the kernel itself keeps, conntrack's state for one, is in the machine's order. */
static void compare_word(struct nft_draft *draft, uint32_t how, uint32_t value)
{
	push_data(draft, NFT_COMPARE, how, &value, sizeof(value));
}

static void family(struct nft_draft *draft, uint8_t number)
{
	load(draft, NFT_LOAD_META, NFT_META_NFPROTO);
	compare_byte(draft, NFT_CMP_EQ, number);
}

static void protocol(struct nft_draft *draft, uint8_t number)
{
	load(draft, NFT_LOAD_META, NFT_META_L4PROTO);
	compare_byte(draft, NFT_CMP_EQ, number);
}

void nft_interface(struct nft_draft *draft, bool loopback)
{
	bool input = draft->rule.chain == NFT_INPUT;
	char name[INTERFACE_NAME] = "lo";

	load(draft, NFT_LOAD_META, input ? NFT_META_IIFNAME : NFT_META_OIFNAME);
	push_data(draft, NFT_COMPARE, loopback ? NFT_CMP_EQ : NFT_CMP_NEQ, name, sizeof(name));
	say(draft, arena_printf(draft->arena, "%s %s\"lo\"", input ? "iifname" : "oifname",
				loopback ? "" : "!= "));
}

void nft_states(struct nft_draft *draft)
{
	const uint32_t states = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED);

	load(draft, NFT_LOAD_CT, NFT_CT_STATE);
	push_data(draft, NFT_MASK, 0, &states, sizeof(states));
	compare_word(draft, NFT_CMP_NEQ, 0);
	say(draft, "ct state established,related");
}

void nft_reply(struct nft_draft *draft)
{
	load(draft, NFT_LOAD_CT, NFT_CT_DIRECTION);
	compare_byte(draft, NFT_CMP_EQ, 1); /* IP_CT_DIR_REPLY */
	say(draft, "ct direction reply");
}

void nft_marked(struct nft_draft *draft)
{
	load(draft, NFT_LOAD_CT, NFT_CT_MARK);
	compare_word(draft, NFT_CMP_EQ, MARK);
	say(draft, "ct mark 1");
}

void nft_ip_options(struct nft_draft *draft)
{
	const uint8_t low_half = 0x0f;

	family(draft, NFPROTO_IPV4);
	load_payload(draft, NFT_PAYLOAD_NETWORK_HEADER, 0, 1);
	push_data(draft, NFT_MASK, 0, &low_half, sizeof(low_half));
	compare_byte(draft, NFT_CMP_NEQ, 5); /* words of a header without options */
	say(draft, "ip hdrlength != 5");
}

void nft_routing_header(struct nft_draft *draft)
{
	family(draft, NFPROTO_IPV6);
	load(draft, NFT_LOAD_EXTHDR, IPV6_ROUTING);
	compare_byte(draft, NFT_CMP_EQ, 1);
	say(draft, "exthdr rt exists");
}

void nft_destination(struct nft_draft *draft, int number, const uint8_t *address,
		     unsigned int prefix)
{
	bool v6 = number == AF_INET6;
	uint32_t length = v6 ? 16 : 4;
	char text[INET6_ADDRSTRLEN];
	uint8_t mask[16] = { 0 };

	family(draft, v6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
	if (!prefix) {
		say(draft, v6 ? "meta nfproto ipv6" : "meta nfproto ipv4");
		return;
	}
	for (unsigned int bit = 0; bit < prefix; bit++)
		mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	load_payload(draft, NFT_PAYLOAD_NETWORK_HEADER, v6 ? 24 : 16, length);
	if (prefix < length * 8)
		push_data(draft, NFT_MASK, 0, mask, length);
	push_data(draft, NFT_COMPARE, NFT_CMP_EQ, address, length);
	inet_ntop(number, address, text, sizeof(text));
	say(draft,
	    prefix < length * 8
		    ? arena_printf(draft->arena, "%s daddr %s/%u", v6 ? "ip6" : "ip", text, prefix)
		    : arena_printf(draft->arena, "%s daddr %s", v6 ? "ip6" : "ip", text));
}

static void compare_port(struct nft_draft *draft, uint32_t how, uint16_t port)
{
	uint16_t value = htons(port);

	push_data(draft, NFT_COMPARE, how, &value, sizeof(value));
}

void nft_ports(struct nft_draft *draft, int number, uint16_t low, uint16_t high)
{
	const char *name = number == IPPROTO_TCP ? "tcp" : "udp";

	protocol(draft, (uint8_t)number);
	if (low == 0 && high == UINT16_MAX) {
		say(draft, arena_printf(draft->arena, "meta l4proto %s", name));
		return;
	}
	load_payload(draft, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
	if (low == high) {
		compare_port(draft, NFT_CMP_EQ, low);
		say(draft, arena_printf(draft->arena, "%s dport %u", name, low));
		return;
	}
	compare_port(draft, NFT_CMP_GTE, low);
	compare_port(draft, NFT_CMP_LTE, high);
	say(draft, arena_printf(draft->arena, "%s dport %u-%u", name, low, high));
}

void nft_icmpv6(struct nft_draft *draft, uint8_t type, const char *name)
{
	protocol(draft, IPPROTO_ICMPV6);
	load_payload(draft, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
	compare_byte(draft, NFT_CMP_EQ, type);
	say(draft, arena_printf(draft->arena, "icmpv6 type %s", name));
}

void nft_mark(struct nft_draft *draft)
{
	const uint32_t mark = MARK;

	push_data(draft, NFT_SET_MARK, 0, &mark, sizeof(mark));
	say(draft, "ct mark set 1");
}

void nft_accept(struct nft_draft *draft)
{
	load(draft, NFT_VERDICT, NF_ACCEPT);
	say(draft, "accept");
}

void nft_drop(struct nft_draft *draft)
{
	load(draft, NFT_VERDICT, NF_DROP);
	say(draft, "drop");
}

void nft_reset(struct nft_draft *draft)
{
	protocol(draft, IPPROTO_TCP);
	load(draft, NFT_RESET, 0);
	say(draft, "meta l4proto tcp reject with tcp reset");
}
