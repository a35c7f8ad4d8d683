/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions in C. */
#include "trap.h"
#include "cpu.h"
#include "guest.h"
#include "hooks.h"
#include "intc.h"

void user_return(void);

void (*trap_irq_hook)(struct trap_frame *frame, unsigned cause);

bool trap_is_absent(const struct trap *trap, enum trap_access access)
{
	static const uint64_t causes[] = { CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS, CAUSE_INSN_ACCESS };

	return trap->count && trap->cause == causes[access];
}

bool trap_is_undefined(const struct trap *trap)
{
	return trap->count && trap->cause == CAUSE_ILLEGAL_INSN;
}

static void report(const struct trap_frame *frame)
{
	print("FAIL exception: unexpected cause %#llx value %#llx pc %#llx ra %#llx sp %#llx status %#llx\n",
	      (unsigned long long)frame->cause, (unsigned long long)frame->value, (unsigned long long)frame->pc,
	      (unsigned long long)frame->x[1], (unsigned long long)frame->x[2], (unsigned long long)frame->status);
	check(false, "exception", "CPU %u cannot go on", cpu_index());
	check_finish();
}

/*
 * QEMU before 8.1 reports a fetch whose table walk fails in the G stage as a load, to a hypervisor and so by it to us;
 * the exception is to be that of the original access. A breakpoint has its own address in stval as well.
 */
static void skip(struct trap_frame *frame)
{
	bool at_itself = frame->value == frame->pc && frame->cause != CAUSE_BREAKPOINT;

	if (at_itself || frame->cause == CAUSE_INSN_MISALIGNED || frame->cause == CAUSE_INSN_ACCESS ||
	    frame->cause == CAUSE_INSN_PAGE)
		frame->pc = frame->x[1];
	else
		frame->pc += (*(const uint16_t *)frame->pc & 3) == 3 ? 4 : 2;
}

void trap_handle(struct trap_frame *frame)
{
	if (frame->cause & CAUSE_INTERRUPT) {
		unsigned cause = frame->cause & 0xff;

		if (cpu_self()->arch.probing == 1ULL << cause) {
			csr_clear(sie, 1ULL << cause);
			cpu_self()->arch.probed = true;
		} else if (trap_irq_hook) {
			trap_irq_hook(frame, cause);
		} else {
			intc_handle(cause);
		}
		return;
	}
	if (frame->cause == CAUSE_ECALL_U) {
		frame->pc = (uint64_t)user_return;
		frame->status |= SSTATUS_SPP;
		return;
	}
	if (!trap_record(frame->cause, frame->value, frame->pc, frame->status))
		report(frame);
	skip(frame);
}
