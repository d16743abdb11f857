/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef POLICY_JSON_READ_H
#define POLICY_JSON_READ_H

#include <jansson.h>
#include <stdint.h>

#include "policy/names.h"
#include "util/error.h"

/*
 * Members of a JSON object, checked. All but json_member() return 0 or -EINVAL, with an error that
 * names the key and not where the object stands. What is null counts as not there: Go's encoding
 * writes that for what is empty.
 */

const json_t *json_member(const json_t *object, const char *key); /* NULL: not there */

/* Refuses what is no object, and keys that are not in @keys, which ends with NULL. */
int json_check_object(const json_t *object, const char *const *keys, struct error *err);

/* @text is NULL, @array is NULL (and so empty) and @number stays where it is not there. */
int json_get_string(const json_t *object, const char *key, const char **text, struct error *err);
int json_get_array(const json_t *object, const char *key, const json_t **array, struct error *err);
int json_get_number(const json_t *object, const char *key, uint64_t highest, uint64_t *number,
		    struct error *err);

/* A word of @table, of which messages say that it is a @kind. It has to be there. */
int json_get_name(const json_t *object, const char *key, const char *kind, const struct name *table,
		  const struct name **name, struct error *err);

#endif
