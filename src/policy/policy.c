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
