/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UTIL_NEAREST_H
#define UTIL_NEAREST_H

#include <stddef.h>

/*
 * For "did you mean": the candidate nearest to a mistyped word, kept while candidates are offered
 * one by one. Start with { .word = ... }; afterwards .name is NULL where nothing is near enough.
 */
struct nearest {
	const char *word;
	const char *name;
	size_t distance;
};

void nearest_offer(struct nearest *nearest, const char *candidate);

#endif
