// SPDX-License-Identifier: LGPL-2.1-or-later
#include <asm/unistd.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "audit/learn_internal.h"
#include "audit/remote.h"
#include "policy/names.h"
#include "policy/seccomp_policy.h"
#include "uring/abi.h"

/* What is handed over becomes notes. Everything that is read from the program is hostile. */

#define SOCKET_TYPE_MASK 0xf /* the rest is SOCK_CLOEXEC and its like */
#define MESSAGES_LIMIT 16    /* of one sendmmsg() that are looked at */

/* Who asks, and memory that goes when the call has been noted. */
struct asked {
	struct learn_notes *notes;
	pid_t tid;
	bool ring;
	struct learn_who by;
	struct arena *arena;
};

static struct asked asked_by(struct learn *learn, pid_t tid, bool ring, const char *how,
			     struct arena *arena)
{
	const char *program = remote_program(tid, arena);

	return (struct asked){
		.notes = &learn->notes,
		.tid = tid,
		.ring = ring,
		.by = { .program = learn_escape(arena, program ? program : "?", 64), .how = how },
		.arena = arena,
	};
}

/* A folder by descriptor, as the program's own mounts name it; NULL: gone, or no folder at all. */
static const char *folder_of(const struct asked *asked, int fd)
{
	static const char deleted[] = " (deleted)";
	char link[64];
	char path[PATH_MAX];
	ssize_t length;

	if (fd == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%d/cwd", asked->tid);
	else
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", asked->tid, fd);
	length = readlink(link, path, sizeof(path));
	if (length <= 0 || (size_t)length == sizeof(path) || path[0] != '/')
		return NULL;
	path[length] = '\0';
	if ((size_t)length > strlen(deleted) && !strcmp(path + length - strlen(deleted), deleted) &&
	    access(path, F_OK) < 0)
		return NULL;
	return arena_strdup(asked->arena, path);
}

static const char *absolute(const struct asked *asked, int folder, const char *path)
{
	const char *base;

	if (*path == '/')
		return path;
	base = folder_of(asked, folder);
	if (!base)
		return NULL;
	return *path ? arena_printf(asked->arena, "%s/%s", base[1] ? base : "", path) : base;
}

/* The jail's /proc is not ours, and what its links say is known otherwise. */
static bool goes_through_proc(const char *path, const struct path_resolved *resolved)
{
	if (path_is_at_or_below(path, "/proc") || path_is_at_or_below(resolved->path, "/proc"))
		return true;
	for (size_t i = 0; i < resolved->links.count; i++)
		if (path_is_at_or_below(resolved->links.items[i].path, "/proc"))
			return true;
	return false;
}

/* A symlink at the end is meant itself. */
static int resolve_link(struct arena *arena, const char *path, struct path_resolved *resolved)
{
	size_t length = strlen(path);
	const char *name;
	struct stat st;
	int r;

	while (length > 1 && path[length - 1] == '/')
		length--;
	path = arena_strndup(arena, path, length);
	name = strrchr(path, '/') + 1;
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return path_resolve(arena, path, resolved);
	r = path_resolve(arena, arena_strndup(arena, path, (size_t)(name - path)), resolved);
	if (r < 0)
		return r;
	resolved->path =
		arena_printf(arena, "%s/%s", resolved->path[1] ? resolved->path : "", name);
	if (strlen(resolved->path) >= PATH_MAX)
		return -ENAMETOOLONG;
	resolved->exists = lstat(resolved->path, &st) == 0;
	resolved->mode = resolved->exists ? st.st_mode : 0;
	return 0;
}

/* With names like a/../b, what the program meant by it is not told by the name alone. */
static bool has_parent_steps(const char *path)
{
	for (const char *dots = strstr(path, "/.."); dots; dots = strstr(dots + 1, "/.."))
		if (dots[3] == '/' || !dots[3])
			return true;
	return false;
}

static bool find(const struct asked *asked, int folder, const char *path, bool is_link,
		 const char **name, struct path_resolved *resolved)
{
	int r;

	*name = absolute(asked, folder, path);
	if (!*name || strlen(*name) >= PATH_MAX || path_is_at_or_below(*name, "/proc"))
		return false;
	r = is_link ? resolve_link(asked->arena, *name, resolved)
		    : path_resolve(asked->arena, *name, resolved);
	if (r < 0 || goes_through_proc(*name, resolved))
		return false;
	if (has_parent_steps(*name))
		*name = resolved->path;
	return true;
}

static void note_path(const struct asked *asked, int folder, const char *path, bool is_link,
		      uint8_t access)
{
	struct path_resolved resolved;
	const char *name;

	if (!path || !find(asked, folder, path, is_link, &name, &resolved))
		return;
	if ((access & LEARN_READ) && resolved.exists && S_ISDIR(resolved.mode))
		access = (access & ~LEARN_READ) | LEARN_ENTER;
	learn_note_path(asked->notes, name, &resolved, access, &asked->by);
}

/* What runs was executed, though perhaps nobody told of it: by a call of another name. */
static void note_executable(const struct asked *asked)
{
	const struct learn_who by = { .program = asked->by.program, .how = "running it" };
	const struct learn_path *known;
	struct path_resolved resolved;
	char path[PATH_MAX];
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/%d/exe", asked->tid);
	length = readlink(link, path, sizeof(path));
	if (length <= 0 || (size_t)length == sizeof(path) || path[0] != '/')
		return;
	path[length] = '\0';
	known = learn_find_path(asked->notes, path);
	if ((known && known->access & LEARN_EXEC) ||
	    path_resolve(asked->arena, path, &resolved) < 0 || !resolved.exists)
		return;
	learn_note_path(asked->notes, path, &resolved, LEARN_EXEC, &by);
}

static void note_fd(const struct asked *asked, int fd, uint8_t access)
{
	note_path(asked, fd, "", false, access);
}

static uint8_t access_of_flags(uint64_t flags)
{
	uint8_t access = 0;

	if (flags & O_PATH)
		return LEARN_LOOK;
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		access = LEARN_READ;
		break;
	case O_WRONLY:
		access = LEARN_WRITE;
		break;
	default:
		access = LEARN_READ | LEARN_WRITE;
	}
	return flags & O_TRUNC ? access | LEARN_WRITE : access;
}

static void note_open(const struct asked *asked, int folder, const char *path, uint64_t flags)
{
	/* With O_EXCL a symlink at the end is an error, with O_NOFOLLOW too. */
	bool is_link = (flags & O_NOFOLLOW) || ((flags & O_CREAT) && (flags & O_EXCL));
	uint8_t access = access_of_flags(flags);
	struct path_resolved resolved;
	const char *name;

	if (!path || !find(asked, folder, path, is_link, &name, &resolved))
		return;
	if ((flags & O_CREAT) && !resolved.exists && !(flags & O_PATH))
		access |= LEARN_ENTRY;
	if (resolved.exists && S_ISDIR(resolved.mode)) {
		access &= ~LEARN_READ;
		access |= LEARN_ENTER;
	}
	learn_note_path(asked->notes, name, &resolved, access, &asked->by);
}

static unsigned int open_rights(uint64_t flags)
{
	unsigned int rights = 0;

	if ((flags & O_PATH) || (flags & O_ACCMODE) != O_WRONLY)
		rights |= OPEN_READ;
	if (!(flags & O_PATH) && (flags & O_ACCMODE) != O_RDONLY)
		rights |= OPEN_WRITE;
	if (flags & O_CREAT)
		rights |= OPEN_CREATE;
	if (flags & O_TRUNC)
		rights |= OPEN_TRUNCATE;
	if ((flags & O_TMPFILE) == O_TMPFILE)
		rights |= OPEN_TMPFILE;
	return rights;
}

static bool open_how_flags(const struct asked *asked, uint64_t address, uint64_t *flags)
{
	struct open_how how;

	if (remote_read(asked->tid, address, &how, sizeof(how)) < 0)
		return false;
	*flags = how.flags;
	return true;
}

/* ---- sockets ---- */

static void note_unix(const struct asked *asked, const struct sockaddr_storage *address,
		      socklen_t length, enum learn_toward toward)
{
	size_t offset = offsetof(struct sockaddr_un, sun_path);
	const char *text = (const char *)address + offset;
	const char *path;

	/* Unnamed, or abstract: no file. */
	if (length <= offset || !*text)
		return;
	path = arena_strndup(asked->arena, text, strnlen(text, length - offset));
	note_path(asked, AT_FDCWD, path, toward == TOWARD_BIND,
		  toward == TOWARD_BIND ? LEARN_ENTRY : LEARN_CONNECT);
	if (asked->ring && toward == TOWARD_CONNECT)
		asked->notes->ring_connects_unix = true;
}

/* What else is in the structure (padding, flow labels, scopes) tells no two addresses apart. */
static bool plain_address(const struct sockaddr_storage *given, socklen_t length,
			  struct sockaddr_storage *plain)
{
	*plain = (struct sockaddr_storage){ 0 };
	if (given->ss_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)given;

		*(struct sockaddr_in *)plain = (struct sockaddr_in){ .sin_family = AF_INET,
								     .sin_port = in->sin_port,
								     .sin_addr = in->sin_addr };
		return true;
	}
	/* 24 bytes: without the scope, as Linux takes it (RFC 2133). */
	if (given->ss_family == AF_INET6 && length >= 24) {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)given;

		*(struct sockaddr_in6 *)plain = (struct sockaddr_in6){
			.sin6_family = AF_INET6,
			.sin6_port = in->sin6_port,
			.sin6_addr = in->sin6_addr,
		};
		return true;
	}
	return false;
}

static void note_address(const struct asked *asked, uint64_t address, uint64_t length,
			 enum learn_toward toward)
{
	struct sockaddr_storage given = { 0 };
	struct sockaddr_storage plain;

	if (!address || length < sizeof(given.ss_family))
		return;
	if (length > sizeof(given))
		length = sizeof(given);
	if (remote_read(asked->tid, address, &given, (size_t)length) < 0)
		return;
	if (given.ss_family == AF_UNIX)
		note_unix(asked, &given, (socklen_t)length, toward);
	else if (plain_address(&given, (socklen_t)length, &plain))
		learn_note_address(asked->notes, &plain, toward, asked->ring, &asked->by);
}

/* struct user_msghdr and mmsghdr: the kernel's ABI for 64 bits. */
static void note_messages(const struct asked *asked, uint64_t address, uint64_t count)
{
	struct message {
		uint64_t name;
		uint32_t name_length;
		uint32_t pad;
		uint64_t rest[5];
	} message;

	for (uint64_t i = 0; i < count && i < MESSAGES_LIMIT; i++) {
		if (remote_read(asked->tid, address + i * 64, &message, sizeof(message)) < 0)
			return;
		note_address(asked, message.name, message.name_length, TOWARD_SEND);
	}
}

static void note_socket(const struct asked *asked, int family, int type, int protocol)
{
	learn_note_socket(asked->notes, family, type & SOCKET_TYPE_MASK, protocol, asked->ring,
			  &asked->by);
}

static void note_denied_socket(const struct asked *asked, int family)
{
	const char *name = name_of(family_names, (uint64_t)(unsigned int)family);

	learn_note_denied(asked->notes,
			  name ? arena_printf(asked->arena, "sockets of family %s", name)
			       : arena_printf(asked->arena, "sockets of family %d", family),
			  &asked->by);
}

/* ---- system calls ---- */

static void note_register(const struct asked *asked, const uint64_t *args)
{
	uint32_t operation = (uint32_t)args[1] & ~URING_REGISTER_USE_REGISTERED_RING;

	asked->notes->ring = true;
	if (operation >= 64)
		return;
	asked->notes->registers |= UINT64_C(1) << operation;
	learn_count(asked->notes, &asked->notes->registers_who, &asked->by);
}

static void note_by_number(struct learn *learn, const struct asked *asked, int number,
			   const uint64_t *args)
{
	switch (number) {
	case __NR_socket:
		note_socket(asked, (int)args[0], (int)args[1], (int)args[2]);
		break;
	case __NR_connect:
		note_address(asked, args[1], args[2], TOWARD_CONNECT);
		break;
	case __NR_bind:
		note_address(asked, args[1], args[2], TOWARD_BIND);
		break;
	case __NR_sendto:
		note_address(asked, args[4], args[5], TOWARD_SEND);
		break;
	case __NR_sendmsg:
		note_messages(asked, args[1], 1);
		break;
	case __NR_sendmmsg:
		note_messages(asked, args[1], args[2]);
		break;
	case __NR_io_uring_setup:
		learn_ring(learn, asked->tid);
		break;
	case __NR_io_uring_register:
		note_register(asked, args);
		break;
	}
}

static void note_call_path(const struct asked *asked, const struct learn_path_call *call,
			   const uint64_t *args)
{
	int folder = call->folder < 0 ? AT_FDCWD : (int)args[call->folder];
	bool is_link = call->is_link;
	uint64_t flags = 0;
	const char *path;

	if (call->how == HOW_FD) {
		note_fd(asked, (int)args[call->path], call->access);
		return;
	}
	/* utimensat() without a path is of the descriptor itself. */
	if (!args[call->path]) {
		if (call->folder >= 0 && folder != AT_FDCWD)
			note_fd(asked, folder, call->access);
		return;
	}
	path = remote_string(asked->tid, args[call->path], asked->arena);
	if (call->at_flags >= 0 && (args[call->at_flags] & AT_SYMLINK_NOFOLLOW))
		is_link = true;
	/* AT_EMPTY_PATH: a descriptor that the program has; what ran or changed is a path still. */
	if (path && !*path && call->access == LEARN_LOOK)
		return;
	switch (call->how) {
	case HOW_OPEN:
		note_open(asked, folder, path, args[call->path + 1]);
		break;
	case HOW_OPENAT2:
		if (open_how_flags(asked, args[call->path + 1], &flags))
			note_open(asked, folder, path, flags);
		break;
	case HOW_CREAT:
		note_open(asked, folder, path, O_WRONLY | O_CREAT | O_TRUNC);
		break;
	default:
		note_path(asked, folder, path, is_link, call->access);
	}
}

static void note_denied_call(const struct asked *asked, const char *name,
			     const struct seccomp_data *call)
{
	switch (call->nr) {
	case __NR_clone3: /* the C library goes on to clone */
		return;
	case __NR_io_uring_setup:
	case __NR_io_uring_enter:
		asked->notes->ring_blocked = true;
		learn_count(asked->notes, &asked->notes->ring_who, &asked->by);
		return;
	case __NR_io_uring_register:
		learn_note_denied(asked->notes, "an operation of io_uring_register(2)", &asked->by);
		return;
	case __NR_socket:
	case __NR_socketpair:
		note_denied_socket(asked, (int)call->args[0]);
		return;
	case __NR_clone:
	case __NR_unshare:
		learn_note_denied(asked->notes, "new namespaces", &asked->by);
		return;
	}
	learn_note_denied(
		asked->notes,
		name ? name : arena_printf(asked->arena, "system call %d, unknown here", call->nr),
		&asked->by);
}

void learn_call(struct learn *learn, pid_t tid, const struct seccomp_data *call, bool allowed)
{
	bool known = call->nr >= 0 && call->nr < SYSCALL_NUMBERS;
	const char *name = known ? learn->names[call->nr] : NULL;
	struct arena arena = { 0 };
	struct asked asked;

	if (call->arch != SECCOMP_ARCH)
		return;
	asked = asked_by(learn, tid, false,
			 name ? arena_printf(&arena, "%s(2)", name) : "a system call", &arena);
	if (!allowed) {
		note_denied_call(&asked, name, call);
		arena_free(&arena);
		return;
	}
	/* Who is about to execute another program may be the launcher still. */
	if (call->nr != __NR_execve && call->nr != __NR_execveat)
		note_executable(&asked);
	if (known)
		learn_count(&learn->notes, &learn->notes.calls[call->nr], &asked.by);
	note_by_number(learn, &asked, call->nr, (const uint64_t *)call->args);
	for (const struct learn_path_call *path = learn_path_calls; name && path->name; path++)
		if (!strcmp(path->name, name))
			note_call_path(&asked, path, (const uint64_t *)call->args);
	arena_free(&arena);
}

void learn_ring(struct learn *learn, pid_t tid)
{
	struct arena arena = { 0 };
	struct asked asked;

	learn->notes.ring = true;
	if (!learn->notes.ring_who.count) {
		asked = asked_by(learn, tid, false, "io_uring_setup(2)", &arena);
		learn_count(&learn->notes, &learn->notes.ring_who, &asked.by);
		arena_free(&arena);
	}
}

void learn_lost(struct learn *learn, uint64_t count)
{
	learn->notes.lost += count;
}

/* ---- io_uring ---- */

static uint64_t field_of(const struct audit_sqe *sqe, enum learn_field field)
{
	switch (field) {
	case FIELD_NONE:
		break;
	case FIELD_FD:
		return (uint64_t)(int64_t)sqe->fd;
	case FIELD_LEN:
		return sqe->len;
	case FIELD_ADDR:
		return sqe->addr;
	case FIELD_OFF:
		return sqe->off;
	case FIELD_OP_FLAGS:
		return sqe->op_flags;
	case FIELD_ADDR3:
		return sqe->addr3;
	}
	return 0;
}

static void note_ring_open(const struct asked *asked, int folder, const char *path, uint64_t flags)
{
	struct learn_notes *notes = asked->notes;

	notes->open_rights |= open_rights(flags);
	learn_count(notes, &notes->open_who, &asked->by);
	note_open(asked, folder, path, flags);
}

static void note_op_path(const struct asked *asked, const struct learn_path_op *op,
			 const struct audit_sqe *sqe)
{
	int folder = op->folder == FIELD_NONE ? AT_FDCWD : (int)field_of(sqe, op->folder);
	bool is_link = op->is_link;
	uint64_t flags = 0;
	const char *path;

	if (op->how == HOW_FD) {
		/* Slots of the ring's own are not among /proc/PID/fd. */
		if (!(sqe->flags & 1))
			note_fd(asked, sqe->fd, op->access);
		return;
	}
	path = remote_string(asked->tid, field_of(sqe, op->path), asked->arena);
	if (op->at_flags != FIELD_NONE && (field_of(sqe, op->at_flags) & AT_SYMLINK_NOFOLLOW))
		is_link = true;
	if (path && !*path && op->access == LEARN_LOOK)
		return;
	switch (op->how) {
	case HOW_OPEN:
		note_ring_open(asked, folder, path, sqe->op_flags);
		break;
	case HOW_OPENAT2:
		if (open_how_flags(asked, sqe->off, &flags))
			note_ring_open(asked, folder, path, flags);
		break;
	default:
		note_path(asked, folder, path, is_link, op->access);
	}
}

static void note_op_network(const struct asked *asked, const struct uring_opcode *opcode,
			    const struct audit_sqe *sqe)
{
	if (!strcmp(opcode->name, "socket"))
		note_socket(asked, sqe->fd, (int)sqe->off, (int)sqe->len);
	else if (!strcmp(opcode->name, "connect"))
		note_address(asked, sqe->addr, sqe->off, TOWARD_CONNECT);
	else if (!strcmp(opcode->name, "bind"))
		note_address(asked, sqe->addr, sqe->off, TOWARD_BIND);
	else if (!strcmp(opcode->name, "send") || !strcmp(opcode->name, "send_zc"))
		/* addr_len is the lower half of what else is a slot's number. */
		note_address(asked, sqe->off, sqe->file_index & 0xffff, TOWARD_SEND);
	else if (!strcmp(opcode->name, "sendmsg") || !strcmp(opcode->name, "sendmsg_zc"))
		note_messages(asked, sqe->addr, 1);
}

static void note_denied_op(const struct asked *asked, const struct uring_opcode *opcode,
			   const struct audit_sqe *sqe)
{
	if (!opcode)
		learn_note_denied(asked->notes,
				  arena_printf(asked->arena, "io_uring operation %u, unknown here",
					       sqe->opcode),
				  &asked->by);
	else if (opcode->data == DATA_SOCKET)
		note_denied_socket(asked, sqe->fd);
	else
		learn_note_denied(asked->notes,
				  arena_printf(asked->arena, "io_uring operation %s", opcode->name),
				  &asked->by);
}

void learn_sqe(struct learn *learn, pid_t tid, const struct audit_sqe *sqe, bool allowed)
{
	const struct uring_opcode *opcode =
		sqe->opcode < URING_OPCODE_COUNT ? &uring_opcodes[sqe->opcode] : NULL;
	struct learn_notes *notes = &learn->notes;
	struct arena arena = { 0 };
	struct asked asked;
	char name[32] = "operation";

	for (size_t i = 0; opcode && opcode->name[i]; i++) {
		name[i] = (char)toupper((unsigned char)opcode->name[i]);
		name[i + 1] = '\0';
	}
	asked = asked_by(learn, tid, true, arena_printf(&arena, "ring %s", name), &arena);
	notes->ring = true;
	if (!allowed || !opcode) {
		note_denied_op(&asked, opcode, sqe);
		arena_free(&arena);
		return;
	}
	note_executable(&asked);
	learn_count(notes, &notes->ops[opcode->number], &asked.by);
	if (sqe->flags) {
		notes->sqe_flags |= sqe->flags & URING_SQE_FLAGS_ALL;
		learn_count(notes, &notes->sqe_flags_who, &asked.by);
	}
	for (const struct learn_path_op *path = learn_path_ops; path->name; path++)
		if (!strcmp(path->name, opcode->name))
			note_op_path(&asked, path, sqe);
	if (opcode->class == CLASS_NETWORK)
		note_op_network(&asked, opcode, sqe);
	arena_free(&arena);
}
