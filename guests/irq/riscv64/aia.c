/* SPDX-License-Identifier: Apache-2.0 */
/* APLIC and IMSIC (RISC-V Advanced Interrupt Architecture 1.0, chapters 4 and 3). */
#include "irq.h"

#define SOURCE (intc.sources - 1) /* no device's */

static uint32_t aplic(uint64_t reg)
{
	return mmio_read32(intc.base + reg);
}

static void set_aplic(uint64_t reg, uint32_t value)
{
	mmio_write32(intc.base + reg, value);
}

static bool source_bit(uint64_t reg, unsigned irq)
{
	return aplic(reg + irq / 32 * 4) >> irq % 32 & 1;
}

/* What both modes have. */
static void check_sources(void)
{
	check_eq("domaincfg", aplic(APLIC_DOMAINCFG) & ~1u,
		 0x80000000 | DOMAINCFG_IE | (intc.kind == INTC_IMSIC ? DOMAINCFG_DM : 0));
	set_aplic(APLIC_SOURCECFG(SOURCE), SOURCECFG_DETACHED);
	check_eq("sourcecfg-keeps", aplic(APLIC_SOURCECFG(SOURCE)), SOURCECFG_DETACHED);
	set_aplic(APLIC_SETIENUM, SOURCE);
	check_eq("setienum", source_bit(APLIC_SETIE, SOURCE), 1);
	set_aplic(APLIC_CLRIENUM, SOURCE);
	check_eq("clrienum", source_bit(APLIC_SETIE, SOURCE), 0);
	set_aplic(APLIC_SETIPNUM, SOURCE);
	check_eq("setipnum", source_bit(APLIC_SETIP, SOURCE), 1);
	set_aplic(APLIC_CLRIPNUM, SOURCE);
	check_eq("clripnum", source_bit(APLIC_SETIP, SOURCE), 0);
	/* What is inactive has no state (4.5.2). */
	set_aplic(APLIC_SETIENUM, SOURCE);
	set_aplic(APLIC_SETIPNUM, SOURCE);
	set_aplic(APLIC_SOURCECFG(SOURCE), SOURCECFG_INACTIVE);
	check_eq("inactive-not-enabled", source_bit(APLIC_SETIE, SOURCE), 0);
	check_eq("inactive-not-pending", source_bit(APLIC_SETIP, SOURCE), 0);
	if (!bootarg("bare")) /* QEMU 7.2 keeps it */
		check_eq("inactive-target", aplic(APLIC_TARGET(SOURCE)), 0);
	set_aplic(APLIC_SETIENUM, SOURCE);
	check_eq("inactive-stays-disabled", source_bit(APLIC_SETIE, SOURCE), 0);
	set_aplic(APLIC_SETIENUM, 0);
	set_aplic(APLIC_SETIPNUM, 0);
	check_eq("source-0", aplic(APLIC_SETIE) & 1, 0);
}

static void prepare(unsigned irq, unsigned priority)
{
	set_aplic(APLIC_SOURCECFG(irq), SOURCECFG_DETACHED);
	set_aplic(APLIC_TARGET(irq), cpu_self()->arch.intc_index << 18 | priority);
	set_aplic(APLIC_SETIENUM, irq);
}

void check_aplic(void)
{
	unsigned low = SOURCE, high = SOURCE - 1;

	check_sources();
	prepare(low, 2);
	prepare(high, 1);
	expect_claim("nothing-to-claim", 0);
	set_aplic(APLIC_SETIPNUM, low);
	check_eq("topi", intc_external(IDC_TOPI), low << 16 | 2);
	check_eq("seip", intc_pending(SIE_SEIE), 1);
	set_aplic(APLIC_SETIPNUM, high);
	expect_claim("claim-in-order-of-priority", high);
	expect_claim("claim-second", low);
	expect_claim("claimed-all", 0);
	check_eq("claimed-no-seip", intc_pending(SIE_SEIE), 0);
	set_aplic(APLIC_SETIPNUM, low);
	intc_set_external(IDC_ITHRESHOLD, 2);
	check_eq("threshold", intc_external(IDC_TOPI), 0);
	check_eq("threshold-no-seip", intc_pending(SIE_SEIE), 0);
	intc_set_external(IDC_ITHRESHOLD, 3);
	check_eq("threshold-raised", intc_external(IDC_TOPI), low << 16 | 2);
	intc_set_external(IDC_IDELIVERY, 0);
	check_eq("idelivery-off", intc_pending(SIE_SEIE), 0);
	intc_set_external(IDC_IDELIVERY, 1);
	intc_set_external(IDC_ITHRESHOLD, 0);
	set_aplic(APLIC_DOMAINCFG, 0);
	check_eq("domain-off", intc_pending(SIE_SEIE), 0);
	set_aplic(APLIC_DOMAINCFG, DOMAINCFG_IE);
	expect_claim("claim-after-all", low);
	intc_set_external(IDC_IFORCE, 1);
	check_eq("iforce-seip", intc_pending(SIE_SEIE), 1);
	expect_claim("iforce-spurious", 0);
	if (!bootarg("bare")) /* nor does it clear iforce */
		check_eq("iforce-ends", intc_pending(SIE_SEIE), 0);
	if (uart_irq()) {
		set_aplic(APLIC_SOURCECFG(uart_irq()), SOURCECFG_HIGH);
		set_aplic(APLIC_TARGET(uart_irq()), cpu_self()->arch.intc_index << 18 | 1);
		set_aplic(APLIC_SETIENUM, uart_irq());
		line_raise();
		check_eq("line-input", source_bit(APLIC_IN_CLRIP, uart_irq()), 1);
		expect_claim("line-claim", uart_irq());
		expect_claim("line-claim-again", uart_irq()); /* a level stays pending */
		line_lower();
		if (!bootarg("bare"))
			expect_claim("line-lowered", 0);
	}
	intc_init();
}

void check_imsic(void)
{
	unsigned low = intc.ids - 1, high = intc.ids - 2, i, wrong = 0;
	uint64_t file = imsic_page(cpu_index());

	imsic_write(IMSIC_EIE(low), ~0ULL);
	expect_claim("nothing-to-claim", 0);
	mmio_write32(file + IMSIC_SETEIPNUM_LE, low);
	check_eq("seip", intc_pending(SIE_SEIE), 1);
	check_eq("stopei", csr_read(CSR_STOPEI), (uint64_t)low << 16 | low);
	mmio_write32(file + IMSIC_SETEIPNUM_LE, high);
	expect_claim("claim-in-order", high);
	expect_claim("claim-second", low);
	expect_claim("claimed-all", 0);
	check_eq("claimed-no-seip", intc_pending(SIE_SEIE), 0);
	mmio_write32(file + IMSIC_SETEIPNUM_LE, low);
	imsic_write(IMSIC_EITHRESHOLD, low);
	check_eq("threshold", csr_read(CSR_STOPEI), 0);
	imsic_write(IMSIC_EITHRESHOLD, low + 1);
	check_eq("threshold-raised", TOPEI_ID(csr_read(CSR_STOPEI)), low);
	imsic_write(IMSIC_EITHRESHOLD, 0);
	imsic_write(IMSIC_EIDELIVERY, 0);
	check_eq("eidelivery-off", intc_pending(SIE_SEIE), 0);
	imsic_write(IMSIC_EIDELIVERY, 1);
	check_eq("eidelivery-on", intc_pending(SIE_SEIE), 1);
	imsic_write(IMSIC_EIE(low), 0);
	check_eq("eie-off", csr_read(CSR_STOPEI), 0);
	check_eq("eip", imsic_read(IMSIC_EIP(low)) >> low % 64 & 1, 1);
	imsic_write(IMSIC_EIP(low), 0);
	check_eq("eip-cleared", imsic_read(IMSIC_EIP(low)), 0);
	mmio_write32(file + IMSIC_SETEIPNUM_LE, 0);
	mmio_write32(file + IMSIC_SETEIPNUM_LE, ~0u);
	mmio_write32(file + IMSIC_SETEIPNUM_LE, intc.ids + 1);
	for (i = 0; i <= intc.ids; i += 64)
		wrong += imsic_read(IMSIC_EIP(i)) != 0;
	check_eq("identities-that-are-not-there", wrong, 0);
	if (!intc.base)
		return;
	check_sources();
	/* A wired source becomes a message. */
	imsic_write(IMSIC_EIE(SOURCE), 1ULL << SOURCE % 64);
	set_aplic(APLIC_SOURCECFG(SOURCE), SOURCECFG_DETACHED);
	intc_route(SOURCE, cpu_index());
	set_aplic(APLIC_SETIENUM, SOURCE);
	set_aplic(APLIC_SETIPNUM, SOURCE);
	for (i = 0; i < 1000 && !intc_pending(SIE_SEIE); i++)
		clock_wait_us(10);
	expect_claim("message-of-source", SOURCE);
	check_eq("message-sent", source_bit(APLIC_SETIP, SOURCE), 0);
	imsic_write(IMSIC_EIE(low), 1ULL << low % 64);
	set_aplic(APLIC_GENMSI, cpu_self()->arch.intc_index << 18 | low);
	for (i = 0; i < 1000 && !intc_pending(SIE_SEIE); i++)
		clock_wait_us(10);
	expect_claim("genmsi", low);
	intc_init();
	intc_init_cpu();
}
