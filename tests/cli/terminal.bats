#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Terminal and job control; the scenarios are in terminal.py.

load common

scenario() {
	run /usr/bin/python3 "$TOP/tests/cli/terminal.py" "$JAIL" "$1"
	echo "$output"
	[ "$status" = 0 ]
}

@test "Ctrl-C reaches the program, once" {
	scenario interrupt
}

@test "Ctrl-C ends a program that does not handle it" {
	scenario interrupt_default
}

@test "Ctrl-Z stops the job, fg goes on with it" {
	scenario suspend
}

@test "a background job that reads the terminal stops until it is in front" {
	scenario background
}

@test "the window's size and its change are seen" {
	scenario window
}

@test "a shell in the jail has job control" {
	scenario job_control_inside
}

@test "the terminal can be opened by name" {
	scenario terminal_name
}
