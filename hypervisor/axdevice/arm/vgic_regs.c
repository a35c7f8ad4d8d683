/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Register families of the distributor and of the redistributors' SGI frames, IHI 0069 12.9 and 12.11, IHI 0048 4.3:
 * a row says how wide a field is and what reading and writing it means for one interrupt, the walkers do the rest.
 */
#include "vgic_internal.h"
#include "vgic_regs.h"

/* --- one interrupt's field; setters hold the owner's lock --- */

static bool is_v2_sgi(const struct vgic_irq *irq, const struct vgic_cpu *owner)
{
	return vgic_irq_is_sgi(irq) && owner->vgic->version == 2;
}

static uint64_t get_group(const struct vgic_cpu *self, const struct vgic_irq *irq)
{
	return irq->group1;
}

static void set_group(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	if (irq->group1 == value)
		return;
	irq->group1 = value;
	vgic_irq_update(self, owner, irq);
}

static uint64_t get_enabled(const struct vgic_cpu *self, const struct vgic_irq *irq)
{
	return irq->enabled;
}

static void set_enabled(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	if (irq->enabled)
		return;
	irq->enabled = true;
	if (owner == self)
		vgic_irq_resample(self, irq);
	vgic_irq_update(self, owner, irq);
}

static void clear_enabled(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	if (!irq->enabled || is_v2_sgi(irq, owner))
		return;
	irq->enabled = false;
	if (irq->lr != NO_LR)
		vgic_await(self, owner);
	vgic_irq_update(self, owner, irq);
}

static uint64_t get_pending(const struct vgic_cpu *self, const struct vgic_irq *irq)
{
	return vgic_irq_pending(irq) ||
	       (irq->in_lr_pending && irq->in_lr_latched && !(irq->commands & CMD_CLEAR_PENDING));
}

static void set_pending(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	if (is_v2_sgi(irq, owner))
		return;
	irq->latch = true;
	vgic_irq_update(self, owner, irq);
}

static void clear_pending(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	if (is_v2_sgi(irq, owner))
		return;
	irq->latch = false;
	if (irq->lr != NO_LR) {
		irq->commands |= CMD_CLEAR_PENDING;
		vgic_await(self, owner);
	}
	vgic_irq_update(self, owner, irq);
}

static uint64_t get_active(const struct vgic_cpu *self, const struct vgic_irq *irq)
{
	if (irq->commands & (CMD_SET_ACTIVE | CMD_CLEAR_ACTIVE))
		return !!(irq->commands & CMD_SET_ACTIVE);
	return irq->active;
}

static void set_active(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	vgic_irq_set_active(self, owner, irq, true);
}

static void clear_active(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	vgic_irq_set_active(self, owner, irq, false);
}

static uint64_t get_priority(const struct vgic_cpu *self, const struct vgic_irq *irq)
{
	return irq->priority;
}

static void set_priority(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	value &= PRIORITY_MASK;
	if (irq->priority == value)
		return;
	irq->priority = (uint8_t)value;
	vgic_irq_update(self, owner, irq);
}

/* Bit 1: edge-triggered; bit 0 is reserved. */
static uint64_t get_config(const struct vgic_cpu *self, const struct vgic_irq *irq)
{
	return irq->edge ? 2 : 0;
}

/* Private interrupts have the trigger that their sources have. */
static void set_config(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	bool edge = value & 2;

	if (irq->intid < PRIVATE_IRQS || irq->edge == edge)
		return;
	irq->edge = edge;
	vgic_irq_update(self, owner, irq);
}

static uint64_t get_route(const struct vgic_cpu *self, const struct vgic_irq *irq)
{
	return irq->intid < PRIVATE_IRQS ? BIT(self->index) : irq->route;
}

static void set_route(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	struct vgic *vgic = owner->vgic;

	value &= vgic->version == 3 ? GENMASK(39, 32) | GENMASK(23, 0) : BIT(vgic->num_cpus) - 1;
	if (irq->intid < PRIVATE_IRQS || irq->route == value)
		return;
	irq->route = value;
	vgic_irq_retarget(vgic, irq);
	vgic_irq_update(self, owner, irq);
}

/* GICD_SPENDSGIR, GICD_CPENDSGIR: one bit for each CPU whose request is pending. */
static uint64_t get_sources(const struct vgic_cpu *self, const struct vgic_irq *irq)
{
	bool in_lr = irq->in_lr_pending && !(irq->commands & CMD_CLEAR_PENDING);

	return irq->sources | (in_lr ? BIT(irq->source) : 0);
}

static void add_sources(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	irq->sources |= value & (BIT(owner->vgic->num_cpus) - 1);
	irq->latch = irq->sources;
	vgic_irq_update(self, owner, irq);
}

static void remove_sources(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value)
{
	irq->sources &= ~value;
	irq->latch = irq->sources;
	if (irq->lr != NO_LR && (value & BIT(irq->source)))
		irq->commands |= CMD_CLEAR_PENDING;
	vgic_irq_update(self, owner, irq);
}

/* --- the rows --- */

static const struct vgic_family families[VGIC_FAMILY_PAGES] = {
	[1] = { GICD_IGROUPR, .shift = 0, .get = get_group, .set = set_group },
	[2] = { GICD_ISENABLER, .shift = 0, .get = get_enabled, .set = set_enabled, .ones = true },
	[3] = { GICD_ICENABLER, .shift = 0, .get = get_enabled, .set = clear_enabled, .ones = true },
	[4] = { GICD_ISPENDR, .shift = 0, .get = get_pending, .set = set_pending, .ones = true, .sync = true },
	[5] = { GICD_ICPENDR, .shift = 0, .get = get_pending, .set = clear_pending, .ones = true, .sync = true },
	[6] = { GICD_ISACTIVER, .shift = 0, .get = get_active, .set = set_active, .ones = true, .sync = true },
	[7] = { GICD_ICACTIVER, .shift = 0, .get = get_active, .set = clear_active, .ones = true, .sync = true },
	[8 ... 15] = { GICD_IPRIORITYR, .shift = 3, .get = get_priority, .set = set_priority, .bytes = true },
	[24 ... 25] = { GICD_ICFGR, .shift = 1, .get = get_config, .set = set_config },
};

const struct vgic_family vgic_targets = { GICD_ITARGETSR, .shift = 3, .get = get_route, .set = set_route,
					  .bytes = true };
const struct vgic_family vgic_routes = { GICD_IROUTER, .shift = 6, .get = get_route, .set = set_route };
const struct vgic_family vgic_clear_sgi = { GICD_CPENDSGIR,        .shift = 3,    .get = get_sources,
					    .set = remove_sources, .bytes = true, .sync = true };
const struct vgic_family vgic_set_sgi = { GICD_SPENDSGIR,     .shift = 3,    .get = get_sources,
					  .set = add_sources, .bytes = true, .sync = true };

const struct vgic_family *vgic_family(uint64_t offset)
{
	uint64_t page = offset >> VGIC_FAMILY_SHIFT;

	return page < VGIC_FAMILY_PAGES && families[page].get ? &families[page] : NULL;
}

/* --- the walkers --- */

/*
 * Registers are words; some may be accessed by bytes, 64-bit ones by halves. Everything else reads as zero and is
 * ignored.
 */
static bool width_fits(const struct vgic_family *family, unsigned width)
{
	return width == 4 || (width == 1 && family->bytes) || (width == 8 && family->shift == 6);
}

/* INTID @intid as these registers show it: a redistributor has the private ones, a GICv3 distributor the others. */
static struct vgic_irq *find(struct vgic_cpu *self, struct vgic_cpu *bank, unsigned intid)
{
	if (intid < PRIVATE_IRQS)
		return bank ? &bank->irqs[intid] : NULL;
	return bank && bank->vgic->version == 3 ? NULL : vgic_irq(self->vgic, self, intid);
}

/* Another vCPU has it in a list register and knows better: ask it to look, a later read will see. */
static void ask_owner(struct vgic_cpu *self, struct vgic_irq *irq)
{
	struct vgic_cpu *owner = vgic_irq_lock(irq);

	if (owner != self && irq->lr != NO_LR)
		vgic_irq_update(self, owner, irq);
	spin_unlock(&owner->lock);
}

uint64_t vgic_family_read(const struct vgic_family *family, struct vgic_cpu *self, struct vgic_cpu *bank,
			  uint64_t offset, unsigned width)
{
	unsigned first = (unsigned)((offset - family->base) << 3 >> family->shift);
	unsigned count = width << 3 >> family->shift ?: 1;
	uint64_t value = 0;

	if (!width_fits(family, width))
		return 0;
	if (family->sync)
		vgic_sync(self);
	if (family->sync && self->buckets)
		vgic_kick(self, self); /* what has ended made room */
	for (unsigned i = 0; i < count; i++) {
		struct vgic_irq *irq = find(self, bank, first + i);

		if (!irq)
			continue;
		if (family->sync && irq->lr != NO_LR && atomic_load(&irq->owner) != self)
			ask_owner(self, irq);
		value |= family->get(self, irq) << (i << family->shift);
	}
	return width == 4 && family->shift == 6 ? value >> (offset & 4) * 8 : value;
}

static void write_field(const struct vgic_family *family, struct vgic_cpu *self, struct vgic_irq *irq, uint64_t value)
{
	struct vgic_cpu *owner = vgic_irq_lock(irq);
	bool moves;

	family->set(self, owner, irq, value);
	moves = irq->target && irq->target != owner;
	spin_unlock(&owner->lock);
	if (moves)
		vgic_irq_move(self, irq);
}

/* Writing a one does something, writing a zero does nothing. */
static void write_ones(const struct vgic_family *family, struct vgic_cpu *self, struct vgic_cpu *bank, unsigned first,
		       uint32_t value)
{
	for (; value; value &= value - 1) {
		struct vgic_irq *irq = find(self, bank, first + (unsigned)__builtin_ctz(value));

		if (irq)
			write_field(family, self, irq, 1);
	}
}

void vgic_family_write(const struct vgic_family *family, struct vgic_cpu *self, struct vgic_cpu *bank, uint64_t offset,
		       unsigned width, uint64_t value)
{
	unsigned first = (unsigned)((offset - family->base) << 3 >> family->shift);
	unsigned bits = 1u << family->shift;
	struct vgic_irq *irq;

	if (!width_fits(family, width))
		return;
	if (family->ones) {
		write_ones(family, self, bank, first, (uint32_t)value);
		return;
	}
	if (width == 4 && bits == 64) { /* half of a 64-bit register */
		irq = find(self, bank, first);
		if (irq && offset & 4)
			write_field(family, self, irq, (irq->route & GENMASK(31, 0)) | value << 32);
		else if (irq)
			write_field(family, self, irq, (irq->route & GENMASK(63, 32)) | (uint32_t)value);
		return;
	}
	for (unsigned i = 0; i < width * 8; i += bits, first++) {
		irq = find(self, bank, first);
		if (irq)
			write_field(family, self, irq, FIELD(value, i + bits - 1, i));
	}
}
