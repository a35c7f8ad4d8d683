/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generic timer (Arm ARM D11): the physical counter, and EL2's physical timer as deadline timer.
 */
#include "arch.h"
#include <axhal/arch/sysreg.h>

#define CTL_ENABLE BIT(0)

unsigned arch_timer_irq(void)
{
	return arm_platform()->timer_irq[TIMER_HYP];
}

uint64_t arch_timer_count(void)
{
	/* Without the barrier the counter may be read before what stands before it in program order. */
	isb();
	return sysreg_read(cntpct_el0);
}

void arch_timer_set(uint64_t ticks)
{
	sysreg_write(cnthp_cval_el2, ticks);
	sysreg_write(cnthp_ctl_el2, CTL_ENABLE);
	isb();
}

void arch_timer_stop(void)
{
	sysreg_write(cnthp_ctl_el2, 0);
	isb();
}

const struct timer_info *timer_info(void)
{
	static struct timer_info info;
	const struct fdt_arm *arm = arm_platform();

	info = (struct timer_info){
		.el1_phys_irq = arm->timer_irq[TIMER_PHYS],
		.el1_virt_irq = arm->timer_irq[TIMER_VIRT],
		.el2_phys_irq = arm->timer_irq[TIMER_HYP],
	};
	return &info;
}
