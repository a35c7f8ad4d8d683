/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts as a hart sees them: its timer, software interrupts (IPIs), and external ones, which the machine's
 * interrupt controller explains. Privileged Architecture, sip and sie, hip and hie.
 */
#include "../irq_table.h"
#include "arch.h"
#include "intc.h"
#include <axhal/arch/csr.h>
#include <axhal/arch/imsic.h>
#include <axhal/mmio.h>
#include <axstd/log.h>
#include <stdatomic.h>

static DEFINE_PER_CPU(_Atomic unsigned, ipis); /* bit: IPI kind that is on its way to this CPU */
static const struct intc *intc;
static enum riscv_intc kind_found;

enum riscv_intc riscv_host_intc(void)
{
	return kind_found;
}

const struct fdt_hart *riscv_hart(unsigned cpu)
{
	const struct fdt_riscv *riscv = riscv_platform();

	for (unsigned i = 0; i < riscv->num_harts; i++)
		if (riscv->harts[i].hwid == cpu_hwid(cpu))
			return &riscv->harts[i];
	return NULL;
}

/* The bits of hie are not those of sie: the guest external interrupt has its place there. */
static void local_mask(unsigned irq)
{
	if (irq == RISCV_IRQ_TIMER)
		csr_clear(CSR_SIE, BIT(INT_STI));
	else if (irq == RISCV_IRQ_GUEST_EXT && riscv_has(RISCV_EXT_H))
		csr_clear(CSR_HIE, BIT(INT_SGEI));
}

static void local_unmask(unsigned irq)
{
	if (irq == RISCV_IRQ_TIMER)
		csr_set(CSR_SIE, BIT(INT_STI));
	else if (irq == RISCV_IRQ_GUEST_EXT && riscv_has(RISCV_EXT_H))
		csr_set(CSR_HIE, BIT(INT_SGEI));
}

static void irq_chip_mask(unsigned irq)
{
	if (irq < RISCV_IRQ_SOURCE)
		local_mask(irq);
	else if (irq > RISCV_IRQ_SOURCE)
		intc->mask(irq - RISCV_IRQ_SOURCE);
}

static void irq_chip_unmask(unsigned irq)
{
	if (irq < RISCV_IRQ_SOURCE)
		local_unmask(irq);
	else if (irq > RISCV_IRQ_SOURCE)
		intc->unmask(irq - RISCV_IRQ_SOURCE);
}

static void irq_chip_set_trigger(unsigned irq, enum irq_trigger trigger)
{
	if (irq > RISCV_IRQ_SOURCE)
		intc->set_trigger(irq - RISCV_IRQ_SOURCE, trigger);
}

static int irq_chip_route(unsigned irq, unsigned cpu)
{
	return intc->route(irq - RISCV_IRQ_SOURCE, cpu);
}

static void irq_chip_deactivate(unsigned irq)
{
	if (irq > RISCV_IRQ_SOURCE)
		intc->deactivate(irq - RISCV_IRQ_SOURCE);
}

/* Nothing here has an active state that could be given away: a forwarded source stays where it was claimed. */
static void irq_chip_set_active(unsigned irq, bool active)
{
}

static void send_ipi(unsigned cpu, unsigned kind)
{
	/* Ordered before the firmware's message: a receiver sees the bit, and what it is about. */
	atomic_fetch_or(per_cpu(ipis, cpu), 1u << kind);
	sbi_send_ipi(BIT(cpu));
}

static void software_interrupt(void)
{
	unsigned kinds;

	/* What is added from here on raises it again. CSRs are ordered like devices. */
	csr_clear(CSR_SIP, BIT(INT_SSI));
	mmio_mb();
	kinds = atomic_exchange(this_cpu(ipis), 0);
	for (unsigned kind = 0; kinds; kind++, kinds >>= 1)
		if (kinds & 1)
			irq_handle(RISCV_IRQ_IPI + kind);
}

static void dispatch(void)
{
	uint64_t pending = csr_read(CSR_SIP) & csr_read(CSR_SIE);

	if (pending & BIT(INT_STI))
		irq_handle(RISCV_IRQ_TIMER);
	if (pending & BIT(INT_SSI))
		software_interrupt();
	if (pending & BIT(INT_SEI))
		intc->external();
	if (!pending && riscv_has(RISCV_EXT_H) && csr_read(CSR_HIP) & csr_read(CSR_HIE) & BIT(INT_SGEI))
		irq_handle(RISCV_IRQ_GUEST_EXT);
}

static void init_cpu(void)
{
	atomic_store(this_cpu(ipis), 0);
	csr_write(CSR_SIE, 0);
	csr_clear(CSR_SIP, BIT(INT_SSI));
	if (riscv_has(RISCV_EXT_H))
		csr_write(CSR_HIE, 0);
	csr_set(CSR_SIE, BIT(INT_SSI) | (intc && intc->init_cpu() ? BIT(INT_SEI) : 0));
}

static struct irq_chip chip = {
	.name = "none",
	.num_irqs = RISCV_IRQ_SOURCE,
	.num_per_cpu = RISCV_IRQ_SOURCE + 1, /* there is no source 0 */
	.ipi_base = RISCV_IRQ_IPI,
	.init_cpu = init_cpu,
	.dispatch = dispatch,
	.mask = irq_chip_mask,
	.unmask = irq_chip_unmask,
	.set_trigger = irq_chip_set_trigger,
	.route = irq_chip_route,
	.set_active = irq_chip_set_active,
	.deactivate = irq_chip_deactivate,
	.send_ipi = send_ipi,
};

const struct irq_chip *arch_irq_find(void)
{
	const struct fdt_riscv *riscv = riscv_platform();

	intc = plic_init(riscv);
	kind_found = intc ? RISCV_INTC_PLIC : RISCV_INTC_NONE;
	if (!intc) {
		intc = aplic_init(riscv);
		if (intc)
			kind_found = imsic_info()->num_ids ? RISCV_INTC_IMSIC : RISCV_INTC_APLIC;
	}
	if (intc) {
		chip.name = intc->name;
		chip.num_irqs = RISCV_IRQ_SOURCE + intc->num_sources + 1;
		if (intc->send_ipi)
			chip.send_ipi = intc->send_ipi;
		log_info("%s: %u interrupts", intc->name, intc->num_sources);
	}
	/* Without a controller there are still the timer and IPIs. */
	return &chip;
}

const char *arch_virtualization_error(void)
{
	if (!riscv_has(RISCV_EXT_H))
		return "this machine's harts have no H extension";
	if (!intc)
		return riscv_platform()->no_intc[0] ? riscv_platform()->no_intc
						    : "the interrupt controller does not work";
	return NULL;
}
