#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Descriptors that were open where the launcher was started.

load escape

@test "outside of a jail, each inherited descriptor is of use" {
	victim
	inherit "$CLIENTS/escape" inherited
	works message-ring
	is_reached
}

# inherit COMMAND...: with the descriptors that the attempts are about.
inherit() {
	prefix=(python3 "$TOP/tests/escape/inherit.py" "$ESCAPE_OUTSIDE" "$ESCAPE_VICTIM")
	no_ring_here || prefix+=("$CLIENTS/ringpass" --fd 43)
	[ $# = 0 ] || run "${prefix[@]}" "$@"
}

inherited_outcomes() {
	outcomes <<-'TABLE'
		folder              EBADF
		folder-by-proc      ENOENT
		mount               EBADF
		file                EBADF
		process             EBADF
		ring                EBADF|ENOSYS
		message-ring        EACCES
		mapped              EBADF
	TABLE
}

@test "default profile: none of them is there" {
	victim
	inherit
	in_default -- inherited
	inherited_outcomes
	run ! is_reached
}

@test "strictest profile: none of them is there" {
	victim
	inherit
	in_strict -- inherited
	inherited_outcomes
	run ! is_reached
}

@test "no descriptor is inherited but 0, 1, 2 and those asked for" {
	exec 7</dev/null 8</dev/null
	run jail --whitelist-ro="$CLIENTS" --keep-fd=8 "$CLIENTS/fds"
	exec 7<&- 8<&-
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = '8 /dev/null' ]
}

@test "a kept descriptor that is not open is refused" {
	refused 125 'cannot keep descriptor 9: Bad file descriptor' jail --keep-fd=9
}

@test "a folder as standard input is refused" {
	run bash -c '"$0" -q touch marker </' "$JAIL"
	[ "$status" = 125 ]
	[[ $output == *'descriptor 0 is a folder'* ]]
	[ ! -e marker ]
}

@test "a ring made before the launch is refused at any descriptor" {
	"$CLIENTS/ringpass" --fd 5 true || skip 'this kernel makes no ring'
	run "$CLIENTS/ringpass" --fd 5 "$JAIL" -q --keep-fd=5 touch marker
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'descriptor 5 is an io_uring ring'* ]]
	run "$CLIENTS/ringpass" --fd 0 "$JAIL" -q touch marker
	[ "$status" = 125 ]
	[[ $output == *'descriptor 0 is an io_uring ring'* ]]
	[ ! -e marker ]
}

@test "a ring that is not asked for is closed" {
	"$CLIENTS/ringpass" --fd 5 true || skip 'this kernel makes no ring'
	run "$CLIENTS/ringpass" --fd 5 "$JAIL" -q --whitelist-ro="$CLIENTS" "$CLIENTS/fds"
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = '' ]
}
