/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Masking of interrupts on this hart (sstatus.SIE, Privileged Architecture 10.1.1) and the spin hint.
 */
#include <stdbool.h>
#include <stdint.h>

#define IRQFLAGS_SIE UINT64_C(2)

static inline uint64_t irq_save(void)
{
	uint64_t sstatus;

	__asm__ volatile("csrrci %0, sstatus, 2" : "=r"(sstatus)::"memory");
	return sstatus & IRQFLAGS_SIE;
}

static inline void irq_restore(uint64_t flags)
{
	__asm__ volatile("csrs sstatus, %0" ::"r"(flags) : "memory");
}

static inline void irq_enable(void)
{
	__asm__ volatile("csrsi sstatus, 2" ::: "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("csrci sstatus, 2" ::: "memory");
}

static inline bool irq_enabled(void)
{
	uint64_t sstatus;

	__asm__ volatile("csrr %0, sstatus" : "=r"(sstatus));
	return sstatus & IRQFLAGS_SIE;
}

/* PAUSE of Zihintpause: a FENCE that does nothing where the extension is missing. */
static inline void cpu_relax(void)
{
	__asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010" ::: "memory");
}
