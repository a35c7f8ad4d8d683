/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TOML: keys, tables and arrays.
 */
#include "toml_internal.h"
#include <axstd/error.h>
#include <string.h>

/* How a table or an array came to be decides what may be added to it later. */
enum {
	BY_HEADER_PREFIX = 1, /* the a of [a.b]: may get its own [a] once */
	BY_HEADER,            /* [a] */
	BY_DOTTED_KEY,        /* the a of a.b = 1 */
	BY_VALUE,             /* { } or [ ]: complete */
	BY_ARRAY_HEADER,      /* the array of [[a]] */
};

struct key {
	const char *text;
	size_t len;
	struct config_pos pos;
};

static int parse_value(struct toml_parser *p, struct toml_node *node);

static struct toml_node *new_node(struct toml_parser *p, enum toml_type type, uint32_t definition)
{
	struct toml_node *node = arena_alloc(p->arena, 1, sizeof(*node));

	if (!node)
		return NULL;
	node->type = type;
	node->definition = definition;
	node->pos = p->pos;
	return node;
}

static void append(struct toml_node *parent, struct toml_node *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

static struct toml_node *add_table(struct toml_parser *p, struct toml_node *parent, const struct key *key,
				   uint32_t definition)
{
	struct toml_node *node = new_node(p, TOML_TABLE, definition);

	if (!node)
		return NULL;
	node->pos = key->pos;
	node->key_pos = key->pos;
	node->key = key->text;
	node->key_len = key->len;
	append(parent, node);
	return node;
}

/* One part of a key: bare, "basic" or 'literal'. */
static int parse_simple_key(struct toml_parser *p, struct key *key)
{
	size_t n = 0;
	char buf[8];

	key->pos = p->pos;
	if (toml_peek(p, 0) == '"' || toml_peek(p, 0) == '\'')
		return toml_read_string(p, false, &key->text, &key->len);
	while (toml_is_bare_key(toml_peek(p, n)))
		n++;
	if (!n)
		return toml_fail(p, p->pos, "expected a key, found %s", toml_next_name(p, buf));
	key->text = arena_strndup(p->arena, p->at, n);
	key->len = n;
	toml_advance(p, n);
	return key->text ? 0 : toml_fail_memory(p);
}

static int already_there(struct toml_parser *p, const struct key *key, const struct toml_node *node)
{
	return toml_fail(p, key->pos, "'%.60s' is already defined in line %u", key->text, (unsigned)node->key_pos.line);
}

/* From a table to the next one that a header names: existing tables are passed through, new ones made. */
static int enter_header_part(struct toml_parser *p, struct toml_node **table, const struct key *key)
{
	struct toml_node *next = toml_get(*table, key->text, key->len);

	if (!next) {
		next = add_table(p, *table, key, BY_HEADER_PREFIX);
		if (!next)
			return toml_fail_memory(p);
	} else if (next->definition == BY_ARRAY_HEADER) {
		next = next->last;
	} else if (next->type != TOML_TABLE || next->definition == BY_VALUE) {
		return already_there(p, key, next);
	}
	*table = next;
	return 0;
}

/* The last part of [a.b]. */
static int define_table(struct toml_parser *p, struct toml_node **table, const struct key *key)
{
	struct toml_node *node = toml_get(*table, key->text, key->len);

	if (!node)
		node = add_table(p, *table, key, BY_HEADER);
	else if (node->definition != BY_HEADER_PREFIX)
		return already_there(p, key, node);
	if (!node)
		return toml_fail_memory(p);
	node->definition = BY_HEADER;
	node->pos = node->key_pos = key->pos;
	*table = node;
	return 0;
}

/* The last part of [[a.b]]: one more element. */
static int define_element(struct toml_parser *p, struct toml_node **table, const struct key *key)
{
	struct toml_node *array = toml_get(*table, key->text, key->len), *node;

	if (!array) {
		array = add_table(p, *table, key, BY_ARRAY_HEADER);
		if (!array)
			return toml_fail_memory(p);
		array->type = TOML_ARRAY;
	} else if (array->definition != BY_ARRAY_HEADER) {
		return already_there(p, key, array);
	}
	node = new_node(p, TOML_TABLE, BY_HEADER);
	if (!node)
		return toml_fail_memory(p);
	node->pos = key->pos;
	append(array, node);
	*table = node;
	return 0;
}

/* [a.b] or [[a.b]]: finds or makes the table that the lines below it belong to. */
static int parse_header(struct toml_parser *p, struct toml_node *root, struct toml_node **table)
{
	bool element = toml_looking_at(p, "[[");
	const char *close = element ? "]]" : "]";
	char buf[8];
	int err;

	*table = root;
	toml_advance(p, strlen(close));
	for (unsigned parts = 0;; parts++) {
		struct key key;
		bool last;

		if (parts == TOML_MAX_DEPTH)
			return toml_fail(p, p->pos, "a key has at most %d parts", TOML_MAX_DEPTH);
		toml_skip_space(p);
		err = parse_simple_key(p, &key);
		if (err)
			return err;
		toml_skip_space(p);
		last = toml_peek(p, 0) != '.';
		if (!last)
			err = enter_header_part(p, table, &key);
		else if (!toml_looking_at(p, close))
			return toml_fail(p, p->pos, "expected %s, found %s", close, toml_next_name(p, buf));
		else
			err = element ? define_element(p, table, &key) : define_table(p, table, &key);
		if (err)
			return err;
		toml_advance(p, last ? strlen(close) : 1);
		if (last)
			return 0;
	}
}

/* The tables of a dotted key: only such that dotted keys have made (here: no other section can reach them). */
static int enter_dotted_part(struct toml_parser *p, struct toml_node **table, const struct key *key)
{
	struct toml_node *next = toml_get(*table, key->text, key->len);

	if (!next)
		next = add_table(p, *table, key, BY_DOTTED_KEY);
	else if (next->type != TOML_TABLE || next->definition != BY_DOTTED_KEY)
		return already_there(p, key, next);
	if (!next)
		return toml_fail_memory(p);
	*table = next;
	return 0;
}

/* key = value, a.b = value */
static int parse_pair(struct toml_parser *p, struct toml_node *table)
{
	struct toml_node *node;
	struct key key;
	char buf[8];
	int err;

	for (unsigned parts = 0;; parts++) {
		if (parts == TOML_MAX_DEPTH)
			return toml_fail(p, p->pos, "a key has at most %d parts", TOML_MAX_DEPTH);
		err = parse_simple_key(p, &key);
		if (err)
			return err;
		toml_skip_space(p);
		if (toml_peek(p, 0) != '.')
			break;
		toml_advance(p, 1);
		toml_skip_space(p);
		err = enter_dotted_part(p, &table, &key);
		if (err)
			return err;
	}
	if (toml_peek(p, 0) != '=')
		return toml_fail(p, p->pos, "expected = after '%.60s', found %s", key.text, toml_next_name(p, buf));
	node = toml_get(table, key.text, key.len);
	if (node)
		return already_there(p, &key, node);
	toml_advance(p, 1);
	toml_skip_space(p);
	node = add_table(p, table, &key, BY_VALUE);
	return node ? parse_value(p, node) : toml_fail_memory(p);
}

static int parse_array(struct toml_parser *p, struct toml_node *array)
{
	char buf[8];
	int err;

	array->type = TOML_ARRAY;
	toml_advance(p, 1);
	for (;;) {
		struct toml_node *node;

		toml_skip_lines(p);
		if (toml_peek(p, 0) == ']')
			break;
		node = new_node(p, TOML_TABLE, BY_VALUE);
		if (!node)
			return toml_fail_memory(p);
		append(array, node);
		err = parse_value(p, node);
		if (err)
			return err;
		toml_skip_lines(p);
		if (toml_peek(p, 0) == ']')
			break;
		if (toml_peek(p, 0) != ',')
			return toml_fail(p, p->pos, "expected , or ] in the array of line %u, found %s",
					 (unsigned)array->pos.line, toml_next_name(p, buf));
		toml_advance(p, 1);
	}
	toml_advance(p, 1);
	return 0;
}

/* All on one line, and no comma before the }. */
static int parse_inline_table(struct toml_parser *p, struct toml_node *table)
{
	char buf[8];
	int err;

	toml_advance(p, 1);
	toml_skip_space(p);
	if (toml_peek(p, 0) == '}') {
		toml_advance(p, 1);
		return 0;
	}
	for (;;) {
		err = parse_pair(p, table);
		if (err)
			return err;
		toml_skip_space(p);
		if (toml_peek(p, 0) == '}')
			break;
		if (toml_peek(p, 0) != ',')
			return toml_fail(p, p->pos, "expected , or } in the inline table, found %s",
					 toml_next_name(p, buf));
		toml_advance(p, 1);
		toml_skip_space(p);
	}
	toml_advance(p, 1);
	return 0;
}

/* Recursion goes parse_value -> parse_array or parse_inline_table -> parse_value, TOML_MAX_DEPTH times at most. */
static int parse_value(struct toml_parser *p, struct toml_node *node)
{
	char c = toml_peek(p, 0);
	int err;

	node->pos = p->pos;
	if (c == '"' || c == '\'') {
		node->type = TOML_STRING;
		return toml_read_string(p, true, &node->text, &node->len);
	}
	if (c != '[' && c != '{')
		return toml_read_scalar(p, node);
	if (p->depth == TOML_MAX_DEPTH)
		return toml_fail(p, p->pos, "arrays and inline tables are nested more than %d deep", TOML_MAX_DEPTH);
	p->depth++;
	err = c == '[' ? parse_array(p, node) : parse_inline_table(p, node);
	p->depth--;
	return err;
}

static int parse_document(struct toml_parser *p, struct toml_node *root)
{
	struct toml_node *table = root;
	int err;

	for (;;) {
		toml_skip_lines(p);
		if (p->at == p->end)
			return 0;
		err = toml_peek(p, 0) == '[' ? parse_header(p, root, &table) : parse_pair(p, table);
		if (!err)
			err = toml_end_line(p);
		if (err)
			return err;
	}
}

int toml_parse(const char *text, size_t len, const char *file, struct arena *arena, struct toml_node **root,
	       struct config_error *err)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct toml_parser p = {
		.at = text,
		.end = text + len,
		.pos = { 1, 1 },
		.arena = arena,
		.file = file,
		.err = err,
	};
	int rc;

	if (len > TOML_MAX_TEXT)
		return toml_fail(&p, (struct config_pos){ 0 }, "the file has %zu bytes, more than the %d allowed", len,
				 TOML_MAX_TEXT);
	if (toml_looking_at(&p, byte_order_mark))
		p.at += strlen(byte_order_mark);
	rc = toml_check_text(&p);
	if (rc)
		return rc;
	*root = new_node(&p, TOML_TABLE, BY_HEADER);
	return *root ? parse_document(&p, *root) : toml_fail_memory(&p);
}
