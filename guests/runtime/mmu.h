/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Address translation with 39 bits of addresses, 4 KiB pages and three levels: everything below 256 GiB is mapped one
 * to one, memory as memory and the rest as device; in the other half a test makes its own mappings.
 */
#include <stdbool.h>
#include <stdint.h>

enum mmu_type {
	MMU_DEVICE,
	MMU_NORMAL,
	MMU_UNCACHED,
	MMU_USER_CODE, /* executable by user code, read-only */
	MMU_USER_DATA,
	MMU_READ_ONLY,
};

#include "mmu_arch.h" /* MMU_FREE_START: its first address */

#define MMU_ENTRIES    512
#define MMU_ONE_TO_ONE (1ULL << 38)

void mmu_init(void);
/** mmu_root - the root table */
uint64_t *mmu_root(void);
/** mmu_map - 4 KiB pages at @va in the free range. Return: false if there are no more tables. */
bool mmu_map(uint64_t va, uint64_t pa, uint64_t size, enum mmu_type type);
