/* unit: axfs/path.c axfs/vfs.c axfs/mount.c axfs/file.c axfs/fat.c axfs/fat_file.c axfs/fat_disk.c axfs/fat_probe.c axdriver/block.c axstd/error.c fake_task.c mem_disk.c fat_disks.c +oofatfs */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FAT volumes: made by mkfs.fat and mtools, read and written by us, checked by fsck.fat.
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
	};

	return cmocka_run_group_tests(tests, make_disks, free_disks);
}
