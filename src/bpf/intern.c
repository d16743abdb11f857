// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bpf/intern.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

void intern_init(struct intern *all, size_t node_size, size_t compared)
{
	*all = (struct intern){
		.node_size = node_size,
		.compared = compared,
		.slot_count = 256,
	};
	all->slots = xrealloc(NULL, all->slot_count, sizeof(*all->slots));
	intern_clear(all);
}

void intern_free(struct intern *all)
{
	free(all->nodes);
	free(all->slots);
}

void intern_clear(struct intern *all)
{
	all->count = 0;
	memset(all->slots, 0xff, all->slot_count * sizeof(*all->slots));
}

static void *node_at(const struct intern *all, uint32_t number)
{
	return (char *)all->nodes + number * all->node_size;
}

static size_t hash(const struct intern *all, const void *node)
{
	uint64_t h = 0;

	for (size_t i = 0; i < all->compared; i += sizeof(uint32_t)) {
		uint32_t word;

		memcpy(&word, (const char *)node + i, sizeof(word));
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	}
	return (size_t)(h >> 32);
}

static uint32_t *slot_for(const struct intern *all, const void *node)
{
	size_t at = hash(all, node) & (all->slot_count - 1);

	while (all->slots[at] != INTERN_NONE &&
	       memcmp(node_at(all, all->slots[at]), node, all->compared) != 0)
		at = (at + 1) & (all->slot_count - 1);
	return &all->slots[at];
}

uint32_t intern_find(const struct intern *all, const void *node)
{
	return *slot_for(all, node);
}

static void grow_slots(struct intern *all)
{
	all->slot_count *= 2;
	all->slots = xrealloc(all->slots, all->slot_count, sizeof(*all->slots));
	memset(all->slots, 0xff, all->slot_count * sizeof(*all->slots));
	for (uint32_t i = 0; i < all->count; i++)
		*slot_for(all, node_at(all, i)) = i;
}

uint32_t intern_add(struct intern *all, const void *node)
{
	uint32_t *slot = slot_for(all, node);
	uint32_t number = *slot;

	if (number != INTERN_NONE)
		return number;
	if (all->count == all->room) {
		all->room = all->room ? all->room * 2 : 64;
		all->nodes = xrealloc(all->nodes, all->room, all->node_size);
	}
	number = (uint32_t)all->count++;
	memcpy(node_at(all, number), node, all->node_size);
	*slot = number;
	if (all->count * 2 > all->slot_count)
		grow_slots(all);
	return number;
}
