/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vCPU of riscv64: life, entry and the dispatch of what the guest is stopped for.
 */
#include <axalloc/heap.h>
#include <axhal/arch/hfence.h>
#include <axhal/arch/isa.h>
#include <axhal/irq.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axvcpu/impl.h>
#include "riscv_vcpu.h"

DEFINE_PER_CPU(struct riscv_vcpu *, loaded_vcpu);

/* Exceptions that are not delegated, and that we have nothing to say to, are the guest's. */
static bool handle_forward(struct riscv_vcpu *v, unsigned cause)
{
	riscv_inject(v, (enum riscv_exception)cause, csr_read(CSR_STVAL));
	return false;
}

static bool handle_hardware_error(struct riscv_vcpu *v, unsigned cause)
{
	v->exit->reason = VCPU_EXIT_FAIL_ENTRY;
	v->exit->fail_entry.hw_reason = csr_read(CSR_STVAL);
	v->exit->fail_entry.text = "hardware error while the guest ran";
	return true;
}

#define CAUSES 32

static bool (*const handlers[CAUSES])(struct riscv_vcpu *v, unsigned cause) = {
	[0 ... CAUSES - 1] = handle_forward,
	[EXC_ILLEGAL_INSN] = riscv_handle_illegal,
	[EXC_HARDWARE_ERROR] = handle_hardware_error,
	[EXC_GUEST_INSN_PAGE_FAULT] = riscv_exit_guest_page_fault,
	[EXC_GUEST_LOAD_PAGE_FAULT] = riscv_handle_guest_load_fault,
	[EXC_VIRTUAL_INSN] = riscv_handle_illegal,
	[EXC_GUEST_STORE_PAGE_FAULT] = riscv_handle_guest_store_fault,
};

static void apply_external(struct riscv_vcpu *v)
{
	bool level = atomic_load_explicit(&v->external, memory_order_relaxed);

	if (level)
		csr_set(CSR_HVIP, BIT(INT_VSEI));
	else
		csr_clear(CSR_HVIP, BIT(INT_VSEI));
	/* Without a guest interrupt file this is where vstopi has its priority from (AIA 1.0, 6.3.3). */
	if (riscv_has(RISCV_EXT_SSAIA))
		csr_write(CSR_HVICTL, level ? HVICTL_IID(INT_SEI) | 1 : 0);
}

/* What other vCPUs and devices have left for this one, which is loaded. */
static void take_posts(struct riscv_vcpu *v)
{
	uint32_t posted = atomic_exchange(&v->posted, 0);

	if (posted & RISCV_POST_SOFT)
		csr_set(CSR_HVIP, BIT(INT_VSSI));
	if (posted & RISCV_POST_FENCE)
		hfence_vvma_all();
	if (posted & RISCV_POST_FENCE_I)
		fence_i();
}

/* Something has to be done before the guest goes on. True: leave vcpu_run(). */
static bool do_work(struct riscv_vcpu *v)
{
	if (vcpu_take_irq_work(&v->vcpu)) {
		take_posts(v);
		apply_external(v);
		riscv_timer_update(v);
	}
	return vcpu_must_leave(&v->vcpu, v->exit);
}

/*
 * Called by switch.S with interrupts off and the guest's general registers, pc, sstatus and hstatus in v->regs.
 * Return: 0 to enter the guest again, 1 to go back to vcpu_run().
 */
unsigned riscv_vcpu_handle_exit(struct riscv_regs *regs, uint64_t scause)
{
	struct riscv_vcpu *v = container_of(regs, struct riscv_vcpu, regs);

	if (likely(scause == EXC_ECALL_VS)) {
		if (riscv_handle_sbi(v))
			return 1;
		v->vcpu.stats.fast_exits++;
	} else if (scause == EXC_GUEST_LOAD_PAGE_FAULT) { /* most device accesses: not by way of the table */
		if (riscv_handle_guest_load_fault(v, EXC_GUEST_LOAD_PAGE_FAULT))
			return 1;
		v->vcpu.stats.fast_exits++;
	} else if (likely(!(scause & SCAUSE_INTERRUPT))) {
		if (handlers[scause % CAUSES](v, (unsigned)scause))
			return 1;
		v->vcpu.stats.fast_exits++;
	} else {
		irq_dispatch();
		v->vcpu.stats.irqs++;
	}
	return unlikely(vcpu_has_work(&v->vcpu)) && do_work(v);
}

void vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	struct riscv_vcpu *v = to_riscv(vcpu);

	vcpu->stats.entries++;
	v->exit = exit;
	irq_disable();
	while (unlikely(v->prepare)) {
		irq_enable();
		v->prepare = false;
		v->irqchip->prepare(vcpu);
		irq_disable();
	}
	if (unlikely(atomic_load_explicit(&v->suspended, memory_order_relaxed)))
		atomic_store(&v->suspended, false);
	if (!vcpu_has_work(vcpu) || !do_work(v))
		riscv_vcpu_enter(&v->regs);
	irq_enable();
	vcpu->stats.exits[exit->reason]++;
}

void vcpu_load(struct vcpu *vcpu)
{
	struct riscv_vcpu *v = to_riscv(vcpu);

	*this_cpu(loaded_vcpu) = v;
	vcpu_set_cpu(vcpu);
	riscv_tlb_switch(v);
	riscv_state_load(v);
	apply_external(v);
	take_posts(v);
	riscv_fp_load(v);
	if (v->irqchip->load)
		v->irqchip->load(vcpu);
	riscv_timer_load(v);
}

void vcpu_put(struct vcpu *vcpu)
{
	struct riscv_vcpu *v = to_riscv(vcpu);

	riscv_timer_put(v);
	if (v->irqchip->put)
		v->irqchip->put(vcpu);
	riscv_fp_put(v);
	riscv_state_save(v);
	*this_cpu(loaded_vcpu) = NULL;
	vcpu_clear_cpu(vcpu);
}

void riscv_vcpu_set_external(struct vcpu *vcpu, bool level)
{
	struct riscv_vcpu *v = to_riscv(vcpu);
	uint64_t flags = irq_save();

	atomic_store(&v->external, level);
	/* A vCPU that is between its last look and its sleep has to be told. */
	if (v == riscv_vcpu_loaded() && atomic_load_explicit(&vcpu->state, memory_order_relaxed) != VCPU_BLOCKED)
		apply_external(v);
	else
		vcpu_request(vcpu, VCPU_WORK_IRQ);
	irq_restore(flags);
}

void riscv_vcpu_ask_prepare(struct vcpu *vcpu)
{
	to_riscv(vcpu)->prepare = true;
}

/* Interrupts that the guest has enabled wake it, whatever vsstatus.SIE says (Privileged Architecture 3.3.3). */
bool vcpu_has_interrupt(struct vcpu *vcpu)
{
	struct riscv_vcpu *v = to_riscv(vcpu);
	uint64_t flags = irq_save();
	/* Not vsip: that of QEMU before 8.0 shows SSIP only. */
	uint64_t enabled = csr_read(CSR_VSIE), pending = csr_read(CSR_HIP) >> 1;

	if (atomic_load(&v->external) || (v->irqchip->pending && v->irqchip->pending(vcpu)))
		pending |= BIT(INT_SEI);
	irq_restore(flags);
	return pending & enabled;
}

int vcpu_create(const struct vcpu_params *params, struct vcpu **out)
{
	struct riscv_vcpu *v = kzalloc(sizeof(*v));

	if (!v)
		return -AX_ENOMEM;
	vcpu_init(&v->vcpu, params);
	v->hart = params->hwid;
	v->aspace = params->aspace;
	v->last_cpu = -1;
	if (riscv_fp_create(v)) {
		kfree(v);
		return -AX_ENOMEM;
	}
	riscv_timer_create(v);
	riscv_state_create(v);
	vcpu_reset(&v->vcpu);
	*out = &v->vcpu;
	return 0;
}

void vcpu_destroy(struct vcpu *vcpu)
{
	if (!vcpu)
		return;
	timer_cancel(&to_riscv(vcpu)->timer);
	riscv_fp_destroy(to_riscv(vcpu));
	kfree(to_riscv(vcpu));
}

void vcpu_reset(struct vcpu *vcpu)
{
	struct riscv_vcpu *v = to_riscv(vcpu);
	uint64_t hvip = 0;

	if (atomic_exchange(&v->suspended, false)) {
		/* Back from a suspend that lost its state: what woke it, and its timer, are not part of that. */
		hvip = v->hvip & BIT(INT_VSSI);
	} else {
		riscv_timer_reset(v);
		atomic_store(&v->posted, 0);
	}
	v->last_cpu = -1; /* nothing of its former life is left in TLBs and caches of code */
	riscv_state_reset(v);
	v->hvip = hvip;
	riscv_fp_reset(v);
	/* The interrupt controller's level is applied again. */
	atomic_fetch_or(&vcpu->work, VCPU_WORK_IRQ);
}

void vcpu_set_entry(struct vcpu *vcpu, uint64_t entry, uint64_t arg)
{
	struct riscv_vcpu *v = to_riscv(vcpu);

	v->regs.pc = entry;
	v->regs.x[REG_A0] = v->hart;
	v->regs.x[REG_A1] = arg;
}

uint64_t vcpu_get_pc(struct vcpu *vcpu)
{
	return to_riscv(vcpu)->regs.pc;
}

int vcpu_arch_init(void)
{
	return riscv_tlb_init();
}

void vcpu_arch_init_cpu(void)
{
	riscv_state_init_cpu();
}
