// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/match.h"

#include <errno.h>
#include <stdlib.h>

void match_init(struct match *match, struct match_room *room)
{
	*match = (struct match){ .room = room };
	match->denied_end = &match->denied;
	match_begin(match);
}

void match_begin(struct match *match)
{
	match->steps = MATCH_STEPS;
}

void match_request_free(struct match_request *request)
{
	if (!request)
		return;
	arena_free(&request->arena);
	free(request);
}

static struct match_request *unlink_denied(struct match *match, struct match_request **link)
{
	struct match_request *request = *link;

	*link = request->next;
	if (match->denied_end == &request->next)
		match->denied_end = link;
	match->denied_count--;
	match->room->used -= request->size;
	return request;
}

static void settle(struct match_request *request, enum audit_cause cause,
		   enum audit_certainty certainty, match_settled settled, void *context)
{
	request->record.cause = cause;
	request->record.certainty = certainty;
	settled(context, &request->record);
	match_request_free(request);
}

static bool has_room(const struct match *match, const struct match_request *request)
{
	return match->room->used + request->size <= MATCH_ROOM;
}

static void give_up(struct match *match, struct match_request *request, match_settled settled,
		    void *context)
{
	match->room->given_up++;
	match->owed++;
	settle(request, AUDIT_POLICY, AUDIT_PREDICTED, settled, context);
}

void match_denied(struct match *match, struct match_request *request, match_settled settled,
		  void *context)
{
	request->size = sizeof(*request) + arena_size(&request->arena);
	while (match->denied && (match->denied_count == MATCH_DENIED || !has_room(match, request)))
		give_up(match, unlink_denied(match, &match->denied), settled, context);
	if (!has_room(match, request)) {
		give_up(match, request, settled, context);
		return;
	}
	match->room->used += request->size;
	request->next = NULL;
	*match->denied_end = request;
	match->denied_end = &request->next;
	match->denied_count++;
}

static struct match_request *unlink_allowed(struct match *match, struct match_request **place)
{
	struct match_request *request = *place;

	if (request)
		match->room->used -= request->size;
	*place = NULL;
	return request;
}

void match_allowed(struct match *match, struct match_request *request)
{
	struct match_request **place = &match->allowed[match->allowed_next++ % MATCH_ALLOWED];

	request->size = sizeof(*request) + arena_size(&request->arena);
	match_request_free(unlink_allowed(match, place));
	if (!has_room(match, request)) {
		match_request_free(request);
		return;
	}
	match->room->used += request->size;
	*place = request;
}

static struct match_request **find_denied(struct match *match, uint64_t user_data)
{
	for (struct match_request **link = &match->denied; *link && match->steps;
	     link = &(*link)->next, match->steps--)
		if ((*link)->user_data == user_data)
			return link;
	return NULL;
}

static struct match_request *take_allowed(struct match *match, uint64_t user_data)
{
	for (unsigned int i = 1; i <= MATCH_ALLOWED; i++) {
		struct match_request **place =
			&match->allowed[(match->allowed_next - i) % MATCH_ALLOWED];
		struct match_request *request = *place;

		if (!request || request->user_data != user_data)
			continue;
		return unlink_allowed(match, place);
	}
	return NULL;
}

bool match_completed(struct match *match, uint64_t user_data, int32_t result, match_settled settled,
		     void *context)
{
	struct match_request **denied;
	struct match_request *allowed;

	if (result >= 0)
		return true;
	denied = find_denied(match, user_data);
	/* A link that was cancelled, or a request so malformed that no filter was asked. */
	if (result != -EACCES) {
		if (denied)
			(*denied)->doubtful = true;
		return true;
	}
	if (denied) {
		settle(unlink_denied(match, denied), AUDIT_POLICY, AUDIT_CONFIRMED, settled,
		       context);
		return true;
	}
	allowed = take_allowed(match, user_data);
	if (!allowed && match->owed) {
		match->owed--;
		return true;
	}
	if (!allowed)
		return false;
	settle(allowed, AUDIT_PERMISSION, AUDIT_CONFIRMED, settled, context);
	return true;
}

void match_end(struct match *match, match_settled settled, void *context)
{
	while (match->denied) {
		struct match_request *request = unlink_denied(match, &match->denied);

		if (request->doubtful)
			match_request_free(request);
		else
			settle(request, AUDIT_POLICY, AUDIT_PREDICTED, settled, context);
	}
	for (unsigned int i = 0; i < MATCH_ALLOWED; i++)
		match_request_free(unlink_allowed(match, &match->allowed[i]));
}
