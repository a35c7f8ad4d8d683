/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware calls, power, inter-processor interrupts. */
#include "sbi.h"
#include "arch.h"
#include "guest.h"
#include "hooks.h"

static bool has_ipi, has_srst;

struct sbi_ret sbi_call(uint64_t ext, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4)
{
	uint64_t a[8] = { a0, a1, a2, a3, a4, 0, fid, ext };

	sbi_raw(a);
	return (struct sbi_ret){ (int64_t)a[0], a[1] };
}

int64_t sbi_legacy(unsigned ext, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
	return sbi_call(ext, 0, a0, a1, a2, a3, 0).error;
}

bool sbi_probe(uint64_t ext)
{
	struct sbi_ret ret = sbi_call1(SBI_BASE, BASE_PROBE, ext);

	return !ret.error && ret.value;
}

void firmware_init(void)
{
	has_ipi = sbi_probe(SBI_IPI);
	has_srst = sbi_probe(SBI_SRST);
}

int firmware_cpu_on(uint64_t hwid, uint64_t entry, uint64_t arg)
{
	return (int)sbi_call3(SBI_HSM, HSM_START, hwid, entry, arg).error;
}

void firmware_cpu_off(void)
{
	sbi_call0(SBI_HSM, HSM_STOP);
}

bool firmware_cpu_is_off(uint64_t hwid)
{
	struct sbi_ret ret = sbi_call1(SBI_HSM, HSM_STATUS, hwid);

	return !ret.error && ret.value == HSM_STOPPED;
}

static void send(uint64_t mask)
{
	if (has_ipi)
		sbi_call2(SBI_IPI, 0, mask, 0);
	else
		sbi_legacy(SBI_LEGACY_SEND_IPI, (uint64_t)&mask, 0, 0, 0);
}

void ipi_send(unsigned cpu)
{
	send(1ULL << machine.cpu_hwid[cpu]);
}

void ipi_send_others(void)
{
	uint64_t mask = 0;
	unsigned i;

	for (i = 0; i < machine.cpu_count; i++) {
		if (i != cpu_index())
			mask |= 1ULL << machine.cpu_hwid[i];
	}
	send(mask);
}

void machine_off(void)
{
	if (has_srst)
		sbi_call2(SBI_SRST, 0, 0, 0);
	sbi_legacy(SBI_LEGACY_SHUTDOWN, 0, 0, 0, 0);
	for (;;)
		wait_for_interrupt();
}

void machine_reset(void)
{
	sbi_call2(SBI_SRST, 0, 1, 0);
}
