/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The shell: commands, and what they are given. One command, one entry in a table that the linker collects.
 *
 * Commands run on the shell's task and may sleep. They return 0, or 1 after they have said what went wrong with
 * shell_error().
 */
#include <axfs/fs.h>
#include <stdbool.h>
#include <stddef.h>

#define SHELL_LINE_MAX    256
#define SHELL_ARGS_MAX    32
#define SHELL_HISTORY_MAX 100

struct shell {
	char cwd[FS_PATH_MAX]; /* absolute, without a slash at its end (but "/") */
	/* Where output goes. */
	void (*write)(struct shell *sh, const char *text, size_t len);
	/* Has ^C been typed since the command began? NULL: never. */
	bool (*interrupted)(struct shell *sh);
};

/** shell_interrupted - a command that takes long asks this now and then, and ends when it is so */
static inline bool shell_interrupted(struct shell *sh)
{
	return sh->interrupted && sh->interrupted(sh);
}

typedef int (*shell_fn)(struct shell *sh, int argc, char **argv);

struct shell_command {
	const char *name;
	const char *synopsis; /* arguments, as in "[-l] [-a] [PATH...]" */
	const char *help;     /* what it does: one line */
	shell_fn fn;
	/* Words that may stand first among the arguments, for completion; ends with NULL. NULL: file names. */
	const char *const *words;
};

#define SHELL_COMMAND_WORDS(name_, synopsis_, help_, fn_, words_)                                                 \
	static const struct shell_command shell_command_##fn_                                                     \
		__attribute__((used, section("table_shell_commands"), aligned(8))) = {                            \
			.name = (name_), .synopsis = (synopsis_), .help = (help_), .fn = (fn_), .words = (words_) \
		}

#define SHELL_COMMAND(name_, synopsis_, help_, fn_) SHELL_COMMAND_WORDS(name_, synopsis_, help_, fn_, NULL)

extern const struct shell_command __start_table_shell_commands[], __stop_table_shell_commands[];

/** shell_printf - output of a command, at most 512 bytes at a time ("\n" ends lines) */
void shell_printf(struct shell *sh, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** shell_error - one line "Error: ..." (the newline is added). Return: 1, for `return shell_error(...)`. */
int shell_error(struct shell *sh, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** shell_usage - one line that tells how the command is called. Return: 1. */
int shell_usage(struct shell *sh, const char *command);
/** shell_path - @path as seen from the working directory. Return: 0, or 1 after an error message. */
int shell_path(struct shell *sh, const char *path, char out[FS_PATH_MAX]);

/** shell_run - carry out one line. Return: the command's result, 1 for a line that is none. */
int shell_run(struct shell *sh, char *line);
/**
 * shell_split - split @line into words in place; quotes ('...' and "...") and backslashes as in sh. Return: number of
 * words or -AX_EINVAL (open quote, too many).
 */
int shell_split(char *line, char *argv[SHELL_ARGS_MAX]);
/** shell_find - the command of this name or NULL */
const struct shell_command *shell_find(const char *name);
/**
 * shell_complete - what could stand for the word that ends at the end of @line
 * @line: at most SHELL_LINE_MAX - 1 characters
 * @common: what all candidates have in common beyond what is typed, at most @size bytes; a blank or slash is added
 *          when there is but one
 * Return: number of candidates; with @list they are printed.
 */
unsigned shell_complete(struct shell *sh, const char *line, char *common, size_t size, bool list);
