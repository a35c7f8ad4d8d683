/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The guest's firmware: RISC-V Supervisor Binary Interface Specification 2.0. Private to sbi*.c.
 *
 * A function finds its arguments in a0 .. a5 of the vCPU's registers and answers in a0 and a1 (sbi_answer), or leaves
 * vcpu_run() (sbi_leave); the pc is behind the ECALL already. Interrupts off, the guest's CSRs in the hart.
 */
#include <axhal/arch/sbi_defs.h>
#include "riscv_vcpu.h"

/* Hypercalls: the function id is the number, a0 .. a5 are the arguments. "HVC". */
#define SBI_EXT_AXVISOR 0x485643

/* get_impl_id: not one of the registered numbers, of which 11 is the last: "AXVS". */
#define SBI_IMPL_AXVISOR 0x41585653

#define SBI_MAX_HARTS 64

typedef bool sbi_function(struct riscv_vcpu *v);

static inline bool sbi_answer(struct riscv_vcpu *v, int64_t error, uint64_t value)
{
	v->regs.x[REG_A0] = (uint64_t)error;
	v->regs.x[REG_A1] = value;
	return false;
}

static inline bool sbi_leave(struct riscv_vcpu *v, enum vcpu_exit_reason reason)
{
	v->exit->reason = reason;
	return true;
}

/* The vCPUs that a hart mask names. */
struct sbi_harts {
	unsigned count;
	struct vcpu *vcpus[SBI_MAX_HARTS];
};

/* sbi.c; @base UINT64_MAX: all harts. Return: false: @mask names a hart that does not exist. */
bool sbi_find_harts(struct riscv_vcpu *v, uint64_t mask, uint64_t base, struct sbi_harts *harts);
void sbi_send_ipis(struct riscv_vcpu *v, const struct sbi_harts *harts);
/* hfence.vvma for [@start, @start + @size) as RFENCE describes it. Return: 0 or SBI_INVALID_ADDRESS. */
int sbi_fence_vma(struct riscv_vcpu *v, const struct sbi_harts *harts, uint64_t start, uint64_t size,
		  const uint64_t *asid);
void sbi_fence_code(struct riscv_vcpu *v, const struct sbi_harts *harts);

/* sbi_base.c */
extern sbi_function *const sbi_base_functions[7];
/* sbi_hsm.c */
extern sbi_function *const sbi_hsm_functions[4], *const sbi_susp_functions[1], *const sbi_srst_functions[1];
/* sbi_console.c */
extern sbi_function *const sbi_dbcn_functions[3];
/* sbi.c: is there such an extension? */
bool sbi_probe(uint64_t ext);

/* sbi_legacy.c: extensions 0 .. 8. These answer in a0 only. */
#define SBI_LEGACY_LAST 8
bool sbi_handle_legacy(struct riscv_vcpu *v, uint64_t ext);
