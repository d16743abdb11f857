// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <asm/unistd.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/describe.h"
#include "audit/remote.h"
#include "audit/signature.h"
#include "policy/seccomp_policy.h"
#include "policy/syscall_group.h"
#include "uring/opcode.h"

/* This very process is read: to itself, it is another one like any. */
struct fixture {
	struct arena arena;
	struct audit_arguments arguments;
	char *page; /* readable; the one behind it is not there */
	size_t page_size;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->page_size = (size_t)sysconf(_SC_PAGESIZE);
	f->page = mmap(NULL, 3 * f->page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	assert_ptr_not_equal(f->page, MAP_FAILED);
	assert_int_equal(munmap(f->page + 2 * f->page_size, f->page_size), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	munmap(f->page, 2 * f->page_size);
	arena_free(&f->arena);
	free(f);
	return 0;
}

static uint64_t at(const void *pointer)
{
	return (uintptr_t)pointer;
}

static void call(struct fixture *f, int number, const uint64_t args[6])
{
	struct seccomp_data data = { .nr = number, .arch = SECCOMP_ARCH };

	memcpy(data.args, args, sizeof(data.args));
	describe_call(getpid(), &data, &f->arguments, &f->arena);
}

#define CALL(f, number, ...) call(f, number, (const uint64_t[6]){ __VA_ARGS__ })

static void sqe(struct fixture *f, const char *name, struct audit_sqe sqe)
{
	sqe.opcode = uring_opcode_by_name(name)->number;
	describe_sqe(getpid(), &sqe, &f->arguments, &f->arena);
}

#define SQE(f, name, ...) sqe(f, name, (struct audit_sqe){ __VA_ARGS__ })

/* ---- the tables ---- */

static void check_signature(const char *name, const char *signature, size_t most)
{
	if (!signature) {
		fail_msg("%s has no signature", name);
		return;
	}
	if (strlen(signature) > most || signature[strspn(signature, "dcpPfgmhalMVFTORIsnN.")])
		fail_msg("%s has a bad signature \"%s\"", name, signature);
}

static void check_call(void *context, const char *name)
{
	int number = syscall_number(name);

	(void)context;
	if (number >= 0)
		check_signature(name, call_signature((unsigned int)number), 6);
}

static void every_call_of_the_groups_has_a_signature(void **state)
{
	(void)state;
	syscall_group_visit(syscall_group_find("@known"), check_call, NULL);
	assert_null(call_signature(SYSCALL_NUMBERS));
	assert_null(call_signature(SYSCALL_NUMBERS - 1));
}

static void every_operation_has_a_signature(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		check_signature(uring_opcodes[i].name, opcode_signature(i), 7);
	assert_null(opcode_signature(URING_OPCODE_COUNT));
}

/* Calls whose name says that they take a path, and those that are known to. */
static void calls_that_name_files_tell_which(void **state)
{
	static const char *const names[] = { "openat",	  "openat2", "unlinkat",  "mkdirat",
					     "renameat2", "linkat",  "symlinkat", "statx",
					     "chdir",	  "execve",  "truncate",  "chroot",
					     "mount",	  "swapon",  "acct" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_non_null(
			strchr(call_signature((unsigned int)syscall_number(names[i])), 'p'));
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		if (uring_opcodes[i].class == CLASS_PATH)
			assert_non_null(strchr(opcode_signature(i), 'p'));
}

/* ---- system calls ---- */

static void openat_tells_path_flags_and_mode(void **state)
{
	struct fixture *f = *state;

	CALL(f, __NR_openat, (uint32_t)AT_FDCWD, at("/etc/shadow"), O_WRONLY | O_CREAT, 0640);
	assert_string_equal(f->arguments.path, "/etc/shadow");
	assert_true(f->arguments.has_flags);
	assert_int_equal(f->arguments.flags, O_WRONLY | O_CREAT);
	assert_true(f->arguments.has_mode);
	assert_int_equal(f->arguments.mode, 0640);
	assert_int_equal(f->arguments.fd, -1);
	assert_null(f->arguments.fd_target);
	assert_int_equal(f->arguments.raw_count, 0);
}

static void left_over_bits_are_not_told(void **state)
{
	struct fixture *f = *state;

	CALL(f, __NR_openat, (uint32_t)AT_FDCWD, at("/x"), UINT64_C(0xdead00000000) | O_RDONLY,
	     0xdeadbeef, 0xdeadbeef, 0xdeadbeef);
	assert_int_equal(f->arguments.flags, O_RDONLY);
	assert_false(f->arguments.has_mode);
	assert_int_equal(f->arguments.raw_count, 0);
}

static void a_relative_path_tells_where_it_starts(void **state)
{
	struct fixture *f = *state;
	char cwd[PATH_MAX];
	int folder = open("/usr", O_PATH | O_DIRECTORY | O_CLOEXEC);

	CALL(f, __NR_unlinkat, (uint32_t)AT_FDCWD, at("x"));
	assert_int_equal(f->arguments.fd, -1);
	assert_string_equal(f->arguments.fd_target, getcwd(cwd, sizeof(cwd)));
	CALL(f, __NR_unlinkat, (uint32_t)folder, at("x"));
	assert_int_equal(f->arguments.fd, folder);
	assert_string_equal(f->arguments.fd_target, "/usr");
	CALL(f, __NR_unlinkat, (uint32_t)folder, at("/x"));
	assert_int_equal(f->arguments.fd, -1);
	close(folder);
}

static void openat2_tells_what_its_structure_says(void **state)
{
	struct fixture *f = *state;
	struct open_how how = { .flags = O_RDWR, .resolve = RESOLVE_BENEATH };

	CALL(f, __NR_openat2, (uint32_t)AT_FDCWD, at("/x"), at(&how), sizeof(how));
	assert_int_equal(f->arguments.flags, O_RDWR);
	assert_true(f->arguments.has_resolve);
	assert_int_equal(f->arguments.resolve, RESOLVE_BENEATH);
	SQE(f, "openat2", .fd = AT_FDCWD, .addr = at("/x"), .off = at(&how), .len = sizeof(how));
	assert_int_equal(f->arguments.flags, O_RDWR);
	assert_int_equal(f->arguments.resolve, RESOLVE_BENEATH);
}

static struct sockaddr_in loopback(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(80) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static void assert_loopback(const struct fixture *f)
{
	struct sockaddr_in address = loopback();

	assert_true(f->arguments.has_address);
	assert_int_equal(f->arguments.address_length, sizeof(address));
	assert_memory_equal(&f->arguments.address, &address, sizeof(address));
}

static void addresses_are_told_wherever_they_are(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in address = loopback();
	struct msghdr header = { .msg_name = &address, .msg_namelen = sizeof(address) };

	CALL(f, __NR_connect, 0, at(&address), sizeof(address));
	assert_loopback(f);
	assert_int_equal(f->arguments.fd, 0);
	CALL(f, __NR_sendto, 0, 0, 0, MSG_DONTWAIT, at(&address), sizeof(address));
	assert_loopback(f);
	assert_int_equal(f->arguments.flags, MSG_DONTWAIT);
	CALL(f, __NR_sendmsg, 0, at(&header), 0);
	assert_loopback(f);
	CALL(f, __NR_sendmmsg, 0, at(&(struct mmsghdr){ .msg_hdr = header }), 1, 0);
	assert_loopback(f);
	SQE(f, "connect", .addr = at(&address), .off = sizeof(address));
	assert_loopback(f);
	SQE(f, "bind", .addr = at(&address), .off = sizeof(address));
	assert_loopback(f);
	SQE(f, "send", .off = at(&address), .file_index = sizeof(address));
	assert_loopback(f);
	SQE(f, "sendmsg", .addr = at(&header));
	assert_loopback(f);
}

static void an_address_that_is_none_is_absent(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in address = loopback();

	CALL(f, __NR_connect, 0, at(&address), 1);
	assert_false(f->arguments.has_address);
	CALL(f, __NR_connect, 0, at(&address), UINT32_MAX);
	assert_false(f->arguments.has_address);
	CALL(f, __NR_connect, 0, 8, sizeof(address));
	assert_false(f->arguments.has_address);
	CALL(f, __NR_sendto, 0, 0, 0, 0, 0, sizeof(address));
	assert_false(f->arguments.has_address);
}

static void socket_tells_family_type_and_protocol(void **state)
{
	struct fixture *f = *state;

	CALL(f, __NR_socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	assert_true(f->arguments.has_socket);
	assert_int_equal(f->arguments.family, AF_INET6);
	assert_int_equal(f->arguments.type, SOCK_DGRAM | SOCK_CLOEXEC);
	assert_int_equal(f->arguments.protocol, IPPROTO_UDP);
	SQE(f, "socket", .fd = AF_UNIX, .off = SOCK_STREAM, .len = 7);
	assert_true(f->arguments.has_socket);
	assert_int_equal(f->arguments.family, AF_UNIX);
	assert_int_equal(f->arguments.type, SOCK_STREAM);
	assert_int_equal(f->arguments.protocol, 7);
	assert_int_equal(f->arguments.fd, -1);
}

static void operations_are_named(void **state)
{
	struct fixture *f = *state;

	CALL(f, __NR_io_uring_register, 0, 31, 0, 1);
	assert_string_equal(f->arguments.operation, "send_msg_ring");
	CALL(f, __NR_io_uring_register, 0, UINT32_C(1) << 31 | 31, 0, 1);
	assert_string_equal(f->arguments.operation, "send_msg_ring");
	CALL(f, __NR_io_uring_register, 0, 500, 0, 1);
	assert_string_equal(f->arguments.operation, "500");
	CALL(f, __NR_ioctl, 0, UINT64_C(1) << 32 | TIOCSTI, 0);
	assert_string_equal(f->arguments.operation, "TIOCSTI");
	CALL(f, __NR_ioctl, 0, 0xabcd, 0);
	assert_string_equal(f->arguments.operation, "0xabcd");
}

static void other_numbers_are_told_and_pointers_are_not(void **state)
{
	struct fixture *f = *state;

	CALL(f, __NR_ptrace, 16, 42, 0x7fff12345678, 0x7fff12345678);
	assert_int_equal(f->arguments.raw_count, 2);
	assert_int_equal(f->arguments.raw[0], 16);
	assert_int_equal(f->arguments.raw[1], 42);
	CALL(f, __NR_kill, UINT32_MAX, 9);
	assert_int_equal((int64_t)f->arguments.raw[0], -1);
}

static void calls_of_other_architectures_tell_their_registers_alone(void **state)
{
	struct fixture *f = *state;
	struct seccomp_data data = {
		.nr = __NR_openat,
		.arch = AUDIT_ARCH_I386,
		.args = { 1, at("/x"), 3, 4, 5, 6 },
	};

	describe_call(getpid(), &data, &f->arguments, &f->arena);
	assert_null(f->arguments.path);
	assert_int_equal(f->arguments.raw_count, 6);
	assert_int_equal(f->arguments.raw[1], at("/x"));
	if (!SECCOMP_X32_BIT)
		return;
	data.arch = SECCOMP_ARCH;
	data.nr |= (int)SECCOMP_X32_BIT;
	describe_call(getpid(), &data, &f->arguments, &f->arena);
	assert_null(f->arguments.path);
	assert_int_equal(f->arguments.raw_count, 6);
}

/* ---- SQEs ---- */

static void paths_of_operations_are_told(void **state)
{
	struct fixture *f = *state;

	SQE(f, "openat", .fd = AT_FDCWD, .addr = at("/a"), .op_flags = O_CREAT, .len = 0600);
	assert_string_equal(f->arguments.path, "/a");
	assert_int_equal(f->arguments.flags, O_CREAT);
	assert_int_equal(f->arguments.mode, 0600);
	SQE(f, "renameat", .fd = AT_FDCWD, .addr = at("/a"), .off = at("/b"), .op_flags = 1);
	assert_string_equal(f->arguments.path, "/a");
	assert_string_equal(f->arguments.second_path, "/b");
	assert_int_equal(f->arguments.flags, 1);
	SQE(f, "mkdirat", .fd = AT_FDCWD, .addr = at("/d"), .len = 0700);
	assert_int_equal(f->arguments.mode, 0700);
	SQE(f, "setxattr", .addr = at("user.x"), .off = at("v"), .len = 1, .addr3 = at("/f"));
	assert_string_equal(f->arguments.path, "/f");
	assert_string_equal(f->arguments.operation, "user.x");
}

static void descriptors_tell_what_they_refer_to(void **state)
{
	struct fixture *f = *state;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	SQE(f, "read", .fd = fd);
	assert_int_equal(f->arguments.fd, fd);
	assert_false(f->arguments.fixed);
	assert_string_equal(f->arguments.fd_target, "/dev/null");
	SQE(f, "read", .fd = fd, .flags = 1 /* IOSQE_FIXED_FILE */);
	assert_int_equal(f->arguments.fd, fd);
	assert_true(f->arguments.fixed);
	assert_null(f->arguments.fd_target);
	assert_int_equal(f->arguments.sqe_flags, 1);
	close(fd);
	SQE(f, "read", .fd = fd);
	assert_int_equal(f->arguments.fd, fd);
	assert_null(f->arguments.fd_target);
}

static void an_operation_that_nobody_knows_tells_nothing(void **state)
{
	struct fixture *f = *state;
	struct audit_sqe unknown = { .opcode = 200, .fd = 3, .addr = at("/x") };

	describe_sqe(getpid(), &unknown, &f->arguments, &f->arena);
	assert_null(f->arguments.path);
	assert_int_equal(f->arguments.fd, -1);
}

/* ---- hostile memory ---- */

static void a_string_may_end_at_the_end_of_memory(void **state)
{
	struct fixture *f = *state;
	char *end = f->page + 2 * f->page_size;

	memcpy(end - 4, "/xy", 4);
	assert_string_equal(remote_string(getpid(), at(end - 4), &f->arena), "/xy");
	/* And begin in one page and end in the next. */
	memcpy(f->page + f->page_size - 2, "/xy", 4);
	assert_string_equal(remote_string(getpid(), at(f->page + f->page_size - 2), &f->arena),
			    "/xy");
}

static void a_string_without_an_end_is_absent(void **state)
{
	struct fixture *f = *state;
	char *end = f->page + 2 * f->page_size;

	memset(f->page, 'x', 2 * f->page_size);
	assert_null(remote_string(getpid(), at(end - 4), &f->arena));
	assert_null(remote_string(getpid(), at(end), &f->arena));
	assert_null(remote_string(getpid(), 8, &f->arena));
	assert_null(remote_string(getpid(), UINT64_MAX - 2, &f->arena));
	assert_null(remote_string(getpid(), UINT64_C(1) << 63, &f->arena));
	assert_null(remote_string(getpid(), 0, &f->arena));
}

static void a_string_of_path_max_bytes_is_the_longest(void **state)
{
	struct fixture *f = *state;
	char *text = f->page + 1;

	memset(text, 'x', PATH_MAX);
	text[PATH_MAX - 1] = '\0';
	assert_int_equal(strlen(remote_string(getpid(), at(text), &f->arena)), PATH_MAX - 1);
	text[PATH_MAX - 1] = 'x';
	text[PATH_MAX] = '\0';
	assert_null(remote_string(getpid(), at(text), &f->arena));
}

static void scribbled_pointers_leave_arguments_out(void **state)
{
	struct fixture *f = *state;

	CALL(f, __NR_openat, (uint32_t)AT_FDCWD, 0xdeadbeefdeadbeef, O_RDONLY);
	assert_null(f->arguments.path);
	assert_true(f->arguments.has_flags);
	CALL(f, __NR_openat2, (uint32_t)AT_FDCWD, at("/x"), 0xdeadbeefdeadbeef, 24);
	assert_false(f->arguments.has_flags);
	CALL(f, __NR_sendmsg, 0, 0xdeadbeefdeadbeef, 0);
	assert_false(f->arguments.has_address);
	/* Half of it is there. */
	CALL(f, __NR_openat2, (uint32_t)AT_FDCWD, at("/x"), at(f->page + 2 * f->page_size - 8), 24);
	assert_false(f->arguments.has_flags);
}

/* ---- other processes ---- */

static void another_process_is_read(void **state)
{
	struct fixture *f = *state;
	char *shared = f->page;
	const char *program;
	pid_t child;
	int end[2];
	char byte;

	assert_int_equal(pipe(end), 0);
	memcpy(shared, "before", 7);
	child = fork();
	if (child == 0) {
		memcpy(shared, "the child's", 12);
		if (write(end[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(end[0], &byte, 1), 1);
	assert_string_equal(remote_string(child, at(shared), &f->arena), "the child's");
	assert_int_equal(remote_process(child), child);
	program = remote_program(child, &f->arena);
	assert_string_equal(program, "audit_describe");
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_null(remote_string(child, at(shared), &f->arena));
	assert_null(remote_program(child, &f->arena));
	assert_null(remote_fd(child, 0, &f->arena));
	assert_int_equal(remote_process(child), -1);
	close(end[0]);
	close(end[1]);
}

static void the_name_of_a_thread_fools_nobody(void **state)
{
	char name[16] = { 0 };

	(void)state;
	prctl(PR_GET_NAME, name);
	prctl(PR_SET_NAME, "x\nTgid:\t1");
	assert_int_equal(remote_process(getpid()), getpid());
	prctl(PR_SET_NAME, name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_call_of_the_groups_has_a_signature),
		TEST(every_operation_has_a_signature),
		TEST(calls_that_name_files_tell_which),
		TEST(openat_tells_path_flags_and_mode),
		TEST(left_over_bits_are_not_told),
		TEST(a_relative_path_tells_where_it_starts),
		TEST(openat2_tells_what_its_structure_says),
		TEST(addresses_are_told_wherever_they_are),
		TEST(an_address_that_is_none_is_absent),
		TEST(socket_tells_family_type_and_protocol),
		TEST(operations_are_named),
		TEST(other_numbers_are_told_and_pointers_are_not),
		TEST(calls_of_other_architectures_tell_their_registers_alone),
		TEST(paths_of_operations_are_told),
		TEST(descriptors_tell_what_they_refer_to),
		TEST(an_operation_that_nobody_knows_tells_nothing),
		TEST(a_string_may_end_at_the_end_of_memory),
		TEST(a_string_without_an_end_is_absent),
		TEST(a_string_of_path_max_bytes_is_the_longest),
		TEST(scribbled_pointers_leave_arguments_out),
		TEST(another_process_is_read),
		TEST(the_name_of_a_thread_fools_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
