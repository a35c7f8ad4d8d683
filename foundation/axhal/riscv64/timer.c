/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hart's deadline timer: stimecmp (Sstc), else the firmware's (SBI 2.0, chapter 6).
 *
 * Without a deadline stimecmp is set to one far away, again and again: when all harts are idle, simulators that count
 * instructions instead of time jump to the next timer of the machine, which may be one that the firmware has set to the
 * end of time.
 *
 * A firmware call costs as much as all the rest of a timer interrupt, so it is saved where it can be: no deadline means
 * that the interrupt is not enabled, and a later deadline than the one that was set, if that has not passed yet, leaves
 * it as it is. The interrupt then comes early, finds nothing due, and the deadline is set again.
 */
#include "arch.h"
#include <axhal/arch/csr.h>
#include <axhal/arch/irq.h>
#include <axhal/arch/timer.h>
#include <axstd/assert.h>

#define FAR_SECONDS 10

static bool has_stimecmp;
static uint64_t far_ticks;

/* The deadline that the firmware was given. In the past: none. */
static DEFINE_PER_CPU(uint64_t, timer_programmed);

void deadline_timer_init(void)
{
	has_stimecmp = riscv_has(RISCV_EXT_SSTC);
	far_ticks = FAR_SECONDS * riscv_info()->timebase;
	if (!has_stimecmp && !sbi_has(SBI_EXT_TIME))
		panic("no timer: neither the harts (Sstc) nor the firmware (SBI TIME) have one");
}

unsigned arch_timer_irq(void)
{
	return RISCV_IRQ_TIMER;
}

void arch_timer_set(uint64_t ticks)
{
	uint64_t *programmed = this_cpu(timer_programmed);

	if (has_stimecmp) {
		csr_write(CSR_STIMECMP, ticks);
	} else if (ticks < *programmed || *programmed <= arch_timer_count()) {
		*programmed = ticks;
		sbi_call(SBI_EXT_TIME, 0, ticks, 0, 0, 0, 0);
	}
	csr_set(CSR_SIE, BIT(INT_STI));
}

void arch_timer_stop(void)
{
	if (has_stimecmp)
		arch_timer_set(arch_timer_count() + far_ticks);
	else
		csr_clear(CSR_SIE, BIT(INT_STI));
}
