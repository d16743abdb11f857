// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/json_read.h"

#include <errno.h>
#include <string.h>

#include "policy/directive_parse.h"
#include "util/nearest.h"

/* Go's encoding makes null of what is not there, or empty. */
const json_t *json_member(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_null(value) ? NULL : value;
}

/* A misspelt key would silently take a rule's condition away. */
int json_check_object(const json_t *object, const char *const *keys, struct error *err)
{
	struct nearest nearest = { 0 };
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return error_set(err, EINVAL, "an object was expected");
	json_object_foreach ((json_t *)object, key, value) {
		size_t i = 0;

		while (keys[i] && strcmp(keys[i], key) != 0)
			i++;
		if (keys[i])
			continue;
		nearest.word = key;
		for (i = 0; keys[i]; i++)
			nearest_offer(&nearest, keys[i]);
		error_set(err, EINVAL, "unknown key \"%.64s\"", key);
		if (nearest.name)
			error_hint(err, "did you mean \"%s\"?", nearest.name);
		return -EINVAL;
	}
	return 0;
}

/* NULL where it is not there. */
int json_get_string(const json_t *object, const char *key, const char **text, struct error *err)
{
	const json_t *value = json_member(object, key);

	*text = json_string_value(value);
	if (value && !*text)
		return error_set(err, EINVAL, "\"%s\" is no string", key);
	return 0;
}

int json_get_name(const json_t *object, const char *key, const char *kind, const struct name *table,
		  const struct name **name, struct error *err)
{
	const char *word;

	if (json_get_string(object, key, &word, err) < 0)
		return -EINVAL;
	if (!word)
		return error_set(err, EINVAL, "\"%s\" is missing", key);
	*name = name_find(table, word);
	return *name ? 0 : unknown_name(kind, word, table, err);
}

/* @number stays as it is where it is not there. */
int json_get_number(const json_t *object, const char *key, uint64_t highest, uint64_t *number,
		    struct error *err)
{
	const json_t *value = json_member(object, key);

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > highest)
		return error_set(err, EINVAL, "\"%s\" is no number from 0 to %llu", key,
				 (unsigned long long)highest);
	*number = (uint64_t)json_integer_value(value);
	return 0;
}

/* NULL, which json_array_foreach() passes over, where it is not there. */
int json_get_array(const json_t *object, const char *key, const json_t **array, struct error *err)
{
	*array = json_member(object, key);
	if (*array && !json_is_array(*array))
		return error_set(err, EINVAL, "\"%s\" is no array", key);
	return 0;
}
