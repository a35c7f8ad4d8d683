/* SPDX-License-Identifier: Apache-2.0 */
/* Priorities, preemption, masks (IHI 0069 4.8, IHI 0048 3.3). */
#include "irq.h"

static void check_priority_registers(void)
{
	unsigned intid = prepare(0, 0xff);
	uint8_t implemented = gic_priority(intid);
	uint64_t word = gic.dist + GICD_IPRIORITYR + (intid & ~3u);

	check((implemented & 0xf0) == 0xf0, "priority-bits", "expected at least 4, got mask %#x", implemented);
	gic_set_priority(intid, 0x50);
	check_eq("priority-byte", gic_priority(intid), 0x50);
	check_eq("priority-in-word", mmio_read32(word) >> (intid % 4 * 8) & 0xff, 0x50);
	mmio_write32(word, 0x80604020);
	check_eq("priority-word", mmio_read32(word), 0x80604020);
	check_eq("priority-byte-of-word", mmio_read8(word + 1), 0x40);
	gic_set_pmr(0xff);
	check((gic_pmr() & 0xf0) == 0xf0, "pmr-bits", "got %#x", gic_pmr());
	gic_set_pmr(0xf0);
	check_eq("rpr-idle", gic_rpr(), IDLE);
}

static void check_order(void)
{
	unsigned low = prepare(0, 0xc0), high = prepare(1, 0x40), middle = prepare(2, 0x80);

	gic_set_bit(GICD_ISPENDR, low);
	gic_set_bit(GICD_ISPENDR, high);
	gic_set_bit(GICD_ISPENDR, middle);
	check_eq("hppir-highest", GIC_INTID(gic_hppir()), high);
	finish(take("order-high", high));
	finish(take("order-middle", middle));
	finish(take("order-low", low));
	nothing("order-nothing-left");
	check_eq("hppir-none", GIC_INTID(gic_hppir()), GIC_SPURIOUS);
}

static void check_preemption(void)
{
	unsigned low = prepare(0, 0xa0), high = prepare(1, 0x40), same = prepare(2, 0xa0);
	uint32_t low_iar, high_iar;

	gic_set_bit(GICD_ISPENDR, low);
	low_iar = take("preempt-low", low);
	check_eq("rpr-low", gic_rpr(), 0xa0);
	gic_set_bit(GICD_ISPENDR, same);
	nothing("same-priority-waits");
	gic_set_bit(GICD_ISPENDR, high);
	high_iar = take("preempt-high", high);
	check_eq("rpr-high", gic_rpr(), 0x40);
	finish(high_iar);
	check_eq("rpr-back", gic_rpr(), 0xa0);
	nothing("same-priority-still-waits");
	finish(low_iar);
	finish(take("same-priority-comes", same));
	gic_set_bit(GICD_ISPENDR, high);
	high_iar = take("high-first", high);
	gic_set_bit(GICD_ISPENDR, low);
	nothing("low-waits");
	finish(high_iar);
	finish(take("low-comes", low));
	check_eq("rpr-idle-again", gic_rpr(), IDLE);
}

static void check_bpr(void)
{
	unsigned first = prepare(0, 0x60), second = prepare(1, 0x40);
	uint32_t iar;

	gic_set_bpr(7);
	gic_set_bit(GICD_ISPENDR, first);
	iar = take("bpr-first", first);
	gic_set_bit(GICD_ISPENDR, second);
	nothing("bpr-same-group-waits");
	finish(iar);
	finish(take("bpr-after-end", second));
	gic_set_bpr(0);
	gic_set_bpr(5); /* GICv3: bits 7:5, GICv2 group 0: bits 7:6 */
	gic_set_bit(GICD_ISPENDR, first);
	iar = take("bpr5-first", first);
	gic_set_priority(second, 0x20);
	gic_set_bit(GICD_ISPENDR, second);
	finish(take("bpr5-other-group-preempts", second));
	finish(iar);
	gic_set_bpr(0);
}

static void check_masks(void)
{
	unsigned intid = prepare(0, 0xa0);

	gic_set_pmr(0x80);
	gic_set_bit(GICD_ISPENDR, intid);
	nothing("pmr-masks");
	check_eq("pmr-still-pending", gic_bit(GICD_ISPENDR, intid), 1);
	gic_set_pmr(0xa0);
	nothing("pmr-equal-masks");
	gic_set_pmr(0xf0);
	finish(take("pmr-unmasks", intid));
	gic_set_group_enable(false);
	gic_set_bit(GICD_ISPENDR, intid);
	nothing("cpu-group-disabled");
	gic_set_group_enable(true);
	finish(take("cpu-group-enabled", intid));
	mmio_write32(gic.dist + GICD_CTLR, gic.version == 3 ? 0x10 : 0);
	gic_wait_rwp(32);
	gic_set_bit(GICD_ISPENDR, intid);
	nothing("distributor-disabled");
	mmio_write32(gic.dist + GICD_CTLR, gic.version == 3 ? 0x12 : 1);
	gic_wait_rwp(32);
	finish(take("distributor-enabled", intid));
}

void check_priorities(void)
{
	check_priority_registers();
	check_order();
	check_preemption();
	check_bpr();
	check_masks();
}
