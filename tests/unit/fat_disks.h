/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * FAT volumes of the three kinds for tests, made by mkfs.fat and filled by mtools: /hello.txt ("hello, FAT\n"), /empty,
 * /big (BIG_SIZE bytes 'z'), /guest/vm_default/linux.toml ("x = 1\n") and a long name.
 */
#include "mem_disk.h"

#define LONG_NAME "Ein ziemlich langer Name mit Umlaut \xc3\xa4.Datei"
#define BIG_SIZE  (3 * MIB(1) + 777)
#define FAT_DISKS 3

struct fat_format {
	const char *mkfs, *type;
	uint64_t sectors;
};

extern const struct fat_format formats[FAT_DISKS];
extern struct mem_disk disks[FAT_DISKS];
extern struct fs_volume *volume; /* that is mounted on / */
extern char reason[200];         /* why the last mount failed */

/* Fixtures of the whole group. */
int make_disks(void **state);
int free_disks(void **state);

int mount(struct mem_disk *disk);
void unmount(void);
/* fsck.fat finds no fault. */
void assert_clean(struct mem_disk *disk);
void assert_content(const char *path, const char *content);
void write_file(const char *path, unsigned flags, const char *content);
