/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UTIL_ALLOC_H
#define UTIL_ALLOC_H

#include <stddef.h>

/*
 * Memory that is asked for here is there: a launcher that runs out of it says so and exits with
 * 125, before anything has been started. That is the one failure that is not passed up.
 */
void *xrealloc(void *old, size_t count, size_t size);

/*
 * An arena owns everything allocated from it; arena_free() gives all of it back. A policy and a
 * plan each live in one: they are built once, read often, and go at once.
 */
struct arena {
	struct arena_block *blocks;
};

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void *arena_memdup(struct arena *arena, const void *data, size_t size);
void arena_free(struct arena *arena);
size_t arena_size(const struct arena *arena); /* the bytes that it takes */

/*
 * A growing array of any type, its items in an arena:
 *	ARRAY(struct path_rule) paths;
 *	*array_push(&policy->arena, &policy->paths) = rule;
 */
#define ARRAY(type)                                                                                \
	struct {                                                                                   \
		type *items;                                                                       \
		size_t count;                                                                      \
		size_t room;                                                                       \
	}

#define array_push(arena, array)                                                                   \
	(((array)->count == (array)->room                                                          \
		  ? (void)((array)->items = array_grow(arena, (array)->items, &(array)->room,      \
						       sizeof(*(array)->items)))                   \
		  : (void)0),                                                                      \
	 &(array)->items[(array)->count++])

void *array_grow(struct arena *arena, const void *items, size_t *room, size_t size);

#endif
