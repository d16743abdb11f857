/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_SECCOMP_H
#define SANDBOX_SECCOMP_H

#include "bpf/bpf.h"
#include "util/error.h"

/*
 * Puts the calling thread under @program, for good; children and programs that it executes too.
 * no_new_privs must be set. Returns 0, or a negative errno with @err saying why.
 */
int seccomp_install(const struct bpf_program *program, struct error *err);

/*
 * The same for a program that has notifications. Returns the descriptor that they are received
 * from, which closes on exec.
 */
int seccomp_install_watched(const struct bpf_program *program, struct error *err);

/*
 * What the jail's first process lives under: it waits for signals, reaps, forwards signals, wakes
 * its parent and exits. Any other call kills it, and with it the jail.
 */
extern const struct bpf_program init_seccomp;

#endif
