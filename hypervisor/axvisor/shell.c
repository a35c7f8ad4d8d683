/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shell's core: words, commands, completion.
 */
#include "shell.h"
#include <axstd/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void vprint(struct shell *sh, const char *fmt, va_list args)
{
	char text[512];
	int len = vsnprintf(text, sizeof(text), fmt, args);

	if (len > 0)
		sh->write(sh, text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
}

void shell_printf(struct shell *sh, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vprint(sh, fmt, args);
	va_end(args);
}

int shell_error(struct shell *sh, const char *fmt, ...)
{
	va_list args;

	shell_printf(sh, "Error: ");
	va_start(args, fmt);
	vprint(sh, fmt, args);
	va_end(args);
	shell_printf(sh, "\n");
	return 1;
}

const struct shell_command *shell_find(const char *name)
{
	for (const struct shell_command *c = __start_table_shell_commands; c < __stop_table_shell_commands; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

int shell_usage(struct shell *sh, const char *command)
{
	const struct shell_command *c = shell_find(command);

	return shell_error(sh, "usage: %s %s", command, c ? c->synopsis : "");
}

int shell_path(struct shell *sh, const char *path, char out[FS_PATH_MAX])
{
	if (fs_path_join(sh->cwd, path, out))
		return shell_error(sh, "%s: the path is too long", path);
	return 0;
}

/*
 * Copy the word at @in to *@out, which moves on, without its quotes. Inside "..." a backslash protects only itself and
 * the quote. Return: what follows the word; @open: the quote that is not closed, or 0.
 */
static const char *unquote_word(const char *in, char **out, char *open)
{
	char quote = '\0';

	while (*in && (quote || (*in != ' ' && *in != '\t'))) {
		if (quote ? *in == quote : *in == '\'' || *in == '"') {
			quote = quote ? '\0' : *in;
			in++;
			continue;
		}
		if (*in == '\\' && ((!quote && in[1]) || (quote == '"' && (in[1] == '"' || in[1] == '\\'))))
			in++;
		*(*out)++ = *in++;
	}
	*open = quote;
	return in;
}

static const char *skip_blanks(const char *in)
{
	return in + strspn(in, " \t");
}

int shell_split(char *line, char *argv[SHELL_ARGS_MAX])
{
	const char *in = line;
	char *out = line;
	int argc = 0;
	char open;

	for (;;) {
		in = skip_blanks(in);
		if (!*in)
			return argc;
		if (argc == SHELL_ARGS_MAX - 1)
			return -AX_EINVAL;
		argv[argc++] = out;
		argv[argc] = NULL;
		in = unquote_word(in, &out, &open);
		if (open)
			return -AX_EINVAL;
		if (*in)
			in++; /* before the blank is overwritten: words without quotes are copied onto themselves */
		*out++ = '\0';
	}
}

int shell_run(struct shell *sh, char *line)
{
	char *argv[SHELL_ARGS_MAX];
	const struct shell_command *command;
	int argc;

	if (*skip_blanks(line) == '#')
		return 0;
	argc = shell_split(line, argv);
	if (argc < 0)
		return shell_error(sh, "a quote is not closed, or there are more than %d words", SHELL_ARGS_MAX - 1);
	if (argc == 0)
		return 0;
	command = shell_find(argv[0]);
	if (!command)
		return shell_error(sh, "%s: no such command; `help` lists them", argv[0]);
	return command->fn(sh, argc, argv);
}

/*
 * Completion.
 */
struct candidates {
	struct shell *sh;
	const char *typed; /* the word so far */
	size_t typed_len;
	char first[FS_NAME_MAX + 1]; /* what all so far have in common */
	unsigned count;
	bool directory;
	bool list;
};

static void offer(struct candidates *c, const char *word, bool directory)
{
	size_t same = 0;

	if (strncmp(word, c->typed, c->typed_len))
		return;
	if (c->list)
		shell_printf(c->sh, "%s%s  ", word, directory ? "/" : "");
	if (!c->count++) {
		strlcpy(c->first, word, sizeof(c->first));
		c->directory = directory;
		return;
	}
	while (c->first[same] && c->first[same] == word[same])
		same++;
	c->first[same] = '\0';
}

static void offer_files(struct candidates *c, const char *word)
{
	char folder[FS_PATH_MAX], path[FS_PATH_MAX];
	const char *slash = strrchr(word, '/');
	static struct fs_dirent entry; /* one shell, one completion at a time */
	struct fs_dir *dir;

	strlcpy(folder, slash ? word : ".", sizeof(folder));
	if (slash) {
		folder[slash - word + 1] = '\0';
		c->typed = slash + 1;
		c->typed_len = strlen(c->typed);
	}
	if (fs_path_join(c->sh->cwd, folder, path) || fs_opendir(path, &dir))
		return;
	while (fs_readdir(dir, &entry) == 1)
		offer(c, entry.name, entry.stat.type == FS_DIRECTORY);
	fs_closedir(dir);
}

/*
 * Append @text to @common in the way it has to be typed: inside the quote @open as it is, else with a backslash before
 * what has a meaning.
 */
static void append_quoted(char *common, size_t size, const char *text, char open)
{
	size_t len = strlen(common);

	for (; *text && len + 3 <= size; text++) {
		if (strchr(open == '"' ? "\"\\" : open ? "" : " \t'\"\\", *text))
			common[len++] = '\\';
		common[len++] = *text;
	}
	common[len] = '\0';
}

/* A line that is being typed, and its last word. */
struct typed_line {
	char text[SHELL_LINE_MAX]; /* the first word and the last */
	char *command, *word;
	unsigned index; /* of the last word */
	char open;      /* quote in which it stands, or 0 */
};

static void take_apart(struct typed_line *typed, const char *line)
{
	char *out = typed->text;
	const char *in = skip_blanks(line);

	typed->command = out;
	typed->index = 0;
	for (;;) {
		typed->word = out;
		in = unquote_word(in, &out, &typed->open);
		*out = '\0';
		if (!*in)
			return;
		out = typed->index++ ? typed->word : out + 1;
		in = skip_blanks(in);
	}
}

unsigned shell_complete(struct shell *sh, const char *line, char *common, size_t size, bool list)
{
	struct candidates c = { .sh = sh, .list = list };
	const struct shell_command *command;
	struct typed_line typed;

	take_apart(&typed, line);
	c.typed = typed.word;
	c.typed_len = strlen(typed.word);
	command = typed.index ? shell_find(typed.command) : NULL;
	if (!typed.index) {
		for (const struct shell_command *s = __start_table_shell_commands; s < __stop_table_shell_commands; s++)
			offer(&c, s->name, false);
	} else if (command && command->words && typed.index == 1) {
		for (const char *const *w = command->words; *w; w++)
			offer(&c, *w, false);
	} else {
		offer_files(&c, typed.word);
	}
	if (list)
		shell_printf(sh, "\n");
	*common = '\0';
	if (c.count)
		append_quoted(common, size, c.first + c.typed_len, typed.open);
	if (c.count == 1)
		snprintf(common + strlen(common), size - strlen(common), "%s",
			 c.directory         ? "/"
			 : typed.open == '"' ? "\" "
			 : typed.open        ? "' "
					     : " ");
	return c.count;
}
