#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# --explain: the whole plan, for people and for programs, and nothing is run.

load common

# explain ARGUMENT...: the text, and as $flat the same with every line break a blank.
explain() {
	run "$JAIL" --explain "$@"
	echo "$output"
	flat=$(tr -s ' \n' ' ' <<<"$output")
	[ "$status" = 0 ]
}

# json CONDITION ARGUMENT...: what --explain=json prints for the arguments, as the Python object
# "plan" (and its operations by name, "ops"), fulfils the condition.
json() {
	local condition=$1
	shift
	"$JAIL" --explain=json "$@" >plan.json
	/usr/bin/python3 - "$condition" <<-'END'
		import json, sys
		plan = json.load(open("plan.json"))
		ops = {op["op"]: op for op in plan["uring"]["ops"]}
		if not eval(f"({sys.argv[1]})"):
		    sys.exit(f"not so: {sys.argv[1]}\n{json.dumps(plan)[:2000]}")
	END
}

# without_namespaces COMMAND...: where nobody may make a user namespace.
without_namespaces() {
	local sysctl=/proc/sys/user/max_user_namespaces
	unshare --user --map-root-user sh -c "echo 0 >$sysctl" 2>/dev/null ||
		skip 'unshare cannot make a user namespace here'
	run unshare --user --map-root-user sh -c "echo 0 >$sysctl && exec \"\$@\"" sh "$@"
	echo "$output"
}

@test "the plan of a silent profile is told" {
	explain true one 'two words'
	[[ $output == *'Profile       default.profile'* ]]
	[[ $output == *'Program       true one "two words"'* ]]
	[[ $output == *'Namespaces    user mount pid ipc uts cgroup net'* ]]
	[[ $output == *"User          uid $(id -u), gid $(id -g)"* ]]
	[[ $output == *'Capabilities  none'* ]]
	[[ $output == *'Network       none: an own namespace'* ]]
	[[ $output == *"  writable    $PWD"* ]]
	[[ $output == *'  masked      '*'/proc/keys'* ]]
	[[ $output == *'System calls  the default list'* ]]
	[[ $output == *'  allowed     '*'@basic-io'*'  denied      '*'@mount'* ]]
	[[ $output == *'@splice all but vmsplice'* ]]
	[[ $output == *'ioctl: not TIOCSTI'* ]]
	[[ $output == *'socket: address families unix, inet, inet6, netlink'* ]]
	[[ $output == *'clone: no new namespaces'* ]]
	[[ $output == *'io_uring_register: the operations'* ]]
	[[ $output == *'io_uring      filter (ENOSYS where'* ]]
	[[ $output == *'  deny    46 uring_cmd: opaque: allowed only by name'* ]]
	[[ $output == *'  filter  45 socket: as socket(2), by its arguments ['*' instructions]'* ]]
	[[ $output == *'  register  all but send_msg_ring'* ]]
	[[ $output == *'  SQE flags all'* ]]
	[[ $output != *'!'* ]]
}

@test "what a directive asked for is told with its place" {
	mkdir data
	cat >"$XDG_CONFIG_HOME/uring-jail/true.profile" <<-END
		net host
		read-only $PWD/data
		caps.keep net_raw
		rlimit-nofile 100
		hostname box
		seccomp.drop sendto,bind
		uring.deny nop
		uring.sqe-flags io_link
		uring.register buffers
	END
	explain true
	local at=$XDG_CONFIG_HOME/uring-jail/true.profile
	[[ $flat == *" read-only "*" $PWD/data ($at:2) "* ]]
	[[ $flat == *'Capabilities cap_net_raw'* ]]
	[[ $flat == *'Host name box'* ]]
	[[ $flat == *'Limits nofile 100'* ]]
	[[ $flat == *'Namespaces user mount pid ipc uts cgroup User '* ]]
	[[ $flat == *'Network host'* ]]
	[[ $flat == *'all but what is listed, '"($at:6)"* ]]
	[[ $flat == *'@network-io all but sendto bind'* ]]
	[[ $flat == *' deny 0 nop: uring.deny '"($at:7)"* ]]
	[[ $flat == *' deny 56 bind: bind(2) is denied'* ]]
	[[ $flat == *' register only buffers'* ]]
	[[ $flat == *' SQE flags io_link uring.sqe-flags '"($at:8)"* ]]
}

@test "rules of the ring that system calls do not match are marked" {
	explain --uring.connect=10.0.0.0/8:443 --uring.deny=write --uring.open=read \
		--uring.socket=inet/stream --seccomp.drop=vmsplice true
	[[ $flat == *' filter 16 connect: uring.connect (command line) ['*'] ! connect(2) still allows it'* ]]
	[[ $flat == *'23 write: uring.deny (command line) ! write(2) still allows it'* ]]
	[[ $flat == *'! openat(2) still allows it'* ]]
	[[ $flat == *'! openat2(2) still allows it'* ]]
	[[ $flat == *'! socket(2) still allows it'* ]]
	explain --uring.deny=@send true
	[[ $flat == *'48 sendmsg_zc: uring.deny (command line) ! sendmsg(2), sendto(2) still allow them'* ]]
	explain --uring.allow=nop true
	[[ $flat == *'! the system calls that do the same still allow them'* ]]
	explain -v --uring.allow=nop true
	[[ $flat == *'22 read: not in uring.allow (command line) ! read(2) still allows it'* ]]
	explain --uring.deny=write --uring.connect=10.0.0.1:1 \
		--seccomp.drop=write,connect,sendto true
	[[ $flat != *'!'* ]]
}

@test "what the ring may do beyond the system call is told" {
	explain --uring.grant='connect 10.0.0.0/8:443' true
	[[ $flat == *' filter 16 connect: uring.grant connect (command line): connect(2) is denied, the ring goes beyond it ['* ]]
	[[ $flat == *' deny 9 sendmsg, 26 send, 47 send_zc, 48 sendmsg_zc: would send past uring.grant connect (command line): sendmsg(2) is denied '* ]]
	[[ $flat == *'all but connect sendmsg sendmmsg'* ]]
	[[ $flat == *' connect: uring.grant connect (command line): denied, since its address cannot be seen'* ]]
	[[ $flat == *' sendmmsg: uring.grant connect (command line): denied'* ]]
	[[ $flat == *' sendto: uring.grant connect (command line): without an address and without MSG_FASTOPEN (TCP Fast Open)'* ]]
	[[ $flat == *' setsockopt: uring.grant connect (command line): no source routes'* ]]
	[[ $flat == *' socket: address families unix, inet, inet6, netlink; uring.grant connect (command line): TCP and UDP only'* ]]
	[[ $output != *'!'* ]]
	explain --seccomp=openat2 --uring.grant='openat2 read,resolve=beneath' true
	[[ $flat == *' filter 28 openat2: uring.grant openat2 (command line): openat2(2) is denied, the ring goes beyond it ['* ]]
	[[ $flat != *'sendto: '* ]]
	explain --protocol=unix --uring.grant='socket inet/stream' true
	[[ $flat == *' filter 45 socket: uring.grant socket (command line): the ring goes beyond protocol (command line) ['* ]]
	json 'ops["socket"]["granted"] is True and not any(op["granted"] for name, op in ops.items() if name != "socket")' \
		--protocol=unix --uring.grant='socket inet/stream' true
	json 'plan["uring"]["needs_connect_data"] and ops["connect"]["granted"] and "connect" not in plan["syscalls"]["allowed"] and {"call": "sendmsg", "condition": "uring.grant connect (command line): denied, since its address cannot be seen"} in plan["syscalls"]["arguments"]' \
		--uring.grant='connect 10.0.0.1:443' true
	json 'not ops["connect"]["granted"] and ops["connect"]["verdict"] == "deny"' \
		--uring.grant='connect 10.0.0.1:443' --uring.deny=connect true
}

@test "grants of one operation add up, and the command line replaces a profile's" {
	printf 'uring.grant connect 10.0.0.1:1\nuring.grant connect 10.0.0.2:2,10.0.0.3:3\n' |
		profile true
	json 'all(f"#{word}" in "".join(ops["connect"]["asm"]) for word in ("0x100000a", "0x200000a", "0x300000a"))' true
	json '"#0x400000a" in "".join(ops["connect"]["asm"]) and "#0x100000a" not in "".join(ops["connect"]["asm"])' \
		--uring.grant='connect 10.0.0.4:4' true
	printf 'seccomp openat2\nuring.grant openat2 read,resolve=beneath\n' | profile true
	json 'len(ops["openat2"]["program"]) > 0 and ops["openat2"]["granted"]' true
	json '"resolve" not in " ".join(ops["openat2"]["asm"])' --uring.grant='openat2 read' true
	json '" ".join(ops["openat2"]["asm"]).count("resolve") == 1' \
		--uring.grant='openat2 read,resolve=beneath' --uring.grant='openat2 write,resolve=beneath' true
	json '" ".join(ops["openat2"]["asm"]).count("resolve") == 2' \
		--uring.grant='openat2 read,resolve=beneath' --uring.grant='openat2 write,resolve=in-root' true
}

@test "a ring that is blocked or not filtered is told with the reason" {
	explain --uring=none true
	[[ $output == *'io_uring      none (uring none (command line))'* ]]
	[[ $output != *'uring_cmd'* ]]
	explain --seccomp=io_uring_setup true
	[[ $output == *'io_uring      none (command line denies its system calls)'* ]]
	explain --uring=unfiltered true
	[[ $output == *'io_uring      unfiltered (uring unfiltered (command line))'* ]]
	json 'plan["uring"]["mode"] == "none" and not ops and "uring none" in plan["uring"]["reason"]' \
		--uring=none true
}

@test "a text fits on lines of 80 columns" {
	explain --uring.allow=@file -- true
	run ! grep -E '.{81}' <<<"${output//$PWD/}"
}

@test "-v shows the instructions of every filter" {
	explain true
	[[ $output != *'ret #'* ]]
	explain -v --protocol=unix true
	[[ $output == *'0: ld [16] '*'; family'* ]]
	[[ $output == *'1: jeq #0x1, '* ]]
	[[ $output == *'; arch'*'; nr'*'ret #0x7fff0000'* ]]
	explain --verbose --uring.open=read true
	[[ $output == *'; flags low'* ]]
}

@test "JSON says the same" {
	json 'plan["profile"] == "default.profile" and plan["program"] == ["true", "a b"] and
	      plan["namespaces"] == "user mount pid ipc uts cgroup net".split() and
	      plan["capabilities"] == [] and plan["network"] == "none"' true 'a b'
	json 'plan["syscalls"]["mode"] == "drop" and "read" in plan["syscalls"]["allowed"] and
	      "bind" not in plan["syscalls"]["allowed"] and
	      any(a["call"] == "ioctl" and "TIOCSTI" in a["condition"]
	          for a in plan["syscalls"]["arguments"])' --seccomp.drop=bind true
	json 'plan["uring"]["mode"] == "filter" and len(ops) == 65 and
	      [op["opcode"] for op in plan["uring"]["ops"]] == list(range(65)) and
	      "buffers" in plan["uring"]["registers"] and
	      "send_msg_ring" not in plan["uring"]["registers"] and
	      plan["uring"]["sqe_flags"] == ["io_link", "async"]' \
		--uring.sqe-flags=io_link,async true
	json 'ops["socket"]["verdict"] == "filter" and ops["socket"]["opcode"] == 45 and
	      ops["socket"]["reason"] == "protocol (command line)" and
	      ops["socket"]["unmatched"] is None and
	      ops["socket"]["program"][0] == {"code": 32, "jt": 0, "jf": 0, "k": 16} and
	      ops["socket"]["asm"][0] == "ld [16] ; family" and
	      len(ops["socket"]["asm"]) == len(ops["socket"]["program"]) and
	      ops["read"]["verdict"] == "allow" and ops["read"]["program"] == []' \
		--protocol=unix true
	json 'ops["write"]["verdict"] == "deny" and
	      ops["write"]["unmatched"] == "write(2) still allows it"' --uring.deny=write true
	json 'any(m["target"] == "/usr" and m["look"] == "read-only" and m["origin"] is None
	          for m in plan["mounts"]) and
	      any(m["target"] == "/etc/passwd" and m["look"] == "masked" and
	          m["origin"] == "command line" for m in plan["mounts"])' \
		--blacklist=/etc/passwd true
	json 'plan["limits"] == {"nofile": 9} and plan["hostname"] == "box"' \
		--rlimit-nofile=9 --hostname=box true
}

@test "JSON is valid whatever bytes a name has" {
	json 'plan["program"][1:] == ["\\xff\\x80", "\x1b[31m"]' true $'\xff\x80' $'\e[31m'
}

@test "text is not coloured in a pipe, and nothing that is quoted writes to the terminal" {
	explain true $'\e[31m'
	[[ $output != *$'\e'* ]]
	[[ $output == *'\x1b[31m'* ]]
}

@test "text is coloured on a terminal unless NO_COLOR is set" {
	cat >terminal.py <<-'END'
		import pexpect, shlex, sys
		print(pexpect.run(shlex.join(sys.argv[1:]), timeout=60, encoding="utf-8"))
	END
	run env TERM=xterm NO_COLOR= /usr/bin/python3 terminal.py "$JAIL" --explain true
	[[ $output == *$'\e[31mdeny\e[0m'* ]]
	run env TERM=xterm NO_COLOR=1 /usr/bin/python3 terminal.py "$JAIL" --explain true
	[[ $output == *'deny'* ]]
	[[ $output != *$'\e'* ]]
	run env TERM=dumb NO_COLOR= /usr/bin/python3 terminal.py "$JAIL" --explain true
	[[ $output == *'deny'* ]]
	[[ $output != *$'\e'* ]]
}

@test "nothing is run" {
	explain touch marker
	[ ! -e marker ]
	"$JAIL" --explain=json touch marker >/dev/null
	[ ! -e marker ]
}

@test "a program that is not there can be explained" {
	explain no-such-program
}

@test "it needs no user namespace" {
	without_namespaces "$JAIL" --explain true
	[ "$status" = 0 ]
	[[ $output == *'io_uring      filter'* ]]
}

@test "it needs no privilege" {
	local copy=$BATS_TEST_TMPDIR/uring-jail
	[ "$(id -u)" = 0 ] || skip 'the other tests run without privilege already'
	cp "$JAIL" "$copy"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR/.." "$BATS_TEST_TMPDIR" "$PWD" "$HOME" \
		"$XDG_CONFIG_HOME" "$XDG_CONFIG_HOME/uring-jail"
	run setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$copy" --explain true
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'User          uid 65534, gid 65534'* ]]
	[[ $output == *'io_uring      filter'* ]]
}

@test "a program is needed only where it chooses the profile" {
	run "$JAIL" --explain
	[ "$status" = 125 ]
	[[ $output == *'no program to explain was named'* ]]
	explain --no-profile
	[[ $output == *'Program       any: none was named'* ]]
	echo 'net host' | profile some
	explain --profile=some
	[[ $output == *'Network       host'* ]]
	json 'plan["program"] == []' --no-profile
	[[ $("$JAIL" --help) == *'PROGRAM may be left out with --explain'* ]]
}

@test "a plan that cannot be made is refused as without --explain" {
	echo 'seccomp.drop opne' | profile touch
	refused 125 'touch.profile:1: unknown system call "opne"' jail --explain
	rm "$XDG_CONFIG_HOME/uring-jail/touch.profile"
	refused 125 'execve' jail --explain --seccomp.drop=execve
	refused 125 'uring.require asks' jail --explain --uring.require --seccomp.drop=io_uring_enter
	refused 125 'unknown form "xml"' jail --explain=xml
}

@test "descriptors are not looked at" {
	explain --keep-fd=77 true
	[[ $output == *'Descriptors   77'* ]]
}

@test "an explanation that cannot be written is an error" {
	run bash -c '"$1" --explain true >/dev/full' bash "$JAIL"
	[ "$status" = 125 ]
	[[ $output == *'cannot write the explanation: No space left'* ]]
}

@test "the rules of the network are told, and what names came to" {
	explain --no-profile --net.connect=localhost:5432 --net.listen=8080 true
	[[ $flat == *' names localhost = 127.0.0.1 '* || $flat == *' names localhost = ::1 '* ]]
	[[ $flat == *' arriving '*' tcp dport 8080 accept '*' all else: drop leaving '* ]]
	[[ $flat == *' tcp dport 5432 accept '*' all else: drop Files '* ]]
	json '"tcp dport 8080 accept" in plan["nftables"] and plan["names"]["localhost"]' \
		--no-profile --net.connect=localhost:5432 --net.listen=8080 true
	json 'plan["nftables"] is None and plan["names"] == {}' --no-profile true
	explain --no-profile --net=user --net.publish=127.0.0.1:8080:80,53/udp true
	[[ $flat == *' Network user: '*' pasta '*' published 127.0.0.1 port 8080/tcp -> 80 '* ]]
	[[ $flat == *' any address, port 53/udp -> 53 name server 169.254.1.1: pasta '* ]]
}

@test "what happens to the environment is told" {
	profile true <<-'END'
		rmenv LOST KEPT
		env ADDED=one two
		env KEPT=again
		env LOST=no
		rmenv LOST
	END
	explain true
	[[ $output == *$'Environment\n  without     LOST\n  sets        "ADDED=one two" KEPT=again\n'* ]]
	json 'plan["environment"] == {"LOST": None, "ADDED": "one two", "KEPT": "again"}' true
	explain --no-profile true
	[[ $output != *Environment* ]]
}
