/* fuzz: axconfig/toml.c axconfig/toml_lex.c axconfig/toml_string.c axconfig/toml_scalar.c axconfig/toml_parse.c axconfig/error.c axstd/arena.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a TOML document: an error with a place in the text, or a tree that is sound.
 */
#include <axconfig/toml.h>
#include <stdlib.h>
#include <string.h>

#define check(condition)          \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_node(const struct toml_node *node, uint32_t lines)
{
	const struct toml_node *last = NULL;
	size_t count = 0;

	check(node->pos.line >= 1 && node->pos.line <= lines && node->pos.column >= 1);
	switch (node->type) {
	case TOML_TABLE:
	case TOML_ARRAY:
		for (const struct toml_node *n = node->first; n; n = n->next) {
			if (node->type == TOML_TABLE)
				check(n->key[n->key_len] == 0 && toml_get(node, n->key, n->key_len) == n);
			check_node(n, lines);
			last = n;
			count++;
		}
		check(last == node->last && count == node->count);
		break;
	case TOML_INTEGER:
	case TOML_BOOLEAN: break;
	default: check(node->text[node->len] == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char memory[128 * 1024];
	struct config_error err = { 0 };
	struct toml_node *root = NULL;
	struct arena arena;
	uint32_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	/*
	 * A first byte that no text begins with chooses how much memory there is: running out of it is met
	 * everywhere.
	 */
	arena_init(&arena, memory, sizeof(memory));
	if (size && *data < '\t') {
		arena_init(&arena, memory, *data * 512);
		data++, size--;
	}
	if (toml_parse((const char *)data, size, "fuzz", &arena, &root, &err) == 0) {
		check_node(root, lines);
	} else {
		check(err.pos.line <= lines);
		check(memchr(err.text, 0, sizeof(err.text)) && strncmp(err.text, "fuzz:", 5) == 0);
	}
	return 0;
}
