// SPDX-License-Identifier: LGPL-2.1-or-later
#include "util/nearest.h"

#include <string.h>

/* Longer words than any name that we know are not compared. */
#define LONGEST 63

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* The number of letters to insert, delete or replace. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t row[LONGEST + 1];

	for (size_t j = 0; j <= b_length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t above = row[j];

			row[j] = least(row[j] + 1, row[j - 1] + 1,
				       diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_length];
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t word_length = strlen(nearest->word);
	size_t length = strlen(candidate);
	size_t found;

	if (word_length > LONGEST || length > LONGEST)
		return;
	found = distance(nearest->word, word_length, candidate, length);
	/* More than a third of the letters wrong is another word, not a slip. */
	if (found > 1 && found > (word_length + 2) / 3)
		return;
	if (!nearest->name || found < nearest->distance) {
		nearest->name = candidate;
		nearest->distance = found;
	}
}
