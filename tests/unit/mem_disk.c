/* SPDX-License-Identifier: Apache-2.0 */
#include "mem_disk.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <axstd/error.h>
#include <axstd/util.h>

static struct mem_disk *disk_of(struct block_device *dev)
{
	return container_of(dev, struct mem_disk, block);
}

static int fails(struct mem_disk *disk)
{
	if (disk->fail_countdown < 0)
		return 0;
	if (!disk->fail_countdown)
		return 1;
	disk->fail_countdown--;
	return 0;
}

static int mem_read(struct block_device *dev, uint64_t sector, size_t count, void *buffer)
{
	struct mem_disk *disk = disk_of(dev);

	disk->reads++;
	if (fails(disk))
		return -AX_EIO;
	memcpy(buffer, disk->data + sector * 512, count * 512);
	return 0;
}

static int mem_write(struct block_device *dev, uint64_t sector, size_t count, const void *buffer)
{
	struct mem_disk *disk = disk_of(dev);

	disk->writes++;
	if (fails(disk))
		return -AX_EIO;
	memset(disk->dirty + sector, 1, count);
	memcpy(disk->data + sector * 512, buffer, count * 512);
	return 0;
}

static int mem_flush(struct block_device *dev)
{
	disk_of(dev)->flushes++;
	return 0;
}

void mem_disk_init(struct mem_disk *disk, uint64_t sectors)
{
	*disk = (struct mem_disk){ .fail_countdown = -1 };
	disk->block = (struct block_device){
		.name = "mem0", .sectors = sectors, .read = mem_read, .write = mem_write, .flush = mem_flush
	};
	disk->data = calloc(sectors, 512);
	disk->dirty = calloc(sectors, 1);
}

void mem_disk_free(struct mem_disk *disk)
{
	free(disk->data);
	free(disk->dirty);
	free(disk->original);
	memset(disk, 0, sizeof(*disk));
}

int mem_disk_shell(struct mem_disk *disk, uint64_t sector, const char *command)
{
	char path[] = "/tmp/axfs-test-XXXXXX";
	size_t size = (disk->block.sectors - sector) * 512;
	int fd = mkstemp(path), status = -1;

	if (fd < 0)
		return -1;
	if (pwrite(fd, disk->data + sector * 512, size, 0) == (ssize_t)size) {
		setenv("IMG", path, 1);
		setenv("MTOOLS_SKIP_CHECK", "1", 1);
		status = system(command);
		if (pread(fd, disk->data + sector * 512, size, 0) != (ssize_t)size)
			status = -1;
	}
	close(fd);
	unlink(path);
	return status == -1 ? -1 : WEXITSTATUS(status);
}

void mem_disk_snapshot(struct mem_disk *disk)
{
	size_t size = disk->block.sectors * 512;

	if (!disk->original)
		disk->original = malloc(size);
	memcpy(disk->original, disk->data, size);
	memset(disk->dirty, 0, disk->block.sectors);
}

void mem_disk_restore(struct mem_disk *disk)
{
	for (uint64_t i = 0; i < disk->block.sectors; i++)
		if (disk->dirty[i])
			memcpy(disk->data + i * 512, disk->original + i * 512, 512);
	memset(disk->dirty, 0, disk->block.sectors);
	disk->fail_countdown = -1;
	disk->reads = disk->writes = disk->flushes = 0;
}

uint8_t *mem_disk_touch(struct mem_disk *disk, uint64_t sector)
{
	disk->dirty[sector] = 1;
	return disk->data + sector * 512;
}
