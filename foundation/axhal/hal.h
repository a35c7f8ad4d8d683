/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the parts of axhal know of each other. Functions named arch_* are the architecture's.
 */
#include "platform_fdt.h"
#include <axhal/irq.h>
#include <axhal/mem.h>

/* platform.c */
void platform_set(const struct fdt_platform *found);
/* Provided by the architecture: what platform_virtualization_error() says. */
const char *arch_virtualization_error(void);

/* mem_regions.c: pure. */
struct mem_claim {
	paddr_t base;
	uint64_t size;
	enum mem_kind kind; /* where claims overlap the greater kind wins */
};

#define MEM_MAX_REGIONS 256

/**
 * mem_regions_build - RAM minus claims
 * @out: room for MEM_MAX_REGIONS; sorted, without overlaps, page-aligned, adjacent regions of one kind joined
 * RAM is rounded inwards, claims outwards. Return: number of regions or -AX_ENOSPC.
 */
int mem_regions_build(const struct fdt_range *ram, unsigned num_ram, const struct mem_claim *claims,
		      unsigned num_claims, struct mem_region *out);

/* mem.c */
void mem_init(const struct fdt_platform *found);
/** mem_init_tables - build and load the real page tables; the early map is gone afterwards */
void mem_init_tables(void);
/** mem_early_stack - a stack of @size bytes with a guard page below it. Return: its top. Before mem_init_tables(). */
void *mem_early_stack(size_t size);

const struct pt_format *arch_pt_format(void);
void arch_tlb_flush(uint64_t va, uint64_t size);
/** arch_table_sync - make stored table entries visible to the table walkers */
void arch_table_sync(void);
void arch_mmu_load(paddr_t root);
/** arch_pa_bits - size of physical addresses */
unsigned arch_pa_bits(void);
/** arch_early_map - the early map shall contain [pa, pa + size). Return: false when it cannot. */
bool arch_early_map(paddr_t pa, uint64_t size, bool device);

/* cpu.c */
/** cpu_init_percpu - per-CPU areas and stacks of all CPUs; the caller becomes CPU 0 */
void cpu_init_percpu(const uint64_t *hwids, unsigned count);
_Noreturn void cpu_secondary_main(void);
void arch_set_percpu_offset(uintptr_t offset);
/** arch_cpu_start - switch @cpu on; it shall arrive in cpu_secondary_main() on @stack_top. Return: 0 or an error. */
int arch_cpu_start(unsigned cpu, void *stack_top);
_Noreturn void arch_cpu_halt(void);

#define CPU_STACK_SIZE       KIB(16)
#define EMERGENCY_STACK_SIZE KIB(8)

/* irq.c */
struct irq_chip {
	const char *name;
	unsigned num_irqs;
	unsigned num_per_cpu; /* INTIDs below this one are private to each CPU */
	unsigned ipi_base;    /* interrupt number of IPI kind 0 */
	void (*init_cpu)(void);
	void (*dispatch)(void);
	void (*mask)(unsigned irq);
	void (*unmask)(unsigned irq);
	void (*set_trigger)(unsigned irq, enum irq_trigger trigger);
	int (*route)(unsigned irq, unsigned cpu);
	void (*set_active)(unsigned irq, bool active);
	void (*deactivate)(unsigned irq);
	void (*send_ipi)(unsigned cpu, unsigned kind);
};

#define IRQ_MAX 1024

/** arch_irq_find - find and start the controller. Return: NULL when there is none. */
const struct irq_chip *arch_irq_find(void);
void irq_run_exit_hook(void);
/* ipi.c */
enum irq_result ipi_handle(unsigned irq, void *arg);

/* time.c */
void time_init(uint64_t frequency);
unsigned arch_timer_irq(void);

/* console.c */
void console_init(const struct uart_desc *desc);
/** console_set_base - the UART's registers are mapped there now; NULL: no console */
void console_set_base(void *base);
struct uart_ops;
/** console_use - a console of another kind, that the device tree does not know; @name is copied */
void console_use(const struct uart_ops *ops, const char *name);

/* panic.c */
#define BACKTRACE_MAX 24
/** hal_print - formatted text straight to the console, for reports */
void hal_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/** panic_begin - the first CPU to call goes on; the others, and a panic in the report, halt */
void panic_begin(void);
_Noreturn void panic_end(void);
void panic_print_where(void);
/** arch_backtrace - print the callers from the frame at @fp on */
void arch_backtrace(uintptr_t fp, uintptr_t pc);
const char *hal_task_name(void);
