// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/record_text.h"

#include <inttypes.h>
#include <string.h>

#include "audit/flag_names.h"
#include "audit/record_words.h"
#include "policy/directive.h"
#include "policy/names.h"
#include "uring/opcode.h"
#include "util/escape.h"
#include "util/terminal.h"

/* The arguments of one record, being written with ", " between them. */
struct writer {
	FILE *out;
	struct arena arena;
	bool begun;
};

static void next(struct writer *writer)
{
	if (writer->begun)
		fputs(", ", writer->out);
	writer->begun = true;
}

/* As it is if it cannot be mistaken for anything else, else quoted. */
static void put_word(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._+-@:";

	if (*word && !word[strspn(word, plain)])
		fputs(word, out);
	else
		escape_quote(out, word);
}

static void put_flags(struct writer *writer, const char *operation, uint64_t flags)
{
	struct flag_walk walk = { .left = flags };
	const char *separator = "";

	for (const char *name; (name = flag_next(operation, &walk)); separator = "|")
		fprintf(writer->out, "%s%s", separator, name);
	if (walk.left)
		fprintf(writer->out, "%s0x%" PRIx64, separator, walk.left);
	else if (!*separator)
		fputc('0', writer->out);
}

static void put_fd(struct writer *writer, const struct audit_arguments *arguments)
{
	if (arguments->fd < 0)
		return;
	next(writer);
	fprintf(writer->out, arguments->fixed ? "slot %d" : "fd %d", arguments->fd);
	if (arguments->fd_target) {
		fputc(' ', writer->out);
		escape_quote(writer->out, arguments->fd_target);
	}
}

static void put_paths(struct writer *writer, const struct audit_arguments *arguments)
{
	if (arguments->path) {
		next(writer);
		escape_quote(writer->out, arguments->path);
		if (arguments->fd < 0 && arguments->fd_target) {
			fputs(" in ", writer->out);
			escape_quote(writer->out, arguments->fd_target);
		}
	}
	if (arguments->second_path) {
		next(writer);
		escape_quote(writer->out, arguments->second_path);
	}
}

static void put_socket(struct writer *writer, const struct audit_arguments *arguments)
{
	if (!arguments->has_socket)
		return;
	next(writer);
	fprintf(writer->out, "%s, %s", audit_family(&writer->arena, arguments->family),
		audit_socket_type(&writer->arena, arguments->type));
	if (audit_socket_flags(arguments->type)) {
		fputc('|', writer->out);
		put_flags(writer, "socket", audit_socket_flags(arguments->type));
	}
	fprintf(writer->out, ", %s", audit_protocol(&writer->arena, arguments));
}

static void put_address(struct writer *writer, const struct audit_arguments *arguments)
{
	const char *address;

	if (!arguments->has_address)
		return;
	next(writer);
	address = audit_address(&writer->arena, arguments);
	if (!address)
		fputs(audit_family(&writer->arena, arguments->address.ss_family), writer->out);
	else if (audit_port(arguments) < 0)
		escape_quote(writer->out, address);
	else
		fprintf(writer->out, strchr(address, ':') ? "[%s]:%d" : "%s:%d", address,
			audit_port(arguments));
}

static void put_how(struct writer *writer, const char *operation,
		    const struct audit_arguments *arguments)
{
	if (arguments->has_flags) {
		next(writer);
		put_flags(writer, operation, arguments->flags);
	}
	if (arguments->has_mode) {
		next(writer);
		fprintf(writer->out, "0%03" PRIo64, arguments->mode);
	}
	if (arguments->resolve) {
		const char *separator = " ";

		next(writer);
		fputs("resolve", writer->out);
		for (const struct name *row = resolve_names; row->name; row++) {
			if (!(arguments->resolve & row->value))
				continue;
			fprintf(writer->out, "%s%s", separator, row->name);
			separator = "|";
		}
	}
}

static void put_numbers(struct writer *writer, const struct audit_arguments *arguments)
{
	for (unsigned int i = 0; i < arguments->raw_count; i++) {
		int64_t value = (int64_t)arguments->raw[i];

		next(writer);
		/* What is large is an address or a set of bits. */
		fprintf(writer->out, value >= -4096 && value <= 0xffff ? "%" PRId64 : "0x%" PRIx64,
			value);
	}
}

static void put_sqe_flags(struct writer *writer, const struct audit_arguments *arguments)
{
	for (unsigned int bit = 0; uring_sqe_flag_name(bit); bit++) {
		/* That one is told with the descriptor. */
		if (!(arguments->sqe_flags >> bit & 1) || (!bit && arguments->fixed))
			continue;
		next(writer);
		fputs(uring_sqe_flag_name(bit), writer->out);
	}
}

void record_request_text(FILE *out, const struct audit_record *record)
{
	struct writer writer = { .out = out };
	const struct audit_arguments *arguments = &record->arguments;
	const char *operation = audit_operation(&writer.arena, record);

	fprintf(out, "%s %s(", audit_gate_names[record->gate], operation);
	put_fd(&writer, arguments);
	put_paths(&writer, arguments);
	put_socket(&writer, arguments);
	put_address(&writer, arguments);
	if (arguments->operation) {
		next(&writer);
		put_word(out, arguments->operation);
	}
	put_how(&writer, operation, arguments);
	put_numbers(&writer, arguments);
	put_sqe_flags(&writer, arguments);
	fputc(')', out);
	arena_free(&writer.arena);
}

/* "by protocol (FILE:LINE)" of a directive, ": connect(2) is denied" of other reasons. */
static void put_rule(FILE *out, const char *rule, struct arena *arena)
{
	const char *first = rule ? arena_strndup(arena, rule, strcspn(rule, " (:")) : NULL;

	if (!rule) {
		fputs(" by the policy", out);
		return;
	}
	fputs(directive_find(first) ? " by " : ": ", out);
	escape_write(out, rule, strlen(rule));
}

static void put_cause(FILE *out, const struct audit_record *record, struct arena *arena)
{
	switch (record->cause) {
	case AUDIT_POLICY:
		put_rule(out, record->rule, arena);
		return;
	case AUDIT_PERMISSION:
		fputs(record->arguments.path
			      ? " by the file's own permissions, not by the policy"
			      : " by the kernel's own permissions, not by the policy",
		      out);
		return;
	case AUDIT_UNKNOWN:
		fputs(", by whom cannot be told", out);
		return;
	}
}

static void put_time(FILE *out, const struct timespec *time)
{
	char text[AUDIT_TIME_SIZE];

	audit_time(time, text);
	fprintf(out, "%s ", text);
}

void audit_note_text(FILE *out, const char *note, struct audit_style style)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (style.timed)
		put_time(out, &now);
	fputs("uring-jail: audit: ", out);
	escape_write(out, note, strlen(note));
	fputc('\n', out);
}

void record_text(FILE *out, const struct audit_record *record, uint64_t count,
		 struct audit_style style)
{
	static const struct {
		const char *word;
		enum colour colour;
	} causes[] = {
		[AUDIT_POLICY] = { "denied", COLOUR_DENY },
		[AUDIT_PERMISSION] = { "permission", COLOUR_WARNING },
		[AUDIT_UNKNOWN] = { "unknown", COLOUR_WARNING },
	};
	enum colour colour = style.coloured ? causes[record->cause].colour : COLOUR_NONE;
	enum colour faint = style.coloured ? COLOUR_FAINT : COLOUR_NONE;
	struct arena arena = { 0 };

	if (style.timed)
		put_time(out, &record->time);
	fprintf(out, "uring-jail: %s%s:%s ", terminal_begin(colour), causes[record->cause].word,
		terminal_end(colour));
	put_word(out, record->program ? record->program : "?");
	fprintf(out, "[%d] ", record->pid);
	record_request_text(out, record);
	fprintf(out, ": %s", audit_error_name(&arena, record->error));
	put_cause(out, record, &arena);
	if (record->certainty != AUDIT_CONFIRMED)
		fprintf(out, " %s[%s]%s", terminal_begin(faint),
			audit_certainty_names[record->certainty], terminal_end(faint));
	if (count > 1)
		fprintf(out, " (%" PRIu64 " times)", count);
	fputc('\n', out);
	arena_free(&arena);
}
