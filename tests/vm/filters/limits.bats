#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Limits of control groups, in one that is delegated to the user as systemd would do it.

load ../../cli/common

# Where processes are, no limits can be set below: the tests' own move aside.
setup_file() {
	local pid
	DELEGATED=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
	DELEGATED=${DELEGATED%/bats}
	export DELEGATED
	[ -d "$DELEGATED/bats" ] || mkdir "$DELEGATED/bats"
	until [ -z "$(cat "$DELEGATED/cgroup.procs")" ]; do
		while read -r pid; do
			echo "$pid" 2>/dev/null >"$DELEGATED/bats/cgroup.procs" || true
		done <"$DELEGATED/cgroup.procs"
	done
	echo +cpu +memory +pids >"$DELEGATED/cgroup.subtree_control"
}

# delegated COMMAND...: in a group of its own, as systemd-run makes one.
delegated() {
	group=$DELEGATED/test-$BATS_TEST_NUMBER
	[ -d "$group" ] || mkdir "$group"
	sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$group" "$@"
}

# clean: nothing is left in the group, which is as it was.
clean() {
	[ -z "$(find "$group" -mindepth 1 -type d)" ]
	[ -z "$(cat "$group/cgroup.procs" "$group/cgroup.subtree_control")" ]
}

# threads_of GROUP: a line each, its name behind.
threads_of() {
	local thread
	while read -r thread; do
		cat "/proc/$thread/comm" 2>/dev/null
	done <"$1/cgroup.threads"
}

# fio ARGUMENT...: through a ring, with its worker threads busy.
FIO=(fio --name=load --ioengine=io_uring --force_async=1 --iodepth=32 --bs=4k --thread --output=/dev/null)

@test "memory-max holds what a program and its children take, and what a ring writes to memory" {
	local take='
import os, sys
if "fork" in sys.argv and os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]) and 7)
kept = bytearray(200 << 20)
for place in range(0, len(kept), 4096):
    kept[place] = 1
print("taken")'
	run delegated "$JAIL" -q --memory-max=100m --memory-swap-max=0 python3 -c "$take"
	echo "$status: $output"
	[ "$status" = 137 ] && [ -z "$output" ]
	clean
	run delegated "$JAIL" -q --memory-max=100m --memory-swap-max=0 python3 -c "$take" fork
	echo "$status: $output"
	[ "$status" = 7 ] && [ -z "$output" ]
	run delegated "$JAIL" -q --memory-max=400m python3 -c "$take"
	echo "$status: $output"
	[ "$output" = taken ]
	run delegated "$JAIL" -q --memory-max=120m --memory-swap-max=0 "${FIO[@]}" --rw=write --size=400m \
		--directory=/tmp
	echo "$status: $output"
	[ "$status" = 137 ]
	clean
}

@test "tasks-max holds processes, and counts a ring's threads" {
	run delegated "$JAIL" -q --tasks-max=12 python3 -c '
import os, time
children = 0
try:
    while True:
        if not os.fork():
            time.sleep(1000)
        children += 1
except BlockingIOError:
    print(children)'
	echo "$output"
	[ "$output" = 10 ] # beside the program and PID 1
	delegated "$JAIL" -q --tasks-max=200 "${FIO[@]}" --sqthread_poll=1 --rw=randread --size=4m \
		--directory=/tmp --time_based --runtime=1000 &
	local launcher=$!
	workers() {
		threads_of "$group/uring-jail-$launcher/jail/inside" | grep -q iou-wrk &&
			threads_of "$group/uring-jail-$launcher/jail/inside" | grep -q iou-sqp
	}
	wait_until workers
	# All of them are in there, and counted.
	local limits=$group/uring-jail-$launcher/jail program threads=0
	while read -r program; do
		threads=$((threads + $(find "/proc/$program/task" -mindepth 1 -maxdepth 1 | wc -l)))
	done <"$limits/inside/cgroup.procs"
	threads_of "$limits/inside"
	[ "$threads" -gt 3 ]
	[ "$(cat "$limits/pids.max")" = 200 ]
	[ "$(threads_of "$limits/inside" | wc -l)" -gt 3 ]
	[ "$(cat "$limits/pids.current")" -gt 3 ]
	kill -TERM "$launcher"
	wait "$launcher" || true
	clean
}

@test "no more threads of a ring than tasks-max are made" {
	delegated "$JAIL" -q --tasks-max=8 "${FIO[@]}" --rw=randread --size=4m --directory=/tmp \
		--time_based --runtime=1000 &
	local launcher=$!
	refused() {
		[ "$(sed -n 's/^max //p' "$group/uring-jail-$launcher/jail/pids.events")" -gt 0 ]
	}
	wait_until refused
	[ "$(cat "$group/uring-jail-$launcher/jail/pids.peak")" -le 8 ]
	kill -TERM "$launcher"
	wait "$launcher" || true
	clean
}

# usage SECONDS COMMAND...: of how many processors the jail takes in that time, in percent.
usage() {
	local seconds=$1 launcher first last
	shift
	delegated "$@" &
	launcher=$!
	stat=$group/uring-jail-$launcher/jail/cpu.stat
	busy() {
		[ "$(sed -n 's/^usage_usec //p' "$stat")" -gt 1000000 ]
	}
	wait_until busy
	first=$(sed -n 's/^usage_usec //p' "$stat")
	local started=${EPOCHREALTIME/./}
	sleep "$seconds"
	last=$(sed -n 's/^usage_usec //p' "$stat")
	echo $(((last - first) * 100 / (${EPOCHREALTIME/./} - started)))
	kill -KILL "$launcher"
	wait "$launcher" || true
}

@test "cpu-quota holds a program, and a ring's kernel thread" {
	group=$DELEGATED/test-$BATS_TEST_NUMBER
	local share
	share=$(usage 4 "$JAIL" -q --cpu-quota=20% sh -c 'while :; do :; done' 2>/dev/null)
	echo "program: $share%"
	[ "$share" -le 35 ]
	share=$(usage 4 "$JAIL" -q --cpu-quota=20% "${FIO[@]}" --sqthread_poll=1 --rw=randread --size=4m \
		--directory=/tmp --time_based --runtime=1000 2>/dev/null)
	echo "ring: $share%"
	[ "$share" -le 35 ]
	share=$(usage 4 "$JAIL" -q --tasks-max=100 --cpu-quota=1000% sh -c 'while :; do :; done' 2>/dev/null)
	echo "without: $share%"
	[ "$share" -ge 50 ]
}

@test "the groups end with the jail, however it ends, and a killed launcher leaves none with processes" {
	run delegated "$JAIL" -q --tasks-max=50 sh -c 'setsid sleep 1000 & exit 3'
	[ "$status" = 3 ]
	clean
	run delegated "$JAIL" -q --tasks-max=50 sh -c 'kill -KILL $$'
	[ "$status" = 137 ]
	clean
	run delegated "$JAIL" -q --tasks-max=50 /nowhere/program
	[ "$status" = 127 ]
	clean
	run delegated "$JAIL" -q --tasks-max=50 --timeout=1 sleep 1000
	[ "$status" = 124 ]
	clean
	delegated "$JAIL" -q --tasks-max=50 sleep 1234567 &
	wait_until pgrep -f '^sleep 1234567'
	kill -KILL $!
	wait $! || true
	wait_until is_gone '^sleep 1234567'
	[ "$(find "$group" -name 'uring-jail-*' | wc -l)" = 1 ]
	# What it left is empty: whoever has made the group for it can remove both.
	[ "$(cat "$group"/uring-jail-*/jail/cgroup.events)" = $'populated 0\nfrozen 0' ]
	find "$group" -depth -type d -exec rmdir {} +
	[ ! -e "$group" ]
}

@test "a program cannot lift its limits" {
	local jail=(--memory-max=300m --tasks-max=50) attack='
		for group in $(find /sys/fs/cgroup "$1" -name cgroup.procs 2>/dev/null); do
			echo max >"${group%/*}/memory.max"; echo 0 >"$group"; mkdir "${group%/*}/new"
		done 2>&1 | sort | uniq -c | sort -n | tail -n 20
		cat /proc/self/cgroup'
	run delegated "$JAIL" -q "${jail[@]}" --root=host sh -c "$attack" sh /nowhere
	echo "$output"
	[[ $output != *uring-jail-*/new* || $output == *'Read-only file system'* ]]
	[ "${lines[-1]}" = 0::/ ]
	run delegated "$JAIL" -q "${jail[@]}" --whitelist=/sys/fs/cgroup sh -c '
		echo max >"$1"/memory.max || echo refused; echo 0 >"$1"/cgroup.procs || echo refused' sh "$DELEGATED/bats"
	echo "$output"
	[ "$(grep -c '^refused' <<<"$output")" = 2 ]
	[[ $output == *'Read-only file system'* ]]
	run delegated "$JAIL" -q "${jail[@]}" --bind=/sys/fs/cgroup,/srv/groups sh -c '
		echo 0 >"$1"/cgroup.procs || echo refused' sh "/srv/groups/${DELEGATED##*/}/bats"
	echo "$output"
	[[ $output == *'Read-only file system'* ]]
	refused 125 'the limits of control groups are held in /sys/fs/cgroup' delegated "$JAIL" -q "${jail[@]}" \
		--root=host --read-write=/sys/fs/cgroup
	clean
}

@test "who mounts control groups in the jail finds none with limits" {
	[ "$VM_USER" != root ] || skip 'root maps no user in a jail'
	local find='mkdir -p /tmp/m && mount -t cgroup2 none /tmp/m && cat /proc/self/cgroup
		find /tmp/m -name memory.max -o -name cpu.max -o -name pids.max -o -name "launcher"
		mkdir /tmp/m/new && echo 0 >/tmp/m/new/cgroup.procs && echo moved'
	run delegated "$JAIL" -q --memory-max=300m --tasks-max=50 --caps.keep=sys_admin \
		--seccomp='!mount' sh -c "$find"
	echo "$output"
	[ "$output" = $'0::/\nmoved' ]
	clean
	run delegated "$JAIL" -q --memory-max=300m --tasks-max=50 --seccomp='!@nesting' \
		unshare --user --map-root-user --mount --cgroup sh -c "$find"
	echo "$output"
	[ "$output" = $'0::/\nmoved' ]
	clean
}

@test "without a group that is delegated and empty, nothing is run, and --check says so" {
	# Beside other processes.
	refused 125 'has other processes' "$JAIL" -q --tasks-max=50
	run "$JAIL" --check
	grep '^no *cgroup *the control group [^ ]*/bats has other processes' <<<"$output"
	[[ $output == *'systemd-run --user --scope -p Delegate=yes'* ]]
	run delegated "$JAIL" --check
	grep '^yes *cgroup .* can be held below [^ ]*/test-' <<<"$output"
	clean
	# Without a controller, as systemd delegates them to users by default.
	mkdir "$group/less"
	run sh -c 'echo 0 >"$1/cgroup.procs"; "$2" --check; exec "$2" -q --tasks-max=50 touch marker' sh "$group/less" "$JAIL"
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'/less has no '*' controller'* && $output == *'/less has no pids controller'* ]]
	[ ! -e marker ]
	rmdir "$group/less"
	# Of somebody else's.
	[ "$VM_USER" = root ] || {
		chmod a-w "$group"
		refused 125 'cannot be divided' delegated "$JAIL" -q --tasks-max=50
		chmod u+w "$group"
		clean
	}
}
