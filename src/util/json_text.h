/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef UTIL_JSON_TEXT_H
#define UTIL_JSON_TEXT_H

#include <jansson.h>

/*
 * JSON is UTF-8, paths and arguments are bytes: what is no UTF-8 has \xNN for every byte beyond
 * ASCII. NULL is null.
 */
json_t *json_text(const char *bytes);

#endif
