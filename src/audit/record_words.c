// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/record_words.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "policy/names.h"

#define TYPE_MASK 0xf /* the rest of a socket's type is SOCK_CLOEXEC and its like */

const char *const audit_gate_names[] = {
	[AUDIT_BY_RING] = "io_uring",
	[AUDIT_BY_CALL] = "syscall",
};

const char *const audit_cause_names[] = {
	[AUDIT_POLICY] = "policy",
	[AUDIT_PERMISSION] = "permission",
	[AUDIT_UNKNOWN] = "unknown",
};

const char *const audit_certainty_names[] = {
	[AUDIT_CONFIRMED] = "confirmed",
	[AUDIT_PREDICTED] = "predicted",
	[AUDIT_UNMATCHED] = "unmatched",
};

void audit_time(const struct timespec *time, char text[static AUDIT_TIME_SIZE])
{
	struct tm utc = { 0 };
	size_t length;

	gmtime_r(&time->tv_sec, &utc);
	length = strftime(text, AUDIT_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + length, AUDIT_TIME_SIZE - length, ".%09ldZ", time->tv_nsec);
}

const char *audit_error_name(struct arena *arena, int error)
{
	const char *name = strerrorname_np(error);

	if (!error)
		return "killed";
	return name ? name : arena_printf(arena, "error %d", error);
}

const char *audit_operation(struct arena *arena, const struct audit_record *record)
{
	if (record->name)
		return record->name;
	return arena_printf(arena, record->gate == AUDIT_BY_RING ? "operation_%u" : "call_%u",
			    record->number);
}

/* PREFIX and the number's name in capitals, else the number. */
static const char *capitals(struct arena *arena, const char *prefix, const struct name *table,
			    int number)
{
	const char *name = number < 0 ? NULL : name_of(table, (uint64_t)number);
	char *text;

	if (!name)
		return arena_printf(arena, "%d", number);
	text = arena_printf(arena, "%s%s", prefix, name);
	for (char *c = text; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return text;
}

const char *audit_family(struct arena *arena, int family)
{
	return family == AF_UNSPEC ? "AF_UNSPEC" : capitals(arena, "AF_", family_names, family);
}

const char *audit_socket_type(struct arena *arena, int type)
{
	return capitals(arena, "SOCK_", socket_type_names, type & TYPE_MASK);
}

uint64_t audit_socket_flags(int type)
{
	return (unsigned int)type & ~(unsigned int)TYPE_MASK;
}

const char *audit_protocol(struct arena *arena, const struct audit_arguments *arguments)
{
	bool internet = arguments->family == AF_INET || arguments->family == AF_INET6;

	/* 0 is no protocol by itself, but whichever goes with the type. */
	if (!internet || !arguments->protocol)
		return arena_printf(arena, "%d", arguments->protocol);
	return capitals(arena, "IPPROTO_", protocol_names, arguments->protocol);
}

/* A path or, behind a NUL, an abstract name; NULs in that are shown as '@' too. */
static const char *unix_name(struct arena *arena, const struct audit_arguments *arguments)
{
	const struct sockaddr_un *address = (const struct sockaddr_un *)&arguments->address;
	size_t before = offsetof(struct sockaddr_un, sun_path);
	size_t length;
	char *name;

	if (arguments->address_length <= before)
		return NULL;
	length = arguments->address_length - before;
	if (length > sizeof(address->sun_path))
		length = sizeof(address->sun_path);
	if (*address->sun_path)
		return arena_strndup(arena, address->sun_path, strnlen(address->sun_path, length));
	name = arena_strndup(arena, address->sun_path, length);
	for (size_t i = 0; i < length; i++)
		if (!name[i])
			name[i] = '@';
	return name;
}

const char *audit_address(struct arena *arena, const struct audit_arguments *arguments)
{
	const struct sockaddr_in *inet = (const struct sockaddr_in *)&arguments->address;
	const struct sockaddr_in6 *inet6 = (const struct sockaddr_in6 *)&arguments->address;
	char text[INET6_ADDRSTRLEN];

	switch (arguments->address.ss_family) {
	case AF_UNIX:
		return unix_name(arena, arguments);
	case AF_INET:
		inet_ntop(AF_INET, &inet->sin_addr, text, sizeof(text));
		return arena_strdup(arena, text);
	case AF_INET6:
		inet_ntop(AF_INET6, &inet6->sin6_addr, text, sizeof(text));
		return arena_strdup(arena, text);
	default:
		return NULL;
	}
}

int audit_port(const struct audit_arguments *arguments)
{
	const struct sockaddr_in *inet = (const struct sockaddr_in *)&arguments->address;
	const struct sockaddr_in6 *inet6 = (const struct sockaddr_in6 *)&arguments->address;

	switch (arguments->address.ss_family) {
	case AF_INET:
		return ntohs(inet->sin_port);
	case AF_INET6:
		return ntohs(inet6->sin6_port);
	default:
		return -1;
	}
}
