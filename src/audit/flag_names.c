// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/flag_names.h"

#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/memfd.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "policy/names.h"

/* What has several bits stands before what has some of them. */

#define ENTRY(flag)                                                                                \
	{                                                                                          \
#flag, (uint64_t)(flag)                                                            \
	}

/* The access mode is no set of bits: it comes first, see flag_next(). */
static const struct name open_flags[] = {
	{ "O_TMPFILE", __O_TMPFILE | O_DIRECTORY },
	{ "O_SYNC", __O_SYNC | O_DSYNC },
	ENTRY(O_DSYNC),
	ENTRY(O_CREAT),
	ENTRY(O_EXCL),
	ENTRY(O_NOCTTY),
	ENTRY(O_TRUNC),
	ENTRY(O_APPEND),
	ENTRY(O_NONBLOCK),
	{ "O_ASYNC", FASYNC },
	ENTRY(O_DIRECT),
	ENTRY(O_DIRECTORY),
	ENTRY(O_NOFOLLOW),
	ENTRY(O_NOATIME),
	ENTRY(O_CLOEXEC),
	ENTRY(O_PATH),
	ENTRY(O_LARGEFILE),
	{ NULL, 0 },
};

static const struct name at_flags[] = {
	ENTRY(AT_SYMLINK_NOFOLLOW),
	ENTRY(AT_SYMLINK_FOLLOW),
	ENTRY(AT_NO_AUTOMOUNT),
	ENTRY(AT_EMPTY_PATH),
	ENTRY(AT_STATX_FORCE_SYNC),
	ENTRY(AT_STATX_DONT_SYNC),
	{ NULL, 0 },
};

static const struct name access_flags[] = {
	{ "AT_EACCESS", 0x200 },
	ENTRY(AT_SYMLINK_NOFOLLOW),
	ENTRY(AT_EMPTY_PATH),
	{ NULL, 0 },
};

static const struct name unlink_flags[] = {
	{ "AT_REMOVEDIR", 0x200 },
	{ NULL, 0 },
};

static const struct name rename_flags[] = {
	ENTRY(RENAME_NOREPLACE),
	ENTRY(RENAME_EXCHANGE),
	ENTRY(RENAME_WHITEOUT),
	{ NULL, 0 },
};

static const struct name message_flags[] = {
	ENTRY(MSG_OOB),	     ENTRY(MSG_PEEK),	  ENTRY(MSG_DONTROUTE),	   ENTRY(MSG_TRUNC),
	ENTRY(MSG_DONTWAIT), ENTRY(MSG_EOR),	  ENTRY(MSG_WAITALL),	   ENTRY(MSG_CONFIRM),
	ENTRY(MSG_ERRQUEUE), ENTRY(MSG_NOSIGNAL), ENTRY(MSG_MORE),	   ENTRY(MSG_WAITFORONE),
	ENTRY(MSG_ZEROCOPY), ENTRY(MSG_FASTOPEN), ENTRY(MSG_CMSG_CLOEXEC), { NULL, 0 },
};

static const struct name socket_flags[] = {
	ENTRY(SOCK_CLOEXEC),
	ENTRY(SOCK_NONBLOCK),
	{ NULL, 0 },
};

/* pipe2, dup3, eventfd2, epoll_create1 and their like. */
static const struct name descriptor_flags[] = {
	ENTRY(O_CLOEXEC),
	ENTRY(O_NONBLOCK),
	ENTRY(O_DIRECT),
	{ NULL, 0 },
};

static const struct name clone_flags[] = {
	ENTRY(CLONE_NEWNS),
	ENTRY(CLONE_NEWCGROUP),
	ENTRY(CLONE_NEWUTS),
	ENTRY(CLONE_NEWIPC),
	ENTRY(CLONE_NEWUSER),
	ENTRY(CLONE_NEWPID),
	ENTRY(CLONE_NEWNET),
	ENTRY(CLONE_VM),
	ENTRY(CLONE_FS),
	ENTRY(CLONE_FILES),
	ENTRY(CLONE_SIGHAND),
	ENTRY(CLONE_PIDFD),
	ENTRY(CLONE_PTRACE),
	ENTRY(CLONE_VFORK),
	ENTRY(CLONE_PARENT),
	ENTRY(CLONE_THREAD),
	ENTRY(CLONE_SYSVSEM),
	ENTRY(CLONE_SETTLS),
	ENTRY(CLONE_UNTRACED),
	ENTRY(CLONE_PARENT_SETTID),
	ENTRY(CLONE_CHILD_CLEARTID),
	ENTRY(CLONE_IO),
	ENTRY(CLONE_CHILD_SETTID),
	ENTRY(CLONE_DETACHED),
	{ NULL, 0 },
};

static const struct name mount_flags[] = {
	ENTRY(MS_RDONLY),  ENTRY(MS_NOSUID),	 ENTRY(MS_NODEV),    ENTRY(MS_NOEXEC),
	ENTRY(MS_REMOUNT), ENTRY(MS_NOATIME),	 ENTRY(MS_BIND),     ENTRY(MS_MOVE),
	ENTRY(MS_REC),	   ENTRY(MS_PRIVATE),	 ENTRY(MS_SLAVE),    ENTRY(MS_SHARED),
	ENTRY(MS_SILENT),  ENTRY(MS_UNBINDABLE), ENTRY(MS_RELATIME), { NULL, 0 },
};

static const struct name umount_flags[] = {
	{ "MNT_FORCE", 1 },	  { "MNT_DETACH", 2 }, { "MNT_EXPIRE", 4 },
	{ "UMOUNT_NOFOLLOW", 8 }, { NULL, 0 },
};

static const struct name memfd_flags[] = {
	ENTRY(MFD_CLOEXEC),	  ENTRY(MFD_ALLOW_SEALING), ENTRY(MFD_HUGETLB),
	{ "MFD_NOEXEC_SEAL", 8 }, { "MFD_EXEC", 16 },	    { NULL, 0 },
};

/* A name that ends with '*' is the beginning of several. */
static const struct {
	const char *operation;
	const struct name *table;
} tables[] = {
	{ "open", open_flags },
	{ "openat", open_flags },
	{ "openat2", open_flags },
	{ "creat", open_flags },
	{ "mq_open", open_flags },
	{ "faccessat2", access_flags },
	{ "unlinkat", unlink_flags },
	{ "renameat", rename_flags },
	{ "renameat2", rename_flags },
	{ "send*", message_flags },
	{ "recv*", message_flags },
	{ "socket*", socket_flags },
	{ "accept*", socket_flags },
	{ "pipe*", descriptor_flags },
	{ "dup3", descriptor_flags },
	{ "eventfd2", descriptor_flags },
	{ "signalfd4", descriptor_flags },
	{ "epoll_create1", descriptor_flags },
	{ "inotify_init1", descriptor_flags },
	{ "timerfd_create", descriptor_flags },
	{ "userfaultfd", descriptor_flags },
	{ "clone", clone_flags },
	{ "unshare", clone_flags },
	{ "mount", mount_flags },
	{ "umount2", umount_flags },
	{ "memfd_create", memfd_flags },
	{ "*at", at_flags },
	{ "fchmodat2", at_flags },
	{ "statx", at_flags },
};

static bool fits(const char *pattern, const char *operation)
{
	size_t length = strlen(pattern);

	if (*pattern == '*') {
		size_t whole = strlen(operation);

		return whole >= length - 1 &&
		       !strcmp(operation + whole - (length - 1), pattern + 1);
	}
	if (pattern[length - 1] == '*')
		return !strncmp(operation, pattern, length - 1);
	return !strcmp(operation, pattern);
}

static const struct name *table_of(const char *operation)
{
	static const struct name none[] = { { NULL, 0 } };

	for (size_t i = 0; operation && i < sizeof(tables) / sizeof(*tables); i++)
		if (fits(tables[i].operation, operation))
			return tables[i].table;
	return none;
}

const char *flag_next(const char *operation, struct flag_walk *walk)
{
	static const char *const access_modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };
	const struct name *table = table_of(operation);

	if (walk->at == 0 && table == open_flags) {
		const char *mode = access_modes[walk->left & O_ACCMODE];

		walk->at = 1;
		/* O_PATH asks for no access. */
		if (walk->left & O_ACCMODE || !(walk->left & O_PATH)) {
			walk->left &= ~(uint64_t)O_ACCMODE;
			return mode;
		}
	}
	for (; table->name; table++) {
		if ((walk->left & table->value) != table->value)
			continue;
		walk->left &= ~table->value;
		return table->name;
	}
	return NULL;
}
