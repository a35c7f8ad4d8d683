/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting and sleeping. */
#include "arch.h"
#include "guest.h"
#include "hooks.h"

uint64_t clock_at_start;

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
	timer_stop();
}

void clock_sleep_us(uint64_t us)
{
	uint64_t end = clock_read() + ticks(us);

	irq_handle(timer_irq(), expired);
	irq_enable(timer_irq());
	timer_set(end);
	while (clock_read() < end) {
		interrupts_off(); /* between this look at the clock and WFI nothing is lost */
		if (clock_read() < end)
			wait_for_interrupt();
		interrupts_on();
	}
}
