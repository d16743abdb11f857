/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the fuzzer where something does not hold; it keeps the input. */
#define expect(holds, ...)                                                                         \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			fprintf(stderr, __VA_ARGS__);                                              \
			fputc('\n', stderr);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* An input, taken from its start. What is no longer there is zero. */
struct input {
	const uint8_t *data;
	size_t size;
};

static inline void take(struct input *input, void *to, size_t size)
{
	size_t there = size < input->size ? size : input->size;

	memset(to, 0, size);
	if (there)
		memcpy(to, input->data, there);
	input->data += there;
	input->size -= there;
}

static inline uint8_t take_byte(struct input *input)
{
	uint8_t byte;

	take(input, &byte, sizeof(byte));
	return byte;
}

#endif
