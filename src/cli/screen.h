/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

#include "util/terminal.h"

/*
 * Text for people: labels with words behind them that are wrapped below each other, coloured on a
 * terminal that shows colours. What is written is escaped (util/escape.h), so that no path or name
 * can write to the terminal.
 */
struct screen {
	FILE *file;
	bool coloured;
	size_t column; /* where the next character goes */
	size_t indent; /* where words begin, on the label's line and below */
	bool bare;     /* no word was written since the label */
};

void screen_open(struct screen *screen, FILE *file);

/* Begins a line with @label, @margin blanks before it; words begin at column @indent. */
void screen_label(struct screen *screen, size_t margin, size_t indent, enum colour colour,
		  const char *label);

/* A word, put on the next line where it does not fit on this one. */
void screen_word(struct screen *screen, enum colour colour, const char *word);

/* The same for a word made from a format; none of its blanks is a place to wrap. */
void screen_printf(struct screen *screen, enum colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Words separated by blanks. */
void screen_phrase(struct screen *screen, enum colour colour, const char *phrase);

void screen_end_line(struct screen *screen);

#endif
