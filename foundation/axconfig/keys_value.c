/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration keys: one value, taken from a TOML node and checked.
 */
#include "keys_internal.h"
#include <axstd/error.h>
#include <stdio.h>
#include <string.h>

int reader_fail(const struct reader *r, struct config_pos pos, const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return config_error_set(r->source->error, r->source->file, pos, "%s%s%s", r->label, *r->label ? ": " : "",
				text);
}

int reader_fail_memory(const struct reader *r, struct config_pos pos)
{
	reader_fail(r, pos, "no memory left for it");
	return -AX_ENOMEM;
}

size_t label_push(struct reader *r, const char *fmt, ...)
{
	size_t len = strlen(r->label);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->label + len, LABEL_MAX - len, fmt, ap);
	va_end(ap);
	return len;
}

void label_pop(struct reader *r, size_t len)
{
	r->label[len] = 0;
}

int reader_fail_type(const struct reader *r, const struct config_key *key, const struct toml_node *node)
{
	char what[272];

	return reader_fail(r, node->pos, "must be %s, not %s", config_describe(key, what, sizeof(what)),
			   toml_type_name(node->type));
}

static int read_bool(struct reader *r, const struct config_key *key, const struct toml_node *node, void *value)
{
	if (node->type != TOML_BOOLEAN)
		return reader_fail_type(r, key, node);
	*(bool *)value = node->boolean;
	return 0;
}

static bool number_allowed(const struct config_key *key, uint64_t n)
{
	const struct config_choice *c = key->choices;

	while (c && c->name && c->value != n)
		c++;
	return n >= key->min && (!key->max || n <= key->max) && (!key->align || n % key->align == 0) && (!c || c->name);
}

static int read_number(struct reader *r, const struct config_key *key, const struct toml_node *node, void *value)
{
	char what[272], number[CONFIG_NUMBER_MAX];

	if (node->type != TOML_INTEGER)
		return reader_fail_type(r, key, node);
	if (node->integer < 0)
		return reader_fail(r, node->pos, "must not be negative");
	if (!number_allowed(key, node->integer) || (key->size == 4 && node->integer > UINT32_MAX))
		return reader_fail(r, node->pos, "%s is not %s", config_number(node->integer, number),
				   config_describe(key, what, sizeof(what)));
	if (key->size == 4)
		*(uint32_t *)value = node->integer;
	else
		*(uint64_t *)value = node->integer;
	return 0;
}

static const struct config_choice *find_choice(const struct config_key *key, const char *name)
{
	for (const struct config_choice *c = key->choices; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static int read_string(struct reader *r, const struct config_key *key, const struct toml_node *node, void *value)
{
	char what[272];

	if (node->type != TOML_STRING)
		return reader_fail_type(r, key, node);
	if (strlen(node->text) != node->len)
		return reader_fail(r, node->pos, "must not contain the character \\u0000");
	if (!node->len && key->required)
		return reader_fail(r, node->pos, "must not be empty");
	if (!node->len) { /* as good as absent */
		*(const char **)value = NULL;
		return 0;
	}
	if ((key->choices && !find_choice(key, node->text)) || (key->form && !key->form->valid(node->text)))
		return reader_fail(r, node->pos, "\"%.48s\" is not %s", node->text,
				   config_describe(key, what, sizeof(what)));
	*(const char **)value = node->text;
	return 0;
}

static int read_enum(struct reader *r, const struct config_key *key, const struct toml_node *node, void *value)
{
	const char *name = NULL;
	int err = read_string(r, key, node, &name);

	if (!err && name)
		*(uint32_t *)value = find_choice(key, name)->value;
	return err;
}

int reader_check_count(const struct reader *r, const struct config_key *key, const struct toml_node *array,
		       size_t count)
{
	if (key->max_items && count > key->max_items)
		return reader_fail(r, array->pos, "has %zu items, more than the %u allowed", count, key->max_items);
	return 0;
}

static int read_numbers(struct reader *r, const struct config_key *key, const struct toml_node *node, void *value)
{
	struct config_key item = *key;
	uint64_t *numbers;
	size_t i = 0;
	int err;

	if (node->type != TOML_ARRAY)
		return reader_fail_type(r, key, node);
	err = reader_check_count(r, key, node, node->count);
	if (err)
		return err;
	numbers = arena_alloc(r->source->arena, node->count, sizeof(*numbers));
	if (!numbers)
		return reader_fail_memory(r, node->pos);
	item.type = CONFIG_NUMBER;
	item.size = sizeof(*numbers);
	for (const struct toml_node *n = node->first; n && !err; n = n->next, i++) {
		size_t mark = label_push(r, "[%zu]", i);

		err = read_number(r, &item, n, &numbers[i]);
		label_pop(r, mark);
	}
	*(const uint64_t **)value = numbers;
	return err;
}

int reader_read_simple(struct reader *r, const struct config_key *key, const struct toml_node *node, void *value)
{
	static int (*const read[])(struct reader *, const struct config_key *, const struct toml_node *, void *) = {
		[CONFIG_BOOL] = read_bool, [CONFIG_NUMBER] = read_number,   [CONFIG_STRING] = read_string,
		[CONFIG_ENUM] = read_enum, [CONFIG_NUMBERS] = read_numbers,
	};

	return read[key->type](r, key, node, value);
}
