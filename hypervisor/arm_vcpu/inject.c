/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions given to the guest's EL1, as AArch64.TakeException (Arm ARM J1.1.2) would.
 *
 * The vCPU is loaded: EL1's registers are in the CPU.
 */
#include "arm_vcpu.h"
#include "esr.h"

#define SCTLR_SPAN  BIT(23)
#define SCTLR_DSSBS BIT(44)

static void enter_el1(struct arm_vcpu *v, uint64_t esr)
{
	static const uint64_t keep = BIT(31) | BIT(30) | BIT(29) | BIT(28) | /* NZCV */
				     BIT(24) | BIT(22) | BIT(21);            /* DIT, PAN, SS */
	uint64_t spsr = v->regs.spsr;
	uint64_t vector = sysreg_read(VBAR_EL1);
	uint64_t sctlr = sysreg_read(SCTLR_EL1);
	uint64_t pstate = (spsr & keep & ~SPSR_SS) | SPSR_DAIF | SPSR_EL1H;

	if (spsr & SPSR_AARCH32)
		vector += 0x600;
	else if (SPSR_MODE(spsr) == SPSR_EL0T)
		vector += 0x400;
	else if (SPSR_MODE(spsr) == SPSR_EL1H)
		vector += 0x200;
	/* SCTLR_EL1.SPAN clear: PAN is set (FEAT_PAN; RES1 without it). */
	if (!(sctlr & SCTLR_SPAN))
		pstate |= SPSR_PAN;
	if (sctlr & SCTLR_DSSBS)
		pstate |= SPSR_SSBS;

	sysreg_write(ESR_EL1, esr);
	sysreg_write(ELR_EL1, v->regs.elr);
	sysreg_write(SPSR_EL1, spsr);
	v->regs.elr = vector;
	v->regs.spsr = pstate;
}

void arm_inject_undefined(struct arm_vcpu *v)
{
	enter_el1(v, (uint64_t)ESR_EC_UNKNOWN << 26 | ESR_IL);
}

void arm_inject_abort(struct arm_vcpu *v, unsigned access, uint64_t far, bool far_valid)
{
	bool from_el0 = (v->regs.spsr & SPSR_AARCH32) || SPSR_MODE(v->regs.spsr) == SPSR_EL0T;
	uint64_t ec = access & VCPU_ACCESS_EXECUTE ? ESR_EC_IABT_LOWER : ESR_EC_DABT_LOWER;

	if (!from_el0)
		ec++;
	sysreg_write(FAR_EL1, far);
	enter_el1(v, ec << 26 | ESR_IL | FSC_EXTERNAL | (far_valid ? 0 : ESR_ABT_FNV) |
			     (access & VCPU_ACCESS_WRITE ? ESR_DABT_WNR : 0));
}

void vcpu_inject_undefined(struct vcpu *vcpu)
{
	uint64_t flags = irq_save();

	arm_inject_undefined(to_arm(vcpu));
	irq_restore(flags);
}

void vcpu_inject_fault(struct vcpu *vcpu, uint64_t gpa, unsigned access)
{
	uint64_t flags = irq_save();
	struct arm_vcpu *v = to_arm(vcpu);

	arm_inject_abort(v, access, v->fault_far, true);
	irq_restore(flags);
}
