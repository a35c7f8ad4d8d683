/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * GIC registers used here (IHI 0048, IHI 0069), and accessors for the distributor's bit arrays, which GICv3
 * redistributors have as well.
 */
#include <axhal/mmio.h>
#include <axstd/util.h>

#define GICD_CTLR       0x0000
#define GICD_TYPER      0x0004
#define GICD_IGROUPR    0x0080
#define GICD_ISENABLER  0x0100
#define GICD_ICENABLER  0x0180
#define GICD_ICPENDR    0x0280
#define GICD_ISACTIVER  0x0300
#define GICD_ICACTIVER  0x0380
#define GICD_IPRIORITYR 0x0400
#define GICD_ITARGETSR  0x0800
#define GICD_ICFGR      0x0c00
#define GICD_SGIR       0x0f00
#define GICD_IROUTER    0x6000

#define GIC_PRIORITY 0xa0
#define GIC_SPURIOUS 1020 /* INTIDs from here to 1023 are no interrupts */

#define RWP_SPINS 1000000

static inline void *gic_reg(void *base, unsigned reg)
{
	return (char *)base + reg;
}

static inline void gic_write_bit(void *base, unsigned reg, unsigned irq)
{
	mmio_write32(gic_reg(base, reg + irq / 32 * 4), (uint32_t)BIT(irq % 32));
}

/* Edge or level: two bits per interrupt, the upper one says edge. SGIs cannot be changed. */
static inline void gic_set_edge(void *base, unsigned irq, bool edge)
{
	void *reg = gic_reg(base, GICD_ICFGR + irq / 16 * 4);
	uint32_t value = mmio_read32(reg), bit = (uint32_t)BIT(irq % 16 * 2 + 1);

	mmio_write32(reg, edge ? value | bit : value & ~bit);
}

static inline void gic_set_priority(void *base, unsigned irq)
{
	mmio_write8(gic_reg(base, GICD_IPRIORITYR + irq), GIC_PRIORITY);
}

/* Interrupts @first .. @last - 1, multiples of 32: group 1 (@group1), masked, not active, not pending. */
static inline void gic_reset_range(void *base, unsigned first, unsigned last, bool group1)
{
	for (unsigned irq = first; irq < last; irq += 32) {
		if (group1)
			mmio_write32(gic_reg(base, GICD_IGROUPR + irq / 8), UINT32_MAX);
		mmio_write32(gic_reg(base, GICD_ICENABLER + irq / 8), UINT32_MAX);
		mmio_write32(gic_reg(base, GICD_ICACTIVER + irq / 8), UINT32_MAX);
		mmio_write32(gic_reg(base, GICD_ICPENDR + irq / 8), UINT32_MAX);
	}
	for (unsigned irq = first; irq < last; irq += 4)
		mmio_write32(gic_reg(base, GICD_IPRIORITYR + irq), GIC_PRIORITY * 0x01010101u);
}

/* INTIDs that the distributor implements: ITLinesNumber. */
static inline unsigned gic_num_irqs(void *dist)
{
	return MIN(32 * ((mmio_read32(gic_reg(dist, GICD_TYPER)) & 0x1f) + 1), (unsigned)GIC_SPURIOUS);
}
