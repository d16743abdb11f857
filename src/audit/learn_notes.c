// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/learn_notes.h"

#include <stdlib.h>
#include <string.h>

/* Twice the paths, a power of two: open addressing then finds a free place quickly. */
#define BUCKETS (2 * LEARN_PATHS)

void learn_notes_init(struct learn_notes *notes)
{
	*notes = (struct learn_notes){ 0 };
	notes->index = arena_alloc(&notes->arena, BUCKETS * sizeof(*notes->index));
}

void learn_notes_free(struct learn_notes *notes)
{
	arena_free(&notes->arena);
}

void learn_count(struct learn_notes *notes, struct learn_who *who, const struct learn_who *by)
{
	if (!who->count) {
		who->program = arena_strdup(&notes->arena, by->program);
		who->how = arena_strdup(&notes->arena, by->how);
	}
	who->count++;
}

const char *learn_escape(struct arena *arena, const char *text, size_t limit)
{
	size_t length = strnlen(text, limit);
	char *out = arena_alloc(arena, 4 * length + 4);
	char *next = out;

	for (size_t i = 0; i < length; i++) {
		static const char digits[] = "0123456789abcdef";
		unsigned char byte = (unsigned char)text[i];

		if (byte >= ' ' && byte < 0x7f && byte != '\\') {
			*next++ = (char)byte;
			continue;
		}
		*next++ = '\\';
		*next++ = 'x';
		*next++ = digits[byte >> 4];
		*next++ = digits[byte & 0xf];
	}
	if (text[length])
		stpcpy(next, "...");
	return out;
}

/* FNV-1a, 32 bits. A program that makes all of them meet slows itself down, and ends at the cap. */
static uint32_t hash_of(const char *text)
{
	uint32_t hash = 2166136261U;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619U;
	return hash;
}

static uint32_t *find_bucket(const struct learn_notes *notes, const char *path)
{
	uint32_t bucket = hash_of(path) % BUCKETS;

	while (notes->index[bucket] &&
	       strcmp(notes->paths.items[notes->index[bucket] - 1].path, path) != 0)
		bucket = (bucket + 1) % BUCKETS;
	return &notes->index[bucket];
}

const struct learn_path *learn_find_path(const struct learn_notes *notes, const char *path)
{
	uint32_t found = *find_bucket(notes, path);

	return found ? &notes->paths.items[found - 1] : NULL;
}

static void note_links(struct learn_notes *notes, const struct path_resolved *resolved,
		       size_t target)
{
	for (size_t i = 0; i < resolved->links.count; i++) {
		const char *path = resolved->links.items[i].path;
		bool known = false;

		for (size_t k = 0; k < notes->links.count && !known; k++)
			known = !strcmp(notes->links.items[k].path, path);
		if (known)
			continue;
		if (notes->links.count == LEARN_LINKS) {
			notes->lost++;
			return;
		}
		*array_push(&notes->arena, &notes->links) = (struct learn_link){
			.path = arena_strdup(&notes->arena, path),
			.target = target,
		};
	}
}

static bool changes(uint8_t access)
{
	return access & (LEARN_WRITE | LEARN_ENTRY);
}

void learn_note_path(struct learn_notes *notes, const char *name,
		     const struct path_resolved *resolved, uint8_t access,
		     const struct learn_who *by)
{
	uint32_t *bucket = find_bucket(notes, resolved->path);
	struct learn_path *path;

	if (!*bucket) {
		if (notes->paths.count == LEARN_PATHS) {
			notes->lost++;
			return;
		}
		path = array_push(&notes->arena, &notes->paths);
		*path = (struct learn_path){
			.path = arena_strdup(&notes->arena, resolved->path),
			.existed = resolved->exists,
			.mode = resolved->exists ? resolved->mode : 0,
		};
		*bucket = (uint32_t)notes->paths.count;
	}
	path = &notes->paths.items[*bucket - 1];
	if (resolved->links.count && !path->name && strcmp(name, path->path) != 0)
		path->name = arena_strdup(&notes->arena, name);
	if (changes(access) && !changes(path->access))
		path->who = (struct learn_who){ .count = 0 };
	path->access |= access;
	learn_count(notes, &path->who, by);
	note_links(notes, resolved, *bucket - 1);
}

void learn_note_address(struct learn_notes *notes, const struct sockaddr_storage *address,
			enum learn_toward toward, bool ring, const struct learn_who *by)
{
	struct learn_address *new;

	for (size_t i = 0; i < notes->addresses.count; i++) {
		struct learn_address *known = &notes->addresses.items[i];

		if (known->toward == toward && known->ring == ring &&
		    !memcmp(&known->address, address, sizeof(*address))) {
			learn_count(notes, &known->who, by);
			return;
		}
	}
	if (notes->addresses.count == LEARN_ADDRESSES) {
		notes->lost++;
		return;
	}
	new = array_push(&notes->arena, &notes->addresses);
	*new = (struct learn_address){ .address = *address, .toward = toward, .ring = ring };
	learn_count(notes, &new->who, by);
}

void learn_note_socket(struct learn_notes *notes, int family, int type, int protocol, bool ring,
		       const struct learn_who *by)
{
	struct learn_socket *new;

	for (size_t i = 0; i < notes->sockets.count; i++) {
		struct learn_socket *known = &notes->sockets.items[i];

		if (known->family == family && known->type == type && known->protocol == protocol &&
		    known->ring == ring) {
			learn_count(notes, &known->who, by);
			return;
		}
	}
	if (notes->sockets.count == LEARN_SOCKETS) {
		notes->lost++;
		return;
	}
	new = array_push(&notes->arena, &notes->sockets);
	*new = (struct learn_socket){
		.family = family, .type = type, .protocol = protocol, .ring = ring
	};
	learn_count(notes, &new->who, by);
}

void learn_note_denied(struct learn_notes *notes, const char *what, const struct learn_who *by)
{
	struct learn_denied *new;

	for (size_t i = 0; i < notes->denied.count; i++) {
		struct learn_denied *known = &notes->denied.items[i];

		if (!strcmp(known->what, what)) {
			learn_count(notes, &known->who, by);
			return;
		}
	}
	if (notes->denied.count == LEARN_DENIED) {
		notes->lost++;
		return;
	}
	new = array_push(&notes->arena, &notes->denied);
	*new = (struct learn_denied){ .what = arena_strdup(&notes->arena, what) };
	learn_count(notes, &new->who, by);
}
