/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open files.
 */
#include <string.h>
#include <axalloc/heap.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include "vfs.h"

/* A long transfer lets others at the volume after each piece of this size. */
#define PIECE MIB(1)

struct fs_file {
	struct fs_volume *volume;
	void *handle;
	unsigned flags;
	uint64_t offset; /* guarded by the volume's lock */
};

int fs_open(const char *path, unsigned flags, struct fs_file **out)
{
	struct fs_place place;
	struct fs_file *file;
	int err;

	if (!(flags & (FS_READ | FS_WRITE)) || ((flags & (FS_CREATE | FS_TRUNCATE | FS_APPEND)) && !(flags & FS_WRITE)))
		return -AX_EINVAL;
	err = fs_resolve(path, &place);
	if (err)
		return err;
	if (!strcmp(place.rest, "/"))
		return -AX_EISDIR;
	file = kzalloc(sizeof(*file));
	if (!file)
		return -AX_ENOMEM;
	file->volume = place.volume;
	file->flags = flags;
	mutex_lock(&place.volume->lock);
	err = place.volume->ops->open(place.volume, place.rest, flags, &file->handle);
	mutex_unlock(&place.volume->lock);
	if (err) {
		kfree(file);
		return err;
	}
	*out = file;
	return 0;
}

int fs_close(struct fs_file *file)
{
	int err;

	mutex_lock(&file->volume->lock);
	err = file->volume->ops->close(file->volume, file->handle);
	mutex_unlock(&file->volume->lock);
	kfree(file);
	return err;
}

int64_t fs_read(struct fs_file *file, void *buffer, size_t len)
{
	struct fs_volume *volume = file->volume;
	size_t done = 0;
	int64_t n = 0;

	if (!(file->flags & FS_READ))
		return -AX_EACCES;
	while (done < len) {
		mutex_lock(&volume->lock);
		n = volume->ops->read(volume, file->handle, file->offset, (char *)buffer + done,
				      MIN(len - done, PIECE));
		if (n > 0)
			file->offset += n;
		mutex_unlock(&volume->lock);
		if (n <= 0)
			break;
		done += n;
	}
	return n < 0 && !done ? n : (int64_t)done;
}

int64_t fs_write(struct fs_file *file, const void *buffer, size_t len)
{
	struct fs_volume *volume = file->volume;
	struct fs_stat stat;
	size_t done = 0;
	int64_t n = 0;

	if (!(file->flags & FS_WRITE))
		return -AX_EACCES;
	while (done < len) {
		mutex_lock(&volume->lock);
		if (file->flags & FS_APPEND) {
			volume->ops->fstat(volume, file->handle, &stat);
			file->offset = stat.size;
		}
		n = volume->ops->write(volume, file->handle, file->offset, (const char *)buffer + done,
				       MIN(len - done, PIECE));
		if (n > 0)
			file->offset += n;
		mutex_unlock(&volume->lock);
		if (n <= 0)
			break;
		done += n;
	}
	return n < 0 && !done ? n : (int64_t)done;
}

int fs_seek(struct fs_file *file, uint64_t offset)
{
	if (offset > INT64_MAX)
		return -AX_EINVAL;
	mutex_lock(&file->volume->lock);
	file->offset = offset;
	mutex_unlock(&file->volume->lock);
	return 0;
}

int fs_fstat(struct fs_file *file, struct fs_stat *out)
{
	mutex_lock(&file->volume->lock);
	file->volume->ops->fstat(file->volume, file->handle, out);
	mutex_unlock(&file->volume->lock);
	return 0;
}

int fs_read_file(const char *path, size_t max, char **out, size_t *len)
{
	struct fs_file *file;
	struct fs_stat stat;
	char *text = NULL;
	int64_t n;
	int err;

	err = fs_open(path, FS_READ, &file);
	if (err)
		return err;
	fs_fstat(file, &stat);
	err = stat.type != FS_FILE ? -AX_EINVAL : stat.size > max ? -AX_EOVERFLOW : 0;
	if (err)
		goto close;
	err = -AX_ENOMEM;
	text = kmalloc(stat.size + 1);
	if (!text)
		goto close;
	n = fs_read(file, text, stat.size);
	err = n < 0 ? (int)n : 0;
	/* Shorter than the directory entry says: the volume is damaged, or the file is being changed. */
	if (!err && (uint64_t)n != stat.size)
		err = -AX_EIO;
	if (err)
		goto close;
	text[n] = '\0';
	*out = text;
	if (len)
		*len = n;
	text = NULL;
close:
	kfree(text);
	fs_close(file);
	return err;
}
