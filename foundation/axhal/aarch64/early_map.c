/* SPDX-License-Identifier: Apache-2.0 */
#include "early_map.h"
#include "boot_regs.h"
#include <axhal/arch/sysreg.h>

#define EARLY_TABLES 20
#define BLOCK_SIZE   MIB(2)
#define FDT_MAX_SIZE MIB(2)

/* Descriptors, Arm ARM D8.3: valid, table, AttrIndx [4:2], AP[1] (RES1 at EL2), SH [9:8], AF. */
#define DESC_VALID   BIT(0)
#define DESC_TABLE   BIT(1)
#define DESC_AP_EL2  BIT(6)
#define DESC_SH_IN   (UINT64_C(3) << 8)
#define DESC_AF      BIT(10)
#define DESC_XN      BIT(54)
#define DESC_ADDRESS GENMASK(47, 12)

struct early_tables {
	uint64_t page[EARLY_TABLES][512];
	unsigned used;
};

static struct early_tables early __attribute__((section(".bss.boot_scratch"), aligned(4096)));

static uint64_t *next_table(uint64_t *entry)
{
	uint64_t *table;

	if (*entry & DESC_VALID)
		return (uint64_t *)(uintptr_t)(*entry & DESC_ADDRESS);
	if (early.used == EARLY_TABLES)
		return NULL;
	table = early.page[early.used++];
	for (unsigned i = 0; i < 512; i++)
		table[i] = 0;
	*entry = (uintptr_t)table | DESC_TABLE | DESC_VALID;
	return table;
}

bool early_map(paddr_t pa, uint64_t size, bool device)
{
	uint64_t attr = DESC_VALID | DESC_AF;
	paddr_t end = pa + size;

	attr |= device ? (MAIR_DEVICE << 2) | DESC_XN : (MAIR_NORMAL << 2) | DESC_SH_IN;
	if (sysreg_read(CurrentEL) == CURRENT_EL_EL2)
		attr |= DESC_AP_EL2;
	for (pa = ALIGN_DOWN(pa, BLOCK_SIZE); pa < end; pa += BLOCK_SIZE) {
		uint64_t *l1 = next_table(&early.page[0][FIELD(pa, 47, 39)]);
		uint64_t *l2 = l1 ? next_table(&l1[FIELD(pa, 38, 30)]) : NULL;

		if (!l2)
			return false;
		if (!l2[FIELD(pa, 29, 21)])
			l2[FIELD(pa, 29, 21)] = pa | attr;
	}
	dsb(ishst);
	isb();
	return true;
}

paddr_t early_map_init(paddr_t image, paddr_t image_end, paddr_t fdt)
{
	for (unsigned i = 0; i < 512; i++)
		early.page[0][i] = 0;
	early.used = 1;
	early_map(image, image_end - image, false);
	early_map(fdt, FDT_MAX_SIZE, false);
	return (uintptr_t)early.page;
}
