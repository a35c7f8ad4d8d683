/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration keys: what is said about them.
 */
#include <axconfig/keys.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 47 /* of keys that are compared; longer ones resemble nothing */

/* Text that grows in a buffer and is cut at its end. */
struct text {
	char *buf;
	size_t size, len;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->len >= t->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += n;
}

const char *config_number(uint64_t value, char buf[static CONFIG_NUMBER_MAX])
{
	char *s = &buf[CONFIG_NUMBER_MAX - 1];

	if (value < 0x10000) {
		snprintf(buf, CONFIG_NUMBER_MAX, "%u", (unsigned)value);
		return buf;
	}
	*s = 0;
	for (unsigned digits = 0; value; digits++, value >>= 4) {
		if (digits && digits % 4 == 0)
			*--s = '_';
		*--s = "0123456789abcdef"[value & 15];
	}
	*--s = 'x';
	*--s = '0';
	return s;
}

static void put_choices(struct text *t, const struct config_key *key)
{
	bool names = key->type != CONFIG_NUMBER;
	const char *separator = "";

	put(t, "one of ");
	for (const struct config_choice *c = key->choices; c->name; c++) {
		bool alias = names && c > key->choices && c[-1].value == c->value;

		if (alias)
			continue;
		if (names)
			put(t, "%s\"%s\"", separator, c->name);
		else
			put(t, c->value < 10 ? "%s%u (%s)" : "%s%#x (%s)", separator, (unsigned)c->value, c->name);
		separator = ", ";
	}
}

static void put_number(struct text *t, const struct config_key *key)
{
	char min[CONFIG_NUMBER_MAX], max[CONFIG_NUMBER_MAX], align[CONFIG_NUMBER_MAX];

	put(t, "an integer");
	if (key->max)
		put(t, " from %s to %s", config_number(key->min, min), config_number(key->max, max));
	else if (key->min)
		put(t, " of at least %s", config_number(key->min, min));
	if (key->align)
		put(t, ", a multiple of %s", config_number(key->align, align));
}

static void put_fields(struct text *t, const struct config_key *key)
{
	for (size_t i = 0; i < key->field_count; i++)
		put(t, "%s%s", i ? ", " : "", key->fields[i].path);
}

const char *config_describe(const struct config_key *key, char *buf, size_t size)
{
	struct text t = { buf, size, 0 };

	buf[0] = 0;
	if (key->choices) {
		put_choices(&t, key);
		return buf;
	}
	switch (key->type) {
	case CONFIG_BOOL: put(&t, "true or false"); break;
	case CONFIG_NUMBER: put_number(&t, key); break;
	case CONFIG_STRING:
	case CONFIG_ENUM: put(&t, "%s", key->form ? key->form->text : "a string"); break;
	case CONFIG_NUMBERS: put(&t, "an array of integers"); break;
	case CONFIG_GROUPS: put(&t, "an array of arrays of strings [[\"...\"]]"); break;
	case CONFIG_ROWS:
		put(&t, "an array of arrays [[");
		put_fields(&t, key);
		put(&t, "]]");
		if (key->short_field)
			put(&t, " or [[%s]]", key->short_field->path);
		break;
	case CONFIG_TABLES:
		put(&t, "an array of tables with ");
		put_fields(&t, key);
		break;
	}
	return buf;
}

const struct config_key *config_find(const struct config_schema *schema, const char *path)
{
	for (size_t i = 0; i < schema->count; i++)
		if (strcmp(schema->keys[i].path, path) == 0)
			return &schema->keys[i];
	return NULL;
}

/* Changes, additions and removals of characters (Levenshtein) that make one name the other; inexact above @limit. */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len, size_t limit)
{
	uint8_t row[NAME_MAX_LEN + 1];

	if (a_len > NAME_MAX_LEN || b_len > NAME_MAX_LEN || a_len > b_len + limit || b_len > a_len + limit)
		return UINT8_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		uint8_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			uint8_t change = diagonal + (a[i - 1] != b[j - 1]);
			uint8_t either = MIN(row[j], row[j - 1]) + 1;

			diagonal = row[j];
			row[j] = MIN(change, either);
		}
	}
	return row[b_len];
}

static size_t section_length(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? (size_t)(dot - path) : 0;
}

static const char *last_part(const char *path)
{
	size_t section = section_length(path);

	return section ? path + section + 1 : path;
}

const char *config_nearest(const struct config_schema *schema, const char *path, char *buf, size_t size)
{
	unsigned best = strlen(path) / 3 > 2 ? strlen(path) / 3 : 2; /* further away it is no misspelling */

	buf[0] = 0;
	for (size_t i = 0; i < schema->count; i++) {
		const char *known = schema->keys[i].path;
		size_t section = section_length(known);
		/* The key itself, its section, and the same name in another section. */
		unsigned whole = distance(path, strlen(path), known, strlen(known), best);
		unsigned in_section = section ? distance(path, strlen(path), known, section, best) : UINT8_MAX;
		unsigned elsewhere = strcmp(last_part(path), last_part(known)) == 0 ? 1 : UINT8_MAX;
		unsigned key = MIN(whole, elsewhere);

		if (key < best || (key == best && !buf[0])) {
			best = key;
			snprintf(buf, size, "%s", known);
		}
		if (in_section < best) {
			best = in_section;
			snprintf(buf, size, "%.*s", (int)section, known);
		}
	}
	return buf[0] ? buf : NULL;
}

static void put_key(struct text *t, const struct config_key *key, const char *indent)
{
	char what[272];

	put(t, "%s%s: %s", indent, key->path, config_describe(key, what, sizeof(what)));
	if (key->required)
		put(t, "; required");
	else if (key->initial)
		put(t, "; default %s", key->initial);
	put(t, "\n%s  %s\n", indent, key->help);
	for (size_t i = 0; i < key->field_count; i++)
		put_key(t, &key->fields[i], "    ");
}

int config_help(const struct config_schema *schema, const char *path, char *buf, size_t size)
{
	const struct config_key *key = config_find(schema, path);
	struct text t = { buf, size, 0 };
	char nearest[64];
	size_t n = strlen(path);

	if (size)
		buf[0] = 0;
	if (key) {
		put_key(&t, key, "");
		return 0;
	}
	for (size_t i = 0; i < schema->count; i++) {
		key = &schema->keys[i];
		if (!n || (strncmp(key->path, path, n) == 0 && key->path[n] == '.'))
			put(&t, "%-30s %s\n", key->path, key->help);
	}
	if (t.len)
		return 0;
	if (config_nearest(schema, path, nearest, sizeof(nearest)))
		put(&t, "there is no key '%s'; did you mean '%s'?\n", path, nearest);
	else
		put(&t, "there is no key '%s'\n", path);
	return -AX_ENOENT;
}
