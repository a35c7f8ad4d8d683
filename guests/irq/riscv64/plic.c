/* SPDX-License-Identifier: Apache-2.0 */
/* The PLIC (RISC-V Platform-Level Interrupt Controller Specification 1.0.0). */
#include "irq.h"

static uint64_t priority_of(unsigned irq)
{
	return intc.base + 4 * (uint64_t)irq;
}

static uint64_t enable_word(unsigned irq)
{
	return intc.base + PLIC_ENABLE(cpu_self()->arch.intc_index) + irq / 32 * 4;
}

static bool is_pending(unsigned irq)
{
	return mmio_read32(intc.base + PLIC_PENDING + irq / 32 * 4) >> irq % 32 & 1;
}

static void check_registers(void)
{
	unsigned irq = uart_irq(), highest;

	mmio_write32(priority_of(irq), 3);
	check_eq("priority-keeps", mmio_read32(priority_of(irq)), 3);
	mmio_write32(priority_of(irq), ~0u);
	highest = mmio_read32(priority_of(irq));
	check(highest >= 1 && !(highest & (highest + 1)), "priority-highest", "got %u", highest);
	mmio_write32(priority_of(irq), 0);
	check_eq("priority-0", mmio_read32(priority_of(irq)), 0);
	if (!bootarg("bare")) /* QEMU has a register there */
		mmio_write32(priority_of(0), 5);
	if (!bootarg("bare"))
		check_eq("source-0", mmio_read32(priority_of(0)), 0);
	mmio_write32(enable_word(0), ~0u);
	if (!bootarg("bare"))
		check_eq("source-0-enable", mmio_read32(enable_word(0)) & 1, 0);
	check_eq("enable-keeps", mmio_read32(enable_word(0)) >> 1 & 1, 1);
	mmio_write32(enable_word(0), 0);
	check_eq("enable-clears", mmio_read32(enable_word(0)), 0);
	intc_set_external(PLIC_THRESHOLD, 2);
	check_eq("threshold-keeps", intc_external(PLIC_THRESHOLD), 2);
	intc_set_external(PLIC_THRESHOLD, 0);
	mmio_write32(intc.base + PLIC_PENDING, ~0u);
	check_eq("pending-is-read-only", is_pending(irq), 0);
}

static void prepare(unsigned priority, unsigned threshold)
{
	unsigned irq = uart_irq();

	mmio_write32(priority_of(irq), priority);
	mmio_write32(enable_word(irq), 1u << irq % 32);
	intc_set_external(PLIC_THRESHOLD, threshold);
}

/* Claim and completion of a level; pending and SEIP follow. */
static void check_claim(void)
{
	unsigned irq = uart_irq();

	prepare(1, 0);
	check_eq("not-pending", is_pending(irq), 0);
	expect_claim("nothing-to-claim", 0);
	check_eq("no-seip", intc_pending(SIE_SEIE), 0);
	line_raise();
	check_eq("pending", is_pending(irq), 1);
	check_eq("seip", intc_pending(SIE_SEIE), 1);
	expect_claim("claim", irq);
	check_eq("claimed-not-pending", is_pending(irq), 0);
	check_eq("claimed-no-seip", intc_pending(SIE_SEIE), 0);
	expect_claim("claimed-once", 0);
	if (!bootarg(
		    "bare")) { /* QEMU's UART lowers its line when IIR is read, and raises it again only with new text */
		intc_complete(irq);
		check_eq("level-pending-again", is_pending(irq), 1);
		expect_claim("level-claim-again", irq);
	}
	line_lower();
	intc_complete(irq);
	check_eq("completed", is_pending(irq), 0);
	expect_claim("completed-nothing", 0);
}

/* A source that is not enabled, completed by a stranger, above all numbers: ignored. */
static void check_wrong_completion(void)
{
	unsigned irq = uart_irq();

	prepare(1, 0);
	line_raise();
	expect_claim("claim-before", irq);
	intc_complete(irq + 1);
	intc_complete(0);
	intc_complete(1023);
	intc_complete(~0u);
	check_eq("still-claimed", is_pending(irq), 0);
	line_lower();
	intc_complete(irq);
	expect_claim("nothing-after", 0);
}

static void check_masks(void)
{
	unsigned irq = uart_irq();

	prepare(1, 1); /* not above the threshold */
	line_raise();
	check_eq("threshold-pending", is_pending(irq), 1);
	check_eq("threshold-no-seip", intc_pending(SIE_SEIE), 0);
	intc_set_external(PLIC_THRESHOLD, 0);
	check_eq("threshold-lowered-seip", intc_pending(SIE_SEIE), 1);
	mmio_write32(priority_of(irq), 0); /* never interrupts */
	check_eq("priority-0-no-seip", intc_pending(SIE_SEIE), 0);
	expect_claim("priority-0-no-claim", 0);
	mmio_write32(priority_of(irq), 1);
	mmio_write32(enable_word(irq), 0);
	check_eq("disabled-no-seip", intc_pending(SIE_SEIE), 0);
	expect_claim("disabled-no-claim", 0);
	mmio_write32(enable_word(irq), 1u << irq % 32);
	check_eq("enabled-seip", intc_pending(SIE_SEIE), 1);
	/* A claim does not depend on the threshold (chapter 8). */
	intc_set_external(PLIC_THRESHOLD, 7);
	if (!bootarg("bare"))
		expect_claim("claim-below-threshold", irq);
	else
		intc_claim();
	intc_set_external(PLIC_THRESHOLD, 0);
	line_lower();
	intc_complete(irq);
}

void check_plic(void)
{
	check_registers();
	/* QEMU's PLIC takes each look of its UART at the line for a new request. */
	if (!uart_irq() || bootarg("bare"))
		return;
	check_claim();
	check_wrong_completion();
	check_masks();
	intc_init_cpu();
}
