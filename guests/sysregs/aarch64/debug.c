/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Self-hosted debug of EL1 by itself (Arm ARM D2): a breakpoint, and a step over an instruction that a hypervisor
 * emulates.
 */
#include "debug.h"
#include <guest.h>
#include <arch.h>
#include <sysreg.h>
#include <trap.h>

#define MDSCR_SS  (1u << 0)
#define MDSCR_KDE (1u << 13)
#define MDSCR_MDE (1u << 15)

#define BCR_EL1 (1u | 1u << 1 | 0xfu << 5) /* E, PMC: EL1, BAS: all four bytes */

#define EC_BREAKPOINT 0x31u

void debug_target(void);
void debug_step(void);
extern char debug_stepped[];

__asm__(".text\n"
	".globl	debug_target, debug_step, debug_stepped\n"
	"debug_target:\n"
	"	nop\n"
	"	ret\n"
	/* Return from an exception that never was, with PSTATE.SS set and only PSTATE.D clear. */
	"debug_step:\n"
	"	adr	x0, 1f\n"
	"	msr	elr_el1, x0\n"
	"	mov	x0, #0x1c5\n"
	"	orr	x0, x0, #1 << 21\n"
	"	msr	spsr_el1, x0\n"
	"	isb\n"
	"	eret\n"
	"1:	mrs	x0, id_aa64pfr0_el1\n"
	"debug_stepped:\n"
	"	nop\n"
	"	nop\n"
	"	ret\n");

static struct trap run(void (*fn)(void), uint64_t mdscr)
{
	struct trap trap;

	sysreg_write(mdscr_el1, mdscr);
	isb();
	trap_catch();
	/* A step waits for the exception return; with PSTATE.D clear it would be over before it began. */
	if (!(mdscr & MDSCR_SS))
		__asm__ volatile("msr daifclr, #8\n\tisb" : : : "memory");
	fn();
	__asm__ volatile("msr daifset, #8\n\tisb" : : : "memory");
	trap = trap_caught();
	sysreg_write(mdscr_el1, 0);
	isb();
	return trap;
}

void check_debug_exceptions(void)
{
	struct trap trap;

	sysreg_write(oslar_el1, 0);
	sysreg_write(dbgbvr0_el1, (uint64_t)debug_target);
	sysreg_write(dbgbcr0_el1, BCR_EL1);
	trap = run(debug_target, MDSCR_MDE | MDSCR_KDE);
	check(trap.count == 1 && ESR_EC(trap.cause) == EC_BREAKPOINT && trap.pc == (uint64_t)debug_target, "breakpoint",
	      "got %u: esr %#llx", trap.count, (unsigned long long)trap.cause);
	sysreg_write(dbgbcr0_el1, 0);
	trap = run(debug_step, MDSCR_SS | MDSCR_KDE);
	check(trap.count == 1 && ESR_EC(trap.cause) == EC_STEP && trap.pc == (uint64_t)debug_stepped, "step",
	      "got %u: esr %#llx, %lld bytes further", trap.count, (unsigned long long)trap.cause,
	      (long long)(trap.pc - (uint64_t)debug_stepped));
}
