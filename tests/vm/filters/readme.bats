#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The demonstration of README.md: every command that it shows, and what it says comes of it.

load ../../cli/common

@test "the README's commands print what it says" {
	local command='' line count=0
	cp "$CLIENTS/try" .
	PATH=$TOP/build:$PATH
	while IFS= read -r line; do
		case $line in
		# What it prints has numbers of processes, and comes as it comes: see audit.bats.
		'    $ '*' --audit '*) ;;
		'    $ '*' ./try '*) command=${line#*'$ '} ;;
		'    '*': '*)
			[ -n "$command" ] || continue
			line=${line%%<-*}
			run bash -c "$command"
			echo "$command: $output"
			[ "$output" = "$(xargs <<<"$line")" ]
			command=
			count=$((count + 1))
			;;
		esac
	done <"$TOP/README.md"
	[ "$count" = 5 ]
}
