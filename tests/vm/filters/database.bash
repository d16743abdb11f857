# SPDX-License-Identifier: LGPL-2.1-or-later
# What the tests of databases share.
#
# Neither server runs as root. Root alone sees all namespaces: in its run the server is the ordinary
# user's all the same, and it tests that nothing is left behind; the rest is for the user's run.
# The server's files are not below bats' folder, which root's run keeps from others.
# shellcheck shell=bash

BASE=/tmp/database-$VM_USER
DB=$BASE/db
as=()
[ "$VM_USER" != root ] || as=(setpriv --reuid=tester --regid=tester --init-groups --inh-caps=-all)

# database_setup_file: the shipped profiles, where a user's are, and an empty working folder.
database_setup_file() {
	rm -rf "$BASE"
	"${as[@]}" mkdir -p "$DB" "$BASE/config/uring-jail"
	cp "$TOP"/profiles/* "$BASE/config/uring-jail"
	export HOME=$BASE XDG_CONFIG_HOME=$BASE/config
}

setup() {
	cd "$DB" || return
}

teardown() {
	end "${launcher-}" KILL
	end "${listener-}" KILL
}

# end PROCESS SIGNAL: unless there is none any more.
end() {
	[ -z "$1" ] || ! kill "-$2" "$1" 2>/dev/null || wait "$1" || true
}

as_user() {
	[ "$VM_USER" != root ] || skip 'the server is the same user either way'
}

# start_server [JAIL-OPTION...] -- PROGRAM [ARGUMENT...]: by the profile of the program's name.
# $launcher is the launcher's number, $BATS_TEST_TMPDIR/log what was said. It is waited for by is_up.
start_server() {
	"${as[@]}" "$JAIL" "$@" >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	launcher=$!
	wait_until is_up || { cat "$BATS_TEST_TMPDIR/log" && return 1; }
}

# stop SIGNAL STATUS: of the launcher.
stop() {
	local status=0
	kill "-$1" "$launcher"
	wait "$launcher" || status=$?
	launcher=
	cat "$BATS_TEST_TMPDIR/log"
	[ "$status" = "$2" ]
}

# rings_at_work PROGRAM: how many rings that have taken requests its processes have, seen from
# outside.
rings_at_work() {
	local process
	for process in $(pgrep -x "$1"); do
		grep -lsE '^SqTail:\s*[1-9]' "/proc/$process/fdinfo"/*
	done | wc -l
}

# listening: a server outside on 127.0.0.1:7000 and on unix sockets, that notes who connects.
listening() {
	rm -f "$BASE"/{listening,reached,socket}
	python3 - "$BASE" <<-'END' 3>&- &
		import os, select, socket, sys
		os.chdir(sys.argv[1])
		servers = [socket.create_server(("127.0.0.1", 7000))]
		for name in "socket", "\0outside":
		    servers.append(socket.socket(socket.AF_UNIX))
		    servers[-1].bind(name)
		    servers[-1].listen()
		open("listening", "w").close()
		while True:
		    for server in select.select(servers, [], [])[0]:
		        server.accept()[0].close()
		        print(server.getsockname(), file=open("reached", "a"))
	END
	listener=$!
	wait_until [ -e "$BASE/listening" ]
	# from outside it is reached, and notes that
	bash -c 'exec 4<>/dev/tcp/127.0.0.1/7000'
	wait_until [ -s "$BASE/reached" ]
	rm "$BASE/reached"
}

# acknowledges COMMAND...: a client that is fed statements, until the server is no more. It prints a
# line for each row that was committed.
acknowledges() {
	# named, or it would be /dev/null
	"$@" <&0 >"$BATS_TEST_TMPDIR/acknowledged" 2>/dev/null 3>&- &
	client=$!
	wait_until has_lines 50
}

has_lines() {
	[ "$(wc -l <"$BATS_TEST_TMPDIR/acknowledged")" -ge "$1" ]
}

# What was acknowledged is there, and at most one row more. sql comes from the file of tests.
nothing_is_lost() {
	local acknowledged rows last
	acknowledged=$(wc -l <"$BATS_TEST_TMPDIR/acknowledged")
	rows=$(sql "select count(*) from $1")
	last=$(sql "select max(id) from $1")
	echo "acknowledged $acknowledged, found $rows up to $last"
	[ "$rows" = "$last" ]
	[ "$rows" = "$acknowledged" ] || [ "$rows" = $((acknowledged + 1)) ]
}

# traces NAME: what there is, into the file NAME.
traces() {
	"$TOP/tests/vm/traces.py" >"$BATS_TEST_TMPDIR/$1"
}

nothing_is_left() {
	traces after
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" >"$BATS_TEST_TMPDIR/left"
}

# killed NUMBER STATUS PROGRAM: kill -9 of a process ends the launcher with STATUS, and nothing is
# there that was not there before; PROGRAM, which was, would have been seen.
killed() {
	local status=0
	traces during
	kill -9 "$1"
	wait "$launcher" || status=$?
	launcher=
	wait "$client" || true
	[ "$status" = "$2" ]
	wait_until nothing_is_left || { cat "$BATS_TEST_TMPDIR/left" && return 1; }
	grep -q "^process .* $3\$" "$BATS_TEST_TMPDIR/during"
	# the jail has seven
	[ "$VM_USER" != root ] || [ "$(grep -c ^namespace "$BATS_TEST_TMPDIR/during")" -ge \
		$(($(grep -c ^namespace "$BATS_TEST_TMPDIR/before") + 7)) ]
}
