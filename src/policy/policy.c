// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/policy.h"

#include <string.h>

void policy_free(struct policy *policy)
{
	arena_free(&policy->arena);
}

bool policy_env_counts(const struct policy *policy, size_t index)
{
	for (size_t i = index + 1; i < policy->env.count; i++)
		if (!strcmp(policy->env.items[i].name, policy->env.items[index].name))
			return false;
	return true;
}

const char *origin_text(struct arena *arena, const struct origin *origin)
{
	if (!origin->file)
		return "default";
	if (!origin->line)
		return origin->file;
	return arena_printf(arena, "%s:%u", origin->file, origin->line);
}

const char *const seccomp_directives[] = {
	[SECCOMP_DEFAULT] = "seccomp",	    [SECCOMP_DROP] = "seccomp.drop",
	[SECCOMP_KEEP] = "seccomp.keep",    [SECCOMP_BPF_FILE] = "seccomp.bpf",
	[SECCOMP_OCI_FILE] = "seccomp.oci",
};
