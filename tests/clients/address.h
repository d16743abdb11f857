// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Socket addresses as the tests write them.
 */
#ifndef TESTS_CLIENTS_ADDRESS_H
#define TESTS_CLIENTS_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
	};
	socklen_t length;
	int family; /* of the socket, which may differ from that of the address */
	int type;
	bool own_listener; /* make a listener there first */
	bool fast_open;
};

/*
 * Reads ADDRESS and OPTIONs from @argc words, ADDRESS being one of
 *   1.2.3.4:PORT  [1:2::3]:PORT  unix:PATH  unix:@ABSTRACT  unspec
 * and OPTIONs: udp (a datagram socket), short (an IPv6 address of 24 bytes), own (make a listener
 * there first; a PORT of 0 asks for one too, on a free port), fastopen (TCP Fast Open).
 * Returns whether that made sense.
 */
bool address_parse(int argc, char *const *argv, struct address *address);

/* The same for a single word. */
bool address_parse_word(const char *text, struct address *address);

/* An abstract unix address that no other process uses; @name tells several of them apart. */
void address_unique(const char *name, struct address *address);

#endif
