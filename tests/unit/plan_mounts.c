// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/path_resolve.h"
#include "policy/plan.h"

/*
 * Plans are made over a folder of the test's own, and compared as text: a line for each step that
 * touches this folder, with the folder's own name left out.
 */

struct fixture {
	char top[PATH_MAX]; /* the folder, canonical */
	struct policy policy;
	struct plan plan;
	struct plan_input input;
	struct error err;
	char *no_environment[1];
	bool nesting; /* as with seccomp !@nesting */
	char text[8192];
};

static const char *at(struct fixture *f, const char *name)
{
	return arena_printf(&f->policy.arena, "%s/%s", f->top, name);
}

static void make_file(struct fixture *f, const char *name)
{
	int fd = open(at(f, name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	close(fd);
}

static void make_folder(struct fixture *f, const char *name)
{
	assert_int_equal(mkdir(at(f, name), 0755), 0);
}

static void make_link(struct fixture *f, const char *text, const char *name)
{
	assert_int_equal(symlink(text, at(f, name)), 0);
}

static int set_up(void **state)
{
	static const char *const folders[] = { "home",	      "work",	  "data",
					       "data/secret", "data/etc", "data/etc/inner",
					       "data/rw",     "other",	  "data/etc/inner/deep",
					       "other/sub",   "data/sub" };
	static const char *const files[] = { "data/secret/key", "data/etc/file", "other/file" };
	struct fixture *f = calloc(1, sizeof(*f));
	char pattern[] = "/tmp/plan_mounts.XXXXXX";

	assert_non_null(mkdtemp(pattern));
	assert_non_null(realpath(pattern, f->top));
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		make_folder(f, folders[i]);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		make_file(f, files[i]);
	f->input = (struct plan_input){
		.envp = f->no_environment, .cwd = "/", .uid = 1000, .gid = 1000
	};
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

	nftw(f->top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	arena_free(&f->plan.arena);
	policy_free(&f->policy);
	free(f);
	return 0;
}

/* The rule on line N of test.profile; @path is below the test's folder unless absolute. */
static struct path_rule *rule(struct fixture *f, enum path_action action, const char *path)
{
	struct path_rule *new = array_push(&f->policy.arena, &f->policy.paths);

	*new = (struct path_rule){
		.action = action,
		.path = path[0] == '/' ? path : at(f, path),
		.origin = { "test.profile", (unsigned int)f->policy.paths.count },
	};
	return new;
}

static void bind(struct fixture *f, const char *source, const char *target)
{
	rule(f, PATH_BIND, source)->target = at(f, target);
}

static void add_line(struct fixture *f, const char *line)
{
	size_t used = strlen(f->text);

	assert_true(used + strlen(line) + 2 < sizeof(f->text));
	snprintf(f->text + used, sizeof(f->text) - used, "%s\n", line);
}

static const char *without_top(const struct fixture *f, const char *path)
{
	return path_is_below(path, f->top) ? path + strlen(f->top) + 1 : path;
}

static void print_op(struct fixture *f, const struct mount_op *op)
{
	static const char *const names[] = {
		[MOUNT_BIND] = "bind",	   [MOUNT_TMPFS] = "tmpfs",	[MOUNT_PROC] = "proc",
		[MOUNT_DEVPTS] = "devpts", [MOUNT_MQUEUE] = "mqueue",	[MOUNT_DIR] = "dir",
		[MOUNT_MASK] = "mask",	   [MOUNT_SYMLINK] = "symlink", [MOUNT_ATTR] = "attr",
	};
	static const char *const flags[] = { " ro", " rw", " noexec", " dev", " optional", " one" };
	const bool has_source = op->source && strcmp(op->source, op->target) != 0;
	char said[64] = "";

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (op->flags & (1U << i))
			strncat(said, flags[i], sizeof(said) - strlen(said) - 1);
	add_line(f, arena_printf(&f->policy.arena, "%s%s %s%s%s", names[op->kind], said,
				 without_top(f, op->target), has_source ? " <- " : "",
				 has_source ? without_top(f, op->source) : ""));
}

static int make_plan(struct fixture *f)
{
	arena_free(&f->plan.arena);
	f->plan = (struct plan){ .policy = &f->policy, .gate.namespaces = f->nesting };
	f->err = (struct error){ 0 };
	if (plan_makes(&f->plan, &f->input, &f->err) < 0)
		return -f->err.code;
	return plan_mounts(&f->plan, &f->input, &f->err);
}

static void expect(struct fixture *f, const char *steps)
{
	if (make_plan(f) < 0)
		fail_msg("%s", f->err.message);
	f->text[0] = '\0';
	for (size_t i = 0; i < f->plan.mounts.ops.count; i++)
		if (path_is_below(f->plan.mounts.ops.items[i].target, f->top))
			print_op(f, &f->plan.mounts.ops.items[i]);
	assert_string_equal(f->text, steps);
}

/* The same rules again, from nothing. */
static void forget_rules(struct fixture *f)
{
	f->policy.paths.count = 0;
	f->policy.makes.count = 0;
}

static void expect_error(struct fixture *f, int code, const char *const *parts)
{
	assert_int_equal(make_plan(f), -code);
	assert_int_equal(f->err.code, code);
	for (; *parts; parts++)
		if (!strstr(f->err.message, *parts))
			fail_msg("\"%s\" does not say \"%s\"", f->err.message, *parts);
	assert_true(f->err.hint[0] != '\0');
}

#define expect_error(f, code, ...) expect_error(f, code, (const char *const[]){ __VA_ARGS__, NULL })

static const struct mount_op *find_op(const struct fixture *f, enum mount_kind kind,
				      const char *target)
{
	for (size_t i = 0; i < f->plan.mounts.ops.count; i++) {
		const struct mount_op *op = &f->plan.mounts.ops.items[i];

		if (op->kind == kind && !strcmp(op->target, target))
			return op;
	}
	return NULL;
}

/* --- order and inheritance --- */

static void a_parent_is_mounted_before_its_children(void **state)
{
	struct fixture *f = *state;

	bind(f, "other", "data/rw");
	rule(f, PATH_TMPFS, "data/sub");
	rule(f, PATH_WHITELIST, "data");
	expect(f, "bind data\n"
		  "bind data/rw <- other\n"
		  "tmpfs data/sub\n");
}

static void what_is_shown_already_takes_no_mount(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "data/etc/inner");
	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_WHITELIST, "data/sub");
	expect(f, "bind data\n");
}

static void the_later_rule_counts_for_one_path(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST_RO, "data");
	rule(f, PATH_WHITELIST, "data");
	expect(f, "bind data\n");
	rule(f, PATH_WHITELIST_RO, "data");
	expect(f, "bind ro data\n");
	rule(f, PATH_TMPFS, "data");
	expect(f, "tmpfs data\n");
	rule(f, PATH_BLACKLIST, "data");
	expect(f, "");
	rule(f, PATH_WHITELIST, "data");
	expect(f, "bind data\n");
	rule(f, PATH_READ_ONLY, "data");
	expect(f, "bind ro data\n");
	rule(f, PATH_READ_WRITE, "data");
	expect(f, "bind data\n");
	rule(f, PATH_WHITELIST_RO, "data");
	expect(f, "bind ro data\n");
}

static void read_only_and_read_write_nest(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_READ_WRITE, "data/etc/inner");
	rule(f, PATH_READ_ONLY, "data/etc");
	rule(f, PATH_READ_ONLY, "data/etc/inner/deep");
	rule(f, PATH_WHITELIST, "data");
	expect(f, "bind data\n"
		  "attr ro data/etc\n"
		  "attr rw data/etc/inner\n"
		  "attr ro data/etc/inner/deep\n");
}

static void a_whitelist_inside_a_whitelist_ro_is_writable(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "data/rw");
	rule(f, PATH_WHITELIST_RO, "data");
	expect(f, "bind ro data\n"
		  "attr rw data/rw\n");
}

static void read_only_holds_for_everything_below(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "data/rw");
	rule(f, PATH_WHITELIST, "data");
	bind(f, "other", "data/sub");
	rule(f, PATH_READ_ONLY, "data");
	expect(f, "bind ro data\n"
		  "bind ro data/sub <- other\n");
}

static void a_read_only_tmpfs_is_sealed_after_its_mount_points_are_made(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_TMPFS, "data");
	bind(f, "other", "data/new");
	rule(f, PATH_READ_ONLY, "data");
	expect(f, "tmpfs data\n"
		  "bind ro data/new <- other\n"
		  "attr ro one data\n");
}

static void an_empty_read_only_tmpfs_takes_one_step(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_TMPFS, "data");
	rule(f, PATH_READ_ONLY, "data");
	expect(f, "tmpfs ro data\n");
}

/* --- hiding --- */

static void a_blacklisted_path_is_hidden_and_its_folders_stay_in_place(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_BLACKLIST, "data/secret/key");
	rule(f, PATH_BLACKLIST, "data/rw");
	expect(f, "bind data\n"
		  "attr data/secret\n"
		  "mask data/secret/key\n"
		  "mask data/rw\n");
}

static void what_is_below_a_read_only_folder_need_not_be_held_in_place(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST_RO, "data");
	rule(f, PATH_BLACKLIST, "data/secret/key");
	expect(f, "bind ro data\n"
		  "mask data/secret/key\n");
}

static void what_is_not_in_the_jail_need_not_be_hidden(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_BLACKLIST, "data/secret");
	rule(f, PATH_READ_ONLY, "data/etc");
	rule(f, PATH_BLACKLIST, "data/nothing");
	expect(f, "");
}

static void nothing_below_a_blacklisted_path_is_touched(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_READ_ONLY, "data/secret/key");
	rule(f, PATH_BLACKLIST, "data/secret/key");
	rule(f, PATH_BLACKLIST, "data/secret");
	expect(f, "bind data\n"
		  "mask data/secret\n");
}

static void a_grant_below_a_blacklisted_path_is_a_contradiction(void **state)
{
	static const enum path_action grants[] = { PATH_WHITELIST, PATH_WHITELIST_RO, PATH_TMPFS,
						   PATH_READ_WRITE };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++) {
		forget_rules(f);
		rule(f, grants[i], "data/etc/inner");
		rule(f, PATH_BLACKLIST, "data/etc");
		expect_error(f, EINVAL, "/data/etc/inner (test.profile:1)",
			     "/data/etc is blacklisted (test.profile:2)");
	}
	forget_rules(f);
	rule(f, PATH_BLACKLIST, "data/etc");
	bind(f, "other", "data/etc/inner");
	expect_error(f, EINVAL, "test.profile:1", "test.profile:2");
}

/* --- binds to other places --- */

static void a_blacklisted_path_is_hidden_in_every_copy(void **state)
{
	struct fixture *f = *state;

	bind(f, "data", "copy");
	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_BLACKLIST, "data/secret");
	expect(f, "bind copy <- data\n"
		  "mask copy/secret\n"
		  "bind data\n"
		  "mask data/secret\n");
}

static void a_read_only_path_is_read_only_in_every_copy(void **state)
{
	struct fixture *f = *state;

	bind(f, "data", "copy");
	rule(f, PATH_READ_ONLY, "data/etc");
	expect(f, "bind copy <- data\n"
		  "attr ro copy/etc\n");
	forget_rules(f);
	bind(f, "data/etc/inner", "copy");
	rule(f, PATH_READ_ONLY, "data/etc");
	expect(f, "bind ro copy <- data/etc/inner\n");
}

static void rules_may_use_the_names_in_the_jail(void **state)
{
	struct fixture *f = *state;

	bind(f, "data", "copy");
	rule(f, PATH_BLACKLIST, "copy/secret");
	rule(f, PATH_READ_ONLY, "copy/etc");
	rule(f, PATH_READ_WRITE, "copy/etc/inner");
	expect(f, "bind copy <- data\n"
		  "mask copy/secret\n"
		  "attr ro copy/etc\n"
		  "attr rw copy/etc/inner\n");
}

static void a_blacklisted_source_is_not_bound(void **state)
{
	struct fixture *f = *state;

	bind(f, "data/secret/key", "copy");
	rule(f, PATH_BLACKLIST, "data/secret");
	expect_error(f, EINVAL, "data/secret/key", "(test.profile:1)", "(test.profile:2)");
}

static void a_blacklisted_path_is_hidden_behind_a_bind_over_it_too(void **state)
{
	struct fixture *f = *state;

	bind(f, "data", "copy");
	bind(f, "other", "data");
	rule(f, PATH_BLACKLIST, "data/etc/file");
	expect(f, "bind copy <- data\n"
		  "attr copy/etc\n"
		  "mask copy/etc/file\n"
		  "bind data <- other\n");
	forget_rules(f);
	make_link(f, "../data/etc", "other/link");
	bind(f, "home", "other");
	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_BLACKLIST, "other/link/file");
	expect(f, "bind other <- home\n"
		  "bind data\n"
		  "attr data/etc\n"
		  "mask data/etc/file\n");
}

static void a_tmpfs_in_a_read_only_folder_frees_nothing_of_the_host(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_READ_ONLY, "data");
	rule(f, PATH_TMPFS, "data/etc");
	rule(f, PATH_WHITELIST, "data/etc/inner");
	expect(f, "tmpfs data/etc\n"
		  "bind ro data/etc/inner\n");
	rule(f, PATH_WHITELIST_RO, "data/etc/inner");
	expect(f, "tmpfs data/etc\n"
		  "bind ro data/etc/inner\n");
	rule(f, PATH_READ_WRITE, "data/etc/inner");
	expect(f, "tmpfs data/etc\n"
		  "bind data/etc/inner\n");
}

static void what_a_mount_stands_in_is_held_in_place(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_TMPFS, "data/etc/inner")->optional = true;
	bind(f, "other", "data/etc/inner/deep");
	rule(f, PATH_TMPFS, "data/secret");
	expect(f, "bind data\n"
		  "attr data/etc\n"
		  "tmpfs optional data/etc/inner\n"
		  "bind data/etc/inner/deep <- other\n"
		  "tmpfs data/secret\n");
	forget_rules(f);
	rule(f, PATH_WHITELIST, "data");
	bind(f, "other", "data/etc/inner");
	expect(f, "bind data\n"
		  "attr data/etc\n"
		  "bind data/etc/inner <- other\n");
}

static void nothing_is_made_on_the_host_to_mount_on(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_TMPFS, "data/missing");
	expect_error(f, ENOENT, "cannot mount a tmpfs on", "data/missing (test.profile:2)");
	forget_rules(f);
	rule(f, PATH_WHITELIST, "data");
	bind(f, "other", "data/etc/file");
	expect_error(f, ENOTDIR, "data/etc/file (test.profile:2)");
}

/* --- what is missing --- */

static void a_missing_path_is_an_error_with_its_origin(void **state)
{
	static const struct {
		enum path_action action;
		const char *name;
	} actions[] = { { PATH_WHITELIST, "whitelist" },
			{ PATH_WHITELIST_RO, "whitelist-ro" },
			{ PATH_READ_ONLY, "read-only" },
			{ PATH_READ_WRITE, "read-write" },
			{ PATH_BIND, "bind" } };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		forget_rules(f);
		rule(f, actions[i].action, "nothing/here")->target = at(f, "copy");
		expect_error(f, ENOENT, "cannot ", actions[i].name,
			     "nothing/here (test.profile:1): No such file or directory");
	}
}

static void an_optional_path_may_be_missing(void **state)
{
	static const enum path_action actions[] = { PATH_WHITELIST,  PATH_WHITELIST_RO,
						    PATH_BLACKLIST,  PATH_READ_ONLY,
						    PATH_READ_WRITE, PATH_BIND };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		struct path_rule *new = rule(f, actions[i], "nothing/here");

		new->target = at(f, "copy");
		new->optional = true;
	}
	rule(f, PATH_WHITELIST, "other/file/below")->optional = true;
	expect(f, "");
}

static void a_folder_that_cannot_be_looked_into_is_named(void **state)
{
	struct fixture *f = *state;

	if (geteuid() == 0)
		skip();
	assert_int_equal(chmod(at(f, "data/secret"), 0), 0);
	rule(f, PATH_BLACKLIST, "data/secret/key");
	assert_int_equal(make_plan(f), -EACCES);
	assert_int_equal(chmod(at(f, "data/secret"), 0755), 0);
}

static void writing_to_what_is_not_there_is_an_error(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_READ_WRITE, "data");
	expect_error(f, ENOENT, "data writable (test.profile:1): it is not in the jail");
}

/* --- symlinks --- */

static void a_whitelisted_symlink_grants_its_target_and_is_there_too(void **state)
{
	struct fixture *f = *state;

	make_link(f, "second", "first");
	make_link(f, at(f, "data"), "second");
	rule(f, PATH_WHITELIST, "first/etc");
	expect(f, arena_printf(&f->policy.arena, "bind data/etc\n"
						 "symlink first <- second\n"
						 "symlink second <- data\n"));
}

static void a_symlink_that_is_seen_anyway_is_not_made(void **state)
{
	struct fixture *f = *state;

	make_link(f, "../other", "data/link");
	rule(f, PATH_WHITELIST_RO, "data");
	rule(f, PATH_WHITELIST, "data/link");
	expect(f, "bind ro data\n"
		  "bind other\n");
}

static void a_symlink_that_the_program_can_change_grants_nothing(void **state)
{
	static const enum path_action grants[] = { PATH_WHITELIST, PATH_WHITELIST_RO, PATH_TMPFS,
						   PATH_BIND };
	struct fixture *f = *state;

	make_link(f, "../other", "data/link");
	for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++) {
		forget_rules(f);
		rule(f, PATH_WHITELIST, "data");
		rule(f, grants[i], "data/link/sub")->target = at(f, "copy");
		expect_error(f, EINVAL, "data/link (test.profile:2)", "can change that symlink");
	}
	/* The working folder is as writable as a whitelisted one. */
	forget_rules(f);
	f->input.cwd = at(f, "data");
	rule(f, PATH_WHITELIST, "data/link");
	expect_error(f, EINVAL, "data/link (test.profile:1)");
}

static void a_restriction_acts_on_the_real_path_and_holds_the_symlink(void **state)
{
	struct fixture *f = *state;

	make_link(f, "../other", "data/rw/link");
	assert_int_equal(rename(at(f, "data/rw/link"), at(f, "data/rw/to")), 0);
	unlink(at(f, "data/rw/to"));
	make_link(f, "../../other", "data/rw/to");
	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_WHITELIST, "other");
	rule(f, PATH_BLACKLIST, "data/rw/to/file");
	expect(f, "bind data\n"
		  "attr data/rw\n"
		  "attr data/rw/to\n"
		  "bind other\n"
		  "mask other/file\n");
	assert_int_equal(find_op(f, MOUNT_ATTR, at(f, "data/rw/to"))->mode, S_IFLNK);
	assert_int_equal(find_op(f, MOUNT_ATTR, at(f, "data/rw"))->mode, S_IFDIR);
}

static void a_restriction_holds_a_symlink_that_leads_nowhere(void **state)
{
	struct fixture *f = *state;

	make_link(f, "../none", "data/rw/link");
	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_BLACKLIST, "data/rw/link/key");
	expect(f, "bind data\n"
		  "attr data/rw\n"
		  "attr data/rw/link\n");
	forget_rules(f);
	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_READ_ONLY, "data/rw/link")->optional = true;
	expect(f, "bind data\n"
		  "attr data/rw\n"
		  "attr data/rw/link\n");
}

static void looping_symlinks_are_an_error(void **state)
{
	struct fixture *f = *state;

	make_link(f, "loop2", "loop1");
	make_link(f, "loop1", "loop2");
	rule(f, PATH_WHITELIST, "loop1");
	assert_int_equal(make_plan(f), -ELOOP);
}

static void paths_are_made_canonical(void **state)
{
	struct fixture *f = *state;

	make_link(f, "data/etc", "link");
	rule(f, PATH_WHITELIST, "./data//../link/../rw/");
	expect(f, arena_printf(&f->policy.arena, "bind data/rw\n"
						 "symlink link <- data/etc\n"));
	forget_rules(f);
	rule(f, PATH_WHITELIST, "nothing/../data");
	expect_error(f, ENOENT, "No such file or directory");
}

/* --- the working folder --- */

static void the_working_folder_is_writable(void **state)
{
	struct fixture *f = *state;

	f->input.cwd = at(f, "work");
	f->input.home = at(f, "home");
	expect(f, "tmpfs home\n"
		  "bind work\n");
}

static void home_and_what_is_above_it_are_no_working_folder(void **state)
{
	struct fixture *f = *state;

	f->input.home = at(f, "home");
	f->input.cwd = f->input.home;
	expect(f, "tmpfs home\n");
	f->input.cwd = f->top;
	expect(f, "tmpfs home\n");
	assert_null(find_op(f, MOUNT_BIND, f->top));
}

static void what_the_jail_has_its_own_of_is_no_working_folder(void **state)
{
	static const char *const folders[] = { "/",	  "/tmp",	    "/var/tmp",
					       "/run",	  "/run/user/1000", "/dev",
					       "/proc",	  "/var",	    "/sys",
					       "/dev/shm" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		f->input.cwd = folders[i];
		assert_int_equal(make_plan(f), 0);
		assert_null(find_op(f, MOUNT_BIND, folders[i]));
	}
	f->input.cwd = "/usr/lib";
	assert_int_equal(make_plan(f), 0);
	assert_null(find_op(f, MOUNT_BIND, "/usr/lib"));
}

static void the_users_home_is_no_working_folder_whatever_HOME_says(void **state)
{
	struct fixture *f = *state;

	f->input.login_home = at(f, "home");
	f->input.home = at(f, "other");
	f->input.cwd = f->input.login_home;
	expect(f, "tmpfs other\n");
	f->input.home = NULL;
	expect(f, "");
	f->input.cwd = f->top;
	assert_int_equal(make_plan(f), 0);
	assert_null(find_op(f, MOUNT_BIND, f->top));
}

/* In a mount namespace of the test's own, where it may have one. */
static void another_name_of_home_is_no_working_folder(void **state)
{
	static const char *const folders[] = { "", "home", "home/.config",
					       "home/.config/uring-jail" };
	struct fixture *f = *state;

	make_folder(f, "home/.config");
	make_folder(f, "home/.config/uring-jail");
	make_folder(f, "home/.config/uring-jail/sub");
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		skip();
	f->input.login_home = at(f, "home");
	f->input.cwd = at(f, "work");
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		assert_int_equal(mount(at(f, folders[i]), f->input.cwd, NULL, MS_BIND, NULL), 0);
		expect(f, "");
		assert_int_equal(umount2(f->input.cwd, MNT_DETACH), 0);
	}
	assert_int_equal(
		mount(at(f, "home/.config/uring-jail"), at(f, "work"), NULL, MS_BIND, NULL), 0);
	f->input.cwd = at(f, "work/sub");
	expect(f, "");
	f->input.cwd = at(f, "work");
	assert_int_equal(umount2(f->input.cwd, MNT_DETACH), 0);
	expect(f, "bind work\n");
	assert_int_equal(mount(at(f, "home"), f->input.cwd, NULL, MS_BIND, NULL), 0);
	rule(f, PATH_WHITELIST, "work");
	expect(f, "bind work\n"
		  "attr work/.config\n"
		  "attr ro work/.config/uring-jail\n");
	assert_int_equal(umount2(f->input.cwd, MNT_DETACH), 0);
}

static void system_state_is_no_working_folder(void **state)
{
	static const char *const of_root[] = { "/boot", "/var/lib", "/var/cache", "/home",
					       "/mnt",	"/media",   "/srv" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(of_root) / sizeof(of_root[0]); i++) {
		f->input.cwd = of_root[i];
		f->input.uid = 0;
		assert_int_equal(make_plan(f), 0);
		assert_null(find_op(f, MOUNT_BIND, of_root[i]));
	}
	f->input.uid = 1000;
	f->input.cwd = "/run/lock";
	assert_int_equal(make_plan(f), 0);
	assert_null(find_op(f, MOUNT_BIND, "/run/lock"));
	f->input.cwd = "/srv";
	assert_int_equal(make_plan(f), 0);
	assert_non_null(find_op(f, MOUNT_BIND, "/srv"));
}

static void a_rule_goes_before_the_working_folder(void **state)
{
	struct fixture *f = *state;

	f->input.cwd = at(f, "data/rw");
	rule(f, PATH_WHITELIST_RO, "data");
	expect(f, "bind ro data\n");
	forget_rules(f);
	rule(f, PATH_READ_ONLY, "data");
	expect(f, "bind ro data/rw\n");
	forget_rules(f);
	rule(f, PATH_TMPFS, "data");
	expect(f, "tmpfs data\n");
	forget_rules(f);
	rule(f, PATH_BLACKLIST, "data");
	expect(f, "");
	forget_rules(f);
	f->policy.root = ROOT_EMPTY;
	expect(f, "");
}

/* --- the launcher's own profiles --- */

static void profiles_in_a_granted_home_are_read_only_and_stay_in_place(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "home/.config");
	make_folder(f, "home/.config/uring-jail");
	f->input.home = at(f, "home");
	rule(f, PATH_WHITELIST, "home");
	expect(f, "bind home\n"
		  "attr home/.config\n"
		  "attr ro home/.config/uring-jail\n");
	rule(f, PATH_WHITELIST, "home/.config/uring-jail");
	expect(f, "bind home\n"
		  "attr home/.config\n"
		  "attr ro home/.config/uring-jail\n");
	forget_rules(f);
	rule(f, PATH_WHITELIST, "home/.config/uring-jail");
	expect(f, "tmpfs home\n"
		  "bind ro home/.config/uring-jail\n");
}

static void profiles_are_read_only_in_every_copy(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "home/.config");
	make_folder(f, "home/.config/uring-jail");
	make_folder(f, "home/.config/uring-jail/sub");
	f->input.home = at(f, "home");
	bind(f, "home/.config", "copy");
	bind(f, "home/.config/uring-jail/sub", "part");
	expect(f, "tmpfs home\n"
		  "bind copy <- home/.config\n"
		  "attr ro copy/uring-jail\n"
		  "bind ro part <- home/.config/uring-jail/sub\n");
}

static void a_missing_profile_folder_cannot_be_made_by_the_program(void **state)
{
	struct fixture *f = *state;

	f->input.home = at(f, "home");
	rule(f, PATH_WHITELIST, "home");
	expect(f, "bind home\n"
		  "dir optional home/.config\n"
		  "attr optional home/.config\n"
		  "dir optional home/.config/uring-jail\n"
		  "attr ro optional home/.config/uring-jail\n");
	forget_rules(f);
	rule(f, PATH_WHITELIST_RO, "home");
	expect(f, "bind ro home\n");
	forget_rules(f);
	expect(f, "tmpfs home\n");
}

static void another_configuration_folder_is_protected_too(void **state)
{
	struct fixture *f = *state;
	char *environment[] = { NULL, NULL };

	make_folder(f, "other/uring-jail");
	environment[0] = arena_printf(&f->policy.arena, "XDG_CONFIG_HOME=%s", at(f, "other"));
	f->input.envp = environment;
	rule(f, PATH_WHITELIST, "other");
	expect(f, "bind other\n"
		  "attr ro other/uring-jail\n");
}

static void a_symlinked_configuration_folder_is_held_in_place(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "home/dot");
	make_folder(f, "home/dot/uring-jail");
	make_link(f, "dot", "home/.config");
	f->input.home = at(f, "home");
	rule(f, PATH_WHITELIST, "home");
	expect(f, "bind home\n"
		  "attr home/.config\n"
		  "attr home/dot\n"
		  "attr ro home/dot/uring-jail\n");
}

static void profiles_of_the_users_home_are_protected_whatever_HOME_says(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "home/.config");
	make_folder(f, "home/.config/uring-jail");
	f->input.login_home = at(f, "home");
	rule(f, PATH_WHITELIST, "home");
	expect(f, "bind home\n"
		  "attr home/.config\n"
		  "attr ro home/.config/uring-jail\n");
	f->input.cwd = at(f, "home/.config");
	forget_rules(f);
	expect(f, "bind home/.config\n"
		  "attr ro home/.config/uring-jail\n");
}

static void a_profile_that_was_read_is_read_only_and_stays_in_place(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "work/sub");
	make_file(f, "work/sub/my.profile");
	make_link(f, "sub/my.profile", "work/link");
	f->input.cwd = at(f, "work");
	*array_push(&f->policy.arena, &f->policy.files) = at(f, "work/link");
	expect(f, "bind work\n"
		  "attr work/link\n"
		  "attr work/sub\n"
		  "attr ro work/sub/my.profile\n");
	rule(f, PATH_READ_WRITE, "work/sub/my.profile");
	expect_error(f, EINVAL, "my.profile writable (test.profile:1)");
}

static void an_include_that_is_missing_must_not_be_made_by_the_program(void **state)
{
	struct fixture *f = *state;

	f->input.cwd = at(f, "work");
	*array_push(&f->policy.arena, &f->policy.missing) = at(f, "work/my.local");
	expect_error(f, EINVAL, "work/my.local");
	rule(f, PATH_READ_ONLY, "work");
	expect(f, "bind ro work\n");
}

static void the_launcher_is_read_only_and_stays_in_place(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "work/build");
	make_file(f, "work/build/uring-jail");
	f->input.cwd = at(f, "work");
	f->input.launcher = at(f, "work/build/uring-jail");
	expect(f, "bind work\n"
		  "attr work/build\n"
		  "attr ro work/build/uring-jail\n");
}

static void what_profiles_are_symlinks_to_is_read_only(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "home/.config");
	make_folder(f, "home/.config/uring-jail");
	make_file(f, "work/other.profile");
	make_link(f, "../../../work/other.profile", "home/.config/uring-jail/other.profile");
	f->input.home = at(f, "home");
	f->input.cwd = at(f, "work");
	expect(f, "tmpfs home\n"
		  "bind work\n"
		  "attr ro work/other.profile\n");
}

static void profiles_cannot_be_made_writable(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "home/.config");
	make_folder(f, "home/.config/uring-jail");
	make_folder(f, "home/.config/uring-jail/sub");
	f->input.home = at(f, "home");
	rule(f, PATH_WHITELIST, "home");
	rule(f, PATH_READ_WRITE, "home/.config/uring-jail/sub");
	expect_error(f, EINVAL, "uring-jail/sub writable (test.profile:2)");
	forget_rules(f);
	bind(f, "home/.config/uring-jail/sub", "part");
	rule(f, PATH_READ_WRITE, "part");
	expect_error(f, EINVAL, "part writable (test.profile:2)");
	forget_rules(f);
	rule(f, PATH_WHITELIST, "home");
	rule(f, PATH_READ_WRITE, "home/.config");
	expect(f, "bind home\n"
		  "attr home/.config\n"
		  "attr ro home/.config/uring-jail\n");
}

/* --- programs with namespaces of their own --- */

static void with_nesting_nothing_inside_a_writable_folder_can_be_held(void **state)
{
	static const enum path_action actions[] = { PATH_BLACKLIST, PATH_READ_ONLY, PATH_TMPFS };
	struct fixture *f = *state;

	f->nesting = true;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		forget_rules(f);
		rule(f, PATH_WHITELIST, "data");
		rule(f, actions[i], "data/secret");
		expect_error(f, EINVAL, "data/secret (test.profile:2)", "namespaces of its own");
		assert_non_null(strstr(f->err.hint, "make"));
		rule(f, PATH_READ_ONLY, "data");
		if (actions[i] != PATH_TMPFS)
			assert_int_equal(make_plan(f), 0);
	}
	forget_rules(f);
	make_folder(f, "home/.config");
	f->input.home = at(f, "home");
	rule(f, PATH_WHITELIST, "home");
	expect_error(f, EINVAL, "home/.config", "namespaces of its own");
}

static void with_nesting_a_plain_working_folder_is_writable(void **state)
{
	struct fixture *f = *state;

	f->nesting = true;
	f->input.home = at(f, "home");
	f->input.cwd = at(f, "work");
	rule(f, PATH_WHITELIST_RO, "data");
	rule(f, PATH_BLACKLIST, "data/secret");
	expect(f, "tmpfs home\n"
		  "bind ro data\n"
		  "mask data/secret\n"
		  "bind work\n");
}

/* --- root modes --- */

static void minimal_shows_system_folders_read_only(void **state)
{
	struct fixture *f = *state;
	const struct mount_op *usr;

	assert_int_equal(make_plan(f), 0);
	usr = find_op(f, MOUNT_BIND, "/usr");
	assert_non_null(usr);
	assert_int_equal(usr->flags, MOUNT_READ_ONLY);
	assert_non_null(find_op(f, MOUNT_PROC, "/proc"));
	assert_int_equal(find_op(f, MOUNT_TMPFS, "/tmp")->mode, 01777);
	assert_null(find_op(f, MOUNT_BIND, "/"));
	assert_null(find_op(f, MOUNT_BIND, "/home"));
	/* Only root can read these, and only then a mount each is worth it. */
	assert_int_equal(find_op(f, MOUNT_MASK, "/etc/shadow") != NULL,
			 access("/etc/shadow", R_OK) == 0);
}

static void a_whitelist_leaves_system_folders_read_only(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "/usr/lib");
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(find_op(f, MOUNT_BIND, "/usr")->flags, MOUNT_READ_ONLY);
	assert_null(find_op(f, MOUNT_BIND, "/usr/lib"));
	assert_null(find_op(f, MOUNT_ATTR, "/usr/lib"));
	rule(f, PATH_READ_WRITE, "/usr/lib");
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(find_op(f, MOUNT_ATTR, "/usr/lib")->flags, MOUNT_READ_WRITE);
}

static void dev_is_sealed_after_its_devices_are_there(void **state)
{
	struct fixture *f = *state;
	size_t last = 0;
	size_t seal = 0;

	assert_int_equal(make_plan(f), 0);
	for (size_t i = 0; i < f->plan.mounts.ops.count; i++) {
		const struct mount_op *op = &f->plan.mounts.ops.items[i];

		if (path_is_below(op->target, "/dev"))
			last = i;
		if (op->kind == MOUNT_ATTR && !strcmp(op->target, "/dev")) {
			assert_int_equal(op->flags, MOUNT_READ_ONLY | MOUNT_ONE_LEVEL);
			seal = i;
		}
		/* Devices work in what was asked for alone. */
		if (op->flags & MOUNT_DEVICES)
			assert_true(path_is_below(op->target, "/dev"));
	}
	assert_true(seal > last && last > 0);
	assert_int_equal(find_op(f, MOUNT_BIND, "/dev/null")->flags, MOUNT_DEVICES);
}

static void global_root_gets_a_proc_that_it_cannot_write(void **state)
{
	struct fixture *f = *state;

	f->input.uid = 0;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(find_op(f, MOUNT_ATTR, "/proc/sys")->flags,
			 MOUNT_READ_ONLY | MOUNT_OPTIONAL);
	f->input.uid = 1000;
	assert_int_equal(make_plan(f), 0);
	assert_null(find_op(f, MOUNT_ATTR, "/proc/sys"));
}

static void global_root_reads_nothing_in_etc_that_others_may_not(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	if (stat("/etc/.pwd.lock", &st) < 0 || (st.st_mode & S_IROTH))
		skip();
	assert_int_equal(make_plan(f), 0);
	assert_null(find_op(f, MOUNT_MASK, "/etc/.pwd.lock"));
	f->input.uid = 0;
	assert_int_equal(make_plan(f), 0);
	assert_non_null(find_op(f, MOUNT_MASK, "/etc/.pwd.lock"));
	assert_null(find_op(f, MOUNT_MASK, "/etc/passwd"));
}

static void the_hosts_devices_are_not_for_global_root(void **state)
{
	struct fixture *f = *state;

	f->policy.root = ROOT_HOST;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(find_op(f, MOUNT_BIND, "/dev")->flags, MOUNT_DEVICES);
	f->input.uid = 0;
	assert_int_equal(make_plan(f), 0);
	assert_null(find_op(f, MOUNT_BIND, "/dev"));
	assert_non_null(find_op(f, MOUNT_TMPFS, "/dev"));
}

static void a_whitelisted_device_comes_with_the_private_ones_alone(void **state)
{
	struct fixture *f = *state;

	f->policy.root = ROOT_HOST;
	rule(f, PATH_WHITELIST, "/dev/null");
	assert_int_equal(make_plan(f), 0);
	assert_non_null(find_op(f, MOUNT_TMPFS, "/dev"));
	assert_int_equal(find_op(f, MOUNT_BIND, "/dev/null")->flags, MOUNT_DEVICES);
}

static void the_host_whitelist_empties_the_folder_around_it(void **state)
{
	struct fixture *f = *state;

	make_folder(f, "home/seen");
	f->policy.root = ROOT_HOST;
	f->input.home = at(f, "home");
	expect(f, "attr home\n"
		  "dir optional home/.config\n"
		  "attr optional home/.config\n"
		  "dir optional home/.config/uring-jail\n"
		  "attr ro optional home/.config/uring-jail\n");
	rule(f, PATH_WHITELIST, "home/seen");
	expect(f, "tmpfs home\n"
		  "bind home/seen\n");
	rule(f, PATH_WHITELIST_RO, "data");
	expect(f, "tmpfs home\n"
		  "bind home/seen\n"
		  "bind ro data\n");
	assert_int_equal(find_op(f, MOUNT_TMPFS, "/tmp")->mode, 01777);
	assert_int_equal(find_op(f, MOUNT_ATTR, "/usr")->flags, MOUNT_READ_ONLY);
	assert_string_equal(f->plan.mounts.ops.items[0].target, "/");
}

static void read_write_frees_a_system_folder_with_all_below(void **state)
{
	static const char *const folders[] = { "/usr", "/usr/bin", "/usr/lib", "/usr/sbin" };
	struct fixture *f = *state;

	f->policy.root = ROOT_HOST;
	rule(f, PATH_READ_WRITE, "/usr");
	assert_int_equal(make_plan(f), 0);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const struct mount_op *op = find_op(f, MOUNT_ATTR, folders[i]);

		assert_true(!op || !(op->flags & MOUNT_READ_ONLY));
	}
}

static void empty_shows_nothing_but_what_is_named(void **state)
{
	struct fixture *f = *state;

	f->policy.root = ROOT_EMPTY;
	f->input.cwd = at(f, "work");
	f->input.home = at(f, "home");
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(f->plan.mounts.ops.count, 0);
	rule(f, PATH_WHITELIST, "/usr");
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(f->plan.mounts.ops.count, 1);
	assert_int_equal(find_op(f, MOUNT_BIND, "/usr")->flags, MOUNT_READ_ONLY);
}

static void the_hosts_proc_is_never_shown(void **state)
{
	struct fixture *f = *state;

	f->policy.root = ROOT_EMPTY;
	rule(f, PATH_WHITELIST, "/proc");
	assert_int_equal(make_plan(f), 0);
	assert_non_null(find_op(f, MOUNT_PROC, "/proc"));
	/* Kernels without keys have no such file. */
	if (access("/proc/keys", F_OK) == 0)
		assert_non_null(find_op(f, MOUNT_MASK, "/proc/keys"));
	f->nesting = true;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(f->plan.mounts.ops.count, 1);
	assert_non_null(find_op(f, MOUNT_PROC, "/proc"));
	f->nesting = false;
	f->policy.root = ROOT_MINIMAL;
	forget_rules(f);
	rule(f, PATH_WHITELIST, "/proc/sys");
	expect_error(f, EINVAL, "/proc/sys (test.profile:1)");
}

static void the_root_itself_is_no_path_for_a_rule(void **state)
{
	static const enum path_action actions[] = { PATH_WHITELIST, PATH_TMPFS, PATH_BLACKLIST };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		forget_rules(f);
		rule(f, actions[i], "/");
		expect_error(f, EINVAL, "(test.profile:1): it is the root itself");
	}
}

/* --- any rules at all --- */

static void check_order(const struct fixture *f)
{
	for (size_t i = 0; i < f->plan.mounts.ops.count; i++) {
		const struct mount_op *op = &f->plan.mounts.ops.items[i];

		for (size_t k = i + 1; k < f->plan.mounts.ops.count; k++) {
			const struct mount_op *later = &f->plan.mounts.ops.items[k];

			if (op->kind == MOUNT_MASK)
				assert_false(path_is_at_or_below(later->target, op->target));
			if (!(later->flags & MOUNT_ONE_LEVEL))
				assert_false(path_is_below(op->target, later->target));
		}
	}
}

/* What the steps make of @path, which exists on the host. */
static void look_up(const struct fixture *f, const char *path, bool *shown, bool *writable)
{
	*shown = false;
	*writable = false;
	for (size_t i = 0; i < f->plan.mounts.ops.count; i++) {
		const struct mount_op *op = &f->plan.mounts.ops.items[i];

		if (!path_is_at_or_below(path, op->target))
			continue;
		if (op->kind == MOUNT_BIND || op->kind == MOUNT_TMPFS || op->kind == MOUNT_MASK) {
			*shown = op->kind == MOUNT_BIND;
			*writable = !(op->flags & MOUNT_READ_ONLY);
		}
		if (op->kind == MOUNT_ATTR && (op->flags & (MOUNT_READ_ONLY | MOUNT_READ_WRITE)))
			*writable = (op->flags & MOUNT_READ_WRITE) != 0;
	}
}

/* The rules' meaning, from the nearest path outwards. */
static void mean(const struct fixture *f, const char *path, bool *shown, bool *writable)
{
	size_t shown_length = 0;
	size_t access_length = 0;
	bool reset = false;

	*shown = false;
	*writable = true;
	for (size_t i = 0; i < f->policy.paths.count; i++) {
		const struct path_rule *one = &f->policy.paths.items[i];
		size_t length = strlen(one->path);

		if (!path_is_at_or_below(path, one->path))
			continue;
		if (one->action <= PATH_BLACKLIST && length >= shown_length) {
			*shown = one->action != PATH_BLACKLIST;
			shown_length = length;
			reset = one->action == PATH_WHITELIST_RO;
		}
		if ((one->action == PATH_READ_ONLY || one->action == PATH_READ_WRITE) &&
		    length >= access_length) {
			*writable = one->action == PATH_READ_WRITE;
			access_length = length;
		}
	}
	if (reset && shown_length > access_length)
		*writable = false;
}

static void fail_with_rules(struct fixture *f, const char *name)
{
	f->text[0] = '\0';
	for (size_t i = 0; i < f->policy.paths.count; i++)
		add_line(f, arena_printf(&f->policy.arena, "rule %d %s",
					 (int)f->policy.paths.items[i].action,
					 without_top(f, f->policy.paths.items[i].path)));
	for (size_t i = 0; i < f->plan.mounts.ops.count; i++)
		if (path_is_below(f->plan.mounts.ops.items[i].target, f->top))
			print_op(f, &f->plan.mounts.ops.items[i]);
	fail_msg("%s is not as the rules say:\n%s", name, f->text);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/*
 * Random rules without the combinations that one rule decides for another at the same path: what
 * the steps show, and let write, is what the rules mean.
 */
static void random_rules_mean_what_they_say(void **state)
{
	static const char *const names[] = { "data",
					     "data/etc",
					     "data/etc/inner",
					     "data/etc/file",
					     "data/rw",
					     "data/etc/inner/deep",
					     "data/secret/key",
					     "other",
					     "other/file",
					     "data/secret",
					     "other/sub" };
	const size_t count = sizeof(names) / sizeof(names[0]);
	struct fixture *f = *state;
	size_t planned = 0;
	uint32_t seed = 7;

	for (int round = 0; round < 4000; round++) {
		forget_rules(f);
		for (size_t i = 0; i < count; i++)
			if (next_random(&seed) % 3 == 0)
				rule(f, next_random(&seed) % (PATH_READ_WRITE + 1), names[i]);
		if (make_plan(f) < 0)
			continue;
		planned++;
		check_order(f);
		for (size_t i = 0; i < count; i++) {
			bool shown, writable, meant_shown, meant_writable;

			look_up(f, at(f, names[i]), &shown, &writable);
			mean(f, at(f, names[i]), &meant_shown, &meant_writable);
			if (shown != meant_shown || (shown && writable != meant_writable))
				fail_with_rules(f, names[i]);
		}
	}
	assert_true(planned > 400);
}

/* --- noexec --- */

static void noexec_holds_for_everything_below(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_NOEXEC, "data/etc");
	expect(f, "bind data\n"
		  "attr noexec data/etc\n");
	rule(f, PATH_READ_ONLY, "data/etc");
	rule(f, PATH_READ_WRITE, "data/etc/inner");
	expect(f, "bind data\n"
		  "attr ro noexec data/etc\n"
		  "attr rw data/etc/inner\n");
	forget_rules(f);
	rule(f, PATH_NOEXEC, "data");
	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_TMPFS, "data/sub");
	bind(f, "other", "data/rw");
	expect(f, "bind noexec data\n"
		  "tmpfs noexec data/sub\n"
		  "bind noexec data/rw <- other\n");
}

static void noexec_holds_for_copies(void **state)
{
	struct fixture *f = *state;

	bind(f, "data/etc/inner", "other/sub");
	rule(f, PATH_WHITELIST, "other");
	rule(f, PATH_NOEXEC, "data/etc");
	expect(f, "bind other\n"
		  "bind noexec other/sub <- data/etc/inner\n");
	forget_rules(f);
	bind(f, "data", "other/sub");
	rule(f, PATH_WHITELIST, "other");
	rule(f, PATH_NOEXEC, "data/etc");
	expect(f, "bind other\n"
		  "bind other/sub <- data\n"
		  "attr noexec other/sub/etc\n");
}

static void what_noexec_stands_on_cannot_be_moved(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "data");
	rule(f, PATH_NOEXEC, "data/etc/inner");
	expect(f, "bind data\n"
		  "attr data/etc\n"
		  "attr noexec data/etc/inner\n");
	f->nesting = true;
	expect_error(f, EINVAL, "data/etc", "can undo it");
}

/* --- patterns --- */

static struct path_rule *pattern(struct fixture *f, enum path_action action, const char *text)
{
	struct path_rule *new = rule(f, action, text);

	new->pattern = true;
	return new;
}

static void a_pattern_is_a_rule_for_each_path(void **state)
{
	struct fixture *f = *state;

	rule(f, PATH_WHITELIST, "data");
	pattern(f, PATH_READ_ONLY, "data/[er]*");
	pattern(f, PATH_BLACKLIST, "data/s*/k??");
	expect(f, "bind data\n"
		  "attr ro data/etc\n"
		  "attr ro data/rw\n"
		  "attr data/secret\n"
		  "mask data/secret/key\n");
	assert_int_equal(f->plan.rules.count, 4);
}

static void a_pattern_matches_dot_files_and_leads_nowhere_else(void **state)
{
	struct fixture *f = *state;

	make_file(f, "data/sub/.hidden");
	pattern(f, PATH_WHITELIST, "data/sub/*");
	expect(f, "bind data/sub/.hidden\n");
	forget_rules(f);
	pattern(f, PATH_WHITELIST, "data/rw/.*/secret");
	expect_error(f, ENOENT, "data/rw/.*/secret", "test.profile:1");
	forget_rules(f);
	pattern(f, PATH_WHITELIST, "data/rw/.*");
	expect_error(f, ENOENT, "data/rw/.*", "test.profile:1");
}

static void one_of_several_places_is_enough(void **state)
{
	struct fixture *f = *state;

	pattern(f, PATH_WHITELIST, "none/file")->more = true;
	pattern(f, PATH_WHITELIST, "data/etc/file")->more = true;
	pattern(f, PATH_WHITELIST, "other/none");
	expect(f, "bind data/etc/file\n");
	pattern(f, PATH_WHITELIST, "none/file")->more = true;
	pattern(f, PATH_WHITELIST, "other/none");
	expect_error(f, ENOENT, "other/none", "test.profile:5");
	f->policy.paths.items[4].optional = true;
	expect(f, "bind data/etc/file\n");
}

static void a_pattern_that_matches_nothing_is_a_missing_path(void **state)
{
	static const enum path_action actions[] = { PATH_WHITELIST, PATH_WHITELIST_RO,
						    PATH_READ_ONLY, PATH_READ_WRITE, PATH_NOEXEC };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		forget_rules(f);
		pattern(f, actions[i], "data/none*");
		expect_error(f, ENOENT, "data/none*", "test.profile:1");
		f->policy.paths.items[0].optional = true;
		expect(f, "");
	}
	forget_rules(f);
	pattern(f, PATH_BLACKLIST, "data/none*");
	expect(f, "");
}

static void noblacklist_is_by_name(void **state)
{
	struct fixture *f = *state;

	make_link(f, "data/secret", "link");
	rule(f, PATH_WHITELIST, "data");
	pattern(f, PATH_NOBLACKLIST, "data/./sec*/");
	rule(f, PATH_BLACKLIST, "data//secret");
	expect(f, "bind data\n");
	rule(f, PATH_BLACKLIST, "data/secret/key");
	expect(f, "bind data\n"
		  "attr data/secret\n"
		  "mask data/secret/key\n");
	forget_rules(f);
	rule(f, PATH_WHITELIST, "data");
	pattern(f, PATH_NOBLACKLIST, "link");
	rule(f, PATH_BLACKLIST, "data/secret");
	expect(f, "bind data\n"
		  "mask data/secret\n");
}

/* --- what is made before the launch --- */

static void make(struct fixture *f, bool folder, const char *path)
{
	*array_push(&f->policy.arena, &f->policy.makes) = (struct make_rule){
		.folder = folder,
		.path = path[0] == '/' ? path : at(f, path),
		.origin = { "test.profile", 100 },
	};
}

static void what_will_be_made_can_be_shown(void **state)
{
	struct fixture *f = *state;

	f->input.home = at(f, "home");
	make(f, true, "home/new/folder");
	make(f, false, "home/new/file");
	make(f, true, "home");
	rule(f, PATH_WHITELIST, "home/new");
	rule(f, PATH_READ_ONLY, "home/new/file");
	expect(f, "tmpfs home\n"
		  "bind home/new\n"
		  "attr ro home/new/file\n");
	assert_int_equal(f->plan.makes.count, 2);
	assert_string_equal(f->plan.makes.items[0].path, at(f, "home/new/folder"));
	assert_string_equal(f->plan.makes.items[0].base, f->input.home);
	assert_int_equal(access(at(f, "home/new"), F_OK), -1);
	assert_int_equal(find_op(f, MOUNT_BIND, at(f, "home/new"))->mode, S_IFDIR);
}

static void nothing_is_made_elsewhere(void **state)
{
	struct fixture *f = *state;

	f->input.home = at(f, "home");
	make(f, true, "data/new");
	expect_error(f, EINVAL, "data/new", "test.profile:100", "not below HOME");
	forget_rules(f);
	make(f, true, "home/../data/new");
	expect_error(f, EINVAL, "not below HOME");
	forget_rules(f);
	make_link(f, "../data", "home/link");
	make(f, true, "home/link/new");
	expect_error(f, ELOOP, "home/link/new", "is a symlink");
	forget_rules(f);
	make(f, true, "home/link/sub"); /* is there */
	expect(f, "tmpfs home\n");
	assert_int_equal(f->plan.makes.count, 0);
}

int main(void)
{
#define ON_A_TREE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ON_A_TREE(a_parent_is_mounted_before_its_children),
		ON_A_TREE(what_is_shown_already_takes_no_mount),
		ON_A_TREE(the_later_rule_counts_for_one_path),
		ON_A_TREE(read_only_and_read_write_nest),
		ON_A_TREE(a_whitelist_inside_a_whitelist_ro_is_writable),
		ON_A_TREE(read_only_holds_for_everything_below),
		ON_A_TREE(a_read_only_tmpfs_is_sealed_after_its_mount_points_are_made),
		ON_A_TREE(an_empty_read_only_tmpfs_takes_one_step),
		ON_A_TREE(a_blacklisted_path_is_hidden_and_its_folders_stay_in_place),
		ON_A_TREE(what_is_below_a_read_only_folder_need_not_be_held_in_place),
		ON_A_TREE(what_is_not_in_the_jail_need_not_be_hidden),
		ON_A_TREE(nothing_below_a_blacklisted_path_is_touched),
		ON_A_TREE(a_grant_below_a_blacklisted_path_is_a_contradiction),
		ON_A_TREE(a_blacklisted_path_is_hidden_in_every_copy),
		ON_A_TREE(a_read_only_path_is_read_only_in_every_copy),
		ON_A_TREE(rules_may_use_the_names_in_the_jail),
		ON_A_TREE(a_blacklisted_source_is_not_bound),
		ON_A_TREE(a_blacklisted_path_is_hidden_behind_a_bind_over_it_too),
		ON_A_TREE(a_tmpfs_in_a_read_only_folder_frees_nothing_of_the_host),
		ON_A_TREE(what_a_mount_stands_in_is_held_in_place),
		ON_A_TREE(nothing_is_made_on_the_host_to_mount_on),
		ON_A_TREE(a_missing_path_is_an_error_with_its_origin),
		ON_A_TREE(an_optional_path_may_be_missing),
		ON_A_TREE(a_folder_that_cannot_be_looked_into_is_named),
		ON_A_TREE(writing_to_what_is_not_there_is_an_error),
		ON_A_TREE(a_whitelisted_symlink_grants_its_target_and_is_there_too),
		ON_A_TREE(a_symlink_that_is_seen_anyway_is_not_made),
		ON_A_TREE(a_symlink_that_the_program_can_change_grants_nothing),
		ON_A_TREE(a_restriction_acts_on_the_real_path_and_holds_the_symlink),
		ON_A_TREE(a_restriction_holds_a_symlink_that_leads_nowhere),
		ON_A_TREE(looping_symlinks_are_an_error),
		ON_A_TREE(paths_are_made_canonical),
		ON_A_TREE(the_working_folder_is_writable),
		ON_A_TREE(home_and_what_is_above_it_are_no_working_folder),
		ON_A_TREE(what_the_jail_has_its_own_of_is_no_working_folder),
		ON_A_TREE(the_users_home_is_no_working_folder_whatever_HOME_says),
		ON_A_TREE(another_name_of_home_is_no_working_folder),
		ON_A_TREE(system_state_is_no_working_folder),
		ON_A_TREE(a_rule_goes_before_the_working_folder),
		ON_A_TREE(profiles_in_a_granted_home_are_read_only_and_stay_in_place),
		ON_A_TREE(profiles_are_read_only_in_every_copy),
		ON_A_TREE(a_missing_profile_folder_cannot_be_made_by_the_program),
		ON_A_TREE(another_configuration_folder_is_protected_too),
		ON_A_TREE(a_symlinked_configuration_folder_is_held_in_place),
		ON_A_TREE(profiles_of_the_users_home_are_protected_whatever_HOME_says),
		ON_A_TREE(a_profile_that_was_read_is_read_only_and_stays_in_place),
		ON_A_TREE(an_include_that_is_missing_must_not_be_made_by_the_program),
		ON_A_TREE(the_launcher_is_read_only_and_stays_in_place),
		ON_A_TREE(what_profiles_are_symlinks_to_is_read_only),
		ON_A_TREE(profiles_cannot_be_made_writable),
		ON_A_TREE(with_nesting_nothing_inside_a_writable_folder_can_be_held),
		ON_A_TREE(with_nesting_a_plain_working_folder_is_writable),
		ON_A_TREE(minimal_shows_system_folders_read_only),
		ON_A_TREE(a_whitelist_leaves_system_folders_read_only),
		ON_A_TREE(dev_is_sealed_after_its_devices_are_there),
		ON_A_TREE(global_root_gets_a_proc_that_it_cannot_write),
		ON_A_TREE(global_root_reads_nothing_in_etc_that_others_may_not),
		ON_A_TREE(the_hosts_devices_are_not_for_global_root),
		ON_A_TREE(a_whitelisted_device_comes_with_the_private_ones_alone),
		ON_A_TREE(the_host_whitelist_empties_the_folder_around_it),
		ON_A_TREE(read_write_frees_a_system_folder_with_all_below),
		ON_A_TREE(empty_shows_nothing_but_what_is_named),
		ON_A_TREE(the_hosts_proc_is_never_shown),
		ON_A_TREE(the_root_itself_is_no_path_for_a_rule),
		ON_A_TREE(random_rules_mean_what_they_say),
		ON_A_TREE(noexec_holds_for_everything_below),
		ON_A_TREE(noexec_holds_for_copies),
		ON_A_TREE(what_noexec_stands_on_cannot_be_moved),
		ON_A_TREE(a_pattern_is_a_rule_for_each_path),
		ON_A_TREE(a_pattern_matches_dot_files_and_leads_nowhere_else),
		ON_A_TREE(one_of_several_places_is_enough),
		ON_A_TREE(a_pattern_that_matches_nothing_is_a_missing_path),
		ON_A_TREE(noblacklist_is_by_name),
		ON_A_TREE(what_will_be_made_can_be_shown),
		ON_A_TREE(nothing_is_made_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
