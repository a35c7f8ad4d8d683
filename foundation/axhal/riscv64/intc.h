/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What brings the wires of devices to the harts: a PLIC, an APLIC, an APLIC with an IMSIC. irq.c makes an irq_chip of
 * it and of what each hart has itself. Sources are numbered from 1, as in the device tree.
 */
#include "../hal.h"
#include <axhal/arch/irq.h>

#define INTC_MAX_SOURCE (IRQ_MAX - RISCV_IRQ_SOURCE - 1)

struct fdt_riscv;

struct intc {
	const char *name;
	unsigned num_sources; /* 1 .. num_sources, INTC_MAX_SOURCE at most */
	/** init_cpu - the calling CPU's part. Return: false when the controller does not reach it. */
	bool (*init_cpu)(void);
	/** external - the hart's external interrupt is pending: take one source, if it is still there, and handle it */
	void (*external)(void);
	void (*mask)(unsigned source);
	void (*unmask)(unsigned source);
	void (*set_trigger)(unsigned source, enum irq_trigger trigger);
	int (*route)(unsigned source, unsigned cpu);
	void (*deactivate)(unsigned source);
	/** send_ipi - NULL: by the firmware */
	void (*send_ipi)(unsigned cpu, unsigned kind);
};

/* Each takes its controller into use. Return: NULL when the machine has none, or it does not work (logged). */
const struct intc *plic_init(const struct fdt_riscv *riscv);
const struct intc *aplic_init(const struct fdt_riscv *riscv);

/** riscv_hart - what the device tree said of a CPU's hart. Return: NULL when it is none that it names. */
const struct fdt_hart *riscv_hart(unsigned cpu);
