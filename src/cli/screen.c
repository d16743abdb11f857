// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/screen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/cleanup.h"
#include "util/escape.h"

#define WIDTH 80

void screen_open(struct screen *screen, FILE *file)
{
	*screen = (struct screen){
		.file = file,
		.coloured = terminal_has_colours(fileno(file)),
	};
}

static size_t width_of(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length;) {
		size_t plain = escape_plain(text + i, length - i);

		width += plain ? plain : strlen("\\xNN");
		i += plain ? plain : 1;
	}
	return width;
}

static void put(struct screen *screen, enum colour colour, const char *text, size_t length)
{
	if (!screen->coloured)
		colour = COLOUR_NONE;
	fputs(terminal_begin(colour), screen->file);
	escape_write(screen->file, text, length);
	fputs(terminal_end(colour), screen->file);
	screen->column += width_of(text, length);
}

static void go_to(struct screen *screen, size_t column)
{
	for (; screen->column < column; screen->column++)
		fputc(' ', screen->file);
}

void screen_end_line(struct screen *screen)
{
	fputc('\n', screen->file);
	screen->column = 0;
}

void screen_label(struct screen *screen, size_t margin, size_t indent, enum colour colour,
		  const char *label)
{
	if (screen->column)
		screen_end_line(screen);
	go_to(screen, margin);
	put(screen, colour, label, strlen(label));
	screen->indent = indent;
	screen->bare = true;
}

static void put_word(struct screen *screen, enum colour colour, const char *word, size_t length)
{
	size_t needed = width_of(word, length);

	if (!screen->bare && screen->column + 1 + needed > WIDTH)
		screen_end_line(screen);
	else if (screen->column)
		go_to(screen, screen->column + 1);
	go_to(screen, screen->indent);
	put(screen, colour, word, length);
	screen->bare = false;
}

void screen_word(struct screen *screen, enum colour colour, const char *word)
{
	put_word(screen, colour, word, strlen(word));
}

void screen_printf(struct screen *screen, enum colour colour, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		text = NULL;
		return;
	}
	put_word(screen, colour, text, (size_t)length);
}

void screen_phrase(struct screen *screen, enum colour colour, const char *phrase)
{
	while (*phrase) {
		size_t length = strcspn(phrase, " ");

		if (length)
			put_word(screen, colour, phrase, length);
		phrase += length + (phrase[length] == ' ');
	}
}
