#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a profile says of files and folders, on any kernel.

load common

# script NAME: an executable that says its name.
script() {
	printf '#!/bin/sh\necho ran\n' >"$1"
	chmod +x "$1"
}

@test "noexec: nothing below runs, by whatever name, and it stays writable" {
	mkdir -p bin/deep 'with blank'
	script bin/deep/tool
	script 'with blank/tool'
	run jail ./bin/deep/tool
	[ "$output" = ran ]
	run jail --noexec=bin ./bin/deep/tool
	echo "$output"
	[ "$status" = 126 ]
	run jail --noexec='with blank' './with blank/tool'
	[ "$status" = 126 ]
	# A part of it that is shown anew, and a copy elsewhere.
	run jail --noexec=bin --read-only=bin --read-write=bin/deep ./bin/deep/tool
	[ "$status" = 126 ]
	mkdir copy
	run jail --noexec=bin --bind="$PWD/bin/deep,$PWD/copy" ./copy/tool
	[ "$status" = 126 ]
	run jail --noexec=bin/deep --bind="$PWD/bin,$PWD/copy" ./copy/deep/tool
	[ "$status" = 126 ]
	jail --noexec=bin touch bin/deep/file
	[ -e bin/deep/file ]
}

@test "noexec holds the place: its folders cannot be moved away" {
	mkdir -p a/b
	run jail --noexec=a/b sh -c 'mv a c || mv a/b a/c'
	[ "$status" != 0 ]
	[ -d a/b ]
}

@test "noexec of what the jail has of its own" {
	run jail --noexec=/tmp --noexec="$HOME" sh -c \
		'for d in /tmp ~; do cp /bin/true $d/true; $d/true && echo "ran in $d"; done; true'
	echo "$output"
	[ "$status" = 0 ]
	[[ $output != *'ran in'* ]]
	[[ $output == *'denied'* ]]
}

@test "wildcards: each match is hidden, shown or protected" {
	mkdir keys
	touch keys/a.key keys/b.key keys/.c.key keys/a.pub 'keys/with blank.key' 'keys/[x].key'
	run jail '--blacklist=keys/*.key' sh -c 'cat keys/*.key keys/.c.key 2>/dev/null || cat keys/a.pub'
	[ "$status" = 0 ]
	for key in a b .c 'with blank' '[x]'; do
		run jail '--blacklist=keys/*.key' cat "keys/$key.key"
		[ "$status" != 0 ]
	done
	run jail '--read-only=keys/?.key' sh -c 'echo >keys/a.pub && echo >keys/.c.key && ! echo >keys/b.key'
	echo "$output"
	[ "$status" = 0 ]
	cd "$BATS_TEST_TMPDIR"
	run jail '--whitelist-ro=work/keys/[ab].*' ls -A work/keys
	echo "$output"
	[ "$output" = $'a.key\na.pub\nb.key' ] || [ "$output" = $'.c.key\n[x].key\na.key\na.pub\nb.key\nwith blank.key' ]
}

@test "a wildcard matches neither . nor .., and takes what is escaped as it is" {
	mkdir -p a/b 'a/[b]'
	script a/b/tool
	script 'a/[b]/tool'
	run --separate-stderr jail --explain '--noexec=a/b/.*' --no-profile '--blacklist=a/.*'
	[ "$status" = 125 ]
	[[ $stderr == *'cannot noexec'*'No such file'* ]]
	run jail '--noexec=a/\[b]' 'a/[b]/tool'
	[ "$status" = 126 ]
	run jail '--noexec=a/\[b]' a/b/tool
	[ "$output" = ran ]
}

@test "macros stand for themselves, whatever is in them, beside wildcards" {
	mkdir -p '../w*rk [x]/a' ../work2/a
	cd '../w*rk [x]'
	script a/tool
	run jail '--noexec=${CWD}/?' ./a/tool
	[ "$status" = 126 ]
	run jail --explain=json '--noexec=${CWD}/?' true
	[[ $output != *work2* ]]
}

@test "a wildcard stands for what is there when it is expanded" {
	mkdir keys
	touch keys/a.key
	run jail '--whitelist=keys/*' sh -c 'echo new >keys/b.key; cat keys/b.key'
	[ "$output" = new ]
	run --separate-stderr jail --explain=json '--read-only=keys/*'  true
	[[ $output == *"$PWD/keys/a.key"* ]]
	[[ $output != *'keys/*'* ]]
}

@test "a folder that a program has closed to reading does not make a wildcard hide nothing" {
	[ "$(id -u)" != 0 ] || skip 'root reads every folder'
	mkdir mail
	touch mail/private.key
	jail chmod 0300 mail
	refused 125 'a folder cannot be read' jail '--blacklist=mail/*.key'
	chmod 0700 mail
}

@test "a symlink that a program has left does not make a wildcard show more" {
	mkdir -p data "$BATS_TEST_TMPDIR/secret"
	echo secret >"$BATS_TEST_TMPDIR/secret/file"
	jail ln -s "$BATS_TEST_TMPDIR/secret" data/planted
	refused 125 'the program can change that symlink' jail '--whitelist=data/*'
	refused 125 'the program can change that symlink' jail '--whitelist=data/*/file'
}

@test "too many matches are refused" {
	mkdir many
	(cd many && seq 2500 | xargs touch)
	refused 125 'is more than 2000 paths' jail '--blacklist=many/*'
}

@test "noblacklist: by name, before or after, and the command line's blacklist holds" {
	mkdir keys
	echo a >keys/a
	echo b >keys/b
	printf 'noblacklist ${CWD}/keys/a\nblacklist ${CWD}/keys/*\n' | profile cat
	run jail cat keys/a
	[ "$output" = a ]
	run jail cat keys/b
	[ "$status" != 0 ]
	run jail --noblacklist='keys/?' cat keys/b
	[ "$output" = b ]
	run jail --blacklist=keys/a cat keys/a
	[ "$status" != 0 ]
	printf 'blacklist ${CWD}/keys//a/\nnoblacklist ${CWD}/./keys/a\n' | profile cat
	run jail cat keys/a
	[ "$output" = a ]
}

@test "noblacklist does not follow a symlink that a program has left" {
	mkdir keys
	echo a >keys/a
	jail ln -s keys/a planted
	run jail --noblacklist=planted --blacklist=keys/a cat keys/a
	[ "$status" != 0 ]
}

@test '${PATH} stands for each folder of PATH' {
	mkdir -p one 'two [x]' three
	script one/tool
	script 'two [x]/tool'
	export PATH="$PWD/one:$PWD/two [x]:relative::$PWD/three:$PATH"
	run jail '--noexec=${PATH}/tool' "$PWD/two [x]/tool"
	[ "$status" = 126 ]
	run jail '--noexec=${PATH}/tool' "$PWD/one/tool"
	[ "$status" = 126 ]
	refused 125 'No such file' jail '--noexec=${PATH}/no-such-tool'
	run jail '--blacklist=${PATH}/too?' "$PWD/one/tool"
	[ "$status" != 0 ]
	run jail '--blacklist=${PATH}/too?' '--noblacklist=${PATH}/tool' "$PWD/one/tool"
	[ "$output" = ran ]
}

@test "the user's folders: by their English names, or as user-dirs.dirs has them" {
	mkdir -p "$HOME/Downloads" "$HOME/Musik/meine" "$HOME/.ssh"
	run jail '--whitelist=${DOWNLOADS}' sh -c 'echo x >~/Downloads/new'
	echo "$output"
	[ "$status" = 0 ]
	[ -e "$HOME/Downloads/new" ]
	cat >"$XDG_CONFIG_HOME/user-dirs.dirs" <<-'END'
		# comment
		XDG_MUSIC_DIR="$HOME/Musik/meine"
		XDG_VIDEOS_DIR="$HOME/.ssh"
		XDG_PICTURES_DIR="/etc"
		XDG_DESKTOP_DIR="$HOME/"
		XDG_DOCUMENTS_DIR="$HOME/a/../../b"
	END
	run jail '--whitelist=${MUSIC}' sh -c 'echo x >~/Musik/meine/new'
	[ "$status" = 0 ]
	local macro
	for macro in VIDEOS PICTURES DESKTOP DOCUMENTS; do
		refused 125 'is not taken for a folder of HOME' jail "--whitelist=\${$macro}"
	done
}

@test "no program in a jail writes user-dirs.dirs" {
	refused 125 'the program could make it' jail --whitelist="$HOME" '--blacklist=${MUSIC}'
	echo '# as it was' >"$XDG_CONFIG_HOME/user-dirs.dirs"
	run jail --whitelist="$HOME" sh -c \
		'cd ~/.config; echo >user-dirs.dirs; mv user-dirs.dirs x; rm -f user-dirs.dirs; cd; mv .config y'
	[ "$(cat "$XDG_CONFIG_HOME/user-dirs.dirs")" = '# as it was' ]
}

@test "mkdir and mkfile make what is missing, for the user alone, before the launch" {
	umask 000
	printf 'mkdir ${HOME}/.app/deep\nmkfile ${HOME}/.app/file\nwhitelist ${HOME}/.app\n' | profile sh
	run jail --explain sh
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'made first '*"$HOME/.app/deep/"*'sh.profile:1)'*"$HOME/.app/file"*'sh.profile:2)'* ]]
	[ ! -e "$HOME/.app" ]
	run jail sh -c 'echo kept >~/.app/file'
	echo "$output"
	[ "$status" = 0 ]
	[ "$(stat -c %a "$HOME/.app" "$HOME/.app/deep" "$HOME/.app/file")" = $'700\n700\n600' ]
	run jail sh -c 'cat ~/.app/file'
	[ "$output" = kept ]
	run jail --explain=json sh
	[[ $output == *'"makes": []'* ]]
}

@test "mkdir of a name with blanks, and below the working folder" {
	jail --mkdir='a b/c d' --noexec='a b' touch 'a b/c d/file'
	[ -e 'a b/c d/file' ]
	run jail --mkfile='a b/c d/file' --mkdir='a b/c d/file' true
	[ "$status" = 0 ]
	[ -f 'a b/c d/file' ]
}

@test "private: HOME is empty and writable, outside nothing changes" {
	local root
	touch "$HOME/file"
	for root in minimal host; do
		run jail --root=$root --private sh -c 'ls -A ~; touch ~/new && echo made'
		echo "$root: $output"
		[ "$output" = made ]
		[ ! -e "$HOME/new" ]
	done
	run jail --root=host sh -c 'ls ~'
	[ "$output" = file ]
	HOME=/usr refused 125 'private: cannot empty /usr' jail --no-profile --private
	HOME=/none refused 125 'there is no HOME' jail --no-profile --private
}

@test "private FOLDER: it is HOME, and what is written stays there" {
	local root
	mkdir 'own home'
	touch "$HOME/file"
	for root in minimal host; do
		rm -f 'own home/new'
		run jail --root=$root --private='own home' sh -c 'ls -A ~; echo kept >~/new'
		echo "$root: $output"
		[ "$output" = '' ]
		[ "$(cat 'own home/new')" = kept ]
	done
	[ ! -e "$HOME/new" ]
	refused 125 'No such file' jail --private=none
	ln -s "$BATS_TEST_TMPDIR" planted
	refused 125 'the program can change that symlink' jail --private=planted/home
}

@test "private-etc: what is named and what every program needs, read-only" {
	local root
	for root in minimal host; do
		run jail --root=$root --private-etc=hosts,none,fstab sh -c 'ls -A /etc; id -un; touch /etc/new'
		echo "$root: $output"
		[[ $output == *hosts* && $output == *passwd* && $output == *ld.so.cache* ]]
		[[ $output == *fstab* && $output == *"$(id -un)"* && $output == *'Read-only file system'* ]]
		[[ $output != *profile* && $output != *shadow* && $output != *issue* && $output != *none* ]]
		run jail --root=$root --private-etc=hosts sh -c 'cat /etc/hosts >/dev/null && echo x >>/etc/hosts'
		[ "$status" != 0 ]
		[[ $output == *'Read-only file system'* ]]
	done
	jail --private-etc=ssl sh -c '[ -d /etc/ssl ] && ! ls /etc/ssl/private/*'
}

@test "private-etc takes names below /etc" {
	local bad
	for bad in /etc/hosts ../root ssl/../../root . ssl/. 'host*' ssl//certs ssl/; do
		refused 125 'is not the name of something in /etc' jail --private-etc="$bad"
	done
}

@test "private-cwd: the program starts elsewhere, and the caller's folder is not there" {
	touch here
	mkdir -p ../start
	run jail --private-cwd sh -c 'pwd; ls -A'
	echo "$output"
	[ "$output" = "$HOME" ]
	run jail --private-cwd cat "$PWD/here"
	[ "$status" != 0 ]
	run jail --private-cwd=/usr/share pwd
	[ "$output" = /usr/share ]
	run jail --private-cwd="$BATS_TEST_TMPDIR/start" --whitelist="$BATS_TEST_TMPDIR/start" pwd
	[ "$output" = "$BATS_TEST_TMPDIR/start" ]
	refused 125 'cannot start in /none: No such file' jail --private-cwd=/none
	refused 125 "cannot start in $BATS_TEST_TMPDIR/start" jail --private-cwd="$BATS_TEST_TMPDIR/start"
}

@test "disable-mnt hides what is mounted for people" {
	run jail --root=host --disable-mnt ls /mnt
	echo "$output"
	[ "$status" != 0 ]
	run jail --root=host --disable-mnt --noblacklist=/mnt ls /mnt
	[ "$status" = 0 ]
	run --separate-stderr jail --root=host --disable-mnt --explain=json true
	[[ $output == *'"kind": "mask"'*'"target": "/mnt"'* ]]
	refused 125 '/mnt is blacklisted (command line)' jail --disable-mnt --tmpfs=/mnt/x
}

@test "a whitelist around the sockets of those who run programs for others shows none of them" {
	unshare --user --map-root-user --mount mount -t tmpfs none /run || skip 'unshare cannot mount here'
	cat >sockets.py <<'END'
import os, socket, subprocess, sys
held = []
for path in sys.argv[2:]:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    held.append(socket.socket(socket.AF_UNIX))
    if sys.argv[1] == "listen":
        held[-1].bind(path)
        held[-1].listen()
        continue
    try:
        held[-1].connect(path)
        print(path, "connected")
    except PermissionError:
        print(path, "denied")
if sys.argv[1] == "listen":
    sys.exit(subprocess.call(["sh", "-c", os.environ["THEN"]]))
END
	sockets=(/run/user/0/bus /run/user/0/systemd/private /run/user/0/podman/podman.sock
		/run/docker.sock /run/user/0/wayland-0)
	# shellcheck disable=SC2016
	reach() {
		THEN='exec "$JAIL" -q '"$*"' python3 sockets.py connect '"${sockets[*]}" JAIL=$JAIL \
			unshare --user --map-root-user --mount sh -c \
			'mount -t tmpfs none /run && exec python3 sockets.py listen "$@"' sh "${sockets[@]}"
	}
	local root out
	for root in minimal host "empty --whitelist=/usr --whitelist-ro=-/bin --whitelist-ro=-/lib \
			--whitelist-ro=-/lib64 --whitelist=$PWD"; do
		out=$(reach --root="$root" --whitelist=/run)
		echo "$out"
		[ "$(grep -c denied <<<"$out")" = 4 ]
		grep '^/run/user/0/wayland-0 connected$' <<<"$out"
	done
	# By its own name it is shown.
	reach --whitelist=/run --whitelist=/run/user/0/systemd | grep '^/run/user/0/systemd/private connected$'
}
