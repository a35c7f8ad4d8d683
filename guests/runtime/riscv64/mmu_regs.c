/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes of Sv39; memory types are the machine's. */
#include "mmu.h"

const uint64_t mmu_type_bits[] = {
	[MMU_DEVICE] = PTE_R | PTE_W | PTE_D,
	[MMU_NORMAL] = PTE_R | PTE_W | PTE_X | PTE_D,
	[MMU_UNCACHED] = PTE_R | PTE_W | PTE_X | PTE_D,
	[MMU_USER_CODE] = PTE_R | PTE_X | PTE_U,
	[MMU_USER_DATA] = PTE_R | PTE_W | PTE_D | PTE_U,
	[MMU_READ_ONLY] = PTE_R,
};

uint64_t mmu_satp;

void mmu_enable(uint64_t *root)
{
	mmu_satp = SATP_SV39 | (uint64_t)root >> 12;
	mmu_load();
}
