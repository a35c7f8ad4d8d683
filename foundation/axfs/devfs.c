/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices as files: null, zero, console, and the block devices, which can only be read.
 */
#include <stdio.h>
#include <string.h>
#include <axalloc/heap.h>
#include <axdriver/block.h>
#include <axhal/console.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include "vfs.h"

static int64_t null_read(void *buffer, size_t len)
{
	return 0;
}

static int64_t null_write(const void *buffer, size_t len)
{
	return (int64_t)len;
}

static int64_t zero_read(void *buffer, size_t len)
{
	memset(buffer, 0, len);
	return (int64_t)len;
}

/* What has been typed so far; it does not wait. */
static int64_t console_file_read(void *buffer, size_t len)
{
	return (int64_t)console_read(buffer, len);
}

static int64_t console_file_write(const void *buffer, size_t len)
{
	console_write(buffer, len);
	return (int64_t)len;
}

struct char_device {
	const char *name;
	int64_t (*read)(void *buffer, size_t len);
	int64_t (*write)(const void *buffer, size_t len);
};

static const struct char_device char_devices[] = {
	{ "null", null_read, null_write },
	{ "zero", zero_read, null_write },
	{ "console", console_file_read, console_file_write },
};

/* A handle: one of the two. They live for ever, so nothing is counted. */
struct devfs_node {
	const struct char_device *chr;
	struct block_device *blk;
};

static struct devfs_node nodes[32]; /* [i]: the i-th device; filled in when it is first opened */

static bool node_at(unsigned index, struct devfs_node *node)
{
	*node = (struct devfs_node){ 0 };
	if (index < ARRAY_SIZE(char_devices))
		node->chr = &char_devices[index];
	else if (index < ARRAY_SIZE(nodes))
		node->blk = block_get(index - ARRAY_SIZE(char_devices));
	return node->chr || node->blk;
}

static const char *node_name(const struct devfs_node *node)
{
	return node->chr ? node->chr->name : node->blk->name;
}

static void node_stat(const struct devfs_node *node, struct fs_stat *out)
{
	*out = (struct fs_stat){ .type = FS_DEVICE };
	if (node->blk) {
		out->size = node->blk->sectors * BLOCK_SECTOR_SIZE;
		out->read_only = true;
	}
}

/* Return: the device's index or -AX_ENOENT. */
static int find(const char *path, struct devfs_node *node)
{
	for (unsigned i = 0; node_at(i, node); i++)
		if (!strcmp(path + 1, node_name(node)))
			return (int)i;
	return -AX_ENOENT;
}

static int devfs_open(struct fs_volume *volume, const char *path, unsigned flags, void **handle)
{
	struct devfs_node node;
	int index = find(path, &node);

	if (index < 0)
		return flags & FS_CREATE ? -AX_EROFS : index;
	if (node.blk && flags & FS_WRITE)
		return -AX_EROFS;
	nodes[index] = node;
	*handle = &nodes[index];
	return 0;
}

static int devfs_close(struct fs_volume *volume, void *handle)
{
	return 0;
}

static int64_t read_block_device(struct block_device *dev, uint64_t offset, char *buffer, size_t len)
{
	uint64_t size = dev->sectors * BLOCK_SECTOR_SIZE;
	char sector[BLOCK_SECTOR_SIZE];
	size_t done = 0;

	if (offset >= size)
		return 0;
	len = MIN(len, size - offset);
	while (done < len) {
		uint64_t at = (offset + done) / BLOCK_SECTOR_SIZE;
		size_t skip = (offset + done) % BLOCK_SECTOR_SIZE, left = len - done, n;
		int err;

		if (!skip && left >= BLOCK_SECTOR_SIZE) {
			n = ALIGN_DOWN(left, BLOCK_SECTOR_SIZE);
			err = block_read(dev, at, n / BLOCK_SECTOR_SIZE, buffer + done);
		} else {
			n = MIN(BLOCK_SECTOR_SIZE - skip, left);
			err = block_read(dev, at, 1, sector);
			if (!err)
				memcpy(buffer + done, sector + skip, n);
		}
		if (err)
			return err;
		done += n;
	}
	return (int64_t)done;
}

static int64_t devfs_read(struct fs_volume *volume, void *handle, uint64_t offset, void *buffer, size_t len)
{
	const struct devfs_node *node = handle;

	return node->chr ? node->chr->read(buffer, len) : read_block_device(node->blk, offset, buffer, len);
}

static int64_t devfs_write(struct fs_volume *volume, void *handle, uint64_t offset, const void *buffer, size_t len)
{
	const struct devfs_node *node = handle;

	return node->chr ? node->chr->write(buffer, len) : -AX_EROFS;
}

static void devfs_fstat(struct fs_volume *volume, void *handle, struct fs_stat *out)
{
	node_stat(handle, out);
}

static int devfs_stat(struct fs_volume *volume, const char *path, struct fs_stat *out)
{
	struct devfs_node node;
	int index;

	if (!strcmp(path, "/")) {
		*out = (struct fs_stat){ .type = FS_DIRECTORY, .read_only = true };
		return 0;
	}
	index = find(path, &node);
	if (index < 0)
		return index;
	node_stat(&node, out);
	return 0;
}

/* A directory handle is the index of the next device. */
static int devfs_opendir(struct fs_volume *volume, const char *path, void **handle)
{
	struct fs_stat stat;
	int err = devfs_stat(volume, path, &stat);

	if (err)
		return err;
	if (stat.type != FS_DIRECTORY)
		return -AX_ENOTDIR;
	*handle = kzalloc(sizeof(unsigned));
	return *handle ? 0 : -AX_ENOMEM;
}

static int devfs_readdir(struct fs_volume *volume, void *handle, struct fs_dirent *out)
{
	unsigned *next = handle;
	struct devfs_node node;

	if (!node_at(*next, &node))
		return 0;
	++*next;
	node_stat(&node, &out->stat);
	snprintf(out->name, sizeof(out->name), "%s", node_name(&node));
	return 1;
}

static void devfs_closedir(struct fs_volume *volume, void *handle)
{
	kfree(handle);
}

static void devfs_space(struct fs_volume *volume, uint64_t *total, uint64_t *free)
{
	*total = *free = 0;
}

static const struct fs_ops devfs_ops = {
	.open = devfs_open,
	.close = devfs_close,
	.read = devfs_read,
	.write = devfs_write,
	.fstat = devfs_fstat,
	.opendir = devfs_opendir,
	.readdir = devfs_readdir,
	.closedir = devfs_closedir,
	.stat = devfs_stat,
	.space = devfs_space,
};

struct fs_volume *devfs_volume(void)
{
	static struct fs_volume volume = { .ops = &devfs_ops, .type = "devfs", .source = "none" };

	return &volume;
}
