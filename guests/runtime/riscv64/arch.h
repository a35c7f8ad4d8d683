/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What neutral code of the runtime asks of the CPU: interrupts on and off, waiting, caches. */
#include "csr.h"

#include <stdint.h>

static inline uint64_t interrupts_save(void)
{
	uint64_t flags;

	__asm__ volatile("csrrci %0, sstatus, 2" : "=r"(flags) : : "memory");
	return flags & SSTATUS_SIE;
}

static inline void interrupts_restore(uint64_t flags)
{
	csr_set(sstatus, flags);
}

static inline void interrupts_on(void)
{
	csr_set(sstatus, SSTATUS_SIE);
}

static inline void interrupts_off(void)
{
	csr_clear(sstatus, SSTATUS_SIE);
}

static inline void wait_for_interrupt(void)
{
	__asm__ volatile("wfi" : : : "memory");
}

/* pause (Zihintpause): a hint, so right on every CPU. */
static inline void cpu_relax(void)
{
	__asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010" : : : "memory");
}

/* Caches are coherent. */
static inline void cache_clean(const void *start, uint64_t size)
{
	__asm__ volatile("fence" : : : "memory");
}

/** icache_sync - instructions that were just written can be executed on this CPU */
static inline void icache_sync(const void *start, uint64_t size)
{
	__asm__ volatile("fence.i" : : : "memory");
}
