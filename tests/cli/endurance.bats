#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Many jails, at once and one after another: none fails, and nothing is left of them.

load common

# isolated SCRIPT: in namespaces of processes and mounts of the test's own, so that whatever is left
# there afterwards is the launcher's. The script has the functions below, and the launcher as $0.
isolated() {
	local -a as_user=()
	[ "$(id -u)" = 0 ] || as_user=(--user --map-current-user)
	unshare "${as_user[@]}" --mount --pid --fork --mount-proc true ||
		skip 'namespaces cannot be made here'
	mkdir "$BATS_TEST_TMPDIR/tmp"
	: >"$BATS_TEST_TMPDIR/start"
	run env TMPDIR="$BATS_TEST_TMPDIR/tmp" \
		unshare "${as_user[@]}" --mount --pid --fork --mount-proc --kill-child \
		bash -euc "$(declare -f state cgroups)$1" "$JAIL"
	echo "$output"
	[ "$status" = 0 ]
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
	[ -z "$(find /tmp /run /var/tmp /dev/shm -maxdepth 2 -newer "$BATS_TEST_TMPDIR/start" \
		-name '*uring-jail*' -user "$(id -u)" 2>/dev/null)" ]
}

# Processes, mounts, namespaces and control groups.
state() {
	local processes
	processes=$(ps -e -o args=)
	sort <<<"$processes"
	cut -d' ' -f3- /proc/self/mountinfo
	readlink /proc/[0-9]*/ns/* | sort -u
	cgroups
	ipcs -a | grep '^0x' || true
}

cgroups() {
	local own
	own=$(sed -n 's/^0:://p' /proc/self/cgroup)
	[ -d "/sys/fs/cgroup$own" ] || return 0
	find "/sys/fs/cgroup$own" -mindepth 1 -type d
}

@test "2,000 jails one after another" {
	isolated '
		state >before
		for ((i = 0; i < 2000; i++)); do
			"$0" --quiet true </dev/null || { echo "jail $i: status $?"; exit 1; }
		done
		state >after
		diff before after'
}

@test "200 jails at once" {
	isolated '
		state >before
		mkdir ready
		mkfifo go
		for ((i = 0; i < 200; i++)); do
			"$0" --quiet sh -c ": >ready/$i; read -r line <go; exit 7" </dev/null &
			pids[i]=$!
		done
		until [ "$(ls ready | wc -l)" = 200 ]; do
			[ "$(jobs -pr | wc -l)" = 200 ] || { echo "one has ended"; exit 1; }
			sleep 0.1
		done
		[ "$(pgrep -c -f "read -r line")" -ge 400 ]
		# Whoever waits for a writer has one, and the end of what he reads.
		: >go
		for pid in "${pids[@]}"; do
			status=0
			wait "$pid" || status=$?
			[ "$status" = 7 ] || { echo "status $status"; exit 1; }
		done
		state >after
		diff before after'
}

@test "200 jails at once are gone when their launchers are killed" {
	isolated '
		state >before
		mkdir ready
		for ((i = 0; i < 200; i++)); do
			"$0" --quiet sh -c ": >ready/$i; setsid sleep 1000 & exec sleep 1000" </dev/null &
			pids[i]=$!
			disown
		done
		until [ "$(ls ready | wc -l)" = 200 ]; do sleep 0.1; done
		kill -KILL "${pids[@]}"
		until ! pgrep "^(sleep|uring)" >/dev/null; do sleep 0.1; done
		state >after
		diff before after'
}
