/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_IOCTL_NAME_H
#define AUDIT_IOCTL_NAME_H

#include <stdint.h>

/* The name of an ioctl request that any descriptor, terminal or socket has; NULL: not known. */
const char *ioctl_name(uint32_t request);

#endif
