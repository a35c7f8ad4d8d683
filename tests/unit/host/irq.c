/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts and time: what the test raises and how far the test moves the clock. */
#include "host.h"
#include <string.h>
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axhal/time.h>
#include <axstd/error.h>
#include <axstd/arch/irqflags.h>

#define IRQS 1024

static struct {
	irq_handler_t handler;
	void *arg;
	const char *name;
	enum irq_trigger trigger;
	bool unmasked, pending;
	uint64_t count;
} irqs[IRQS];
static bool any_pending;
static void (*ipi_functions[IPI_KINDS])(void);
static void (*exit_hook)(void);
static void (*time_handler)(void);
static uint64_t deadlines[CPU_MAX] = { [0 ... CPU_MAX - 1] = TIME_NEVER };

__thread bool host_irqs_off;
unsigned host_ipi_sent[64][4];
uint64_t host_time_ns;

__attribute__((weak)) void host_irqs_on(void)
{
	if (!any_pending)
		return;
	host_irqs_off = true;
	irq_dispatch();
	if (exit_hook)
		exit_hook();
	host_irqs_off = false;
}

void host_irq_raise(unsigned irq)
{
	irqs[irq].pending = true;
	any_pending = true;
	if (!host_irqs_off)
		host_irqs_on();
}

bool host_irq_is_masked(unsigned irq)
{
	return !irqs[irq].unmasked;
}

void host_ipi_deliver(unsigned kind)
{
	uint64_t flags = irq_save();

	if (ipi_functions[kind])
		ipi_functions[kind]();
	irq_restore(flags);
}

void host_irq_reset(void)
{
	memset(irqs, 0, sizeof(irqs));
	memset(host_ipi_sent, 0, sizeof(host_ipi_sent));
	any_pending = false;
}

__attribute__((weak)) void irq_dispatch(void)
{
	any_pending = false;
	for (unsigned i = 0; i < IRQS; i++) {
		if (!irqs[i].pending)
			continue;
		if (!irqs[i].handler || !irqs[i].unmasked) {
			any_pending = true;
			continue;
		}
		irqs[i].pending = false;
		irqs[i].count++;
		irqs[i].handler(i, irqs[i].arg);
	}
}

__attribute__((weak)) int irq_init(void)
{
	return 0;
}

__attribute__((weak)) void irq_init_cpu(void)
{
}

__attribute__((weak)) int irq_register(unsigned irq, enum irq_trigger trigger, irq_handler_t handler, void *arg,
				       const char *name)
{
	if (irq >= IRQS)
		return -AX_EINVAL;
	if (irqs[irq].handler)
		return -AX_EBUSY;
	irqs[irq].handler = handler;
	irqs[irq].arg = arg;
	irqs[irq].name = name;
	irqs[irq].trigger = trigger;
	irqs[irq].unmasked = false;
	return 0;
}

__attribute__((weak)) int irq_unregister(unsigned irq)
{
	if (irq >= IRQS || !irqs[irq].handler)
		return -AX_ENOENT;
	memset(&irqs[irq], 0, sizeof(irqs[irq]));
	return 0;
}

__attribute__((weak)) void irq_unmask(unsigned irq)
{
	irqs[irq].unmasked = true;
}

__attribute__((weak)) void irq_mask(unsigned irq)
{
	irqs[irq].unmasked = false;
}

__attribute__((weak)) int irq_route(unsigned irq, unsigned cpu)
{
	return irq < IRQS && cpu < cpu_count() ? 0 : -AX_EINVAL;
}

__attribute__((weak)) void irq_set_active(unsigned irq, bool active)
{
	(void)irq;
	(void)active;
}

__attribute__((weak)) void irq_deactivate(unsigned irq)
{
	(void)irq;
}

__attribute__((weak)) void irq_set_exit_hook(void (*hook)(void))
{
	exit_hook = hook;
}

__attribute__((weak)) void irq_for_each(void (*fn)(const struct irq_info *info, void *arg), void *arg)
{
	for (unsigned i = 0; i < IRQS; i++) {
		struct irq_info info = { .irq = i, .name = irqs[i].name, .trigger = irqs[i].trigger };

		info.count[0] = irqs[i].count;
		if (irqs[i].handler)
			fn(&info, arg);
	}
}

__attribute__((weak)) const char *irq_controller_name(void)
{
	return "host";
}

__attribute__((weak)) void ipi_register(enum ipi_kind kind, void (*fn)(void))
{
	ipi_functions[kind] = fn;
}

__attribute__((weak)) void ipi_send(unsigned cpu, enum ipi_kind kind)
{
	__atomic_fetch_add(&host_ipi_sent[cpu][kind], 1, __ATOMIC_RELAXED);
}

__attribute__((weak)) void ipi_call(uint64_t mask, void (*fn)(void *arg), void *arg)
{
	unsigned self = cpu_id(), cpu;

	for_each_cpu (cpu, mask) {
		host_set_cpu(cpu);
		fn(arg);
	}
	host_set_cpu(self);
}

uint64_t host_deadline(void)
{
	return deadlines[cpu_id()];
}

void host_advance_ns(uint64_t ns)
{
	uint64_t end = host_time_ns + ns;

	while (deadlines[cpu_id()] <= end) {
		host_time_ns = MAX(host_time_ns, deadlines[cpu_id()]);
		deadlines[cpu_id()] = TIME_NEVER;
		if (!time_handler)
			break;
		irq_disable();
		time_handler();
		if (exit_hook)
			exit_hook();
		irq_enable();
	}
	host_time_ns = MAX(host_time_ns, end);
}

__attribute__((weak)) void time_init_cpu(void)
{
}

__attribute__((weak)) uint64_t time_now_ns(void)
{
	return host_time_ns;
}

__attribute__((weak)) uint64_t time_now_ticks(void)
{
	return host_time_ns;
}

__attribute__((weak)) uint64_t time_frequency(void)
{
	return NS_PER_SEC;
}

__attribute__((weak)) uint64_t time_ticks_to_ns(uint64_t ticks)
{
	return ticks;
}

__attribute__((weak)) uint64_t time_ns_to_ticks(uint64_t ns)
{
	return ns;
}

__attribute__((weak)) void time_set_deadline(uint64_t ns)
{
	deadlines[cpu_id()] = ns;
}

__attribute__((weak)) void time_set_handler(void (*handler)(void))
{
	time_handler = handler;
}

__attribute__((weak)) void time_delay_us(unsigned us)
{
	host_time_ns += us * NS_PER_US;
}
