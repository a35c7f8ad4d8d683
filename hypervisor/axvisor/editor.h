/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The line editor: bytes of a terminal (VT100) in, lines and bytes for the terminal out. No I/O of its own, so that
 * it can be tested.
 *
 * Keys: arrows, Home, End, Delete, Backspace, ^A ^B ^D ^E ^F ^K ^L ^N ^P ^U ^W ^C, Tab.
 */
#include "shell.h"
#include <stdint.h>

enum editor_event {
	EDITOR_NONE,
	EDITOR_LINE,  /* editor->line holds a complete line */
	EDITOR_ABORT, /* ^C: the line was given up */
};

struct editor {
	char line[SHELL_LINE_MAX];
	size_t len, cursor;
	const char *prompt;
	/* Escape sequences: ESC, then '[' or 'O', numbers, a final byte. */
	uint8_t escape;
	unsigned parameter; /* the first number */
	bool parameter_done;
	bool last_was_tab;
	/* History: a ring of lines, the newest at history_next - 1. */
	char history[SHELL_HISTORY_MAX][SHELL_LINE_MAX];
	unsigned history_next, history_count;
	unsigned history_at;        /* 0: the line being written, n: n lines back */
	char draft[SHELL_LINE_MAX]; /* the line being written, while history is shown */
	void (*write)(void *arg, const char *text, size_t len);
	/* As shell_complete. */
	unsigned (*complete)(void *arg, const char *line, char *common, size_t size, bool list);
	void *arg;
};

void editor_init(struct editor *ed, void (*write)(void *arg, const char *text, size_t len),
		 unsigned (*complete)(void *arg, const char *line, char *common, size_t size, bool list), void *arg);
/** editor_start - show the prompt and begin an empty line; @prompt is kept */
void editor_start(struct editor *ed, const char *prompt);
/** editor_redraw - prompt and line again, on a line of their own (after other output) */
void editor_redraw(struct editor *ed);
/** editor_clear_line - take prompt and line off the screen's current line (before other output) */
void editor_clear_line(struct editor *ed);
enum editor_event editor_feed(struct editor *ed, uint8_t byte);
