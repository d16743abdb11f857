/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_CAPS_H
#define SANDBOX_CAPS_H

#include <stdint.h>

#include "util/error.h"

/*
 * Leaves this process the capabilities of @keep (a bit each) within its user namespace, for the
 * program too (ambient); all others go, from the bounding set as well.
 */
int caps_apply(uint64_t keep, struct error *err);

#endif
