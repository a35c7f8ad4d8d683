/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot loader's ramdisk as a block device. It may be written; what is written is gone after a reset.
 */
#include <string.h>
#include <axalloc/heap.h>
#include <axdriver/block.h>
#include <axhal/mem.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include "driver.h"

struct ramdisk {
	struct block_device block;
	char *data;
};

static char *at(struct block_device *dev, uint64_t sector)
{
	return container_of(dev, struct ramdisk, block)->data + sector * BLOCK_SECTOR_SIZE;
}

static int ramdisk_read(struct block_device *dev, uint64_t sector, size_t count, void *buffer)
{
	memcpy(buffer, at(dev, sector), count * BLOCK_SECTOR_SIZE);
	return 0;
}

static int ramdisk_write(struct block_device *dev, uint64_t sector, size_t count, const void *buffer)
{
	memcpy(at(dev, sector), buffer, count * BLOCK_SECTOR_SIZE);
	return 0;
}

static int ramdisk_flush(struct block_device *dev)
{
	return 0;
}

int ramdisk_probe(paddr_t base, uint64_t size)
{
	struct ramdisk *disk;
	int err;

	if (size < BLOCK_SECTOR_SIZE) {
		log_warn("ram0: the ramdisk has only %u bytes: not used", (unsigned)size);
		return -AX_EINVAL;
	}
	disk = kzalloc(sizeof(*disk));
	if (!disk)
		return -AX_ENOMEM;
	disk->block = (struct block_device){
		.name = "ram0",
		.sectors = size / BLOCK_SECTOR_SIZE,
		.read = ramdisk_read,
		.write = ramdisk_write,
		.flush = ramdisk_flush,
	};
	disk->data = phys_to_virt(base);
	err = block_register(&disk->block);
	if (err) {
		log_warn("ram0: %s", error_text(err));
		kfree(disk);
		return err;
	}
	log_info("ram0: ramdisk at 0x%llx, %llu KiB", (unsigned long long)base, (unsigned long long)size >> 10);
	return 0;
}
