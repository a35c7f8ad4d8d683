/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The format of the hypervisor's own page tables: Sv39, Sv48, Sv57 (Privileged Architecture, Supervisor ISA 10.3-10.6),
 * memory types by Svpbmt. A and D are always set: the hardware may fault instead of setting them (Svade).
 */
#include "sv_format.h"

#define PTE_V        BIT(0)
#define PTE_R        BIT(1)
#define PTE_W        BIT(2)
#define PTE_X        BIT(3)
#define PTE_A        BIT(6)
#define PTE_D        BIT(7)
#define PTE_PPN      GENMASK(53, 10)
#define PTE_PBMT_NC  (UINT64_C(1) << 61)
#define PTE_PBMT_IO  (UINT64_C(2) << 61)
#define PTE_PBMT     GENMASK(62, 61)
/* For software: what the mapping was asked to be, where no Svpbmt says it. */
#define PTE_DEVICE   BIT(8)
#define PTE_UNCACHED BIT(9)

static bool leaf_allowed(unsigned level)
{
	return true;
}

static uint64_t make_leaf(paddr_t pa, unsigned flags, unsigned level)
{
	uint64_t entry = (pa >> PAGE_SHIFT) << 10 | PTE_V | PTE_R | PTE_A | PTE_D;

	if (flags & PT_WRITE)
		entry |= PTE_W;
	if (flags & PT_DEVICE)
		return entry | PTE_DEVICE;
	if (flags & PT_EXEC)
		entry |= PTE_X;
	if (flags & PT_UNCACHED)
		entry |= PTE_UNCACHED;
	return entry;
}

static uint64_t make_leaf_pbmt(paddr_t pa, unsigned flags, unsigned level)
{
	uint64_t entry = make_leaf(pa, flags, level);

	if (entry & PTE_DEVICE)
		return entry | PTE_PBMT_IO;
	return entry & PTE_UNCACHED ? entry | PTE_PBMT_NC : entry;
}

static uint64_t make_table(paddr_t table)
{
	return (table >> PAGE_SHIFT) << 10 | PTE_V;
}

static bool is_valid(uint64_t entry)
{
	return entry & PTE_V;
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return (entry & PTE_V) && (entry & (PTE_R | PTE_W | PTE_X));
}

static paddr_t entry_pa(uint64_t entry, unsigned level)
{
	return (entry & PTE_PPN) >> 10 << PAGE_SHIFT;
}

static unsigned leaf_flags(uint64_t entry)
{
	unsigned flags = PT_READ;

	if (entry & PTE_W)
		flags |= PT_WRITE;
	if (entry & PTE_X)
		flags |= PT_EXEC;
	if (entry & PTE_DEVICE)
		flags |= PT_DEVICE;
	if (entry & PTE_UNCACHED)
		flags |= PT_UNCACHED;
	return flags;
}

/*
 * Only the lower half of the addresses can be physical ones: the upper half begins with ones. An entry that is
 * replaced needs no break: between two valid entries the hardware takes either, and the flush that follows ends it.
 */
#define SV_FORMAT(sv, n, leaf)                                                                                       \
	{                                                                                                            \
		.name = (sv), .levels = (n), .root_pages = 1, .input_bits = 12 + 9 * (n)-1, .flush_after_map = true, \
		.leaf_allowed = leaf_allowed, .make_leaf = (leaf), .make_table = make_table, .is_valid = is_valid,   \
		.is_leaf = is_leaf, .entry_pa = entry_pa, .leaf_flags = leaf_flags,                                  \
	}

static const struct pt_format formats[2][3] = {
	{ SV_FORMAT("Sv39", 3, make_leaf), SV_FORMAT("Sv48", 4, make_leaf), SV_FORMAT("Sv57", 5, make_leaf) },
	{ SV_FORMAT("Sv39", 3, make_leaf_pbmt), SV_FORMAT("Sv48", 4, make_leaf_pbmt),
	  SV_FORMAT("Sv57", 5, make_leaf_pbmt) },
};

const struct pt_format *sv_format(unsigned levels, bool pbmt)
{
	return &formats[pbmt][levels - 3];
}
