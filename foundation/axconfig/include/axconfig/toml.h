/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A strict TOML 1.0 parser: https://toml.io/en/v1.0.0
 *
 * The text becomes a tree of nodes in an arena; nothing is ever freed one by one and nothing outside the arena is
 * touched. Text and depth are limited, so that no file, however hostile, costs more than a bounded amount of stack and
 * time. Values are checked but only as far as integers converted: floats and dates stay text, because the hypervisor
 * has no use for them and no FPU to spare.
 */

#include <axconfig/error.h>
#include <axstd/arena.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOML_MAX_TEXT  (64 * 1024) /* bytes of a document */
#define TOML_MAX_DEPTH 32          /* nested arrays and inline tables; parts of a dotted key */

enum toml_type {
	TOML_STRING,
	TOML_INTEGER,
	TOML_FLOAT,
	TOML_BOOLEAN,
	TOML_DATETIME,       /* with an offset from UTC */
	TOML_DATETIME_LOCAL, /* date and time without one */
	TOML_DATE_LOCAL,
	TOML_TIME_LOCAL,
	TOML_ARRAY,
	TOML_TABLE,
};

struct toml_node {
	enum toml_type type;
	uint32_t definition; /* how a table or array came to be: the parser's own */

	struct config_pos pos;     /* of the value; of the header for [tables] */
	struct config_pos key_pos; /* of the key, line 0 for an array's elements */
	const char *key;           /* ends with a NUL (and may hold one); NULL for an array's elements */
	size_t key_len;

	struct toml_node *next; /* the next one in the same table or array */
	union {
		struct {
			const char *text; /* string: unescaped; float and dates: as written. Ends with a NUL */
			size_t len;
		};
		int64_t integer;
		bool boolean;
		struct {
			struct toml_node *first,
				*last; /* members of a table, elements of an array, in the order of the file */
			size_t count;
		};
	};
};

/**
 * toml_parse - read a TOML document
 * @text:  UTF-8 text, need not end with a NUL; not needed afterwards
 * @len:   its length in bytes, at most TOML_MAX_TEXT
 * @file:  name for messages
 * @arena: where the tree goes
 * @root:  the document's root table
 * @err:   what is wrong, may be NULL
 *
 * Return: 0; -AX_EINVAL with @err filled in; -AX_ENOMEM if the arena is too small (@err says so as well).
 */
int toml_parse(const char *text, size_t len, const char *file, struct arena *arena, struct toml_node **root,
	       struct config_error *err);

/**
 * toml_get - a member of a table
 * @table: a node of any type
 * @key:   the key, one part
 * @len:   its length
 *
 * Return: the member, or NULL if there is none or @table is not a table.
 */
struct toml_node *toml_get(const struct toml_node *table, const char *key, size_t len);

/**
 * toml_find - follow a path through tables
 * @table: where to start
 * @path:  bare keys with dots between them
 *
 * Return: the node, or NULL if there is none.
 */
struct toml_node *toml_find(const struct toml_node *table, const char *path);

/* "a string", "an integer", ...: what a message calls a value of this type. */
const char *toml_type_name(enum toml_type type);
