// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/learn.h"
#include "audit/learn_notes.h"
#include "audit/learn_policy.h"
#include "bpf/interpret.h"
#include "policy/mount_view.h"
#include "policy/seccomp_policy.h"
#include "uring/abi.h"
#include "uring/opcode.h"

/*
 * What is learned is handed over as the supervisor would, by this very process: the paths and
 * addresses are in its own memory. Profiles are compared with TOP for the test's own folder, and
 * without their header.
 */

struct fixture {
	char top[PATH_MAX];
	char file[PATH_MAX + 64];
	struct arena arena;
	struct policy policy; /* permissive */
	struct plan plan;
	struct plan_input world;
	struct profile_source source;
	struct learn *learn;
	struct error err;
	char *no_environment[1];
	char *argv[3];
	char text[64 * 1024];
	bool connect_data;
};

static const char *at(struct fixture *f, const char *name)
{
	return arena_printf(&f->arena, "%s/%s", f->top, name);
}

static void make_file(struct fixture *f, const char *name, const char *text)
{
	int fd = open(at(f, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int set_up(void **state)
{
	static const char *const folders[] = { "home", "home/.ssh", "home/.cache", "work",
					       "data", "data/in",   "data/out",	   "data/many" };
	static const char *const files[] = { "data/in/one", "data/out/old", "data/many/a",
					     "data/many/b", "data/many/c",  "home/.ssh/id",
					     "home/rc" };
	struct fixture *f = calloc(1, sizeof(*f));
	char pattern[] = "/tmp/learn.XXXXXX";

	assert_non_null(mkdtemp(pattern));
	assert_non_null(realpath(pattern, f->top));
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		assert_int_equal(mkdir(at(f, folders[i]), 0755), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		make_file(f, files[i], "x");
	snprintf(f->file, sizeof(f->file), "%s/work/learned.profile", f->top);
	f->argv[0] = arena_strdup(&f->arena, "/bin/true");
	f->argv[1] = arena_strdup(&f->arena, "a\n b");
	f->world = (struct plan_input){ .argv = f->argv,
					.envp = f->no_environment,
					.cwd = at(f, "work"),
					.home = at(f, "home"),
					.uid = 1000,
					.gid = 1000 };
	f->source = (struct profile_source){
		.default_text = "",
		.macros = { .home = f->world.home,
			    .cwd = f->world.cwd,
			    .runuser = "/run/user/1000",
			    .cfg = "/etc/uring-jail" },
	};
	f->connect_data = true;
	learn_policy(&f->policy, f->file, f->world.cwd);
	if (plan_make(&f->plan, &f->policy, &f->world, &f->err) < 0)
		fail_msg("%s", f->err.message);
	*state = f;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->learn)
		learn_abandon(f->learn);
	nftw(f->top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	plan_free(&f->plan);
	policy_free(&f->policy);
	arena_free(&f->arena);
	free(f);
	return 0;
}

static int try_begin(struct fixture *f)
{
	const struct learn_input input = { .file = f->file,
					   .plan = &f->plan,
					   .source = &f->source,
					   .world = &f->world,
					   .connect_data = f->connect_data,
					   .when = "2026-01-02",
					   .kernel = "Linux 7.3" };

	f->err = (struct error){ 0 };
	return learn_open(&f->learn, &input, &f->err);
}

static void begin(struct fixture *f)
{
	if (try_begin(f) < 0)
		fail_msg("%s", f->err.message);
}

static int try_end(struct fixture *f)
{
	struct learn *learn = f->learn;

	f->learn = NULL;
	return learn_close(learn, &f->err);
}

static void end(struct fixture *f)
{
	if (try_end(f) < 0)
		fail_msg("%s", f->err.message);
}

static void say(struct fixture *f, int number, bool allowed, const uint64_t args[6])
{
	struct seccomp_data call = { .nr = number, .arch = SECCOMP_ARCH };

	memcpy(call.args, args, sizeof(call.args));
	learn_call(f->learn, getpid(), &call, allowed);
}

#define call(f, number, ...) say(f, number, true, (const uint64_t[6]){ __VA_ARGS__ })
#define denied(f, number, ...) say(f, number, false, (const uint64_t[6]){ __VA_ARGS__ })
#define PTR(pointer) ((uint64_t)(uintptr_t)(pointer))
#define CWD ((uint64_t)AT_FDCWD)

static void opens(struct fixture *f, const char *path, uint64_t flags)
{
	call(f, __NR_openat, CWD, PTR(path[0] == '/' ? path : at(f, path)), flags);
}

static void makes(struct fixture *f, const char *name)
{
	opens(f, name, O_WRONLY | O_CREAT);
	make_file(f, name, "made");
}

static const char *read_text(struct fixture *f)
{
	FILE *file = fopen(f->file, "re");
	size_t length;

	assert_non_null(file);
	length = fread(f->text, 1, sizeof(f->text) - 1, file);
	fclose(file);
	f->text[length] = '\0';
	return f->text;
}

/* The text with TOP for the folder's name, and without the line for this program itself. */
static const char *plain(struct fixture *f, const char *text)
{
	static const char own[] = "  # learned: run: learn: running it\n";
	char *out = arena_alloc(&f->arena, strlen(text) + 1);
	char *next = out;
	const char *end;

	while (*text) {
		end = strchr(text, '\n');
		if (end && (next == out || next[-1] == '\n') &&
		    end - text >= (ptrdiff_t)strlen(own) &&
		    !strncmp(end + 1 - strlen(own), own, strlen(own))) {
			text = end + 1;
			continue;
		}
		if (!strncmp(text, f->top, strlen(f->top))) {
			next = stpcpy(next, "TOP");
			text += strlen(f->top);
		} else {
			*next++ = *text++;
		}
	}
	return out;
}

static void expect_body(struct fixture *f, const char *expected)
{
	const char *body = strstr(read_text(f), "root minimal\n");

	assert_non_null(body);
	assert_string_equal(plain(f, body), expected);
}

static void expect_line(struct fixture *f, const char *line)
{
	const char *text = plain(f, read_text(f));
	const char *found = strstr(text, line);

	if (!found || (found != text && found[-1] != '\n'))
		fail_msg("\"%s\" is not in:\n%s", line, text);
}

static void expect_none(struct fixture *f, const char *part)
{
	const char *text = plain(f, read_text(f));

	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%s", part, text);
}

/* What the profile comes to for the next launch. */
static void replan(struct fixture *f, struct policy *policy, struct plan *plan)
{
	*policy = (struct policy){ 0 };
	*plan = (struct plan){ 0 };
	if (profile_read(policy, &f->source, f->file, &f->err) < 0 ||
	    plan_make(plan, policy, &f->world, &f->err) < 0)
		fail_msg("%s", f->err.message);
}

#define NOTHING_USED                                                                               \
	"\n# System calls\n"                                                                       \
	"seccomp @aio,!@io-uring,@chown,@ipc,@memlock,@network-io,@pkey,@resources,@sandbox,"      \
	"@setuid,@splice,@sync  # learned: nothing of these 11 was called\n"

static void a_program_that_asks_for_nothing_gets_the_tightest_profile(void **state)
{
	struct fixture *f = *state;

	begin(f);
	end(f);
	expect_body(f,
		    "root minimal\n"
		    "\n# Network\n"
		    "net none  # learned: nothing left the jail\n"
		    "protocol unix  # learned: no socket was made\n" NOTHING_USED "\n# io_uring\n"
		    "uring none  # learned: no ring was made\n"
		    "\n# Files. The working folder is there by default, and writable.\n");
	/* Nor does its command line end the comment that it stands in. */
	expect_line(f, "#     /bin/true 'a\\x0a b'\n");
	expect_line(f, "# in TOP/work.\n");
}

static void files_are_granted_as_they_were_used(void **state)
{
	struct fixture *f = *state;

	begin(f);
	opens(f, "data/in/one", O_RDONLY);
	opens(f, "data/in/absent", O_RDONLY);
	opens(f, "data/out/old", O_RDWR);
	opens(f, "work/mine", O_WRONLY | O_CREAT);
	opens(f, "/etc/passwd", O_RDONLY);
	opens(f, "/dev/null", O_WRONLY);
	opens(f, "/proc/self/status", O_RDONLY);
	end(f);
	expect_line(f, "whitelist-ro -TOP/data/in/one  # learned: read: learn: openat(2)\n");
	expect_line(f, "whitelist -TOP/data/out/old  # learned: write: learn: openat(2)\n");
	expect_none(f, "absent");
	expect_none(f, "mine");
	expect_none(f, "/etc");
	expect_none(f, "/dev");
	expect_none(f, "/proc");
}

static void three_files_of_a_folder_become_the_folder(void **state)
{
	struct fixture *f = *state;

	begin(f);
	opens(f, "data/many/a", O_RDONLY);
	opens(f, "data/many/b", O_RDONLY);
	opens(f, "data/many/c", O_RDONLY);
	end(f);
	expect_line(f, "whitelist-ro -TOP/data/many  # learned: read 3 files: learn: openat(2)\n");
	expect_none(f, "many/");
}

static void what_was_only_looked_at_does_not_make_a_folder(void **state)
{
	struct fixture *f = *state;

	begin(f);
	for (const char *name = "abc"; *name; name++)
		call(f, __NR_newfstatat, CWD,
		     PTR(at(f, arena_printf(&f->arena, "data/many/%c", *name))));
	end(f);
	expect_line(f, "whitelist-ro -TOP/data/many/a  # learned: look: ");
	expect_none(f, "data/many  #");
}

static void files_that_are_made_need_their_folder(void **state)
{
	struct fixture *f = *state;

	begin(f);
	makes(f, "data/out/new");
	end(f);
	expect_line(f, "whitelist -TOP/data/out  # learned: make files: learn: openat(2)\n");
}

static void home_is_never_granted_as_a_whole(void **state)
{
	struct fixture *f = *state;
	int home;

	begin(f);
	makes(f, "home/new");
	opens(f, "home/rc", O_RDONLY);
	call(f, __NR_mkdirat, CWD, PTR(at(f, "home/.cache/program")));
	assert_int_equal(mkdir(at(f, "home/.cache/program"), 0700), 0);
	makes(f, "home/.cache/program/x");
	home = open(at(f, "home"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	call(f, __NR_getdents64, (uint64_t)home);
	close(home);
	end(f);
	expect_line(f, "whitelist -${HOME}/new  # learned: write: ");
	expect_line(f, "whitelist-ro -${HOME}/rc  # learned: read: ");
	expect_line(f, "whitelist -${HOME}/.cache/program  # learned: write: ");
	expect_none(f, "whitelist -${HOME}/.cache  ");
	expect_none(f, "whitelist -${HOME}  ");
	expect_none(f, "whitelist-ro -${HOME}  ");
}

static void secrets_are_granted_one_by_one_and_marked(void **state)
{
	struct fixture *f = *state;
	int folder;

	make_file(f, "home/.ssh/two", "x");
	make_file(f, "home/.ssh/three", "x");
	begin(f);
	opens(f, "home/.ssh/id", O_RDONLY);
	opens(f, "home/.ssh/two", O_RDONLY);
	opens(f, "home/.ssh/three", O_RDONLY);
	folder = open(at(f, "home/.ssh"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	call(f, __NR_getdents64, (uint64_t)folder);
	close(folder);
	end(f);
	expect_line(f, "whitelist-ro -${HOME}/.ssh/id  # learned: read: learn: openat(2); "
		       "WARNING: a secret\n");
	expect_line(f, "# not granted: list TOP/home/.ssh (learn): it is too wide, or a "
		       "secret\n");
	expect_none(f, ".ssh  #");
}

static void names_that_a_profile_cannot_say_are_left_out(void **state)
{
	static const char *const names[] = { "a\nwhitelist /etc", "b # c",    "d*", "e[f]", "g ",
					     "${HOME}",		  "h\x1b[1m", NULL };
	struct fixture *f = *state;
	struct policy policy;
	struct plan plan;

	for (size_t i = 0; names[i]; i++) {
		/* The first has a folder in its name. */
		if (strchr(names[i], '/'))
			assert_int_equal(mkdir(at(f, "data/in/a\nwhitelist "), 0755), 0);
		make_file(f, arena_printf(&f->arena, "data/in/%s", names[i]), "x");
	}
	make_file(f, "data/in/with space", "x");
	begin(f);
	for (size_t i = 0; names[i]; i++)
		opens(f, arena_printf(&f->arena, "data/in/%s", names[i]), O_RDONLY);
	end(f);
	replan(f, &policy, &plan);
	for (size_t i = 0; i < policy.paths.count; i++)
		assert_null(strstr(policy.paths.items[i].path, "data"));
	expect_none(f, "\nwhitelist /etc");
	expect_line(f, "# not granted: read TOP/data/in/a\\x0awhitelist /etc (learn): a profile "
		       "cannot say this name\n");
	plan_free(&plan);
	policy_free(&policy);
}

static void blanks_and_strange_bytes_in_names_can_be_said(void **state)
{
	struct fixture *f = *state;
	struct policy policy;
	struct plan plan;

	make_file(f, "data/in/with space #1", "x");
	make_file(f, "data/in/with  two", "x");
	make_file(f, "data/out/\xff\xfe", "x");
	begin(f);
	opens(f, "data/in/with  two", O_RDONLY);
	opens(f, "data/out/\xff\xfe", O_RDONLY);
	end(f);
	replan(f, &policy, &plan);
	assert_int_equal(mount_view_at(&plan.mounts, at(f, "data/in/with  two")).kind, VIEW_HOST);
	assert_int_equal(mount_view_at(&plan.mounts, at(f, "data/out/\xff\xfe")).kind, VIEW_HOST);
	plan_free(&plan);
	policy_free(&policy);
}

static void symlinks_on_the_way_are_there_again(void **state)
{
	struct fixture *f = *state;
	struct policy policy;
	struct plan plan;

	assert_int_equal(symlink("data/in", at(f, "link")), 0);
	begin(f);
	opens(f, "link/one", O_RDONLY);
	end(f);
	replan(f, &policy, &plan);
	assert_true(mount_view_has_link(&plan.mounts, at(f, "link")));
	assert_int_equal(mount_view_at(&plan.mounts, at(f, "data/in/one")).kind, VIEW_HOST);
	plan_free(&plan);
	policy_free(&policy);
}

/* ---- network ---- */

static void reaches(struct fixture *f, int number, const char *address, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	call(f, __NR_socket, AF_INET, SOCK_STREAM, 0);
	assert_int_equal(inet_pton(AF_INET, address, &in.sin_addr), 1);
	call(f, number, 3, PTR(&in), sizeof(in));
}

static void loopback_within_the_jail_needs_no_network(void **state)
{
	struct fixture *f = *state;

	begin(f);
	reaches(f, __NR_bind, "127.0.0.1", 4000);
	reaches(f, __NR_connect, "127.0.0.1", 4000);
	end(f);
	expect_line(f, "net none  # learned: nothing left the jail\n");
	expect_line(f, "protocol inet  # learned: learn: socket(2), 2 times\n");
	expect_none(f, "@network-io");
}

static void a_server_on_loopback_for_others_needs_the_host(void **state)
{
	struct fixture *f = *state;

	begin(f);
	reaches(f, __NR_bind, "127.0.0.1", 4000);
	end(f);
	expect_line(f,
		    "net host  # learned: learn: bind(2), 127.0.0.1:4000, its clients are not in "
		    "the jail\n");
}

static void whoever_goes_out_needs_the_host(void **state)
{
	struct fixture *f = *state;

	begin(f);
	reaches(f, __NR_connect, "192.0.2.1", 443);
	end(f);
	expect_line(f, "net host  # learned: learn: connect(2), 192.0.2.1:443, goes there\n");
}

/* ---- system calls ---- */

static uint32_t seccomp_says(const struct plan *plan, int number)
{
	struct seccomp_data data = { .nr = number, .arch = SECCOMP_ARCH };
	uint32_t result = 0;

	assert_int_equal(bpf_interpret(&plan->seccomp, &data, sizeof(data), &result), 0);
	return result;
}

static void calls_that_were_made_are_allowed_and_others_go_by_group(void **state)
{
	struct fixture *f = *state;
	struct policy policy;
	struct plan plan;

	begin(f);
	call(f, __NR_fsync, 3);
	call(f, __NR_vmsplice, 3);
	denied(f, __NR_mount);
	denied(f, __NR_clone3);
	denied(f, __NR_socket, AF_VSOCK, SOCK_STREAM, 0);
	end(f);
	expect_line(f, "seccomp !vmsplice  # learned: learn: vmsplice(2)\n");
	expect_line(f, "# not granted: mount (learn): ");
	expect_line(f, "# not granted: sockets of family vsock (learn): ");
	expect_none(f, "clone3");
	replan(f, &policy, &plan);
	assert_int_equal(seccomp_says(&plan, __NR_fsync), SECCOMP_RET_ALLOW);
	assert_int_equal(seccomp_says(&plan, __NR_fdatasync), SECCOMP_RET_ALLOW);
	assert_int_equal(seccomp_says(&plan, __NR_vmsplice), SECCOMP_RET_ALLOW);
	assert_int_equal(seccomp_says(&plan, __NR_openat), SECCOMP_RET_ALLOW);
	assert_int_equal(seccomp_says(&plan, __NR_fchown), SECCOMP_RET_ERRNO | EPERM);
	assert_int_equal(seccomp_says(&plan, __NR_socket), SECCOMP_RET_ERRNO | EPERM);
	assert_int_equal(seccomp_says(&plan, __NR_mount), SECCOMP_RET_ERRNO | EPERM);
	plan_free(&plan);
	policy_free(&policy);
}

static void calls_that_decide_a_line_are_watched(void **state)
{
	struct syscall_set watched;

	(void)state;
	learn_watched(&watched);
	assert_true(syscall_set_has(&watched, __NR_openat));
	assert_true(syscall_set_has(&watched, __NR_connect));
	assert_true(syscall_set_has(&watched, __NR_fsync));
	assert_true(syscall_set_has(&watched, __NR_fchown));
	assert_true(syscall_set_has(&watched, __NR_vmsplice));
	assert_false(syscall_set_has(&watched, __NR_read));
	assert_false(syscall_set_has(&watched, __NR_futex));
	assert_false(syscall_set_has(&watched, __NR_mmap));
	assert_false(syscall_set_has(&watched, __NR_clock_gettime));
	/* Nobody is there yet to answer the program's own. */
	assert_true(syscall_set_has(&watched, __NR_execve));
}

/* ---- io_uring ---- */

static void submits(struct fixture *f, const char *name, struct audit_sqe sqe)
{
	sqe.opcode = uring_opcode_by_name(name)->number;
	learn_sqe(f->learn, getpid(), &sqe, true);
}

static void use_ring(struct fixture *f)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(443),
				  .sin_addr.s_addr = htonl(0xc0000201) };

	call(f, __NR_io_uring_setup, 8);
	call(f, __NR_io_uring_register, 3, 0);
	submits(f, "openat",
		(struct audit_sqe){
			.fd = AT_FDCWD, .addr = PTR(at(f, "data/in/one")), .flags = 1 << 2 });
	submits(f, "socket", (struct audit_sqe){ .fd = AF_INET, .off = SOCK_STREAM });
	submits(f, "connect", (struct audit_sqe){ .addr = PTR(&in), .off = sizeof(in) });
	submits(f, "send", (struct audit_sqe){ .fd = 5 });
}

static void the_ring_gets_what_it_was_used_for(void **state)
{
	struct fixture *f = *state;

	begin(f);
	use_ring(f);
	submits(f, "uring_cmd", (struct audit_sqe){ .fd = 5 });
	end(f);
	expect_line(f, "uring filter  # learned: learn: io_uring_setup(2)\n");
	expect_line(f, "uring.allow connect,openat,send,socket  # learned: learn: ring CONNECT\n");
	expect_line(f, "uring.allow uring_cmd  # learned: learn: ring URING_CMD; WARNING: ");
	expect_line(f, "uring.allow nop,poll_add,poll_remove,timeout,timeout_remove,close,"
		       "async_cancel,link_timeout,epoll_ctl  # learned: not seen; ");
	expect_line(f, "uring.open read  # learned: learn: ring OPENAT\n");
	expect_line(f, "uring.socket inet/stream/0  # learned: learn: ring SOCKET\n");
	expect_line(f, "uring.connect 192.0.2.1:443  # learned: learn: ring CONNECT\n");
	expect_line(f, "uring.register buffers,unregister_buffers  # learned: ");
	expect_line(f, "uring.sqe-flags io_link  # learned: learn: ring OPENAT\n");
	expect_line(f, "net host  # learned: learn: ring CONNECT, 192.0.2.1:443, goes there\n");
	expect_line(f, "whitelist-ro -TOP/data/in/one  # learned: read: learn: ring OPENAT\n");
}

static void addresses_are_no_rule_where_the_kernel_does_not_show_them(void **state)
{
	struct fixture *f = *state;

	f->connect_data = false;
	begin(f);
	use_ring(f);
	end(f);
	expect_none(f, "\nuring.connect");
	expect_line(f, "# not granted: uring.connect, which would narrow CONNECT");
}

static bool filter_says(const struct plan *plan, const char *name, const uint32_t pdu[6])
{
	const struct uring_op_plan *op = &plan->uring.ops[uring_opcode_by_name(name)->number];
	uint32_t input[URING_FILTER_SIZE / 4] = { 0 };
	uint32_t result = 0;

	if (op->verdict != VERDICT_FILTER)
		return op->verdict == VERDICT_ALLOW;
	memcpy(&input[URING_FILTER_PDU / 4], pdu, 6 * sizeof(*pdu));
	assert_int_equal(bpf_interpret(&op->filter, input, sizeof(input), &result), 0);
	return result != 0;
}

static void the_next_run_may_do_the_same_and_no_more(void **state)
{
	const uint32_t address[6] = { AF_INET, htons(443), htonl(0xc0000201) };
	const uint32_t elsewhere[6] = { AF_INET, htons(443), htonl(0xc0000202) };
	struct fixture *f = *state;
	struct mount_view view;
	struct policy policy;
	struct plan plan;

	begin(f);
	use_ring(f);
	opens(f, "data/out/old", O_WRONLY);
	end(f);
	replan(f, &policy, &plan);
	view = mount_view_at(&plan.mounts, at(f, "data/in/one"));
	assert_int_equal(view.kind, VIEW_HOST);
	assert_false(view.writable);
	view = mount_view_at(&plan.mounts, at(f, "data/out/old"));
	assert_int_equal(view.kind, VIEW_HOST);
	assert_true(view.writable);
	assert_int_equal(mount_view_at(&plan.mounts, at(f, "data/many/a")).kind, VIEW_NOTHING);
	assert_true(filter_says(&plan, "openat", (uint32_t[6]){ O_RDONLY }));
	assert_false(filter_says(&plan, "openat", (uint32_t[6]){ O_WRONLY }));
	assert_true(filter_says(&plan, "socket", (uint32_t[6]){ AF_INET, SOCK_STREAM }));
	assert_false(filter_says(&plan, "socket", (uint32_t[6]){ AF_INET, SOCK_DGRAM }));
	assert_true(filter_says(&plan, "connect", address));
	assert_false(filter_says(&plan, "connect", elsewhere));
	assert_true(filter_says(&plan, "send", elsewhere));
	assert_false(filter_says(&plan, "sendmsg", elsewhere));
	assert_false(filter_says(&plan, "unlinkat", elsewhere));
	assert_int_equal(plan.uring.registers, 3);
	assert_int_equal(plan.uring.sqe_flags, 1 << 2);
	plan_free(&plan);
	policy_free(&policy);
}

/* ---- learning again ---- */

static void learning_the_same_again_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *before;

	for (int i = 0; i < 2; i++) {
		begin(f);
		use_ring(f);
		opens(f, "data/in/one", O_RDONLY);
		opens(f, "data/in/one\n", O_RDONLY);
		denied(f, __NR_mount);
		end(f);
		if (i == 0)
			before = arena_strdup(&f->arena, read_text(f));
	}
	assert_string_equal(read_text(f), before);
}

static void learning_again_keeps_every_line_and_adds_what_is_missing(void **state)
{
	static const char old[] = "#  mine ,\n\n\twhitelist-ro   /usr   # odd\nhostname  me\n"
				  "uring.allow read # by hand\nnet none";
	struct fixture *f = *state;

	make_file(f, "work/learned.profile", old);
	assert_int_equal(chmod(f->file, 0600), 0);
	begin(f);
	opens(f, "data/in/one", O_RDONLY);
	use_ring(f);
	end(f);
	assert_memory_equal(read_text(f), old, strlen(old));
	assert_string_equal(
		plain(f, f->text + strlen(old)),
		"\n\n# learned again on 2026-01-02, Linux 7.3, from: /bin/true 'a\\x0a b'\n"
		"uring.allow connect,openat,send,socket  # learned: learn: ring CONNECT\n"
		"whitelist-ro -TOP/data/in/one  # learned: read: learn: openat(2), 2 times\n"
		"# not granted: the host's network: net none stands at "
		"TOP/work/learned.profile:6\n");
	assert_int_equal(access(f->file, F_OK), 0);
}

static void what_was_not_used_before_gives_way(void **state)
{
	struct fixture *f = *state;
	struct policy policy;
	struct plan plan;

	begin(f);
	opens(f, "data/out/old", O_RDONLY);
	end(f);
	begin(f);
	use_ring(f);
	call(f, __NR_fsync, 3);
	reaches(f, __NR_connect, "192.0.2.1", 443);
	opens(f, "data/out/old", O_WRONLY);
	end(f);
	replan(f, &policy, &plan);
	assert_int_equal(policy.net, NET_HOST);
	assert_int_equal(policy.uring.mode, URING_FILTER);
	assert_true(policy.uring.has_allow);
	assert_int_equal(seccomp_says(&plan, __NR_fsync), SECCOMP_RET_ALLOW);
	assert_int_equal(seccomp_says(&plan, __NR_connect), SECCOMP_RET_ALLOW);
	assert_int_equal(seccomp_says(&plan, __NR_fchown), SECCOMP_RET_ERRNO | EPERM);
	assert_true(mount_view_at(&plan.mounts, at(f, "data/out/old")).writable);
	expect_none(f, "# not granted");
	plan_free(&plan);
	policy_free(&policy);
}

static void what_a_person_denies_stays_denied(void **state)
{
	struct fixture *f = *state;
	struct policy policy;
	struct plan plan;

	make_file(f, "work/learned.profile",
		  arena_printf(&f->arena,
			       "blacklist %s/data/in\nread-only %s/data/out\nseccomp fsync\n"
			       "uring.deny send\nwhitelist-ro %s/data/many\n",
			       f->top, f->top, f->top));
	begin(f);
	use_ring(f);
	call(f, __NR_fsync, 3);
	makes(f, "data/out/new");
	opens(f, "data/many/a", O_WRONLY);
	end(f);
	expect_line(f, "# not granted: system call fsync (learn): fsync stands at "
		       "TOP/work/learned.profile:3\n");
	expect_line(f, "# not granted: ring operation send (learn): uring.deny stands at "
		       "TOP/work/learned.profile:4\n");
	expect_line(f, "# not granted: read TOP/data/in/one (learn): the rule at "
		       "TOP/work/learned.profile:1 holds it\n");
	expect_line(f, "# not granted: make files TOP/data/out (learn): the rule at "
		       "TOP/work/learned.profile:2 holds it\n");
	expect_line(f, "# not granted: write TOP/data/many/a (learn): the rule at "
		       "TOP/work/learned.profile:5 holds it\n");
	replan(f, &policy, &plan);
	assert_int_equal(seccomp_says(&plan, __NR_fsync), SECCOMP_RET_ERRNO | EPERM);
	assert_false(filter_says(&plan, "send", (uint32_t[6]){ 0 }));
	assert_int_not_equal(mount_view_at(&plan.mounts, at(f, "data/in/one")).kind, VIEW_HOST);
	plan_free(&plan);
	policy_free(&policy);
}

static void a_learned_line_that_was_edited_is_a_persons(void **state)
{
	struct fixture *f = *state;

	make_file(f, "work/learned.profile",
		  arena_printf(&f->arena,
			       "net none  # learned: learn: connect(2)\n"
			       "whitelist-ro %s/data/out/old  # learned: write: learn: openat(2)\n"
			       "seccomp @sync,@chown  # learned: nothing of these 1 was called\n",
			       f->top));
	begin(f);
	reaches(f, __NR_connect, "192.0.2.1", 443);
	opens(f, "data/out/old", O_WRONLY);
	call(f, __NR_fsync, 3);
	end(f);
	expect_none(f, "net host");
	expect_none(f, "whitelist -");
	expect_none(f, "!fsync");
}

/* ---- the file ---- */

static void a_profile_that_is_none_is_refused_with_its_line(void **state)
{
	struct fixture *f = *state;

	make_file(f, "work/learned.profile", "net none\nwitelist /usr\n");
	assert_int_equal(try_begin(f), -EINVAL);
	if (!strstr(f->err.message, "learned.profile:2: "))
		fail_msg("%s", f->err.message);
	assert_true(f->err.hint[0] != '\0');
}

static void a_file_that_was_changed_meanwhile_is_left_alone(void **state)
{
	struct fixture *f = *state;

	make_file(f, "work/learned.profile", "net none\n");
	begin(f);
	make_file(f, "work/learned.profile", "net host\n");
	opens(f, "data/in/one", O_RDONLY);
	assert_int_equal(try_end(f), -EBUSY);
	assert_string_equal(read_text(f), "net host\n");
}

static void a_file_that_appears_meanwhile_is_left_alone(void **state)
{
	struct fixture *f = *state;

	begin(f);
	make_file(f, "work/learned.profile", "root host\n");
	assert_int_equal(try_end(f), -EBUSY);
	assert_string_equal(read_text(f), "root host\n");
}

static void a_symlink_is_followed_and_stays(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	make_file(f, "data/real.profile", "net none\n");
	assert_int_equal(chmod(at(f, "data/real.profile"), 0640), 0);
	assert_int_equal(symlink(at(f, "data/real.profile"), f->file), 0);
	begin(f);
	opens(f, "data/in/one", O_RDONLY);
	end(f);
	assert_int_equal(lstat(f->file, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(f->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	expect_line(f, "net none\n");
	expect_line(f, "whitelist-ro -TOP/data/in/one  # learned: ");
}

static void a_symlink_to_nowhere_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(symlink("nowhere", f->file), 0);
	assert_int_equal(try_begin(f), -ENOENT);
	assert_true(f->err.hint[0] != '\0');
}

static void what_is_noted_is_bounded_and_the_profile_says_so(void **state)
{
	struct fixture *f = *state;
	char path[64];

	begin(f);
	for (int i = 0; i < LEARN_PATHS + 10; i++) {
		snprintf(path, sizeof(path), "/nowhere/%d", i);
		call(f, __NR_openat, CWD, PTR(path), O_RDONLY);
	}
	end(f);
	expect_line(f, "# not granted: what was not seen, or found no room: ");
	expect_none(f, "/nowhere");
}

static void a_profile_does_not_grow_with_what_is_refused(void **state)
{
	struct fixture *f = *state;

	begin(f);
	for (int i = 0; i < LEARN_DENIED; i++)
		denied(f, 1000 + i);
	end(f);
	expect_line(f, "# not granted: system call 1000, unknown here (learn): ");
	expect_line(f, "# not granted: more than there is room to tell\n");
	expect_none(f, "system call 1120");
}

static void memory_that_cannot_be_read_is_passed_over(void **state)
{
	struct fixture *f = *state;

	begin(f);
	call(f, __NR_openat, CWD, 8, O_RDONLY);
	call(f, __NR_openat2, CWD, PTR("/etc/passwd"), 8);
	call(f, __NR_connect, 3, 8, 16);
	call(f, __NR_sendmsg, 3, 8);
	call(f, __NR_sendmmsg, 3, UINT64_MAX - 8, UINT64_MAX);
	call(f, __NR_getdents64, 12345);
	submits(f, "openat2", (struct audit_sqe){ .fd = 12345, .addr = 8, .off = 8 });
	submits(f, "sendmsg", (struct audit_sqe){ .addr = 8 });
	learn_sqe(f->learn, getpid(), &(struct audit_sqe){ .opcode = 255 }, true);
	end(f);
	expect_line(f, "net none  # learned: ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_program_that_asks_for_nothing_gets_the_tightest_profile),
		TEST(files_are_granted_as_they_were_used),
		TEST(three_files_of_a_folder_become_the_folder),
		TEST(what_was_only_looked_at_does_not_make_a_folder),
		TEST(files_that_are_made_need_their_folder),
		TEST(home_is_never_granted_as_a_whole),
		TEST(secrets_are_granted_one_by_one_and_marked),
		TEST(names_that_a_profile_cannot_say_are_left_out),
		TEST(blanks_and_strange_bytes_in_names_can_be_said),
		TEST(symlinks_on_the_way_are_there_again),
		TEST(loopback_within_the_jail_needs_no_network),
		TEST(a_server_on_loopback_for_others_needs_the_host),
		TEST(whoever_goes_out_needs_the_host),
		TEST(calls_that_were_made_are_allowed_and_others_go_by_group),
		TEST(calls_that_decide_a_line_are_watched),
		TEST(the_ring_gets_what_it_was_used_for),
		TEST(addresses_are_no_rule_where_the_kernel_does_not_show_them),
		TEST(the_next_run_may_do_the_same_and_no_more),
		TEST(learning_the_same_again_changes_nothing),
		TEST(learning_again_keeps_every_line_and_adds_what_is_missing),
		TEST(what_was_not_used_before_gives_way),
		TEST(what_a_person_denies_stays_denied),
		TEST(a_learned_line_that_was_edited_is_a_persons),
		TEST(a_profile_that_is_none_is_refused_with_its_line),
		TEST(a_file_that_was_changed_meanwhile_is_left_alone),
		TEST(a_file_that_appears_meanwhile_is_left_alone),
		TEST(a_symlink_is_followed_and_stays),
		TEST(a_symlink_to_nowhere_is_refused),
		TEST(what_is_noted_is_bounded_and_the_profile_says_so),
		TEST(a_profile_does_not_grow_with_what_is_refused),
		TEST(memory_that_cannot_be_read_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
