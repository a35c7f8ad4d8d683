/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/*
 * tp holds this hart's per-CPU offset (copy address minus template address) while the hypervisor runs.
 *
 * The compiler may read it once for several uses, but not across anything that may have changed memory: a call may have
 * switched tasks and come back on another CPU. Hence the input operand.
 */
static inline uintptr_t arch_percpu_offset(void)
{
	register const uintptr_t *stack __asm__("sp");
	uintptr_t offset;

	__asm__("mv %0, tp" : "=r"(offset) : "m"(*stack));
	return offset;
}

static inline void arch_wait_for_interrupt(void)
{
	__asm__ volatile("fence rw, rw\n\twfi" ::: "memory");
}
