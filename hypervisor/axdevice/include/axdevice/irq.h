/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Interrupt lines of a VM: devices raise and lower them, the VM's interrupt controller model listens.
 */
#include <stdbool.h>
#include <stddef.h>

struct irq_line {
	/* NULL: not connected. Any context; takes the controller's lock. */
	void (*set)(void *controller, unsigned number, bool level);
	void *controller;
	unsigned number; /* as the controller numbers its inputs: SPI INTID, PLIC source, GSI */
};

static inline void irq_line_set(const struct irq_line *line, bool level)
{
	if (line->set)
		line->set(line->controller, line->number, level);
}
