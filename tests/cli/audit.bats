#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# --audit where only system calls can be watched, as on any kernel: what is denied is told, and
# nothing else is another than without it.

load common

# audited PROGRAM [ARGUMENT...]: with a log of objects in log.json.
audited() {
	jail --audit=log.json --audit-format=json --no-profile --protocol=unix \
		--whitelist-ro="$CLIENTS" "$@"
}

show() {
	python3 "$TOP/tests/vm/audit_check.py" show log.json "$@"
}

@test "a denied call is told with its arguments, its error, and the rule" {
	run audited "$CLIENTS/try" call socket inet
	[ "$output" = 'call socket inet: EAFNOSUPPORT' ]
	run show gate op arguments.family arguments.type error cause certainty count rule program
	echo "$output"
	[ "$output" = "syscall socket AF_INET SOCK_STREAM EAFNOSUPPORT policy confirmed 1 $(
	)protocol (command line) try" ]
}

@test "eight threads' denied calls are all told, once each" {
	run audited "$CLIENTS/rude" -s 7 -n 200 calls
	echo "$output"
	[ "$status" = 7 ]
	[ "$output" = 'rude: calls: 3200 denied' ]
	[ "$(show op arguments.protocol | sort -u | grep -c ^socket)" = 1600 ]
	[ "$(show op count certainty | sort | uniq -c | xargs)" = \
		'1600 bpf 1 confirmed 1600 socket 1 confirmed' ]
}

@test "denials of children and of what they execute are told" {
	# shellcheck disable=SC2016 # for the shell in the jail
	audited sh -c '(exec "$0" call socket inet); "$0" call socket inet6 & wait' \
		"$CLIENTS/try" || true
	[ "$(show arguments.family | sort | xargs)" = 'AF_INET AF_INET6' ]
}

@test "equal denials are counted" {
	# shellcheck disable=SC2016 # for the shell in the jail
	audited sh -c 'for i in 1 2 3 4 5; do "$0" call socket inet; done; :' "$CLIENTS/try"
	[ "$(show count | awk '{ total += $1 } END { print total }')" = 5 ]
	[ "$(show count | wc -l)" -lt 5 ]
}

@test "a program that is denied nothing has an empty audit" {
	audited true
	[ -z "$(show op)" ]
	tail -n 1 log.json | grep -q '"denials":0'
}

@test "people are told by lines on standard error, with the line that would allow it" {
	run --separate-stderr jail --audit --no-profile --protocol=unix \
		--whitelist-ro="$CLIENTS" "$CLIENTS/try" call socket inet
	# shellcheck disable=SC2154 # set by run
	echo "$stderr"
	[ "$output" = 'call socket inet: EAFNOSUPPORT' ]
	[[ $stderr == *socket*AF_INET*EAFNOSUPPORT* ]]
	[[ $stderr == *'protocol=unix,inet'* ]]
}

@test "a call that is for no jail has a reason in place of a line" {
	run --separate-stderr jail --audit --no-profile --whitelist-ro="$CLIENTS" \
		"$CLIENTS/try" call bpf
	echo "$stderr"
	[[ $stderr == *'for no jail'* ]]
}

@test "the log is added to, and is for its owner" {
	audited true
	audited true
	[ "$(wc -l <log.json)" = 2 ]
	[ "$(stat -c %a log.json)" = 600 ]
}

@test "the exit status is the program's" {
	run audited sh -c 'exit 42'
	[ "$status" = 42 ]
	# shellcheck disable=SC2016 # for the shell in the jail
	run audited sh -c 'kill -TERM $$'
	[ "$status" = 143 ]
	# shellcheck disable=SC2016
	run audited sh -c 'kill -KILL $$'
	[ "$status" = 137 ]
	run -127 audited /does/not/exist
	touch file
	run -126 audited ./file
}

@test "a signal to the launcher reaches the program" {
	local launcher status=0
	"$JAIL" -q --audit=log sh -c \
		'trap "exit 9" TERM; touch ready; while :; do sleep 0.1; done' 3>&- &
	launcher=$!
	wait_until [ -e ready ]
	kill -TERM "$launcher"
	wait "$launcher" || status=$?
	[ "$status" = 9 ]
}

@test "a launcher that has stopped with its program goes on when it is continued" {
	local launcher status=0
	# shellcheck disable=SC2016 # for the shell in the jail
	"$JAIL" -q --audit=log sh -c 'kill -STOP $$; exit 7' 3>&- &
	launcher=$!
	wait_until grep -q 'State:.T' "/proc/$launcher/status"
	kill -CONT "$launcher"
	wait "$launcher" || status=$?
	[ "$status" = 7 ]
}

@test "a program ends when its launcher is killed" {
	local launcher mark=31415926
	"$JAIL" -q --audit=log sleep $mark 3>&- &
	launcher=$!
	wait_until pgrep -f "^sleep $mark"
	kill -KILL "$launcher"
	wait "$launcher" || true
	wait_until is_gone "^sleep $mark"
}

@test "neither a full disk nor a pipe that nobody reads stops the program or ends it" {
	local log
	mkfifo unread
	exec 8<>unread
	for log in unread /dev/full; do
		run timeout 100 "$JAIL" -q --audit="$log" --no-profile --protocol=unix \
			--whitelist-ro="$CLIENTS" "$CLIENTS/rude" -s 7 -n 500 calls
		echo "$log: status $status: $output"
		[ "$status" = 7 ]
		[[ ${lines[0]} == 'rude: calls: 8000 denied' ]]
	done
	exec 8>&-
}

@test "standard error that was closed at its other end does not end the program" {
	# shellcheck disable=SC2016 # for the shell that runs it
	run timeout 100 bash -c '"$@" 2> >(exec true); echo "status $?"' bash \
		"$JAIL" -q --audit --no-profile --protocol=unix --whitelist-ro="$CLIENTS" \
		"$CLIENTS/rude" -s 7 -n 500 calls
	echo "$output"
	[[ $output == *'status 7' ]]
}

@test "a log that cannot be written is refused, and nothing is run" {
	local log
	mkdir closed
	chmod 555 closed
	for log in closed/log missing/log /; do
		[ "$log" != closed/log ] || [ "$EUID" != 0 ] || continue
		refused 125 "$log" "$JAIL" -q --audit="$log"
		[[ $output == *'hint: '* ]]
	done
}

# tests/check has made it by now; a leak has a status of its own.
@test "the launcher is free of errors and leaks under sanitizers" {
	JAIL=$TOP/build-sanitize/uring-jail
	[ -x "$JAIL" ] || skip "no build with sanitizers: make BUILD=build-sanitize SANITIZE=1"
	run audited "$CLIENTS/rude" -s 7 -n 40 calls
	echo "status $status: $output"
	[ "$status" = 7 ]
	[ "$output" = 'rude: calls: 640 denied' ]
}

@test "a form or a mode that is not known is refused" {
	refused 125 xml "$JAIL" -q --audit --audit-format=xml
	refused 125 heavy "$JAIL" -q --audit --audit-mode=heavy
}
