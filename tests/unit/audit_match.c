// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which completion belongs to which request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "audit/match.h"
#include "util/alloc.h"

#define RECORDS 16

struct fixture {
	struct match_room room;
	struct match match;
	struct audit_record records[RECORDS];
	size_t count;
};

static void settled(void *context, struct audit_record *record)
{
	struct fixture *f = context;

	assert_true(f->count < RECORDS);
	f->records[f->count++] = *record;
}

static struct match_request *request(uint64_t user_data, unsigned int number)
{
	struct match_request *request = xrealloc(NULL, 1, sizeof(*request));

	*request = (struct match_request){ .user_data = user_data, .record.number = number };
	return request;
}

static int set_up(void **state)
{
	struct fixture *f = xrealloc(NULL, 1, sizeof(*f));

	f->count = 0;
	f->room = (struct match_room){ 0 };
	match_init(&f->match, &f->room);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	match_end(&f->match, settled, f);
	assert_int_equal(f->room.used, 0);
	free(f);
	return 0;
}

static void expect(const struct fixture *f, size_t index, unsigned int number,
		   enum audit_cause cause, enum audit_certainty certainty)
{
	assert_true(index < f->count);
	assert_int_equal(f->records[index].number, number);
	assert_int_equal(f->records[index].cause, cause);
	assert_int_equal(f->records[index].certainty, certainty);
}

static void a_denied_request_is_confirmed_by_its_completion(void **state)
{
	struct fixture *f = *state;

	match_denied(&f->match, request(7, 1), settled, f);
	assert_true(match_completed(&f->match, 8, 0, settled, f));
	assert_int_equal(f->count, 0);
	assert_true(match_completed(&f->match, 7, -EACCES, settled, f));
	assert_int_equal(f->count, 1);
	expect(f, 0, 1, AUDIT_POLICY, AUDIT_CONFIRMED);
}

static void equal_user_data_is_matched_in_order(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 3; i++)
		match_denied(&f->match, request(0, i), settled, f);
	for (unsigned int i = 0; i < 3; i++)
		assert_true(match_completed(&f->match, 0, -EACCES, settled, f));
	assert_int_equal(f->count, 3);
	for (unsigned int i = 0; i < 3; i++)
		expect(f, i, i, AUDIT_POLICY, AUDIT_CONFIRMED);
}

static void a_permission_is_told_from_a_denial(void **state)
{
	struct fixture *f = *state;

	match_allowed(&f->match, request(1, 10));
	match_denied(&f->match, request(1, 20), settled, f);
	assert_true(match_completed(&f->match, 1, -EACCES, settled, f));
	assert_true(match_completed(&f->match, 1, -EACCES, settled, f));
	expect(f, 0, 20, AUDIT_POLICY, AUDIT_CONFIRMED);
	expect(f, 1, 10, AUDIT_PERMISSION, AUDIT_CONFIRMED);
	assert_false(match_completed(&f->match, 1, -EACCES, settled, f));
	assert_int_equal(f->count, 2);
}

static void the_newest_allowed_request_counts(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 2 * MATCH_ALLOWED; i++)
		match_allowed(&f->match, request(5, i));
	assert_true(match_completed(&f->match, 5, -EACCES, settled, f));
	expect(f, 0, 2 * MATCH_ALLOWED - 1, AUDIT_PERMISSION, AUDIT_CONFIRMED);
}

static void a_denial_without_completion_is_predicted_at_the_end(void **state)
{
	struct fixture *f = *state;

	match_denied(&f->match, request(3, 1), settled, f);
	match_end(&f->match, settled, f);
	assert_int_equal(f->count, 1);
	expect(f, 0, 1, AUDIT_POLICY, AUDIT_PREDICTED);
}

/* A link that was cancelled before a filter saw it was not denied. */
static void a_cancelled_request_is_not_predicted(void **state)
{
	struct fixture *f = *state;

	match_denied(&f->match, request(3, 1), settled, f);
	assert_true(match_completed(&f->match, 3, -ECANCELED, settled, f));
	match_end(&f->match, settled, f);
	assert_int_equal(f->count, 0);
}

/* Equal user_data in a chain: its head is cancelled because the member behind it was denied. */
static void a_cancelled_neighbour_takes_no_denial_away(void **state)
{
	struct fixture *f = *state;

	match_denied(&f->match, request(0, 1), settled, f);
	assert_true(match_completed(&f->match, 0, -ECANCELED, settled, f));
	assert_true(match_completed(&f->match, 0, -EACCES, settled, f));
	expect(f, 0, 1, AUDIT_POLICY, AUDIT_CONFIRMED);
}

static void what_waits_is_bounded(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i <= MATCH_DENIED; i++)
		match_denied(&f->match, request(i, i), settled, f);
	assert_int_equal(f->count, 1);
	expect(f, 0, 0, AUDIT_POLICY, AUDIT_PREDICTED);
	assert_int_equal(f->room.given_up, 1);
	/* The rest goes without being looked at. */
	while (f->match.denied) {
		f->count = 0;
		match_completed(&f->match, f->match.denied->user_data, -EACCES, settled, f);
	}
	f->count = 0;
}

/* One that takes so much that ten of them are all that may wait. */
static struct match_request *large(uint64_t user_data, unsigned int number)
{
	struct match_request *one = request(user_data, number);

	arena_alloc(&one->arena, MATCH_ROOM / 10 - 4096);
	return one;
}

/* A program with a thousand rings has no more room than one with a single ring. */
static void what_waits_is_bounded_in_all_rings_together(void **state)
{
	struct fixture *f = *state;
	struct match other;

	match_init(&other, &f->room);
	for (unsigned int i = 0; i < 10; i++)
		match_denied(&other, large(i, i), settled, f);
	assert_int_equal(f->count, 0);
	assert_true(f->room.used <= MATCH_ROOM);
	/* What waits in a ring makes room there; where nothing does, the newcomer cannot wait. */
	match_denied(&f->match, large(20, 20), settled, f);
	match_denied(&other, large(30, 30), settled, f);
	assert_int_equal(f->count, 2);
	expect(f, 0, 20, AUDIT_POLICY, AUDIT_PREDICTED);
	expect(f, 1, 0, AUDIT_POLICY, AUDIT_PREDICTED);
	assert_true(f->room.used <= MATCH_ROOM);
	assert_int_equal(f->room.given_up, 2);
	match_end(&other, settled, f);
	assert_int_equal(f->room.used, 0);
}

static void what_was_given_up_is_not_told_again(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 12; i++)
		match_denied(&f->match, large(i, i), settled, f);
	assert_int_equal(f->count, 2);
	for (unsigned int i = 0; i < 12; i++)
		assert_true(match_completed(&f->match, i, -EACCES, settled, f));
	assert_int_equal(f->count, 12);
	for (unsigned int i = 2; i < 12; i++)
		expect(f, i, i, AUDIT_POLICY, AUDIT_CONFIRMED);
	assert_false(match_completed(&f->match, 12, -EACCES, settled, f));
}

static void allowed_requests_take_no_more_room_than_there_is(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < MATCH_ALLOWED; i++)
		match_allowed(&f->match, large(i, i));
	assert_true(f->room.used <= MATCH_ROOM);
	assert_true(match_completed(&f->match, 9, -EACCES, settled, f));
	expect(f, 0, 9, AUDIT_PERMISSION, AUDIT_CONFIRMED);
	assert_false(match_completed(&f->match, 10, -EACCES, settled, f));
	assert_int_equal(f->room.given_up, 0);
}

/* The program writes completions of its own, which belong to nothing that waits. */
static void made_up_completions_are_not_looked_for_without_end(void **state)
{
	struct fixture *f = *state;
	const unsigned int count = 1100;

	for (unsigned int i = 0; i < count; i++)
		match_denied(&f->match, request(i, i), settled, f);
	for (unsigned int i = 0; i < count; i++)
		match_completed(&f->match, i, -ECANCELED, settled, f);
	match_begin(&f->match);
	for (unsigned int i = 0; i < count; i++)
		assert_false(match_completed(&f->match, count, -EACCES, settled, f));
	assert_false(match_completed(&f->match, count - 1, -EACCES, settled, f));
	match_begin(&f->match);
	assert_true(match_completed(&f->match, count - 1, -EACCES, settled, f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_denied_request_is_confirmed_by_its_completion),
		TEST(equal_user_data_is_matched_in_order),
		TEST(a_permission_is_told_from_a_denial),
		TEST(the_newest_allowed_request_counts),
		TEST(a_denial_without_completion_is_predicted_at_the_end),
		TEST(a_cancelled_request_is_not_predicted),
		TEST(a_cancelled_neighbour_takes_no_denial_away),
		TEST(what_waits_is_bounded),
		TEST(what_waits_is_bounded_in_all_rings_together),
		TEST(what_was_given_up_is_not_told_again),
		TEST(allowed_requests_take_no_more_room_than_there_is),
		TEST(made_up_completions_are_not_looked_for_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
