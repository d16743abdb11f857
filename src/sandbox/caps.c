// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/capability.h>
#include <sys/prctl.h>

static bool has(uint64_t set, int cap)
{
	return set >> cap & 1;
}

/* Needs CAP_SETPCAP, so it comes before the rest. */
static int limit_bounding_set(uint64_t keep, struct error *err)
{
	for (int cap = 0; cap < 64; cap++) {
		if (has(keep, cap))
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL) /* beyond the newest capability of this kernel */
			return 0;
		return error_errno(err, "cannot drop capability %d from the bounding set", cap);
	}
	return 0;
}

static int set_ambient(uint64_t keep, struct error *err)
{
	for (int cap = 0; cap < 64; cap++)
		if (has(keep, cap) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return error_errno(err, "cannot keep capability %d", cap);
	return 0;
}

int caps_apply(uint64_t keep, bool own_namespace, struct error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int status = own_namespace ? limit_bounding_set(keep, err) : 0;

	if (status < 0)
		return status;
	for (int i = 0; i < 2; i++) {
		data[i].effective = (uint32_t)(keep >> (32 * i));
		data[i].permitted = data[i].effective;
		data[i].inheritable = data[i].effective;
	}
	if (capset(&header, data) < 0)
		return error_errno(err, "cannot drop capabilities");
	return set_ambient(keep, err);
}
