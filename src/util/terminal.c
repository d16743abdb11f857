// SPDX-License-Identifier: LGPL-2.1-or-later
#include "util/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *terminal_begin(enum colour colour)
{
	static const char *const codes[] = {
		[COLOUR_NONE] = "",	      [COLOUR_TITLE] = "\033[1m",
		[COLOUR_ALLOW] = "\033[32m",  [COLOUR_DENY] = "\033[31m",
		[COLOUR_FILTER] = "\033[36m", [COLOUR_WARNING] = "\033[33m",
		[COLOUR_FAINT] = "\033[2m",
	};

	return codes[colour];
}

const char *terminal_end(enum colour colour)
{
	return colour == COLOUR_NONE ? "" : "\033[0m";
}

bool terminal_has_colours(int fd)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return isatty(fd) && !(no_colour && *no_colour) && terminal &&
	       strcmp(terminal, "dumb") != 0;
}
