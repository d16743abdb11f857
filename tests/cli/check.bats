#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# --check, of what single directives need. Whatever this machine has of it.

load common

# fake PROGRAM: there is one of that name, and nothing else, in PATH.
fake() {
	mkdir -p bin
	printf '#!/bin/sh\n' >"bin/$1"
	chmod +x "bin/$1"
}

# part ID WORD...: of --check=json with this PATH, the part's fields of these names, a line each.
part() {
	env PATH="$PWD/bin" "$JAIL" --check=json >check.json || true
	python3 -c '
import json, sys
part = [p for p in json.load(open("check.json"))["checks"] if p["id"] == sys.argv[1]]
assert len(part) == 1, part
for word in sys.argv[2:]:
    print(part[0].get(word))' "$@"
}

@test "net user needs pasta: without one --check names the package" {
	run part pasta state what hint
	echo "$output"
	[ "$output" = $'no\nnet user cannot be had: there is no pasta\ninstall the package passt' ]
	run env PATH=/nowhere "$JAIL" --check
	[[ $output =~ no\ +pasta\ .*hint:\ install\ the\ package\ passt ]]
}

@test "of a pasta that is there --check says where, or what it lacks" {
	unshare --user --map-root-user --mount true || skip 'unshare cannot mount here'
	fake pasta
	# shellcheck disable=SC2016
	local in_system=(unshare --user --map-root-user --mount sh -c '
		mount --bind bin /usr/local/bin && PATH=/usr/local/bin exec "$0" --check' "$JAIL")
	run "${in_system[@]}"
	echo "$output"
	grep -E '^(yes *pasta .*by /usr/local/bin/pasta|no *pasta .*/dev/net/tun: )' <<<"$output"
	# What cannot be executed is none: root may read and write it, but not execute it either.
	chmod -x bin/pasta
	run "${in_system[@]}"
	grep '^no *pasta .*there is no pasta' <<<"$output"
}

@test "a pasta outside of the system's folders is none: a jail may have left it there" {
	fake pasta
	run part pasta state what
	[ "$output" = $'no\nnet user cannot be had: there is no pasta' ]
}

@test "nftables are tried in a network of their own, and a kernel without is told what it lacks" {
	run part nftables state what hint
	echo "$output"
	[[ $output == $'yes\nnet.connect and net.listen hold '* || $output == $'no\n'*$'\n'?* ]]
	[ "${#lines[@]}" = 3 ]
}
