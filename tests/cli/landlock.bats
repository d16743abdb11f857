#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The second wall under the mounts.

load common

# A folder that no jail shows, but descriptors lead to.
setup_file() {
	outside=$BATS_FILE_TMPDIR/outside
	mkdir -p "$outside"
	export outside
}

# needs ABI: skips where this kernel's Landlock is older.
needs() {
	local abi
	abi=$("$JAIL" --check | sed -n 's/^yes *landlock  *ABI //p') || true
	[ "${abi:-0}" -ge "$1" ] || skip "Landlock ABI $1 is missing"
}

@test "a file on standard input for reading cannot be opened for writing" {
	needs 3
	echo before >"$outside/file"
	run jail sh -c 'echo after >/proc/self/fd/0' <"$outside/file"
	echo "$output"
	[ "$status" != 0 ]
	run jail sh -c 'echo after >>/dev/stdin' <"$outside/file"
	[ "$status" != 0 ]
	[ "$(cat "$outside/file")" = before ]
	# It is Landlock that holds this.
	jail --landlock=off sh -c 'echo after >/proc/self/fd/0' <"$outside/file"
	[ "$(cat "$outside/file")" = after ]
}

@test "a file on standard output for writing cannot be read" {
	needs 3
	echo secret >"$outside/file"
	run --separate-stderr bash -c '"$0" -q sh -c "cat /proc/self/fd/1 >&2" >>"$1"' "$JAIL" "$outside/file"
	echo "$stderr"
	[ "$status" != 0 ]
	[[ $stderr != *secret* ]]
}

@test "standard input and output can be opened by name for what they are" {
	echo text >"$outside/in"
	jail sh -c 'cat /dev/stdin >/dev/stdout; echo error >/dev/stderr' \
		<"$outside/in" >"$outside/out" 2>"$outside/err"
	[ "$(cat "$outside/out")" = text ]
	[ "$(cat "$outside/err")" = error ]
	[ "$(echo piped | jail sh -c 'cat /dev/stdin >/dev/stdout' | cat)" = piped ]
}

@test "a kept descriptor is what it was opened for, and a kept folder is whole" {
	local -a shell=(jail --keep-fd=7 --keep-fd=8 sh -c)
	mkdir -p "$outside/folder"
	echo before >"$outside/read"
	echo inside >"$outside/folder/file"
	exec 7<"$outside/read" 8<"$outside/folder"
	"${shell[@]}" 'cat /proc/self/fd/7'
	run "${shell[@]}" 'echo after >/proc/self/fd/7'
	echo "$output"
	if "$JAIL" --check | grep -q '^yes *landlock-files'; then
		[ "$status" != 0 ]
		[ "$(cat "$outside/read")" = before ]
	fi
	"${shell[@]}" 'cat /proc/self/fd/8/file && echo new >/proc/self/fd/8/new'
	exec 7<&- 8<&-
	[ "$(cat "$outside/folder/new")" = new ]
}

@test "a terminal can be opened by its names" {
	run python3 - "$JAIL" <<-'END'
		import os, pty, sys
		shell = "stty -a </dev/tty | head -1 && : >/dev/stderr && : </dev/stdin && test -t 0"
		sys.exit(os.waitstatus_to_exitcode(pty.spawn([sys.argv[1], "-q", "sh", "-c", shell])))
	END
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *speed* ]]
}

@test "nothing is taken away from a writable folder" {
	jail python3 - <<-'END'
		import ctypes, os, socket
		os.makedirs("a/sub"); os.mkdir("b")
		open("a/file", "w").write("text")
		os.rename("a/file", "b/file")
		os.link("b/file", "a/linked")
		os.rename("a/sub", "b/sub")
		os.truncate("b/file", 2)
		open("b/file", "w").close()
		os.symlink("b", "link"); os.mkfifo("fifo"); os.mknod("regular")
		os.open("unnamed", os.O_RDWR | os.O_CREAT)
		os.open(".", os.O_RDWR | os.O_TMPFILE)
		server = socket.socket(socket.AF_UNIX); server.bind("socket"); server.listen()
		socket.socket(socket.AF_UNIX).connect("socket")
		os.unlink("a/linked"); os.rmdir("b/sub")
		open("/tmp/x", "w"); os.rename("/tmp/x", "/tmp/y")
		os.open("/proc/self/fd/%d" % os.memfd_create("m"), os.O_RDWR)
		os.open("/proc/self/fd/%d" % os.pipe()[1], os.O_WRONLY)
		open("/proc/self/comm", "w").write("name")
		open("/dev/null", "w").write("x")
		libc = ctypes.CDLL(None, use_errno=True)
		assert libc.mq_open(b"/queue", os.O_CREAT | os.O_RDWR, 0o600, None) >= 0
	END
}

@test "what is executable can be executed, wherever it lies" {
	printf '#!/bin/sh\necho script\n' >script
	chmod +x script
	[ "$(jail ./script)" = script ]
	[ "$(jail sh -c 'cp script /tmp/s && /tmp/s')" = script ]
	exec 7<script
	run jail --keep-fd=7 sh -c 'sh /proc/self/fd/7'
	exec 7<&-
	[ "$output" = script ]
}

@test "a socket outside is reached where it is shown, read-only as well" {
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print("ready", flush=True)
s.accept(); s.accept()' "$outside/socket" >ready 3>&- &
	local server=$!
	wait_until [ -s ready ]
	local connect='import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])'
	jail --whitelist-ro="$outside" python3 -c "$connect" "$outside/socket"
	if "$JAIL" --check | grep -q '^yes *landlock-unix'; then
		# A folder that is not shown, whose descriptor was not asked for, leads nowhere.
		run jail python3 -c "$connect" "$outside/socket"
		[ "$status" != 0 ]
	fi
	kill "$server"
}

@test "landlock require is an error where Landlock is missing or cannot hold" {
	refused 125 'landlock require (command line): there can be no file rules' \
		jail --landlock=require --root=host
	refused 125 'landlock require (command line): there can be no file rules' \
		jail --landlock=require '--seccomp=!@nesting'
	if "$JAIL" --check | grep -q '^yes *signal-scope'; then
		jail --landlock=require true
	else
		refused 125 'landlock require: this kernel' jail --landlock=require
	fi
}

@test "a wrong mode is refused" {
	refused 125 'unknown Landlock mode "requre"' jail --landlock=requre
}

@test "a jail within sixteen domains is refused, and told why" {
	needs 6
	run python3 - "$JAIL" <<-'END'
		import ctypes, os, struct, sys
		libc = ctypes.CDLL(None, use_errno=True)
		libc.prctl(38, 1, 0, 0, 0)
		scoped = ctypes.create_string_buffer(struct.pack("QQQ", 0, 0, 2))
		for _ in range(16):
		    ruleset = libc.syscall(444, scoped, 24, 0)
		    assert libc.syscall(446, ruleset, 0) == 0
		    os.close(ruleset)
		os.execv(sys.argv[1], [sys.argv[1], "-q", "touch", "marker"])
	END
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'cannot enter the Landlock domain'*'hint: 16 Landlock domains'* ]]
	[ ! -e marker ]
}

@test "a jail in a jail can mount" {
	[ "$(id -u)" != 0 ] || skip 'a jail within that of root can map no user'
	jail --whitelist-ro="$(dirname "$JAIL")" '--seccomp=!@nesting' "$JAIL" -q true
}

@test "--explain tells what is held, and what by mounts alone" {
	run "$JAIL" --explain true
	[[ $output == *'Landlock      auto: under the mounts'* ]]
	[[ $output == *"  read        "*'/usr'* ]]
	[[ $output == *'  devices     /dev/null'* ]]
	[[ $output == *'signals and abstract unix sockets stay'* ]]
	mkdir secret
	run "$JAIL" --explain -v --blacklist="$PWD/secret" true
	echo "$output"
	[[ ${output//$'\n'/ } == *'by mounts   alone,'*"$PWD/secret"* ]]
	run "$JAIL" --explain --root=host true
	[[ $output == *'  no files    all is writable from the root on'* ]]
	run "$JAIL" --explain --landlock=off true
	[[ $output == *'Landlock      off'* ]]
	"$JAIL" --explain=json true | python3 -c '
import json, sys
landlock = json.load(sys.stdin)["landlock"]
rights = {rule["path"]: rule["rights"] for rule in landlock["rules"]}
assert rights["/"] == ["read_dir"]
assert "write_file" not in rights["/usr"] and "execute" in rights["/usr"]
assert "ioctl_dev" in rights["/dev/null"] and "ioctl_dev" not in rights["/tmp"]
assert landlock["scopes"] == ["abstract_unix", "signals"]'
}

@test "--check tells of each part what is open without it" {
	run "$JAIL" --check
	local part
	for part in files devices unix tcp udp; do
		[[ $output =~ (yes|no)\ +landlock-$part\  ]]
	done
}
