#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# --learn of programs that use io_uring.

load ../../cli/learning

@test "an open by ring is learned with its file and its right" {
	echo text >"$data/given"
	learn "$CLIENTS/try" ring openat read "$data/given"
	cat "$learned"
	grep -q '^uring.allow .*openat' "$learned"
	grep -q '^uring.open read  # learned: try: ring OPENAT' "$learned"
	grep -q "^whitelist-ro -$data/given  # learned: read: try: ring OPENAT" "$learned"
	run again "$CLIENTS/try" ring openat read "$data/given"
	echo "$output"
	[ "$status" = 0 ]
	[[ ${lines[0]} == 'ring openat read '*': ok' ]]
	run "$JAIL" --quiet --profile="$learned" "$CLIENTS/try" ring openat write "$data/given"
	[[ $output == *': EACCES' ]]
	run "$JAIL" --quiet --profile="$learned" "$CLIENTS/try" ring socket unix
	[[ $output == *': EACCES' ]]
}

@test "fio is learned, and runs with its profile" {
	local job=(fio --name=j --ioengine=io_uring --rw=randrw --size=1m --bs=4k --iodepth=8
		--numjobs=2 --filename="$PWD/file" --output-format=terse)
	learn "${job[@]}" >/dev/null
	cat "$learned"
	grep -q '^uring.allow .*read' "$learned"
	again "${job[@]}"
}

@test "a TCP echo within the jail is learned without a network, and by address" {
	learn "$CLIENTS/uecho" --self -n 5 4321
	cat "$learned"
	grep -q '^net none  # learned: ' "$learned"
	grep -q '^uring.socket inet/stream/0  # learned: ' "$learned"
	run again "$CLIENTS/uecho" --self -n 5 4321
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'client: 5 messages'* ]]
}

@test "a TCP echo server is learned with the host's network, for its clients are outside" {
	learn "$CLIENTS/uecho" 4322 &
	wait_until "$CLIENTS/uecho" --client -n 5 4322
	wait $!
	cat "$learned"
	grep -q '^net host  # learned: uecho: ring BIND, 127.0.0.1:4322, ' "$learned"
	again "$CLIENTS/uecho" 4322 &
	wait_until "$CLIENTS/uecho" --client -n 5 4322
	wait $!
}

# A tree to walk: what lies in it is looked at by ring, too much of it to be all done by calls. A
# symlink leads out of it.
plant() {
	local folder
	mkdir -p "$data/tree/"{1,2,3,4,5,6,7,8}/{1,2,3} "$data/elsewhere"
	for folder in "$data/tree/"*/*; do
		touch "$folder/"{a,b,c}
	done
	echo text >"$data/elsewhere/file"
	echo secret >"$data/elsewhere/beside"
	ln -s ../../../elsewhere/file "$data/tree/1/1/link"
}

# liburing does it: opens, closes and looks.
@test "bfs is learned, and walks the same with its profile, and no further" {
	local walk=(bfs -j3 -L "$data/tree" -type f -printf '%p %s\n')
	plant
	"${walk[@]}" | sort >bare
	[ "$(wc -l <bare)" = 73 ]
	learn "${walk[@]}" >walked
	sort walked | cmp bare
	cat "$learned"
	grep -q '^uring.allow openat,close,statx  # learned: bfs: ring OPENAT, ' "$learned"
	grep -q '^uring.open read  # learned: bfs: ' "$learned"
	[ "$(grep '^whitelist' "$learned" | sed 's/  #.*//')" = \
		"$(printf 'whitelist-ro %s\n' "-$data/elsewhere/file" "-$data/tree")" ]
	again "${walk[@]}" >walked
	sort walked | cmp bare
	run again bfs "$data/elsewhere"
	[ "${#lines[@]}" = 2 ]
	[ "${lines[1]}" = "$data/elsewhere/file" ]
	run "$JAIL" --quiet --profile="$learned" --whitelist-ro="$CLIENTS" "$CLIENTS/try" \
		ring openat write "$data/elsewhere/file"
	[[ $output == *': EACCES' ]]
}

# Reads by ring, and with --existing looks by it.
@test "plocate is learned, and finds the same with its profile, and nothing else" {
	plant
	updatedb --require-visibility no --prunefs '' --prunepaths '' \
		--database-root "$data/tree" --output "$data/database"
	local find=(plocate --database "$data/database" "$data/tree/3")
	"${find[@]}" >bare
	[ "$(wc -l <bare)" = 13 ]
	learn "${find[@]}" >found
	cmp found bare
	cat "$learned"
	grep -q '^uring.allow readv  # learned: plocate: ring READV, ' "$learned"
	[ "$(grep '^whitelist' "$learned" | sed 's/  #.*//')" = "whitelist-ro -$data/database" ]
	again "${find[@]}" >found
	cmp found bare
	cp "$data/database" "$data/other"
	run again plocate --database "$data/other" "$data/tree/3"
	[ "$status" = 1 ]
	[[ $output == *'No such file'* ]]
	learn "${find[@]}" --existing >found
	cmp found bare
	cat "$learned"
	grep -q '^uring.allow statx  # learned: plocate: ring STATX, ' "$learned"
	again "${find[@]}" --existing >found
	cmp found bare
}
