/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports on exceptions in the hypervisor itself, and the interrupt entry.
 */
#include "arch.h"
#include <axhal/arch/sysreg.h>
#include <axhal/boot.h>

#define ESR_EC(esr)     FIELD(esr, 31, 26)
#define EC_IABT_CUR     0x21
#define EC_DABT_CUR     0x25
#define FSC_FAULT(esr)  FIELD(esr, 5, 2)
#define FSC_TRANSLATION 1
#define FSC_PERMISSION  3

enum fatal_kind { FATAL_SYNC, FATAL_FIQ, FATAL_SERROR, FATAL_SP0, FATAL_LOWER };

static const char *const fatal_names[] = {
	[FATAL_SYNC] = "exception",
	[FATAL_FIQ] = "unexpected FIQ",
	[FATAL_SERROR] = "SError (asynchronous external abort)",
	[FATAL_SP0] = "exception on SP_EL0",
	[FATAL_LOWER] = "exception from a lower level while no guest should run",
};

static const char *const ec_names[64] = {
	[0x00] = "unknown instruction",
	[0x07] = "FP or SIMD instruction",
	[0x0e] = "illegal execution state",
	[0x16] = "HVC",
	[0x17] = "SMC",
	[0x18] = "trapped system register",
	[EC_IABT_CUR] = "instruction abort",
	[0x22] = "misaligned PC",
	[EC_DABT_CUR] = "data abort",
	[0x26] = "misaligned stack",
	[0x2f] = "SError",
	[0x3c] = "breakpoint instruction",
};

void trap_irq(void);
_Noreturn void trap_fatal(const struct trap_frame *frame, enum fatal_kind kind);
extern char text_end[];

void trap_irq(void)
{
	irq_dispatch();
	irq_run_exit_hook();
}

/* Can 16 bytes at @address be read? Asks the MMU, so that a broken frame chain does not fault again. */
static bool readable(uintptr_t address)
{
	__asm__ volatile("at s1e2r, %0\n\tisb" ::"r"(address) : "memory");
	return IS_ALIGNED(address, 16) && !(sysreg_read(par_el1) & 1);
}

static void print_address(const char *what, uintptr_t pc)
{
	uintptr_t start = (uintptr_t)image_start;

	if (pc >= start && pc < (uintptr_t)text_end)
		hal_print("%s%#llx (image + %#llx)\n", what, (unsigned long long)pc, (unsigned long long)(pc - start));
	else
		hal_print("%s%#llx\n", what, (unsigned long long)pc);
}

void arch_backtrace(uintptr_t fp, uintptr_t pc)
{
	hal_print("Called from (find lines with addr2line and the offsets in the image):\n");
	if (pc)
		print_address("  ", pc);
	for (unsigned i = 0; i < BACKTRACE_MAX && fp && readable(fp); i++) {
		const uintptr_t *record = (const uintptr_t *)fp;

		if (!record[1])
			return;
		print_address("  ", record[1] - 4);
		fp = record[0];
	}
}

/* A translation fault near the stack pointer: the guard page. */
static bool is_stack_overflow(const struct trap_frame *frame)
{
	return ESR_EC(frame->esr) == EC_DABT_CUR && FSC_FAULT(frame->esr) == FSC_TRANSLATION &&
	       frame->far - (frame->sp - PAGE_SIZE) < 2 * PAGE_SIZE;
}

static void print_cause(const struct trap_frame *frame, enum fatal_kind kind)
{
	unsigned ec = (unsigned)ESR_EC(frame->esr);
	const char *name = ec_names[ec] ? ec_names[ec] : "no common cause";

	if (kind == FATAL_SYNC && is_stack_overflow(frame))
		hal_print("\npanic: stack overflow at EL2: %#llx is in the guard page\n",
			  (unsigned long long)frame->far);
	else if (kind == FATAL_SYNC && (ec == EC_DABT_CUR || ec == EC_IABT_CUR))
		hal_print("\npanic: %s at EL2: %s %#llx, %s\n", name,
			  ec == EC_IABT_CUR     ? "fetch from"
			  : frame->esr & BIT(6) ? "write to"
						: "read from",
			  (unsigned long long)frame->far,
			  FSC_FAULT(frame->esr) == FSC_TRANSLATION  ? "not mapped"
			  : FSC_FAULT(frame->esr) == FSC_PERMISSION ? "not allowed"
								    : "see ESR");
	else
		hal_print("\npanic: %s at EL2: %s\n", fatal_names[kind], name);
}

void trap_fatal(const struct trap_frame *frame, enum fatal_kind kind)
{
	panic_begin();
	print_cause(frame, kind);
	panic_print_where();
	print_address("pc   ", frame->elr);
	hal_print("esr  %016llx  far  %016llx  spsr %016llx  sp %016llx\n", (unsigned long long)frame->esr,
		  (unsigned long long)frame->far, (unsigned long long)frame->spsr, (unsigned long long)frame->sp);
	for (unsigned i = 0; i < ARRAY_SIZE(frame->x); i++)
		hal_print("x%-3u %016llx%s", i, (unsigned long long)frame->x[i], i % 4 == 3 ? "\n" : "  ");
	hal_print("\n");
	arch_backtrace(frame->x[29], frame->elr);
	panic_end();
}
