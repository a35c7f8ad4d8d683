/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions that the guest may not execute itself: virtual instruction exceptions, and illegal instructions while
 * those of the guest come here. WFI and the CSRs of an emulated IMSIC are answered; everything else, known or not, is
 * what it would be on a machine without the H extension: an illegal instruction.
 */
#include <axstd/log.h>
#include "fetch.h"
#include "riscv_vcpu.h"

#define INSN_WFI      0x10500073
#define OPCODE_SYSTEM 0x73

/* Zicsr: fields of CSRRW, CSRRS, CSRRC and their immediate forms. */
#define CSR_OP_WRITE 1
#define CSR_OP_SET   2
#define CSR_OP_CLEAR 3

static bool inject_illegal(struct riscv_vcpu *v, uint32_t insn)
{
	log_debug_ratelimited("vCPU %u: instruction 0x%08x is illegal here (pc 0x%llx)", v->vcpu.id, insn,
			      (unsigned long long)v->regs.pc);
	riscv_inject(v, EXC_ILLEGAL_INSN, insn);
	return false;
}

static bool wait_for_interrupt(struct riscv_vcpu *v)
{
	v->regs.pc += 4;
	if (vcpu_has_interrupt(&v->vcpu))
		return false;
	v->exit->reason = VCPU_EXIT_HALT;
	return true;
}

/* CSRs that the model of the IMSIC answers for. */
static bool is_imsic_csr(unsigned csr)
{
	return csr == CSR_SISELECT || csr == CSR_SIREG || csr == CSR_STOPEI || csr == CSR_STOPI;
}

/*
 * What @insn does to its CSR (Unprivileged Architecture, "Zicsr"). Return: false: not an access to a CSR, or a write
 * to one that is read-only.
 */
static bool decode_csr(const struct riscv_vcpu *v, uint32_t insn, struct riscv_csr_access *access)
{
	unsigned operation = insn >> 12 & 3, source = insn >> 15 & 31;
	bool immediate = insn & BIT(14);
	uint64_t operand = immediate ? source : v->regs.x[source];

	if ((insn & 0x7f) != OPCODE_SYSTEM || !operation)
		return false;
	access->csr = insn >> 20;
	access->write = operation == CSR_OP_WRITE || source;
	access->value = operation == CSR_OP_CLEAR ? 0 : operand;
	access->mask = operation == CSR_OP_WRITE ? UINT64_MAX : operand;
	return !access->write || access->csr >> 10 != 3;
}

static bool emulate_csr(struct riscv_vcpu *v, uint32_t insn)
{
	struct riscv_csr_access access;

	if (!v->irqchip->csr || !decode_csr(v, insn, &access) || !is_imsic_csr(access.csr))
		return false;
	if (!v->irqchip->csr(&v->vcpu, &access))
		return false;
	riscv_set_x(v, insn >> 7 & 31, access.value);
	v->regs.pc += 4;
	return true;
}

bool riscv_handle_illegal(struct riscv_vcpu *v, unsigned cause)
{
	uint64_t insn = csr_read(CSR_STVAL);

	/* stval may be 0 instead of the instruction. */
	if (unlikely(!insn) && riscv_fetch(v->regs.pc, &insn))
		return false;                /* again: the guest meets the fault of its fetch itself */
	if (v->regs.sstatus & SSTATUS_SPP) { /* VS mode: VU mode may do none of this */
		if (likely(insn == INSN_WFI && cause == EXC_VIRTUAL_INSN))
			return wait_for_interrupt(v);
		if (emulate_csr(v, (uint32_t)insn))
			return false;
	}
	return inject_illegal(v, (uint32_t)insn);
}
