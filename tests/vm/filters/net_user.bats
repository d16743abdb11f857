#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# net user and net.publish: pasta connects the jail's network. Outside of the jail is a network
# namespace with some servers, which any user can make, so that this looks the same everywhere.

load ../../cli/common

setup_file() {
	# The modules of 7.0 and 7.1 are no longer to be had.
	[[ $VM_SERIES == 7.[01] ]] && skip 'this kernel has no tun device here'
	return 0
}

# world COMMAND...: in a namespace with addresses, servers that answer with their own address, one
# of them on loopback alone, and a name server on loopback that knows every name.
world() {
	rm -f started
	cat >server.py <<-'EOF'
		import socket, sys, threading
		def serve(listener):
		    while True:
		        connection, peer = listener.accept()
		        connection.sendall(b"%s:%d" % (listener.getsockname()[0].encode(), listener.getsockname()[1]))
		        connection.close()
		def echo(receiver):
		    while True:
		        data, peer = receiver.recvfrom(100)
		        receiver.sendto(b"echo " + data, peer)
		def names(receiver):
		    while True:
		        query, peer = receiver.recvfrom(500)
		        end = query.index(b"\0", 12) + 5
		        known = query[end - 4:end - 2] == b"\0\1"
		        answer = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton("198.51.100.1")
		        receiver.sendto(query[:2] + b"\x81\x80\0\1\0" + bytes([known]) + b"\0\0\0\0" +
		                        query[12:end] + (answer if known else b""), peer)
		def start(work, kind, host, port):
		    s = socket.socket(socket.AF_INET, kind)
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		    s.bind((host, port))
		    if kind == socket.SOCK_STREAM:
		        s.listen()
		    threading.Thread(target=work, args=[s], daemon=True).start()
		for host in "198.51.100.1", "198.51.100.2", "127.0.0.1":
		    start(serve, socket.SOCK_STREAM, host, 8000)
		start(serve, socket.SOCK_STREAM, "198.51.100.1", 8001)
		start(echo, socket.SOCK_DGRAM, "198.51.100.1", 8000)
		start(names, socket.SOCK_DGRAM, "127.0.0.1", 53)
		print("ready", flush=True)
		sys.stdin.read()
	EOF
	cat >ask.py <<-'EOF'
		import socket, sys
		for words in sys.argv[1:]:
		    host, port, *kind = words.rsplit(":", 1)
		    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
		    s.settimeout(10)
		    try:
		        s.connect((host, int(port)))
		        print(s.recv(100).decode() or "closed")
		    except OSError as error:
		        print(error.strerror or type(error).__name__)
	EOF
	cat >world.sh <<-'EOF'
		set -e
		ip link set lo up
		ip link add dummy0 type dummy
		ip address add 192.0.2.2/24 dev dummy0
		ip address add 198.51.100.1/32 dev lo
		ip address add 198.51.100.2/32 dev lo
		ip link set dummy0 up
		ip route add default via 192.0.2.1
		echo nameserver 127.0.0.1 >resolv.conf
		mount --bind resolv.conf /etc/resolv.conf
		exec 3> >(exec python3 server.py >started)
		until [ -s started ]; do sleep 0.05; done
		"$@" 3>&-
	EOF
	run timeout 120 unshare --user --map-root-user --net --mount bash world.sh "$@"
	echo "status $status: $output"
}

@test "a program reaches what the host reaches, and nothing on the host's loopback" {
	world "$JAIL" --quiet --net=user python3 ask.py 198.51.100.1:8000 198.51.100.2:8000 \
		127.0.0.1:8000 192.0.2.1:8000 169.254.1.1:8000 192.0.2.2:8000
	[ "${lines[0]}" = '198.51.100.1:8000' ]
	[ "${lines[1]}" = '198.51.100.2:8000' ]
	[ "${lines[2]}" = 'Connection refused' ]
	[[ $output != *127.0.0.1:8000* ]]
	[ "${#lines[@]}" = 6 ]
}

@test "names are looked up by the host's resolver, though that is on its loopback" {
	world "$JAIL" --quiet --net=user python3 -c '
import socket
print(socket.gethostbyname("some.example"))'
	[ "$output" = 198.51.100.1 ]
	world "$JAIL" --quiet --net=user --root=host python3 -c '
import socket
print(socket.gethostbyname("some.example"))'
	[ "$output" = 198.51.100.1 ]
}

@test "net.connect holds what leaves, by TCP, UDP and name" {
	world "$JAIL" --quiet --net=user --net.connect=198.51.100.1:8000 \
		python3 ask.py 198.51.100.1:8000 198.51.100.1:8001 198.51.100.2:8000
	[ "$output" = $'198.51.100.1:8000\nPermission denied\nConnection refused' ]
	world "$JAIL" --quiet --net=user --net.connect=198.51.100.1:8000 python3 -c '
import socket
for address in ("198.51.100.1", 8000), ("198.51.100.2", 8000), ("169.254.1.1", 53):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(10)
    try:
        s.sendto(b"x", address)
        print(s.recv(100).decode())
    except OSError as error:
        print(error.strerror)'
	[ "$output" = $'echo x\nOperation not permitted\nOperation not permitted' ]
	world "$JAIL" --quiet --net=user --net.connect=some.example:8000 \
		python3 ask.py 198.51.100.1:8000 198.51.100.1:8001
	[ "$output" = $'198.51.100.1:8000\nPermission denied' ]
}

@test "net.connect holds the ring in a connected network" {
	world "$JAIL" --quiet --net=user --net.connect=198.51.100.1:8000 \
		--whitelist-ro="$CLIENTS" "$CLIENTS/try" ring connect 198.51.100.1:8000 -- \
		ring connect 198.51.100.1:8001 -- ring connect 198.51.100.2:8000 -- \
		call connect 198.51.100.1:8001
	[ "${lines[0]}" = 'ring connect 198.51.100.1:8000: ok' ]
	[ "${lines[1]}" = 'ring connect 198.51.100.1:8001: EACCES' ] # by Landlock: the port
	[ "${lines[2]}" = 'ring connect 198.51.100.2:8000: ECONNREFUSED' ]
	[ "${lines[3]}" = 'call connect 198.51.100.1:8001: EACCES' ]
}

# What the program answers to a packet that it made seem to come from elsewhere is not an answer.
@test "an answer to a forged packet stays inside" {
	cat >forge.py <<-'EOF'
		import socket, subprocess
		own = [a.split("/")[0] for a in subprocess.run(["ip", "-6", "-o", "address", "show", "scope", "global"],
		       capture_output=True, text=True).stdout.split() if ":" in a and "/" in a][0]
		server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		server.bind((own, 8000))
		forger = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		forger.setsockopt(socket.IPPROTO_IPV6, 78, 1)  # IPV6_FREEBIND
		forger.bind(("2001:db8:ffff::1", 2525))
		forger.sendto(b"x", (own, 8000))
		data, peer = server.recvfrom(10)
		print("forged", peer[0])
		try:
		    server.sendto(b"leak", peer)
		    print("answered")
		except OSError as error:
		    print(error.strerror)
	EOF
	world bash -c 'ip -6 address add 2001:db8::2/64 dev dummy0 nodad
		ip -6 route add default via 2001:db8::1
		"$0" --quiet --net=user --net.connect="[::]/0:8000" python3 forge.py' "$JAIL"
	[ "$output" = $'forged 2001:db8:ffff::1\nOperation not permitted' ]
}

@test "published ports lead in, and no others" {
	cat >serve.py <<-'EOF'
		import socket
		def serve(s):
		    s.settimeout(30)
		    connection, peer = s.accept()
		    connection.sendall(b"jail %d" % s.getsockname()[1])
		    connection.close()
		servers = [socket.create_server(("0.0.0.0", port)) for port in (7000, 7001, 7003)]
		receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		receiver.bind(("0.0.0.0", 7002))
		open("up", "w").close()
		serve(servers[0])
		serve(servers[1])
		receiver.settimeout(30)
		data, peer = receiver.recvfrom(100)
		receiver.sendto(b"jail " + data, peer)
	EOF
	world bash -c '
		"$0" --quiet --net=user --net.publish=127.0.0.1:9000:7000,9001:7001,9002:7002/udp,9003:7003 \
			"${@}" python3 serve.py 3>&- &
		until [ -e up ]; do sleep 0.05; done
		python3 ask.py 127.0.0.1:7000 198.51.100.1:9000 198.51.100.1:9003 127.0.0.1:9000 \
			198.51.100.1:9001
		python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(10)
s.sendto(b\"x\", (\"198.51.100.1\", 9002))
print(s.recv(100).decode())"
		wait' "$JAIL" --net.connect=198.51.100.9:1 --net.listen=7000-7002,192.0.2.9:7003
	[ "${lines[0]}" = 'Connection refused' ]
	[ "${lines[1]}" = 'Connection refused' ]
	[[ ${lines[2]} != jail* ]] # published, but not in net.listen by this address
	[ "${lines[3]}" = 'jail 7000' ]
	[ "${lines[4]}" = 'jail 7001' ]
	[ "${lines[5]}" = 'jail x' ]
}

@test "pasta ends with the jail, and with a launcher that is killed" {
	world bash -c '"$0" --quiet --net=user true; pgrep -x "pasta(.avx2)?"' "$JAIL"
	[ "$status" = 1 ]
	[ -z "$output" ]
	world bash -c '
		"$0" --quiet --net=user sh -c "touch up; exec sleep 1000" 3>&- &
		until [ -e up ]; do sleep 0.05; done
		pgrep -a -x "pasta(.avx2)?" | cut -d" " -f2-5
		kill -KILL $!
		while pgrep -x "pasta(.avx2)?" >/dev/null; do sleep 0.05; done
		wait 2>/dev/null
		echo gone' "$JAIL"
	[[ $output == 'pasta --config-net'*$'\ngone' ]]
}

@test "without pasta, or with a port that is taken, nothing is started" {
	world env PATH=/nowhere "$JAIL" --quiet --net=user /usr/bin/touch marker
	[ "$status" = 125 ]
	[[ $output == *'net user needs pasta, which is not found'*'install the package passt'* ]]
	[ ! -e marker ]
	world "$JAIL" --quiet --net=user --net.publish=127.0.0.1:8000 /usr/bin/touch marker
	[ "$status" = 125 ]
	[[ $output == *"pasta cannot connect the jail's network: "* ]]
	[ ! -e marker ]
}
