// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/complete.h"
#include "cli/options.h"

/* The answer to some words, the last of them being typed. */
#define answer(...) answer_to((const char *const[]){ __VA_ARGS__, NULL })

static char *answer_to(const char *const *words)
{
	static const struct profile_source nowhere;
	static char *written;
	size_t length = 0;
	FILE *out;

	free(written);
	out = open_memstream(&written, &length);
	complete(out, words, &nowhere);
	fclose(out);
	return written;
}

static void every_argument_is_known(void **state)
{
	(void)state;
	for (const struct option_row *row = option_rows; row->name; row++)
		if (row->argument_name && !complete_knows(row->argument_name))
			fail_msg("--%s: %s", row->name, row->argument_name);
	for (const struct directive *row = directives; row->name; row++)
		if (row->argument_name && !complete_knows(row->argument_name))
			fail_msg("--%s: %s", row->name, row->argument_name);
	assert_false(complete_knows("WHATEVER"));
}

static void options_are_offered_with_their_summary(void **state)
{
	(void)state;
	assert_string_equal(answer("--private-d"),
			    "words\n--private-dev\ta /dev with harmless devices only\n");
	assert_string_equal(answer("--hostn"),
			    "words\n--hostname=\tthe host's name as the program sees it\n");
	assert_non_null(strstr(answer("-"), "\n--audit\t"));
	assert_non_null(strstr(answer("--"), "\n--uring.allow=\t"));
	assert_string_equal(answer("--nonsense"), "words\n");
}

static void values_are_offered(void **state)
{
	(void)state;
	assert_string_equal(answer("--net=h"), "words\n--net=host\t\n");
	assert_string_equal(answer("--net", "h"), "words\nhost\t\n");
	assert_string_equal(answer("--explain="), "words\n--explain=json\t\n");
	assert_string_equal(answer("--quiet="), "words\n");
	assert_string_equal(answer("--nonsense="), "words\n");
	assert_string_equal(answer("--whitelist=/et"), "files --whitelist=\n");
	assert_string_equal(answer("--private=/et"), "folders --private=\n");
	assert_string_equal(answer("--private-cwd", "/et"), "command 1\n");
	assert_string_equal(answer("--bind=/a,/b"), "files --bind=/a,\n");
	assert_string_equal(answer("-p", "./x"), "files \n");
	assert_string_equal(answer("-qp./x"), "files -qp\n");
}

static void lists_go_on_behind_what_they_have(void **state)
{
	(void)state;
	assert_string_equal(answer("--uring.allow=nop,openat"),
			    "words\n--uring.allow=nop,openat\t\n--uring.allow=nop,openat2\t\n");
	assert_string_equal(answer("--seccomp=!landlock_a"),
			    "words\n--seccomp=!landlock_add_rule\t\n");
	assert_string_equal(answer("--caps.drop=chown,al"), "words\n--caps.drop=chown,all\t\n");
	assert_string_equal(answer("--restrict-namespaces=u"),
			    "words\n--restrict-namespaces=user\t\n--restrict-namespaces=uts\t\n");
	assert_string_equal(answer("--uring.open=read,resolve=b"),
			    "words\n--uring.open=read,resolve=beneath\t\n");
	assert_string_equal(answer("--uring.grant=op"),
			    "words\n--uring.grant=openat\t\n--uring.grant=openat2\t\n");
	assert_string_equal(answer("--uring.register=iowq_a"),
			    "words\n--uring.register=iowq_aff\t\n");
	assert_string_equal(answer("--uring.sqe-flags=as"), "words\n--uring.sqe-flags=async\t\n");
	assert_string_equal(answer("--protocol=unix,inet"),
			    "words\n--protocol=unix,inet\t\n--protocol=unix,inet6\t\n");
}

static void sockets_have_three_parts(void **state)
{
	(void)state;
	assert_string_equal(answer("--uring.socket=unix,ine"),
			    "words\n--uring.socket=unix,inet\t\n--uring.socket=unix,inet6\t\n");
	assert_string_equal(
		answer("--uring.socket=inet/s"),
		"words\n--uring.socket=inet/stream\t\n--uring.socket=inet/seqpacket\t\n");
	assert_string_equal(answer("--uring.socket=inet/stream/t"),
			    "words\n--uring.socket=inet/stream/tcp\t\n");
	assert_string_equal(answer("--uring.socket=inet/stream/tcp/"), "words\n");
}

static void the_program_begins_a_line_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(answer(""), "command 0\n");
	assert_string_equal(answer("l"), "command 0\n");
	assert_string_equal(answer("ls", "-"), "command 0\n");
	assert_string_equal(answer("-q", "ls", "--net="), "command 1\n");
	assert_string_equal(answer("--net", "host", "ls"), "command 2\n");
	assert_string_equal(answer("-qp", "fio", "ls"), "command 2\n");
	assert_string_equal(answer("-pfio", "ls"), "command 1\n");
	assert_string_equal(answer("--audit", "ls"), "command 1\n");
	assert_string_equal(answer("--", "-x"), "command 1\n");
	assert_string_equal(answer("--net=host", "--", "ls", "-l"), "command 2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_argument_is_known),
		cmocka_unit_test(options_are_offered_with_their_summary),
		cmocka_unit_test(values_are_offered),
		cmocka_unit_test(lists_go_on_behind_what_they_have),
		cmocka_unit_test(sockets_have_three_parts),
		cmocka_unit_test(the_program_begins_a_line_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
