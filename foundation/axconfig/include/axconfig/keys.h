/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Configuration keys as data.
 *
 * A schema is a table with one row per key: its path in the TOML document, its type, where its value goes in a C
 * struct, what is allowed, its default and one sentence of help. Reading, checking, "did you mean", the shell's help
 * and the reference in docs/ all follow the table.
 */

#include <axconfig/error.h>
#include <axconfig/toml.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_type {
	CONFIG_BOOL,    /* bool */
	CONFIG_NUMBER,  /* unsigned integer of 4 or 8 bytes (.size) */
	CONFIG_STRING,  /* const char *; "" is as good as leaving the key out: NULL */
	CONFIG_ENUM,    /* uint32_t; in the file the name of a choice */
	CONFIG_NUMBERS, /* const uint64_t * and a count; in the file [1, 2] */
	CONFIG_ROWS,    /* array of structs; in the file [[1, "a"], [2, "b"]], one field after the other */
	CONFIG_GROUPS,  /* array of structs of one field; in the file [["a", "b"], ["c"]] */
	CONFIG_TABLES,  /* array of structs; in the file [[section.key]] or [{ ... }], fields by name */
};

struct config_choice {
	const char *name; /* NULL ends the list */
	uint32_t value;   /* the first name of a value is the one to document, others are accepted */
};

/* A further check of strings, and what it asks for. */
struct config_form {
	bool (*valid)(const char *text);
	const char *text; /* "a MAC address like 52:54:00:12:34:56" */
};

/* Small members: there are many keys, and the tables are in every binary. */
struct config_key {
	const char *path;    /* "kernel.cmdline"; for a field of a struct its name */
	const char *help;    /* a sentence */
	const char *initial; /* the default as in the file, but strings without quotes; NULL: none, the value is 0 */
	uint8_t type;        /* enum config_type */
	bool required;
	uint16_t offset, size; /* of the value in the struct */
	uint16_t given_offset; /* of a bool that tells whether the key is there; 0: there is none */
	uint16_t count_offset; /* of the size_t that counts items; several keys may fill one array */

	uint16_t max_items, item_size, field_count; /* of arrays; 0 items: no limit */
	const struct config_key *fields;            /* of the structs, each of which begins with a struct config_pos */
	const struct config_key *short_field;       /* a row of one item holds this field alone */

	uint32_t align;                      /* numbers are multiples of it; 0: any */
	uint64_t min, max;                   /* of numbers; max 0: no limit */
	const struct config_choice *choices; /* of an enumeration; of a number or string: the allowed values */
	const struct config_form *form;      /* of a string */
};

/* Where a key's value goes: CONFIG_KEY("kernel.cmdline", STRING, struct vm_config, cmdline), .help = ... */
#define CONFIG_KEY(path_, type_, struct_, member_)                                     \
	.path = (path_), .type = CONFIG_##type_, .offset = offsetof(struct_, member_), \
	.size = sizeof(((struct_ *)0)->member_)

struct config_schema {
	const struct config_key *keys;
	size_t count;
};

/* Where values come from and where they live. */
struct config_source {
	const char *file;           /* for messages */
	struct arena *arena;        /* for arrays; strings stay in the arena of the TOML tree */
	struct config_error *error; /* may be NULL */
};

/**
 * config_defaults - give every key that has a default that value
 * @schema: the keys
 * @out:    the struct they describe; its other members are left alone
 */
void config_defaults(const struct config_schema *schema, void *out);

/**
 * config_apply - take values from a TOML document
 * @schema: the keys
 * @root:   the document
 * @source: its name, memory, and where to describe an error
 * @out:    the struct; keys that the document does not have keep their value
 *
 * Return: 0; -AX_EINVAL for an unknown key, a missing required one, a wrong type or a value that is not allowed;
 * -AX_ENOMEM.
 */
int config_apply(const struct config_schema *schema, const struct toml_node *root, const struct config_source *source,
		 void *out);

/**
 * config_set_text - take one value from a word, as in the boot arguments
 * @schema: the keys
 * @path:   which one
 * @text:   its value, strings without quotes; must live as long as @out
 * @source: as above
 * @out:    the struct
 *
 * Return: as config_apply. Arrays cannot be set in this way.
 */
int config_set_text(const struct config_schema *schema, const char *path, const char *text,
		    const struct config_source *source, void *out);

/**
 * config_help - explain keys
 * @schema: the keys
 * @path:   a key, or a section or "" to list what is in it
 * @buf:    where the lines go, each with its '\n'
 * @size:   bytes at @buf; a longer text is cut
 *
 * Return: 0, or -AX_ENOENT, then the text names the nearest key.
 */
int config_help(const struct config_schema *schema, const char *path, char *buf, size_t size);

/* "an integer from 1 to 64": what may be assigned to a key, as messages, help and documentation say it. */
const char *config_describe(const struct config_key *key, char *buf, size_t size);

/* "0x8000_0000", and small numbers decimal, as people write them in these files. */
#define CONFIG_NUMBER_MAX 24
const char *config_number(uint64_t value, char buf[static CONFIG_NUMBER_MAX]);

/* The key at a path, or NULL. */
const struct config_key *config_find(const struct config_schema *schema, const char *path);

/* The key or section that @path may have been meant to be, or NULL; written to @buf. */
const char *config_nearest(const struct config_schema *schema, const char *path, char *buf, size_t size);
