/* unit: axfs/path.c axfs/vfs.c axfs/mount.c axfs/file.c axfs/init.c axfs/ramfs.c axfs/devfs.c axfs/fat.c axfs/fat_file.c axfs/fat_disk.c axfs/fat_probe.c axdriver/block.c axstd/error.c fake_task.c mem_disk.c +oofatfs */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths, the tree of mounts, devices as files, and what fs_init() makes of the disks it finds.
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

#define SECTORS 8192

static struct mem_disk blank, fat;

static int init(const char *root)
{
	fs_unmount_all();
	host_log_reset();
	host_frame_limit = 4096;
	return fs_init(root);
}

static void paths_are_normalized(void **state)
{
	static const struct {
		const char *cwd, *path, *want;
	} cases[] = {
		{ "/", "", "/" },
		{ "/", "a", "/a" },
		{ "/a", "b", "/a/b" },
		{ "/a", "/b", "/b" },
		{ "/a/b", "..", "/a" },
		{ "/a/b", "../..", "/" },
		{ "/a/b", "../../../..", "/" },
		{ "/a", "./b/./c/", "/a/b/c" },
		{ "/", "//a///b//", "/a/b" },
		{ "/a", "...", "/a/..." },
		{ "/a", "b/../c", "/a/c" },
		{ "/a/", ".x", "/a/.x" },
	};
	char out[FS_PATH_MAX], name[FS_PATH_MAX + 1];

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(fs_path_join(cases[i].cwd, cases[i].path, out), 0);
		assert_string_equal(out, cases[i].want);
	}
	memset(name, 'n', sizeof(name));
	name[FS_PATH_MAX - 2] = '\0';
	assert_int_equal(fs_path_join("/", name, out), 0);
	assert_int_equal(strlen(out), FS_PATH_MAX - 1);
	assert_int_equal(fs_path_join("/a", name, out), -AX_ENAMETOOLONG);
	name[FS_PATH_MAX - 2] = 'n';
	name[FS_PATH_MAX - 1] = '\0';
	assert_int_equal(fs_path_join("/", name, out), -AX_ENAMETOOLONG);
}

static unsigned list(const char *path, char *names, size_t size)
{
	struct fs_dirent entry;
	struct fs_dir *dir;
	unsigned n = 0;

	names[0] = '\0';
	assert_int_equal(fs_opendir(path, &dir), 0);
	for (; fs_readdir(dir, &entry) == 1; n++)
		snprintf(names + strlen(names), size - strlen(names), "%s%s ", entry.name,
			 entry.stat.type == FS_DIRECTORY ? "/" : "");
	fs_closedir(dir);
	return n;
}

static void the_first_good_fat_volume_is_root(void **state)
{
	char names[200], *text;

	assert_int_equal(init(NULL), 0);
	assert_true(host_log_contains("warn axfs:"));
	assert_true(host_log_contains("blank: no FAT volume: sector 0 has no boot signature"));
	assert_true(host_log_contains("fat: fat12 volume mounted on /"));
	assert_int_equal(fs_read_file("/hello.txt", 100, &text, NULL), 0);
	assert_string_equal(text, "hello\n");
	kfree(text);
	/* The volume has a directory TMP of its own: it is hidden, and so is what lies in it. */
	assert_int_equal(list("/", names, sizeof(names)), 4);
	assert_string_equal(names, "hello.txt guest/ tmp/ dev/ ");
	assert_int_equal(list("/tmp", names, sizeof(names)), 0);
	assert_int_equal(list("/guest", names, sizeof(names)), 0);
}

static void a_missing_or_bad_root_leaves_an_empty_tree(void **state)
{
	struct fs_file *file;
	char names[200];

	assert_int_equal(init("nvme7"), -AX_ENODEV);
	assert_true(host_log_contains("nvme7: there is no such block device to boot from"));
	assert_int_equal(list("/", names, sizeof(names)), 2);
	assert_int_equal(fs_open("/new", FS_WRITE | FS_CREATE, &file), 0);
	fs_close(file);

	assert_int_equal(init("blank"), -AX_ENODEV);
	assert_true(host_log_contains("error axfs:"));

	mem_disk_touch(&fat, 0)[13] = 3;
	assert_int_equal(init(""), -AX_EINVAL);
	assert_true(host_log_contains("fat: damaged FAT boot sector: 3 sectors per cluster"));
	assert_true(host_log_contains("no boot volume"));
	mem_disk_restore(&fat);

	fat.fail_countdown = 0;
	assert_int_equal(init("fat"), -AX_EIO);
	assert_true(host_log_contains("fat: cannot read sector 0"));
	mem_disk_restore(&fat);
}

static void operations_stay_within_a_volume(void **state)
{
	struct fs_file *file;
	struct fs_stat stat;

	assert_int_equal(init(NULL), 0);
	assert_int_equal(fs_rename("/hello.txt", "/tmp/hello.txt"), -AX_ENOTSUP);
	assert_int_equal(fs_unlink("/tmp"), -AX_EBUSY);
	assert_int_equal(fs_rename("/tmp", "/x"), -AX_EBUSY);
	assert_int_equal(fs_rename("/guest", "/tmp"), -AX_EBUSY);
	assert_int_equal(fs_mkdir("/tmp"), -AX_EEXIST);
	assert_int_equal(fs_mkdir("/dev/x"), -AX_EROFS);
	assert_int_equal(fs_unlink("/dev/null"), -AX_EROFS);
	assert_int_equal(fs_open("/tmp", FS_READ, &file), -AX_EISDIR);
	assert_int_equal(fs_open("/tmpx", FS_READ, &file), -AX_ENOENT);
	assert_int_equal(fs_stat("/tmp/../hello.txt", &stat), 0);
	assert_int_equal(fs_stat("/tmp", &stat), 0);
	assert_int_equal(stat.type, FS_DIRECTORY);
}

static void count_mount(const struct fs_mount_info *info, void *arg)
{
	static const char *const types[] = { "fat12", "ramfs", "devfs" };
	unsigned *n = arg;

	assert_string_equal(info->type, types[(*n)++]);
	assert_true(info->free_bytes <= info->total_bytes);
}

static void mounts_are_listed(void **state)
{
	unsigned n = 0;

	assert_int_equal(init(NULL), 0);
	fs_for_each_mount(count_mount, &n);
	assert_int_equal(n, 3);
}

static void devices_are_files(void **state)
{
	char names[200], buffer[2000];
	struct fs_file *file;
	struct fs_stat stat;

	assert_int_equal(init(NULL), 0);
	assert_int_equal(list("/dev", names, sizeof(names)), 5);
	assert_string_equal(names, "null zero console blank fat ");

	assert_int_equal(fs_open("/dev/null", FS_READ | FS_WRITE, &file), 0);
	assert_int_equal(fs_write(file, buffer, 10), 10);
	assert_int_equal(fs_read(file, buffer, 10), 0);
	fs_close(file);

	memset(buffer, 1, sizeof(buffer));
	assert_int_equal(fs_open("/dev/zero", FS_READ, &file), 0);
	assert_int_equal(fs_read(file, buffer, 2000), 2000);
	assert_int_equal(buffer[1999], 0);
	fs_close(file);

	host_console_reset();
	host_console_type("typed");
	assert_int_equal(fs_open("/dev/console", FS_READ | FS_WRITE, &file), 0);
	assert_int_equal(fs_write(file, "text", 4), 4);
	assert_string_equal(host_console_output, "text");
	assert_int_equal(fs_read(file, buffer, 100), 5);
	assert_memory_equal(buffer, "typed", 5);
	fs_close(file);

	assert_int_equal(fs_open("/dev/fat", FS_WRITE, &file), -AX_EROFS);
	assert_int_equal(fs_open("/dev/none", FS_READ, &file), -AX_ENOENT);
	assert_int_equal(fs_open("/dev/null/x", FS_READ, &file), -AX_ENOENT);
	assert_int_equal(fs_stat("/dev/fat", &stat), 0);
	assert_int_equal(stat.type, FS_DEVICE);
	assert_int_equal(stat.size, SECTORS * 512);
	assert_int_equal(fs_open("/dev/fat", FS_READ, &file), 0);
	for (unsigned offset = 0; offset < 3000; offset += 37) {
		assert_int_equal(fs_seek(file, offset), 0);
		assert_int_equal(fs_read(file, buffer, offset % 1900), offset % 1900);
		assert_memory_equal(buffer, fat.data + offset, offset % 1900);
	}
	assert_int_equal(fs_seek(file, SECTORS * 512 - 5), 0);
	assert_int_equal(fs_read(file, buffer, 100), 5);
	assert_int_equal(fs_read(file, buffer, 100), 0);
	fs_close(file);
}

static int make_disks(void **state)
{
	mem_disk_init(&blank, 64);
	mem_disk_init(&fat, SECTORS);
	strcpy(blank.block.name, "blank");
	strcpy(fat.block.name, "fat");
	if (mem_disk_shell(
		    &fat, 0,
		    "mkfs.fat -F 12 $IMG > /dev/null && echo hello > $IMG.h && mcopy -i $IMG $IMG.h ::/hello.txt && "
		    "mmd -i $IMG ::/TMP ::/TMP/inner ::/guest; r=$?; rm $IMG.h; exit $r"))
		return -1;
	mem_disk_snapshot(&fat);
	return block_register(&blank.block) || block_register(&fat.block);
}

static int free_disks(void **state)
{
	fs_unmount_all();
	mem_disk_free(&blank);
	mem_disk_free(&fat);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_normalized),
		cmocka_unit_test(the_first_good_fat_volume_is_root),
		cmocka_unit_test(a_missing_or_bad_root_leaves_an_empty_tree),
		cmocka_unit_test(operations_stay_within_a_volume),
		cmocka_unit_test(mounts_are_listed),
		cmocka_unit_test(devices_are_files),
	};

	return cmocka_run_group_tests(tests, make_disks, free_disks);
}
