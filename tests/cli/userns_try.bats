#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Without namespaces: what `userns try` holds, and what it refuses to start without.

load common

# Runs a command where nobody may make a user namespace, as this user.
# shellcheck disable=SC2016 # expanded by the inner shell
bare=(unshare --user --map-current-user --keep-caps sh -c
	'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --ambient-caps=-all --inh-caps=-all "$@"'
	sh)

bare_jail() {
	"${bare[@]}" "$JAIL" --quiet --userns=try "$@"
}

needs_bare() {
	[ "$(id -u)" != 0 ] || skip 'root is refused here'
	"${bare[@]}" true 2>/dev/null || skip 'namespaces cannot be switched off here'
}

needs_landlock() {
	needs_bare
	"$JAIL" --check | grep -q '^yes *userns-try' || skip 'Landlock ABI 9 is missing'
}

@test "without userns try, no namespaces are an error" {
	needs_bare
	refused 125 'cannot create namespaces' "${bare[@]}" "$JAIL" -q
	[[ $output == *'hint: user namespaces are switched off'* ]]
}

@test "where Landlock is too old for it, userns try is an error as well" {
	needs_bare
	! "$JAIL" --check | grep -q '^yes *userns-try' || skip 'it is new enough'
	refused 125 'Landlock ABI 9 (Linux 7.1) is needed' bare_jail
	[[ $output == *'hint: user namespaces are switched off'* ]]
}

@test "a program runs, and one line says what is missing" {
	needs_landlock
	run "${bare[@]}" "$JAIL" --userns=try sh -c 'echo text >file; cat file /etc/hostname >/dev/null; exit 7'
	echo "$output"
	[ "$status" = 7 ]
	[ "$(grep -c 'no namespaces, files and signals are held by Landlock' <<<"$output")" = 1 ]
	[ "$(cat file)" = text ]
}

@test "with namespaces, userns try is a jail like any other" {
	[ "$(jail --userns=try readlink /proc/self/ns/pid)" != "$(readlink /proc/self/ns/pid)" ]
}

@test "files outside cannot be read, written, made, listed or changed" {
	needs_landlock
	local outside=$BATS_TEST_TMPDIR/outside
	mkdir "$outside"
	echo secret >"$outside/file"
	chmod 640 "$outside/file"
	bare_jail python3 - "$outside" <<-'END'
		import os, sys
		top = sys.argv[1]; name = top + "/file"
		def refused(what, act):
		    try:
		        act()
		    except OSError:
		        return
		    sys.exit("not refused: " + what)
		refused("read", lambda: open(name).read())
		refused("write", lambda: open(name, "a"))
		refused("make", lambda: open(top + "/new", "w"))
		refused("list", lambda: os.listdir(top))
		refused("list /", lambda: os.listdir("/"))
		refused("unlink", lambda: os.unlink(name))
		refused("link", lambda: os.link(name, "linked"))
		refused("rename", lambda: os.rename(name, "renamed"))
		refused("truncate", lambda: os.truncate(name, 0))
		refused("chmod", lambda: os.chmod(name, 0o777))
		refused("chown", lambda: os.chown(name, os.getuid(), os.getgid()))
		refused("utime", lambda: os.utime(name, (0, 0)))
		refused("setxattr", lambda: os.setxattr(name, "user.x", b"x"))
		refused("/tmp", lambda: open("/tmp/new", "w"))
		refused("/etc", lambda: open("/etc/new", "w"))
		refused("environ", lambda: open("/proc/%d/environ" % os.getppid()).read())
		refused("maps", lambda: open("/proc/self/maps").read())
	END
	[ "$(cat "$outside/file")" = secret ]
	[ "$(stat -c %a "$outside/file")" = 640 ]
	[ ! -e linked ]
	[ ! -e renamed ]
}

@test "processes outside cannot be signalled, traced or limited" {
	needs_landlock
	sleep 1000 3>&- &
	local victim=$!
	bare_jail python3 - "$victim" <<-'END'
		import ctypes, os, resource, signal, sys
		pid = int(sys.argv[1])
		def refused(what, act):
		    try:
		        act()
		    except OSError:
		        return
		    sys.exit("not refused: " + what)
		refused("kill", lambda: os.kill(pid, signal.SIGKILL))
		refused("the launcher", lambda: os.kill(os.getppid(), signal.SIGKILL))
		refused("pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL))
		refused("prlimit", lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (0, 0)))
		refused("priority", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
		refused("affinity", lambda: os.sched_setaffinity(pid, {0}))
		resource.prlimit(0, resource.RLIMIT_CORE, (0, 0))
		libc = ctypes.CDLL(None, use_errno=True)
		assert libc.ptrace(16, pid, 0, 0) == -1
		assert libc.shmget(0x1234, 4096, 0o1600) == -1
	END
	kill -0 "$victim"
	kill "$victim"
}

@test "there is no network, and no socket outside" {
	needs_landlock
	local outside=$BATS_TEST_TMPDIR/outside server
	mkdir "$outside"
	python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()
a = socket.socket(socket.AF_UNIX); a.bind("\0" + sys.argv[1]); a.listen()
print("ready", flush=True); time.sleep(1000)' "$outside/socket" >ready 3>&- &
	server=$!
	wait_until [ -s ready ]
	bare_jail python3 - "$outside/socket" <<-'END'
		import socket, sys
		def refused(what, act):
		    try:
		        act()
		    except OSError:
		        return
		    sys.exit("not refused: " + what)
		for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):
		    refused(str(family), lambda: socket.socket(family, socket.SOCK_RAW
		            if family == socket.AF_NETLINK else socket.SOCK_STREAM))
		refused("by path", lambda: socket.socket(socket.AF_UNIX).connect(sys.argv[1]))
		refused("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\0" + sys.argv[1]))
		refused("datagram", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0]
		        .sendto(b"x", sys.argv[1]))
		own = socket.socket(socket.AF_UNIX); own.bind("socket"); own.listen()
		socket.socket(socket.AF_UNIX).connect("socket")
	END
	kill "$server"
}

@test "by the ring as by the call: what is outside is denied" {
	needs_landlock
	"$JAIL" --check >/dev/null || skip 'io_uring cannot be filtered here'
	local outside=$BATS_TEST_TMPDIR/outside
	echo secret >"$outside"
	run bare_jail --whitelist-ro="$CLIENTS" "$CLIENTS/try" ring nop
	[[ $output == *': ok' ]]
	run bare_jail --whitelist-ro="$CLIENTS" "$CLIENTS/try" ring socket inet
	echo "$output"
	[[ $output == *': EACCES' ]]
	run bare_jail --whitelist-ro="$CLIENTS" "$CLIENTS/try" ring openat read "$outside"
	echo "$output"
	[[ $output == *': EACCES' ]]
}

@test "nothing is left when the program ends, and nothing else is killed" {
	needs_landlock
	local mark=3300.$RANDOM witness
	sleep 1000 3>&- &
	witness=$!
	bare_jail sh -c "setsid sh -c 'echo >started; exec sleep $mark' >/dev/null 2>&1 3>&- &
		until [ -e started ]; do sleep 0.05; done"
	run ! pgrep -f "sleep $mark"
	kill -0 "$witness"
	kill "$witness"
}

@test "it dies with its launcher, and so does what it has left" {
	needs_landlock
	local mark=3400.$RANDOM
	"${bare[@]}" "$JAIL" -q --userns=try sh -c "setsid sh -c 'echo >started; exec sleep $mark' &
		exec sleep $mark" >/dev/null 2>&1 3>&- &
	local launcher=$!
	wait_until [ -e started ]
	kill -KILL "$launcher"
	wait "$launcher" || true
	wait_until is_gone "sleep $mark"
}

@test "signals are passed on" {
	needs_landlock
	local launcher status=0
	"${bare[@]}" "$JAIL" -q --userns=try sh -c 'trap "exit 7" USR1; echo >ready
		while :; do sleep 0.05; done' 3>&- &
	launcher=$!
	wait_until [ -e ready ]
	kill -USR1 "$launcher"
	wait "$launcher" || status=$?
	[ "$status" = 7 ]
}

@test "what cannot be held is refused by its name" {
	needs_landlock
	mkdir inside
	touch inside/file
	refused 125 'hostname cannot be had without namespaces' bare_jail --hostname=box
	refused 125 'tmpfs /mnt (command line)' bare_jail --tmpfs=/mnt
	refused 125 'bind ' bare_jail --bind="$PWD/inside,$PWD/other"
	refused 125 'private-tmp' bare_jail --private-tmp
	refused 125 'landlock off' bare_jail --landlock=off
	refused 125 'uring unfiltered' bare_jail --uring=unfiltered
	refused 125 'caps.keep' bare_jail --caps.keep=chown
	refused 125 "what is said of $PWD/inside (command line)" bare_jail --blacklist="$PWD/inside"
	refused 125 "what is said of $PWD/inside/file (command line)" \
		bare_jail --read-only="$PWD/inside/file"
	refused 125 'all is writable from the root on' bare_jail --root=host
	refused 125 '--audit and --learn need namespaces' bare_jail --audit
}

@test "--explain and --check tell of it" {
	needs_landlock
	run "${bare[@]}" "$JAIL" --explain --userns=try true
	echo "$output"
	[[ $output == *'Namespaces    none: Landlock alone'* ]]
	[[ $output == *'no mounts: what Landlock grants is there'* ]]
	run "${bare[@]}" "$JAIL" --check
	[[ $output == *'no     namespaces'*'hint: user namespaces are switched off'* ]]
	[[ $output =~ yes\ +userns-try ]]
}
