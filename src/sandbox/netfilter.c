// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/netfilter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/cleanup.h"

/* Messages are appended to one buffer; what is open in it is closed by writing its length. */
struct buffer {
	struct arena *arena;
	uint8_t *bytes;
	size_t used;
	size_t room;
	size_t message; /* where the last message starts */
	uint32_t sequence;
};

static void *append(struct buffer *buffer, size_t size)
{
	size_t aligned = NLMSG_ALIGN(size);
	size_t room = buffer->room ? buffer->room : 4096;
	void *place;

	while (room - buffer->used < aligned)
		room *= 2;
	if (room != buffer->room) {
		uint8_t *larger = arena_alloc(buffer->arena, room);

		if (buffer->used)
			memcpy(larger, buffer->bytes, buffer->used);
		buffer->bytes = larger;
		buffer->room = room;
	}
	place = buffer->bytes + buffer->used;
	buffer->used += aligned;
	return place;
}

static void begin_message(struct buffer *buffer, uint16_t type, uint16_t flags, uint8_t family,
			  uint16_t resource)
{
	struct nlmsghdr *header;
	struct nfgenmsg *general;

	buffer->message = buffer->used;
	header = append(buffer, sizeof(*header));
	*header = (struct nlmsghdr){
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | flags,
		.nlmsg_seq = buffer->sequence++,
	};
	general = append(buffer, sizeof(*general));
	*general = (struct nfgenmsg){
		.nfgen_family = family,
		.version = NFNETLINK_V0,
		.res_id = htons(resource),
	};
}

static void end_message(struct buffer *buffer)
{
	struct nlmsghdr *header = (struct nlmsghdr *)(buffer->bytes + buffer->message);

	header->nlmsg_len = (uint32_t)(buffer->used - buffer->message);
}

/* Batches start and end with a message that names the subsystem. */
static void put_batch(struct buffer *buffer, uint16_t type)
{
	begin_message(buffer, type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	end_message(buffer);
}

static void begin_table_message(struct buffer *buffer, uint16_t type, uint16_t flags)
{
	begin_message(buffer, NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_CREATE | flags, NFPROTO_INET,
		      0);
}

static void put(struct buffer *buffer, uint16_t type, const void *data, size_t size)
{
	struct nlattr *attribute = append(buffer, NLA_HDRLEN + size);

	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(NLA_HDRLEN + size);
	memcpy((uint8_t *)attribute + NLA_HDRLEN, data, size);
}

static void put_text(struct buffer *buffer, uint16_t type, const char *text)
{
	put(buffer, type, text, strlen(text) + 1);
}

static void put_number(struct buffer *buffer, uint16_t type, uint32_t number)
{
	uint32_t value = htonl(number);

	put(buffer, type, &value, sizeof(value));
}

static size_t begin_nested(struct buffer *buffer, uint16_t type)
{
	size_t start = buffer->used;
	struct nlattr *attribute = append(buffer, NLA_HDRLEN);

	attribute->nla_type = NLA_F_NESTED | type;
	return start;
}

static void end_nested(struct buffer *buffer, size_t start)
{
	struct nlattr *attribute = (struct nlattr *)(buffer->bytes + start);

	attribute->nla_len = (uint16_t)(buffer->used - start);
}

static void put_value(struct buffer *buffer, uint16_t type, const void *data, size_t size)
{
	size_t nested = begin_nested(buffer, type);

	put(buffer, NFTA_DATA_VALUE, data, size);
	end_nested(buffer, nested);
}

/* Every value goes through this one register: loaded, masked, compared. */
#define REGISTER NFT_REG_1

static void put_meta(struct buffer *buffer, const struct nft_expression *expression)
{
	put_number(buffer, NFTA_META_KEY, expression->key);
	put_number(buffer, NFTA_META_DREG, REGISTER);
}

static void put_ct(struct buffer *buffer, const struct nft_expression *expression)
{
	put_number(buffer, NFTA_CT_KEY, expression->key);
	put_number(buffer, NFTA_CT_DREG, REGISTER);
}

static void put_payload(struct buffer *buffer, const struct nft_expression *expression)
{
	put_number(buffer, NFTA_PAYLOAD_DREG, REGISTER);
	put_number(buffer, NFTA_PAYLOAD_BASE, expression->key);
	put_number(buffer, NFTA_PAYLOAD_OFFSET, expression->offset);
	put_number(buffer, NFTA_PAYLOAD_LEN, expression->length);
}

static void put_exthdr(struct buffer *buffer, const struct nft_expression *expression)
{
	uint8_t type = (uint8_t)expression->key;

	put_number(buffer, NFTA_EXTHDR_DREG, REGISTER);
	put(buffer, NFTA_EXTHDR_TYPE, &type, sizeof(type));
	put_number(buffer, NFTA_EXTHDR_OFFSET, 0);
	put_number(buffer, NFTA_EXTHDR_LEN, 1);
	put_number(buffer, NFTA_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT);
}

static void put_mask(struct buffer *buffer, const struct nft_expression *expression)
{
	static const uint8_t none[sizeof(expression->data)];

	put_number(buffer, NFTA_BITWISE_SREG, REGISTER);
	put_number(buffer, NFTA_BITWISE_DREG, REGISTER);
	put_number(buffer, NFTA_BITWISE_LEN, expression->length);
	put_value(buffer, NFTA_BITWISE_MASK, expression->data, expression->length);
	put_value(buffer, NFTA_BITWISE_XOR, none, expression->length);
}

static void put_compare(struct buffer *buffer, const struct nft_expression *expression)
{
	put_number(buffer, NFTA_CMP_SREG, REGISTER);
	put_number(buffer, NFTA_CMP_OP, expression->key);
	put_value(buffer, NFTA_CMP_DATA, expression->data, expression->length);
}

static void put_load(struct buffer *buffer, const struct nft_expression *expression)
{
	put_number(buffer, NFTA_IMMEDIATE_DREG, REGISTER);
	put_value(buffer, NFTA_IMMEDIATE_DATA, expression->data, expression->length);
}

static void put_set_mark(struct buffer *buffer, const struct nft_expression *expression)
{
	(void)expression;
	put_number(buffer, NFTA_CT_KEY, NFT_CT_MARK);
	put_number(buffer, NFTA_CT_SREG, REGISTER);
}

static void put_reset(struct buffer *buffer, const struct nft_expression *expression)
{
	(void)expression;
	put_number(buffer, NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
}

static void put_verdict(struct buffer *buffer, const struct nft_expression *expression)
{
	size_t data;
	size_t verdict;

	put_number(buffer, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = begin_nested(buffer, NFTA_IMMEDIATE_DATA);
	verdict = begin_nested(buffer, NFTA_DATA_VERDICT);
	put_number(buffer, NFTA_VERDICT_CODE, expression->key);
	end_nested(buffer, verdict);
	end_nested(buffer, data);
}

static void put_element(struct buffer *buffer, const char *name,
			void (*content)(struct buffer *, const struct nft_expression *),
			const struct nft_expression *expression)
{
	size_t element = begin_nested(buffer, NFTA_LIST_ELEM);
	size_t data;

	put_text(buffer, NFTA_EXPR_NAME, name);
	data = begin_nested(buffer, NFTA_EXPR_DATA);
	content(buffer, expression);
	end_nested(buffer, data);
	end_nested(buffer, element);
}

static void put_expression(struct buffer *buffer, const struct nft_expression *expression)
{
	static const struct {
		const char *name;
		void (*content)(struct buffer *, const struct nft_expression *);
	} kinds[] = {
		[NFT_LOAD_META] = { "meta", put_meta },
		[NFT_LOAD_CT] = { "ct", put_ct },
		[NFT_LOAD_PAYLOAD] = { "payload", put_payload },
		[NFT_LOAD_EXTHDR] = { "exthdr", put_exthdr },
		[NFT_MASK] = { "bitwise", put_mask },
		[NFT_COMPARE] = { "cmp", put_compare },
		[NFT_SET_MARK] = { "ct", put_set_mark },
		[NFT_RESET] = { "reject", put_reset },
		[NFT_VERDICT] = { "immediate", put_verdict },
	};

	/* A mark is set from the register. */
	if (expression->kind == NFT_SET_MARK)
		put_element(buffer, "immediate", put_load, expression);
	put_element(buffer, kinds[expression->kind].name, kinds[expression->kind].content,
		    expression);
}

static void put_table(struct buffer *buffer)
{
	begin_table_message(buffer, NFT_MSG_NEWTABLE, 0);
	put_text(buffer, NFTA_TABLE_NAME, nft_table_name);
	end_message(buffer);
}

static void put_chain(struct buffer *buffer, enum nft_chain chain, uint32_t policy)
{
	static const uint32_t hooks[] = {
		[NFT_INPUT] = NF_INET_LOCAL_IN,
		[NFT_OUTPUT] = NF_INET_LOCAL_OUT,
	};
	size_t hook;

	begin_table_message(buffer, NFT_MSG_NEWCHAIN, 0);
	put_text(buffer, NFTA_CHAIN_TABLE, nft_table_name);
	put_text(buffer, NFTA_CHAIN_NAME, nft_chain_names[chain]);
	hook = begin_nested(buffer, NFTA_CHAIN_HOOK);
	put_number(buffer, NFTA_HOOK_HOOKNUM, hooks[chain]);
	put_number(buffer, NFTA_HOOK_PRIORITY, 0); /* "filter", behind conntrack's -200 */
	end_nested(buffer, hook);
	put_text(buffer, NFTA_CHAIN_TYPE, "filter");
	put_number(buffer, NFTA_CHAIN_POLICY, policy);
	end_message(buffer);
}

static void put_rule(struct buffer *buffer, const struct nft_rule *rule, bool last)
{
	size_t expressions;

	begin_table_message(buffer, NFT_MSG_NEWRULE, NLM_F_APPEND | (last ? NLM_F_ACK : 0));
	put_text(buffer, NFTA_RULE_TABLE, nft_table_name);
	put_text(buffer, NFTA_RULE_CHAIN, nft_chain_names[rule->chain]);
	expressions = begin_nested(buffer, NFTA_RULE_EXPRESSIONS);
	for (unsigned int i = 0; i < rule->count; i++)
		put_expression(buffer, &rule->expressions[i]);
	end_nested(buffer, expressions);
	end_message(buffer);
}

const void *netfilter_encode(const struct net_plan *net, struct arena *arena, size_t *size)
{
	struct buffer buffer = { .arena = arena };

	put_batch(&buffer, NFNL_MSG_BATCH_BEGIN);
	put_table(&buffer);
	put_chain(&buffer, NFT_INPUT, net->holds_listen ? NF_DROP : NF_ACCEPT);
	if (net->holds_connect)
		put_chain(&buffer, NFT_OUTPUT, NF_DROP);
	for (size_t i = 0; i < net->rules.count; i++)
		put_rule(&buffer, &net->rules.items[i], i + 1 == net->rules.count);
	put_batch(&buffer, NFNL_MSG_BATCH_END);
	*size = buffer.used;
	return buffer.bytes;
}

static int refused(int code, struct error *err)
{
	errno = code;
	error_errno(err, "cannot install the rules of net.connect and net.listen");
	if (code == ENOENT || code == EOPNOTSUPP || code == EPROTONOSUPPORT || code == EINVAL)
		error_hint(err, "the kernel needs nf_tables with nft_ct, nft_reject_inet and "
				"nf_conntrack's marks, built in or as modules that it can load");
	return -code;
}

/* The first answer is an error, if there was any, or the last rule's acknowledgement. */
static int read_answer(int fd, struct error *err)
{
	union {
		struct nlmsghdr header;
		uint8_t bytes[16384];
	} answer;
	ssize_t length = recv(fd, &answer, sizeof(answer), 0);
	const struct nlmsgerr *report = NLMSG_DATA(&answer.header);

	if (length < 0)
		return error_errno(err, "cannot read what the kernel says of the network's rules");
	if (!NLMSG_OK(&answer.header, (size_t)length) || answer.header.nlmsg_type != NLMSG_ERROR)
		return error_set(err, EBADMSG,
				 "the kernel does not say whether it took the "
				 "network's rules");
	return report->error ? refused(-report->error, err) : 0;
}

static int send_rules(int fd, const struct net_plan *net, struct arena *arena, struct error *err)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t size;
	const void *batch = netfilter_encode(net, arena, &size);
	int room = (int)size + 65536;

	/* The batch is one message; it is an error if the kernel gives less room than that. */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (sendto(fd, batch, size, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		error_errno(err, "cannot send the rules of net.connect and net.listen");
		if (err->code == EMSGSIZE)
			error_hint(err, "they are too many: join addresses by their prefix, or "
					"raise the sysctl net.core.wmem_max");
		return -err->code;
	}
	return read_answer(fd, err);
}

int netfilter_apply(const struct net_plan *net, struct error *err)
{
	_cleanup_close_ int fd = -1;
	struct arena arena = { 0 };
	int status;

	if (!net->rules.count)
		return 0;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (fd < 0)
		return refused(errno, err);
	status = send_rules(fd, net, &arena, err);
	arena_free(&arena);
	return status;
}
