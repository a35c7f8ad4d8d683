/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end: one CPU reports, the others stop.
 */
#include "hal.h"
#include <axhal/console.h>
#include <axhal/power.h>
#include <axhal/time.h>
#include <axstd/assert.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define NO_CPU        UINT32_MAX
#define STOP_DELAY_US 2000

static _Atomic uint32_t reporter = NO_CPU;
static bool off_on_panic;
static const char *(*task_name_fn)(void);

void panic_set_power_off(bool on)
{
	off_on_panic = on;
}

void hal_set_task_name_fn(const char *(*fn)(void))
{
	task_name_fn = fn;
}

const char *hal_task_name(void)
{
	return task_name_fn ? task_name_fn() : "boot";
}

void hal_print(const char *fmt, ...)
{
	char line[LOG_LINE_MAX];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (len > 0)
		console_write(line, MIN((size_t)len, sizeof(line) - 1));
}

void panic_begin(void)
{
	uint32_t expected = NO_CPU;
	bool others = false;
	unsigned cpu, me;

	irq_disable();
	me = cpu_id();
	if (!atomic_compare_exchange_strong(&reporter, &expected, me))
		arch_cpu_halt();
	for_each_cpu (cpu, cpu_online_mask())
		if (cpu != me) {
			ipi_send(cpu, IPI_STOP);
			others = true;
		}
	/* Let them finish their lines. */
	if (others)
		time_delay_us(STOP_DELAY_US);
	console_panic_begin();
}

void panic_print_where(void)
{
	hal_print("CPU %u (%#llx), task %s\n", cpu_id(), (unsigned long long)cpu_hwid(cpu_id()), hal_task_name());
}

void panic_end(void)
{
	if (off_on_panic)
		power_off();
	hal_print("Halted.\n");
	arch_cpu_halt();
}

void panic(const char *fmt, ...)
{
	char text[LOG_LINE_MAX];
	va_list ap;

	panic_begin();
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	hal_print("\npanic: %s\n", text);
	panic_print_where();
	arch_backtrace((uintptr_t)__builtin_frame_address(0), 0);
	panic_end();
}
