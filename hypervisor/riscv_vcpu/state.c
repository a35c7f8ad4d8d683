/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the guest may do by itself, and its VS CSRs: in the hart while the vCPU is loaded, in memory otherwise.
 */
#include <axhal/arch/isa.h>
#include "riscv_vcpu.h"

/* Exceptions that go to VS mode without us: its own faults, and system calls. */
#define HEDELEG                                                                                               \
	(BIT(EXC_INSN_MISALIGNED) | BIT(EXC_ILLEGAL_INSN) | BIT(EXC_BREAKPOINT) | BIT(EXC_LOAD_MISALIGNED) |  \
	 BIT(EXC_STORE_MISALIGNED) | BIT(EXC_ECALL_U) | BIT(EXC_INSN_PAGE_FAULT) | BIT(EXC_LOAD_PAGE_FAULT) | \
	 BIT(EXC_STORE_PAGE_FAULT))
#define HIDELEG (BIT(INT_VSSI) | BIT(INT_VSTI) | BIT(INT_VSEI))

#define COUNTEREN_CY_TM_IR 7

/* hstateen0, Smstateen: what VS mode may touch. The bits of the AIA only where the VM has one. */
#define STATEEN0_AIA    (BIT(58) | BIT(59) | BIT(60)) /* IMSIC, AIA, CSRIND */
#define STATEEN0_ENVCFG BIT(62)

static uint64_t henvcfg(void)
{
	uint64_t value = 0;

	if (riscv_has(RISCV_EXT_SSTC))
		value |= HENVCFG_STCE;
	if (riscv_has(RISCV_EXT_SVPBMT))
		value |= HENVCFG_PBMTE;
	if (riscv_has(RISCV_EXT_ZICBOZ))
		value |= HENVCFG_CBZE;
	/* Invalidation writes back too: the guest cannot lose what the host wrote. */
	if (riscv_has(RISCV_EXT_ZICBOM))
		value |= HENVCFG_CBCFE | HENVCFG_CBIE_FLUSH;
	return value;
}

/* The same for all guests. */
void riscv_state_init_cpu(void)
{
	csr_write(CSR_HIDELEG, HIDELEG);
	csr_write(CSR_HEDELEG, HEDELEG);
	csr_write(CSR_HCOUNTEREN, COUNTEREN_CY_TM_IR);
	csr_write(CSR_HENVCFG, henvcfg());
	csr_write(CSR_HTIMEDELTA, 0);
	csr_write(CSR_HVIP, 0);
	csr_write(CSR_VSIE, 0);
	csr_write(CSR_HGATP, 0);
	if (riscv_has(RISCV_EXT_SSTC))
		csr_write(CSR_VSTIMECMP, 0);
	if (riscv_has(RISCV_EXT_SSAIA)) {
		csr_write(CSR_HVIEN, 0);
		csr_write(CSR_HVICTL, 0);
	}
}

void riscv_state_create(struct riscv_vcpu *v)
{
	v->hedeleg = HEDELEG;
	v->hstateen0 = STATEEN0_ENVCFG;
}

void riscv_vcpu_set_irqchip(struct vcpu *vcpu, const struct riscv_irqchip *irqchip, void *data)
{
	struct riscv_vcpu *v = to_riscv(vcpu);

	v->irqchip = irqchip;
	vcpu->irqchip = data;
	if (irqchip->csr)
		v->hstateen0 |= STATEEN0_AIA;
	/* Without Ssaia the CSRs of the IMSIC are illegal instructions. */
	if (irqchip->emulates_imsic && !riscv_has(RISCV_EXT_SSAIA))
		v->hedeleg &= ~BIT(EXC_ILLEGAL_INSN);
}

void riscv_vcpu_set_vgein(struct vcpu *vcpu, unsigned file)
{
	struct riscv_vcpu *v = to_riscv(vcpu);

	v->regs.hstatus = (v->regs.hstatus & ~HSTATUS_VGEIN) | ((uint64_t)file << 12 & HSTATUS_VGEIN);
	csr_write(CSR_HSTATUS, v->regs.hstatus); /* hip.VSEIP follows */
}

void riscv_state_reset(struct riscv_vcpu *v)
{
	for (unsigned i = 0; i < VS_REGS; i++)
		v->vs[i] = 0;
	/* As firmware leaves it: kernels count on it for their programs. */
	v->vs[VS_COUNTEREN] = COUNTEREN_CY_TM_IR;
	v->vsiselect = 0;
	v->hvip = 0;
	v->regs = (struct riscv_regs){
		.sstatus = SSTATUS_UXL_64 | SSTATUS_SPP,
		.hstatus = HSTATUS_VSXL_64 | HSTATUS_VTW | HSTATUS_SPV | HSTATUS_SPVP,
	};
	v->regs.x[REG_A0] = v->hart;
}

void riscv_state_load(struct riscv_vcpu *v)
{
#define LOAD(index, csr, name) csr_write(csr, v->vs[index]);
	VS_REGISTERS(LOAD)
#undef LOAD
	csr_write(CSR_HVIP, v->hvip);
	csr_write(CSR_HEDELEG, v->hedeleg);
	csr_write(CSR_HSTATUS, v->regs.hstatus);
	if (riscv_has(RISCV_EXT_SSAIA))
		csr_write(CSR_VSISELECT, v->vsiselect);
	if (riscv_has(RISCV_EXT_SMSTATEEN))
		csr_write(CSR_HSTATEEN0, v->hstateen0);
}

void riscv_state_save(struct riscv_vcpu *v)
{
#define SAVE(index, csr, name) v->vs[index] = csr_read(csr);
	VS_REGISTERS(SAVE)
#undef SAVE
	v->hvip = csr_read(CSR_HVIP);
	if (riscv_has(RISCV_EXT_SSAIA))
		v->vsiselect = csr_read(CSR_VSISELECT);
	/* What is pending for the guest does not keep this hart from sleeping. */
	csr_write(CSR_VSIE, 0);
	csr_write(CSR_HVIP, 0);
}

/*
 * Registers for reports and tools.
 */
/* clang-format off */
#define VS_NAME(index, csr, name) name,
static const char *const reg_names[] = {
	"ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
	"s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6", "pc", "sstatus",
	"hstatus", "hvip", VS_REGISTERS(VS_NAME)
};
/* clang-format on */

enum { NAME_PC = 31, NAME_SSTATUS, NAME_HSTATUS, NAME_HVIP, NAME_VS };

_Static_assert(ARRAY_SIZE(reg_names) == NAME_VS + VS_REGS, "a name for each register");

unsigned vcpu_reg_count(void)
{
	return ARRAY_SIZE(reg_names);
}

const char *vcpu_reg_name(unsigned reg)
{
	return reg < ARRAY_SIZE(reg_names) ? reg_names[reg] : "?";
}

uint64_t vcpu_get_reg(struct vcpu *vcpu, unsigned reg)
{
	const struct riscv_vcpu *v = to_riscv(vcpu);

	switch (reg) {
	case 0 ... NAME_PC - 1: return v->regs.x[reg + 1];
	case NAME_PC: return v->regs.pc;
	case NAME_SSTATUS: return v->regs.sstatus;
	case NAME_HSTATUS: return v->regs.hstatus;
	case NAME_HVIP: return v->hvip;
	default: return reg < ARRAY_SIZE(reg_names) ? v->vs[reg - NAME_VS] : 0;
	}
}
