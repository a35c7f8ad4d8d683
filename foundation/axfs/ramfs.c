/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files in the heap, up to a limit. Data lies in pages, so that a growing file is never copied.
 */
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <axalloc/heap.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include "vfs.h"

struct node {
	TAILQ_ENTRY(node) link;
	struct node *parent;
	TAILQ_HEAD(node_list, node) children;
	bool directory;
	unsigned open; /* handles on it: it is not freed before they are gone */
	uint64_t size;
	char **pages; /* NULL: a page of zeros that was never written */
	size_t num_pages;
	char name[];
};

struct ramfs {
	struct fs_volume volume;
	struct node *root;
	uint64_t used, limit; /* bytes: nodes, tables of pages, pages */
};

struct ramfs_dir {
	struct node *node;
	unsigned next;
};

static struct ramfs *ramfs_of(struct fs_volume *volume)
{
	return container_of(volume, struct ramfs, volume);
}

static void *take(struct ramfs *fs, size_t size)
{
	void *memory = size > fs->limit - fs->used ? NULL : kzalloc(size);

	if (memory)
		fs->used += size;
	return memory;
}

static void give(struct ramfs *fs, void *memory, size_t size)
{
	if (memory)
		fs->used -= size;
	kfree(memory);
}

static size_t node_size(const char *name)
{
	return sizeof(struct node) + strlen(name) + 1;
}

static struct node *find_child(struct node *dir, const char *name, size_t len)
{
	struct node *child;

	TAILQ_FOREACH (child, &dir->children, link)
		if (!strncmp(child->name, name, len) && !child->name[len])
			return child;
	return NULL;
}

/*
 * Walk to the directory that holds the last component of @path ("/": the root, with an empty last component).
 * Return: 0, -AX_ENOENT, -AX_ENOTDIR.
 */
static int walk(struct ramfs *fs, const char *path, struct node **dir, const char **last)
{
	struct node *at = fs->root;
	const char *slash;

	for (path++; (slash = strchr(path, '/')); path = slash + 1) {
		at = find_child(at, path, slash - path);
		if (!at)
			return -AX_ENOENT;
		if (!at->directory)
			return -AX_ENOTDIR;
	}
	*dir = at;
	*last = path;
	return 0;
}

static int lookup(struct ramfs *fs, const char *path, struct node **out)
{
	const char *last;
	struct node *dir;
	int err = walk(fs, path, &dir, &last);

	if (err)
		return err;
	*out = *last ? find_child(dir, last, strlen(last)) : dir;
	return *out ? 0 : -AX_ENOENT;
}

static int create(struct ramfs *fs, const char *path, bool directory, struct node **out)
{
	const char *name;
	struct node *dir, *node;
	int err = walk(fs, path, &dir, &name);

	if (err)
		return err;
	if (!*name || find_child(dir, name, strlen(name)))
		return -AX_EEXIST;
	node = take(fs, node_size(name));
	if (!node)
		return -AX_ENOSPC;
	strcpy(node->name, name);
	node->directory = directory;
	node->parent = dir;
	TAILQ_INIT(&node->children);
	TAILQ_INSERT_TAIL(&dir->children, node, link);
	*out = node;
	return 0;
}

static void truncate_node(struct ramfs *fs, struct node *node)
{
	for (size_t i = 0; i < node->num_pages; i++)
		give(fs, node->pages[i], PAGE_SIZE);
	give(fs, node->pages, node->num_pages * sizeof(char *));
	node->pages = NULL;
	node->num_pages = 0;
	node->size = 0;
}

static void free_node(struct ramfs *fs, struct node *node)
{
	truncate_node(fs, node);
	give(fs, node, node_size(node->name));
}

/* Room in the table for @count pages; it at least doubles, so that appending costs little. */
static int grow_table(struct ramfs *fs, struct node *node, size_t count)
{
	size_t want = MAX(count, node->num_pages * 2);
	char **pages;

	if (count <= node->num_pages)
		return 0;
	pages = take(fs, want * sizeof(char *));
	if (!pages)
		return -AX_ENOSPC;
	if (node->num_pages)
		memcpy(pages, node->pages, node->num_pages * sizeof(char *));
	give(fs, node->pages, node->num_pages * sizeof(char *));
	node->pages = pages;
	node->num_pages = want;
	return 0;
}

static int ramfs_open(struct fs_volume *volume, const char *path, unsigned flags, void **handle)
{
	struct ramfs *fs = ramfs_of(volume);
	struct node *node;
	int err = lookup(fs, path, &node);

	if (err == -AX_ENOENT && flags & FS_CREATE)
		err = create(fs, path, false, &node);
	if (err)
		return err;
	if (node->directory)
		return -AX_EISDIR;
	if (flags & FS_TRUNCATE)
		truncate_node(fs, node);
	node->open++;
	*handle = node;
	return 0;
}

static int ramfs_close(struct fs_volume *volume, void *handle)
{
	struct node *node = handle;

	node->open--;
	return 0;
}

static int64_t ramfs_read(struct fs_volume *volume, void *handle, uint64_t offset, void *buffer, size_t len)
{
	struct node *node = handle;
	size_t done = 0;

	if (offset >= node->size)
		return 0;
	len = MIN(len, node->size - offset);
	while (done < len) {
		size_t page = (offset + done) / PAGE_SIZE, skip = (offset + done) % PAGE_SIZE;
		size_t n = MIN(len - done, PAGE_SIZE - skip);

		if (node->pages[page])
			memcpy((char *)buffer + done, node->pages[page] + skip, n);
		else
			memset((char *)buffer + done, 0, n);
		done += n;
	}
	return (int64_t)done;
}

static int64_t ramfs_write(struct fs_volume *volume, void *handle, uint64_t offset, const void *buffer, size_t len)
{
	struct ramfs *fs = ramfs_of(volume);
	struct node *node = handle;
	size_t done = 0;
	int err;

	/* More than the limit cannot be stored; this also keeps the arithmetic below from wrapping around. */
	if (offset > fs->limit || len > fs->limit - offset)
		return -AX_ENOSPC;
	err = grow_table(fs, node, DIV_ROUND_UP(offset + len, PAGE_SIZE));
	if (err)
		return err;
	while (done < len) {
		size_t page = (offset + done) / PAGE_SIZE, skip = (offset + done) % PAGE_SIZE;
		size_t n = MIN(len - done, PAGE_SIZE - skip);

		if (!node->pages[page])
			node->pages[page] = take(fs, PAGE_SIZE);
		if (!node->pages[page])
			break;
		memcpy(node->pages[page] + skip, (const char *)buffer + done, n);
		done += n;
		node->size = MAX(node->size, offset + done);
	}
	return done || !len ? (int64_t)done : -AX_ENOSPC;
}

static void stat_node(const struct node *node, struct fs_stat *out)
{
	*out = (struct fs_stat){ .type = node->directory ? FS_DIRECTORY : FS_FILE, .size = node->size };
}

static void ramfs_fstat(struct fs_volume *volume, void *handle, struct fs_stat *out)
{
	stat_node(handle, out);
}

static int ramfs_stat(struct fs_volume *volume, const char *path, struct fs_stat *out)
{
	struct node *node;
	int err = lookup(ramfs_of(volume), path, &node);

	if (!err)
		stat_node(node, out);
	return err;
}

static int ramfs_mkdir(struct fs_volume *volume, const char *path)
{
	struct node *node;

	return create(ramfs_of(volume), path, true, &node);
}

static int ramfs_unlink(struct fs_volume *volume, const char *path)
{
	struct ramfs *fs = ramfs_of(volume);
	struct node *node;
	int err = lookup(fs, path, &node);

	if (err)
		return err;
	if (!TAILQ_EMPTY(&node->children))
		return -AX_ENOTEMPTY;
	if (node->open)
		return -AX_EBUSY;
	TAILQ_REMOVE(&node->parent->children, node, link);
	free_node(fs, node);
	return 0;
}

/* The name is part of the node, so renaming makes a new node that takes over everything else. */
static int ramfs_rename(struct fs_volume *volume, const char *from, const char *to)
{
	struct ramfs *fs = ramfs_of(volume);
	struct node *node, *copy, *child, *up;
	const char *last;
	int err;

	err = lookup(fs, from, &node);
	if (err)
		return err;
	if (node->open)
		return -AX_EBUSY;
	err = walk(fs, to, &up, &last);
	if (err)
		return err;
	for (; up; up = up->parent)
		if (up == node)
			return -AX_EINVAL; /* into itself */
	err = create(fs, to, node->directory, &copy);
	if (err)
		return err;
	copy->size = node->size;
	copy->pages = node->pages;
	copy->num_pages = node->num_pages;
	TAILQ_CONCAT(&copy->children, &node->children, link);
	TAILQ_FOREACH (child, &copy->children, link)
		child->parent = copy;
	TAILQ_REMOVE(&node->parent->children, node, link);
	give(fs, node, node_size(node->name));
	return 0;
}

static int ramfs_opendir(struct fs_volume *volume, const char *path, void **handle)
{
	struct ramfs_dir *dir;
	struct node *node;
	int err = lookup(ramfs_of(volume), path, &node);

	if (err)
		return err;
	if (!node->directory)
		return -AX_ENOTDIR;
	dir = kzalloc(sizeof(*dir));
	if (!dir)
		return -AX_ENOMEM;
	dir->node = node;
	node->open++;
	*handle = dir;
	return 0;
}

static int ramfs_readdir(struct fs_volume *volume, void *handle, struct fs_dirent *out)
{
	struct ramfs_dir *dir = handle;
	struct node *child = TAILQ_FIRST(&dir->node->children);

	for (unsigned i = 0; child && i < dir->next; i++)
		child = TAILQ_NEXT(child, link);
	if (!child)
		return 0;
	dir->next++;
	stat_node(child, &out->stat);
	snprintf(out->name, sizeof(out->name), "%s", child->name);
	return 1;
}

static void ramfs_closedir(struct fs_volume *volume, void *handle)
{
	struct ramfs_dir *dir = handle;

	dir->node->open--;
	kfree(dir);
}

static void ramfs_space(struct fs_volume *volume, uint64_t *total, uint64_t *free)
{
	struct ramfs *fs = ramfs_of(volume);

	*total = fs->limit;
	*free = fs->limit - fs->used;
}

static const struct fs_ops ramfs_ops = {
	.open = ramfs_open,
	.close = ramfs_close,
	.read = ramfs_read,
	.write = ramfs_write,
	.fstat = ramfs_fstat,
	.opendir = ramfs_opendir,
	.readdir = ramfs_readdir,
	.closedir = ramfs_closedir,
	.stat = ramfs_stat,
	.mkdir = ramfs_mkdir,
	.unlink = ramfs_unlink,
	.rename = ramfs_rename,
	.space = ramfs_space,
	.destroy = ramfs_destroy,
};

struct fs_volume *ramfs_create(uint64_t limit)
{
	struct ramfs *fs = kzalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	fs->limit = MAX(limit, PAGE_SIZE);
	fs->root = take(fs, node_size(""));
	if (!fs->root) {
		kfree(fs);
		return NULL;
	}
	fs->root->directory = true;
	TAILQ_INIT(&fs->root->children);
	fs->volume = (struct fs_volume){ .ops = &ramfs_ops, .type = "ramfs", .source = "none" };
	return &fs->volume;
}

/* Depth first without recursion: the tree may be as deep as a path is long. */
void ramfs_destroy(struct fs_volume *volume)
{
	struct ramfs *fs = ramfs_of(volume);
	struct node *node = fs->root, *parent;

	while (node) {
		if (!TAILQ_EMPTY(&node->children)) {
			node = TAILQ_FIRST(&node->children);
			continue;
		}
		parent = node->parent;
		if (parent)
			TAILQ_REMOVE(&parent->children, node, link);
		free_node(fs, node);
		node = parent;
	}
	kfree(fs);
}
