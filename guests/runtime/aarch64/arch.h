/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What neutral code of the runtime asks of the CPU: interrupts on and off, waiting, caches. */
#include "sysreg.h" /* cache_clean(), icache_sync() */

#include <stdint.h>

static inline uint64_t interrupts_save(void)
{
	uint64_t flags;

	__asm__ volatile("mrs %0, daif\n\tmsr daifset, #3" : "=r"(flags) : : "memory");
	return flags;
}

static inline void interrupts_restore(uint64_t flags)
{
	__asm__ volatile("msr daif, %0" : : "r"(flags) : "memory");
}

static inline void interrupts_on(void)
{
	__asm__ volatile("msr daifclr, #3" : : : "memory");
}

static inline void interrupts_off(void)
{
	__asm__ volatile("msr daifset, #3" : : : "memory");
}

static inline void wait_for_interrupt(void)
{
	__asm__ volatile("dsb sy\n\twfi" : : : "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}
