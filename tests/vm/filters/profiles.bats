#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The shipped profiles of programs that use io_uring, with those programs, and of clients of the
# network in a network of their own. The others are in tests/cli/profiles.bats.

load ../../cli/common

setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/home/.config
	mkdir -p "$XDG_CONFIG_HOME/uring-jail" "$BATS_TEST_TMPDIR/work" "$HOME/.ssh"
	shipped_profiles
	echo secret >"$HOME/.ssh/id"
	echo secret >"$BATS_TEST_TMPDIR/victim"
	cd "$BATS_TEST_TMPDIR/work" || return
	server=
}

teardown() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
}

# succeeds COMMAND...: with its output shown.
succeeds() {
	run "$@"
	echo "$*: status $status: $output"
	[ "$status" = 0 ]
}

# ---- node ----

@test "a node server answers, on io_uring" {
	cat >server.js <<-'END'
		const fs = require("fs"), http = require("http");
		function rings() {
		    let done = 0;
		    for (const fd of fs.readdirSync("/proc/self/fd")) {
		        try {
		            if (fs.readlinkSync("/proc/self/fd/" + fd) == "anon_inode:[io_uring]")
		                done += +/CqTail:\s*(\d+)/.exec(fs.readFileSync("/proc/self/fdinfo/" + fd))[1];
		        } catch {}
		    }
		    return done;
		}
		http.createServer(async (request, response) => {
		    await fs.promises.writeFile("log", request.url);
		    response.end(`${await fs.promises.readFile("log")} ${rings()}\n`);
		}).listen("sock");
	END
	UV_USE_IO_URING=1 "$JAIL" node server.js >said 2>&1 3>&- &
	server=$!
	wait_until [ -S sock ]
	succeeds curl --silent --unix-socket sock http://host/one
	succeeds curl --silent --unix-socket sock http://host/two
	# what the ring has done by then, as the kernel counts it
	[[ $output =~ ^/two\ ([0-9]+)$ ]]
	[ "${BASH_REMATCH[1]}" -gt 0 ]
	[ ! -s said ]
}

# What libuv does by a ring with a kernel thread, which Node 20 has and a program may turn on.
@test "libuv's SQPOLL ring does its file operations under node's profile" {
	cat >files.py <<-'END'
		import ctypes, os
		uv = ctypes.CDLL("libuv.so.1")
		uv.uv_loop_size.restype = uv.uv_req_size.restype = ctypes.c_size_t
		uv.uv_fs_get_result.restype = ctypes.c_ssize_t
		uv.uv_fs_get_result.argtypes = [ctypes.c_void_p]
		callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
		loop = ctypes.create_string_buffer(uv.uv_loop_size())
		assert uv.uv_loop_init(loop) == 0
		assert uv.uv_loop_configure(loop, 2) == 0  # UV_LOOP_USE_IO_URING_SQPOLL
		class Buffer(ctypes.Structure):
		    _fields_ = [("base", ctypes.c_char_p), ("len", ctypes.c_size_t)]
		def fs(name, *words):
		    request = ctypes.create_string_buffer(uv.uv_req_size(6))  # UV_FS
		    results = []
		    done = callback(lambda r: results.append(uv.uv_fs_get_result(r)))
		    assert getattr(uv, "uv_fs_" + name)(loop, request, *words, done) == 0, name
		    uv.uv_run(loop, 0)
		    uv.uv_fs_req_cleanup(request)
		    assert results[0] >= 0, (name, results[0])
		    return results[0]
		def ring():
		    for fd in os.listdir("/proc/self/fd"):
		        try:
		            if os.readlink("/proc/self/fd/" + fd) == "anon_inode:[io_uring]":
		                lines = open("/proc/self/fdinfo/" + fd).read().split("\n")
		                info = dict(line.split(":", 1) for line in lines if ":" in line)
		                if int(info["SqThread"]) > 0:
		                    return int(info["CqTail"])
		        except FileNotFoundError:
		            pass
		    return 0
		offset = ctypes.c_int64
		fd = fs("open", b"file", os.O_RDWR | os.O_CREAT, 0o600)
		text = Buffer(b"text", 4)
		operations = [
		    ("write", fd, ctypes.byref(text), 1, offset(0)),
		    ("read", fd, ctypes.byref(Buffer(b"    ", 4)), 1, offset(0)),
		    ("fsync", fd), ("fdatasync", fd), ("fstat", fd), ("ftruncate", fd, offset(2)),
		    ("close", fd), ("stat", b"file"), ("lstat", b"file"), ("rename", b"file", b"new"),
		    ("link", b"new", b"hard"), ("symlink", b"new", b"soft", 0),
		    ("mkdir", b"folder", 0o700), ("unlink", b"hard"), ("unlink", b"soft"),
		]
		for operation in operations:
		    fs(*operation)
		print("ring", ring())
		try:
		    fs("open", os.environ["VICTIM"].encode(), os.O_RDONLY, 0)
		    print("reached")
		except AssertionError as error:
		    print(error)
	END
	export UV_USE_IO_URING=1 VICTIM=$BATS_TEST_TMPDIR/victim
	succeeds python3 files.py
	[[ $output == *reached* ]]
	rm -r new folder
	succeeds jail --profile=node python3 files.py
	# Of the sixteen operations before, libuv does a few in threads where it wants to.
	[[ ${lines[0]} =~ ^ring\ ([0-9]+)$ ]]
	[ "${BASH_REMATCH[1]}" -gt 10 ]
	[ "${lines[1]}" = "('open', -2)" ]
	[ "$(cat new)" = te ]
}

# ---- searches ----

@test "bfs finds files, on io_uring, and changes none" {
	mkdir -p tree/{a,b,c}/{d,e,f}
	touch tree/{a,b,c}/{d,e,f}/{1,2}
	cat >ring <<-'END'
		#!/bin/sh
		for fd in /proc/$PPID/fd/*; do
			[ "$(readlink "$fd")" != 'anon_inode:[io_uring]' ] ||
				sed -n 's/^CqTail:\t*/ring /p' "/proc/$PPID/fdinfo/${fd##*/}"
		done
	END
	chmod +x ring
	succeeds jail bfs tree -type f -size -1
	[ "${#lines[@]}" = 18 ]
	succeeds jail bfs tree -path tree/c/f/2 -exec ./ring ';'
	[ "$(sed -n 's/^ring //p' <<<"$output" | sort -n | tail -n 1)" -gt 0 ]
	run jail bfs tree -name 1 -delete
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *'Read-only file system'* ]]
	[ "$(find tree -type f | wc -l)" = 18 ]
	run jail bfs "$HOME" "$BATS_TEST_TMPDIR" -type f
	echo "$output"
	[[ $output != */.ssh* && $output != */victim* ]]
}

@test "updatedb indexes the working folder, and plocate finds in it, on io_uring" {
	mkdir -p tree/folder
	touch tree/folder/needle
	succeeds jail updatedb --database-root . --output db --require-visibility no
	succeeds jail plocate --database db needle
	[ "$output" = "$PWD/tree/folder/needle" ]
	succeeds jail plocate --existing --database db needle
	[ "$output" = "$PWD/tree/folder/needle" ]
	# The ring it is that reads: without the right, nothing is found.
	run timeout 60 "$JAIL" --quiet --uring.deny=readv,read plocate --database db needle
	echo "$output"
	[[ $output != *"$PWD/tree/folder/needle"* ]]
	run jail plocate --database "$BATS_TEST_TMPDIR/victim" x
	echo "$output"
	[[ $output == *'No such file'* ]]
}

@test "fio's other ways to use a ring work, and commands to devices do not" {
	local -a job=(fio --output-format=terse --name=job --filename=data --size=64k --bs=4k
		--rw=randrw)
	succeeds jail "${job[@]}" --ioengine=io_uring --fixedbufs --registerfiles --sqthread_poll=1
	succeeds jail "${job[@]}" --ioengine=io_uring --nonvectored=0 --force_async=2 --fsync=4
	run jail --whitelist-ro="$CLIENTS" --profile=fio "$CLIENTS/try" ring uring_cmd inq -- \
		ring openat read data -- ring socket unix -- call socket unix
	echo "$output"
	[ "$(grep -c ': EACCES' <<<"$output")" = 3 ]
	[[ $output == *'call socket unix: EPERM' ]]
}

# ---- all that leave io_uring to the program ----

@test "by ring, no shipped profile reaches files, sockets or servers outside" {
	local plan name seen=' ' key ran=0
	python3 -c '
import socket, time
tcp = socket.create_server(("127.0.0.1", 7999))
unix = socket.socket(socket.AF_UNIX)
unix.bind("../sock")
unix.listen()
time.sleep(1000)' 3>&- &
	server=$!
	wait_until [ -S ../sock ]
	local -a attack=(ring openat read "$HOME/.ssh/id" -- ring openat2 read "$HOME/.ssh/id" --
		ring openat write ../victim -- ring openat2 'write,create' /usr/new --
		ring statx "$HOME/.ssh/id" -- ring unlinkat ../victim -- ring renameat ../victim x --
		ring linkat ../victim x -- ring connect 127.0.0.1:7999 --
		ring connect "unix:$BATS_TEST_TMPDIR/sock" -- ring uring_cmd inq -- ring msg_ring fd)
	run "$CLIENTS/try" "${attack[@]:0:8}" -- ring connect 127.0.0.1:7999 -- \
		ring connect "unix:$BATS_TEST_TMPDIR/sock"
	echo "without a jail: $output"
	[ "$(grep -c ': ok' <<<"$output")" = 4 ]
	for plan in "$TOP"/tests/golden/*.explain; do
		name=${plan##*/}
		name=${name%.explain}
		grep -q '^io_uring      filter' "$plan" && ! grep -q '^Network       user' "$plan" || continue
		# one of each kind: some are names for the same
		key=$(tail -n +2 "$plan" | md5sum)
		[[ $seen != *"$key"* ]] || continue
		seen+="$key "
		run jail --profile="$name" --whitelist-ro="$CLIENTS" "$CLIENTS/try" "${attack[@]}"
		echo "$name: status $status: $output"
		[ "$status" = 1 ]
		[ "${#lines[@]}" = 12 ]
		[[ $output != *': ok'* ]]
		[ "$(cat ../victim "$HOME/.ssh/id")" = $'secret\nsecret' ]
		ran=$((ran + 1))
	done
	[ "$ran" -ge 6 ]
}

# ---- clients of the network ----

# world COMMAND...: in a namespace with two addresses, a web server and a git server on each and on
# loopback, and a folder "site" that they serve.
world() {
	[[ $VM_SERIES != 7.[01] ]] || skip 'this kernel has no tun device here'
	mkdir -p ../site
	echo page >../site/page
	git init --quiet --bare ../site/repository
	cat >world.sh <<-'EOF'
		set -e
		ip link set lo up
		ip link add dummy0 type dummy
		ip address add 192.0.2.2/24 dev dummy0
		ip address add 198.51.100.1/32 dev lo
		ip link set dummy0 up
		ip route add default via 192.0.2.1
		echo nameserver 127.0.0.1 >../resolv.conf
		mount --bind ../resolv.conf /etc/resolv.conf
		python3 -m http.server --bind 0.0.0.0 --directory ../site 8000 >/dev/null 2>&1 3>&- &
		git daemon --export-all --enable=receive-pack --base-path=../site 3>&- &
		until (: >/dev/tcp/127.0.0.1/8000 && : >/dev/tcp/127.0.0.1/9418) 2>/dev/null; do
			sleep 0.05
		done
		"$@" 3>&-
	EOF
	run timeout 150 unshare --user --map-root-user --net --mount --pid --fork --kill-child \
		--mount-proc bash world.sh "$@"
	echo "status $status: $output"
}

@test "curl reaches what the host reaches, and nothing on the host's loopback" {
	world bash -c '
		curl --silent --show-error --output outside http://127.0.0.1:8000/page
		"$0" --quiet curl --silent --show-error --output got http://198.51.100.1:8000/page
		"$0" --quiet curl --silent --show-error --output not http://127.0.0.1:8000/page' "$JAIL"
	[ "$status" = 7 ] # it cannot connect
	[ "$(cat outside got)" = $'page\npage' ]
	[ ! -e not ]
}

@test "git clones from and pushes to a server" {
	world bash -ec '
		jail() { "$0" --quiet "$@"; }
		git config --global user.name me
		git config --global user.email me@example.org
		jail git clone --quiet git://198.51.100.1/repository copy
		cd copy
		jail git commit --quiet --allow-empty --message=one
		jail git push --quiet origin HEAD
		jail git fetch --quiet
		jail git ls-remote git://127.0.0.1/repository || echo "no loopback"' "$JAIL"
	[ "$status" = 0 ]
	[[ $output == *'no loopback' ]]
	[ "$(git -C ../site/repository log --all --format='%an %s')" = 'me one' ]
}
