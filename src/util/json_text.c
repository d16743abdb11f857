// SPDX-License-Identifier: LGPL-2.1-or-later
#include "util/json_text.h"

#include <stdio.h>
#include <string.h>

#include "util/alloc.h"

json_t *json_text(const char *bytes)
{
	struct arena arena = { 0 };
	json_t *string;
	char *escaped;
	size_t length = 0;

	if (!bytes)
		return json_null();
	string = json_string(bytes);
	if (string)
		return string;
	escaped = arena_alloc(&arena, strlen(bytes) * strlen("\\xNN") + 1);
	for (; *bytes; bytes++)
		length += (size_t)sprintf(escaped + length, *bytes & 0x80 ? "\\x%02x" : "%c",
					  (unsigned char)*bytes);
	string = json_string(escaped);
	arena_free(&arena);
	return string;
}
