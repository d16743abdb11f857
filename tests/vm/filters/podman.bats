#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Podman's own policy, as Debian ships it: io_uring programs run under it, and what it denies cannot
# be done through a ring. That every operation is as the policy says: ../agreement.bats.

load ../../cli/common

PODMAN=/usr/share/containers/seccomp.json

# podman [JAIL-OPTION...] PROGRAM [ARGUMENT...]: in a jail under Podman's policy that shows clients.
podman() {
	run "$JAIL" --whitelist-ro="$CLIENTS" --seccomp.oci="$PODMAN" "$@"
	echo "status $status: $output"
}

@test "the policy denies rings by itself, and they are admitted under filters" {
	podman --uring=none "$CLIENTS/try" ring nop
	[ "$output" = 'ring setup: ENOSYS' ]
	podman "$CLIENTS/try" ring nop
	[ "$output" = 'ring nop: ok' ]
}

# The engine has no other way to do its work: without a ring fio says so and ends.
@test "fio runs to its end on io_uring" {
	local -a job=(fio --name=job --filename=data --size=1m --bs=4k --ioengine=io_uring
		--rw=randrw --verify=crc32c --output-format=json)
	podman "${job[@]}"
	[ "$status" = 0 ]
	python3 - "$output" <<-'END'
		import json, sys
		job = json.loads(sys.argv[1][sys.argv[1].index("{"):])["jobs"][0]
		assert job["error"] == 0, job["error"]
		# 1 MiB in blocks of 4 KiB, each read or written, then what was written read again
		assert job["read"]["total_ios"] + job["write"]["total_ios"] >= 256, job
		assert job["write"]["total_ios"] > 0, job
	END
	podman --uring=none "${job[@]}"
	[ "$status" != 0 ]
	podman --uring.deny=write "${job[@]}"
	[[ $output == *'Permission denied'* ]]
}

# ring_at_work: a ring that has taken requests, of a program that runs now.
ring_at_work() {
	local fd tail
	while read -r fd; do
		tail=$(sed -n 's/^SqTail:\t*//p' "${fd/\/fd\//\/fdinfo\/}")
		[ "${tail:-0}" -eq 0 ] || return 0
	done < <(find /proc/[0-9]*/fd -lname 'anon_inode:*io_uring*' 2>/dev/null)
	return 1
}

@test "fio's ring is seen at work from outside" {
	local launcher status=0
	"$JAIL" --seccomp.oci="$PODMAN" fio --name=job --filename=data --size=1m --bs=4k \
		--ioengine=io_uring --rw=randwrite --time_based --runtime=120 >/dev/null 3>&- &
	launcher=$!
	wait_until ring_at_work || status=$?
	kill -TERM "$launcher"
	wait "$launcher" || true
	[ "$status" = 0 ]
}

@test "a TCP server and its client echo through rings alone" {
	podman "$CLIENTS/uecho" --self -n 50 7000
	[ "$status" = 0 ]
	[ "$(sort <<<"$output")" = $'client: 50 messages\nserver: 50 messages' ]
}

@test "each step of the echo is the operation of that name" {
	local op
	for op in socket bind listen accept; do
		podman --uring.deny=$op "$CLIENTS/uecho" 7000
		[ "$output" = "server: $op: EACCES" ]
	done
	for op in send recv; do
		podman --uring.deny=$op "$CLIENTS/uecho" --self 7000
		[[ $output == *": $op: EACCES"* ]]
	done
}

@test "sockets that it denies are denied by call and by ring" {
	podman "$CLIENTS/try" call socket vsock -- call socket vsock,dgram -- \
		call socket netlink,raw,9 -- call socket netlink,dgram,9 -- \
		ring socket vsock -- ring socket vsock,dgram,cloexec -- ring socket netlink,raw,9 -- \
		ring socket netlink,dgram,nonblock,9
	[ "$output" = 'call socket vsock: EPERM
call socket vsock,dgram: EPERM
call socket netlink,raw,9: EINVAL
call socket netlink,dgram,9: EINVAL
ring socket vsock: EACCES
ring socket vsock,dgram,cloexec: EACCES
ring socket netlink,raw,9: EACCES
ring socket netlink,dgram,nonblock,9: EACCES' ]
}

@test "they are denied by every kind of ring and request" {
	local mode
	for mode in thread fork keep hole sqpoll disabled sqe128 registered link async slot \
		personality; do
		podman "$CLIENTS/try" -m "$mode" ring socket vsock -- ring socket netlink,raw,9
		[ "${lines[0]}" = 'ring socket vsock: EACCES' ]
		[ "${lines[1]}" = 'ring socket netlink,raw,9: EACCES' ]
	done
}

@test "other sockets are there, by call and by ring" {
	podman "$CLIENTS/try" call socket netlink,raw -- call socket inet -- call socket unix -- \
		ring socket netlink,raw -- ring socket inet,stream,cloexec -- ring socket unix
	[ "$status" = 0 ]
}

@test "other calls that it denies are denied by ring" {
	podman "$CLIENTS/try" call futex_waitv -- ring futex_waitv -- ring futex_wait
	[ "$output" = 'call futex_waitv: EPERM
ring futex_waitv: EACCES
ring futex_wait: ok' ]
}
