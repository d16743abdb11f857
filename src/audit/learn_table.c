// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/learn_table.h"

#include <stddef.h>

#define LOOK LEARN_LOOK
#define ENTER LEARN_ENTER
#define LIST LEARN_LIST
#define READ LEARN_READ
#define EXEC LEARN_EXEC
#define WRITE LEARN_WRITE
#define ENTRY LEARN_ENTRY

/* By what they do. Of open and its like, the flags say the rest. */
const struct learn_path_call learn_path_calls[] = {
	/* name, folder, path, access, is_link, at_flags, how */
	{ "open", -1, 0, 0, false, -1, HOW_OPEN },
	{ "openat", 0, 1, 0, false, -1, HOW_OPEN },
	{ "openat2", 0, 1, 0, false, -1, HOW_OPENAT2 },
	{ "creat", -1, 0, 0, false, -1, HOW_CREAT },

	{ "execve", -1, 0, EXEC, false, -1, HOW_PLAIN },
	{ "execveat", 0, 1, EXEC, false, 4, HOW_PLAIN },

	{ "chdir", -1, 0, ENTER, false, -1, HOW_PLAIN },
	{ "getdents", -1, 0, LIST, false, -1, HOW_FD },
	{ "getdents64", -1, 0, LIST, false, -1, HOW_FD },
	{ "inotify_add_watch", -1, 1, LOOK, false, -1, HOW_PLAIN },

	{ "access", -1, 0, LOOK, false, -1, HOW_PLAIN },
	{ "faccessat", 0, 1, LOOK, false, -1, HOW_PLAIN },
	{ "faccessat2", 0, 1, LOOK, false, 3, HOW_PLAIN },
	{ "file_getattr", 0, 1, LOOK, false, 4, HOW_PLAIN },
	{ "getxattr", -1, 0, LOOK, false, -1, HOW_PLAIN },
	{ "getxattrat", 0, 1, LOOK, false, 2, HOW_PLAIN },
	{ "lgetxattr", -1, 0, LOOK, true, -1, HOW_PLAIN },
	{ "listxattr", -1, 0, LOOK, false, -1, HOW_PLAIN },
	{ "listxattrat", 0, 1, LOOK, false, 2, HOW_PLAIN },
	{ "llistxattr", -1, 0, LOOK, true, -1, HOW_PLAIN },
	{ "lstat", -1, 0, LOOK, true, -1, HOW_PLAIN },
	{ "name_to_handle_at", 0, 1, LOOK, true, -1, HOW_PLAIN },
	{ "newfstatat", 0, 1, LOOK, false, 3, HOW_PLAIN },
	{ "readlink", -1, 0, LOOK, true, -1, HOW_PLAIN },
	{ "readlinkat", 0, 1, LOOK, true, -1, HOW_PLAIN },
	{ "stat", -1, 0, LOOK, false, -1, HOW_PLAIN },
	{ "statfs", -1, 0, LOOK, false, -1, HOW_PLAIN },
	{ "statx", 0, 1, LOOK, false, 2, HOW_PLAIN },

	{ "chmod", -1, 0, WRITE, false, -1, HOW_PLAIN },
	{ "chown", -1, 0, WRITE, false, -1, HOW_PLAIN },
	{ "fchmod", -1, 0, WRITE, false, -1, HOW_FD },
	{ "fchmodat", 0, 1, WRITE, false, -1, HOW_PLAIN },
	{ "fchmodat2", 0, 1, WRITE, false, 3, HOW_PLAIN },
	{ "fchown", -1, 0, WRITE, false, -1, HOW_FD },
	{ "fchownat", 0, 1, WRITE, false, 4, HOW_PLAIN },
	{ "file_setattr", 0, 1, WRITE, false, 4, HOW_PLAIN },
	{ "fremovexattr", -1, 0, WRITE, false, -1, HOW_FD },
	{ "fsetxattr", -1, 0, WRITE, false, -1, HOW_FD },
	{ "futimesat", 0, 1, WRITE, false, -1, HOW_PLAIN },
	{ "lchown", -1, 0, WRITE, true, -1, HOW_PLAIN },
	{ "lremovexattr", -1, 0, WRITE, true, -1, HOW_PLAIN },
	{ "lsetxattr", -1, 0, WRITE, true, -1, HOW_PLAIN },
	{ "removexattr", -1, 0, WRITE, false, -1, HOW_PLAIN },
	{ "removexattrat", 0, 1, WRITE, false, 2, HOW_PLAIN },
	{ "setxattr", -1, 0, WRITE, false, -1, HOW_PLAIN },
	{ "setxattrat", 0, 1, WRITE, false, 2, HOW_PLAIN },
	{ "truncate", -1, 0, WRITE, false, -1, HOW_PLAIN },
	{ "utime", -1, 0, WRITE, false, -1, HOW_PLAIN },
	{ "utimensat", 0, 1, WRITE, false, 3, HOW_PLAIN },
	{ "utimes", -1, 0, WRITE, false, -1, HOW_PLAIN },

	{ "link", -1, 0, LOOK, true, -1, HOW_PLAIN },
	{ "link", -1, 1, ENTRY, true, -1, HOW_PLAIN },
	{ "linkat", 0, 1, LOOK, true, -1, HOW_PLAIN },
	{ "linkat", 2, 3, ENTRY, true, -1, HOW_PLAIN },
	{ "mkdir", -1, 0, ENTRY, true, -1, HOW_PLAIN },
	{ "mkdirat", 0, 1, ENTRY, true, -1, HOW_PLAIN },
	{ "mknod", -1, 0, ENTRY, true, -1, HOW_PLAIN },
	{ "mknodat", 0, 1, ENTRY, true, -1, HOW_PLAIN },
	{ "rename", -1, 0, ENTRY, true, -1, HOW_PLAIN },
	{ "rename", -1, 1, ENTRY, true, -1, HOW_PLAIN },
	{ "renameat", 0, 1, ENTRY, true, -1, HOW_PLAIN },
	{ "renameat", 2, 3, ENTRY, true, -1, HOW_PLAIN },
	{ "renameat2", 0, 1, ENTRY, true, -1, HOW_PLAIN },
	{ "renameat2", 2, 3, ENTRY, true, -1, HOW_PLAIN },
	{ "rmdir", -1, 0, ENTRY, true, -1, HOW_PLAIN },
	{ "symlink", -1, 1, ENTRY, true, -1, HOW_PLAIN },
	{ "symlinkat", 1, 2, ENTRY, true, -1, HOW_PLAIN },
	{ "unlink", -1, 0, ENTRY, true, -1, HOW_PLAIN },
	{ "unlinkat", 0, 1, ENTRY, true, -1, HOW_PLAIN },
	{ NULL, 0, 0, 0, false, 0, HOW_PLAIN },
};

const struct learn_path_op learn_path_ops[] = {
	/* name, folder, path, access, is_link, at_flags, how */
	{ "openat", FIELD_FD, FIELD_ADDR, 0, false, FIELD_NONE, HOW_OPEN },
	{ "openat2", FIELD_FD, FIELD_ADDR, 0, false, FIELD_NONE, HOW_OPENAT2 },
	{ "statx", FIELD_FD, FIELD_ADDR, LOOK, false, FIELD_OP_FLAGS, HOW_PLAIN },
	{ "getxattr", FIELD_NONE, FIELD_ADDR3, LOOK, false, FIELD_NONE, HOW_PLAIN },
	{ "setxattr", FIELD_NONE, FIELD_ADDR3, WRITE, false, FIELD_NONE, HOW_PLAIN },
	{ "fsetxattr", FIELD_NONE, FIELD_FD, WRITE, false, FIELD_NONE, HOW_FD },
	{ "renameat", FIELD_FD, FIELD_ADDR, ENTRY, true, FIELD_NONE, HOW_PLAIN },
	{ "renameat", FIELD_LEN, FIELD_OFF, ENTRY, true, FIELD_NONE, HOW_PLAIN },
	{ "unlinkat", FIELD_FD, FIELD_ADDR, ENTRY, true, FIELD_NONE, HOW_PLAIN },
	{ "mkdirat", FIELD_FD, FIELD_ADDR, ENTRY, true, FIELD_NONE, HOW_PLAIN },
	{ "symlinkat", FIELD_FD, FIELD_OFF, ENTRY, true, FIELD_NONE, HOW_PLAIN },
	{ "linkat", FIELD_FD, FIELD_ADDR, LOOK, true, FIELD_NONE, HOW_PLAIN },
	{ "linkat", FIELD_LEN, FIELD_OFF, ENTRY, true, FIELD_NONE, HOW_PLAIN },
	{ NULL, FIELD_NONE, FIELD_NONE, 0, false, FIELD_NONE, HOW_PLAIN },
};
