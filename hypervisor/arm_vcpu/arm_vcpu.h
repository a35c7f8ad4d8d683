/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A vCPU of aarch64, private to this module.
 */
#include <arm_vcpu/irqchip.h>
#include <axaddrspace/aspace.h>
#include <axhal/arch/sysreg.h>
#include <axhal/cpu.h>
#include <axtask/timer.h>
#include <axvcpu/vcpu.h>
#include "regs.h"

/*
 * Registers of EL1 and EL0 that stay in the CPU while the vCPU is loaded: index, register, name for reports.
 */
/* clang-format off */
#define EL1_REGISTERS(X)                                                                              \
	X(EL1_SCTLR, SCTLR_EL1, "sctlr_el1")             X(EL1_CPACR, CPACR_EL1, "cpacr_el1")         \
	X(EL1_TTBR0, TTBR0_EL1, "ttbr0_el1")             X(EL1_TTBR1, TTBR1_EL1, "ttbr1_el1")         \
	X(EL1_TCR, TCR_EL1, "tcr_el1")                   X(EL1_ESR, ESR_EL1, "esr_el1")               \
	X(EL1_FAR, FAR_EL1, "far_el1")                   X(EL1_AFSR0, AFSR0_EL1, "afsr0_el1")         \
	X(EL1_AFSR1, AFSR1_EL1, "afsr1_el1")             X(EL1_MAIR, MAIR_EL1, "mair_el1")            \
	X(EL1_AMAIR, AMAIR_EL1, "amair_el1")             X(EL1_VBAR, VBAR_EL1, "vbar_el1")            \
	X(EL1_CONTEXTIDR, CONTEXTIDR_EL1, "contextidr_el1") X(EL1_TPIDR_EL0, TPIDR_EL0, "tpidr_el0")  \
	X(EL1_TPIDRRO_EL0, TPIDRRO_EL0, "tpidrro_el0")   X(EL1_TPIDR, TPIDR_EL1, "tpidr_el1")         \
	X(EL1_SP_EL0, SP_EL0, "sp_el0")                  X(EL1_SP, SP_EL1, "sp_el1")                  \
	X(EL1_ELR, ELR_EL1, "elr_el1")                   X(EL1_SPSR, SPSR_EL1, "spsr_el1")            \
	X(EL1_CNTKCTL, CNTKCTL_EL1, "cntkctl_el1")       X(EL1_PAR, PAR_EL1, "par_el1")               \
	X(EL1_CSSELR, CSSELR_EL1, "csselr_el1")          X(EL1_MDSCR, MDSCR_EL1, "mdscr_el1")
/* clang-format on */

#define EL1_INDEX(index, reg, name) index,
enum arm_el1_reg { EL1_REGISTERS(EL1_INDEX) EL1_REGS };

struct arm_fp_state {
	__uint128_t v[32];
	uint64_t fpcr, fpsr;
};

#define ARM_MAX_BREAKPOINTS 16

/* Breakpoint and watchpoint registers, Arm ARM D2. In memory while the guest has monitor debug off. */
struct arm_debug_state {
	uint64_t bvr[ARM_MAX_BREAKPOINTS], bcr[ARM_MAX_BREAKPOINTS];
	uint64_t wvr[ARM_MAX_BREAKPOINTS], wcr[ARM_MAX_BREAKPOINTS];
	bool os_lock;
	bool in_hardware; /* loaded with the vCPU, not trapped */
};

struct arm_timer_state {
	uint64_t cntv_ctl, cntv_cval; /* while the vCPU is not loaded */
	uint64_t cntp_ctl, cntp_cval; /* emulated */
	bool cntp_level;              /* as last told to the interrupt controller */
	_Atomic bool cntp_due;
	struct timer cntp_timer;
};

struct arm_vcpu {
	struct arm_regs regs; /* first: switch.S */
	struct vcpu vcpu;
	struct vcpu_exit *exit; /* of the vcpu_run() in progress */
	const struct arm_irqchip *irqchip;
	struct aspace *aspace;
	uint64_t mpidr; /* VMPIDR_EL2 */
	uint64_t vtcr;
	uint64_t hcr;
	uint64_t fault_far; /* guest-virtual address of the abort that v->exit reports */
	uint64_t el1[EL1_REGS];
	struct arm_timer_state timer;
	struct arm_debug_state debug;
	struct arm_fp_state fp __attribute__((aligned(16)));
};

static inline struct arm_vcpu *to_arm(struct vcpu *vcpu)
{
	return container_of(vcpu, struct arm_vcpu, vcpu);
}

/* switch.S */
extern char arm_vcpu_vectors[];
/* Enter the guest; comes back when arm_vcpu_handle_exit() returned other than 0. Interrupts off. */
void arm_vcpu_enter(struct arm_regs *regs);
unsigned arm_vcpu_handle_exit(struct arm_regs *regs, unsigned kind);
void arm_fp_save(struct arm_fp_state *fp);
void arm_fp_load(const struct arm_fp_state *fp);

/*
 * Handlers of exceptions from the guest: false: done, enter the guest again; true: v->exit says what common code
 * shall do.
 */
bool arm_handle_data_abort(struct arm_vcpu *v, uint64_t esr);
bool arm_handle_instruction_abort(struct arm_vcpu *v, uint64_t esr);
bool arm_handle_sysreg(struct arm_vcpu *v, uint64_t esr);
bool arm_handle_hvc(struct arm_vcpu *v, uint64_t esr);
bool arm_handle_smc(struct arm_vcpu *v, uint64_t esr);

/* inject.c: exceptions to EL1 as hardware would take them. */
void arm_inject_undefined(struct arm_vcpu *v);
/* @access: VCPU_ACCESS_* */
void arm_inject_abort(struct arm_vcpu *v, unsigned access, uint64_t far, bool far_valid);

/* sysreg.c */
void arm_sysreg_init(void);
uint64_t arm_id_register(unsigned crm, unsigned op2);

/* timer.c */
int arm_timer_host_init(void);
void arm_timer_host_init_cpu(void);
void arm_timer_reset(struct arm_vcpu *v);
void arm_timer_load(struct arm_vcpu *v);
void arm_timer_put(struct arm_vcpu *v);
/* The emulated timer's level may have changed. Interrupts off, vCPU loaded. */
void arm_timer_update(struct arm_vcpu *v);
bool arm_timer_sysreg(struct arm_vcpu *v, uint32_t reg, bool write, uint64_t *value);

/* debug.c */
void arm_debug_host_init_cpu(void);
void arm_debug_load(struct arm_vcpu *v);
void arm_debug_put(struct arm_vcpu *v);
/* An access to a debug register (op0 = 2); false: there is no such register. */
bool arm_debug_sysreg(struct arm_vcpu *v, uint32_t reg, bool write, uint64_t *value);

/* state.c */
void arm_state_reset(struct arm_vcpu *v);
void arm_state_load(struct arm_vcpu *v);
void arm_state_save(struct arm_vcpu *v);

/* tlb.c */
void arm_tlb_init(void);
/* VTTBR_EL2 of the address space, and local flushes that a change of the vCPU on this CPU needs. */
uint64_t arm_tlb_vttbr(const struct aspace *as);
void arm_tlb_switch(struct arm_vcpu *v);

/* The vCPU whose state is in this CPU's registers, or NULL. */
DECLARE_PER_CPU(struct arm_vcpu *, loaded_vcpu);

static inline struct arm_vcpu *arm_vcpu_loaded(void)
{
	return *this_cpu(loaded_vcpu);
}

static inline uint64_t arm_get_x(const struct arm_vcpu *v, unsigned reg)
{
	return reg == 31 ? 0 : v->regs.x[reg];
}

static inline void arm_set_x(struct arm_vcpu *v, unsigned reg, uint64_t value)
{
	if (reg != 31)
		v->regs.x[reg] = value;
}

/* Past the trapped instruction; every A64 instruction has 4 bytes, a trapped A32/T32 one may have 2 (ESR_EL2.IL). */
static inline void arm_skip(struct arm_vcpu *v, uint64_t esr)
{
	v->regs.elr += esr & BIT(25) ? 4 : 2;
	/* It counts as executed: a guest that steps through a program gets its step exception before the next one. */
	v->regs.spsr &= ~BIT(21);
}
