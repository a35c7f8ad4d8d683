/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a file system offers to the tree of mounts (private to axfs).
 *
 * Paths given to a file system are normalized and begin at its own root: "/", "/a/b". Every operation is called with
 * the volume's mutex held. Handles belong to the file system.
 */
#include <axfs/fs.h>
#include <axtask/mutex.h>

struct fs_volume;

struct fs_ops {
	/*
	 * @flags are consistent: FS_READ or FS_WRITE is set, the others only with FS_WRITE. A directory answers
	 * -AX_EISDIR.
	 */
	int (*open)(struct fs_volume *volume, const char *path, unsigned flags, void **handle);
	int (*close)(struct fs_volume *volume, void *handle);
	/* Up to @len bytes at @offset; 0 at the end of the file. */
	int64_t (*read)(struct fs_volume *volume, void *handle, uint64_t offset, void *buffer, size_t len);
	/* A gap between the end of the file and @offset reads as zeros. */
	int64_t (*write)(struct fs_volume *volume, void *handle, uint64_t offset, const void *buffer, size_t len);
	void (*fstat)(struct fs_volume *volume, void *handle, struct fs_stat *out);

	int (*opendir)(struct fs_volume *volume, const char *path, void **handle);
	int (*readdir)(struct fs_volume *volume, void *handle, struct fs_dirent *out);
	void (*closedir)(struct fs_volume *volume, void *handle);

	int (*stat)(struct fs_volume *volume, const char *path, struct fs_stat *out);
	/* NULL where a volume's tree cannot be changed. The path is never "/". */
	int (*mkdir)(struct fs_volume *volume, const char *path);
	int (*unlink)(struct fs_volume *volume, const char *path);
	int (*rename)(struct fs_volume *volume, const char *from, const char *to);

	void (*space)(struct fs_volume *volume, uint64_t *total, uint64_t *free);
	void (*destroy)(struct fs_volume *volume); /* NULL: static. Nothing is open any more. */
};

struct fs_volume {
	const struct fs_ops *ops;
	const char *type;   /* "fat32" */
	const char *source; /* "vda" */
	struct mutex lock;
};

/**
 * fs_mount - put a volume at @path ("/", "/tmp"): a constant string
 *
 * Only while fs_init() runs: afterwards the table of mounts is constant and read without a lock. Return: 0,
 * -AX_EEXIST, -AX_ENOSPC.
 */
int fs_mount(const char *path, struct fs_volume *volume);
/** fs_unmount_all - destroy every mounted volume; nothing may be open. Then fs_init() can begin again. */
void fs_unmount_all(void);

struct fs_mount {
	const char *path;
	struct fs_volume *volume;
};

/** A path of the tree, resolved: the volume and the path on it. */
struct fs_place {
	struct fs_volume *volume;
	char path[FS_PATH_MAX]; /* normalized, in the tree */
	const char *rest;       /* part of it: on the volume, begins with '/' */
};

/**
 * fs_resolve - find the volume of a path by the longest mount point. Return: 0, -AX_ENAMETOOLONG, -AX_ENOENT
 * (nothing is mounted at /).
 */
int fs_resolve(const char *path, struct fs_place *out);
/** fs_mount_in - name of the @index-th mount point that lies directly in directory @path; NULL: no more */
const char *fs_mount_in(const char *path, unsigned index);

/* File systems. Each makes a volume that stays for ever, or until *_destroy. */
struct block_device;

/** ramfs_create - an empty tree in the heap. @limit: bytes of files and names. Return: NULL when out of memory. */
struct fs_volume *ramfs_create(uint64_t limit);
void ramfs_destroy(struct fs_volume *volume);

/** devfs_volume - the devices: null, zero, console, and the block devices (read-only) */
struct fs_volume *devfs_volume(void);

/**
 * fat_mount - open the FAT volume on a block device: the whole of it, or the first good partition of its MBR
 * Return: 0, -AX_ENODEV (none there), -AX_EINVAL (damaged), -AX_EIO, -AX_ENOMEM; @reason (of @size bytes) says it in
 * words.
 */
int fat_mount(struct block_device *dev, struct fs_volume **out, char *reason, size_t size);
void fat_unmount(struct fs_volume *volume);
