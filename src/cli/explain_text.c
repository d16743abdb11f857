// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/explain.h"

#include <string.h>

#include "cli/explain_words.h"
#include "policy/group_limit.h"

#define INDENT 14

static void label(struct screen *screen, const char *text)
{
	screen_label(screen, 0, INDENT, COLOUR_TITLE, text);
}

/* A path as one word; quoted where a blank would make it look like two. */
static void print_path(struct screen *screen, const char *path)
{
	screen_printf(screen, COLOUR_NONE, strchr(path, ' ') ? "\"%s\"" : "%s", path);
}

static void explain_program_named(struct screen *screen, const struct plan *plan)
{
	label(screen, "Profile");
	screen_word(screen, COLOUR_NONE, plan->policy->name);
	label(screen, "Program");
	if (!plan->argv[0])
		screen_phrase(screen, COLOUR_FAINT, "any: none was named");
	for (char **word = plan->argv; *word; word++)
		print_path(screen, *word);
	label(screen, "Folder");
	print_path(screen, plan->cwd);
}

static void explain_identity(struct screen *screen, const struct plan *plan, struct arena *arena)
{
	label(screen, "Namespaces");
	screen_phrase(screen, plan->namespaces ? COLOUR_NONE : COLOUR_WARNING,
		      plan->namespaces ? set_text(arena, namespace_names, plan->namespaces, " ")
				       : "none: Landlock alone holds files and signals");
	label(screen, "User");
	screen_printf(screen, COLOUR_NONE, "uid %u, gid %u", plan->uid, plan->gid);
	label(screen, "Capabilities");
	if (!plan->caps)
		screen_word(screen, COLOUR_NONE, "none");
	for (unsigned int bit = 0; bit < 64; bit++)
		if (plan->caps >> bit & 1)
			screen_word(screen, COLOUR_WARNING, capability_text(arena, bit));
	if (plan->policy->hostname) {
		label(screen, "Host name");
		screen_word(screen, COLOUR_NONE, plan->policy->hostname);
	}
	if (plan->keep_fds.count)
		label(screen, "Descriptors");
	for (size_t i = 0; i < plan->keep_fds.count; i++)
		screen_printf(screen, COLOUR_WARNING, "%d", plan->keep_fds.items[i]);
}

static void print_limit(struct screen *screen, const char *name, rlim_t value)
{
	if (value == RLIM_INFINITY)
		screen_printf(screen, COLOUR_NONE, "%s unlimited", name);
	else
		screen_printf(screen, COLOUR_NONE, "%s %llu", name, (unsigned long long)value);
}

static void explain_process(struct screen *screen, const struct policy *policy, struct arena *arena)
{
	if (policy->timeout) {
		label(screen, "Timeout");
		screen_printf(screen, COLOUR_NONE, "%u s", policy->timeout);
	}
	if (policy->nice_set) {
		label(screen, "Nice");
		screen_printf(screen, COLOUR_NONE, "%d", policy->nice);
	}
	if (policy->memory_deny_write_execute) {
		label(screen, "Memory");
		screen_phrase(screen, COLOUR_NONE, "never writable and executable");
	}
	if (policy->restrict_namespaces) {
		label(screen, "Restricted");
		screen_phrase(screen, COLOUR_NONE, "no new namespaces:");
		screen_phrase(
			screen, COLOUR_NONE,
			set_text(arena, namespace_type_names, policy->restrict_namespaces, " "));
	}
	if (policy->cpus_set) {
		label(screen, "Processors");
		screen_word(screen, COLOUR_NONE, cpus_text(arena, &policy->cpus));
		screen_word(screen, COLOUR_FAINT, "(at the start: the program may change that)");
	}
}

static void explain_limits(struct screen *screen, const struct plan *plan)
{
	bool any = false;

	for (const struct name *limit = rlimit_names; limit->name; limit++) {
		const struct rlimit_rule *rule = &plan->policy->rlimits[limit->value];

		if (!rule->set)
			continue;
		if (!any)
			label(screen, "Limits");
		any = true;
		print_limit(screen, limit->name, rule->limit.rlim_cur);
	}
}

/* What the profile says of variables: all others are as outside. */
static void explain_environment(struct screen *screen, const struct policy *policy,
				struct arena *arena)
{
	static const char *const titles[] = { "without", "sets" };

	if (policy->env.count)
		label(screen, "Environment");
	for (int sets = 0; sets < 2; sets++) {
		bool any = false;

		for (size_t i = 0; i < policy->env.count; i++) {
			const struct env_rule *rule = &policy->env.items[i];

			if ((rule->value != NULL) != sets || !policy_env_counts(policy, i))
				continue;
			if (!any)
				screen_label(screen, 2, INDENT, COLOUR_NONE, titles[sets]);
			any = true;
			print_path(screen, rule->value ? arena_printf(arena, "%s=%s", rule->name,
								      rule->value)
						       : rule->name);
		}
	}
}

static void explain_group_limits(struct screen *screen, const struct policy *policy)
{
	if (!group_limits_asked(policy))
		return;
	label(screen, "Control group");
	for (size_t i = 0; i < GROUP_LIMITS; i++)
		if (policy->group_limits[i].value)
			screen_printf(screen, COLOUR_NONE, "%s %s", group_limits[i].file,
				      policy->group_limits[i].value);
}

static void explain_network(struct screen *screen, const struct plan *plan)
{
	static const char *const words[] = {
		[NET_NONE] = "none: an own namespace with loopback alone",
		[NET_HOST] = "host: all that this machine reaches",
		[NET_USER] = ("user: an own namespace that pasta connects to what this machine "
			      "reaches, but for its loopback"),
	};
	bool warn = plan->policy->net != NET_NONE && !plan->net.holds_connect;

	label(screen, "Network");
	screen_phrase(screen, warn ? COLOUR_WARNING : COLOUR_NONE,
		      plan->policy->net == NET_NONE && !plan->namespaces
			      ? "none: no socket but unix ones, by seccomp and Landlock"
			      : words[plan->policy->net]);
}

static void explain_published(struct screen *screen, const struct plan *plan)
{
	const char *title = "published";

	for (size_t i = 0; i < plan->policy->publishes.count; i++) {
		const struct publish_rule *rule = &plan->policy->publishes.items[i];

		screen_label(screen, 2, INDENT, COLOUR_WARNING, title);
		screen_printf(screen, COLOUR_NONE, "%s port %u/%s -> %u",
			      rule->address ? rule->address : "any address,", rule->port,
			      rule->udp ? "udp" : "tcp", rule->jail_port);
		title = "";
	}
	if (plan->net.pasta) {
		screen_label(screen, 2, INDENT, COLOUR_NONE, "name server");
		screen_phrase(screen, COLOUR_NONE, NET_NAMESERVER ": pasta asks the host's");
	}
}

static void print_resolved(struct screen *screen, const struct plan *plan, struct arena *arena)
{
	const char *title = "names";

	for (size_t i = 0; i < plan->net.hosts.count; i++) {
		const struct resolved_host *host = &plan->net.hosts.items[i];

		screen_label(screen, 2, INDENT, COLOUR_NONE, title);
		screen_word(screen, COLOUR_NONE, host->host);
		screen_word(screen, COLOUR_FAINT, "=");
		screen_word(screen, COLOUR_NONE, host_address(host, arena));
		title = "";
	}
}

/* As nft(8) would take them, in the chains' order. */
static void explain_filter(struct screen *screen, const struct plan *plan, struct arena *arena)
{
	static const char *const titles[NFT_CHAINS] = { "arriving", "leaving" };
	const bool holds[NFT_CHAINS] = { plan->net.holds_listen, plan->net.holds_connect };

	print_resolved(screen, plan, arena);
	for (enum nft_chain chain = 0; chain < NFT_CHAINS; chain++) {
		const char *title = titles[chain];

		for (size_t i = 0; i < plan->net.rules.count; i++) {
			const struct nft_rule *rule = &plan->net.rules.items[i];

			if (rule->chain != chain)
				continue;
			screen_label(screen, 2, INDENT, COLOUR_FILTER, title);
			screen_phrase(screen, COLOUR_NONE, rule->text);
			title = "";
		}
		if (holds[chain]) {
			screen_label(screen, 2, INDENT, COLOUR_DENY, "");
			screen_phrase(screen, COLOUR_NONE, "all else: drop");
		}
	}
}

/* A folder below which all else lies, or a place that is merely held fast, says nothing here. */
static bool is_told(enum mount_look look)
{
	return look != LOOK_FOLDER && look != LOOK_FIXED;
}

/* Where something else stands behind a path; of links that are always there nobody asks. */
static bool has_source(const struct mount_op *op)
{
	if (op->kind == MOUNT_SYMLINK)
		return op->origin.file;
	return op->kind == MOUNT_BIND && strcmp(op->source, op->target) != 0;
}

static void explain_mount(struct screen *screen, const struct mount_op *op, struct arena *arena)
{
	print_path(screen, op->target);
	if (has_source(op)) {
		screen_word(screen, COLOUR_FAINT, op->kind == MOUNT_SYMLINK ? "->" : "=");
		print_path(screen, op->source);
	}
	if (op->flags & MOUNT_OVERLAY) {
		screen_word(screen, COLOUR_FAINT,
			    op->changes ? "(changes kept in" : "(changes dropped)");
		if (op->changes)
			print_path(screen, arena_printf(arena, "%s)", op->changes));
	}
	if (op->flags & MOUNT_NOEXEC && (op->kind == MOUNT_BIND || op->kind == MOUNT_TMPFS ||
					 (op->kind == MOUNT_ATTR && mount_look(op) != LOOK_NOEXEC)))
		screen_word(screen, COLOUR_FAINT, "(noexec)");
	if (op->origin.file)
		screen_printf(screen, COLOUR_FAINT, "(%s)", origin_text(arena, &op->origin));
}

static void explain_makes(struct screen *screen, const struct plan *plan, struct arena *arena)
{
	if (plan->makes.count)
		screen_label(screen, 2, INDENT, COLOUR_WARNING, "made first");
	for (size_t i = 0; i < plan->makes.count; i++) {
		const struct make_op *op = &plan->makes.items[i];

		print_path(screen, op->folder ? arena_printf(arena, "%s/", op->path) : op->path);
		screen_printf(screen, COLOUR_FAINT, "(%s)", origin_text(arena, &op->origin));
	}
}

static void explain_mounts(struct screen *screen, const struct plan *plan, struct arena *arena)
{
	label(screen, "Files");
	screen_printf(screen, COLOUR_NONE, "root %s", root_mode_names[plan->policy->root]);
	explain_makes(screen, plan, arena);
	if (!plan->namespaces) {
		screen_phrase(screen, COLOUR_NONE, "no mounts: what Landlock grants is there");
		return;
	}
	for (enum mount_look look = 0; look < LOOKS; look++) {
		bool any = false;

		if (!is_told(look))
			continue;
		for (size_t i = 0; i < plan->mounts.ops.count; i++) {
			const struct mount_op *op = &plan->mounts.ops.items[i];

			if (mount_look(op) != look)
				continue;
			if (!any)
				screen_label(screen, 2, INDENT,
					     look == LOOK_WRITABLE ? COLOUR_WARNING : COLOUR_NONE,
					     mount_look_names[look]);
			any = true;
			explain_mount(screen, op, arena);
		}
	}
}

static bool is_writable(const struct landlock_rule *rule)
{
	return (rule->rights & FS_WRITE_FILE) && !(rule->rights & FS_IOCTL_DEV);
}

static bool is_device(const struct landlock_rule *rule)
{
	return rule->rights & FS_IOCTL_DEV;
}

/* Of the rule about "/" alone, which leads to all the others, nothing need be said. */
static bool is_readable(const struct landlock_rule *rule)
{
	return (rule->rights & FS_READ_FILE) && !is_writable(rule) && !is_device(rule);
}

static void explain_rules(struct screen *screen, const struct landlock_plan *plan)
{
	static const struct {
		const char *label;
		bool (*is_here)(const struct landlock_rule *rule);
	} kinds[] = {
		{ "read", is_readable },
		{ "write", is_writable },
		{ "devices", is_device },
	};

	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
		bool any = false;

		for (size_t i = 0; i < plan->rules.count; i++) {
			if (!kinds[kind].is_here(&plan->rules.items[i]))
				continue;
			if (!any)
				screen_label(screen, 2, INDENT, COLOUR_NONE, kinds[kind].label);
			any = true;
			print_path(screen, plan->rules.items[i].path);
		}
	}
}

/* The ports of @right from the rule at @index on that follow each other. Returns the last one's. */
static size_t port_run(const struct landlock_plan *plan, size_t index, uint64_t right)
{
	while (index + 1 < plan->ports.count && (plan->ports.items[index + 1].rights & right) &&
	       plan->ports.items[index + 1].port == plan->ports.items[index].port + 1)
		index++;
	return index;
}

static void explain_port_list(struct screen *screen, const struct landlock_plan *plan,
			      uint64_t right)
{
	bool any = false;

	for (size_t i = 0; i < plan->ports.count; i++) {
		unsigned int first = plan->ports.items[i].port;

		if (!(plan->ports.items[i].rights & right))
			continue;
		any = true;
		i = port_run(plan, i, right);
		if (plan->ports.items[i].port == first)
			screen_printf(screen, COLOUR_NONE, "%u", first);
		else
			screen_printf(screen, COLOUR_NONE, "%u-%u", first,
				      plan->ports.items[i].port);
	}
	if (!any)
		screen_word(screen, COLOUR_NONE, "none");
}

static void explain_ports(struct screen *screen, const struct landlock_plan *plan)
{
	for (const struct name *right = landlock_net_names; right->name; right++) {
		if (!((plan->net | plan->net_alone) & right->value))
			continue;
		screen_label(screen, 2, INDENT, COLOUR_NONE, right->name);
		if (plan->net_alone & right->value)
			screen_phrase(screen, COLOUR_NONE,
				      "by nftables alone: too many ports for a rule each");
		else
			explain_port_list(screen, plan, right->value);
	}
}

/* Masks mostly, which are listed with the mounts. */
static void explain_gaps(struct screen *screen, const struct landlock_plan *plan, bool verbose)
{
	if (!plan->gaps.count)
		return;
	screen_label(screen, 2, INDENT, COLOUR_NONE, "by mounts");
	screen_printf(screen, COLOUR_NONE, "alone, within what is granted around them:");
	if (!verbose)
		screen_printf(screen, COLOUR_NONE, "%zu (-v names them)", plan->gaps.count);
	for (size_t i = 0; verbose && i < plan->gaps.count; i++)
		print_path(screen, plan->gaps.items[i].path);
}

static const char *landlock_words(const struct plan *plan)
{
	static const char *const words[] = {
		[LANDLOCK_AUTO] = "auto: under the mounts, as far as the kernel has it",
		[LANDLOCK_REQUIRE] = "require: under the mounts",
		[LANDLOCK_OFF] = "off: mounts alone hold files, and nothing holds signals",
	};

	return plan->namespaces ? words[plan->landlock.mode] : "in the place of mounts";
}

static void explain_landlock(struct screen *screen, const struct plan *plan, bool verbose)
{
	const struct landlock_plan *landlock = &plan->landlock;

	label(screen, "Landlock");
	screen_phrase(screen, landlock->mode == LANDLOCK_OFF ? COLOUR_WARNING : COLOUR_NONE,
		      landlock_words(plan));
	if (landlock->no_files) {
		screen_label(screen, 2, INDENT, COLOUR_NONE, "no files");
		screen_phrase(screen, COLOUR_NONE, landlock->no_files);
	}
	explain_rules(screen, landlock);
	explain_gaps(screen, landlock, verbose);
	explain_ports(screen, landlock);
	if (!landlock->scopes)
		return;
	screen_label(screen, 2, INDENT, COLOUR_NONE, "scopes");
	screen_phrase(screen, COLOUR_NONE, "signals and abstract unix sockets stay in the jail");
}

void explain_program(struct screen *screen, const struct bpf_program *program,
		     const struct bpf_field *fields)
{
	char text[BPF_DISASM_SIZE];

	for (size_t i = 0; i < program->count; i++) {
		const struct sock_filter *insn = &program->insns[i];
		const char *field = bpf_disasm_field(insn, fields);

		screen_label(screen, INDENT, INDENT, COLOUR_NONE, "");
		screen_printf(screen, COLOUR_NONE, field ? "%4zu: %-28s" : "%4zu: %s", i,
			      bpf_disasm(insn, i, text));
		if (field)
			screen_printf(screen, COLOUR_FAINT, "; %s", field);
	}
}

void explain_text(FILE *out, const struct plan *plan, bool verbose)
{
	struct arena arena = { 0 };
	struct screen screen;

	screen_open(&screen, out);
	explain_program_named(&screen, plan);
	explain_identity(&screen, plan, &arena);
	explain_limits(&screen, plan);
	explain_group_limits(&screen, plan->policy);
	explain_process(&screen, plan->policy, &arena);
	explain_environment(&screen, plan->policy, &arena);
	explain_network(&screen, plan);
	explain_published(&screen, plan);
	explain_filter(&screen, plan, &arena);
	explain_mounts(&screen, plan, &arena);
	explain_landlock(&screen, plan, verbose);
	explain_calls(&screen, plan, verbose);
	explain_uring(&screen, plan, verbose);
	screen_end_line(&screen);
	arena_free(&arena);
}
