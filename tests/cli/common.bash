# SPDX-License-Identifier: LGPL-2.1-or-later
# What the command-line tests share. They run on any kernel, as root and as an ordinary user.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

JAIL=${JAIL-$PWD/build/uring-jail}
TOP=$PWD
CLIENTS=$PWD/build/tests/clients
export TOP CLIENTS

# A home and a working folder of the test's own, so that no profile of this machine is read.
setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/home/.config
	mkdir -p "$XDG_CONFIG_HOME/uring-jail" "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return
}

# profile NAME: standard input becomes the user's profile NAME.
profile() {
	cat >"$XDG_CONFIG_HOME/uring-jail/$1.profile"
}

# shipped_profiles: as if installed, so that they are found by the program's name, and do not depend
# on where the work tree is.
shipped_profiles() {
	cp "$TOP"/profiles/*.profile "$TOP"/profiles/*.inc "$XDG_CONFIG_HOME/uring-jail"
}

# jail ARGUMENT...: the launcher, without its note on kernels that cannot filter io_uring.
jail() {
	"$JAIL" --quiet "$@"
}

# split OPTION... -- ARGUMENT...: into the caller's arrays options and arguments.
split() {
	options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	arguments=("$@")
}

# try JAIL-OPTION... -- TRY-ARGUMENT...: runs the client in a jail that shows it.
try() {
	local -a options arguments
	split "$@"
	run "$JAIL" --quiet --whitelist-ro="$CLIENTS" "${options[@]}" "$CLIENTS/try" "${arguments[@]}"
	echo "status $status: $output"
}

# refused STATUS TEXT COMMAND...: COMMAND, a launcher's call that lacks its program, ends with
# STATUS and one message that has TEXT in it, and nothing was run: the file that the program would
# have made is not there.
refused() {
	local expected=$1 text=$2
	shift 2
	rm -f marker
	run "$@" touch marker
	echo "status $status: $output"
	[ "$status" = "$expected" ]
	[[ $output == *"$text"* ]]
	[ "$(grep -c '^uring-jail: ' <<<"$output")" = 1 ]
	[ ! -e marker ]
}

# wait_until COMMAND...: until it succeeds, a minute at the most.
wait_until() {
	local deadline=$((SECONDS + 60))
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

is_gone() {
	! pgrep -f "$1" >/dev/null
}
