/* unit: axvisor/editor.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line editor in front of a terminal: after every key, what the terminal shows is the editor's line, and its cursor
 * stands where the editor's does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <axstd/util.h>
#include "editor.h"

#define PROMPT "axvisor:/$ "
#define LEFT   "\033[D"
#define RIGHT  "\033[C"
#define UP     "\033[A"
#define DOWN   "\033[B"
#define DELETE "\033[3~"

/* The line of a very wide terminal on which the cursor is. */
static struct {
	char text[1024];
	size_t len, column;
	unsigned lines; /* that were left behind */
	char above[1024];
	char escape[16];
	size_t escape_len;
} screen;

static struct editor ed;
static char last_line[SHELL_LINE_MAX];
static unsigned lines, aborts;

static void screen_escape(const char *sequence)
{
	unsigned n;
	char final;

	if (!strcmp(sequence, "[K")) {
		screen.len = MIN(screen.len, screen.column);
	} else if (!strcmp(sequence, "[2J")) {
		screen.len = 0;
	} else if (!strcmp(sequence, "[H")) {
		screen.column = 0;
	} else if (sscanf(sequence, "[%u%c", &n, &final) == 2 && final == 'D') {
		assert_in_range(n, 1, screen.column); /* nothing relies on stopping at the margin */
		screen.column -= n;
	} else {
		fail_msg("the terminal does not know ESC %s", sequence);
	}
}

static void screen_byte(char c)
{
	if (screen.escape_len) {
		screen.escape[screen.escape_len++] = c;
		assert_true(screen.escape_len < sizeof(screen.escape));
		if (c >= '@' && c != '[') {
			screen.escape[screen.escape_len] = '\0';
			screen.escape_len = 0;
			screen_escape(screen.escape + 1);
		}
	} else if (c == '\033') {
		screen.escape_len = 1;
	} else if (c == '\r') {
		screen.column = 0;
	} else if (c == '\n') { /* the console's output makes it CR LF */
		memcpy(screen.above, screen.text, screen.len);
		screen.above[screen.len] = '\0';
		screen.len = screen.column = 0;
		screen.lines++;
	} else {
		assert_in_range((unsigned char)c, ' ', 0xff);
		assert_true(screen.column <= screen.len && screen.len < sizeof(screen.text) - 1);
		screen.text[screen.column++] = c;
		screen.len = MAX(screen.len, screen.column);
	}
}

static void write_screen(void *arg, const char *text, size_t len)
{
	while (len--)
		screen_byte(*text++);
}

static const char *const words[] = { "create", "console", "config", "delete", "list" };

/* Completes the last word of the line from `words`. */
static unsigned complete_word(void *arg, const char *line, char *common, size_t size, bool list)
{
	const char *blank = strrchr(line, ' '), *word = blank ? blank + 1 : line, *first = NULL;
	size_t len = strlen(word), same = 0;
	unsigned count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strncmp(words[i], word, len))
			continue;
		if (list) {
			write_screen(NULL, words[i], strlen(words[i]));
			write_screen(NULL, "  ", 2);
		}
		if (!count++) {
			first = words[i];
			same = strlen(first);
		}
		while (strncmp(words[i], first, same))
			same--;
	}
	if (list)
		write_screen(NULL, "\n", 1);
	snprintf(common, size, "%.*s%s", count ? (int)(same - len) : 0, count ? first + len : "",
		 count == 1 ? " " : "");
	return count;
}

static void check_screen(void)
{
	size_t prompt = strlen(PROMPT);

	assert_int_equal(screen.escape_len, 0);
	assert_true(ed.cursor <= ed.len && ed.len < SHELL_LINE_MAX);
	assert_int_equal(screen.len, prompt + ed.len);
	assert_memory_equal(screen.text, PROMPT, prompt);
	assert_memory_equal(screen.text + prompt, ed.line, ed.len);
	assert_int_equal(screen.column, prompt + ed.cursor);
}

static void type_bytes(const char *keys, size_t len)
{
	while (len--) {
		enum editor_event event = editor_feed(&ed, (uint8_t)*keys++);

		if (event == EDITOR_LINE)
			strcpy(last_line, ed.line);
		lines += event == EDITOR_LINE;
		aborts += event == EDITOR_ABORT;
		if (event != EDITOR_NONE) {
			assert_int_equal(screen.len, 0); /* what the command prints begins on a line of its own */
			editor_start(&ed, PROMPT);
		}
		check_screen();
	}
}

static void type(const char *keys)
{
	type_bytes(keys, strlen(keys));
}

static void assert_line(const char *expected, size_t cursor)
{
	assert_int_equal(ed.len, strlen(expected));
	assert_memory_equal(ed.line, expected, ed.len);
	assert_int_equal(ed.cursor, cursor);
}

static int setup(void **state)
{
	memset(&screen, 0, sizeof(screen));
	lines = aborts = 0;
	editor_init(&ed, write_screen, complete_word, NULL);
	editor_start(&ed, PROMPT);
	check_screen();
	return 0;
}

static void typed_text_is_shown_and_delivered(void **state)
{
	type("vm list\r");
	assert_int_equal(lines, 1);
	assert_string_equal(last_line, "vm list");
	assert_string_equal(screen.above, PROMPT "vm list");
	assert_line("", 0);
}

static void text_is_inserted_and_removed_in_the_middle(void **state)
{
	type("abef" LEFT LEFT "cd");
	assert_line("abcdef", 4);
	type("\177");
	assert_line("abcef", 3);
	type(DELETE);
	assert_line("abcf", 3);
	type("\b" RIGHT "g");
	assert_line("abfg", 4);
	type("\001\004");
	assert_line("bfg", 0);
	type("\r");
	assert_string_equal(last_line, "bfg");
}

static void the_cursor_stops_at_both_ends(void **state)
{
	type("ab" RIGHT RIGHT);
	assert_line("ab", 2);
	type(DELETE "\004" LEFT LEFT LEFT "\177\b");
	assert_line("ab", 0);
}

static void every_terminals_home_and_end_are_known(void **state)
{
	static const char *const home[] = { "\033[H", "\033OH", "\033[1~", "\033[7~", "\001" };
	static const char *const end[] = { "\033[F", "\033OF", "\033[4~", "\033[8~", "\005" };

	type("line");
	for (size_t i = 0; i < ARRAY_SIZE(home); i++) {
		type(home[i]);
		assert_line("line", 0);
		type(end[i]);
		assert_line("line", 4);
	}
}

static void arrows_work_in_both_cursor_key_modes(void **state)
{
	type("ab\033OD");
	assert_line("ab", 1);
	type("\033OC\033OD\002");
	assert_line("ab", 0);
	type("\006");
	assert_line("ab", 1);
}

static void parts_of_the_line_are_killed(void **state)
{
	type("one two  three" LEFT LEFT "\027");
	assert_line("one two  ee", 9);
	type("\027");
	assert_line("one ee", 4);
	type("\013");
	assert_line("one ", 4);
	type("\027\027");
	assert_line("", 0);
	type("abc" LEFT "\025");
	assert_line("c", 0);
}

static void control_c_gives_the_line_up(void **state)
{
	type("rm -r /" LEFT LEFT "\003");
	assert_int_equal(aborts, 1);
	assert_int_equal(lines, 0);
	assert_string_equal(screen.above, PROMPT "rm -r /^C");
	type(UP);
	assert_line("", 0);
}

static void control_l_clears_the_screen_and_keeps_the_line(void **state)
{
	type("abc" LEFT "\014");
	assert_line("abc", 2);
}

static void output_between_keys_leaves_the_line_as_it_was(void **state)
{
	type("vm lis" LEFT);
	editor_clear_line(&ed);
	assert_int_equal(screen.len, 0);
	write_screen(NULL, "[VM 1] hello\n", 13);
	editor_redraw(&ed);
	check_screen();
	assert_line("vm lis", 5);
}

static void a_unique_word_is_completed_with_a_blank(void **state)
{
	type("vm li\t");
	assert_line("vm list ", 8);
}

static void a_word_is_completed_in_the_middle_of_a_line(void **state)
{
	type("vm de 1" LEFT LEFT "\t");
	assert_line("vm delete  1", 10);
}

static void what_candidates_share_is_filled_in_and_then_they_are_listed(void **state)
{
	type("vm co\t");
	assert_line("vm con", 6);
	assert_int_equal(screen.lines, 0);
	type("\t");
	assert_int_equal(screen.lines, 2);
	assert_string_equal(screen.above, "console  config  ");
	assert_line("vm con", 6);
	type("s\t");
	assert_line("vm console ", 11);
}

static void only_two_tabs_in_a_row_list(void **state)
{
	type("c\t" LEFT RIGHT "\t");
	assert_int_equal(screen.lines, 0);
	type("\t");
	assert_int_equal(screen.lines, 2);
	type("\025c\t\003");
	type("c\t");
	assert_int_equal(screen.lines, 3);
}

static void nothing_to_complete_changes_nothing(void **state)
{
	type("xyz\t\t\t");
	assert_line("xyz", 3);
	assert_int_equal(screen.lines, 0);
}

static void older_and_newer_lines_are_shown(void **state)
{
	type("first\rsecond\rdraft" UP);
	assert_line("second", 6);
	type("\020" UP UP);
	assert_line("first", 5);
	type(DOWN);
	assert_line("second", 6);
	type("\016" DOWN DOWN);
	assert_line("draft", 5);
	type(UP UP "\177\r");
	assert_string_equal(last_line, "firs");
	type(UP UP UP);
	assert_line("first", 5);
}

static void empty_and_repeated_lines_are_not_remembered(void **state)
{
	type("one\r\r\rone\rtwo\rone\r");
	type(UP);
	assert_line("one", 3);
	type(UP);
	assert_line("two", 3);
	type(UP);
	assert_line("one", 3);
	type(UP);
	assert_line("one", 3);
	assert_int_equal(ed.history_count, 3);
}

static void the_last_100_lines_are_remembered(void **state)
{
	char line[32];

	for (int i = 0; i <= SHELL_HISTORY_MAX; i++) {
		snprintf(line, sizeof(line), "line %d\r", i);
		type(line);
	}
	for (int i = SHELL_HISTORY_MAX; i > 0; i--) {
		type(UP);
		snprintf(line, sizeof(line), "line %d", i);
		assert_line(line, strlen(line));
	}
	type(UP);
	assert_line("line 1", 6);
}

static void a_line_has_at_most_255_characters(void **state)
{
	for (int i = 0; i < 300; i++)
		type("x");
	assert_int_equal(ed.len, SHELL_LINE_MAX - 1);
	type("\001y");
	assert_int_equal(ed.len, SHELL_LINE_MAX - 1);
	assert_int_equal(ed.line[0], 'x');
	type("\r" UP);
	assert_int_equal(strlen(last_line), SHELL_LINE_MAX - 1);
	assert_int_equal(ed.len, SHELL_LINE_MAX - 1);
	/* A completion that does not fit is not begun either. */
	type("\025vm ");
	while (ed.len < SHELL_LINE_MAX - 3)
		type(" ");
	type("l\t");
	assert_int_equal(ed.len, SHELL_LINE_MAX - 2);
}

static void unknown_keys_and_answers_of_the_terminal_leave_no_trace(void **state)
{
	static const char *const sequences[] = {
		"\033[5~",         "\033[6~",        "\033[2~",   "\033[15~",         "\033[99999999999~",
		"\033[~",          "\033x",          "\033OP",    "\033[3;5~x\b",     "\033[?1;2c",
		"\033[>41;330;0c", "\033[24;80R",    "\033[200~", "\033[201~",        "\033[1 q",
		"\033[!p",         "\033\033[5~",    "\033[I",    "\033[O",           "\033[Z",
		"\033[E",          "\033[38;5;100m", "\000",      "\034\035\036\037",
	};

	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++) {
		type("ab");
		type(sequences[i]);
		assert_line("ab", 2);
		type("\025");
	}
	type_bytes("ab\000c", 4);
	assert_line("abc", 3);
}

static void modifiers_do_not_change_what_a_key_is(void **state)
{
	type("abc\033[1;5D");
	assert_line("abc", 2);
	type("\033[1;2H\033[3;5~");
	assert_line("bc", 0);
}

static void a_cut_off_sequence_does_not_swallow_enter(void **state)
{
	type("ab\033[\rcd\033\003");
	assert_int_equal(lines, 1);
	assert_string_equal(last_line, "ab");
	assert_int_equal(aborts, 1);
	type("x\033[1\033[Dy");
	assert_line("yx", 1);
}

/* Any keys in any order: check_screen() after each byte is the test. */
static void the_terminal_follows_through_any_keys(void **state)
{
	static const char *const keys[] = { LEFT,   RIGHT,  UP,     DOWN,   DELETE, "\033[H", "\033[F", "\001", "\002",
					    "\004", "\005", "\006", "\013", "\016", "\020",   "\025",   "\027", "\b",
					    "\177", "\t",   "\t\t", "\014", "\r",   "\003",   "\033",   "[",    "O" };

	srand(1);
	for (int i = 0; i < 200000; i++) {
		unsigned what = (unsigned)rand() % 100;
		char byte = (char)(rand() % 256);

		if (what < 45) {
			byte = "abc del list con"[rand() % 16];
			type_bytes(&byte, 1);
		} else if (what < 98) {
			type(keys[(unsigned)rand() % ARRAY_SIZE(keys)]);
		} else {
			type_bytes(&byte, 1);
		}
	}
	assert_true(lines > 1000 && aborts > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(typed_text_is_shown_and_delivered, setup),
		cmocka_unit_test_setup(text_is_inserted_and_removed_in_the_middle, setup),
		cmocka_unit_test_setup(the_cursor_stops_at_both_ends, setup),
		cmocka_unit_test_setup(every_terminals_home_and_end_are_known, setup),
		cmocka_unit_test_setup(arrows_work_in_both_cursor_key_modes, setup),
		cmocka_unit_test_setup(parts_of_the_line_are_killed, setup),
		cmocka_unit_test_setup(control_c_gives_the_line_up, setup),
		cmocka_unit_test_setup(control_l_clears_the_screen_and_keeps_the_line, setup),
		cmocka_unit_test_setup(output_between_keys_leaves_the_line_as_it_was, setup),
		cmocka_unit_test_setup(a_unique_word_is_completed_with_a_blank, setup),
		cmocka_unit_test_setup(a_word_is_completed_in_the_middle_of_a_line, setup),
		cmocka_unit_test_setup(what_candidates_share_is_filled_in_and_then_they_are_listed, setup),
		cmocka_unit_test_setup(only_two_tabs_in_a_row_list, setup),
		cmocka_unit_test_setup(nothing_to_complete_changes_nothing, setup),
		cmocka_unit_test_setup(older_and_newer_lines_are_shown, setup),
		cmocka_unit_test_setup(empty_and_repeated_lines_are_not_remembered, setup),
		cmocka_unit_test_setup(the_last_100_lines_are_remembered, setup),
		cmocka_unit_test_setup(a_line_has_at_most_255_characters, setup),
		cmocka_unit_test_setup(unknown_keys_and_answers_of_the_terminal_leave_no_trace, setup),
		cmocka_unit_test_setup(modifiers_do_not_change_what_a_key_is, setup),
		cmocka_unit_test_setup(a_cut_off_sequence_does_not_swallow_enter, setup),
		cmocka_unit_test_setup(the_terminal_follows_through_any_keys, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
