// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/group_limit.h"

const struct group_limit group_limits[GROUP_LIMITS] = {
	[GROUP_MEMORY_MAX] = { "memory-max", "memory", "memory.max" },
	[GROUP_SWAP_MAX] = { "memory-swap-max", "memory", "memory.swap.max" },
	[GROUP_TASKS_MAX] = { "tasks-max", "pids", "pids.max" },
	[GROUP_CPU_QUOTA] = { "cpu-quota", "cpu", "cpu.max" },
};

bool group_limits_asked(const struct policy *policy)
{
	for (size_t i = 0; i < GROUP_LIMITS; i++)
		if (policy->group_limits[i].value)
			return true;
	return false;
}
