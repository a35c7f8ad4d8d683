/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GICv3 and later (IHI 0069): distributor, redistributors, CPU interface by system registers. Everything is non-secure
 * group 1. Priority drop and deactivation are separate (EOImode 1), so that an interrupt can be given to a guest.
 */
#include "../irq_table.h"
#include "arch.h"
#include "gic_regs.h"
#include <axhal/arch/sysreg.h>
#include <axstd/assert.h>
#include <axstd/error.h>
#include <axstd/log.h>

#define ICC_SRE_EL2     S3_4_C12_C9_5
#define ICC_PMR_EL1     S3_0_C4_C6_0
#define ICC_BPR1_EL1    S3_0_C12_C12_3
#define ICC_CTLR_EL1    S3_0_C12_C12_4
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define ICC_AP1R0_EL1   S3_0_C12_C9_0
#define ICC_AP1R1_EL1   S3_0_C12_C9_1
#define ICC_AP1R2_EL1   S3_0_C12_C9_2
#define ICC_AP1R3_EL1   S3_0_C12_C9_3
#define ICC_IAR1_EL1    S3_0_C12_C12_0
#define ICC_EOIR1_EL1   S3_0_C12_C12_1
#define ICC_DIR_EL1     S3_0_C12_C11_1
#define ICC_SGI1R_EL1   S3_0_C12_C11_5
#define ICH_HCR_EL2     S3_4_C12_C11_0

#define SRE_ON        0xf /* SRE, DFB, DIB, Enable */
#define CTLR_EOIMODE  BIT(1)
#define GICD_CTLR_ON  0x13 /* ARE_NS, EnableGrp1A, EnableGrp1 (with one security state: ARE, EnableGrp1, EnableGrp0) */
#define GICD_CTLR_ARE BIT(4)
#define GICD_CTLR_RWP BIT(31)

#define GICR_CTLR      0x00
#define GICR_TYPER     0x08
#define GICR_WAKER     0x14
#define GICR_SGI_FRAME 0x10000
#define GICR_CTLR_RWP  BIT(3)
#define TYPER_VLPIS    BIT(1)
#define TYPER_LAST     BIT(4)
#define WAKER_SLEEP    BIT(1)
#define WAKER_ASLEEP   BIT(2)

static void *dist;
static DEFINE_PER_CPU(void *, gicr); /* this CPU's redistributor */

static void wait_clear(void *reg, uint32_t bit, const char *what)
{
	for (unsigned i = 0; i < RWP_SPINS; i++)
		if (!(mmio_read32(reg) & bit))
			return;
	log_error("GICv3: %s does not answer", what);
}

/* The registers of an interrupt stand in the distributor or, for private ones, in this CPU's redistributor. */
static void *frame_of(unsigned irq)
{
	return irq < 32 ? (char *)*this_cpu(gicr) + GICR_SGI_FRAME : dist;
}

static void sync(unsigned irq)
{
	if (irq < 32)
		wait_clear(gic_reg(*this_cpu(gicr), GICR_CTLR), (uint32_t)GICR_CTLR_RWP, "the redistributor");
	else
		wait_clear(gic_reg(dist, GICD_CTLR), (uint32_t)GICD_CTLR_RWP, "the distributor");
}

static void gicv3_mask(unsigned irq)
{
	gic_write_bit(frame_of(irq), GICD_ICENABLER, irq);
	sync(irq);
}

static void gicv3_unmask(unsigned irq)
{
	gic_write_bit(frame_of(irq), GICD_ISENABLER, irq);
}

static void gicv3_set_trigger(unsigned irq, enum irq_trigger trigger)
{
	if (irq >= 16)
		gic_set_edge(frame_of(irq), irq, trigger == IRQ_EDGE_RISING);
}

static uint64_t affinity_of(unsigned cpu)
{
	return cpu_hwid(cpu) & MPIDR_AFFINITY;
}

static int gicv3_route(unsigned irq, unsigned cpu)
{
	mmio_write64(gic_reg(dist, GICD_IROUTER + irq * 8), affinity_of(cpu));
	return 0;
}

static void gicv3_set_active(unsigned irq, bool active)
{
	gic_write_bit(frame_of(irq), active ? GICD_ISACTIVER : GICD_ICACTIVER, irq);
}

static void gicv3_deactivate(unsigned irq)
{
	sysreg_write(ICC_DIR_EL1, irq);
}

/* ICC_SGI1R_EL1: Aff3 55:48, RS 47:44, Aff2 39:32, INTID 27:24, Aff1 23:16, one bit per CPU of the group of 16. */
static void gicv3_send_ipi(unsigned cpu, unsigned kind)
{
	uint64_t hwid = cpu_hwid(cpu);
	uint64_t aff0 = FIELD(hwid, 7, 0);
	uint64_t value = FIELD(hwid, 39, 32) << 48 | aff0 / 16 << 44 | FIELD(hwid, 23, 16) << 32 |
			 (uint64_t)kind << 24 | FIELD(hwid, 15, 8) << 16 | BIT(aff0 % 16);

	dsb(ishst);
	sysreg_write(ICC_SGI1R_EL1, value);
	isb();
}

static void gicv3_dispatch(void)
{
	unsigned irq = (unsigned)sysreg_read(ICC_IAR1_EL1);
	enum irq_result result;

	if (irq >= GIC_SPURIOUS)
		return;
	/* What the device did before the interrupt is seen after it (IHI 0069, 4.1.1). */
	dsb(sy);
	result = irq_handle(irq);
	/* The exception return that follows makes these take effect. */
	sysreg_write(ICC_EOIR1_EL1, irq);
	if (result == IRQ_DONE)
		sysreg_write(ICC_DIR_EL1, irq);
}

static uint64_t frame_stride(const struct fdt_arm *arm, uint64_t typer)
{
	if (arm->redist_stride)
		return arm->redist_stride;
	return typer & TYPER_VLPIS ? 0x40000 : 0x20000;
}

/* GICR_TYPER's upper half is the CPU's affinity, as Aff3.Aff2.Aff1.Aff0. */
static void *find_redist(uint64_t hwid)
{
	const struct fdt_arm *arm = arm_platform();
	uint32_t wanted = (uint32_t)(FIELD(hwid, 39, 32) << 24 | FIELD(hwid, 23, 0));

	for (unsigned i = 0; i < arm->num_redist; i++) {
		uint64_t offset = 0, typer;

		do {
			char *frame = (char *)phys_to_virt(arm->redist[i].base) + offset;

			typer = mmio_read64(frame + GICR_TYPER);
			if (typer >> 32 == wanted)
				return frame;
			offset += frame_stride(arm, typer);
		} while (!(typer & TYPER_LAST) && offset < arm->redist[i].size);
	}
	return NULL;
}

static void wake_redist(void *frame)
{
	void *waker = gic_reg(frame, GICR_WAKER);

	mmio_write32(waker, mmio_read32(waker) & ~(uint32_t)WAKER_SLEEP);
	wait_clear(waker, (uint32_t)WAKER_ASLEEP, "the redistributor");
}

/* No priority is active, whatever a boot loader has left. How many registers there are depends on the priority bits. */
static void clear_active_priorities(void)
{
	uint64_t bits = FIELD(sysreg_read(ICC_CTLR_EL1), 10, 8) + 1;

	sysreg_write(ICC_AP1R0_EL1, 0);
	if (bits > 5)
		sysreg_write(ICC_AP1R1_EL1, 0);
	if (bits > 6) {
		sysreg_write(ICC_AP1R2_EL1, 0);
		sysreg_write(ICC_AP1R3_EL1, 0);
	}
}

static void gicv3_init_cpu(void)
{
	void *frame = find_redist(cpu_hwid(cpu_id()));

	if (!frame)
		panic("GICv3: CPU %#llx has no redistributor", (unsigned long long)cpu_hwid(cpu_id()));
	*this_cpu(gicr) = frame;
	wake_redist(frame);
	gic_reset_range(gic_reg(frame, GICR_SGI_FRAME), 0, 32, true);
	sync(0);

	sysreg_write(ICC_SRE_EL2, SRE_ON);
	isb();
	if (!(sysreg_read(ICC_SRE_EL2) & 1))
		panic("GICv3: the firmware does not allow the system register interface (ICC_SRE_EL3)");
	sysreg_write(ICH_HCR_EL2, 0);
	clear_active_priorities();
	sysreg_write(ICC_PMR_EL1, 0xff);
	sysreg_write(ICC_BPR1_EL1, 0);
	sysreg_write(ICC_CTLR_EL1, CTLR_EOIMODE);
	sysreg_write(ICC_IGRPEN1_EL1, 1);
	isb();
}

static struct irq_chip chip = {
	.name = "GICv3",
	.num_per_cpu = 32,
	.ipi_base = 0,
	.init_cpu = gicv3_init_cpu,
	.dispatch = gicv3_dispatch,
	.mask = gicv3_mask,
	.unmask = gicv3_unmask,
	.set_trigger = gicv3_set_trigger,
	.route = gicv3_route,
	.set_active = gicv3_set_active,
	.deactivate = gicv3_deactivate,
	.send_ipi = gicv3_send_ipi,
};

const struct irq_chip *gicv3_init(const struct fdt_arm *arm, struct gic_info *info)
{
	dist = mem_map_device(arm->dist.base, arm->dist.size);
	if (!dist)
		return NULL;
	for (unsigned i = 0; i < arm->num_redist; i++)
		if (!mem_map_device(arm->redist[i].base, arm->redist[i].size))
			return NULL;
	chip.num_irqs = gic_num_irqs(dist);

	mmio_write32(gic_reg(dist, GICD_CTLR), 0);
	sync(32);
	gic_reset_range(dist, 32, chip.num_irqs, true);
	mmio_write32(gic_reg(dist, GICD_CTLR), (uint32_t)GICD_CTLR_ARE);
	sync(32);
	mmio_write32(gic_reg(dist, GICD_CTLR), GICD_CTLR_ON);
	sync(32);
	for (unsigned irq = 32; irq < chip.num_irqs; irq++)
		gicv3_route(irq, 0);
	return &chip;
}
