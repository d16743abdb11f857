/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_RANDOM_H
#define SUPPORT_RANDOM_H

#include <stdint.h>

/* Numbers that are the same everywhere for the same start (xorshift64*), which is not 0. */
struct random {
	uint64_t state;
};

uint32_t random_word(struct random *random);
uint32_t random_below(struct random *random, uint32_t limit);

/* A number from the environment: how many cases, where to start. */
uint64_t number_from_environment(const char *name, uint64_t otherwise);

#endif
