// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan.h"

#include <errno.h>
#include <string.h>

#include "bpf/combine.h"
#include "policy/address_wall.h"
#include "policy/seccomp_policy.h"
#include "policy/syscall_number.h"
#include "policy/uring_derive.h"
#include "uring/abi.h"
#include "uring/opcode.h"
#include "uring/rules.h"

/*
 * Decides on every opcode. First comes what the profile says of it, then the system-call gate:
 * what the seccomp program denies a call that does the same, the ring may not do either, down to
 * the arguments. uring.grant alone adds to that. What is left may be narrowed by rules of the
 * ring's own.
 */

#define CONNECT_OPCODE 16
#define MSG_RING_OPCODE 40

struct opcode_plan {
	struct plan *plan;
	const struct uring_opcode *opcode;
	struct uring_op_plan *out;
	const struct origin *grant; /* of uring.grant; NULL: not granted */
	struct uring_derived derived;
	/* What the ring may do unless rules of its own narrow it: as derived, or granted. */
	enum bpf_answer answer;
	struct bpf_program program; /* BPF_DEPENDS */
	const char *reason;	    /* BPF_DEPENDS */
};

static const char *origin(const struct opcode_plan *p, const struct origin *at)
{
	return origin_text(&p->plan->arena, at);
}

static const struct uring_policy *uring_policy(const struct opcode_plan *p)
{
	return &p->plan->policy->uring;
}

static const struct uring_choice_at *choice_of(const struct opcode_plan *p)
{
	return &uring_policy(p)->choices[p->opcode->number];
}

static bool deny(const struct opcode_plan *p, const char *reason)
{
	p->out->verdict = VERDICT_DENY;
	p->out->reason = reason;
	return true;
}

/* The call that stands for all that do the same: the one of the opcode's name, else the first. */
static const char *matching_call(const struct uring_opcode *opcode)
{
	const char *first = NULL;

	for (const char *name = opcode->syscalls; *name; name += strlen(name) + 1) {
		if (syscall_number(name) < 0)
			continue;
		if (!strcmp(name, opcode->name))
			return name;
		first = first ? first : name;
	}
	return first;
}

/* For what a rule narrows: the system-call gate may not know of the rule. */
static void mark_unmatched(const struct opcode_plan *p)
{
	if (!p->plan->explain)
		return;
	/* What is denied without being named needs no rule that denies it. */
	if (p->opcode->class == CLASS_OPAQUE)
		return;
	if (p->derived.answer != BPF_DENIED && p->out->verdict != VERDICT_ALLOW)
		p->out->unmatched = matching_call(p->opcode);
}

/* True if the profile, or its silence, denies the opcode as a whole. */
static bool profile_denies(const struct opcode_plan *p)
{
	const struct uring_choice_at *at = choice_of(p);

	if (at->choice == URING_DENIED)
		return deny(p, arena_printf(&p->plan->arena, "uring.deny (%s)",
					    origin(p, &at->origin)));
	if (p->opcode->class == CLASS_OPAQUE && at->choice != URING_NAMED)
		return deny(p, arena_printf(&p->plan->arena,
					    "opaque: allowed only by name (uring.allow %s)",
					    p->opcode->name));
	if (uring_policy(p)->has_allow && at->choice == URING_UNSAID && !p->grant)
		return deny(p, arena_printf(&p->plan->arena, "not in uring.allow (%s)",
					    origin(p, &uring_policy(p)->allow_origin)));
	return false;
}

/* True if a system call that does the same is denied. */
static bool gate_denies(const struct opcode_plan *p)
{
	const struct uring_connect_rules *connects = &uring_policy(p)->grants.connects;

	if (p->answer != BPF_DENIED)
		return false;
	/* The wall's own reason tells more than the first call that it denies. */
	if (connects->count && uring_group_by_name("@send")->has(p->opcode))
		return deny(p,
			    arena_printf(&p->plan->arena,
					 "would send past uring.grant connect (%s): sendmsg(2) is "
					 "denied",
					 origin(p, &connects->items[0].origin)));
	return deny(p, p->derived.reason);
}

static uint8_t data_size(const struct uring_opcode *opcode)
{
	static const uint8_t sizes[] = {
		[DATA_NONE] = 0,
		[DATA_SOCKET] = URING_SOCKET_PDU,
		[DATA_OPEN] = URING_OPEN_PDU,
		[DATA_CONNECT] = URING_CONNECT_PDU,
	};

	return sizes[opcode->data];
}

/* Takes a compiled program; one that always says the same is a plain verdict. */
static void filter(const struct opcode_plan *p, const struct bpf_program *program,
		   const char *reason)
{
	p->out->reason = reason;
	if (program->count == 1) {
		p->out->verdict = program->insns[0].k ? VERDICT_ALLOW : VERDICT_DENY;
		return;
	}
	p->out->verdict = VERDICT_FILTER;
	p->out->filter = *program;
	p->out->pdu_size = data_size(p->opcode);
}

/* What the policy says of the call's arguments, from what says so. */
static const char *derived_reason(const struct opcode_plan *p)
{
	const struct policy *policy = p->plan->policy;

	if (p->opcode->data == DATA_SOCKET && policy->protocol.set)
		return arena_printf(&p->plan->arena, "protocol (%s)",
				    origin(p, &policy->protocol.origin));
	return arena_printf(&p->plan->arena, "as %s(2), by its arguments", p->derived.depends_on);
}

/* Puts what the ring may do so far before @program, which narrows it. */
static int narrow_further(const struct opcode_plan *p, const struct bpf_program *program,
			  const char *reason, struct error *err)
{
	bool denies = program->count == 1 && !program->insns[0].k;
	struct bpf_program both;

	if (denies || p->answer != BPF_DEPENDS) {
		filter(p, program, reason);
		mark_unmatched(p);
		return 0;
	}
	if (bpf_both(&p->program, program, &p->plan->arena, &both, err) < 0)
		return error_wrap(err, "cannot compile %s", reason);
	filter(p, &both, arena_printf(&p->plan->arena, "%s within %s", reason, p->reason));
	mark_unmatched(p);
	return 0;
}

static bool allows_family(const struct uring_policy *policy, int family)
{
	for (size_t i = 0; i < policy->sockets.count; i++) {
		const struct uring_socket_rule *rule = &policy->sockets.items[i];

		if ((rule->family == family || rule->family < 0) && rule->type < 0 &&
		    rule->protocol < 0)
			return true;
	}
	return false;
}

/* True if the rules take nothing that socket(2) may make: `protocol` says it for both gates. */
static bool socket_rules_are_matched(const struct opcode_plan *p)
{
	const struct syscall_gate *gate = &p->plan->gate;

	if (gate->any_family)
		return false;
	for (int family = 0; family < PROTOCOL_FAMILIES; family++)
		if (gate->families >> family & 1 && !allows_family(uring_policy(p), family))
			return false;
	return true;
}

static int narrow_socket(const struct opcode_plan *p, struct error *err)
{
	const struct uring_policy *policy = uring_policy(p);
	struct bpf_program program;
	const char *reason;

	if (!policy->sockets.count)
		return 0;
	reason = arena_printf(&p->plan->arena, "uring.socket (%s)",
			      origin(p, &policy->sockets.items[0].origin));
	if (uring_compile_sockets(policy->sockets.items, policy->sockets.count, &p->plan->arena,
				  &program, err) < 0)
		return error_wrap(err, "cannot compile %s", reason);
	if (narrow_further(p, &program, reason, err) < 0)
		return -err->code;
	if (socket_rules_are_matched(p))
		p->out->unmatched = NULL;
	return 0;
}

static int narrow_open(const struct opcode_plan *p, struct error *err)
{
	const struct uring_open_rule *rule = &uring_policy(p)->open;
	bool openat2 = !strcmp(p->opcode->name, "openat2");
	struct bpf_program program;
	const char *reason;

	if (!rule->set)
		return 0;
	reason = arena_printf(&p->plan->arena, "uring.open (%s)%s", origin(p, &rule->origin),
			      rule->resolve && !openat2 ? ": openat has no resolve flags" : "");
	if (uring_compile_open(rule, openat2, &p->plan->arena, &program, err) < 0)
		return error_wrap(err, "cannot compile %s", reason);
	return narrow_further(p, &program, reason, err);
}

static int narrow_connect(const struct opcode_plan *p, struct error *err)
{
	const struct uring_policy *policy = uring_policy(p);
	struct bpf_program program;
	const char *reason;

	if (!policy->connects.count)
		return 0;
	reason = arena_printf(&p->plan->arena, "uring.connect (%s)",
			      origin(p, &policy->connects.items[0].origin));
	if (uring_compile_connect(policy->connects.items, policy->connects.count, &p->plan->arena,
				  &program, err) < 0)
		return error_wrap(err, "cannot compile %s", reason);
	return narrow_further(p, &program, reason, err);
}

/*
 * Where CONNECT is narrowed by address, what sends to an address goes around it: a datagram's, and
 * that of TCP Fast Open, which connects. No filter sees that address.
 */
static void narrow_send(const struct opcode_plan *p)
{
	const struct uring_policy *policy = uring_policy(p);

	if (!policy->connects.count || !uring_group_by_name("@send")->has(p->opcode) ||
	    choice_of(p)->choice == URING_NAMED)
		return;
	deny(p, arena_printf(&p->plan->arena,
			     "would send past uring.connect (%s): allowed only by name "
			     "(uring.allow %s)",
			     origin(p, &policy->connects.items[0].origin), p->opcode->name));
	mark_unmatched(p);
}

static int narrow(const struct opcode_plan *p, struct error *err)
{
	switch (p->opcode->data) {
	case DATA_SOCKET:
		return narrow_socket(p, err);
	case DATA_OPEN:
		return narrow_open(p, err);
	case DATA_CONNECT:
		return narrow_connect(p, err);
	case DATA_NONE:
		narrow_send(p);
	}
	return 0;
}

static const char *allow_reason(const struct opcode_plan *p)
{
	const struct uring_choice_at *at = choice_of(p);

	if (at->choice == URING_ALLOWED || at->choice == URING_NAMED)
		return arena_printf(&p->plan->arena, "uring.allow (%s)", origin(p, &at->origin));
	return *p->opcode->syscalls ? "as a system call" : "reaches nothing";
}

static const struct origin *grant_of(const struct opcode_plan *p)
{
	const struct uring_grants *grants = &uring_policy(p)->grants;
	const struct uring_open_rules *open =
		!strcmp(p->opcode->name, "openat2") ? &grants->openat2 : &grants->openat;

	switch (p->opcode->data) {
	case DATA_SOCKET:
		return grants->sockets.count ? &grants->sockets.items[0].origin : NULL;
	case DATA_OPEN:
		return open->count ? &open->items[0].origin : NULL;
	case DATA_CONNECT:
		return grants->connects.count ? &grants->connects.items[0].origin : NULL;
	case DATA_NONE:
		break;
	}
	return NULL;
}

/* A grant is no way past what is held because of another. */
static int compile_granted_sockets(const struct opcode_plan *p, struct bpf_program *out,
				   struct error *err)
{
	const struct uring_socket_rules *rules = &uring_policy(p)->grants.sockets;
	struct arena *arena = &p->plan->arena;
	struct bpf_program wall;
	struct bpf_program granted;

	if (!p->plan->gate.addresses_held)
		return uring_compile_sockets(rules->items, rules->count, arena, out, err);
	if (uring_compile_sockets(rules->items, rules->count, arena, &granted, err) < 0 ||
	    address_wall_compile_socket(arena, &wall, err) < 0)
		return -err->code;
	return bpf_both(&granted, &wall, arena, out, err);
}

static int compile_granted_open(const struct opcode_plan *p, struct bpf_program *out,
				struct error *err)
{
	const struct uring_grants *grants = &uring_policy(p)->grants;
	bool openat2 = !strcmp(p->opcode->name, "openat2");
	const struct uring_open_rules *rules = openat2 ? &grants->openat2 : &grants->openat;
	struct arena *arena = &p->plan->arena;

	uring_compile_deny(arena, out);
	for (size_t i = 0; i < rules->count; i++) {
		struct bpf_program before = *out;
		struct bpf_program rule;

		if (uring_compile_open(&rules->items[i], openat2, arena, &rule, err) < 0)
			return -err->code;
		if (!i)
			*out = rule;
		else if (bpf_either(&before, &rule, arena, out, err) < 0)
			return -err->code;
	}
	return 0;
}

static int compile_granted(const struct opcode_plan *p, struct bpf_program *out, struct error *err)
{
	const struct uring_connect_rules *connects = &uring_policy(p)->grants.connects;

	switch (p->opcode->data) {
	case DATA_SOCKET:
		return compile_granted_sockets(p, out, err);
	case DATA_OPEN:
		return compile_granted_open(p, out, err);
	case DATA_CONNECT:
		return uring_compile_connect(connects->items, connects->count, &p->plan->arena, out,
					     err);
	case DATA_NONE:
		break;
	}
	uring_compile_deny(&p->plan->arena, out);
	return 0;
}

static int grants_nothing(const struct opcode_plan *p, struct error *err)
{
	const char *name = p->opcode->name;

	error_set(err, EINVAL, "%s: uring.grant %s grants nothing: %s(2) is allowed already",
		  origin(p, p->grant), name, name);
	error_hint(err, "deny the call, or narrow the ring by %s",
		   p->opcode->data == DATA_SOCKET ? "uring.socket" : "uring.open");
	return -EINVAL;
}

/* Adds what uring.grant says, if anything, to what was derived. */
static int widen(struct opcode_plan *p, struct error *err)
{
	struct arena *arena = &p->plan->arena;
	struct bpf_program granted;
	const char *directive;
	int status;

	if (!p->grant)
		return 0;
	if (p->derived.answer == BPF_ALLOWED)
		return grants_nothing(p, err);
	directive =
		arena_printf(arena, "uring.grant %s (%s)", p->opcode->name, origin(p, p->grant));
	status = compile_granted(p, &granted, err);
	p->program = granted;
	p->answer = BPF_DEPENDS;
	if (p->derived.answer == BPF_DENIED) {
		p->reason = arena_printf(arena, "%s: %s, the ring goes beyond it", directive,
					 p->derived.reason);
	} else {
		p->reason = arena_printf(arena, "%s: the ring goes beyond %s", directive,
					 derived_reason(p));
		if (status == 0)
			status = bpf_either(&p->derived.program, &granted, arena, &p->program, err);
	}
	return status < 0 ? error_wrap(err, "cannot compile %s", directive) : 0;
}

static int plan_opcode(struct opcode_plan *p, struct bpf_specialiser *specialiser,
		       struct error *err)
{
	bool denied = profile_denies(p);

	/* To judge all that a profile's uring.allow leaves out takes 25 us, which no launch needs.
	 */
	if (denied && !p->plan->explain)
		return 0;
	p->derived = uring_derive(specialiser, p->opcode, p->opcode->class == CLASS_OPAQUE,
				  &p->plan->arena);
	if (denied) {
		mark_unmatched(p);
		return 0;
	}
	p->answer = p->derived.answer;
	p->program = p->derived.program;
	p->reason = p->answer == BPF_DEPENDS ? derived_reason(p) : NULL;
	if (widen(p, err) < 0)
		return -err->code;
	if (gate_denies(p))
		return 0;
	p->out->verdict = VERDICT_ALLOW;
	p->out->reason = allow_reason(p);
	if (p->answer == BPF_DEPENDS)
		filter(p, &p->program, p->reason);
	if (narrow(p, err) < 0)
		return -err->code;
	p->out->granted = p->grant && p->out->verdict != VERDICT_DENY;
	return 0;
}

static uint64_t registers(const struct plan *plan)
{
	const struct uring_policy *policy = &plan->policy->uring;
	uint64_t registers = uring_registers_default();

	if (policy->has_registers)
		return policy->registers;
	/* MSG_RING by another door, so it opens together with that one. */
	if (plan->uring.ops[MSG_RING_OPCODE].verdict == VERDICT_ALLOW)
		registers |= UINT64_C(1) << URING_REGISTER_SEND_MSG_RING;
	return registers;
}

static void plan_sqe_flags(struct plan *plan)
{
	const struct uring_policy *policy = &plan->policy->uring;

	plan->uring.sqe_flags = URING_SQE_FLAGS_ALL;
	if (!policy->has_sqe_flags)
		return;
	plan->uring.sqe_flags &= policy->sqe_flags;
	plan->uring.needs_restrictions = plan->uring.sqe_flags != URING_SQE_FLAGS_ALL;
	plan->uring.sqe_flags_reason =
		arena_printf(&plan->arena, "uring.sqe-flags (%s)",
			     origin_text(&plan->arena, &policy->sqe_flags_origin));
}

static int plan_opcodes(struct plan *plan, struct error *err)
{
	struct bpf_specialiser *specialiser = bpf_specialiser_new(&plan->seccomp_no_uring);
	int status = 0;

	for (size_t i = 0; i < URING_OPCODE_COUNT && status == 0; i++) {
		struct opcode_plan p = {
			.plan = plan,
			.opcode = &uring_opcodes[i],
			.out = &plan->uring.ops[i],
		};

		p.grant = grant_of(&p);
		status = plan_opcode(&p, specialiser, err);
	}
	bpf_specialiser_free(specialiser);
	return status;
}

static void plan_connect_data(struct plan *plan)
{
	struct uring_plan *uring = &plan->uring;

	uring->needs_connect_data = uring->ops[CONNECT_OPCODE].verdict == VERDICT_FILTER;
	uring->connect_directive =
		uring->ops[CONNECT_OPCODE].granted ? "uring.grant connect" : "uring.connect";
}

int plan_uring(struct plan *plan, struct error *err)
{
	struct uring_plan *uring = &plan->uring;

	uring->mode = seccomp_uring_mode(plan);
	uring->require = plan->policy->uring.require;
	if (uring->mode != URING_FILTER)
		return 0;
	if (plan_opcodes(plan, err) < 0)
		return -err->code;
	plan_connect_data(plan);
	for (size_t i = URING_OPCODE_COUNT; i < URING_OPCODES; i++)
		uring->ops[i] = (struct uring_op_plan){
			.verdict = VERDICT_DENY,
			.reason = "newer than any operation known here",
		};
	uring->registers = registers(plan);
	plan_sqe_flags(plan);
	uring_compile_deny(&plan->arena, &uring->connect_deny);
	return 0;
}

void plan_uring_without_connect_data(struct plan *plan)
{
	plan->uring.ops[CONNECT_OPCODE] = (struct uring_op_plan){
		.verdict = VERDICT_DENY,
		.reason = arena_printf(&plan->arena,
				       "%s, but this kernel does not show the address (7.2 does)",
				       plan->uring.ops[CONNECT_OPCODE].reason),
		.unmatched = plan->uring.ops[CONNECT_OPCODE].unmatched,
	};
	plan->uring.needs_connect_data = false;
}
