#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files outside of what the plan shows, by every trick with paths.

load escape

# Of attempts on files the standard input is one that may be read, and not written.
give_input() {
	cp "$ESCAPE_OUTSIDE/secret" "$BATS_TEST_TMPDIR/input"
	exec <"$BATS_TEST_TMPDIR/input"
}

file_outcomes() {
	outcomes <<-'TABLE'
		absolute            ENOENT
		openat2             ENOENT
		dotdot              ENOENT
		cwd-dotdot          ENOENT
		root-dotdot         ENOENT
		self-root           ENOENT
		self-cwd            ENOENT
		thread-root         ENOENT
		init-root           EACCES          ENOENT
		init-cwd            EACCES          ENOENT
		init-task-root      EACCES          ENOENT
		init-fd             EACCES          ENOENT
		victim-root         ENOENT
		victim-cwd          ENOENT
		victim-fd           ENOENT
		planted-absolute    ENOENT
		planted-relative    ENOENT
		planted-folder      ENOENT
		planted-proc        ENOENT
		link-absolute       ENOENT
		link-relative       ENOENT
		link-self-root      ENOENT
		link-of-link        ENOENT
		statx               ENOENT
		access              ENOENT
		getxattr            ENOENT
		setxattr            ENOENT
		unlink              ENOENT
		steal               ENOENT
		exchange            ENOENT
		rename-over         ENOENT
		hard-link           ENOENT
		mkdir               ENOENT
		symlink             ENOENT
		create              ENOENT
		fifo                ENOENT          EPERM
		write               ENOENT
		truncate            ENOENT
		chmod               ENOENT
		chown               ENOENT          EPERM
		utimes              ENOENT
		inotify             ENOENT
		chdir               ENOENT
		list                ENOENT
		execute             ENOENT
		name-handle         EPERM
		masked-open         EACCES
		masked-openat2      EACCES
		masked-self-root    EACCES          ENOENT
		masked-from-folder  EACCES
		masked-reopen       EACCES          ENOENT
		masked-link         EACCES
		masked-statx        ENODATA
		masked-access       EACCES
		masked-steal        EBUSY
		masked-exchange     EBUSY
		masked-rename-over  EBUSY
		masked-hard-link    EXDEV
		masked-unlink       EBUSY
		masked-write        EACCES
		masked-truncate     EACCES
		masked-chmod        EROFS
		masked-setxattr     EROFS
		masked-execute      EACCES
		hidden-open         EACCES
		hidden-list         EACCES
		hidden-chdir        EACCES
		hidden-create       EACCES
		hidden-steal        EXDEV
		hidden-rmdir        EBUSY
		hidden-chown        EROFS           EPERM
		hidden-move-around  EBUSY           EROFS
		shown-write         EROFS
		shown-truncating    EROFS
		shown-truncate      EROFS
		shown-reopen        EROFS           ENOENT
		shown-link-write    EXDEV
		shown-rename-over   EXDEV
		shown-exchange      EXDEV
		shown-unlink        EROFS
		shown-create        EROFS
		shown-tmpfile       EROFS           ENOENT
		shown-mkdir         EROFS
		shown-symlink       EROFS
		shown-fifo          EROFS           EPERM
		shown-chmod         EROFS
		shown-chown         EROFS           EPERM
		shown-utimes        EROFS
		shown-move-around   EBUSY           EROFS
		shown-setxattr      EROFS
		stdin-write         EACCES          ENOENT
	TABLE
}

@test "outside of a jail, each attempt on files gets what it is after" {
	victim
	give_input
	run "$CLIENTS/escape" -r files
	# The machine's own first process is out of its reach as well.
	works init-root init-cwd init-task-root init-fd
}

@test "default profile: no file outside, masked or to be read only is reached" {
	victim
	give_input
	in_default -- files
	file_outcomes
	unchanged
}

@test "strictest profile: no file outside, masked or to be read only is reached" {
	victim
	give_input
	in_strict -- files
	file_outcomes
	unchanged
}

mount_outcomes() {
	outcomes <<-'TABLE'
		handle              EPERM
		bind-around         EPERM
		open-tree           EPERM
		umount              EPERM
		move-mount          EPERM
		remount             EPERM
		mount-setattr       EPERM
		fsopen              EPERM
		fspick              EPERM
		chroot              EPERM
		pivot-root          EPERM
		unshare             EPERM
		setns               EPERM           ENOENT
	TABLE
}

# TYPE:BYTES of the file's handle, as open_by_handle_at(2) takes it.
handle_of() {
	python3 - "$1" <<-'END'
		import ctypes, os, struct, sys
		handle = ctypes.create_string_buffer(8 + 128)
		handle[0:4] = struct.pack("I", 128)
		libc = ctypes.CDLL(None, use_errno=True)
		mount = ctypes.c_int()
		if libc.name_to_handle_at(-100, os.fsencode(sys.argv[1]), handle, ctypes.byref(mount), 0):
		    sys.exit(os.strerror(ctypes.get_errno()))
		size, kind = struct.unpack("Ii", handle[0:8])
		print(f"{kind}:{handle[8:8 + size].hex()}")
	END
}

@test "no mount, root or handle uncovers a file" {
	ESCAPE_HANDLE=$(handle_of "$ESCAPE_OUTSIDE/secret")
	export ESCAPE_HANDLE
	in_default -- mounts
	mount_outcomes
	in_strict -- mounts
	mount_outcomes
	unchanged
	[ "$(id -u)" != 0 ] || [ "$("$CLIENTS/escape" mounts handle)" = 'handle call: ok' ]
}

@test "with the right to mount, mounts do" {
	in_default '--seccomp=!@nesting' --read-only="$PWD" --caps.keep=sys_admin,sys_chroot -- mounts
	echo "$output"
	local name
	for name in open-tree umount fsopen setns; do
		[[ $'\n'$output == *$'\n'"$name call: ok"* ]]
	done
}
