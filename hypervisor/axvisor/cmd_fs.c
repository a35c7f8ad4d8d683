/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File commands of the shell: ls, cat, echo, mkdir, touch, cd, pwd.
 */
#include "cmd_fs.h"
#include <stdio.h>
#include <string.h>
#include <axalloc/heap.h>
#include <axstd/error.h>
#include <axstd/sort.h>
#include <axstd/util.h>

#define CAT_BUFFER   4096
#define LS_MAX       10000 /* entries of a directory that are shown */
#define SECS_PER_DAY 86400

int fs_options(struct shell *sh, int argc, char **argv, const char *known, unsigned *set)
{
	int i;

	*set = 0;
	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (!strcmp(argv[i], "--"))
			return i + 1;
		for (const char *c = argv[i] + 1; *c; c++) {
			const char *found = strchr(known, *c);

			if (!found) {
				shell_error(sh, "unknown option -%c; see `help %s`", *c, argv[0]);
				return -1;
			}
			*set |= 1U << (found - known);
		}
	}
	return i;
}

int fs_failed(struct shell *sh, const char *path, int err)
{
	return shell_error(sh, "%s: %s", path, error_text(err));
}

/* --- ls --- */

enum { LS_LONG = 1, LS_ALL = 2 };

struct ls_entry {
	struct fs_stat stat;
	char *name;
};

struct ls_list {
	struct ls_entry *entries;
	size_t count, room;
};

static int ls_add(struct ls_list *list, const char *name, const struct fs_stat *stat)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 32;
		struct ls_entry *entries = kcalloc(room, sizeof(*entries));

		if (!entries)
			return -AX_ENOMEM;
		if (list->count)
			memcpy(entries, list->entries, list->count * sizeof(*entries));
		kfree(list->entries);
		list->entries = entries;
		list->room = room;
	}
	list->entries[list->count].stat = *stat;
	list->entries[list->count].name = kstrdup(name);
	if (!list->entries[list->count].name)
		return -AX_ENOMEM;
	list->count++;
	return 0;
}

static void ls_free(struct ls_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		kfree(list->entries[i].name);
	kfree(list->entries);
}

static int ls_compare(const void *a, const void *b)
{
	return strcmp(((const struct ls_entry *)a)->name, ((const struct ls_entry *)b)->name);
}

/* "2026-11-21 23:52", for a time of 0 as many spaces. Civil date from days: years begin in March. */
static void format_time(uint32_t time, char *text, size_t size)
{
	uint32_t days = time / SECS_PER_DAY + 719468, secs = time % SECS_PER_DAY;
	uint32_t era = days / 146097, doe = days % 146097;
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	uint32_t month = mp < 10 ? mp + 3 : mp - 9;

	if (time)
		snprintf(text, size, "%04u-%02u-%02u %02u:%02u", (unsigned)(era * 400 + yoe + (month <= 2)),
			 (unsigned)month, (unsigned)(doy - (153 * mp + 2) / 5 + 1), (unsigned)(secs / 3600),
			 (unsigned)(secs / 60 % 60));
	else
		snprintf(text, size, "%16s", "");
}

static void ls_print(struct shell *sh, const char *name, const struct fs_stat *stat, unsigned options)
{
	static const char types[] = { [FS_FILE] = '-', [FS_DIRECTORY] = 'd', [FS_DEVICE] = 'c' };
	const char *mark = stat->type == FS_DIRECTORY ? "/" : "";
	char time[32];

	if (!(options & LS_LONG)) {
		shell_printf(sh, "%s%s\n", name, mark);
		return;
	}
	format_time(stat->mtime, time, sizeof(time));
	shell_printf(sh, "%cr%c %12llu  %s  %s%s\n", types[stat->type], stat->read_only ? '-' : 'w',
		     (unsigned long long)stat->size, time, name, mark);
}

static int ls_directory(struct shell *sh, const char *path, unsigned options)
{
	static const struct fs_stat directory = { .type = FS_DIRECTORY };
	struct fs_dirent *entry = kmalloc(sizeof(*entry));
	struct ls_list list = { 0 };
	struct fs_dir *dir;
	int err, more;

	if (!entry)
		return fs_failed(sh, path, -AX_ENOMEM);
	err = fs_opendir(path, &dir);
	if (err)
		goto free_entry;
	if (options & LS_ALL) {
		err = ls_add(&list, ".", &directory);
		if (!err)
			err = ls_add(&list, "..", &directory);
	}
	while (!err && list.count < LS_MAX) {
		more = fs_readdir(dir, entry);
		if (more <= 0) {
			err = more;
			break;
		}
		if (entry->name[0] != '.' || options & LS_ALL)
			err = ls_add(&list, entry->name, &entry->stat);
	}
	fs_closedir(dir);
	if (list.count)
		sort(list.entries, list.count, sizeof(*list.entries), ls_compare);
	for (size_t i = 0; i < list.count && !shell_interrupted(sh); i++)
		ls_print(sh, list.entries[i].name, &list.entries[i].stat, options);
	if (list.count == LS_MAX)
		shell_printf(sh, "... (more than %u entries)\n", LS_MAX);
	ls_free(&list);
free_entry:
	kfree(entry);
	return err ? fs_failed(sh, path, err) : 0;
}

static int ls_operand(struct shell *sh, const char *operand, unsigned options, bool title)
{
	char path[FS_PATH_MAX];
	struct fs_stat stat;
	int err = shell_path(sh, operand, path);

	if (err)
		return err;
	err = fs_stat(path, &stat);
	if (err)
		return fs_failed(sh, operand, err);
	if (stat.type != FS_DIRECTORY) {
		ls_print(sh, operand, &stat, options);
		return 0;
	}
	if (title)
		shell_printf(sh, "%s:\n", operand);
	return ls_directory(sh, path, options);
}

static int cmd_ls(struct shell *sh, int argc, char **argv)
{
	unsigned options;
	int first = fs_options(sh, argc, argv, "la", &options), err = 0;

	if (first < 0)
		return 1;
	if (first == argc)
		return ls_operand(sh, ".", options, false);
	for (int i = first; i < argc; i++) {
		int ret = ls_operand(sh, argv[i], options, argc - first > 1);

		err = err ? err : ret;
	}
	return err;
}
SHELL_COMMAND("ls", "[-la] [PATH...]", "list a directory (-l: with sizes and times, -a: hidden names too)", cmd_ls);

/* --- cat, echo, touch --- */

static int cat_file(struct shell *sh, const char *operand, char *buffer)
{
	char path[FS_PATH_MAX];
	struct fs_file *file;
	int64_t n;
	int err = shell_path(sh, operand, path);

	if (err)
		return err;
	err = fs_open(path, FS_READ, &file);
	if (err)
		return fs_failed(sh, operand, err);
	while ((n = fs_read(file, buffer, CAT_BUFFER)) > 0) {
		sh->write(sh, buffer, n);
		if (shell_interrupted(sh))
			break;
	}
	fs_close(file);
	return n < 0 ? fs_failed(sh, operand, (int)n) : 0;
}

static int cmd_cat(struct shell *sh, int argc, char **argv)
{
	char *buffer;
	int err = 0;

	if (argc < 2)
		return shell_usage(sh, argv[0]);
	buffer = kmalloc(CAT_BUFFER);
	if (!buffer)
		return fs_failed(sh, argv[1], -AX_ENOMEM);
	for (int i = 1; i < argc && !shell_interrupted(sh); i++) {
		int ret = cat_file(sh, argv[i], buffer);

		err = err ? err : ret;
	}
	kfree(buffer);
	return err;
}
SHELL_COMMAND("cat", "FILE...", "print files", cmd_cat);

/* A last operand `> FILE`, `>> FILE`, `>FILE` or `>>FILE`. Takes it off *@argc. Return: the file, or NULL. */
static const char *echo_target(int *argc, char **argv, unsigned *flags)
{
	const char *op = NULL, *name = NULL;

	if (*argc >= 3 && (!strcmp(argv[*argc - 2], ">") || !strcmp(argv[*argc - 2], ">>"))) {
		op = argv[*argc - 2];
		name = argv[*argc - 1];
		*argc -= 2;
	} else if (*argc >= 2 && argv[*argc - 1][0] == '>') {
		op = argv[*argc - 1];
		name = op + strspn(op, ">");
		*argc -= 1;
	}
	if (op)
		*flags = FS_WRITE | FS_CREATE | (op[1] == '>' ? FS_APPEND : FS_TRUNCATE);
	return name;
}

static int write_text(struct fs_file *file, const char *text)
{
	int64_t n = fs_write(file, text, strlen(text));

	return n < 0 ? (int)n : (size_t)n < strlen(text) ? -AX_ENOSPC : 0;
}

static int cmd_echo(struct shell *sh, int argc, char **argv)
{
	bool newline = argc < 2 || strcmp(argv[1], "-n");
	struct fs_file *file = NULL;
	char path[FS_PATH_MAX];
	unsigned flags = 0;
	const char *target = echo_target(&argc, argv, &flags);
	int err = 0, close_err;

	if (target) {
		err = shell_path(sh, target, path);
		if (err)
			return err;
		err = fs_open(path, flags, &file);
		if (err)
			return fs_failed(sh, target, err);
	}
	for (int i = newline ? 1 : 2; i <= argc && !err; i++) {
		const char *text = i < argc ? argv[i] : newline ? "\n" : "";
		const char *space = i + 1 < argc ? " " : "";

		if (!file)
			shell_printf(sh, "%s%s", text, space);
		else if (!(err = write_text(file, text)))
			err = write_text(file, space);
	}
	if (!file)
		return 0;
	close_err = fs_close(file);
	err = err ? err : close_err;
	return err ? fs_failed(sh, target, err) : 0;
}
SHELL_COMMAND("echo", "[-n] [TEXT...] [> FILE | >> FILE]", "print text, or write it to a file", cmd_echo);

static int cmd_touch(struct shell *sh, int argc, char **argv)
{
	char path[FS_PATH_MAX];
	struct fs_file *file;
	int err = 0;

	if (argc < 2)
		return shell_usage(sh, argv[0]);
	for (int i = 1; i < argc; i++) {
		int ret = shell_path(sh, argv[i], path);

		if (!ret) {
			ret = fs_open(path, FS_WRITE | FS_CREATE, &file);
			ret = ret ? ret : fs_close(file);
			if (ret)
				ret = fs_failed(sh, argv[i], ret);
		}
		err = err ? err : ret;
	}
	return err;
}
SHELL_COMMAND("touch", "FILE...", "create empty files", cmd_touch);

/* --- directories --- */

/* Every directory on the way that is missing. */
static int make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int err;

		*slash = '\0';
		err = fs_mkdir(path);
		*slash = '/';
		if (err && err != -AX_EEXIST)
			return err;
	}
	return 0;
}

static int make_directory(char *path, bool parents)
{
	struct fs_stat stat;
	int err;

	if (!parents)
		return fs_mkdir(path);
	if (!fs_stat(path, &stat) && stat.type == FS_DIRECTORY)
		return 0;
	err = make_parents(path);
	return err ? err : fs_mkdir(path);
}

static int cmd_mkdir(struct shell *sh, int argc, char **argv)
{
	char path[FS_PATH_MAX];
	unsigned parents;
	int first = fs_options(sh, argc, argv, "p", &parents), err = 0;

	if (first < 0)
		return 1;
	if (first == argc)
		return shell_usage(sh, argv[0]);
	for (int i = first; i < argc; i++) {
		int ret = shell_path(sh, argv[i], path);

		if (!ret) {
			ret = make_directory(path, parents);
			if (ret)
				ret = fs_failed(sh, argv[i], ret);
		}
		err = err ? err : ret;
	}
	return err;
}
SHELL_COMMAND("mkdir", "[-p] DIRECTORY...", "make directories (-p: with those above them)", cmd_mkdir);

static int cmd_cd(struct shell *sh, int argc, char **argv)
{
	const char *operand = argc < 2 ? "/" : argv[1];
	char path[FS_PATH_MAX];
	struct fs_stat stat;
	int err = shell_path(sh, operand, path);

	if (err)
		return err;
	err = fs_stat(path, &stat);
	if (!err && stat.type != FS_DIRECTORY)
		err = -AX_ENOTDIR;
	if (err)
		return fs_failed(sh, operand, err);
	memcpy(sh->cwd, path, sizeof(sh->cwd));
	return 0;
}
SHELL_COMMAND("cd", "[DIRECTORY]", "change the working directory (without one: to /)", cmd_cd);

static int cmd_pwd(struct shell *sh, int argc, char **argv)
{
	shell_printf(sh, "%s\n", sh->cwd);
	return 0;
}
SHELL_COMMAND("pwd", "", "print the working directory", cmd_pwd);
