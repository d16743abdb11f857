// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "uring/probe.h"

static void a_version_proves_the_fix_only_from_where_it_is(void **state)
{
	static const struct {
		const char *release;
		bool fixed;
	} cases[] = {
		{ "7.0.13+deb13-cloud-amd64", false },
		{ "7.0.0-39-generic", false }, /* backported, but the version cannot tell */
		{ "7.1.3", false },
		{ "7.1.7-amd64", false },
		{ "7.1.8", true },
		{ "7.1.13+deb13-cloud-amd64", true },
		{ "7.1", false },
		{ "7.1-rc8", false },
		{ "7.2-rc1", false },
		{ "7.2-rc5", false },
		{ "7.2.0-0.rc5.20260701git.fc45", false },
		{ "7.2~rc5-amd64", false },
		{ "7.2-rc6", true },
		{ "7.2-rc10", true },
		{ "7.2.0-5-generic", false }, /* of 7.2-rc4, for all that it says */
		{ "7.2", false },
		{ "7.2.1", true },
		{ "7.2.3-arch1-1", true },
		{ "7.3.4+deb13-cloud-amd64", true },
		{ "7.3-rc1", true },
		{ "7.10.1", true },
		{ "8.0.0", true },
		{ "6.18.44", false },
		{ "2.6.78", false },
		{ "17", true },
		{ "seven", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (uring_release_has_exec_fix(cases[i].release) != cases[i].fixed)
			fail_msg("%s", cases[i].release);
}

/* On whatever kernel this runs: what is said must fit together. */
static void what_is_found_fits_together(void **state)
{
	struct uring_kernel kernel;

	(void)state;
	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	for (int fully = 0; fully < 2; fully++) {
		if (fully)
			uring_probe_fully(&kernel);
		else
			uring_probe(&kernel);
		assert_true(strlen(kernel.release) > 0);
		assert_true(strlen(kernel.filters_how) > 0);
		assert_true(strlen(kernel.exec_how) > 0);
		assert_int_equal(kernel.trusted,
				 kernel.filters == FILTERS_WORK && kernel.exec == EXEC_HOLDS);
		assert_int_equal(kernel.trusted, !kernel.why);
		if (kernel.filters == FILTERS_WORK) {
			assert_int_equal(kernel.pdu_socket, 12);
			assert_int_equal(kernel.pdu_openat, 24);
			assert_int_equal(kernel.pdu_openat2, 24);
		} else {
			assert_ptr_equal(kernel.why, kernel.filters_how);
			assert_int_equal(kernel.pdu_socket, -1);
			assert_int_equal(kernel.exec, EXEC_UNTRIED);
		}
	}
}

static void probing_leaves_signals_as_they_were(void **state)
{
	struct sigaction before, after;
	struct uring_kernel kernel;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	sigaction(SIGCHLD, NULL, &before);
	uring_probe_fully(&kernel);
	sigaction(SIGCHLD, NULL, &after);
	assert_ptr_equal(after.sa_handler, before.sa_handler);
	signal(SIGCHLD, SIG_DFL);
}

static void only_its_own_name_asks_for_the_self_test(void **state)
{
	char program[] = "uring-jail", other[] = "uring-jail: io_uring self-test, not";
	char *empty[] = { NULL };
	char *usual[] = { program, NULL };
	char *longer[] = { other, NULL };

	(void)state;
	assert_false(uring_is_selftest(empty));
	assert_false(uring_is_selftest(usual));
	assert_false(uring_is_selftest(longer));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_version_proves_the_fix_only_from_where_it_is),
		cmocka_unit_test(what_is_found_fits_together),
		cmocka_unit_test(probing_leaves_signals_as_they_were),
		cmocka_unit_test(only_its_own_name_asks_for_the_self_test),
	};

	(void)argc;
	if (uring_is_selftest(argv))
		return uring_selftest_stage2();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
