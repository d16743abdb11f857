#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Processes outside of the jail: by their numbers, by /proc, and by numbers that mean many.

load escape

process_outcomes() {
	outcomes <<-'TABLE'
		kill                ESRCH
		tgkill              ESRCH
		tkill               ESRCH
		sigqueue            ESRCH
		pidfd-open          ESRCH
		pidfd-getfd         ESRCH
		proc-signal         ENOENT
		set-owner           ESRCH
		ptrace              EPERM
		vm-read             EPERM
		vm-write            EPERM
		proc-mem            ENOENT
		proc-environ        ENOENT
		proc-maps           ENOENT
		proc-status         ENOENT
		proc-oom            ENOENT
		proc-ns             ENOENT
		prlimit             ESRCH           EPERM
		getpriority         ESRCH           EPERM
		setpriority         ESRCH           EPERM
		ioprio-set          ESRCH           EPERM
		affinity            ESRCH           EPERM
		scheduler           ESRCH           EPERM
		kcmp                EPERM
		perf                EPERM
		madvise             ESRCH
		robust-list         ESRCH
		move-pages          EPERM
		getpgid             ESRCH
		init-mem            EACCES          ENOENT
		init-environ        EACCES          ENOENT
		init-ns             EACCES          ENOENT
	TABLE
}

@test "outside of a jail, each attempt on a process gets what it is after" {
	victim
	run "$CLIENTS/escape" processes
	# The machine's own first process is out of reach as well, and of others' memory one may not
	# know what may be advised.
	works init-mem init-environ init-ns madvise perf
	is_reached
}

@test "default profile: no process outside is seen, signalled, traced or changed" {
	victim
	in_default -- processes
	process_outcomes
	run ! is_reached
}

@test "strictest profile: no process outside is seen, signalled, traced or changed" {
	victim
	in_strict -- processes
	process_outcomes
	run ! is_reached
}

# What may have been done to the victim by a number that means many.
state_of_victim() {
	is_reached && echo reached
	ps -o ni= -p "$ESCAPE_VICTIM"
	ionice -p "$ESCAPE_VICTIM"
}

@test "outside of a jail, the process group is reached" {
	victim
	local before
	before=$(state_of_victim)
	run "$CLIENTS/escape" crowd kill-group ioprio-group
	works
	echo "$before, $(state_of_victim)"
	[ "$(state_of_victim)" = "reached"$'\n'"$(sed '$d' <<<"$before")"$'\n'idle ]
}

@test "who signals or slows down all, his user's or his group stays among himself" {
	"$JAIL" --check | grep -q '^yes *signal-scope' || skip 'Landlock ABI 6 is missing'
	victim
	local before
	before=$(state_of_victim)
	in_default -- crowd
	outcomes <<-'TABLE'
		kill-all            ok
		kill-group          ok
		nice-user           ok
		nice-group          EPERM
		ioprio-group        EPERM
	TABLE
	[ "$(state_of_victim)" = "$before" ]
	in_strict -- crowd
	[ "$(state_of_victim)" = "$before" ]
}

@test "the program cannot signal its launcher through the process group" {
	"$JAIL" --check | grep -q '^yes *signal-scope' || skip 'Landlock ABI 6 is missing'
	run setsid -w bash -c 'trap "echo reached" USR1
		"$0" -q sh -c "trap : USR1; kill -USR1 0; exit 9"; echo "after $?"' "$JAIL"
	echo "$output"
	[ "$output" = 'after 9' ]
}

@test "the program sees only its own processes, and PID 1 is out of its reach" {
	run jail sh -c 'ls -d /proc/[0-9]*'
	echo "$output"
	[[ $output != */proc/[3-9][0-9]* ]]
	run jail cat /proc/1/environ
	[ "$status" != 0 ]
	run jail ls -l /proc/1/fd
	[ "$status" != 0 ]
}
