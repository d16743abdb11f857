// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/in.h>
#include <string.h>
#include <sys/socket.h>

/*
 * The jail's own network namespace: net.connect and net.listen become chains of nftables in it,
 * which see every packet, whoever sent it: a system call, a ring, a child, Fast Open. An own
 * namespace is what they need; the host's is not the launcher's to filter.
 */

/* Neighbour discovery (RFC 4861, 4): IPv6 does nothing without. */
static const struct {
	uint8_t type;
	const char *name;
	bool arrives;
	bool leaves;
} neighbour_messages[] = {
	{ 133, "nd-router-solicit", false, true },
	{ 134, "nd-router-advert", true, false },
	{ 135, "nd-neighbor-solicit", true, true },
	{ 136, "nd-neighbor-advert", true, true },
};

static const int protocols[] = { IPPROTO_TCP, IPPROTO_UDP };

static void finish(struct plan *plan, struct nft_draft *draft)
{
	*array_push(&plan->arena, &plan->net.rules) = draft->rule;
}

static void accept_neighbours(struct plan *plan, enum nft_chain chain)
{
	struct nft_draft draft;

	for (size_t i = 0; i < sizeof(neighbour_messages) / sizeof(*neighbour_messages); i++) {
		if (chain == NFT_INPUT ? !neighbour_messages[i].arrives
				       : !neighbour_messages[i].leaves)
			continue;
		nft_begin(&draft, chain, &plan->arena);
		nft_icmpv6(&draft, neighbour_messages[i].type, neighbour_messages[i].name);
		nft_accept(&draft);
		finish(plan, &draft);
	}
}

static void accept_address(struct plan *plan, enum nft_chain chain,
			   const struct uring_connect_rule *rule)
{
	struct port_set *ports =
		chain == NFT_INPUT ? &plan->net.listen_ports : &plan->net.connect_ports;
	struct nft_draft draft;

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		nft_begin(&draft, chain, &plan->arena);
		if (rule->family != AF_UNSPEC)
			nft_destination(&draft, rule->family, rule->address, rule->prefix);
		nft_ports(&draft, protocols[i], rule->port_low, rule->port_high);
		nft_accept(&draft);
		finish(plan, &draft);
	}
	*array_push(&plan->arena, ports) = (struct port_range){ rule->port_low, rule->port_high };
}

static void accept_resolved(struct plan *plan, const struct resolved_host *host,
			    const struct net_rule *rule)
{
	struct uring_connect_rule address = rule->address;

	address.family = host->family;
	address.prefix = host->family == AF_INET6 ? 128 : 32;
	memcpy(address.address, host->address, sizeof(address.address));
	accept_address(plan, NFT_OUTPUT, &address);
}

static int accept_host(struct plan *plan, const struct net_rule *rule,
		       const struct resolved_hosts *hosts, struct error *err)
{
	bool found = false;

	for (size_t i = 0; i < hosts->count; i++) {
		if (strcmp(hosts->items[i].host, rule->host) != 0)
			continue;
		found = true;
		accept_resolved(plan, &hosts->items[i], rule);
	}
	if (found)
		return 0;
	return error_set(err, ENOENT, "%s: net.connect %s: the name has no address",
			 origin_text(&plan->arena, &rule->address.origin), rule->host);
}

/* Who waits for an answer to what is refused learns at once that none will come. */
static void refuse_rest(struct plan *plan, enum nft_chain chain)
{
	struct nft_draft draft;

	nft_begin(&draft, chain, &plan->arena);
	nft_reset(&draft);
	finish(plan, &draft);
}

/*
 * A header can name further destinations than the one that rules see: source routes among IPv4's
 * options, segments in IPv6's routing header. Programs need no privilege to add either.
 */
static void drop_source_routes(struct plan *plan)
{
	struct nft_draft draft;

	nft_begin(&draft, NFT_OUTPUT, &plan->arena);
	nft_ip_options(&draft);
	nft_drop(&draft);
	finish(plan, &draft);
	nft_begin(&draft, NFT_OUTPUT, &plan->arena);
	nft_routing_header(&draft);
	nft_drop(&draft);
	finish(plan, &draft);
}

/*
 * Answers leave if what they answer came from outside, as the mark tells, or over loopback. Not
 * all that conntrack calls established may: with IPV6_FREEBIND a program sends itself a packet
 * that seems to come from any address, and its own answer to it would be on its way there.
 */
static void accept_answers(struct plan *plan)
{
	struct nft_draft draft;

	nft_begin(&draft, NFT_OUTPUT, &plan->arena);
	nft_interface(&draft, true);
	nft_states(&draft);
	nft_accept(&draft);
	finish(plan, &draft);
	nft_begin(&draft, NFT_OUTPUT, &plan->arena);
	nft_marked(&draft);
	nft_reply(&draft);
	nft_states(&draft);
	nft_accept(&draft);
	finish(plan, &draft);
}

static void mark_arrivals(struct plan *plan)
{
	struct nft_draft draft;

	nft_begin(&draft, NFT_INPUT, &plan->arena);
	nft_interface(&draft, false);
	nft_mark(&draft);
	finish(plan, &draft);
}

/*
 * What comes to a published port from the host's loopback, pasta brings by a socket of its own in
 * the jail's namespace: a connection over the jail's loopback, and so one that leaves.
 */
static void accept_published(struct plan *plan)
{
	struct nft_draft draft;

	for (size_t i = 0; i < plan->policy->publishes.count; i++) {
		const struct publish_rule *rule = &plan->policy->publishes.items[i];

		nft_begin(&draft, NFT_OUTPUT, &plan->arena);
		nft_interface(&draft, true);
		nft_ports(&draft, rule->udp ? IPPROTO_UDP : IPPROTO_TCP, rule->jail_port,
			  rule->jail_port);
		nft_accept(&draft);
		finish(plan, &draft);
	}
}

static int plan_connect(struct plan *plan, const struct resolved_hosts *hosts, struct error *err)
{
	const struct net_rules *rules = &plan->policy->net_connects;
	int status = 0;

	if (!rules->count)
		return 0;
	plan->net.holds_connect = true;
	mark_arrivals(plan);
	drop_source_routes(plan);
	accept_answers(plan);
	accept_neighbours(plan, NFT_OUTPUT);
	accept_published(plan);
	for (size_t i = 0; status == 0 && i < rules->count; i++)
		if (rules->items[i].host)
			status = accept_host(plan, &rules->items[i], hosts, err);
		else
			accept_address(plan, NFT_OUTPUT, &rules->items[i].address);
	refuse_rest(plan, NFT_OUTPUT);
	return status;
}

static void plan_listen(struct plan *plan)
{
	const struct net_rules *rules = &plan->policy->net_listens;
	struct nft_draft draft;

	if (!rules->count)
		return;
	plan->net.holds_listen = true;
	nft_begin(&draft, NFT_INPUT, &plan->arena);
	nft_states(&draft);
	nft_accept(&draft);
	finish(plan, &draft);
	accept_neighbours(plan, NFT_INPUT);
	for (size_t i = 0; i < rules->count; i++)
		accept_address(plan, NFT_INPUT, &rules->items[i].address);
	refuse_rest(plan, NFT_INPUT);
}

static const char *publish_text(struct arena *arena, const struct publish_rule *rule)
{
	return arena_printf(arena, "%s%s%u:%u", rule->address ? rule->address : "",
			    rule->address ? "/" : "", rule->port, rule->jail_port);
}

/*
 * Nothing is forwarded that was not asked for, in either direction, and no address leads to the
 * host's loopback. As root pasta would become nobody, who may not enter the jail's namespaces.
 */
static void plan_pasta(struct plan *plan)
{
	static const char *const always[] = {
		"pasta",       "--config-net",	"--foreground", "--quiet",
		"--no-map-gw", "--tcp-ns",	"none",		"--udp-ns",
		"none",	       "--dns-forward", NET_NAMESERVER,
	};
	static const struct {
		const char *option;
		bool udp;
	} ports[] = { { "--tcp-ports", false }, { "--udp-ports", true } };
	ARRAY(const char *) words = { 0 };

	if (plan->policy->net != NET_USER)
		return;
	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
		*array_push(&plan->arena, &words) = always[i];
	if (plan->uid == 0) {
		*array_push(&plan->arena, &words) = "--runas";
		*array_push(&plan->arena, &words) = arena_printf(&plan->arena, "0:%u", plan->gid);
	}
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		bool any = false;

		for (size_t j = 0; j < plan->policy->publishes.count; j++) {
			const struct publish_rule *rule = &plan->policy->publishes.items[j];

			if (rule->udp != ports[i].udp)
				continue;
			any = true;
			*array_push(&plan->arena, &words) = ports[i].option;
			*array_push(&plan->arena, &words) = publish_text(&plan->arena, rule);
		}
		if (any)
			continue;
		*array_push(&plan->arena, &words) = ports[i].option;
		*array_push(&plan->arena, &words) = "none";
	}
	*array_push(&plan->arena, &words) = NULL;
	plan->net.pasta = words.items;
}

/* The first word on what an own namespace is needed for, and the directive that said it. */
static const struct origin *first_rule(const struct policy *policy, const char **name)
{
	*name = "net.connect";
	if (policy->net_connects.count)
		return &policy->net_connects.items[0].address.origin;
	*name = "net.listen";
	return policy->net_listens.count ? &policy->net_listens.items[0].address.origin : NULL;
}

static int check_mode(struct plan *plan, struct error *err)
{
	const struct policy *policy = plan->policy;
	const char *name;
	const struct origin *rule = first_rule(policy, &name);

	if (policy->publishes.count && policy->net != NET_USER) {
		error_set(err, EINVAL, "%s: net.publish needs net user",
			  origin_text(&plan->arena, &policy->publishes.items[0].origin));
		error_hint(err, "no port leads into a network of loopback alone, and the host's "
				"own needs none");
		return -EINVAL;
	}
	if (!rule || policy->net != NET_HOST)
		return 0;
	error_set(err, EINVAL,
		  "%s: %s beside net host (%s): it is held in a network namespace of the jail's "
		  "own",
		  origin_text(&plan->arena, rule), name,
		  origin_text(&plan->arena, &policy->net_origin));
	error_hint(err, "say \"net user\"; or, to hold connections through io_uring in the host's "
			"network, \"uring.grant connect ADDRESS:PORT\"");
	return -EINVAL;
}

/* With one of these the program could take the rules out, or send packets past them. */
static int check_capabilities(struct plan *plan, struct error *err)
{
	static const struct {
		unsigned int number;
		const char *name;
		const char *why;
	} capabilities[] = {
		{ CAP_NET_ADMIN, "net_admin", "it could take the rules out" },
		{ CAP_NET_RAW, "net_raw", "it could send packets that the rules do not see" },
	};
	const char *name;
	const struct origin *rule = first_rule(plan->policy, &name);

	for (size_t i = 0; rule && i < sizeof(capabilities) / sizeof(*capabilities); i++) {
		if (!(plan->caps >> capabilities[i].number & 1))
			continue;
		error_set(err, EINVAL, "%s: %s beside caps.keep %s: %s",
			  origin_text(&plan->arena, rule), name, capabilities[i].name,
			  capabilities[i].why);
		error_hint(err, "take one of them out");
		return -EINVAL;
	}
	return 0;
}

int plan_network(struct plan *plan, const struct plan_input *input, struct error *err)
{
	int status = check_mode(plan, err);

	plan->net.hosts = input->hosts;
	if (status == 0)
		status = check_capabilities(plan, err);
	if (status == 0)
		status = plan_connect(plan, &input->hosts, err);
	if (status == 0)
		plan_listen(plan);
	if (status == 0)
		plan_pasta(plan);
	return status;
}
