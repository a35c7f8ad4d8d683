/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ooFatFs stands on: sectors of the volume.
 */
#include "fat.h"

static bool in_volume(const struct fat_volume *volume, DWORD sector, UINT count)
{
	return sector <= volume->sectors && count <= volume->sectors - sector;
}

DRESULT disk_read(void *drv, BYTE *buff, DWORD sector, UINT count)
{
	struct fat_volume *volume = drv;

	if (!in_volume(volume, sector, count))
		return RES_PARERR;
	return block_read(volume->dev, volume->start + sector, count, buff) ? RES_ERROR : RES_OK;
}

DRESULT disk_write(void *drv, const BYTE *buff, DWORD sector, UINT count)
{
	struct fat_volume *volume = drv;

	if (!in_volume(volume, sector, count))
		return RES_PARERR;
	return block_write(volume->dev, volume->start + sector, count, buff) ? RES_ERROR : RES_OK;
}

DRESULT disk_ioctl(void *drv, BYTE cmd, void *buff)
{
	struct fat_volume *volume = drv;

	switch (cmd) {
	case IOCTL_INIT:
	case IOCTL_STATUS: *(DSTATUS *)buff = volume->dev->read_only ? STA_PROTECT : 0; return RES_OK;
	case CTRL_SYNC: return volume->dev->read_only || !volume->dev->flush(volume->dev) ? RES_OK : RES_ERROR;
	default: return RES_PARERR;
	}
}
