/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration keys: arrays of structs, and whole documents.
 */
#include "keys_internal.h"
#include "toml_internal.h"
#include <axstd/error.h>
#include <string.h>

static int read_value(struct reader *r, const struct config_key *key, const struct toml_node *node, void *out);

/* ---- arrays of structs ---- */

static int read_field(struct reader *r, const struct config_key *field, const struct toml_node *node, char *item)
{
	size_t mark = label_push(r, ".%s", field->path);
	int err = read_value(r, field, node, item);

	label_pop(r, mark);
	return err;
}

static int read_row(struct reader *r, const struct config_key *key, const struct toml_node *row, char *item)
{
	const struct toml_node *n = row->first;
	size_t least = 0;
	int err = 0;

	if (row->type != TOML_ARRAY)
		return reader_fail(r, row->pos, "must be an array, not %s", toml_type_name(row->type));
	if (row->count == 1 && key->short_field)
		return read_field(r, key->short_field, n, item);
	for (size_t i = 0; i < key->field_count; i++)
		least += key->fields[i].required;
	if (row->count < least || row->count > key->field_count) {
		char what[272];

		return reader_fail(r, row->pos, "has %zu items: the value must be %s", row->count,
				   config_describe(key, what, sizeof(what)));
	}
	for (size_t i = 0; n && !err; n = n->next, i++)
		err = read_field(r, &key->fields[i], n, item);
	return err;
}

static int unknown_key(struct reader *r, const struct config_schema *schema, const char *path,
		       const struct toml_node *node)
{
	char nearest[64];
	bool found = config_nearest(schema, path, nearest, sizeof(nearest));

	return reader_fail(r, node->key_pos, found ? "unknown key '%.64s'; did you mean '%s'?" : "unknown key '%.64s'",
			   path, nearest);
}

/* A key with a NUL or a dot in it, in quotes, must not look like one of ours. */
static bool plain_key(const struct toml_node *node)
{
	return strlen(node->key) == node->key_len && !strchr(node->key, '.');
}

static int read_table(struct reader *r, const struct config_key *key, const struct toml_node *table, char *item)
{
	const struct config_schema fields = { key->fields, key->field_count };

	if (table->type != TOML_TABLE)
		return reader_fail(r, table->pos, "must be a table, not %s", toml_type_name(table->type));
	for (const struct toml_node *n = table->first; n; n = n->next) {
		const struct config_key *field = plain_key(n) ? config_find(&fields, n->key) : NULL;
		int err = field ? read_field(r, field, n, item) : unknown_key(r, &fields, n->key, n);

		if (err)
			return err;
	}
	for (size_t i = 0; i < fields.count; i++)
		if (fields.keys[i].required && !toml_get(table, fields.keys[i].path, strlen(fields.keys[i].path)))
			return reader_fail(r, table->pos, "'%s' is missing: %s", fields.keys[i].path,
					   fields.keys[i].help);
	return 0;
}

static int read_group(struct reader *r, const struct config_key *key, const struct toml_node *group, char *items)
{
	int err = 0;

	for (const struct toml_node *n = group->first; n && !err; n = n->next, items += key->item_size) {
		*(struct config_pos *)items = n->pos;
		err = read_value(r, key->fields, n, items);
	}
	return err;
}

/* How many structs the elements of an array make. */
static int count_items(struct reader *r, const struct config_key *key, const struct toml_node *array, size_t *count)
{
	*count = array->count;
	if (key->type != CONFIG_GROUPS)
		return 0;
	*count = 0;
	for (const struct toml_node *n = array->first; n; n = n->next) {
		if (n->type != TOML_ARRAY)
			return reader_fail_type(r, key, n);
		*count += n->count;
	}
	return 0;
}

static int read_items(struct reader *r, const struct config_key *key, const struct toml_node *array, char *items)
{
	const struct config_schema fields = { key->fields, key->field_count };
	size_t i = 0;
	int err = 0;

	for (const struct toml_node *n = array->first; n && !err; n = n->next, i++) {
		size_t mark = label_push(r, "[%zu]", i);

		if (key->type == CONFIG_GROUPS) {
			err = read_group(r, key, n, items);
			items += n->count * key->item_size;
		} else {
			*(struct config_pos *)items = n->pos;
			config_defaults(&fields, items);
			err = (key->type == CONFIG_ROWS ? read_row : read_table)(r, key, n, items);
			items += key->item_size;
		}
		label_pop(r, mark);
	}
	return err;
}

/* Rows, groups and tables: the items follow those that another key has put into the same array. */
static int read_structs(struct reader *r, const struct config_key *key, const struct toml_node *array, void *out)
{
	size_t *total = (size_t *)((char *)out + key->count_offset);
	const char **value = (const char **)((char *)out + key->offset);
	size_t count, before = *total;
	char *items;
	int err;

	if (array->type != TOML_ARRAY)
		return reader_fail_type(r, key, array);
	err = count_items(r, key, array, &count);
	if (!err)
		err = reader_check_count(r, key, array, before + count);
	if (err)
		return err;
	items = arena_alloc(r->source->arena, before + count, key->item_size);
	if (!items)
		return reader_fail_memory(r, array->pos);
	if (before)
		memcpy(items, *value, before * key->item_size);
	*value = items;
	*total = before + count;
	return read_items(r, key, array, items + before * key->item_size);
}

static int read_value(struct reader *r, const struct config_key *key, const struct toml_node *node, void *out)
{
	int err;

	if (key->type > CONFIG_NUMBERS)
		return read_structs(r, key, node, out);
	err = reader_read_simple(r, key, node, (char *)out + key->offset);
	if (err)
		return err;
	if (key->given_offset)
		*(bool *)((char *)out + key->given_offset) = true;
	if (key->type == CONFIG_NUMBERS)
		*(size_t *)((char *)out + key->count_offset) = node->count;
	return 0;
}

/* ---- documents ---- */

static bool is_section(const struct config_schema *schema, const char *path)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < schema->count; i++)
		if (strncmp(schema->keys[i].path, path, n) == 0 && schema->keys[i].path[n] == '.')
			return true;
	return false;
}

static int read_section(struct reader *r, const struct config_schema *schema, const struct toml_node *table, void *out);

/* The label is the path of @node. */
static int read_member(struct reader *r, const struct config_schema *schema, const struct toml_node *node, void *out)
{
	const struct config_key *key = plain_key(node) ? config_find(schema, r->label) : NULL;
	char path[LABEL_MAX];

	if (key)
		return read_value(r, key, node, out);
	if (plain_key(node) && is_section(schema, r->label)) {
		if (node->type == TOML_TABLE)
			return read_section(r, schema, node, out);
		return reader_fail(r, node->pos, "must be a table [%s], not %s", r->label, toml_type_name(node->type));
	}
	memcpy(path, r->label, sizeof(path));
	label_pop(r, 0);
	return unknown_key(r, schema, path, node);
}

/* Recursion is as deep as the schema's sections are. */
static int read_section(struct reader *r, const struct config_schema *schema, const struct toml_node *table, void *out)
{
	for (const struct toml_node *n = table->first; n; n = n->next) {
		size_t mark = label_push(r, "%s%s", *r->label ? "." : "", n->key);
		int err = read_member(r, schema, n, out);

		if (err)
			return err;
		label_pop(r, mark);
	}
	return 0;
}

int config_apply(const struct config_schema *schema, const struct toml_node *root, const struct config_source *source,
		 void *out)
{
	struct reader r = { .source = source };
	int err = read_section(&r, schema, root, out);

	if (err)
		return err;
	for (size_t i = 0; i < schema->count; i++) {
		const struct config_key *key = &schema->keys[i];
		const struct toml_node *section = toml_get(root, key->path, strcspn(key->path, "."));

		if (key->required && !toml_find(root, key->path))
			return reader_fail(&r, section ? section->pos : (struct config_pos){ 0 }, "'%s' is missing: %s",
					   key->path, key->help);
	}
	return 0;
}

int config_set_text(const struct config_schema *schema, const char *path, const char *text,
		    const struct config_source *source, void *out)
{
	const struct config_key *key = config_find(schema, path);
	struct toml_node node = { .type = TOML_STRING, .text = text, .len = strlen(text) };
	struct reader r = { .source = source };

	if (!key)
		return unknown_key(&r, schema, path, &node);
	if (key->type == CONFIG_BOOL || key->type == CONFIG_NUMBER) {
		struct arena scratch;
		char memory[64];
		struct toml_parser p = { .at = text, .end = text + node.len, .arena = &scratch };
		struct toml_node scalar = { 0 };

		arena_init(&scratch, memory, sizeof(memory));
		if (toml_read_scalar(&p, &scalar) == 0 && p.at == p.end)
			node = scalar;
	}
	label_push(&r, "%s", path);
	return read_value(&r, key, &node, out);
}

void config_defaults(const struct config_schema *schema, void *out)
{
	const struct config_source source = { .file = "default" };

	for (size_t i = 0; i < schema->count; i++)
		if (schema->keys[i].initial)
			config_set_text(schema, schema->keys[i].path, schema->keys[i].initial, &source, out);
}
