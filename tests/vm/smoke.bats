# SPDX-License-Identifier: LGPL-2.1-or-later
#
# That the test bench is what the other tests take it for. Run by vm.

@test "the kernel is of the series that was asked for" {
	[[ $(uname -r) == "$VM_SERIES".* ]]
}

@test "the program runs as the user that was asked for" {
	[ "$(id -un)" = "${VM_USER/user/tester}" ]
}

@test "the kernel has io_uring filters: registering none at all is EFAULT" {
	python3 - <<-'END'
		import ctypes, errno
		libc = ctypes.CDLL(None, use_errno=True)
		SYS_io_uring_register, REGISTER_BPF_FILTER, PR_SET_NO_NEW_PRIVS = 427, 37, 38
		assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
		assert libc.syscall(SYS_io_uring_register, -1, REGISTER_BPF_FILTER, None, 1) == -1
		assert ctypes.get_errno() == errno.EFAULT, errno.errorcode[ctypes.get_errno()]
	END
}

@test "the ordinary user has no capability" {
	[ "$VM_USER" != root ] || skip "root has them all"
	grep -qx 'CapPrm:\s0*' /proc/self/status
}

@test "a user namespace can be made" {
	unshare --user --map-root-user true
}
