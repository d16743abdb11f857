#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The plan of every shipped profile is the one that was reviewed: tests/golden/NAME.explain.

load common

setup() {
	# The lists of system calls are the processor's: it has them for this one.
	[ "$(uname -m)" = x86_64 ] || skip 'the reviewed plans are those of x86-64'
	unshare --user --map-root-user --mount true 2>/dev/null ||
		skip 'unshare cannot make a user namespace here'
	"$TOP/tests/golden/explain" "$BATS_TEST_TMPDIR/new"
}

names() {
	find "$1" -name "*.$2" -printf '%f\n' | sed "s/\.$2\$//" | LC_ALL=C sort
}

@test "every shipped profile has a reviewed plan, and every reviewed plan a profile" {
	run diff <(names "$TOP/profiles" profile) <(names "$TOP/tests/golden" explain)
	echo "$output"
	[ "$status" = 0 ]
}

# make golden rewrites them: look at the difference as at one of the source.
@test "the plans are those that were reviewed" {
	local plan status=0
	for plan in "$BATS_TEST_TMPDIR"/new/*.explain; do
		diff -u "$TOP/tests/golden/${plan##*/}" "$plan" || status=1
	done
	[ "$status" = 0 ]
}
