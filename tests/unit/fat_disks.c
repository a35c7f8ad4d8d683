/* SPDX-License-Identifier: Apache-2.0 */
#include "fat_disks.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <axalloc/heap.h>
#include <axstd/util.h>
#include "../../foundation/axfs/vfs.h"

/* $IMG gets: /hello.txt, /guest/vm_default/linux.toml, a long name, /big (bytes i * 7), /empty */
static const char fill[] = "d=$(mktemp -d) && cd $d && printf 'hello, FAT\\n' > hello.txt && printf 'x = 1\\n' > "
			   "linux.toml && : > empty && "
			   "head -c 3146505 /dev/zero | tr '\\0' z > big && "
			   "mmd -i $IMG ::/guest ::/guest/vm_default && mcopy -i $IMG hello.txt empty big :: && "
			   "mcopy -i $IMG linux.toml ::/guest/vm_default/ && mcopy -i $IMG hello.txt '::" LONG_NAME
			   "'; "
			   "r=$?; rm -r $d; exit $r";

const struct fat_format formats[FAT_DISKS] = {
	{ "mkfs.fat -F 12 -s 8 $IMG > /dev/null", "fat12", 16384 },
	{ "mkfs.fat -F 16 -s 4 $IMG > /dev/null", "fat16", 65536 },
	{ "mkfs.fat -F 32 -s 1 $IMG > /dev/null", "fat32", 81920 },
};

struct mem_disk disks[FAT_DISKS];
struct fs_volume *volume;
char reason[200];

int make_disks(void **state)
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

int free_disks(void **state)
{
	for (unsigned i = 0; i < ARRAY_SIZE(formats); i++)
		mem_disk_free(&disks[i]);
	return 0;
}

int mount(struct mem_disk *disk)
{
	int err = fat_mount(&disk->block, &volume, reason, sizeof(reason));

	if (!err)
		assert_int_equal(fs_mount("/", volume), 0);
	return err;
}

void unmount(void)
{
	fs_unmount_all();
}

void assert_clean(struct mem_disk *disk)
{
	if (mem_disk_shell(disk, 0,
			   "fsck.fat -n $IMG > $IMG.log || { cat $IMG.log; rm $IMG.log; false; } && rm $IMG.log"))
		fail_msg("fsck.fat finds faults");
}

void assert_content(const char *path, const char *content)
{
	char *text;
	size_t len;

	assert_int_equal(fs_read_file(path, 1 << 20, &text, &len), 0);
	assert_string_equal(text, content);
	assert_int_equal(len, strlen(content));
	kfree(text);
}

void write_file(const char *path, unsigned flags, const char *content)
{
	struct fs_file *file;

	assert_int_equal(fs_open(path, FS_WRITE | flags, &file), 0);
	assert_int_equal(fs_write(file, content, strlen(content)), strlen(content));
	assert_int_equal(fs_close(file), 0);
}
