/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Harts and the whole machine on and off, by the firmware: SBI HSM and SRST.
 */
#include "arch.h"
#include "boot_regs.h"
#include <axhal/arch/csr.h>
#include <axhal/power.h>
#include <axstd/error.h>
#include <stddef.h>

#define SRST_SHUTDOWN    0
#define SRST_COLD_REBOOT 1

/* boot.S knows these. */
_Static_assert(offsetof(struct secondary_boot, satp) == SECONDARY_SATP, "boot_regs.h");
_Static_assert(offsetof(struct secondary_boot, stack) == SECONDARY_STACK, "boot_regs.h");
_Static_assert(offsetof(struct secondary_boot, percpu_offset) == SECONDARY_PERCPU, "boot_regs.h");

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
