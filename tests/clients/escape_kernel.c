// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Devices, files of the kernel's, keys, and descriptors that somebody left open. System calls that
 * no jail lets through are hostile.c's.
 */
#include <fcntl.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include "escape.h"

static int act_read(struct attack *attack, const char *path)
{
	return attack_open(attack, AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static int act_write(struct attack *attack, const char *path)
{
	return attack_open(attack, AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
}

/* Made where the program may write, and opened. */
static int make_node(struct attack *attack, mode_t type, unsigned int major, unsigned int minor)
{
	const char *path = OWN "node";
	int ret;

	unlink(path);
	ret = outcome(mknod(path, type | 0600, makedev(major, minor)));
	return ret < 0 ? ret : act_read(attack, path);
}

static int act_node_mem(struct attack *attack, const char *word)
{
	(void)word;
	return make_node(attack, S_IFCHR, 1, 1);
}

static int act_node_kmsg(struct attack *attack, const char *word)
{
	(void)word;
	return make_node(attack, S_IFCHR, 1, 11);
}

/* The first of a virtual machine. */
static int act_node_disk(struct attack *attack, const char *word)
{
	(void)word;
	return make_node(attack, S_IFBLK, 254, 0);
}

/* Every terminal but those that the jail has made itself, which are none. */
static int act_terminals(struct attack *attack, const char *prefix)
{
	int last = -ENOENT;
	char path[64];

	for (int number = 0; number < 64 && last < 0; number++) {
		int ret;

		snprintf(path, sizeof(path), "%s%d", prefix, number);
		ret = act_read(attack, path);
		last = ret == -ENOENT ? last : ret;
	}
	return last;
}

/* The other side of the terminal on standard input, whose index is the same in every devpts. */
static int act_terminal_master(struct attack *attack, const char *word)
{
	int master = attack_open(attack, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct stat mine, theirs;

	(void)word;
	if (master < 0)
		return master;
	if (fstat(STDIN_FILENO, &theirs) < 0 || unlockpt(master) < 0 ||
	    stat(ptsname(master), &mine) < 0)
		return -errno;
	return mine.st_dev == theirs.st_dev ? 0 : -ENODEV;
}

static int act_tiocsti(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(ioctl(STDIN_FILENO, TIOCSTI, "\n"));
}

/* --- the kernel's own files --- */

/* A crash, of a child: whether that leaves a core, and where, the test looks. */
static int act_core(struct attack *attack, const char *word)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int status;
	pid_t pid;

	(void)attack;
	(void)word;
	if (setrlimit(RLIMIT_CORE, &unlimited) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		signal(SIGQUIT, SIG_DFL);
		raise(SIGQUIT);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -errno;
	return WCOREDUMP(status) ? 0 : -ENODATA;
}

/* --- keys: one that is in the session's keyring, and one of the user's --- */

static int read_key(long key)
{
	char text[sizeof(SECRET)] = { 0 };

	if (key < 0 || syscall(SYS_keyctl, KEYCTL_READ, key, text, strlen(SECRET)) < 0)
		return -errno;
	return strcmp(text, SECRET) ? -ENODATA : 0;
}

static int act_session_key(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return read_key(
		syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "escape", 0));
}

static int act_request_key(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return read_key(syscall(SYS_request_key, "user", "escape", NULL, 0));
}

/* The number is told, or guessed: there are 2^31. */
static int act_user_keyring(struct attack *attack, const char *word)
{
	long keyring = escape_number("KEYRING");

	(void)attack;
	(void)word;
	return outcome(syscall(SYS_keyctl, KEYCTL_LINK, keyring, KEY_SPEC_PROCESS_KEYRING));
}

/* What keys are called, which says a lot about what they are for. */
static int act_key_names(struct attack *attack, const char *path)
{
	int fd = attack_open(attack, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	char line[256];
	FILE *keys;
	int ret = -ENODATA;

	if (fd < 0)
		return fd;
	keys = fdopen(fd, "r");
	while (keys && fgets(line, sizeof(line), keys))
		if (strstr(line, " escape: "))
			ret = 0;
	return ret;
}

static int act_add_key(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(syscall(SYS_add_key, "user", "other", "x", 1UL, KEY_SPEC_SESSION_KEYRING));
}

/* --- descriptors that were open where the launcher was started: see escape.py --- */

enum {
	FOLDER = 40,
	FILE_READ = 41,
	PROCESS = 42,
	RING = 43,
	MOUNT = 44,
	MAPPED = 45,
};

static int act_folder(struct attack *attack, const char *word)
{
	(void)word;
	return reveal(attack, attack_open(attack, FOLDER, "secret", O_RDONLY | O_CLOEXEC));
}

static int act_folder_by_proc(struct attack *attack, const char *word)
{
	(void)word;
	return reveal_path(attack, "/proc/self/fd/40/secret");
}

static int act_mount(struct attack *attack, const char *word)
{
	(void)word;
	return reveal(attack, attack_open(attack, MOUNT, "secret", O_RDONLY | O_CLOEXEC));
}

static int act_file(struct attack *attack, const char *word)
{
	(void)word;
	return reveal(attack, FILE_READ);
}

static int act_process(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(syscall(SYS_pidfd_send_signal, PROCESS, SIGURG, NULL, 0));
}

static int act_enter_ring(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return outcome(syscall(SYS_io_uring_enter, RING, 0, 0, 0, NULL, 0));
}

/* A descriptor into a ring outside, from where somebody may take it out again. */
static int act_message_ring(struct attack *attack, const char *word)
{
	(void)word;
	return ring_run(attack->ring, REQUEST(.opcode = OP_MSG_RING, .fd = RING, .off = 1));
}

static int act_map(struct attack *attack, const char *word)
{
	(void)attack;
	(void)word;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, MAPPED, 0) == MAP_FAILED
		       ? -errno
		       : 0;
}

const struct attempt inherited_attempts[] = {
	{ "folder", act_folder, NULL, BOTH },
	{ "folder-by-proc", act_folder_by_proc, NULL, BOTH },
	{ "mount", act_mount, NULL, BOTH },
	{ "file", act_file, NULL, BOTH },
	{ "process", act_process, NULL, BY_CALL },
	{ "ring", act_enter_ring, NULL, BY_CALL },
	{ "message-ring", act_message_ring, NULL, BY_RING },
	{ "mapped", act_map, NULL, BY_CALL },
	{ 0 },
};

const struct attempt device_attempts[] = {
	{ "mem", act_read, "/dev/mem", BOTH },
	{ "kmsg", act_read, "/dev/kmsg", BOTH },
	{ "port", act_read, "/dev/port", BOTH },
	{ "kvm", act_read, "/dev/kvm", BOTH },
	{ "fuse", act_read, "/dev/fuse", BOTH },
	{ "tun", act_read, "/dev/net/tun", BOTH },
	{ "loop", act_read, "/dev/loop-control", BOTH },
	{ "vhost", act_read, "/dev/vhost-vsock", BOTH },
	{ "hpet", act_read, "/dev/hpet", BOTH },
	{ "disk", act_read, "/dev/vda", BOTH },
	{ "console", act_read, "/dev/console", BOTH },
	{ "virtual-terminal", act_terminals, "/dev/tty", BOTH },
	{ "pseudo-terminal", act_terminals, "/dev/pts/", BOTH },
	{ "planted", act_read, OWN "planted-device", BOTH },
	{ "node-mem", act_node_mem, NULL, BOTH },
	{ "node-kmsg", act_node_kmsg, NULL, BOTH },
	{ "node-disk", act_node_disk, NULL, BOTH },
	{ 0 },
};

const struct attempt terminal_attempts[] = {
	{ "tiocsti", act_tiocsti, NULL, BY_CALL },
	{ "master", act_terminal_master, NULL, BOTH },
	{ 0 },
};

const struct attempt kernel_attempts[] = {
	{ "core-pattern", act_write, "/proc/sys/kernel/core_pattern", BOTH },
	{ "modprobe", act_write, "/proc/sys/kernel/modprobe", BOTH },
	{ "ptrace-scope", act_write, "/proc/sys/kernel/yama/ptrace_scope", BOTH },
	{ "user-namespaces", act_write, "/proc/sys/user/max_user_namespaces", BOTH },
	{ "forwarding", act_write, "/proc/sys/net/ipv4/ip_forward", BOTH },
	{ "sysrq", act_write, "/proc/sysrq-trigger", BOTH },
	{ "kcore", act_read, "/proc/kcore", BOTH },
	{ "kmsg", act_read, "/proc/kmsg", BOTH },
	{ "uevent-helper", act_write, "/sys/kernel/uevent_helper", BOTH },
	{ "power", act_write, "/sys/power/state", BOTH },
	{ "cgroup", act_write, "/sys/fs/cgroup/cgroup.procs", BOTH },
	{ "release-agent", act_write, "/sys/fs/cgroup/release_agent", BOTH },
	{ "debugfs", act_read, "/sys/kernel/debug", BOTH },
	{ "setgroups", act_write, "/proc/self/setgroups", BOTH },
	{ 0 },
};

const struct attempt key_attempts[] = {
	{ "session-key", act_session_key, NULL, BY_CALL },
	{ "request-key", act_request_key, NULL, BY_CALL },
	{ "user-keyring", act_user_keyring, NULL, BY_CALL },
	{ "add-key", act_add_key, NULL, BY_CALL },
	{ "key-names", act_key_names, "/proc/keys", BOTH },
	{ 0 },
};

const struct attempt core_attempts[] = {
	{ "core", act_core, NULL, BY_CALL },
	{ 0 },
};
