#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The completion of each shell, typed into the real one by completion.py.

load common

setup_shell() {
	setup
	mkdir -p bin folder/inner
	touch folder/file
	cat >bin/uring-jail <<-'EOF'
		#!/bin/sh
		[ "$1" != --complete ] || exec "$REAL" "$@"
		printf 'called with'
		printf ' <%s>' "$@"
		echo ' .'
	EOF
	chmod +x bin/uring-jail
	export REAL=$JAIL PATH=$PWD/bin:$PATH
	echo '# mine: a profile of my own' | profile mine
}

# typed LINE ARGUMENTS: what the command is called with, once <TAB> has done its work.
typed() {
	run /usr/bin/python3 "$TOP/tests/cli/completion.py" "$shell" "$script" "$1"
	[ "$output" = "$2" ] || {
		printf '%s: %s\nis:     %s\nshould: %s\n' "$shell" "$1" "$output" "$2"
		return 1
	}
}

options_and_values() {
	typed 'uring-jail --roo<TAB>mini<TAB>' '<--root=minimal>'
	typed 'uring-jail --private-d<TAB> x' '<--private-dev> <x>'
	typed 'uring-jail --net ho<TAB>' '<--net> <host>'
	typed 'uring-jail --seccomp.drop=mount,@obs<TAB>' '<--seccomp.drop=mount,@obsolete>'
	typed 'uring-jail --uring.socket=inet/str<TAB>' '<--uring.socket=inet/stream>'
	typed 'uring-jail -p min<TAB> x' '<-p> <mine> <x>'
	typed 'uring-jail --profile=min<TAB> x' '<--profile=mine> <x>'
	typed 'uring-jail --bogus=<TAB>' '<--bogus=>'
}

files_and_folders() {
	typed 'uring-jail --whitelist=folder/f<TAB>' '<--whitelist=folder/file>'
	typed 'uring-jail --bind=/usr,folder/f<TAB>' '<--bind=/usr,folder/file>'
	typed 'uring-jail --private=folder/<TAB>' "$1"
}

the_programs_own() {
	typed 'uring-jail --quiet realpa<TAB> folder/f<TAB>' '<--quiet> <realpath> <folder/file>'
	typed 'uring-jail -- realpa<TAB>' '<--> <realpath>'
}

@test "bash, with bash-completion" {
	[ -e /usr/share/bash-completion/bash_completion ] || skip 'there is no bash-completion'
	local shell=bash script=$TOP/completions/uring-jail.bash
	setup_shell
	options_and_values
	files_and_folders '<--private=folder/inner/>'
	the_programs_own
	typed 'uring-jail -q git checko<TAB>' '<-q> <git> <checkout>'
}

@test "bash alone" {
	local shell=bash-alone script=$TOP/completions/uring-jail.bash
	setup_shell
	options_and_values
	files_and_folders '<--private=folder/inner/>'
	the_programs_own
}

@test "zsh" {
	command -v zsh >/dev/null || skip 'there is no zsh'
	local shell=zsh script=$TOP/completions/_uring-jail
	setup_shell
	options_and_values
	files_and_folders '<--private=folder/inner>'
	the_programs_own
	typed 'uring-jail -q git checko<TAB>' '<-q> <git> <checkout>'
}

@test "fish" {
	command -v fish >/dev/null || skip 'there is no fish'
	local shell=fish script=$TOP/completions/uring-jail.fish
	setup_shell
	options_and_values
	files_and_folders '<--private=folder/inner/>'
	the_programs_own
	typed 'uring-jail -q git checko<TAB>' '<-q> <git> <checkout>'
}
