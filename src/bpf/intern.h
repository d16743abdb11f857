/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_INTERN_H
#define BPF_INTERN_H

#include <stddef.h>
#include <stdint.h>

/*
 * Nodes of one kind, each once, numbered in the order in which they came: equal ones have the same
 * number. What tells one from another is its first @compared bytes, which are 32-bit words.
 */
struct intern {
	void *nodes; /* an array; moves when it grows */
	size_t node_size;
	size_t compared;
	size_t count;
	size_t room;
	uint32_t *slots; /* a hash table of numbers */
	size_t slot_count;
};

#define INTERN_NONE UINT32_MAX

void intern_init(struct intern *all, size_t node_size, size_t compared);
void intern_free(struct intern *all);
void intern_clear(struct intern *all); /* keeps the memory for the next nodes */

/* The number of a node that equals @node, or INTERN_NONE. */
uint32_t intern_find(const struct intern *all, const void *node);

/* Likewise, but adds a copy of @node where there is none. */
uint32_t intern_add(struct intern *all, const void *node);

#endif
