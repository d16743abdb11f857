// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Operations on files that are open already. Each acts through both gates on the same object with
 * the same arguments; only the last step differs.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "trial.h"

#define XATTR_NAME "user.try"

static char buffer[4096] __attribute__((aligned(4096)));
static struct iovec vector = { buffer, 16 };

/* The first error of several equivalent system calls, or the last one's result. */
static int both(int first, int second)
{
	return first < 0 ? first : second;
}

static int act_read(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDONLY);

	/* Offset -1 is the file's own position, as for read(2). */
	if (by_ring(trial))
		return submit(trial,
			      REQUEST(.fd = fd, .addr = ADDR(buffer), .len = 16, .off = -1ULL));
	return done(read(fd, buffer, 16));
}

static int act_write(struct trial *trial)
{
	int fd = scratch_open(trial, O_WRONLY);

	if (by_ring(trial))
		return submit(trial,
			      REQUEST(.fd = fd, .addr = ADDR(buffer), .len = 16, .off = -1ULL));
	return done(write(fd, buffer, 16));
}

static int act_readv(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDONLY);

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .addr = ADDR(&vector), .len = 1));
	return both(done(preadv(fd, &vector, 1, 0)), done(preadv2(fd, &vector, 1, 0, 0)));
}

static int act_writev(struct trial *trial)
{
	int fd = scratch_open(trial, O_WRONLY);

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .addr = ADDR(&vector), .len = 1));
	return both(done(pwritev(fd, &vector, 1, 0)), done(pwritev2(fd, &vector, 1, 0, 0)));
}

/*
 * A request on a registered buffer. Without one it shows EFAULT: the policy let it through.
 */
static int submit_fixed(struct trial *trial, int fd, const void *where, unsigned int length)
{
	struct iovec whole = { buffer, sizeof(buffer) };
	int ret = ring_register(&trial->ring, REG_BUFFERS, &whole, 1);

	if (ret < 0)
		missing(trial, "fixed buffer: register", ret);
	return submit(trial, REQUEST(.fd = fd, .addr = ADDR(where), .len = length));
}

static int act_read_fixed(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDONLY);

	return by_ring(trial) ? submit_fixed(trial, fd, buffer, 16)
			      : done(pread(fd, buffer, 16, 0));
}

static int act_write_fixed(struct trial *trial)
{
	int fd = scratch_open(trial, O_WRONLY);

	return by_ring(trial) ? submit_fixed(trial, fd, buffer, 16)
			      : done(pwrite(fd, buffer, 16, 0));
}

static int act_readv_fixed(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDONLY);

	return by_ring(trial) ? submit_fixed(trial, fd, &vector, 1)
			      : done(preadv(fd, &vector, 1, 0));
}

static int act_writev_fixed(struct trial *trial)
{
	int fd = scratch_open(trial, O_WRONLY);

	return by_ring(trial) ? submit_fixed(trial, fd, &vector, 1)
			      : done(pwritev(fd, &vector, 1, 0));
}

/* A pipe with 16 bytes in it; { -1, -1 } if there is none. */
static void full_pipe(struct trial *trial, int fds[2])
{
	fds[0] = fds[1] = -1;
	if (pipe2(fds, O_CLOEXEC) < 0)
		missing(trial, "pipe: pipe2", -errno);
	else if (write(fds[1], buffer, 16) != 16)
		missing(trial, "data: write", -errno);
}

/* With no buffer to choose from it shows ENOBUFS: the policy let it through. */
static int act_read_multishot(struct trial *trial)
{
	int fds[2];

	full_pipe(trial, fds);
	if (!by_ring(trial))
		return done(read(fds[0], buffer, 16));
	arm(trial, REQUEST(.opcode = OP_PROVIDE_BUFFERS, .fd = 1, .addr = ADDR(buffer), .len = 64,
			   .buf_index = 7));
	return submit(trial, REQUEST(.fd = fds[0], .flags = SQE_BUFFER_SELECT, .buf_index = 7));
}

static int act_fsync(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDWR);

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd));
	return both(done(fsync(fd)), done(fdatasync(fd)));
}

static int act_sync_file_range(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDWR);

	if (by_ring(trial))
		return submit(trial,
			      REQUEST(.fd = fd, .len = 16, .op_flags = SYNC_FILE_RANGE_WRITE));
	return done(sync_file_range(fd, 0, 16, SYNC_FILE_RANGE_WRITE));
}

static int act_fallocate(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDWR);

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .addr = 4096));
	return done(fallocate(fd, 0, 0, 4096));
}

static int act_ftruncate(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDWR);

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .off = 8));
	return done(ftruncate(fd, 8));
}

static int act_fadvise(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDONLY);

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .len = 16, .op_flags = POSIX_FADV_NORMAL));
	return done(syscall(SYS_fadvise64, fd, 0, 16, POSIX_FADV_NORMAL));
}

static int act_madvise(struct trial *trial)
{
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = -1, .addr = ADDR(buffer), .len = sizeof(buffer),
					     .op_flags = MADV_NORMAL));
	return done(madvise(buffer, sizeof(buffer), MADV_NORMAL));
}

static int act_close(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDONLY);

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd));
	return done(close(fd));
}

static int act_splice(struct trial *trial)
{
	int in[2], out[2];

	full_pipe(trial, in);
	full_pipe(trial, out);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = out[1], .off = -1ULL, .len = 8,
					     .splice_fd_in = in[0], .splice_off_in = -1ULL));
	return done(splice(in[0], NULL, out[1], NULL, 8, 0));
}

static int act_tee(struct trial *trial)
{
	int in[2], out[2];

	full_pipe(trial, in);
	full_pipe(trial, out);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = out[1], .len = 8, .splice_fd_in = in[0]));
	return done(tee(in[0], out[1], 8, 0));
}

/* Both gates give EOPNOTSUPP on a file system without user attributes (tmpfs before 6.6). */
static int act_fsetxattr(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDWR);

	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .addr = ADDR(XATTR_NAME), .addr2 = ADDR("1"),
					     .len = 1));
	return done(fsetxattr(fd, XATTR_NAME, "1", 1, 0));
}

/* Both gates give ENODATA where the attribute could not be set before. */
static int act_fgetxattr(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDWR);

	if (fsetxattr(fd, XATTR_NAME, "1", 1, 0) < 0)
		missing(trial, "attribute: fsetxattr", -errno);
	if (by_ring(trial))
		return submit(trial, REQUEST(.fd = fd, .addr = ADDR(XATTR_NAME),
					     .addr2 = ADDR(buffer), .len = 16));
	return done(fgetxattr(fd, XATTR_NAME, buffer, 16));
}

/* The opaque classics of a call-only policy: what write(2) refuses, these must refuse too. */
static int act_sendfile(struct trial *trial)
{
	int fd = scratch_open(trial, O_RDONLY);
	int out[2];

	full_pipe(trial, out);
	if (by_ring(trial))
		return RESULT_USAGE;
	return done(sendfile(out[1], fd, NULL, 8));
}

static int act_copy_file_range(struct trial *trial)
{
	int in = scratch_open(trial, O_RDONLY);
	int out = open(scratch_file(trial, "copy"), O_WRONLY | O_CLOEXEC);

	if (by_ring(trial))
		return RESULT_USAGE;
	return done(copy_file_range(in, NULL, out, NULL, 8, 0));
}

const struct op file_ops[] = {
	{ "read", OP_READ, act_read, ON_FILE, "[PATH]" },
	{ "write", OP_WRITE, act_write, ON_FILE, "[PATH]" },
	{ "readv", OP_READV, act_readv, ON_FILE, "[PATH]" },
	{ "writev", OP_WRITEV, act_writev, ON_FILE, "[PATH]" },
	{ "read_fixed", OP_READ_FIXED, act_read_fixed, ON_FILE, "[PATH]" },
	{ "write_fixed", OP_WRITE_FIXED, act_write_fixed, ON_FILE, "[PATH]" },
	{ "readv_fixed", OP_READV_FIXED, act_readv_fixed, ON_FILE, "[PATH]" },
	{ "writev_fixed", OP_WRITEV_FIXED, act_writev_fixed, ON_FILE, "[PATH]" },
	{ "read_multishot", OP_READ_MULTISHOT, act_read_multishot, ON_FILE, "" },
	{ "fsync", OP_FSYNC, act_fsync, ON_FILE, "[PATH]" },
	{ "sync_file_range", OP_SYNC_FILE_RANGE, act_sync_file_range, ON_FILE, "[PATH]" },
	{ "fallocate", OP_FALLOCATE, act_fallocate, ON_FILE, "[PATH]" },
	{ "ftruncate", OP_FTRUNCATE, act_ftruncate, ON_FILE, "[PATH]" },
	{ "fadvise", OP_FADVISE, act_fadvise, ON_FILE, "[PATH]" },
	{ "madvise", OP_MADVISE, act_madvise, 0, "" },
	{ "close", OP_CLOSE, act_close, 0, "[PATH]" },
	{ "splice", OP_SPLICE, act_splice, ON_FILE, "" },
	{ "tee", OP_TEE, act_tee, ON_FILE, "" },
	{ "fsetxattr", OP_FSETXATTR, act_fsetxattr, ON_FILE, "[PATH]" },
	{ "fgetxattr", OP_FGETXATTR, act_fgetxattr, ON_FILE, "[PATH]" },
	{ "sendfile", 0, act_sendfile, VARIANT, "[PATH] (call only)" },
	{ "copy_file_range", 0, act_copy_file_range, VARIANT, "[PATH] (call only)" },
	{ 0 },
};
