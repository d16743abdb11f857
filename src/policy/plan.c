// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "policy/no_userns.h"
#include "policy/seccomp_policy.h"

static bool names_variable(const char *assignment, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(assignment, name, length) && assignment[length] == '=';
}

/* The last word on a variable counts. Returns NULL where no rule speaks of it. */
static const struct env_rule *last_rule(const struct policy *policy, const char *assignment)
{
	for (size_t i = policy->env.count; i-- > 0;)
		if (names_variable(assignment, policy->env.items[i].name))
			return &policy->env.items[i];
	return NULL;
}

static void plan_environment(struct plan *plan, char **envp)
{
	const struct policy *policy = plan->policy;
	size_t count = 0;
	size_t used = 0;

	while (envp[count])
		count++;
	plan->envp = arena_alloc(&plan->arena, (count + policy->env.count + 1) * sizeof(char *));
	for (size_t i = 0; i < count; i++)
		if (!last_rule(policy, envp[i]))
			plan->envp[used++] = envp[i];
	for (size_t i = 0; i < policy->env.count; i++) {
		const struct env_rule *rule = &policy->env.items[i];

		if (rule->value && policy_env_counts(policy, i))
			plan->envp[used++] =
				arena_printf(&plan->arena, "%s=%s", rule->name, rule->value);
	}
	for (size_t i = 0; i < used; i++)
		if (names_variable(plan->envp[i], "PATH"))
			plan->path = plan->envp[i] + strlen("PATH=");
}

static int compare_numbers(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void plan_keep_fds(struct plan *plan, const struct plan_input *input)
{
	int *sorted;

	if (!input->keep_fd_count)
		return;
	sorted =
		arena_memdup(&plan->arena, input->keep_fds, input->keep_fd_count * sizeof(*sorted));
	qsort(sorted, input->keep_fd_count, sizeof(*sorted), compare_numbers);
	for (size_t i = 0; i < input->keep_fd_count; i++)
		if (sorted[i] > 2 && (!i || sorted[i] != sorted[i - 1]))
			*array_push(&plan->arena, &plan->keep_fds) = sorted[i];
}

static void plan_folder(struct plan *plan, const struct plan_input *input)
{
	const struct policy *policy = plan->policy;

	plan->home = input->home;
	plan->cwd = input->cwd;
	if (!policy->private_cwd)
		return;
	plan->cwd = policy->cwd ? policy->cwd : input->home ? input->home : "/";
	plan->cwd_required = policy->cwd;
}

int plan_make(struct plan *plan, const struct policy *policy, const struct plan_input *input,
	      struct error *err)
{
	int status;

	plan->policy = policy;
	plan->explain = input->explain;
	plan->argv = input->argv;
	plan->uid = input->uid;
	plan->gid = input->gid;
	plan_folder(plan, input);
	plan->caps = policy->caps_keep & ~policy->caps_drop;
	plan->namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
			   CLONE_NEWUTS | CLONE_NEWCGROUP;
	if (policy->net != NET_HOST)
		plan->namespaces |= CLONE_NEWNET;
	if (input->no_userns)
		plan->namespaces = 0;
	plan_environment(plan, input->envp);
	plan_keep_fds(plan, input);
	status = input->no_userns ? no_userns_check_policy(plan, err) : 0;
	if (status == 0)
		status = plan_network(plan, input, err);
	if (status == 0)
		status = seccomp_resolve(plan, err);
	if (status == 0 && input->no_userns)
		no_userns_resolve(plan);
	/* The ring's verdicts are derived from the program that is without io_uring's own calls;
	 * what that of the jail says of those calls follows from the verdicts. */
	if (status == 0)
		status = plan_seccomp_without_uring(plan, err);
	if (status == 0)
		status = plan_uring(plan, err);
	if (status == 0)
		status = plan_seccomp(plan, err);
	if (status == 0)
		status = plan_makes(plan, input, err);
	if (status == 0)
		status = plan_mounts(plan, input, err);
	if (status == 0)
		status = plan_landlock(plan, err);
	if (status == 0 && input->no_userns)
		status = no_userns_check_plan(plan, err);
	return status;
}

void plan_free(struct plan *plan)
{
	arena_free(&plan->arena);
}
