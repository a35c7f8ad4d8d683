/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Sv39 (Privileged Architecture, Supervisor 12.4). Included by mmu.h. */
#include <stdbool.h>
#include <stdint.h>

#define MMU_FREE_START 0xffffffc000000000ULL

#define PTE_V (1ULL << 0)
#define PTE_R (1ULL << 1)
#define PTE_W (1ULL << 2)
#define PTE_X (1ULL << 3)
#define PTE_U (1ULL << 4)
#define PTE_A (1ULL << 6)
#define PTE_D (1ULL << 7)

#define SATP_SV39 (8ULL << 60)
#define SATP_SV48 (9ULL << 60)
#define SATP_SV57 (10ULL << 60)
#define SATP_ASID (0xffffULL << 44)

extern const uint64_t mmu_type_bits[];
extern uint64_t mmu_satp;

static inline uint64_t mmu_page(uint64_t pa, enum mmu_type type)
{
	return pa >> 12 << 10 | PTE_V | PTE_A | mmu_type_bits[type];
}

static inline uint64_t mmu_block(uint64_t pa, enum mmu_type type)
{
	return mmu_page(pa, type);
}

static inline uint64_t mmu_table(const uint64_t *table)
{
	return (uint64_t)table >> 12 << 10 | PTE_V;
}

static inline bool mmu_is_table(uint64_t entry)
{
	return (entry & (PTE_V | PTE_R | PTE_W | PTE_X)) == PTE_V;
}

static inline uint64_t *mmu_table_of(uint64_t entry)
{
	return (uint64_t *)(entry >> 10 << 12);
}

static inline void mmu_flush(void)
{
	__asm__ volatile("sfence.vma" : : : "memory");
}

void mmu_load(void); /* start.S: satp becomes mmu_satp */
void mmu_enable(uint64_t *root);
