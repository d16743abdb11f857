// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/no_userns.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "policy/mount_planner.h"
#include "policy/plan.h"

/*
 * What reaches processes, IPC objects and the attributes of files outside, where no namespace and
 * no Landlock right stands between. Calls on descriptors stay: those have been opened by Landlock's
 * leave. inotify tells the names in any folder that can be searched.
 */
static const char *const denied[] = {
	"chmod",
	"fchmodat",
	"fchmodat2",
	"chown",
	"lchown",
	"fchownat",
	"utime",
	"utimes",
	"futimesat",
	"utimensat",
	"setxattr",
	"lsetxattr",
	"setxattrat",
	"removexattr",
	"lremovexattr",
	"removexattrat",
	"file_setattr",
	"inotify_add_watch",
	"fanotify_mark",
	"mq_open",
	"mq_unlink",
	"msgget",
	"msgsnd",
	"msgrcv",
	"msgctl",
	"semget",
	"semop",
	"semtimedop",
	"semctl",
	"shmget",
	"shmat",
	"shmctl",
	"setpriority",
	"ioprio_set",
	"sched_setaffinity",
	"sched_setattr",
	"sched_setparam",
	"sched_setscheduler",
	"migrate_pages",
	"move_pages",
	"process_madvise",
	"process_mrelease",
	"add_key",
	"request_key",
	"keyctl",
	"ptrace",
	"process_vm_readv",
	"process_vm_writev",
	"pidfd_getfd",
	"kcmp",
	"perf_event_open",
	"open_by_handle_at",
	"setns",
	NULL,
};

void no_userns_resolve(struct plan *plan)
{
	struct syscall_gate *gate = &plan->gate;

	for (const char *const *name = denied; *name; name++) {
		int number = syscall_number(*name);

		if (number >= 0)
			syscall_set_put(&gate->allowed, (unsigned int)number, false);
	}
	gate->own_limits = true;
	/* There is no network to be in but the host's. */
	if (plan->policy->net == NET_NONE)
		gate->families &= UINT64_C(1) << AF_UNIX;
}

static int refuse(const struct plan *plan, const char *what, const char *why, struct error *err)
{
	error_set(err, EPERM, "%s cannot be had without namespaces: %s", what, why);
	error_hint(err, "%s; uring-jail --check tells how to get namespaces",
		   plan->uid == 0 ? "run it as an ordinary user" : "take it out");
	return -EPERM;
}

int no_userns_check_policy(struct plan *plan, struct error *err)
{
	const struct policy *policy = plan->policy;

	if (policy->landlock == LANDLOCK_OFF)
		return refuse(plan, "landlock off", "nothing else would hold files", err);
	if (policy->hostname)
		return refuse(plan, "hostname", "it would be the host's own", err);
	if (plan->caps)
		return refuse(plan, "caps.keep", "capabilities would hold outside as well", err);
	if (policy->net == NET_USER)
		return refuse(plan, "net user", "it needs a network of its own", err);
	if (policy->net_connects.count || policy->net_listens.count)
		return refuse(plan, policy->net_connects.count ? "net.connect" : "net.listen",
			      "it is held in a network of its own", err);
	if (seccomp_is_foreign(&policy->seccomp))
		return refuse(plan, seccomp_directives[policy->seccomp.mode],
			      "the launcher's own list is needed to keep from the program what "
			      "reaches outside",
			      err);
	if (policy->uring.mode == URING_UNFILTERED)
		return refuse(plan, "uring unfiltered", "the ring would reach outside", err);
	for (size_t i = 0; i < policy->paths.count; i++) {
		const struct path_rule *rule = &policy->paths.items[i];

		if (rule->action == PATH_TMPFS || rule->action == PATH_BIND ||
		    rule->action == PATH_OVERLAY)
			return refuse(plan,
				      arena_printf(&plan->arena, "%s %s (%s)", path_rule_name(rule),
						   rule->path,
						   origin_text(&plan->arena, &rule->origin)),
				      "it needs a mount", err);
	}
	if (policy->private_home || policy->private_etc || policy->disable_mnt)
		return refuse(plan,
			      policy->private_home  ? "private"
			      : policy->private_etc ? "private-etc"
						    : "disable-mnt",
			      "it needs a mount", err);
	if (policy->private_tmp || policy->private_dev)
		return refuse(plan, policy->private_tmp ? "private-tmp" : "private-dev",
			      "it needs a mount", err);
	return 0;
}

/* One that somebody asked for, if there is one: the others may only hold it in its place. */
static const struct landlock_gap *first_gap(const struct landlock_plan *landlock)
{
	for (size_t i = 0; i < landlock->gaps.count; i++)
		if (landlock->gaps.items[i].origin.file)
			return &landlock->gaps.items[i];
	return landlock->gaps.count ? &landlock->gaps.items[0] : NULL;
}

int no_userns_check_plan(struct plan *plan, struct error *err)
{
	const struct landlock_plan *landlock = &plan->landlock;
	const struct landlock_gap *gap = first_gap(landlock);

	if (landlock->no_files)
		return refuse(plan, "this profile", landlock->no_files, err);
	if (gap)
		return refuse(plan,
			      arena_printf(&plan->arena, "what is said of %s (%s)", gap->path,
					   origin_text(&plan->arena, &gap->origin)),
			      "Landlock cannot take back what it grants further up", err);
	return 0;
}
