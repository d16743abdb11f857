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

eval "common_$(declare -f setup)"
setup() {
	common_setup
	group=$DELEGATED/test-$BATS_TEST_NUMBER
	mkdir "$group"
}

# A test that has failed leaves nothing that others would wait for.
teardown() {
	[ ! -e "$group/cgroup.kill" ] || echo 1 >"$group/cgroup.kill"
}

# delegated COMMAND...: in a group of its own, as systemd-run makes one.
delegated() {
	sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$group" "$@"
}

# start COMMAND...: the same of a launcher, in the background. Sets $launcher, and $limits, the
# group that has them.
start() {
	sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$group" "$@" 3>&- &
	launcher=$!
	limits=$group/uring-jail-$launcher/jail
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
	start "$JAIL" -q --tasks-max=200 "${FIO[@]}" --sqthread_poll=1 --rw=randread --size=4m \
		--directory=/tmp --time_based --runtime=1000
	workers() {
		threads_of "$limits/inside" | grep -q iou-wrk && threads_of "$limits/inside" | grep -q iou-sqp
	}
	wait_until workers
	# All that there are, and they are counted.
	local program threads=0
	while read -r program; do
		threads=$((threads + $(find "/proc/$program/task" -mindepth 1 -maxdepth 1 | wc -l)))
	done <"$limits/inside/cgroup.procs"
	echo "threads: $threads, counted: $(cat "$limits/pids.current")"
	[ "$threads" -gt 5 ]
	[ "$(cat "$limits/pids.peak")" -ge "$threads" ]
	[ "$(cat "$limits/pids.max")" = 200 ]
	kill -TERM "$launcher"
	wait "$launcher" || true
	clean
}

@test "no more threads of a ring than tasks-max are made" {
	start "$JAIL" -q --tasks-max=8 "${FIO[@]}" --rw=randread --size=4m --directory=/tmp \
		--time_based --runtime=1000
	refused_some() {
		[ "$(sed -n 's/^max //p' "$limits/pids.events")" -gt 0 ]
	}
	wait_until refused_some
	[ "$(cat "$limits/pids.peak")" -le 8 ]
	kill -TERM "$launcher"
	wait "$launcher" || true
	clean
}

# usage COMMAND...: sets $share, the part of one processor that the jail takes, in percent, in the
# time in which this machine's clock goes on by four seconds.
usage() {
	local first last started
	start "$@" >/dev/null 2>&1
	busy() {
		[ "$(sed -n 's/^usage_usec //p' "$limits/cpu.stat")" -gt 1000000 ]
	}
	wait_until busy
	first=$(sed -n 's/^usage_usec //p' "$limits/cpu.stat")
	started=${EPOCHREALTIME/./}
	sleep 4
	last=$(sed -n 's/^usage_usec //p' "$limits/cpu.stat")
	share=$(((last - first) * 100 / (${EPOCHREALTIME/./} - started)))
	echo "$share%"
	kill -TERM "$launcher"
	wait "$launcher" || true
	clean
}

@test "cpu-quota holds a program, and a ring's kernel thread" {
	local share
	usage "$JAIL" -q --cpu-quota=20% sh -c 'while :; do :; done'
	[ "$share" -le 35 ]
	usage "$JAIL" -q --cpu-quota=20% "${FIO[@]}" --sqthread_poll=1 --rw=randread --size=4m \
		--directory=/tmp --time_based --runtime=1000
	[ "$share" -le 35 ]
	usage "$JAIL" -q --cpu-quota=1000% sh -c 'while :; do :; done'
	[ "$share" -ge 50 ]
}

@test "the groups end with the jail, however it ends, and a killed launcher leaves none with processes" {
	run delegated "$JAIL" -q --tasks-max=50 sh -c 'setsid sleep 1000 & exit 3'
	[ "$status" = 3 ]
	clean
	run delegated "$JAIL" -q --tasks-max=50 sh -c 'kill -KILL $$'
	[ "$status" = 137 ]
	clean
	run -127 delegated "$JAIL" -q --tasks-max=50 /nowhere/program
	clean
	run delegated "$JAIL" -q --tasks-max=50 --timeout=1 sleep 1000
	[ "$status" = 124 ]
	clean
	start "$JAIL" -q --tasks-max=50 sleep 1234567
	wait_until pgrep -f '^sleep 1234567'
	kill -KILL "$launcher"
	wait "$launcher" || true
	wait_until is_gone '^sleep 1234567'
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
	cat >mount.py <<-'EOF'
		import ctypes, os
		os.mkdir("/tmp/m")
		if ctypes.CDLL(None, use_errno=True).mount(b"none", b"/tmp/m", b"cgroup2", 0, None):
		    raise OSError(ctypes.get_errno(), "cannot mount")
		print(open("/proc/self/cgroup").read(), end="")
		for folder, folders, files in os.walk("/tmp/m"):
		    print(folder, *folders, *(name for name in files if name.endswith(".max")))
		os.mkdir("/tmp/m/new")
		open("/tmp/m/new/cgroup.procs", "w").write("0")
		print("moved")
		made, folder = 0, "/tmp/m"
		try:
		    while True:
		        folder += "/deep"
		        os.mkdir(folder)
		        made += 1
		except OSError as error:
		    print(made, error.strerror)
	EOF
	run delegated "$JAIL" -q --memory-max=300m --tasks-max=50 --caps.keep=sys_admin \
		--seccomp='!mount' python3 mount.py
	echo "$output"
	[ "$output" = $'0::/\n/tmp/m\nmoved\n9 Resource temporarily unavailable' ]
	clean
	run delegated "$JAIL" -q --memory-max=300m --tasks-max=50 --seccomp='!@nesting' \
		unshare --user --map-root-user --mount --cgroup python3 mount.py
	echo "$output"
	[ "$output" = $'0::/\n/tmp/m\nmoved\n9 Resource temporarily unavailable' ]
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
	# Without a controller, which systemd may not delegate.
	mkdir "$group/less"
	run sh -c 'echo 0 >"$1/cgroup.procs"; "$2" --check >checked; exec "$2" -q --tasks-max=50 touch marker' \
		sh "$group/less" "$JAIL"
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'/less has no pids controller'* ]]
	grep '^no *cgroup .*/less has no memory controller' checked
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
