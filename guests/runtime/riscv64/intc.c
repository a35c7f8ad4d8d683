/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers; the registers of PLIC, APLIC and IMSIC. */
#include "intc.h"
#include "arch.h"
#include "cpu.h"
#include "csr.h"
#include "guest.h"
#include "hooks.h"
#include "intc_find.h"
#include "mmio.h"
#include "sbi.h"

struct intc intc;
static irq_handler handlers[IRQ_COUNT];

static struct cpu_arch *self(void)
{
	return &cpu_self()->arch;
}

uint32_t intc_external(unsigned offset)
{
	return mmio_read32(self()->external + offset);
}

void intc_set_external(unsigned offset, uint32_t value)
{
	mmio_write32(self()->external + offset, value);
}

uint64_t imsic_page(unsigned cpu)
{
	return intc.imsic + ((uint64_t)cpus[cpu].arch.intc_index << intc.page_shift);
}

uint64_t imsic_read(unsigned reg)
{
	csr_write(CSR_SISELECT, reg);
	return csr_read(CSR_SIREG);
}

void imsic_write(unsigned reg, uint64_t value)
{
	csr_write(CSR_SISELECT, reg);
	csr_write(CSR_SIREG, value);
}

static void plic_enable(unsigned irq, bool on)
{
	uint64_t reg = intc.base + PLIC_ENABLE(self()->intc_index) + irq / 32 * 4;
	uint32_t value = mmio_read32(reg);

	mmio_write32(reg, on ? value | 1u << irq % 32 : value & ~(1u << irq % 32));
}

static void imsic_enable(unsigned irq, bool on)
{
	uint64_t value = imsic_read(IMSIC_EIE(irq));

	imsic_write(IMSIC_EIE(irq), on ? value | 1ULL << irq % 64 : value & ~(1ULL << irq % 64));
}

void intc_route(unsigned irq, unsigned cpu)
{
	unsigned index = cpus[cpu].arch.intc_index;

	if (intc.kind == INTC_APLIC)
		mmio_write32(intc.base + APLIC_TARGET(irq), index << 18 | 1);
	else if (intc.kind == INTC_IMSIC)
		mmio_write32(intc.base + APLIC_TARGET(irq), index << 18 | irq);
}

static void enable_source(unsigned irq, bool on)
{
	if (intc.kind == INTC_PLIC) {
		mmio_write32(intc.base + 4 * (uint64_t)irq, 1);
		plic_enable(irq, on);
		return;
	}
	if (on && intc.base) {
		mmio_write32(intc.base + APLIC_SOURCECFG(irq), SOURCECFG_HIGH);
		intc_route(irq, cpu_index());
	}
	if (intc.base)
		mmio_write32(intc.base + (on ? APLIC_SETIENUM : APLIC_CLRIENUM), irq);
	if (intc.kind == INTC_IMSIC)
		imsic_enable(irq, on);
}

unsigned intc_claim(void)
{
	switch (intc.kind) {
	case INTC_PLIC: return intc_external(PLIC_CLAIM);
	case INTC_APLIC: return intc_external(IDC_CLAIMI) >> 16;
	case INTC_IMSIC: return TOPEI_ID(csr_swap(CSR_STOPEI, 0));
	default: return 0;
	}
}

void intc_complete(unsigned irq)
{
	if (intc.kind == INTC_PLIC)
		intc_set_external(PLIC_CLAIM, irq);
	/* A level that is still there has to send its message again (AIA 4.9.2). */
	if (intc.kind == INTC_IMSIC && intc.base && irq <= intc.sources)
		mmio_write32(intc.base + APLIC_SETIPNUM, irq);
}

void intc_handle(unsigned cause)
{
	unsigned irq = INTC_SOURCES + cause;

	if (cause == 9) {
		irq = intc_claim();
		if (!irq)
			return;
	} else if (cause == 1) {
		csr_clear(sip, SIE_SSIE);
	}
	if (irq < IRQ_COUNT && handlers[irq])
		handlers[irq](irq);
	if (cause == 9)
		intc_complete(irq);
}

static bool is_taken(uint64_t bit)
{
	uint64_t flags = interrupts_save(), enabled = csr_read(sie);

	self()->probed = false;
	self()->probing = bit;
	csr_write(sie, bit);
	interrupts_on();
	__asm__ volatile("nop\n\tnop" : : : "memory");
	interrupts_off();
	self()->probing = 0;
	csr_write(sie, enabled);
	interrupts_restore(flags);
	return self()->probed;
}

bool intc_pending(uint64_t bit)
{
	static bool hides;
	bool shown = csr_read(sip) & bit;

	if (shown || !is_taken(bit))
		return shown;
	/* It is taken, and was there before and after. */
	shown = csr_read(sip) & bit;
	if (!shown && !hides && is_taken(bit)) {
		hides = true;
		print("  sip does not show what is pending (QEMU before 8.0)\n");
	}
	return true;
}

void irq_handle(unsigned irq, irq_handler handler)
{
	handlers[irq] = handler;
}

void irq_enable(unsigned irq)
{
	if (irq > INTC_SOURCES)
		csr_set(sie, 1ULL << (irq - INTC_SOURCES));
	else
		enable_source(irq, true);
}

void irq_disable(unsigned irq)
{
	if (irq > INTC_SOURCES)
		csr_clear(sie, 1ULL << (irq - INTC_SOURCES));
	else
		enable_source(irq, false);
}

void ipi_handle(irq_handler handler)
{
	irq_handle(IRQ_SOFT, handler);
}

void intc_init(void)
{
	unsigned i;

	if (!intc_find()) {
		print("no interrupt controller in the device tree\n");
		return;
	}
	switch (intc.kind) {
	case INTC_PLIC:
		for (i = 1; i <= intc.sources; i++)
			mmio_write32(intc.base + 4 * (uint64_t)i, 0);
		break;
	case INTC_APLIC:
	case INTC_IMSIC:
		if (!intc.base)
			break;
		for (i = 1; i <= intc.sources; i++)
			mmio_write32(intc.base + APLIC_SOURCECFG(i), SOURCECFG_INACTIVE);
		mmio_write32(intc.base + APLIC_DOMAINCFG, DOMAINCFG_IE | (intc.kind == INTC_IMSIC ? DOMAINCFG_DM : 0));
		break;
	default: break;
	}
}

void intc_init_cpu(void)
{
	unsigned i;

	switch (intc.kind) {
	case INTC_PLIC:
		self()->external = intc.base + PLIC_CONTEXT(self()->intc_index);
		for (i = 0; i <= intc.sources; i += 32)
			mmio_write32(intc.base + PLIC_ENABLE(self()->intc_index) + i / 8, 0);
		intc_set_external(PLIC_THRESHOLD, 0);
		break;
	case INTC_APLIC:
		self()->external = intc.base + APLIC_IDC(self()->intc_index);
		intc_set_external(IDC_ITHRESHOLD, 0);
		intc_set_external(IDC_IFORCE, 0);
		intc_set_external(IDC_IDELIVERY, 1);
		break;
	case INTC_IMSIC:
		for (i = 0; i <= intc.ids; i += 64)
			imsic_write(IMSIC_EIE(i), 0);
		imsic_write(IMSIC_EITHRESHOLD, 0);
		imsic_write(IMSIC_EIDELIVERY, 1);
		break;
	default: break;
	}
	csr_clear(sip, SIE_SSIE);
	csr_write(sie, SIE_SSIE | SIE_SEIE);
}
