/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Stage 1: everything below 256 GiB is mapped one to one, memory as memory and the rest as device; above, a test makes
 * its own mappings.
 */
#include <stdbool.h>
#include <stdint.h>

#define MMU_FREE_START (1ULL << 38)
#define MMU_FREE_END   (1ULL << 39)

enum mmu_type {
	MMU_DEVICE,
	MMU_NORMAL,
	MMU_UNCACHED,
	MMU_USER_CODE, /* executable at EL0, read-only */
	MMU_USER_DATA,
	MMU_READ_ONLY,
};

void mmu_init(void);
/** mmu_map - 4 KiB pages at @va in the free range. Return: false if there are no more tables. */
bool mmu_map(uint64_t va, uint64_t pa, uint64_t size, enum mmu_type type);

/* Register values of an address space, and switching to one (start.S). */
struct mmu_registers {
	uint64_t mair, tcr, ttbr0, sctlr;
};
extern struct mmu_registers mmu_registers;
void mmu_load(const struct mmu_registers *registers);
