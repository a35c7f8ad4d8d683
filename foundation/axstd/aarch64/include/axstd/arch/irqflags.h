/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Masking of interrupts on this CPU (DAIF, Arm ARM C5.2.3) and the spin hint. SErrors stay unmasked.
 */
#include <stdbool.h>
#include <stdint.h>

static inline uint64_t irq_save(void)
{
	uint64_t daif;

	__asm__ volatile("mrs %0, daif\n\tmsr daifset, #3" : "=r"(daif)::"memory");
	return daif;
}

static inline void irq_restore(uint64_t flags)
{
	__asm__ volatile("msr daif, %0" ::"r"(flags) : "memory");
}

static inline void irq_enable(void)
{
	__asm__ volatile("msr daifclr, #3" ::: "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("msr daifset, #3" ::: "memory");
}

static inline bool irq_enabled(void)
{
	uint64_t daif;

	__asm__ volatile("mrs %0, daif" : "=r"(daif));
	return !(daif & 0x80);
}

static inline void cpu_relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}
