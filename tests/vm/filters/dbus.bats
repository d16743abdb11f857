#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A hidden bus is hidden from rings too.

load ../../cli/common

eval "common_$(declare -f setup)"
setup() {
	common_setup
	top=$BATS_TEST_TMPDIR
	mkdir "$top/run"
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$top/run/bus
	dbus-daemon --session --nofork --address="$DBUS_SESSION_BUS_ADDRESS" 3>&- &
	daemon=$!
	wait_until test -S "$top/run/bus"
}

teardown() {
	kill "$daemon" 2>/dev/null || true
	wait
}

@test "no ring connects to the bus, from a child, a kernel thread, another image; one does to the proxy" {
	local mode gate kind
	for kind in none filter; do
		for mode in thread fork exec async sqpoll hole; do
			for gate in call ring; do
				run "$JAIL" -q --dbus-user="$kind" --whitelist="$top/run" --whitelist-ro="$CLIENTS" \
					"$CLIENTS/try" -m "$mode" "$gate" connect "unix:$top/run/bus"
				echo "$kind: $output"
				[[ $output == *': EACCES' ]]
			done
		done
	done
	run "$JAIL" -q --dbus-user=filter --whitelist-ro="$CLIENTS" sh -c '
		exec "$1" ring connect "unix:${DBUS_SESSION_BUS_ADDRESS#unix:path=}"' sh "$CLIENTS/try"
	echo "$output"
	[[ $output == *'/run/user/'*': ok' ]]
}

@test "a jail in a jail has no more of a bus than that has" {
	[ "$VM_USER" != root ] || skip 'a jail within that of root can map no user'
	cp "$TOP/tests/cli/bus.py" .
	run "$JAIL" -q --dbus-user=filter --whitelist-ro="$(dirname "$JAIL")" '--seccomp=!@nesting' \
		"$JAIL" -q --dbus-user=filter '--dbus-user.own=org.test.*' python3 bus.py own org.test.Mine
	echo "$output"
	[[ $output == 'org.test.Mine '* && $output != *owned ]]
}
