/* unit: axfs/path.c axfs/vfs.c axfs/mount.c axfs/file.c axfs/ramfs.c axstd/error.c fake_task.c */
/* SPDX-License-Identifier: Apache-2.0 */
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
#include "vfs.h"

static struct fs_volume *volume;

static int mount_sized(uint64_t limit)
{
	volume = ramfs_create(limit);
	return volume && !fs_mount("/", volume) ? 0 : -1;
}

static int mount(void **state)
{
	return mount_sized(MIB(1));
}

/* Everything that a volume holds is given back with it. */
static int unmount(void **state)
{
	fs_unmount_all();
	return host_heap_live() ? -1 : 0;
}

static uint64_t free_bytes(void)
{
	uint64_t total, left;

	volume->ops->space(volume, &total, &left);
	return left;
}

static void write_file(const char *path, unsigned flags, const char *text)
{
	struct fs_file *file;

	assert_int_equal(fs_open(path, FS_WRITE | flags, &file), 0);
	assert_int_equal(fs_write(file, text, strlen(text)), strlen(text));
	assert_int_equal(fs_close(file), 0);
}

static void assert_content(const char *path, const char *want)
{
	char *text;
	size_t len;

	assert_int_equal(fs_read_file(path, 1 << 20, &text, &len), 0);
	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
	kfree(text);
}

static void files_keep_what_is_written(void **state)
{
	struct fs_file *file;
	struct fs_stat stat;

	assert_int_equal(fs_open("/a", FS_READ, &file), -AX_ENOENT);
	write_file("/a", FS_CREATE, "one");
	write_file("/a", FS_APPEND, " two");
	assert_content("/a", "one two");
	write_file("/a", 0, "ONE");
	assert_content("/a", "ONE two");
	write_file("/a", FS_TRUNCATE, "x");
	assert_content("/a", "x");
	assert_int_equal(fs_stat("/a", &stat), 0);
	assert_int_equal(stat.size, 1);
	assert_int_equal(fs_open("/A", FS_READ, &file), -AX_ENOENT);
}

static void directories_form_a_tree(void **state)
{
	struct fs_file *file;
	struct fs_dir *dir;

	assert_int_equal(fs_mkdir("/a"), 0);
	assert_int_equal(fs_mkdir("/a"), -AX_EEXIST);
	assert_int_equal(fs_mkdir("/a/b"), 0);
	assert_int_equal(fs_mkdir("/x/b"), -AX_ENOENT);
	write_file("/a/b/file", FS_CREATE, "text");
	assert_content("/a/./b/../b/file", "text");
	assert_int_equal(fs_mkdir("/a/b/file/x"), -AX_ENOTDIR);
	assert_int_equal(fs_open("/a/b", FS_READ, &file), -AX_EISDIR);
	assert_int_equal(fs_opendir("/a/b/file", &dir), -AX_ENOTDIR);
	assert_int_equal(fs_unlink("/a/b"), -AX_ENOTEMPTY);
	assert_int_equal(fs_unlink("/a/b/file"), 0);
	assert_int_equal(fs_unlink("/a/b"), 0);
	assert_int_equal(fs_unlink("/a"), 0);
	assert_int_equal(fs_unlink("/a"), -AX_ENOENT);
}

static void renaming_moves_whole_trees(void **state)
{
	uint64_t before;

	assert_int_equal(fs_mkdir("/a"), 0);
	assert_int_equal(fs_mkdir("/a/b"), 0);
	assert_int_equal(fs_mkdir("/c"), 0);
	write_file("/a/b/file", FS_CREATE, "text");
	before = free_bytes();
	assert_int_equal(fs_rename("/a/b", "/a/b/c"), -AX_EINVAL);
	assert_int_equal(fs_rename("/a", "/a/b/c"), -AX_EINVAL);
	assert_int_equal(fs_rename("/a/b", "/c"), -AX_EEXIST);
	assert_int_equal(fs_rename("/a/b", "/c/longer"), 0);
	assert_content("/c/longer/file", "text");
	assert_int_equal(fs_rename("/c/longer", "/a/b"), 0);
	assert_int_equal(fs_rename("/a", "/a"), 0);
	assert_int_equal(free_bytes(), before);
	assert_content("/a/b/file", "text");
}

static void open_nodes_are_not_removed(void **state)
{
	struct fs_file *file;
	struct fs_dir *dir;

	write_file("/a", FS_CREATE, "text");
	assert_int_equal(fs_mkdir("/d"), 0);
	assert_int_equal(fs_open("/a", FS_READ, &file), 0);
	assert_int_equal(fs_opendir("/d", &dir), 0);
	assert_int_equal(fs_unlink("/a"), -AX_EBUSY);
	assert_int_equal(fs_rename("/a", "/b"), -AX_EBUSY);
	assert_int_equal(fs_unlink("/d"), -AX_EBUSY);
	fs_closedir(dir);
	fs_close(file);
	assert_int_equal(fs_unlink("/a"), 0);
	assert_int_equal(fs_unlink("/d"), 0);
}

static void gaps_read_as_zeros_and_cost_nothing(void **state)
{
	struct fs_file *file;
	char buffer[8] = "xxxxxxxx";
	uint64_t before;

	assert_int_equal(fs_open("/a", FS_READ | FS_WRITE | FS_CREATE, &file), 0);
	before = free_bytes();
	assert_int_equal(fs_seek(file, 700000), 0);
	assert_int_equal(fs_write(file, "end", 3), 3);
	assert_true(before - free_bytes() < 3 * PAGE_SIZE);
	assert_int_equal(fs_seek(file, 300000), 0);
	assert_int_equal(fs_read(file, buffer, 8), 8);
	assert_memory_equal(buffer, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(fs_seek(file, 700000), 0);
	assert_int_equal(fs_read(file, buffer, 8), 3);
	assert_memory_equal(buffer, "end", 3);
	fs_close(file);
}

static void the_limit_holds_and_space_comes_back(void **state)
{
	uint64_t before = free_bytes(), total = 0;
	char data[5000] = { 1 };
	struct fs_file *file;
	int64_t n;

	assert_int_equal(fs_open("/a", FS_WRITE | FS_CREATE, &file), 0);
	while ((n = fs_write(file, data, sizeof(data))) > 0)
		total += n;
	assert_int_equal(n, -AX_ENOSPC);
	assert_true(total > MIB(1) * 8 / 10 && total < MIB(1));
	assert_int_equal(fs_seek(file, UINT64_C(1) << 62), 0);
	assert_int_equal(fs_write(file, data, 10), -AX_ENOSPC);
	fs_close(file);
	assert_int_equal(fs_unlink("/a"), 0);
	assert_int_equal(free_bytes(), before);
	total = 0;
	for (char path[32]; total < 100000; total++) {
		snprintf(path, sizeof(path), "/%u", (unsigned)total);
		if (fs_mkdir(path))
			break;
	}
	assert_true(total > 1000 && total < 100000);
}

/* A file against a plain array, with writes anywhere. */
static void random_writes_match_a_model(void **state)
{
	static uint8_t model[200000], buffer[200000];
	size_t size = 0;
	uint32_t seed = 1;
	struct fs_file *file;

	assert_int_equal(fs_open("/a", FS_READ | FS_WRITE | FS_CREATE, &file), 0);
	for (unsigned i = 0; i < 2000; i++) {
		uint32_t offset, len;

		seed = seed * 1664525 + 1013904223;
		offset = (seed >> 8) % 150000;
		seed = seed * 1664525 + 1013904223;
		len = (seed >> 8) % 20000;
		assert_int_equal(fs_seek(file, offset), 0);
		if (i % 3) {
			size_t want = offset < size ? MIN(len, size - offset) : 0;

			assert_int_equal(fs_read(file, buffer, len), want);
			assert_memory_equal(buffer, model + offset, want);
		} else {
			memset(buffer, (int)i, len);
			memcpy(model + offset, buffer, len);
			assert_int_equal(fs_write(file, buffer, len), len);
			size = len ? MAX(size, (size_t)offset + len) : size;
		}
	}
	fs_close(file);
}

static void failing_allocations_lose_nothing(void **state)
{
	uint64_t before = free_bytes();
	struct fs_file *file;
	size_t heap = host_heap_live();
	char data[9000] = { 1 };

	for (unsigned n = 0; n < 30; n++) {
		host_fail_after(n);
		if (!fs_open("/a", FS_WRITE | FS_CREATE, &file)) {
			fs_write(file, data, sizeof(data));
			fs_close(file);
		}
		host_fail_never();
		fs_unlink("/a");
		assert_int_equal(free_bytes(), before);
		assert_int_equal(host_heap_live(), heap);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_keep_what_is_written, mount, unmount),
		cmocka_unit_test_setup_teardown(directories_form_a_tree, mount, unmount),
		cmocka_unit_test_setup_teardown(renaming_moves_whole_trees, mount, unmount),
		cmocka_unit_test_setup_teardown(open_nodes_are_not_removed, mount, unmount),
		cmocka_unit_test_setup_teardown(gaps_read_as_zeros_and_cost_nothing, mount, unmount),
		cmocka_unit_test_setup_teardown(the_limit_holds_and_space_comes_back, mount, unmount),
		cmocka_unit_test_setup_teardown(random_writes_match_a_model, mount, unmount),
		cmocka_unit_test_setup_teardown(failing_allocations_lose_nothing, mount, unmount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
