/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's FP and vector registers.
 *
 * The hypervisor itself has no use for them: they stay in the hart after the vCPU was put, and are loaded only if
 * another vCPU's are there, or this one ran elsewhere meanwhile. sstatus.FS and VS of the guest (regs.sstatus) tell
 * whether they were written since they were last saved; nothing is done at an exit.
 */
#include <axalloc/heap.h>
#include <axhal/arch/isa.h>
#include <axstd/arch/irqflags.h>
#include <axstd/error.h>
#include <string.h>
#include "riscv_vcpu.h"

#define VTYPE_VILL BIT(63)

static DEFINE_PER_CPU(struct riscv_vcpu *, fp_owner); /* compared only: it may be gone */

/* Interrupts off meanwhile: a vCPU that is switched out switches the vector unit off. */
static size_t vector_bytes(void)
{
	uint64_t flags = irq_save(), vlenb;

	csr_set(CSR_SSTATUS, SSTATUS_VS_INIT);
	vlenb = csr_read(CSR_VLENB);
	csr_clear(CSR_SSTATUS, SSTATUS_VS);
	irq_restore(flags);
	return 32 * vlenb;
}

int riscv_fp_create(struct riscv_vcpu *v)
{
	v->fp_cpu = -1;
	if (!riscv_has(RISCV_EXT_V) || !riscv_has(RISCV_EXT_D)) /* V includes D; what is half told is not used */
		return 0;
	v->vector = kzalloc(sizeof(*v->vector) + vector_bytes());
	return v->vector ? 0 : -AX_ENOMEM;
}

void riscv_fp_destroy(struct riscv_vcpu *v)
{
	kfree(v->vector);
}

void riscv_fp_reset(struct riscv_vcpu *v)
{
	v->fp_cpu = -1;
	v->fp = (struct riscv_fp_state){ 0 };
	v->regs.sstatus &= ~(SSTATUS_FS | SSTATUS_VS);
	if (riscv_has(RISCV_EXT_D))
		v->regs.sstatus |= SSTATUS_FS_CLEAN;
	if (v->vector) {
		memset(v->vector, 0, sizeof(*v->vector) + vector_bytes());
		v->vector->vtype = VTYPE_VILL;
		v->regs.sstatus |= SSTATUS_VS_CLEAN;
	}
}

void riscv_fp_load(struct riscv_vcpu *v)
{
	int cpu = (int)cpu_id();

	if (!(v->regs.sstatus & SSTATUS_FS) || (*this_cpu(fp_owner) == v && v->fp_cpu == cpu))
		return;
	csr_set(CSR_SSTATUS, SSTATUS_FS | SSTATUS_VS);
	riscv_fp_load_registers(&v->fp);
	if (v->vector)
		riscv_vector_load_registers(v->vector);
	csr_clear(CSR_SSTATUS, SSTATUS_FS | SSTATUS_VS);
	*this_cpu(fp_owner) = v;
	v->fp_cpu = cpu;
}

void riscv_fp_put(struct riscv_vcpu *v)
{
	uint64_t sstatus = v->regs.sstatus;

	csr_set(CSR_SSTATUS, SSTATUS_FS | SSTATUS_VS);
	if ((sstatus & SSTATUS_FS) == SSTATUS_FS_DIRTY) {
		riscv_fp_save_registers(&v->fp);
		v->regs.sstatus ^= SSTATUS_FS_DIRTY ^ SSTATUS_FS_CLEAN;
	}
	if ((sstatus & SSTATUS_VS) == SSTATUS_VS_DIRTY) {
		riscv_vector_save_registers(v->vector);
		v->regs.sstatus ^= SSTATUS_VS_DIRTY ^ SSTATUS_VS_CLEAN;
	}
	csr_clear(CSR_SSTATUS, SSTATUS_FS | SSTATUS_VS);
}
