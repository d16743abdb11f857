// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/syscall_number.h"

#include <seccomp.h>
#include <stddef.h>
#include <string.h>

#include "util/cleanup.h"

/*
 * What libseccomp 2.5 does not know (it ends at Linux 6.6). From 424 on, a number is the same on
 * every architecture. Source: include/uapi/asm-generic/unistd.h of Linux 7.3; the last column says
 * since when it is there.
 */
static const struct {
	const char *name;
	int number;
} newer[] = {
#if defined(__x86_64__)
	/* arch/x86/entry/syscalls/syscall_64.tbl */
	{ "uretprobe", 335 }, /* 6.11 */
	{ "uprobe", 336 },    /* 6.18 */
#endif
	{ "statmount", 457 },	      /* 6.8 */
	{ "listmount", 458 },	      /* 6.8 */
	{ "lsm_get_self_attr", 459 }, /* 6.8 */
	{ "lsm_set_self_attr", 460 }, /* 6.8 */
	{ "lsm_list_modules", 461 },  /* 6.8 */
	{ "mseal", 462 },	      /* 6.10 */
	{ "setxattrat", 463 },	      /* 6.13 */
	{ "getxattrat", 464 },	      /* 6.13 */
	{ "listxattrat", 465 },	      /* 6.13 */
	{ "removexattrat", 466 },     /* 6.13 */
	{ "open_tree_attr", 467 },    /* 6.15 */
	{ "file_getattr", 468 },      /* 6.17 */
	{ "file_setattr", 469 },      /* 6.17 */
	{ "listns", 470 },	      /* 6.19 */
	{ "rseq_slice_yield", 471 },  /* 7.0 */
	{ "fchroot", 472 },	      /* 7.3 */
};

/* Names that libseccomp 2.5 has on no architecture, and that this one does not have. */
static const char *const absent[] = {
#if !defined(__x86_64__)
	"uretprobe",
	"uprobe",
#endif
	NULL,
};

int syscall_number(const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number >= 0)
		return number < SYSCALL_NUMBERS ? number : SYSCALL_ABSENT;
	/* A newer libseccomp may know these too, then as above. */
	for (size_t i = 0; i < sizeof(newer) / sizeof(*newer); i++)
		if (!strcmp(newer[i].name, name))
			return newer[i].number;
	for (size_t i = 0; absent[i]; i++)
		if (!strcmp(absent[i], name))
			return SYSCALL_ABSENT;
	/* libseccomp gives calls of other architectures numbers of its own, from -100 downwards. */
	return number == __NR_SCMP_ERROR ? SYSCALL_UNKNOWN : SYSCALL_ABSENT;
}

const char *syscall_name(unsigned int number, struct arena *arena)
{
	_cleanup_free_ char *name = NULL;

	for (size_t i = 0; i < sizeof(newer) / sizeof(*newer); i++)
		if ((unsigned int)newer[i].number == number)
			return newer[i].name;
	name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);
	return name ? arena_strdup(arena, name) : NULL;
}
