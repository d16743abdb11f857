/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_SECCOMP_ARGUMENT_H
#define POLICY_SECCOMP_ARGUMENT_H

#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where a seccomp program finds an argument's halves. The kernel looks at the lower half alone of
 * an int or unsigned argument, so a filter must too; a pointer has both.
 */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARGUMENT_LOW(n) (uint32_t) offsetof(struct seccomp_data, args[n])
#define ARGUMENT_HIGH(n) ((uint32_t)offsetof(struct seccomp_data, args[n]) + 4)
#else
#define ARGUMENT_LOW(n) ((uint32_t)offsetof(struct seccomp_data, args[n]) + 4)
#define ARGUMENT_HIGH(n) (uint32_t) offsetof(struct seccomp_data, args[n])
#endif

#define SOCKET_TYPE_MASK 0xf /* the rest of socket(2)'s type is SOCK_CLOEXEC and its like */

#endif
