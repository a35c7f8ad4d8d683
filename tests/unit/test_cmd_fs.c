/* unit: axvisor/cmd_fs.c axvisor/cmd_fs_tree.c axvisor/shell.c axfs/path.c axfs/vfs.c axfs/mount.c axfs/file.c axfs/ramfs.c axfs/devfs.c axdriver/block.c axstd/error.c fake_task.c axstd/sort.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shell's file commands, as typed, on volumes in memory.
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
#include "shell.h"
#include "vfs.h"

static struct shell sh;
static char output[1 << 16];
static size_t output_len;
static long interrupt_after;

static void write_output(struct shell *shell, const char *text, size_t len)
{
	len = MIN(len, sizeof(output) - 1 - output_len);
	memcpy(output + output_len, text, len);
	output_len += len;
	output[output_len] = '\0';
}

static bool interrupted(struct shell *shell)
{
	return interrupt_after >= 0 && interrupt_after-- == 0;
}

static int setup(void **state)
{
	sh = (struct shell){ .cwd = "/", .write = write_output, .interrupted = interrupted };
	interrupt_after = -1;
	return fs_mount("/", ramfs_create(MIB(1))) || fs_mount("/tmp", ramfs_create(MIB(1))) ||
	       fs_mount("/dev", devfs_volume());
}

static int teardown(void **state)
{
	fs_unmount_all();
	return host_heap_live() ? -1 : 0;
}

static int run(const char *line)
{
	char copy[SHELL_LINE_MAX];

	output_len = 0;
	output[0] = '\0';
	snprintf(copy, sizeof(copy), "%s", line);
	return shell_run(&sh, copy);
}

#define assert_says(line, want)                    \
	do {                                       \
		assert_int_equal(run(line), 0);    \
		assert_string_equal(output, want); \
	} while (0)
#define assert_fails(line, want)                                  \
	do {                                                      \
		assert_int_equal(run(line), 1);                   \
		assert_string_equal(output, "Error: " want "\n"); \
	} while (0)

static void echo_and_cat(void **state)
{
	assert_says("echo one  'two  three'", "one two  three\n");
	assert_says("echo", "\n");
	assert_says("echo -n one", "one");
	assert_says("echo one > /a", "");
	assert_says("echo two >> /a", "");
	assert_says("cat /a", "one\ntwo\n");
	assert_says("echo -n three >/a", "");
	assert_says("echo four five >>a", "");
	assert_says("cat a a", "threefour five\nthreefour five\n");
	assert_fails("cat /a/b", "/a/b: not a directory");
	assert_fails("cat /none", "/none: not found");
	assert_fails("cat /tmp", "/tmp: is a directory");
	assert_fails("cat", "usage: cat FILE...");
	assert_fails("echo x > /dev/none", "/dev/none: read-only");
	interrupt_after = 3;
	assert_int_equal(run("cat /dev/zero"), 0);
	assert_int_equal(output_len, 3 * 4096);
}

static void directories(void **state)
{
	assert_says("pwd", "/\n");
	assert_says("mkdir x", "");
	assert_fails("mkdir x", "x: already exists");
	assert_fails("mkdir p/q/r", "p/q/r: not found");
	assert_says("mkdir -p p/q/r", "");
	assert_says("mkdir -p p/q/r", "");
	assert_says("cd p/q", "");
	assert_says("pwd", "/p/q\n");
	assert_says("ls", "r/\n");
	assert_says("cd ..", "");
	assert_says("ls", "q/\n");
	assert_says("touch f", "");
	assert_fails("cd f", "f: not a directory");
	assert_fails("mkdir -p f/g", "f/g: not a directory");
	assert_fails("cd none", "none: not found");
	assert_says("cd", "");
	assert_says("pwd", "/\n");
	assert_fails("mkdir -x a", "unknown option -x; see `help mkdir`");
}

static void ls_in_its_forms(void **state)
{
	assert_int_equal(run("mkdir dir"), 0);
	assert_int_equal(run("echo hello > zfile"), 0);
	assert_int_equal(run("touch .hidden"), 0);
	assert_says("ls", "dev/\ndir/\ntmp/\nzfile\n");
	assert_says("ls -a dir", "./\n../\n");
	assert_says("ls -a", "./\n../\n.hidden\ndev/\ndir/\ntmp/\nzfile\n");
	assert_says("ls -l zfile dir", "-rw            6                    zfile\ndir:\n");
	assert_int_equal(run("ls -la /"), 0);
	assert_non_null(strstr(output, "drw            0                    dir/\n"));
	assert_says("ls -l /dev",
		    "crw            0                    console\ncrw            0                    null\n"
		    "crw            0                    zero\n");
	assert_fails("ls none", "none: not found");
}

static void rm_removes_only_what_it_should(void **state)
{
	assert_int_equal(run("mkdir -p a/b/c a/d"), 0);
	assert_int_equal(run("echo x > a/b/c/file"), 0);
	assert_int_equal(run("echo x > a/b/file"), 0);
	assert_int_equal(run("echo x > keep"), 0);
	assert_fails("rm a", "a: is a directory (-r removes it with what it holds, -d when it is empty)");
	assert_fails("rm -d a", "a: directory not empty");
	assert_says("rm -d a/d", "");
	assert_says("rm -r a", "");
	assert_says("ls", "dev/\nkeep\ntmp/\n");
	assert_fails("rm a", "a: not found");
	assert_says("rm -f a", "");
	assert_says("rm -rf a keep", "");
	assert_says("ls", "dev/\ntmp/\n");
	assert_fails("rm -rf /", "/: busy");
	assert_fails("rm -r tmp/..", "tmp/..: busy");
	assert_int_equal(run("rm -r /dev"), 1);
	assert_fails("rm", "usage: rm [-rfd] PATH...");
	assert_says("rm -f", "");
	assert_int_equal(run("mkdir -p a/b"), 0);
	interrupt_after = 1;
	assert_int_equal(run("rm -r a"), 1);
	assert_says("ls a", "b/\n");
}

static void cp_copies_files_and_trees(void **state)
{
	assert_int_equal(run("mkdir -p a/b/c a/d"), 0);
	assert_int_equal(run("echo deep > a/b/c/file"), 0);
	assert_int_equal(run("echo top > a/top"), 0);
	assert_says("cp a/top copy", "");
	assert_says("cat copy", "top\n");
	assert_says("cp a/top a/b/c/file a/d", "");
	assert_says("ls a/d", "file\ntop\n");
	assert_fails("cp a new", "/a: is a directory (-r copies it with what it holds)");
	assert_says("cp -r a new", "");
	assert_says("cat new/b/c/file new/d/top", "deep\ntop\n");
	assert_says("cp -r a tmp", "");
	assert_says("ls tmp/a", "b/\nd/\ntop\n");
	assert_fails("cp -r a a/b/x", "/a: cannot be copied or moved into itself");
	assert_fails("cp -r a a", "/a: cannot be copied or moved into itself");
	assert_fails("cp copy copy", "/copy: busy");
	assert_says("cat copy", "top\n");
	assert_fails("cp none x", "/none: not found");
	assert_fails("cp a/top copy x", "x: not a directory");
	assert_fails("cp a", "from where to where?");
}

static void a_copy_that_does_not_fit_is_removed(void **state)
{
	interrupt_after = -1;
	assert_fails("cp /dev/zero /tmp/big", "/tmp/big: no space left");
	assert_says("ls tmp", "");
}

static void mv_moves_within_and_between_volumes(void **state)
{
	assert_int_equal(run("mkdir -p a/b"), 0);
	assert_int_equal(run("echo text > a/b/file"), 0);
	assert_int_equal(run("echo old > target"), 0);
	assert_says("mv a/b/file target", "");
	assert_says("cat target", "text\n");
	assert_says("mv target a", "");
	assert_says("ls a", "b/\ntarget\n");
	assert_says("mv a c", "");
	assert_says("mv c/target c/b tmp", "");
	assert_says("ls tmp", "b/\ntarget\n");
	assert_says("ls c", "");
	assert_says("mv tmp/b c", "");
	assert_says("ls tmp", "target\n");
	assert_fails("mv c c/b/c", "/c: invalid argument or format");
	assert_fails("mv /tmp /x", "/tmp: busy");
	assert_fails("mv none x", "/none: not found");
}

/* A directory deeper than a path can name never comes to be; cp says so and stops. */
static void depth_is_bounded(void **state)
{
	char line[SHELL_LINE_MAX] = "mkdir -p a";

	for (unsigned i = 0; i < 40; i++)
		strcat(line, "/d");
	assert_int_equal(run(line), 0);
	assert_int_equal(run("cp -r a b"), 1);
	assert_int_equal(run("rm -r a b"), 0);
	assert_says("ls", "dev/\ntmp/\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(echo_and_cat, setup, teardown),
		cmocka_unit_test_setup_teardown(directories, setup, teardown),
		cmocka_unit_test_setup_teardown(ls_in_its_forms, setup, teardown),
		cmocka_unit_test_setup_teardown(rm_removes_only_what_it_should, setup, teardown),
		cmocka_unit_test_setup_teardown(cp_copies_files_and_trees, setup, teardown),
		cmocka_unit_test_setup_teardown(a_copy_that_does_not_fit_is_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(mv_moves_within_and_between_volumes, setup, teardown),
		cmocka_unit_test_setup_teardown(depth_is_bounded, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
