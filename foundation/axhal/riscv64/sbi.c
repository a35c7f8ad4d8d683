/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of the firmware (RISC-V Supervisor Binary Interface Specification 2.0): what it offers, and fences and IPIs for
 * other harts.
 */
#include "arch.h"
#include <axstd/assert.h>
#include <axstd/log.h>

#define SPEC_MAJOR(version) ((unsigned)((version) >> 24 & 0x7f))
#define SPEC_MINOR(version) ((unsigned)((version)&0xffffff))

static const uint32_t extensions[] = { SBI_EXT_TIME, SBI_EXT_IPI, SBI_EXT_RFENCE, SBI_EXT_HSM,
				       SBI_EXT_SRST, SBI_EXT_PMU, SBI_EXT_DBCN,   SBI_EXT_SUSP };
static uint32_t present; /* bit: index in extensions[] */

static struct sbi_ret base_call(unsigned fid, uint64_t arg)
{
	return sbi_call(SBI_EXT_BASE, fid, arg, 0, 0, 0, 0);
}

void sbi_init(void)
{
	struct sbi_ret version = base_call(SBI_BASE_SPEC_VERSION, 0);

	present = 0;
	for (unsigned i = 0; !version.error && i < ARRAY_SIZE(extensions); i++)
		if (base_call(SBI_BASE_PROBE, extensions[i]).value)
			present |= BIT(i);
}

void sbi_check(void)
{
	struct sbi_ret version = base_call(SBI_BASE_SPEC_VERSION, 0);

	if (version.error || !version.value)
		panic("the firmware speaks SBI 0.1, whose calls are not used any more: 0.2 or later is needed "
		      "(OpenSBI 0.6 or later)");
	log_info("SBI %u.%u, implementation %u", SPEC_MAJOR(version.value), SPEC_MINOR(version.value),
		 (unsigned)base_call(SBI_BASE_IMPL_ID, 0).value);
}

bool sbi_has(uint64_t ext)
{
	for (unsigned i = 0; i < ARRAY_SIZE(extensions); i++)
		if (extensions[i] == ext)
			return present & BIT(i);
	return false;
}

/* Take from @cpus those of one window of 64 hart ids, which begins at @base. Return: the window's mask. */
static uint64_t take_harts(cpumask_t *cpus, uint64_t *base)
{
	uint64_t mask = 0;

	*base = ALIGN_DOWN(cpu_hwid((unsigned)__builtin_ctzll(*cpus)), 64);
	for (cpumask_t rest = *cpus; rest; rest &= rest - 1) {
		unsigned cpu = (unsigned)__builtin_ctzll(rest);
		uint64_t hart = cpu_hwid(cpu) - *base;

		if (hart < 64) {
			mask |= BIT(hart);
			*cpus &= ~BIT(cpu);
		}
	}
	return mask;
}

int sbi_remote_fence(cpumask_t cpus, unsigned fid, uint64_t start, uint64_t size, uint64_t tag)
{
	int64_t error = SBI_SUCCESS;

	while (cpus && !error) {
		uint64_t base, mask = take_harts(&cpus, &base);

		error = sbi_call(SBI_EXT_RFENCE, fid, mask, base, start, size, tag).error;
	}
	return (int)error;
}

void sbi_send_ipi(cpumask_t cpus)
{
	while (cpus) {
		uint64_t base, mask = take_harts(&cpus, &base);

		sbi_call(SBI_EXT_IPI, 0, mask, base, 0, 0, 0);
	}
}
