/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Host interrupts and inter-processor interrupts. Interrupt numbers are the controller's own (GIC INTID, PLIC source,
 * GSI). Per-CPU interrupts (PPIs) share one handler; masking them concerns the calling CPU only.
 */
#include <stdbool.h>
#include <stdint.h>

enum irq_result {
	IRQ_DONE,      /* handled: drop priority and deactivate */
	IRQ_FORWARDED, /* drop priority only; a guest (hardware-linked list register) or irq_deactivate() ends it */
};

typedef enum irq_result (*irq_handler_t)(unsigned irq, void *arg);

enum irq_trigger { IRQ_LEVEL_HIGH, IRQ_EDGE_RISING };

/** irq_init - find and start the controller (boot CPU). Return: 0 or -AX_ENODEV. */
int irq_init(void);
/** irq_init_cpu - the calling CPU's part (every CPU, the boot CPU too) */
void irq_init_cpu(void);

/**
 * irq_register - set the handler of an interrupt; it stays masked until irq_unmask()
 * @name: for the `irq` command, kept
 * Handlers run with interrupts off on the stack of whatever was interrupted. Return: 0, -AX_EINVAL, -AX_EBUSY.
 */
int irq_register(unsigned irq, enum irq_trigger trigger, irq_handler_t handler, void *arg, const char *name);
int irq_unregister(unsigned irq);
void irq_unmask(unsigned irq);
void irq_mask(unsigned irq);
/** irq_route - deliver a shared interrupt to @cpu */
int irq_route(unsigned irq, unsigned cpu);
/** Active state of an interrupt of this CPU or a shared one: a forwarded interrupt travels with its vCPU. */
void irq_set_active(unsigned irq, bool active);
void irq_deactivate(unsigned irq);

/**
 * irq_dispatch - take the pending interrupt of highest priority and handle it; does nothing when there is none
 * Called by exception entry and by guest exits, interrupts off. Further ones are taken when interrupts come on again.
 */
void irq_dispatch(void);
/**
 * irq_set_exit_hook - @hook runs when an interrupt taken in hypervisor code has been handled, interrupts off (axtask:
 * preemption)
 */
void irq_set_exit_hook(void (*hook)(void));

/* Statistics for the shell. irq_for_each calls @fn for every registered interrupt. */
struct irq_info {
	unsigned irq;
	const char *name;
	enum irq_trigger trigger;
	bool per_cpu;
	uint64_t count[64]; /* by CPU */
};
void irq_for_each(void (*fn)(const struct irq_info *info, void *arg), void *arg);
const char *irq_controller_name(void);

/* IPIs. Kinds are few and fixed; a kind's function runs in interrupt context on the target. */
enum ipi_kind { IPI_RESCHEDULE, IPI_CALL, IPI_STOP, IPI_KINDS };

void ipi_register(enum ipi_kind kind, void (*fn)(void));
void ipi_send(unsigned cpu, enum ipi_kind kind);

/**
 * ipi_call - run @fn(@arg) on each CPU of @mask with interrupts off, and wait until all have
 * Called with interrupts on and no lock held (the calling CPU must be able to answer others). The calling CPU may be
 * in @mask.
 */
void ipi_call(uint64_t mask, void (*fn)(void *arg), void *arg);
