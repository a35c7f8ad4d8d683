/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree at boot: the boot volume on /, ramfs on /tmp, devfs on /dev.
 */
#include <axalloc/frame.h>
#include <axdriver/block.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include "vfs.h"

#define RAMFS_LIMIT MIB(64)

/* At most a quarter of what is free now. */
static struct fs_volume *new_ramfs(void)
{
	struct frame_stats stats;

	frame_get_stats(&stats);
	return ramfs_create(MIN(stats.free_pages / 4 * PAGE_SIZE, RAMFS_LIMIT));
}

static int mount_ramfs(const char *path)
{
	struct fs_volume *volume = new_ramfs();
	int err;

	if (!volume)
		return -AX_ENOMEM;
	err = fs_mount(path, volume);
	if (err)
		ramfs_destroy(volume);
	return err;
}

static int try_root(struct block_device *dev, bool required)
{
	struct fs_volume *volume;
	char reason[160];
	int err;

	err = fat_mount(dev, &volume, reason, sizeof(reason));
	if (err) {
		log_at(required || err != -AX_ENODEV ? LOG_ERROR : LOG_WARN, "%s: %s", dev->name, reason);
		return err;
	}
	err = fs_mount("/", volume);
	if (err) {
		fat_unmount(volume);
		return err;
	}
	log_info("%s: %s volume mounted on /%s", dev->name, volume->type, dev->read_only ? ", read-only" : "");
	return 0;
}

/*
 * The named device, or the first that holds a good FAT volume. The error is that of the first device that has a bad
 * one.
 */
static int mount_root(const char *root)
{
	struct block_device *dev;
	int first = -AX_ENODEV, err;

	if (root && *root) {
		dev = block_find(root);
		if (!dev) {
			log_error("%s: there is no such block device to boot from", root);
			return -AX_ENODEV;
		}
		return try_root(dev, true);
	}
	for (unsigned i = 0; (dev = block_get(i)); i++) {
		err = try_root(dev, false);
		if (!err)
			return 0;
		if (first == -AX_ENODEV)
			first = err;
	}
	return first;
}

int fs_init(const char *root)
{
	int err, err_tmp, err_dev;

	err = mount_root(root);
	if (err) {
		log_warn("no boot volume (%s): / is an empty file system in memory", error_text(err));
		err_tmp = mount_ramfs("/");
		if (err_tmp) {
			log_error("/: %s", error_text(err_tmp));
			return err;
		}
	}
	err_tmp = mount_ramfs("/tmp");
	if (err_tmp)
		log_error("/tmp: %s", error_text(err_tmp));
	err_dev = fs_mount("/dev", devfs_volume());
	if (err_dev)
		log_error("/dev: %s", error_text(err_dev));
	return err;
}
