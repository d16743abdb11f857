// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/uring_derive.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <stddef.h>
#include <string.h>

#include "policy/seccomp_policy.h"
#include "policy/syscall_number.h"
#include "uring/abi.h"

/* The most calls that one opcode has in the table: five that read, five that write. */
#define CALLS_PER_OPCODE 8

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_HALF 0
#else
#define LOW_HALF 1
#endif

/* Which word of the filter's input an argument of a call is found in. */
static const struct {
	enum uring_filter_data data;
	const char *syscall;
	unsigned int argument;
	uint32_t offset; /* of a word, or of the low half of a u64 that is an int in the call */
	uint32_t ignore;
} arguments[] = {
	{ DATA_SOCKET, "socket", 0, URING_FILTER_SOCKET_FAMILY, 0 },
	{ DATA_SOCKET, "socket", 1, URING_FILTER_SOCKET_TYPE, 0 },
	{ DATA_SOCKET, "socket", 2, URING_FILTER_SOCKET_PROTOCOL, 0 },
	{ DATA_OPEN, "openat", 2, URING_FILTER_OPEN_FLAGS + 4 * LOW_HALF, URING_O_LARGEFILE },
	{ DATA_OPEN, "openat", 3, URING_FILTER_OPEN_MODE + 4 * LOW_HALF, 0 },
};

static size_t argument_word(unsigned int argument, unsigned int half)
{
	return offsetof(struct seccomp_data, args[argument]) / sizeof(uint32_t) + half;
}

static struct bpf_view view_of(const struct uring_opcode *opcode, const char *syscall, int number)
{
	struct bpf_view view = { 0 };

	view.words[offsetof(struct seccomp_data, nr) / sizeof(uint32_t)] =
		(struct bpf_word){ .kind = BPF_WORD_FIXED, .value = (uint32_t)number };
	view.words[offsetof(struct seccomp_data, arch) / sizeof(uint32_t)] =
		(struct bpf_word){ .kind = BPF_WORD_FIXED, .value = SECCOMP_ARCH };
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		if (arguments[i].data != opcode->data || strcmp(arguments[i].syscall, syscall))
			continue;
		view.words[argument_word(arguments[i].argument, LOW_HALF)] =
			(struct bpf_word){ .kind = BPF_WORD_INPUT,
					   .value = arguments[i].offset,
					   .ignore = arguments[i].ignore };
		/* The arguments are ints: the equivalent call is the one without a high half. */
		view.words[argument_word(arguments[i].argument, !LOW_HALF)] =
			(struct bpf_word){ .kind = BPF_WORD_FIXED, .value = 0 };
	}
	return view;
}

static const char *ordinal(unsigned int argument)
{
	static const char *const words[] = {
		"first", "second", "third", "fourth", "fifth", "sixth"
	};

	return words[argument];
}

static const char *why_denied(const struct bpf_special *special, const char *syscall,
			      struct arena *arena)
{
	const size_t first = offsetof(struct seccomp_data, args);

	if (special->too_complex)
		return arena_printf(arena, "what the policy says of %s(2) is too complex", syscall);
	if (special->blame == BPF_NO_WORD)
		return arena_printf(arena, "%s(2) is denied", syscall);
	if (special->blame < first)
		return arena_printf(arena, "%s(2) depends on where it is called from", syscall);
	return arena_printf(
		arena, "%s(2) depends on its %s argument, which a filter of io_uring cannot see",
		syscall, ordinal((special->blame - (uint32_t)first) / sizeof(uint64_t)));
}

/* Looks at one call by itself: to name it. */
static bool denies(struct bpf_specialiser *specialiser, const struct bpf_view *view, bool named,
		   const char *syscall, struct arena *arena, const char **reason)
{
	struct bpf_special special = bpf_specialise(specialiser, view, 1, arena);

	if (special.answer != BPF_DENIED || (named && special.blame != BPF_NO_WORD))
		return false;
	*reason = why_denied(&special, syscall, arena);
	return true;
}

struct uring_derived uring_derive(struct bpf_specialiser *specialiser,
				  const struct uring_opcode *opcode, bool named,
				  struct arena *arena)
{
	struct uring_derived derived = { .answer = BPF_ALLOWED };
	struct bpf_view views[CALLS_PER_OPCODE];
	struct bpf_special special;
	size_t count = 0;

	for (const char *name = opcode->syscalls; *name; name += strlen(name) + 1) {
		int number = syscall_number(name);

		if (number < 0)
			continue; /* not on this architecture: a policy cannot speak of it */
		views[count] = view_of(opcode, name, number);
		if (denies(specialiser, &views[count++], named, name, arena, &derived.reason)) {
			derived.answer = BPF_DENIED;
			return derived;
		}
	}
	if (!count && *opcode->syscalls) {
		derived.answer = BPF_DENIED;
		derived.reason = "no system call of this architecture does the same";
	}
	if (named || !count || opcode->data == DATA_NONE)
		return derived;
	special = bpf_specialise(specialiser, views, count, arena);
	derived.answer = special.answer;
	derived.program = special.program;
	derived.depends_on = opcode->data == DATA_SOCKET ? "socket" : "openat";
	if (special.too_complex)
		derived.reason =
			"what the policy says of the calls that do the same is too complex";
	else if (special.answer == BPF_DENIED)
		derived.reason = "the calls that do the same are never all allowed";
	return derived;
}
