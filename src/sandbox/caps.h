/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SANDBOX_CAPS_H
#define SANDBOX_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

/*
 * Leaves this process the capabilities of @keep (a bit each) within its user namespace, for the
 * program too (ambient); all others go, from the bounding set as well. Without an @own_namespace
 * that set stays: to change it is a privilege, and with no_new_privs nothing comes of it.
 */
int caps_apply(uint64_t keep, bool own_namespace, struct error *err);

#endif
