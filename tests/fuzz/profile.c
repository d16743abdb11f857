// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Profiles: a text is refused with its place, or the kernel would take the filters that are planned
 * from it.
 */
#include "bpf/checker.h"
#include "fuzz/fuzz.h"
#include "policy/plan.h"
#include "policy/profile.h"
#include "policy/seccomp_policy.h"
#include "uring/opcode.h"

static void check_program(const struct bpf_program *program, enum bpf_dialect dialect)
{
	struct error err;

	expect(!program->count || bpf_check(program, dialect, &err) == 0, "%s", err.message);
}

static int plan_filters(struct plan *plan, struct error *err)
{
	if (seccomp_resolve(plan, err) < 0 || plan_seccomp_without_uring(plan, err) < 0 ||
	    plan_uring(plan, err) < 0)
		return -err->code;
	return plan_seccomp(plan, err);
}

static void plan_policy(const struct policy *policy)
{
	struct plan plan = { .policy = policy, .explain = true };
	struct error err = { 0 };

	if (plan_filters(&plan, &err) < 0) {
		expect(err.message[0], "no plan, and no message");
	} else {
		check_program(&plan.seccomp, BPF_SECCOMP);
		for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
			if (plan.uring.ops[i].verdict == VERDICT_FILTER)
				check_program(&plan.uring.ops[i].filter, BPF_URING);
	}
	plan_free(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct profile_source source = {
		.default_text = "",
		.macros = { .home = "/home/user",
			    .cwd = "/home/user/work",
			    .runuser = "/run/user/1000",
			    .cfg = "/nowhere" },
	};
	struct policy policy = { 0 };
	struct error err = { 0 };
	int status =
		profile_read_text(&policy, &source, "fuzz.profile", (const char *)data, size, &err);

	expect(status <= 0 && !status == !err.message[0], "status %d, message \"%s\"", status,
	       err.message);
	expect(status == 0 || strstr(err.message, "fuzz.profile:"), "no place: \"%s\"",
	       err.message);
	/* Not the policy of a file: only the profile's text is the input. */
	if (status == 0 && policy.seccomp.mode != SECCOMP_BPF_FILE &&
	    policy.seccomp.mode != SECCOMP_OCI_FILE)
		plan_policy(&policy);
	policy_free(&policy);
	return 0;
}
