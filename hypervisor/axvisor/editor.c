/* SPDX-License-Identifier: Apache-2.0 */
#include "editor.h"
#include <stdio.h>
#include <string.h>

#define CTRL(c) ((c)&0x1f)
#define ESC     0x1b
#define DEL     0x7f

static void put(struct editor *ed, const char *text, size_t len)
{
	if (len)
		ed->write(ed->arg, text, len);
}

static void puts_(struct editor *ed, const char *text)
{
	put(ed, text, strlen(text));
}

/* Move the terminal's cursor left by @n columns. */
static void left(struct editor *ed, size_t n)
{
	char text[16];

	if (n) {
		snprintf(text, sizeof(text), "\033[%uD", (unsigned)n);
		puts_(ed, text);
	}
}

/* What stands behind the cursor, again; the rest of the screen's line is cleared. */
static void draw_tail(struct editor *ed)
{
	put(ed, ed->line + ed->cursor, ed->len - ed->cursor);
	puts_(ed, "\033[K");
	left(ed, ed->len - ed->cursor);
}

static void move_to(struct editor *ed, size_t cursor)
{
	if (cursor > ed->cursor)
		put(ed, ed->line + ed->cursor, cursor - ed->cursor);
	else
		left(ed, ed->cursor - cursor);
	ed->cursor = cursor;
}

static void insert(struct editor *ed, const char *text, size_t len)
{
	if (ed->len + len >= SHELL_LINE_MAX)
		return;
	memmove(ed->line + ed->cursor + len, ed->line + ed->cursor, ed->len - ed->cursor);
	memcpy(ed->line + ed->cursor, text, len);
	ed->len += len;
	ed->cursor += len;
	put(ed, text, len);
	if (ed->cursor < ed->len)
		draw_tail(ed);
}

/* Remove [from, to). */
static void erase(struct editor *ed, size_t from, size_t to)
{
	if (from >= to)
		return;
	if (from < ed->cursor)
		move_to(ed, from);
	memmove(ed->line + from, ed->line + to, ed->len - to);
	ed->len -= to - from;
	draw_tail(ed);
}

static void replace_line(struct editor *ed, const char *text)
{
	move_to(ed, 0);
	ed->len = strlen(text);
	memcpy(ed->line, text, ed->len);
	ed->cursor = ed->len;
	put(ed, ed->line, ed->len);
	puts_(ed, "\033[K");
}

static const char *history_line(const struct editor *ed, unsigned back)
{
	return ed->history[(ed->history_next + SHELL_HISTORY_MAX - back) % SHELL_HISTORY_MAX];
}

static void history_add(struct editor *ed)
{
	if (!ed->len || (ed->history_count && !strcmp(history_line(ed, 1), ed->line)))
		return;
	memcpy(ed->history[ed->history_next], ed->line, ed->len + 1);
	ed->history_next = (ed->history_next + 1) % SHELL_HISTORY_MAX;
	if (ed->history_count < SHELL_HISTORY_MAX)
		ed->history_count++;
}

static void history_show(struct editor *ed, unsigned back)
{
	if (back > ed->history_count)
		return;
	if (!ed->history_at) {
		memcpy(ed->draft, ed->line, ed->len);
		ed->draft[ed->len] = '\0';
	}
	ed->history_at = back;
	replace_line(ed, back ? history_line(ed, back) : ed->draft);
}

static void history_older(struct editor *ed)
{
	history_show(ed, ed->history_at + 1);
}

static void history_newer(struct editor *ed)
{
	if (ed->history_at)
		history_show(ed, ed->history_at - 1);
}

static void erase_word(struct editor *ed)
{
	size_t from = ed->cursor;

	while (from && ed->line[from - 1] == ' ')
		from--;
	while (from && ed->line[from - 1] != ' ')
		from--;
	erase(ed, from, ed->cursor);
}

/* One candidate is filled in; of several what they share; asked again, they are listed. */
static void complete(struct editor *ed, bool again)
{
	char head[SHELL_LINE_MAX];
	char common[SHELL_LINE_MAX];
	unsigned candidates;

	memcpy(head, ed->line, ed->cursor);
	head[ed->cursor] = '\0';
	candidates = ed->complete(ed->arg, head, common, sizeof(common), false);
	if (candidates && *common) {
		insert(ed, common, strlen(common));
	} else if (candidates > 1 && again) {
		puts_(ed, "\n");
		ed->complete(ed->arg, head, common, sizeof(common), true);
		editor_redraw(ed);
	}
}

void editor_init(struct editor *ed, void (*write)(void *arg, const char *text, size_t len),
		 unsigned (*complete_)(void *arg, const char *line, char *common, size_t size, bool list), void *arg)
{
	memset(ed, 0, sizeof(*ed));
	ed->write = write;
	ed->complete = complete_;
	ed->arg = arg;
}

void editor_start(struct editor *ed, const char *prompt)
{
	ed->prompt = prompt;
	ed->len = ed->cursor = 0;
	ed->history_at = 0;
	puts_(ed, prompt);
}

void editor_redraw(struct editor *ed)
{
	puts_(ed, "\r\033[K");
	puts_(ed, ed->prompt);
	put(ed, ed->line, ed->len);
	left(ed, ed->len - ed->cursor);
}

void editor_clear_line(struct editor *ed)
{
	puts_(ed, "\r\033[K");
}

static enum editor_event finish(struct editor *ed, enum editor_event event)
{
	move_to(ed, ed->len);
	puts_(ed, event == EDITOR_ABORT ? "^C\n" : "\n");
	if (event == EDITOR_ABORT)
		ed->len = 0;
	ed->line[ed->len] = '\0';
	ed->cursor = ed->len;
	if (event == EDITOR_LINE)
		history_add(ed);
	return event;
}

/* The final byte of "ESC [ n x" or "ESC O x"; of several numbers the first counts. */
static void escape_key(struct editor *ed, uint8_t byte)
{
	switch (byte) {
	case 'A': history_older(ed); break;
	case 'B': history_newer(ed); break;
	case 'C': move_to(ed, ed->cursor + (ed->cursor < ed->len)); break;
	case 'D': move_to(ed, ed->cursor - (ed->cursor > 0)); break;
	case 'H': move_to(ed, 0); break;
	case 'F': move_to(ed, ed->len); break;
	case '~':
		if (ed->parameter == 3)
			erase(ed, ed->cursor, ed->cursor + (ed->cursor < ed->len));
		else if (ed->parameter == 1 || ed->parameter == 7)
			move_to(ed, 0);
		else if (ed->parameter == 4 || ed->parameter == 8)
			move_to(ed, ed->len);
		break;
	}
}

/* Returns whether the byte belonged to an escape sequence. */
static bool feed_escape(struct editor *ed, uint8_t byte)
{
	if (byte == ESC) {
		ed->escape = ESC;
	} else if (byte < ' ') { /* a key of its own, which ends a sequence that was cut off */
		ed->escape = 0;
		return false;
	} else if (!ed->escape) {
		return false;
	} else if (ed->escape == ESC) {
		ed->escape = byte == '[' || byte == 'O' ? byte : 0;
		ed->parameter = 0;
		ed->parameter_done = false;
	} else if (byte >= '@') {
		ed->escape = 0;
		escape_key(ed, byte);
	} else if (byte < '0' || byte > '9') {
		ed->parameter_done = true;
	} else if (!ed->parameter_done) {
		ed->parameter = (ed->parameter * 10 + (byte - '0')) % 1000;
	}
	return true;
}

/* @again: the key before was a Tab. */
static void control_key(struct editor *ed, uint8_t byte, bool again)
{
	switch (byte) {
	case CTRL('A'): move_to(ed, 0); break;
	case CTRL('B'): move_to(ed, ed->cursor - (ed->cursor > 0)); break;
	case CTRL('D'): erase(ed, ed->cursor, ed->cursor + (ed->cursor < ed->len)); break;
	case CTRL('E'): move_to(ed, ed->len); break;
	case CTRL('F'): move_to(ed, ed->cursor + (ed->cursor < ed->len)); break;
	case CTRL('H'):
	case DEL: erase(ed, ed->cursor - (ed->cursor > 0), ed->cursor); break;
	case CTRL('I'):
		complete(ed, again);
		ed->last_was_tab = true;
		break;
	case CTRL('K'): erase(ed, ed->cursor, ed->len); break;
	case CTRL('L'):
		puts_(ed, "\033[2J\033[H");
		editor_redraw(ed);
		break;
	case CTRL('N'): history_newer(ed); break;
	case CTRL('P'): history_older(ed); break;
	case CTRL('U'): erase(ed, 0, ed->cursor); break;
	case CTRL('W'): erase_word(ed); break;
	}
}

enum editor_event editor_feed(struct editor *ed, uint8_t byte)
{
	bool again = ed->last_was_tab;
	char c = (char)byte;

	ed->last_was_tab = false;
	if (feed_escape(ed, byte))
		return EDITOR_NONE;
	if (byte == '\r' || byte == '\n')
		return finish(ed, EDITOR_LINE);
	if (byte == CTRL('C'))
		return finish(ed, EDITOR_ABORT);
	if (byte >= ' ' && byte != DEL)
		insert(ed, &c, 1);
	else
		control_key(ed, byte, again);
	return EDITOR_NONE;
}
