// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/random.h"

#include <stdlib.h>

uint32_t random_word(struct random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return (uint32_t)((random->state * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

uint32_t random_below(struct random *random, uint32_t limit)
{
	return random_word(random) % limit;
}

uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}
