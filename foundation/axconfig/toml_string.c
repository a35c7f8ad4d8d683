/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TOML: strings. "basic" ones have escapes, 'literal' ones have none; three quotes make either of them span lines.
 */
#include "toml_internal.h"
#include <axstd/error.h>
#include <axstd/util.h>
#include <string.h>

struct notation {
	char quote;
	bool escapes;
	bool multiline;
};

/* What stands after a backslash, besides u, U and line ends. */
static const struct {
	char name, value;
} escapes[] = {
	{ 'b', '\b' }, { 't', '\t' }, { 'n', '\n' }, { 'f', '\f' }, { 'r', '\r' }, { '"', '"' }, { '\\', '\\' },
};

/* Length of the run of quotes at an offset. */
static size_t count_quotes(const struct toml_parser *p, size_t offset, char quote)
{
	size_t n = 0;

	while (toml_peek(p, offset + n) == quote)
		n++;
	return n;
}

/* How many bytes stand between here and the closing quotes: an upper limit for the string's own length. */
static int find_end(struct toml_parser *p, const struct notation *s, struct config_pos start, size_t *length)
{
	size_t i = 0;

	for (;; i++) {
		char c = toml_peek(p, i);

		if (!c || (c == '\n' && !s->multiline))
			return toml_fail(p, start, "the string has no closing %s%c", s->multiline ? "triple " : "",
					 s->quote);
		if (c == s->quote) {
			size_t quotes = count_quotes(p, i, c);

			if (!s->multiline)
				break;
			if (quotes >= 3) { /* up to two quotes may stand before the last three */
				i += MIN(quotes - 3, (size_t)2);
				break;
			}
			i += quotes - 1;
		} else if (c == '\\' && s->escapes && toml_peek(p, i + 1) && toml_peek(p, i + 1) != '\n') {
			i++; /* whatever it is, it does not close the string */
		}
	}
	*length = i;
	return 0;
}

static size_t put_utf8(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = 0xc0 | code >> 6;
		out[1] = 0x80 | (code & 0x3f);
		return 2;
	}
	if (code < 0x10000) {
		out[0] = 0xe0 | code >> 12;
		out[1] = 0x80 | (code >> 6 & 0x3f);
		out[2] = 0x80 | (code & 0x3f);
		return 3;
	}
	out[0] = 0xf0 | code >> 18;
	out[1] = 0x80 | (code >> 12 & 0x3f);
	out[2] = 0x80 | (code >> 6 & 0x3f);
	out[3] = 0x80 | (code & 0x3f);
	return 4;
}

/* At the u or U of an escape. */
static int read_unicode(struct toml_parser *p, struct config_pos start, char *out, size_t *len)
{
	size_t digits = *p->at == 'u' ? 4 : 8;
	uint32_t code = 0;

	for (size_t i = 1; i <= digits; i++) {
		char c = toml_peek(p, i);

		if (!toml_is_digit(c, 16))
			return toml_fail(p, start, "\\%c needs %zu hexadecimal digits", *p->at, digits);
		code = code << 4 | (toml_is_digit(c, 10) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return toml_fail(p, start, "\\%.*s is not a Unicode character", (int)digits + 1, p->at);
	toml_advance(p, digits + 1);
	*len += put_utf8(out + *len, code);
	return 0;
}

/* A backslash at the end of a line swallows the line end and all white space up to the next character. */
static bool skip_line_continuation(struct toml_parser *p, const char *end)
{
	struct toml_parser look = *p;

	toml_skip_space(&look);
	if (toml_peek(&look, 0) != '\n' && toml_peek(&look, 0) != '\r')
		return false;
	while (p->at < end && strchr(" \t\r\n", *p->at))
		toml_advance(p, 1);
	return true;
}

static int read_escape(struct toml_parser *p, const struct notation *s, const char *end, char *out, size_t *len)
{
	struct config_pos start = p->pos;
	char buf[8];

	toml_advance(p, 1); /* the backslash */
	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
		if (*p->at == escapes[i].name) {
			out[(*len)++] = escapes[i].value;
			toml_advance(p, 1);
			return 0;
		}
	}
	if (*p->at == 'u' || *p->at == 'U')
		return read_unicode(p, start, out, len);
	if (s->multiline && skip_line_continuation(p, end))
		return 0;
	return toml_fail(p, start, "unknown escape: a backslash before %s (write \\\\ for a backslash)",
			 toml_next_name(p, buf));
}

int toml_read_string(struct toml_parser *p, bool multiline_allowed, const char **text, size_t *len)
{
	struct config_pos start = p->pos;
	struct notation s = { .quote = *p->at, .escapes = *p->at == '"' };
	const char *end;
	size_t raw = 0;
	char *out;
	int err;

	s.multiline = multiline_allowed && count_quotes(p, 0, s.quote) >= 3;
	toml_advance(p, s.multiline ? 3 : 1);
	if (s.multiline) { /* a line end right after the quotes does not count */
		if (toml_peek(p, 0) == '\r')
			toml_advance(p, 1);
		if (toml_peek(p, 0) == '\n')
			toml_advance(p, 1);
	}
	err = find_end(p, &s, start, &raw);
	if (err)
		return err;
	out = arena_alloc(p->arena, 1, raw + 1);
	if (!out)
		return toml_fail_memory(p);
	*text = out;
	*len = 0;
	end = p->at + raw;
	while (p->at < end) {
		if (*p->at == '\\' && s.escapes) {
			err = read_escape(p, &s, end, out, len);
			if (err)
				return err;
		} else {
			out[(*len)++] = *p->at;
			toml_advance(p, 1);
		}
	}
	toml_advance(p, s.multiline ? 3 : 1);
	return 0;
}
