/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The table of handlers, for the controllers' dispatch loops. These lines stand on the path of every interrupt.
 */
#include "hal.h"

struct irq_desc {
	irq_handler_t handler; /* never NULL */
	void *arg;
	const char *name; /* NULL: not registered */
	enum irq_trigger trigger;
};

extern struct irq_desc irq_table[IRQ_MAX];
DECLARE_PER_CPU(uint32_t *, irq_counts);

static inline enum irq_result irq_handle(unsigned irq)
{
	const struct irq_desc *desc = &irq_table[irq];

	(*this_cpu(irq_counts))[irq]++;
	return desc->handler(irq, desc->arg);
}
