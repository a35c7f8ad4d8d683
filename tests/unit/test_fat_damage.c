/* unit: axfs/path.c axfs/vfs.c axfs/mount.c axfs/file.c axfs/fat.c axfs/fat_file.c axfs/fat_disk.c axfs/fat_probe.c axdriver/block.c axstd/error.c fake_task.c mem_disk.c fat_disks.c +oofatfs */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Damaged FAT volumes and failing disks: every one ends in an error that says what is wrong, none in a crash or a loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <axalloc/heap.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include "fat_disks.h"
#include "host/host.h"
#include "vfs.h"

/* Bytes of the boot sector that are wrong, and what is said about them. */
static void a_damaged_boot_sector_is_refused_with_the_reason(void **state)
{
	static const struct {
		unsigned disk, offset, len, value;
		int err;
		const char *text;
	} cases[] = {
		{ 2, 510, 2, 0, -AX_ENODEV, "no boot signature" },
		{ 2, 82, 1, 'X', -AX_ENODEV, "no FAT volume" },
		{ 2, 3, 4, 0x41465845, -AX_ENODEV, "" },
		{ 2, 11, 2, 4096, -AX_EINVAL, "sectors of 4096 bytes" },
		{ 2, 13, 1, 3, -AX_EINVAL, "3 sectors per cluster" },
		{ 2, 13, 1, 0, -AX_EINVAL, "0 sectors per cluster" },
		{ 2, 13, 1, 128, -AX_EINVAL, "" },
		{ 2, 14, 2, 0, -AX_EINVAL, "0 reserved" },
		{ 2, 14, 2, 0xffff, -AX_EINVAL, "" },
		{ 2, 16, 1, 3, -AX_EINVAL, "3 FATs" },
		{ 2, 17, 2, 7, -AX_EINVAL, "7 root entries" },
		{ 2, 17, 2, 512, -AX_EINVAL, "512 root entries" },
		{ 2, 32, 4, 81921, -AX_EINVAL, "truncated FAT volume: it has 81921 sectors, but there are only 81920" },
		{ 2, 32, 4, 0xffffffff, -AX_EINVAL, "truncated" },
		{ 2, 32, 4, 100, -AX_EINVAL, "volume of 100 sectors" },
		{ 2, 36, 4, 1, -AX_EINVAL, "the FAT has 1 sectors" },
		{ 2, 36, 4, 0x80000000, -AX_EINVAL, "volume of" },
		{ 2, 36, 4, 0xffffffff, -AX_EINVAL, "volume of" },
		{ 2, 42, 2, 1, -AX_EINVAL, "version 1" },
		{ 2, 44, 4, 0, -AX_EINVAL, "root directory at cluster 0" },
		{ 2, 44, 4, 0xfffffff, -AX_EINVAL, "root directory at cluster" },
		{ 2, 44, 4, 70000, -AX_EINVAL, "broken chain of the root directory" },
		{ 1, 17, 2, 0, -AX_EINVAL, "no root directory" },
		{ 1, 22, 2, 1, -AX_EINVAL, "the FAT has 1 sectors" },
		{ 0, 22, 2, 1, -AX_EINVAL, "the FAT has 1 sectors" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mem_disk *disk = &disks[cases[i].disk];
		size_t heap = host_heap_live();
		int err;

		if (cases[i].offset == 3)
			memcpy(mem_disk_touch(disk, 0) + 3, "EXFAT   ", 8);
		else
			memcpy(mem_disk_touch(disk, 0) + cases[i].offset, &cases[i].value, cases[i].len);
		err = mount(disk);
		if (err != cases[i].err || !strstr(reason, cases[i].text))
			fail_msg("case %u: %d, %s", i, err, err ? reason : "mounted");
		assert_int_equal(host_heap_live(), heap);
		mem_disk_restore(disk);
	}
}

static void a_device_that_ends_early_is_refused(void **state)
{
	struct mem_disk *disk = &disks[2];

	for (uint64_t sectors = 0; sectors < formats[2].sectors; sectors = sectors * 3 + 1) {
		disk->block.sectors = sectors;
		assert_int_not_equal(mount(disk), 0);
	}
	disk->block.sectors = formats[2].sectors;
}

/* Geometry of disks[2]: 32 reserved sectors, then the FAT; the data area begins at the root directory. */
static uint32_t *fat_entry(struct mem_disk *disk, uint32_t cluster)
{
	return (uint32_t *)mem_disk_touch(disk, 32 + cluster / 128) + cluster % 128;
}

static uint32_t data_start(const struct mem_disk *disk)
{
	uint32_t fat_sectors;

	memcpy(&fat_sectors, disk->data + 36, 4);
	return 32 + 2 * fat_sectors;
}

/* The directory entry of a short name in the root directory (one sector per cluster: the chain is followed). */
static uint8_t *root_entry(struct mem_disk *disk, const char *name)
{
	for (uint32_t cluster = 2; cluster < 0x0ffffff8; cluster = *fat_entry(disk, cluster))
		for (unsigned i = 0; i < 512; i += 32) {
			uint8_t *entry = mem_disk_touch(disk, data_start(disk) + cluster - 2) + i;

			if (!memcmp(entry, name, 11))
				return entry;
		}
	fail_msg("no entry %s", name);
	return NULL;
}

static uint32_t first_cluster(const uint8_t *entry)
{
	return entry[26] | entry[27] << 8 | entry[20] << 16 | entry[21] << 24;
}

static void set_first_cluster(uint8_t *entry, uint32_t cluster)
{
	entry[26] = cluster;
	entry[27] = cluster >> 8;
	entry[20] = cluster >> 16;
	entry[21] = cluster >> 24;
}

static void broken_chains_are_errors_and_not_loops(void **state)
{
	struct mem_disk *disk = &disks[2];
	/* What the 100th cluster of /big leads to, and whether the file can be read then. */
	static const struct {
		uint32_t next;
		bool readable;
	} cases[] = {
		{ 0, false },          { 1, false },          { 0x0ffffff7, false }, { 0x0fffffff, false },
		{ 0x0fffff00, false }, { 0x00ffffff, false }, { 3, false },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t first = first_cluster(root_entry(disk, "BIG        ")), last = first + 99;
		struct fs_file *file;
		char *text;
		size_t len;
		int err;

		*fat_entry(disk, last) = cases[i].next == 3 ? first : cases[i].next;
		assert_int_equal(mount(disk), 0);
		host_log_reset();
		err = fs_read_file("/big", 4 << 20, &text, &len);
		if (cases[i].next == 3) { /* a loop: the file is as long as its entry says, and then it ends */
			assert_int_equal(err, 0);
			kfree(text);
		} else {
			assert_int_equal(err, -AX_EIO);
			assert_true(host_log_contains("mem0: damaged FAT volume: /big: broken chain of clusters"));
		}
		err = fs_open("/big", FS_WRITE | FS_APPEND, &file);
		if (!err) {
			fs_write(file, "x", 1);
			fs_close(file);
		}
		fs_unlink("/big"); /* whatever comes out: it comes to an end */
		unmount();
		mem_disk_restore(disk);
	}
}

static void a_file_without_a_first_cluster_is_damaged(void **state)
{
	static const uint32_t clusters[] = { 0, 1, 0x0fffffff, 0xffffffff, 81920 };
	struct mem_disk *disk = &disks[2];

	for (unsigned i = 0; i < ARRAY_SIZE(clusters); i++) {
		char *text;

		set_first_cluster(root_entry(disk, "HELLO   TXT"), clusters[i]);
		assert_int_equal(mount(disk), 0);
		host_log_reset();
		assert_int_equal(fs_read_file("/hello.txt", 4096, &text, NULL), -AX_EIO);
		assert_true(host_log_contains("mem0: damaged FAT volume: /hello.txt"));
		assert_int_equal(disk->writes, 0);
		unmount();
		mem_disk_restore(disk);
	}
}

static void directories_that_contain_themselves_are_refused(void **state)
{
	struct mem_disk *disk = &disks[2];
	uint32_t guest = first_cluster(root_entry(disk, "GUEST      "));
	uint8_t *inner = mem_disk_touch(disk, data_start(disk) + guest - 2) + 64; /* after "." and "..": a long name */
	struct fs_dir *dir;

	while (memcmp(inner, "VM_DEF", 6))
		inner += 32;
	set_first_cluster(inner, guest);
	assert_int_equal(mount(disk), 0);
	host_log_reset();
	assert_int_equal(fs_opendir("/guest", &dir), 0);
	fs_closedir(dir);
	assert_int_equal(fs_opendir("/guest/vm_default", &dir), -AX_EIO);
	assert_true(host_log_contains("the directory contains itself"));
	assert_int_equal(fs_opendir("/guest/vm_default/vm_default/vm_default", &dir), -AX_EIO);
	assert_int_equal(fs_unlink("/guest/vm_default"), -AX_ENOTEMPTY);
	unmount();
	inner = mem_disk_touch(disk, data_start(disk) + guest - 2) + 64;
	while (memcmp(inner, "VM_DEF", 6))
		inner += 32;
	set_first_cluster(inner, 0); /* the root */
	assert_int_equal(mount(disk), 0);
	assert_int_equal(fs_opendir("/guest/vm_default", &dir), -AX_EIO);
	unmount();
	mem_disk_restore(disk);
}

static void a_directory_whose_chain_is_a_ring_ends(void **state)
{
	struct mem_disk *disk = &disks[2];
	uint32_t guest = first_cluster(root_entry(disk, "GUEST      "));
	uint8_t *sector = mem_disk_touch(disk, data_start(disk) + guest - 2);
	struct fs_dirent entry;
	struct fs_dir *dir;
	unsigned count = 0;

	for (unsigned i = 64; i < 512; i += 32) {
		memcpy(sector + i, "SAME    NAM", 11);
		memset(sector + i + 11, 0, 21);
	}
	*fat_entry(disk, guest) = guest;
	assert_int_equal(mount(disk), 0);
	assert_int_equal(fs_opendir("/guest", &dir), 0);
	while (fs_readdir(dir, &entry) == 1)
		count++;
	assert_true(count > 0 && count <= 65536);
	fs_closedir(dir);
	assert_int_equal(fs_mkdir("/guest/new"), -AX_ENOSPC);
	unmount();
	mem_disk_restore(disk);
}

static void names_cannot_lead_elsewhere(void **state)
{
	struct mem_disk *disk = &disks[2];
	struct fs_dirent entry;
	struct fs_dir *dir;

	memcpy(root_entry(disk, "HELLO   TXT"), "A/\033[2J\001 TXT", 11);
	memcpy(root_entry(disk, "EMPTY      "), "/..        ", 11);
	assert_int_equal(mount(disk), 0);
	assert_int_equal(fs_opendir("/", &dir), 0);
	while (fs_readdir(dir, &entry) == 1)
		for (const char *c = entry.name; *c; c++)
			assert_true((unsigned char)*c >= ' ' && *c != '/');
	fs_closedir(dir);
	unmount();
	mem_disk_restore(disk);
}

static void on_mount(const struct fs_mount_info *info, void *arg)
{
	*(struct fs_mount_info *)arg = *info;
}

static uint64_t random_state;

static uint32_t rnd(void)
{
	random_state = random_state * 6364136223846793005U + 1442695040888963407U;
	return random_state >> 33;
}

/* Go everywhere and do everything; results do not matter, only that there are some. */
static void visit(const char *path, unsigned depth, unsigned *budget)
{
	static char buffer[70000];
	char child[FS_PATH_MAX];
	struct fs_dirent entry;
	struct fs_file *file;
	struct fs_dir *dir;

	if (fs_opendir(path, &dir))
		return;
	while (*budget && fs_readdir(dir, &entry) == 1) {
		--*budget;
		if (fs_path_join(path, entry.name, child))
			continue;
		if (entry.stat.type == FS_DIRECTORY && depth < 6) {
			visit(child, depth + 1, budget);
		} else if (!fs_open(child, FS_READ, &file)) {
			fs_seek(file, rnd() % 100);
			fs_read(file, buffer, sizeof(buffer));
			fs_close(file);
		}
		if (rnd() % 4 == 0 && !fs_open(child, FS_WRITE | (rnd() % 2 ? FS_APPEND : FS_TRUNCATE), &file)) {
			fs_write(file, buffer, rnd() % 5000);
			fs_close(file);
		}
		if (rnd() % 8 == 0)
			fs_unlink(child);
		if (rnd() % 8 == 0)
			fs_rename(child, "/guest/moved");
		if (rnd() % 8 == 0 && !fs_path_join(path, "a new directory", child))
			fs_mkdir(child);
	}
	fs_closedir(dir);
}

static void random_damage_is_survived(void **state)
{
	size_t heap = host_heap_live();
	unsigned mounted = 0;

	for (unsigned round = 0; round < 1500; round++) {
		struct mem_disk *disk = &disks[round % 3];
		unsigned budget = 100, last = round % 3 == 2 ? data_start(disk) + 20 : 80;
		struct fs_mount_info info;

		random_state = round;
		for (unsigned n = rnd() % 12 + 1; n; n--) {
			/* Half of the damage goes to the FAT's first sectors and the root directory's. */
			uint64_t sector = rnd() % 2 ? rnd() % last
						    : (round % 3 == 2 ? (rnd() % 2 ? 32 : data_start(disk)) : 1) +
							      rnd() % 4;
			uint8_t *at = mem_disk_touch(disk, sector) + rnd() % 508;

			if (rnd() % 2)
				*at = rnd();
			else
				memcpy(at, &(uint32_t){ rnd() % 200 }, 4);
		}
		if (rnd() % 4 == 0)
			disk->fail_countdown = rnd() % 60;
		if (!mount(disk)) {
			mounted++;
			visit("/", 0, &budget);
			fs_for_each_mount(on_mount, &info);
			unmount();
		}
		assert_int_equal(host_heap_live(), heap);
		mem_disk_restore(disk);
	}
	assert_true(mounted > 500);
}

static void a_failing_allocation_is_an_error(void **state)
{
	size_t heap = host_heap_live();
	char *text;
	int err;

	for (unsigned n = 0;; n++) {
		host_fail_after(n);
		err = mount(&disks[2]);
		if (!err) {
			err = fs_read_file("/hello.txt", 4096, &text, NULL);
			if (!err)
				kfree(text);
			unmount();
		}
		assert_int_equal(host_heap_live(), heap);
		if (!err)
			break;
		assert_int_equal(err, -AX_ENOMEM);
	}
	host_fail_never();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_damaged_boot_sector_is_refused_with_the_reason),
		cmocka_unit_test(a_device_that_ends_early_is_refused),
		cmocka_unit_test(broken_chains_are_errors_and_not_loops),
		cmocka_unit_test(a_file_without_a_first_cluster_is_damaged),
		cmocka_unit_test(directories_that_contain_themselves_are_refused),
		cmocka_unit_test(a_directory_whose_chain_is_a_ring_ends),
		cmocka_unit_test(names_cannot_lead_elsewhere),
		cmocka_unit_test(random_damage_is_survived),
		cmocka_unit_test(a_failing_allocation_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_disks, free_disks);
}
