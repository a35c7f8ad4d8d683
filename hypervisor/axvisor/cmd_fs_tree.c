/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File commands that walk trees: rm, cp, mv. They do not recurse: a damaged volume decides how deep a tree is.
 */
#include <string.h>
#include <strings.h>
#include <axalloc/heap.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include "cmd_fs.h"

#define COPY_BUFFER KIB(256)
#define DEPTH_MAX   32

/* "/a/b" + "c" -> "/a/b/c" in place. */
static int path_push(char path[FS_PATH_MAX], const char *name)
{
	size_t len = strcmp(path, "/") ? strlen(path) : 0, add = strlen(name);

	if (len + 1 + add >= FS_PATH_MAX)
		return -AX_ENAMETOOLONG;
	path[len] = '/';
	memcpy(path + len + 1, name, add + 1);
	return 0;
}

static void path_pop(char path[FS_PATH_MAX])
{
	char *slash = strrchr(path, '/');

	slash[slash == path] = '\0';
}

static const char *base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* Is @path @dir itself or below it? FAT does not tell case apart, so neither do we. */
static bool is_below(const char *path, const char *dir)
{
	size_t len = strcmp(dir, "/") ? strlen(dir) : 0;

	return !strncasecmp(path, dir, len) && (path[len] == '/' || !path[len]);
}

/* --- rm --- */

enum { RM_RECURSIVE = 1, RM_FORCE = 2, RM_DIRECTORY = 4 };

/* First entry of a directory. Return: 1, 0 (empty) or -AX_E*. */
static int first_entry(const char *path, struct fs_dirent *entry)
{
	struct fs_dir *dir;
	int ret = fs_opendir(path, &dir);

	if (ret)
		return ret;
	ret = fs_readdir(dir, entry);
	fs_closedir(dir);
	return ret;
}

/* Remove what the directory at @path holds, and the directory: always the first entry, until there is none. */
static int remove_tree(struct shell *sh, char path[FS_PATH_MAX])
{
	struct fs_dirent *entry = kmalloc(sizeof(*entry));
	size_t base = strlen(path);
	int ret = entry ? 0 : -AX_ENOMEM;

	while (!ret) {
		if (shell_interrupted(sh)) {
			ret = -AX_EINTR;
			break;
		}
		ret = first_entry(path, entry);
		if (ret < 0)
			break;
		if (ret > 0) {
			ret = path_push(path, entry->name);
			if (!ret && entry->stat.type == FS_DIRECTORY)
				continue;
		}
		if (!ret)
			ret = fs_unlink(path);
		if (ret)
			break;
		if (strlen(path) == base)
			break;
		path_pop(path);
	}
	kfree(entry);
	return ret ? fs_failed(sh, path, ret) : 0;
}

static int rm_operand(struct shell *sh, const char *operand, unsigned options)
{
	char path[FS_PATH_MAX];
	struct fs_stat stat;
	int err = shell_path(sh, operand, path);

	if (err)
		return err;
	if (!strcmp(path, "/"))
		return fs_failed(sh, operand, -AX_EBUSY);
	err = fs_stat(path, &stat);
	if (err == -AX_ENOENT && options & RM_FORCE)
		return 0;
	if (err)
		return fs_failed(sh, operand, err);
	if (stat.type == FS_DIRECTORY && options & RM_RECURSIVE)
		return remove_tree(sh, path);
	if (stat.type == FS_DIRECTORY && !(options & RM_DIRECTORY))
		return shell_error(sh, "%s: is a directory (-r removes it with what it holds, -d when it is empty)",
				   operand);
	err = fs_unlink(path);
	return err ? fs_failed(sh, operand, err) : 0;
}

static int cmd_rm(struct shell *sh, int argc, char **argv)
{
	unsigned options;
	int first = fs_options(sh, argc, argv, "rfd", &options), err = 0;

	if (first < 0)
		return 1;
	if (first == argc && !(options & RM_FORCE))
		return shell_usage(sh, argv[0]);
	for (int i = first; i < argc; i++) {
		int ret = rm_operand(sh, argv[i], options);

		err = err ? err : ret;
	}
	return err;
}
SHELL_COMMAND("rm", "[-rfd] PATH...",
	      "remove files (-r: directories with all they hold, -d: empty ones, -f: no complaint about missing ones)",
	      cmd_rm);

/* --- cp --- */

static int copy_data(struct shell *sh, struct fs_file *in, struct fs_file *out, char *buffer)
{
	int64_t n, written;

	while ((n = fs_read(in, buffer, COPY_BUFFER)) > 0) {
		written = fs_write(out, buffer, n);
		if (written < 0)
			return (int)written;
		if (written < n)
			return -AX_ENOSPC;
		if (shell_interrupted(sh))
			return -AX_EINTR;
	}
	return (int)n;
}

/* A copy that failed is removed. */
static int copy_file(struct shell *sh, const char *from, const char *to)
{
	char *buffer = kmalloc(COPY_BUFFER);
	struct fs_file *in, *out;
	int err = -AX_ENOMEM, close_err;

	if (!buffer)
		return fs_failed(sh, from, err);
	err = fs_open(from, FS_READ, &in);
	if (err) {
		fs_failed(sh, from, err);
		goto free_buffer;
	}
	err = strcmp(from, to) ? fs_open(to, FS_WRITE | FS_CREATE | FS_TRUNCATE, &out) : -AX_EBUSY;
	if (err) {
		fs_failed(sh, to, err);
		goto close_in;
	}
	err = copy_data(sh, in, out, buffer);
	close_err = fs_close(out);
	err = err ? err : close_err;
	if (err) {
		fs_failed(sh, to, err);
		fs_unlink(to);
	}
close_in:
	fs_close(in);
free_buffer:
	kfree(buffer);
	return err ? 1 : 0;
}

struct tree_copy {
	char from[FS_PATH_MAX], to[FS_PATH_MAX];
	struct fs_dir *dirs[DEPTH_MAX];
	unsigned depth;
	struct fs_dirent entry;
};

/* Make the directory `to` and go into `from`. */
static int copy_enter(struct shell *sh, struct tree_copy *c)
{
	int err;

	if (c->depth == DEPTH_MAX)
		return fs_failed(sh, c->from, -AX_ENAMETOOLONG);
	err = fs_mkdir(c->to);
	if (err && err != -AX_EEXIST)
		return fs_failed(sh, c->to, err);
	err = fs_opendir(c->from, &c->dirs[c->depth]);
	if (err)
		return fs_failed(sh, c->from, err);
	c->depth++;
	return 0;
}

static int copy_entry(struct shell *sh, struct tree_copy *c)
{
	int err = path_push(c->from, c->entry.name);

	if (!err)
		err = path_push(c->to, c->entry.name);
	if (err)
		return fs_failed(sh, c->from, err);
	if (c->entry.stat.type == FS_DIRECTORY)
		return copy_enter(sh, c);
	err = copy_file(sh, c->from, c->to);
	path_pop(c->from);
	path_pop(c->to);
	return err;
}

static int copy_tree(struct shell *sh, const char *from, const char *to)
{
	struct tree_copy *c;
	int err;

	if (is_below(to, from))
		return shell_error(sh, "%s: cannot be copied or moved into itself", from);
	c = kzalloc(sizeof(*c));
	if (!c)
		return fs_failed(sh, from, -AX_ENOMEM);
	strcpy(c->from, from);
	strcpy(c->to, to);
	err = copy_enter(sh, c);
	while (!err && c->depth) {
		int more = shell_interrupted(sh) ? -AX_EINTR : fs_readdir(c->dirs[c->depth - 1], &c->entry);

		if (more > 0) {
			err = copy_entry(sh, c);
			continue;
		}
		if (more < 0)
			err = fs_failed(sh, c->from, more);
		fs_closedir(c->dirs[--c->depth]);
		path_pop(c->from);
		path_pop(c->to);
	}
	while (c->depth)
		fs_closedir(c->dirs[--c->depth]);
	kfree(c);
	return err;
}

/* cp -r and mv between volumes. */
static int copy(struct shell *sh, const char *from, const char *to, bool recursive)
{
	struct fs_stat stat;
	int err = fs_stat(from, &stat);

	if (err)
		return fs_failed(sh, from, err);
	if (stat.type != FS_DIRECTORY)
		return copy_file(sh, from, to);
	if (recursive)
		return copy_tree(sh, from, to);
	return shell_error(sh, "%s: is a directory (-r copies it with what it holds)", from);
}

/* --- mv --- */

static int move(struct shell *sh, const char *from, const char *to, bool recursive)
{
	char path[FS_PATH_MAX];
	struct fs_stat a, b;
	int err = fs_rename(from, to);

	/* A file takes the place of a file. */
	if (err == -AX_EEXIST && !fs_stat(from, &a) && !fs_stat(to, &b) && a.type == FS_FILE && b.type == FS_FILE) {
		err = fs_unlink(to);
		if (!err)
			err = fs_rename(from, to);
	}
	if (err != -AX_ENOTSUP)
		return err ? fs_failed(sh, from, err) : 0;
	/* Another volume. */
	err = copy(sh, from, to, recursive);
	if (err)
		return err;
	strcpy(path, from);
	return rm_operand(sh, path, RM_RECURSIVE);
}

/* Call @act for each source: with the target itself, or with a name in it when it is a directory. */
static int for_each_source(struct shell *sh, int argc, char **argv, bool recursive,
			   int (*act)(struct shell *sh, const char *from, const char *to, bool recursive))
{
	char from[FS_PATH_MAX], to[FS_PATH_MAX];
	struct fs_stat stat;
	bool into;
	int err;

	if (argc < 2)
		return shell_error(sh, "from where to where?");
	err = shell_path(sh, argv[argc - 1], to);
	if (err)
		return err;
	into = !fs_stat(to, &stat) && stat.type == FS_DIRECTORY;
	if (argc > 2 && !into)
		return fs_failed(sh, argv[argc - 1], -AX_ENOTDIR);
	for (int i = 0; i < argc - 1; i++) {
		int ret = shell_path(sh, argv[i], from);

		if (!ret && into) {
			ret = path_push(to, base_name(from));
			ret = ret ? fs_failed(sh, from, ret) : act(sh, from, to, recursive);
			path_pop(to);
		} else if (!ret) {
			ret = act(sh, from, to, recursive);
		}
		err = err ? err : ret;
	}
	return err;
}

static int cmd_cp(struct shell *sh, int argc, char **argv)
{
	unsigned recursive;
	int first = fs_options(sh, argc, argv, "r", &recursive);

	return first < 0 ? 1 : for_each_source(sh, argc - first, argv + first, recursive, copy);
}
SHELL_COMMAND("cp", "[-r] FROM... TO", "copy files (-r: directories too)", cmd_cp);

static int cmd_mv(struct shell *sh, int argc, char **argv)
{
	unsigned none;
	int first = fs_options(sh, argc, argv, "", &none);

	return first < 0 ? 1 : for_each_source(sh, argc - first, argv + first, true, move);
}
SHELL_COMMAND("mv", "FROM... TO", "move or rename files and directories", cmd_mv);
