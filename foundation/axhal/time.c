/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock and the deadline timer. Ticks become nanoseconds, and back, by one multiplication with a fixed-point
 * factor: no division, the 128-bit product does not overflow, and after years the two directions still agree within a
 * tick.
 */
#include "hal.h"
#include <axhal/arch/timer.h>
#include <axhal/time.h>
#include <axstd/assert.h>
#include <axstd/spinlock.h>

#define NS_SHIFT   48 /* ns_per_tick: rates from 100 kHz up */
#define TICK_SHIFT 60 /* ticks_per_ns: rates below 16 GHz */

static uint64_t frequency;
static uint64_t ns_per_tick, ticks_per_ns;
static void (*deadline_handler)(void);

static uint64_t scale(uint64_t value, uint64_t factor, unsigned shift)
{
	return (uint64_t)((unsigned __int128)value * factor >> shift);
}

/* (a << shift) / b for a < 2^32 and shift > 32, as long division: there is no 128-bit one here. */
static uint64_t fraction(uint64_t a, uint64_t b, unsigned shift)
{
	uint64_t high = (a << 32) / b, rest = (a << 32) % b;

	return (high << (shift - 32)) + (rest << (shift - 32)) / b;
}

void time_init(uint64_t hz)
{
	frequency = hz;
	ns_per_tick = fraction(NS_PER_SEC, hz, NS_SHIFT);
	ticks_per_ns = fraction(hz, NS_PER_SEC, TICK_SHIFT);
}

uint64_t time_now_ticks(void)
{
	return arch_timer_count();
}

uint64_t time_frequency(void)
{
	return frequency;
}

uint64_t time_ticks_to_ns(uint64_t ticks)
{
	return scale(ticks, ns_per_tick, NS_SHIFT);
}

uint64_t time_ns_to_ticks(uint64_t ns)
{
	return scale(ns, ticks_per_ns, TICK_SHIFT);
}

uint64_t time_now_ns(void)
{
	return scale(arch_timer_count(), ns_per_tick, NS_SHIFT);
}

void time_set_deadline(uint64_t ns)
{
	/* One tick more, as both conversions round down: a deadline is not early. */
	if (ns == TIME_NEVER)
		arch_timer_stop();
	else
		arch_timer_set(scale(ns, ticks_per_ns, TICK_SHIFT) + 1);
}

void time_set_handler(void (*handler)(void))
{
	deadline_handler = handler;
}

static enum irq_result deadline_passed(unsigned irq, void *arg)
{
	arch_timer_stop();
	if (deadline_handler)
		deadline_handler();
	return IRQ_DONE;
}

void time_init_cpu(void)
{
	unsigned irq = arch_timer_irq();

	arch_timer_stop();
	if (!cpu_id()) {
		int err = irq_register(irq, IRQ_LEVEL_HIGH, deadline_passed, NULL, "timer");

		if (err)
			panic("the hypervisor's timer has no interrupt (INTID %u)", irq);
	}
	irq_unmask(irq);
}

void time_delay_us(unsigned us)
{
	uint64_t end = time_now_ns() + us * NS_PER_US;

	while (time_now_ns() < end)
		cpu_relax();
}
