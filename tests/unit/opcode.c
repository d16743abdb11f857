// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "uring/abi.h"
#include "uring/opcode.h"

static bool lists(unsigned int number, const char *syscall)
{
	for (const char *name = uring_opcodes[number].syscalls; *name; name += strlen(name) + 1)
		if (!strcmp(name, syscall))
			return true;
	return false;
}

static void every_opcode_stands_at_its_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++) {
		assert_int_equal(uring_opcodes[i].number, i);
		assert_non_null(uring_opcodes[i].name);
		assert_non_null(uring_opcodes[i].syscalls);
		assert_ptr_equal(uring_opcode_by_name(uring_opcodes[i].name), &uring_opcodes[i]);
	}
}

static void names_are_found_however_they_are_written(void **state)
{
	(void)state;
	assert_int_equal(uring_opcode_by_name("send_zc")->number, 47);
	assert_int_equal(uring_opcode_by_name("SEND-ZC")->number, 47);
	assert_int_equal(uring_opcode_by_name("IORING_OP_SEND_ZC")->number, 47);
	assert_int_equal(uring_opcode_by_name("ioring-op-send-zc")->number, 47);
	assert_int_equal(uring_register_by_name("send_msg_ring"), URING_REGISTER_SEND_MSG_RING);
	assert_int_equal(uring_register_by_name("IORING_REGISTER_BUFFERS"), 0);
	assert_int_equal(uring_register_by_name("register-buffers"), 0);
	assert_int_equal(uring_register_by_name("IORING_UNREGISTER_BUFFERS"), 1);
	assert_int_equal(uring_register_by_name("bpf_filter"), URING_REGISTER_BPF_FILTER);
	assert_int_equal(uring_sqe_flag_by_name("IOSQE_FIXED_FILE"), 1);
	assert_int_equal(uring_sqe_flag_by_name("cqe-skip-success"), 1 << 6);
	assert_string_equal(uring_group_by_name("@NETWORK")->name, "@network");
}

static void what_is_no_name_is_not_found(void **state)
{
	static const char *const wrong[] = {
		"",	 "sen",	      "sendx",	  "IORING_OP_", "@",	  "@nothing", "send zc",
		"_send", "register_", "buffers_", "unregister", "iosqe_", "\xff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_null(uring_opcode_by_name(wrong[i]));
		assert_null(uring_group_by_name(wrong[i]));
		assert_int_equal(uring_register_by_name(wrong[i]), -1);
		assert_int_equal(uring_sqe_flag_by_name(wrong[i]), -1);
	}
	assert_null(uring_register_name(38));
	assert_null(uring_register_name(UINT32_MAX));
}

static void exactly_those_that_filters_cannot_see_into_are_opaque(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		assert_int_equal(uring_opcodes[i].class == CLASS_OPAQUE,
				 i == 40 || i == 46 || i == 64);
}

static void filter_data_is_that_of_four_opcodes(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		assert_int_equal(uring_opcodes[i].data, i == 45		     ? DATA_SOCKET
							: i == 18 || i == 28 ? DATA_OPEN
							: i == 16	     ? DATA_CONNECT
									     : DATA_NONE);
}

/*
 * "Denied system call, and the opcodes that would walk around it", as collected from the kernel's
 * sources. Each opcode must list one of the calls, or else a call, named by @by, that has the same
 * effect if it is allowed: then the opcode grants nothing new.
 */
static const struct {
	const char *syscalls[8];
	unsigned int opcodes[10]; /* ends with 0: NOP is in no list */
	const char *by;
} walks_around[] = {
	{ { "openat" }, { 18, 28 }, NULL },
	{ { "openat2" }, { 28 }, NULL },
	{ { "open", "creat", "openat2" }, { 18 }, "openat" },
	{ { "open", "creat" }, { 28 }, "openat" },
	{ { "close" }, { 19 }, NULL },
	{ { "dup" }, { 20, 40, 54 }, NULL },
	{ { "read", "pread64", "readv", "preadv", "preadv2" }, { 1, 4, 22, 49, 60 }, NULL },
	{ { "write", "pwrite64", "writev", "pwritev", "pwritev2" }, { 2, 5, 23, 61 }, NULL },
	{ { "fsync", "fdatasync" }, { 3 }, NULL },
	{ { "sync_file_range" }, { 8 }, NULL },
	{ { "fallocate" }, { 17 }, NULL },
	{ { "ftruncate" }, { 55 }, NULL },
	{ { "truncate" }, { 55 }, "ftruncate" },
	{ { "truncate", "ftruncate" }, { 18, 28 }, "openat" }, /* O_TRUNC */
	{ { "fadvise64" }, { 24 }, NULL },
	{ { "madvise" }, { 25 }, NULL },
	{ { "ppoll" }, { 6, 7 }, NULL },
	{ { "poll", "select", "pselect6", "epoll_ctl", "epoll_pwait" }, { 6, 7 }, "ppoll" },
	{ { "epoll_ctl" }, { 29 }, NULL },
	{ { "epoll_pwait" }, { 59 }, NULL },
	{ { "epoll_wait", "epoll_pwait2" }, { 59 }, "epoll_pwait" },
	{ { "splice" }, { 30 }, NULL },
	{ { "tee" }, { 33 }, NULL },
	{ { "sendfile", "copy_file_range" }, { 30 }, "splice" },
	{ { "sendfile", "copy_file_range" }, { 33 }, "tee" },
	{ { "statx", "newfstatat" }, { 21 }, NULL },
	{ { "stat", "lstat", "fstat", "access", "faccessat", "faccessat2" }, { 21 }, "statx" },
	{ { "renameat", "renameat2" }, { 35 }, NULL },
	{ { "rename" }, { 35 }, "renameat" },
	{ { "unlinkat" }, { 36 }, NULL },
	{ { "unlink", "rmdir" }, { 36 }, "unlinkat" },
	{ { "mkdirat" }, { 37 }, NULL },
	{ { "mkdir" }, { 37 }, "mkdirat" },
	{ { "symlinkat" }, { 38 }, NULL },
	{ { "symlink" }, { 38 }, "symlinkat" },
	{ { "linkat" }, { 39 }, NULL },
	{ { "link" }, { 39 }, "linkat" },
	{ { "setxattr" }, { 42 }, NULL },
	{ { "fsetxattr" }, { 41 }, NULL },
	{ { "lsetxattr", "setxattrat" }, { 42 }, "setxattr" },
	{ { "getxattr" }, { 44 }, NULL },
	{ { "fgetxattr" }, { 43 }, NULL },
	{ { "lgetxattr", "getxattrat" }, { 44 }, "getxattr" },
	{ { "socket" }, { 45 }, NULL },
	{ { "bind" }, { 56 }, NULL },
	{ { "bind" }, { 9, 26, 47, 48 }, "sendto" }, /* autobind */
	{ { "bind" }, { 16 }, "connect" },
	{ { "listen" }, { 57 }, NULL },
	{ { "accept", "accept4" }, { 13 }, NULL },
	{ { "shutdown" }, { 34 }, NULL },
	{ { "connect" }, { 16 }, NULL },
	{ { "connect" }, { 9, 26, 47, 48 }, "sendto" }, /* Fast Open, a datagram's address */
	{ { "sendto", "sendmsg", "sendmmsg" }, { 9, 26, 47, 48 }, NULL },
	{ { "sendto", "sendmsg", "sendmmsg" }, { 2, 5, 23, 61 }, "write" },
	{ { "recvfrom", "recvmsg", "recvmmsg" }, { 10, 27, 58 }, NULL },
	{ { "recvfrom", "recvmsg", "recvmmsg" }, { 1, 4, 22, 49, 60 }, "read" },
	{ { "getsockopt", "setsockopt", "getsockname", "ioctl" }, { 46, 64 }, NULL },
	{ { "pipe2" }, { 62 }, NULL },
	{ { "pipe" }, { 62 }, "pipe2" },
	{ { "waitid" }, { 50 }, NULL },
	{ { "wait4" }, { 50 }, "waitid" },
	{ { "futex" }, { 51, 52, 53 }, NULL },
	{ { "futex_waitv" }, { 53 }, NULL },
	{ { "futex_wait", "futex_wake", "futex_requeue" }, { 51, 52 }, "futex" },
	{ { "nanosleep", "clock_nanosleep" }, { 11, 15 }, NULL },
	{ { "timerfd_settime", "timer_settime", "setitimer", "alarm" }, { 11, 15 }, "nanosleep" },
};

#define WALKS (sizeof(walks_around) / sizeof(*walks_around))

static void what_walks_around_a_denied_call_hangs_on_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < WALKS; i++)
		for (size_t o = 0; walks_around[i].opcodes[o]; o++)
			for (size_t s = 0; s < 8 && walks_around[i].syscalls[s]; s++) {
				const char *by = walks_around[i].by ?: walks_around[i].syscalls[s];
				unsigned int opcode = walks_around[i].opcodes[o];

				if (!lists(opcode, by))
					fail_msg("%s does not hang on %s",
						 uring_opcodes[opcode].name, by);
			}
}

static bool is_known_walk(unsigned int opcode, const char *syscall)
{
	for (size_t i = 0; i < WALKS; i++)
		for (size_t o = 0; walks_around[i].opcodes[o] && !walks_around[i].by; o++)
			for (size_t s = 0; s < 8 && walks_around[i].syscalls[s]; s++)
				if (walks_around[i].opcodes[o] == opcode &&
				    !strcmp(walks_around[i].syscalls[s], syscall))
					return true;
	/* Came after the table was collected; the same door as getsockname. */
	return (opcode == 46 || opcode == 64) && !strcmp(syscall, "getpeername");
}

static void no_opcode_hangs_on_a_call_without_reason(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < URING_OPCODE_COUNT; i++)
		for (const char *name = uring_opcodes[i].syscalls; *name; name += strlen(name) + 1)
			if (!is_known_walk(i, name))
				fail_msg("%s hangs on %s", uring_opcodes[i].name, name);
}

static size_t group_size(const char *name)
{
	const struct uring_group *group = uring_group_by_name(name);
	size_t count = 0;

	assert_non_null(group);
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
		count += group->has(&uring_opcodes[i]);
	return count;
}

static bool group_has(const char *group, const char *opcode)
{
	return uring_group_by_name(group)->has(uring_opcode_by_name(opcode));
}

static void groups_hold_what_their_names_say(void **state)
{
	(void)state;
	assert_int_equal(group_size("@default"), URING_OPCODE_COUNT - 3);
	assert_int_equal(group_size("@opaque"), 3);
	assert_int_equal(group_size("@read"), 5);
	assert_int_equal(group_size("@write"), 4);
	assert_int_equal(group_size("@open"), 2);
	assert_int_equal(group_size("@send"), 4);
	assert_int_equal(group_size("@recv"), 3);
	assert_int_equal(group_size("@xattr"), 4);
	assert_int_equal(group_size("@poll"), 4);
	assert_int_equal(group_size("@timeout"), 3);
	assert_int_equal(group_size("@futex"), 3);
	assert_int_equal(group_size("@sync"), 2);
	assert_true(group_has("@file", "statx"));
	assert_false(group_has("@file", "unlinkat"));
	assert_false(group_has("@file", "socket"));
	assert_true(group_has("@client", "connect"));
	assert_false(group_has("@client", "accept"));
	assert_true(group_has("@server", "accept"));
	assert_false(group_has("@server", "connect"));
}

static void every_opcode_is_in_exactly_one_class_group(void **state)
{
	static const char *const classes[] = {
		"@harmless", "@descriptor", "@path", "@network", "@passing", "@process", "@opaque",
	};

	(void)state;
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++) {
		int in = 0;

		for (size_t c = 0; c < sizeof(classes) / sizeof(*classes); c++)
			in += uring_group_by_name(classes[c])->has(&uring_opcodes[i]);
		assert_int_equal(in, 1);
	}
}

static void no_group_is_empty_or_named_twice(void **state)
{
	(void)state;
	for (const struct uring_group *group = uring_groups; group->name; group++) {
		assert_int_equal(*group->name, '@');
		assert_ptr_equal(uring_group_by_name(group->name), group);
		assert_true(group_size(group->name) > 0);
		assert_true(strlen(group->summary) > 0);
	}
}

static void register_names_lead_to_their_numbers(void **state)
{
	(void)state;
	for (unsigned int i = 0; i <= URING_REGISTER_BPF_FILTER; i++)
		assert_int_equal(uring_register_by_name(uring_register_name(i)), (int)i);
}

static void unknown_and_dangerous_register_operations_are_not_in_the_default(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(
			uring_registers_default() >> i & 1,
			i <= URING_REGISTER_BPF_FILTER && i != URING_REGISTER_SEND_MSG_RING &&
				i != URING_REGISTER_ZCRX_IFQ && i != URING_REGISTER_ZCRX_CTRL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_opcode_stands_at_its_number),
		cmocka_unit_test(names_are_found_however_they_are_written),
		cmocka_unit_test(what_is_no_name_is_not_found),
		cmocka_unit_test(exactly_those_that_filters_cannot_see_into_are_opaque),
		cmocka_unit_test(filter_data_is_that_of_four_opcodes),
		cmocka_unit_test(what_walks_around_a_denied_call_hangs_on_it),
		cmocka_unit_test(no_opcode_hangs_on_a_call_without_reason),
		cmocka_unit_test(groups_hold_what_their_names_say),
		cmocka_unit_test(every_opcode_is_in_exactly_one_class_group),
		cmocka_unit_test(no_group_is_empty_or_named_twice),
		cmocka_unit_test(register_names_lead_to_their_numbers),
		cmocka_unit_test(unknown_and_dangerous_register_operations_are_not_in_the_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
