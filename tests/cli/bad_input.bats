#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each bad input gets one message with its place and cause, and nothing is run.

load common

@test "an unknown directive is refused with file, line and the nearest name" {
	printf 'net none\nwhitelst /usr\n' | profile touch
	refused 125 'touch.profile:2: unknown directive "whitelst"' jail
	[[ $output == *'hint: did you mean "whitelist"?'* ]]
}

@test "an unknown option is refused with the nearest name" {
	refused 125 'unknown option --private-tpm' jail --private-tpm
	[[ $output == *'hint: did you mean --private-tmp?'* ]]
}

@test "the beginning of an option's name is not taken for it" {
	refused 125 'unknown option --private-t' jail --private-t
}

@test "an unknown opcode is refused" {
	echo 'uring.deny send_cz' | profile touch
	refused 125 'touch.profile:1: unknown io_uring operation "send_cz"' jail
	[[ $output == *'did you mean "send_zc"?'* ]]
}

@test "an unknown group of opcodes is refused" {
	refused 125 'command line: unknown group of io_uring operations "@netwrk"' \
		jail --uring.allow=@netwrk
}

@test "an unknown system call is refused" {
	echo 'seccomp.drop opne' | profile touch
	refused 125 'touch.profile:1: unknown system call "opne"' jail
}

@test "an unknown group of system calls is refused" {
	echo 'seccomp.drop @netwrk-io' | profile touch
	refused 125 'touch.profile:1: unknown' jail
}

@test "a bad address is refused" {
	local bad
	for bad in localhost 127.0.0.1:99999 127.0.0.1/33 10.0.0.1/8 '[::1' ::1:x 127.0.0.1: 300.1.1.1; do
		refused 125 'bad address' jail --uring.connect="$bad"
	done
}

@test "what the network cannot hold is refused" {
	local bad
	for bad in 300.1.1.1 10.0.0.1/8 example.org/24 '[::ffff:10.0.0.1]:80' 127.0.0.1:99999; do
		refused 125 "net.connect: bad item \"$bad\"" jail --net.connect="$bad"
	done
	refused 125 'net.connect beside net host' jail --net=host --net.connect=127.0.0.1
	refused 125 'net.listen beside net host' jail --net=host --net.listen=80
	refused 125 'net.connect beside caps.keep net_admin' jail --caps.keep=net_admin \
		--net.connect=127.0.0.1
	refused 125 'net.publish needs net user' jail --net.publish=80
	refused 125 'net.connect no-such-name.invalid: the name cannot be resolved' \
		jail --net.connect=no-such-name.invalid:80
}

@test "an unknown address family is refused" {
	refused 125 'unknown address family "ipv4"' jail --protocol=ipv4
}

@test "an unknown SQE flag is refused" {
	refused 125 'unknown SQE flag "fixed"' jail --uring.sqe-flags=fixed
}

@test "an unknown register operation is refused" {
	refused 125 'unknown io_uring_register operation "bufers"' jail --uring.register=bufers
	[[ $output == *'did you mean "buffers"?'* ]]
}

@test "an unknown right to open is refused" {
	refused 125 'unknown right to open "append"' jail --uring.open=append
}

@test "an unknown capability is refused" {
	refused 125 'unknown capability "net_amdin"' jail --caps.keep=net_amdin
}

@test "a limit that is none is refused" {
	local bad
	for bad in x 10:5 -1 1q 99999999999999999999; do
		refused 125 'is no limit' jail --rlimit-nofile="$bad"
	done
}

@test "an unknown macro is refused" {
	refused 125 'unknown macro' jail '--whitelist=${HOEM}/x'
}

@test "wildcards are refused where one path is meant, and beside .. and commas" {
	local bad
	for bad in --tmpfs=/tmp/a* --bind=/usr/*,/opt '--tmpfs=${PATH}/x' --mkdir=a? --mkfile=[ab] \
		'--blacklist=/tmp/*,/opt/*'; do
		refused 125 'takes one path, and no wildcards' jail "$bad"
	done
	refused 125 '".." beside wildcards' jail '--whitelist=/usr/*/../share'
	refused 125 '".." beside wildcards' jail '--blacklist=/usr/*/..'
}

@test "a wildcard that matches nothing is a missing path" {
	refused 125 'cannot whitelist /none* (command line): No such file' jail '--whitelist=/none*'
	refused 125 'cannot read-only /none? (command line): No such file' jail '--read-only=/none?'
	refused 125 'cannot noexec /none[ab] (command line): No such file' jail '--noexec=/none[ab]'
	refused 125 'cannot noexec /none (command line): No such file' jail '--noexec=/none'
	jail '--whitelist=-/none*' '--noexec=-/none*' '--blacklist=/none*' '--noblacklist=/none*' true
}

@test "mkdir and mkfile are refused outside of the user's own folders" {
	refused 125 'cannot make /tmp/uring-jail-none (command line): it is not below HOME' \
		jail --mkdir=/tmp/uring-jail-none
	refused 125 'it is not below HOME' jail '--mkfile=${HOME}/../../uring-jail-none'
	echo 'mkdir data' | profile touch
	refused 125 'touch.profile:1: "data" is not an absolute path' jail
}

@test "mkdir does not follow a symlink to what is missing" {
	mkdir "$BATS_TEST_TMPDIR/outside"
	ln -s "$BATS_TEST_TMPDIR/outside" link
	refused 125 "$PWD/link is a symlink" jail --mkdir=link/made
	refused 125 "$PWD/link is a symlink" jail --mkfile=link/deep/made
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/outside")" ]
	ln -s loop loop
	refused 125 'Too many levels of symbolic links' jail --mkdir=loop/made
	touch file
	refused 125 'Not a directory' jail --mkdir=file/made
}

@test "a relative path in a profile is refused" {
	echo 'whitelist data' | profile touch
	refused 125 'touch.profile:1: "data" is not an absolute path' jail
}

@test "an include that is missing is refused, a .local one may be" {
	printf 'include absent.local\ninclude absent.inc\n' | profile touch
	refused 125 'touch.profile:2: cannot include absent.inc: No such file or directory' jail
}

@test "an include that cannot be read is refused" {
	[ "$(id -u)" != 0 ] || skip 'root reads every file'
	echo 'net none' >"$XDG_CONFIG_HOME/uring-jail/secret.local"
	chmod 0 "$XDG_CONFIG_HOME/uring-jail/secret.local"
	echo 'include secret.local' | profile touch
	refused 125 'secret.local: Permission denied' jail
}

@test "a profile that includes itself is refused" {
	echo 'include touch.profile' | profile touch
	refused 125 'touch.profile:1: ' jail
	[[ $output == *'includes itself'* ]]
}

@test "two profiles that include each other are refused" {
	echo 'include b.inc' | profile touch
	echo 'include touch.profile' >"$XDG_CONFIG_HOME/uring-jail/b.inc"
	refused 125 'touch.profile includes itself' jail
}

@test "a long chain of includes is refused" {
	local i
	for i in $(seq 30); do
		echo "include $((i + 1)).inc" >"$XDG_CONFIG_HOME/uring-jail/$i.inc"
	done
	echo 'include 1.inc' | profile touch
	refused 125 'includes are nested more than 16 deep' jail
}

@test "a profile of binary garbage is refused" {
	head -c 4096 /dev/zero | profile touch
	refused 125 'touch.profile:1: binary data' jail
	printf '\001\002\377\n' | profile touch
	refused 125 'touch.profile:1: control character 0x01' jail
	printf '\377\376\375 x\n' | profile touch
	refused 125 'touch.profile:1: unknown directive' jail
}

@test "a profile of 10 MB is refused" {
	yes 'net none' | head -c 10000000 | profile touch
	refused 125 'it is larger than 1024 KiB' jail
}

@test "a profile that is a folder, a pipe or missing is refused" {
	mkdir folder.profile
	refused 125 'it is not a regular file' jail --profile=./folder.profile
	mkfifo pipe.profile
	refused 125 'it is not a regular file' jail --profile=./pipe.profile
	refused 125 'cannot read profile ./absent: No such file or directory' jail --profile=./absent
	refused 125 'there is no profile "absent"' jail --profile=absent
}

@test "a missing folder is refused with file and line" {
	printf '\nwhitelist /nowhere/at/all\n' | profile touch
	refused 125 'touch.profile:2' jail
	[[ $output == *'/nowhere/at/all'*': No such file or directory'* ]]
}

@test "an optional missing folder is passed over" {
	jail --whitelist=-/nowhere/at/all true
}

@test "a missing program is 127, one that cannot be executed 126" {
	run -127 jail no-such-program
	[[ $output == 'uring-jail: cannot execute no-such-program: No such file or directory'* ]]
	run -127 jail ./absent
	touch plain
	run jail ./plain
	[ "$status" = 126 ]
	[[ $output == 'uring-jail: cannot execute ./plain: Permission denied'* ]]
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	run -127 jail ./script
	[[ $output == *'the interpreter that it names'* ]]
	printf 'echo hello\n' >noline
	chmod +x noline
	run jail ./noline
	[ "$status" = 126 ]
	run jail ./
	[ "$status" = 126 ]
}

@test "a program that only exists outside the jail is 127 with a hint" {
	mkdir -p "$HOME/bin"
	cp "$(type -P true)" "$HOME/bin/mine"
	run -127 jail "$HOME/bin/mine"
	[[ $output == *"hint: it is there outside the jail: add \"whitelist-ro $HOME/bin/mine\""* ]]
}

@test "no program at all is refused" {
	run jail
	[ "$status" = 125 ]
	[[ $output == 'uring-jail: no program to run was named'* ]]
}

@test "an option without its value is refused" {
	run jail --profile
	[ "$status" = 125 ]
	[[ $output == *'option --profile needs a value'* ]]
	refused 125 'whitelist needs a value' jail --whitelist=
	run jail --private-tmp=yes true
	[ "$status" = 125 ]
}

@test "forbidden user namespaces are refused with the sysctl named" {
	local sysctl=/proc/sys/user/max_user_namespaces
	unshare --user --map-root-user sh -c "echo 0 >$sysctl" 2>/dev/null ||
		skip 'unshare cannot make a user namespace here'
	run unshare --user --map-root-user sh -c \
		"echo 0 >$sysctl && exec $JAIL --quiet touch marker"
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'cannot create namespaces'* ]]
	[[ $output == *'hint: '*'user.max_user_namespaces'* ]]
	[ ! -e marker ]
}

@test "a machine without /proc is refused" {
	run unshare --user --map-root-user --mount sh -c \
		"mount -t tmpfs none /proc && exec $JAIL --quiet touch marker"
	echo "$output"
	[ "$status" = 125 ]
	[[ $output == *'hint: /proc must be mounted'* ]]
	[ ! -e marker ]
}

@test "a working folder that was removed is refused" {
	mkdir gone
	cd gone
	rmdir ../gone
	run "$JAIL" --quiet true
	[ "$status" = 125 ]
	[[ $output == *'cannot tell the working folder'* ]]
}

@test "a policy that forbids execve is refused before anything runs" {
	refused 125 'execve' jail --seccomp.drop=execve
}

@test "what a message quotes cannot write to the terminal" {
	run jail "--$(printf 'x\033[31m')"
	[ "$status" = 125 ]
	[[ $output == *'\x1b[31m'* ]]
}

@test "an empty list is refused: it would lift the rule" {
	refused 125 'uring.connect needs a value' jail --uring.connect=,
	refused 125 'uring.socket needs a value' jail '--uring.socket= , '
	refused 125 'seccomp.keep needs a value' jail --seccomp.keep=,
}

@test "two kinds of lists of system calls are refused" {
	echo 'seccomp.keep @basic-io' | profile touch
	refused 125 "seccomp.drop cannot stand beside seccomp.keep ($XDG_CONFIG_HOME" \
		jail --seccomp.drop=ptrace
	refused 125 'seccomp cannot stand beside seccomp.keep' jail --seccomp=ptrace
}

@test "a blacklist of two paths in one word is refused" {
	touch one two
	refused 125 'blacklist takes one path' jail --blacklist="$PWD/one,$PWD/two"
}

@test "uring.require with a list that denies io_uring is refused" {
	refused 125 "denies io_uring's system calls" jail --uring.require --seccomp=@aio
}

@test "a grant of what no filter sees is refused" {
	echo 'uring.grant unlinkat' | profile touch
	refused 125 "touch.profile:1: unlinkat cannot be granted: the ring's filter sees nothing" jail
	[[ $output == *'hint: allow the system call instead'* ]]
	rm "$XDG_CONFIG_HOME/uring-jail/touch.profile"
	refused 125 'send cannot be granted' jail --uring.grant='send 127.0.0.1:80'
	refused 125 'a group cannot be granted' jail --uring.grant='@open read'
	refused 125 'unknown io_uring operation "conect"' jail --uring.grant='conect 127.0.0.1:80'
	[[ $output == *'did you mean "connect"?'* ]]
}

@test "a grant without a rule, or with a bad one, is refused" {
	refused 125 'uring.grant needs a value' jail --uring.grant=
	refused 125 'connect is granted by rules only' jail --uring.grant=connect
	[[ $output == *'hint: uring.grant connect ADDRESS[/PREFIX][:PORT[-PORT]]...'* ]]
	refused 125 'openat2 is granted by rules only' jail --uring.grant='openat2 ,'
	[[ $output == *'hint: uring.grant openat2 RIGHT...[,resolve=FLAG...]'* ]]
	refused 125 'bad address "localhost"' jail --uring.grant='connect localhost'
	refused 125 'unknown address family "ipv4"' jail --uring.grant='socket ipv4'
	refused 125 'unknown right to open "append"' jail --uring.grant='openat append'
	refused 125 'unknown resolve flag "below"' jail --uring.grant='openat2 read,resolve=below'
	refused 125 'openat has no resolve flags' jail --uring.grant='openat read,resolve=beneath'
	refused 125 'a file is opened to read or to write it' jail --uring.grant='openat create'
}

@test "a grant of what is allowed already is refused" {
	printf 'net none\nuring.grant openat2 read\n' | profile touch
	refused 125 'touch.profile:2: uring.grant openat2 grants nothing: openat2(2) is allowed already' \
		jail
	[[ $output == *'hint: deny the call, or narrow the ring by uring.open'* ]]
}

@test "what would walk around a granted address is refused" {
	local at=$XDG_CONFIG_HOME/uring-jail/touch.profile
	echo 'uring.grant connect 127.0.0.1:80' | profile touch
	refused 125 "command line: uring.allow uring_cmd beside uring.grant connect ($at:1)" \
		jail --uring.allow=@default,uring_cmd
	refused 125 "command line: protocol vsock beside uring.grant connect ($at:1)" \
		jail --protocol=unix,inet,vsock
	refused 125 "command line: uring.grant socket packet beside uring.grant connect ($at:1)" \
		jail --uring.grant='socket packet'
	refused 125 "caps.keep net_admin beside uring.grant connect ($at:1)" \
		jail --caps.keep=net_admin
	refused 125 "$at:1: uring.grant connect means nothing beside uring unfiltered (command line)" \
		jail --uring=unfiltered
}
