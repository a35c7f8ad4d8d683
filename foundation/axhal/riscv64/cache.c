/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caches: the cache-block operations of Zicbom and Zicboz (RISC-V CMO specification 1.0) where the harts have them.
 * Memory is coherent for all harts, and for devices unless the platform says otherwise.
 */
#include "arch.h"
#include "try.h"
#include <axhal/arch/csr.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>

#define CBO_FLUSH 2
#define CBO_ZERO  4

#define CBO(op, address) __asm__ volatile(".insn i 0x0f, 2, x0, %0, %1" ::"r"(address), "i"(op) : "memory")

/* The firmware must have allowed the operation (menvcfg), and not all do. @op is a constant. */
#define CBO_WORKS(op, address) TRY(".insn i 0x0f, 2, x0, %[at], %[what]", [at] "r"(address), [what] "i"(op))

static uintptr_t flush_block, zero_block; /* bytes; 0: not possible */

void cache_init(void)
{
	static char block[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
	const struct riscv_info *info = riscv_info();

	if (riscv_has(RISCV_EXT_ZICBOM) && !CBO_WORKS(CBO_FLUSH, block))
		riscv_drop(RISCV_EXT_ZICBOM);
	if (riscv_has(RISCV_EXT_ZICBOZ) && !CBO_WORKS(CBO_ZERO, block))
		riscv_drop(RISCV_EXT_ZICBOZ);
	if (riscv_has(RISCV_EXT_ZICBOM))
		flush_block = info->cbom_block;
	if (riscv_has(RISCV_EXT_ZICBOZ) && info->cboz_block <= PAGE_SIZE / 8)
		zero_block = info->cboz_block;
}

void cache_clean_invalidate(const void *va, size_t size)
{
	uintptr_t end = (uintptr_t)va + size;

	if (!flush_block)
		return;
	for (uintptr_t p = ALIGN_DOWN((uintptr_t)va, flush_block); p < end; p += flush_block)
		CBO(CBO_FLUSH, p);
	__asm__ volatile("fence rw, rw" ::: "memory");
}

void cache_forget_code(void)
{
	uint64_t flags = irq_save();
	cpumask_t others = harts_other();

	__asm__ volatile("fence rw, rw\n\tfence.i" ::: "memory");
	if (others && sbi_remote_fence(others, SBI_RFENCE_I, 0, 0, 0))
		log_warn_ratelimited("the firmware does not synchronize the instruction caches of the other CPUs");
	irq_restore(flags);
}

static inline uintptr_t zero_eight(uintptr_t p, uintptr_t block)
{
#pragma GCC unroll 8
	for (unsigned i = 0; i < 8; i++, p += block)
		CBO(CBO_ZERO, p);
	return p;
}

/* In longer steps than memset: 8.25 instructions per 64 bytes. */
static void zero_by_words(uintptr_t p, uintptr_t end)
{
	for (; p < end; p += 512)
		__asm__ volatile(".set .Lword, 0\n\t"
				 ".rept 64\n\t"
				 "sd zero, .Lword(%0)\n\t"
				 ".set .Lword, .Lword + 8\n\t"
				 ".endr" ::"r"(p)
				 : "memory");
}

void mem_zero_pages(void *va, size_t size)
{
	uintptr_t block = zero_block, end = (uintptr_t)va + size;

	if (!block) {
		zero_by_words((uintptr_t)va, end);
		return;
	}
	for (uintptr_t p = (uintptr_t)va; p < end;)
		p = zero_eight(p, block);
}
