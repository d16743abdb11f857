#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# QEMU's tools and its emulator, on io_uring under their profiles, and what a hostile image or guest
# comes to there.

load ../../cli/common

setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/home/.config
	mkdir -p "$XDG_CONFIG_HOME/uring-jail" "$BATS_TEST_TMPDIR/work"
	cp "$TOP"/profiles/* "$XDG_CONFIG_HOME/uring-jail"
	cd "$BATS_TEST_TMPDIR/work" || return
	audit=$BATS_TEST_TMPDIR/audit
}

# disk: an image whose first sector reads the second one into memory, writes that to the third, and
# ends the machine with its first byte, 33, by the device isa-debug-exit: QEMU's status is 67 then.
disk() {
	python3 - <<-'END'
		boot = bytes.fromhex(
		    "31c0 8ed8 8ec0"     # xor ax, ax; mov ds, ax; mov es, ax
		    "bb007e"             # mov bx, 0x7e00
		    "b80102 b90200"      # mov ax, 0x0201: read one; mov cx, 2
		    "ba8000 cd13"        # mov dx, 0x80: the first disk; int 0x13
		    "b80103 b90300 cd13" # mov ax, 0x0301: write one; mov cx, 3; int 0x13
		    "a0007e ba f400 ee"  # mov al, [0x7e00]; mov dx, 0xf4; out dx, al
		    "f4")                # hlt
		with open("disk.raw", "wb") as disk:
		    disk.write(boot.ljust(510, b"\0") + b"\x55\xaa" + b"!" * 512 + bytes((1 << 20) - 1024))
	END
}

# nothing_was_denied RUNS: in as many; root's audits have a line more, of the kernel's count.
nothing_was_denied() {
	cat "$audit"
	[ "$(grep -cx 'uring-jail: audit: nothing was denied' "$audit")" = "$1" ]
}

@test "qemu-img converts and measures through a ring, and nothing is denied" {
	disk
	"$JAIL" --audit="$audit" qemu-img bench -f raw -i io_uring -c 100 -d 8 disk.raw
	"$JAIL" --audit="$audit" qemu-img bench -f raw -w -i io_uring -c 50 -d 8 --flush-interval=10 disk.raw
	disk
	"$JAIL" --audit="$audit" qemu-img convert -f raw -O qcow2 disk.raw disk.qcow2
	"$JAIL" --audit="$audit" qemu-img compare disk.raw disk.qcow2
	nothing_was_denied 4
	# Its requests are the ring's: without READ it has no other way.
	run "$JAIL" --uring.deny=read,readv qemu-img bench -f raw -i io_uring -c 100 disk.raw
	echo "$output"
	[ "$status" != 0 ]
	[[ $output == *'Permission denied'* ]]
}

machine=(qemu-system-x86_64 -machine pc -accel tcg -m 16 -nodefaults -display none)
drive=(-drive 'file=disk.raw,format=raw,if=ide,id=disk0,aio=io_uring')

@test "a machine boots from a disk behind a ring, reads and writes it" {
	disk
	run "$JAIL" --audit="$audit" "${machine[@]}" "${drive[@]}" \
		-device isa-debug-exit,iobase=0xf4,iosize=1
	echo "status $status: $output"
	[ "$status" = 67 ]
	[ "$(dd if=disk.raw skip=2 count=1 status=none | tr -d '!' | wc -c)" = 0 ]
	nothing_was_denied 1
}

# ring_at_work: one of the emulator's that has taken requests, seen from outside.
ring_at_work() {
	local process
	process=$(pgrep -ox qemu-system-x86) &&
		grep -qsE '^SqTail:\s*[1-9]' "/proc/$process/fdinfo"/*
}

# monitor COMMAND...: what the monitor of a stopped machine says to each. $options are the jail's.
monitor() {
	mkfifo said
	"$JAIL" "${options[@]}" "${machine[@]}" "${drive[@]}" -S -monitor stdio <said >monitored 2>&1 3>&- &
	local launcher=$! status=0
	exec 4>said
	rm said
	printf '%s\n' "$@" 'info status' >&4
	wait_until grep -q 'VM status' monitored && wait_until ring_at_work || status=$?
	echo quit >&4
	exec 4>&-
	wait "$launcher"
	cat monitored
	return "$status"
}

@test "its ring is seen at work from outside, and carries the disk" {
	local -a options=()
	disk
	run monitor 'qemu-io disk0 "read -P 33 512 512"' 'qemu-io disk0 "write -P 7 4k 4k"' \
		'qemu-io disk0 flush'
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'read 512/512 bytes'*'wrote 4096/4096 bytes'* ]]
	[ "$(dd if=disk.raw bs=4k skip=1 count=1 status=none | tr -d '\7' | wc -c)" = 0 ]
	# The event loop's polls go on, and no thread reads instead.
	options=('--uring.deny=read,readv,write,writev')
	run monitor 'qemu-io disk0 "read 512 512"' 'qemu-io disk0 "write 4k 4k"'
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'read failed: Permission denied'*'write failed: Permission denied'* ]]
}

# listening: a server outside on 127.0.0.1:7000 that notes who connects.
listening() {
	python3 - <<-'END' >"$BATS_TEST_TMPDIR/reached" 3>&- &
		import socket
		server = socket.create_server(("127.0.0.1", 7000))
		while True:
		    server.accept()[0].close()
		    print("reached", flush=True)
	END
	listener=$!
	wait_until bash -c 'exec 4<>/dev/tcp/127.0.0.1/7000' 2>/dev/null
	wait_until [ -s "$BATS_TEST_TMPDIR/reached" ]
	: >"$BATS_TEST_TMPDIR/reached"
}

teardown() {
	[ -z "${listener-}" ] || kill "$listener"
}

@test "an image that names a file or a server outside gets nothing of them" {
	local secret=$BATS_TEST_TMPDIR/secret
	head -c 64k </dev/zero | tr '\0' s >"$secret"
	qemu-img create -q -f qcow2 -b "$secret" -F raw file.qcow2
	qemu-img convert -q -f qcow2 -O raw file.qcow2 out
	cmp out "$secret"
	rm out
	run "$JAIL" qemu-img convert -f qcow2 -O raw file.qcow2 out
	echo "$output"
	[[ $status != 0 && ! -s out && $output == *'No such file or directory'* ]]
	listening
	qemu-img create -q -u -f qcow2 -b nbd://127.0.0.1:7000/x -F raw server.qcow2 64k
	run "$JAIL" qemu-img convert -f qcow2 -O raw server.qcow2 out
	echo "$output"
	[ "$status" != 0 ]
	run "$JAIL" "${machine[@]}" -S -drive file=server.qcow2,if=ide
	[ "$status" = 1 ]
	run "$JAIL" "${machine[@]}" -S -drive "file=$secret,format=raw,if=ide"
	echo "$output"
	[[ $status = 1 && $output == *'No such file or directory'* ]]
	run "$JAIL" qemu-img convert -f raw -O raw file.qcow2 "$BATS_TEST_TMPDIR/out"
	echo "$output"
	[ ! -e "$BATS_TEST_TMPDIR/out" ]
	[ ! -s "$BATS_TEST_TMPDIR/reached" ]
}

# What a guest could make the emulator do by a hole in it.
@test "nor does code of the emulator's process, by call or by ring" {
	local profile
	listening
	for profile in qemu-img qemu-system-x86_64; do
		run "$JAIL" --profile="$profile" --whitelist-ro="$CLIENTS" "$CLIENTS/try" \
			ring openat read /etc/passwd -- ring socket inet -- ring socket unix -- \
			ring connect 127.0.0.1:7000 -- ring sendmsg -- ring unlinkat -- \
			ring uring_cmd -- ring fixed_fd_install -- call socket netlink -- call socket packet
		echo "$output"
		[ "$(grep -c '^ring .*: EACCES' <<<"$output")" = 8 ]
		[ "$(grep -c '^call .*: EAFNOSUPPORT' <<<"$output")" = 2 ]
		run "$JAIL" --profile="$profile" bash -c "exec 3<>/dev/tcp/127.0.0.1/7000"
		[ "$status" != 0 ]
		run "$JAIL" --profile="$profile" bash -c "kill -9 $$ $listener"
		[[ $output == *'No such process'* ]]
		run "$JAIL" --profile="$profile" bash -c "cat $BATS_TEST_TMPDIR/reached; ls -A ~"
		[[ $output == *'No such file'* ]]
		[ "${#lines[@]}" = 1 ]
	done
	[ ! -s "$BATS_TEST_TMPDIR/reached" ]
	kill -0 "$listener"
}
