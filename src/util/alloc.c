// SPDX-License-Identifier: LGPL-2.1-or-later
#include "util/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Under ASan, what is not handed out must not be touched: gaps between what is, for that. */
#ifdef ARENA_GAP
#include <sanitizer/asan_interface.h>
#else
#define ARENA_GAP 0
#define ASAN_POISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
#endif

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char data[];
};

/* Most policies and plans fit in one or two blocks of this size. */
#define BLOCK_SIZE (16 * 1024)

/* The first one is smaller: of some arenas, such as a request's that is watched, there are many. */
#define FIRST_BLOCK_SIZE 1024

static void out_of_memory(void)
{
	static const char message[] = "uring-jail: out of memory\n";
	ssize_t written = write(STDERR_FILENO, message, sizeof(message) - 1);

	(void)written;
	_exit(125);
}

void *xrealloc(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count, size);

	if (!memory && count && size)
		out_of_memory();
	return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct arena_block *block = arena->blocks;
	size_t need;
	char *memory;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	need = ARENA_GAP + ((size + align - 1) & ~(align - 1));
	if (!block || block->size - block->used < need) {
		size_t least = block ? BLOCK_SIZE : FIRST_BLOCK_SIZE;
		size_t room = need > least ? need : least;

		block = xrealloc(NULL, 1, sizeof(*block) + room);
		block->next = arena->blocks;
		block->used = 0;
		block->size = room;
		arena->blocks = block;
		ASAN_POISON_MEMORY_REGION(block->data, room);
	}
	memory = block->data + block->used + ARENA_GAP;
	block->used += need;
	ASAN_UNPOISON_MEMORY_REGION(memory, size);
	return memset(memory, 0, size);
}

void *arena_memdup(struct arena *arena, const void *data, size_t size)
{
	void *copy = arena_alloc(arena, size);

	return size ? memcpy(copy, data, size) : copy;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	char nothing[1];
	va_list args;
	char *text;
	int length;

	va_start(args, format);
	length = vsnprintf(nothing, sizeof(nothing), format, args);
	va_end(args);
	if (length < 0)
		out_of_memory();
	text = arena_alloc(arena, (size_t)length + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}

void arena_free(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	arena->blocks = NULL;
}

size_t arena_size(const struct arena *arena)
{
	size_t size = 0;

	for (const struct arena_block *block = arena->blocks; block; block = block->next)
		size += sizeof(*block) + block->size;
	return size;
}

void *array_grow(struct arena *arena, const void *items, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 8;
	void *grown = arena_alloc(arena, more * size);

	if (*room)
		memcpy(grown, items, *room * size);
	*room = more;
	return grown;
}
