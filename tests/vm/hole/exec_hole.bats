#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Kernels whose filters are shed by exec (CVE-2026-80713): no ring is given out, whatever is tried.

load ../../cli/common

@test "--check does not trust this kernel, and names the hole" {
	run "$JAIL" --check
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *CVE-2026-80713* ]]
	"$JAIL" --check=json |
		python3 -c 'import json, sys; assert json.load(sys.stdin)["uring_trusted"] is False'
}

@test "a hostile client that makes a ring and execs gets no ring" {
	local mode
	for mode in fork hole hole-unused sqpoll disabled; do
		run "$JAIL" --quiet --whitelist-ro="$CLIENTS" --protocol=unix "$CLIENTS/try" -m "$mode" \
			ring socket inet
		echo "$mode: $output"
		[[ $output == *'ring setup: ENOSYS'* ]]
	done
}

@test "the launcher says so in one line, and uring.require makes it an error" {
	run "$JAIL" --whitelist-ro="$CLIENTS" "$CLIENTS/try" ring nop
	echo "$output"
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[0]} == 'uring-jail: io_uring is blocked (ENOSYS): '* ]]
	refused 125 'io_uring cannot be filtered here' "$JAIL" --uring.require
}

@test "protocol unix holds for socket(2)" {
	run "$JAIL" --quiet --whitelist-ro="$CLIENTS" --protocol=unix "$CLIENTS/try" call socket unix
	[[ $output == *': ok' ]]
	run "$JAIL" --quiet --whitelist-ro="$CLIENTS" --protocol=unix "$CLIENTS/try" call socket \
		inet,stream,cloexec
	[[ $output == *': EAFNOSUPPORT' ]]
}
