/* SPDX-License-Identifier: Apache-2.0 */
/* What GICv2 and GICv3 have in common: the registers of the distributor, handlers. */
#include "gic.h"
#include "cpu.h"
#include "guest.h"
#include "hooks.h"

#define DEFAULT_PRIORITY 0xa0
#define GICD_CTLR_V2     1u
#define GICD_CTLR_V3     0x12u /* affinity routing, group 1 */
#define GICD_CTLR_RWP    (1u << 31)
#define GICR_CTLR_RWP    (1u << 3)

struct gic gic;
static irq_handler handlers[GIC_IRQS];

static bool find(void)
{
	static const char *const v2_names[] = { "arm,cortex-a15-gic", "arm,gic-400" };
	uint64_t size;
	int node = dt_find("arm,gic-v3");
	unsigned i;

	if (node >= 0) {
		gic.version = 3;
		return dt_reg(node, 0, &gic.dist, &size) && dt_reg(node, 1, &gic.redists, &gic.redists_size);
	}
	for (i = 0; i < ARRAY_LEN(v2_names); i++) {
		node = dt_find(v2_names[i]);
		if (node >= 0) {
			gic.version = 2;
			return dt_reg(node, 0, &gic.dist, &size) && dt_reg(node, 1, &gic.cpu_if, &size);
		}
	}
	return false;
}

static uint64_t bank(uint64_t reg, unsigned intid)
{
	return intid < 32 && gic.version == 3 ? cpu_self()->arch.redist + GICR_SGI + reg : gic.dist + reg;
}

uint64_t gic_private(uint64_t reg)
{
	return bank(reg, 0);
}

bool gic_bit(uint64_t reg, unsigned intid)
{
	return mmio_read32(bank(reg, intid) + intid / 32 * 4) >> (intid % 32) & 1;
}

void gic_set_bit(uint64_t reg, unsigned intid)
{
	mmio_write32(bank(reg, intid) + intid / 32 * 4, 1u << (intid % 32));
}

void gic_wait_rwp(unsigned intid)
{
	if (gic.version == 2)
		return;
	if (intid < 32) {
		while (mmio_read32(cpu_self()->arch.redist + GICR_CTLR) & GICR_CTLR_RWP)
			;
	} else {
		while (mmio_read32(gic.dist + GICD_CTLR) & GICD_CTLR_RWP)
			;
	}
}

void gic_set_priority(unsigned intid, uint8_t priority)
{
	mmio_write8(bank(GICD_IPRIORITYR, intid) + intid, priority);
}

uint8_t gic_priority(unsigned intid)
{
	return mmio_read8(bank(GICD_IPRIORITYR, intid) + intid);
}

void gic_set_edge(unsigned intid, bool edge)
{
	uint64_t reg = bank(GICD_ICFGR, intid) + intid / 16 * 4;
	uint32_t bit = 2u << (intid % 16 * 2);
	uint32_t value = mmio_read32(reg);

	mmio_write32(reg, edge ? value | bit : value & ~bit);
}

void gic_set_target(unsigned intid, unsigned cpu)
{
	if (gic.version == 3)
		mmio_write64(gic.dist + GICD_IROUTER + 8ULL * intid, machine.cpu_hwid[cpu]);
	else
		mmio_write8(gic.dist + GICD_ITARGETSR + intid, 1u << cpu);
}

unsigned gic_intid_of(int node, unsigned index)
{
	uint32_t type = dt_cell(node, "interrupts", index * 3, 0);
	uint32_t number = dt_cell(node, "interrupts", index * 3 + 1, 0);

	return type ? 16 + number : 32 + number;
}

/* The highest lines: devices of our boards and of QEMU's use the lower ones. */
unsigned gic_spi(unsigned n)
{
	return gic.lines - 1 - n;
}

void intc_init(void)
{
	unsigned i;

	if (!find()) {
		check(false, "gic", "no interrupt controller in the device tree");
		check_finish();
	}
	gic.lines = 32 * ((mmio_read32(gic.dist + GICD_TYPER) & 0x1f) + 1);
	if (gic.lines > GIC_IRQS)
		gic.lines = GIC_IRQS;
	mmio_write32(gic.dist + GICD_CTLR, 0);
	for (i = 32; i < gic.lines; i++) {
		gic_set_priority(i, DEFAULT_PRIORITY);
		gic_set_target(i, cpu_index());
	}
	for (i = 32; i < gic.lines; i += 32) {
		mmio_write32(gic.dist + GICD_ICENABLER + i / 8, ~0u);
		if (gic.version == 3)
			mmio_write32(gic.dist + GICD_IGROUPR + i / 8, ~0u);
	}
	mmio_write32(gic.dist + GICD_CTLR, gic.version == 3 ? GICD_CTLR_V3 : GICD_CTLR_V2);
	gic_wait_rwp(32);
}

/* The redistributor whose affinity is ours (GICR_TYPER, IHI 0069 12.11.35). */
static uint64_t find_redist(void)
{
	uint64_t hwid = cpu_self()->hwid;
	uint64_t want = (hwid >> 8 & 0xff000000) | (hwid & 0xffffff);
	uint64_t at;

	for (at = gic.redists; at < gic.redists + gic.redists_size; at += 0x20000) {
		uint64_t typer = mmio_read64(at + GICR_TYPER);

		if (typer >> 32 == want)
			return at;
		if (typer & 0x10) /* last */
			break;
	}
	check(false, "gicr", "no redistributor of CPU %#llx", (unsigned long long)hwid);
	check_finish();
}

static void wake_redist(void)
{
	uint64_t waker = cpu_self()->arch.redist + GICR_WAKER;

	mmio_write32(waker, mmio_read32(waker) & ~2u);
	while (mmio_read32(waker) & 4)
		;
}

void intc_init_cpu(void)
{
	unsigned i;

	if (gic.version == 3) {
		cpu_self()->arch.redist = find_redist();
		wake_redist();
		mmio_write32(gic_private(GICD_IGROUPR), ~0u);
		sysreg_write(s3_0_c12_c12_5, 7); /* ICC_SRE_EL1 */
		isb();
	}
	mmio_write32(gic_private(GICD_ICENABLER), 0xffff0000);
	mmio_write32(gic_private(GICD_ISENABLER), 0x0000ffff);
	for (i = 0; i < 32; i++)
		gic_set_priority(i, DEFAULT_PRIORITY);
	gic_set_eoimode(false);
	gic_set_bpr(0);
	gic_set_pmr(0xf0);
	gic_set_group_enable(true);
}

void gic_handle(void)
{
	uint32_t iar = gic_ack();
	unsigned intid = GIC_INTID(iar);

	if (intid >= GIC_IRQS)
		return;
	if (handlers[intid])
		handlers[intid](intid);
	gic_eoi(iar);
}

void irq_handle(unsigned irq, irq_handler handler)
{
	handlers[irq] = handler;
}

void irq_enable(unsigned irq)
{
	gic_set_bit(GICD_ISENABLER, irq);
}

void irq_disable(unsigned irq)
{
	gic_set_bit(GICD_ICENABLER, irq);
	gic_wait_rwp(irq);
}
