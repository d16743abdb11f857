// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * policies: writes a compiled filter, as an administrator's own program would make it with
 * libseccomp, to standard output.
 *
 *   policies NAME >FILE
 *
 * NAME
 *   arguments   allows all but what comparisons of socket's and openat's arguments deny, with all
 *               the ways of denying
 *   allow-list  denies what is not listed; socket and openat are, by their arguments
 *   unseen      denies by arguments that a filter of io_uring does not see
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LAST_CALL 500
#define TYPE_MASK 0xf
#define NETLINK_AUDIT 9

struct rule {
	uint32_t action;
	int call;
	unsigned int count;
	struct scmp_arg_cmp arguments[2];
};

#define DENY(code) SCMP_ACT_ERRNO(code)

static const struct rule by_arguments[] = {
	{ DENY(EAFNOSUPPORT), SYS_socket, 1, { SCMP_CMP(0, SCMP_CMP_EQ, AF_INET6) } },
	{ DENY(E2BIG),
	  SYS_socket,
	  2,
	  { SCMP_CMP(0, SCMP_CMP_EQ, AF_NETLINK), SCMP_CMP(2, SCMP_CMP_EQ, NETLINK_AUDIT) } },
	{ DENY(EPERM),
	  SYS_socket,
	  2,
	  { SCMP_CMP(0, SCMP_CMP_EQ, AF_UNIX),
	    SCMP_CMP(1, SCMP_CMP_MASKED_EQ, TYPE_MASK, SOCK_DGRAM) } },
	{ DENY(EPERM), SYS_socket, 1, { SCMP_CMP(0, SCMP_CMP_GT, AF_ALG) } },
	{ DENY(EROFS), SYS_openat, 1, { SCMP_CMP(2, SCMP_CMP_MASKED_EQ, O_ACCMODE, O_WRONLY) } },
	{ DENY(EROFS), SYS_openat, 1, { SCMP_CMP(2, SCMP_CMP_MASKED_EQ, O_TRUNC, O_TRUNC) } },
	{ SCMP_ACT_KILL_PROCESS, SYS_tee, 0, {} },
	{ SCMP_ACT_TRAP, SYS_splice, 0, {} },
	{ SCMP_ACT_TRACE(1), SYS_symlinkat, 0, {} },
	{ SCMP_ACT_LOG, SYS_statx, 0, {} },
	{ 0 },
};

static const struct rule allow_list[] = {
	{ SCMP_ACT_ALLOW, SYS_socket, 1, { SCMP_CMP(0, SCMP_CMP_LT, AF_INET) } },
	/* Its flags are in the type too: this allows none. */
	{ SCMP_ACT_ALLOW,
	  SYS_socket,
	  2,
	  { SCMP_CMP(0, SCMP_CMP_EQ, AF_INET), SCMP_CMP(1, SCMP_CMP_EQ, SOCK_STREAM) } },
	{ SCMP_ACT_ALLOW,
	  SYS_socket,
	  2,
	  { SCMP_CMP(0, SCMP_CMP_EQ, AF_NETLINK), SCMP_CMP(2, SCMP_CMP_LE, 4) } },
	{ SCMP_ACT_ALLOW,
	  SYS_openat,
	  1,
	  { SCMP_CMP(2, SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY) } },
	{ SCMP_ACT_ALLOW,
	  SYS_openat,
	  2,
	  { SCMP_CMP(2, SCMP_CMP_MASKED_EQ, O_CREAT, O_CREAT), SCMP_CMP(3, SCMP_CMP_LE, 0600) } },
	{ 0 },
};

static const struct rule by_unseen[] = {
	{ DENY(EPERM), SYS_read, 1, { SCMP_CMP(2, SCMP_CMP_EQ, 16) } },
	{ DENY(EPERM), SYS_pwrite64, 1, { SCMP_CMP(2, SCMP_CMP_EQ, 16) } },
	{ DENY(EPERM), SYS_close, 1, { SCMP_CMP(0, SCMP_CMP_EQ, 100) } },
	{ DENY(EPERM), SYS_sendto, 1, { SCMP_CMP(5, SCMP_CMP_NE, 0) } },
	{ DENY(EPERM), SYS_fallocate, 1, { SCMP_CMP(1, SCMP_CMP_EQ, 0) } },
	{ DENY(EPERM), SYS_fadvise64, 1, { SCMP_CMP(3, SCMP_CMP_EQ, 4) } },
	{ DENY(EPERM),
	  SYS_futex,
	  1,
	  { SCMP_CMP(1, SCMP_CMP_MASKED_EQ, FUTEX_CMD_MASK, FUTEX_LOCK_PI2) } },
	{ DENY(EPERM), SYS_openat, 1, { SCMP_CMP(0, SCMP_CMP_MASKED_EQ, 0xffffffff, 100) } },
	{ 0 },
};

static bool is_listed(const struct rule *rules, int call)
{
	for (; rules->action; rules++)
		if (rules->call == call)
			return true;
	return false;
}

/* All calls that no rule speaks of. */
static int allow_the_rest(scmp_filter_ctx filter, const struct rule *rules)
{
	int ret = 0;

	for (int call = 0; call < LAST_CALL && ret == 0; call++)
		if (!is_listed(rules, call))
			ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
	return ret;
}

static int add_rules(scmp_filter_ctx filter, const struct rule *rules)
{
	int ret = 0;

	for (; rules->action && ret == 0; rules++)
		ret = seccomp_rule_add_array(filter, rules->action, rules->call, rules->count,
					     rules->arguments);
	return ret;
}

static const struct policy {
	const char *name;
	const struct rule *rules;
	bool lists_what_is_allowed;
} policies[] = {
	{ "arguments", by_arguments, false },
	{ "allow-list", allow_list, true },
	{ "unseen", by_unseen, false },
};

static int write_policy(const struct policy *policy)
{
	scmp_filter_ctx filter = seccomp_init(policy->lists_what_is_allowed ? SCMP_ACT_ERRNO(EPERM)
									    : SCMP_ACT_ALLOW);
	int ret = -ENOMEM;

	if (filter)
		ret = add_rules(filter, policy->rules);
	if (ret == 0 && policy->lists_what_is_allowed)
		ret = allow_the_rest(filter, policy->rules);
	if (ret == 0)
		ret = seccomp_export_bpf(filter, STDOUT_FILENO);
	if (ret < 0)
		fprintf(stderr, "policies: %s: %s\n", policy->name, strerror(-ret));
	seccomp_release(filter);
	return ret < 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(policies) / sizeof(*policies); i++)
		if (!strcmp(argv[1], policies[i].name))
			return write_policy(&policies[i]);
	fprintf(stderr, "usage: policies arguments|allow-list|unseen\n");
	return 2;
}
