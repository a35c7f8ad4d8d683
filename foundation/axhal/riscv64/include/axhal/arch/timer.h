/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The time CSR, and the hart's deadline timer: stimecmp where there is Sstc, else the firmware's (SBI TIME).
 */
#include <axhal/arch/csr.h>

static inline uint64_t arch_timer_count(void)
{
	return csr_read(CSR_TIME);
}

void arch_timer_set(uint64_t ticks);
void arch_timer_stop(void);
