// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/log.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/output.h"
#include "audit/record_json.h"
#include "audit/record_text.h"
#include "audit/summary.h"
#include "util/cleanup.h"
#include "util/json_text.h"
#include "util/terminal.h"

/*
 * One thread, the supervisor's, puts records; another one writes them. Equal denials meet in a
 * table that only the first one changes: what is in it stays until the end, so a storm of
 * repeats takes neither memory nor room in the queue. What comes when the table is full goes
 * through the queue each time, and is lost where that is full as well. So all memory is bounded,
 * whatever a hostile program asks for.
 */
#define TABLE_ITEMS 4096
#define TABLE_BYTES (4 * 1024 * 1024)
#define BUCKETS 4096 /* a power of two */
#define QUEUE_ITEMS 32768
#define QUEUE_BYTES (16 * 1024 * 1024)

#define SECOND INT64_C(1000000000)
#define REPEAT_EVERY SECOND /* repeats are written together */

/* A place in a list. An item may wait in the queue and have repeats already. */
struct link {
	struct link *next;
	struct item *item;
};

/* A record or a note on its way. */
struct item {
	struct link queued;
	struct link repeated; /* among those with repeats to write */
	bool kept;	      /* it is the table's */
	const char *note;     /* NULL: a record */
	struct audit_record record;
	size_t size; /* of all this */

	/* Of the table's: */
	struct item *chain;
	uint64_t hash;
	const char *key;
	size_t key_size;
	uint64_t total;
	uint64_t pending;     /* to be written, under the lock */
	struct timespec time; /* of the last of them, under the lock */
	pid_t pid;
	char data[];
};

struct list {
	struct link *first;
	struct link **end;
};

/* Bytes in a row: what makes a record equal to another. */
struct buffer {
	char *bytes;
	size_t size;
	size_t room;
};

struct audit_log {
	struct audit_output output;
	enum audit_format format;
	struct audit_style style;
	pthread_t thread;
	bool started;

	/* The putting thread's, and at the end the writing one's. */
	struct item *buckets[BUCKETS];
	size_t table_items;
	size_t table_bytes;
	struct buffer key;
	struct audit_summary summary;

	/* The writing thread's. */
	uint64_t unwritten;

	pthread_mutex_t lock; /* held for a few instructions, never while anything is written */
	pthread_cond_t work;
	pthread_cond_t done;
	struct list queue;
	size_t queue_items;
	size_t queue_bytes;
	struct list repeats;
	int64_t repeats_due;
	uint64_t unqueued;
	bool closing;
	bool finished;
};

/* ---- lists ---- */

static void list_init(struct list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void list_put(struct list *list, struct link *link, struct item *item)
{
	*link = (struct link){ .item = item };
	*list->end = link;
	list->end = &link->next;
}

static struct item *list_take(struct list *list)
{
	struct item *item = list->first->item;

	list->first = list->first->next;
	if (!list->first)
		list->end = &list->first;
	return item;
}

/* ---- what is equal ---- */

static void key_bytes(struct buffer *key, const void *bytes, size_t size)
{
	if (key->size + size > key->room) {
		key->room = (key->size + size) * 2;
		key->bytes = xrealloc(key->bytes, key->room, 1);
	}
	memcpy(key->bytes + key->size, bytes, size);
	key->size += size;
}

static void key_number(struct buffer *key, uint64_t number)
{
	key_bytes(key, &number, sizeof(number));
}

/* The length tells NULL from "", and where one string ends and the next begins. */
static void key_string(struct buffer *key, const char *string)
{
	size_t length = string ? strlen(string) : 0;

	key_number(key, string ? length + 1 : 0);
	key_bytes(key, string ? string : "", length);
}

static void key_arguments(struct buffer *key, const struct audit_arguments *arguments)
{
	key_string(key, arguments->path);
	key_string(key, arguments->second_path);
	key_number(key, arguments->has_flags ? arguments->flags : UINT64_MAX);
	key_number(key, arguments->has_mode ? arguments->mode : UINT64_MAX);
	key_number(key, arguments->has_resolve ? arguments->resolve : UINT64_MAX);
	key_number(key, arguments->has_socket);
	key_number(key, (uint64_t)arguments->family);
	key_number(key, (uint64_t)arguments->type);
	key_number(key, (uint64_t)arguments->protocol);
	key_number(key, arguments->has_address ? arguments->address_length : UINT64_MAX);
	if (arguments->has_address)
		key_bytes(key, &arguments->address, arguments->address_length);
	key_number(key, (uint64_t)arguments->fd);
	key_number(key, arguments->fixed);
	key_string(key, arguments->fd_target);
	key_string(key, arguments->operation);
	key_number(key, arguments->sqe_flags);
	key_number(key, arguments->raw_count);
	key_bytes(key, arguments->raw, arguments->raw_count * sizeof(*arguments->raw));
}

static void key_record(struct buffer *key, const struct audit_record *record)
{
	key->size = 0;
	key_string(key, record->program);
	key_number(key, record->gate);
	key_number(key, record->number);
	key_string(key, record->name);
	key_arguments(key, &record->arguments);
	key_number(key, (uint64_t)record->error);
	key_number(key, record->cause);
	key_number(key, record->certainty);
	key_string(key, record->rule);
}

/* FNV-1a by words. A program that finds collisions makes chains of TABLE_ITEMS at the most. */
static uint64_t hash_of(const struct buffer *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < key->size; i += sizeof(uint64_t)) {
		size_t left = key->size - i;
		uint64_t word = 0;

		memcpy(&word, key->bytes + i, left < sizeof(word) ? left : sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x100000001b3);
		hash ^= hash >> 32;
	}
	return hash;
}

/* ---- copies ---- */

static size_t string_size(const char *string)
{
	return string ? strlen(string) + 1 : 0;
}

static const char *copy_string(char **place, const char *string)
{
	char *copy = *place;
	size_t size = string_size(string);

	if (!string)
		return NULL;
	memcpy(copy, string, size);
	*place += size;
	return copy;
}

static struct item *item_new(size_t extra)
{
	struct item *item = xrealloc(NULL, 1, sizeof(*item) + extra);

	*item = (struct item){ .size = sizeof(*item) + extra };
	return item;
}

static struct item *copy_record(const struct audit_record *record, size_t extra)
{
	const struct audit_arguments *from = &record->arguments;
	struct item *item = item_new(string_size(record->program) + string_size(record->name) +
				     string_size(record->rule) + string_size(from->path) +
				     string_size(from->second_path) + string_size(from->fd_target) +
				     string_size(from->operation) + extra);
	struct audit_arguments *to = &item->record.arguments;
	char *place = item->data + extra;

	item->record = *record;
	item->record.program = copy_string(&place, record->program);
	item->record.name = copy_string(&place, record->name);
	item->record.rule = copy_string(&place, record->rule);
	to->path = copy_string(&place, from->path);
	to->second_path = copy_string(&place, from->second_path);
	to->fd_target = copy_string(&place, from->fd_target);
	to->operation = copy_string(&place, from->operation);
	return item;
}

/* ---- putting ---- */

static struct item *table_find(const struct audit_log *log, uint64_t hash)
{
	struct item *item = log->buckets[hash % BUCKETS];

	while (item && (item->hash != hash || item->key_size != log->key.size ||
			memcmp(item->key, log->key.bytes, log->key.size) != 0))
		item = item->chain;
	return item;
}

/* NULL: the table is full. */
static struct item *table_add(struct audit_log *log, const struct audit_record *record,
			      uint64_t hash)
{
	struct item **bucket = &log->buckets[hash % BUCKETS];
	struct item *item;

	if (log->table_items == TABLE_ITEMS || log->table_bytes >= TABLE_BYTES)
		return NULL;
	item = copy_record(record, log->key.size);
	item->kept = true;
	item->hash = hash;
	item->key = memcpy(item->data, log->key.bytes, log->key.size);
	item->key_size = log->key.size;
	item->chain = *bucket;
	*bucket = item;
	log->table_items++;
	log->table_bytes += item->size;
	*array_push(&log->summary.arena, &log->summary.distinct) =
		(struct audit_distinct){ .record = &item->record };
	return item;
}

/* Under the lock. Returns false where the queue is full. */
static bool enqueue(struct audit_log *log, struct item *item)
{
	if (log->queue_items == QUEUE_ITEMS || log->queue_bytes >= QUEUE_BYTES)
		return false;
	list_put(&log->queue, &item->queued, item);
	log->queue_items++;
	log->queue_bytes += item->size;
	pthread_cond_signal(&log->work);
	return true;
}

/* Under the lock: one more of an item of the table is to be written, in time. */
static void repeat(struct audit_log *log, struct item *item, const struct audit_record *record)
{
	item->time = record->time;
	item->pid = record->pid;
	if (item->pending++)
		return;
	if (!log->repeats.first) {
		log->repeats_due = audit_now() + REPEAT_EVERY;
		pthread_cond_signal(&log->work);
	}
	list_put(&log->repeats, &item->repeated, item);
}

/* The first of its kind at once, unless the queue is full: then with its repeats. */
static void put_known(struct audit_log *log, struct item *item, const struct audit_record *record)
{
	pthread_mutex_lock(&log->lock);
	if (item->total++ || !enqueue(log, item))
		repeat(log, item, record);
	pthread_mutex_unlock(&log->lock);
}

static void put_once(struct audit_log *log, struct item *item)
{
	bool queued;

	pthread_mutex_lock(&log->lock);
	queued = enqueue(log, item);
	if (!queued)
		log->unqueued++;
	pthread_mutex_unlock(&log->lock);
	if (!queued)
		free(item);
}

void audit_log_put(struct audit_log *log, const struct audit_record *record)
{
	struct item *item;
	uint64_t hash;

	key_record(&log->key, record);
	hash = hash_of(&log->key);
	audit_summary_count(&log->summary, record);
	item = table_find(log, hash);
	if (!item)
		item = table_add(log, record, hash);
	if (item) {
		put_known(log, item, record);
		return;
	}
	log->summary.untold++;
	put_once(log, copy_record(record, 0));
}

void audit_log_note(struct audit_log *log, const char *text)
{
	struct item *item = item_new(string_size(text));
	char *place = item->data;

	item->note = copy_string(&place, text);
	put_once(log, item);
}

/* ---- writing ---- */

static bool write_json(struct audit_log *log, json_t *object)
{
	_cleanup_free_ char *text = json_dumps(object, JSON_COMPACT);
	size_t length = text ? strlen(text) : 0;
	bool written = false;

	json_decref(object);
	if (text) {
		text[length] = '\n'; /* in place of the NUL */
		written = audit_output_write(&log->output, text, length + 1);
	}
	return written;
}

static bool write_record(struct audit_log *log, const struct audit_record *record, uint64_t count)
{
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	FILE *out;

	if (log->output.dead)
		return false;
	if (log->format == AUDIT_JSON)
		return write_json(log, record_json(record, count));
	out = open_memstream(&text, &length);
	if (!out)
		return false;
	record_text(out, record, count, log->style);
	fclose(out);
	return audit_output_write(&log->output, text, length);
}

static bool write_note(struct audit_log *log, const char *note)
{
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	FILE *out;

	if (log->output.dead)
		return false;
	if (log->format == AUDIT_JSON)
		return write_json(log, json_pack("{s:o}", "note", json_text(note)));
	out = open_memstream(&text, &length);
	if (!out)
		return false;
	audit_note_text(out, note, log->style);
	fclose(out);
	return audit_output_write(&log->output, text, length);
}

/* Called and returns with the lock held, which is open meanwhile. */
static void write_next(struct audit_log *log)
{
	struct item *item = list_take(&log->queue);

	log->queue_items--;
	log->queue_bytes -= item->size;
	pthread_mutex_unlock(&log->lock);
	if (item->note)
		log->unwritten += !write_note(log, item->note);
	else
		log->unwritten += !write_record(log, &item->record, 1);
	if (!item->kept)
		free(item);
	pthread_mutex_lock(&log->lock);
}

static void write_repeats(struct audit_log *log)
{
	struct list repeats = log->repeats;

	/* What is repeated once more from now on comes in the next round. */
	list_init(&log->repeats);
	while (repeats.first) {
		struct item *item = list_take(&repeats);
		struct audit_record record = item->record;
		uint64_t count = item->pending;

		item->pending = 0;
		record.time = item->time;
		record.pid = item->pid;
		pthread_mutex_unlock(&log->lock);
		if (!write_record(log, &record, count))
			log->unwritten += count;
		pthread_mutex_lock(&log->lock);
	}
}

static void wait_for_work(struct audit_log *log)
{
	struct timespec due = {
		.tv_sec = log->repeats_due / SECOND,
		.tv_nsec = log->repeats_due % SECOND,
	};

	if (log->repeats.first)
		pthread_cond_timedwait(&log->work, &log->lock, &due);
	else
		pthread_cond_wait(&log->work, &log->lock);
}

/* Nobody puts any more: all that the other thread had is this one's. */
static void write_summary(struct audit_log *log)
{
	struct audit_summary *summary = &log->summary;
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	FILE *out;

	if (log->output.dead)
		return;
	for (size_t i = 0; i < summary->distinct.count; i++) {
		struct audit_distinct *distinct = &summary->distinct.items[i];

		distinct->count = ((const struct item *)((const char *)distinct->record -
							 offsetof(struct item, record)))
					  ->total;
	}
	summary->lost = log->unqueued + log->unwritten;
	if (log->format == AUDIT_JSON) {
		write_json(log, audit_summary_json(summary));
		return;
	}
	out = open_memstream(&text, &length);
	if (!out)
		return;
	audit_summary_text(out, summary, log->style.coloured);
	fclose(out);
	for (const char *line = text; *line;) {
		size_t size = strcspn(line, "\n") + 1;

		audit_output_write(&log->output, line, size);
		line += size;
	}
}

/* The first of a kind comes before its repeats, but a full queue does not keep those for ever. */
static bool repeats_are_due(const struct audit_log *log)
{
	if (!log->repeats.first)
		return false;
	if (log->queue.first)
		return !log->closing && audit_now() >= log->repeats_due + REPEAT_EVERY;
	return log->closing || audit_now() >= log->repeats_due;
}

static void *write_all(void *context)
{
	struct audit_log *log = context;

	pthread_mutex_lock(&log->lock);
	for (;;) {
		if (repeats_are_due(log))
			write_repeats(log);
		else if (log->queue.first)
			write_next(log);
		else if (log->closing)
			break;
		else
			wait_for_work(log);
	}
	pthread_mutex_unlock(&log->lock);
	write_summary(log);
	pthread_mutex_lock(&log->lock);
	log->finished = true;
	pthread_cond_signal(&log->done);
	pthread_mutex_unlock(&log->lock);
	return NULL;
}

/* ---- opening and closing ---- */

int audit_log_open(struct audit_log **log, const char *file, enum audit_format format,
		   const struct plan *plan, struct error *err)
{
	struct audit_log *new = xrealloc(NULL, 1, sizeof(*new));
	pthread_condattr_t monotonic;

	*log = NULL;
	memset(new, 0, sizeof(*new));
	if (audit_output_open(&new->output, file, err) < 0) {
		free(new);
		return -err->code;
	}
	new->format = format;
	new->style = (struct audit_style){
		.coloured = terminal_has_colours(new->output.fd),
		.timed = file != NULL,
	};
	new->summary.plan = plan;
	list_init(&new->queue);
	list_init(&new->repeats);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&new->lock, NULL);
	pthread_cond_init(&new->work, &monotonic);
	pthread_cond_init(&new->done, &monotonic);
	pthread_condattr_destroy(&monotonic);
	*log = new;
	return 0;
}

int audit_log_fd(const struct audit_log *log)
{
	return log->output.own ? log->output.fd : -1;
}

int audit_log_start(struct audit_log *log, struct error *err)
{
	sigset_t all, before;
	int code;

	/* SIGPIPE of a reader that went must not kill, and all others are the supervisor's. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	code = pthread_create(&log->thread, NULL, write_all, log);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code) {
		error_set(err, code, "cannot start the thread that writes the audit log: %s",
			  strerror(code));
		error_hint(err, "a limit on processes (ulimit -u, pids.max) may be reached");
		return -code;
	}
	log->started = true;
	return 0;
}

static void log_free(struct audit_log *log)
{
	while (log->queue.first) {
		struct item *item = list_take(&log->queue);

		if (!item->kept)
			free(item);
	}
	for (size_t i = 0; i < BUCKETS; i++)
		while (log->buckets[i]) {
			struct item *item = log->buckets[i];

			log->buckets[i] = item->chain;
			free(item);
		}
	free(log->key.bytes);
	arena_free(&log->summary.arena);
	pthread_mutex_destroy(&log->lock);
	pthread_cond_destroy(&log->work);
	pthread_cond_destroy(&log->done);
	audit_output_close(&log->output);
	free(log);
}

/* True once the thread has ended; it is given @until. */
static bool wait_for_thread(struct audit_log *log, int64_t until)
{
	struct timespec deadline = { .tv_sec = until / SECOND, .tv_nsec = until % SECOND };
	bool finished;
	int code = 0;

	pthread_mutex_lock(&log->lock);
	log->closing = true;
	pthread_cond_signal(&log->work);
	while (!log->finished && code == 0)
		code = pthread_cond_timedwait(&log->done, &log->lock, &deadline);
	finished = log->finished;
	pthread_mutex_unlock(&log->lock);
	return finished;
}

uint64_t audit_log_close(struct audit_log *log, const struct audit_losses *losses)
{
	int64_t now = audit_now();
	uint64_t lost;

	if (losses) {
		log->summary.losses = *losses;
		if (losses->why_rings)
			log->summary.losses.why_rings =
				arena_strdup(&log->summary.arena, losses->why_rings);
	}
	if (log->started) {
		atomic_store(&log->output.closing, now);
		/* A write that was begun cannot be called back: not on a disk that does not answer.
		 * The thread then goes with the process, which is about to end. */
		if (!wait_for_thread(log, now + AUDIT_PATIENCE_IN_ALL + SECOND)) {
			pthread_detach(log->thread);
			return 1;
		}
		pthread_join(log->thread, NULL);
	}
	lost = log->unqueued + log->unwritten;
	log_free(log);
	return lost;
}
