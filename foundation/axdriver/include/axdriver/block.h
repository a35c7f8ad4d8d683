/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Block devices of the host.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_SECTOR_SIZE 512

struct block_device {
	char name[16]; /* "vda", "ram0" */
	uint64_t sectors;
	bool read_only;
	/* Task context; may sleep. Return: 0, -AX_EIO, -AX_ERANGE, -AX_EROFS. */
	int (*read)(struct block_device *dev, uint64_t sector, size_t count, void *buffer);
	int (*write)(struct block_device *dev, uint64_t sector, size_t count, const void *buffer);
	int (*flush)(struct block_device *dev);
};

/**
 * driver_init - probe every device of the platform and the boot loader's ramdisk. Problems are logged, never fatal.
 */
void driver_init(void);
/** block_register - add a device; the name is given by the caller. Return: 0, -AX_EEXIST, -AX_ENOSPC. */
int block_register(struct block_device *dev);
/** block_find - by name; NULL: none */
struct block_device *block_find(const char *name);
/** block_get - the n-th device in the order of registration, NULL past the end */
struct block_device *block_get(unsigned index);

/* Checked access (range, read-only). */
int block_read(struct block_device *dev, uint64_t sector, size_t count, void *buffer);
int block_write(struct block_device *dev, uint64_t sector, size_t count, const void *buffer);
