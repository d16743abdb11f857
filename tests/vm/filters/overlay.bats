#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# overlay holds for rings as it does for system calls.

load ../../cli/common

setup_file() {
	# The modules of 7.0 and 7.1 are no longer to be had.
	[[ $VM_SERIES == 7.[01] ]] && skip 'this kernel has no overlayfs here'
	return 0
}

setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/home/.config
	top=$BATS_TEST_TMPDIR
	mkdir -p "$HOME" "$top/dir/sub" "$top/work"
	mkdir -m 700 "$top/keep"
	local name
	for name in write trunc rename unlink link setxattr hidden; do
		echo "$name" >"$top/dir/$name"
	done
	cd "$top/work" || return
}

# All that is to be seen of the folder outside.
state() {
	(cd "$top/dir" && find . -printf '%p %y %m %n %s %T@\n' | sort &&
		find . -type f -exec sha256sum {} + | sort)
}

# overlaid MODE OPTION... -- TRY-ARGUMENT...
overlaid() {
	try --overlay="$top/dir,$top/keep" "$@"
}

@test "what a ring does in an overlay is not done to the folder, in a child, a kernel thread, after exec" {
	local mode
	state >before
	for mode in thread fork exec async sqpoll hole; do
		overlaid -- -m "$mode" ring openat write,trunc "$top/dir/trunc" -- \
			ring write "$top/dir/write" -- ring renameat "$top/dir/rename" -- \
			ring unlinkat "$top/dir/unlink" -- ring linkat "$top/dir/link" -- \
			ring mkdirat "$top/dir/made-$mode" -- ring symlinkat file "$top/dir/symlink-$mode" -- \
			ring setxattr "$top/dir/setxattr" -- ring openat create,write "$top/dir/new-$mode"
		[[ $output == *"openat write,trunc $top/dir/trunc: ok"* ]]
		state >after
		diff before after
	done
	# They were done, all the same.
	[ -e "$top/keep/changes/trunc" ]
	[ ! -s "$top/keep/changes/trunc" ]
	[ -e "$top/keep/changes/new-sqpoll" ]
}

@test "what is hidden in an overlay, and the folder that keeps its changes, no ring opens" {
	local mode gate
	mkdir -p "$top/keep/changes"
	echo kept >"$top/keep/changes/kept"
	for mode in thread fork exec async sqpoll hole; do
		for gate in call ring; do
			overlaid --blacklist="$top/dir/hidden" --whitelist="$top" -- -m "$mode" \
				"$gate" openat read "$top/dir/hidden" -- "$gate" openat2 write "$top/dir/hidden" -- \
				"$gate" openat read "$top/keep/changes/kept" -- \
				"$gate" openat create,write "$top/keep/changes/new" -- \
				"$gate" openat read "$top/keep"
			[ "$(grep -c ': EACCES' <<<"$output")" = 5 ]
			[ "$(grep -c ': ok' <<<"$output")" = 0 ]
		done
	done
	run ls -A "$top/keep/changes"
	[ "$output" = kept ]
}
