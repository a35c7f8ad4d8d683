/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open files on FAT volumes.
 *
 * A file is open for writing once, or for reading any number of times: ooFatFs keeps the size and the chain of
 * clusters in each handle. Reading goes around it where it can: it reads cluster by cluster, we read runs of them.
 */
#include <string.h>
#include <axalloc/heap.h>
#include <axstd/error.h>
#include "fat.h"

/* The place of its directory entry tells a file from others. */
static bool same_file(const FIL *a, const FIL *b)
{
	return a->dir_sect == b->dir_sect && a->dir_ptr == b->dir_ptr;
}

static bool is_busy(const struct fat_volume *fat, const FIL *fil, bool writable)
{
	const struct fat_file *other;

	LIST_FOREACH (other, &fat->files, link)
		if (same_file(&other->fil, fil) && (writable || other->writable))
			return true;
	return false;
}

bool fat_file_is_open(struct fat_volume *fat, const char *path)
{
	FIL fil;
	bool busy;

	if (LIST_EMPTY(&fat->files) || f_open(&fat->fat, &fil, path, FA_READ))
		return false;
	busy = is_busy(fat, &fil, true);
	f_close(&fil);
	return busy;
}

/* ooFatFs says the same of a directory, a missing file and a full one. */
static int open_error(struct fat_volume *fat, FRESULT result, const char *path, unsigned flags)
{
	struct fs_stat stat;
	int err;

	if (result != FR_NO_FILE && result != FR_DENIED && result != FR_EXIST)
		return fat_error(fat, result, path);
	err = fat_stat(&fat->volume, path, &stat);
	if (!err && stat.type == FS_DIRECTORY)
		return -AX_EISDIR;
	if (result == FR_DENIED)
		return err ? -AX_ENOSPC : -AX_EACCES;
	return fat_error(fat, result, path);
}

int fat_open(struct fs_volume *volume, const char *path, unsigned flags, void **handle)
{
	struct fat_volume *fat = fat_of(volume);
	struct fat_file *file;
	FRESULT result;
	int err;

	file = kzalloc(sizeof(*file) + strlen(path) + 1);
	if (!file)
		return -AX_ENOMEM;
	strcpy(file->path, path);
	file->writable = flags & FS_WRITE;
	result = f_open(&fat->fat, &file->fil, path,
			(flags & FS_READ ? FA_READ : 0) | (flags & FS_WRITE ? FA_WRITE : 0) |
				(flags & FS_CREATE ? FA_OPEN_ALWAYS : FA_OPEN_EXISTING));
	if (result) {
		err = open_error(fat, result, path, flags);
		goto free_file;
	}
	err = -AX_EBUSY;
	if (is_busy(fat, &file->fil, file->writable))
		goto close;
	err = 0;
	if (f_size(&file->fil) && (file->fil.obj.sclust < 2 || file->fil.obj.sclust >= fat->fat.n_fatent))
		err = fat_damaged(fat, path, "its first cluster does not exist");
	if (!err && flags & FS_TRUNCATE)
		err = fat_error(fat, f_truncate(&file->fil), path);
	if (err)
		goto close;
	LIST_INSERT_HEAD(&fat->files, file, link);
	*handle = file;
	return 0;

close:
	f_close(&file->fil);
free_file:
	kfree(file);
	return err;
}

int fat_close(struct fs_volume *volume, void *handle)
{
	struct fat_file *file = handle;
	int err = fat_error(fat_of(volume), f_close(&file->fil), file->path);

	LIST_REMOVE(file, link);
	kfree(file);
	return err;
}

/*
 * Read whole sectors at the file's position, which is at a sector's start. Clusters that follow each other are read
 * with one request. f_lseek() to the end of a part finds its cluster at the price of one FAT entry.
 */
static FRESULT read_runs(struct fat_volume *fat, FIL *fil, char *buffer, uint32_t len)
{
	uint32_t cluster_size = fat_cluster_size(&fat->fat);
	uint32_t pos = f_tell(fil), end = pos + len, run_bytes = 0;
	DWORD run_sector = 0, sector;
	FRESULT result;

	while (pos < end) {
		uint32_t skip = pos % cluster_size, part = MIN(cluster_size - skip, end - pos);

		result = f_lseek(fil, pos + part);
		if (result)
			return result;
		sector = fat->fat.database + (fil->clust - 2) * fat->fat.csize + skip / BLOCK_SECTOR_SIZE;
		if (run_bytes && sector != run_sector + run_bytes / BLOCK_SECTOR_SIZE) {
			if (disk_read(fat, (BYTE *)buffer, run_sector, run_bytes / BLOCK_SECTOR_SIZE))
				return FR_DISK_ERR;
			buffer += run_bytes;
			run_bytes = 0;
		}
		if (!run_bytes)
			run_sector = sector;
		run_bytes += part;
		pos += part;
	}
	return disk_read(fat, (BYTE *)buffer, run_sector, run_bytes / BLOCK_SECTOR_SIZE) ? FR_DISK_ERR : FR_OK;
}

int64_t fat_read(struct fs_volume *volume, void *handle, uint64_t offset, void *buffer, size_t len)
{
	struct fat_volume *fat = fat_of(volume);
	struct fat_file *file = handle;
	FIL *fil = &file->fil;
	uint32_t done = 0, part, head;
	FRESULT result = FR_OK;
	UINT n = 0;

	if (offset >= f_size(fil))
		return 0;
	len = MIN(len, f_size(fil) - offset);
	if (f_tell(fil) != offset)
		result = f_lseek(fil, offset);
	while (!result && done < len) {
		head = f_tell(fil) % BLOCK_SECTOR_SIZE;
		part = ALIGN_DOWN((uint32_t)len - done, BLOCK_SECTOR_SIZE);
		if (!head && part && !file->writable) {
			result = read_runs(fat, fil, (char *)buffer + done, part);
			n = part;
		} else {
			part = head ? MIN(BLOCK_SECTOR_SIZE - head, len - done) : len - done;
			result = f_read(fil, (char *)buffer + done, part, &n);
		}
		if (!n)
			break;
		done += n;
	}
	return result ? fat_error(fat, result, file->path) : (int64_t)done;
}

/* ooFatFs leaves what lies between the old end and a new position as it was on the disk. */
static FRESULT fill_gap(FIL *fil, uint64_t end)
{
	static const char zeros[BLOCK_SECTOR_SIZE];
	FRESULT result = f_lseek(fil, f_size(fil));
	UINT n = 1;

	while (!result && n && f_tell(fil) < end)
		result = f_write(fil, zeros, MIN(sizeof(zeros), end - f_tell(fil)), &n);
	return !result && !n ? FR_DENIED : result;
}

int64_t fat_write(struct fs_volume *volume, void *handle, uint64_t offset, const void *buffer, size_t len)
{
	struct fat_volume *fat = fat_of(volume);
	struct fat_file *file = handle;
	FRESULT result = FR_OK;
	UINT n;

	if (offset > UINT32_MAX || len > UINT32_MAX - offset)
		return -AX_EOVERFLOW; /* a file has at most 4 GiB - 1 */
	if (offset > f_size(&file->fil))
		result = fill_gap(&file->fil, offset);
	else if (f_tell(&file->fil) != offset)
		result = f_lseek(&file->fil, offset);
	if (result)
		return result == FR_DENIED ? -AX_ENOSPC : fat_error(fat, result, file->path);
	result = f_write(&file->fil, buffer, (UINT)len, &n);
	if (result)
		return fat_error(fat, result, file->path);
	return n || !len ? (int64_t)n : -AX_ENOSPC;
}

void fat_fstat(struct fs_volume *volume, void *handle, struct fs_stat *out)
{
	const struct fat_file *file = handle;

	*out = (struct fs_stat){ .type = FS_FILE,
				 .size = f_size(&file->fil),
				 .read_only = fat_of(volume)->dev->read_only };
}
