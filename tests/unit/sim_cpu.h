/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One simulated CPU for tests with real tasks: the clock moves when a task works or when the CPU is idle, and
 * the deadline timer interrupts. Included by one file of a test program; replaces the timer part of the host
 * HAL.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axhal/time.h>
#include <axtask/task.h>
#include <axstd/arch/irqflags.h>
#include "host/host.h"

#define SIM_TIMER_IRQ 30
#define SIM_SLICE     (4 * NS_PER_MS)

static uint64_t sim_deadline = TIME_NEVER;
static unsigned sim_deadlines_set;
static unsigned sim_timer_interrupts;
static void (*sim_handler)(void);

void time_set_deadline(uint64_t ns)
{
	sim_deadline = ns;
	sim_deadlines_set++;
}

void time_set_handler(void (*handler)(void))
{
	sim_handler = handler;
}

static enum irq_result sim_timer_irq(unsigned irq, void *arg)
{
	if (sim_deadline <= host_time_ns) {
		sim_timer_interrupts++;
		sim_handler();
	}
	return IRQ_DONE;
}

/* Idle: nothing happens before the deadline. */
void host_wait_for_interrupt(void)
{
	if (sim_deadline == TIME_NEVER)
		host_test_failed(__FILE__, __LINE__, "everybody sleeps for ever");
	host_time_ns = MAX(host_time_ns, sim_deadline);
	host_irq_raise(SIM_TIMER_IRQ);
}

/* The calling task computes for @ns of its own time. */
static void sim_work(uint64_t ns)
{
	while (ns) {
		uint64_t left = sim_deadline > host_time_ns ? sim_deadline - host_time_ns : 0;
		uint64_t step = MIN(ns, left);

		host_time_ns += step;
		ns -= step;
		if (host_time_ns >= sim_deadline)
			host_irq_raise(SIM_TIMER_IRQ);
	}
}

/* The scheduler as after the start, its caller being task "main". */
static void sim_start(const char *policy)
{
	host_irqs_off = false;
	host_irq_reset();
	irq_register(SIM_TIMER_IRQ, IRQ_LEVEL_HIGH, sim_timer_irq, NULL, "timer");
	irq_unmask(SIM_TIMER_IRQ);
	sim_deadline = TIME_NEVER;
	sim_timer_interrupts = 0;
	assert_int_equal(task_init(policy, SIM_SLICE), 0);
}

static struct task *sim_spawn(const char *name, void (*entry)(void *), void *arg)
{
	struct task_params params = { .name = name, .entry = entry, .arg = arg, .stack_size = 64 << 10 };
	struct task *task;

	assert_int_equal(task_spawn(&params, &task), 0);
	return task;
}
