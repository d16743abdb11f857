# SPDX-License-Identifier: LGPL-2.1-or-later
# What the tests of --learn share, here and in a VM.
# shellcheck shell=bash

load "${BASH_SOURCE[0]%/*}/common"

# What is learned, and learned from, lies beside home and work, since /tmp is the jail's own.
setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/home/.config
	data=$BATS_TEST_TMPDIR/data
	learned=$BATS_TEST_TMPDIR/home/learned.profile
	mkdir -p "$XDG_CONFIG_HOME/uring-jail" "$BATS_TEST_TMPDIR/work" "$data/in" "$data/out"
	echo one >"$data/in/one"
	cd "$BATS_TEST_TMPDIR/work" || return
}

learn() {
	timeout 120 "$JAIL" --quiet --learn="$learned" "$@"
}

# again COMMAND...: runs it with what was learned; nothing may be denied.
again() {
	local log=$BATS_TEST_TMPDIR/audit
	rm -f "$log"
	timeout 120 "$JAIL" --quiet --profile="$learned" --audit="$log" --audit-format=json "$@" ||
		return
	# As root, a note tells what the kernel's own count says.
	if [ "$(grep -vc '^{"note":' "$log")" != 1 ] || ! grep -q '^{"summary":{"denials":0,' "$log"; then
		cat "$log" >&2
		return 1
	fi
}
