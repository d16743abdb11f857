/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_SECCOMP_OCI_H
#define POLICY_SECCOMP_OCI_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/bpf.h"
#include "util/alloc.h"
#include "util/error.h"

#define SECCOMP_OCI_SIZE_LIMIT (1024 * 1024)

/* What rules may be conditional on. */
struct seccomp_oci_host {
	uint64_t caps; /* kept in the jail, a bit each */
	unsigned int kernel_major;
	unsigned int kernel_minor;
};

/*
 * Compiles the JSON of container engines: Docker's, Podman's, containerd's, CRI-O's, the
 * runtime-spec's linux.seccomp, or a whole config.json with that in it. It means what it means to
 * runc, as far as no two of its rules say different things of a call; if they do, the more severe
 * action is taken, where runc may lose it (seccomp_rules.h says more):
 *
 * - The conditions of a rule must all hold; but if two of them are on the same argument, it
 *   stands for as many rules with one condition each.
 * - A name that this architecture lacks is passed over, and so are listed architectures that this
 *   kernel cannot run, and the names of rules for other capabilities, architectures or kernels.
 *
 * Unlike there, what is not known is an error: a name that no architecture has, an action, an
 * operator, an architecture, a capability, a key. So are SCMP_ACT_NOTIFY and SCMP_ACT_TRACE: there
 * is no listener, and any program of the jail could make itself the tracer that decides.
 *
 * Errors say where in the JSON, not in which file.
 */
int seccomp_oci_compile(const char *json, size_t length, const struct seccomp_oci_host *host,
			struct arena *arena, struct bpf_program *program, struct error *err);

#endif
