#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# --learn of programs that use io_uring.

load ../../cli/common

setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/home/.config
	learned=$BATS_TEST_TMPDIR/home/learned.profile
	mkdir -p "$XDG_CONFIG_HOME/uring-jail" "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return
}

learn() {
	timeout 120 "$JAIL" --quiet --learn="$learned" "$@"
}

# again COMMAND...: runs it with what was learned; nothing may be denied.
again() {
	timeout 120 "$JAIL" --quiet --profile="$learned" --audit="$BATS_TEST_TMPDIR/audit" \
		--audit-format=json "$@" || return
	cat "$BATS_TEST_TMPDIR/audit"
	! grep -q '"gate"' "$BATS_TEST_TMPDIR/audit"
}

# The file beside $1 is in the way of nothing that was learned.
@test "an open by ring is learned with its file and its right" {
	echo text >"$BATS_TEST_TMPDIR/given"
	learn "$CLIENTS/try" ring openat read "$BATS_TEST_TMPDIR/given"
	cat "$learned"
	grep -q '^uring.allow .*openat' "$learned"
	grep -q '^uring.open read  # learned: try: ring OPENAT' "$learned"
	grep -q "^whitelist-ro -$BATS_TEST_TMPDIR/given  # learned: read: try: ring OPENAT" "$learned"
	run again "$CLIENTS/try" ring openat read "$BATS_TEST_TMPDIR/given"
	echo "$output"
	[ "$status" = 0 ]
	[[ ${lines[0]} == 'ring openat read '*': ok' ]]
	run "$JAIL" --quiet --profile="$learned" "$CLIENTS/try" ring openat write "$BATS_TEST_TMPDIR/given"
	[[ $output == *': EACCES' ]]
	run "$JAIL" --quiet --profile="$learned" "$CLIENTS/try" ring socket unix
	[[ $output == *': EACCES' ]]
}

@test "fio is learned, and runs with its profile" {
	local job=(fio --name=j --ioengine=io_uring --rw=randrw --size=1m --bs=4k --iodepth=8
		--numjobs=2 --filename="$PWD/file" --output-format=terse)
	learn "${job[@]}" >/dev/null
	cat "$learned"
	grep -q '^uring.allow .*read' "$learned"
	again "${job[@]}"
}

@test "a TCP echo within the jail is learned without a network, and by address" {
	learn "$CLIENTS/uecho" --self -n 5 4321
	cat "$learned"
	grep -q '^net none  # learned: ' "$learned"
	grep -q '^uring.socket inet/stream/0  # learned: ' "$learned"
	run again "$CLIENTS/uecho" --self -n 5 4321
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'client: 5 messages'* ]]
}

@test "a TCP echo server is learned with the host's network, for its clients are outside" {
	learn "$CLIENTS/uecho" 4322 &
	wait_until "$CLIENTS/uecho" --client -n 5 4322
	wait $!
	cat "$learned"
	grep -q '^net host  # learned: uecho: ring BIND, 127.0.0.1:4322, ' "$learned"
	again "$CLIENTS/uecho" 4322 &
	wait_until "$CLIENTS/uecho" --client -n 5 4322
	wait $!
}
