#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The shipped profiles with the programs that they are for, which do their work, and what they must
# not do is refused. Each refusal is preceded by the same without a jail: it would work.
#
# Networks need pasta, which is tried in tests/vm/filters/profiles.bats: here, clients of networks
# have none.

load common

setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/home/.config
	mkdir -p "$XDG_CONFIG_HOME/uring-jail" "$BATS_TEST_TMPDIR/work"
	shipped_profiles
	OUTSIDE=$BATS_TEST_TMPDIR/outside
	export OUTSIDE
	mkdir -p "$HOME/.ssh" "$HOME/.config/git" "$OUTSIDE"
	for file in "$HOME"/{.ssh/id,.netrc,.curlrc,.git-credentials,.config/git/credentials} \
		"$OUTSIDE/victim"; do
		echo secret >"$file"
	done
	cd "$BATS_TEST_TMPDIR/work" || return
	state_before=$(state)
	server=''
	peer=''
}

teardown() {
	local pid
	for pid in $server $peer; do
		kill "$pid" 2>/dev/null || true
	done
}

# All that is there besides the working folder, with modes and contents.
state() {
	find "$BATS_TEST_TMPDIR" -path "$BATS_TEST_TMPDIR/work" -prune -o -type f \
		-printf '%P %m %l ' -exec md5sum {} \; -o -printf '%P %y %m %l\n' | LC_ALL=C sort
}

unchanged() {
	diff <(cat <<<"$state_before") <(state)
}

# needs PROGRAM: Debian's, where the jail shows it.
needs() {
	[ -x "/usr/bin/$1" ] || skip "there is no /usr/bin/$1"
}

# succeeds COMMAND..., fails COMMAND...: with the output shown. fails is for programs that ran.
succeeds() {
	run "$@"
	echo "$*: status $status: $output"
	[ "$status" = 0 ]
}

fails() {
	run "$@"
	echo "$*: status $status: $output"
	case $status in
	0 | 125 | 126 | 127) return 1 ;;
	esac
	unchanged
}

# serve SOCKET FOLDER: an HTTP server outside of the jail, on a unix socket and on the port that is
# written to port.
serve() {
	cat >"$BATS_TEST_TMPDIR/server.py" <<-'END'
		import functools, http.server, socketserver, sys, threading
		handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[2])
		class Unix(socketserver.ThreadingUnixStreamServer):
		    def finish_request(self, request, address):
		        handler(request, ("local", 0), self)
		tcp = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
		unix = Unix(sys.argv[1], None)
		threading.Thread(target=unix.serve_forever, daemon=True).start()
		with open(sys.argv[3], "w") as port:
		    port.write(str(tcp.server_port))
		tcp.serve_forever()
	END
	/usr/bin/python3 "$BATS_TEST_TMPDIR/server.py" "$1" "$2" "$BATS_TEST_TMPDIR/port" \
		>/dev/null 2>&1 3>&- &
	server=$!
	wait_until [ -s "$BATS_TEST_TMPDIR/port" ]
	port=$(cat "$BATS_TEST_TMPDIR/port")
	state_before=$(state)
}

# ---- curl ----

@test "curl fetches into the working folder" {
	needs curl
	mkdir "$BATS_TEST_TMPDIR/site"
	echo page >"$BATS_TEST_TMPDIR/site/page"
	serve "$PWD/sock" "$BATS_TEST_TMPDIR/site"
	succeeds jail --net=none curl --silent --show-error --unix-socket sock \
		--output got http://host/page
	[ "$(cat got)" = page ]
	# of its own, with what it needs for TLS
	succeeds jail --net=none curl --version
	succeeds jail --net=none --profile=curl cat /etc/ssl/openssl.cnf
}

@test "curl reads nothing of HOME and writes nothing outside" {
	needs curl
	serve "$PWD/sock" "$OUTSIDE"
	local file
	for file in "$HOME/.ssh/id" "$HOME/.netrc" "$OUTSIDE/victim" /etc/hostname; do
		[ ! -e "$file" ] || succeeds curl --silent --output got "file://$file"
		fails jail --net=none curl --silent --output got "file://$file"
	done
	fails jail --net=none curl --silent --unix-socket sock --output ../outside/new \
		http://host/victim
	fails jail --net=none curl --silent --unix-socket sock --output "$OUTSIDE/victim" \
		http://host/victim
	succeeds curl --silent "http://127.0.0.1:$port/victim"
	fails jail --net=none curl --silent "http://127.0.0.1:$port/victim"
}

@test "curl does not send the passwords of .netrc and .curlrc" {
	needs curl
	printf 'machine host login me password hunter2\n' >"$HOME/.netrc"
	printf 'header = "X-Secret: hunter3"\n' >"$HOME/.curlrc"
	state_before=$(state)
	cat >"$BATS_TEST_TMPDIR/headers.py" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		s.listen()
		for i in range(2):
		    peer = s.accept()[0]
		    with open(sys.argv[2] + str(i), "wb") as file:
		        file.write(peer.recv(10000))
		    peer.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
		    peer.close()
	END
	/usr/bin/python3 "$BATS_TEST_TMPDIR/headers.py" "$PWD/sock" "$PWD/headers" 3>&- &
	wait_until [ -S sock ]
	wait_until curl --silent --netrc --unix-socket sock http://host/
	run jail --net=none curl --silent --netrc --unix-socket sock http://host/
	wait
	grep -q 'Authorization: Basic' headers0
	grep -q hunter3 headers0
	grep -q '^GET / ' headers1
	run ! grep -q -e Authorization -e hunter3 headers1
}

# ---- git ----

@test "git clones, fetches and commits, with the user's name" {
	needs git
	git config --global user.name 'A U Thor'
	git config --global user.email author@example.org
	printf '[alias]\n\tlast = log -1 --format=%%an\n' >"$HOME/.config/git/config"
	state_before=$(state)
	git init --quiet --initial-branch=main origin
	echo one >origin/file
	git -C origin add file
	git -C origin commit --quiet --message=one
	succeeds jail --net=none git clone --quiet origin copy
	git -C origin commit --quiet --allow-empty --message=two
	succeeds jail --net=none git -C copy fetch --quiet
	succeeds jail --net=none git -C copy merge --quiet --ff-only origin/main
	echo two >>copy/file
	succeeds jail --net=none git -C copy commit --quiet --all --message=three
	succeeds jail --net=none git -C copy last
	[ "$output" = 'A U Thor' ]
	[ "$(git -C copy rev-list --count HEAD)" = 3 ]
	unchanged
}

@test "a hostile repository gets neither keys nor passwords nor the network" {
	needs git
	serve "$PWD/sock" "$OUTSIDE"
	git init --quiet repository
	cat >repository/.git/hooks/pre-commit <<-END
		#!/bin/bash
		for file in ~/.ssh/id ~/.netrc ~/.git-credentials ~/.config/git/credentials $OUTSIDE/victim; do
			cat "\$file" && echo "read \$file"
			echo hostile >>"\$file" && echo "wrote \$file"
		done
		: </dev/tcp/127.0.0.1/$port && echo connected
		[ -z "\$SSH_AUTH_SOCK\$GITHUB_TOKEN" ] || echo token
		exit 1
	END
	chmod +x repository/.git/hooks/pre-commit
	export SSH_AUTH_SOCK=/x GITHUB_TOKEN=x
	local -a commit=(git -C repository -c user.name=a -c user.email=b
		commit --quiet --allow-empty --message=m)
	run "${commit[@]}"
	echo "without a jail: $output"
	[ "$(grep -c '^read ' <<<"$output")" = 5 ]
	[ "$(grep -c '^connected\|^token' <<<"$output")" = 2 ]
	state_before=$(state)
	fails jail --net=none "${commit[@]}"
	# What it "writes" is in the jail's own HOME, and gone with it.
	run ! grep -e '^secret' -e '^read ' -e '^wrote .*victim' -e '^connected' -e '^token' <<<"$output"
}

# ---- python ----

@test "python3 runs scripts of the working folder" {
	needs python3
	cat >script.py <<-'END'
		import ctypes, json, multiprocessing, sqlite3, ssl, subprocess, threading
		db = sqlite3.connect("data.db")
		db.execute("create table t(x)")
		db.commit()
		with multiprocessing.Pool(2) as pool:
		    print(sum(pool.map(abs, [-1, -2])))
		print(subprocess.run(["echo", "ran"], capture_output=True, text=True).stdout)
	END
	succeeds jail /usr/bin/python3 script.py
	[[ $output == $'3\nran'* ]]
	[ -s data.db ]
	unchanged
}

@test "python3 has what pip installed for the user, and cannot change it" {
	needs python3
	local site
	site=$(/usr/bin/python3 -c 'import site; print(site.getusersitepackages())')
	mkdir -p "$site"
	echo 'print("imported")' >"$site/users_own.py"
	state_before=$(state)
	succeeds jail /usr/bin/python3 -B -c 'import users_own'
	[ "$output" = imported ]
	fails jail /usr/bin/python3 -c "open('$site/users_own.py', 'a')"
}

# ---- compilers ----

@test "this project is built by make in its jail" {
	needs make
	cp -r "$TOP"/{Makefile,uring-jail.c,src,profiles} .
	succeeds jail make -j2 CFLAGS=-O0 all
	succeeds build/uring-jail --version
	unchanged
}

@test "compilers of all names compile" {
	printf 'int main(void) { return 0; }\n' >m.c
	cp m.c m.cc
	local compiler source
	for compiler in cc gcc clang c++ g++ clang++; do
		[ -x "/usr/bin/$compiler" ] || continue
		source=m.c
		[[ $compiler != *++ ]] || source=m.cc
		rm -f m
		succeeds jail "$compiler" -o m "$source"
		succeeds ./m
	done
	unchanged
}

@test "a hostile makefile reads and changes nothing outside, and has no network" {
	needs make
	serve "$PWD/sock" "$OUTSIDE"
	cat >Makefile <<-END
		SHELL = /bin/bash
		.RECIPEPREFIX = >
		all:
		> -cat $HOME/.ssh/id && echo read
		> -cat $OUTSIDE/victim && echo read
		> -: </dev/tcp/127.0.0.1/$port && echo connected
		> -echo hostile >>$OUTSIDE/victim && echo wrote
		> -echo hostile >>$HOME/.bashrc
	END
	run make
	echo "without a jail: $output"
	[ "$(grep -cx -e secret -e read -e connected -e wrote <<<"$output")" = 6 ]
	rm "$HOME/.bashrc"
	state_before=$(state)
	succeeds jail make
	unchanged
	run ! grep -x -e secret -e read -e connected -e wrote <<<"$output"
}

# ---- ffmpeg ----

film() {
	ffmpeg -v error -f lavfi -i testsrc=duration=1:size=64x64 -f lavfi -i sine=duration=1 -y "$1"
}

@test "ffmpeg converts and ffprobe tells" {
	needs ffmpeg
	film film.mkv
	succeeds jail ffmpeg -v error -i film.mkv -y out.mp4
	succeeds jail ffprobe -v error -show_entries format=format_name -of csv film.mkv
	[[ $output == *matroska* ]]
	succeeds jail ffmpeg -v error -i out.mp4 \
		-vf "drawtext=text=x,scale=32:32:flags=fast_bilinear" -y out.webm
	unchanged
}

@test "a hostile playlist leads ffmpeg nowhere" {
	needs ffmpeg
	film "$OUTSIDE/secret.ts"
	serve "$PWD/sock" "$OUTSIDE"
	local from list
	for from in "$OUTSIDE/secret.ts" "../outside/secret.ts" "file://$OUTSIDE/secret.ts" \
		"http://127.0.0.1:$port/secret.ts" "tcp://127.0.0.1:$port" "unix://$PWD/sock"; do
		printf 'ffconcat version 1.0\nfile %s\n' "$from" >list.ffconcat
		printf '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n' "$from" >list.m3u8
		for list in list.ffconcat list.m3u8; do
			local -a options=(-v error -protocol_whitelist 'file,http,tcp,unix')
			if [[ $list == *.m3u8 ]]; then
				options+=(-allowed_extensions ALL)
			else
				options+=(-safe 0)
			fi
			rm -f out.mkv
			# Nothing is asked for at the last two, they are reached at most.
			[[ $from == tcp* || $from == unix* ]] ||
				succeeds ffmpeg "${options[@]}" -i "$list" -c copy -y out.mkv
			rm -f out.mkv
			run jail ffmpeg "${options[@]}" -i "$list" -c copy -y out.mkv
			echo "status $status: $output"
			run ffprobe -v error out.mkv
			[ "$status" != 0 ]
			unchanged
		done
	done
}

@test "ffmpeg has neither /etc/passwd nor a socket" {
	needs ffmpeg
	serve "$PWD/sock" "$OUTSIDE"
	succeeds ffmpeg -v error -f data -i file:///etc/passwd -map 0 -c copy -f data -y leak
	rm leak
	fails jail ffmpeg -v error -f data -i file:///etc/passwd -map 0 -c copy -f data -y leak
	[[ $output == *'No such file'* ]]
	fails timeout 60 "$JAIL" --quiet ffmpeg -v error -f data -i "http://127.0.0.1:$port/victim" \
		-map 0 -c copy -f data -y leak
	# it would wait for what the server says
	fails timeout 60 "$JAIL" --quiet ffmpeg -v error -f data -i "unix:$PWD/sock" -map 0 -c copy -f data -y leak
	[[ $output == *'not permitted'* ]]
	fails jail ffmpeg -v error -f lavfi -i testsrc=duration=1:size=64x64 -y "$OUTSIDE/victim.mkv"
	film film.mkv
	fails jail --profile=ffprobe ffmpeg -v error -i film.mkv -y changed.mkv
}

# ---- archives ----

# A tar and a zip file with every trick, in the working folder.
hostile_archives() {
	/usr/bin/python3 - "$OUTSIDE" <<-'END'
		import io, stat, sys, tarfile, zipfile
		outside = sys.argv[1]
		def entry(name, kind=tarfile.REGTYPE, link="", mode=0o644):
		    info = tarfile.TarInfo(name)
		    info.type, info.linkname, info.mode = kind, link, mode
		    data = b"hostile\n" if kind == tarfile.REGTYPE else b""
		    info.size = len(data)
		    return info, io.BytesIO(data)
		with tarfile.open("hostile.tar", "w") as tar:
		    for info, data in (
		        entry("good"),
		        entry("../outside/up"),
		        entry(outside + "/absolute"),
		        entry(outside + "/victim"),
		        entry("folder", tarfile.SYMTYPE, outside),
		        entry("folder/through"),
		        entry("up", tarfile.SYMTYPE, "../outside/victim"),
		        entry("up"),
		        entry("same", tarfile.LNKTYPE, outside + "/victim"),
		        entry("same"),
		        entry("../outside/suid", mode=0o4755),
		        entry("suid", mode=0o6755),
		        entry("device", tarfile.CHRTYPE),
		        entry("last"),
		    ):
		        tar.addfile(info, data)
		with zipfile.ZipFile("hostile.zip", "w") as archive:
		    def add(name, mode, data):
		        info = zipfile.ZipInfo(name)
		        info.create_system = 3
		        info.external_attr = mode << 16
		        archive.writestr(info, data)
		    add("good", stat.S_IFREG | 0o644, "hostile\n")
		    add("../outside/up", stat.S_IFREG | 0o644, "hostile\n")
		    add("../outside/victim", stat.S_IFREG | 0o4755, "hostile\n")
		    add(outside + "/absolute", stat.S_IFREG | 0o644, "hostile\n")
		    add("folder", stat.S_IFLNK | 0o777, outside)
		    add("folder/through", stat.S_IFREG | 0o644, "hostile\n")
		    add("suid", stat.S_IFREG | 0o4755, "hostile\n")
		    add("last", stat.S_IFREG | 0o644, "hostile\n")
	END
}

@test "tar and unzip pack and unpack" {
	needs unzip
	mkdir folder
	echo text >folder/file
	for suffix in gz xz bz2; do
		succeeds jail tar --create --auto-compress --file="t.tar.$suffix" folder
		rm folder/file
		succeeds jail tar --extract --file="t.tar.$suffix"
		[ "$(cat folder/file)" = text ]
	done
	zip -qr t.zip folder
	rm folder/file
	succeeds jail unzip -q t.zip -x nothing folder/
	[ "$(cat folder/file)" = text ]
	unchanged
}

@test "a hostile archive changes nothing outside with tar" {
	hostile_archives
	cp -a "$OUTSIDE" saved
	# with -P tar itself does as the archive says
	run tar -xPf hostile.tar
	echo "without a jail: $output"
	[ -e "$OUTSIDE/up" ]
	[ -e "$OUTSIDE/absolute" ]
	[ "$(cat "$OUTSIDE/victim")" = hostile ]
	rm -rf "$OUTSIDE" good folder up same suid device last
	cp -a saved "$OUTSIDE"
	for option in xPf xpf xPpf xf; do
		run jail tar "-$option" hostile.tar
		echo "$option: status $status: $output"
		[ "$(cat good)" = hostile ]
		[ "$(cat last)" = hostile ]
		unchanged
		rm -rf good folder up same suid device last
	done
}

@test "a hostile archive changes nothing outside with unzip" {
	needs unzip
	hostile_archives
	cp -a "$OUTSIDE" saved
	run unzip -:oK hostile.zip
	echo "without a jail: $output"
	[ -e "$OUTSIDE/up" ]
	[ "$(cat "$OUTSIDE/victim")" = hostile ]
	rm -rf "$OUTSIDE" good folder suid last
	cp -a saved "$OUTSIDE"
	for option in -:oK -o -oK; do
		run jail unzip "$option" hostile.zip
		echo "$option: status $status: $output"
		[ "$(cat good)" = hostile ]
		unchanged
		rm -rf good folder suid last
	done
}

@test "what tar runs for an archive is in the jail too" {
	printf '#!/bin/sh\necho hostile >%s/ran\n' "$OUTSIDE" >run
	chmod +x run
	echo x >file
	local -a command=(tar --create --file=archive --checkpoint=1
		--checkpoint-action="exec=$PWD/run" file)
	succeeds "${command[@]}"
	[ -e "$OUTSIDE/ran" ]
	rm "$OUTSIDE/ran"
	succeeds jail "${command[@]}"
	[[ $output == *'cannot create'* ]]
	unchanged
}

# ---- all of them ----

# The plan of a profile, as the Python object "plan", fulfils the condition.
plan_of() {
	"$JAIL" --explain=json --profile="$1" >plan.json || return
	/usr/bin/python3 -c 'import json, sys
plan = json.load(open(sys.argv[1]))
sys.exit(not eval(sys.argv[2]))' plan.json "$2"
}

# peer: a process with an abstract socket, as $peer, which hostile.py is to find and to end.
peer() {
	/usr/bin/python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind("\0" + sys.argv[1])
s.listen()
time.sleep(600)' "hostile-test-$$" 3>&- &
	peer=$!
	wait_until grep -q "@hostile-test-$$" /proc/net/unix
}

# attack: sets the array to what hostile.py is to be run with.
attack() {
	attack=(/usr/bin/python3 hostile.py "$HOME"/{.ssh/id,.netrc,.curlrc,.git-credentials}
		"$HOME/.config/git/credentials" "$OUTSIDE/victim" -- "$OUTSIDE/victim" --
		"127.0.0.1:$port" "@hostile-test-$$" "$OUTSIDE/sock" -- "$peer" --
		GITHUB_TOKEN SSH_AUTH_SOCK)
}

@test "no shipped profile lets a hostile program reach what is not for it" {
	local file name ran=0
	local -a attack options
	cp "$TOP/tests/cli/hostile.py" .
	serve "$OUTSIDE/sock" "$OUTSIDE"
	export GITHUB_TOKEN=x SSH_AUTH_SOCK=x
	peer
	attack
	succeeds "${attack[@]}"
	[ "$(grep -c '^reached' <<<"$output")" -ge 13 ]
	wait_until is_gone "hostile-test-$$"
	echo secret >"$OUTSIDE/victim"
	peer
	attack
	for file in "$TOP"/profiles/*.profile; do
		name=${file##*/}
		name=${name%.profile}
		options=(--profile="$name")
		! plan_of "$name" 'plan["network"] == "user"' || options+=(--net=none)
		# the default has no list of variables
		[ "$name" != default ] || options+=('--rmenv=GITHUB_TOKEN,SSH_AUTH_SOCK')
		run timeout 120 "$JAIL" --quiet "${options[@]}" "${attack[@]}"
		echo "$name: status $status: $output"
		# Only a kernel that filters io_uring will do for it: tests/vm/filters/profiles.bats.
		[[ $output != *'io_uring cannot be filtered'* ]] || continue
		[ "$output" = 'done' ]
		kill -0 "$peer"
		unchanged
		ran=$((ran + 1))
	done
	[ "$ran" -gt 10 ]
}
