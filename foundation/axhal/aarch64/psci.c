/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware calls: PSCI (DEN 0022) by SMC or HVC, as the device tree says.
 */
#include "arch.h"
#include <axhal/arch/sysreg.h>
#include <axhal/arch/timer.h>
#include <axhal/power.h>
#include <axstd/error.h>
#include <axstd/log.h>

#define PSCI_VERSION      0x84000000
#define PSCI_SYSTEM_OFF   0x84000008
#define PSCI_SYSTEM_RESET 0x84000009
#define PSCI_CPU_ON_64    0xc4000003

#define PSCI_NOT_SUPPORTED      (-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_DENIED             (-3)
#define PSCI_ALREADY_ON         (-4)

static enum psci_method conduit;

/* SMC calling convention (DEN 0028): x0-x17 may be lost, the rest is kept. */
static int64_t call(uint64_t function, uint64_t a1, uint64_t a2, uint64_t a3)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = a1;
	register uint64_t x2 __asm__("x2") = a2;
	register uint64_t x3 __asm__("x3") = a3;

#define PSCI_CALL(insn)                                                                                                \
	__asm__ volatile(insn " #0"                                                                                    \
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)                                                      \
			 :                                                                                             \
			 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", \
			   "memory")
	if (conduit == PSCI_SMC)
		PSCI_CALL("smc");
	else if (conduit == PSCI_HVC)
		PSCI_CALL("hvc");
	else
		return PSCI_NOT_SUPPORTED;
#undef PSCI_CALL
	return (int32_t)x0;
}

void psci_init(enum psci_method method)
{
	int64_t version;

	conduit = method;
	version = call(PSCI_VERSION, 0, 0, 0);
	if (version < 0)
		return;
	log_info("PSCI %u.%u by %s", (unsigned)(version >> 16), (unsigned)(version & 0xffff),
		 method == PSCI_SMC ? "SMC" : "HVC");
}

int arch_cpu_start(unsigned cpu, void *stack_top)
{
	static struct secondary_boot boot[CPU_MAX];
	struct secondary_boot *b = &boot[cpu];

	mmu_fill_secondary(b);
	b->stack = (uintptr_t)stack_top;
	b->percpu_offset = cpu_percpu_offset[cpu];
	cache_clean_invalidate(b, sizeof(*b));
	switch (call(PSCI_CPU_ON_64, cpu_hwid(cpu), virt_to_phys(secondary_entry), virt_to_phys(b))) {
	case 0: return 0;
	case PSCI_INVALID_PARAMETERS: return -AX_ENOENT;
	case PSCI_DENIED: return -AX_EPERM;
	case PSCI_ALREADY_ON: return -AX_EBUSY;
	case PSCI_NOT_SUPPORTED: return -AX_ENOTSUP;
	default: return -AX_EIO;
	}
}

void arch_cpu_halt(void)
{
	__asm__ volatile("msr daifset, #0xf" ::: "memory");
	/* A pending interrupt would end every wfi at once. */
	arch_timer_stop();
	sysreg_write(cntv_ctl_el0, 0);
	sysreg_write(cntp_ctl_el0, 0);
	for (;;)
		__asm__ volatile("wfi");
}

void power_off(void)
{
	call(PSCI_SYSTEM_OFF, 0, 0, 0);
	hal_print("The firmware does not switch the machine off: halted.\n");
	arch_cpu_halt();
}

void power_reset(void)
{
	call(PSCI_SYSTEM_RESET, 0, 0, 0);
	hal_print("The firmware does not reset the machine: halted.\n");
	arch_cpu_halt();
}
