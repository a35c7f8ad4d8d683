/* SPDX-License-Identifier: Apache-2.0 */
/* Stage-1 tables: 4 KiB granule, 39 address bits, so three levels (Arm ARM D8.2, D8.3). */
#include "mmu.h"
#include "guest.h"
#include "sysreg.h"

#include <string.h>

#define PAGE_SIZE 4096ULL
#define ENTRIES   512
#define POOL      24

#define PTE_VALID   (1ULL << 0)
#define PTE_TABLE   (1ULL << 1) /* at level 3: a page */
#define PTE_ATTR(n) ((uint64_t)(n) << 2)
#define PTE_AP_EL0  (1ULL << 6)
#define PTE_AP_RO   (1ULL << 7)
#define PTE_INNER   (3ULL << 8)
#define PTE_AF      (1ULL << 10)
#define PTE_PXN     (1ULL << 53)
#define PTE_UXN     (1ULL << 54)
#define PTE_ADDRESS 0x0000fffffffff000ULL

/* MAIR: 0 device nGnRnE, 1 normal write-back, 2 normal non-cacheable */
#define MAIR_VALUE (0x00ULL | 0xffULL << 8 | 0x44ULL << 16)

#define TCR_T0SZ(bits) (64ULL - (bits))
#define TCR_WBWA_INNER (1ULL << 8 | 1ULL << 10 | 3ULL << 12)
#define TCR_EPD1       (1ULL << 23)

#define SCTLR_RES1 0x30d00800ULL
#define SCTLR_M    (1ULL << 0)
#define SCTLR_C    (1ULL << 2)
#define SCTLR_SA   (1ULL << 3)
#define SCTLR_I    (1ULL << 12)

static const uint64_t type_bits[] = {
	[MMU_DEVICE] = PTE_ATTR(0) | PTE_UXN,
	[MMU_NORMAL] = PTE_ATTR(1) | PTE_INNER | PTE_UXN,
	[MMU_UNCACHED] = PTE_ATTR(2) | PTE_INNER | PTE_UXN,
	[MMU_USER_CODE] = PTE_ATTR(1) | PTE_INNER | PTE_AP_EL0 | PTE_AP_RO | PTE_PXN,
	[MMU_USER_DATA] = PTE_ATTR(1) | PTE_INNER | PTE_AP_EL0 | PTE_PXN | PTE_UXN,
	[MMU_READ_ONLY] = PTE_ATTR(1) | PTE_INNER | PTE_AP_RO | PTE_PXN | PTE_UXN,
};

struct mmu_registers mmu_registers;

static uint64_t tables[POOL][ENTRIES] __attribute__((aligned(4096)));
static unsigned tables_used;

static uint64_t *new_table(void)
{
	return tables_used < POOL ? tables[tables_used++] : NULL;
}

static bool is_ram(uint64_t address)
{
	unsigned i;

	for (i = 0; i < machine.ram_count; i++) {
		if (address - machine.ram[i].base < machine.ram[i].size)
			return true;
	}
	return false;
}

static bool has_ram(uint64_t start, uint64_t size)
{
	unsigned i;

	for (i = 0; i < machine.ram_count; i++) {
		if (machine.ram[i].base < start + size && start < machine.ram[i].base + machine.ram[i].size)
			return true;
	}
	return false;
}

static uint64_t block(uint64_t address)
{
	return address | PTE_VALID | PTE_AF | type_bits[is_ram(address) ? MMU_NORMAL : MMU_DEVICE];
}

/* A gigabyte with memory gets a table of 2 MiB blocks, so that what is not memory stays device. */
void mmu_init(void)
{
	uint64_t *root = new_table();
	uint64_t address;
	unsigned i;

	for (address = 0; address < MMU_FREE_START; address += 1ULL << 30) {
		uint64_t *table = has_ram(address, 1ULL << 30) ? new_table() : NULL;

		root[address >> 30] = table ? (uint64_t)table | PTE_VALID | PTE_TABLE : block(address);
		for (i = 0; table && i < ENTRIES; i++)
			table[i] = block(address + ((uint64_t)i << 21));
	}
	mmu_registers.mair = MAIR_VALUE;
	mmu_registers.tcr = TCR_T0SZ(39) | TCR_WBWA_INNER | TCR_EPD1 | (sysreg_read(id_aa64mmfr0_el1) & 0x7) << 32;
	mmu_registers.ttbr0 = (uint64_t)root;
	mmu_registers.sctlr = SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_I;
	dcache_clean_invalidate(tables, sizeof(tables));
	dcache_clean_invalidate(&mmu_registers, sizeof(mmu_registers));
	mmu_load(&mmu_registers);
}

static uint64_t *next_level(uint64_t *entry)
{
	uint64_t *table;

	if (*entry & PTE_VALID)
		return (uint64_t *)(*entry & PTE_ADDRESS);
	table = new_table();
	if (table)
		*entry = (uint64_t)table | PTE_VALID | PTE_TABLE;
	return table;
}

bool mmu_map(uint64_t va, uint64_t pa, uint64_t size, enum mmu_type type)
{
	uint64_t done;

	for (done = 0; done < size; done += PAGE_SIZE) {
		uint64_t at = va + done;
		uint64_t *l2 = next_level(&tables[0][at >> 30 & (ENTRIES - 1)]);
		uint64_t *l3 = l2 ? next_level(&l2[at >> 21 & (ENTRIES - 1)]) : NULL;

		if (!l3)
			return false;
		l3[at >> 12 & (ENTRIES - 1)] = (pa + done) | PTE_VALID | PTE_TABLE | PTE_AF | type_bits[type];
	}
	__asm__ volatile("dsb ish\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" : : : "memory");
	return true;
}
