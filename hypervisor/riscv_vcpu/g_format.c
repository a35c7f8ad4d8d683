/* SPDX-License-Identifier: Apache-2.0 */
#include "g_format.h"
#include <axhal/arch/csr_defs.h>
#include <axhal/arch/isa.h>

/* Entries, Privileged Architecture 11.3.1 (Sv32), 11.4.1; chapter 14 (Svpbmt). */
#define PTE_V       BIT(0)
#define PTE_R       BIT(1)
#define PTE_W       BIT(2)
#define PTE_X       BIT(3)
#define PTE_U       BIT(4) /* all accesses of a guest are made as if in user mode, 18.5.1 */
#define PTE_A       BIT(6)
#define PTE_D       BIT(7)
#define PTE_PPN     GENMASK(53, 10)
#define PTE_PBMT_NC (UINT64_C(1) << 61)
#define PTE_PBMT_IO (UINT64_C(2) << 61)

/* For software: the memory type, which without Svpbmt stands nowhere else. */
#define PTE_SW_DEVICE   BIT(8)
#define PTE_SW_UNCACHED BIT(9)

#define LEAF_LEVEL_MAX 2 /* 1 GiB */

static bool leaf_allowed(unsigned level)
{
	return level <= LEAF_LEVEL_MAX;
}

static uint64_t make_leaf(paddr_t pa, unsigned flags, unsigned level)
{
	uint64_t entry = (pa >> 2 & PTE_PPN) | PTE_U | PTE_A | PTE_D | PTE_V;

	if (flags & PT_READ)
		entry |= PTE_R;
	if (flags & PT_WRITE)
		entry |= PTE_W;
	if (flags & PT_EXEC && !(flags & PT_DEVICE))
		entry |= PTE_X;
	if (flags & PT_DEVICE)
		entry |= PTE_SW_DEVICE | (riscv_has(RISCV_EXT_SVPBMT) ? PTE_PBMT_IO : 0);
	else if (flags & PT_UNCACHED)
		entry |= PTE_SW_UNCACHED | (riscv_has(RISCV_EXT_SVPBMT) ? PTE_PBMT_NC : 0);
	return entry;
}

static unsigned leaf_flags(uint64_t entry)
{
	unsigned flags = 0;

	if (entry & PTE_R)
		flags |= PT_READ;
	if (entry & PTE_W)
		flags |= PT_WRITE;
	if (entry & PTE_X)
		flags |= PT_EXEC;
	if (entry & PTE_SW_DEVICE)
		flags |= PT_DEVICE;
	else if (entry & PTE_SW_UNCACHED)
		flags |= PT_UNCACHED;
	return flags;
}

static uint64_t make_table(paddr_t table)
{
	return (table >> 2 & PTE_PPN) | PTE_V;
}

static bool is_valid(uint64_t entry)
{
	return entry & PTE_V;
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return entry & (PTE_R | PTE_W | PTE_X);
}

static paddr_t entry_pa(uint64_t entry, unsigned level)
{
	return (entry & PTE_PPN) << 2;
}

#define LEVELS_MIN 3
#define LEVELS_MAX 5

/* Two more address bits than the supervisor's format of the same depth: a root of four pages. */
#define FORMAT(bits, depth)                   \
	[(depth)-LEVELS_MIN] = {              \
		.name = "Sv" #bits "x4",      \
		.levels = (depth),            \
		.root_pages = 4,              \
		.input_bits = (bits) + 2,     \
		.flush_after_map = true,      \
		.leaf_allowed = leaf_allowed, \
		.make_leaf = make_leaf,       \
		.make_table = make_table,     \
		.is_valid = is_valid,         \
		.is_leaf = is_leaf,           \
		.entry_pa = entry_pa,         \
		.leaf_flags = leaf_flags,     \
	}

static const struct pt_format formats[] = { FORMAT(39, 3), FORMAT(48, 4), FORMAT(57, 5) };

const struct pt_format *g_format_for(unsigned gpa_bits, unsigned levels)
{
	for (unsigned depth = LEVELS_MIN; depth <= MIN(levels, (unsigned)LEVELS_MAX); depth++)
		if (formats[depth - LEVELS_MIN].input_bits >= gpa_bits)
			return &formats[depth - LEVELS_MIN];
	return NULL;
}

unsigned g_format_bits(unsigned levels)
{
	return levels < LEVELS_MIN || levels > LEVELS_MAX ? 0 : formats[levels - LEVELS_MIN].input_bits;
}

uint64_t g_format_hgatp(const struct pt_format *format, paddr_t root, uint64_t vmid)
{
	return SATP_MODE(SATP_MODE_SV39 + format->levels - LEVELS_MIN) | HGATP_VMID(vmid) | root >> PAGE_SHIFT;
}
