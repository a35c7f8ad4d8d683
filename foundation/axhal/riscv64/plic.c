/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PLIC (RISC-V Platform-Level Interrupt Controller Specification 1.0).
 *
 * A source is masked by priority 0. Its enable bit stays on for the CPU that it is routed to: a completion by a context
 * that has not enabled the source would be ignored.
 */
#include "../irq_table.h"
#include "fdt_riscv.h"
#include "intc.h"
#include <axhal/mmio.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>

#define PRIORITY(source) ((source)*4)
#define ENABLE(context)  (0x2000 + (context)*0x80)
#define CONTEXT(context) (0x200000 + (context)*0x1000)
#define THRESHOLD        0
#define CLAIM            4

static char *regs;
static uint64_t size;
static struct spinlock lock = SPINLOCK_INIT;       /* guards enable bits and @target */
static uint8_t target[INTC_MAX_SOURCE + 1];        /* CPU */
static uint8_t claimer[INTC_MAX_SOURCE + 1];       /* CPU that holds a forwarded source */
static void *contexts[CPU_MAX], *enables[CPU_MAX]; /* NULL: the CPU has none */

static void plic_mask(unsigned source)
{
	mmio_write32(regs + PRIORITY(source), 0);
}

static void plic_unmask(unsigned source)
{
	mmio_write32(regs + PRIORITY(source), 1);
}

/* Edge or level is the gateway's business. */
static void plic_set_trigger(unsigned source, enum irq_trigger trigger)
{
}

/* Lock held. */
static void set_enable(unsigned source, unsigned cpu, bool on)
{
	char *reg = (char *)enables[cpu] + source / 32 * 4;
	uint32_t bit = 1u << source % 32, value = mmio_read32(reg);

	mmio_write32(reg, on ? value | bit : value & ~bit);
}

static int plic_route(unsigned source, unsigned cpu)
{
	uint64_t flags;

	if (!contexts[cpu])
		return -AX_ENOTSUP;
	flags = spin_lock_irqsave(&lock);
	if (contexts[target[source]])
		set_enable(source, target[source], false);
	set_enable(source, cpu, true);
	target[source] = (uint8_t)cpu;
	spin_unlock_irqrestore(&lock, flags);
	return 0;
}

/* The source was routed away after @cpu had claimed it. */
static void complete_routed(unsigned source, unsigned cpu)
{
	uint64_t flags = spin_lock_irqsave(&lock);

	set_enable(source, cpu, true);
	mmio_write32((char *)contexts[cpu] + CLAIM, source);
	set_enable(source, cpu, target[source] == cpu);
	spin_unlock_irqrestore(&lock, flags);
}

static inline void complete(unsigned source, unsigned cpu)
{
	if (target[source] == cpu)
		mmio_write32((char *)contexts[cpu] + CLAIM, source);
	else
		complete_routed(source, cpu);
}

static void plic_deactivate(unsigned source)
{
	complete(source, claimer[source]);
}

static struct intc intc;

static void plic_external(void)
{
	unsigned cpu = cpu_id();
	uint32_t source = mmio_read32((char *)contexts[cpu] + CLAIM);

	if (!source || source > intc.num_sources)
		return;
	claimer[source] = (uint8_t)cpu;
	if (irq_handle(RISCV_IRQ_OF_SOURCE(source)) == IRQ_DONE)
		complete(source, cpu);
}

static bool plic_init_cpu(void)
{
	char *context = contexts[cpu_id()];

	if (context)
		mmio_write32(context + THRESHOLD, 0);
	return context;
}

static struct intc intc = {
	.name = "PLIC",
	.init_cpu = plic_init_cpu,
	.external = plic_external,
	.mask = plic_mask,
	.unmask = plic_unmask,
	.set_trigger = plic_set_trigger,
	.route = plic_route,
	.deactivate = plic_deactivate,
};

static void find_contexts(void)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const struct fdt_hart *hart = riscv_hart(cpu);

		contexts[cpu] = enables[cpu] = NULL;
		if (!hart || hart->context == HART_NONE || CONTEXT((uint64_t)hart->context + 1) > size) {
			log_warn("PLIC: no context for CPU %u: it gets no device interrupts", cpu);
			continue;
		}
		contexts[cpu] = regs + CONTEXT((uint64_t)hart->context);
		enables[cpu] = regs + ENABLE((uint64_t)hart->context);
		for (unsigned source = 0; source <= intc.num_sources; source += 32)
			mmio_write32((char *)enables[cpu] + source / 8, 0);
	}
}

const struct intc *plic_init(const struct fdt_riscv *riscv)
{
	const struct fdt_plic *plic = &riscv->plic;
	unsigned first = 0;

	if (!plic->reg.size)
		return NULL;
	size = plic->reg.size;
	regs = mem_map_device(plic->reg.base, size);
	if (!regs)
		return NULL;
	intc.num_sources = MIN(plic->num_sources, (unsigned)INTC_MAX_SOURCE);
	find_contexts();
	while (first < cpu_count() && !contexts[first])
		first++;
	if (first == cpu_count()) {
		log_error("PLIC: no CPU has a context for its supervisor mode");
		return NULL;
	}
	for (unsigned source = 1; source <= intc.num_sources; source++) {
		plic_mask(source);
		plic_route(source, first);
	}
	return &intc;
}
