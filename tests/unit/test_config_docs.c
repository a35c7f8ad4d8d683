/* unit: axvmconfig/config.c axvmconfig/schema.c axvmconfig/check.c axconfig/axconfig.c axconfig/keys.c axconfig/keys_value.c axconfig/keys_text.c axconfig/toml.c axconfig/toml_lex.c axconfig/toml_string.c axconfig/toml_scalar.c axconfig/toml_parse.c axconfig/error.c axstd/arena.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/configuration.md against the tables of keys: every key has its row there, as the tables have it, and no row is
 * left over. When it fails it prints the rows as they should be. The examples of the page, and the files in
 * configs/vms, are tried out.
 */
#include "axconfig_schema.h"
#include "../axvmconfig/internal.h"
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define DOCUMENT TOP "/docs/configuration.md"
#define MAX_ROWS 128

static char document[65536];
static char rows[MAX_ROWS][512];
static size_t row_count;

/* @array: the key whose items the field belongs to, or NULL */
static void add_row(const struct config_key *key, const struct config_key *array)
{
	char what[272], initial[64] = "";

	assert_true(row_count < MAX_ROWS);
	if (key->required)
		snprintf(initial, sizeof(initial), "required");
	else if (key->initial)
		snprintf(initial, sizeof(initial),
			 key->type == CONFIG_BOOL || key->type == CONFIG_NUMBER ? "`%s`" : "`\"%s\"`", key->initial);
	snprintf(rows[row_count++], sizeof(rows[0]), "| `%s%s%s` | %s | %s | %s |", array ? array->path : "",
		 array ? "[]." : "", key->path, config_describe(key, what, sizeof(what)), initial, key->help);
	for (size_t i = 0; i < key->field_count; i++)
		add_row(&key->fields[i], key);
}

static int read_everything(void **state)
{
	FILE *f = fopen(DOCUMENT, "r");
	size_t len;

	if (!f)
		return -1;
	len = fread(document, 1, sizeof(document) - 1, f);
	fclose(f);
	document[len] = 0;
	for (size_t i = 0; i < axconfig_schema.count; i++)
		add_row(&axconfig_schema.keys[i], NULL);
	for (size_t i = 0; i < vmconfig_schema.count; i++)
		add_row(&vmconfig_schema.keys[i], NULL);
	return 0;
}

static void every_key_has_its_row(void **state)
{
	unsigned missing = 0;

	for (size_t i = 0; i < row_count; i++)
		missing += !strstr(document, rows[i]);
	if (!missing)
		return;
	for (size_t i = 0; i < row_count; i++)
		print_error("%s\n", rows[i]);
	fail_msg("%u of these rows are not in docs/configuration.md", missing);
}

static void no_row_is_left_over(void **state)
{
	char copy[sizeof(document)];
	unsigned stale = 0;

	strcpy(copy, document);
	for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n")) {
		size_t i = 0;

		if (strncmp(line, "| `", 3))
			continue;
		while (i < row_count && strcmp(line, rows[i]))
			i++;
		if (i == row_count) {
			print_error("no such key: %s\n", line);
			stale++;
		}
	}
	assert_int_equal(stale, 0);
}

static void assert_good(const char *name, const char *text, size_t len)
{
	static char memory[VMCONFIG_ARENA_SIZE];
	struct config_error error;
	struct vm_config config;
	struct arena arena;

	arena_init(&arena, memory, sizeof(memory));
	if (vmconfig_parse(text, len, name, &arena, &config, &error))
		fail_msg("%s", error.text);
}

static void the_examples_work(void **state)
{
	static const char open[] = "```toml\n";
	unsigned machines = 0;

	for (char *s = strstr(document, open); s; s = strstr(s, open)) {
		char *end;

		s += strlen(open);
		end = strstr(s, "```");
		assert_non_null(end);
		if (strncmp(s, "[base]", 6) == 0) {
			assert_good("docs/configuration.md", s, end - s);
			machines++;
		} else if (strncmp(s, "# /axvisor.toml", 15) == 0) {
			assert_int_equal(axconfig_apply_toml(s, end - s, "docs/configuration.md", NULL), 0);
		}
	}
	assert_true(machines >= 2);
}

static void the_files_that_are_shipped_work(void **state)
{
	static char text[VMCONFIG_MAX_TEXT];
	glob_t files;

	if (glob(TOP "/configs/vms/*.toml", 0, NULL, &files))
		skip();
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *f = fopen(files.gl_pathv[i], "r");

		assert_non_null(f);
		assert_good(files.gl_pathv[i], text, fread(text, 1, sizeof(text), f));
		fclose(f);
	}
	globfree(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_has_its_row),
		cmocka_unit_test(no_row_is_left_over),
		cmocka_unit_test(the_examples_work),
		cmocka_unit_test(the_files_that_are_shipped_work),
	};

	return cmocka_run_group_tests(tests, read_everything, NULL);
}
