#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# dbus-user and dbus-system, with buses of the tests' own.

load common

eval "common_$(declare -f setup)"
setup() {
	common_setup
	local program
	for program in dbus-daemon xdg-dbus-proxy; do
		command -v "$program" >/dev/null || skip "there is no $program"
	done
	top=$BATS_TEST_TMPDIR
	cp "$TOP/tests/cli/bus.py" .
	start_bus
}

# A bus at $top/run/bus, on which two names are answered.
start_bus() {
	mkdir -p "$top/run"
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$top/run/bus
	dbus-daemon --session --nofork --address="$DBUS_SESSION_BUS_ADDRESS" 3>&- &
	daemon=$!
	wait_until test -S "$top/run/bus"
	python3 bus.py serve org.test.Allowed org.test.Other >ready 3>&- &
	server=$!
	wait_until test -s ready
}

teardown() {
	kill "$daemon" "$server" 2>/dev/null || true
	wait
}

# filtered OPTION... -- COMMAND...
filtered() {
	jail --dbus-user=filter "$@"
}

@test "without a word on it the user's bus is not there" {
	[ "$(python3 bus.py call org.test.Allowed)" = 'org.test.Allowed answered' ]
	run jail --whitelist="$top/run" sh -c 'echo "<$DBUS_SESSION_BUS_ADDRESS>"; DBUS_SESSION_BUS_ADDRESS=$1 python3 bus.py call org.test.Allowed' sh "$DBUS_SESSION_BUS_ADDRESS"
	echo "$output"
	[ "${lines[0]}" = '<>' ]
	[[ $output == *'Permission denied'* ]]
	run jail --root=host sh -c 'DBUS_SESSION_BUS_ADDRESS=$1 python3 bus.py call org.test.Allowed' sh "$DBUS_SESSION_BUS_ADDRESS"
	[[ $output == *'Permission denied'* ]]
	run jail --bind="$top/run,/srv/run" sh -c 'DBUS_SESSION_BUS_ADDRESS=unix:path=/srv/run/bus exec python3 bus.py call org.test.Allowed'
	[[ $output == *'Permission denied'* ]]
	# Its socket by name is as good as any file; and so is what the environment is told.
	run jail --whitelist="$top/run/bus" python3 bus.py call org.test.Allowed
	[ "$output" = 'org.test.Allowed answered' ]
	refused 125 'dbus-user (command line) hides it' "$JAIL" -q --dbus-user=none --whitelist="$top/run/bus"
}

@test "a filter lets pass what is named, and nothing else" {
	run filtered --dbus-user.talk=org.test.Allowed python3 bus.py call org.test.Allowed org.test.Other
	echo "$output"
	[ "${lines[0]}" = 'org.test.Allowed answered' ]
	[[ ${lines[1]} == 'org.test.Other '* && ${lines[1]} != *answered ]]
	run filtered --dbus-user.talk=org.test.Allowed python3 bus.py listed org.test.Allowed org.test.Other
	[ "$output" = $'org.test.Allowed True\norg.test.Other False' ]
	run filtered --dbus-user.see=org.test.Allowed python3 bus.py seen org.test.Allowed org.test.Other
	[ "$output" = $'org.test.Allowed seen\norg.test.Other NameHasNoOwner' ]
	run filtered --dbus-user.see=org.test.Allowed python3 bus.py call org.test.Allowed
	echo "$output"
	[[ $output != *answered ]]
	run filtered --dbus-user.own=org.test.Mine python3 bus.py own org.test.Mine org.test.Yours
	echo "$output"
	[[ ${lines[0]} == *owned && ${lines[1]} != *owned ]]
	run filtered '--dbus-user.talk=org.test.*' python3 bus.py call org.test.Allowed org.test.Other
	[ "$output" = $'org.test.Allowed answered\norg.test.Other answered' ]
	run filtered python3 bus.py call org.test.Allowed
	[[ $output != *answered ]]
}

@test "beside the filter, the bus itself is not there: in a child, after exec, by another name" {
	local attack='
		for address in "$1" unix:path=/srv/run/bus; do
			DBUS_SESSION_BUS_ADDRESS=$address python3 bus.py call org.test.Other
			(DBUS_SESSION_BUS_ADDRESS=$address exec python3 bus.py call org.test.Other)
		done
		rm -f "$2/bus"; mv "$2/bus" "$2/away"; ls -A /run/user/*' root
	for root in minimal host; do
		run filtered --root=$root --whitelist="$top/run" --bind="$top/run,/srv/run" \
			sh -c "$attack" sh "$DBUS_SESSION_BUS_ADDRESS" "$top/run"
		[ "$root" = minimal ] || run filtered --root=$root sh -c "$attack" sh "$DBUS_SESSION_BUS_ADDRESS" "$top/run"
		echo "$output"
		[[ $output != *answered* && $output != *uring-jail.* ]]
	done
	[ -S "$top/run/bus" ]
	run filtered --root=host --dbus-user.talk=org.test.Allowed python3 bus.py call org.test.Allowed org.test.Other
	[ "${lines[0]}" = 'org.test.Allowed answered' ]
	[[ ${lines[1]} != *answered ]]
	refused 125 'hides it' "$JAIL" -q --dbus-user=filter --whitelist="$top/run/bus"
}

# proxies: those of this test's bus.
proxies() {
	pgrep -f "xdg-dbus-proxy.*$top/run/bus"
}

no_proxies() {
	! proxies >/dev/null
}

@test "the proxy ends with the jail, and with a launcher that is killed, and leaves nothing" {
	local before
	before=$(find /run/user/*/uring-jail/* /tmp/uring-jail.* -maxdepth 0 2>/dev/null || true)
	filtered true
	no_proxies
	run filtered sh -c 'kill -KILL $$'
	[ "$status" = 137 ]
	no_proxies
	run -127 filtered /nowhere/program
	no_proxies
	jail --dbus-user=filter sh -c 'touch up; exec sleep 1000' 3>&- &
	local pid
	wait_until test -e up
	[ "$(proxies | wc -l)" = 1 ]
	pid=$(ps -o ppid= -p "$(proxies)" | tr -d ' ')
	kill -KILL "$pid"
	wait $! || true
	wait_until no_proxies
	[ "$(find /run/user/*/uring-jail/* /tmp/uring-jail.* -maxdepth 0 2>/dev/null || true)" = "$before" ]
}

@test "a proxy that fails says why, and nothing is run" {
	unshare --user --map-root-user --mount true || skip 'unshare cannot mount here'
	printf '#!/bin/sh\necho "no way" >&2; exit 1\n' >proxy
	chmod +x proxy
	# shellcheck disable=SC2016
	run unshare --user --map-root-user --mount sh -c '
		mount --bind proxy "$(command -v xdg-dbus-proxy)" &&
		exec "$0" -q --dbus-user=filter touch marker' "$JAIL"
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'xdg-dbus-proxy does not start: no way' ]]
	[ ! -e marker ]
}

@test "a jail cannot leave a proxy in PATH that would run outside" {
	mkdir bin
	jail sh -c 'printf "#!/bin/sh\ntouch escaped\n" >bin/xdg-dbus-proxy; chmod +x bin/xdg-dbus-proxy'
	bin/xdg-dbus-proxy
	rm escaped
	local first
	for first in "$PWD/bin" bin /usr/../"$PWD/bin"; do
		PATH=$first:$PATH filtered true
		[ ! -e escaped ]
	done
	cd bin
	PATH=:$PATH filtered true
	[ ! -e ../escaped ]
	[ ! -e escaped ]
	run env PATH="$PWD" "$JAIL" --check
	grep '^no *dbus-proxy .*there is no xdg-dbus-proxy' <<<"$output"
}

@test "another jail, even one that is there already, does not see where proxies listen" {
	unshare --user --map-root-user --mount true || skip 'unshare cannot mount here'
	printf '#!/bin/sh\ncd "%s"; echo "$3" >new; mv new socket; exit 1\n' "$PWD" >proxy
	chmod +x proxy
	cat >other <<-'END'
		touch up
		until [ -s socket ]; do sleep 0.1; done
		cd /run/user/0
		ls -A uring-jail && echo listed
		mv uring-jail away && echo moved
		rmdir uring-jail && echo removed
	END
	local root
	for root in minimal host; do
		rm -f up socket
		# shellcheck disable=SC2016
		run unshare --user --map-root-user --mount sh -c '
			mount -t tmpfs none /run && mkdir -p /run/user/0 &&
			mount --bind proxy "$(command -v xdg-dbus-proxy)" || exit
			"$0" -q --root="$1" --whitelist=/run/user/0 sh other 3>&- &
			until [ -e up ]; do sleep 0.1; done
			"$0" -q --dbus-user=filter true
			wait' "$JAIL" "$root"
		echo "$output"
		[[ $output == *'does not start'* ]]
		grep '^/run/user/0/uring-jail/[^/]*/bus$' socket
		[[ $output != *listed* && $output != *moved* && $output != *removed* ]]
	done
}

@test "without a proxy, or without a bus, nothing is run" {
	mkdir bin
	run env PATH="$PWD/bin" "$JAIL" -q --dbus-user=filter /usr/bin/touch marker
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'dbus-user filter needs xdg-dbus-proxy, which is not found'*'install the package xdg-dbus-proxy'* ]]
	[ ! -e marker ]
	run "$JAIL" --check
	grep "^yes *dbus-proxy .*$(command -v xdg-dbus-proxy)" <<<"$output"
	run env PATH=/nowhere "$JAIL" --check
	grep '^no *dbus-proxy .*there is no xdg-dbus-proxy' <<<"$output"
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere/bus
	export DBUS_SYSTEM_BUS_ADDRESS
	refused 125 'the bus has no socket file' "$JAIL" -q --dbus-system=allow
}

@test "the whole bus, and the system's" {
	run jail --dbus-user=allow python3 bus.py call org.test.Other
	[ "$output" = 'org.test.Other answered' ]
	export DBUS_SYSTEM_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS
	local as_system='DBUS_SESSION_BUS_ADDRESS=$DBUS_SYSTEM_BUS_ADDRESS exec python3 bus.py call org.test.Allowed org.test.Other'
	run jail --dbus-system=filter --dbus-system.talk=org.test.Other sh -c "$as_system"
	echo "$output"
	[[ ${lines[0]} != *answered && ${lines[1]} == *answered ]]
	run jail --dbus-system=none --whitelist="$top/run" sh -c "$as_system"
	[[ $output != *answered* ]]
}

@test "rules that are none are refused, and --explain tells of the others" {
	local bad
	for bad in org org. .org org..test '*' 'org.test*' 'org.*.test' org.1test ':1.5' 'org.te st!'; do
		refused 125 'it is no name of a bus' "$JAIL" -q --dbus-user=filter --dbus-user.talk="$bad"
	done
	refused 125 'dbus-user.talk needs dbus-user filter' "$JAIL" -q --dbus-user.talk=org.test.Allowed
	refused 125 'dbus-user.own needs dbus-user filter' "$JAIL" -q --dbus-user=allow --dbus-user.own=org.test.Allowed
	refused 125 'unknown mode of a bus' "$JAIL" -q --dbus-user=all
	local abstract=unix:abstract=/tmp/dbus-test
	refused 125 'abstract socket, which net host shows' env DBUS_SESSION_BUS_ADDRESS=$abstract "$JAIL" -q \
		--dbus-user=none --net=host --landlock=off
	run filtered --dbus-user.talk=org.test.A,org.test.B --dbus-user.own=org.test.C --explain true
	[[ $(tr -s ' \n' ' ' <<<"$output") == *' dbus-user filter by xdg-dbus-proxy --filter --talk=org.test.A --talk=org.test.B --own=org.test.C '* ]]
	run filtered --dbus-user.see=org.test.A --explain=json true
	python3 -c '
import json, sys
plan = json.load(sys.stdin)
assert plan["buses"]["dbus-user"] == {"mode": "filter", "proxy": ["--filter", "--see=org.test.A"]}
assert plan["buses"]["dbus-system"]["mode"] == "default"
assert [m["kind"] for m in plan["mounts"] if m["look"] == "socket"] == ["bus"]' <<<"$output"
}
