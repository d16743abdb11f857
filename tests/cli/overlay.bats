#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# overlay: a writable view of a folder that stays as it is.

load common

setup_file() {
	"$JAIL" --check | grep -q '^yes *overlay ' || skip 'this kernel has no overlayfs for users'
	return 0
}

# A folder to be overlaid, one to keep changes in, and a working folder beside them.
make_folders() {
	top=$BATS_TEST_TMPDIR
	mkdir -p "$top/dir/sub" "$top/keep" "$top/victim"
	chmod 700 "$top/keep" "$top/victim"
	echo lower >"$top/dir/file"
	echo moved >"$top/dir/other"
	echo secret >"$top/dir/sub/secret"
	chmod 640 "$top/dir/file"
	export top
}

# All that is to be seen of the folder outside.
state() {
	(cd "$top/dir" && find . -printf '%p %y %m %n %s %T@\n' | sort &&
		find . -type f -exec sha256sum {} + | sort)
}

# overlaid OPTION... -- COMMAND...: in a jail with dir overlaid, its changes dropped.
overlaid() {
	jail --overlay="$top/dir" "$@"
}

# kept OPTION... -- COMMAND...: the same, its changes kept.
kept() {
	jail --overlay="$top/dir,$top/keep" "$@"
}

@test "what is done in an overlay is not done to the folder" {
	make_folders
	state >before
	overlaid -- sh -euc 'cd "$1"
		echo new >file
		echo more >>sub/secret
		: >other
		ln sub/secret link && echo more >>link
		chmod 777 file sub . && touch -d 2001-01-01 file sub .
		ln -s file symlink && mkdir folder && mkfifo fifo
		mv other sub/other && mv -T file sub/secret
		[ "$(cat sub/secret)" = new ]
		rm -r sub && mkdir sub && ls -A sub' sh "$top/dir"
	state >after
	diff before after
	# Nothing of it is there for the next one.
	[ "$(overlaid -- cat "$top/dir/file")" = lower ]
}

@test "memory mapped to a file of an overlay is not the file's" {
	make_folders
	state >before
	overlaid -- python3 -c '
import mmap, os, sys
fd = os.open(sys.argv[1] + "/file", os.O_RDWR)
with mmap.mmap(fd, 0) as memory:
    memory[:5] = b"UPPER"
    memory.flush()
print(open(sys.argv[1] + "/file").read(), end="")' "$top/dir" >output
	[ "$(cat output)" = UPPER ]
	state >after
	diff before after
}

@test "changes that are kept are there the next time, and nowhere else" {
	make_folders
	state >before
	kept -- sh -euc 'cd "$1"; echo new >file; rm other; mkdir -p a/b; echo x >a/b/c' sh "$top/dir"
	state >after
	diff before after
	run kept -- sh -c 'cd "$1"; cat file a/b/c; ls' sh "$top/dir"
	echo "$output"
	[ "$output" = $'new\nx\na\nfile\nsub' ]
	[ "$(overlaid -- cat "$top/dir/file")" = lower ]
	[ "$(cat "$top/keep/changes/file")" = new ]
	[ "$(stat -c %F:%t,%T "$top/keep/changes/other")" = 'character special file:0,0' ]
}

@test "what is hidden in an overlaid folder stays hidden" {
	make_folders
	local options
	for options in "--overlay=$top/dir" "--overlay=$top/dir,$top/keep" "--overlay=$top/dir,$top/keep"; do
		run jail "$options" --blacklist="$top/dir/sub/secret" sh -c 'cd "$1"
			cat sub/secret; cp sub/secret copy; ln sub/secret link; cat link
			rm -f sub/secret; rm -rf sub; mv sub away; mv -T sub away; cat away/secret
			(cat sub/secret); exec cat sub/secret' sh "$top/dir"
		echo "$output"
		[ "$status" != 0 ]
		[[ $output != *secret$'\n'secret* && $output != secret* && $output != *$'\nsecret'* ]]
		[[ $output == *'Permission denied'*'busy'* ]]
	done
	run ! grep -r secret "$top/keep/changes"
	# What is only read-only there stays so, and what is shown in it is itself.
	mkdir "$top/dir/real"
	run overlaid --read-only="$top/dir/sub" --whitelist="$top/dir/real" sh -c '
		echo >"$1/sub/new"; rm "$1/sub/secret"; echo real >"$1/real/file"; echo >"$1/file"' sh "$top/dir"
	echo "$output"
	[ "$(grep -c 'Read-only file system' <<<"$output")" = 2 ]
	[ "$(cat "$top/dir/real/file")" = real ]
	[ "$(cat "$top/dir/file")" = lower ]
}

@test "the folder with the changes is not to be seen or changed by another path" {
	make_folders
	kept -- sh -c 'echo inner >"$1/file"' sh "$top/dir"
	local command='cat "$1/keep/changes/file"; ls "$1/keep"; echo outer >"$1/keep/changes/file"
		touch "$1/keep/new"; rm -rf "$1/keep"; mv "$1/keep" "$1/away"; mkdir "$1/keep/x"
		cat "$1/dir/file"'
	run kept --whitelist="$top" -- sh -c "$command" sh "$top"
	echo "$output"
	[ "${lines[-1]}" = inner ]
	[ "$(grep -c '^inner$' <<<"$output")" = 1 ]
	[ "$(cat "$top/keep/changes/file")" = inner ]
	[ "$(ls "$top/keep")" = $'changes\nwork' ]
	run kept --root=host --private-cwd -- sh -c "$command" sh "$top"
	echo "$output"
	[ "$(grep -c '^inner$' <<<"$output")" = 1 ]
	[ "$(cat "$top/keep/changes/file")" = inner ]
	[ ! -e "$top/keep/new" ]
	# By the name of a bind, and as somebody's working folder.
	run kept --bind="$top,/srv/other" -- sh -c "$command" sh /srv/other
	echo "$output"
	[[ $output != inner* && $output != *$'\ninner'* ]]
	cd "$top/keep"
	run kept -- sh -c 'pwd; cat changes/file'
	[[ $output != *inner* ]]
	cd "$top"
	refused 125 "$top/keep keeps the changes of overlay $top/dir" \
		"$JAIL" -q --overlay="$top/dir,$top/keep" --whitelist-ro="$top/keep"
	refused 125 "$top/keep keeps the changes of overlay $top/dir" \
		"$JAIL" -q --overlay="$top/dir,$top/keep" --whitelist="$top/keep/changes/file"
}

@test "what a program says of layers in attributes is not what the kernel reads" {
	make_folders
	run kept -- python3 -c '
import os, sys
for name in "redirect", "opaque", "metacopy", "origin", "whiteout":
    for kind in "user", "trusted":
        try:
            os.setxattr(sys.argv[1] + "/sub", f"{kind}.overlay.{name}", b"/../victim")
        except OSError as error:
            print(error.strerror)
try:
    os.mknod(sys.argv[1] + "/whiteout", 0o020000, 0)
except OSError as error:
    print(error.strerror)' "$top/dir"
	echo "$output"
	python3 - "$top/keep/changes" <<-'EOF'
		import os, sys
		for folder, folders, files in os.walk(sys.argv[1]):
		    for name in os.listxattr(folder):
		        print(folder, name)
		        assert os.getxattr(folder, name) != b"/../victim" or name.startswith("user.overlay.overlay.")
	EOF
	[ ! -e "$top/keep/changes/whiteout" ]
	[ "$(kept -- cat "$top/dir/sub/secret")" = secret ]
}

@test "a folder for changes that others may enter, or that is a symlink, is refused" {
	make_folders
	local -a launch=("$JAIL" -q --overlay="$top/dir,$top/keep")
	local mode
	for mode in 701 710 755; do
		chmod "$mode" "$top/keep"
		refused 125 'others may enter it' "${launch[@]}"
	done
	chmod 700 "$top/keep"
	mv "$top/keep" "$top/real"
	ln -s victim "$top/keep"
	refused 125 "$top/keep is a symlink" "${launch[@]}"
	ln -sn . "$top/here"
	refused 125 "$top/here is a symlink" "$JAIL" -q --overlay="$top/dir,$top/here/real"
	# A symlink within, where the kernel's own folders are to be.
	rm "$top/keep"
	mkdir -m 700 "$top/keep"
	ln -s ../victim "$top/keep/changes"
	refused 125 'cannot overlay' "${launch[@]}"
	[ -z "$(ls "$top/victim")" ]
}

@test "a folder for changes that is swapped for a symlink meanwhile leads nowhere" {
	make_folders
	cat >swap.py <<-'EOF'
		import os, sys
		keep, victim = sys.argv[1:]
		print("up", flush=True)
		while True:
		    os.rename(keep, keep + ".away")
		    os.symlink(victim, keep)
		    os.unlink(keep)
		    os.rename(keep + ".away", keep)
	EOF
	exec 4< <(exec python3 swap.py "$top/keep" "$top/victim")
	local swapper=$! launches=0
	read -r <&4
	for ((launches = 0; launches < 60; launches++)); do
		kept -- sh -c 'echo written >"$1/file"' sh "$top/dir" 2>>errors || true
	done
	kill "$swapper"
	exec 4<&-
	[ -z "$(ls -A "$top/victim")" ]
	[ "$(cat "$top/dir/file")" = lower ]
	# It was a race: some came through, some did not.
	sort errors | uniq -c
	[ -s errors ]
}

@test "one jail at a time keeps its changes in a folder" {
	make_folders
	mkfifo hold
	kept -- cat hold &
	exec 4>hold
	refused 125 'another jail keeps its changes there' "$JAIL" -q --overlay="$top/dir,$top/keep"
	exec 4>&-
	wait
	kept -- true
}

@test "programs of an overlay are not setuid, and devices are not devices" {
	make_folders
	cp /bin/true "$top/dir/program"
	run kept -- sh -c 'chmod 4755 "$1/program" && grep " $1 " /proc/self/mountinfo' sh "$top/dir"
	echo "$output"
	[[ $output == *' rw,nosuid,nodev'* ]]
	# What is kept of it nobody else can reach.
	[ "$(stat -c %a "$top/keep")" = 700 ]
	[ "$(stat -c %a "$top/dir/program")" = 755 ]
}

@test "an overlay executes nothing that is mounted noexec outside, and follows no more symlinks" {
	unshare --user --map-root-user --mount true || skip 'unshare cannot mount here'
	make_folders
	printf '#!/bin/sh\necho executed\n' >"$top/dir/program"
	chmod +x "$top/dir/program"
	ln -s file "$top/dir/link"
	# Without the options it would be.
	[ "$(overlaid sh -c '"$top/dir/program"; cat "$top/dir/link"')" = $'executed\nlower' ]
	# shellcheck disable=SC2016
	outside() {
		run unshare --user --map-root-user --mount sh -c '
			mount --bind "$top/dir" "$top/dir" && mount -o "remount,bind,$1" "$top/dir" &&
			exec "$0" -q --overlay="$top/dir" sh -c "$2"' "$JAIL" "$@"
		echo "$output"
	}
	outside noexec '"$top/dir/program"'
	[ "$status" = 126 ]
	outside noexec 'cp "$top/dir/program" "$top/dir/copy"; "$top/dir/copy"'
	[ "$status" = 126 ]
	outside nosymfollow 'cat "$top/dir/file"; cat "$top/dir/link"'
	[[ $output == $'lower\n'*'Too many levels'* ]]
}

@test "Landlock holds an overlay like any folder" {
	make_folders
	"$JAIL" --check | grep -q '^yes *signal-scope' || skip 'Landlock ABI 6 is missing'
	overlaid --landlock=require -- sh -euc 'cd "$1"; echo new >file; mv file sub/file; mkdir x; rm -r sub' sh "$top/dir"
	run overlaid --landlock=require --explain=json true
	python3 -c '
import json, sys
plan = json.load(sys.stdin)
rights = [r["rights"] for r in plan["landlock"]["rules"] if sys.argv[1].startswith(r["path"])]
assert any("make_reg" in r and "ioctl_dev" not in r for r in rights)
mount = [m for m in plan["mounts"] if m["target"] == sys.argv[1]][0]
assert mount["look"] == "overlay" and mount["changes"] is None and "overlay" in mount["flags"]' "$top/dir" <<<"$output"
	run overlaid --explain true
	[[ $output == *"overlay "*"$top/dir (changes dropped)"* ]]
	run kept --explain true
	[[ $(tr -s ' \n' ' ' <<<"$output") == *"$top/dir (changes kept in $top/keep)"* ]]
}

@test "the working folder and system folders can be overlaid" {
	make_folders
	cd "$top/dir"
	jail '--overlay=${CWD}' sh -c 'echo new >file && cat file' >"$top/output"
	[ "$(cat "$top/output" file)" = $'new\nlower' ]
	jail --overlay=/usr/share sh -c 'echo new >/usr/share/uring-jail-test && cat /usr/share/uring-jail-test'
	[ ! -e /usr/share/uring-jail-test ]
	run jail --overlay=/usr/share --read-only=/usr/share touch /usr/share/uring-jail-test
	[ "$status" != 0 ]
}

@test "a jail in a jail can overlay what is overlaid" {
	[ "$(id -u)" != 0 ] || skip 'a jail within that of root can map no user'
	make_folders
	state >before
	run jail --overlay="$top/dir" --whitelist-ro="$(dirname "$JAIL")" --seccomp='!@nesting' \
		"$JAIL" -q --overlay="$top/dir" sh -c 'echo inner >"$1/file"; cat "$1/file"' sh "$top/dir"
	echo "$output"
	[ "$output" = inner ]
	state >after
	diff before after
}

@test "nothing is hidden in an overlay from a program that could uncover it" {
	make_folders
	refused 125 'a program with namespaces of its own can undo it' "$JAIL" -q --overlay="$top/dir" \
		--blacklist="$top/dir/sub/secret" --seccomp='!@nesting'
	mkdir -p "$top/outer/dir"
	refused 125 'a program with namespaces of its own can undo it' "$JAIL" -q \
		--whitelist="$top/outer" --overlay="$top/outer/dir" --seccomp='!@nesting'
}

@test "an overlay that cannot be is refused" {
	make_folders
	refused 125 'Not a directory' "$JAIL" -q --overlay="$top/dir/file"
	refused 125 'No such file or directory' "$JAIL" -q --overlay="$top/missing"
	refused 125 "cannot keep changes in $top/missing" "$JAIL" -q --overlay="$top/dir,$top/missing"
	refused 125 "cannot keep changes in $top/dir/file" "$JAIL" -q --overlay="$top/dir,$top/dir/file"
	refused 125 'its changes cannot be kept in' "$JAIL" -q --overlay="$top/dir,$top/dir/sub"
	refused 125 'its changes cannot be kept in' "$JAIL" -q --overlay="$top/dir/sub,$top/dir"
	refused 125 'its changes cannot be kept in' "$JAIL" -q --overlay="$top/dir,$top/dir"
	refused 125 'it is the root itself' "$JAIL" -q --overlay=/
	refused 125 '/proc is always' "$JAIL" -q --overlay=/proc/sys
	refused 125 'devices would not be' "$JAIL" -q --overlay=/dev/shm
	refused 125 'PATH,FOLDER' "$JAIL" -q --overlay="$top/dir,$top/keep,"
	refused 125 'is blacklisted' "$JAIL" -q --overlay="$top/dir/sub" --blacklist="$top/dir"
	jail --overlay="-$top/missing" true
	# Below what is mounted in it, the overlay would show what lies under that.
	run unshare --user --map-current-user --keep-caps --mount sh -c '
		mount -t tmpfs none "$2/dir/sub" && "$1" -q --overlay="$2/dir" touch marker' sh "$JAIL" "$top"
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *"cannot overlay $top/dir"*'mounted below it'* ]]
	[ ! -e marker ]
}
