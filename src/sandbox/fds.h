/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_FDS_H
#define SANDBOX_FDS_H

#include <stddef.h>

#include "util/error.h"

/*
 * What a program inherits is what it may use past every wall: so 0, 1, 2 and the kept descriptors
 * are looked at before a launch. A ring is refused (it was made before the filters, and they would
 * not hold in it), and so is a folder at 0, 1 or 2 (openat() would start from it, outside the
 * jail). A kept one that is not open is an error.
 */
int fds_check(const int *keep, size_t count, struct error *err);

/* Closes all descriptors from 3 on but those of @keep, which is sorted on the way. */
int fds_close_others(int *keep, size_t count, struct error *err);

/* Opens /dev/null where 0, 1 or 2 is closed, so that nothing of ours ends up there. */
int fds_fill_standard(struct error *err);

#endif
