// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/syscall_group.h"

#include <stddef.h>
#include <string.h>

/*
 * Groups that systemd and firejail have too hold what they hold there, but for what the comments
 * name. Being left out of a group takes nothing away: a call is named by itself, or by another
 * group, where it is wanted. Calls of other architectures and the 32-bit variants are not listed:
 * the filter lets no program use them.
 */
const struct syscall_group syscall_groups[] = {
	/*
	 * The allow-list for untrusted programs. Shells, compilers, interpreters, databases
	 * (System V shared memory, Linux aio) and network clients must run under it.
	 *
	 * Left out is every call of @always-denied, for the reasons there, and besides them:
	 *	clone and unshare with CLONE_NEW*, clone3: see @nesting
	 *	migrate_pages, move_pages, process_madvise, process_mrelease: others' memory
	 *	name_to_handle_at: of use with open_by_handle_at and fanotify only
	 *	vmsplice: puts pages into pipes that their owner can still change (CVE-2020-29374)
	 */
	{
		"@default",
		"what a program may call where its profile says nothing",
		"@aio\0"
		"@basic-io\0"
		"@chown\0"
		"@default-keep\0"
		"@file-system\0"
		"@info\0"
		"@io-event\0"
		"@ipc\0"
		"@memlock\0"
		"@memory\0"
		"@network-io\0"
		"@process\0"
		"@resources\0"
		"@sandbox\0"
		"@setuid\0"
		"@signal\0"
		"@sync\0"
		"@thread\0"
		"@timer\0"
		"copy_file_range\0"
		"ioctl\0"
		"sendfile\0"
		"splice\0"
		"tee\0",
	},

	/*
	 * Added to every seccomp.keep: without these no program gets to its main(), and none but
	 * execve reaches beyond the process itself. They are knowingly not enough for a dynamically
	 * linked program: openat, read and fstat reach files, so a profile has to name them.
	 *
	 * uretprobe and uprobe are not called by programs but by trampolines that the kernel puts
	 * into a process while an administrator traces it; a filter that denies them kills it.
	 *
	 * Left out: execveat, prctl, which firejail has here: its own launch needs them, ours does
	 * not.
	 */
	{
		"@default-keep",
		"what every program needs to start and to end",
		"arch_prctl\0"
		"brk\0"
		"execve\0"
		"exit\0"
		"exit_group\0"
		"mmap\0"
		"mprotect\0"
		"munmap\0"
		"restart_syscall\0"
		"rseq\0"
		"rt_sigreturn\0"
		"set_robust_list\0"
		"set_tid_address\0"
		"uprobe\0"
		"uretprobe\0",
	},

	/*
	 * Denied by seccomp.drop too, whatever it lists: each is a way out of a sandbox or into
	 * another process, or leads to kernel code that has been exploited again and again.
	 *
	 *	@clock: the clock is the host's
	 *	@cpu-emulation: modify_ldt, with a history of holes (CVE-2017-17053)
	 *	@debug: reads and changes other processes and takes their descriptors, rings too
	 *	@keyring: keys belong to the user, not to the jail, and hold secrets of the session
	 *	@module, @raw-io, @reboot, @swap: the machine itself
	 *	@mount: new mounts uncover what the jail covers
	 *	@obsolete: code that nobody uses and nobody reviews
	 *	acct, quotactl, quotactl_fd, syslog, vhangup: administration of the host
	 *	bpf: runs code in the kernel
	 *	fanotify_init, fanotify_mark: watch whole file systems, beyond the jail's mounts
	 *	listns, setns: find and enter namespaces that are not the jail's
	 *	open_by_handle_at: opens files that no path of the jail leads to
	 *	userfaultfd: stops the kernel in the middle of a copy, the standard aid for races
	 *
	 * Left out: process_madvise, which only advises and needs the right to trace its target;
	 * process_mrelease, which only hastens the end of what is dying; io_pgetevents, which is
	 * ordinary aio; name_to_handle_at, which opens nothing; unshare, for its harmless flags.
	 */
	{
		"@always-denied",
		"denied by seccomp.drop too, unless named with '!'",
		"@clock\0"
		"@cpu-emulation\0"
		"@debug\0"
		"@keyring\0"
		"@module\0"
		"@mount\0"
		"@obsolete\0"
		"@raw-io\0"
		"@reboot\0"
		"@swap\0"
		"acct\0"
		"bpf\0"
		"fanotify_init\0"
		"fanotify_mark\0"
		"listns\0"
		"open_by_handle_at\0"
		"quotactl\0"
		"quotactl_fd\0"
		"setns\0"
		"syslog\0"
		"userfaultfd\0"
		"vhangup\0",
	},

	/*
	 * What it takes to build a sandbox inside this one. The group is more than its calls: with
	 * it clone and unshare make new namespaces, and clone3 works, whose flags no filter can
	 * see. Naming those calls alone does not do that, so that a list of calls recorded from a
	 * program opens no namespaces by accident.
	 *
	 * Left out: clone, so that `seccomp.drop @nesting` leaves threads and fork;
	 * open_by_handle_at, keyctl, bpf, which some container engines use and none needs.
	 */
	{
		"@nesting",
		"a sandbox inside the sandbox: new namespaces and their mounts",
		"@mount\0"
		"@sandbox\0"
		"clone3\0"
		"listns\0"
		"lsm_set_self_attr\0"
		"setdomainname\0"
		"sethostname\0"
		"setns\0"
		"unshare\0",
	},

	{
		"@aio",
		"asynchronous input and output, Linux aio and io_uring",
		"@io-uring\0"
		"io_cancel\0"
		"io_destroy\0"
		"io_getevents\0"
		"io_pgetevents\0"
		"io_setup\0"
		"io_submit\0",
	},

	/* Left out: sendfile, splice and their like, as in systemd: they are in @splice. */
	{
		"@basic-io",
		"reading, writing, seeking, duplicating and closing descriptors",
		"close\0"
		"close_range\0"
		"dup\0"
		"dup2\0"
		"dup3\0"
		"lseek\0"
		"pread64\0"
		"preadv\0"
		"preadv2\0"
		"pwrite64\0"
		"pwritev\0"
		"pwritev2\0"
		"read\0"
		"readv\0"
		"write\0"
		"writev\0",
	},

	{
		"@chown",
		"changing the owner of files",
		"chown\0"
		"fchown\0"
		"fchownat\0"
		"lchown\0",
	},

	/* Left out: clock_gettime and its like, which only read: they are in @timer. */
	{
		"@clock",
		"setting the system's clock",
		"adjtimex\0"
		"clock_adjtime\0"
		"clock_settime\0"
		"settimeofday\0",
	},

	/* Left out: vm86 and subpage_prot, which these architectures do not have. */
	{
		"@cpu-emulation",
		"emulating other processors (Wine and DOSBox need it)",
		"modify_ldt\0",
	},

	/* process_vm_* is here and not in @ipc, where systemd has it: it is no consented exchange.
	 */
	{
		"@debug",
		"tracing, measuring and reaching into other processes",
		"kcmp\0"
		"lookup_dcookie\0"
		"perf_event_open\0"
		"pidfd_getfd\0"
		"process_vm_readv\0"
		"process_vm_writev\0"
		"ptrace\0",
	},

	{
		"@file-handle",
		"files by handle instead of by path",
		"name_to_handle_at\0"
		"open_by_handle_at\0",
	},

	{
		"@file-io",
		"files: @basic-io, @file-system, @splice and @sync",
		"@basic-io\0"
		"@file-system\0"
		"@splice\0"
		"@sync\0",
	},

	/*
	 * Left out: chown (@chown), file handles (@file-handle), mounts (@mount), fanotify, which
	 * sees more than the jail, ioctl, which is far more than files, and syncing (@sync).
	 * statmount and listmount tell what /proc/self/mountinfo tells.
	 */
	{
		"@file-system",
		"opening, listing, naming, changing and watching files",
		"access\0"
		"cachestat\0"
		"chdir\0"
		"chmod\0"
		"close\0"
		"creat\0"
		"faccessat\0"
		"faccessat2\0"
		"fadvise64\0"
		"fallocate\0"
		"fchdir\0"
		"fchmod\0"
		"fchmodat\0"
		"fchmodat2\0"
		"fcntl\0"
		"fgetxattr\0"
		"file_getattr\0"
		"file_setattr\0"
		"flistxattr\0"
		"flock\0"
		"fremovexattr\0"
		"fsetxattr\0"
		"fstat\0"
		"fstatfs\0"
		"ftruncate\0"
		"futimesat\0"
		"getcwd\0"
		"getdents\0"
		"getdents64\0"
		"getxattr\0"
		"getxattrat\0"
		"inotify_add_watch\0"
		"inotify_init\0"
		"inotify_init1\0"
		"inotify_rm_watch\0"
		"lgetxattr\0"
		"link\0"
		"linkat\0"
		"listmount\0"
		"listxattr\0"
		"listxattrat\0"
		"llistxattr\0"
		"lremovexattr\0"
		"lsetxattr\0"
		"lstat\0"
		"mkdir\0"
		"mkdirat\0"
		"mknod\0"
		"mknodat\0"
		"mmap\0"
		"munmap\0"
		"newfstatat\0"
		"open\0"
		"openat\0"
		"openat2\0"
		"readahead\0"
		"readlink\0"
		"readlinkat\0"
		"removexattr\0"
		"removexattrat\0"
		"rename\0"
		"renameat\0"
		"renameat2\0"
		"rmdir\0"
		"setxattr\0"
		"setxattrat\0"
		"stat\0"
		"statfs\0"
		"statmount\0"
		"statx\0"
		"symlink\0"
		"symlinkat\0"
		"truncate\0"
		"umask\0"
		"unlink\0"
		"unlinkat\0"
		"utime\0"
		"utimensat\0"
		"utimes\0",
	},

	/* Left out: syslog, which reads the host's kernel log. */
	{
		"@info",
		"what a process asks about itself and the machine",
		"capget\0"
		"getcpu\0"
		"getegid\0"
		"geteuid\0"
		"getgid\0"
		"getgroups\0"
		"getpgid\0"
		"getpgrp\0"
		"getpid\0"
		"getppid\0"
		"getrandom\0"
		"getresgid\0"
		"getresuid\0"
		"getrusage\0"
		"getsid\0"
		"gettid\0"
		"getuid\0"
		"sysinfo\0"
		"times\0"
		"uname\0",
	},

	{
		"@io-event",
		"waiting for descriptors: poll, select, epoll, eventfd",
		"epoll_create\0"
		"epoll_create1\0"
		"epoll_ctl\0"
		"epoll_pwait\0"
		"epoll_pwait2\0"
		"epoll_wait\0"
		"eventfd\0"
		"eventfd2\0"
		"poll\0"
		"ppoll\0"
		"pselect6\0"
		"select\0",
	},

	/* Allowed or not by `uring` alone; denying one of them blocks io_uring as a whole. */
	{
		"@io-uring",
		"the three calls of io_uring, which the `uring` directive governs",
		"io_uring_enter\0"
		"io_uring_register\0"
		"io_uring_setup\0",
	},

	/* Left out: process_vm_readv and process_vm_writev, see @debug. */
	{
		"@ipc",
		"pipes, System V IPC, POSIX message queues and memory files",
		"memfd_create\0"
		"mq_getsetattr\0"
		"mq_notify\0"
		"mq_open\0"
		"mq_timedreceive\0"
		"mq_timedsend\0"
		"mq_unlink\0"
		"msgctl\0"
		"msgget\0"
		"msgrcv\0"
		"msgsnd\0"
		"pipe\0"
		"pipe2\0"
		"semctl\0"
		"semget\0"
		"semop\0"
		"semtimedop\0"
		"shmat\0"
		"shmctl\0"
		"shmdt\0"
		"shmget\0",
	},

	{
		"@keyring",
		"the kernel's keyrings",
		"add_key\0"
		"keyctl\0"
		"request_key\0",
	},

	/* The groups that hold all others and all calls between them. */
	{
		"@known",
		"every system call of Linux 7.3",
		"@always-denied\0"
		"@default\0"
		"@file-handle\0"
		"@nesting\0"
		"@process-memory\0"
		"@splice\0",
	},

	/* All of it is counted under RLIMIT_MEMLOCK. */
	{
		"@memlock",
		"memory that is never swapped out, or hidden from the kernel",
		"memfd_secret\0"
		"mlock\0"
		"mlock2\0"
		"mlockall\0"
		"munlock\0"
		"munlockall\0",
	},

	/* Left out: userfaultfd (@always-denied), remap_file_pages (@obsolete). */
	{
		"@memory",
		"a process's own memory",
		"@pkey\0"
		"brk\0"
		"madvise\0"
		"map_shadow_stack\0"
		"membarrier\0"
		"mincore\0"
		"mmap\0"
		"mprotect\0"
		"mremap\0"
		"mseal\0"
		"munmap\0",
	},

	{
		"@module",
		"loading and unloading kernel modules",
		"delete_module\0"
		"finit_module\0"
		"init_module\0",
	},

	/* fchroot, of Linux 7.3, is chroot by descriptor. */
	{
		"@mount",
		"mounting, unmounting and changing the root",
		"chroot\0"
		"fchroot\0"
		"fsconfig\0"
		"fsmount\0"
		"fsopen\0"
		"fspick\0"
		"mount\0"
		"mount_setattr\0"
		"move_mount\0"
		"open_tree\0"
		"open_tree_attr\0"
		"pivot_root\0"
		"umount2\0",
	},

	{
		"@network",
		"sockets: another name of @network-io",
		"@network-io\0",
	},

	/* Which families socket() may use is up to `protocol`. */
	{
		"@network-io",
		"sockets of any kind, Unix sockets too",
		"accept\0"
		"accept4\0"
		"bind\0"
		"connect\0"
		"getpeername\0"
		"getsockname\0"
		"getsockopt\0"
		"listen\0"
		"recvfrom\0"
		"recvmmsg\0"
		"recvmsg\0"
		"sendmmsg\0"
		"sendmsg\0"
		"sendto\0"
		"setsockopt\0"
		"shutdown\0"
		"socket\0"
		"socketpair\0",
	},

	/* Left out: the many of 32-bit x86; time, utime and their like, which programs still use.
	 */
	{
		"@obsolete",
		"removed from the kernel, never in it, or superseded long ago",
		"_sysctl\0"
		"afs_syscall\0"
		"create_module\0"
		"epoll_ctl_old\0"
		"epoll_wait_old\0"
		"get_kernel_syms\0"
		"getpmsg\0"
		"nfsservctl\0"
		"putpmsg\0"
		"query_module\0"
		"remap_file_pages\0"
		"security\0"
		"sysfs\0"
		"tuxcall\0"
		"uselib\0"
		"ustat\0"
		"vserver\0",
	},

	{
		"@pkey",
		"memory protection keys (V8 and others use them to protect their code)",
		"pkey_alloc\0"
		"pkey_free\0"
		"pkey_mprotect\0",
	},

	/* Needs capabilities, or did when the call was made; in a jail most fail all the same. */
	{
		"@privileged",
		"what needs the super-user's capabilities",
		"@chown\0"
		"@clock\0"
		"@module\0"
		"@raw-io\0"
		"@reboot\0"
		"@swap\0"
		"_sysctl\0"
		"acct\0"
		"bpf\0"
		"capset\0"
		"chroot\0"
		"fanotify_init\0"
		"fanotify_mark\0"
		"nfsservctl\0"
		"open_by_handle_at\0"
		"pivot_root\0"
		"quotactl\0"
		"quotactl_fd\0"
		"setdomainname\0"
		"setfsuid\0"
		"setgroups\0"
		"sethostname\0"
		"setresuid\0"
		"setreuid\0"
		"setuid\0"
		"syslog\0"
		"vhangup\0",
	},

	/*
	 * Left out: setns, which enters namespaces that somebody else made. clone and unshare are
	 * here, but make no new namespaces unless @nesting is given as well; clone3 is answered
	 * with ENOSYS until then, upon which the C libraries use clone. personality changes nothing
	 * but the calling program's own view.
	 */
	{
		"@process",
		"making, running, waiting for and signalling processes",
		"arch_prctl\0"
		"capget\0"
		"clone\0"
		"clone3\0"
		"execve\0"
		"execveat\0"
		"exit\0"
		"exit_group\0"
		"fork\0"
		"getrusage\0"
		"kill\0"
		"personality\0"
		"pidfd_open\0"
		"pidfd_send_signal\0"
		"prctl\0"
		"rt_sigqueueinfo\0"
		"rt_tgsigqueueinfo\0"
		"setpgid\0"
		"setsid\0"
		"tgkill\0"
		"times\0"
		"tkill\0"
		"unshare\0"
		"vfork\0"
		"wait4\0"
		"waitid\0",
	},

	{
		"@process-memory",
		"the memory of other processes",
		"migrate_pages\0"
		"move_pages\0"
		"process_madvise\0"
		"process_mrelease\0"
		"process_vm_readv\0"
		"process_vm_writev\0",
	},

	{
		"@raw-io",
		"input and output ports",
		"ioperm\0"
		"iopl\0",
	},

	{
		"@reboot",
		"rebooting, and loading another kernel",
		"kexec_file_load\0"
		"kexec_load\0"
		"reboot\0",
	},

	/*
	 * Limits, priorities and placement, all bounded by what the launcher was given. Left out:
	 * migrate_pages and move_pages, which systemd has here, see @process-memory.
	 */
	{
		"@resources",
		"scheduling, priorities, limits and memory placement",
		"get_mempolicy\0"
		"getpriority\0"
		"getrlimit\0"
		"ioprio_get\0"
		"ioprio_set\0"
		"mbind\0"
		"prlimit64\0"
		"sched_get_priority_max\0"
		"sched_get_priority_min\0"
		"sched_getaffinity\0"
		"sched_getattr\0"
		"sched_getparam\0"
		"sched_getscheduler\0"
		"sched_rr_get_interval\0"
		"sched_setaffinity\0"
		"sched_setattr\0"
		"sched_setparam\0"
		"sched_setscheduler\0"
		"set_mempolicy\0"
		"set_mempolicy_home_node\0"
		"setpriority\0"
		"setrlimit\0",
	},

	/* They can only narrow. Left out: lsm_set_self_attr, which changes a label (@nesting). */
	{
		"@sandbox",
		"a program's own sandbox: seccomp and Landlock",
		"landlock_add_rule\0"
		"landlock_create_ruleset\0"
		"landlock_restrict_self\0"
		"lsm_get_self_attr\0"
		"lsm_list_modules\0"
		"seccomp\0",
	},

	/* With no capability and no_new_privs these only ever give up; capset the same. */
	{
		"@setuid",
		"changing user, group and capabilities of the process",
		"capset\0"
		"setfsgid\0"
		"setfsuid\0"
		"setgid\0"
		"setgroups\0"
		"setregid\0"
		"setresgid\0"
		"setresuid\0"
		"setreuid\0"
		"setuid\0",
	},

	/* Left out: sending signals, which is in @process. */
	{
		"@signal",
		"receiving signals",
		"pause\0"
		"rt_sigaction\0"
		"rt_sigpending\0"
		"rt_sigprocmask\0"
		"rt_sigreturn\0"
		"rt_sigsuspend\0"
		"rt_sigtimedwait\0"
		"sigaltstack\0"
		"signalfd\0"
		"signalfd4\0",
	},

	{
		"@splice",
		"moving data between descriptors inside the kernel",
		"copy_file_range\0"
		"sendfile\0"
		"splice\0"
		"tee\0"
		"vmsplice\0",
	},

	{
		"@swap",
		"switching swap on and off",
		"swapoff\0"
		"swapon\0",
	},

	{
		"@sync",
		"writing files and memory through to storage",
		"fdatasync\0"
		"fsync\0"
		"msync\0"
		"sync\0"
		"sync_file_range\0"
		"syncfs\0",
	},

	/* Left out, though systemd has them here: kcmp, userfaultfd, setns, @keyring, vmsplice. */
	{
		"@system-service",
		"what systemd calls so: here another name of @default",
		"@default\0",
	},

	/* Left out: clone, which makes threads, since it makes processes as well (@process). */
	{
		"@thread",
		"futexes and what the C library does for each thread",
		"futex\0"
		"futex_requeue\0"
		"futex_wait\0"
		"futex_waitv\0"
		"futex_wake\0"
		"get_robust_list\0"
		"get_thread_area\0"
		"gettid\0"
		"membarrier\0"
		"rseq\0"
		"rseq_slice_yield\0"
		"sched_yield\0"
		"set_robust_list\0"
		"set_thread_area\0"
		"set_tid_address\0",
	},

	/* Left out: setting the clock (@clock). */
	{
		"@timer",
		"reading clocks, sleeping, and timers",
		"alarm\0"
		"clock_getres\0"
		"clock_gettime\0"
		"clock_nanosleep\0"
		"getitimer\0"
		"gettimeofday\0"
		"nanosleep\0"
		"setitimer\0"
		"time\0"
		"timer_create\0"
		"timer_delete\0"
		"timer_getoverrun\0"
		"timer_gettime\0"
		"timer_settime\0"
		"timerfd_create\0"
		"timerfd_gettime\0"
		"timerfd_settime\0"
		"times\0",
	},

	{ NULL, NULL, NULL },
};

const struct syscall_group *syscall_group_find(const char *name)
{
	for (const struct syscall_group *group = syscall_groups; group->name; group++)
		if (!strcmp(group->name, name))
			return group;
	return NULL;
}

const char *syscall_group_next(const struct syscall_group *group, const char *member)
{
	member = member ? member + strlen(member) + 1 : group->members;
	return *member ? member : NULL;
}

/* Groups do not go in circles; a unit test follows every one to its end. */
void syscall_group_visit(const struct syscall_group *group, syscall_visit visit, void *context)
{
	for (const char *member = NULL; (member = syscall_group_next(group, member));)
		if (*member == '@')
			syscall_group_visit(syscall_group_find(member), visit, context);
		else
			visit(context, member);
}

void syscall_names_visit(syscall_visit visit, void *context)
{
	for (const struct syscall_group *group = syscall_groups; group->name; group++)
		visit(context, group->name);
	syscall_group_visit(syscall_group_find("@known"), visit, context);
}
