/* SPDX-License-Identifier: Apache-2.0 */
/*
 * List registers: from the queue into them (flush), what happened to them (sync), back into the queue (put).
 *
 * Everything here runs on the CPU on which the vCPU is loaded, with the vCPU's lock held. An interrupt that got into
 * a list register stays there until the guest has ended it, the model takes it back, or the vCPU leaves the CPU.
 *
 * When there are more interrupts than list registers, these hold the most urgent pending one, then active ones by
 * priority, then pending ones by priority; maintenance interrupts ask for more. What the guest ends without a list
 * register is counted by the hardware (HCR.EOIcount) and taken off the most urgent active one in the queue.
 */
#include "vgic_internal.h"
#include <axhal/irq.h>

const struct vgic_hw *vgic_hw;

static uint32_t all_lrs(void)
{
	return (uint32_t)BIT(vgic_hw->nr_lrs) - 1;
}

static bool is_v2_sgi(const struct vgic_cpu *cpu, const struct vgic_irq *irq)
{
	return vgic_irq_is_sgi(irq) && cpu->vgic->version == 2;
}

static void add_move(const struct vgic_cpu *cpu, struct vgic_irq *irq, struct vgic_after *after)
{
	if (irq->target && irq->target != cpu && !irq->active)
		after->moves[after->num_moves++] = irq;
}

/* Move what is pending in the model to a list register that has @state. Return: its new state. */
static unsigned take_pending(const struct vgic_cpu *cpu, struct vgic_irq *irq, unsigned state)
{
	bool v2_sgi = is_v2_sgi(cpu, irq);

	/* Linked ones must not be pending and active at once, and a GICv2 SGI has one source per list register. */
	if ((state & LR_ACTIVE) && (irq->host_irq || v2_sgi))
		return state;
	if (irq->latch) {
		if (v2_sgi && !(state & LR_PENDING))
			irq->source = (uint8_t)__builtin_ctz(irq->sources);
		irq->sources &= ~BIT(irq->source);
		irq->latch = irq->sources != 0;
		irq->in_lr_latched = true;
		return state | LR_PENDING;
	}
	if (!irq->edge && irq->line && !(state & LR_ACTIVE))
		return state | LR_PENDING;
	return state;
}

/*
 * The reverse, for a pending state that leaves its list register. A level needs nothing: it is still there, or it is
 * over.
 */
static void give_back_pending(const struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	if (!irq->in_lr_latched)
		return;
	irq->latch = true;
	if (is_v2_sgi(cpu, irq))
		irq->sources |= BIT(irq->source);
}

static void lr_write(struct vgic_cpu *cpu, unsigned i, struct vgic_irq *irq, unsigned state)
{
	uint64_t lr = irq->intid | LR_MAKE_PRIORITY(irq->priority) | (uint64_t)irq->group1 << LR_GROUP1_SHIFT;

	cpu->with_eoi &= ~BIT(i);
	irq->rearm = 0;
	if (irq->host_irq && vgic_hw->links) {
		lr |= LR_HW | LR_MAKE_LINK(irq->host_irq);
		irq->rearm = vgic_irq_allowed(cpu, irq) ? lr | LR_MAKE_STATE(LR_PENDING) : 0;
	} else {
		lr |= LR_MAKE_LINK(irq->source);
		/*
		 * The guest's end of interrupt must bring us here if something is left for afterwards, on this or on
		 * another vCPU, or the host's interrupt has to be deactivated.
		 */
		if (irq->host_irq || (vgic_irq_pending(irq) && irq->target && vgic_irq_allowed(irq->target, irq))) {
			lr |= LR_EOI;
			cpu->with_eoi |= BIT(i);
		}
	}
	vgic_hw->write_lr(i, lr | LR_MAKE_STATE(state));
	irq->active = state & LR_ACTIVE;
	irq->in_lr_pending = state & LR_PENDING;
}

/* The interrupt has left list register @i: queue it again if it has reason to be there. */
static void lr_release(struct vgic_cpu *cpu, unsigned i, struct vgic_after *after)
{
	struct vgic_irq *irq = cpu->lr_irq[i];

	irq->lr = NO_LR;
	irq->rearm = 0;
	irq->commands = 0;
	irq->in_lr_pending = irq->in_lr_latched = false;
	cpu->used &= ~BIT(i);
	cpu->dirty &= ~BIT(i);
	cpu->with_eoi &= ~BIT(i);
	vgic_irq_requeue(cpu, irq);
	add_move(cpu, irq, after);
}

static void lr_empty(struct vgic_cpu *cpu, unsigned i, struct vgic_after *after)
{
	vgic_hw->write_lr(i, 0);
	lr_release(cpu, i, after);
}

/* The guest has ended the interrupt in list register @i. */
static void lr_done(struct vgic_cpu *cpu, unsigned i, struct vgic_after *after)
{
	struct vgic_irq *irq = cpu->lr_irq[i];

	if (cpu->with_eoi & BIT(i))
		vgic_hw->write_lr(i, 0);
	vgic_irq_end(irq);
	irq->active = irq->commands & CMD_SET_ACTIVE;
	lr_release(cpu, i, after);
}

/* The state of list register @i after what others have asked for. */
static unsigned lr_read_state(struct vgic_cpu *cpu, unsigned i)
{
	struct vgic_irq *irq = cpu->lr_irq[i];
	unsigned state = vgic_hw->read_lr_state(i);

	if (irq->commands & CMD_CLEAR_PENDING)
		state &= ~LR_PENDING;
	if ((irq->commands & CMD_CLEAR_ACTIVE) && (state & LR_ACTIVE)) {
		state &= ~LR_ACTIVE;
		if (irq->host_irq)
			irq_deactivate(irq->host_irq);
		vgic_irq_end(irq);
	}
	if ((irq->commands & CMD_SET_ACTIVE) && !(irq->host_irq && (state & LR_PENDING)))
		state |= LR_ACTIVE;
	irq->commands = 0;
	if (!(state & LR_PENDING))
		irq->in_lr_latched = false;
	return state;
}

/* Something about the interrupt in list register @i has changed. */
static void lr_review(struct vgic_cpu *cpu, unsigned i, struct vgic_after *after)
{
	struct vgic_irq *irq = cpu->lr_irq[i];
	unsigned state = lr_read_state(cpu, i);

	if (!vgic_irq_allowed(cpu, irq)) {
		if (state & LR_PENDING)
			give_back_pending(cpu, irq);
		state &= ~LR_PENDING;
	} else {
		bool level_high = !irq->edge && irq->line;

		if (!irq->in_lr_latched && !level_high)
			state &= ~LR_PENDING;
		state = take_pending(cpu, irq, state);
	}
	irq->active = state & LR_ACTIVE;
	if (!state)
		lr_empty(cpu, i, after);
	else
		lr_write(cpu, i, irq, state);
	cpu->dirty &= ~BIT(i);
}

/* Take the interrupt in list register @i back into the model. */
static void lr_pull(struct vgic_cpu *cpu, unsigned i, struct vgic_after *after)
{
	struct vgic_irq *irq = cpu->lr_irq[i];
	unsigned state = lr_read_state(cpu, i);

	if (state & LR_PENDING)
		give_back_pending(cpu, irq);
	irq->active = state & LR_ACTIVE;
	irq->first = true;
	lr_empty(cpu, i, after);
	irq->first = false;
}

static void pull_all(struct vgic_cpu *cpu, struct vgic_after *after)
{
	/* From last to first, each to the front: the order stays, and the first is the one that was placed last. */
	while (cpu->used)
		lr_pull(cpu, 31 - (unsigned)__builtin_clz(cpu->used), after);
}

static void lr_place(struct vgic_cpu *cpu, unsigned i, unsigned bucket)
{
	struct vgic_irq *irq = TAILQ_FIRST(&cpu->queue[bucket]);
	unsigned state = irq->active ? LR_ACTIVE : 0;

	vgic_irq_dequeue(cpu, irq);
	if (vgic_irq_allowed(cpu, irq))
		state = take_pending(cpu, irq, state);
	if (!state)
		return; /* the distributor was switched off a moment ago */
	irq->lr = (int8_t)i;
	cpu->lr_irq[i] = irq;
	cpu->used |= BIT(i);
	lr_write(cpu, i, irq, state);
}

void vgic_lr_collect(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	uint32_t bit = BIT(irq->lr);

	if (((cpu->dirty | cpu->with_eoi) & bit) || irq->target != cpu || !(vgic_hw->empty_lrs() & bit))
		return;
	vgic_irq_end(irq);
	irq->lr = NO_LR;
	irq->rearm = 0;
	irq->in_lr_pending = irq->in_lr_latched = false;
	cpu->used &= ~bit;
}

bool vgic_lr_place(struct vgic_cpu *cpu, struct vgic_irq *irq)
{
	unsigned i, state;

	if (cpu->buckets || cpu->used == all_lrs() || irq->active || !vgic_irq_allowed(cpu, irq))
		return false;
	state = take_pending(cpu, irq, 0);
	if (!state)
		return false;
	i = (unsigned)__builtin_ctz(~cpu->used);
	irq->lr = (int8_t)i;
	cpu->lr_irq[i] = irq;
	cpu->used |= BIT(i);
	lr_write(cpu, i, irq, state);
	return true;
}

/* From the queue into free list registers, active ones first, each by priority. */
static void fill(struct vgic_cpu *cpu)
{
	while (cpu->buckets && cpu->used != all_lrs())
		lr_place(cpu, (unsigned)__builtin_ctz(~cpu->used), (unsigned)__builtin_ctzll(cpu->buckets));
}

/* More interrupts than list registers: choose anew. */
static void repack(struct vgic_cpu *cpu, struct vgic_after *after)
{
	uint64_t pending;

	pull_all(cpu, after);
	pending = cpu->buckets & ~ACTIVE_BUCKETS;
	if (pending)
		lr_place(cpu, 0, (unsigned)__builtin_ctzll(pending));
	fill(cpu);
}

/* Which list registers the guest has finished with. */
static void collect_done(struct vgic_cpu *cpu, struct vgic_after *after)
{
	uint32_t done;

	if (!cpu->used)
		return;
	done = vgic_hw->empty_lrs() & cpu->used;
	if (cpu->with_eoi)
		done |= vgic_hw->eoi_lrs() & cpu->with_eoi;
	for (; done; done &= done - 1)
		lr_done(cpu, (unsigned)__builtin_ctz(done), after);
}

/* The guest has ended interrupts for which there was no list register: the most urgent active ones. */
static void collect_uncounted(struct vgic_cpu *cpu, struct vgic_after *after)
{
	unsigned count = (unsigned)HCR_EOICOUNT(vgic_hw->read_hcr());

	if (!count)
		return;
	cpu->hcr = 0; /* to be written again, which clears the count */
	vgic_hw->save(&cpu->cpuif);
	if (cpu->vgic->dir_trapped && (cpu->cpuif.vmcr & VMCR_EOIM))
		return; /* priority drops, which some implementations count too */
	for (; count && (cpu->buckets & ACTIVE_BUCKETS); count--) {
		struct vgic_irq *irq = TAILQ_FIRST(&cpu->queue[__builtin_ctzll(cpu->buckets)]);

		if (irq->host_irq)
			irq_deactivate(irq->host_irq);
		vgic_irq_end(irq);
		vgic_irq_requeue(cpu, irq);
		add_move(cpu, irq, after);
	}
}

static void collect(struct vgic_cpu *cpu, struct vgic_after *after)
{
	collect_done(cpu, after);
	if (cpu->hcr & HCR_LRENPIE)
		collect_uncounted(cpu, after);
}

/* Maintenance interrupts are wanted while something waits for a list register. */
static uint32_t wanted_hcr(const struct vgic_cpu *cpu)
{
	uint32_t hcr = HCR_EN | HCR_UIE | HCR_LRENPIE;

	if (!cpu->buckets)
		return HCR_EN;
	for (uint32_t used = cpu->used; used; used &= used - 1) {
		const struct vgic_irq *irq = cpu->lr_irq[__builtin_ctz(used)];

		if (irq->in_lr_pending && !irq->active)
			hcr |= HCR_NPIE;
	}
	if ((cpu->buckets & ACTIVE_BUCKETS) && vgic_hw->can_trap_dir)
		hcr |= HCR_TDIR;
	return hcr;
}

static void no_longer_awaited(struct vgic_cpu *cpu)
{
	if (!cpu->awaited)
		return;
	cpu->awaited = false;
	atomic_fetch_sub(&cpu->vgic->awaited, 1);
}

void vgic_lrs_flush(struct vgic_cpu *cpu, struct vgic_after *after)
{
	uint32_t hcr;

	collect(cpu, after);
	while (cpu->dirty)
		lr_review(cpu, (unsigned)__builtin_ctz(cpu->dirty), after);
	if (cpu->buckets)
		fill(cpu);
	if (cpu->buckets)
		repack(cpu, after);
	hcr = wanted_hcr(cpu);
	if (hcr != cpu->hcr) {
		vgic_hw->write_hcr(hcr);
		cpu->hcr = hcr;
	}
	no_longer_awaited(cpu);
}

void vgic_lrs_sync(struct vgic_cpu *cpu, struct vgic_after *after)
{
	collect(cpu, after);
	for (uint32_t used = cpu->used; used; used &= used - 1) {
		unsigned i = (unsigned)__builtin_ctz(used);
		unsigned state = vgic_hw->read_lr_state(i);

		cpu->lr_irq[i]->active = state & LR_ACTIVE;
		cpu->lr_irq[i]->in_lr_pending = state & LR_PENDING;
	}
}

void vgic_lrs_put(struct vgic_cpu *cpu, struct vgic_after *after)
{
	collect(cpu, after);
	pull_all(cpu, after);
	vgic_hw->write_hcr(0);
	no_longer_awaited(cpu);
}
