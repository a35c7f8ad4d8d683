/* unit: axconfig/toml.c axconfig/toml_lex.c axconfig/toml_string.c axconfig/toml_scalar.c axconfig/toml_parse.c axconfig/error.c axstd/arena.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TOML parser: the public toml-test vectors (third_party/src/toml-test) and what
 * they do not cover: places, limits, messages.
 */
#define _GNU_SOURCE /* nftw */
#include <axconfig/toml.h>
#include <axstd/error.h>
#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define VECTORS     TOP "/third_party/src/toml-test"
#define MIN_VALID   180
#define MIN_INVALID 376

static char memory[1024 * 1024];
static struct arena arena;
static struct config_error error;

static int parse(const char *text, size_t len, struct toml_node **root)
{
	arena_init(&arena, memory, sizeof(memory));
	memset(&error, 0, sizeof(error));
	return toml_parse(text, len, "t.toml", &arena, root, &error);
}

static struct toml_node *parse_good(const char *text)
{
	struct toml_node *root = NULL;

	if (parse(text, strlen(text), &root))
		fail_msg("%s\nin: %s", error.text, text);
	return root;
}

static void assert_error(const char *text, const char *message)
{
	struct toml_node *root;

	assert_int_equal(parse(text, strlen(text), &root), -AX_EINVAL);
	assert_string_equal(error.text, message);
}

/* ---- toml-test: the tree against JSON in which every value is {"type": ..., "value": "..."} ---- */

static char *load(const char *path, size_t *len)
{
	static char buf[256 * 1024];
	FILE *f = fopen(path, "rb");

	if (!f)
		fail_msg("%s: cannot open it", path);
	*len = fread(buf, 1, sizeof(buf) - 1, f);
	fclose(f);
	buf[*len] = 0;
	return buf;
}

static const char *json_at;

static void json_space(void)
{
	json_at += strspn(json_at, " \t\r\n,");
}

static bool json_take(char c)
{
	json_space();
	if (*json_at != c)
		return false;
	json_at++;
	return true;
}

static size_t utf8(char *out, unsigned long c)
{
	if (c < 0x80)
		return out[0] = c, 1;
	if (c < 0x800)
		return out[0] = 0xc0 | c >> 6, out[1] = 0x80 | (c & 63), 2;
	if (c < 0x10000)
		return out[0] = 0xe0 | c >> 12, out[1] = 0x80 | (c >> 6 & 63), out[2] = 0x80 | (c & 63), 3;
	return out[0] = 0xf0 | c >> 18, out[1] = 0x80 | (c >> 12 & 63), out[2] = 0x80 | (c >> 6 & 63),
	       out[3] = 0x80 | (c & 63), 4;
}

static unsigned long json_hex4(void)
{
	char digits[5] = { 0 };

	memcpy(digits, json_at, 4);
	json_at += 4;
	return strtoul(digits, NULL, 16);
}

static size_t json_string(char *out)
{
	static const char names[] = "bfnrt\"\\/", values[] = "\b\f\n\r\t\"\\/";
	size_t n = 0;

	assert_true(json_take('"'));
	while (*json_at != '"') {
		char c = *json_at++;
		unsigned long code;

		if (c != '\\') {
			out[n++] = c;
			continue;
		}
		c = *json_at++;
		if (c != 'u') {
			out[n++] = values[strchr(names, c) - names];
			continue;
		}
		code = json_hex4();
		if (code >= 0xd800 && code < 0xdc00) {
			json_at += 2;
			code = 0x10000 + ((code - 0xd800) << 10) + (json_hex4() - 0xdc00);
		}
		n += utf8(out + n, code);
	}
	json_at++;
	out[n] = 0;
	return n;
}

/* "1987-07-05t17:45:56.600z" -> "1987-07-05T17:45:56.6Z" */
static void normalize_date(char *s)
{
	char *dot = strchr(s, '.'), *end, *zeros;

	if (strlen(s) > 10 && strchr("t ", s[10]))
		s[10] = 'T';
	if (*s && s[strlen(s) - 1] == 'z')
		s[strlen(s) - 1] = 'Z';
	if (!dot)
		return;
	end = dot + 1 + strspn(dot + 1, "0123456789");
	for (zeros = end; zeros > dot && strchr("0.", zeros[-1]);)
		zeros--;
	memmove(zeros, end, strlen(end) + 1);
}

static double number(const char *s)
{
	char plain[256];
	size_t n = 0;

	for (; *s && n < sizeof(plain) - 1; s++)
		if (*s != '_')
			plain[n++] = *s;
	plain[n] = 0;
	return strtod(plain, NULL);
}

static bool same_value(const struct toml_node *node, char *value, size_t len)
{
	static const char *const bools[] = { "false", "true" };
	char text[256];
	double a, b;

	switch (node->type) {
	case TOML_STRING: return node->len == len && memcmp(node->text, value, len) == 0;
	case TOML_INTEGER: return node->integer == strtoll(value, NULL, 10);
	case TOML_BOOLEAN: return strcmp(bools[node->boolean], value) == 0;
	case TOML_FLOAT:
		a = number(node->text);
		b = number(value);
		return (isnan(a) && isnan(b)) || a == b;
	default:
		snprintf(text, sizeof(text), "%s", node->text);
		normalize_date(text);
		normalize_date(value);
		return strcmp(text, value) == 0;
	}
}

static bool compare(const struct toml_node *node);

static bool compare_table(const struct toml_node *node)
{
	static char key[65536];
	size_t members = 0;

	while (!json_take('}')) {
		const struct toml_node *member = toml_get(node, key, json_string(key));

		if (!member || !json_take(':') || !compare(member))
			return false;
		members++;
	}
	return members == node->count;
}

static bool compare_array(const struct toml_node *node)
{
	for (const struct toml_node *item = node->first; item; item = item->next) {
		json_space();
		if (!compare(item))
			return false;
	}
	return json_take(']');
}

static bool compare(const struct toml_node *node)
{
	static const char *const types[] = { "string",   "integer",        "float",      "bool",
					     "datetime", "datetime-local", "date-local", "time-local" };
	static char key[64], type[64], value[65536];
	size_t len = 0;

	if (node->type == TOML_ARRAY)
		return json_take('[') && compare_array(node);
	if (!json_take('{'))
		return false;
	if (node->type == TOML_TABLE)
		return compare_table(node);
	while (!json_take('}')) {
		json_string(key);
		json_take(':');
		if (strcmp(key, "type") == 0)
			json_string(type);
		else
			len = json_string(value);
	}
	return strcmp(type, types[node->type]) == 0 && same_value(node, value, len);
}

/* Vectors of the TOML 1.1 draft that the collection files under "valid": TOML 1.0 forbids all of them. */
static const char *const toml_1_1[] = {
	"valid/key/unicode.toml",          "valid/string/escape-esc.toml",   "valid/string/hex-escape.toml",
	"valid/inline-table/newline.toml", "valid/datetime/no-seconds.toml",
};

static int valid_count, invalid_count, failures;

static bool is_valid(const char *name)
{
	for (size_t i = 0; i < sizeof(toml_1_1) / sizeof(toml_1_1[0]); i++)
		if (strcmp(name, toml_1_1[i]) == 0)
			return false;
	return strncmp(name, "valid/", 6) == 0;
}

static int try_vector(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	bool valid = is_valid(path + sizeof(VECTORS));
	struct toml_node *root = NULL;
	char json[512];
	size_t len;
	char *text;
	int err;

	(void)st, (void)ftw;
	if (flag != FTW_F || !strstr(path, ".toml"))
		return 0;
	text = load(path, &len);
	err = parse(text, len, &root);
	valid ? valid_count++ : invalid_count++;
	if (!valid) {
		if (!err || !error.text[0] || error.pos.line == 0) {
			print_error("%s: accepted\n", path);
			failures++;
		}
		return 0;
	}
	snprintf(json, sizeof(json), "%.*s.json", (int)strlen(path) - 5, path);
	json_at = err ? NULL : load(json, &len);
	if (err || !compare(root)) {
		print_error("%s: %s\n", path, err ? error.text : "not the expected values");
		failures++;
	}
	return 0;
}

static void all_public_vectors_pass(void **state)
{
	(void)state;
	if (access(VECTORS, R_OK))
		fail_msg("%s is missing: run tools/deps", VECTORS);
	nftw(VECTORS, try_vector, 16, FTW_PHYS);
	print_message("toml-test: %d valid, %d invalid\n", valid_count, invalid_count);
	assert_int_equal(failures, 0);
	assert_true(valid_count >= MIN_VALID);
	assert_true(invalid_count >= MIN_INVALID);
}

/* ---- what the vectors leave open ---- */

static void nodes_know_their_place(void **state)
{
	struct toml_node *root =
		parse_good("# \xc3\xa9\n[kernel]\n\"\xc3\xa9\" = 1\nmemory = [\n\t[0, 1], # one\n\t[2, 3]]\n");
	struct toml_node *regions = toml_find(root, "kernel.memory");

	(void)state;
	assert_int_equal(toml_find(root, "kernel")->pos.line, 2);
	assert_int_equal(toml_find(root, "kernel")->pos.column, 2);
	assert_int_equal(toml_find(root, "kernel.\xc3\xa9")->pos.line, 3);
	assert_int_equal(toml_find(root, "kernel.\xc3\xa9")->pos.column, 7);
	assert_int_equal(regions->key_pos.column, 1);
	assert_int_equal(regions->pos.column, 10);
	assert_int_equal(regions->last->pos.line, 6);
	assert_int_equal(regions->last->pos.column, 2);
	assert_int_equal(regions->last->last->integer, 3);
}

static void lookups_of_absent_things_find_nothing(void **state)
{
	struct toml_node *root = parse_good("a.b = 1");

	(void)state;
	assert_null(toml_find(root, "a.c"));
	assert_null(toml_find(root, "a.b.c"));
	assert_null(toml_find(root, "b"));
	assert_null(toml_find(root, ""));
	assert_null(toml_get(NULL, "a", 1));
	assert_int_equal(toml_find(root, "a.b")->integer, 1);
}

static void integers_of_64_bits_fit(void **state)
{
	struct toml_node *root = parse_good("max = 0x7fff_ffff_ffff_ffff\nmin = -9_223_372_036_854_775_808\n");

	(void)state;
	assert_true(toml_find(root, "max")->integer == INT64_MAX);
	assert_true(toml_find(root, "min")->integer == INT64_MIN);
	assert_error("x = 0x8000_0000_0000_0000",
		     "t.toml:1:5: '0x8000_0000_0000_0000': it does not fit into 64 bits with a sign");
	assert_error("x = -9223372036854775809",
		     "t.toml:1:5: '-9223372036854775809': it does not fit into 64 bits with a sign");
}

static void messages_say_what_and_where(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "a = 1\na = 2", "t.toml:2:1: 'a' is already defined in line 1" },
		{ "[a]\nb = 1\n[a]", "t.toml:3:2: 'a' is already defined in line 1" },
		{ "a = 1\n[a.b]", "t.toml:2:2: 'a' is already defined in line 1" },
		{ "a = [1]\n[[a]]", "t.toml:2:3: 'a' is already defined in line 1" },
		{ "a = { b = 1 }\na.c = 2", "t.toml:2:1: 'a' is already defined in line 1" },
		{ "a = \"x", "t.toml:1:5: the string has no closing \"" },
		{ "a = '''x", "t.toml:1:5: the string has no closing triple '" },
		{ "a = \"\\x\"", "t.toml:1:6: unknown escape: a backslash before 'x' (write \\\\ for a backslash)" },
		{ "a = \"\\ud800\"", "t.toml:1:6: \\ud800 is not a Unicode character" },
		{ "a = \"\\u12\"", "t.toml:1:6: \\u needs 4 hexadecimal digits" },
		{ "a = yes",
		  "t.toml:1:5: 'yes': expected a value: a \"string\", a number, true, false, a date, [ or {" },
		{ "a = 01", "t.toml:1:5: '01': a number does not begin with a zero" },
		{ "a = 0xg",
		  "t.toml:1:5: '0xg': only digits, with single underscores between them, may follow 0x, 0o or 0b" },
		{ "a = 1.", "t.toml:1:5: '1.': digits must follow the decimal point" },
		{ "a = 1e", "t.toml:1:5: '1e': digits must follow the exponent's e" },
		{ "a = 1_", "t.toml:1:5: '1_': it is not a number" },
		{ "a = 2026-02-29", "t.toml:1:5: '2026-02-29': there is no such day" },
		{ "a = 2026-13-01", "t.toml:1:5: '2026-13-01': there is no such month" },
		{ "a = 24:00:00", "t.toml:1:5: '24:00:00': there is no such time" },
		{ "a = 2026-01-01T00:00:00+25:00",
		  "t.toml:1:5: '2026-01-01T00:00:00+25:00': there is no such offset from UTC" },
		{ "a =", "t.toml:1:4: expected a value, found the end of the file" },
		{ "a =\n", "t.toml:1:4: expected a value, found the end of the line" },
		{ "a 1", "t.toml:1:3: expected = after 'a', found '1'" },
		{ "= 1", "t.toml:1:1: expected a key, found '='" },
		{ "a = 1 b", "t.toml:1:7: expected the end of the line, found 'b'" },
		{ "a = [1 2]", "t.toml:1:8: expected , or ] in the array of line 1, found '2'" },
		{ "a = {b = 1 c}", "t.toml:1:12: expected , or } in the inline table, found 'c'" },
		{ "[a", "t.toml:1:3: expected ], found the end of the file" },
		{ "[[a]", "t.toml:1:4: expected ]], found ']'" },
		{ "a = \"\x01\"", "t.toml:1:6: control character 0x01 (in a string write \\u0001)" },
		{ "\"a\\n\\u001b[2J\" = 1\n\"a\\n\\u001b[2J\" = 2",
		  "t.toml:2:1: 'a??[2J' is already defined in line 1" },
		{ "a = 1\r", "t.toml:1:6: carriage return without a line feed after it" },
		{ "\xc3\xa9\xff", "t.toml:1:2: byte 0xff: the file is not valid UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_error(cases[i].text, cases[i].message);
}

static void nesting_ends_at_the_limit(void **state)
{
	char text[256] = "a = ";
	struct toml_node *root;

	(void)state;
	memset(text + 4, '[', TOML_MAX_DEPTH);
	memset(text + 4 + TOML_MAX_DEPTH, ']', TOML_MAX_DEPTH);
	parse_good(text);
	memset(text + 4, '[', TOML_MAX_DEPTH + 1);
	assert_int_equal(parse(text, strlen(text), &root), -AX_EINVAL);
	assert_string_equal(error.text, "t.toml:1:37: arrays and inline tables are nested more than 32 deep");
	memset(text, 0, sizeof(text));
	for (int i = 0; i <= TOML_MAX_DEPTH; i++)
		strcat(text, "k.");
	strcat(text, "k = 1");
	assert_int_equal(parse(text, strlen(text), &root), -AX_EINVAL);
	assert_non_null(strstr(error.text, "a key has at most 32 parts"));
}

static void too_long_a_text_is_refused(void **state)
{
	static char text[TOML_MAX_TEXT + 1];
	struct toml_node *root;

	(void)state;
	memset(text, '\n', sizeof(text));
	assert_int_equal(parse(text, sizeof(text), &root), -AX_EINVAL);
	assert_string_equal(error.text, "t.toml: the file has 65537 bytes, more than the 65536 allowed");
	assert_int_equal(parse(text, sizeof(text) - 1, &root), 0);
}

/* Every size from nothing to enough: an error each time but the last, and never a byte outside the arena. */
static void a_small_arena_is_an_error(void **state)
{
	static const char text[] = "a.b = \"text\"\n[[t]]\nx = [1.5, { y = 2026-01-01 }, 'z']\n[u.v]\n\"k\" = 1";
	struct toml_node *root;
	size_t enough;

	(void)state;
	parse_good(text);
	enough = arena.used;
	for (size_t size = 0; size <= enough; size++) {
		char *exact = malloc(size ? size : 1);
		int err;

		arena_init(&arena, exact, size);
		err = toml_parse(text, strlen(text), "t.toml", &arena, &root, &error);
		if (size < enough - 16)
			assert_int_equal(err, -AX_ENOMEM);
		free(exact);
	}
	assert_non_null(strstr(error.text, "bytes of memory set aside for it"));
}

static void a_caller_may_not_want_the_message(void **state)
{
	struct toml_node *root;

	(void)state;
	arena_init(&arena, memory, sizeof(memory));
	assert_int_equal(toml_parse("x", 1, "t.toml", &arena, &root, NULL), -AX_EINVAL);
}

static void a_byte_order_mark_is_skipped(void **state)
{
	(void)state;
	assert_int_equal(toml_find(parse_good("\xef\xbb\xbf"
					      "a = 1"),
				   "a")
				 ->integer,
			 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_public_vectors_pass),
		cmocka_unit_test(nodes_know_their_place),
		cmocka_unit_test(lookups_of_absent_things_find_nothing),
		cmocka_unit_test(integers_of_64_bits_fit),
		cmocka_unit_test(messages_say_what_and_where),
		cmocka_unit_test(nesting_ends_at_the_limit),
		cmocka_unit_test(too_long_a_text_is_refused),
		cmocka_unit_test(a_small_arena_is_an_error),
		cmocka_unit_test(a_caller_may_not_want_the_message),
		cmocka_unit_test(a_byte_order_mark_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
