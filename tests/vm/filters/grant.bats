#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# uring.grant, on kernels whose filters can be trusted: what the ring may do beyond the system
# call, and that nothing else goes there.

load ../../cli/common

GRANT=(--uring.grant='connect 127.0.0.1:5432,[::1]:5432')

# all_end_with TEXT: every line of the output does, and there is one.
all_end_with() {
	local line
	[ "${#lines[@]}" -gt 0 ]
	for line in "${lines[@]}"; do
		[[ $line == *"$1" || $line == *"$1 ("* ]] || return 1
	done
}

needs_addresses() {
	[ "$VM_SERIES" != 7.1 ] || skip 'this kernel shows no addresses to filters'
}

# everywhere OP [OPTION...]: the words for OP to each address but the listed one of TCP.
everywhere() {
	local address
	for address in 127.0.0.1:5433 127.0.0.2:5432 0.0.0.0:5432 255.255.255.255:5432 \
		'[::ffff:127.0.0.1]:5432' '[::1]:5433' '[::2]:5432' '[::]:5432' \
		'[::1]:5433 short' '[::ffff:127.0.0.1]:5432 short' unspec unix:@name unix:/dev/log; do
		printf '%s %s %s -- ' "$1" "$address" "${*:2}"
	done
}

# words LIST: as an array, less the "--" at its end.
words() {
	read -ra list <<<"$1"
	unset 'list[-1]'
}

@test "the listed addresses are reached through the ring, by TCP and UDP" {
	local mode
	needs_addresses
	try "${GRANT[@]}" -- ring connect 127.0.0.1:5432 own -- ring connect '[::1]:5432' own -- \
		ring connect 127.0.0.1:5432 udp own
	[ "${#lines[@]}" = 3 ]
	all_end_with ': ok'
	for mode in thread fork exec hole sqpoll async slot; do
		try "${GRANT[@]}" -- -m "$mode" ring connect 127.0.0.1:5432 own
		[ "$output" = 'ring connect 127.0.0.1:5432 own: ok' ]
	done
}

@test "what is connected carries data both ways" {
	try "${GRANT[@]}" -- call send -- ring write -- ring writev -- call recv -- ring recv
	[ "${#lines[@]}" = 5 ]
	all_end_with ': ok'
}

@test "no other address is reached through the ring" {
	local mode
	words "$(everywhere 'ring connect')$(everywhere 'ring connect' udp | sed 's/unspec udp/unspec/')"
	try "${GRANT[@]}" -- "${list[@]}"
	[ "${#lines[@]}" = 26 ]
	all_end_with ': EACCES'
	for mode in thread fork keep exec hole hole-unused sqpoll disabled async registered; do
		try "${GRANT[@]}" -- -m "$mode" ring connect 127.0.0.1:5433 -- ring connect unspec -- \
			ring connect 127.0.0.2:5432 udp
		[ "${#lines[@]}" = 3 ]
		all_end_with ': EACCES'
	done
}

@test "no system call takes an address, not even a listed one" {
	local op mode all=''
	for op in connect sendto sendmsgto fastopen fastopenmsg; do
		all+="call $op 127.0.0.1:5432 own -- $(everywhere "call $op")"
	done
	words "$all"
	try "${GRANT[@]}" -- "${list[@]}" -- call connect 127.0.0.1:5432 udp own -- call connect -- \
		call sendmsg -- call send_fd
	[ "${#lines[@]}" = $((5 * 14 + 4)) ]
	all_end_with ': EPERM'
	for mode in thread fork exec hole; do
		try "${GRANT[@]}" -- -m "$mode" call connect 127.0.0.1:5432 own -- \
			call sendto 127.0.0.1:5433 -- call fastopen 127.0.0.1:5433 -- call sendmsg
		[ "${#lines[@]}" = 4 ]
		all_end_with ': EPERM'
	done
}

@test "nothing sends past the wall through the ring, not even by name" {
	local op
	local -a more=()
	for op in send sendmsg send_zc sendmsg_zc; do
		more+=(-- ring "$op" -- ring "$op" 127.0.0.1:5432 own -- ring "$op" 127.0.0.1:5433
			-- ring "$op" 127.0.0.1:5433 fastopen)
	done
	more+=(-- ring fastopen 127.0.0.1:5432 own -- ring fastopenmsg 127.0.0.1:5432 own -- ring send_fd)
	try "${GRANT[@]}" -- "${more[@]:1}"
	[ "${#lines[@]}" = 19 ]
	all_end_with ': EACCES'
	try "${GRANT[@]}" '--uring.allow=@default,send,sendmsg,send_zc,sendmsg_zc' \
		'--seccomp=!sendto,!sendmsg,!sendmmsg,!connect' -- "${more[@]:1}" -- \
		ring connect 127.0.0.1:5433
	[ "${#lines[@]}" = 20 ]
	all_end_with ': EACCES'
}

# shellcheck disable=SC2030 # each test runs in a subshell
@test "sockets that need no address cannot be made, by system call or ring" {
	local gate how line all
	for gate in call ring; do
		all=''
		for how in inet,seqpacket inet6,seqpacket inet,stream,132 inet6,stream,132 \
			inet,stream,cloexec,132 inet,seqpacket,nonblock,132 inet,stream,262 inet,stream,256 \
			inet,raw,1 inet,raw,255 inet,dgram,1 inet,dgram,115 inet,10 packet,raw packet,dgram \
			vsock xdp,raw alg,seqpacket can,raw,1 bluetooth 30 43 21; do
			all+="$gate socket $how -- "
		done
		words "$all"
		try "${GRANT[@]}" -- "${list[@]}"
		[ "${#lines[@]}" = 23 ]
		for line in "${lines[@]}"; do
			[[ $gate == ring && $line == *': EACCES' || $line == *': EPROTONOSUPPORT' ||
				$line == *': EAFNOSUPPORT' ]]
		done
		try "${GRANT[@]}" -- $gate socket inet -- $gate socket inet6,stream,cloexec,6 -- \
			$gate socket inet,dgram -- $gate socket inet6,dgram,nonblock,17 -- \
			$gate socket unix,seqpacket -- $gate socket netlink,raw
		[ "${#lines[@]}" = 6 ]
		all_end_with ': ok'
	done
}

# shellcheck disable=SC2031
# python OPTION... -- CODE: runs the code in the jail; it prints what came of each attempt.
python() {
	local -a options arguments
	split "$@"
	run "$JAIL" --quiet "${options[@]}" python3 -c 'import socket, struct
def attempt(name, call):
    try:
        print(name, call() or "ok")
    except OSError as error:
        print(name, error.strerror)
'"${arguments[0]}"
	echo "status $status: $output"
}

@test "SCTP connects by an option, and there is no socket for that" {
	local code='
listed = struct.pack("=HHI8x", socket.AF_INET, socket.htons(5433), socket.htonl(0x7f000001))
def connectx(kind):
    peer = socket.socket(socket.AF_INET, kind, 132)
    peer.setblocking(False)
    peer.setsockopt(132, 110, listed)
attempt("stream", lambda: connectx(socket.SOCK_STREAM))
attempt("seqpacket", lambda: connectx(socket.SOCK_SEQPACKET))'
	[ "$VM_USER" != root ] || modprobe -q sctp || skip 'there is no module for SCTP'
	python --protocol=inet -- "$code"
	[ "${lines[0]}" != 'stream Protocol not supported' ] || skip 'there is no SCTP'
	[ "${lines[0]}" = 'stream Operation now in progress' ]
	[ "${lines[1]}" = 'seqpacket Operation now in progress' ]
	python "${GRANT[@]}" -- "$code"
	[ "${lines[0]}" = 'stream Protocol not supported' ]
	[ "${lines[1]}" = 'seqpacket Protocol not supported' ]
}

# An ordinary user may set IPv6's; IPv4's need CAP_NET_RAW where CVE-2026-53249 is closed.
@test "no source route can be set, which leads packets by way of another address" {
	local code='
four = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
options = bytes([0x83, 7, 4, 127, 0, 0, 2, 0])
def header(kind, left):
    return bytes([0, 2, kind, left, 0, 0, 0, 0]) + socket.inet_pton(socket.AF_INET6, "::2")
control = struct.pack("=Qii", 16 + 24, 41, 57) + header(2, 1)
label = socket.inet_pton(socket.AF_INET6, "::1") + bytes([0, 1, 0x23, 0x45, 0, 1]) + struct.pack(
    "=HHHI", 1, 6, 6, 0)
attempt("options", lambda: four.setsockopt(0, 4, options))
attempt("options6", lambda: six.setsockopt(0, 4, options))
attempt("segments", lambda: six.setsockopt(41, 57, header(4, 0)))
attempt("mobility", lambda: six.setsockopt(41, 57, header(2, 1)))
attempt("control", lambda: six.setsockopt(41, 6, control))
attempt("label", lambda: six.setsockopt(41, 32, label + control))
attempt("nodelay", lambda: four.setsockopt(6, 1, 1))
attempt("reuse", lambda: six.setsockopt(1, 2, 1))
attempt("only6", lambda: six.setsockopt(41, 26, 1))'
	python -- "$code"
	[ "${lines[2]}" = 'segments ok' ]
	[ "${lines[4]}" = 'control ok' ]
	python --caps.keep=net_raw -- "$code"
	[ "${#lines[@]}" = 9 ]
	[ "$(grep -c ' ok$' <<<"$output")" = 9 ]
	python "${GRANT[@]}" --caps.keep=net_raw -- "$code"
	[ "$(head -n 6 <<<"$output" | grep -c ' Operation not permitted$')" = 6 ]
	[ "$(tail -n 3 <<<"$output" | grep -c ' ok$')" = 3 ]
}

# To a device of its own choice, the program would send past the routes that lead to an address.
@test "no device can be chosen, behind which another may have a listed address" {
	local code='
four = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
attempt("device", lambda: four.setsockopt(1, 25, b"lo"))
attempt("device6", lambda: six.setsockopt(1, 25, b"lo"))
four = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
attempt("index", lambda: four.setsockopt(1, 62, 1))
four = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
attempt("unicast", lambda: four.setsockopt(0, 50, struct.pack("!I", 1)))
attempt("unicast6", lambda: six.setsockopt(41, 76, struct.pack("!I", 1)))
attempt("information", lambda: six.setsockopt(41, 50, bytes(16) + struct.pack("=I", 1)))'
	python -- "$code"
	[ "${#lines[@]}" = 6 ]
	[ "$(grep -c ' ok$' <<<"$output")" = 6 ]
	python "${GRANT[@]}" -- "$code"
	[ "$(grep -c ' Operation not permitted$' <<<"$output")" = 6 ]
}

@test "where the kernel shows no address CONNECT is denied, and said" {
	run "$JAIL" "${GRANT[@]}" --whitelist-ro="$CLIENTS" "$CLIENTS/try" ring connect 127.0.0.1:5432 own
	echo "$output"
	if [ "$VM_SERIES" = 7.1 ]; then
		[[ ${lines[0]} == 'uring-jail: uring.grant connect: CONNECT is denied altogether: '* ]]
		[ "${lines[1]}" = 'ring connect 127.0.0.1:5432 own: EACCES' ]
	else
		[ "$output" = 'ring connect 127.0.0.1:5432 own: ok' ]
	fi
}

@test "uring.deny and uring.connect count within a grant" {
	needs_addresses
	try "${GRANT[@]}" --uring.deny=connect -- ring connect 127.0.0.1:5432 own
	[[ $output == *': EACCES' ]]
	try --uring.grant='connect 127.0.0.1:5000-6000' --uring.connect=127.0.0.1:5432,127.0.0.2 -- \
		ring connect 127.0.0.1:5432 own
	[[ $output == *': ok' ]]
	try --uring.grant='connect 127.0.0.1:5000-6000' --uring.connect=127.0.0.1:5432,127.0.0.2 -- \
		ring connect 127.0.0.1:5433 own -- ring connect 127.0.0.2:5433 own
	[ "${#lines[@]}" = 2 ]
	all_end_with ': EACCES'
}

@test "a grant counts as naming the operation" {
	needs_addresses
	try "${GRANT[@]}" --uring.allow=nop -- ring connect 127.0.0.1:5432 own
	[[ $output == *': ok' ]]
	try "${GRANT[@]}" --uring.allow=nop -- ring socket inet
	[[ $output == *': EACCES' ]]
}

@test "a granted socket is made by the ring alone" {
	try --protocol=unix --uring.grant='socket inet/stream' -- ring socket inet -- \
		ring socket inet,stream,cloexec -- ring socket unix -- call socket unix
	[ "${#lines[@]}" = 4 ]
	all_end_with ': ok'
	try --protocol=unix --uring.grant='socket inet/stream' -- ring socket inet,dgram -- \
		ring socket inet6 -- ring socket netlink -- ring socket inet,10
	[ "${#lines[@]}" = 4 ]
	all_end_with ': EACCES'
	try --protocol=unix --uring.grant='socket inet/stream' -- call socket inet
	[[ $output == *': EAFNOSUPPORT' ]]
}

@test "openat2 is granted within its resolve flags" {
	local mode how
	echo text >file
	for mode in fork hole; do
		try --seccomp=openat2 --uring.grant='openat2 read,resolve=beneath' -- -m $mode \
			ring openat2 read,beneath file
		[ "$output" = 'ring openat2 read,beneath file: ok' ]
		for how in read write,beneath read,no-symlinks read,trunc,beneath create,read,beneath; do
			try --seccomp=openat2 --uring.grant='openat2 read,resolve=beneath' -- -m $mode \
				ring openat2 $how file
			[ "$output" = "ring openat2 $how file: EACCES" ]
		done
		try --seccomp=openat2 --uring.grant='openat2 read,resolve=beneath' -- -m $mode \
			call openat2 read,beneath file
		[ "$output" = 'call openat2 read,beneath file: EPERM' ]
	done
	try --seccomp=openat2 --uring.grant='openat2 read,resolve=beneath' -- \
		ring openat2 read,beneath ../file
	[[ $output == *': EXDEV' ]]
	[ "$(cat file)" = text ]
}

# A policy from elsewhere lets openat(2) read only: the ring's OPENAT and OPENAT2 write where that
# is granted.
@test "opening to write is granted beside a policy that lets openat read only" {
	echo text >file
	/usr/bin/python3 - >../policy.bpf <<-'END'
		import struct, sys
		for word in ((0x20, 0, 0, 0), (0x15, 0, 3, 257), (0x20, 0, 0, 32), (0x45, 0, 1, 0o3),
		             (6, 0, 0, 0x50001), (6, 0, 0, 0x7fff0000)):
		    sys.stdout.buffer.write(struct.pack("=HBBI", *word))
	END
	try --seccomp.bpf=../policy.bpf -- call openat write file -- call openat rdwr file
	[ "${#lines[@]}" = 2 ]
	all_end_with ': EPERM'
	try --seccomp.bpf=../policy.bpf -- ring openat write file -- ring openat2 write,beneath file
	[ "${#lines[@]}" = 2 ]
	all_end_with ': EACCES'
	try --seccomp.bpf=../policy.bpf --uring.grant='openat2 write,resolve=beneath' -- \
		ring openat2 write,beneath file -- ring openat2 read file -- ring openat read file
	[ "${#lines[@]}" = 3 ]
	all_end_with ': ok'
	try --seccomp.bpf=../policy.bpf --uring.grant='openat2 write,resolve=beneath' -- \
		ring openat2 write file -- ring openat2 rdwr,beneath file -- ring openat write file
	[ "${#lines[@]}" = 3 ]
	all_end_with ': EACCES'
	try --seccomp.bpf=../policy.bpf --uring.grant='openat write' -- ring openat write file
	[[ $output == *': ok' ]]
}

@test "the wall stands beside a policy from elsewhere, by every architecture" {
	local op
	/usr/bin/python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("=HBBI", 6, 0, 0, 0x7fff0000))' >../policy.bpf
	for op in connect sendto sendmsg sendmmsg; do
		try --seccomp.bpf=../policy.bpf -- call int80 $op
		[[ $output == *': ENOTSOCK' ]]
		try --seccomp.bpf=../policy.bpf "${GRANT[@]}" -- call int80 $op
		[[ $output == *': EPERM' ]]
	done
	try --seccomp.bpf=../policy.bpf -- call int80 socketcall
	[[ $output == *': EFAULT' ]]
	try --seccomp.bpf=../policy.bpf "${GRANT[@]}" -- call int80 socketcall
	[[ $output == *': ENOSYS' ]]
	for op in connect sendto sendmsgto fastopen; do
		try --seccomp.bpf=../policy.bpf "${GRANT[@]}" -- call $op 127.0.0.1:5432 own
		[[ $output == *': EPERM' || $output == *': EPERM ('* ]]
	done
	try --seccomp.bpf=../policy.bpf "${GRANT[@]}" -- ring connect 127.0.0.1:5433 -- \
		ring send -- ring socket vsock -- ring socket inet,seqpacket
	[ "${#lines[@]}" = 4 ]
	all_end_with ': EACCES'
	needs_addresses
	try --seccomp.bpf=../policy.bpf "${GRANT[@]}" -- ring connect 127.0.0.1:5432 own
	[[ $output == *': ok' ]]
	try --seccomp.oci=/usr/share/containers/seccomp.json "${GRANT[@]}" -- \
		ring connect 127.0.0.1:5432 own
	[[ $output == *': ok' ]]
	try --seccomp.oci=/usr/share/containers/seccomp.json "${GRANT[@]}" -- \
		call connect 127.0.0.1:5432 own
	[[ $output == *': EPERM' ]]
}

# Without CAP_SETFCAP, which a jail takes away, the kernel lets nobody map user 0 a second time.
@test "a jail inside a jail gets no further" {
	[ "$VM_USER" != root ] || skip 'root gets no second jail'
	local -a outer=(--quiet --whitelist-ro="$CLIENTS" --whitelist-ro="$JAIL" '--seccomp=!@nesting'
		"${GRANT[@]}") inner=(--quiet --whitelist-ro="$CLIENTS")
	run "$JAIL" "${outer[@]}" "$JAIL" "${inner[@]}" --net=host "$CLIENTS/try" \
		ring connect 127.0.0.1:5433 -- ring send
	echo "$output"
	all_end_with ': EACCES'
	run "$JAIL" "${outer[@]}" "$JAIL" "${inner[@]}" --net=host \
		--uring.grant='connect 127.0.0.1:5433' "$CLIENTS/try" ring connect 127.0.0.1:5433
	echo "$output"
	all_end_with ': EACCES'
	run "$JAIL" "${outer[@]}" "$JAIL" "${inner[@]}" --net=host "$CLIENTS/try" \
		call connect 127.0.0.1:5432 own
	echo "$output"
	all_end_with ': EPERM'
}
