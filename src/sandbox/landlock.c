// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"

/* linux/landlock.h of Linux 6.12; older headers lack the last ones. */
struct ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

struct path_beneath {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

struct net_port {
	uint64_t allowed_access;
	uint64_t port;
};

enum {
	RULE_PATH_BENEATH = 1,
	RULE_NET_PORT = 2,
};

#define CREATE_RULESET_VERSION (1U << 0)

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

const char *landlock_linux(int abi)
{
	static const char *const versions[] = { "5.13", "5.13", "5.19", "6.2", "6.7", "6.10",
						"6.12", "6.15", "7.0",	"7.1", "7.2", "7.3" };
	const int last = (int)(sizeof(versions) / sizeof(versions[0])) - 1;

	return versions[abi < 0 ? 0 : abi > last ? last : abi];
}

int landlock_check(const struct landlock_plan *plan, struct error *err)
{
	int abi = landlock_abi();

	if (plan->mode != LANDLOCK_REQUIRE || abi >= plan->needs_abi)
		return 0;
	if (abi == 0)
		error_set(err, ENOSYS,
			  "landlock require: this kernel has no Landlock, or has it "
			  "switched off");
	else
		error_set(err, ENOSYS,
			  "landlock require: this kernel's Landlock has ABI %d, and the plan needs "
			  "ABI %d (Linux %s)",
			  abi, plan->needs_abi, landlock_linux(plan->needs_abi));
	error_hint(err, "\"landlock auto\" does as much as the kernel can; uring-jail --check "
			"tells what that leaves open");
	return -ENOSYS;
}

static int add_path(int ruleset, int fd, uint64_t rights)
{
	struct path_beneath rule = { .allowed_access = rights, .parent_fd = fd };

	return (int)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
}

/* Where a symlink stands now, there was none when the plan was made. */
static int open_path(const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

static int add_rule(int ruleset, const struct landlock_rule *rule, uint64_t handled,
		    struct error *err)
{
	uint64_t rights = rule->rights & handled;
	_cleanup_close_ int fd = open_path(rule->path);
	struct stat st;

	if (fd < 0 && rule->optional && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, "cannot open %s for a Landlock rule", rule->path);
	if (!S_ISDIR(st.st_mode))
		rights &= FS_OF_FILES;
	if (rights && add_path(ruleset, fd, rights) < 0)
		return error_errno(err, "cannot add a Landlock rule about %s", rule->path);
	return 0;
}

/* What the program may do with the file of an inherited descriptor without opening it anew. */
static uint64_t rights_of_descriptor(int flags, mode_t mode)
{
	static const uint64_t by_access[] = {
		[O_RDONLY] = FS_READ_FILE | FS_EXECUTE,
		[O_WRONLY] = FS_WRITE_FILE | FS_TRUNCATE,
		[O_RDWR] = FS_READ_FILE | FS_EXECUTE | FS_WRITE_FILE | FS_TRUNCATE,
	};
	bool device = S_ISCHR(mode) || S_ISBLK(mode);

	/* Below a folder, and behind what is not open at all, everything is opened anew. */
	if (S_ISDIR(mode))
		return FS_ALL;
	if (flags & O_PATH)
		return FS_OF_FILES;
	return by_access[flags & O_ACCMODE] | (device ? FS_IOCTL_DEV : 0);
}

static int add_descriptor(int ruleset, int fd, uint64_t handled, struct error *err)
{
	int flags = fcntl(fd, F_GETFL);
	uint64_t rights;
	struct stat st;

	if (flags < 0 || (flags & O_ACCMODE) == O_ACCMODE || fstat(fd, &st) < 0)
		return 0; /* nothing that could be opened anew with more */
	rights = rights_of_descriptor(flags, st.st_mode) & handled;
	/* EBADFD: pipes, sockets and their like, which Landlock does not look at. */
	if (rights && add_path(ruleset, fd, rights) < 0 && errno != EBADFD)
		return error_errno(err, "cannot add a Landlock rule about descriptor %d", fd);
	return 0;
}

static int add_files(int ruleset, const struct landlock_plan *plan, uint64_t handled,
		     const int *fds, size_t fd_count, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->rules.count; i++)
		r = add_rule(ruleset, &plan->rules.items[i], handled, err);
	for (int fd = STDIN_FILENO; r == 0 && fd <= STDERR_FILENO; fd++)
		r = add_descriptor(ruleset, fd, handled, err);
	for (size_t i = 0; r == 0 && i < fd_count; i++)
		r = add_descriptor(ruleset, fds[i], handled, err);
	return r;
}

static int add_ports(int ruleset, const struct landlock_plan *plan, uint64_t handled,
		     struct error *err)
{
	for (size_t i = 0; i < plan->ports.count; i++) {
		struct net_port rule = {
			.allowed_access = plan->ports.items[i].rights & handled,
			.port = plan->ports.items[i].port,
		};

		if (rule.allowed_access &&
		    syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) < 0)
			return error_errno(err, "cannot add a Landlock rule about port %u",
					   plan->ports.items[i].port);
	}
	return 0;
}

static int enter(int ruleset, struct error *err)
{
	int r;

	if (syscall(SYS_landlock_restrict_self, ruleset, 0) == 0)
		return 0;
	r = error_errno(err, "cannot enter the Landlock domain");
	if (r == -E2BIG)
		error_hint(err, "16 Landlock domains are around this process already, as of jails "
				"in jails, and the kernel stacks no more; \"landlock off\" does "
				"without");
	return r;
}

int landlock_apply(const struct landlock_plan *plan, const int *fds, size_t fd_count,
		   struct error *err)
{
	int abi = landlock_abi();
	const struct ruleset attributes = {
		.handled_access_fs = landlock_known_fs(plan->fs, abi),
		.handled_access_net = landlock_known_net(plan->net, abi),
		.scoped = landlock_known_scopes(plan->scopes, abi),
	};
	_cleanup_close_ int ruleset = -1;
	int r = 0;

	if (!attributes.handled_access_fs && !attributes.handled_access_net && !attributes.scoped)
		return 0;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	if (ruleset < 0)
		return error_errno(err, "cannot create a Landlock ruleset");
	if (attributes.handled_access_fs)
		r = add_files(ruleset, plan, attributes.handled_access_fs, fds, fd_count, err);
	if (r == 0)
		r = add_ports(ruleset, plan, attributes.handled_access_net, err);
	return r < 0 ? r : enter(ruleset, err);
}
