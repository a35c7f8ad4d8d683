/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Stage-1 tables: 4 KiB granule, 39 address bits, so three levels (Arm ARM D8.2, D8.3). Included by mmu.h. */
#include "mmio.h"

#define MMU_FREE_START (1ULL << 38)

#define PTE_VALID   (1ULL << 0)
#define PTE_TABLE   (1ULL << 1) /* at level 3: a page */
#define PTE_ADDRESS 0x0000fffffffff000ULL

/** mmu_type_bits - attributes of an entry that maps something */
uint64_t mmu_type_bits(enum mmu_type type);

static inline uint64_t mmu_block(uint64_t pa, enum mmu_type type)
{
	return pa | PTE_VALID | mmu_type_bits(type);
}

static inline uint64_t mmu_page(uint64_t pa, enum mmu_type type)
{
	return pa | PTE_VALID | PTE_TABLE | mmu_type_bits(type);
}

static inline uint64_t mmu_table(const uint64_t *table)
{
	return (uint64_t)table | PTE_VALID | PTE_TABLE;
}

static inline bool mmu_is_table(uint64_t entry)
{
	return entry & PTE_VALID;
}

static inline uint64_t *mmu_table_of(uint64_t entry)
{
	return (uint64_t *)(entry & PTE_ADDRESS);
}

static inline void mmu_flush(void)
{
	__asm__ volatile("dsb ish\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" : : : "memory");
}

/* Register values of the address space, and switching to it (start.S). */
struct mmu_registers {
	uint64_t mair, tcr, ttbr0, sctlr;
};
extern struct mmu_registers mmu_registers;
void mmu_load(const struct mmu_registers *registers);
void mmu_enable(uint64_t *root);
