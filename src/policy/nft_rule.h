/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_NFT_RULE_H
#define POLICY_NFT_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/alloc.h"

/*
 * Rules of nftables: each as the text that nft(8) would take for it, and as the expressions that
 * the kernel takes, side by side. They are put together by one function for each condition, so
 * that what is shown is what holds.
 *
 * libnftables would compile the text, but it brings five more libraries into every launch: 1.1 ms
 * more for a program of 1 ms (57 system calls more), whether a policy has such rules or not.
 */

enum nft_kind {
	NFT_LOAD_META,	  /* NFT_META_* @key */
	NFT_LOAD_CT,	  /* NFT_CT_* @key */
	NFT_LOAD_PAYLOAD, /* @length bytes at @offset behind the header @key, NFT_PAYLOAD_* */
	NFT_LOAD_EXTHDR,  /* whether the packet has the IPv6 extension header @key */
	NFT_MASK,	  /* and @data */
	NFT_COMPARE,	  /* NFT_CMP_* @key, with @data; goes on where that is true */
	NFT_SET_MARK,	  /* the connection's mark becomes @data */
	NFT_RESET,	  /* the packet is answered by a TCP reset */
	NFT_VERDICT,	  /* NF_ACCEPT or NF_DROP, @key */
};

struct nft_expression {
	enum nft_kind kind;
	uint32_t key;
	uint32_t offset;
	uint32_t length; /* of what is loaded, or of @data */
	uint8_t data[16];
};

#define NFT_EXPRESSIONS 12 /* the longest rule has ten */

enum nft_chain {
	NFT_INPUT,
	NFT_OUTPUT,
	NFT_CHAINS,
};

extern const char *const nft_chain_names[NFT_CHAINS];
extern const char nft_table_name[];

struct nft_rule {
	enum nft_chain chain;
	const char *text;
	struct nft_expression expressions[NFT_EXPRESSIONS];
	unsigned int count;
};

struct nft_rules {
	struct nft_rule *items;
	size_t count;
	size_t room;
};

struct port_range {
	uint16_t low; /* host order, both ends belong to it */
	uint16_t high;
};

struct port_set {
	struct port_range *items;
	size_t count;
	size_t room;
};

/*
 * A rule that is being made. Each function below adds one condition or, at last, what becomes of
 * the packet; the packet has to meet all of them.
 */
struct nft_draft {
	struct arena *arena;
	struct nft_rule rule;
};

void nft_begin(struct nft_draft *draft, enum nft_chain chain, struct arena *arena);

void nft_interface(struct nft_draft *draft, bool loopback); /* or any other one */
void nft_states(struct nft_draft *draft);		    /* established or related */
void nft_reply(struct nft_draft *draft);		    /* against the first one's direction */
void nft_marked(struct nft_draft *draft);
void nft_ip_options(struct nft_draft *draft);	  /* IPv4, with options */
void nft_routing_header(struct nft_draft *draft); /* IPv6, with one */
void nft_destination(struct nft_draft *draft, int family, const uint8_t *address,
		     unsigned int prefix);
void nft_ports(struct nft_draft *draft, int protocol, uint16_t low, uint16_t high);
void nft_icmpv6(struct nft_draft *draft, uint8_t type, const char *name);

void nft_mark(struct nft_draft *draft);
void nft_accept(struct nft_draft *draft);
void nft_drop(struct nft_draft *draft);
void nft_reset(struct nft_draft *draft); /* TCP alone */

#endif
