/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Disks in memory, filled by mkfs.fat and mtools.
 */
#include <axdriver/block.h>

struct mem_disk {
	struct block_device block;
	uint8_t *data;
	uint8_t *dirty;    /* a byte per sector: written since the last mem_disk_restore() */
	uint8_t *original; /* what mem_disk_restore() brings back */
	unsigned reads, writes, flushes;
	long fail_countdown; /* < 0: never; n: the (n+1)th access fails, and all after it */
};

/** mem_disk_init - an empty disk. It is not registered. */
void mem_disk_init(struct mem_disk *disk, uint64_t sectors);
void mem_disk_free(struct mem_disk *disk);
/**
 * mem_disk_shell - run a shell command with $IMG naming a file that holds the disk from @sector on. Return: its exit
 * status.
 */
int mem_disk_shell(struct mem_disk *disk, uint64_t sector, const char *command);
/** mem_disk_snapshot / mem_disk_restore - remember the contents; bring them back (costs what was written) */
void mem_disk_snapshot(struct mem_disk *disk);
void mem_disk_restore(struct mem_disk *disk);
/** mem_disk_touch - the test itself is about to change @sector */
uint8_t *mem_disk_touch(struct mem_disk *disk, uint64_t sector);
