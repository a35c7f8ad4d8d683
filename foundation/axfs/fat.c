/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FAT volumes: mounting, names and directories.
 *
 * Nothing that stands on a volume is trusted: ooFatFs checks every cluster number, chains are followed at most as
 * far as a file is long or a directory may grow (2 MiB), and directories that contain themselves are refused here.
 */
#include <stdio.h>
#include <string.h>
#include <axalloc/heap.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include "fat.h"

int fat_damaged(struct fat_volume *fat, const char *path, const char *what)
{
	log_ratelimited(LOG_ERROR, "%s: damaged FAT volume: %s: %s; repair it with fsck.fat", fat->dev->name, path,
			what);
	return -AX_EIO;
}

int fat_error(struct fat_volume *fat, FRESULT result, const char *path)
{
	switch (result) {
	case FR_OK: return 0;
	case FR_NO_FILE:
	case FR_NO_PATH: return -AX_ENOENT;
	case FR_EXIST: return -AX_EEXIST;
	case FR_DENIED: return -AX_EACCES;
	case FR_WRITE_PROTECTED: return -AX_EROFS;
	case FR_INVALID_NAME:
	case FR_INVALID_PARAMETER: return -AX_EINVAL;
	case FR_NOT_ENOUGH_CORE: return -AX_ENOMEM;
	case FR_INT_ERR: return fat_damaged(fat, path, "broken chain of clusters");
	default: return -AX_EIO;
	}
}

/* Days from 1970-01-01 to the first of a month; months count from 1. */
static uint32_t days_before(unsigned year, unsigned month)
{
	static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	uint32_t leap_days = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - 477;
	bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;

	return (year - 1970) * 365 + leap_days + before[month - 1] + (leap && month > 2);
}

static uint32_t unix_time(WORD date, WORD time)
{
	unsigned day = date & 31, month = date >> 5 & 15;

	if (!day || !month || month > 12)
		return 0;
	return ((days_before(1980 + (date >> 9), month) + day - 1) * 24 + (time >> 11)) * 3600 + (time >> 5 & 63) * 60 +
	       (time & 31) * 2;
}

static void fill_stat(const FILINFO *info, struct fs_stat *out)
{
	*out = (struct fs_stat){
		.type = info->fattrib & AM_DIR ? FS_DIRECTORY : FS_FILE,
		.size = info->fattrib & AM_DIR ? 0 : info->fsize,
		.mtime = unix_time(info->fdate, info->ftime),
		.read_only = info->fattrib & AM_RDO,
	};
}

int fat_stat(struct fs_volume *volume, const char *path, struct fs_stat *out)
{
	struct fat_volume *fat = fat_of(volume);
	FILINFO info;
	FRESULT result;

	if (!strcmp(path, "/")) {
		*out = (struct fs_stat){ .type = FS_DIRECTORY };
		return 0;
	}
	result = f_stat(&fat->fat, path, &info);
	if (!result)
		fill_stat(&info, out);
	return fat_error(fat, result, path);
}

/* First cluster of a directory, 0 for the root. */
static FRESULT dir_cluster(struct fat_volume *fat, const char *path, FF_DIR *dir)
{
	FRESULT result = f_opendir(&fat->fat, dir, path);

	if (!result && strcmp(path, "/") && !dir->obj.sclust)
		return FR_INT_ERR; /* an entry that leads to the root */
	return result;
}

/*
 * Does one of the directories above @path begin at @cluster? Then that directory contains itself.
 * Return: 0 (no), FR_EXIST (yes), or another error.
 */
static FRESULT check_parents(struct fat_volume *fat, const char *path, DWORD cluster)
{
	char parent[FS_PATH_MAX];
	FRESULT result;
	FF_DIR dir;

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		memcpy(parent, path, slash - path);
		parent[slash - path] = '\0';
		result = dir_cluster(fat, parent, &dir);
		if (result)
			return result;
		if (dir.obj.sclust == cluster)
			return FR_EXIST;
	}
	return FR_OK;
}

static int fat_opendir(struct fs_volume *volume, const char *path, void **handle)
{
	struct fat_volume *fat = fat_of(volume);
	struct fs_stat stat;
	FF_DIR *dir;
	FRESULT result;
	int err;

	dir = kmalloc(sizeof(*dir));
	if (!dir)
		return -AX_ENOMEM;
	result = dir_cluster(fat, path, dir);
	if (!result)
		result = check_parents(fat, path, dir->obj.sclust);
	if (!result) {
		*handle = dir;
		return 0;
	}
	if (result == FR_EXIST)
		err = fat_damaged(fat, path, "the directory contains itself");
	else if (result == FR_NO_PATH && !fat_stat(volume, path, &stat))
		err = -AX_ENOTDIR;
	else
		err = fat_error(fat, result, path);
	kfree(dir);
	return err;
}

/* A name on a damaged volume may be anything; none may lead elsewhere or reach the console as control characters. */
static void clean_name(char *name)
{
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		name[0] = '?';
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f || *name == '/' || *name == '\\')
			*name = '?';
}

static int fat_readdir(struct fs_volume *volume, void *handle, struct fs_dirent *out)
{
	struct fat_volume *fat = fat_of(volume);
	FILINFO info;
	FRESULT result = f_readdir(handle, &info);

	if (result)
		return fat_error(fat, result, "a directory");
	if (!info.fname[0])
		return 0;
	fill_stat(&info, &out->stat);
	snprintf(out->name, sizeof(out->name), "%s", info.fname);
	clean_name(out->name);
	return 1;
}

static void fat_closedir(struct fs_volume *volume, void *handle)
{
	f_closedir(handle);
	kfree(handle);
}

static int fat_mkdir(struct fs_volume *volume, const char *path)
{
	FRESULT result = f_mkdir(&fat_of(volume)->fat, path);

	return result == FR_DENIED ? -AX_ENOSPC : fat_error(fat_of(volume), result, path);
}

static int fat_unlink(struct fs_volume *volume, const char *path)
{
	struct fat_volume *fat = fat_of(volume);
	struct fs_stat stat;
	FRESULT result;

	if (fat_file_is_open(fat, path))
		return -AX_EBUSY;
	result = f_unlink(&fat->fat, path);
	if (result == FR_DENIED && !fat_stat(volume, path, &stat) && stat.type == FS_DIRECTORY && !stat.read_only)
		return -AX_ENOTEMPTY;
	return fat_error(fat, result, path);
}

static int fat_rename(struct fs_volume *volume, const char *from, const char *to)
{
	struct fat_volume *fat = fat_of(volume);
	struct fs_stat stat;
	FRESULT result;
	FF_DIR dir;
	int err;

	if (fat_file_is_open(fat, from))
		return -AX_EBUSY;
	err = fat_stat(volume, from, &stat);
	if (err)
		return err;
	if (stat.type == FS_DIRECTORY) {
		result = dir_cluster(fat, from, &dir);
		if (!result)
			result = check_parents(fat, to, dir.obj.sclust);
		if (result == FR_EXIST)
			return -AX_EINVAL; /* into itself */
		if (result)
			return fat_error(fat, result, from);
	}
	result = f_rename(&fat->fat, from, to);
	return result == FR_DENIED ? -AX_ENOSPC : fat_error(fat, result, from);
}

static void fat_space(struct fs_volume *volume, uint64_t *total, uint64_t *free)
{
	struct fat_volume *fat = fat_of(volume);
	DWORD clusters = 0;

	if (f_getfree(&fat->fat, &clusters))
		clusters = 0;
	*total = (uint64_t)(fat->fat.n_fatent - 2) * fat_cluster_size(&fat->fat);
	*free = (uint64_t)clusters * fat_cluster_size(&fat->fat);
}

static const struct fs_ops fat_ops = {
	.open = fat_open,
	.close = fat_close,
	.read = fat_read,
	.write = fat_write,
	.fstat = fat_fstat,
	.opendir = fat_opendir,
	.readdir = fat_readdir,
	.closedir = fat_closedir,
	.stat = fat_stat,
	.mkdir = fat_mkdir,
	.unlink = fat_unlink,
	.rename = fat_rename,
	.space = fat_space,
	.destroy = fat_unmount,
};

int fat_mount(struct block_device *dev, struct fs_volume **out, char *reason, size_t size)
{
	struct fat_location where;
	struct fat_volume *fat;
	FRESULT result;
	int err;

	err = fat_probe(dev, &where, reason, size);
	if (err)
		return err;
	fat = kzalloc(sizeof(*fat));
	if (!fat) {
		snprintf(reason, size, "%s", error_text(-AX_ENOMEM));
		return -AX_ENOMEM;
	}
	fat->dev = dev;
	fat->start = where.start;
	fat->sectors = where.sectors;
	fat->fat.drv = fat;
	fat->volume.ops = &fat_ops;
	fat->volume.type = where.bits == 12 ? "fat12" : where.bits == 16 ? "fat16" : "fat32";
	fat->volume.source = dev->name;
	LIST_INIT(&fat->files);
	result = f_mount(&fat->fat);
	if (result) {
		snprintf(reason, size, "damaged FAT volume (ooFatFs result %d)", result);
		kfree(fat);
		return result == FR_DISK_ERR ? -AX_EIO : -AX_EINVAL;
	}
	*out = &fat->volume;
	return 0;
}

void fat_unmount(struct fs_volume *volume)
{
	struct fat_volume *fat = fat_of(volume);

	f_umount(&fat->fat);
	kfree(fat);
}
