/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions given to the guest's VS mode. The vCPU is loaded: VS CSRs are in the hart.
 */
#include <axstd/arch/irqflags.h>
#include "riscv_vcpu.h"

void riscv_inject(struct riscv_vcpu *v, enum riscv_exception cause, uint64_t tval)
{
	uint64_t status = csr_read(CSR_VSSTATUS);

	csr_write(CSR_VSSTATUS, (status & ~(SSTATUS_SIE | SSTATUS_SPIE | SSTATUS_SPP)) |
					(status & SSTATUS_SIE ? SSTATUS_SPIE : 0) | (v->regs.sstatus & SSTATUS_SPP));
	csr_write(CSR_VSCAUSE, cause);
	csr_write(CSR_VSEPC, v->regs.pc);
	csr_write(CSR_VSTVAL, tval);
	v->regs.pc = csr_read(CSR_VSTVEC) & ~UINT64_C(3); /* vectored or not: exceptions go to the base */
	v->regs.sstatus |= SSTATUS_SPP;
	v->regs.hstatus |= HSTATUS_SPVP;
}

void vcpu_inject_undefined(struct vcpu *vcpu)
{
	uint64_t flags = irq_save();

	riscv_inject(to_riscv(vcpu), EXC_ILLEGAL_INSN, 0);
	irq_restore(flags);
}

void vcpu_inject_fault(struct vcpu *vcpu, uint64_t gpa, unsigned access)
{
	uint64_t flags = irq_save();
	struct riscv_vcpu *v = to_riscv(vcpu);

	riscv_inject(v, (enum riscv_exception)v->fault_cause, v->fault_gva);
	irq_restore(flags);
}
