/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of mounts, and which volume a path lies on.
 */
#include <string.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include "vfs.h"

#define MOUNT_MAX 8

static struct fs_mount mounts[MOUNT_MAX];
static unsigned num_mounts;

int fs_mount(const char *path, struct fs_volume *volume)
{
	for (unsigned i = 0; i < num_mounts; i++)
		if (!strcmp(mounts[i].path, path))
			return -AX_EEXIST;
	if (num_mounts == MOUNT_MAX)
		return -AX_ENOSPC;
	mutex_init(&volume->lock);
	mounts[num_mounts++] = (struct fs_mount){ path, volume };
	return 0;
}

void fs_unmount_all(void)
{
	while (num_mounts) {
		struct fs_volume *volume = mounts[--num_mounts].volume;

		if (volume->ops->destroy)
			volume->ops->destroy(volume);
	}
}

/* Length of the mount point if @path lies at or below it, 0 if not. "/" has length 0 as a prefix and counts 1. */
static size_t match(const char *mount, const char *path)
{
	size_t len = strlen(mount);

	if (len == 1)
		return 1;
	return !strncmp(path, mount, len) && (path[len] == '/' || !path[len]) ? len : 0;
}

int fs_resolve(const char *path, struct fs_place *out)
{
	size_t best = 0, len;
	int err;

	err = fs_path_join("/", path, out->path);
	if (err)
		return err;
	for (unsigned i = 0; i < num_mounts; i++) {
		len = match(mounts[i].path, out->path);
		if (len > best) {
			best = len;
			out->volume = mounts[i].volume;
		}
	}
	if (!best)
		return -AX_ENOENT;
	if (best == 1)
		out->rest = out->path;
	else
		out->rest = out->path[best] ? out->path + best : "/";
	return 0;
}

const char *fs_mount_in(const char *path, unsigned index)
{
	size_t len = strcmp(path, "/") ? strlen(path) : 0;

	for (unsigned i = 0; i < num_mounts; i++) {
		const char *slash = strrchr(mounts[i].path, '/');

		if (!slash[1] || (size_t)(slash - mounts[i].path) != len || strncmp(mounts[i].path, path, len))
			continue;
		if (!index--)
			return slash + 1;
	}
	return NULL;
}

void fs_for_each_mount(void (*fn)(const struct fs_mount_info *info, void *arg), void *arg)
{
	for (unsigned i = 0; i < num_mounts; i++) {
		struct fs_volume *volume = mounts[i].volume;
		struct fs_mount_info info = { .path = mounts[i].path, .type = volume->type, .source = volume->source };

		mutex_lock(&volume->lock);
		volume->ops->space(volume, &info.total_bytes, &info.free_bytes);
		mutex_unlock(&volume->lock);
		fn(&info, arg);
	}
}
