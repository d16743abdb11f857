#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# --list-profiles: what is found by name, a line each.

load common

@test "profiles are listed by name, with what their first comment says" {
	printf '# zebra: is striped\nnet none\n' | profile zebra
	printf '#antelope:   has  horns\r\n' | profile antelope
	printf '# of no name\n' | profile other
	printf 'net none\n# silent: late\n' | profile silent
	: | profile empty
	run "$JAIL" --list-profiles
	echo "$output"
	[ "$status" = 0 ]
	grep -qx 'zebra              is striped' <<<"$output"
	grep -qx 'antelope           has  horns' <<<"$output"
	grep -qx 'other              of no name' <<<"$output"
	grep -qx silent <<<"$output"
	grep -qx empty <<<"$output"
	[ "$(cut -d' ' -f1 <<<"$output")" = "$(cut -d' ' -f1 <<<"$output" | LC_ALL=C sort -u)" ]
}

@test "the carried profile is listed, unless a folder has one of its name" {
	run "$JAIL" --list-profiles
	echo "$output"
	[ "$(grep -c '^default ' <<<"$output")" = 1 ]
	printf '# default: mine\n' | profile default
	run "$JAIL" --list-profiles
	echo "$output"
	[ "$(grep '^default ' <<<"$output")" = 'default            mine' ]
}

@test "only profiles are listed" {
	: | profile there
	touch "$XDG_CONFIG_HOME/uring-jail/"{.profile,part.inc,there.local,there.profile.old}
	mkdir "$XDG_CONFIG_HOME/uring-jail/folder.profile"
	ln -s nowhere "$XDG_CONFIG_HOME/uring-jail/gone.profile"
	run "$JAIL" --list-profiles
	echo "$output"
	[ "$(cut -d" " -f1 <<<"$output" | xargs)" = "default folder there" ]
	grep -qx 'folder             (cannot be read: it is not a regular file)' <<<"$output"
}

@test "names and comments cannot write to the terminal, and none of them hangs or floods it" {
	printf '# a\e[31mb: \e]0;title\a\n' | profile $'a\e[31mb'
	{ printf '# long: ' && head -c 100000 /dev/zero | tr '\0' x; } | profile long
	mkfifo "$XDG_CONFIG_HOME/uring-jail/fifo.profile"
	run timeout 60 "$JAIL" --list-profiles
	[ "$status" = 0 ]
	[[ $output != *$'\e'* && $output != *$'\a'* ]]
	[[ $output == *'a\x1b[31mb'*'\x1b]0;title\x07'* ]]
	[ "${#output}" -lt 10000 ]
	[[ $output == *'fifo '*'not a regular file'* ]]
}

@test "a folder that cannot be read is an error" {
	[ "$(id -u)" != 0 ] || skip 'root reads every folder'
	chmod 0 "$XDG_CONFIG_HOME/uring-jail"
	run "$JAIL" --list-profiles
	chmod 700 "$XDG_CONFIG_HOME/uring-jail"
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'cannot read the profiles in'*'Permission denied'* ]]
}

@test "every shipped profile says in its first line what it is for" {
	local file name
	for file in "$TOP"/profiles/*.profile; do
		name=${file##*/}
		name=${name%.profile}
		run head -n 1 "$file"
		echo "$file: $output"
		[[ $output == "# $name: "?* ]]
		[ "${#output}" -le 100 ]
	done
}

@test "a folder that is removed has no influence" {
	mkdir gone
	cd gone
	rmdir ../gone
	run "$JAIL" --list-profiles
	[ "$status" = 0 ]
	[[ $output == *default* ]]
}
