#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Devices, by name and by number, and the terminal.

load escape

# A device node that was left in the working folder, if this user can.
plant_device() {
	[ "$(id -u)" != 0 ] || mknod box/planted-device c 1 11
}

device_outcomes() {
	outcomes <<-'TABLE'
		mem                 ENOENT
		kmsg                ENOENT
		port                ENOENT
		kvm                 ENOENT
		fuse                ENOENT
		tun                 ENOENT
		loop                ENOENT
		vhost               ENOENT
		hpet                ENOENT
		disk                ENOENT
		console             ENOENT
		virtual-terminal    ENOENT
		pseudo-terminal     ENOENT
		planted             EACCES|ENOENT
		node-mem            EPERM
		node-kmsg           EPERM
		node-disk           EPERM
	TABLE
}

@test "outside of a jail, root opens devices" {
	[ "$(id -u)" = 0 ] || skip 'this is not root'
	plant_device
	run "$CLIENTS/escape" devices
	echo "$output"
	[[ $output == *'kmsg call: ok'* ]]
	findmnt -no OPTIONS -T box | grep -qw nodev || [[ $output == *'planted call: ok'*'node-kmsg call: ok'* ]]
}

@test "default profile: no device is opened or made" {
	plant_device
	in_default -- devices
	device_outcomes
}

@test "strictest profile: no device is opened or made" {
	plant_device
	in_strict -- devices
	device_outcomes
}

@test "/dev has harmless devices only" {
	run jail sh -c 'cd /dev && ls -A'
	echo "$output"
	[ "$status" = 0 ]
	local device
	for device in $output; do
		case $device in
		null | zero | full | random | urandom | tty | console | pts | ptmx | shm | fd | stdin | \
			stdout | stderr | mqueue | core) ;;
		*) false ;;
		esac
	done
	jail sh -c 'echo x >/dev/null && head -c 1 /dev/urandom >/dev/null'
}

on_terminal() {
	run python3 "$TOP/tests/escape/on_terminal.py" "$@"
}

@test "outside of a jail, the terminal's other side is opened by its number" {
	on_terminal "$CLIENTS/escape" terminal
	echo "$output"
	[[ $output == *'master call: ok'* ]]
	# There are kernels that do not have it any more.
	[ "$(cat /proc/sys/dev/tty/legacy_tiocsti 2>/dev/null)" = 0 ] || [[ $output == *'tiocsti call: ok'* ]]
}

@test "characters cannot be pushed into the terminal, nor its other side be opened" {
	on_terminal "$JAIL" -q --whitelist-ro="$CLIENTS" "$CLIENTS/escape" terminal
	outcomes <<-'TABLE'
		tiocsti             EPERM
		master              ENODEV
	TABLE
	on_terminal "$JAIL" -q "${strict[@]}" --whitelist-ro="$CLIENTS" "$CLIENTS/escape" terminal
	outcomes <<-'TABLE'
		tiocsti             EPERM
		master              ENOENT
	TABLE
}

@test "a command of 64 bits does not pass by what holds the terminal" {
	local command
	for command in tiocsti tiocsti-high tioclinux; do
		run jail --whitelist-ro="$CLIENTS" "$CLIENTS/try" call "$command"
		echo "$output"
		[[ $output == *': EPERM' ]]
	done
}
