/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names: directories, and what is done to a file by its path.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <axalloc/heap.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include "vfs.h"

struct fs_dir {
	struct fs_volume *volume;
	void *handle;
	bool at_mounts; /* the volume's own entries are through */
	unsigned mount; /* next mount point to report */
	char path[FS_PATH_MAX];
};

int fs_stat(const char *path, struct fs_stat *out)
{
	struct fs_place place;
	int err;

	err = fs_resolve(path, &place);
	if (err)
		return err;
	mutex_lock(&place.volume->lock);
	err = place.volume->ops->stat(place.volume, place.rest, out);
	mutex_unlock(&place.volume->lock);
	return err;
}

int fs_mkdir(const char *path)
{
	struct fs_place place;
	int err;

	err = fs_resolve(path, &place);
	if (err)
		return err;
	if (!strcmp(place.rest, "/"))
		return -AX_EEXIST;
	if (!place.volume->ops->mkdir)
		return -AX_EROFS;
	mutex_lock(&place.volume->lock);
	err = place.volume->ops->mkdir(place.volume, place.rest);
	mutex_unlock(&place.volume->lock);
	return err;
}

int fs_unlink(const char *path)
{
	struct fs_place place;
	int err;

	err = fs_resolve(path, &place);
	if (err)
		return err;
	if (!strcmp(place.rest, "/"))
		return -AX_EBUSY;
	if (!place.volume->ops->unlink)
		return -AX_EROFS;
	mutex_lock(&place.volume->lock);
	err = place.volume->ops->unlink(place.volume, place.rest);
	mutex_unlock(&place.volume->lock);
	return err;
}

int fs_rename(const char *from, const char *to)
{
	struct fs_place a, b;
	int err;

	err = fs_resolve(from, &a);
	if (!err)
		err = fs_resolve(to, &b);
	if (err)
		return err;
	if (!strcmp(a.rest, "/") || !strcmp(b.rest, "/"))
		return -AX_EBUSY;
	if (a.volume != b.volume)
		return -AX_ENOTSUP;
	if (!a.volume->ops->rename)
		return -AX_EROFS;
	if (!strcmp(a.rest, b.rest))
		return 0;
	mutex_lock(&a.volume->lock);
	err = a.volume->ops->rename(a.volume, a.rest, b.rest);
	mutex_unlock(&a.volume->lock);
	return err;
}

int fs_opendir(const char *path, struct fs_dir **out)
{
	struct fs_place place;
	struct fs_dir *dir;
	int err;

	err = fs_resolve(path, &place);
	if (err)
		return err;
	dir = kzalloc(sizeof(*dir));
	if (!dir)
		return -AX_ENOMEM;
	dir->volume = place.volume;
	strcpy(dir->path, place.path);
	mutex_lock(&place.volume->lock);
	err = place.volume->ops->opendir(place.volume, place.rest, &dir->handle);
	mutex_unlock(&place.volume->lock);
	if (err) {
		kfree(dir);
		return err;
	}
	*out = dir;
	return 0;
}

int fs_closedir(struct fs_dir *dir)
{
	mutex_lock(&dir->volume->lock);
	dir->volume->ops->closedir(dir->volume, dir->handle);
	mutex_unlock(&dir->volume->lock);
	kfree(dir);
	return 0;
}

/* Does a mount point hide the volume's own entry @name? FAT would find the entry in any case of letters. */
static bool is_hidden(const struct fs_dir *dir, const char *name)
{
	const char *mount;

	for (unsigned i = 0; (mount = fs_mount_in(dir->path, i)); i++)
		if (!strcasecmp(mount, name))
			return true;
	return false;
}

int fs_readdir(struct fs_dir *dir, struct fs_dirent *out)
{
	const char *mount;
	int ret = 0;

	while (!dir->at_mounts) {
		mutex_lock(&dir->volume->lock);
		ret = dir->volume->ops->readdir(dir->volume, dir->handle, out);
		mutex_unlock(&dir->volume->lock);
		if (ret < 0)
			return ret;
		if (!ret)
			dir->at_mounts = true;
		else if (!is_hidden(dir, out->name))
			return 1;
	}
	mount = fs_mount_in(dir->path, dir->mount);
	if (!mount)
		return 0;
	dir->mount++;
	*out = (struct fs_dirent){ .stat.type = FS_DIRECTORY };
	snprintf(out->name, sizeof(out->name), "%s", mount);
	return 1;
}
