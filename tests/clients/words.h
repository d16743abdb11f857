// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The words of a command line.
 */
#ifndef TESTS_CLIENTS_WORDS_H
#define TESTS_CLIENTS_WORDS_H

#include <stdbool.h>
#include <stdlib.h>

#define WORD_SIZE 64

/* Reads a decimal, octal or hexadecimal number. Returns whether it was one. */
static inline bool parse_number(const char *text, int *number)
{
	char *end;

	*number = (int)strtol(text, &end, 0);
	return *text && !*end;
}

/* The same where nothing but a number can be meant; -1 if it is none. */
static inline int number_or_none(const char *text)
{
	int number;

	return parse_number(text, &number) ? number : -1;
}

/*
 * Copies the next word of a list with commas, and moves @list behind it. Returns false at the end.
 * A word that is too long is cut, and so known to nobody.
 */
static inline bool next_word(const char **list, char word[WORD_SIZE])
{
	size_t length = 0;

	if (!*list)
		return false;
	for (; **list && **list != ','; (*list)++)
		if (length < WORD_SIZE - 1)
			word[length++] = **list;
	word[length] = '\0';
	*list = **list ? *list + 1 : NULL;
	return true;
}

#endif
