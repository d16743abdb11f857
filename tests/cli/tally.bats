# SPDX-License-Identifier: LGPL-2.1-or-later
#
# That tests/tally counts what ran, and lets no failure through.

# tally STATUS LINE: what it makes of standard input, its last line and its status.
tally() {
	local expected_status=$1 expected=$2
	run bash tests/tally
	printf '%s\n' "$output"
	[ "$status" = "$expected_status" ]
	[ "${lines[-1]}" = "$expected" ]
}

@test "tests that pass are counted over several streams" {
	printf '%s\n' 1..2 'ok 1 a' 'ok 2 - b' 1..1 'ok 1 c' | tally 0 '3 passed, 0 failed'
}

@test "a failed test fails the whole, and is shown with its diagnostics at the end" {
	tally 1 '1 passed, 1 failed' <<-'END'
		1..2
		not ok 1 first
		# (in test file x.bats, line 3)
		#   `false' failed
		ok 2 second
	END
	[ "${lines[-2]}" = "    #   \`false' failed" ]
	[ "${lines[-4]}" = '  first' ]
}

@test "cmocka's diagnostics in YAML belong to their test" {
	tally 1 '0 passed, 1 failed' <<-'END'
		TAP version 14
		1..1
		not ok 1 - first
		  ---
		  message: 'no'
		  ...
		# not ok - group
		  CC  something.c
	END
	[ "${lines[-3]}" = "      message: 'no'" ]
}

@test "skipped tests are listed with their reasons and have not passed" {
	tally 0 '1 passed, 0 failed, 4 skipped' <<-'END'
		1..4
		ok 1 a # skip no ring here
		not ok 2 # SKIP b
		ok 3 - c # SKIP
		ok 4 d
		1..0 # SKIP no such kernel
	END
	[[ $output == *$'\n  a: no ring here\n  b\n  c\n  all of a file: SKIP no such kernel\n'* ]]
}

@test "planned tests that did not run have failed, in the middle and at the end" {
	printf '%s\n' 1..4 'ok 1 a' 1..1 'ok 1 b' | tally 1 '2 passed, 3 failed'
	printf '%s\n' 1..1 'ok 1 a' 1..3 'ok 1 b' | tally 1 '2 passed, 2 failed'
	printf '%s\n' 1..1 'ok 1 a' 1..2 | tally 1 '1 passed, 2 failed'
}

@test "more tests than planned, or none planned, is a failure" {
	printf '%s\n' 1..1 'ok 1 a' 'ok 2 b' | tally 1 '2 passed, 1 failed'
	printf '%s\n' 'ok 1 a' | tally 1 '1 passed, 1 failed'
}

@test "a plan may come last" {
	printf '%s\n' 'ok 1 a' 'ok 2 b' 1..2 'ok 1 c' 1..1 | tally 0 '3 passed, 0 failed'
}

@test "nothing run is not a success" {
	tally 1 '0 passed, 0 failed' </dev/null
	[[ $output == *'No test ran.'* ]]
}

@test "a bail-out is a failure" {
	printf '%s\n' 1..1 'ok 1 a' 'Bail out! the VM died' | tally 1 '1 passed, 1 failed'
}

@test "other output is passed on and not counted" {
	tally 0 '1 passed, 0 failed' <<-'END'
		ok, here we go
		1..1
		okay
		ok 1 a
		not okay
	END
	[[ $output == *okay* ]]
}

@test "a last line without a newline counts" {
	printf '1..1\nnot ok 1 a' | tally 1 '0 passed, 1 failed'
}
