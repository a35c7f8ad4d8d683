/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the virtual counter and timer. */
#include "timer.h"
#include "gic.h"
#include "guest.h"
#include "hooks.h"
#include "sysreg.h"

static unsigned irq_virtual = 27, irq_physical = 30;

void timer_init(void)
{
	int node = dt_find("arm,armv8-timer");

	if (node < 0)
		return;
	irq_physical = gic_intid_of(node, 1);
	irq_virtual = gic_intid_of(node, 2);
}

unsigned timer_irq_virtual(void)
{
	return irq_virtual;
}

unsigned timer_irq_physical(void)
{
	return irq_physical;
}

uint64_t clock_read(void)
{
	isb();
	return sysreg_read(cntvct_el0);
}

uint64_t clock_frequency(void)
{
	return sysreg_read(cntfrq_el0);
}

unsigned timer_irq(void)
{
	return irq_virtual;
}

void timer_set(uint64_t deadline)
{
	sysreg_write(cntv_cval_el0, deadline);
	sysreg_write(cntv_ctl_el0, TIMER_ENABLE);
}

void timer_stop(void)
{
	sysreg_write(cntv_ctl_el0, 0);
	isb();
}
