/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The redistributors of a GICv3: two frames of 64 KiB per vCPU, IHI 0069 12.10 (RD) and 12.11 (SGI). Without LPIs.
 */
#include "vgic_regs.h"

static uint64_t type_register(const struct vgic *vgic, const struct vgic_cpu *cpu)
{
	bool last = cpu->index == vgic->num_cpus - 1;

	return (uint64_t)cpu->affinity << 32 | cpu->index << 8 | (last ? GICR_TYPER_LAST : 0);
}

static uint64_t rd_read(const struct vgic *vgic, struct vgic_cpu *cpu, uint64_t offset, unsigned width)
{
	if (offset == GICR_TYPER && width == 8)
		return type_register(vgic, cpu);
	if (width != 4)
		return 0;
	switch (offset) {
	case GICR_CTLR: return __atomic_load_n(&cpu->awaited, __ATOMIC_RELAXED) ? GICR_CTLR_RWP : 0;
	case GICR_IIDR: return GIC_IIDR;
	case GICR_TYPER: return (uint32_t)type_register(vgic, cpu);
	case GICR_TYPER + 4: return cpu->affinity;
	case GICR_WAKER: return __atomic_load_n(&cpu->waker, __ATOMIC_RELAXED);
	default: return offset >= GICD_IDS_V3 ? vgic_id_register(vgic, offset - GICD_IDS_V3, true) : 0;
	}
}

/* ChildrenAsleep follows ProcessorSleep at once. The bits are kept for drivers that look; they stop nothing. */
static void write_waker(struct vgic_cpu *cpu, uint64_t value)
{
	uint32_t waker = value & WAKER_SLEEP ? WAKER_SLEEP | WAKER_ASLEEP : 0;

	__atomic_store_n(&cpu->waker, waker, __ATOMIC_RELAXED);
}

static uint64_t redist_read(void *opaque, unsigned vcpu, uint64_t offset, unsigned width)
{
	struct vgic *vgic = opaque;
	struct vgic_cpu *cpu = &vgic->cpus[offset >> GICR_SHIFT];
	uint64_t frame_offset = offset & (GICR_SGI - 1);
	const struct vgic_family *family;

	if (!(offset & GICR_SGI))
		return rd_read(vgic, cpu, frame_offset, width);
	family = vgic_family(frame_offset);
	return family ? vgic_family_read(family, &vgic->cpus[vcpu], cpu, frame_offset, width) : 0;
}

static void redist_write(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value)
{
	struct vgic *vgic = opaque;
	struct vgic_cpu *cpu = &vgic->cpus[offset >> GICR_SHIFT];
	uint64_t frame_offset = offset & (GICR_SGI - 1);
	const struct vgic_family *family;

	if (!(offset & GICR_SGI)) {
		if (frame_offset == GICR_WAKER && width == 4)
			write_waker(cpu, value);
		return;
	}
	family = vgic_family(frame_offset);
	if (family)
		vgic_family_write(family, &vgic->cpus[vcpu], cpu, frame_offset, width, value);
}

const struct bus_ops vgic_redist_ops = { .read = redist_read, .write = redist_write };
