// SPDX-License-Identifier: LGPL-2.1-or-later
/* seccomp.oci: a JSON is refused with a message, or the kernel would take what is made of it. */
#include "bpf/checker.h"
#include "fuzz/fuzz.h"
#include "policy/seccomp_oci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct seccomp_oci_host host = { .caps = 0x5, .kernel_major = 7, .kernel_minor = 2 };
	struct bpf_program program = { 0 };
	struct arena arena = { 0 };
	struct error err = { 0 };
	int status = seccomp_oci_compile((const char *)data, size, &host, &arena, &program, &err);

	expect(status <= 0 && !status == !err.message[0], "status %d, message \"%s\"", status,
	       err.message);
	expect(status < 0 || bpf_check(&program, BPF_SECCOMP, &err) == 0, "%s", err.message);
	arena_free(&arena);
	return 0;
}
