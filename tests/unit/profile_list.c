// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/profile_list.h"

/* Which profile of several is listed: as for looking one up, that of the first folder. */

struct fixture {
	char top[64];
	struct arena arena;
	struct profile_source source;
	struct profile_list list;
	struct error err;
};

static void put(struct fixture *f, size_t folder, const char *name, const char *text)
{
	FILE *file = fopen(arena_printf(&f->arena, "%s/%s", f->source.folders[folder], name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	if (!f)
		return 1;
	strcpy(f->top, "/tmp/profile_list.XXXXXX");
	if (!mkdtemp(f->top))
		return 1;
	for (int i = 0; i < PROFILE_FOLDERS; i++) {
		f->source.folders[i] = arena_printf(&f->arena, "%s/%d", f->top, i);
		if (mkdir(f->source.folders[i], 0700) < 0)
			return 1;
	}
	f->source.default_text = "# default: carried\n";
	return 0;
}

/* What the tests put there: profiles, and folders of them. */
static int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *where)
{
	(void)stat;
	(void)type;
	(void)where;
	return remove(path);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	int status = nftw(f->top, remove_entry, 8, FTW_DEPTH | FTW_PHYS);

	arena_free(&f->arena);
	free(f);
	return status;
}

static const struct profile_entry *listed(struct fixture *f, const char *name)
{
	const struct profile_entry *found = NULL;

	for (size_t i = 0; i < f->list.count; i++) {
		if (strcmp(f->list.items[i].name, name) != 0)
			continue;
		assert_null(found);
		found = &f->list.items[i];
	}
	assert_non_null(found);
	return found;
}

static void the_first_folder_hides_the_others(void **state)
{
	struct fixture *f = *state;

	put(f, 2, "a.profile", "# a: installed\n");
	put(f, 1, "a.profile", "# a: the system's\n");
	put(f, 2, "b.profile", "# b: installed\n");
	put(f, 0, "b.profile", "# b: own\n");
	put(f, 2, "c.profile", "# c: installed\n");
	assert_int_equal(profile_list(&f->list, &f->source, &f->arena, &f->err), 0);
	assert_int_equal(f->list.count, 4);
	assert_string_equal(listed(f, "a")->summary, "the system's");
	assert_string_equal(listed(f, "b")->summary, "own");
	assert_string_equal(listed(f, "c")->summary, "installed");
	assert_string_equal(listed(f, "default")->summary, "carried");
	assert_null(listed(f, "default")->path);
	assert_string_equal(listed(f, "c")->path,
			    arena_printf(&f->arena, "%s/c.profile", f->source.folders[2]));
}

static void they_are_in_order_of_names(void **state)
{
	struct fixture *f = *state;

	put(f, 0, "zebra.profile", "");
	put(f, 1, "ape.profile", "");
	put(f, 2, "mole.profile", "");
	assert_int_equal(profile_list(&f->list, &f->source, &f->arena, &f->err), 0);
	for (size_t i = 0; i + 1 < f->list.count; i++)
		assert_true(strcmp(f->list.items[i].name, f->list.items[i + 1].name) < 0);
}

/* What is read by a name must be what is listed under it: in each case. */
static void a_name_leads_to_what_is_listed(void **state)
{
	struct fixture *f = *state;
	struct policy policy = { 0 };

	put(f, 1, "a.profile", "hostname one\n");
	put(f, 2, "a.profile", "hostname two\n");
	/* Leads nowhere, so that the next folder counts. */
	assert_int_equal(
		symlink("nowhere", arena_printf(&f->arena, "%s/a.profile", f->source.folders[0])),
		0);
	assert_int_equal(profile_list(&f->list, &f->source, &f->arena, &f->err), 0);
	assert_int_equal(profile_read(&policy, &f->source, "a", &f->err), 0);
	assert_string_equal(listed(f, "a")->path, policy.name);
	assert_string_equal(policy.hostname, "one");
	policy_free(&policy);
}

static void folders_may_be_missing(void **state)
{
	struct fixture *f = *state;

	f->source.folders[0] = NULL;
	f->source.folders[1] = "/nowhere/at/all";
	put(f, 2, "a.profile", "# a: installed");
	put(f, 2, "default.profile", "# default: installed\n");
	assert_int_equal(profile_list(&f->list, &f->source, &f->arena, &f->err), 0);
	assert_int_equal(f->list.count, 2);
	assert_string_equal(listed(f, "a")->summary, "installed");
	assert_string_equal(listed(f, "default")->summary, "installed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_folder_hides_the_others, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(they_are_in_order_of_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_name_leads_to_what_is_listed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(folders_may_be_missing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
