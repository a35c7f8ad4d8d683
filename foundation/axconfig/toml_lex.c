/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TOML: characters, lines and comments.
 */
#include "toml_internal.h"
#include <axstd/error.h>
#include <axstd/util.h>
#include <stdio.h>
#include <string.h>

int toml_fail(struct toml_parser *p, struct config_pos pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	config_error_vset(p->err, p->file, pos, fmt, ap);
	va_end(ap);
	return -AX_EINVAL;
}

int toml_fail_memory(struct toml_parser *p)
{
	toml_fail(p, p->pos, "the file needs more than the %zu bytes of memory set aside for it", p->arena->size);
	return -AX_ENOMEM;
}

/* Length of the well-formed UTF-8 sequence at @s (Unicode 15, table 3-7), 0 if there is none. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	static const struct {
		unsigned char first, last;            /* of the lead byte */
		unsigned char second_min, second_max; /* of the byte after it; further ones are 80..bf */
		unsigned char length;
	} forms[] = {
		{ 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t n = forms[i].length;

		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (n > left || (n > 1 && (s[1] < forms[i].second_min || s[1] > forms[i].second_max)))
			return 0;
		for (size_t k = 2; k < n; k++)
			if (s[k] < 0x80 || s[k] > 0xbf)
				return 0;
		return n;
	}
	return 0;
}

int toml_check_text(struct toml_parser *p)
{
	struct toml_parser scan = *p;

	while (scan.at < scan.end) {
		const unsigned char *s = (const unsigned char *)scan.at;
		size_t n = utf8_length(s, scan.end - scan.at);

		if (!n)
			return toml_fail(p, scan.pos, "byte 0x%02x: the file is not valid UTF-8", *s);
		if (*s == '\r' && toml_peek(&scan, 1) != '\n')
			return toml_fail(p, scan.pos, "carriage return without a line feed after it");
		if ((*s < ' ' && !strchr("\t\r\n", *s)) || !*s || *s == 0x7f)
			return toml_fail(p, scan.pos, "control character 0x%02x (in a string write \\u%04X)", *s, *s);
		toml_advance(&scan, n);
	}
	return 0;
}

char toml_peek(const struct toml_parser *p, size_t offset)
{
	return offset < (size_t)(p->end - p->at) ? p->at[offset] : 0;
}

bool toml_looking_at(const struct toml_parser *p, const char *literal)
{
	size_t n = strlen(literal);

	return n <= (size_t)(p->end - p->at) && memcmp(p->at, literal, n) == 0;
}

void toml_advance(struct toml_parser *p, size_t bytes)
{
	for (; bytes && p->at < p->end; bytes--, p->at++) {
		if (*p->at == '\n') {
			p->pos.line++;
			p->pos.column = 1;
		} else if ((*p->at & 0xc0) != 0x80) { /* not a continuation byte */
			p->pos.column++;
		}
	}
}

const char *toml_next_name(const struct toml_parser *p, char buf[static 8])
{
	size_t n;

	if (p->at == p->end)
		return "the end of the file";
	if (*p->at == '\n' || *p->at == '\r')
		return "the end of the line";
	n = utf8_length((const unsigned char *)p->at, p->end - p->at);
	snprintf(buf, 8, "'%.*s'", (int)n, p->at);
	return buf;
}

void toml_skip_space(struct toml_parser *p)
{
	while (toml_peek(p, 0) == ' ' || toml_peek(p, 0) == '\t')
		toml_advance(p, 1);
}

static void skip_comment(struct toml_parser *p)
{
	if (toml_peek(p, 0) == '#')
		while (p->at < p->end && *p->at != '\n')
			toml_advance(p, 1);
}

void toml_skip_lines(struct toml_parser *p)
{
	const char *before;

	do {
		before = p->at;
		toml_skip_space(p);
		skip_comment(p);
		if (toml_peek(p, 0) == '\r')
			toml_advance(p, 1); /* a line feed follows: toml_check_text has seen to it */
		if (toml_peek(p, 0) == '\n')
			toml_advance(p, 1);
	} while (p->at != before);
}

int toml_end_line(struct toml_parser *p)
{
	char buf[8];

	toml_skip_space(p);
	skip_comment(p);
	if (toml_peek(p, 0) == '\r')
		toml_advance(p, 1);
	if (p->at < p->end && *p->at != '\n')
		return toml_fail(p, p->pos, "expected the end of the line, found %s", toml_next_name(p, buf));
	toml_advance(p, 1);
	return 0;
}

bool toml_is_digit(char c, unsigned base)
{
	if (base <= 10)
		return c >= '0' && c < (char)('0' + base);
	return toml_is_digit(c, 10) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool toml_is_bare_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || toml_is_digit(c, 10) || c == '_' || c == '-';
}
