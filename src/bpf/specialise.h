/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPF_SPECIALISE_H
#define BPF_SPECIALISE_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/bpf.h"
#include "util/alloc.h"

/*
 * What a seccomp program says of one system call, as a program over another input.
 *
 * The words of struct seccomp_data are fixed (the call's number, the architecture), found in the
 * other input (an argument that an io_uring filter sees), or unknown. The seccomp program is run
 * over these symbolically: what is fixed folds away, tests of what is seen remain, and where the
 * decision hangs on an unknown word the answer is to deny. So the result never allows what the
 * program denies, and is exact where no unknown word is looked at.
 */

#define BPF_SECCOMP_WORDS (sizeof(struct seccomp_data) / sizeof(uint32_t))

enum bpf_word_kind {
	BPF_WORD_UNKNOWN,
	BPF_WORD_FIXED,
	BPF_WORD_INPUT,
};

struct bpf_word {
	enum bpf_word_kind kind;
	uint32_t value;	 /* FIXED: the word itself; INPUT: its offset in the other input */
	uint32_t ignore; /* INPUT: bits that the word does not have, whatever the input says */
};

struct bpf_view {
	struct bpf_word words[BPF_SECCOMP_WORDS];
};

enum bpf_answer {
	BPF_DENIED,
	BPF_ALLOWED,
	BPF_DEPENDS, /* on the input: see the program */
};

#define BPF_NO_WORD UINT32_MAX

struct bpf_special {
	enum bpf_answer answer;
	struct bpf_program program; /* BPF_DEPENDS: returns 1 to allow, 0 to deny */
	uint32_t blame;	  /* the offset in seccomp_data of an unknown word that made it deny more */
	bool too_complex; /* given up: denied, because the work would have had no bound */
	size_t steps;	  /* the work that it took: instructions looked at, all views together */
	size_t nodes;	  /* and what it built: tests and the values in them */
};

/*
 * Bounds of the work. libseccomp's programs take as many steps as they have instructions on one
 * path; a hostile one, which branches on computed values again and again, is given up here. The
 * nodes follow from the steps: each makes three at the most, a decision and two values.
 */
#define BPF_SPECIALISE_STEPS 200000
#define BPF_SPECIALISE_NODES (3 * BPF_SPECIALISE_STEPS)

/*
 * Specialises a seccomp program, which must be valid, again and again. What is found out about
 * the program once serves for all of its system calls.
 */
struct bpf_specialiser;

struct bpf_specialiser *bpf_specialiser_new(const struct bpf_program *program);
void bpf_specialiser_free(struct bpf_specialiser *specialiser);

/*
 * Allowed is what all of @views' calls are allowed. LOG counts as allowed; ERRNO, KILL, TRAP,
 * TRACE and USER_NOTIF do not. Takes bounded time and memory; the program is @arena's.
 */
struct bpf_special bpf_specialise(struct bpf_specialiser *specialiser, const struct bpf_view *views,
				  size_t count, struct arena *arena);

#endif
