#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# --audit where Yama lets nobody look into another process (kernel.yama.ptrace_scope 3). That cannot
# be taken back, so vm boots a kernel of its own for these.

load ../../cli/common

@test "the kernel lets nobody look into another process" {
	[ "$(cat /proc/sys/kernel/yama/ptrace_scope)" = 3 ]
}

@test "an audit is refused with a hint that names the setting, and nothing is run" {
	refused 125 ptrace_scope "$JAIL" --quiet --audit=log
	[[ $output == *'hint: '* ]]
	refused 125 ptrace_scope "$JAIL" --quiet --audit=log --audit-mode=light
}

@test "a jail without an audit is none the worse" {
	"$JAIL" --quiet true
}
