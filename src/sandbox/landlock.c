// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/landlock.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"

/* linux/landlock.h of Linux 6.12; older headers lack @scoped. */
struct ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

#define CREATE_RULESET_VERSION (1U << 0)
#define SCOPE_ABSTRACT_UNIX_SOCKET (UINT64_C(1) << 0)
#define SCOPE_SIGNAL (UINT64_C(1) << 1)

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

int landlock_scope(struct error *err)
{
	const struct ruleset attributes = { .scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL };
	_cleanup_close_ int ruleset = -1;

	if (landlock_abi() < LANDLOCK_SCOPE_ABI)
		return 0;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	if (ruleset < 0)
		return error_errno(err, "cannot create a Landlock ruleset");
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return error_errno(err, "cannot enter the Landlock domain");
	return 0;
}
