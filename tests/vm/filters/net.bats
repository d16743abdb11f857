#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# net.connect and net.listen, on kernels with filters and nf_tables: where packets may go, whoever
# sends them.

load ../../cli/common

setup_file() {
	# The modules of 7.0 and 7.1 are no longer to be had.
	[[ $VM_SERIES == 7.[01] ]] && skip 'this kernel has no nf_tables here'
	return 0
}

# results WORD...: what came of each operation, in order.
results() {
	local line index=0
	[ "${#lines[@]}" = $# ] || return 1
	for line in "${lines[@]}"; do
		index=$((index + 1))
		[[ $line == *": ${!index}" || $line == *": ${!index} ("* ]] || return 1
	done
}

# fast_open ADDRESS JAIL-OPTION...: whether a connection by Fast Open reaches a listener there, by
# each gate; a ring is told of it only that it is under way.
fast_open() {
	local address=$1
	shift
	run jail --whitelist-ro="$CLIENTS" "$@" python3 -c '
import socket, subprocess, sys
client, host = sys.argv[1:]
listener = socket.socket()
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 5)
listener.bind((host, 5432))
listener.listen()
for words in ("call", "fastopen"), ("ring", "connect"), ("ring", "sendmsg"), ("ring", "send"):
    subprocess.run([client, *words, host + ":5432", "fastopen"], capture_output=True)
    try:
        listener.settimeout(5 if host == "127.0.0.1" else 0)
        listener.accept()
        print(*words, "arrived")
    except BlockingIOError:
        print(*words, "nothing")
' "$CLIENTS/try" "$address"
	echo "status $status: $output"
}

CONNECT=(--net.connect='127.0.0.1:5432,[::1]:5432')

@test "listed addresses are reached by TCP and UDP, by system call and by ring" {
	local gate
	for gate in call ring; do
		try "${CONNECT[@]}" -- "$gate" connect 127.0.0.1:5432 own -- \
			"$gate" connect '[::1]:5432' own -- "$gate" send 127.0.0.1:5432 own -- \
			"$gate" send 127.0.0.1:5432 udp own -- \
			"$gate" connect 127.0.0.1:5432 own fastopen
		results ok ok ok ok ok
	done
}

@test "others are refused: TCP is reset, a datagram is not sent" {
	local gate
	for gate in call ring; do
		try "${CONNECT[@]}" --landlock=off -- "$gate" connect 127.0.0.2:5432 own -- \
			"$gate" connect 127.0.0.1:5433 own -- "$gate" connect '[::1]:5433' own -- \
			"$gate" connect '[::ffff:127.0.0.2]:5432' own
		results ECONNREFUSED ECONNREFUSED ECONNREFUSED ECONNREFUSED
		try "${CONNECT[@]}" -- "$gate" sendmsg 127.0.0.2:5432 udp own -- \
			"$gate" sendmsg '[::1]:5433' udp own -- "$gate" sendmsg 127.0.0.1:5433 udp own
		results EPERM EPERM EPERM
	done
}

@test "Fast Open goes nowhere else" {
	fast_open 127.0.0.1 "${CONNECT[@]}"
	[ "$output" = $'call fastopen arrived\nring connect arrived\nring sendmsg arrived\nring send arrived' ]
	fast_open 127.0.0.2 "${CONNECT[@]}"
	[ "$output" = $'call fastopen nothing\nring connect nothing\nring sendmsg nothing\nring send nothing' ]
}

@test "children, threads, another image and an asynchronous request are held as well" {
	local mode
	for mode in fork thread exec sqpoll async hole; do
		try "${CONNECT[@]}" -- -m "$mode" ring connect 127.0.0.2:5432 own
		[[ $output == *': ECONNREFUSED'* ]]
		try "${CONNECT[@]}" -- -m "$mode" ring connect 127.0.0.1:5432 own
		[[ $output == *': ok' ]]
	done
	try "${CONNECT[@]}" -- -m exec call connect 127.0.0.2:5432 own
	[[ $output == *': ECONNREFUSED' ]]
}

@test "Landlock refuses TCP connections to other ports before a packet is sent" {
	local mode
	for mode in '' '-m fork' '-m exec' '-m thread'; do
		# shellcheck disable=SC2086 # a mode is two words
		try "${CONNECT[@]}" -- $mode call connect 127.0.0.1:5433 own
		results EACCES
		# shellcheck disable=SC2086
		try "${CONNECT[@]}" -- $mode ring connect 127.0.0.1:5433 own
		results EACCES
	done
	try "${CONNECT[@]}" -- -m sqpoll ring connect 127.0.0.1:5433 own
	results EACCES
	try "${CONNECT[@]}" -- -m async ring connect 127.0.0.1:5433 own
	results EACCES
	# The port is right, the address is not: that is for nftables.
	try "${CONNECT[@]}" -- call connect 127.0.0.2:5432 own
	results ECONNREFUSED
}

@test "a server of UDP answers to any port, and binds to no other one than net.listen has" {
	local gate
	run jail --net.connect=127.0.0.1:5432 python3 -c '
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 5432))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.sendto(b"question", ("127.0.0.1", 5432))
data, peer = server.recvfrom(100)
server.sendto(b"answer", peer)
print(client.recv(100))
'
	echo "$output"
	[ "$output" = "b'answer'" ]
	[[ $VM_SERIES == 7.[01] ]] && return # Landlock ABI 10
	for gate in call ring; do
		try --net.listen=5432 -- "$gate" bind 127.0.0.1:5432 udp -- \
			"$gate" bind 127.0.0.1:0 udp -- "$gate" bind 127.0.0.1:5433 udp -- \
			"$gate" bind '[::1]:5433' udp
		results ok ok EACCES EACCES
	done
}

@test "prefixes and ranges of ports end where they end" {
	try --net.connect=127.1.0.0/16:1024-2048 -- call connect 127.1.0.0:1024 own -- \
		call connect 127.1.255.255:2048 own -- call connect 127.0.255.255:1024 own -- \
		call connect 127.2.0.0:1024 own -- call connect 127.1.0.1:2049 own
	results ok ok ECONNREFUSED ECONNREFUSED ECONNREFUSED
	try --net.connect=127.1.0.0/16 -- call connect 127.1.0.7:9 own -- \
		call connect 127.1.0.7:60000 own -- call connect 127.2.0.7:60000 own
	[[ ${lines[1]} == *': ok' && ${lines[2]} == *': ECONNREFUSED' ]]
}

@test "net.listen is where packets arrive" {
	local gate
	for gate in call ring; do
		try --net.listen=5432,127.0.0.1:6000-6001 -- "$gate" connect 127.0.0.1:5432 own -- \
			"$gate" connect '[::1]:5432' own -- "$gate" connect 127.0.0.1:6001 own -- \
			"$gate" connect 127.0.0.2:6001 own -- "$gate" connect 127.0.0.1:5433 own
		results ok ok ok ECONNREFUSED ECONNREFUSED
		# Where nothing may arrive, a server cannot be either; nftables alone holds it as well.
		[[ ${lines[3]} != *EACCES* && ${lines[4]} == *'bind EACCES'* ]]
		try --net.listen=5432 --landlock=off -- "$gate" connect 127.0.0.1:5433 own
		[[ $output == *': ECONNREFUSED' ]]
	done
	run jail --net.listen=5432 python3 -c '
import socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.sendto(b"not listed", receiver.getsockname())
listed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listed.bind(("127.0.0.1", 5432))
sender.sendto(b"listed", ("127.0.0.1", 5432))
print(listed.recv(100))
receiver.setblocking(False)
try:
    print(receiver.recv(100))
except BlockingIOError:
    print("nothing")
'
	echo "$output"
	[ "$output" = $'b\'listed\'\nnothing' ]
}

@test "no header that could name a further destination leaves" {
	cat >route.py <<-'EOF'
		import socket, struct
		def send(option, value, family, level, host):
		    s = socket.socket(family, socket.SOCK_DGRAM)
		    s.setsockopt(level, option, value)
		    try:
		        print(s.sendto(b"x", (host, 7)))
		    except OSError as error:
		        print(error.strerror)
		one = socket.inet_pton(socket.AF_INET6, "::1")
		two = socket.inet_pton(socket.AF_INET6, "::2")
		segments = struct.pack("BBBBBBH16s16s", 0, 4, 4, 1, 1, 0, 0, two, one)
		send(socket.IP_OPTIONS, bytes([1, 1, 1, 0]), socket.AF_INET, socket.IPPROTO_IP, "127.0.0.1")
		send(socket.IPV6_RTHDR, segments, socket.AF_INET6, socket.IPPROTO_IPV6, "::1")
	EOF
	run jail python3 route.py
	echo "$output"
	[ "$output" = $'1\n1' ]
	run jail --net.connect='127.0.0.1,[::1],[::2]' python3 route.py
	echo "$output"
	[ "$output" = $'Operation not permitted\nOperation not permitted' ]
}

@test "the kernel holds what is explained, rule by rule" {
	local connect='10.0.0.0/8:443 [2001:db8::/32]:1-9 192.0.2.7 [::]/0:53'
	local listen='8080 127.0.0.0/8:1024-65535'
	local options=(--no-profile "--net.connect=$connect" "--net.listen=$listen")
	"$JAIL" "${options[@]}" --explain=json true | python3 -c '
import json, sys
print(json.load(sys.stdin)["nftables"], end="")' >explained
	grep -q 'ip daddr 10.0.0.0/8 tcp dport 443 accept' explained
	unshare --user --map-root-user --net sh -c 'nft -f explained && nft list ruleset' >expected
	mkfifo hold
	"$JAIL" --quiet "${options[@]}" cat hold 3>&- &
	exec 4>hold
	nsenter --user --preserve-credentials --keep-caps --net --target "$(pgrep -n -x cat)" \
		nft list ruleset >held
	exec 4>&-
	wait
	diff expected held
}

@test "the program cannot take the rules out" {
	run jail "${CONNECT[@]}" nft flush ruleset
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *'Operation not permitted'* ]]
	run jail "${CONNECT[@]}" --seccomp='!unshare,!setns,!clone,!mount' unshare --user --map-root-user \
		nft flush ruleset
	echo "$output"
	[ "$status" != 0 ]
}

@test "--check finds that this kernel has what is needed for it" {
	run "$JAIL" --check
	grep '^yes *nftables ' <<<"$output"
	grep '^yes *pasta .*, by /usr/bin/pasta$' <<<"$output"
	# in a namespace where nobody may make rules, it finds that too
	run unshare --user --map-root-user sh -c '
		echo 0 >/proc/sys/user/max_net_namespaces && exec "$0" --check' "$JAIL"
	grep '^no *nftables ' <<<"$output"
}
