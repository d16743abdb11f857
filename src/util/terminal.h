/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UTIL_TERMINAL_H
#define UTIL_TERMINAL_H

#include <stdbool.h>

enum colour {
	COLOUR_NONE,
	COLOUR_TITLE,
	COLOUR_ALLOW,
	COLOUR_DENY,
	COLOUR_FILTER,
	COLOUR_WARNING,
	COLOUR_FAINT,
};

/* Select Graphic Rendition, ECMA-48 8.3.117: what all terminals know. "" for COLOUR_NONE. */
const char *terminal_begin(enum colour colour);
const char *terminal_end(enum colour colour);

/* Whether @fd is a terminal that shows colours and whose user wants them (no-color.org). */
bool terminal_has_colours(int fd);

#endif
