/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of the firmware (RISC-V Supervisor Binary Interface Specification 2.0): what it offers, other harts, power.
 */
#include "arch.h"
#include "boot_regs.h"
#include <axhal/arch/csr.h>
#include <axhal/power.h>
#include <axstd/assert.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <stddef.h>

#define SRST_SHUTDOWN    0
#define SRST_COLD_REBOOT 1

#define SPEC_MAJOR(version) ((unsigned)((version) >> 24 & 0x7f))
#define SPEC_MINOR(version) ((unsigned)((version)&0xffffff))

/* boot.S knows these. */
_Static_assert(offsetof(struct secondary_boot, satp) == SECONDARY_SATP, "boot_regs.h");
_Static_assert(offsetof(struct secondary_boot, stack) == SECONDARY_STACK, "boot_regs.h");
_Static_assert(offsetof(struct secondary_boot, percpu_offset) == SECONDARY_PERCPU, "boot_regs.h");

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

/* Take from @cpus those of a window of 64 hart ids. Return: the window's mask; @base gets its first hart. */
static uint64_t take_harts(cpumask_t *cpus, uint64_t *base)
{
	cpumask_t rest = *cpus;
	uint64_t mask = 0;
	unsigned cpu;

	*base = UINT64_MAX;
	for_each_cpu (cpu, rest)
		*base = MIN(*base, cpu_hwid(cpu));
	for_each_cpu (cpu, rest)
		if (cpu_hwid(cpu) - *base < 64) {
			mask |= BIT(cpu_hwid(cpu) - *base);
			*cpus &= ~BIT(cpu);
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

int arch_cpu_start(unsigned cpu, void *stack_top)
{
	static struct secondary_boot boot[CPU_MAX];
	struct secondary_boot *b = &boot[cpu];

	/* More than one CPU needs all three. */
	if (!sbi_has(SBI_EXT_HSM) || !sbi_has(SBI_EXT_IPI) || !sbi_has(SBI_EXT_RFENCE))
		return -AX_ENOTSUP;
	*b = (struct secondary_boot){
		.satp = csr_read(CSR_SATP),
		.stack = (uintptr_t)stack_top,
		.percpu_offset = cpu_percpu_offset[cpu],
	};
	__asm__ volatile("fence rw, rw" ::: "memory");
	switch (sbi_call(SBI_EXT_HSM, SBI_HSM_START, cpu_hwid(cpu), virt_to_phys(secondary_entry), virt_to_phys(b), 0,
			 0)
			.error) {
	case SBI_SUCCESS: return 0;
	case SBI_INVALID_PARAM: return -AX_ENOENT;
	case SBI_DENIED: return -AX_EPERM;
	case SBI_ALREADY_AVAILABLE: return -AX_EBUSY;
	case SBI_NOT_SUPPORTED: return -AX_ENOTSUP;
	default: return -AX_EIO;
	}
}

void arch_cpu_halt(void)
{
	/* A pending interrupt would end every wfi at once. */
	csr_clear(CSR_SSTATUS, SSTATUS_SIE);
	csr_write(CSR_SIE, 0);
	for (;;)
		__asm__ volatile("wfi");
}

void power_off(void)
{
	if (sbi_has(SBI_EXT_SRST))
		sbi_call(SBI_EXT_SRST, 0, SRST_SHUTDOWN, 0, 0, 0, 0);
	hal_print("The firmware does not switch the machine off: halted.\n");
	arch_cpu_halt();
}

void power_reset(void)
{
	if (sbi_has(SBI_EXT_SRST))
		sbi_call(SBI_EXT_SRST, 0, SRST_COLD_REBOOT, 0, 0, 0, 0);
	hal_print("The firmware does not reset the machine: halted.\n");
	arch_cpu_halt();
}
