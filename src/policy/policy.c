// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/policy.h"

void policy_free(struct policy *policy)
{
	arena_free(&policy->arena);
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
