/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* TPIDR_EL2 holds this CPU's per-CPU offset (copy address minus template address). */
static inline uintptr_t arch_percpu_offset(void)
{
	uintptr_t offset;

	__asm__("mrs %0, tpidr_el2" : "=r"(offset));
	return offset;
}

static inline void arch_wait_for_interrupt(void)
{
	__asm__ volatile("dsb sy\n\twfi" ::: "memory");
}
