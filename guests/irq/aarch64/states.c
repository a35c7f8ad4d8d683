/* SPDX-License-Identifier: Apache-2.0 */
/* Inactive, pending, active, active and pending; enabling; ends in one or two steps. */
#include "irq.h"

static void check_pending(void)
{
	unsigned intid = prepare(0, PRIORITY);
	uint32_t iar;

	check_eq("not-pending", gic_bit(GICD_ISPENDR, intid), 0);
	gic_set_bit(GICD_ISPENDR, intid);
	check_eq("pending", gic_bit(GICD_ISPENDR, intid), 1);
	check_eq("pending-in-icpendr", gic_bit(GICD_ICPENDR, intid), 1);
	gic_set_bit(GICD_ICPENDR, intid);
	check_eq("pending-cleared", gic_bit(GICD_ISPENDR, intid), 0);
	nothing("cleared-does-not-come");
	gic_set_bit(GICD_ISPENDR, intid);
	iar = take("pended", intid);
	check_eq("active-not-pending", gic_bit(GICD_ISPENDR, intid), 0);
	check_eq("active", gic_bit(GICD_ISACTIVER, intid), 1);
	gic_set_bit(GICD_ISPENDR, intid);
	check_eq("active-and-pending", gic_bit(GICD_ISPENDR, intid) + gic_bit(GICD_ISACTIVER, intid), 2);
	nothing("active-does-not-come");
	finish(iar);
	check_eq("inactive", gic_bit(GICD_ISACTIVER, intid), 0);
	finish(take("pending-comes-after-end", intid));
}

static void check_enable(void)
{
	unsigned intid = prepare(0, PRIORITY);

	check_eq("enabled", gic_bit(GICD_ISENABLER, intid) + gic_bit(GICD_ICENABLER, intid), 2);
	irq_disable(intid);
	check_eq("disabled", gic_bit(GICD_ISENABLER, intid) + gic_bit(GICD_ICENABLER, intid), 0);
	gic_set_bit(GICD_ISPENDR, intid);
	check_eq("disabled-pending", gic_bit(GICD_ISPENDR, intid), 1);
	nothing("disabled-does-not-come");
	irq_enable(intid);
	finish(take("enabled-comes", intid));
	gic_set_bit(GICD_ISPENDR, intid);
	irq_disable(intid);
	nothing("disabled-while-pending");
	check_eq("disabled-still-pending", gic_bit(GICD_ISPENDR, intid), 1);
	irq_enable(intid);
	finish(take("enabled-again-comes", intid));
}

static void check_active_register(void)
{
	unsigned intid = prepare(0, PRIORITY);
	uint32_t iar;

	gic_set_bit(GICD_ISACTIVER, intid);
	check_eq("isactiver-sets", gic_bit(GICD_ISACTIVER, intid), 1);
	gic_set_bit(GICD_ISPENDR, intid);
	nothing("set-active-does-not-come");
	gic_set_bit(GICD_ICACTIVER, intid);
	check_eq("icactiver-clears", gic_bit(GICD_ISACTIVER, intid), 0);
	iar = take("after-icactiver-comes", intid);
	gic_set_bit(GICD_ICACTIVER, intid); /* behind the CPU interface's back, whose priority still has to drop */
	check_eq("icactiver-of-running", gic_bit(GICD_ISACTIVER, intid), 0);
	finish(iar);
	check_eq("rpr-after-icactiver", gic_rpr(), IDLE);
	nothing("after-icactiver-nothing");
}

static void check_eoimode(void)
{
	unsigned intid = prepare(0, PRIORITY), later = prepare(1, 0xc0);
	uint32_t iar;

	gic_set_eoimode(true);
	gic_set_bit(GICD_ISPENDR, intid);
	iar = take("eoimode-taken", intid);
	gic_eoi(iar);
	check_eq("eoi-drops-priority", gic_rpr(), IDLE);
	check_eq("eoi-keeps-active", gic_bit(GICD_ISACTIVER, intid), 1);
	gic_set_bit(GICD_ISPENDR, intid);
	nothing("eoi-only-does-not-come");
	gic_set_bit(GICD_ISPENDR, later);
	iar = take("lower-comes-after-eoi", later);
	gic_eoi(iar);
	gic_dir(iar);
	gic_dir(intid);
	check_eq("dir-deactivates", gic_bit(GICD_ISACTIVER, intid), 0);
	iar = take("comes-after-dir", intid);
	gic_eoi(iar);
	gic_dir(iar);
	gic_set_eoimode(false);
	nothing("eoimode-nothing-left");
}

static void check_trigger(void)
{
	unsigned intid = prepare(0, PRIORITY);
	uint64_t reg = gic.dist + GICD_ICFGR + intid / 16 * 4;

	check_eq("edge", mmio_read32(reg) >> (intid % 16 * 2 + 1) & 1, 1);
	irq_disable(intid);
	gic_set_edge(intid, false);
	check_eq("level", mmio_read32(reg) >> (intid % 16 * 2 + 1) & 1, 0);
	irq_enable(intid);
	gic_set_bit(GICD_ISPENDR, intid);
	finish(take("level-set-by-hand", intid));
	nothing("level-once-by-hand");
	irq_disable(intid);
	gic_set_edge(intid, true);
	irq_enable(intid);
	check_eq("sgis-are-edge", mmio_read32(gic_private(GICD_ICFGR)), 0xaaaaaaaa);
}

static void check_registers(void)
{
	unsigned intid = prepare(0, PRIORITY);
	uint64_t isenabler = gic.dist + GICD_ISENABLER + intid / 32 * 4;
	uint32_t before = mmio_read32(isenabler);
	unsigned arch = mmio_read32(gic.dist + (gic.version == 3 ? 0xffe8 : 0xfe8)) >> 4 & 0xf;
	unsigned lines = (mmio_read32(gic.dist + GICD_TYPER) & 0x1f) + 1;

	mmio_write32(isenabler, 0);
	check_eq("isenabler-of-0", mmio_read32(isenabler), before);
	check_eq("sgis-enabled", mmio_read32(gic_private(GICD_ISENABLER)) & 0xffff, 0xffff);
	check_eq("pidr2-version", arch, gic.version);
	/* No line beyond the last (QEMU's GICv3 has 32 more than it tells). */
	if (lines < 32 && !bootarg("bare")) {
		mmio_write32(gic.dist + GICD_ISENABLER + lines * 4, ~0u);
		check_eq("no-lines-beyond", mmio_read32(gic.dist + GICD_ISENABLER + lines * 4), 0);
	}
}

static void check_private_pending(void)
{
	unsigned intid = 7;
	uint32_t iar;

	if (gic.version == 2) { /* read-only there: GICD_SPENDSGIR */
		mmio_write8(gic.dist + 0xf20 + intid, 1u << cpu_index());
		check_eq("sgi-spendsgir", mmio_read8(gic.dist + 0xf20 + intid), 1u << cpu_index());
	} else {
		gic_set_bit(GICD_ISPENDR, intid);
	}
	check_eq("sgi-pending", gic_bit(GICD_ISPENDR, intid), 1);
	iar = take("sgi-pended", intid);
	check_eq("sgi-active", gic_bit(GICD_ISACTIVER, intid), 1);
	finish(iar);
	check_eq("sgi-inactive", gic_bit(GICD_ISACTIVER, intid), 0);
}

/* A line that a device really holds: the console's transmit interrupt, masked and unmasked in the device. */
#define UARTIMSC 0x38
#define INT_TX   (1u << 5)

static uint64_t uart;

static void set_line(bool level)
{
	mmio_write32(uart + UARTIMSC, level ? INT_TX : 0);
}

static void check_device(void)
{
	unsigned intid = console_irq();
	uint64_t size;
	uint32_t iar;

	dt_reg(dt_console() >= 0 ? dt_console() : dt_find("arm,pl011"), 0, &uart, &size);
	set_line(false);
	print("irq: the console's INTID is %u\n",
	      intid); /* something was sent: the device's condition holds from now on */
	irq_disable(intid);
	gic_set_edge(intid, false);
	gic_set_priority(intid, PRIORITY);
	gic_set_target(intid, cpu_index());
	gic_set_bit(GICD_ICPENDR, intid);
	check_eq("line-low", gic_bit(GICD_ISPENDR, intid), 0);
	set_line(true);
	check_eq("line-high-disabled-pending", gic_bit(GICD_ISPENDR, intid), 1);
	gic_set_bit(GICD_ICPENDR, intid);
	check_eq("line-high-stays-pending", gic_bit(GICD_ISPENDR, intid), 1);
	nothing("line-disabled");
	irq_enable(intid);
	iar = take("line-taken", intid);
	check_eq("line-active-and-pending", gic_bit(GICD_ISPENDR, intid) + gic_bit(GICD_ISACTIVER, intid), 2);
	nothing("line-active-waits");
	finish(iar);
	iar = take("line-comes-again", intid);
	set_line(false);
	check_eq("line-fell-while-active", gic_bit(GICD_ISPENDR, intid), 0);
	finish(iar);
	nothing("line-is-low");
	set_line(true);
	set_line(false);
	nothing("line-fell-before-it-was-taken");
	set_line(true);
	iar = take("line-rose", intid);
	set_line(false);
	set_line(true);
	finish(iar);
	iar = take("line-rose-while-active", intid);
	set_line(false);
	finish(iar);
	nothing("line-nothing-left");
	irq_disable(intid);
}

void check_states(void)
{
	check_pending();
	check_enable();
	check_active_register();
	check_eoimode();
	check_trigger();
	check_registers();
	check_private_pending();
	check_device();
}
