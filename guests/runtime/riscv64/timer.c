/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the time CSR, stimecmp (Sstc) or set_timer. */
#include "timer.h"
#include "csr.h"
#include "guest.h"
#include "hooks.h"
#include "intc.h"
#include "sbi.h"

#include <libfdt.h>

static uint64_t frequency;
static bool has_sstc, has_time;

void timer_init(void)
{
	frequency = dt_cell(fdt_path_offset(machine.dtb, "/cpus"), "timebase-frequency", 0, 10000000);
	has_sstc = isa_has("sstc");
	has_time = sbi_probe(SBI_TIME);
}

bool timer_has_sstc(void)
{
	return has_sstc;
}

uint64_t clock_read(void)
{
	uint64_t now;

	__asm__ volatile("rdtime %0" : "=r"(now) : : "memory");
	return now;
}

uint64_t clock_frequency(void)
{
	return frequency;
}

void timer_set_sstc(uint64_t deadline)
{
	csr_write(CSR_STIMECMP, deadline);
}

void timer_set_sbi(uint64_t deadline)
{
	if (has_time)
		sbi_call1(SBI_TIME, 0, deadline);
	else
		sbi_legacy(SBI_LEGACY_SET_TIMER, deadline, 0, 0, 0);
}

unsigned timer_irq(void)
{
	return IRQ_TIMER;
}

void timer_set(uint64_t deadline)
{
	if (has_sstc)
		timer_set_sstc(deadline);
	else
		timer_set_sbi(deadline);
}

void timer_stop(void)
{
	timer_set(~0ULL);
}
