/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The parts of the TOML parser: toml_lex.c (characters, lines, comments), toml_string.c, toml_scalar.c (numbers, dates)
 * and toml_parse.c (keys, tables, arrays). Functions return 0 or a negative error after describing it in parser->err.
 */

#include <axconfig/toml.h>

struct toml_parser {
	const char *at; /* the next character */
	const char *end;
	struct config_pos pos; /* of the next character */
	unsigned depth;        /* of arrays and inline tables around it */
	struct arena *arena;
	const char *file;
	struct config_error *err;
};

/* Ends with -AX_EINVAL after describing what is wrong at @pos. */
int toml_fail(struct toml_parser *p, struct config_pos pos, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int toml_fail_memory(struct toml_parser *p);

/* Is the document UTF-8 without control characters but tab and line ends? Everything after it can rely on that. */
int toml_check_text(struct toml_parser *p);

/* The character at an offset; 0, which no document contains, beyond the end. */
char toml_peek(const struct toml_parser *p, size_t offset);
bool toml_looking_at(const struct toml_parser *p, const char *literal);
void toml_advance(struct toml_parser *p, size_t bytes);
/* How a message shows the next character: itself in quotes, "the end of the line", ...; @buf is used if need be. */
const char *toml_next_name(const struct toml_parser *p, char buf[static 8]);

void toml_skip_space(struct toml_parser *p); /* within the line */
void toml_skip_lines(struct toml_parser *p); /* and comments, and line ends */
int toml_end_line(struct toml_parser *p);    /* nothing but a comment may follow */

bool toml_is_digit(char c, unsigned base);
bool toml_is_bare_key(char c);

/* A string in any of the four notations, at its first quote. */
int toml_read_string(struct toml_parser *p, bool multiline_allowed, const char **text, size_t *len);

/* A number, boolean, date or time: fills in the type and the value. */
int toml_read_scalar(struct toml_parser *p, struct toml_node *node);
