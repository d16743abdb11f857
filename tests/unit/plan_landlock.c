// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/no_userns.h"
#include "policy/plan.h"
#include "sandbox/landlock.h"

/* Plans are made of mount steps given here, and compared rule by rule. */
struct fixture {
	struct policy policy;
	struct plan plan;
	struct error err;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->plan.policy = &f->policy;
	f->plan.namespaces = CLONE_NEWNS;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	plan_free(&f->plan);
	policy_free(&f->policy);
	free(f);
	return 0;
}

static struct mount_op *step(struct fixture *f, enum mount_kind kind, const char *target,
			     unsigned int flags)
{
	struct mount_op *op = array_push(&f->plan.arena, &f->plan.mounts.ops);

	*op = (struct mount_op){
		.kind = kind,
		.flags = flags,
		.mode = S_IFDIR,
		.source = target,
		.target = target,
	};
	return op;
}

static void make(struct fixture *f)
{
	assert_int_equal(plan_landlock(&f->plan, &f->err), 0);
}

/* The rights of the rule about exactly @path; 0: there is none. */
static uint64_t rule_at(const struct fixture *f, const char *path)
{
	uint64_t rights = 0;

	for (size_t i = 0; i < f->plan.landlock.rules.count; i++)
		if (!strcmp(f->plan.landlock.rules.items[i].path, path))
			rights |= f->plan.landlock.rules.items[i].rights;
	return rights;
}

static bool is_gap(const struct fixture *f, const char *path)
{
	for (size_t i = 0; i < f->plan.landlock.gaps.count; i++)
		if (!strcmp(f->plan.landlock.gaps.items[i].path, path))
			return true;
	return false;
}

#define READ_AND_EXECUTE (FS_READ_FILE | FS_READ_DIR | FS_EXECUTE | FS_RESOLVE_UNIX)

static void what_is_shown_read_only_is_read_and_executed(void **state)
{
	struct fixture *f = *state;

	step(f, MOUNT_BIND, "/usr", MOUNT_READ_ONLY);
	step(f, MOUNT_BIND, "/data", MOUNT_READ_ONLY | MOUNT_NOEXEC);
	make(f);
	assert_int_equal(rule_at(f, "/usr"), READ_AND_EXECUTE);
	assert_int_equal(rule_at(f, "/data"), READ_AND_EXECUTE & ~FS_EXECUTE);
	assert_int_equal(f->plan.landlock.fs, FS_ALL);
	assert_null(f->plan.landlock.no_files);
}

static void what_is_writable_has_all_but_devices(void **state)
{
	struct fixture *f = *state;

	step(f, MOUNT_BIND, "/work", 0);
	step(f, MOUNT_TMPFS, "/tmp", MOUNT_NOEXEC);
	make(f);
	assert_int_equal(rule_at(f, "/work"), FS_ALL & ~FS_IOCTL_DEV);
	assert_int_equal(rule_at(f, "/tmp"), FS_ALL & ~(FS_IOCTL_DEV | FS_EXECUTE));
}

static void devices_alone_have_ioctls(void **state)
{
	struct fixture *f = *state;

	step(f, MOUNT_TMPFS, "/dev", MOUNT_READ_ONLY);
	step(f, MOUNT_BIND, "/dev/null", MOUNT_DEVICES)->mode = S_IFCHR;
	step(f, MOUNT_BIND, "/dev/dri", MOUNT_DEVICES | MOUNT_READ_ONLY);
	make(f);
	assert_int_equal(rule_at(f, "/dev"), 0);
	assert_int_equal(rule_at(f, "/dev/null"),
			 FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV);
	assert_true(rule_at(f, "/dev/dri") & FS_IOCTL_DEV);
	assert_true(rule_at(f, "/dev/dri") & FS_WRITE_FILE);
	assert_false(rule_at(f, "/dev/dri") & FS_MAKE_REG);
}

static void folders_that_lead_somewhere_can_be_listed_only(void **state)
{
	struct fixture *f = *state;

	step(f, MOUNT_DIR, "/var", 0);
	step(f, MOUNT_SYMLINK, "/bin", 0);
	make(f);
	assert_int_equal(f->plan.landlock.rules.count, 1);
	assert_int_equal(rule_at(f, "/"), FS_READ_DIR);
}

static void a_rule_is_made_only_where_it_grants_more(void **state)
{
	struct fixture *f = *state;

	step(f, MOUNT_TMPFS, "/home", 0);
	step(f, MOUNT_BIND, "/home/work", 0);
	step(f, MOUNT_BIND, "/usr", MOUNT_READ_ONLY);
	step(f, MOUNT_ATTR, "/usr/local", MOUNT_READ_WRITE);
	make(f);
	assert_int_equal(rule_at(f, "/home/work"), 0);
	assert_true(rule_at(f, "/usr/local") & FS_MAKE_REG);
	assert_int_equal(f->plan.landlock.gaps.count, 0);
}

static void what_mounts_take_back_further_down_is_told(void **state)
{
	struct fixture *f = *state;

	step(f, MOUNT_BIND, "/etc", MOUNT_READ_ONLY);
	step(f, MOUNT_MASK, "/etc/shadow", 0);
	step(f, MOUNT_BIND, "/work", 0);
	step(f, MOUNT_ATTR, "/work/profile", MOUNT_READ_ONLY);
	step(f, MOUNT_ATTR, "/work/held", 0);
	step(f, MOUNT_BIND, "/work/usr", MOUNT_READ_ONLY);
	make(f);
	assert_true(is_gap(f, "/etc/shadow"));
	assert_true(is_gap(f, "/work/profile"));
	assert_true(is_gap(f, "/work/usr"));
	assert_int_equal(f->plan.landlock.gaps.count, 3);
	assert_int_equal(f->plan.landlock.rules.count, 3);
}

static void a_tmpfs_that_is_sealed_at_last_cannot_be_written(void **state)
{
	struct fixture *f = *state;

	step(f, MOUNT_TMPFS, "/dev", 0);
	step(f, MOUNT_TMPFS, "/dev/shm", 0);
	step(f, MOUNT_ATTR, "/dev", MOUNT_READ_ONLY | MOUNT_ONE_LEVEL);
	make(f);
	assert_int_equal(rule_at(f, "/dev"), 0);
	assert_true(rule_at(f, "/dev/shm") & FS_MAKE_REG);
	assert_int_equal(f->plan.landlock.gaps.count, 0);
}

static void message_queues_have_a_rule_of_their_own(void **state)
{
	struct fixture *f = *state;

	step(f, MOUNT_TMPFS, "/dev", 0);
	step(f, MOUNT_MQUEUE, "/dev/mqueue", MOUNT_OPTIONAL);
	make(f);
	assert_true(rule_at(f, "/dev/mqueue") & FS_WRITE_FILE);
}

static void no_file_rules_where_the_root_is_writable(void **state)
{
	struct fixture *f = *state;

	step(f, MOUNT_BIND, "/", 0);
	make(f);
	assert_non_null(f->plan.landlock.no_files);
	assert_int_equal(f->plan.landlock.fs, 0);
	assert_int_equal(f->plan.landlock.rules.count, 0);
	assert_int_equal(f->plan.landlock.scopes, SCOPE_ABSTRACT_UNIX | SCOPE_SIGNALS);
}

static void a_root_that_is_read_only_has_file_rules(void **state)
{
	struct fixture *f = *state;

	step(f, MOUNT_BIND, "/", MOUNT_READ_ONLY);
	step(f, MOUNT_BIND, "/work", 0);
	make(f);
	assert_null(f->plan.landlock.no_files);
	assert_int_equal(rule_at(f, "/"), READ_AND_EXECUTE);
}

/* Landlock denies every mount to who is under file rules. */
static void no_file_rules_for_who_may_mount(void **state)
{
	struct fixture *f = *state;

	f->plan.gate.namespaces = true;
	make(f);
	assert_non_null(f->plan.landlock.no_files);
	f->plan.gate.namespaces = false;
	f->plan.caps = UINT64_C(1) << CAP_SYS_ADMIN;
	make(f);
	assert_non_null(f->plan.landlock.no_files);
}

static void off_means_nothing_at_all(void **state)
{
	struct fixture *f = *state;

	f->policy.landlock = LANDLOCK_OFF;
	step(f, MOUNT_BIND, "/usr", MOUNT_READ_ONLY);
	make(f);
	assert_int_equal(f->plan.landlock.fs | f->plan.landlock.scopes, 0);
	assert_int_equal(f->plan.landlock.rules.count, 0);
}

static void required_file_rules_that_cannot_be_are_an_error(void **state)
{
	struct fixture *f = *state;

	f->policy.landlock = LANDLOCK_REQUIRE;
	f->policy.landlock_origin = (struct origin){ "test.profile", 3 };
	step(f, MOUNT_BIND, "/", 0);
	assert_int_equal(plan_landlock(&f->plan, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.message, "test.profile:3"));
}

static void a_plan_needs_the_abi_of_what_is_in_it(void **state)
{
	struct fixture *f = *state;

	make(f);
	assert_int_equal(f->plan.landlock.needs_abi, 6);
	assert_int_equal(landlock_abi_of(FS_ALL, 0, 0), 9);
	assert_int_equal(landlock_abi_of(FS_TRUNCATE, 0, 0), 3);
	assert_int_equal(landlock_abi_of(FS_READ_FILE, NET_BIND_TCP, 0), 4);
	assert_int_equal(landlock_abi_of(0, NET_BIND_UDP, SCOPE_SIGNALS), 10);
	assert_int_equal(landlock_abi_of(0, 0, 0), 0);
}

/* A rule about what the kernel does not know is an error to it. */
static void an_old_kernel_is_asked_for_what_it_knows(void **state)
{
	(void)state;
	assert_int_equal(landlock_known_fs(FS_ALL, 0), 0);
	/* There, no file could be renamed to another folder. */
	assert_int_equal(landlock_known_fs(FS_ALL, 1), 0);
	assert_int_equal(landlock_known_fs(FS_ALL, 2),
			 FS_ALL & ~(FS_TRUNCATE | FS_IOCTL_DEV | FS_RESOLVE_UNIX));
	assert_int_equal(landlock_known_fs(FS_ALL, 4), FS_ALL & ~(FS_IOCTL_DEV | FS_RESOLVE_UNIX));
	assert_int_equal(landlock_known_fs(FS_ALL, 9), FS_ALL);
	assert_int_equal(landlock_known_net(NET_BIND_TCP | NET_BIND_UDP, 3), 0);
	assert_int_equal(landlock_known_net(NET_BIND_TCP | NET_BIND_UDP, 4), NET_BIND_TCP);
	assert_int_equal(landlock_known_scopes(SCOPE_SIGNALS, 5), 0);
	assert_int_equal(landlock_known_scopes(SCOPE_SIGNALS, 6), SCOPE_SIGNALS);
}

/* --- without mounts --- */

static void without_mounts_nothing_private_is_granted(void **state)
{
	struct fixture *f = *state;

	f->plan.namespaces = 0;
	step(f, MOUNT_TMPFS, "/tmp", 0);
	step(f, MOUNT_TMPFS, "/home/user", 0);
	step(f, MOUNT_BIND, "/home/user/work", 0);
	step(f, MOUNT_DEVPTS, "/dev/pts", MOUNT_DEVICES);
	step(f, MOUNT_BIND, "/dev/console", MOUNT_DEVICES)->source = "/dev/pts/0";
	step(f, MOUNT_PROC, "/proc", MOUNT_NOEXEC);
	make(f);
	assert_int_equal(rule_at(f, "/"), 0);
	assert_int_equal(rule_at(f, "/tmp"), 0);
	assert_int_equal(rule_at(f, "/home/user"), 0);
	assert_int_equal(rule_at(f, "/home/user/work"), FS_ALL & ~FS_IOCTL_DEV);
	assert_int_equal(rule_at(f, "/dev/pts"), 0);
	assert_int_equal(rule_at(f, "/dev/console"), 0);
	assert_int_equal(rule_at(f, "/proc"), 0);
	assert_int_equal(rule_at(f, "/proc/meminfo"), FS_READ_FILE | FS_READ_DIR);
	assert_int_equal(f->plan.landlock.gaps.count, 0);
	assert_int_equal(no_userns_check_plan(&f->plan, &f->err), 0);
}

static void without_mounts_all_ports_are_denied(void **state)
{
	struct fixture *f = *state;

	f->plan.namespaces = 0;
	make(f);
	assert_int_equal(f->plan.landlock.net,
			 NET_BIND_TCP | NET_CONNECT_TCP | NET_BIND_UDP | NET_CONNECT_SEND_UDP);
	assert_int_equal(f->plan.landlock.ports.count, 0);
}

static void without_mounts_what_is_hidden_or_held_inside_is_refused(void **state)
{
	static const struct {
		enum mount_kind kind;
		unsigned int flags;
	} steps[] = {
		{ MOUNT_MASK, 0 },
		{ MOUNT_TMPFS, 0 },
		{ MOUNT_ATTR, MOUNT_READ_ONLY },
		{ MOUNT_ATTR, 0 }, /* to stay in its place */
	};
	struct fixture *f = *state;

	f->plan.namespaces = 0;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		f->plan.mounts.ops.count = 0;
		f->plan.landlock = (struct landlock_plan){ 0 };
		step(f, MOUNT_BIND, "/work", 0);
		step(f, steps[i].kind, "/work/inside", steps[i].flags)->origin.file = "here";
		make(f);
		assert_int_equal(no_userns_check_plan(&f->plan, &f->err), -EPERM);
		assert_non_null(strstr(f->err.message, "/work/inside (here)"));
	}
	/* What is not shown need not be hidden. */
	f->plan.mounts.ops.count = 0;
	f->plan.landlock = (struct landlock_plan){ 0 };
	step(f, MOUNT_MASK, "/elsewhere", 0);
	make(f);
	assert_int_equal(no_userns_check_plan(&f->plan, &f->err), 0);
}

/* --- ports --- */

static void list_ports(struct fixture *f, struct port_set *set, uint16_t low, uint16_t high)
{
	*array_push(&f->plan.arena, set) = (struct port_range){ low, high };
}

/* Whether exactly these ports have @right, in their order. */
static bool has_ports(const struct fixture *f, uint64_t right, const uint16_t *ports, size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i < f->plan.landlock.ports.count; i++) {
		const struct landlock_port *port = &f->plan.landlock.ports.items[i];

		if (!(port->rights & right))
			continue;
		if (found == count || port->port != ports[found++])
			return false;
	}
	return found == count;
}

static void listed_ports_are_held_beside_nftables(void **state)
{
	static const uint16_t connect[] = { 53, 80, 81, 82 };
	static const uint16_t bind[] = { 0, 5432 };
	struct fixture *f = *state;

	f->plan.net.holds_connect = true;
	list_ports(f, &f->plan.net.connect_ports, 80, 82);
	list_ports(f, &f->plan.net.connect_ports, 53, 53);
	list_ports(f, &f->plan.net.connect_ports, 81, 82);
	f->plan.net.holds_listen = true;
	list_ports(f, &f->plan.net.listen_ports, 5432, 5432);
	make(f);
	assert_int_equal(f->plan.landlock.net, NET_CONNECT_TCP | NET_BIND_TCP | NET_BIND_UDP);
	assert_true(has_ports(f, NET_CONNECT_TCP, connect, 4));
	assert_true(has_ports(f, NET_BIND_TCP, bind, 2));
	assert_true(has_ports(f, NET_BIND_UDP, bind, 2));
	assert_int_equal(f->plan.landlock.net_alone, 0);
	assert_int_equal(f->plan.landlock.needs_abi, 10);
}

static void a_list_holds_its_own_direction_alone(void **state)
{
	struct fixture *f = *state;

	f->plan.net.holds_connect = true;
	list_ports(f, &f->plan.net.connect_ports, 443, 443);
	make(f);
	assert_int_equal(f->plan.landlock.net, NET_CONNECT_TCP);
	assert_int_equal(f->plan.landlock.needs_abi, 6);
}

/* As many rules as ports: of a wide range nftables says all there is in one. */
static void long_lists_are_left_to_nftables(void **state)
{
	struct fixture *f = *state;

	f->plan.net.holds_connect = true;
	list_ports(f, &f->plan.net.connect_ports, 1, LANDLOCK_PORTS);
	f->plan.net.holds_listen = true;
	list_ports(f, &f->plan.net.listen_ports, 0, UINT16_MAX);
	make(f);
	assert_int_equal(f->plan.landlock.net, NET_CONNECT_TCP);
	assert_int_equal(f->plan.landlock.ports.count, LANDLOCK_PORTS);
	assert_int_equal(f->plan.landlock.net_alone, NET_BIND_TCP | NET_BIND_UDP);
	assert_int_equal(f->plan.landlock.needs_abi, 6);
	list_ports(f, &f->plan.net.connect_ports, LANDLOCK_PORTS + 1, LANDLOCK_PORTS + 1);
	f->plan.landlock = (struct landlock_plan){ 0 };
	make(f);
	assert_int_equal(f->plan.landlock.net, 0);
	assert_int_equal(f->plan.landlock.ports.count, 0);
}

static void without_landlock_no_ports_are_held(void **state)
{
	struct fixture *f = *state;

	f->policy.landlock = LANDLOCK_OFF;
	f->plan.net.holds_connect = true;
	list_ports(f, &f->plan.net.connect_ports, 443, 443);
	make(f);
	assert_int_equal(f->plan.landlock.net | f->plan.landlock.net_alone, 0);
	assert_int_equal(f->plan.landlock.ports.count, 0);
}

/* --- what the kernel makes of it --- */

static int try_to_bind(int type, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? errno : 0;
}

/* In a process of its own. Returns its exit status. */
static int in_domain(const struct landlock_plan *plan, int (*run)(void))
{
	struct error err = { 0 };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(landlock_apply(plan, NULL, 0, &err) < 0 ? 99 : run());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define FREE_PORT 47113

static int bind_other_port(void)
{
	return try_to_bind(SOCK_STREAM, FREE_PORT + 1);
}

static int bind_allowed_port(void)
{
	return try_to_bind(SOCK_STREAM, FREE_PORT);
}

static int bind_datagrams(void)
{
	return try_to_bind(SOCK_DGRAM, FREE_PORT + 1);
}

static int connect_anywhere(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(FREE_PORT) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? errno : 0;
}

static void ports_are_held_to_their_list(void **state)
{
	struct fixture *f = *state;
	const uint16_t port = FREE_PORT;
	struct landlock_plan *plan = &f->plan.landlock;

	if (landlock_abi() < landlock_abi_of(0, NET_BIND_TCP, 0))
		skip();
	landlock_plan_ports(plan, &f->plan.arena, NET_BIND_TCP, &port, 1);
	assert_int_equal(in_domain(plan, bind_other_port), EACCES);
	assert_int_equal(in_domain(plan, bind_allowed_port), 0);
	assert_int_equal(in_domain(plan, bind_datagrams), 0);
	assert_int_equal(in_domain(plan, connect_anywhere), ECONNREFUSED);
	/* An empty list denies all. */
	landlock_plan_ports(plan, &f->plan.arena, NET_CONNECT_TCP, NULL, 0);
	assert_int_equal(in_domain(plan, connect_anywhere), EACCES);
	if (landlock_abi() < landlock_abi_of(0, NET_BIND_UDP, 0))
		return;
	landlock_plan_ports(plan, &f->plan.arena, NET_BIND_UDP, &port, 1);
	assert_int_equal(in_domain(plan, bind_datagrams), EACCES);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_shown_read_only_is_read_and_executed),
		TEST(what_is_writable_has_all_but_devices),
		TEST(devices_alone_have_ioctls),
		TEST(folders_that_lead_somewhere_can_be_listed_only),
		TEST(a_rule_is_made_only_where_it_grants_more),
		TEST(what_mounts_take_back_further_down_is_told),
		TEST(a_tmpfs_that_is_sealed_at_last_cannot_be_written),
		TEST(message_queues_have_a_rule_of_their_own),
		TEST(no_file_rules_where_the_root_is_writable),
		TEST(a_root_that_is_read_only_has_file_rules),
		TEST(no_file_rules_for_who_may_mount),
		TEST(off_means_nothing_at_all),
		TEST(required_file_rules_that_cannot_be_are_an_error),
		TEST(a_plan_needs_the_abi_of_what_is_in_it),
		TEST(an_old_kernel_is_asked_for_what_it_knows),
		TEST(without_mounts_nothing_private_is_granted),
		TEST(without_mounts_all_ports_are_denied),
		TEST(without_mounts_what_is_hidden_or_held_inside_is_refused),
		TEST(listed_ports_are_held_beside_nftables),
		TEST(a_list_holds_its_own_direction_alone),
		TEST(long_lists_are_left_to_nftables),
		TEST(without_landlock_no_ports_are_held),
		TEST(ports_are_held_to_their_list),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
