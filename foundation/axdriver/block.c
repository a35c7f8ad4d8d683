/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of block devices. It only grows, and only while driver_init() runs, so readers need no lock.
 */
#include <string.h>
#include <axdriver/block.h>
#include <axstd/error.h>

#define BLOCK_MAX 16

static struct block_device *devices[BLOCK_MAX];
static unsigned num_devices;

int block_register(struct block_device *dev)
{
	if (block_find(dev->name))
		return -AX_EEXIST;
	if (num_devices == BLOCK_MAX)
		return -AX_ENOSPC;
	devices[num_devices++] = dev;
	return 0;
}

struct block_device *block_find(const char *name)
{
	for (unsigned i = 0; i < num_devices; i++)
		if (!strcmp(devices[i]->name, name))
			return devices[i];
	return NULL;
}

struct block_device *block_get(unsigned index)
{
	return index < num_devices ? devices[index] : NULL;
}

static bool in_range(const struct block_device *dev, uint64_t sector, size_t count)
{
	return sector <= dev->sectors && count <= dev->sectors - sector;
}

int block_read(struct block_device *dev, uint64_t sector, size_t count, void *buffer)
{
	if (!in_range(dev, sector, count))
		return -AX_ERANGE;
	return count ? dev->read(dev, sector, count, buffer) : 0;
}

int block_write(struct block_device *dev, uint64_t sector, size_t count, const void *buffer)
{
	if (dev->read_only)
		return -AX_EROFS;
	if (!in_range(dev, sector, count))
		return -AX_ERANGE;
	return count ? dev->write(dev, sector, count, buffer) : 0;
}
