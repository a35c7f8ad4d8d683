/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The distributor: control registers; interrupt registers by family (vgic_regs.c).
 */
#include "vgic_regs.h"

/* PIDR4-7, PIDR0-3, CIDR0-3: IHI 0069 12.1.14 */
#define ID_REGISTERS 12
#define ID_PIDR0     4
#define ID_PIDR2     6
#define REDIST_PART  0x93

uint32_t vgic_id_register(const struct vgic *vgic, uint64_t offset, bool redist)
{
	static const uint8_t bytes[ID_REGISTERS] = { 0x44, 0, 0, 0, 0x92, 0xb4, 0x0b, 0, 0x0d, 0xf0, 0x05, 0xb1 };
	uint64_t n = offset >> 2;

	if (n >= ID_REGISTERS)
		return 0;
	if (n == ID_PIDR0 && redist)
		return REDIST_PART;
	if (n == ID_PIDR2) /* architecture revision */
		return bytes[n] | vgic->version << 4;
	return bytes[n];
}

/* Every interrupt's permission to be signalled may have changed. */
static void update_all(struct vgic *vgic, struct vgic_cpu *self)
{
	for (unsigned c = 0; c < vgic->num_cpus; c++) {
		struct vgic_cpu *cpu = &vgic->cpus[c];

		spin_lock(&cpu->lock);
		for (unsigned i = 0; i < PRIVATE_IRQS; i++)
			vgic_irq_update(self, cpu, &cpu->irqs[i]);
		if (cpu->used)
			vgic_await(self, cpu);
		spin_unlock(&cpu->lock);
	}
	for (unsigned i = 0; i < vgic->num_irqs - PRIVATE_IRQS; i++) {
		struct vgic_cpu *owner = vgic_irq_lock(&vgic->spis[i]);

		vgic_irq_update(self, owner, &vgic->spis[i]);
		spin_unlock(&owner->lock);
	}
}

static uint32_t control_register(const struct vgic *vgic)
{
	uint32_t ctlr = atomic_load_explicit(&vgic->ctlr, memory_order_relaxed);

	if (vgic->version == 3)
		ctlr |= GICD_CTLR_ARE | GICD_CTLR_DS;
	if (vgic->version == 3 && atomic_load_explicit(&vgic->awaited, memory_order_relaxed))
		ctlr |= GICD_CTLR_RWP;
	return ctlr;
}

static void write_control(struct vgic *vgic, struct vgic_cpu *self, uint32_t value)
{
	value &= GICD_CTLR_GROUPS;
	if (atomic_exchange(&vgic->ctlr, value) != value)
		update_all(vgic, self);
}

static uint64_t read_control(const struct vgic *vgic, uint64_t offset)
{
	switch (offset) {
	case GICD_CTLR: return control_register(vgic);
	case GICD_TYPER: return vgic->typer;
	case GICD_IIDR: return GIC_IIDR;
	default: return 0;
	}
}

static uint64_t v3_read(void *opaque, unsigned vcpu, uint64_t offset, unsigned width)
{
	struct vgic *vgic = opaque;
	struct vgic_cpu *self = &vgic->cpus[vcpu];
	const struct vgic_family *family;

	if (offset < GICD_IGROUPR)
		return width == 4 ? read_control(vgic, offset) : 0;
	family = vgic_family(offset);
	if (family)
		return vgic_family_read(family, self, NULL, offset, width);
	if (offset >= GICD_IROUTER && offset < GICD_IROUTER + 8 * vgic->num_irqs)
		return vgic_family_read(&vgic_routes, self, NULL, offset, width);
	return width == 4 && offset >= GICD_IDS_V3 ? vgic_id_register(vgic, offset - GICD_IDS_V3, false) : 0;
}

static void v3_write(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value)
{
	struct vgic *vgic = opaque;
	struct vgic_cpu *self = &vgic->cpus[vcpu];
	const struct vgic_family *family = vgic_family(offset);

	if (family)
		vgic_family_write(family, self, NULL, offset, width, value);
	else if (offset >= GICD_IROUTER && offset < GICD_IROUTER + 8 * vgic->num_irqs)
		vgic_family_write(&vgic_routes, self, NULL, offset, width, value);
	else if (offset == GICD_CTLR && width == 4)
		write_control(vgic, self, (uint32_t)value);
}

/* Families that only GICv2 has. */
static const struct vgic_family *v2_family(uint64_t offset)
{
	if (offset >= GICD_ITARGETSR && offset < GICD_ICFGR)
		return &vgic_targets;
	if (offset >= GICD_CPENDSGIR && offset < GICD_CPENDSGIR + SGIS)
		return &vgic_clear_sgi;
	if (offset >= GICD_SPENDSGIR && offset < GICD_SPENDSGIR + SGIS)
		return &vgic_set_sgi;
	return vgic_family(offset);
}

static uint64_t v2_read(void *opaque, unsigned vcpu, uint64_t offset, unsigned width)
{
	struct vgic *vgic = opaque;
	struct vgic_cpu *self = &vgic->cpus[vcpu];
	const struct vgic_family *family;

	if (offset < GICD_IGROUPR)
		return width == 4 ? read_control(vgic, offset) : 0;
	family = v2_family(offset);
	if (family)
		return vgic_family_read(family, self, self, offset, width);
	return width == 4 && offset >= GICD_IDS_V2 ? vgic_id_register(vgic, offset - GICD_IDS_V2, false) : 0;
}

static void v2_write(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value)
{
	struct vgic *vgic = opaque;
	struct vgic_cpu *self = &vgic->cpus[vcpu];
	const struct vgic_family *family = v2_family(offset);

	if (family)
		vgic_family_write(family, self, self, offset, width, value);
	else if (offset == GICD_CTLR && width == 4)
		write_control(vgic, self, (uint32_t)value);
	else if (offset == GICD_SGIR && width == 4)
		vgic_write_sgir(vgic, self, (uint32_t)value);
}

/*
 * GICC_DIR has a page of its own, the second of the CPU interface (IHI 0048 4.4.16). Every write of it comes here:
 * what has no list register could not be told otherwise.
 */
static uint64_t v2_dir_read(void *opaque, unsigned vcpu, uint64_t offset, unsigned width)
{
	return 0;
}

static void v2_dir_write(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value)
{
	struct vgic *vgic = opaque;

	if (offset == 0 && width == 4)
		vgic_deactivate(&vgic->cpus[vcpu], value & GICC_DIR_INTID);
}

const struct bus_ops vgic_v2_dir_ops = { .read = v2_dir_read, .write = v2_dir_write };
const struct bus_ops vgic_v3_dist_ops = { .read = v3_read, .write = v3_write };
const struct bus_ops vgic_v2_dist_ops = { .read = v2_read, .write = v2_write };
