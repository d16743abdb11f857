#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Time and processors, and what memory and namespaces may be asked for, on any kernel.

load common

@test "timeout ends the program with SIGTERM, and the status is 124" {
	run timeout 60 "$JAIL" -q --timeout=1 sh -c 'trap "echo told; exit 3" TERM; while :; do sleep 0.1; done'
	echo "$status: $output"
	[ "$status" = 124 ]
	[ "$output" = told ]
	run jail --timeout=00:00:30 sh -c 'exit 3'
	[ "$status" = 3 ]
}

@test "timeout: who does not end at SIGTERM is killed, with all other processes" {
	local mark=33.$RANDOM
	run timeout 60 "$JAIL" -q --timeout=1 sh -c "trap '' TERM; setsid sleep $mark & while :; do sleep 0.1; done"
	[ "$status" = 124 ]
	wait_until is_gone "^sleep $mark"
}

@test "a program that stops itself does not stop the clock" {
	local mark=34.$RANDOM
	run timeout 60 "$JAIL" -q --timeout=1 sh -c \
		"trap 'kill -STOP \$\$' TERM; setsid sleep $mark >/dev/null 2>&1 & kill -STOP \$\$; while :; do sleep 0.1; done"
	echo "$status: $output"
	[ "$status" = 124 ]
	wait_until is_gone "^sleep $mark"
}

@test "a timeout that is none is refused" {
	local bad
	for bad in 0 -1 1s 00:00:00 1:2 1:60:00 00:00:60 1:2:3:4 :: 99999999 9999:00:00 1.5; do
		refused 125 'is no time to end after' jail --timeout="$bad"
	done
}

@test "nice and cpu hold in the program" {
	local first
	first=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')
	run jail --nice=7 --cpu="$first" sh -c 'nice; grep Cpus_allowed_list /proc/self/status'
	echo "$output"
	[ "${lines[0]}" = 7 ]
	[[ ${lines[1]} == *[[:space:]]"$first" ]]
	run jail --explain=json --timeout=1:00:00 --nice=-3 --cpu=0-2,5 true
	[[ $output == *'"timeout": 3600'*'"nice": -3'*'"cpus": "0-2,5"'* ]]
	run jail --explain --timeout=90 --nice=4 --cpu=1,2 true
	[[ $output == *'Timeout '*'90 s'*'Nice '*'4'*'Processors '*'1-2'* ]]
}

@test "a niceness or a processor that is none is refused" {
	local bad
	for bad in 20 -21 x 1.5 --1 ''; do
		refused 125 'nice' jail --nice="$bad"
	done
	for bad in x 3-1 1- -1 99999 0,x 1--2; do
		refused 125 'is no processor' jail --cpu="$bad"
	done
	refused 125 'cannot run on these processors alone' jail --cpu=1023
	refused 125 'cannot set nice' nice -n 5 "$JAIL" -q --nice=3
}

# Tries to make memory executable by each way, and prints those that work.
gain_exec() {
	cat >gain.py <<-'END'
		import ctypes, mmap, os, sys
		libc = ctypes.CDLL(None, use_errno=True)
		libc.mmap.restype = ctypes.c_void_p
		libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
		libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
		libc.shmat.restype = ctypes.c_void_p
		failed = ctypes.c_void_p(-1).value
		if libc.mmap(None, 4096, 7, 0x22, -1, 0) != failed:
		    print("mmap")
		area = libc.mmap(None, 4096, 3, 0x22, -1, 0)
		if libc.mprotect(area, 4096, 5) == 0:
		    print("mprotect")
		if libc.syscall(319, b"x", 0) >= 0:
		    print("memfd_create")
		if libc.personality(0x0400000) >= 0:
		    print("personality")
		segment = libc.shmget(0, 4096, 0o1700)
		if libc.shmat(segment, None, 0o100000) != failed:
		    print("shmat")
		print("kernel", libc.prctl(66, 0, 0, 0, 0))
	END
	run "$@" sh -c 'exec python3 gain.py'
}

@test "memory-deny-write-execute: no memory becomes executable, and programs run all the same" {
	[ "$(uname -m)" = x86_64 ] || skip 'numbers of x86-64'
	command -v python3 || skip 'no python3'
	local kernel
	kernel=$(python3 -c 'import ctypes; print(ctypes.CDLL(None).prctl(66, 0, 0, 0, 0))')
	gain_exec jail
	echo "$output"
	[[ $output == *mmap*mprotect*memfd_create*personality*shmat* ]]
	gain_exec jail --memory-deny-write-execute
	echo "$output"
	[ "$output" = "kernel $((kernel < 0 ? kernel : 1))" ]
	# Beside a policy from elsewhere too.
	echo '{"defaultAction": "SCMP_ACT_ALLOW"}' >"$BATS_TEST_TMPDIR/all.json"
	gain_exec jail --seccomp.oci="$BATS_TEST_TMPDIR/all.json" --memory-deny-write-execute
	[ "$output" = "kernel $((kernel < 0 ? kernel : 1))" ]
	run jail --memory-deny-write-execute --explain=json true
	[[ $output == *'"memory_deny_write_execute": true'*'"call": "mmap"'* ]]
	run jail --memory-deny-write-execute --explain true
	[[ $output == *'Memory '*'never writable and executable'* ]]
}

@test "restrict-namespaces narrows what @nesting allows" {
	jail --root=empty --whitelist-ro=/usr --seccomp='!@nesting' --private-cwd true || skip 'no nesting here'
	local nesting=(jail '--seccomp=!@nesting' --private-cwd)
	"${nesting[@]}" unshare -U true
	"${nesting[@]}" --restrict-namespaces=net,ipc unshare -U true
	run "${nesting[@]}" --restrict-namespaces=net,ipc unshare -U -n true
	[ "$status" != 0 ]
	run "${nesting[@]}" --restrict-namespaces=user unshare -U true
	echo "$output"
	[[ $output == *'Operation not permitted'* ]]
	run "${nesting[@]}" --restrict-namespaces unshare -U true
	[[ $output == *'Operation not permitted'* ]]
	echo '{"defaultAction": "SCMP_ACT_ALLOW"}' >"$BATS_TEST_TMPDIR/all.json"
	run jail --seccomp.oci="$BATS_TEST_TMPDIR/all.json" --private-cwd --restrict-namespaces=user unshare -U true
	[[ $output == *'Operation not permitted'* ]]
	run jail --explain=json --restrict-namespaces=mnt,time true
	[[ $output == *'"restrict_namespaces": ['*'"mnt"'*'"time"'* ]]
	run "${nesting[@]}" --explain --restrict-namespaces=user true
	[[ $output == *'no new namespaces of these types: user'* ]]
	refused 125 'unknown type of namespace "usr"' jail --restrict-namespaces=usr
}

@test "the audit names what denies memory and namespaces" {
	run jail --audit --seccomp='!@nesting' --private-cwd --restrict-namespaces=user unshare -U true
	echo "$output"
	[[ $output == *'EPERM by restrict-namespaces (command line)'* ]]
	[[ $output == *'restrict-namespaces denies it: take out'* ]]
}
