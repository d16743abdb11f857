// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/seccomp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "bpf/interpret.h"
#include "policy/seccomp_policy.h"

uint32_t run_on(const struct bpf_program *program, uint32_t arch, unsigned int number,
		const uint64_t arguments[6])
{
	struct seccomp_data data = { .nr = (int)number, .arch = arch };
	uint32_t result = 0;

	memcpy(data.args, arguments, sizeof(data.args));
	assert_int_equal(bpf_interpret(program, &data, sizeof(data), &result), 0);
	return result;
}

uint32_t ask(const struct bpf_program *program, unsigned int number, uint64_t first,
	     uint64_t second, uint64_t third)
{
	return run_on(program, SECCOMP_ARCH, number, (uint64_t[6]){ first, second, third });
}

void read_export(scmp_filter_ctx filter, struct arena *arena, struct bpf_program *program)
{
	int fd = memfd_create("reference", MFD_CLOEXEC);
	off_t size;

	assert_int_equal(seccomp_export_bpf(filter, fd), 0);
	size = lseek(fd, 0, SEEK_END);
	program->insns = arena_alloc(arena, (size_t)size);
	program->count = (size_t)size / sizeof(*program->insns);
	assert_int_equal(pread(fd, program->insns, (size_t)size, 0), size);
	close(fd);
}
