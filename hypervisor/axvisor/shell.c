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

int shell_split(char *line, char *argv[SHELL_ARGS_MAX])
{
	char *in = line, *out = line;
	int argc = 0;

	for (;;) {
		char quote = '\0';

		while (*in == ' ' || *in == '\t')
			in++;
		if (!*in)
			return argc;
		if (argc == SHELL_ARGS_MAX - 1)
			return -AX_EINVAL;
		argv[argc++] = out;
		argv[argc] = NULL;
		while (*in && (quote || (*in != ' ' && *in != '\t'))) {
			if (*in == quote) {
				quote = '\0';
				in++;
			} else if (!quote && (*in == '\'' || *in == '"')) {
				quote = *in++;
			} else {
				if (*in == '\\' && quote != '\'' && in[1])
					in++;
				*out++ = *in++;
			}
		}
		if (quote)
			return -AX_EINVAL;
		if (*in)
			in++;
		*out++ = '\0';
	}
}

int shell_run(struct shell *sh, char *line)
{
	char *argv[SHELL_ARGS_MAX];
	const struct shell_command *command;
	int argc = shell_split(line, argv);

	if (argc < 0)
		return shell_error(sh, "a quote is not closed, or there are more than %d words", SHELL_ARGS_MAX - 1);
	if (argc == 0 || argv[0][0] == '#')
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

unsigned shell_complete(struct shell *sh, const char *line, char *common, size_t size, bool list)
{
	const char *word = strrchr(line, ' ');
	struct candidates c = { .sh = sh, .list = list };
	char name[32];
	const struct shell_command *command = NULL;
	bool second;

	word = word ? word + 1 : line;
	c.typed = word;
	c.typed_len = strlen(word);
	strlcpy(name, line, sizeof(name));
	name[strcspn(name, " ")] = '\0';
	second = word != line && strchr(line, ' ') + 1 == word;
	if (word != line)
		command = shell_find(name);
	if (word == line) {
		for (const struct shell_command *s = __start_table_shell_commands; s < __stop_table_shell_commands; s++)
			offer(&c, s->name, false);
	} else if (command && command->words && second) {
		for (const char *const *w = command->words; *w; w++)
			offer(&c, *w, false);
	} else {
		offer_files(&c, word);
	}
	if (list)
		shell_printf(sh, "\n");
	snprintf(common, size, "%s%s", c.count ? c.first + c.typed_len : "",
		 c.count == 1 ? (c.directory ? "/" : " ") : "");
	return c.count;
}
