#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a launch gives the program, and what it takes away, on any kernel.

load common

@test "the exit status is the program's" {
	run jail sh -c 'exit 42'
	[ "$status" = 42 ]
	jail true
}

@test "a program killed by a signal gives 128 and its number" {
	run jail sh -c 'kill -TERM $$'
	[ "$status" = 143 ]
	run jail sh -c 'kill -KILL $$'
	[ "$status" = 137 ]
}

@test "a caller that ignores SIGCHLD gets the status all the same" {
	run bash -c 'trap "" CHLD; "$0" -q sh -c "exit 4"' "$JAIL"
	[ "$status" = 4 ]
}

@test "input, output and errors are the program's own" {
	run --separate-stderr bash -c 'echo in | "$0" -q sh -c "cat; echo err >&2"' "$JAIL"
	[ "$output" = in ]
	[ "$stderr" = err ]
}

@test "output is at its end when the program closes it, not when it exits" {
	timeout 60 bash -c '"$0" -q sh -c "exec >&-; until [ -e eof ]; do sleep 0.05; done" |
		{ cat; touch eof; }' "$JAIL"
}

@test "the program has no capability, no new privileges and a seccomp filter" {
	run jail --whitelist-ro="$CLIENTS" "$CLIENTS/fds" --status
	echo "$output"
	[ "$status" = 0 ]
	local set
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		[[ $output =~ $set:[[:space:]]*0000000000000000 ]]
	done
	[[ $output =~ NoNewPrivs:[[:space:]]*1 ]]
	[[ $output =~ Seccomp:[[:space:]]*2 ]]
}

@test "caps.keep keeps what it names, caps.drop takes it back" {
	run jail --whitelist-ro="$CLIENTS" --caps.keep=net_bind_service,chown --caps.drop=chown \
		"$CLIENTS/fds" --status
	echo "$output"
	[[ $output =~ CapEff:[[:space:]]*0000000000000400 ]]
	[[ $output =~ CapBnd:[[:space:]]*0000000000000400 ]]
}

@test "orphans are reaped" {
	# The orphan ends at once; that its entry in /proc goes away is PID 1's doing.
	timeout 60 "$JAIL" -q sh -c 'orphan=$(sh -c "sh -c : >/dev/null & echo \$!")
		while [ -e /proc/$orphan ]; do sleep 0.05; done'
}

@test "nothing is left when the program ends" {
	local mark=31.$RANDOM
	jail sh -c "setsid sleep $mark >/dev/null 2>&1 & exit 0"
	run pgrep -f "sleep $mark"
	[ "$status" = 1 ]
}

@test "the jail dies with its launcher" {
	local mark=3200.$RANDOM launcher
	"$JAIL" -q sleep "$mark" 3>&- &
	launcher=$!
	wait_until pgrep -f "^sleep $mark"
	kill -KILL "$launcher"
	wait "$launcher" || true
	wait_until is_gone "^sleep $mark"
}

@test "signals are passed on" {
	local launcher status=0
	"$JAIL" -q sh -c 'trap "echo got >signalled; exit 7" USR1; echo >ready
		while :; do sleep 0.05; done' 3>&- &
	launcher=$!
	wait_until [ -e ready ]
	kill -USR1 "$launcher"
	wait "$launcher" || status=$?
	[ "$status" = 7 ]
	[ "$(cat signalled)" = got ]
}

@test "the working folder is there and writable, HOME is private" {
	echo secret >"$HOME/secret"
	echo data >file
	run jail sh -c 'cat file && echo more >file2 && ls -A "$HOME" && pwd'
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == data*work ]]
	[ "$(cat file2)" = more ]
	run jail cat "$HOME/secret"
	[ "$status" != 0 ]
}

@test "a working folder that is HOME or above it is not there" {
	cd "$HOME"
	echo secret >secret
	run jail ls -A
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = '' ]
	cd "$BATS_TEST_TMPDIR"
	run jail cat home/secret
	[ "$status" != 0 ]
}

@test "system folders are read-only" {
	local folder
	for folder in / /usr /etc /bin /dev; do
		run jail touch "$folder/uring-jail-test"
		[ "$status" != 0 ]
		[ ! -e "$folder/uring-jail-test" ]
	done
}

@test "/tmp, /run and HOME are private and writable" {
	local name=uring-jail-$RANDOM folder
	for folder in /tmp /var/tmp "$HOME" /dev/shm; do
		jail sh -c "echo x >$folder/$name && cat $folder/$name"
		[ ! -e "$folder/$name" ]
	done
}

@test "whitelist grants, whitelist-ro grants reading, blacklist hides" {
	mkdir "$HOME/data" "$HOME/data/secret"
	echo one >"$HOME/data/file"
	echo two >"$HOME/data/secret/file"
	run jail --whitelist="$HOME/data" --blacklist="$HOME/data/secret" sh -c \
		'cat $HOME/data/file; echo new >$HOME/data/new; cat $HOME/data/secret/file'
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == one* ]]
	[[ $output != *two* ]]
	[ "$(cat "$HOME/data/new")" = new ]
	run jail --whitelist-ro="$HOME/data" sh -c 'cat $HOME/data/file && echo x >$HOME/data/file'
	[ "$status" != 0 ]
	[ "$(cat "$HOME/data/file")" = one ]
}

@test "bind shows a folder under another name, tmpfs an empty one" {
	mkdir source
	echo content >source/file
	run jail --bind="$PWD/source,/srv/other" cat /srv/other/file
	[ "$output" = content ]
	run jail --tmpfs="$PWD/source" sh -c 'ls -A source; echo x >source/new'
	[ "$status" = 0 ]
	[ "$output" = '' ]
	[ ! -e source/new ]
}

@test "read-only and read-write nest" {
	mkdir -p tree/rw
	run jail --read-only="$PWD/tree" --read-write="$PWD/tree/rw" sh -c \
		'echo x >tree/rw/file; echo x >tree/file'
	[ "$status" != 0 ]
	[ -e tree/rw/file ]
	[ ! -e tree/file ]
}

@test "a program cannot change its own profile" {
	echo 'net none' >"$XDG_CONFIG_HOME/uring-jail/evil.profile"
	cd "$XDG_CONFIG_HOME"
	run jail sh -c 'echo "net host" >uring-jail/evil.profile'
	[ "$status" != 0 ]
	[ "$(cat uring-jail/evil.profile)" = 'net none' ]
}

@test "the network is an own one with loopback, or the host's" {
	run jail sh -c 'cat /proc/net/dev | tail -n +3 | cut -d: -f1'
	echo "$output"
	[ "$(tr -d ' \n' <<<"$output")" = lo ]
	run jail --net=host readlink /proc/self/ns/net
	[ "$output" = "$(readlink /proc/self/ns/net)" ]
}

@test "every namespace is the jail's own" {
	local namespace
	for namespace in user mnt pid ipc uts cgroup net; do
		run jail readlink "/proc/self/ns/$namespace"
		[ "$status" = 0 ]
		[ "$output" != "$(readlink "/proc/self/ns/$namespace")" ]
	done
}

@test "hostname, env, rmenv and limits are as said" {
	export GONE=1 KEPT=2
	run jail --hostname=jailed --env=NEW=3 --rmenv=GONE --rlimit-nofile=64 sh -c \
		'uname -n; echo "$GONE.$KEPT.$NEW"; ulimit -n'
	echo "$output"
	[ "$output" = $'jailed\n.2.3\n64' ]
	[ "$(uname -n)" != jailed ]
}

@test "a limit above the user's own is refused" {
	[ "$(id -u)" != 0 ] || ulimit -Hn 4096 || true
	refused 125 'cannot set rlimit-nofile' jail --rlimit-nofile=999999999
}

@test "a profile is chosen by the program's name, else the default" {
	echo 'hostname by-name' | profile uname
	echo 'hostname by-default' | profile default
	run jail uname -n
	[ "$output" = by-name ]
	run jail sh -c 'uname -n'
	[ "$output" = by-default ]
	run jail --profile=default uname -n
	[ "$output" = by-default ]
	run jail --hostname=by-option uname -n
	[ "$output" = by-option ]
	run jail --no-profile uname -n
	[ "$output" = "$(uname -n)" ]
}

@test "protocol holds socket(2)" {
	run jail --whitelist-ro="$CLIENTS" --protocol=unix "$CLIENTS/try" call socket unix
	[[ $output == *': ok' ]]
	run jail --whitelist-ro="$CLIENTS" --protocol=unix "$CLIENTS/try" call socket inet
	[[ $output != *': ok' ]]
}

@test "uring none answers ENOSYS" {
	run jail --whitelist-ro="$CLIENTS" --uring=none "$CLIENTS/try" ring nop
	echo "$output"
	[[ $output == *'ring setup: ENOSYS'* ]]
}

@test "where io_uring cannot be filtered it is blocked with one line, or refused" {
	if "$JAIL" --check >/dev/null; then
		skip 'this kernel can filter io_uring'
	fi
	run "$JAIL" --whitelist-ro="$CLIENTS" "$CLIENTS/try" ring nop
	echo "$output"
	[[ ${lines[0]} == 'uring-jail: io_uring is blocked (ENOSYS): '* ]]
	[[ ${lines[1]} == 'ring setup: ENOSYS'* ]]
	refused 125 'io_uring cannot be filtered here' jail --uring.require
}

# Tries to write to FILE, to put another in its place, and to rename the folder around it.
tamper='echo "hostname free" >>"$0"; rm -f "$0"; mv "$(dirname "$0")" moved; true'

@test "a profile in the working folder cannot be changed by the program" {
	mkdir sub
	echo 'hostname held' >sub/my.profile
	echo 'include more.inc' >my.profile
	echo 'hostname held' >more.inc
	jail --profile=./sub/my.profile sh -c "$tamper" sub/my.profile
	run jail --profile=./sub/my.profile uname -n
	[ "$output" = held ]
	run jail --profile=./my.profile sh -c 'echo "hostname free" >more.inc'
	echo "$output"
	run jail --profile=./my.profile uname -n
	[ "$output" = held ]
}

@test "a profile that is a symlink into the working folder cannot be changed by the program" {
	mkdir sub
	echo 'hostname held' >sub/real.profile
	ln -s "$PWD/sub/real.profile" "$XDG_CONFIG_HOME/uring-jail/uname.profile"
	jail sh -c "$tamper" sub/real.profile
	run jail uname -n
	[ "$output" = held ]
}

@test "an include that may be missing cannot be made by the program" {
	echo 'include my.local' >my.profile
	refused 125 'the program could make it' jail --profile=./my.profile
	: >my.local
	run jail --profile=./my.profile sh -c 'echo "hostname free" >my.local'
	[ ! -s my.local ]
}

@test "without HOME, or with another, the home of the user database is not the working folder" {
	local login
	login=$(getent passwd "$(id -u)" | cut -d: -f6)
	cd "$login" || skip 'this user has no home'
	env -u HOME -u XDG_CONFIG_HOME "$JAIL" -q --no-profile \
		sh -c 'touch "$0"; true' "$login/uring-jail-test"
	[ ! -e uring-jail-test ]
	jail sh -c 'touch "$0"; true' "$login/uring-jail-test"
	[ ! -e uring-jail-test ]
}
