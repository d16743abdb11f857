#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What --explain says is what the kernel does, for every operation and by both gates. One policy a
# test; agreement.py says what is compared.

load ../cli/common

PODMAN=/usr/share/containers/seccomp.json

# agrees OPTION...: under the policy of these options.
agrees() {
	local ring=filtered
	[ "$VM_SERIES" != 7.0 ] || ring=blocked
	export JAIL
	run "$TOP/tests/vm/agreement.py" "$ring" "$@"
	echo "$output"
	[ "$status" = 0 ]
}

# policy NAME: a compiled filter, from policies.c.
policy() {
	"$TOP/build/tests/vm/policies" "$1" >../policy.bpf
}

@test "the gates agree under the default profile" {
	agrees
}

@test "the gates agree under protocol unix" {
	agrees --protocol=unix
}

@test "the gates agree where reading, writing and syncing by vector and offset is denied" {
	agrees --seccomp.drop=preadv,preadv2,pwritev2,fdatasync,sync_file_range,fallocate,ftruncate
}

@test "the gates agree where calls that name paths are denied" {
	agrees --seccomp.drop=openat2,newfstatat,renameat2,linkat,symlinkat,setxattr,fgetxattr
	agrees --seccomp=mkdirat,unlinkat,statx,renameat,fsetxattr,getxattr
}

@test "the gates agree where sending, receiving and serving is denied" {
	agrees --seccomp.drop=sendmmsg,recvmmsg,accept,listen,shutdown
	agrees --seccomp=sendto,recvfrom,bind,connect,accept4
}

@test "the gates agree where polling, futexes and timers are denied" {
	agrees --seccomp.drop=ppoll,epoll_ctl,epoll_pwait,futex_waitv,clock_nanosleep
	agrees --seccomp=epoll_wait,nanosleep,poll
}

@test "the gates agree where splicing, copying descriptors and waiting is denied" {
	agrees --seccomp.drop=splice,tee,dup,pipe2,waitid,madvise,fadvise64,ioctl
}

@test "the gates agree under a short list of what is allowed" {
	agrees --seccomp.keep=@basic-io,@process,@signal,@timer,futex,openat,fstat,pipe2,socketpair
}

@test "the gates agree under uring.allow with names from a file's group" {
	agrees --uring.allow=@file
}

@test "the gates agree where opaque operations are named" {
	agrees --uring.allow=@default,uring_cmd,uring_cmd128,msg_ring
	agrees --uring.allow=@default,uring_cmd,msg_ring --seccomp=dup,ioctl
}

@test "the gates agree under uring.deny by group and by name" {
	agrees --uring.deny=@path,@recv,@futex,@timeout,nop,splice
}

@test "the gates agree under uring.socket, beside protocol and without" {
	agrees --uring.socket=unix/stream,inet/dgram/udp,netlink
	agrees --protocol=unix,inet --uring.socket=unix,inet
}

@test "the gates agree under uring.open" {
	agrees --uring.open=read,create
	agrees --uring.open=read,write,resolve=beneath
}

@test "the gates agree under uring.connect" {
	agrees --uring.connect='127.0.0.1:5432,[::1]:5000-6000'
}

@test "the gates agree under Podman's policy" {
	agrees --seccomp.oci="$PODMAN"
	agrees --seccomp.oci="$PODMAN" --protocol=unix,netlink --uring.open=read
}

@test "the gates agree under a compiled filter that compares arguments, and kills and traps" {
	policy arguments
	agrees --seccomp.bpf=../policy.bpf
}

@test "the gates agree under a compiled list of what is allowed, by arguments" {
	policy allow-list
	agrees --seccomp.bpf=../policy.bpf
}

@test "the gates agree under a compiled filter of arguments that only calls show" {
	policy unseen
	agrees --seccomp.bpf=../policy.bpf
}
