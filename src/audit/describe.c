// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/describe.h"

#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <string.h>

#include "audit/ioctl_name.h"
#include "audit/remote.h"
#include "audit/signature.h"
#include "policy/seccomp_policy.h"
#include "uring/abi.h"
#include "uring/opcode.h"

#define FIXED_FILE 1 /* IOSQE_FIXED_FILE */

/* One call or SQE being described. */
struct describer {
	pid_t pid;
	struct arena *arena;
	struct audit_arguments *out;
	int folder;	  /* the descriptor that @path starts from; -1: none */
	uint64_t address; /* of a struct sockaddr; 0: none */
	uint32_t address_length;
};

static void number(struct audit_arguments *out, uint64_t value)
{
	if (out->raw_count < sizeof(out->raw) / sizeof(*out->raw))
		out->raw[out->raw_count++] = value;
}

static void flags(struct audit_arguments *out, uint64_t value)
{
	out->has_flags = true;
	out->flags = value;
}

static void open_how(struct describer *d, uint64_t address)
{
	struct open_how how;

	if (remote_read(d->pid, address, &how, sizeof(how)) < 0)
		return;
	flags(d->out, how.flags);
	d->out->has_mode = true;
	d->out->mode = how.mode;
	d->out->has_resolve = true;
	d->out->resolve = how.resolve;
}

/* The address that a message goes to. Of several messages, the first one's. */
static void message(struct describer *d, uint64_t address)
{
	struct msghdr header;

	if (remote_read(d->pid, address, &header, sizeof(header)) < 0)
		return;
	d->address = (uintptr_t)header.msg_name;
	d->address_length = header.msg_namelen;
}

static const char *register_operation(struct describer *d, uint64_t value)
{
	uint32_t operation = (uint32_t)value & ~URING_REGISTER_USE_REGISTERED_RING;
	const char *name = uring_register_name(operation);

	return name ? name : arena_printf(d->arena, "%u", operation);
}

static const char *request(struct describer *d, uint64_t value)
{
	const char *name = ioctl_name((uint32_t)value);

	return name ? name : arena_printf(d->arena, "0x%x", (uint32_t)value);
}

static const char *string(struct describer *d, uint64_t address)
{
	return address ? remote_string(d->pid, address, d->arena) : NULL;
}

static void descriptor(struct audit_arguments *out, uint64_t value)
{
	/* Of several descriptors, the first counts. */
	if (out->fd < 0)
		out->fd = (int)value;
}

static void socket_argument(struct audit_arguments *out, int *field, uint64_t value)
{
	out->has_socket = true;
	*field = (int)value;
}

/* @letter is one of signature.h. An int is the lower half of its register, as for the kernel. */
static void argument(struct describer *d, char letter, uint64_t value)
{
	struct audit_arguments *out = d->out;

	switch (letter) {
	case 'd':
		descriptor(out, value);
		break;
	case 'c':
		if (d->folder < 0)
			d->folder = (int)value;
		break;
	case 'p':
		out->path = string(d, value);
		break;
	case 'P':
		out->second_path = string(d, value);
		break;
	case 'f':
		flags(out, (uint32_t)value);
		break;
	case 'g':
		flags(out, value);
		break;
	case 'm':
		out->has_mode = true;
		out->mode = (uint32_t)value;
		break;
	case 'h':
		open_how(d, value);
		break;
	case 'a':
		d->address = value;
		break;
	case 'l':
		d->address_length = (uint32_t)value;
		break;
	case 'M':
	case 'V': /* begins with a msghdr */
		message(d, value);
		break;
	case 'F':
		socket_argument(out, &out->family, value);
		break;
	case 'T':
		socket_argument(out, &out->type, value);
		break;
	case 'O':
		socket_argument(out, &out->protocol, value);
		break;
	case 'R':
		out->operation = register_operation(d, value);
		break;
	case 'I':
		out->operation = request(d, value);
		break;
	case 's':
		out->operation = string(d, value);
		break;
	case 'n':
		number(out, (uint64_t)(int32_t)value);
		break;
	case 'N':
		number(out, value);
		break;
	default:
		break;
	}
}

static void read_address(struct describer *d)
{
	struct audit_arguments *out = d->out;
	size_t length = d->address_length;

	if (!d->address || length < sizeof(sa_family_t) || length > sizeof(out->address))
		return;
	if (remote_read(d->pid, d->address, &out->address, length) < 0) {
		memset(&out->address, 0, sizeof(out->address));
		return;
	}
	out->has_address = true;
	out->address_length = (socklen_t)length;
}

/* openat and its like look at the mode only where they make a file; else it is left-over bits. */
static void drop_unused_mode(struct audit_arguments *out, const char *signature)
{
	if (out->has_mode && out->has_flags && strchr(signature, 'c') &&
	    !(out->flags & (O_CREAT | __O_TMPFILE)))
		out->has_mode = false;
}

/* What a path starts from is told where that matters: an absolute one starts from the root. */
static void find_folder(struct describer *d)
{
	struct audit_arguments *out = d->out;
	bool absolute = out->path && *out->path == '/';

	if (d->folder == -1 || (absolute && !out->resolve))
		return;
	if (d->folder != AT_FDCWD)
		out->fd = d->folder;
	else if (out->path)
		out->fd_target = remote_fd(d->pid, AT_FDCWD, d->arena);
}

static void describe(struct describer *d, const char *signature, const uint64_t *values)
{
	*d->out = (struct audit_arguments){ .fd = -1 };
	d->folder = -1;
	for (size_t i = 0; signature[i]; i++)
		argument(d, signature[i], values[i]);
	read_address(d);
	find_folder(d);
}

/* NULL for another architecture's, whose numbers mean other calls. x32's are beyond all of ours. */
static const char *native_signature(const struct seccomp_data *call)
{
	return call->arch == SECCOMP_ARCH ? call_signature((unsigned int)call->nr) : NULL;
}

void describe_call(pid_t pid, const struct seccomp_data *call, struct audit_arguments *arguments,
		   struct arena *arena)
{
	struct describer d = { .pid = pid, .arena = arena, .out = arguments };
	const char *signature = native_signature(call);
	uint64_t values[6];

	for (size_t i = 0; i < 6; i++)
		values[i] = call->args[i];
	describe(&d, signature ? signature : "NNNNNN", values);
	if (!signature)
		return;
	drop_unused_mode(arguments, signature);
	if (arguments->fd >= 0)
		arguments->fd_target = remote_fd(pid, arguments->fd, arena);
}

void describe_sqe(pid_t pid, const struct audit_sqe *sqe, struct audit_arguments *arguments,
		  struct arena *arena)
{
	struct describer d = { .pid = pid, .arena = arena, .out = arguments };
	const char *signature = opcode_signature(sqe->opcode);
	const uint64_t values[] = {
		(uint64_t)sqe->fd,	  sqe->addr, sqe->off, sqe->len, sqe->op_flags, sqe->addr3,
		sqe->file_index & 0xffff, /* a u16, whose place is its lower half on little-endian
					   */
	};

	describe(&d, signature ? signature : "", values);
	arguments->sqe_flags = sqe->flags;
	if (signature)
		drop_unused_mode(arguments, signature);
	if (arguments->fd < 0)
		return;
	if (sqe->flags & FIXED_FILE && signature && *signature == 'd')
		arguments->fixed = true;
	else
		arguments->fd_target = remote_fd(pid, arguments->fd, arena);
}
