// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "audit/log.h"
#include "audit/output.h"
#include "audit/record_json.h"
#include "audit/record_text.h"
#include "policy/plan.h"
#include "policy/profile.h"

struct fixture {
	struct arena arena;
	struct policy policy;
	struct plan plan;
	char folder[32];
	const char *file;
	struct audit_log *log;
	struct error err;
};

static void make_plan(struct fixture *f)
{
	static const char profile[] = "protocol unix\nuring.open read\n";
	const struct profile_source source = { .macros = { .home = "/home/user" } };

	f->plan.policy = &f->policy;
	assert_int_equal(profile_read_text(&f->policy, &source, "x.profile", profile,
					   strlen(profile), &f->err),
			 0);
	assert_int_equal(seccomp_resolve(&f->plan, &f->err), 0);
	assert_int_equal(plan_seccomp_without_uring(&f->plan, &f->err), 0);
	assert_int_equal(plan_uring(&f->plan, &f->err), 0);
	assert_int_equal(plan_seccomp(&f->plan, &f->err), 0);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/audit_log.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->file = arena_printf(&f->arena, "%s/log", f->folder);
	make_plan(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->file);
	rmdir(f->folder);
	plan_free(&f->plan);
	policy_free(&f->policy);
	arena_free(&f->arena);
	free(f);
	return 0;
}

static void start(struct fixture *f, const char *file, enum audit_format format)
{
	if (audit_log_open(&f->log, file, format, &f->plan, &f->err) < 0 ||
	    audit_log_start(f->log, &f->err) < 0)
		fail_msg("%s", f->err.message);
}

static uint64_t finish(struct fixture *f)
{
	return audit_log_close(f->log, NULL);
}

/* ---- records ---- */

static struct audit_record denied_socket(void)
{
	return (struct audit_record){
		.time = { 1769903999, 123456789 },
		.pid = 123,
		.program = "uecho",
		.gate = AUDIT_BY_RING,
		.number = 45,
		.name = "socket",
		.arguments = {
			.has_socket = true,
			.family = AF_INET,
			.type = SOCK_STREAM,
			.fd = -1,
		},
		.error = EACCES,
		.rule = "protocol (x.profile:1)",
	};
}

static struct audit_record lacking_permission(void)
{
	return (struct audit_record){
		.time = { 1769903999, 5 },
		.pid = 124,
		.program = "cat",
		.gate = AUDIT_BY_RING,
		.number = 18,
		.name = "openat",
		.arguments = {
			.path = "/etc/shadow",
			.has_flags = true,
			.flags = O_RDONLY | O_CLOEXEC,
			.fd = -1,
		},
		.error = EACCES,
		.cause = AUDIT_PERMISSION,
		.certainty = AUDIT_CONFIRMED,
	};
}

static struct audit_record denied_ptrace(void)
{
	return (struct audit_record){
		.time = { 1769903999, 5 },
		.pid = 125,
		.program = "gdb",
		.gate = AUDIT_BY_CALL,
		.number = __NR_ptrace,
		.name = "ptrace",
		.arguments = { .fd = -1, .raw_count = 2, .raw = { 16, 42 } },
		.error = EPERM,
		.rule = "ptrace(2) is denied",
	};
}

/* One of many, all different. */
static struct audit_record numbered(struct fixture *f, unsigned int number)
{
	struct audit_record record = lacking_permission();

	record.arguments.path = arena_printf(&f->arena, "/%0100u", number);
	return record;
}

/* ---- what was written ---- */

static char *read_all(struct fixture *f, int fd)
{
	size_t room = 64 * 1024 * 1024;
	char *text = malloc(room);
	size_t length = 0;
	ssize_t got;
	char *copy;

	while ((got = read(fd, text + length, room - length - 1)) > 0)
		length += (size_t)got;
	text[length] = '\0';
	copy = arena_strdup(&f->arena, text);
	free(text);
	return copy;
}

static char *read_log(struct fixture *f)
{
	int fd = open(f->file, O_RDONLY | O_CLOEXEC);
	char *text = read_all(f, fd);

	close(fd);
	return text;
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	while ((text = strstr(text, part))) {
		count++;
		text += strlen(part);
	}
	return count;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* How many denials the lines of a JSON log tell of. A line that is no JSON fails the test. */
static uint64_t denials_told(const char *text)
{
	uint64_t told = 0;

	while (*text) {
		size_t length = strcspn(text, "\n");
		json_error_t error;
		json_t *object = json_loadb(text, length, 0, &error);

		if (!object || text[length] != '\n')
			fail_msg("%s in: %.200s", error.text, text);
		told += (uint64_t)json_integer_value(json_object_get(object, "count"));
		json_decref(object);
		text += length + 1;
	}
	return told;
}

/* ---- text ---- */

static void assert_text(struct audit_record record, uint64_t count, const char *expected)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	record_text(out, &record, count, (struct audit_style){ 0 });
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void a_record_is_a_line_for_people(void **state)
{
	struct audit_record record = denied_socket();

	(void)state;
	assert_text(record, 1,
		    "uring-jail: denied: uecho[123] io_uring socket(AF_INET, SOCK_STREAM, 0): "
		    "EACCES by protocol (x.profile:1)\n");
	record.certainty = AUDIT_PREDICTED;
	assert_text(record, 12,
		    "uring-jail: denied: uecho[123] io_uring socket(AF_INET, SOCK_STREAM, 0): "
		    "EACCES by protocol (x.profile:1) [predicted] (12 times)\n");
	assert_text(lacking_permission(), 1,
		    "uring-jail: permission: cat[124] io_uring openat(\"/etc/shadow\", "
		    "O_RDONLY|O_CLOEXEC): EACCES by the file's own permissions, not by the "
		    "policy\n");
	assert_text(denied_ptrace(), 1,
		    "uring-jail: denied: gdb[125] syscall ptrace(16, 42): EPERM: ptrace(2) is "
		    "denied\n");
}

static void what_is_not_known_is_said(void **state)
{
	struct audit_record record = { .pid = 9, .number = 77, .arguments = { .fd = -1 } };

	(void)state;
	assert_text(record, 1,
		    "uring-jail: denied: \"?\"[9] io_uring operation_77(): killed by the policy\n");
	record.cause = AUDIT_UNKNOWN;
	record.certainty = AUDIT_UNMATCHED;
	record.error = EACCES;
	record.gate = AUDIT_BY_CALL;
	assert_text(record, 1,
		    "uring-jail: unknown: \"?\"[9] syscall call_77(): EACCES, by whom cannot be "
		    "told [unmatched]\n");
}

static void every_argument_is_told(void **state)
{
	struct audit_record record = denied_socket();
	struct audit_arguments *arguments = &record.arguments;
	struct sockaddr_in6 *inet6 = (struct sockaddr_in6 *)&arguments->address;

	(void)state;
	*arguments = (struct audit_arguments){
		.path = "a",
		.second_path = "b",
		.has_flags = true,
		.flags = O_RDWR | O_TMPFILE | UINT64_C(1) << 40,
		.has_mode = true,
		.mode = 0640,
		.has_resolve = true,
		.resolve = 0x18,
		.has_address = true,
		.address_length = sizeof(*inet6),
		.fd = 3,
		.fd_target = "/folder",
		.operation = "user.x",
		.sqe_flags = 4,
		.raw_count = 2,
		.raw = { UINT64_MAX, 0x100000 },
	};
	inet6->sin6_family = AF_INET6;
	inet6->sin6_port = htons(80);
	inet6->sin6_addr.s6_addr[15] = 1;
	record.name = "openat2";
	record.certainty = AUDIT_CONFIRMED;
	assert_text(record, 1,
		    "uring-jail: denied: uecho[123] io_uring openat2(fd 3 \"/folder\", \"a\", "
		    "\"b\", [::1]:80, user.x, O_RDWR|O_TMPFILE|0x10000000000, 0640, resolve "
		    "beneath|in-root, -1, 0x100000, io_link): EACCES by protocol "
		    "(x.profile:1)\n");
	*arguments = (struct audit_arguments){ .path = "a", .fd = -1, .fd_target = "/work" };
	assert_text(record, 1,
		    "uring-jail: denied: uecho[123] io_uring openat2(\"a\" in \"/work\"): EACCES "
		    "by protocol (x.profile:1)\n");
	*arguments = (struct audit_arguments){ .fd = 5, .fixed = true, .sqe_flags = 1 };
	record.name = "read";
	assert_text(record, 1,
		    "uring-jail: denied: uecho[123] io_uring read(slot 5): EACCES by protocol "
		    "(x.profile:1)\n");
}

static void unix_addresses_are_told_by_name(void **state)
{
	struct audit_record record = denied_socket();
	struct sockaddr_un *address = (struct sockaddr_un *)&record.arguments.address;

	(void)state;
	record.name = "connect";
	record.arguments = (struct audit_arguments){ .fd = -1, .has_address = true };
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = "/run/x" };
	record.arguments.address_length = sizeof(*address);
	assert_text(record, 1,
		    "uring-jail: denied: uecho[123] io_uring connect(\"/run/x\"): EACCES by "
		    "protocol (x.profile:1)\n");
	memcpy(address->sun_path, "\0a\0b", 4);
	record.arguments.address_length = offsetof(struct sockaddr_un, sun_path) + 4;
	assert_text(record, 1,
		    "uring-jail: denied: uecho[123] io_uring connect(\"@a@b\"): EACCES by "
		    "protocol (x.profile:1)\n");
	memset(address->sun_path, 'x', sizeof(address->sun_path));
	record.arguments.address_length = sizeof(record.arguments.address);
	assert_text(record, 1,
		    "uring-jail: denied: uecho[123] io_uring connect(\""
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "\"): EACCES by protocol (x.profile:1)\n");
}

/* Names that would draw on the terminal, end the line, or forge another one. */
static void hostile_names_stay_names(void **state)
{
	struct audit_record record = lacking_permission();

	(void)state;
	record.program = "x[1] io_uring\n";
	record.arguments.path = "/\033[2J\xff\xc2\x9b\": EACCES by nobody\nuring-jail: denied";
	record.arguments.operation = "user.\r\"";
	assert_text(record, 1,
		    "uring-jail: permission: \"x[1] io_uring\\x0a\"[124] io_uring "
		    "openat(\"/\\x1b[2J\\xff\\xc2\\x9b\\x22: EACCES by nobody\\x0auring-jail: "
		    "denied\", \"user.\\x0d\\x22\", O_RDONLY|O_CLOEXEC): EACCES by the file's own "
		    "permissions, not by the policy\n");
}

static void a_terminal_gets_colours(void **state)
{
	struct audit_record record = denied_socket();
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	record_text(out, &record, 1, (struct audit_style){ .coloured = true });
	fclose(out);
	assert_ptr_equal(strstr(text, "uring-jail: \033[31mdenied:\033[0m uecho"), text);
	free(text);
}

/* ---- JSON ---- */

static void assert_json(struct audit_record record, uint64_t count, const char *expected)
{
	json_t *object = record_json(&record, count);
	char *text = json_dumps(object, JSON_COMPACT);

	assert_string_equal(text, expected);
	free(text);
	json_decref(object);
}

static void a_record_is_an_object_for_programs(void **state)
{
	struct audit_record record = denied_socket();

	(void)state;
	assert_json(
		record, 12,
		"{\"time\":\"2026-01-31T23:59:59.123456789Z\",\"pid\":123,\"program\":\"uecho\","
		"\"gate\":\"io_uring\",\"op\":\"socket\",\"number\":45,\"arguments\":{"
		"\"family\":\"AF_INET\",\"type\":\"SOCK_STREAM\",\"type_flags\":[],"
		"\"protocol\":0,\"sqe_flags\":[]},\"error\":\"EACCES\",\"cause\":\"policy\","
		"\"certainty\":\"confirmed\",\"rule\":\"protocol (x.profile:1)\","
		"\"count\":12}");
	record = lacking_permission();
	record.arguments.path = "/\xff\n\"";
	record.program = NULL;
	assert_json(record, 1,
		    "{\"time\":\"2026-01-31T23:59:59.000000005Z\",\"pid\":124,\"program\":null,"
		    "\"gate\":\"io_uring\",\"op\":\"openat\",\"number\":18,\"arguments\":{"
		    "\"path\":\"/\\\\xff\\n\\\"\",\"flags\":[\"O_RDONLY\",\"O_CLOEXEC\"],"
		    "\"flags_value\":524288,\"sqe_flags\":[]},\"error\":\"EACCES\","
		    "\"cause\":\"permission\",\"certainty\":\"confirmed\",\"rule\":null,"
		    "\"count\":1}");
}

/* ---- the log ---- */

static void repeats_are_one_record_with_a_count(void **state)
{
	struct fixture *f = *state;
	struct audit_record socket = denied_socket();
	struct audit_record ptrace = denied_ptrace();
	char *text;

	start(f, f->file, AUDIT_TEXT);
	audit_log_put(f->log, &socket);
	audit_log_put(f->log, &ptrace);
	for (int i = 0; i < 12; i++) {
		socket.time.tv_sec++;
		socket.pid++;
		audit_log_put(f->log, &socket);
	}
	ptrace.arguments.raw[1] = 43;
	audit_log_put(f->log, &ptrace);
	assert_int_equal(finish(f), 0);
	text = read_log(f);
	assert_has(text, "2026-01-31T23:59:59.123456789Z uring-jail: denied: uecho[123] ");
	assert_has(text, "ptrace(16, 42): EPERM");
	assert_has(text, "ptrace(16, 43): EPERM");
	assert_has(text, "2026-02-01T00:00:11.123456789Z uring-jail: denied: uecho[135] ");
	assert_has(text, " (12 times)\n");
	assert_int_equal(count_of(text, "Z uring-jail: denied: "), 4);
	assert_true(strstr(text, "uecho[123]") < strstr(text, "uecho[135]"));
}

#define VARIANT(member, value)                                                                     \
	do {                                                                                       \
		struct audit_record variant = r;                                                   \
                                                                                                   \
		variant.member = value;                                                            \
		audit_log_put(f->log, &variant);                                                   \
	} while (0)

static void put_variants(struct fixture *f)
{
	struct audit_record r = lacking_permission();

	audit_log_put(f->log, &r);
	VARIANT(program, NULL);
	VARIANT(program, "");
	VARIANT(gate, AUDIT_BY_CALL);
	VARIANT(number, 19);
	VARIANT(error, EPERM);
	VARIANT(cause, AUDIT_POLICY);
	VARIANT(certainty, AUDIT_PREDICTED);
	VARIANT(rule, "x");
	VARIANT(arguments.path, "/etc/shadoW");
	VARIANT(arguments.second_path, "x");
	VARIANT(arguments.flags, O_WRONLY);
	VARIANT(arguments.has_flags, false);
	VARIANT(arguments.has_mode, true);
	VARIANT(arguments.has_resolve, true);
	VARIANT(arguments.has_socket, true);
	VARIANT(arguments.fd, 3);
	VARIANT(arguments.fixed, true);
	VARIANT(arguments.fd_target, "x");
	VARIANT(arguments.operation, "x");
	VARIANT(arguments.sqe_flags, 4);
	VARIANT(arguments.raw_count, 1);
	VARIANT(arguments.has_address, true);
}

/* Every member counts but time and pid: two records that differ in one have repeats of their own.
 */
static void records_that_differ_are_told_apart(void **state)
{
	struct fixture *f = *state;
	const char *text;

	start(f, f->file, AUDIT_JSON);
	for (int i = 0; i < 3; i++)
		put_variants(f);
	assert_int_equal(finish(f), 0);
	text = read_log(f);
	assert_int_equal(count_of(text, "\"count\":2}\n"), 23);
	assert_int_equal(denials_told(text), 3 * 23);
}

static void the_summary_comes_last(void **state)
{
	struct fixture *f = *state;
	struct audit_record socket = denied_socket();
	struct audit_record permission = lacking_permission();
	struct audit_record ptrace = denied_ptrace();
	struct audit_losses losses = {
		.completions = 3, .rings = 1, .why_rings = "gone\n", .waiting = 2
	};
	const char *text;

	start(f, f->file, AUDIT_TEXT);
	for (int i = 0; i < 3; i++)
		audit_log_put(f->log, &socket);
	socket.certainty = AUDIT_PREDICTED;
	audit_log_put(f->log, &socket);
	audit_log_put(f->log, &permission);
	audit_log_put(f->log, &ptrace);
	audit_log_note(f->log, "a note");
	assert_int_equal(audit_log_close(f->log, &losses), 0);
	text = read_log(f);
	assert_has(text, "Z uring-jail: audit: a note\n");
	assert_has(strstr(text, "\nuring-jail: audit: 6"),
		   "\n"
		   "uring-jail: audit: 6 denied: 5 confirmed, 1 predicted, 1 by permissions\n"
		   "uring-jail: audit:   io_uring socket: 4: 3 confirmed, 1 predicted\n"
		   "uring-jail: audit:   io_uring openat: 1: 1 confirmed, 1 by permissions\n"
		   "uring-jail: audit:   syscall ptrace: 1: 1 confirmed\n"
		   "uring-jail: audit: lost: 3 completions that were gone before they were read\n"
		   "uring-jail: audit: lost: 1 rings that could not be looked into (gone\\x0a)\n"
		   "uring-jail: audit: lost: 2 denials whose completions were not waited for, "
		   "since too many were\n"
		   "uring-jail: audit: what would allow it:\n"
		   "uring-jail: audit:   io_uring socket(AF_INET, SOCK_STREAM, 0) and others "
		   "alike, 4 in all:\n"
		   "uring-jail: audit:     protocol unix,inet\n"
		   "uring-jail: audit:   io_uring openat(\"/etc/shadow\", O_RDONLY|O_CLOEXEC): no "
		   "line: the policy allows it: the permissions of the file, or of a folder on the "
		   "way to it, do not\n"
		   "uring-jail: audit:   syscall ptrace(16, 42): no line: ptrace(2) is for no "
		   "jail: it reaches into other processes and takes their descriptors\n");
}

static void an_empty_log_says_so(void **state)
{
	struct fixture *f = *state;

	start(f, f->file, AUDIT_TEXT);
	assert_int_equal(finish(f), 0);
	assert_string_equal(read_log(f), "uring-jail: audit: nothing was denied\n");
}

static json_t *last_object(struct fixture *f)
{
	char *text = read_log(f);
	char *last;
	json_t *object;

	denials_told(text);
	text[strlen(text) - 1] = '\0';
	last = strrchr(text, '\n');
	object = json_loads(last ? last + 1 : text, 0, NULL);
	assert_non_null(object);
	return object;
}

static void the_summary_is_an_object_too(void **state)
{
	struct fixture *f = *state;
	struct audit_record socket = denied_socket();
	json_t *object, *summary, *advice, *operation;

	start(f, f->file, AUDIT_JSON);
	audit_log_put(f->log, &socket);
	audit_log_put(f->log, &socket);
	audit_log_note(f->log, "a note");
	assert_int_equal(finish(f), 0);
	object = last_object(f);
	summary = json_object_get(object, "summary");
	assert_int_equal(json_integer_value(json_object_get(summary, "denials")), 2);
	assert_int_equal(json_integer_value(json_object_get(summary, "confirmed")), 2);
	operation = json_array_get(json_object_get(summary, "operations"), 0);
	assert_string_equal(json_string_value(json_object_get(operation, "op")), "socket");
	assert_int_equal(json_integer_value(json_object_get(operation, "denials")), 2);
	advice = json_array_get(json_object_get(summary, "advice"), 0);
	assert_string_equal(json_string_value(json_array_get(json_object_get(advice, "lines"), 0)),
			    "protocol unix,inet");
	assert_int_equal(json_integer_value(json_object_get(advice, "denials")), 2);
	assert_has(read_log(f), "{\"note\":\"a note\"}\n");
	json_decref(object);
}

/* More than the table holds: each is written, and those beyond it once each. */
static void more_denials_than_can_be_told_apart_are_all_written(void **state)
{
	struct fixture *f = *state;
	json_t *object;

	start(f, f->file, AUDIT_JSON);
	for (unsigned int i = 0; i < 6000; i++) {
		struct audit_record record = numbered(f, i);

		audit_log_put(f->log, &record);
		/* The queue is not what this is about. The last line may be half there. */
		if (i % 1000 == 999)
			while (count_of(read_log(f), "\n") < i)
				sched_yield();
	}
	assert_int_equal(finish(f), 0);
	assert_int_equal(denials_told(read_log(f)), 6000);
	object = last_object(f);
	assert_int_equal(
		json_integer_value(json_object_get(
			json_object_get(json_object_get(object, "summary"), "lost"), "untold")),
		6000 - 4096);
	json_decref(object);
}

/* ---- readers that do not read ---- */

/* A reader of its own pipe, who has not read yet. */
static int pipe_to(struct fixture *f)
{
	assert_int_equal(mkfifo(f->file, 0600), 0);
	return open(f->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static void a_reader_that_does_not_read_stops_nobody(void **state)
{
	struct fixture *f = *state;
	const unsigned int count = 50000; /* more than the queue holds, too */
	int reader = pipe_to(f);
	uint64_t lost, told;

	start(f, f->file, AUDIT_JSON);
	for (unsigned int i = 0; i < count; i++) {
		struct audit_record record = numbered(f, i);

		audit_log_put(f->log, &record);
	}
	lost = finish(f);
	told = denials_told(read_all(f, reader));
	assert_int_not_equal(told, 0);
	assert_int_equal(told + lost, count);
	close(reader);
}

static void a_reader_that_reads_late_gets_all(void **state)
{
	struct fixture *f = *state;
	const unsigned int count = 3000; /* more than a pipe holds, less than the queue */
	int reader = pipe_to(f);
	uint64_t told = 0;
	char *text;
	size_t length = 0;

	start(f, f->file, AUDIT_JSON);
	for (unsigned int i = 0; i < count; i++) {
		struct audit_record record = numbered(f, i);

		audit_log_put(f->log, &record);
	}
	text = calloc(1, 16 * 1024 * 1024);
	fcntl(reader, F_SETFL, 0);
	while (told < count) {
		ssize_t got = read(reader, text + length, 65536);

		assert_true(got > 0);
		length += (size_t)got;
		if (text[length - 1] == '\n')
			told = denials_told(text);
	}
	assert_int_equal(told, count);
	assert_int_equal(finish(f), 0);
	free(text);
	close(reader);
}

static void a_reader_that_goes_away_kills_nobody(void **state)
{
	struct fixture *f = *state;
	struct audit_record record = denied_socket();
	int reader = pipe_to(f);

	start(f, f->file, AUDIT_TEXT);
	close(reader);
	audit_log_put(f->log, &record);
	audit_log_put(f->log, &record);
	record.pid = 1;
	record.error = EPERM;
	audit_log_put(f->log, &record);
	assert_int_equal(finish(f), 3);
}

static void a_full_disk_is_counted(void **state)
{
	struct fixture *f = *state;
	struct audit_record record = denied_socket();

	start(f, "/dev/full", AUDIT_TEXT);
	for (int i = 0; i < 5; i++)
		audit_log_put(f->log, &record);
	assert_int_equal(finish(f), 5);
}

/* A file may grow to @size only. The signal that comes with it is blocked, as in the log. */
static void limit_files(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_line_that_was_cut_is_ended(void **state)
{
	struct fixture *f = *state;
	struct audit_output output;
	sigset_t signals, before;

	sigemptyset(&signals);
	sigaddset(&signals, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &signals, &before);
	assert_int_equal(audit_output_open(&output, f->file, &f->err), 0);
	limit_files(10);
	assert_true(audit_output_write(&output, "one\n", 4));
	assert_false(audit_output_write(&output, "the second\n", 11));
	assert_false(audit_output_write(&output, "three\n", 6));
	limit_files(RLIM_INFINITY);
	assert_true(audit_output_write(&output, "four\n", 5));
	audit_output_close(&output);
	sigtimedwait(&signals, NULL, &(struct timespec){ 0 });
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert_string_equal(read_log(f), "one\nthe se\nfour\n");
}

/* ---- standard error ---- */

/* Runs a log of one record on @fd as standard error. */
static uint64_t log_to_standard_error(struct fixture *f, int fd)
{
	struct audit_record record = denied_socket();
	int saved = dup(STDERR_FILENO);
	int flags;
	uint64_t lost;

	dup2(fd, STDERR_FILENO);
	flags = fcntl(STDERR_FILENO, F_GETFL);
	start(f, NULL, AUDIT_TEXT);
	/* The program has it too. */
	assert_int_equal(fcntl(STDERR_FILENO, F_GETFL), flags);
	audit_log_put(f->log, &record);
	lost = finish(f);
	dup2(saved, STDERR_FILENO);
	close(saved);
	return lost;
}

static void assert_told_on(struct fixture *f, int fd)
{
	const char *text = read_all(f, fd);

	/* Nobody needs to be told when it is. */
	assert_ptr_equal(strstr(text, "uring-jail: denied: uecho[123] "), text);
	assert_has(text, "\nuring-jail: audit: 1 denied: 1 confirmed\n");
}

static void standard_error_may_be_a_pipe(void **state)
{
	struct fixture *f = *state;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(log_to_standard_error(f, ends[1]), 0);
	close(ends[1]);
	assert_told_on(f, ends[0]);
	close(ends[0]);
}

static void standard_error_may_be_a_socket(void **state)
{
	struct fixture *f = *state;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(log_to_standard_error(f, ends[1]), 0);
	close(ends[1]);
	assert_told_on(f, ends[0]);
	/* And its other end may be gone. */
	close(ends[0]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	close(ends[0]);
	assert_int_equal(log_to_standard_error(f, ends[1]), 1);
	close(ends[1]);
}

static void a_full_standard_error_stops_nobody(void **state)
{
	struct fixture *f = *state;
	int ends[2];
	int flags;

	assert_int_equal(pipe(ends), 0);
	flags = fcntl(ends[1], F_GETFL);
	fcntl(ends[1], F_SETFL, flags | O_NONBLOCK);
	while (write(ends[1], f, sizeof(*f)) > 0)
		;
	while (write(ends[1], f, 1) > 0)
		;
	fcntl(ends[1], F_SETFL, flags);
	assert_int_equal(log_to_standard_error(f, ends[1]), 1);
	close(ends[0]);
	close(ends[1]);
}

/* ---- opening ---- */

static void assert_refused(struct fixture *f, const char *file, const char *message,
			   const char *hint)
{
	assert_true(audit_log_open(&f->log, file, AUDIT_TEXT, &f->plan, &f->err) < 0);
	assert_null(f->log);
	assert_has(f->err.message, message);
	assert_has(f->err.hint, hint);
}

static void a_file_that_cannot_be_written_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, "/no/such/folder/log",
		       "cannot write the audit log /no/such/folder/log: No such file",
		       "make its folder first");
	assert_refused(f, f->folder, "Is a directory", "that is a folder");
	assert_int_equal(mkfifo(f->file, 0600), 0);
	assert_refused(f, f->file, "No such device", "nobody reads");
}

/* Where the program could write before, it may have left a link to any file of the user's. */
static void a_symbolic_link_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *victim = arena_printf(&f->arena, "%s/victim", f->folder);

	assert_int_equal(symlink(victim, f->file), 0);
	assert_refused(f, f->file, "symbolic link", "symbolic link");
	assert_int_equal(access(victim, F_OK), -1);
}

static void a_new_file_is_the_users_alone_and_an_old_one_goes_on(void **state)
{
	struct fixture *f = *state;
	struct stat status;
	mode_t mask = umask(0);

	for (int i = 0; i < 2; i++) {
		start(f, f->file, AUDIT_TEXT);
		assert_int_not_equal(audit_log_fd(f->log), -1);
		assert_true(fcntl(audit_log_fd(f->log), F_GETFD) & FD_CLOEXEC);
		finish(f);
	}
	umask(mask);
	assert_int_equal(stat(f->file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(count_of(read_log(f), "nothing was denied\n"), 2);
}

static void a_log_that_was_never_started_says_nothing(void **state)
{
	struct fixture *f = *state;
	struct audit_record record = denied_socket();

	assert_int_equal(audit_log_open(&f->log, f->file, AUDIT_TEXT, &f->plan, &f->err), 0);
	audit_log_put(f->log, &record);
	audit_log_note(f->log, "x");
	finish(f);
	assert_string_equal(read_log(f), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_is_a_line_for_people),
		TEST(what_is_not_known_is_said),
		TEST(every_argument_is_told),
		TEST(unix_addresses_are_told_by_name),
		TEST(hostile_names_stay_names),
		TEST(a_terminal_gets_colours),
		TEST(a_record_is_an_object_for_programs),
		TEST(repeats_are_one_record_with_a_count),
		TEST(records_that_differ_are_told_apart),
		TEST(the_summary_comes_last),
		TEST(an_empty_log_says_so),
		TEST(the_summary_is_an_object_too),
		TEST(more_denials_than_can_be_told_apart_are_all_written),
		TEST(a_reader_that_does_not_read_stops_nobody),
		TEST(a_reader_that_reads_late_gets_all),
		TEST(a_reader_that_goes_away_kills_nobody),
		TEST(a_full_disk_is_counted),
		TEST(a_line_that_was_cut_is_ended),
		TEST(standard_error_may_be_a_pipe),
		TEST(standard_error_may_be_a_socket),
		TEST(a_full_standard_error_stops_nobody),
		TEST(a_file_that_cannot_be_written_is_refused),
		TEST(a_symbolic_link_is_refused),
		TEST(a_new_file_is_the_users_alone_and_an_old_one_goes_on),
		TEST(a_log_that_was_never_started_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
