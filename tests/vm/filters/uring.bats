#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The io_uring gate, on kernels whose filters can be trusted.

load ../../cli/common

@test "--check trusts this kernel, and says how it found out" {
	run "$JAIL" --check
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'self-test: a filter still denies after exec'* ]]
	"$JAIL" --check=json |
		python3 -c 'import json, sys; assert json.load(sys.stdin)["uring_trusted"] is True'
}

@test "protocol unix holds for socket(2) and for SOCKET" {
	local how
	try --protocol=unix -- call socket unix
	[ "$output" = 'call socket unix: ok' ]
	for how in inet inet6 inet,stream,cloexec inet,dgram,nonblock netlink; do
		try --protocol=unix -- call socket "${how%%,*}" ${how#*,}
		[[ $output != *': ok' ]]
	done
	try --protocol=unix -- ring socket unix
	[ "$output" = 'ring socket unix: ok' ]
	try --protocol=unix -- ring socket unix,stream,cloexec
	[[ $output == *': ok' ]]
	for how in inet inet6 inet,stream,cloexec inet,dgram,nonblock netlink; do
		try --protocol=unix -- ring socket "$how"
		[[ $output == *': EACCES' ]]
	done
}

@test "uring.open read lets read and nothing else" {
	local op flags
	echo text >file
	for op in openat openat2; do
		try --uring.open=read -- ring $op read file
		[[ $output == *': ok' ]]
		for flags in rdwr write create,write create,read trunc,read trunc,write tmpfile,rdwr; do
			try --uring.open=read -- ring $op $flags file
			[[ $output == *': EACCES' ]]
		done
	done
	[ "$(cat file)" = text ]
}

@test "uring.open resolve=beneath denies OPENAT and lets OPENAT2 beneath" {
	echo text >file
	try --uring.open=read,resolve=beneath -- ring openat read file
	[[ $output == *': EACCES' ]]
	try --uring.open=read,resolve=beneath -- ring openat2 read file
	[[ $output == *': EACCES' ]]
	try --uring.open=read,resolve=beneath -- ring openat2 read,beneath file
	[[ $output == *': ok' ]]
}

@test "uring.connect lets the address, and no other way of writing it" {
	local address
	if [ "$VM_SERIES" = 7.1 ]; then
		run "$JAIL" --uring.connect=127.0.0.1:5432 --whitelist-ro="$CLIENTS" "$CLIENTS/try" \
			ring connect 127.0.0.1:5432
		echo "$output"
		[[ ${lines[0]} == 'uring-jail: uring.connect: CONNECT is denied altogether'* ]]
		[[ ${lines[1]} == *': EACCES' ]]
		return
	fi
	# Nobody listens: what is let through is refused by the network, not by the filter.
	try --uring.connect=127.0.0.1:5432 -- ring connect 127.0.0.1:5432
	[[ $output == *': ECONNREFUSED' ]]
	for address in 127.0.0.1:5433 127.0.0.2:5432 0.0.0.0:5432 '[::ffff:127.0.0.1]:5432' \
		'[::1]:5432' '[::]:5432' unspec unix:@name '[::1]:5432 short' '[::ffff:127.0.0.1]:5432 short' '127.0.0.1:5433 fastopen'; do
		# shellcheck disable=SC2086
		try --uring.connect=127.0.0.1:5432 -- ring connect $address
		[[ $output == *': EACCES' ]]
	done
}

@test "uring.connect leaves no way around by sending" {
	local op
	for op in send sendmsg send_zc sendmsg_zc; do
		try --uring.connect=127.0.0.1:5432 -- ring $op
		[[ $output == *': EACCES' ]]
	done
}

@test "filters hold in children, threads, after exec, with SQPOLL, io-wq and links" {
	local mode
	for mode in thread fork keep exec hole hole-unused sqpoll disabled defer nommap sqe128 cqe32 \
		no-sqarray cqe-mixed sqe-mixed registered link hardlink async drain personality slot; do
		try --protocol=unix -- -m "$mode" ring socket inet
		[[ $output == *': EACCES' || $output == *': ECANCELED' ]]
		try --protocol=unix -- -m "$mode" ring socket unix
		[[ $output == *': ok' ]]
	done
}

# One operation is let through, and the others are denied as such, whatever they would come to.
@test "what is not allowed is denied, every operation of it, on rings of every kind" {
	local mode
	for mode in thread fork exec hole sqpoll disabled defer sqe128 sqe-mixed registered async; do
		try --uring.allow=nop -- -m "$mode" all ring
		[ "${lines[0]}" = 'ring nop: ok' ]
		[ "${#lines[@]}" = 65 ]
		[ "$(grep -vc '^ring [a-z0-9_]*: EACCES' <<<"$output")" = 1 ]
	done
}

# Without CAP_SETFCAP, which a jail takes away, the kernel lets nobody map user 0 a second time.
@test "filters hold in a jail inside a jail, and it adds its own" {
	local -a outer=(--quiet --whitelist-ro="$CLIENTS" --whitelist-ro="$JAIL" '--seccomp=!@nesting'
		--protocol=unix) inner=(--quiet --whitelist-ro="$CLIENTS" --uring.deny=unlinkat)
	if [ "$VM_USER" = root ]; then
		run "$JAIL" "${outer[@]}" "$JAIL" "${inner[@]}" touch marker
		[ "$status" = 125 ]
		[ ! -e marker ]
		return
	fi
	run "$JAIL" "${outer[@]}" "$JAIL" "${inner[@]}" "$CLIENTS/try" ring nop
	echo "$output"
	[ "$output" = 'ring nop: ok' ]
	run "$JAIL" "${outer[@]}" "$JAIL" "${inner[@]}" "$CLIENTS/try" ring socket inet
	echo "$output"
	[[ $output == *': EACCES' ]]
	run "$JAIL" "${outer[@]}" "$JAIL" "${inner[@]}" "$CLIENTS/try" -m hole ring unlinkat
	echo "$output"
	[[ $output == *': EACCES' ]]
	# The outer jail filters SOCKET, so that DENY_REST in the inner one would pass over it.
	run "$JAIL" "${outer[@]}" "$JAIL" "${inner[@]}" --uring.deny=socket "$CLIENTS/try" ring socket unix
	echo "$output"
	[[ $output == *': EACCES' ]]
	run "$JAIL" "${outer[@]}" "$JAIL" --quiet --uring.sqe-flags=none touch marker
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'jail inside a jail'* ]]
	[ ! -e marker ]
}

@test "the default profile lets no jail be made inside" {
	run "$JAIL" --quiet --whitelist-ro="$JAIL" "$JAIL" --quiet true
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'cannot create namespaces'* ]]
}

@test "opaque operations are denied unless named" {
	local op
	for op in uring_cmd msg_ring; do
		try -- ring $op
		[[ $output == *': EACCES' ]]
		try --uring.allow=@default,$op -- ring $op
		[[ $output == *': ok' ]]
	done
	try -- blind-register send-msg-ring
	[[ $output != *': ok' ]]
}

@test "uring.deny and uring.allow narrow by name and by group" {
	try --uring.deny=unlinkat -- ring unlinkat
	[[ $output == *': EACCES' ]]
	try --uring.allow=nop,read -- ring nop
	[[ $output == *': ok' ]]
	try --uring.allow=nop,read -- ring write
	[[ $output == *': EACCES' ]]
	try --uring.allow=nop,read -- ring pipe
	[[ $output == *': EACCES' ]]
}

@test "a system call that is denied is denied as an operation too" {
	try --seccomp=unlinkat -- call unlinkat
	[[ $output == *': EPERM' ]]
	try --seccomp=unlinkat -- ring unlinkat
	[[ $output == *': EACCES' ]]
	try --seccomp=openat2 -- ring openat2 -- ring openat
	[[ ${lines[0]} == *': EACCES' ]]
	[[ ${lines[1]} == *': ok' ]]
}

@test "register operations are held, on rings set up disabled and without a ring too" {
	try --uring.register=probe -- register probe
	[[ $output == *': ok' ]]
	try --uring.register=probe -- register buffers
	[[ $output != *': ok' ]]
	try --uring.register=probe -- -m disabled register buffers
	[[ $output != *': ok' ]]
	try -- register buffers
	[[ $output == *': ok' ]]
}

# In a jail seccomp comes first. The benchmark installs the gate of io_uring alone.
@test "register operations are held by restrictions too" {
	run "$TOP/build/tests/bench/uring_filters" install "$CLIENTS/try" register probe -- \
		register zcrx-ctrl
	echo "$output"
	[ "${lines[0]}" = 'register probe: ok' ]
	[ "${lines[1]}" = 'register zcrx-ctrl: EACCES' ]
}

@test "a ring that starts disabled cannot be given restrictions of its own" {
	run "$TOP/build/tests/bench/uring_filters" install "$CLIENTS/try" -m disabled \
		register restrictions
	echo "$output"
	[ "$output" = 'register restrictions: EBUSY' ]
}

@test "uring.sqe-flags are held" {
	try --uring.sqe-flags=none -- ring flags link
	[[ $output == *': EACCES' ]]
	try --uring.sqe-flags=none -- -m disabled ring flags link
	[[ $output == *': EACCES' ]]
	try --uring.sqe-flags=io_link -- ring flags link
	[[ $output == *': ok' ]]
	try --uring.sqe-flags=io_link -- ring flags async
	[[ $output == *': EACCES' ]]
}

@test "every operation that the default allows works through the ring" {
	local op
	for op in nop read write openat statx fsync fallocate close epoll_ctl poll_add timeout \
		unlinkat mkdirat pipe splice ftruncate; do
		try -- ring $op
		[[ $output == *': ok' ]]
	done
}

fio_job() {
	printf '%s\n' --name=job --filename=data --size=1m --bs=4k --ioengine=io_uring "$@"
}

@test "fio runs to its end under its profile, on io_uring" {
	mapfile -t job < <(fio_job --rw=randrw --verify=crc32c)
	run "$JAIL" --profile="$TOP/profiles/fio.profile" fio "${job[@]}"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'err= 0'* ]]
	[ "$(stat -c %s data)" = 1048576 ]
}

@test "fio's ring is seen at work from outside" {
	local launcher fd found='' tail
	mapfile -t job < <(fio_job --rw=randwrite --time_based --runtime=120)
	"$JAIL" --profile="$TOP/profiles/fio.profile" fio "${job[@]}" >/dev/null 3>&- &
	launcher=$!
	for _ in $(seq 600); do
		for fd in /proc/[0-9]*/fd/*; do
			[ "$(readlink "$fd")" = 'anon_inode:[io_uring]' ] || continue
			tail=$(sed -n 's/^SqTail:\t*//p' "${fd/\/fd\//\/fdinfo\/}")
			echo "$fd: tail $tail"
			[ "${tail:-0}" -gt 0 ] && found=$fd
		done
		[ -z "$found" ] || break
		sleep 0.1
	done
	kill -TERM "$launcher"
	wait "$launcher" || true
	[ -n "$found" ]
}

@test "fio says that its writes are denied under --uring.deny=write" {
	mapfile -t job < <(fio_job --rw=write)
	run "$JAIL" --profile="$TOP/profiles/fio.profile" --uring.deny=write fio "${job[@]}"
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *'Permission denied'* ]]
}
