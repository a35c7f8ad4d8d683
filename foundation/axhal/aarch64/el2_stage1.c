/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The format of the hypervisor's own page tables: EL2 stage 1, 4 KiB granule, 48-bit addresses (Arm ARM D8.3).
 */
#include "../hal.h"
#include "boot_regs.h"

#define DESC_VALID   BIT(0)
#define DESC_TABLE   BIT(1) /* a table, or at level 0 a page */
#define DESC_ATTR(n) ((uint64_t)(n) << 2)
#define DESC_ATTRS   GENMASK(4, 2)
#define DESC_AP_RES1 BIT(6)
#define DESC_AP_RO   BIT(7)
#define DESC_SH_IN   (UINT64_C(3) << 8)
#define DESC_AF      BIT(10)
#define DESC_XN      BIT(54)
#define DESC_ADDRESS GENMASK(47, 12)

static bool leaf_allowed(unsigned level)
{
	return level <= 2;
}

static uint64_t make_leaf(paddr_t pa, unsigned flags, unsigned level)
{
	uint64_t entry = pa | DESC_VALID | DESC_AF | DESC_AP_RES1;

	if (level == 0)
		entry |= DESC_TABLE;
	if (!(flags & PT_WRITE))
		entry |= DESC_AP_RO;
	if (!(flags & PT_EXEC))
		entry |= DESC_XN;
	if (flags & PT_DEVICE)
		return entry | DESC_ATTR(MAIR_DEVICE) | DESC_XN;
	if (flags & PT_UNCACHED)
		return entry | DESC_ATTR(MAIR_UNCACHED);
	return entry | DESC_ATTR(MAIR_NORMAL) | DESC_SH_IN;
}

static uint64_t make_table(paddr_t table)
{
	return table | DESC_TABLE | DESC_VALID;
}

static bool is_valid(uint64_t entry)
{
	return entry & DESC_VALID;
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return (entry & DESC_VALID) && (level == 0 || !(entry & DESC_TABLE));
}

static paddr_t entry_pa(uint64_t entry, unsigned level)
{
	return entry & DESC_ADDRESS;
}

static unsigned leaf_flags(uint64_t entry)
{
	unsigned flags = PT_READ;

	if (!(entry & DESC_AP_RO))
		flags |= PT_WRITE;
	if (!(entry & DESC_XN))
		flags |= PT_EXEC;
	if ((entry & DESC_ATTRS) == DESC_ATTR(MAIR_DEVICE))
		flags |= PT_DEVICE;
	else if ((entry & DESC_ATTRS) == DESC_ATTR(MAIR_UNCACHED))
		flags |= PT_UNCACHED;
	return flags;
}

/*
 * No break-before-make here: a block that is split may hold this CPU's stack or the tables themselves, so it cannot
 * be invalid even for a moment. Output addresses and memory types never change under a live translation, only rights
 * and leaf sizes do; the TLBs are flushed on all CPUs before mem_protect() returns.
 */
static const struct pt_format el2_stage1 = {
	.name = "EL2 stage 1",
	.levels = 4,
	.root_pages = 1,
	.input_bits = 48,
	.break_before_make = false,
	.leaf_allowed = leaf_allowed,
	.make_leaf = make_leaf,
	.make_table = make_table,
	.is_valid = is_valid,
	.is_leaf = is_leaf,
	.entry_pa = entry_pa,
	.leaf_flags = leaf_flags,
};

const struct pt_format *arch_pt_format(void)
{
	return &el2_stage1;
}
