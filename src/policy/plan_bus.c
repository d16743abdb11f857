// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/mount_planner.h"
#include "policy/plan.h"

/*
 * D-Bus: through a bus a program has others act for it, outside of the jail. So a bus is hidden, or
 * seen through xdg-dbus-proxy, which lets pass what the profile names.
 */

const struct bus_kind bus_kinds[BUSES] = {
	[BUS_USER] = { "dbus-user", "DBUS_SESSION_BUS_ADDRESS", NULL },
	[BUS_SYSTEM] = { "dbus-system", "DBUS_SYSTEM_BUS_ADDRESS", "/run/dbus/system_bus_socket" },
};

/* "%20" and its like, as addresses escape what is not optional in them. */
static const char *unescape(struct arena *arena, const char *text, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	char *plain = arena_strndup(arena, text, length);
	char *end = plain;

	for (size_t i = 0; i < length; i++) {
		const char *high = i + 2 < length ? strchr(digits, text[i + 1] | 0x20) : NULL;
		const char *low = i + 2 < length ? strchr(digits, text[i + 2] | 0x20) : NULL;

		if (text[i] != '%' || !high || !low) {
			*end++ = text[i];
			continue;
		}
		*end++ = (char)((high - digits) * 16 + (low - digits));
		i += 2;
	}
	*end = '\0';
	return plain;
}

/* The value of @key in one address, "unix:path=/run/bus,guid=..."; NULL if it has none. */
static const char *address_value(struct arena *arena, const char *address, size_t length,
				 const char *key)
{
	size_t key_length = strlen(key);
	const char *end = address + length;

	for (const char *at = address + strlen("unix:"); at < end;) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		size_t pair = (size_t)((comma ? comma : end) - at);

		if (pair > key_length && !strncmp(at, key, key_length) && at[key_length] == '=')
			return unescape(arena, at + key_length + 1, pair - key_length - 1);
		at += pair + 1;
	}
	return NULL;
}

static void note_address(struct planner *planner, struct bus_plan *bus, const char *address,
			 size_t length)
{
	const char *path;

	if (length < 5 || strncmp(address, "unix:", 5) != 0)
		return;
	path = address_value(planner->arena, address, length, "path");
	if (path && *path == '/')
		*array_push(planner->arena, &bus->sockets) = path;
	if (address_value(planner->arena, address, length, "abstract"))
		bus->abstract = true;
}

/* Where the bus is outside, by its variable and by its usual name. */
static void find_bus(struct planner *planner, const struct bus_kind *kind, struct bus_plan *bus)
{
	const char *usual = kind->socket
				    ? kind->socket
				    : arena_printf(planner->arena, "%s/bus", planner->run_user);
	const char *address = planner_environment(planner, kind->variable);
	struct stat st;

	bus->address = address && *address ? address : NULL;
	for (const char *at = bus->address ? bus->address : ""; *at;) {
		size_t length = strcspn(at, ";");

		note_address(planner, bus, at, length);
		at += length + (at[length] == ';');
	}
	*array_push(planner->arena, &bus->sockets) = usual;
	bus->target = usual;
	if (!bus->address && stat(usual, &st) == 0 && S_ISSOCK(st.st_mode))
		bus->address = arena_printf(planner->arena, "unix:path=%s", usual);
}

static int refuse(struct planner *planner, const struct bus_kind *kind,
		  const struct bus_policy *policy, const char *why, const char *hint,
		  struct error *err)
{
	static const char *const modes[] = { "", "none", "filter", "allow" };

	error_set(err, EINVAL, "%s %s (%s): %s", kind->name, modes[policy->mode],
		  origin_text(planner->arena, &policy->origin), why);
	error_hint(err, "%s", hint);
	return -EINVAL;
}

static int check_bus(struct planner *planner, const struct bus_kind *kind,
		     const struct bus_policy *policy, const struct bus_plan *bus, struct error *err)
{
	if (policy->rules.count && policy->mode != BUS_FILTER) {
		const struct bus_rule *rule = &policy->rules.items[0];

		error_set(err, EINVAL, "%s: %s.%s needs %s filter",
			  origin_text(planner->arena, &rule->origin), kind->name, rule->right,
			  kind->name);
		error_hint(err, "without a filter nothing or everything passes");
		return -EINVAL;
	}
	if ((policy->mode == BUS_FILTER || policy->mode == BUS_ALLOW) && !bus->address)
		return refuse(planner, kind, policy, "there is no bus",
			      "its address is in a variable, or its socket has its usual name; "
			      "dbus-run-session starts one",
			      err);
	/* Landlock alone holds abstract sockets in the host's network. */
	if ((policy->mode == BUS_NONE || policy->mode == BUS_FILTER) && bus->abstract &&
	    planner->policy->net == NET_HOST && planner->policy->landlock == LANDLOCK_OFF)
		return refuse(planner, kind, policy,
			      "the bus has an abstract socket, which net host shows",
			      "take out \"landlock off\" or \"net host\"", err);
	return 0;
}

/* The bus as it is, or a socket of the proxy's in its place. */
static int put_socket(struct planner *planner, const struct bus_kind *kind,
		      const struct bus_policy *policy, struct bus_plan *bus, struct error *err)
{
	struct path_resolved resolved;
	struct mount_op op = { .kind = MOUNT_BUS, .mode = S_IFSOCK, .source = kind->name };
	struct mount_node *node;

	if (path_resolve(planner->arena, bus->sockets.items[0], &resolved) < 0)
		resolved.exists = false;
	if (policy->mode == BUS_ALLOW) {
		if (!resolved.exists || !S_ISSOCK(resolved.mode))
			return refuse(planner, kind, policy, "the bus has no socket file",
				      "\"filter\" connects to any", err);
		op = (struct mount_op){ .kind = MOUNT_BIND,
					.mode = S_IFSOCK,
					.source = resolved.path };
		bus->target = resolved.path;
	} else if (planner->policy->root == ROOT_HOST && resolved.exists) {
		/* Where there is something to mount on. */
		bus->target = resolved.path;
	}
	node = mount_tree_at(&planner->tree, bus->target);
	if (node->object_by == SAID_BY_RULE)
		return refuse(planner, kind, policy,
			      arena_printf(planner->arena, "%s shows the bus itself",
					   origin_text(planner->arena, &node->object.origin)),
			      "remove one of the two", err);
	op.target = node->path;
	op.origin = policy->origin;
	node->object = op;
	node->object_by = SAID_BY_RULE;
	node->masked_by = SAID_NOWHERE;
	return 0;
}

static void plan_proxy(struct planner *planner, const struct bus_policy *policy,
		       struct bus_plan *bus)
{
	ARRAY(const char *) words = { 0 };

	*array_push(planner->arena, &words) = "--filter";
	for (size_t i = 0; i < policy->rules.count; i++)
		*array_push(planner->arena, &words) =
			arena_printf(planner->arena, "--%s=%s", policy->rules.items[i].right,
				     policy->rules.items[i].name);
	*array_push(planner->arena, &words) = NULL;
	bus->proxy = words.items;
}

static int plan_bus(struct planner *planner, enum bus_number number, struct bus_plan *bus,
		    struct error *err)
{
	const struct bus_kind *kind = &bus_kinds[number];
	const struct bus_policy *policy = &planner->policy->buses[number];
	bool shown = false;
	int r;

	find_bus(planner, kind, bus);
	r = check_bus(planner, kind, policy, bus, err);
	/* The host's tree shows the system's bus to who may use it, unless something is said. */
	if (r < 0 || policy->mode == BUS_ALLOW || (policy->mode == BUS_UNSAID && kind->socket))
		return r < 0 || policy->mode == BUS_UNSAID
			       ? r
			       : put_socket(planner, kind, policy, bus, err);
	for (size_t i = 0; r == 0 && i < bus->sockets.count; i++)
		r = planner_hide_socket(planner, bus->sockets.items[i], kind->name, policy, &shown,
					err);
	bus->hidden = !shown;
	if (r == 0 && policy->mode == BUS_FILTER) {
		plan_proxy(planner, policy, bus);
		r = put_socket(planner, kind, policy, bus, err);
	}
	return r;
}

int planner_put_buses(struct planner *planner, struct bus_plan buses[BUSES], struct error *err)
{
	int r = 0;

	for (enum bus_number number = 0; r == 0 && number < BUSES; number++)
		r = plan_bus(planner, number, &buses[number], err);
	return r;
}
