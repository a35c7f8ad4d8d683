/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * FAT12/16/32 volumes through ooFatFs (private to axfs).
 *
 * ooFatFs sees the volume alone: sector 0 is the boot sector of the partition, and nothing outside can be reached.
 * Its structures are guarded by the volume's mutex.
 */
#include <sys/queue.h>
#include <axdriver/block.h>
#include <axstd/util.h>
#include <oofatfs.h>
#include "vfs.h"

struct fat_file {
	FIL fil;
	LIST_ENTRY(fat_file) link;
	bool writable;
	char path[]; /* for messages */
};

struct fat_volume {
	struct fs_volume volume;
	struct block_device *dev;
	uint64_t start;   /* sector of the device */
	uint32_t sectors; /* of the volume */
	LIST_HEAD(, fat_file) files;
	FATFS fat;
};

/* Where a volume lies. */
struct fat_location {
	uint64_t start;
	uint32_t sectors;
	unsigned bits; /* 12, 16 or 32 */
};

/**
 * fat_probe - find the FAT volume of a device, and check what its boot sector says
 *
 * Return: 0, -AX_ENODEV (no FAT volume), -AX_EINVAL (damaged or of a kind that is not supported), -AX_EIO; @reason
 * in words.
 */
int fat_probe(struct block_device *dev, struct fat_location *out, char *reason, size_t size);

static inline struct fat_volume *fat_of(struct fs_volume *volume)
{
	return container_of(volume, struct fat_volume, volume);
}

/* Bytes of a cluster. */
static inline uint32_t fat_cluster_size(const FATFS *fat)
{
	return (uint32_t)fat->csize * BLOCK_SECTOR_SIZE;
}

/** fat_error - what a result means to our callers; a damaged volume is reported, with @path */
int fat_error(struct fat_volume *volume, FRESULT result, const char *path);
/** fat_damaged - report a damaged volume. Return: -AX_EIO. */
int fat_damaged(struct fat_volume *volume, const char *path, const char *what);
/** fat_file_is_open - does a handle exist on the file at @path? */
bool fat_file_is_open(struct fat_volume *volume, const char *path);

/* File operations, see struct fs_ops. */
int fat_open(struct fs_volume *volume, const char *path, unsigned flags, void **handle);
int fat_close(struct fs_volume *volume, void *handle);
int64_t fat_read(struct fs_volume *volume, void *handle, uint64_t offset, void *buffer, size_t len);
int64_t fat_write(struct fs_volume *volume, void *handle, uint64_t offset, const void *buffer, size_t len);
void fat_fstat(struct fs_volume *volume, void *handle, struct fs_stat *out);
int fat_stat(struct fs_volume *volume, const char *path, struct fs_stat *out);
