/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Files: one tree of mounted volumes (FAT32, ramfs on /tmp, devfs on /dev). Task context; calls may sleep.
 *
 * Paths are absolute or relative to nothing: callers resolve a working directory with fs_path_join(). At most
 * FS_PATH_MAX bytes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FS_PATH_MAX 256
#define FS_NAME_MAX 255

enum fs_open_flags { FS_READ = 1, FS_WRITE = 2, FS_CREATE = 4, FS_TRUNCATE = 8, FS_APPEND = 16 };

struct fs_file;
struct fs_dir;

enum fs_type { FS_FILE, FS_DIRECTORY, FS_DEVICE };

struct fs_stat {
	enum fs_type type;
	uint64_t size;
	uint32_t mtime; /* seconds since 1970, 0: not known */
	bool read_only;
};

struct fs_dirent {
	char name[FS_NAME_MAX + 1];
	struct fs_stat stat;
};

/**
 * fs_init - mount ramfs on /tmp, devfs on /dev and the boot volume on /
 * @root: name of a block device, or NULL/"" for the first that holds a FAT volume (whole disk or first partition)
 * Without one an empty ramfs stands at / and the reason is logged. Return: 0 or the reason as error.
 */
int fs_init(const char *root);

/**
 * fs_open - open a file or a device
 * @path:  normalized here, as every path below
 * @flags: FS_READ and/or FS_WRITE; with FS_WRITE also FS_CREATE, FS_TRUNCATE, FS_APPEND
 *
 * On FAT a file is open either for reading, any number of times, or once for writing.
 *
 * Return: 0, -AX_ENOENT, -AX_EISDIR, -AX_EACCES (a read-only file), -AX_EROFS (a read-only volume), -AX_EBUSY,
 * -AX_ENOSPC, -AX_EINVAL (flags, or a name that the volume cannot hold), -AX_ENOMEM, -AX_EIO (also for damage, which
 * is logged).
 */
int fs_open(const char *path, unsigned flags, struct fs_file **out);

/** fs_close - give the handle back, whatever the result: 0 or why what was written is not safe on the medium */
int fs_close(struct fs_file *file);

/**
 * fs_read / fs_write - move bytes at the file's position, which moves on
 *
 * Long transfers let others at the volume every MiB, and are not one atomic step. Reading large pieces into any
 * memory is efficient: whole runs of clusters go straight to @buffer.
 *
 * Return: bytes moved (fewer at the end of the file, or of the space), or -AX_E* if there are none: -AX_EACCES (not
 * opened for it), -AX_ENOSPC, -AX_EOVERFLOW (beyond what the volume's files can be), -AX_EIO.
 */
int64_t fs_read(struct fs_file *file, void *buffer, size_t len);
int64_t fs_write(struct fs_file *file, const void *buffer, size_t len);
/** fs_seek - set the position; a gap that is written behind reads as zeros. Return: 0 or -AX_EINVAL. */
int fs_seek(struct fs_file *file, uint64_t offset);
int fs_fstat(struct fs_file *file, struct fs_stat *out);

/** fs_opendir - Return: 0, -AX_ENOENT, -AX_ENOTDIR, -AX_ENOMEM, -AX_EIO (also for a directory that contains itself) */
int fs_opendir(const char *path, struct fs_dir **out);
/**
 * fs_readdir - the next entry, mount points included
 *
 * "." and ".." are not reported. Control characters and slashes in names on a damaged volume come as '?'.
 *
 * Return: 1 (an entry), 0 (end) or -AX_EIO.
 */
int fs_readdir(struct fs_dir *dir, struct fs_dirent *out);
int fs_closedir(struct fs_dir *dir);

int fs_stat(const char *path, struct fs_stat *out);
/** fs_mkdir - Return: 0, -AX_EEXIST, -AX_ENOENT (the directory above), -AX_ENOSPC, -AX_EROFS, -AX_EIO */
int fs_mkdir(const char *path);
/**
 * fs_unlink - remove a file or an empty directory. Return: 0, -AX_ENOTEMPTY, -AX_EBUSY (open, or a mount point), ...
 */
int fs_unlink(const char *path);
/**
 * fs_rename - move a file or directory within its volume; nothing is replaced
 *
 * Return: 0, -AX_EEXIST (@to is there), -AX_ENOTSUP (another volume), -AX_EBUSY (open, or a mount point), -AX_EINVAL
 * (a directory into itself), ...
 */
int fs_rename(const char *from, const char *to);

/**
 * fs_path_join - normalize @path against @cwd ("." and ".." resolved); @out is neither. Return: 0 or
 * -AX_ENAMETOOLONG.
 */
int fs_path_join(const char *cwd, const char *path, char out[FS_PATH_MAX]);

/**
 * fs_read_file - whole file into a kmalloc'ed, NUL-terminated buffer of at most @max bytes. Return: 0,
 * -AX_EOVERFLOW, -AX_E*.
 */
int fs_read_file(const char *path, size_t max, char **out, size_t *len);

struct fs_mount_info {
	const char *path, *type, *source;
	uint64_t total_bytes, free_bytes;
};
void fs_for_each_mount(void (*fn)(const struct fs_mount_info *info, void *arg), void *arg);
