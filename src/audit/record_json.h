/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AUDIT_RECORD_JSON_H
#define AUDIT_RECORD_JSON_H

#include <jansson.h>

#include "audit/record.h"

/*
 * A record of @count equal denials. What an operation does not have is left out of "arguments";
 * all other members are always there, null where they are not known.
 */
json_t *record_json(const struct audit_record *record, uint64_t count);

#endif
