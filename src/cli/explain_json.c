// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/explain.h"

#include <jansson.h>
#include <string.h>

#include "cli/explain_words.h"
#include "policy/group_limit.h"
#include "uring/filter_fields.h"
#include "uring/opcode.h"
#include "util/json_text.h"

static json_t *words(char *const *list)
{
	json_t *array = json_array();

	for (; *list; list++)
		json_array_append_new(array, json_text(*list));
	return array;
}

static json_t *set(const struct name *table, uint64_t bits)
{
	json_t *array = json_array();

	for (; table->name; table++)
		if ((bits & table->value) == table->value)
			json_array_append_new(array, json_text(table->name));
	return array;
}

static json_t *capabilities(const struct plan *plan, struct arena *arena)
{
	json_t *array = json_array();

	for (unsigned int bit = 0; bit < 64; bit++)
		if (plan->caps >> bit & 1)
			json_array_append_new(array, json_text(capability_text(arena, bit)));
	return array;
}

/* A number, or null for one that has no limit. */
static json_t *limit(rlim_t value)
{
	return value == RLIM_INFINITY ? json_null() : json_integer((json_int_t)value);
}

static json_t *limits(const struct plan *plan)
{
	json_t *object = json_object();

	for (const struct name *row = rlimit_names; row->name; row++)
		if (plan->policy->rlimits[row->value].set)
			json_object_set_new(
				object, row->name,
				limit(plan->policy->rlimits[row->value].limit.rlim_cur));
	return object;
}

/* A value, or null for a variable that is taken out. */
static json_t *environment(const struct policy *policy)
{
	json_t *object = json_object();

	for (size_t i = 0; i < policy->env.count; i++)
		if (policy_env_counts(policy, i))
			json_object_set_new(object, policy->env.items[i].name,
					    json_text(policy->env.items[i].value));
	return object;
}

static json_t *control_group(const struct policy *policy)
{
	json_t *object = json_object();

	for (size_t i = 0; i < GROUP_LIMITS; i++)
		if (policy->group_limits[i].value)
			json_object_set_new(object, group_limits[i].file,
					    json_string(policy->group_limits[i].value));
	return object;
}

static json_t *descriptors(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->keep_fds.count; i++)
		json_array_append_new(array, json_integer(plan->keep_fds.items[i]));
	return array;
}

/* What nft -f takes: a jail's rules can be tried outside, and compared. */
static json_t *rules(const struct plan *plan, struct arena *arena)
{
	const char *text = netfilter_text(plan, arena);

	return text ? json_text(text) : json_null();
}

static json_t *names(const struct plan *plan, struct arena *arena)
{
	json_t *object = json_object();

	for (size_t i = 0; i < plan->net.hosts.count; i++) {
		const struct resolved_host *host = &plan->net.hosts.items[i];
		json_t *known = json_object_get(object, host->host);

		if (!known) {
			known = json_array();
			json_object_set_new(object, host->host, known);
		}
		json_array_append_new(known, json_string(host_address(host, arena)));
	}
	return object;
}

static json_t *mount(const struct mount_op *op, struct arena *arena)
{
	static const char *const kinds[] = {
		[MOUNT_BIND] = "bind",	   [MOUNT_TMPFS] = "tmpfs",   [MOUNT_PROC] = "proc",
		[MOUNT_DEVPTS] = "devpts", [MOUNT_MQUEUE] = "mqueue", [MOUNT_DIR] = "dir",
		[MOUNT_SYMLINK] = "link",  [MOUNT_MASK] = "mask",     [MOUNT_ATTR] = "attributes",
		[MOUNT_TEXT] = "text",
	};
	static const struct name flags[] = {
		{ "read-only", MOUNT_READ_ONLY }, { "read-write", MOUNT_READ_WRITE },
		{ "noexec", MOUNT_NOEXEC },	  { "devices", MOUNT_DEVICES },
		{ "optional", MOUNT_OPTIONAL },	  { "one-level", MOUNT_ONE_LEVEL },
		{ "overlay", MOUNT_OVERLAY },	  { NULL, 0 },
	};

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "look",
			 mount_look_names[mount_look(op)], "kind", kinds[op->kind], "target",
			 json_text(op->target), "source", json_text(op->source), "changes",
			 json_text(op->changes), "flags", set(flags, op->flags), "origin",
			 json_text(op->origin.file ? origin_text(arena, &op->origin) : NULL));
}

static json_t *mounts(const struct plan *plan, struct arena *arena)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->mounts.ops.count; i++)
		json_array_append_new(array, mount(&plan->mounts.ops.items[i], arena));
	return array;
}

static json_t *landlock_rule(const struct landlock_rule *rule, struct arena *arena)
{
	return json_pack("{s:o, s:o, s:o}", "path", json_text(rule->path), "rights",
			 set(landlock_fs_names, rule->rights), "origin",
			 json_text(rule->origin.file ? origin_text(arena, &rule->origin) : NULL));
}

static json_t *landlock(const struct landlock_plan *plan, struct arena *arena)
{
	json_t *rules = json_array();
	json_t *gaps = json_array();
	json_t *ports = json_array();

	for (size_t i = 0; i < plan->rules.count; i++)
		json_array_append_new(rules, landlock_rule(&plan->rules.items[i], arena));
	for (size_t i = 0; i < plan->gaps.count; i++)
		json_array_append_new(gaps, json_text(plan->gaps.items[i].path));
	for (size_t i = 0; i < plan->ports.count; i++)
		json_array_append_new(
			ports,
			json_pack("{s:i, s:o}", "port", (int)plan->ports.items[i].port, "rights",
				  set(landlock_net_names, plan->ports.items[i].rights)));
	return json_pack("{s:s, s:o, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "mode",
			 landlock_mode_names[plan->mode], "no_files", json_text(plan->no_files),
			 "needs_abi", plan->needs_abi, "files", set(landlock_fs_names, plan->fs),
			 "rules", rules, "held_by_mounts_alone", gaps, "network",
			 set(landlock_net_names, plan->net), "ports", ports,
			 "held_by_nftables_alone", set(landlock_net_names, plan->net_alone),
			 "scopes", set(landlock_scope_names, plan->scopes));
}

static json_t *makes(const struct plan *plan, struct arena *arena)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->makes.count; i++) {
		const struct make_op *op = &plan->makes.items[i];

		json_array_append_new(array, json_pack("{s:s, s:o, s:o}", "kind",
						       op->folder ? "dir" : "file", "path",
						       json_text(op->path), "origin",
						       json_text(origin_text(arena, &op->origin))));
	}
	return array;
}

static json_t *instructions(const struct bpf_program *program)
{
	json_t *array = json_array();

	for (size_t i = 0; i < program->count; i++) {
		const struct sock_filter *insn = &program->insns[i];

		json_array_append_new(array, json_pack("{s:i, s:i, s:i, s:I}", "code",
						       (int)insn->code, "jt", (int)insn->jt, "jf",
						       (int)insn->jf, "k", (json_int_t)insn->k));
	}
	return array;
}

static json_t *assembly(const struct bpf_program *program, const struct bpf_field *fields)
{
	json_t *array = json_array();
	char line[BPF_DISASM_SIZE];

	for (size_t i = 0; i < program->count; i++) {
		const char *field = bpf_disasm_field(&program->insns[i], fields);

		bpf_disasm(&program->insns[i], i, line);
		json_array_append_new(array, field ? json_sprintf("%s ; %s", line, field)
						   : json_string(line));
	}
	return array;
}

static json_t *calls(const struct plan *plan, struct arena *arena)
{
	struct call_table table = { 0 };
	json_t *allowed = json_array();
	json_t *arguments = json_array();

	call_table_fill(&table, plan, arena);
	for (unsigned int number = 0; number < SYSCALL_NUMBERS; number++) {
		const char *condition = call_condition(&table, number, plan, arena);

		if (call_is_allowed(&table, number))
			json_array_append_new(allowed, json_string(table.names[number]));
		if (condition)
			json_array_append_new(arguments,
					      json_pack("{s:s, s:s}", "call", table.names[number],
							"condition", condition));
	}
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "mode",
			 seccomp_mode_names[plan->policy->seccomp.mode], "allowed", allowed,
			 "arguments", arguments, "program", instructions(&plan->seccomp), "asm",
			 assembly(&plan->seccomp, bpf_seccomp_fields));
}

static json_t *operation(const struct uring_opcode *opcode, const struct uring_op_plan *op)
{
	json_t *unmatched =
		op->unmatched ? json_sprintf("%s(2) still allows it", op->unmatched) : json_null();

	return json_pack("{s:s, s:i, s:s, s:o, s:b, s:o, s:o, s:o}", "op", opcode->name, "opcode",
			 (int)opcode->number, "verdict", verdict_names[op->verdict], "reason",
			 json_text(op->reason), "granted", op->granted, "unmatched", unmatched,
			 "program", instructions(&op->filter), "asm",
			 assembly(&op->filter, uring_filter_fields(opcode->data)));
}

static json_t *registers(const struct uring_plan *uring)
{
	json_t *array = json_array();

	for (unsigned int i = 0; uring_register_name(i); i++)
		if (uring->registers >> i & 1)
			json_array_append_new(array, json_string(uring_register_name(i)));
	return array;
}

static json_t *sqe_flags(const struct uring_plan *uring)
{
	json_t *array = json_array();

	for (unsigned int bit = 0; uring_sqe_flag_name(bit); bit++)
		if (uring->sqe_flags >> bit & 1)
			json_array_append_new(array, json_string(uring_sqe_flag_name(bit)));
	return array;
}

/* Without filters there is nothing to say of single operations. */
static json_t *ring(const struct plan *plan, struct arena *arena)
{
	json_t *ops = json_array();

	if (plan->uring.mode == URING_FILTER)
		for (size_t i = 0; i < URING_OPCODE_COUNT; i++)
			json_array_append_new(ops,
					      operation(&uring_opcodes[i], &plan->uring.ops[i]));
	return json_pack("{s:s, s:o, s:b, s:b, s:o, s:o, s:o}", "mode",
			 uring_mode_names[plan->uring.mode], "reason",
			 json_text(uring_mode_reason(plan, arena)), "require", plan->uring.require,
			 "needs_connect_data", plan->uring.needs_connect_data, "registers",
			 registers(&plan->uring), "sqe_flags", sqe_flags(&plan->uring), "ops", ops);
}

void explain_json(FILE *out, const struct plan *plan)
{
	const struct policy *policy = plan->policy;
	struct arena arena = { 0 };
	json_t *root = json_pack(
		"{s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o}", "profile",
		json_text(policy->name), "program", words(plan->argv), "folder",
		json_text(plan->cwd), "namespaces", set(namespace_names, plan->namespaces), "uid",
		(json_int_t)plan->uid, "gid", (json_int_t)plan->gid, "hostname",
		json_text(policy->hostname), "capabilities", capabilities(plan, &arena), "limits",
		limits(plan), "descriptors", descriptors(plan));

	json_object_set_new(root, "control_group", control_group(policy));
	json_object_set_new(root, "memory_deny_write_execute",
			    json_boolean(policy->memory_deny_write_execute));
	json_object_set_new(root, "restrict_namespaces",
			    set(namespace_type_names, policy->restrict_namespaces));
	json_object_set_new(root, "timeout",
			    policy->timeout ? json_integer(policy->timeout) : json_null());
	json_object_set_new(root, "nice",
			    policy->nice_set ? json_integer(policy->nice) : json_null());
	json_object_set_new(root, "cpus",
			    json_text(policy->cpus_set ? cpus_text(&arena, &policy->cpus) : NULL));
	json_object_set_new(root, "environment", environment(policy));
	json_object_set_new(root, "network", json_text(net_mode_names[policy->net]));
	json_object_set_new(root, "nftables", rules(plan, &arena));
	json_object_set_new(root, "names", names(plan, &arena));
	json_object_set_new(root, "root", json_text(root_mode_names[policy->root]));
	json_object_set_new(root, "makes", makes(plan, &arena));
	json_object_set_new(root, "mounts", mounts(plan, &arena));
	json_object_set_new(root, "landlock", landlock(&plan->landlock, &arena));
	json_object_set_new(root, "syscalls", calls(plan, &arena));
	json_object_set_new(root, "uring", ring(plan, &arena));
	json_dumpf(root, out, JSON_INDENT(1));
	fputc('\n', out);
	json_decref(root);
	arena_free(&arena);
}
