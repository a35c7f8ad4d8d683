/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TOML: numbers, booleans, dates and times.
 */
#include "toml_internal.h"
#include <axstd/error.h>
#include <string.h>

/* The text of one value; what is read is taken off the front. */
struct token {
	const char *at, *end;
};

static char token_peek(const struct token *t, size_t offset)
{
	return offset < (size_t)(t->end - t->at) ? t->at[offset] : 0;
}

static bool token_take(struct token *t, const char *any_of)
{
	char c = token_peek(t, 0);

	if (!c || !strchr(any_of, c))
		return false;
	t->at++;
	return true;
}

static bool token_is(const struct token *t, const char *text)
{
	size_t n = t->end - t->at;

	return n == strlen(text) && memcmp(t->at, text, n) == 0;
}

/* Digits with single underscores between them. */
static bool take_digits(struct token *t, unsigned base)
{
	if (!toml_is_digit(token_peek(t, 0), base))
		return false;
	do {
		t->at++;
		if (token_peek(t, 0) == '_' && toml_is_digit(token_peek(t, 1), base))
			t->at++;
	} while (toml_is_digit(token_peek(t, 0), base));
	return true;
}

/* Exactly @n decimal digits. */
static bool take_fixed(struct token *t, unsigned n, unsigned *value)
{
	*value = 0;
	for (; n; n--, t->at++) {
		if (!toml_is_digit(token_peek(t, 0), 10))
			return false;
		*value = *value * 10 + (*t->at - '0');
	}
	return true;
}

/* RFC 3339 full-date. */
static const char *take_date(struct token *t)
{
	static const unsigned char month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned year, month, day, days;

	if (!take_fixed(t, 4, &year) || !token_take(t, "-") || !take_fixed(t, 2, &month) || !token_take(t, "-") ||
	    !take_fixed(t, 2, &day))
		return "a date is written 1987-07-05";
	if (month < 1 || month > 12)
		return "there is no such month";
	days = month_days[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
	return day < 1 || day > days ? "there is no such day" : NULL;
}

/* RFC 3339 partial-time; 60 is a leap second. */
static const char *take_time(struct token *t)
{
	unsigned hour, minute, second;

	if (!take_fixed(t, 2, &hour) || !token_take(t, ":") || !take_fixed(t, 2, &minute) || !token_take(t, ":") ||
	    !take_fixed(t, 2, &second))
		return "a time is written 17:45:00";
	if (hour > 23 || minute > 59 || second > 60)
		return "there is no such time";
	if (token_take(t, ".")) {
		if (!toml_is_digit(token_peek(t, 0), 10))
			return "digits must follow the decimal point";
		while (toml_is_digit(token_peek(t, 0), 10))
			t->at++;
	}
	return NULL;
}

static const char *take_offset(struct token *t)
{
	unsigned hour, minute;

	if (token_take(t, "Zz"))
		return NULL;
	if (!token_take(t, "+-") || !take_fixed(t, 2, &hour) || !token_take(t, ":") || !take_fixed(t, 2, &minute))
		return "an offset from UTC is written Z or +02:00";
	return hour > 23 || minute > 59 ? "there is no such offset from UTC" : NULL;
}

/* A date, a time, or both, the latter perhaps with an offset. */
static const char *take_date_time(struct token *t, enum toml_type *type)
{
	const char *wrong;

	*type = TOML_TIME_LOCAL;
	if (token_peek(t, 2) == ':')
		return take_time(t);
	*type = TOML_DATE_LOCAL;
	wrong = take_date(t);
	if (wrong || !token_take(t, "Tt "))
		return wrong;
	*type = TOML_DATETIME_LOCAL;
	wrong = take_time(t);
	if (wrong || !token_peek(t, 0))
		return wrong;
	*type = TOML_DATETIME;
	return take_offset(t);
}

static const char *read_date_time(struct token *t, enum toml_type *type)
{
	const char *wrong = take_date_time(t, type);

	return wrong || t->at == t->end ? wrong : "it does not end where it should";
}

/* Digits that have been checked, with a sign or a base prefix in front, to a value. */
static const char *convert_integer(const struct token *t, unsigned base, bool negative, int64_t *value)
{
	int64_t v = 0;

	for (const char *s = t->at; s < t->end; s++) {
		int digit = toml_is_digit(*s, 10) ? *s - '0' : (*s | 0x20) - 'a' + 10;

		if (*s == '_')
			continue;
		if (__builtin_mul_overflow(v, (int64_t)base, &v) ||
		    __builtin_add_overflow(v, negative ? -digit : digit, &v))
			return "it does not fit into 64 bits with a sign";
	}
	*value = v;
	return NULL;
}

/* 0x, 0o and 0b. */
static const char *read_prefixed(struct token *t, struct toml_node *node)
{
	unsigned base = t->at[1] == 'x' ? 16 : t->at[1] == 'o' ? 8 : 2;
	struct token digits;

	t->at += 2;
	digits = *t;
	if (!take_digits(t, base) || t->at < t->end)
		return "only digits, with single underscores between them, may follow 0x, 0o or 0b";
	node->type = TOML_INTEGER;
	return convert_integer(&digits, base, false, &node->integer);
}

static const char *read_decimal(struct token *t, struct toml_node *node)
{
	bool negative = token_peek(t, 0) == '-';
	struct token digits;

	token_take(t, "+-");
	if (token_is(t, "inf") || token_is(t, "nan")) {
		node->type = TOML_FLOAT;
		return NULL;
	}
	if (token_peek(t, 0) == '0' && (toml_is_digit(token_peek(t, 1), 10) || token_peek(t, 1) == '_'))
		return "a number does not begin with a zero";
	digits = *t;
	if (!take_digits(t, 10))
		return "expected a value: a \"string\", a number, true, false, a date, [ or {";
	if (t->at == t->end) {
		node->type = TOML_INTEGER;
		return convert_integer(&digits, 10, negative, &node->integer);
	}
	node->type = TOML_FLOAT;
	if (token_take(t, ".") && !take_digits(t, 10))
		return "digits must follow the decimal point";
	if (token_take(t, "eE")) {
		token_take(t, "+-");
		if (!take_digits(t, 10))
			return "digits must follow the exponent's e";
	}
	return t->at < t->end ? "it is not a number" : NULL;
}

/* Everything up to the next delimiter, and the time behind "1987-07-05 ". */
static struct token next_token(const struct toml_parser *p)
{
	struct token t = { p->at, p->at };

	while (t.end < p->end && (toml_is_bare_key(*t.end) || strchr("+.:", *t.end) ||
				  (*t.end == ' ' && t.end - t.at == 10 && t.at[4] == '-' && t.at[7] == '-' &&
				   p->end - t.end > 1 && toml_is_digit(t.end[1], 10))))
		t.end++;
	return t;
}

static const char *read_token(struct token *t, struct toml_node *node)
{
	if (token_is(t, "true") || token_is(t, "false")) {
		node->type = TOML_BOOLEAN;
		node->boolean = t->at[0] == 't';
		return NULL;
	}
	if (toml_is_digit(token_peek(t, 0), 10)) {
		if (token_peek(t, 4) == '-' || token_peek(t, 2) == ':')
			return read_date_time(t, &node->type);
		if (t->at[0] == '0' && token_peek(t, 1) && strchr("xob", t->at[1]))
			return read_prefixed(t, node);
	}
	return read_decimal(t, node);
}

int toml_read_scalar(struct toml_parser *p, struct toml_node *node)
{
	struct config_pos start = p->pos;
	struct token t = next_token(p), whole = t;
	size_t len = whole.end - whole.at;
	const char *wrong = read_token(&t, node);
	char buf[8];

	if (wrong && len == 0)
		return toml_fail(p, start, "expected a value, found %s", toml_next_name(p, buf));
	if (wrong)
		return toml_fail(p, start, "'%.*s': %s", len > 40 ? 40 : (int)len, whole.at, wrong);
	toml_advance(p, len);
	if (node->type == TOML_INTEGER || node->type == TOML_BOOLEAN)
		return 0;
	node->text = arena_strndup(p->arena, whole.at, len);
	node->len = len;
	return node->text ? 0 : toml_fail_memory(p);
}
