/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GICv2 (IHI 0048). Priority drop and deactivation are separate (EOImode 1), so that an interrupt can be given to a
 * guest.
 */
#include "../irq_table.h"
#include "arch.h"
#include "gic_regs.h"
#include <axhal/arch/sysreg.h>
#include <axstd/error.h>
#include <axstd/log.h>

#define GICC_CTLR 0x0000
#define GICC_PMR  0x0004
#define GICC_BPR  0x0008
#define GICC_IAR  0x000c
#define GICC_EOIR 0x0010
#define GICC_APR  0x00d0
#define GICC_DIR  0x1000

/*
 * Enable and EOImode, in the non-secure view and where there is no security. Groups stay as they are: they differ
 * between the two.
 */
#define CTLR_ON      0x201
#define IAR_IRQ      0x3ff
#define ALIASED_SIZE 0x20000

static void *dist, *cpuif;
static uint8_t interface_mask[CPU_MAX]; /* the bit by which the distributor knows a CPU */

static void gicv2_mask(unsigned irq)
{
	gic_write_bit(dist, GICD_ICENABLER, irq);
}

static void gicv2_unmask(unsigned irq)
{
	gic_write_bit(dist, GICD_ISENABLER, irq);
}

static void gicv2_set_trigger(unsigned irq, enum irq_trigger trigger)
{
	if (irq >= 16)
		gic_set_edge(dist, irq, trigger == IRQ_EDGE_RISING);
}

static int gicv2_route(unsigned irq, unsigned cpu)
{
	mmio_write8(gic_reg(dist, GICD_ITARGETSR + irq), interface_mask[cpu]);
	return 0;
}

static void gicv2_set_active(unsigned irq, bool active)
{
	gic_write_bit(dist, active ? GICD_ISACTIVER : GICD_ICACTIVER, irq);
}

static void gicv2_deactivate(unsigned irq)
{
	mmio_write32(gic_reg(cpuif, GICC_DIR), irq);
}

static void gicv2_send_ipi(unsigned cpu, unsigned kind)
{
	dsb(ishst);
	mmio_write32(gic_reg(dist, GICD_SGIR), (uint32_t)interface_mask[cpu] << 16 | kind);
}

static void gicv2_dispatch(void)
{
	uint32_t iar = mmio_read32(gic_reg(cpuif, GICC_IAR));
	enum irq_result result;

	if ((iar & IAR_IRQ) >= GIC_SPURIOUS)
		return;
	result = irq_handle(iar & IAR_IRQ);
	/* All of IAR goes back: for SGIs it names the sender too. */
	mmio_write32(gic_reg(cpuif, GICC_EOIR), iar);
	if (result == IRQ_DONE)
		mmio_write32(gic_reg(cpuif, GICC_DIR), iar);
}

/* Private interrupts' target registers read as the reading CPU's own bit. */
static uint8_t own_mask(void)
{
	for (unsigned irq = 0; irq < 32; irq++) {
		uint8_t mask = mmio_read8(gic_reg(dist, GICD_ITARGETSR + irq));

		if (mask)
			return mask;
	}
	return 1; /* a single CPU: the registers are zero */
}

static void gicv2_init_cpu(void)
{
	interface_mask[cpu_id()] = own_mask();
	gic_reset_range(dist, 0, 32, false);
	for (unsigned i = 0; i < 4; i++)
		mmio_write32(gic_reg(cpuif, GICC_APR + i * 4), 0);
	mmio_write32(gic_reg(cpuif, GICC_PMR), 0xff);
	mmio_write32(gic_reg(cpuif, GICC_BPR), 0);
	mmio_write32(gic_reg(cpuif, GICC_CTLR), CTLR_ON);
}

static struct irq_chip chip = {
	.name = "GICv2",
	.num_per_cpu = 32,
	.ipi_base = 0,
	.init_cpu = gicv2_init_cpu,
	.dispatch = gicv2_dispatch,
	.mask = gicv2_mask,
	.unmask = gicv2_unmask,
	.set_trigger = gicv2_set_trigger,
	.route = gicv2_route,
	.set_active = gicv2_set_active,
	.deactivate = gicv2_deactivate,
	.send_ipi = gicv2_send_ipi,
};

/*
 * Where the registers of 8 KiB take up 128 KiB, each 4 KiB page shows up in 64 KiB of addresses (SBSA level 0); the
 * last alias of the first page and the first of the second one lie side by side.
 */
static paddr_t unalias(const struct fdt_range *range, uint64_t *size)
{
	bool aliased = range->size == ALIASED_SIZE;

	*size = aliased ? 0x2000 : range->size;
	return range->base + (aliased ? 0xf000 : 0);
}

const struct irq_chip *gicv2_init(const struct fdt_arm *arm, struct gic_info *info)
{
	uint64_t size;
	paddr_t base = unalias(&arm->cpu, &size);

	if (size < 0x2000) {
		log_error(
			"GICv2: the CPU interface has %#llx bytes: without GICC_DIR guests cannot be given interrupts",
			(unsigned long long)size);
		return NULL;
	}
	dist = mem_map_device(arm->dist.base, arm->dist.size);
	cpuif = mem_map_device(base, size);
	if (!dist || !cpuif)
		return NULL;
	if (arm->hyp.size && arm->vcpu.size) {
		info->gich = mem_map_device(arm->hyp.base, arm->hyp.size);
		info->gicv = unalias(&arm->vcpu, &info->gicv_size);
	}
	chip.num_irqs = gic_num_irqs(dist);
	mmio_write32(gic_reg(dist, GICD_CTLR), 0);
	gic_reset_range(dist, 32, chip.num_irqs, false);
	interface_mask[0] = own_mask();
	for (unsigned irq = 32; irq < chip.num_irqs; irq++)
		gicv2_route(irq, 0);
	mmio_write32(gic_reg(dist, GICD_CTLR), 1);
	return &chip;
}
