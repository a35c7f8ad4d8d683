/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions in C. */
#include "trap.h"
#include "cpu.h"
#include "gic.h"
#include "guest.h"
#include "hooks.h"
#include "sysreg.h"

void el0_return(void);

void (*trap_irq_hook)(struct trap_frame *frame, enum trap_kind kind);

bool trap_is_absent(const struct trap *trap, enum trap_access access)
{
	unsigned ec = ESR_EC(trap->cause);

	if (!trap->count || ESR_FSC(trap->cause) != FSC_EXTERNAL)
		return false;
	if (access == TRAP_FETCH)
		return ec == EC_IABT;
	return ec == EC_DABT && !!(trap->cause & ESR_WNR) == (access == TRAP_WRITE);
}

bool trap_is_undefined(const struct trap *trap)
{
	return trap->count && ESR_EC(trap->cause) == EC_UNKNOWN;
}

static void report(const struct trap_frame *frame, unsigned vector)
{
	static const char *const kinds[] = { "synchronous", "IRQ", "FIQ", "SError" };

	print("FAIL exception: unexpected %s (vector %u) esr %#llx far %#llx pc %#llx lr %#llx spsr %#llx\n",
	      kinds[vector & 3], vector, (unsigned long long)frame->esr, (unsigned long long)frame->far,
	      (unsigned long long)frame->elr, (unsigned long long)frame->x[30], (unsigned long long)frame->spsr);
	check(false, "exception", "CPU %u cannot go on", cpu_index());
	check_finish();
}

static void skip(struct trap_frame *frame, enum trap_kind kind)
{
	unsigned ec = ESR_EC(frame->esr);

	if (kind == TRAP_SERROR)
		return;
	frame->spsr &= ~(uint64_t)SPSR_IL;
	if (ec == EC_ILLEGAL_STATE) { /* the instruction is good, the state was not */
		if (cpu_self()->arch.at_el0)
			frame->elr = (uint64_t)el0_return;
		return;
	}
	if (ec == EC_STEP_LOWER || ec == EC_STEP) { /* one step is enough */
		sysreg_write(mdscr_el1, sysreg_read(mdscr_el1) & ~(uint64_t)1);
		return;
	}
	if (ec == EC_IABT || ec == EC_IABT_LOWER || ec == EC_PC_ALIGNMENT)
		frame->elr = frame->x[30];
	else if (ec != EC_SVC64)
		frame->elr += 4;
}

void trap_handle(struct trap_frame *frame, unsigned vector)
{
	enum trap_kind kind = vector & 3;

	if (kind == TRAP_IRQ || kind == TRAP_FIQ) {
		if (trap_irq_hook)
			trap_irq_hook(frame, kind);
		else
			gic_handle();
		return;
	}
	if ((vector == 8 && ESR_EC(frame->esr) == EC_SVC64) || (vector == 12 && ESR_EC(frame->esr) == EC_SVC32)) {
		frame->elr = (uint64_t)el0_return;
		frame->spsr = 0x3c5;
		return;
	}
	if (!trap_record(frame->esr, frame->far, frame->elr, frame->spsr))
		report(frame, vector);
	skip(frame, kind);
}
