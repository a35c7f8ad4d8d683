/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generic timer's interrupts. The registers are in axhal/arch/timer.h.
 */
#include "arch.h"

unsigned arch_timer_irq(void)
{
	return arm_platform()->timer_irq[TIMER_HYP];
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
