#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel's own interfaces: system calls that no program in a jail has a use for, files of /proc
# and /sys, keys, and core files.

load escape

# Those that fail at their arguments (see tests/clients/hostile.c), and ways to namespaces.
dangerous=(acct add_key adjtimex bpf clock_adjtime clock_settime clone-user delete_module
	fanotify_init finit_module fsconfig fsopen init_module kcmp kexec_file_load kexec_load keyctl
	mount mount_setattr move_mount move_pages open_by_handle_at open_tree perf_event_open
	pidfd_getfd pivot_root process_madvise process_vm_readv ptrace quotactl reboot request_key
	setns settimeofday swapon syslog umount2 unshare-user userfaultfd vmsplice)
[ "$(uname -m)" != x86_64 ] || dangerous+=(ioperm iopl modify_ldt)

# As words for the client: call NAME -- call NAME...
dangerous_calls() {
	local call
	for call in "${dangerous[@]}"; do
		printf '%s\n' call "$call" --
	done | sed '$d'
}

@test "outside of a jail, dangerous system calls get as far as this user may go" {
	mapfile -t words < <(dangerous_calls)
	run "$CLIENTS/try" "${words[@]}"
	echo "$output"
	local call
	for call in bpf mount keyctl process_vm_readv ptrace setns umount2 vmsplice; do
		[[ $'\n'$output == *$'\n'"call $call: ok"* ]]
	done
}

@test "dangerous system calls are denied" {
	mapfile -t words < <(dangerous_calls)
	run jail --whitelist-ro="$CLIENTS" "$CLIENTS/try" "${words[@]}"
	echo "$output"
	[ "$(grep -c ': EPERM' <<<"$output")" = ${#dangerous[@]} ]
	run jail "${strict[@]}" --whitelist-ro="$CLIENTS" "$CLIENTS/try" "${words[@]}"
	echo "$output"
	[ "$(grep -c ': EPERM' <<<"$output")" = ${#dangerous[@]} ]
}

@test "calls whose arguments no filter sees, and of other architectures, are not there" {
	run jail --whitelist-ro="$CLIENTS" "$CLIENTS/try" call clone3-user
	[[ $output == *': ENOSYS'* ]]
	[ "$(uname -m)" = x86_64 ] || return 0
	run jail --whitelist-ro="$CLIENTS" "$CLIENTS/try" call int80 socket
	echo "$output"
	[[ $output == *': KILLED-SIG'* ]]
	run jail --whitelist-ro="$CLIENTS" "$CLIENTS/try" call x32 socket
	[[ $output == *': KILLED-SIGSYS'* ]]
}

@test "a system call newer than the list is ENOSYS" {
	run jail --whitelist-ro="$CLIENTS" "$CLIENTS/try" call unknown-syscall
	echo "$output"
	[[ $output == *': ENOSYS'* ]]
}

kernel_outcomes() {
	outcomes <<-'TABLE'
		core-pattern        EROFS|EACCES|ENOENT ENOENT
		modprobe            EROFS|EACCES|ENOENT ENOENT
		ptrace-scope        EROFS|EACCES|ENOENT ENOENT
		user-namespaces     EROFS|EACCES|ENOENT ENOENT
		forwarding          EROFS|EACCES|ENOENT ENOENT
		sysrq               EROFS|EACCES|ENOENT ENOENT
		kcore               EROFS|EACCES|ENOENT ENOENT
		kmsg                EROFS|EACCES|ENOENT ENOENT
		uevent-helper       EROFS|EACCES|ENOENT ENOENT
		power               EROFS|EACCES|ENOENT ENOENT
		cgroup              EROFS|EACCES|ENOENT ENOENT
		release-agent       EROFS|EACCES|ENOENT ENOENT
		debugfs             EROFS|EACCES|ENOENT ENOENT
		setgroups           EROFS|EACCES|ENOENT ENOENT
	TABLE
}

@test "outside of a jail, root changes the kernel's settings" {
	[ -w /proc/sys/kernel/core_pattern ] || skip 'this is not root'
	run "$CLIENTS/escape" kernel core-pattern
	works
}

@test "settings and files of the kernel's can be neither changed nor read" {
	in_default -- kernel
	kernel_outcomes
	in_strict -- kernel
	kernel_outcomes
}

key_outcomes() {
	outcomes <<-'TABLE'
		session-key         EPERM
		request-key         EPERM
		user-keyring        EPERM
		add-key             EPERM
		key-names           EACCES          ENOENT
	TABLE
}

# Kernels without keys have none to lose.
needs_keys() {
	"$CLIENTS/escape" with-keys true || skip 'there are no keys here'
	prefix=("$CLIENTS/escape" with-keys)
}

@test "outside of a jail, the session's and the user's keys are read" {
	needs_keys
	run "${prefix[@]}" "$CLIENTS/escape" keys
	works
}

@test "the session's and the user's keys are out of reach" {
	needs_keys
	in_default -- keys
	key_outcomes
	in_strict -- keys
	key_outcomes
	# Who asks for them gets them.
	in_default '--seccomp=!@keyring' -- keys
	works key-names
}

@test "a policy from elsewhere does not open the user's keys" {
	needs_keys
	echo '{"defaultAction": "SCMP_ACT_ALLOW"}' >"$BATS_TEST_TMPDIR/all.json"
	in_default --seccomp.oci="$BATS_TEST_TMPDIR/all.json" --restrict-namespaces -- keys
	key_outcomes
}

@test "a core file is written where the program may write, and nowhere else" {
	[ "${VM_USER-}" = root ] || skip 'this takes a machine of the test'"'"'s own'
	echo "$ESCAPE_OUTSIDE/core" >/proc/sys/kernel/core_pattern
	in_default -- core
	[ "$output" = 'core call: ENODATA' ]
	unchanged
	run "$CLIENTS/escape" core
	echo core >/proc/sys/kernel/core_pattern
	[ "$output" = 'core call: ok' ]
	[ -e "$ESCAPE_OUTSIDE/core" ] || ls "$ESCAPE_OUTSIDE"/core.*
}
