// SPDX-License-Identifier: LGPL-2.1-or-later
/* seccomp.oci: a JSON is refused with a message, or the kernel would take what is made of it. */
#include <errno.h>
#include <seccomp.h>

#include "bpf/checker.h"
#include "fuzz/fuzz.h"
#include "policy/seccomp_oci.h"
#include "policy/syscall_number.h"

/* The calls that have had a rule with several conditions. */
static struct syscall_set seen;

int __real_seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int call,
				  unsigned int count, const struct scmp_arg_cmp *conditions);
int __wrap_seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int call,
				  unsigned int count, const struct scmp_arg_cmp *conditions);

/* libseccomp 2.5.4 does not come back from some sets of rules for one call with several each. */
int __wrap_seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int call,
				  unsigned int count, const struct scmp_arg_cmp *conditions)
{
	if (count > 1 && syscall_set_has(&seen, (unsigned int)call))
		return -EOPNOTSUPP;
	if (count > 1 && call >= 0 && call < SYSCALL_NUMBERS)
		syscall_set_put(&seen, (unsigned int)call, true);
	return __real_seccomp_rule_add_array(filter, action, call, count, conditions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct seccomp_oci_host host = { .caps = 0x5, .kernel_major = 7, .kernel_minor = 2 };
	struct bpf_program program = { 0 };
	struct arena arena = { 0 };
	struct error err = { 0 };
	int status;

	memset(&seen, 0, sizeof(seen));
	status = seccomp_oci_compile((const char *)data, size, &host, &arena, &program, &err);
	expect(status <= 0 && !status == !err.message[0], "status %d, message \"%s\"", status,
	       err.message);
	expect(status < 0 || bpf_check(&program, BPF_SECCOMP, &err) == 0, "%s", err.message);
	arena_free(&arena);
	return 0;
}
