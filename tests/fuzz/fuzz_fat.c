/* fuzz: axfs/path.c axfs/vfs.c axfs/mount.c axfs/file.c axfs/fat.c axfs/fat_file.c axfs/fat_disk.c axfs/fat_probe.c axdriver/block.c axstd/error.c fake_task.c mem_disk.c +oofatfs */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Damaged FAT volumes. The input is a script: which volume (made by mkfs.fat), what is patched where, and what is then
 * done with it. Patches go to the sectors that matter: boot sector, the first of each FAT, directories.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include "mem_disk.h"
#include "vfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
	const char *mkfs;
	uint64_t sectors;
	struct window {
		unsigned sector, count;
	} windows[4]; /* where the interesting sectors are */
} kinds[] = {
	{ "mkfs.fat -F 12 -s 2 $IMG > /dev/null", 4096, { { 0, 1 }, { 1, 2 }, { 13, 4 }, { 45, 25 } } },
	{ "mkfs.fat -F 16 -s 4 $IMG > /dev/null", 32768, { { 0, 1 }, { 4, 2 }, { 68, 4 }, { 100, 25 } } },
	{ "mkfs.fat -F 32 -s 1 $IMG > /dev/null", 70000, { { 0, 2 }, { 32, 2 }, { 1110, 25 }, { 1135, 3 } } },
};

static const char fill[] =
	"d=$(mktemp -d) && cd $d && head -c 9000 /dev/zero > 'A long file name.txt' && echo x > x && mkdir -p d/e/f && "
	"cp x d/e/f/ && cp x d/e/y && mcopy -s -i $IMG * :: && mmd -i $IMG ::/empty; r=$?; rm -r $d; exit $r";

static struct mem_disk disks[ARRAY_SIZE(kinds)];

struct script {
	const uint8_t *at, *end;
};

static unsigned byte(struct script *s)
{
	return s->at < s->end ? *s->at++ : 0;
}

static void make_disks(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
		mem_disk_init(&disks[i], kinds[i].sectors);
		if (mem_disk_shell(&disks[i], 0, kinds[i].mkfs) || mem_disk_shell(&disks[i], 0, fill)) {
			fprintf(stderr, "mkfs.fat and mtools are needed\n");
			exit(1);
		}
		mem_disk_snapshot(&disks[i]);
	}
}

static void patch(struct mem_disk *disk, const struct window *windows, struct script *s)
{
	for (unsigned n = byte(s) % 16; n; n--) {
		const struct window *w = &windows[byte(s) % 4];
		uint8_t *sector = mem_disk_touch(disk, w->sector + byte(s) % w->count);
		unsigned offset = byte(s) * 2;

		for (unsigned len = byte(s) % 33 + 1; len && offset < 512; len--)
			sector[offset++] = byte(s);
	}
}

static const char *const paths[] = {
	"/", "/x", "/d", "/d/e", "/d/e/f", "/d/e/f/x", "/A long file name.txt", "/empty", "/empty/new", "/d/e/y"
};

static const char *path(struct script *s)
{
	return paths[byte(s) % ARRAY_SIZE(paths)];
}

static void list(const char *where)
{
	struct fs_dirent entry;
	struct fs_dir *dir;

	if (fs_opendir(where, &dir))
		return;
	while (fs_readdir(dir, &entry) == 1)
		;
	fs_closedir(dir);
}

static void use_file(const char *where, unsigned flags, unsigned offset, unsigned len)
{
	static char buffer[1 << 16];
	struct fs_file *file;

	if (fs_open(where, flags, &file))
		return;
	fs_seek(file, offset);
	if (flags & FS_READ)
		fs_read(file, buffer, len);
	if (flags & FS_WRITE)
		fs_write(file, buffer, len);
	fs_close(file);
}

static void on_mount(const struct fs_mount_info *info, void *arg)
{
}

static void act(struct script *s)
{
	const char *where = path(s);
	struct fs_stat stat;

	switch (byte(s) % 10) {
	case 0: list(where); break;
	case 1: fs_stat(where, &stat); break;
	case 2: use_file(where, FS_READ, byte(s) * 16, byte(s) * 200); break;
	case 3: use_file(where, FS_WRITE | FS_CREATE, byte(s) * 64, byte(s) * 200); break;
	case 4: use_file(where, FS_WRITE | FS_APPEND, 0, byte(s) * 200); break;
	case 5: use_file(where, FS_READ | FS_WRITE | FS_TRUNCATE, byte(s) * 8, byte(s) * 8); break;
	case 6: fs_mkdir(where); break;
	case 7: fs_unlink(where); break;
	case 8: fs_rename(where, path(s)); break;
	default: fs_for_each_mount(on_mount, NULL); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script s = { data, data + size };
	struct fs_volume *volume;
	struct mem_disk *disk;
	char reason[160];
	unsigned kind;

	if (!disks[0].data)
		make_disks();
	kind = byte(&s) % ARRAY_SIZE(kinds);
	disk = &disks[kind];
	patch(disk, kinds[kind].windows, &s);
	disk->fail_countdown = byte(&s) < 250 ? -1 : (long)byte(&s);
	if (!fat_mount(&disk->block, &volume, reason, sizeof(reason))) {
		fs_mount("/", volume);
		for (unsigned i = 0; i < 64 && s.at < s.end; i++)
			act(&s);
		fs_unmount_all();
	}
	mem_disk_restore(disk);
	return 0;
}
