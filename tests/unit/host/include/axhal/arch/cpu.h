/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* Host tests: a thread is the CPU that host_set_cpu() made it. */
extern __thread uintptr_t host_percpu_offset;
void host_wait_for_interrupt(void);

static inline uintptr_t arch_percpu_offset(void)
{
	return host_percpu_offset;
}

static inline void arch_wait_for_interrupt(void)
{
	host_wait_for_interrupt();
}
