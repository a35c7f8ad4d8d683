/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A vCPU of riscv64, private to this module.
 */
#include <riscv_vcpu/irqchip.h>
#include <axaddrspace/aspace.h>
#include <axhal/arch/csr.h>
#include <axhal/cpu.h>
#include <axstd/spinlock.h>
#include <axtask/timer.h>
#include <axvcpu/vcpu.h>
#include "regs.h"

/* CSRs of VS mode that stay in the hart while the vCPU is loaded: index, number, name for reports. */
/* clang-format off */
#define VS_REGISTERS(X)                                                                              \
	X(VS_STATUS, CSR_VSSTATUS, "vsstatus")    X(VS_IE, CSR_VSIE, "vsie")                         \
	X(VS_TVEC, CSR_VSTVEC, "vstvec")          X(VS_SCRATCH, CSR_VSSCRATCH, "vsscratch")          \
	X(VS_EPC, CSR_VSEPC, "vsepc")             X(VS_CAUSE, CSR_VSCAUSE, "vscause")                \
	X(VS_TVAL, CSR_VSTVAL, "vstval")          X(VS_ATP, CSR_VSATP, "vsatp")                      \
	X(VS_COUNTEREN, CSR_SCOUNTEREN, "scounteren") X(VS_ENVCFG, CSR_SENVCFG, "senvcfg")
/* clang-format on */

#define VS_INDEX(index, csr, name) index,
enum riscv_vs_reg { VS_REGISTERS(VS_INDEX) VS_REGS };

struct riscv_fp_state {
	uint64_t f[32];
	uint64_t fcsr;
};

/* Field order is known to fp_regs.S. */
struct riscv_vector {
	uint64_t vstart, vcsr, vl, vtype;
	uint8_t v[]; /* v0 .. v31, vlenb bytes each */
};

/* What another vCPU or a device wants of this one; acted on before the next entry (VCPU_WORK_IRQ). */
enum riscv_post {
	RISCV_POST_SOFT = 1,    /* set VSSIP */
	RISCV_POST_FENCE = 2,   /* forget VS-stage translations: hfence.vvma for all addresses */
	RISCV_POST_FENCE_I = 4, /* fence.i */
};

struct riscv_vcpu {
	struct riscv_regs regs; /* first: switch.S */
	struct vcpu vcpu;
	struct vcpu_exit *exit; /* of the vcpu_run() in progress */
	const struct riscv_irqchip *irqchip;
	struct aspace *aspace;
	uint64_t hart; /* id that the guest sees */
	uint64_t hedeleg, hstateen0;
	uint64_t vs[VS_REGS];    /* while the vCPU is not loaded */
	uint64_t vsiselect;      /* likewise, with Ssaia */
	uint64_t hvip;           /* VSSIP, VSTIP, VSEIP while the vCPU is not loaded */
	uint64_t fault_gva;      /* stval of the fault that v->exit reports, see fault_cause */
	unsigned fault_cause;    /* access fault that vcpu_inject_fault() gives: by what the guest did */
	int last_cpu;            /* whose TLB and instruction cache may hold what this vCPU used; -1: none */
	_Atomic uint32_t posted; /* enum riscv_post */
	_Atomic bool external;   /* level wanted in hvip.VSEIP */
	_Atomic bool suspended;  /* in HSM suspend */
	bool prepare;            /* irqchip->prepare is wanted */
	uint64_t timer_deadline; /* last set_timer, in ticks; UINT64_MAX: none. With Sstc: vstimecmp while not loaded */
	/* Without Sstc: */
	struct spinlock timer_lock; /* guards timer_deadline, timer_armed */
	uint64_t timer_armed;       /* for when the timer is set: ticks, no later than timer_deadline */
	struct timer timer;
	int fp_cpu;                  /* which hart's FP and vector registers are this vCPU's, if it still owns them */
	struct riscv_vector *vector; /* NULL: the guest has no V */
	struct riscv_fp_state fp;
};

static inline struct riscv_vcpu *to_riscv(struct vcpu *vcpu)
{
	return container_of(vcpu, struct riscv_vcpu, vcpu);
}

/* The vCPU whose state is in this hart's registers, or NULL. */
DECLARE_PER_CPU(struct riscv_vcpu *, loaded_vcpu);

static inline struct riscv_vcpu *riscv_vcpu_loaded(void)
{
	return *this_cpu(loaded_vcpu);
}

/* For another vCPU (or this one): @post, before it enters the guest again. Any context. */
static inline void riscv_vcpu_post(struct riscv_vcpu *v, enum riscv_post post)
{
	atomic_fetch_or(&v->posted, post);
	vcpu_request(&v->vcpu, VCPU_WORK_IRQ);
}

/* x0 reads as zero by itself: nothing is ever stored there. */
static inline void riscv_set_x(struct riscv_vcpu *v, unsigned reg, uint64_t value)
{
	if (likely(reg))
		v->regs.x[reg] = value;
}

enum { REG_RA = 1, REG_SP = 2, REG_A0 = 10, REG_A1, REG_A2, REG_A3, REG_A4, REG_A5, REG_A6, REG_A7 };

/*
 * switch.S. Enter the guest; comes back when riscv_vcpu_handle_exit() returned other than 0. Interrupts off.
 */
void riscv_vcpu_enter(struct riscv_regs *regs);
unsigned riscv_vcpu_handle_exit(struct riscv_regs *regs, uint64_t scause);

/*
 * Handlers of traps from the guest, called with interrupts off and the guest's CSRs in the hart. False: done, enter the
 * guest again; true: v->exit says what common code shall do.
 */
/* fault.c: of loads; of stores; of fetches, and whenever no device has taken the access: left to common code. */
bool riscv_handle_guest_load_fault(struct riscv_vcpu *v, unsigned cause);
bool riscv_handle_guest_store_fault(struct riscv_vcpu *v, unsigned cause);
bool riscv_exit_guest_page_fault(struct riscv_vcpu *v, unsigned cause);
bool riscv_handle_sbi(struct riscv_vcpu *v);                     /* sbi.c */
bool riscv_handle_illegal(struct riscv_vcpu *v, unsigned cause); /* csr.c: illegal and virtual instruction */

/* inject.c: an exception to VS mode as hardware would take it (Privileged Architecture 10.1). */
void riscv_inject(struct riscv_vcpu *v, enum riscv_exception cause, uint64_t tval);

/* timer.c */
void riscv_timer_create(struct riscv_vcpu *v);
void riscv_timer_reset(struct riscv_vcpu *v);
void riscv_timer_load(struct riscv_vcpu *v);
void riscv_timer_put(struct riscv_vcpu *v);
/* Without Sstc: STIP if the deadline has passed. vCPU loaded, interrupts off. */
void riscv_timer_update(struct riscv_vcpu *v);
/* SBI set_timer: STIP is clear until @ticks have come. vCPU loaded, interrupts off. */
void riscv_timer_set(struct riscv_vcpu *v, uint64_t ticks);

/* state.c */
void riscv_state_init_cpu(void);
void riscv_state_create(struct riscv_vcpu *v);
void riscv_state_reset(struct riscv_vcpu *v);
void riscv_state_load(struct riscv_vcpu *v);
void riscv_state_save(struct riscv_vcpu *v);

/* fp.c: FP and vector registers, lazily: kept in the hart until another vCPU wants them there, not saved when clean. */
int riscv_fp_create(struct riscv_vcpu *v);
void riscv_fp_destroy(struct riscv_vcpu *v);
void riscv_fp_reset(struct riscv_vcpu *v);
void riscv_fp_load(struct riscv_vcpu *v);
void riscv_fp_put(struct riscv_vcpu *v);

/* fp_regs.S. The hart's FS or VS is not off. */
void riscv_fp_save_registers(struct riscv_fp_state *fp);
void riscv_fp_load_registers(const struct riscv_fp_state *fp);
void riscv_vector_save_registers(struct riscv_vector *vector);
void riscv_vector_load_registers(const struct riscv_vector *vector);

/* tlb.c */
int riscv_tlb_init(void);
void riscv_tlb_switch(struct riscv_vcpu *v);

/*
 * fence.c: remote fences of the guest (SBI RFENCE) among the vCPUs of its VM.
 */
struct riscv_fence {
	bool instruction; /* fence.i, else hfence.vvma */
	bool has_asid;
	uint64_t start, size; /* size UINT64_MAX: everything */
	uint64_t asid;
};
/* On these vCPUs of the caller's VM; done when it returns. */
void riscv_fence_vcpus(struct riscv_vcpu *v, struct vcpu *const *targets, unsigned count,
		       const struct riscv_fence *fence);
