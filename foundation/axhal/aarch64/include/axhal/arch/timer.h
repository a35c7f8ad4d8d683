/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The generic timer (Arm ARM D11): the physical counter, and EL2's physical timer as deadline timer.
 */
#include <axhal/arch/sysreg.h>

static inline uint64_t arch_timer_count(void)
{
	/* Without the barrier the counter may be read before what stands before it in program order. */
	isb();
	return sysreg_read(cntpct_el0);
}

static inline void arch_timer_set(uint64_t ticks)
{
	sysreg_write(cnthp_cval_el2, ticks);
	sysreg_write(cnthp_ctl_el2, 1); /* ENABLE */
	isb();
}

static inline void arch_timer_stop(void)
{
	sysreg_write(cnthp_ctl_el2, 0);
	isb();
}
