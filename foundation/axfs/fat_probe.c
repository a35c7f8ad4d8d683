/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding a FAT volume and checking its boot sector, so that a damaged one is refused with the reason. The layout is
 * that of Microsoft's "FAT: General Overview of On-Disk Format" 1.03; where the number of clusters decides, the
 * limits are those that ooFatFs uses.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <axstd/error.h>
#include "fat.h"

/* Boot sector */
#define BS_JMPBOOT      0
#define BS_OEMNAME      3
#define BPB_BYTSPERSEC  11
#define BPB_SECPERCLUS  13
#define BPB_RSVDSECCNT  14
#define BPB_NUMFATS     16
#define BPB_ROOTENTCNT  17
#define BPB_TOTSEC16    19
#define BPB_FATSZ16     22
#define BPB_TOTSEC32    32
#define BPB_FATSZ32     36
#define BPB_FSVER       42
#define BPB_ROOTCLUS    44
#define BS_FILSYSTYPE   54 /* FAT12/16 */
#define BS_FILSYSTYPE32 82 /* FAT32 */
#define BS_SIGNATURE    510

#define CLUSTERS_FAT12 0xff5
#define CLUSTERS_FAT16 0xfff5
#define CLUSTERS_FAT32 0x0ffffff5

/* Master boot record */
#define MBR_TABLE      446
#define MBR_ENTRY_SIZE 16
#define MBR_ENTRIES    4
#define MBR_TYPE       4
#define MBR_START      8
#define MBR_SIZE       12
#define MBR_TYPE_GPT   0xee

struct probe {
	struct block_device *dev;
	char *reason;
	size_t reason_size;
	uint8_t sector[BLOCK_SECTOR_SIZE];
};

__attribute__((format(printf, 3, 4))) static int because(struct probe *p, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->reason, p->reason_size, fmt, args);
	va_end(args);
	return err;
}

static uint32_t le16(const struct probe *p, unsigned offset)
{
	return p->sector[offset] | (uint32_t)p->sector[offset + 1] << 8;
}

static uint32_t le32(const struct probe *p, unsigned offset)
{
	return le16(p, offset) | le16(p, offset + 2) << 16;
}

static int load(struct probe *p, uint64_t sector)
{
	int err = block_read(p->dev, sector, 1, p->sector);

	return err ? because(p, -AX_EIO, "cannot read sector %llu", (unsigned long long)sector) : 0;
}

static bool is_text(const struct probe *p, unsigned offset, const char *text)
{
	return !memcmp(p->sector + offset, text, strlen(text));
}

static bool is_fat(const struct probe *p)
{
	uint8_t jump = p->sector[BS_JMPBOOT];

	return (jump == 0xeb || jump == 0xe9 || jump == 0xe8) &&
	       (is_text(p, BS_FILSYSTYPE, "FAT") || is_text(p, BS_FILSYSTYPE32, "FAT32"));
}

struct bpb {
	uint32_t cluster_sectors, reserved, fats, root_entries, sectors, fat_sectors, root_cluster;
	uint32_t clusters;
	unsigned bits;
};

/* Does the count of clusters fit the kind of FAT, and the FAT the count? */
static int check_fat_size(struct probe *p, const struct bpb *b)
{
	uint64_t entries = (uint64_t)b->clusters + 2;
	uint64_t needed = DIV_ROUND_UP(DIV_ROUND_UP(entries * b->bits, 8), BLOCK_SECTOR_SIZE);

	if (b->fat_sectors < needed)
		return because(p, -AX_EINVAL,
			       "damaged FAT%u boot sector: the FAT has %u sectors, %u clusters need %llu", b->bits,
			       b->fat_sectors, b->clusters, (unsigned long long)needed);
	if (b->bits == 32 && (b->root_entries || le16(p, BPB_FSVER)))
		return because(p, -AX_EINVAL, "damaged FAT32 boot sector: %u root entries, version %u (both must be 0)",
			       b->root_entries, le16(p, BPB_FSVER));
	if (b->bits == 32 && (b->root_cluster < 2 || b->root_cluster >= entries))
		return because(p, -AX_EINVAL, "damaged FAT32 boot sector: root directory at cluster %u of %u",
			       b->root_cluster, b->clusters);
	if (b->bits != 32 && !b->root_entries)
		return because(p, -AX_EINVAL, "damaged FAT%u boot sector: no root directory", b->bits);
	return 0;
}

static int check_bpb(struct probe *p, uint64_t available, struct bpb *b)
{
	uint64_t system;

	*b = (struct bpb){
		.cluster_sectors = p->sector[BPB_SECPERCLUS],
		.reserved = le16(p, BPB_RSVDSECCNT),
		.fats = p->sector[BPB_NUMFATS],
		.root_entries = le16(p, BPB_ROOTENTCNT),
		.sectors = le16(p, BPB_TOTSEC16) ? le16(p, BPB_TOTSEC16) : le32(p, BPB_TOTSEC32),
		.fat_sectors = le16(p, BPB_FATSZ16) ? le16(p, BPB_FATSZ16) : le32(p, BPB_FATSZ32),
		.root_cluster = le32(p, BPB_ROOTCLUS),
	};
	if (le16(p, BPB_BYTSPERSEC) != BLOCK_SECTOR_SIZE)
		return because(p, -AX_EINVAL, "FAT volume with sectors of %u bytes; only %u is supported",
			       le16(p, BPB_BYTSPERSEC), BLOCK_SECTOR_SIZE);
	if (!is_power_of_two(b->cluster_sectors) || !b->reserved || !b->fats || b->fats > 2 || b->root_entries % 16)
		return because(p, -AX_EINVAL,
			       "damaged FAT boot sector: %u sectors per cluster, %u reserved, %u FATs, %u root entries",
			       b->cluster_sectors, b->reserved, b->fats, b->root_entries);
	system = b->reserved + (uint64_t)b->fats * b->fat_sectors + b->root_entries / 16;
	if (b->sectors < system + b->cluster_sectors)
		return because(p, -AX_EINVAL,
			       "damaged FAT boot sector: volume of %u sectors, %llu of them before the data",
			       b->sectors, (unsigned long long)system);
	if (b->sectors > available)
		return because(p, -AX_EINVAL, "truncated FAT volume: it has %u sectors, but there are only %llu",
			       b->sectors, (unsigned long long)available);
	b->clusters = (b->sectors - (uint32_t)system) / b->cluster_sectors;
	if (b->clusters > CLUSTERS_FAT32)
		return because(p, -AX_EINVAL, "damaged FAT boot sector: %u clusters", b->clusters);
	b->bits = b->clusters <= CLUSTERS_FAT12 ? 12 : b->clusters <= CLUSTERS_FAT16 ? 16 : 32;
	return check_fat_size(p, b);
}

/* The FAT's entry of the root directory says whether the FAT is there at all. */
static int check_root(struct probe *p, uint64_t start, const struct bpb *b)
{
	uint32_t next;
	int err;

	if (b->bits != 32)
		return 0;
	err = load(p, start + b->reserved + b->root_cluster / 128);
	if (err)
		return err;
	next = le32(p, b->root_cluster % 128 * 4) & 0x0fffffff;
	if (next < 2 || next == 0x0ffffff7 || next == b->root_cluster)
		return because(p, -AX_EINVAL,
			       "damaged FAT32 volume: broken chain of the root directory (cluster %u: 0x%x)",
			       b->root_cluster, next);
	return 0;
}

/* The sector at @start is loaded and is_fat(). */
static int check_volume(struct probe *p, uint64_t start, uint64_t available, struct fat_location *out)
{
	struct bpb b;
	int err = check_bpb(p, available, &b);

	if (!err)
		err = check_root(p, start, &b);
	if (!err)
		*out = (struct fat_location){ .start = start, .sectors = b.sectors, .bits = b.bits };
	return err;
}

/* The reason given is that of the last partition which could have been one. */
static int probe_partitions(struct probe *p, struct fat_location *out)
{
	uint8_t table[MBR_ENTRIES * MBR_ENTRY_SIZE];
	int ret = because(p, -AX_ENODEV, "no FAT volume, and no partition with one");

	memcpy(table, p->sector + MBR_TABLE, sizeof(table));
	for (unsigned i = 0; i < MBR_ENTRIES; i++) {
		uint8_t type = table[i * MBR_ENTRY_SIZE + MBR_TYPE];
		uint32_t start, sectors;
		int err;

		memcpy(p->sector, &table[i * MBR_ENTRY_SIZE], MBR_ENTRY_SIZE);
		start = le32(p, MBR_START);
		sectors = le32(p, MBR_SIZE);
		if (!type)
			continue;
		if (type == MBR_TYPE_GPT) {
			ret = because(p, -AX_ENODEV, "GPT partition table; use an MBR, or no partitions");
			continue;
		}
		if (!start || start >= p->dev->sectors) {
			ret = because(p, -AX_EINVAL, "partition %u begins at sector %u, the device has %llu", i + 1,
				      start, (unsigned long long)p->dev->sectors);
			continue;
		}
		err = load(p, start);
		if (err)
			return err;
		if (le16(p, BS_SIGNATURE) != 0xaa55 || !is_fat(p))
			continue;
		ret = check_volume(p, start, MIN((uint64_t)sectors, p->dev->sectors - start), out);
		if (!ret)
			return 0;
	}
	return ret;
}

int fat_probe(struct block_device *dev, struct fat_location *out, char *reason, size_t size)
{
	struct probe p = { .dev = dev, .reason = reason, .reason_size = size };
	int err;

	if (!dev->sectors)
		return because(&p, -AX_ENODEV, "the device is empty");
	err = load(&p, 0);
	if (err)
		return err;
	if (le16(&p, BS_SIGNATURE) != 0xaa55)
		return because(&p, -AX_ENODEV, "no FAT volume: sector 0 has no boot signature");
	if (is_text(&p, BS_OEMNAME, "EXFAT   "))
		return because(&p, -AX_ENODEV, "exFAT is not supported: format it with FAT32");
	return is_fat(&p) ? check_volume(&p, 0, dev->sectors, out) : probe_partitions(&p, out);
}
