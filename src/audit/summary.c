// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/advice.h"
#include "audit/record_json.h"
#include "audit/record_text.h"
#include "audit/record_words.h"
#include "util/escape.h"
#include "util/json_text.h"
#include "util/terminal.h"

/* ---- counting ---- */

static struct audit_counter *counter_of(struct audit_summary *summary,
					const struct audit_record *record)
{
	unsigned int number = record->number < SYSCALL_NUMBERS ? record->number : SYSCALL_NUMBERS;
	unsigned int *index = &summary->index[record->gate][number];

	if (!*index) {
		const char *name = record->name && number < SYSCALL_NUMBERS
					   ? arena_strdup(&summary->arena, record->name)
					   : NULL;

		*array_push(&summary->arena, &summary->counters) = (struct audit_counter){
			.gate = record->gate,
			.number = record->number,
			.name = name,
		};
		*index = (unsigned int)summary->counters.count;
	}
	return &summary->counters.items[*index - 1];
}

void audit_summary_count(struct audit_summary *summary, const struct audit_record *record)
{
	struct audit_counter *counter = counter_of(summary, record);

	counter->denials++;
	counter->by_certainty[record->certainty]++;
	counter->by_cause[record->cause]++;
	summary->denials++;
	summary->by_certainty[record->certainty]++;
	summary->by_cause[record->cause]++;
}

static int most_first(const void *a, const void *b)
{
	const struct audit_counter *x = a, *y = b;

	if (x->denials != y->denials)
		return x->denials > y->denials ? -1 : 1;
	if (x->gate != y->gate)
		return x->gate < y->gate ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void sort_counters(struct audit_summary *summary)
{
	if (summary->counters.count)
		qsort(summary->counters.items, summary->counters.count,
		      sizeof(*summary->counters.items), most_first);
}

/* ---- advice ---- */

/* What is advised alike is told once, with how often it was needed and what first needed it. */
struct advised {
	const char *line; /* NULL: none, because of @why */
	const char *why;
	uint64_t denials;
	const struct audit_record *example;
};

struct advice_list {
	ARRAY(struct advised) items;
};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Without a line, each operation has a denial of its own. */
static bool same_advice(const struct advised *a, const struct advised *b)
{
	if (!same_text(a->line, b->line) || !same_text(a->why, b->why))
		return false;
	return a->line ||
	       (a->example->gate == b->example->gate && a->example->number == b->example->number);
}

static void add_advice(struct advice_list *list, const struct advised *advised, struct arena *arena)
{
	for (size_t i = 0; i < list->items.count; i++)
		if (same_advice(&list->items.items[i], advised)) {
			list->items.items[i].denials += advised->denials;
			return;
		}
	*array_push(arena, &list->items) = *advised;
}

static struct advice_list advise(struct audit_summary *summary)
{
	struct advice_list list = { { 0 } };

	for (size_t i = 0; i < summary->distinct.count; i++) {
		const struct audit_distinct *distinct = &summary->distinct.items[i];
		struct advised advised = {
			.denials = distinct->count,
			.example = distinct->record,
		};

		advised.line = audit_advice(distinct->record, summary->plan, &summary->arena,
					    &advised.why);
		add_advice(&list, &advised, &summary->arena);
	}
	return list;
}

/* ---- losses ---- */

struct loss {
	const char *key;
	const char *words;
	uint64_t count;
};

#define LOSSES 7

static void losses_of(const struct audit_summary *summary, struct loss losses[LOSSES])
{
	const struct audit_losses *l = &summary->losses;
	const struct loss all[LOSSES] = {
		{ "records", "records that could not be written", summary->lost },
		{ "completions", "completions that were gone before they were read",
		  l->completions },
		{ "requests", "requests that could not be read in time", l->requests },
		{ "rings", "rings that could not be looked into", l->rings },
		{ "overflows", "completions and requests that the kernel dropped", l->overflows },
		{ "waiting", "denials whose completions were not waited for, since too many were",
		  l->waiting },
		{ "untold", "denials that were too different to be told one by one below",
		  summary->untold },
	};

	memcpy(losses, all, sizeof(all));
}

/* ---- text ---- */

static void begin_line(FILE *out)
{
	fputs("uring-jail: audit: ", out);
}

static void put_counts(FILE *out, const uint64_t by_certainty[3], const uint64_t by_cause[3])
{
	const struct {
		uint64_t count;
		const char *word;
	} counts[] = {
		{ by_certainty[AUDIT_CONFIRMED], "confirmed" },
		{ by_certainty[AUDIT_PREDICTED], "predicted" },
		{ by_certainty[AUDIT_UNMATCHED], "unmatched" },
		{ by_cause[AUDIT_PERMISSION], "by permissions" },
		{ by_cause[AUDIT_UNKNOWN], "by whom cannot be told" },
	};
	const char *separator = ": ";

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		if (!counts[i].count)
			continue;
		fprintf(out, "%s%" PRIu64 " %s", separator, counts[i].count, counts[i].word);
		separator = ", ";
	}
	fputc('\n', out);
}

static void text_counters(FILE *out, struct audit_summary *summary)
{
	begin_line(out);
	if (!summary->denials) {
		fputs("nothing was denied\n", out);
		return;
	}
	fprintf(out, "%" PRIu64 " denied", summary->denials);
	put_counts(out, summary->by_certainty, summary->by_cause);
	for (size_t i = 0; i < summary->counters.count; i++) {
		const struct audit_counter *counter = &summary->counters.items[i];
		struct audit_record record = {
			.gate = counter->gate,
			.number = counter->number,
			.name = counter->name,
		};

		begin_line(out);
		fprintf(out, "  %s %s: %" PRIu64, audit_gate_names[counter->gate],
			audit_operation(&summary->arena, &record), counter->denials);
		put_counts(out, counter->by_certainty, counter->by_cause);
	}
}

static void text_losses(FILE *out, struct audit_summary *summary, enum colour colour)
{
	struct loss losses[LOSSES];

	losses_of(summary, losses);
	for (size_t i = 0; i < LOSSES; i++) {
		if (!losses[i].count)
			continue;
		begin_line(out);
		fprintf(out, "%slost%s: %" PRIu64 " %s", terminal_begin(colour),
			terminal_end(colour), losses[i].count, losses[i].words);
		if (!strcmp(losses[i].key, "rings") && summary->losses.why_rings) {
			fputs(" (", out);
			escape_write(out, summary->losses.why_rings,
				     strlen(summary->losses.why_rings));
			fputc(')', out);
		}
		fputc('\n', out);
	}
}

/* Each line of the profile on a line of its own, to be copied. */
static void text_lines(FILE *out, const char *lines, enum colour colour)
{
	for (;;) {
		size_t length = strcspn(lines, "\n");

		begin_line(out);
		fprintf(out, "    %s", terminal_begin(colour));
		escape_write(out, lines, length);
		fprintf(out, "%s\n", terminal_end(colour));
		if (!lines[length])
			return;
		lines += length + 1;
	}
}

static void text_advised(FILE *out, const struct advised *advised, enum colour colour)
{
	begin_line(out);
	fputs("  ", out);
	record_request_text(out, advised->example);
	if (advised->denials > 1)
		fprintf(out, " and others alike, %" PRIu64 " in all", advised->denials);
	if (!advised->line)
		fputs(": no line: ", out);
	else
		fputs(advised->why ? ": but " : ":", out);
	if (advised->why)
		escape_write(out, advised->why, strlen(advised->why));
	if (advised->line && advised->why)
		fputc(':', out);
	fputc('\n', out);
	if (advised->line)
		text_lines(out, advised->line, colour);
}

void audit_summary_text(FILE *out, struct audit_summary *summary, bool coloured)
{
	struct advice_list list = advise(summary);

	sort_counters(summary);
	text_counters(out, summary);
	text_losses(out, summary, coloured ? COLOUR_WARNING : COLOUR_NONE);
	if (!list.items.count)
		return;
	begin_line(out);
	fputs("what would allow it:\n", out);
	for (size_t i = 0; i < list.items.count; i++)
		text_advised(out, &list.items.items[i], coloured ? COLOUR_ALLOW : COLOUR_NONE);
}

/* ---- JSON ---- */

static void put_number(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void json_counts(json_t *object, const uint64_t by_certainty[3], const uint64_t by_cause[3])
{
	for (size_t i = 0; i < 3; i++)
		put_number(object, audit_certainty_names[i], by_certainty[i]);
	for (size_t i = 0; i < 3; i++)
		put_number(object, audit_cause_names[i], by_cause[i]);
}

static json_t *json_counters(const struct audit_summary *summary)
{
	json_t *array = json_array();

	for (size_t i = 0; i < summary->counters.count; i++) {
		const struct audit_counter *counter = &summary->counters.items[i];
		json_t *object =
			json_pack("{s:s, s:o, s:i, s:I}", "gate", audit_gate_names[counter->gate],
				  "op", json_text(counter->name), "number", (int)counter->number,
				  "denials", (json_int_t)counter->denials);

		json_counts(object, counter->by_certainty, counter->by_cause);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *json_losses(const struct audit_summary *summary)
{
	json_t *object = json_object();
	struct loss losses[LOSSES];

	losses_of(summary, losses);
	for (size_t i = 0; i < LOSSES; i++)
		put_number(object, losses[i].key, losses[i].count);
	json_object_set_new(object, "why_rings", json_text(summary->losses.why_rings));
	return object;
}

static json_t *json_lines(const char *lines)
{
	json_t *array = json_array();
	struct arena arena = { 0 };

	while (lines) {
		size_t length = strcspn(lines, "\n");

		json_array_append_new(array, json_text(arena_strndup(&arena, lines, length)));
		lines = lines[length] ? lines + length + 1 : NULL;
	}
	arena_free(&arena);
	return array;
}

static json_t *json_advice(struct audit_summary *summary)
{
	struct advice_list list = advise(summary);
	json_t *array = json_array();

	for (size_t i = 0; i < list.items.count; i++) {
		const struct advised *advised = &list.items.items[i];

		json_array_append_new(array, json_pack("{s:o, s:o, s:I, s:o}", "lines",
						       json_lines(advised->line), "why",
						       json_text(advised->why), "denials",
						       (json_int_t)advised->denials, "example",
						       record_json(advised->example, 1)));
	}
	return array;
}

json_t *audit_summary_json(struct audit_summary *summary)
{
	json_t *object = json_object();

	sort_counters(summary);
	put_number(object, "denials", summary->denials);
	json_counts(object, summary->by_certainty, summary->by_cause);
	json_object_set_new(object, "operations", json_counters(summary));
	json_object_set_new(object, "lost", json_losses(summary));
	json_object_set_new(object, "advice", json_advice(summary));
	return json_pack("{s:o}", "summary", object);
}
