/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's EL1 and EL0 registers: in the CPU while the vCPU is loaded, in memory otherwise.
 */
#include "arm_vcpu.h"
#include "esr.h"

/* HCR_EL2, Arm ARM D17.2.48. */
#define HCR_VM    BIT(0)
#define HCR_SWIO  BIT(1) /* invalidation by set/way cleans too: it cannot lose what the host wrote */
#define HCR_FMO   BIT(3)
#define HCR_IMO   BIT(4)
#define HCR_AMO   BIT(5)
#define HCR_FB    BIT(9)  /* TLB maintenance is broadcast: vCPUs may move between CPUs */
#define HCR_BSU   BIT(10) /* barriers: at least inner shareable */
#define HCR_TWI   BIT(13)
#define HCR_TID3  BIT(18)
#define HCR_TSC   BIT(19)
#define HCR_TIDCP BIT(20)
#define HCR_TACR  BIT(21)
#define HCR_RW    BIT(31)
#define HCR_TLOR  BIT(35)
#define HCR_TERR  BIT(36)

#define HCR_GUEST                                                                                            \
	(HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU | HCR_TWI | HCR_TID3 | HCR_TSC | \
	 HCR_TIDCP | HCR_TACR | HCR_RW | HCR_TLOR | HCR_TERR)

/*
 * CPTR_EL2 without VHE: trace, SVE, SME and activity monitors trap; FP and SIMD do not. Bits 13, 9 and 7 .. 0 are
 * RES1.
 */
#define CPTR_RES1 (BIT(13) | BIT(9) | GENMASK(7, 0))
#define CPTR_TSM  BIT(12)
#define CPTR_TZ   BIT(8)
#define CPTR_TTA  BIT(20)
#define CPTR_TAM  BIT(30)

#define VDISR_EL2 S3_4_C12_C1_1 /* not known to assemblers of Armv8.0 */

#define CPTR_GUEST (CPTR_RES1 | CPTR_TSM | CPTR_TZ | CPTR_TTA | CPTR_TAM)

/* SCTLR_EL1 after reset: MMU and caches off, RES1 bits set (those of Armv8.0, features that came later off). */
#define SCTLR_RESET 0x30d00800

void arm_state_reset(struct arm_vcpu *v)
{
	for (unsigned i = 0; i < EL1_REGS; i++)
		v->el1[i] = 0;
	v->el1[EL1_SCTLR] = SCTLR_RESET;
	v->hcr = HCR_GUEST;
}

void arm_state_save(struct arm_vcpu *v)
{
#define SAVE(index, reg, name) v->el1[index] = sysreg_read(reg);
	EL1_REGISTERS(SAVE)
#undef SAVE
}

void arm_state_load(struct arm_vcpu *v)
{
#define LOAD(index, reg, name) sysreg_write(reg, v->el1[index]);
	EL1_REGISTERS(LOAD)
#undef LOAD
	sysreg_write(VPIDR_EL2, sysreg_read(MIDR_EL1));
	sysreg_write(VMPIDR_EL2, v->mpidr);
	sysreg_write(HCR_EL2, v->hcr);
	sysreg_write(CPTR_EL2, CPTR_GUEST);
	/* What the guest reads and writes as DISR_EL1 while HCR_EL2.AMO is set: nobody else's (FEAT_RAS, D17.2.37). */
	if (FIELD(sysreg_read(ID_AA64PFR0_EL1), 31, 28))
		sysreg_write(VDISR_EL2, 0);
	isb();
}

/*
 * Registers for reports and tools.
 */
/* clang-format off */
#define EL1_NAME(index, reg, name) name,
static const char *const reg_names[] = {
	"x0",  "x1",  "x2",  "x3",  "x4",  "x5",  "x6",  "x7",  "x8",  "x9",  "x10", "x11", "x12", "x13", "x14", "x15",
	"x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x29", "x30", "pc",
	"pstate", EL1_REGISTERS(EL1_NAME)
};
/* clang-format on */

#define FIRST_EL1_REG 33

_Static_assert(ARRAY_SIZE(reg_names) == FIRST_EL1_REG + EL1_REGS, "a name for each register");

unsigned vcpu_reg_count(void)
{
	return ARRAY_SIZE(reg_names);
}

const char *vcpu_reg_name(unsigned reg)
{
	return reg < ARRAY_SIZE(reg_names) ? reg_names[reg] : "?";
}

static uint64_t *reg_slot(struct arm_vcpu *v, unsigned reg)
{
	if (reg < 31)
		return &v->regs.x[reg];
	if (reg == 31)
		return &v->regs.elr;
	if (reg == 32)
		return &v->regs.spsr;
	return reg < ARRAY_SIZE(reg_names) ? &v->el1[reg - FIRST_EL1_REG] : NULL;
}

uint64_t vcpu_get_reg(struct vcpu *vcpu, unsigned reg)
{
	uint64_t *slot = reg_slot(to_arm(vcpu), reg);

	return slot ? *slot : 0;
}
