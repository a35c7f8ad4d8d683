/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes and registers of stage 1. */
#include "mmu.h"
#include "sysreg.h"

#define PTE_ATTR(n) ((uint64_t)(n) << 2)
#define PTE_AP_EL0  (1ULL << 6)
#define PTE_AP_RO   (1ULL << 7)
#define PTE_INNER   (3ULL << 8)
#define PTE_AF      (1ULL << 10)
#define PTE_PXN     (1ULL << 53)
#define PTE_UXN     (1ULL << 54)

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

uint64_t mmu_type_bits(enum mmu_type type)
{
	return PTE_AF | type_bits[type];
}

void mmu_enable(uint64_t *root)
{
	mmu_registers.mair = MAIR_VALUE;
	mmu_registers.tcr = TCR_T0SZ(39) | TCR_WBWA_INNER | TCR_EPD1 | (sysreg_read(id_aa64mmfr0_el1) & 0x7) << 32;
	mmu_registers.ttbr0 = (uint64_t)root;
	mmu_registers.sctlr = SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_I;
	cache_clean(&mmu_registers, sizeof(mmu_registers));
	mmu_load(&mmu_registers);
}
