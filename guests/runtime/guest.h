/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a test guest stands on: console, checks, the machine as the device tree describes it, CPUs, interrupts, time.
 *
 * A guest defines guest_name and guest_main(). It runs on the first CPU with memory mapped one to one, caches on and
 * interrupts off at the CPU but ready at the controller. When guest_main() returns, the verdict is printed ("PASS
 * name N checks" or "FAIL name M of N checks") and the machine is switched off.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST_MAX_CPUS  16
#define GUEST_MAX_BANKS 4

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

struct bank {
	uint64_t base, size;
};

/* The machine, from the device tree. */
struct machine {
	struct bank ram[GUEST_MAX_BANKS];
	unsigned ram_count;
	uint64_t cpu_hwid[GUEST_MAX_CPUS]; /* as the reg property of the CPU's node has it */
	unsigned cpu_count;
	const char *bootargs;
	const void *dtb;
	size_t dtb_size;
};

extern struct machine machine;
extern const char guest_name[];
void guest_main(void);

/** print - formatted text to the console; whole lines of several CPUs do not mix. No floating point. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** check - count a check, print "ok NAME" or "FAIL NAME: TEXT". Return: @ok */
bool check(bool ok, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** check_eq - the same for a value; the text tells both in hexadecimal */
bool check_eq(const char *name, uint64_t got, uint64_t expected);
/** check_range - the same for low <= @got <= high; the text tells them in decimal */
bool check_range(const char *name, uint64_t got, uint64_t low, uint64_t high);
/**
 * check_finish - print the verdict and switch off: the end of guest_main(), or where nothing more can be tried
 *
 * With the boot argument "hold" a character from the console has to come before the machine goes off.
 */
_Noreturn void check_finish(void);

/** bootarg - is @word one of the words of the boot arguments? "bare": no hypervisor is beneath us */
bool bootarg(const char *word);

/* The console device (runtime/<arch>). */
void console_init(void);
void console_putc(char c);
/** console_getc - the next received character, -1 if there is none */
int console_getc(void);
/** console_irq - the console's interrupt, with reception enabled in the device */
unsigned console_irq(void);

/* CPUs are named by their index in machine.cpu_hwid. */
unsigned cpu_index(void);
/** cpu_start - run @fn on another CPU, which goes off when @fn returns. Return: 0 or the firmware's error. */
int cpu_start(unsigned index, void (*fn)(void *), void *arg);
/** cpu_is_off - has the firmware switched it off? */
bool cpu_is_off(unsigned index);

/* Interrupts. A handler runs on the CPU that took the interrupt, with interrupts off. */
typedef void (*irq_handler)(unsigned irq);
void irq_handle(unsigned irq, irq_handler handler);
void irq_enable(unsigned irq);
void irq_disable(unsigned irq);

/** ipi_handle - what a CPU does when another one (or itself) sends it an inter-processor interrupt */
void ipi_handle(irq_handler handler);
void ipi_send(unsigned cpu);
void ipi_send_others(void);

/* Time: a counter that runs with clock_frequency() Hz. */
uint64_t clock_read(void);
uint64_t clock_frequency(void);
extern uint64_t clock_at_start; /* the counter at the first instruction of this guest */
/** clock_wait_us - busy waiting */
void clock_wait_us(uint64_t us);
/** clock_sleep_us - the CPU sleeps until its timer's interrupt; one CPU at a time, interrupts on */
void clock_sleep_us(uint64_t us);

/** timer_irq - the interrupt of the timer that clock_sleep_us() uses */
unsigned timer_irq(void);

_Noreturn void machine_off(void);
void machine_reset(void);

/* Device tree: nodes are offsets, negative for none. */
int dt_find(const char *compatible);
/** dt_console - the node that chosen/stdout-path names */
int dt_console(void);
/** dt_reg - range @index of the node's reg property */
bool dt_reg(int node, unsigned index, uint64_t *base, uint64_t *size);
/** dt_cell - 32-bit word @index of a property, @fallback if it is not there */
uint32_t dt_cell(int node, const char *property, unsigned index, uint32_t fallback);
/** dt_is_reserved - is the address in one of the ranges of /reserved-memory? */
bool dt_is_reserved(uint64_t address);

/* Called at the start. */
void dt_init(const void *dtb);
_Noreturn void runtime_main(void);
