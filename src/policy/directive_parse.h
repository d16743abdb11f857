/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_DIRECTIVE_PARSE_H
#define POLICY_DIRECTIVE_PARSE_H

#include "policy/directive.h"

/* The parsers that directive.c's table points to, one a kind of value. */
#define PARSER(name)                                                                               \
	int name(const struct directive_call *call, const char *value, struct error *err)

PARSER(parse_include);
PARSER(parse_root);
PARSER(parse_path);
PARSER(parse_bind);
PARSER(parse_overlay);
PARSER(parse_make);
PARSER(parse_private);
PARSER(parse_userns);
PARSER(parse_landlock);
PARSER(parse_private_home);
PARSER(parse_private_etc);
PARSER(parse_private_cwd);
PARSER(parse_disable_mnt);
PARSER(parse_net);
PARSER(parse_net_connect);
PARSER(parse_net_listen);
PARSER(parse_net_publish);
PARSER(parse_protocol);
PARSER(parse_seccomp);
PARSER(parse_seccomp_file);
PARSER(parse_caps);
PARSER(parse_env);
PARSER(parse_rmenv);
PARSER(parse_hostname);
PARSER(parse_rlimit);
PARSER(parse_group_size);
PARSER(parse_tasks);
PARSER(parse_quota);
PARSER(parse_timeout);
PARSER(parse_nice);
PARSER(parse_cpu);
PARSER(parse_memory);
PARSER(parse_namespaces);
PARSER(parse_uring);
PARSER(parse_uring_ops);
PARSER(parse_uring_grant);
PARSER(parse_uring_socket);
PARSER(parse_uring_open);
PARSER(parse_uring_connect);
PARSER(parse_uring_register);
PARSER(parse_uring_sqe_flags);
PARSER(parse_uring_require);

#undef PARSER

/*
 * The items of a list, separated by commas or blanks:
 *	for (const char *item; (item = list_next(&arena, &value));)
 * Returns NULL at the end.
 */
const char *list_next(struct arena *arena, const char **list);

/* An unsigned number, decimal or 0x..., in the whole of @text. Returns false if it is none. */
bool parse_number(const char *text, uint64_t highest, uint64_t *number);

/*
 * The first @length bytes of @text: a number, with k, m, g or t behind it for 1024 and its powers,
 * or "unlimited", RLIM_INFINITY. Returns false if they are neither.
 */
bool parse_size(const char *text, size_t length, rlim_t *limit);

/* The capability of that name, with or without "cap_". Returns -1 if there is none. */
int capability_by_name(struct arena *arena, const char *name);
int unknown_capability(const char *item, struct error *err); /* with the nearest name */

struct name;
/* "unknown KIND "WORD"", with the nearest name of the table as a hint. Returns -EINVAL. */
int unknown_name(const char *kind, const char *word, const struct name *table, struct error *err);

/*
 * Whether what the command line says now is its first word on something that a profile spoke of
 * (@before), which it then replaces.
 */
bool overrides(const struct directive_call *call, const struct origin *before);

#endif
