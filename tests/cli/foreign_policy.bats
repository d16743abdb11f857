#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Policies from elsewhere: seccomp.bpf and seccomp.oci. What is wrong with one is told in one
# message, with its place, and nothing is run.

load common

PODMAN=/usr/share/containers/seccomp.json

# bpf CODE,JT,JF,K...: a compiled filter of these instructions, on standard output.
bpf() {
	python3 -c '
import struct, sys
for word in sys.argv[1:]:
    sys.stdout.buffer.write(struct.pack("=HBBI", *(int(n, 0) for n in word.split(","))))' "$@"
}

# number CALL: of a system call, here.
number() {
	printf '#include <asm/unistd.h>\n__NR_%s\n' "$1" | "${CC:-cc}" -E -P - | tail -n 1
}

# denying CALL: a compiled filter that denies CALL with EACCES.
denying() {
	bpf 0x20,0,0,0 "0x15,0,1,$(number "$1")" 0x06,0,0,0x5000d 0x06,0,0,0x7fff0000
}

# oci RULES: the JSON of a policy that allows all but what RULES say.
oci() {
	printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [%s]}' "$1"
}

@test "a compiled filter denies what it denies, and no more" {
	denying mkdirat >../f.bpf
	denying mkdir >../g.bpf
	run jail --seccomp.bpf=../f.bpf python3 -c 'import os; os.mkdir("sub/x", dir_fd=os.open(".", 0))'
	[[ $output == *'Permission denied'* ]]
	jail --seccomp.bpf=../g.bpf touch made
	[ -e made ]
}

@test "a compiled filter is read from a descriptor, which the program does not inherit" {
	denying "$([ "$(uname -m)" = x86_64 ] && echo mkdir || echo mkdirat)" >../f.bpf
	run jail --seccomp.bpf=7 mkdir x 7<../f.bpf
	[ "$status" = 1 ]
	[[ $output == *'Permission denied'* ]]
	run -0 jail --seccomp.bpf=7 sh -c '[ ! -e /proc/self/fd/7 ]' 7<../f.bpf
	run -0 jail --seccomp.bpf=7 true 7< <(cat ../f.bpf)
	refused 125 'cannot keep descriptor 7' jail --seccomp.bpf=7 --keep-fd=7 7<../f.bpf
}

@test "the policy of Podman runs programs, and denies what it denies" {
	[ -e "$PODMAN" ] || skip "$PODMAN is missing"
	jail --seccomp.oci="$PODMAN" sh -c 'echo hello >made; ls | sort >/dev/null; exec true'
	[ -e made ]
	run -0 jail --seccomp.oci="$PODMAN" python3 -c '
import ctypes, os, socket
socket.socket(socket.AF_INET).close()
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()
try:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9)
except OSError as e:
    print("audit:", os.strerror(e.errno))
libc = ctypes.CDLL(None, use_errno=True)
if libc.acct(None) < 0:
    print("acct:", os.strerror(ctypes.get_errno()))
if libc.personality(4) < 0:
    print("personality:", os.strerror(ctypes.get_errno()))'
	echo "$output"
	[[ $output == *'audit: Invalid argument'* ]]
	[[ $output == *'acct: Operation not permitted'* ]]
	[[ $output == *'personality: Function not implemented'* ]]
}

# answer CALL [ARGUMENT...]: a system call's, in the jail that is called with the words of $options.
answer() {
	# shellcheck disable=SC2154,SC2086 # words
	run -0 jail $options python3 -c '
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
print(libc.syscall(*map(int, sys.argv[1:])) < 0 and ctypes.get_errno())' "$@"
}

@test "a kept capability decides which rules of a JSON hold" {
	oci '{"name": "getppid", "action": "SCMP_ACT_ERRNO", "errno": "E2BIG",
		"excludes": {"caps": ["CAP_SYS_NICE"]}}' >../p.json
	options='--seccomp.oci=../p.json'
	answer "$(number getppid)"
	[ "$output" = 7 ]
	options='--seccomp.oci=../p.json --caps.keep=sys_nice'
	answer "$(number getppid)"
	[ "$output" = False ]
}

@test "protocol holds beside a policy from elsewhere" {
	oci '' >../p.json
	run jail --seccomp.oci=../p.json --protocol=unix python3 -c '
import socket
socket.socket(socket.AF_UNIX).close()
socket.socket(socket.AF_INET)'
	[[ $output == *'Address family not supported'* ]]
}

@test "io_uring is blocked beside a policy from elsewhere that allows it" {
	oci '{"name": "io_uring_setup", "action": "SCMP_ACT_ALLOW"}' >../p.json
	options='--seccomp.oci=../p.json --uring=none'
	answer "$(number io_uring_setup)" 1 0
	[ "$output" = 38 ]
}

@test "a filter that is missing, empty, truncated, oversized or a folder is refused" {
	echo 'seccomp.bpf /nowhere/f.bpf' | profile touch
	refused 125 'touch.profile:1: seccomp.bpf /nowhere/f.bpf: cannot read it: No such file' jail
	: >empty
	refused 125 'it is empty' jail --seccomp.bpf=empty
	denying mkdir | head -c 29 >truncated
	refused 125 'it is truncated, or no compiled filter' jail --seccomp.bpf=truncated
	yes "$(printf '\006')" | head -c 40000 >oversized
	refused 125 'it has more than 4096 instructions' jail --seccomp.bpf=oversized
	# shellcheck disable=SC2046 # words
	bpf $(yes 0x06,0,0,0x7fff0000 | head -n 4097) >one_more
	refused 125 'it has more than 4096 instructions' jail --seccomp.bpf=one_more
	truncate -s 1T sparse
	refused 125 'it has more than 4096 instructions' jail --seccomp.bpf=sparse
	refused 125 'it is truncated, or no compiled filter' jail --seccomp.bpf=7 7< <(cat truncated)
	refused 125 'it is not a regular file' jail --seccomp.bpf=/
	mkfifo pipe
	refused 125 'it is not a regular file' jail --seccomp.bpf=pipe
	refused 125 'descriptor 1 is the program' jail --seccomp.bpf=1
	refused 125 'seccomp.bpf 99: cannot read it: Bad file descriptor' jail --seccomp.bpf=99
}

@test "a filter that is invalid, loops or leaves no room is refused" {
	bpf 0xffff,0,0,0 0x06,0,0,0x7fff0000 >invalid
	refused 125 'instruction 0' jail --seccomp.bpf=invalid
	bpf 0x20,0,0,0 0x05,0,0,0xfffffffe 0x06,0,0,0x7fff0000 >loop
	refused 125 'instruction 1 (code 0x05) jumps beyond the end' jail --seccomp.bpf=loop
	bpf 0x20,0,0,0 >endless
	refused 125 'the BPF program does not end with a return' jail --seccomp.bpf=endless
	bpf 0x15,255,0,0 0x06,0,0,0x7fff0000 >far
	refused 125 'instruction 0 (code 0x15) jumps beyond the end' jail --seccomp.bpf=far
	bpf 0x20,0,0,64 0x06,0,0,0x7fff0000 >beyond
	refused 125 'instruction 0 (code 0x20) loads from beyond the input' jail --seccomp.bpf=beyond
	head -c 32768 /dev/urandom >random
	refused 125 'instruction' jail --seccomp.bpf=random
	# shellcheck disable=SC2046 # words
	bpf $(yes 0x06,0,0,0x7fff0000 | head -n 4096) >full
	refused 125 'the kernel takes 4096' jail --seccomp.bpf=full
}

@test "a policy from elsewhere that denies execve is refused" {
	denying execve >../f.bpf
	refused 125 '../f.bpf: it denies execve' jail --seccomp.bpf=../f.bpf
	echo '{"defaultAction": "SCMP_ACT_ERRNO"}' >../p.json
	refused 125 'it denies execve' jail --seccomp.oci=../p.json
}

@test "two policies are refused, with the place of both" {
	oci '' >../p.json
	printf 'seccomp.drop mount\nseccomp.oci %s/../p.json\n' "$PWD" | profile touch
	refused 125 'touch.profile:2: seccomp.oci cannot stand beside seccomp.drop (' jail
	[[ $output == *'touch.profile:1'* ]]
	printf 'seccomp.oci %s/../p.json\nseccomp mount\n' "$PWD" | profile touch
	refused 125 'touch.profile:2: seccomp cannot stand beside seccomp.oci' jail
	printf 'seccomp.oci %s/../p.json\nseccomp.bpf %s/../f.bpf\n' "$PWD" "$PWD" | profile touch
	refused 125 'touch.profile:2: seccomp.bpf cannot stand beside seccomp.oci' jail
}

@test "the policy of the command line replaces that of the profile" {
	denying getuid >../f.bpf
	oci '' >../p.json
	printf 'seccomp.drop getuid\nseccomp.drop getppid\n' | profile true
	jail --seccomp.oci=../p.json true
	printf 'seccomp.oci %s/absent.json\n' "$PWD" | profile true
	jail --seccomp.bpf=../f.bpf true
	printf 'seccomp.oci %s/../p.json\n' "$PWD" | profile touch
	refused 125 'seccomp.drop cannot stand beside seccomp.oci' jail --seccomp.drop=mount
}

# It allows namespaces, in which the program could take any mount off the file.
@test "a policy that the program could change for the next launch is refused" {
	oci '' >here.json
	refused 125 "cannot hold what is said of $PWD/here.json" jail --seccomp.oci=here.json
	oci '{"names": ["unshare", "clone3", "clone", "setns"], "action": "SCMP_ACT_ERRNO"}' >here.json
	run jail --seccomp.oci=here.json bash -c 'exec 2>&1; : >here.json'
	[[ $output == *'Read-only file system'* ]]
}

@test "--explain tells of a policy from elsewhere" {
	oci '{"names": ["mount", "connect"], "action": "SCMP_ACT_ERRNO"}' >../p.json
	run -0 jail --seccomp.oci=../p.json --explain=json true
	python3 -c '
import json, sys
plan = json.load(sys.stdin)
ops = {op["op"]: op for op in plan["uring"]["ops"]}
assert ops["connect"]["verdict"] == "deny" and "connect(2)" in ops["connect"]["reason"]
assert ops["openat"]["verdict"] == "allow"
calls = next(v for v in plan.values() if isinstance(v, dict) and v.get("mode") == "oci")
assert "mount" not in calls["allowed"] and "umount2" in calls["allowed"]' <<<"$output"
}

@test "a JSON that is malformed, huge or deeply nested is refused" {
	echo '{"defaultAction": "SCMP_ACT_ALLOW",' >../p.json
	printf '\nseccomp.oci %s/../p.json\n' "$PWD" | profile touch
	refused 125 "touch.profile:2: seccomp.oci $PWD/../p.json: line " jail
	: >empty
	refused 125 '/empty: line ' jail --seccomp.oci=empty
	printf '{"defaultAction": "SCMP_ACT_ALLOW", "defaultAction": "SCMP_ACT_LOG"}' >twice
	refused 125 'duplicate object key' jail --seccomp.oci=twice
	echo '[]' >list
	refused 125 '/list: ' jail --seccomp.oci=list
	{ oci '' && echo '{}'; } >rest
	refused 125 'end of file expected' jail --seccomp.oci=rest
	{ oci '' && head -c 2000000 /dev/zero | tr '\0' ' '; } >huge
	refused 125 'it is larger than 1024 KiB' jail --seccomp.oci=huge
	head -c 1000000 /dev/zero | tr '\0' '[' >deep
	refused 125 'maximum parsing depth' jail --seccomp.oci=deep
	{ printf '{"a": ' && head -c 100000 /dev/zero | sed 's/\x0/{"a": /g'; } >deep
	refused 125 'maximum parsing depth' jail --seccomp.oci=deep
	truncate -s 1T sparse
	refused 125 'it is larger than 1024 KiB' jail --seccomp.oci=sparse
	head -c 1000 /dev/urandom >random
	refused 125 'seccomp.oci' jail --seccomp.oci=random
	printf '{"defaultAction": "SCMP_ACT_ALLOW\\u0000"}' >nul
	refused 125 'NUL' jail --seccomp.oci=nul
}

@test "a JSON that is missing, a folder or a pipe is refused" {
	echo 'seccomp.oci /nowhere/p.json' | profile touch
	refused 125 'touch.profile:1: seccomp.oci /nowhere/p.json: cannot read it: No such file' jail
	refused 125 'seccomp.oci /: it is not a regular file' jail --seccomp.oci=/
	mkfifo pipe
	refused 125 '/pipe: it is not a regular file' jail --seccomp.oci=pipe
}

# condition ARGUMENT OPERATOR VALUE
condition() {
	printf '{"index": %s, "op": "SCMP_CMP_%s", "value": %s}' "$@"
}

@test "a JSON with more conditions than can be compiled is refused" {
	local -a rules
	for i in {0..2000}; do
		rules+=('{"name": "ioctl", "action": "SCMP_ACT_ERRNO", "args": ['"$(condition 1 EQ "$i")"']}')
	done
	oci "$(IFS=, && echo "${rules[*]}")" >many
	refused 125 'more than 1024 conditions' jail --seccomp.oci=many
}

# libseccomp does not come back from the first of these sets, and loses the last rule.
@test "conditions of several rules for a call all hold" {
	oci '{"name": "getpriority", "action": "SCMP_ACT_LOG", "args": ['"$(condition 2 GE 3)"']},
		{"name": "getpriority", "action": "SCMP_ACT_ERRNO", "errno": "E2BIG",
			"args": ['"$(condition 0 GT 2), $(condition 1 LT 1)"']},
		{"name": "getpriority", "action": "SCMP_ACT_ERRNO", "errno": "ENOTTY",
			"args": ['"$(condition 0 GT 2), $(condition 2 GT 2)"']},
		{"name": "getppid", "action": "SCMP_ACT_ERRNO", "args": ['"$(condition 1 EQ 2)"']},
		{"name": "getppid", "action": "SCMP_ACT_ERRNO", "errno": "E2BIG",
			"args": [{"index": 0, "op": "SCMP_CMP_MASKED_EQ", "value": 3, "valueTwo": 3},
				'"$(condition 1 NE 2)"']}' >../p.json
	options='--seccomp.oci=../p.json'
	answer "$(number getpriority)" 3 0
	[ "$output" = 7 ]
	answer "$(number getpriority)" 3 1 3
	[ "$output" = 25 ]
	answer "$(number getppid)" 3 1
	[ "$output" = 7 ]
	answer "$(number getppid)" 2 1
	[ "$output" = False ]
}

@test "a JSON with unknown names is refused, with the nearest" {
	oci '{"names": ["read", "opne"], "action": "SCMP_ACT_LOG"}' >../p.json
	refused 125 'syscalls[0]: names[1]: unknown system call "opne"' jail --seccomp.oci=../p.json
	[[ $output == *'hint: did you mean "open"?'* ]]
	echo '{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X68"]}' >../p.json
	refused 125 'architectures[0]: unknown architecture "SCMP_ARCH_X68"' jail --seccomp.oci=../p.json
	oci '{"name": "read", "action": "SCMP_ACT_LOG", "includes": {"arches": ["amd46"]}}' >../p.json
	refused 125 'unknown architecture "amd46"' jail --seccomp.oci=../p.json
	oci '{"name": "read", "action": "SCMP_ACT_LOG", "excludes": {"caps": ["CAP_SYS_ADMN"]}}' >../p.json
	refused 125 'CAP_SYS_ADMN' jail --seccomp.oci=../p.json
	oci '{"name": "read", "action": "SCMP_ACT_LOG", "arguments": []}' >../p.json
	refused 125 '"arguments"' jail --seccomp.oci=../p.json
	oci '{"name": "read", "action": "SCMP_ACT_LOG", "args": [{"index": 0, "op": "SCMP_CMP_EG"}]}' >../p.json
	refused 125 'unknown operator "SCMP_CMP_EG"' jail --seccomp.oci=../p.json
	echo '{"defaultAction": "SCMP_ACT_ALOW"}' >../p.json
	refused 125 'unknown action "SCMP_ACT_ALOW"' jail --seccomp.oci=../p.json
	oci '{"name": "read", "action": "SCMP_ACT_NOTIFY"}' >../p.json
	refused 125 'SCMP_ACT_NOTIFY needs a listener' jail --seccomp.oci=../p.json
	oci '{"name": "\u001b[31m", "action": "SCMP_ACT_LOG"}' >../p.json
	refused 125 '"\x1b[31m"' jail --seccomp.oci=../p.json
}
