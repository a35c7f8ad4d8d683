/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the virtual counter and timer. */
#include "timer.h"
#include "arch.h"
#include "gic.h"
#include "guest.h"
#include "sysreg.h"

uint64_t clock_at_start;
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

static uint64_t ticks(uint64_t us)
{
	return us * clock_frequency() / 1000000;
}

void clock_wait_us(uint64_t us)
{
	uint64_t start = clock_read();

	while (clock_read() - start < ticks(us))
		cpu_relax();
}

static void expired(unsigned irq)
{
	sysreg_write(cntv_ctl_el0, 0);
	isb();
}

void clock_sleep_us(uint64_t us)
{
	uint64_t end = clock_read() + ticks(us);

	irq_handle(irq_virtual, expired);
	irq_enable(irq_virtual);
	sysreg_write(cntv_cval_el0, end);
	sysreg_write(cntv_ctl_el0, TIMER_ENABLE);
	while (clock_read() < end) {
		interrupts_off(); /* between this look at the clock and WFI nothing is lost */
		if (clock_read() < end)
			wait_for_interrupt();
		interrupts_on();
	}
}
