/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One interrupt: its state, the queue of its owner, its way to another vCPU.
 */
#include "vgic_internal.h"
#include <axhal/irq.h>

void vgic_irq_init(struct vgic *vgic, struct vgic_cpu *owner, struct vgic_irq *irq, unsigned intid)
{
	irq->intid = (uint16_t)intid;
	atomic_init(&irq->owner, owner);
	vgic_irq_reset(vgic, irq);
}

void vgic_irq_reset(struct vgic *vgic, struct vgic_irq *irq)
{
	bool sgi = vgic_irq_is_sgi(irq);

	irq->lr = NO_LR;
	irq->rearm = 0;
	irq->queued = irq->first = irq->line = irq->renewed = irq->latch = irq->active = false;
	irq->in_lr_pending = irq->in_lr_latched = false;
	irq->commands = irq->sources = irq->source = irq->priority = irq->bucket = 0;
	/*
	 * What the specification leaves open: SGIs start enabled, GICv3 guests start in group 1 as if behind secure
	 * firmware.
	 */
	irq->enabled = irq->edge = sgi;
	irq->group1 = vgic->version == 3;
	if (irq->intid < PRIVATE_IRQS) {
		irq->target = atomic_load(&irq->owner);
		return;
	}
	irq->host_irq = irq->forwarded;
	/* Hardware with one CPU does not implement GICD_ITARGETSR: everything goes to CPU 0. */
	irq->route = vgic->version == 2 && vgic->num_cpus == 1;
	vgic_irq_retarget(vgic, irq);
	if (irq->target)
		atomic_store(&irq->owner, irq->target);
}

struct vgic_cpu *vgic_irq_lock(struct vgic_irq *irq)
{
	for (;;) {
		struct vgic_cpu *cpu = atomic_load_explicit(&irq->owner, memory_order_relaxed);

		spin_lock(&cpu->lock);
		if (likely(atomic_load_explicit(&irq->owner, memory_order_relaxed) == cpu))
			return cpu;
		spin_unlock(&cpu->lock);
	}
}

void vgic_kick(struct vgic_cpu *self, struct vgic_cpu *cpu)
{
	if (cpu != self) {
		if (cpu->vcpu)
			vcpu_request(cpu->vcpu, VCPU_WORK_IRQ);
		return;
	}
	if (!(atomic_load_explicit(&cpu->vcpu->work, memory_order_relaxed) & VCPU_WORK_IRQ))
		atomic_fetch_or_explicit(&cpu->vcpu->work, VCPU_WORK_IRQ, memory_order_relaxed);
}

void vgic_await(struct vgic_cpu *self, struct vgic_cpu *cpu)
{
	if (cpu == self || !cpu->loaded || cpu->awaited)
		return;
	cpu->awaited = true;
	atomic_fetch_add(&cpu->vgic->awaited, 1);
}

void vgic_irq_dequeue(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	struct vgic_queue *queue = &cpu->queue[irq->bucket];

	TAILQ_REMOVE(queue, irq, link);
	irq->queued = false;
	if (TAILQ_EMPTY(queue))
		cpu->buckets &= ~BIT(irq->bucket);
}

static void enqueue(struct vgic_cpu *cpu, struct vgic_irq *irq, unsigned bucket)
{
	if (irq->first)
		TAILQ_INSERT_HEAD(&cpu->queue[bucket], irq, link);
	else
		TAILQ_INSERT_TAIL(&cpu->queue[bucket], irq, link);
	irq->first = false;
	irq->bucket = (uint8_t)bucket;
	irq->queued = true;
	cpu->buckets |= BIT(bucket);
}

bool vgic_irq_requeue(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	bool wanted = irq->active || (vgic_irq_pending(irq) && vgic_irq_allowed(cpu, irq));
	unsigned bucket = (irq->priority >> PRIORITY_SHIFT) + (irq->active ? 0 : PRIORITIES);

	if (irq->queued) {
		if (wanted && bucket == irq->bucket)
			return false;
		vgic_irq_dequeue(cpu, irq);
	}
	if (wanted)
		enqueue(cpu, irq, bucket);
	return wanted;
}

void vgic_irq_update(struct vgic_cpu *self, struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	bool here = cpu == self && cpu->loaded;

	if (here && irq->lr != NO_LR)
		vgic_lr_collect(cpu, irq);
	if (irq->lr != NO_LR) {
		cpu->dirty |= BIT(irq->lr);
		irq->rearm = 0;
	} else if ((here && vgic_lr_place(cpu, irq)) || !vgic_irq_requeue(cpu, irq)) {
		return;
	}
	vgic_kick(self, cpu);
}

void vgic_irq_set_line(struct vgic_cpu *self, struct vgic_cpu *cpu, struct vgic_irq *irq, bool level)
{
	/*
	 * The host takes a linked interrupt again only after the guest has ended it. The list register is empty then,
	 * even if nobody has looked yet; when somebody does, this one must not be taken for the one that ended.
	 */
	bool again = level && irq->host_irq && irq->intid >= PRIVATE_IRQS;

	if (irq->line == level && !again)
		return;
	if (again && irq->lr != NO_LR)
		irq->renewed = true;
	irq->line = level;
	if (irq->edge && !level)
		return;
	irq->latch |= irq->edge;
	vgic_irq_update(self, cpu, irq);
}

void vgic_irq_resample(struct vgic_cpu *self, struct vgic_irq *irq)
{
	if (!irq->host_irq || !irq->line || !self->loaded)
		return;
	if (irq->lr != NO_LR)
		vgic_lr_collect(self, irq);
	if (irq->active || !irq->line || vgic_host_line(irq->host_irq))
		return;
	if (irq->lr != NO_LR && (vgic_hw->read_lr_state((unsigned)irq->lr) & LR_ACTIVE))
		return;
	irq->line = false;
	irq_deactivate(irq->host_irq);
	vgic_irq_update(self, self, irq);
}

static void lock_two(struct vgic_cpu *a, struct vgic_cpu *b)
{
	spin_lock(a->index < b->index ? &a->lock : &b->lock);
	spin_lock(a->index < b->index ? &b->lock : &a->lock);
}

void vgic_irq_move(struct vgic_cpu *self, struct vgic_irq *irq)
{
	bool done = false;

	while (!done) {
		struct vgic_cpu *from = vgic_irq_lock(irq);
		struct vgic_cpu *to = irq->target;

		spin_unlock(&from->lock);
		if (!to || to == from)
			return;
		lock_two(from, to);
		/* Where it is in flight it stays until it has ended; the end moves it. */
		if (atomic_load(&irq->owner) == from && irq->target == to) {
			if (irq->lr == NO_LR && !irq->active) {
				vgic_irq_requeue(from, irq);
				atomic_store(&irq->owner, to);
				vgic_irq_update(self, to, irq);
			}
			done = true;
		}
		spin_unlock(&from->lock);
		spin_unlock(&to->lock);
	}
}

void vgic_irq_set_active(struct vgic_cpu *self, struct vgic_cpu *cpu, struct vgic_irq *irq, bool active)
{
	if (irq->lr != NO_LR) {
		irq->commands &= (uint8_t) ~(CMD_CLEAR_ACTIVE | CMD_SET_ACTIVE);
		irq->commands |= active ? CMD_SET_ACTIVE : CMD_CLEAR_ACTIVE;
		vgic_await(self, cpu);
	} else if (irq->active == active) {
		return;
	} else if (active) {
		irq->active = true;
	} else {
		/*
		 * A linked private interrupt is active in hardware only where its vCPU is; elsewhere this state
		 * travels.
		 */
		if (irq->host_irq && (irq->intid >= PRIVATE_IRQS || cpu == self))
			irq_deactivate(irq->host_irq);
		vgic_irq_end(irq);
	}
	vgic_irq_update(self, cpu, irq);
}

void vgic_irq_end(struct vgic_irq *irq)
{
	irq->active = false;
	if (!irq->host_irq)
		return;
	irq->line = irq->renewed;
	irq->renewed = false;
	if (!vgic_hw->links)
		irq_deactivate(irq->host_irq);
}
