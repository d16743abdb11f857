/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include <stdbool.h>
#include <stdio.h>

#include "policy/profile.h"

/*
 * What a shell may offer next, for the scripts in completions/: they hold no option, directive or
 * name of their own, so that they always know what this very program knows.
 *
 * @words are those behind the program's own name, up to and with the one that is being typed, which
 * may be empty; NULL ends them. The first line of the answer says what to do:
 *
 *	words            offer the lines below: WORD, a tab, and what it is for (or nothing)
 *	files PREFIX     offer PREFIX and names of files in place of the word
 *	folders PREFIX   the same with folders
 *	command N        behind the first N of @words another program's command line begins
 *
 * A WORD that ends in '=' or ',' is not at its end: no blank follows it.
 */
void complete(FILE *out, const char *const *words, const struct profile_source *source);

/* Whether an argument of that name, as the tables have it, is known here. For tests. */
bool complete_knows(const char *argument_name);

#endif
