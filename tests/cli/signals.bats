#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a program can do to its launcher and its neighbours by signals and process groups.

load common

@test "a launcher that has stopped with its program ends with it" {
	local start=$SECONDS
	run -137 timeout --foreground --signal=KILL 60 "$JAIL" -q sh -c \
		'(until grep -q "State:.T" /proc/$$/status; do :; done; kill -KILL $$) & kill -STOP $$'
	[ $((SECONDS - start)) -lt 50 ]
}

@test "a stopped launcher goes on when it is continued" {
	local launcher status=0
	"$JAIL" -q sh -c 'kill -STOP $$; exit 7' 3>&- &
	launcher=$!
	wait_until grep -q 'State:.T' "/proc/$launcher/status"
	kill -CONT "$launcher"
	wait "$launcher" || status=$?
	[ "$status" = 7 ]
}

@test "the priority of the process group is not the program's to change" {
	run setsid -w bash -c '"$0" -q python3 -c "
import os
try:
    os.setpriority(os.PRIO_PGRP, 0, 19)
except PermissionError:
    print(\"denied\")
"; ps -o ni= -p $$' "$JAIL"
	echo "$output"
	[ "$(tr -s ' \n' ' ' <<<"$output")" = 'denied 0 ' ]
}
