/* unit: axfs/path.c axfs/vfs.c axfs/mount.c axfs/file.c axfs/fat.c axfs/fat_file.c axfs/fat_disk.c axfs/fat_probe.c axdriver/block.c axstd/error.c fake_task.c mem_disk.c +oofatfs */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FAT volumes: made by mkfs.fat and mtools, read and written by us, checked by fsck.fat; and damaged ones.
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
#include "host/host.h"
#include "mem_disk.h"
#include "vfs.h"

#define LONG_NAME "Ein ziemlich langer Name mit Umlaut \xc3\xa4.Datei"
#define BIG_SIZE  (3 * MIB(1) + 777)

/* $IMG gets: /hello.txt, /guest/vm_default/linux.toml, a long name, /big (bytes i * 7), /empty */
static const char fill[] = "d=$(mktemp -d) && cd $d && printf 'hello, FAT\\n' > hello.txt && printf 'x = 1\\n' > "
			   "linux.toml && : > empty && "
			   "head -c 3146505 /dev/zero | tr '\\0' z > big && "
			   "mmd -i $IMG ::/guest ::/guest/vm_default && mcopy -i $IMG hello.txt empty big :: && "
			   "mcopy -i $IMG linux.toml ::/guest/vm_default/ && mcopy -i $IMG hello.txt '::" LONG_NAME
			   "'; "
			   "r=$?; rm -r $d; exit $r";

static const struct format {
	const char *mkfs, *type;
	uint64_t sectors;
} formats[] = {
	{ "mkfs.fat -F 12 -s 8 $IMG > /dev/null", "fat12", 16384 },
	{ "mkfs.fat -F 16 -s 4 $IMG > /dev/null", "fat16", 65536 },
	{ "mkfs.fat -F 32 -s 1 $IMG > /dev/null", "fat32", 81920 },
};

static struct mem_disk disks[ARRAY_SIZE(formats)];
static struct fs_volume *volume;
static char reason[200];

static int make_disks(void **state)
{
	setenv("LC_ALL", "C.UTF-8", 1);
	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
		mem_disk_init(&disks[i], formats[i].sectors);
		if (mem_disk_shell(&disks[i], 0, formats[i].mkfs) || mem_disk_shell(&disks[i], 0, fill))
			return -1;
		mem_disk_snapshot(&disks[i]);
	}
	return 0;
}

static int free_disks(void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++)
		mem_disk_free(&disks[i]);
	return 0;
}

static int mount(struct mem_disk *disk)
{
	int err = fat_mount(&disk->block, &volume, reason, sizeof(reason));

	if (!err)
		assert_int_equal(fs_mount("/", volume), 0);
	return err;
}

static void unmount(void)
{
	fs_unmount_all();
}

static void assert_clean(struct mem_disk *disk)
{
	if (mem_disk_shell(disk, 0,
			   "fsck.fat -n $IMG > $IMG.log || { cat $IMG.log; rm $IMG.log; false; } && rm $IMG.log"))
		fail_msg("fsck.fat finds faults");
}

static void assert_content(const char *path, const char *content)
{
	char *text;
	size_t len;

	assert_int_equal(fs_read_file(path, 1 << 20, &text, &len), 0);
	assert_string_equal(text, content);
	assert_int_equal(len, strlen(content));
	kfree(text);
}

static void write_file(const char *path, unsigned flags, const char *content)
{
	struct fs_file *file;

	assert_int_equal(fs_open(path, FS_WRITE | flags, &file), 0);
	assert_int_equal(fs_write(file, content, strlen(content)), strlen(content));
	assert_int_equal(fs_close(file), 0);
}

static void files_made_by_mtools_are_read(void **state)
{
	struct fs_stat stat;

	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
		assert_int_equal(mount(&disks[i]), 0);
		assert_string_equal(volume->type, formats[i].type);
		assert_content("/hello.txt", "hello, FAT\n");
		assert_content("HELLO.TXT", "hello, FAT\n");
		assert_content("/guest/./vm_default/../vm_default/linux.toml", "x = 1\n");
		assert_content("/" LONG_NAME, "hello, FAT\n");
		assert_content("/empty", "");
		assert_int_equal(fs_stat("/big", &stat), 0);
		assert_int_equal(stat.size, BIG_SIZE);
		assert_true(stat.mtime > 1600000000 && stat.mtime < 4000000000U);
		assert_int_equal(fs_stat("/guest", &stat), 0);
		assert_int_equal(stat.type, FS_DIRECTORY);
		assert_int_equal(fs_stat("/", &stat), 0);
		assert_int_equal(stat.type, FS_DIRECTORY);
		assert_int_equal(fs_stat("/nothing", &stat), -AX_ENOENT);
		assert_int_equal(fs_stat("/nothing/below", &stat), -AX_ENOENT);
		unmount();
	}
}

static void a_directory_lists_all_names_once(void **state)
{
	static const char *const names[] = { "guest", "hello.txt", "empty", "big", LONG_NAME };
	struct fs_dirent entry;
	struct fs_dir *dir;
	unsigned seen = 0, count = 0;

	assert_int_equal(mount(&disks[2]), 0);
	assert_int_equal(fs_opendir("/", &dir), 0);
	while (fs_readdir(dir, &entry) == 1) {
		count++;
		for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
			if (!strcmp(names[i], entry.name))
				seen |= 1U << i;
	}
	assert_int_equal(fs_readdir(dir, &entry), 0);
	fs_closedir(dir);
	assert_int_equal(count, ARRAY_SIZE(names));
	assert_int_equal(seen, (1U << ARRAY_SIZE(names)) - 1);
	assert_int_equal(fs_opendir("/hello.txt", &dir), -AX_ENOTDIR);
	assert_int_equal(fs_opendir("/none", &dir), -AX_ENOENT);
	unmount();
}

static void a_large_file_is_read_with_few_requests(void **state)
{
	char *text;
	size_t len;

	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
		mem_disk_restore(&disks[i]);
		assert_int_equal(mount(&disks[i]), 0);
		disks[i].reads = 0;
		assert_int_equal(fs_read_file("/big", 4 << 20, &text, &len), 0);
		assert_int_equal(len, BIG_SIZE);
		for (size_t j = 0; j < len; j++)
			assert_int_equal(text[j], 'z');
		kfree(text);
		/* 4 pieces, and the FAT's sectors: 128 clusters each on FAT32 */
		assert_true(disks[i].reads < (i == 2 ? 16 + BIG_SIZE / 512 / 128 : 16 + BIG_SIZE / 2048 / 256 + 1));
		assert_int_equal(fs_read_file("/big", BIG_SIZE - 1, &text, &len), -AX_EOVERFLOW);
		unmount();
	}
}

/* Every offset and length gives what was written, whatever the layout of the file's clusters. */
static void fragmented_files_are_read_anywhere(void **state)
{
	struct mem_disk *disk = &disks[2];
	static uint8_t model[40000], buffer[40000];
	struct fs_file *a, *b;

	assert_int_equal(mount(disk), 0);
	assert_int_equal(fs_open("/a", FS_WRITE | FS_CREATE, &a), 0);
	assert_int_equal(fs_open("/b", FS_WRITE | FS_CREATE, &b), 0);
	for (unsigned i = 0; i < sizeof(model); i++)
		model[i] = (uint8_t)(i * 31 + i / 512);
	for (unsigned i = 0, n; i < sizeof(model); i += n) {
		n = MIN(1 + i * 7 % 1500, sizeof(model) - i);
		assert_int_equal(fs_write(a, model + i, n), n);
		assert_int_equal(fs_write(b, model, 700), 700);
	}
	fs_close(a);
	fs_close(b);
	assert_int_equal(fs_open("/a", FS_READ, &a), 0);
	for (unsigned i = 0; i < 3000; i++) {
		unsigned offset = i * 7919 % sizeof(model), len = i * 104729 % 20000;
		unsigned want = MIN(len, sizeof(model) - offset);

		assert_int_equal(fs_seek(a, offset), 0);
		assert_int_equal(fs_read(a, buffer, len), want);
		assert_memory_equal(buffer, model + offset, want);
	}
	assert_int_equal(fs_seek(a, sizeof(model) + 1), 0);
	assert_int_equal(fs_read(a, buffer, 1), 0);
	fs_close(a);
	unmount();
	assert_clean(disk);
	mem_disk_restore(disk);
}

static void what_we_write_is_clean_and_read_by_others(void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
		struct mem_disk *disk = &disks[i];
		struct fs_stat stat;

		assert_int_equal(mount(disk), 0);
		assert_int_equal(fs_mkdir("/dir"), 0);
		assert_int_equal(fs_mkdir("/dir"), -AX_EEXIST);
		assert_int_equal(fs_mkdir("/none/dir"), -AX_ENOENT);
		write_file("/dir/new long file name.text", FS_CREATE, "first");
		write_file("/dir/new long file name.text", FS_APPEND, ", second");
		assert_content("/dir/new long file name.text", "first, second");
		write_file("/hello.txt", FS_TRUNCATE, "short");
		assert_content("/hello.txt", "short");
		assert_int_equal(fs_unlink("/dir"), -AX_ENOTEMPTY);
		assert_int_equal(fs_rename("/big", "/dir/big2"), 0);
		assert_int_equal(fs_stat("/big", &stat), -AX_ENOENT);
		assert_int_equal(fs_rename("/hello.txt", "/dir/big2"), -AX_EEXIST);
		assert_int_equal(fs_unlink("/empty"), 0);
		assert_int_equal(fs_unlink("/empty"), -AX_ENOENT);
		assert_true(disk->flushes > 0);
		unmount();
		assert_clean(disk);
		assert_int_equal(
			mem_disk_shell(
				disk, 0,
				"test \"$(mtype -i $IMG '::/dir/new long file name.text')\" = 'first, second' && "
				"mdir -i $IMG ::/dir | grep -q 3146505"),
			0);
		mem_disk_restore(disk);
	}
}

static void directories_cannot_move_into_themselves(void **state)
{
	struct mem_disk *disk = &disks[2];

	assert_int_equal(mount(disk), 0);
	assert_int_equal(fs_rename("/guest", "/guest/vm_default/x"), -AX_EINVAL);
	assert_int_equal(fs_rename("/guest", "/GUEST/x"), -AX_EINVAL);
	assert_int_equal(fs_rename("/guest", "/other"), 0);
	assert_content("/other/vm_default/linux.toml", "x = 1\n");
	assert_int_equal(fs_mkdir("/deep"), 0);
	assert_int_equal(fs_rename("/other/vm_default", "/deep/moved"), 0);
	assert_content("/deep/moved/linux.toml", "x = 1\n");
	unmount();
	assert_clean(disk);
	mem_disk_restore(disk);
}

static void an_open_file_is_protected(void **state)
{
	struct fs_file *reader, *second, *writer;

	assert_int_equal(mount(&disks[1]), 0);
	assert_int_equal(fs_open("/hello.txt", FS_READ, &reader), 0);
	assert_int_equal(fs_open("/HELLO.TXT", FS_READ, &second), 0);
	assert_int_equal(fs_open("/hello.txt", FS_WRITE | FS_TRUNCATE, &writer), -AX_EBUSY);
	assert_int_equal(fs_unlink("/hello.txt"), -AX_EBUSY);
	assert_int_equal(fs_rename("/hello.txt", "/other"), -AX_EBUSY);
	fs_close(second);
	fs_close(reader);
	assert_content("/hello.txt", "hello, FAT\n");
	assert_int_equal(fs_open("/hello.txt", FS_WRITE, &writer), 0);
	assert_int_equal(fs_open("/hello.txt", FS_READ, &reader), -AX_EBUSY);
	fs_close(writer);
	assert_int_equal(fs_unlink("/hello.txt"), 0);
	unmount();
	mem_disk_restore(&disks[1]);
}

static void wrong_uses_are_refused(void **state)
{
	struct fs_file *file;
	char c = 0;

	assert_int_equal(mount(&disks[2]), 0);
	assert_int_equal(fs_open("/guest", FS_READ, &file), -AX_EISDIR);
	assert_int_equal(fs_open("/guest", FS_WRITE | FS_CREATE, &file), -AX_EISDIR);
	assert_int_equal(fs_open("/", FS_READ, &file), -AX_EISDIR);
	assert_int_equal(fs_open("/none", FS_READ, &file), -AX_ENOENT);
	assert_int_equal(fs_open("/none/x", FS_WRITE | FS_CREATE, &file), -AX_ENOENT);
	assert_int_equal(fs_open("/a:b", FS_WRITE | FS_CREATE, &file), -AX_EINVAL);
	assert_int_equal(fs_open("/hello.txt", FS_READ | FS_CREATE, &file), -AX_EINVAL);
	assert_int_equal(fs_open("/hello.txt", 0, &file), -AX_EINVAL);
	assert_int_equal(fs_unlink("/"), -AX_EBUSY);
	assert_int_equal(fs_mkdir("/"), -AX_EEXIST);
	assert_int_equal(fs_open("/hello.txt", FS_READ, &file), 0);
	assert_int_equal(fs_write(file, &c, 1), -AX_EACCES);
	fs_close(file);
	assert_int_equal(fs_open("/hello.txt", FS_WRITE, &file), 0);
	assert_int_equal(fs_read(file, &c, 1), -AX_EACCES);
	assert_int_equal(fs_seek(file, UINT64_MAX), -AX_EINVAL);
	assert_int_equal(fs_seek(file, UINT32_MAX), 0);
	assert_int_equal(fs_write(file, &c, 1), -AX_EOVERFLOW);
	fs_close(file);
	unmount();
	mem_disk_restore(&disks[2]);
}

static void a_gap_reads_as_zeros(void **state)
{
	struct mem_disk *disk = &disks[0];
	struct fs_file *file;
	char *text;
	size_t len;

	/* Leave something behind in the free clusters. */
	assert_int_equal(mount(disk), 0);
	assert_int_equal(fs_unlink("/big"), 0);
	assert_int_equal(fs_open("/gap", FS_WRITE | FS_CREATE, &file), 0);
	assert_int_equal(fs_write(file, "ab", 2), 2);
	assert_int_equal(fs_seek(file, 20000), 0);
	assert_int_equal(fs_write(file, "c", 1), 1);
	fs_close(file);
	assert_int_equal(fs_read_file("/gap", 1 << 20, &text, &len), 0);
	assert_int_equal(len, 20001);
	assert_memory_equal(text, "ab", 2);
	for (unsigned i = 2; i < 20000; i++)
		assert_int_equal(text[i], 0);
	assert_int_equal(text[20000], 'c');
	kfree(text);
	unmount();
	mem_disk_restore(disk);
}

static void on_mount(const struct fs_mount_info *info, void *arg)
{
	*(struct fs_mount_info *)arg = *info;
}

static void a_full_volume_says_so_and_gives_space_back(void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++) {
		struct mem_disk *disk = &disks[i];
		struct fs_mount_info before, after;
		char *data = calloc(1, MIB(1));
		struct fs_file *file;
		uint64_t total = 0;
		int64_t n;

		assert_int_equal(mount(disk), 0);
		fs_for_each_mount(on_mount, &before);
		assert_true(before.free_bytes > MIB(4) && before.free_bytes < before.total_bytes);
		assert_int_equal(fs_open("/fill", FS_WRITE | FS_CREATE, &file), 0);
		while ((n = fs_write(file, data, MIB(1))) > 0)
			total += n;
		assert_int_equal(n, -AX_ENOSPC);
		assert_int_equal(fs_close(file), 0);
		assert_int_equal(total, before.free_bytes);
		assert_int_equal(fs_mkdir("/dir"), -AX_ENOSPC);
		fs_for_each_mount(on_mount, &after);
		assert_int_equal(after.free_bytes, 0);
		assert_int_equal(fs_unlink("/fill"), 0);
		fs_for_each_mount(on_mount, &after);
		assert_int_equal(after.free_bytes, before.free_bytes);
		unmount();
		assert_clean(disk);
		mem_disk_restore(disk);
		free(data);
	}
}

static void a_read_only_device_cannot_be_changed(void **state)
{
	struct mem_disk *disk = &disks[2];
	struct fs_file *file;

	disk->block.read_only = true;
	assert_int_equal(mount(disk), 0);
	assert_content("/hello.txt", "hello, FAT\n");
	assert_int_equal(fs_open("/hello.txt", FS_WRITE, &file), -AX_EROFS);
	assert_int_equal(fs_open("/new", FS_WRITE | FS_CREATE, &file), -AX_EROFS);
	assert_int_equal(fs_mkdir("/new"), -AX_EROFS);
	assert_int_equal(fs_unlink("/hello.txt"), -AX_EROFS);
	assert_int_equal(fs_rename("/hello.txt", "/x"), -AX_EROFS);
	assert_int_equal(disk->writes, 0);
	unmount();
	disk->block.read_only = false;
}

static void a_partition_is_found_and_not_left(void **state)
{
	struct mem_disk whole;
	uint8_t *entry;

	mem_disk_init(&whole, 2048 + formats[2].sectors + 64);
	memcpy(whole.data + 2048 * 512, disks[2].original, formats[2].sectors * 512);
	memset(whole.data + (2048 + formats[2].sectors) * 512, 0x77, 64 * 512);
	entry = whole.data + 446 + 16; /* the second one; the first is not FAT */
	whole.data[446 + 4] = 0x83;
	whole.data[446 + 8] = 8;
	whole.data[446 + 12] = 8;
	entry[4] = 0x0c;
	entry[9] = 2048 >> 8;
	memcpy(entry + 12, &(uint32_t){ formats[2].sectors }, 4);
	whole.data[510] = 0x55;
	whole.data[511] = 0xaa;
	assert_int_equal(mount(&whole), 0);
	assert_content("/hello.txt", "hello, FAT\n");
	write_file("/new", FS_CREATE, "text");
	unmount();
	assert_int_equal(mem_disk_shell(&whole, 2048, "mtype -i $IMG ::/new | grep -q text"), 0);

	memcpy(entry + 12, &(uint32_t){ 1000 }, 4);
	assert_int_equal(mount(&whole), -AX_EINVAL);
	assert_string_equal(reason, "truncated FAT volume: it has 81920 sectors, but there are only 1000");
	memcpy(entry + 8, &(uint32_t){ 999999 }, 4);
	assert_int_equal(mount(&whole), -AX_EINVAL);
	assert_non_null(strstr(reason, "partition 2 begins at sector 999999"));
	entry[4] = 0xee;
	assert_int_equal(mount(&whole), -AX_ENODEV);
	assert_non_null(strstr(reason, "GPT"));
	entry[4] = 0;
	assert_int_equal(mount(&whole), -AX_ENODEV);
	mem_disk_free(&whole);
}

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
		cmocka_unit_test(files_made_by_mtools_are_read),
		cmocka_unit_test(a_directory_lists_all_names_once),
		cmocka_unit_test(a_large_file_is_read_with_few_requests),
		cmocka_unit_test(fragmented_files_are_read_anywhere),
		cmocka_unit_test(what_we_write_is_clean_and_read_by_others),
		cmocka_unit_test(directories_cannot_move_into_themselves),
		cmocka_unit_test(an_open_file_is_protected),
		cmocka_unit_test(wrong_uses_are_refused),
		cmocka_unit_test(a_gap_reads_as_zeros),
		cmocka_unit_test(a_full_volume_says_so_and_gives_space_back),
		cmocka_unit_test(a_read_only_device_cannot_be_changed),
		cmocka_unit_test(a_partition_is_found_and_not_left),
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
