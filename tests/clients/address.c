// SPDX-License-Identifier: LGPL-2.1-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>
#include "address.h"

/* SIN6_LEN_RFC2133: an IPv6 address without the scope, which the kernel still takes. */
#define SHORT_IN6_LENGTH 24

static bool parse_port(const char *text, in_port_t *port)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || value > 65535)
		return false;
	*port = htons((uint16_t)value);
	return true;
}

static bool parse_inet(const char *text, struct address *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&address->storage;
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN];

	if (!colon || (size_t)(colon - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	in->sin_family = AF_INET;
	address->family = AF_INET;
	address->length = sizeof(*in);
	return inet_pton(AF_INET, host, &in->sin_addr) == 1 && parse_port(colon + 1, &in->sin_port);
}

static bool parse_inet6(const char *text, struct address *address)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address->storage;
	const char *bracket = strchr(text, ']');
	char host[INET6_ADDRSTRLEN];
	size_t length;

	if (!bracket || bracket[1] != ':')
		return false;
	length = (size_t)(bracket - text - 1);
	if (length >= sizeof(host))
		return false;
	memcpy(host, text + 1, length);
	host[length] = '\0';
	in6->sin6_family = AF_INET6;
	address->family = AF_INET6;
	address->length = sizeof(*in6);
	return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1 &&
	       parse_port(bracket + 2, &in6->sin6_port);
}

static bool parse_unix(const char *name, struct address *address)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&address->storage;
	size_t length = strlen(name);

	if (!length || length >= sizeof(un->sun_path))
		return false;
	un->sun_family = AF_UNIX;
	address->family = AF_UNIX;
	memcpy(un->sun_path, name, length);
	address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (*name == '@')
		un->sun_path[0] = '\0';
	else
		address->length++;
	return true;
}

static bool parse_unspec(struct address *address)
{
	address->any.sa_family = AF_UNSPEC;
	address->family = AF_INET;
	address->length = sizeof(struct sockaddr_in);
	return true;
}

static bool has_free_port(const struct address *address)
{
	if (address->any.sa_family == AF_INET)
		return !((const struct sockaddr_in *)&address->storage)->sin_port;
	if (address->any.sa_family == AF_INET6)
		return !((const struct sockaddr_in6 *)&address->storage)->sin6_port;
	return false;
}

static bool parse_option(const char *option, struct address *address)
{
	if (!strcmp(option, "udp"))
		address->type = SOCK_DGRAM;
	else if (!strcmp(option, "own"))
		address->own_listener = true;
	else if (!strcmp(option, "fastopen"))
		address->fast_open = true;
	else if (!strcmp(option, "short") && address->any.sa_family == AF_INET6)
		address->length = SHORT_IN6_LENGTH;
	else
		return false;
	return true;
}

bool address_parse_word(const char *text, struct address *address)
{
	bool good;

	memset(address, 0, sizeof(*address));
	address->type = SOCK_STREAM;
	if (!strcmp(text, "unspec"))
		good = parse_unspec(address);
	else if (!strncmp(text, "unix:", 5))
		good = parse_unix(text + 5, address);
	else if (*text == '[')
		good = parse_inet6(text, address);
	else
		good = parse_inet(text, address);
	address->own_listener = good && has_free_port(address);
	return good;
}

bool address_parse(int argc, char *const *argv, struct address *address)
{
	bool good = address_parse_word(argv[0], address);

	for (int i = 1; good && i < argc; i++)
		good = parse_option(argv[i], address);
	return good;
}

void address_unique(const char *name, struct address *address)
{
	static unsigned int counter;
	char text[64];

	memset(address, 0, sizeof(*address));
	address->type = SOCK_STREAM;
	snprintf(text, sizeof(text), "@try-%s-%d-%u", name, (int)getpid(), counter++);
	parse_unix(text, address);
}
