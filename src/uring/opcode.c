// SPDX-License-Identifier: LGPL-2.1-or-later
#include "uring/opcode.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "uring/abi.h"

/*
 * Which system calls stand beside an opcode: those that do the same to the same object. The
 * opcode is allowed only if all of them are, so a call belongs here if its denial is meant to
 * take the opcode's effect away, and only then:
 *
 * - The family of a call is listed as a whole (read, pread64, readv, preadv, preadv2): one opcode
 *   has what is special to each of them, the offset, the vector, the flags (RWF_NOAPPEND writes
 *   over what write(2) on the same descriptor could only append to).
 * - Old spellings that newer architectures do not have at all (open, stat, rename, unlink, poll,
 *   select, epoll_wait, pipe...) are not: the listed call, if allowed, does what they did.
 *   Allow-lists leave them out without meaning anything by it.
 * - What a listed call, if allowed, can do anyway is no reason: write(2) sends on a socket,
 *   sendto(2) connects (Fast Open) and binds (autobind), openat(2) truncates, statx(2) covers
 *   access(2), splice(2) covers sendfile(2). Nor is a call that only bundles others, or that came
 *   later with nothing new for this opcode (close_range, futex_wait, setxattrat).
 */
#define READ_CALLS "read\0pread64\0readv\0preadv\0preadv2\0"
#define WRITE_CALLS "write\0pwrite64\0writev\0pwritev\0pwritev2\0"
#define SEND_CALLS "sendto\0sendmsg\0sendmmsg\0"
#define RECV_CALLS "recvfrom\0recvmsg\0recvmmsg\0"
#define SLEEP_CALLS "nanosleep\0clock_nanosleep\0"
#define COMMAND_CALLS "ioctl\0getsockopt\0setsockopt\0getsockname\0getpeername\0"

const struct uring_opcode uring_opcodes[URING_OPCODE_COUNT] = {
	{ 0, "nop", CLASS_HARMLESS, DATA_NONE, "" },
	{ 1, "readv", CLASS_DESCRIPTOR, DATA_NONE, READ_CALLS },
	{ 2, "writev", CLASS_DESCRIPTOR, DATA_NONE, WRITE_CALLS },
	{ 3, "fsync", CLASS_DESCRIPTOR, DATA_NONE, "fsync\0fdatasync\0" },
	{ 4, "read_fixed", CLASS_DESCRIPTOR, DATA_NONE, READ_CALLS },
	{ 5, "write_fixed", CLASS_DESCRIPTOR, DATA_NONE, WRITE_CALLS },
	{ 6, "poll_add", CLASS_HARMLESS, DATA_NONE, "ppoll\0" },
	{ 7, "poll_remove", CLASS_HARMLESS, DATA_NONE, "ppoll\0" },
	{ 8, "sync_file_range", CLASS_DESCRIPTOR, DATA_NONE, "sync_file_range\0" },
	{ 9, "sendmsg", CLASS_NETWORK, DATA_NONE, SEND_CALLS },
	{ 10, "recvmsg", CLASS_NETWORK, DATA_NONE, RECV_CALLS },
	{ 11, "timeout", CLASS_HARMLESS, DATA_NONE, SLEEP_CALLS },
	{ 12, "timeout_remove", CLASS_HARMLESS, DATA_NONE, "" },
	{ 13, "accept", CLASS_NETWORK, DATA_NONE, "accept\0accept4\0" },
	{ 14, "async_cancel", CLASS_HARMLESS, DATA_NONE, "" },
	{ 15, "link_timeout", CLASS_HARMLESS, DATA_NONE, SLEEP_CALLS },
	{ 16, "connect", CLASS_NETWORK, DATA_CONNECT, "connect\0" },
	{ 17, "fallocate", CLASS_DESCRIPTOR, DATA_NONE, "fallocate\0" },
	{ 18, "openat", CLASS_PATH, DATA_OPEN, "openat\0" },
	{ 19, "close", CLASS_DESCRIPTOR, DATA_NONE, "close\0" },
	{ 20, "files_update", CLASS_PASSING, DATA_NONE, "dup\0" },
	/* With AT_EMPTY_PATH, fstat(2) too. */
	{ 21, "statx", CLASS_PATH, DATA_NONE, "statx\0newfstatat\0" },
	{ 22, "read", CLASS_DESCRIPTOR, DATA_NONE, READ_CALLS },
	{ 23, "write", CLASS_DESCRIPTOR, DATA_NONE, WRITE_CALLS },
	{ 24, "fadvise", CLASS_HARMLESS, DATA_NONE, "fadvise64\0" },
	{ 25, "madvise", CLASS_HARMLESS, DATA_NONE, "madvise\0" },
	{ 26, "send", CLASS_NETWORK, DATA_NONE, SEND_CALLS },
	{ 27, "recv", CLASS_NETWORK, DATA_NONE, RECV_CALLS },
	/* A policy that looks at openat's flags usually denies openat2: it cannot see them there.
	 */
	{ 28, "openat2", CLASS_PATH, DATA_OPEN, "openat2\0openat\0" },
	{ 29, "epoll_ctl", CLASS_HARMLESS, DATA_NONE, "epoll_ctl\0" },
	{ 30, "splice", CLASS_DESCRIPTOR, DATA_NONE, "splice\0" },
	{ 31, "provide_buffers", CLASS_HARMLESS, DATA_NONE, "" },
	{ 32, "remove_buffers", CLASS_HARMLESS, DATA_NONE, "" },
	{ 33, "tee", CLASS_DESCRIPTOR, DATA_NONE, "tee\0" },
	{ 34, "shutdown", CLASS_NETWORK, DATA_NONE, "shutdown\0" },
	{ 35, "renameat", CLASS_PATH, DATA_NONE, "renameat\0renameat2\0" },
	{ 36, "unlinkat", CLASS_PATH, DATA_NONE, "unlinkat\0" },
	{ 37, "mkdirat", CLASS_PATH, DATA_NONE, "mkdirat\0" },
	{ 38, "symlinkat", CLASS_PATH, DATA_NONE, "symlinkat\0" },
	{ 39, "linkat", CLASS_PATH, DATA_NONE, "linkat\0" },
	/* Hands descriptors to another ring, past that ring's own filters. */
	{ 40, "msg_ring", CLASS_OPAQUE, DATA_NONE, "dup\0" },
	{ 41, "fsetxattr", CLASS_DESCRIPTOR, DATA_NONE, "fsetxattr\0" },
	{ 42, "setxattr", CLASS_PATH, DATA_NONE, "setxattr\0" },
	{ 43, "fgetxattr", CLASS_DESCRIPTOR, DATA_NONE, "fgetxattr\0" },
	{ 44, "getxattr", CLASS_PATH, DATA_NONE, "getxattr\0" },
	{ 45, "socket", CLASS_NETWORK, DATA_SOCKET, "socket\0" },
	{ 46, "uring_cmd", CLASS_OPAQUE, DATA_NONE, COMMAND_CALLS },
	{ 47, "send_zc", CLASS_NETWORK, DATA_NONE, SEND_CALLS },
	{ 48, "sendmsg_zc", CLASS_NETWORK, DATA_NONE, SEND_CALLS },
	{ 49, "read_multishot", CLASS_DESCRIPTOR, DATA_NONE, READ_CALLS },
	{ 50, "waitid", CLASS_PROCESS, DATA_NONE, "waitid\0" },
	{ 51, "futex_wait", CLASS_HARMLESS, DATA_NONE, "futex\0" },
	{ 52, "futex_wake", CLASS_HARMLESS, DATA_NONE, "futex\0" },
	{ 53, "futex_waitv", CLASS_HARMLESS, DATA_NONE, "futex\0futex_waitv\0" },
	{ 54, "fixed_fd_install", CLASS_PASSING, DATA_NONE, "dup\0" },
	{ 55, "ftruncate", CLASS_DESCRIPTOR, DATA_NONE, "ftruncate\0" },
	{ 56, "bind", CLASS_NETWORK, DATA_NONE, "bind\0" },
	{ 57, "listen", CLASS_NETWORK, DATA_NONE, "listen\0" },
	{ 58, "recv_zc", CLASS_NETWORK, DATA_NONE, RECV_CALLS },
	{ 59, "epoll_wait", CLASS_HARMLESS, DATA_NONE, "epoll_pwait\0" },
	{ 60, "readv_fixed", CLASS_DESCRIPTOR, DATA_NONE, READ_CALLS },
	{ 61, "writev_fixed", CLASS_DESCRIPTOR, DATA_NONE, WRITE_CALLS },
	{ 62, "pipe", CLASS_PASSING, DATA_NONE, "pipe2\0" },
	{ 63, "nop128", CLASS_HARMLESS, DATA_NONE, "" },
	{ 64, "uring_cmd128", CLASS_OPAQUE, DATA_NONE, COMMAND_CALLS },
};

static bool is_default(const struct uring_opcode *opcode)
{
	return opcode->class != CLASS_OPAQUE;
}

static bool is_harmless(const struct uring_opcode *opcode)
{
	return opcode->class == CLASS_HARMLESS;
}

static bool is_descriptor(const struct uring_opcode *opcode)
{
	return opcode->class == CLASS_DESCRIPTOR;
}

static bool is_path(const struct uring_opcode *opcode)
{
	return opcode->class == CLASS_PATH;
}

static bool is_network(const struct uring_opcode *opcode)
{
	return opcode->class == CLASS_NETWORK;
}

static bool is_passing(const struct uring_opcode *opcode)
{
	return opcode->class == CLASS_PASSING;
}

static bool is_process(const struct uring_opcode *opcode)
{
	return opcode->class == CLASS_PROCESS;
}

static bool is_opaque(const struct uring_opcode *opcode)
{
	return opcode->class == CLASS_OPAQUE;
}

static bool has_call(const struct uring_opcode *opcode, const char *syscall)
{
	for (const char *name = opcode->syscalls; *name; name += strlen(name) + 1)
		if (!strcmp(name, syscall))
			return true;
	return false;
}

static bool has_read(const struct uring_opcode *opcode)
{
	return has_call(opcode, "read");
}

static bool has_write(const struct uring_opcode *opcode)
{
	return has_call(opcode, "write");
}

static bool has_open(const struct uring_opcode *opcode)
{
	return opcode->data == DATA_OPEN;
}

static bool has_sync(const struct uring_opcode *opcode)
{
	return has_call(opcode, "fsync") || has_call(opcode, "sync_file_range");
}

static bool has_xattr(const struct uring_opcode *opcode)
{
	return strstr(opcode->name, "xattr");
}

/* What a program needs to work on files without touching the names of any. */
static bool has_file(const struct uring_opcode *opcode)
{
	static const char *const more[] = { "close",	 "statx",  "fadvise64", "fallocate",
					    "ftruncate", "splice", "tee",	NULL };

	if (has_open(opcode) || has_read(opcode) || has_write(opcode) || has_sync(opcode))
		return true;
	for (size_t i = 0; more[i]; i++)
		if (has_call(opcode, more[i]))
			return true;
	return false;
}

static bool has_send(const struct uring_opcode *opcode)
{
	return has_call(opcode, "sendto");
}

static bool has_recv(const struct uring_opcode *opcode)
{
	return has_call(opcode, "recvfrom");
}

static bool has_client(const struct uring_opcode *opcode)
{
	return has_send(opcode) || has_recv(opcode) || has_call(opcode, "socket") ||
	       has_call(opcode, "connect") || has_call(opcode, "shutdown") ||
	       has_call(opcode, "close");
}

static bool has_server(const struct uring_opcode *opcode)
{
	return (has_client(opcode) && !has_call(opcode, "connect")) || has_call(opcode, "bind") ||
	       has_call(opcode, "listen") || has_call(opcode, "accept");
}

static bool has_poll(const struct uring_opcode *opcode)
{
	return has_call(opcode, "ppoll") || strstr(opcode->name, "epoll");
}

static bool has_timeout(const struct uring_opcode *opcode)
{
	return strstr(opcode->name, "timeout");
}

static bool has_futex(const struct uring_opcode *opcode)
{
	return has_call(opcode, "futex");
}

const struct uring_group uring_groups[] = {
	{ "@default", "all but @opaque: what is allowed where a profile says nothing", is_default },

	{ "@harmless", "waits, wakes, cancels, advises: reaches nothing new", is_harmless },
	{ "@descriptor", "works on descriptors that the program holds", is_descriptor },
	{ "@path", "names files by path", is_path },
	{ "@network", "sockets: makes, connects, accepts, sends, receives", is_network },
	{ "@passing", "makes or passes on descriptors", is_passing },
	{ "@process", "waits for child processes", is_process },
	{ "@opaque", "its command is invisible to filters: to be allowed by name only", is_opaque },

	{ "@read", "reads from descriptors", has_read },
	{ "@write", "writes to descriptors", has_write },
	{ "@open", "opens files", has_open },
	{ "@sync", "writes files back to their device", has_sync },
	{ "@xattr", "reads and sets extended attributes", has_xattr },
	{ "@file", "@open, @read, @write, @sync, and close, statx, fallocate and their like",
	  has_file },
	{ "@send", "sends on sockets", has_send },
	{ "@recv", "receives on sockets", has_recv },
	{ "@client", "@send, @recv, socket, connect, shutdown, close", has_client },
	{ "@server", "@send, @recv, socket, bind, listen, accept, shutdown, close", has_server },
	{ "@poll", "waits for descriptors to become ready", has_poll },
	{ "@timeout", "timeouts", has_timeout },
	{ "@futex", "waits on futexes and wakes them", has_futex },
	{ 0 },
};

/* By number; enum io_uring_register_op of Linux 7.3. */
static const char *const register_names[] = {
	"buffers",
	"unregister_buffers",
	"files",
	"unregister_files",
	"eventfd",
	"unregister_eventfd",
	"files_update",
	"eventfd_async",
	"probe",
	"personality",
	"unregister_personality",
	"restrictions",
	"enable_rings",
	"files2",
	"files_update2",
	"buffers2",
	"buffers_update",
	"iowq_aff",
	"unregister_iowq_aff",
	"iowq_max_workers",
	"ring_fds",
	"unregister_ring_fds",
	"pbuf_ring",
	"unregister_pbuf_ring",
	"sync_cancel",
	"file_alloc_range",
	"pbuf_status",
	"napi",
	"unregister_napi",
	"clock",
	"clone_buffers",
	"send_msg_ring",
	"zcrx_ifq",
	"resize_rings",
	"mem_region",
	"query",
	"zcrx_ctrl",
	"bpf_filter",
};

#define REGISTER_COUNT (sizeof(register_names) / sizeof(*register_names))
_Static_assert(REGISTER_COUNT == URING_REGISTER_BPF_FILTER + 1, "a register operation is missing");

/* By bit; enum io_uring_sqe_flags_bit. */
static const char *const sqe_flag_names[] = {
	"fixed_file", "io_drain",      "io_link",	   "io_hardlink",
	"async",      "buffer_select", "cqe_skip_success",
};

#define SQE_FLAG_COUNT (sizeof(sqe_flag_names) / sizeof(*sqe_flag_names))
_Static_assert((1 << SQE_FLAG_COUNT) - 1 == URING_SQE_FLAGS_ALL, "an SQE flag is missing");

static int fold(char c)
{
	return c == '-' ? '_' : tolower((unsigned char)c);
}

/* What follows @prefix in @name, or @name itself if it begins otherwise. */
static const char *skip_prefix(const char *name, const char *prefix)
{
	size_t i;

	for (i = 0; prefix[i]; i++)
		if (fold(name[i]) != prefix[i])
			return name;
	return name + i;
}

static bool same_name(const char *said, const char *name)
{
	while (*name && fold(*said) == *name) {
		said++;
		name++;
	}
	return !*said && !*name;
}

const struct uring_opcode *uring_opcode_by_name(const char *name)
{
	name = skip_prefix(name, "ioring_op_");
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
		if (same_name(name, uring_opcodes[i].name))
			return &uring_opcodes[i];
	return NULL;
}

const struct uring_group *uring_group_by_name(const char *name)
{
	for (const struct uring_group *group = uring_groups; group->name; group++)
		if (same_name(name, group->name))
			return group;
	return NULL;
}

int uring_register_by_name(const char *name)
{
	name = skip_prefix(skip_prefix(name, "ioring_"), "register_");
	for (size_t i = 0; i < REGISTER_COUNT; i++)
		if (same_name(name, register_names[i]))
			return (int)i;
	return -1;
}

const char *uring_register_name(unsigned int number)
{
	return number < REGISTER_COUNT ? register_names[number] : NULL;
}

int uring_sqe_flag_by_name(const char *name)
{
	name = skip_prefix(name, "iosqe_");
	for (size_t i = 0; i < SQE_FLAG_COUNT; i++)
		if (same_name(name, sqe_flag_names[i]))
			return 1 << i;
	return -1;
}

const char *uring_sqe_flag_name(unsigned int bit)
{
	return bit < SQE_FLAG_COUNT ? sqe_flag_names[bit] : NULL;
}

/*
 * SEND_MSG_RING is MSG_RING by another door. ZCRX_IFQ and ZCRX_CTRL map a network device's receive
 * queue; they need CAP_NET_ADMIN, and drivers that no sandboxed program should be near.
 */
uint64_t uring_registers_default(void)
{
	uint64_t all = (UINT64_C(1) << REGISTER_COUNT) - 1;

	return all &
	       ~(UINT64_C(1) << URING_REGISTER_SEND_MSG_RING |
		 UINT64_C(1) << URING_REGISTER_ZCRX_IFQ | UINT64_C(1) << URING_REGISTER_ZCRX_CTRL);
}
