// SPDX-License-Identifier: LGPL-2.1-or-later
#include "audit/learn_policy.h"

#include <asm/unistd.h>
#include <stddef.h>

#include "audit/learn_table.h"
#include "policy/syscall_group.h"
#include "uring/opcode.h"

/*
 * Left out: @basic-io, @file-system, @info, @io-event, @memory, @process, @signal, @thread, @timer
 * and ioctl, which are in every program somewhere, if only on its way to an error message.
 */
const struct learn_group learn_groups[] = {
	{ "@aio", "@io-uring" }, { "@chown", NULL },  { "@ipc", NULL },	      { "@memlock", NULL },
	{ "@network-io", NULL }, { "@pkey", NULL },   { "@resources", NULL }, { "@sandbox", NULL },
	{ "@setuid", NULL },	 { "@splice", NULL }, { "@sync", NULL },      { NULL, NULL },
};

struct change {
	struct syscall_set *set;
	bool member;
};

static void change_one(void *context, const char *name)
{
	const struct change *change = context;
	int number = syscall_number(name);

	if (number >= 0)
		syscall_set_put(change->set, (unsigned int)number, change->member);
}

void learn_put_group(struct syscall_set *set, const char *group, bool member)
{
	struct change change = { .set = set, .member = member };

	syscall_group_visit(syscall_group_find(group), change_one, &change);
}

void learn_group_calls(const struct learn_group *group, struct syscall_set *calls)
{
	struct syscall_set usual = { 0 };

	*calls = (struct syscall_set){ 0 };
	learn_put_group(&usual, "@default", true);
	learn_put_group(calls, group->name, true);
	if (group->except)
		learn_put_group(calls, group->except, false);
	for (size_t i = 0; i < SYSCALL_NUMBERS / 64; i++)
		calls->words[i] &= usual.words[i];
}

/* Of these no use is noted: they are in the default list and stay there. */
static void take_out_kept(struct syscall_set *watched)
{
	struct syscall_set kept = { 0 };

	learn_put_group(&kept, "@default", true);
	for (const struct learn_group *group = learn_groups; group->name; group++) {
		struct syscall_set calls;

		learn_group_calls(group, &calls);
		for (size_t i = 0; i < SYSCALL_NUMBERS / 64; i++)
			kept.words[i] &= ~calls.words[i];
	}
	for (size_t i = 0; i < SYSCALL_NUMBERS / 64; i++)
		watched->words[i] &= ~kept.words[i];
}

void learn_watched(struct syscall_set *watched)
{
	*watched = (struct syscall_set){ 0 };
	learn_put_group(watched, "@known", true);
	/* Denied, and so told of in any case. */
	learn_put_group(watched, "@always-denied", false);
	take_out_kept(watched);
	for (const struct learn_path_call *call = learn_path_calls; call->name; call++)
		change_one(&(struct change){ .set = watched, .member = true }, call->name);
	/* The C library asks for it first, and is told to use clone. */
	syscall_set_put(watched, __NR_clone3, false);
	syscall_set_put(watched, __NR_io_uring_enter, false);
	syscall_set_put(watched, __NR_io_uring_setup, true);
	syscall_set_put(watched, __NR_io_uring_register, true);
}

static bool protects(const struct path_rule *rule)
{
	return rule->action == PATH_BLACKLIST || rule->action == PATH_NOBLACKLIST ||
	       rule->action == PATH_READ_ONLY || rule->action == PATH_NOEXEC;
}

void learn_policy(struct policy *policy, const char *file, const char *cwd)
{
	size_t kept = 0;

	for (size_t i = 0; i < policy->paths.count; i++)
		if (protects(&policy->paths.items[i]))
			policy->paths.items[kept++] = policy->paths.items[i];
	policy->paths.count = kept;
	policy->root = ROOT_HOST;
	policy->private_tmp = false;
	policy->private_dev = false;
	policy->private_home = false;
	policy->home_folder = NULL;
	policy->private_etc = false;
	policy->disable_mnt = false;
	policy->memory_deny_write_execute = false;
	policy->restrict_namespaces = 0;
	policy->net = NET_HOST;
	policy->protocol = (struct protocol_policy){ 0 };
	policy->seccomp = (struct seccomp_policy){ .mode = SECCOMP_DROP };
	policy->uring = (struct uring_policy){ .require = policy->uring.require };
	for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
		if (uring_opcodes[i].class == CLASS_OPAQUE)
			policy->uring.choices[i].choice = URING_NAMED;
	*array_push(&policy->arena, &policy->files) =
		*file == '/' ? file : arena_printf(&policy->arena, "%s/%s", cwd, file);
}
