/* unit: axvisor/shell.c axfs/path.c axfs/vfs.c axfs/mount.c axfs/file.c axfs/ramfs.c axfs/devfs.c axdriver/block.c axstd/error.c fake_task.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shell's core: words, commands, paths, completion.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include "host/host.h"
#include "shell.h"
#include "vfs.h"

static struct shell sh;
static char output[4096];
static size_t output_len;

static void write_output(struct shell *shell, const char *text, size_t len)
{
	len = MIN(len, sizeof(output) - 1 - output_len);
	memcpy(output + output_len, text, len);
	output_len += len;
	output[output_len] = '\0';
}

/* Commands of the test: "args" prints what it was given. */
static int cmd_args(struct shell *shell, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		shell_printf(shell, "<%s>", argv[i]);
	assert_null(argv[argc]);
	return 0;
}

static int cmd_fail(struct shell *shell, int argc, char **argv)
{
	return shell_usage(shell, "fail");
}

static int cmd_find(struct shell *shell, int argc, char **argv)
{
	return 0;
}

static const char *const arg_words[] = { "show", "start", "stop", NULL };

SHELL_COMMAND_WORDS("args", "[WORD...]", "print words", cmd_args, arg_words);
SHELL_COMMAND("fail", "NOTHING", "fail", cmd_fail);
SHELL_COMMAND("find", "", "only completed", cmd_find);

static void make_file(const char *path)
{
	struct fs_file *file;

	assert_int_equal(fs_open(path, FS_WRITE | FS_CREATE, &file), 0);
	fs_close(file);
}

static int setup(void **state)
{
	sh = (struct shell){ .cwd = "/", .write = write_output };
	output_len = 0;
	output[0] = '\0';
	if (fs_mount("/", ramfs_create(MIB(1))) || fs_mkdir("/guest") || fs_mkdir("/guest/images"))
		return -1;
	make_file("/guest/linux.toml");
	make_file("/guest/linux-rt.toml");
	make_file("/guest/my \"best\" guest");
	return 0;
}

static int teardown(void **state)
{
	fs_unmount_all();
	return host_heap_live() ? -1 : 0;
}

static int run(const char *line)
{
	char copy[SHELL_LINE_MAX];

	output_len = 0;
	output[0] = '\0';
	snprintf(copy, sizeof(copy), "%s", line);
	return shell_run(&sh, copy);
}

static void assert_words(const char *line, const char *expected)
{
	char typed[SHELL_LINE_MAX];

	snprintf(typed, sizeof(typed), "args %s", line);
	assert_int_equal(run(typed), 0);
	assert_string_equal(output, expected);
}

static void words_are_separated_by_blanks(void **state)
{
	assert_words("", "");
	assert_words("one", "<one>");
	assert_words("  one \t two  ", "<one><two>");
	assert_int_equal(run("   args x"), 0);
	assert_string_equal(output, "<x>");
}

static void quotes_keep_a_word_together(void **state)
{
	assert_words("'one two' three", "<one two><three>");
	assert_words("\"one two\"", "<one two>");
	assert_words("a'b c'\"d e\"f", "<ab cd ef>");
	assert_words("'' \"\" x", "<><><x>");
	assert_words("\"it's\" 'say \"hi\"'", "<it's><say \"hi\">");
}

static void backslashes_protect_as_in_sh(void **state)
{
	assert_words("one\\ two", "<one two>");
	assert_words("\\'a\\\" \\\\", "<'a\"><\\>");
	assert_words("'a\\' b", "<a\\><b>");
	assert_words("\"a\\\"b\\\\c\\d\"", "<a\"b\\c\\d>");
	assert_words("end\\", "<end\\>");
}

static void an_open_quote_is_an_error(void **state)
{
	assert_int_equal(run("args 'one"), 1);
	assert_non_null(strstr(output, "Error: a quote is not closed"));
	assert_int_equal(run("args \"one'"), 1);
	assert_int_equal(run("'"), 1);
}

static void at_most_31_words_are_taken(void **state)
{
	char line[SHELL_LINE_MAX] = "args";

	for (int i = 1; i < SHELL_ARGS_MAX - 1; i++)
		strcat(line, " w");
	assert_int_equal(run(line), 0);
	strcat(line, " w");
	assert_int_equal(run(line), 1);
	assert_non_null(strstr(output, "more than 31 words"));
}

static void splitting_works_in_place_at_full_length(void **state)
{
	char line[SHELL_LINE_MAX], *argv[SHELL_ARGS_MAX];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(shell_split(line, argv), 1);
	assert_int_equal(strlen(argv[0]), SHELL_LINE_MAX - 1);
	line[100] = ' ';
	assert_int_equal(shell_split(line, argv), 2);
	assert_int_equal(strlen(argv[0]), 100);
	assert_int_equal(strlen(argv[1]), SHELL_LINE_MAX - 102);
}

static void empty_lines_and_comments_do_nothing(void **state)
{
	assert_int_equal(run(""), 0);
	assert_int_equal(run("  \t "), 0);
	assert_int_equal(run("# it's a comment"), 0);
	assert_int_equal(run("  #args x"), 0);
	assert_string_equal(output, "");
}

static void unknown_commands_are_named(void **state)
{
	assert_int_equal(run("arg"), 1);
	assert_string_equal(output, "Error: arg: no such command; `help` lists them\n");
	assert_int_equal(run("argsx"), 1);
	assert_int_equal(run("''"), 1);
	assert_null(shell_find("nothing"));
	assert_string_equal(shell_find("fail")->synopsis, "NOTHING");
}

static void the_usage_stands_in_the_table(void **state)
{
	assert_int_equal(run("fail"), 1);
	assert_string_equal(output, "Error: usage: fail NOTHING\n");
}

static void long_output_is_cut_not_overrun(void **state)
{
	char text[2000];

	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	shell_printf(&sh, "%s", text);
	assert_int_equal(output_len, 511);
}

static void paths_are_seen_from_the_working_directory(void **state)
{
	char path[FS_PATH_MAX], name[FS_PATH_MAX + 8];

	strcpy(sh.cwd, "/guest");
	assert_int_equal(shell_path(&sh, "images", path), 0);
	assert_string_equal(path, "/guest/images");
	assert_int_equal(shell_path(&sh, "../tmp/./x//y/", path), 0);
	assert_string_equal(path, "/tmp/x/y");
	assert_int_equal(shell_path(&sh, "/dev", path), 0);
	assert_string_equal(path, "/dev");
	assert_int_equal(shell_path(&sh, "../../..", path), 0);
	assert_string_equal(path, "/");
	assert_int_equal(shell_path(&sh, ".", path), 0);
	assert_string_equal(path, "/guest");
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(shell_path(&sh, name, path), 1);
	assert_non_null(strstr(output, "the path is too long"));
}

/* @line completed; how many candidates there were. */
static unsigned completed(const char *line, char *result, size_t size)
{
	char common[SHELL_LINE_MAX];
	unsigned count = shell_complete(&sh, line, common, sizeof(common), false);

	snprintf(result, size, "%s%s", line, common);
	assert_string_equal(output, "");
	return count;
}

static void assert_completed(const char *line, unsigned candidates, const char *expected)
{
	char result[2 * SHELL_LINE_MAX];

	assert_int_equal(completed(line, result, sizeof(result)), candidates);
	assert_string_equal(result, expected);
}

static void commands_are_completed(void **state)
{
	assert_completed("", 3, "");
	assert_completed("a", 1, "args ");
	assert_completed("  a", 1, "  args ");
	assert_completed("f", 2, "f");
	assert_completed("fi", 1, "find ");
	assert_completed("x", 0, "x");
}

static void first_arguments_are_completed_from_the_commands_words(void **state)
{
	assert_completed("args ", 3, "args s");
	assert_completed("args st", 2, "args st");
	assert_completed("args   sho", 1, "args   show ");
	assert_completed("args nothing", 0, "args nothing");
}

static void other_arguments_are_file_names(void **state)
{
	assert_completed("fail g", 1, "fail guest/");
	assert_completed("args show /gu", 1, "args show /guest/");
	assert_completed("fail /guest/im", 1, "fail /guest/images/");
	assert_completed("fail /guest/l", 2, "fail /guest/linux");
	assert_completed("fail /guest/linux-", 1, "fail /guest/linux-rt.toml ");
	assert_completed("unknown /guest/linux.", 1, "unknown /guest/linux.toml ");
	assert_completed("fail /nowhere/x", 0, "fail /nowhere/x");
	strcpy(sh.cwd, "/guest");
	assert_completed("fail images/../i", 1, "fail images/../images/");
	assert_completed("fail linux.", 1, "fail linux.toml ");
}

static void names_with_blanks_and_quotes_are_completed_so_that_they_work(void **state)
{
	assert_completed("fail /guest/m", 1, "fail /guest/my\\ \\\"best\\\"\\ guest ");
	assert_completed("fail /guest/my\\ ", 1, "fail /guest/my\\ \\\"best\\\"\\ guest ");
	assert_completed("fail \"/guest/my", 1, "fail \"/guest/my \\\"best\\\" guest\" ");
	assert_completed("fail '/guest/my \"b", 1, "fail '/guest/my \"best\" guest' ");
	assert_completed("fail '/gu", 1, "fail '/guest/");
	assert_words("/guest/my\\ \\\"best\\\"\\ guest ", "</guest/my \"best\" guest>");
}

static void candidates_are_listed(void **state)
{
	char common[SHELL_LINE_MAX];

	assert_int_equal(shell_complete(&sh, "args st", common, sizeof(common), true), 2);
	assert_string_equal(output, "start  stop  \n");
	output_len = 0;
	assert_int_equal(shell_complete(&sh, "fail /guest/i", common, sizeof(common), true), 1);
	assert_string_equal(output, "images/  \n");
}

static void long_lines_are_completed_or_left_alone(void **state)
{
	char line[SHELL_LINE_MAX], common[8];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(shell_complete(&sh, line, common, sizeof(common), false), 0);
	memcpy(line, "fail /", 6);
	assert_int_equal(shell_complete(&sh, line, common, sizeof(common), false), 0);
	memset(line, ' ', sizeof(line) - 1);
	assert_int_equal(shell_complete(&sh, line, common, sizeof(common), false), 3);
	memset(line, '\'', sizeof(line) - 1);
	shell_complete(&sh, line, common, sizeof(common), false);
	/* A buffer that is too small gets a part. */
	assert_int_equal(shell_complete(&sh, "fail /guest/linux-", common, sizeof(common), false), 1);
	assert_true(strlen(common) < sizeof(common));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(words_are_separated_by_blanks, setup, teardown),
		cmocka_unit_test_setup_teardown(quotes_keep_a_word_together, setup, teardown),
		cmocka_unit_test_setup_teardown(backslashes_protect_as_in_sh, setup, teardown),
		cmocka_unit_test_setup_teardown(an_open_quote_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(at_most_31_words_are_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(splitting_works_in_place_at_full_length, setup, teardown),
		cmocka_unit_test_setup_teardown(empty_lines_and_comments_do_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(unknown_commands_are_named, setup, teardown),
		cmocka_unit_test_setup_teardown(the_usage_stands_in_the_table, setup, teardown),
		cmocka_unit_test_setup_teardown(long_output_is_cut_not_overrun, setup, teardown),
		cmocka_unit_test_setup_teardown(paths_are_seen_from_the_working_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(commands_are_completed, setup, teardown),
		cmocka_unit_test_setup_teardown(first_arguments_are_completed_from_the_commands_words, setup, teardown),
		cmocka_unit_test_setup_teardown(other_arguments_are_file_names, setup, teardown),
		cmocka_unit_test_setup_teardown(names_with_blanks_and_quotes_are_completed_so_that_they_work, setup,
						teardown),
		cmocka_unit_test_setup_teardown(candidates_are_listed, setup, teardown),
		cmocka_unit_test_setup_teardown(long_lines_are_completed_or_left_alone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
