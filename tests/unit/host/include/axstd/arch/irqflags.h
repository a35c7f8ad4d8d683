/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Host tests: the interrupt mask is a flag of the thread that plays the CPU.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sched.h>

extern __thread bool host_irqs_off;
/* Interrupts become possible: deliver what tests have raised meanwhile. */
void host_irqs_on(void);

static inline uint64_t irq_save(void)
{
	uint64_t flags = host_irqs_off;

	host_irqs_off = true;
	return flags;
}

static inline void irq_enable(void)
{
	host_irqs_off = false;
	host_irqs_on();
}

static inline void irq_disable(void)
{
	host_irqs_off = true;
}

static inline void irq_restore(uint64_t flags)
{
	if (flags)
		irq_disable();
	else
		irq_enable();
}

static inline bool irq_enabled(void)
{
	return !host_irqs_off;
}

static inline void cpu_relax(void)
{
	sched_yield();
}
