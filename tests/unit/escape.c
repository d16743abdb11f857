// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "util/escape.h"

static void assert_escaped(const char *text, const char *expected)
{
	char *written = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&written, &length);

	escape_write(out, text, strlen(text));
	fclose(out);
	assert_string_equal(written, expected);
	free(written);
}

static void text_is_written_as_it_is(void **state)
{
	(void)state;
	assert_escaped("", "");
	assert_escaped("/a path/with \"quotes\" and \\", "/a path/with \"quotes\" and \\");
	assert_escaped("\u00e4\u20ac\U0001f600\u00a0", "\u00e4\u20ac\U0001f600\u00a0");
}

static void control_characters_are_escaped(void **state)
{
	(void)state;
	assert_escaped("a\nb\033[31m\x7f", "a\\x0ab\\x1b[31m\\x7f");
	/* U+009B is ESC [ in one character, and U+0085 a new line. */
	assert_escaped("\xc2\x9b"
		       "31m\xc2\x85",
		       "\\xc2\\x9b31m\\xc2\\x85");
}

static void what_is_no_utf8_is_escaped(void **state)
{
	(void)state;
	assert_escaped("\x9b"
		       "31m",
		       "\\x9b31m");
	assert_escaped("\xff\xfe", "\\xff\\xfe");
	assert_escaped("cut \xe2\x82", "cut \\xe2\\x82");
	assert_escaped("\xe2\x82(", "\\xe2\\x82(");
	assert_escaped("\xc1\x9b", "\\xc1\\x9b");		    /* longer than it must be */
	assert_escaped("\xe0\x82\x9b", "\\xe0\\x82\\x9b");	    /* the same */
	assert_escaped("\xed\xa0\x80", "\\xed\\xa0\\x80");	    /* a surrogate */
	assert_escaped("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* beyond Unicode */
}

static void a_quoted_string_ends_where_it_ends(void **state)
{
	char *written = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&written, &length);

	(void)state;
	escape_quote(out, "a\": EACCES by nobody \\x0a\n");
	fclose(out);
	assert_string_equal(written, "\"a\\x22: EACCES by nobody \\x5cx0a\\x0a\"");
	free(written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_written_as_it_is),
		cmocka_unit_test(control_characters_are_escaped),
		cmocka_unit_test(what_is_no_utf8_is_escaped),
		cmocka_unit_test(a_quoted_string_ends_where_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
