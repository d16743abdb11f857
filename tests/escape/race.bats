#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Paths that change under the launcher's feet: as somebody outside, or a program in another jail,
# keeps exchanging a folder and a symlink that leads to a secret, no launch shows the secret. Each
# starts right, or not at all, with one clear message.

load escape

# swap FIRST SECOND: begins to exchange them.
swap() {
	"$CLIENTS/swap" "$1" "$2" >"$BATS_TEST_TMPDIR/swapping" 3>&- &
	helper $!
	wait_until [ -s "$BATS_TEST_TMPDIR/swapping" ]
}

# race TIMES JAIL-OPTION... -- COMMAND...: launches as often, with the number of the launch for %N,
# and counts what comes of it. In a VM, where each takes twenty times as long, there are fewer.
race() {
	local out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err times=$1 started=0 refused=0 status
	[ -z "${VM_SERIES-}" ] || times=$((times / 10))
	shift
	for ((; times > 0; times--)); do
		status=0
		"$JAIL" --quiet "${@//%N/$times}" >"$out" 2>"$err" || status=$?
		if grep -q 'secret text' "$out"; then
			echo "the secret was seen after $started and $refused launches"
			return 1
		fi
		if [ "$status" = 0 ]; then
			started=$((started + 1))
		elif [ "$status" = 125 ] && [ "$(grep -c '^uring-jail: ' "$err")" = 1 ]; then
			refused=$((refused + 1))
		else
			echo "status $status: $(<"$err")"
			return 1
		fi
	done
	echo "$started started, $refused refused"
}

# The folder "sub" of the working folder, which the program may write, and the symlink "other", to
# a folder like it where each name leads to the secret. Root can write into every folder; for
# others the one that the symlink leads to is closed.
two_ways() {
	make_two_ways
	swap sub other
}

make_two_ways() {
	mkdir -p sub/data ../away
	echo own >sub/data/file
	echo own >sub/file
	ln -s "$ESCAPE_OUTSIDE" ../away/data
	ln -s "$ESCAPE_OUTSIDE/secret" ../away/file
	ln -s "$ESCAPE_OUTSIDE/secret" "$ESCAPE_OUTSIDE/file"
	ln -s "$BATS_TEST_TMPDIR/away" other
	chmod 555 ../away
}

# Nothing was made on the host where the symlink leads.
nothing_made() {
	[ "$(ls -A ../away)" = $'data\nfile' ]
	[ "$(ls -A "$ESCAPE_OUTSIDE")" = $'file\nsecret' ]
	[ "$(cat "$ESCAPE_OUTSIDE/secret")" = 'secret text' ]
}

# By all names that it may have.
look='cat sub/data/file other/data/file sub/file other/file "$ESCAPE_OUTSIDE/secret" "$0/secret" \
	"$0/file" 2>/dev/null; true'

@test "whitelist, whitelist-ro: a component that is exchanged" {
	two_ways
	race 300 --whitelist="$PWD/sub/data" -- sh -c "$look" /none
	race 50 --whitelist="$PWD/sub/file" -- sh -c "$look" /none
	race 50 --whitelist-ro="$PWD/sub/data" -- sh -c "$look" /none
	race 50 '--whitelist=sub/*' -- sh -c "$look" /none
	nothing_made
}

@test "bind, private: a component of the source, of the target, or both" {
	two_ways
	mkdir own
	race 100 --bind="$PWD/sub/data,/srv/shown" -- sh -c "$look" /srv/shown
	race 100 --bind="$PWD/own,$PWD/sub/data" -- sh -c "$look" /none
	race 50 --private="$PWD/sub/data" -- sh -c "$look" "$HOME"
	nothing_made
}

@test "blacklist, read-only, read-write, noexec, tmpfs: a component that is exchanged" {
	two_ways
	race 50 --blacklist="$PWD/sub/data" -- sh -c "$look" /none
	race 50 --read-only="$PWD/sub/data" -- sh -c "$look" /none
	race 50 --read-only="$PWD" --read-write="$PWD/sub/data" -- sh -c "$look" /none
	race 50 --noexec="$PWD/sub/data" -- sh -c "$look" /none
	race 50 --tmpfs="$PWD/sub/data" -- sh -c "$look" /none
	nothing_made
}

@test "private-cwd in what is exchanged" {
	two_ways
	race 50 --private-cwd="$PWD/sub/data" --whitelist="$PWD" -- sh -c "cat file; $look" /none
}

@test "a working folder in what is exchanged" {
	local work=$PWD
	make_two_ways
	cd sub/data
	swap "$work/sub" "$work/other"
	race 150 -- sh -c "cat file; $look" ..
}

@test "mkdir, mkfile: nothing is made behind a symlink" {
	mkdir sub ../away
	ln -s "$BATS_TEST_TMPDIR/away" other
	swap sub other
	race 100 --mkdir="$PWD/sub/%N/deep" --mkfile="$PWD/sub/%N-file" -- true
	[ -z "$(ls -A ../away)" ]
	[ -n "$(ls -A sub/ other/)" ]
}
