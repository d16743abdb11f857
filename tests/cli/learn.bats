#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# --learn on a kernel of any age: rings are another matter (tests/vm).

load learning

@test "a learned copy runs with its profile, and nothing is denied" {
	learn cp "$data/in/one" "$data/out/copy"
	cat "$learned"
	rm "$data/out/copy"
	again cp "$data/in/one" "$data/out/copy"
	[ "$(cat "$data/out/copy")" = one ]
}

@test "the learned profile grants what was used and no more" {
	learn cp "$data/in/one" "$data/out/copy"
	echo secret >"$data/in/two"
	again cat "$data/in/one"
	run again cat "$data/in/two"
	[ "$status" = 1 ]
	[[ $output == *'No such file'* ]]
	# It may write in its own /tmp, which is not the one outside.
	again touch "$data/in/new"
	[ ! -e "$data/in/new" ]
}

@test "a script with children, links and a folder to list is learned" {
	ln -s in "$data/link"
	cat >"$data/script" <<-END
		#!/bin/sh
		cat "$data/link/one" | tr a-z A-Z
		ls "$data/in"
		mkdir -p "$data/out/sub" && echo x >"$data/out/sub/file"
	END
	chmod +x "$data/script"
	learn "$data/script"
	cat "$learned"
	rm -r "$data/out/sub"
	run again "$data/script"
	[ "$status" = 0 ]
	[ "${lines[0]}" = ONE ]
	[ "${lines[1]}" = one ]
	[ -e "$data/out/sub/file" ]
}

@test "the status is the program's, and what it did is written all the same" {
	run learn sh -c "cat $data/in/one; exit 7"
	[ "$status" = 7 ]
	grep -q "whitelist-ro -$data/in/one  # learned: read: cat: " "$learned"
	run learn sh -c 'kill -9 $$'
	[ "$status" = 137 ]
}

@test "learning again keeps what a person wrote and adds what is missing" {
	learn cat "$data/in/one"
	sed -i 's/^root minimal$/# mine\nroot   minimal/' "$learned"
	cp "$learned" before
	echo old >"$data/out/old"
	learn sh -c "echo new >>$data/out/old"
	cmp -n "$(stat -c %s before)" before "$learned"
	grep -q "^whitelist -$data/out/old  # learned: write: " "$learned"
	cp "$learned" before
	learn cat "$data/in/one"
	cmp before "$learned"
}

@test "the program that is learned cannot change what is learned" {
	learn true
	cp "$learned" before
	run learn sh -c "echo 'root host' >>$learned"
	[ "$status" != 0 ]
	cmp -n "$(stat -c %s before)" before "$learned"
	run ! grep -q '^root host' "$learned"
}

@test "what leads out of every jail is denied while learning, too" {
	run learn unshare --user true
	[ "$status" = 1 ]
	grep -q '^# not granted: new namespaces (unshare)' "$learned"
}

@test "a folder that cannot be written in is an error before anything runs" {
	run timeout 60 "$JAIL" --quiet --learn=/proc/learned true
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'hint: '* || $output == *'cannot '* ]]
	run timeout 60 "$JAIL" --quiet --learn=nowhere/learned touch marker
	[ "$status" = 125 ]
	[ ! -e marker ]
}

@test "a file that is no profile is an error with its line before anything runs" {
	printf 'net none\nwitelist /usr\n' >"$learned"
	run timeout 60 "$JAIL" --quiet --learn="$learned" touch marker
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *"$learned:2: unknown directive"* ]]
	[ ! -e marker ]
}
