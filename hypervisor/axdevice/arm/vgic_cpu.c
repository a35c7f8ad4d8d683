/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a vCPU asks of the vGIC (struct arm_irqchip): in and out of a CPU, pending or not, private lines, trapped
 * registers.
 */
#include "vgic_internal.h"
#include <axhal/irq.h>

/* Whose state is in this CPU's virtual CPU interface. */
static DEFINE_PER_CPU(struct vgic_cpu *, vgic_loaded);

static void move_all(struct vgic_cpu *self, const struct vgic_after *after)
{
	for (unsigned i = 0; i < after->num_moves; i++)
		vgic_irq_move(self, after->moves[i]);
}

/* No lock held. */
static void flush(struct vgic_cpu *cpu)
{
	struct vgic_after after;

	after.num_moves = 0;
	spin_lock(&cpu->lock);
	if (cpu->loaded)
		vgic_lrs_flush(cpu, &after);
	spin_unlock(&cpu->lock);
	move_all(cpu, &after);
}

static void vgic_flush(struct vcpu *vcpu)
{
	flush(vcpu->irqchip);
}

void vgic_maintenance(void)
{
	struct vgic_cpu *cpu = *this_cpu(vgic_loaded);

	if (cpu)
		flush(cpu);
	else
		vgic_hw->write_hcr(0);
}

void vgic_sync(struct vgic_cpu *self)
{
	struct vgic_after after;

	after.num_moves = 0;
	spin_lock(&self->lock);
	if (self->loaded)
		vgic_lrs_sync(self, &after);
	for (unsigned i = SGIS; i < PRIVATE_IRQS; i++)
		vgic_irq_resample(self, &self->irqs[i]);
	spin_unlock(&self->lock);
	move_all(self, &after);
}

static void vgic_load(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = vcpu->irqchip;

	vgic_hw->load(&cpu->cpuif);
	spin_lock(&cpu->lock);
	cpu->loaded = true;
	cpu->hcr = 0;
	spin_unlock(&cpu->lock);
	*this_cpu(vgic_loaded) = cpu;
	flush(cpu);
}

static void vgic_put(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = vcpu->irqchip;
	struct vgic_after after;

	after.num_moves = 0;
	spin_lock(&cpu->lock);
	vgic_lrs_put(cpu, &after);
	vgic_hw->save(&cpu->cpuif);
	cpu->loaded = false;
	spin_unlock(&cpu->lock);
	*this_cpu(vgic_loaded) = NULL;
	move_all(cpu, &after);
}

/* What vgic_set_private() does when it is not the simple case. */
static __attribute__((noinline)) void change_private(struct vgic_cpu *cpu, struct vgic_irq *irq, bool level,
						     unsigned host_irq)
{
	if (irq->host_irq && irq->lr != NO_LR && cpu->loaded)
		vgic_lr_collect(cpu, irq);
	if (irq->lr == NO_LR)
		irq->host_irq = (uint16_t)host_irq;
	vgic_irq_set_line(cpu, cpu, irq, level);
}

static void vgic_set_private(struct vcpu *vcpu, unsigned intid, bool level, unsigned host_irq)
{
	struct vgic_cpu *cpu = vcpu->irqchip;
	struct vgic_irq *irq = &cpu->irqs[intid & (PRIVATE_IRQS - 1)];

	if (unlikely(intid < SGIS || intid >= PRIVATE_IRQS))
		return;
	spin_lock(&cpu->lock);
	/*
	 * A timer, mostly: the guest has ended it, and it is here again. The same list register gets the same
	 * contents.
	 */
	if (likely(level && irq->rearm && irq->host_irq == host_irq)) {
		if (likely(vgic_hw->rearm_lr((unsigned)irq->lr, irq->rearm))) {
			irq->line = true;
			irq->active = false;
			irq->in_lr_pending = true;
		} else {
			change_private(cpu, irq, true, irq->host_irq);
		}
	} else {
		change_private(cpu, irq, level, host_irq);
	}
	spin_unlock(&cpu->lock);
}

static bool vgic_private_active(struct vcpu *vcpu, unsigned intid)
{
	struct vgic_cpu *cpu = vcpu->irqchip;
	struct vgic_irq *irq;
	bool in_flight;

	if (intid >= PRIVATE_IRQS)
		return false;
	irq = &cpu->irqs[intid];
	spin_lock(&cpu->lock);
	if (irq->lr != NO_LR && cpu->loaded)
		in_flight = !(vgic_hw->empty_lrs() >> irq->lr & 1);
	else
		in_flight = irq->active || irq->line;
	spin_unlock(&cpu->lock);
	return in_flight;
}

/* The highest active priority, IHI 0069 4.8.6; 0x100: none. */
static unsigned running_priority(const struct vgic_cpuif *cpuif)
{
	unsigned running = 0x100;

	for (unsigned group = 0; group < 2; group++) {
		for (unsigned n = 0; n < VGIC_MAX_APRS; n++) {
			unsigned level;

			if (!cpuif->apr[group][n])
				continue;
			level = n * 32 + (unsigned)__builtin_ctz(cpuif->apr[group][n]);
			running = MIN(running, level << (8 - vgic_hw->pre_bits));
			break;
		}
	}
	return running;
}

/* Would the CPU interface signal it now? Priority mask, group enable, preemption: IHI 0069 4.8. */
static bool would_signal(const struct vgic_cpuif *cpuif, const struct vgic_irq *irq)
{
	bool own_point = irq->group1 && !(cpuif->vmcr & VMCR_CBPR);
	unsigned point = own_point ? VMCR_BPR1(cpuif->vmcr) : VMCR_BPR0(cpuif->vmcr) + 1;

	return VMCR_ENG(cpuif->vmcr, irq->group1) && irq->priority < VMCR_PRIORITY_MASK(cpuif->vmcr) &&
	       (irq->priority & ~0u << point) < running_priority(cpuif);
}

static bool any_would_signal(const struct vgic_cpu *cpu)
{
	uint64_t buckets = cpu->buckets & ~ACTIVE_BUCKETS;
	const struct vgic_irq *irq;

	for (uint32_t used = cpu->used; used; used &= used - 1) {
		irq = cpu->lr_irq[__builtin_ctz(used)];
		if (irq->in_lr_pending && !irq->active && would_signal(&cpu->cpuif, irq))
			return true;
	}
	for (; buckets; buckets &= buckets - 1)
		TAILQ_FOREACH (irq, &cpu->queue[__builtin_ctzll(buckets)], link)
			if (would_signal(&cpu->cpuif, irq))
				return true;
	return false;
}

static bool vgic_pending(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = vcpu->irqchip;
	bool signalled;

	flush(cpu);
	vgic_sync(cpu);
	spin_lock(&cpu->lock);
	if (cpu->loaded)
		vgic_hw->save(&cpu->cpuif);
	signalled = any_would_signal(cpu);
	spin_unlock(&cpu->lock);
	return signalled;
}

void vgic_deactivate(struct vgic_cpu *self, unsigned intid)
{
	struct vgic_irq *irq = vgic_irq(self->vgic, self, intid);
	struct vgic_cpu *owner;

	if (!irq)
		return;
	owner = vgic_irq_lock(irq);
	vgic_irq_set_active(self, owner, irq, false);
	spin_unlock(&owner->lock);
	vgic_irq_move(self, irq);
}

/* op0, op1, CRn, CRm, op2 as arm_vcpu passes them */
#define SYS_ICC_DIR_EL1 0x30cb1
#define SYS_ICC_SRE_EL1 0x30cc5
#define ICC_SRE_FIXED   7 /* system registers only, no bypass */

static bool vgic_v3_sysreg(struct vcpu *vcpu, uint32_t reg, bool write, uint64_t *value)
{
	switch (reg) {
	case SYS_ICC_DIR_EL1: /* while there are active interrupts without list register */
		if (write)
			vgic_deactivate(vcpu->irqchip, (uint32_t)*value);
		return write;
	case SYS_ICC_SRE_EL1:
		if (!write)
			*value = ICC_SRE_FIXED;
		return true;
	default: return false;
	}
}

#define COMMON_OPS                                                                        \
	.load = vgic_load, .put = vgic_put, .flush = vgic_flush, .pending = vgic_pending, \
	.set_private = vgic_set_private, .private_active = vgic_private_active

const struct arm_irqchip vgic_v2_irqchip = { COMMON_OPS };
const struct arm_irqchip vgic_v3_irqchip = { COMMON_OPS, .write_sgi = vgic_write_sgi, .sysreg = vgic_v3_sysreg };
