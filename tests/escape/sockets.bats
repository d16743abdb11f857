#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sockets outside: abstract and in folders, of X and D-Bus servers and whoever else listens, and those
# of the machine's own loopback; and families that a jail has no use for.

load escape

socket_outcomes() {
	outcomes <<-'TABLE'
		abstract            ECONNREFUSED
		abstract-datagram   ECONNREFUSED
		x11-abstract        ECONNREFUSED
		path                ENOENT
		path-self-root      ENOENT
		path-planted        ENOENT
		path-datagram       ENOENT
		path-bind           ENOENT
		loopback            ECONNREFUSED    EAFNOSUPPORT/EACCES
		loopback-other      ECONNREFUSED    EAFNOSUPPORT/EACCES
		loopback-any        ECONNREFUSED    EAFNOSUPPORT/EACCES
		loopback6           ECONNREFUSED    EAFNOSUPPORT/EACCES
		loopback-mapped     ECONNREFUSED    EAFNOSUPPORT/EACCES
		loopback-datagram   ECONNREFUSED    EAFNOSUPPORT/EACCES
		loopback6-datagram  ECONNREFUSED    EAFNOSUPPORT/EACCES
		interfaces          ENODATA         EAFNOSUPPORT/EACCES
	TABLE
}

# Is there more than loopback to be seen?
has_interfaces() {
	[ "$(tail -n +3 /proc/net/dev | wc -l)" -gt 1 ]
}

@test "outside of a jail, each attempt on a socket gets what it is after" {
	servers
	run "$CLIENTS/escape" sockets
	if has_interfaces; then
		works
	else
		works interfaces
	fi
}

@test "default profile: no socket outside is reached" {
	servers
	in_default -- sockets
	socket_outcomes
	unchanged $'datagram\nsecret\nsocket'
}

@test "strictest profile: no socket outside is reached" {
	servers
	in_strict -- sockets
	socket_outcomes
	unchanged $'datagram\nsecret\nsocket'
}

@test "with the host's network, abstract sockets outside are not reached" {
	"$JAIL" --check | grep -q '^yes *signal-scope' || skip 'Landlock ABI 6 is missing'
	servers
	in_default --net=host -- sockets abstract abstract-datagram x11-abstract path loopback
	outcomes <<-'TABLE'
		abstract            EPERM
		abstract-datagram   EPERM
		x11-abstract        EPERM
		path                ENOENT
		loopback            ok
	TABLE
}

family_outcomes() {
	outcomes <<-'TABLE'
		raw                 EPERM           EAFNOSUPPORT/EACCES
		raw6                EPERM           EAFNOSUPPORT/EACCES
		packet              EAFNOSUPPORT/EACCES
		packet-by-inet      EAFNOSUPPORT/EACCES
		vsock               EAFNOSUPPORT/EACCES
		alg                 EAFNOSUPPORT/EACCES
		xdp                 EAFNOSUPPORT/EACCES
	TABLE
}

@test "outside of a jail, sockets of these families are there to be had" {
	run "$CLIENTS/escape" families
	if [ "$(id -u)" = 0 ]; then
		# Kernels without them are kernels without them.
		works vsock alg xdp
	else
		[[ $output == *'packet call: EPERM'* ]]
	fi
}

@test "no raw packets, virtual machines' sockets and kernel cryptography" {
	in_default -- families
	family_outcomes
	in_strict -- families
	family_outcomes
}
