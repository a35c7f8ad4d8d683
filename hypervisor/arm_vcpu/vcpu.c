/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vCPU of aarch64: life, entry and the dispatch of what the guest is stopped for.
 */
#include <axalloc/heap.h>
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axvcpu/impl.h>
#include "arm_vcpu.h"
#include "esr.h"
#include "s2_format.h"

DEFINE_PER_CPU(struct arm_vcpu *, loaded_vcpu);

/*
 * Returned to the guest as hardware without the feature would: UNDEFINED. The policy for everything that has no row
 * of its own.
 */
static bool handle_undefined(struct arm_vcpu *v, uint64_t esr)
{
	log_debug_ratelimited("vCPU %u: exception class 0x%02x answered with UNDEFINED (pc 0x%llx)", v->vcpu.id,
			      (unsigned)ESR_EC(esr), (unsigned long long)v->regs.elr);
	arm_inject_undefined(v);
	return false;
}

/*
 * WFI. WFE is not trapped; the timed forms (FEAT_WFxT, hidden from the guest) may return early and do.
 */
static bool handle_wfx(struct arm_vcpu *v, uint64_t esr)
{
	arm_skip(v, esr);
	if (ESR_WFX_TI(esr) != ESR_WFX_WFI || v->irqchip->pending(&v->vcpu))
		return false;
	v->exit->reason = VCPU_EXIT_HALT;
	return true;
}

static bool (*const sync_handlers[64])(struct arm_vcpu *, uint64_t esr) = {
	[0 ... 63] = handle_undefined,
	[ESR_EC_WFX] = handle_wfx,
	[ESR_EC_HVC64] = arm_handle_hvc,
	[ESR_EC_SMC64] = arm_handle_smc,
	[ESR_EC_SYS64] = arm_handle_sysreg,
	[ESR_EC_IABT_LOWER] = arm_handle_instruction_abort,
	[ESR_EC_DABT_LOWER] = arm_handle_data_abort,
};

/* Something has to be done before the guest goes on. True: leave vcpu_run(). */
static bool do_work(struct arm_vcpu *v)
{
	struct vcpu *vcpu = &v->vcpu;

	if (vcpu_take_irq_work(vcpu)) {
		if (atomic_load_explicit(&v->timer.cntp_due, memory_order_relaxed))
			arm_timer_update(v);
		v->irqchip->flush(vcpu);
	}
	return vcpu_must_leave(vcpu, v->exit);
}

/*
 * Called by switch.S with interrupts off and the guest's general registers, PC and PSTATE in v->regs.
 * Return: 0 to enter the guest again, 1 to go back to vcpu_run().
 */
unsigned arm_vcpu_handle_exit(struct arm_regs *regs, unsigned kind)
{
	struct arm_vcpu *v = container_of(regs, struct arm_vcpu, regs);

	if (likely(kind == ARM_EXIT_SYNC)) {
		uint64_t esr = sysreg_read(ESR_EL2);

		if (sync_handlers[ESR_EC(esr)](v, esr))
			return 1;
		v->vcpu.stats.fast_exits++;
	} else if (kind == ARM_EXIT_SERROR) {
		v->exit->reason = VCPU_EXIT_FAIL_ENTRY;
		v->exit->fail_entry.hw_reason = sysreg_read(ESR_EL2);
		v->exit->fail_entry.text = "SError interrupt while the guest ran";
		return 1;
	} else {
		irq_dispatch();
		v->vcpu.stats.irqs++;
	}
	return unlikely(vcpu_has_work(&v->vcpu)) && do_work(v);
}

void vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	struct arm_vcpu *v = to_arm(vcpu);

	vcpu->stats.entries++;
	v->exit = exit;
	irq_disable();
	if (!vcpu_has_work(vcpu) || !do_work(v))
		arm_vcpu_enter(&v->regs);
	irq_enable();
	vcpu->stats.exits[exit->reason]++;
}

void vcpu_load(struct vcpu *vcpu)
{
	struct arm_vcpu *v = to_arm(vcpu);

	*this_cpu(loaded_vcpu) = v;
	vcpu_set_cpu(vcpu);
	arm_tlb_switch(v);
	arm_state_load(v);
	arm_fp_load(&v->fp);
	arm_debug_load(v);
	v->irqchip->load(vcpu);
	arm_timer_load(v);
}

void vcpu_put(struct vcpu *vcpu)
{
	struct arm_vcpu *v = to_arm(vcpu);

	arm_timer_put(v);
	v->irqchip->put(vcpu);
	arm_debug_put(v);
	arm_fp_save(&v->fp);
	arm_state_save(v);
	*this_cpu(loaded_vcpu) = NULL;
	vcpu_clear_cpu(vcpu);
}

bool vcpu_has_interrupt(struct vcpu *vcpu)
{
	uint64_t flags = irq_save();
	bool pending = to_arm(vcpu)->irqchip->pending(vcpu);

	irq_restore(flags);
	return pending;
}

int vcpu_create(const struct vcpu_params *params, struct vcpu **out)
{
	struct arm_vcpu *v = kzalloc(sizeof(*v));

	if (!v)
		return -AX_ENOMEM;
	vcpu_init(&v->vcpu, params);
	v->mpidr = params->hwid | BIT(31);
	v->aspace = params->aspace;
	v->vtcr = s2_vtcr(params->aspace->table.format->input_bits, sysreg_read(ID_AA64MMFR0_EL1),
			  sysreg_read(ID_AA64MMFR1_EL1));
	vcpu_reset(&v->vcpu);
	*out = &v->vcpu;
	return 0;
}

void vcpu_destroy(struct vcpu *vcpu)
{
	if (!vcpu)
		return;
	timer_cancel(&to_arm(vcpu)->timer.cntp_timer);
	kfree(to_arm(vcpu));
}

void vcpu_reset(struct vcpu *vcpu)
{
	struct arm_vcpu *v = to_arm(vcpu);

	arm_timer_reset(v);
	/* The emulated timer is off: its interrupt line follows. */
	atomic_fetch_or(&vcpu->work, VCPU_WORK_IRQ);
	v->regs = (struct arm_regs){ .spsr = SPSR_EL1H | SPSR_DAIF };
	v->debug = (struct arm_debug_state){ 0 };
	v->fp = (struct arm_fp_state){ 0 };
	arm_state_reset(v);
}

void vcpu_set_entry(struct vcpu *vcpu, uint64_t entry, uint64_t arg)
{
	struct arm_vcpu *v = to_arm(vcpu);

	v->regs.elr = entry;
	v->regs.x[0] = arg;
}

void arm_vcpu_set_irqchip(struct vcpu *vcpu, const struct arm_irqchip *irqchip, void *data)
{
	to_arm(vcpu)->irqchip = irqchip;
	vcpu->irqchip = data;
}

uint64_t vcpu_get_pc(struct vcpu *vcpu)
{
	return to_arm(vcpu)->regs.elr;
}

/* Guests have 40 address bits unless they need more: three levels of tables instead of four. */
#define GPA_BITS_DEFAULT 40u

unsigned vcpu_max_gpa_bits(void)
{
	return s2_pa_bits(sysreg_read(ID_AA64MMFR0_EL1));
}

const struct pt_format *vcpu_stage2_format(unsigned gpa_bits)
{
	unsigned max = vcpu_max_gpa_bits();
	unsigned usual = MIN(max, GPA_BITS_DEFAULT);

	return gpa_bits > max ? NULL : s2_format_for(MAX(gpa_bits, usual));
}

int vcpu_arch_init(void)
{
	arm_tlb_init();
	arm_sysreg_init();
	return arm_timer_host_init();
}

void vcpu_arch_init_cpu(void)
{
	sysreg_write(VBAR_EL2, (uintptr_t)arm_vcpu_vectors);
	isb();
	arm_debug_host_init_cpu();
	arm_timer_host_init_cpu();
}
