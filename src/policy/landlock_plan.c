// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/landlock_plan.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/path_resolve.h"
#include "policy/plan.h"

const struct name landlock_fs_names[] = {
	{ "execute", FS_EXECUTE },	     { "write_file", FS_WRITE_FILE },
	{ "read_file", FS_READ_FILE },	     { "read_dir", FS_READ_DIR },
	{ "remove_dir", FS_REMOVE_DIR },     { "remove_file", FS_REMOVE_FILE },
	{ "make_char", FS_MAKE_CHAR },	     { "make_dir", FS_MAKE_DIR },
	{ "make_reg", FS_MAKE_REG },	     { "make_sock", FS_MAKE_SOCK },
	{ "make_fifo", FS_MAKE_FIFO },	     { "make_block", FS_MAKE_BLOCK },
	{ "make_sym", FS_MAKE_SYM },	     { "refer", FS_REFER },
	{ "truncate", FS_TRUNCATE },	     { "ioctl_dev", FS_IOCTL_DEV },
	{ "resolve_unix", FS_RESOLVE_UNIX }, { NULL, 0 },
};

const struct name landlock_net_names[] = {
	{ "bind_tcp", NET_BIND_TCP },
	{ "connect_tcp", NET_CONNECT_TCP },
	{ "bind_udp", NET_BIND_UDP },
	{ "connect_send_udp", NET_CONNECT_SEND_UDP },
	{ NULL, 0 },
};

const struct name landlock_scope_names[] = {
	{ "abstract_unix", SCOPE_ABSTRACT_UNIX },
	{ "signals", SCOPE_SIGNALS },
	{ NULL, 0 },
};

/* What each ABI brought. */
static const struct {
	int abi;
	uint64_t fs;
	uint64_t net;
	uint64_t scopes;
} news[] = {
	{ 1, FS_REFER - 1, 0, 0 },    { 2, FS_REFER, 0, 0 },
	{ 3, FS_TRUNCATE, 0, 0 },     { 4, 0, NET_BIND_TCP | NET_CONNECT_TCP, 0 },
	{ 5, FS_IOCTL_DEV, 0, 0 },    { 6, 0, 0, SCOPE_ABSTRACT_UNIX | SCOPE_SIGNALS },
	{ 9, FS_RESOLVE_UNIX, 0, 0 }, { 10, 0, NET_BIND_UDP | NET_CONNECT_SEND_UDP, 0 },
};

#define NEWS (sizeof(news) / sizeof(news[0]))

int landlock_abi_of(uint64_t fs, uint64_t net, uint64_t scopes)
{
	int abi = 0;

	for (size_t i = 0; i < NEWS; i++)
		if ((fs & news[i].fs) || (net & news[i].net) || (scopes & news[i].scopes))
			abi = news[i].abi;
	return abi;
}

uint64_t landlock_known_fs(uint64_t fs, int abi)
{
	uint64_t known = 0;

	/* ABI 1 denies every rename to another folder, and has no right that would allow it. */
	for (size_t i = 0; abi > 1 && i < NEWS && news[i].abi <= abi; i++)
		known |= fs & news[i].fs;
	return known;
}

uint64_t landlock_known_net(uint64_t net, int abi)
{
	uint64_t known = 0;

	for (size_t i = 0; i < NEWS && news[i].abi <= abi; i++)
		known |= net & news[i].net;
	return known;
}

uint64_t landlock_known_scopes(uint64_t scopes, int abi)
{
	uint64_t known = 0;

	for (size_t i = 0; i < NEWS && news[i].abi <= abi; i++)
		known |= scopes & news[i].scopes;
	return known;
}

void landlock_plan_ports(struct landlock_plan *plan, struct arena *arena, uint64_t rights,
			 const uint16_t *ports, size_t count)
{
	if (plan->mode == LANDLOCK_OFF)
		return;
	plan->net |= rights;
	for (size_t i = 0; i < count; i++)
		*array_push(arena, &plan->ports) =
			(struct landlock_port){ .port = ports[i], .rights = rights };
}

/* --- files --- */

/* Sockets that are shown can be connected to, on read-only mounts as well. */
#define READ (FS_READ_FILE | FS_READ_DIR | FS_RESOLVE_UNIX)
/* On read-only mounts too, devices can be written to. */
#define DEVICES (FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define WRITE (FS_ALL & ~(FS_EXECUTE | FS_IOCTL_DEV))

static uint64_t rights_of(const struct mount_op *op, bool writable)
{
	uint64_t rights = READ;

	/* There is nothing in it but what is mounted there. */
	if (op->kind == MOUNT_TMPFS && !writable)
		return FS_READ_DIR;
	/* Its files cannot be made, removed or executed. */
	if (op->kind == MOUNT_PROC)
		return READ | FS_WRITE_FILE | FS_TRUNCATE;
	if (writable)
		rights |= WRITE;
	if (op->flags & MOUNT_DEVICES)
		rights |= DEVICES;
	if (!(op->flags & MOUNT_NOEXEC))
		rights |= FS_EXECUTE;
	/* A device node needs no more. */
	if (op->kind == MOUNT_BIND && (S_ISCHR(op->mode) || S_ISBLK(op->mode)))
		rights &= DEVICES;
	return rights;
}

/* A tmpfs that is filled before it is made read-only has a step at the end for that. */
static bool is_sealed_later(const struct mount_plan *mounts, size_t index)
{
	const struct mount_op *tmpfs = &mounts->ops.items[index];

	if (tmpfs->kind != MOUNT_TMPFS)
		return false;
	for (size_t i = index + 1; i < mounts->ops.count; i++) {
		const struct mount_op *op = &mounts->ops.items[i];

		if (op->kind == MOUNT_ATTR && (op->flags & MOUNT_ONE_LEVEL) &&
		    (op->flags & MOUNT_READ_ONLY) && !strcmp(op->target, tmpfs->target))
			return true;
	}
	return false;
}

/* What the rules so far grant at @path. Of a tree's steps, the outer ones come first. */
static uint64_t granted_at(const struct landlock_plan *plan, const char *path)
{
	uint64_t granted = 0;

	for (size_t i = 0; i < plan->rules.count; i++)
		if (path_is_at_or_below(path, plan->rules.items[i].path))
			granted |= plan->rules.items[i].rights;
	return granted;
}

static void put_gap(struct landlock_plan *plan, struct arena *arena, const struct mount_op *op)
{
	*array_push(arena, &plan->gaps) = (struct landlock_gap){ op->target, op->origin };
}

/* Says that all of @rights, and at best nothing else, is to be granted from @op's target on. */
static void put_rights(struct landlock_plan *plan, struct arena *arena, const struct mount_op *op,
		       uint64_t rights)
{
	uint64_t granted = granted_at(plan, op->target);

	/* To read is no more than to list: what is not shown has no name. */
	if (granted & ~(rights | READ))
		put_gap(plan, arena, op);
	/* mq_open(3) goes by no path: for it, what is around /dev/mqueue does not count. */
	if ((rights & ~granted) || op->kind == MOUNT_MQUEUE)
		*array_push(arena, &plan->rules) = (struct landlock_rule){
			.path = op->target,
			.rights = rights,
			.optional = (op->flags & MOUNT_OPTIONAL) != 0,
			.origin = op->origin,
		};
}

static void put_attributes(struct landlock_plan *plan, struct arena *arena,
			   const struct mount_op *op)
{
	uint64_t granted = granted_at(plan, op->target);
	uint64_t rights = granted;

	/* With ONE_LEVEL, it was seen by the tmpfs that it seals. */
	if (op->flags & MOUNT_ONE_LEVEL)
		return;
	if (op->flags & MOUNT_READ_ONLY)
		rights &= ~(WRITE & ~READ);
	if (op->flags & MOUNT_READ_WRITE)
		rights |= WRITE;
	if (op->flags & MOUNT_NOEXEC)
		rights &= ~FS_EXECUTE;
	if (rights != granted)
		put_rights(plan, arena, op, rights);
}

static void put_step(struct landlock_plan *plan, struct arena *arena,
		     const struct mount_plan *mounts, size_t index)
{
	const struct mount_op *op = &mounts->ops.items[index];
	bool writable = !(op->flags & MOUNT_READ_ONLY) && !is_sealed_later(mounts, index);

	switch (op->kind) {
	case MOUNT_DIR:
	case MOUNT_SYMLINK:
		break; /* within what is around it */
	case MOUNT_MASK:
		put_gap(plan, arena, op);
		break;
	case MOUNT_ATTR:
		put_attributes(plan, arena, op);
		break;
	default:
		put_rights(plan, arena, op, rights_of(op, writable));
		break;
	}
}

/*
 * Without mounts the host's own tree is what the program sees, and what is not granted is not
 * there: no private folders, no terminals but its own, no /proc but what tells of the system.
 */
static void put_proc_files(struct landlock_plan *plan, struct arena *arena)
{
	static const char *const files[] = {
		"/proc/cpuinfo", "/proc/filesystems", "/proc/loadavg", "/proc/meminfo",
		"/proc/stat",	 "/proc/sys",	      "/proc/uptime",  "/proc/version",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		*array_push(arena, &plan->rules) = (struct landlock_rule){
			.path = files[i],
			.rights = FS_READ_FILE | FS_READ_DIR,
			.optional = true,
		};
}

static void put_without_mounts(struct landlock_plan *plan, struct arena *arena,
			       const struct mount_op *op)
{
	uint64_t granted = granted_at(plan, op->target);

	switch (op->kind) {
	case MOUNT_PROC:
		put_proc_files(plan, arena);
		break;
	case MOUNT_BIND:
		/* The terminal has another name here, and goes by its descriptor. */
		if (!strcmp(op->source, op->target))
			put_rights(plan, arena, op, rights_of(op, !(op->flags & MOUNT_READ_ONLY)));
		break;
	case MOUNT_MASK:
		if (granted)
			put_gap(plan, arena, op);
		break;
	case MOUNT_ATTR:
		put_attributes(plan, arena, op);
		/* What is to stay in its place would be moved. */
		if (!(op->flags & (MOUNT_READ_ONLY | MOUNT_READ_WRITE)) &&
		    (granted & FS_REMOVE_DIR))
			put_gap(plan, arena, op);
		break;
	case MOUNT_TMPFS:
		/* An empty folder, inside of what is shown. */
		if (granted)
			put_gap(plan, arena, op);
		break;
	default:
		break;
	}
}

/* A tree that is writable from the root on can be held by no rule. */
static const char *why_no_files(const struct plan *plan)
{
	const struct mount_plan *mounts = &plan->mounts;

	if (plan->gate.namespaces)
		return "the program may make namespaces, and Landlock would forbid it to mount";
	if (plan->caps & (UINT64_C(1) << CAP_SYS_ADMIN))
		return "the program has CAP_SYS_ADMIN, and Landlock would forbid it to mount";
	for (size_t i = 0; i < mounts->ops.count; i++)
		if (mounts->ops.items[i].kind == MOUNT_BIND &&
		    !(mounts->ops.items[i].flags & MOUNT_READ_ONLY) &&
		    !strcmp(mounts->ops.items[i].target, "/"))
			return "all is writable from the root on, and Landlock cannot take back "
			       "what it grants further up";
	return NULL;
}

static void plan_files(struct plan *plan)
{
	static const struct mount_op root = { .target = "/" };
	struct landlock_plan *landlock = &plan->landlock;
	bool mounts = plan->namespaces & CLONE_NEWNS;

	landlock->no_files = why_no_files(plan);
	if (landlock->no_files)
		return;
	landlock->fs = FS_ALL;
	/* The folders that lead to what is shown are the launcher's, and read-only. */
	if (mounts)
		put_rights(landlock, &plan->arena, &root, FS_READ_DIR);
	for (size_t i = 0; i < plan->mounts.ops.count; i++)
		if (mounts)
			put_step(landlock, &plan->arena, &plan->mounts, i);
		else
			put_without_mounts(landlock, &plan->arena, &plan->mounts.ops.items[i]);
}

/*
 * The ports of net.connect or net.listen, whose addresses nftables holds. A list of every port has
 * nothing to be held to.
 */
static void plan_port_list(struct plan *plan, uint64_t rights, const struct port_set *set,
			   bool any_free)
{
	static const unsigned int all = UINT16_MAX + 1;
	bool *listed = arena_alloc(&plan->arena, all * sizeof(*listed));
	uint16_t ports[LANDLOCK_PORTS];
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		for (unsigned int port = set->items[i].low; port <= set->items[i].high; port++)
			listed[port] = true;
	listed[0] = listed[0] || any_free;
	for (unsigned int port = 0; port < all; port++) {
		if (!listed[port])
			continue;
		if (count == LANDLOCK_PORTS) {
			plan->landlock.net_alone |= rights;
			return;
		}
		ports[count++] = (uint16_t)port;
	}
	landlock_plan_ports(&plan->landlock, &plan->arena, rights, ports, count);
}

/*
 * A second wall beside nftables, which sees no more than packets. Datagrams are sent without it:
 * an answer goes to any port, and Landlock knows no answers. For the same reason a client may
 * bind to whatever port is free (0), where nothing but answers arrives.
 */
static void plan_ports(struct plan *plan)
{
	if (plan->net.holds_connect)
		plan_port_list(plan, NET_CONNECT_TCP, &plan->net.connect_ports, false);
	if (plan->net.holds_listen)
		plan_port_list(plan, NET_BIND_TCP | NET_BIND_UDP, &plan->net.listen_ports, true);
}

int plan_landlock(struct plan *plan, struct error *err)
{
	struct landlock_plan *landlock = &plan->landlock;
	const struct policy *policy = plan->policy;

	landlock->mode = policy->landlock;
	if (landlock->mode == LANDLOCK_OFF)
		return 0;
	landlock->scopes = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNALS;
	plan_files(plan);
	if (!plan->namespaces && policy->net == NET_NONE)
		landlock_plan_ports(landlock, &plan->arena,
				    NET_BIND_TCP | NET_CONNECT_TCP | NET_BIND_UDP |
					    NET_CONNECT_SEND_UDP,
				    NULL, 0);
	plan_ports(plan);
	/* Sockets that mounts do not show have no name in the jail. */
	landlock->needs_abi =
		landlock_abi_of(landlock->fs & ~FS_RESOLVE_UNIX, landlock->net, landlock->scopes);
	if (landlock->mode != LANDLOCK_REQUIRE || !landlock->no_files)
		return 0;
	error_set(err, EINVAL, "landlock require (%s): there can be no file rules: %s",
		  origin_text(&plan->arena, &policy->landlock_origin), landlock->no_files);
	error_hint(err, "\"landlock auto\" does without them");
	return -EINVAL;
}
