/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Software-generated interrupts: by system register (GICv3), by distributor register (GICv2).
 */
#include "vgic_internal.h"

/* ICC_SGI1R_EL1, ICC_SGI0R_EL1, ICC_ASGI1R_EL1: IHI 0069 12.2.19 */
#define SGI_INTID(value)   ((unsigned)FIELD(value, 27, 24))
#define SGI_ALL_BUT_SELF   BIT(40)
#define SGI_TARGETS(value) ((unsigned)FIELD(value, 15, 0))
#define SGI_CLUSTER(value)                                                                                \
	((uint32_t)(FIELD(value, 55, 48) << 20 | FIELD(value, 39, 32) << 12 | FIELD(value, 23, 16) << 4 | \
		    FIELD(value, 47, 44)))

/* GICD_SGIR */
#define SGIR_INTID(value)   ((value)&15)
#define SGIR_TARGETS(value) ((unsigned)FIELD(value, 23, 16))
#define SGIR_FILTER(value)  ((unsigned)FIELD(value, 25, 24))

enum { SGIR_TO_LIST, SGIR_TO_OTHERS, SGIR_TO_SELF };

/* Group 1 requests reach interrupts of both groups, group 0 requests only those of group 0. */
static void send(struct vgic_cpu *self, struct vgic_cpu *cpu, unsigned intid, bool group1)
{
	struct vgic_irq *irq = &cpu->irqs[intid];

	spin_lock(&cpu->lock);
	if (group1 || !irq->group1) {
		irq->latch = true;
		vgic_irq_update(self, cpu, irq);
	}
	spin_unlock(&cpu->lock);
}

void vgic_write_sgi(struct vcpu *vcpu, uint64_t value, bool group1)
{
	struct vgic_cpu *self = vcpu->irqchip;
	struct vgic *vgic = self->vgic;
	const struct vgic_cluster *cluster;

	if (value & SGI_ALL_BUT_SELF) {
		for (unsigned i = 0; i < vgic->num_cpus; i++)
			if (&vgic->cpus[i] != self)
				send(self, &vgic->cpus[i], SGI_INTID(value), group1);
		return;
	}
	cluster = vgic_find_cluster(vgic, SGI_CLUSTER(value));
	if (!cluster)
		return;
	for (unsigned targets = SGI_TARGETS(value) & cluster->present; targets; targets &= targets - 1)
		send(self, &vgic->cpus[cluster->cpu[__builtin_ctz(targets)]], SGI_INTID(value), group1);
}

void vgic_write_sgir(struct vgic *vgic, struct vgic_cpu *self, uint32_t value)
{
	unsigned all = (1u << vgic->num_cpus) - 1, own = 1u << self->index, targets;

	switch (SGIR_FILTER(value)) {
	case SGIR_TO_LIST: targets = SGIR_TARGETS(value) & all; break;
	case SGIR_TO_OTHERS: targets = all & ~own; break;
	case SGIR_TO_SELF: targets = own; break;
	default: return;
	}
	for (; targets; targets &= targets - 1) {
		struct vgic_cpu *cpu = &vgic->cpus[__builtin_ctz(targets)];
		struct vgic_irq *irq = &cpu->irqs[SGIR_INTID(value)];

		spin_lock(&cpu->lock);
		irq->sources |= own;
		irq->latch = true;
		vgic_irq_update(self, cpu, irq);
		spin_unlock(&cpu->lock);
	}
}
