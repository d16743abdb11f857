# SPDX-License-Identifier: LGPL-2.1-or-later
# What the escape tests share. The client build/tests/clients/escape makes attempts, by system call
# and by ring; a table says how each must fail, in the default profile and in the strictest one.
# shellcheck shell=bash disable=SC1091

load ../cli/common

# As little as a program can run with: no profile, no folder but what is attacked, no /proc.
strict=(--no-profile --root=empty --whitelist-ro=/usr --whitelist-ro=-/lib --whitelist-ro=-/lib64
	--net=none --protocol=unix --restrict-namespaces --memory-deny-write-execute
	'--seccomp=@aio,!@io-uring,@chown,@ipc,!pipe,!pipe2,@resources,@setuid,@sandbox,mknod,mknodat')

# The folders that are attacked: outside, and in the working folder, which has no other name.
setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/home/.config
	export ESCAPE_OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir -p "$XDG_CONFIG_HOME/uring-jail" "$BATS_TEST_TMPDIR"/{outside,work/box/hidden,work/shown}
	cd "$BATS_TEST_TMPDIR/work" || return
	tee "$ESCAPE_OUTSIDE/secret" box/masked box/hidden/secret shown/file <<<'secret text' >/dev/null
	ln -s "$ESCAPE_OUTSIDE/secret" box/planted-absolute
	ln -s ../../outside/secret box/planted-relative
	ln -s ../../outside box/planted-folder
	ln -s /proc/self/root box/planted-proc
	trusted=no
	"$JAIL" --check >/dev/null && trusted=yes
	cp -a . "$BATS_TEST_TMPDIR/before"
}

teardown() {
	chmod -fR u+w "$BATS_TEST_TMPDIR"
	[ ${#helpers[@]} = 0 ] || kill -KILL "${helpers[@]}" 2>/dev/null || true
}

helpers=()

# What runs beside the test is ended after it, without a word of the shell's.
helper() {
	helpers+=("$1")
	disown "$1"
}

# Somebody else: a process outside, of this process group, with the secret open and in its folder.
# What signal it gets is written to the file "reached", in a folder that no jail shows.
victim() {
	(
		cd "$ESCAPE_OUTSIDE" && exec 3>&- 9<secret
		trap 'echo >"$BATS_TEST_TMPDIR/reached"' URG
		trap 'echo >"$BATS_TEST_TMPDIR/asked"' PWR
		echo "$BASHPID" >"$BATS_TEST_TMPDIR/victim"
		while :; do sleep 0.05; done
	) &
	helper $!
	wait_until [ -s "$BATS_TEST_TMPDIR/victim" ]
	ESCAPE_VICTIM=$(<"$BATS_TEST_TMPDIR/victim")
	export ESCAPE_VICTIM
}

# Has the victim got a signal? A shell looks at them in the order of their numbers, so that once it
# has seen this one it has seen those before.
is_reached() {
	rm -f "$BATS_TEST_TMPDIR/asked"
	kill -PWR "$ESCAPE_VICTIM"
	wait_until [ -e "$BATS_TEST_TMPDIR/asked" ]
	[ -e "$BATS_TEST_TMPDIR/reached" ]
}

# Servers outside, for the attempts on sockets.
servers() {
	export ESCAPE_ABSTRACT=uring-jail-$$-$RANDOM ESCAPE_DISPLAY=$$$RANDOM ESCAPE_PORT
	python3 "$TOP/tests/escape/listen.py" "$ESCAPE_ABSTRACT" "$ESCAPE_DISPLAY" "$ESCAPE_OUTSIDE" \
		>"$BATS_TEST_TMPDIR/port" 3>&- &
	helper $!
	wait_until [ -s "$BATS_TEST_TMPDIR/port" ]
	ESCAPE_PORT=$(<"$BATS_TEST_TMPDIR/port")
}

# What the launcher is started by, and the column of a table that counts.
prefix=()
column=1

# in_default JAIL-OPTION... -- CLASS [NAME...]: makes the attempts in a jail of the default profile.
in_default() {
	column=1
	in_jail --read-only="$PWD/shown" "$@"
}

# The same in the strictest one; the folders are there, and nothing around them.
in_strict() {
	column=2
	in_jail "${strict[@]}" --whitelist="$PWD/box" --whitelist-ro="$PWD/shown" \
		--private-cwd="$PWD" "$@"
}

in_jail() {
	local -a options arguments
	split "$@"
	run "${prefix[@]}" "$JAIL" --quiet --whitelist-ro="$CLIENTS" --blacklist="$PWD/box/masked" \
		--blacklist="$PWD/box/hidden" "${options[@]}" "$CLIENTS/escape" "${arguments[@]}"
}

# Each attempt that was made has failed as the table on standard input says. A line is NAME, its
# outcome in the default profile, and that in the strictest if it is another: CALL/RING where they
# differ, alternatives with '|'. Without filters that can be trusted, there is no ring.
outcomes() {
	local name gate outcome expected wrong=0
	local -a words
	local -A cells=()
	while read -ra words; do
		cells[${words[0]}]=${words[column]:-${words[1]}}
	done
	[ "$status" = 0 ] || { echo "status $status: $output"; return 1; }
	while read -r name gate outcome; do
		expected=${cells[$name]:-no line in the table}
		case $gate in
		call:) expected=${expected%/*} ;;
		ring:) expected=${expected#*/} && [ "$trusted" = yes ] || expected=ENOSYS ;;
		*) expected='no line like this' ;;
		esac
		[[ "|$expected|" == *"|$outcome|"* ]] && continue
		echo "$name $gate $outcome, and not $expected"
		wrong=1
	done <<<"$output"
	[ "$(cut -d' ' -f1 <<<"$output" | sort -u | wc -l)" = ${#cells[@]} ] ||
		{ echo "attempts are missing: $output"; wrong=1; }
	return $wrong
}

# works [NAME...]: all attempts but those named got what they were after, as they must outside.
works() {
	local name gate outcome wrong=0
	[ "$status" = 0 ] || { echo "status $status: $output"; return 1; }
	while read -r name gate outcome; do
		[ "$outcome" = ok ] || [[ " $* " == *" $name "* ]] && continue
		[ "$gate" = ring: ] && no_ring_here && continue
		echo "outside: $name $gate $outcome"
		wrong=1
	done <<<"$output"
	return $wrong
}

no_ring_here() {
	"$CLIENTS/try" ring nop | grep -q '^ring setup'
}

# Nothing of what was attacked has changed. In the folder outside there is what $1 says.
unchanged() {
	[ "$(cat "$ESCAPE_OUTSIDE/secret")" = 'secret text' ]
	[ "$(ls "$ESCAPE_OUTSIDE")" = "${1-secret}" ]
	diff -r "$BATS_TEST_TMPDIR/before/shown" shown
	cmp "$BATS_TEST_TMPDIR/before/box/masked" box/masked
	diff -r "$BATS_TEST_TMPDIR/before/box/hidden" box/hidden
}
