/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Harts and the whole machine on and off, by the firmware: SBI HSM and SRST.
 */
#include "arch.h"
#include "boot_regs.h"
#include <axhal/arch/csr.h>
#include <axhal/power.h>
#include <axstd/error.h>
#include <stdatomic.h>
#include <stddef.h>

#define SRST_SHUTDOWN    0
#define SRST_COLD_REBOOT 1

/* boot.S knows these. */
_Static_assert(offsetof(struct secondary_boot, satp) == SECONDARY_SATP, "boot_regs.h");
_Static_assert(offsetof(struct secondary_boot, stack) == SECONDARY_STACK, "boot_regs.h");
_Static_assert(offsetof(struct secondary_boot, percpu_offset) == SECONDARY_PERCPU, "boot_regs.h");
_Static_assert(offsetof(struct secondary_boot, hart) == SECONDARY_HART, "boot_regs.h");

/*
 * Harts that may have translations and code in their caches: from the moment they are started, which is before they say
 * that they are online.
 */
static _Atomic cpumask_t started;

cpumask_t harts_other(void)
{
	return (cpu_online_mask() | atomic_load(&started)) & ~BIT(cpu_id());
}

static int start_hart(uint64_t hart, const struct secondary_boot *boot)
{
	switch (sbi_call(SBI_EXT_HSM, SBI_HSM_START, hart, virt_to_phys(secondary_entry), virt_to_phys(boot), 0, 0)
			.error) {
	case SBI_SUCCESS: return 0;
	case SBI_INVALID_PARAM: return -AX_ENOENT;
	case SBI_DENIED: return -AX_EPERM;
	case SBI_ALREADY_AVAILABLE: return -AX_EBUSY;
	case SBI_NOT_SUPPORTED: return -AX_ENOTSUP;
	default: return -AX_EIO;
	}
}

int arch_cpu_start(unsigned cpu, void *stack_top)
{
	static struct secondary_boot boot[CPU_MAX];
	struct secondary_boot *b = &boot[cpu];
	int err;

	/* More than one CPU needs all three. */
	if (!sbi_has(SBI_EXT_HSM) || !sbi_has(SBI_EXT_IPI) || !sbi_has(SBI_EXT_RFENCE))
		return -AX_ENOTSUP;
	*b = (struct secondary_boot){
		.satp = csr_read(CSR_SATP),
		.stack = (uintptr_t)stack_top,
		.percpu_offset = cpu_percpu_offset[cpu],
		.hart = cpu_hwid(cpu),
	};
	atomic_store(&secondary_pending, b);
	atomic_fetch_or(&started, BIT(cpu));
	err = start_hart(cpu_hwid(cpu), b);
	if (err)
		atomic_fetch_and(&started, ~BIT(cpu));
	return err;
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
