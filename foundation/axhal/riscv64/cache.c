/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caches: the cache-block operations of Zicbom and Zicboz (RISC-V CMO specification 1.0) where the harts have them.
 * Memory is coherent for all harts, and for devices unless the platform says otherwise.
 */
#include "arch.h"
#include <axhal/arch/csr.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>
#include <string.h>

#define CBO_INVAL 0
#define CBO_CLEAN 1
#define CBO_FLUSH 2
#define CBO_ZERO  4

#define CBO(op, address) __asm__ volatile(".insn i 0x0f, 2, x0, %0, %1" ::"r"(address), "i"(op) : "memory")

void cache_clean_invalidate(const void *va, size_t size)
{
	uintptr_t block = riscv_info()->cbom_block, end = (uintptr_t)va + size, p;

	if (!riscv_has(RISCV_EXT_ZICBOM) || !block)
		return;
	for (p = ALIGN_DOWN((uintptr_t)va, block); p < end; p += block)
		CBO(CBO_FLUSH, p);
	__asm__ volatile("fence rw, rw" ::: "memory");
}

void cache_forget_code(void)
{
	uint64_t flags = irq_save();
	cpumask_t others = cpu_online_mask() & ~BIT(cpu_id());

	__asm__ volatile("fence rw, rw\n\tfence.i" ::: "memory");
	if (others && sbi_remote_fence(others, SBI_RFENCE_I, 0, 0, 0))
		log_warn_ratelimited("the firmware does not synchronize the instruction caches of the other CPUs");
	irq_restore(flags);
}

static inline void zero_eight(uintptr_t p, uintptr_t block)
{
	for (unsigned i = 0; i < 8; i++, p += block)
		CBO(CBO_ZERO, p);
}

void mem_zero_pages(void *va, size_t size)
{
	uintptr_t block = riscv_info()->cboz_block, end = (uintptr_t)va + size;

	if (!riscv_has(RISCV_EXT_ZICBOZ) || !block || block > PAGE_SIZE / 8) {
		memset(va, 0, size);
		return;
	}
	for (uintptr_t p = (uintptr_t)va; p < end; p += 8 * block)
		zero_eight(p, block);
}
