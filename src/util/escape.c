// SPDX-License-Identifier: LGPL-2.1-or-later
#include "util/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* By the number of bytes: the first byte's mark, and the least number that needs so many. */
static const struct {
	unsigned char mask;
	unsigned char mark;
	uint32_t least;
} lengths[] = {
	{ 0, 0, 0 },	       { 0x80, 0x00, 0 },	{ 0xe0, 0xc0, 0x80 },
	{ 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
};

static bool is_control(uint32_t character)
{
	return character < ' ' || (character >= 0x7f && character < 0xa0);
}

static bool is_surrogate(uint32_t character)
{
	return character >= 0xd800 && character < 0xe000;
}

size_t escape_plain(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;

	for (size_t count = 1; count < sizeof(lengths) / sizeof(*lengths); count++) {
		uint32_t character;

		if (count > length || (bytes[0] & lengths[count].mask) != lengths[count].mark)
			continue;
		character = bytes[0] & (unsigned char)~lengths[count].mask;
		for (size_t i = 1; i < count; i++) {
			if ((bytes[i] & 0xc0) != 0x80)
				return 0;
			character = character << 6 | (bytes[i] & 0x3f);
		}
		if (character < lengths[count].least || character > 0x10ffff ||
		    is_surrogate(character) || is_control(character))
			return 0;
		return count;
	}
	return 0;
}

static void write_all_but(FILE *file, const char *text, size_t length, const char *special)
{
	while (length) {
		size_t plain = escape_plain(text, length);

		if (plain == 1 && strchr(special, *text))
			plain = 0;
		if (plain)
			fwrite(text, 1, plain, file);
		else
			fprintf(file, "\\x%02x", (unsigned char)*text);
		plain += !plain;
		text += plain;
		length -= plain;
	}
}

void escape_write(FILE *file, const char *text, size_t length)
{
	write_all_but(file, text, length, "");
}

void escape_quote(FILE *file, const char *text)
{
	fputc('"', file);
	write_all_but(file, text, strlen(text), "\"\\");
	fputc('"', file);
}
