/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_MATCH_H
#define AUDIT_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/record.h"
#include "util/alloc.h"

/*
 * Which completion belongs to which request: nothing but user_data says so, which need not be
 * unique. So a completion with -EACCES goes to the oldest denied request of its user_data, since
 * the kernel completes denied ones at once and in their order; if there is none, to the newest
 * allowed one, which then lacked some other permission.
 */

/* A request that was seen, with all that its record needs. */
struct match_request {
	struct match_request *next;
	struct arena arena; /* of the record's strings */
	size_t size;	    /* bytes that it takes, of all rings' MATCH_ROOM */
	uint64_t user_data;
	bool doubtful; /* a completion of its user_data said something else */
	struct audit_record record;
};

#define MATCH_ALLOWED 256  /* allowed requests that are remembered, the newest */
#define MATCH_DENIED 65536 /* denied ones that wait; the oldest is given up beyond */

/*
 * Of a ring's completions that are read at once, so many steps are taken to find what they belong
 * to. Each finds its request in one or two, unless the program writes completions of its own:
 * those would have whoever looks for them look for minutes.
 */
#define MATCH_STEPS (1 << 20)

/*
 * What waits in the rings of a jail takes so many bytes in all, however many there are and however
 * long the paths: some ten thousand requests. Beyond, a denied one is settled as predicted before
 * its completion is seen, and an allowed one is not remembered.
 */
#define MATCH_ROOM ((size_t)64 << 20)

struct match_room {
	size_t used;
	uint64_t given_up; /* denied requests that were not waited for, here or beyond MATCH_DENIED
			    */
};

struct match {
	struct match_room *room;
	struct match_request *denied; /* oldest first */
	struct match_request **denied_end;
	unsigned int denied_count;
	struct match_request *allowed[MATCH_ALLOWED];
	unsigned int allowed_next;
	unsigned int steps; /* that are left */
	uint64_t owed;	    /* completions of given-up requests, which would be told twice */
};

/* Called once for every record that is settled, which it may not keep. */
typedef void (*match_settled)(void *context, struct audit_record *record);

/* @room, which all rings share, must outlive @match. */
void match_init(struct match *match, struct match_room *room);

/* @request, made by xrealloc(), is the match's from here on. */
void match_denied(struct match *match, struct match_request *request, match_settled settled,
		  void *context);
void match_allowed(struct match *match, struct match_request *request);

/* Some completions are about to be read: there are MATCH_STEPS for them. */
void match_begin(struct match *match);

/* Returns false where a completion says -EACCES and no request is known that it could belong to. */
bool match_completed(struct match *match, uint64_t user_data, int32_t result, match_settled settled,
		     void *context);

/* The ring is gone: denied requests without a completion are settled as predicted. */
void match_end(struct match *match, match_settled settled, void *context);

void match_request_free(struct match_request *request);

#endif
