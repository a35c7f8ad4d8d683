/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host interrupts: handlers, counts, and what is the same for every controller.
 */
#include "irq_table.h"
#include <axstd/assert.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>

struct irq_desc irq_table[IRQ_MAX];
DEFINE_PER_CPU(uint32_t *, irq_counts);

static const struct irq_chip *chip;
static struct spinlock table_lock = SPINLOCK_INIT;
static void (*exit_hook)(void);

static enum irq_result unexpected(unsigned irq, void *arg)
{
	log_warn_ratelimited("unexpected interrupt %u: masked", irq);
	chip->mask(irq);
	return IRQ_DONE;
}

int irq_init(void)
{
	static const char *const ipi_names[IPI_KINDS] = { "ipi-reschedule", "ipi-call", "ipi-stop" };

	for (unsigned i = 0; i < IRQ_MAX; i++)
		irq_table[i].handler = unexpected;
	chip = arch_irq_find();
	if (!chip)
		return -AX_ENODEV;
	for (unsigned kind = 0; kind < IPI_KINDS; kind++)
		irq_table[chip->ipi_base + kind] = (struct irq_desc){
			.handler = ipi_handle,
			.arg = (void *)(uintptr_t)kind,
			.name = ipi_names[kind],
			.trigger = IRQ_EDGE_RISING,
		};
	return 0;
}

void irq_init_cpu(void)
{
	chip->init_cpu();
	/* Private interrupts are configured on each CPU, but registered once. */
	for (unsigned irq = 0; irq < chip->num_per_cpu; irq++)
		if (irq_table[irq].name)
			chip->set_trigger(irq, irq_table[irq].trigger);
	for (unsigned kind = 0; kind < IPI_KINDS; kind++)
		chip->unmask(chip->ipi_base + kind);
}

void irq_dispatch(void)
{
	chip->dispatch();
}

void irq_set_exit_hook(void (*hook)(void))
{
	exit_hook = hook;
}

void irq_run_exit_hook(void)
{
	if (exit_hook)
		exit_hook();
}

int irq_register(unsigned irq, enum irq_trigger trigger, irq_handler_t handler, void *arg, const char *name)
{
	struct irq_desc *desc = &irq_table[irq];
	uint64_t flags;
	int err = 0;

	if (!chip || irq >= chip->num_irqs || !handler || !name)
		return -AX_EINVAL;
	flags = spin_lock_irqsave(&table_lock);
	if (desc->name) {
		err = -AX_EBUSY;
	} else {
		*desc = (struct irq_desc){ .handler = handler, .arg = arg, .name = name, .trigger = trigger };
		chip->set_trigger(irq, trigger);
	}
	spin_unlock_irqrestore(&table_lock, flags);
	return err;
}

int irq_unregister(unsigned irq)
{
	uint64_t flags;

	if (!chip || irq >= chip->num_irqs || !irq_table[irq].name)
		return -AX_EINVAL;
	chip->mask(irq);
	flags = spin_lock_irqsave(&table_lock);
	irq_table[irq] = (struct irq_desc){ .handler = unexpected };
	spin_unlock_irqrestore(&table_lock, flags);
	return 0;
}

void irq_unmask(unsigned irq)
{
	if (chip && irq < chip->num_irqs)
		chip->unmask(irq);
}

void irq_mask(unsigned irq)
{
	if (chip && irq < chip->num_irqs)
		chip->mask(irq);
}

int irq_route(unsigned irq, unsigned cpu)
{
	if (!chip || irq < chip->num_per_cpu || irq >= chip->num_irqs || !(cpu_online_mask() & BIT(cpu)))
		return -AX_EINVAL;
	return chip->route(irq, cpu);
}

void irq_set_active(unsigned irq, bool active)
{
	if (chip && irq < chip->num_irqs)
		chip->set_active(irq, active);
}

void irq_deactivate(unsigned irq)
{
	chip->deactivate(irq);
}

void irq_for_each(void (*fn)(const struct irq_info *info, void *arg), void *arg)
{
	for (unsigned irq = 0; chip && irq < chip->num_irqs; irq++) {
		const struct irq_desc *desc = &irq_table[irq];
		struct irq_info info = { .irq = irq, .name = desc->name, .trigger = desc->trigger };
		unsigned cpu;

		if (!desc->name)
			continue;
		info.per_cpu = irq < chip->num_per_cpu;
		for_each_cpu (cpu, cpu_online_mask())
			info.count[cpu] = (*per_cpu(irq_counts, cpu))[irq];
		fn(&info, arg);
	}
}

const char *irq_controller_name(void)
{
	return chip ? chip->name : "none";
}

void ipi_send(unsigned cpu, enum ipi_kind kind)
{
	if (chip)
		chip->send_ipi(cpu, kind);
}
