/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TOML: looking things up in a parsed document.
 */
#include <axconfig/toml.h>
#include <string.h>

struct toml_node *toml_get(const struct toml_node *table, const char *key, size_t len)
{
	if (!table || table->type != TOML_TABLE)
		return NULL;
	for (struct toml_node *node = table->first; node; node = node->next)
		if (node->key_len == len && memcmp(node->key, key, len) == 0)
			return node;
	return NULL;
}

struct toml_node *toml_find(const struct toml_node *table, const char *path)
{
	size_t len = strcspn(path, ".");
	struct toml_node *node = toml_get(table, path, len);

	while (node && path[len]) {
		path += len + 1;
		len = strcspn(path, ".");
		node = toml_get(node, path, len);
	}
	return node;
}

const char *toml_type_name(enum toml_type type)
{
	static const char *const names[] = {
		[TOML_STRING] = "a string",
		[TOML_INTEGER] = "an integer",
		[TOML_FLOAT] = "a float",
		[TOML_BOOLEAN] = "a boolean",
		[TOML_DATETIME] = "a date and time",
		[TOML_DATETIME_LOCAL] = "a date and time",
		[TOML_DATE_LOCAL] = "a date",
		[TOML_TIME_LOCAL] = "a time",
		[TOML_ARRAY] = "an array",
		[TOML_TABLE] = "a table",
	};

	return names[type];
}
