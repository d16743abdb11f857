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
