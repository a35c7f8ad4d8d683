/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and timers, on two CPUs: deadlines, levels, sleep. */
#include "timers.h"
#include <arch.h>

#include <stdatomic.h>
#include <stdio.h>

#define TICKS     20
#define WFI_RACES 3000

const char guest_name[] = "timer";

const struct timer *current;
static atomic_uint fired;
static uint64_t fired_at, period, next_tick;
static char name_buffer[64];

const char *named(const char *what)
{
	snprintf(name_buffer, sizeof(name_buffer), "%s-%s-cpu%u", current->name, what, cpu_index());
	return name_buffer;
}

uint64_t ms(uint64_t count)
{
	return count * clock_frequency() / 1000;
}

static void on_expiry(unsigned irq)
{
	fired_at = current->count();
	current->stop();
	fired++;
}

static void on_tick(unsigned irq)
{
	fired++;
	next_tick += period;
	if (fired >= TICKS)
		current->stop();
	else
		current->set(next_tick);
}

static void check_counters(void)
{
	uint64_t last = clock_read(), now, backwards = 0;
	unsigned i;

	check(clock_frequency() >= 1000000, "frequency", "expected at least 1 MHz, got %llu",
	      (unsigned long long)clock_frequency());
	for (i = 0; i < 20000; i++) {
		now = clock_read();
		backwards += now < last;
		last = now;
	}
	check_eq("clock-monotonic", backwards, 0);
	check_counters_arch();
}

/* The level shows while the interrupt is disabled, and follows the timer. */
static void check_level(void)
{
	const struct timer *t = current;
	uint64_t deadline;

	irq_disable(t->irq);
	t->set(t->count() - 1);
	clock_wait_us(1000);
	check_eq(named("disabled-shows-pending"), t->pending(), 1);
	t->stop();
	check_eq(named("level-falls"), t->pending(), 0);
	deadline = t->count() + ms(5);
	t->set(deadline);
	check_eq(named("not-yet-pending"), t->pending() && t->count() < deadline, 0);
	while (!t->expired())
		cpu_relax();
	deadline = clock_read() + ms(LATE_MS);
	while (!t->pending() && clock_read() < deadline)
		cpu_relax();
	check_eq(named("pending-when-expired"), t->pending(), 1);
	t->set(t->count() + ms(60000));
	check_eq(named("level-falls-with-new-deadline"), t->pending(), 0);
	t->stop();
}

static void check_expiry(void)
{
	const struct timer *t = current;
	uint64_t deadline;

	fired = 0;
	irq_handle(t->irq, on_expiry);
	irq_enable(t->irq);
	interrupts_on();
	deadline = t->count() + ms(10);
	t->set(deadline);
	while (!fired && t->count() < deadline + ms(LATE_MS))
		cpu_relax();
	check_eq(named("expiry-interrupts"), fired, 1);
	check(fired_at >= deadline, named("not-early"), "%lld ticks early", (long long)(deadline - fired_at));
	t->set(t->count() - 1); /* already past: at once */
	deadline = t->count() + ms(LATE_MS);
	while (fired < 2 && t->count() < deadline)
		cpu_relax();
	check_eq(named("past-deadline"), fired, 2);
	interrupts_off();
}

static void check_wfi(void)
{
	const struct timer *t = current;
	uint64_t deadline;

	fired = 0;
	deadline = t->count() + ms(20);
	t->set(deadline);
	while (t->count() < deadline)
		wait_for_interrupt(); /* with interrupts off: it wakes all the same */
	check_eq(named("wfi-masked-not-taken"), fired, 0);
	interrupts_on();
	while (!fired && t->count() < deadline + ms(LATE_MS))
		cpu_relax();
	check_eq(named("wfi-then-taken"), fired, 1);
	interrupts_off();
}

/*
 * Expiry close to the moment of falling asleep: no wake-up gets lost. Another timer, where there is one, ends a sleep
 * that nothing else would.
 */
static void check_wfi_races(void)
{
	const struct timer *t = current, *rescue = &timers[current == &timers[0]];
	uint64_t end = clock_read() + ms(500); /* each sleep is a turn of others where CPUs are shared */
	bool has_rescue = timer_count > 1 && rescue->irq != t->irq;
	unsigned i, rescued = 0;

	for (i = 0; i < WFI_RACES && !rescued && clock_read() < end; i++) {
		uint64_t deadline = t->count() + clock_frequency() / 1000000 * (i % 64);

		if (has_rescue) {
			rescue->set(rescue->count() + ms(LATE_MS / 4));
			irq_enable(rescue->irq);
		}
		t->set(deadline);
		while (t->count() < deadline)
			wait_for_interrupt();
		t->stop();
		if (has_rescue) {
			rescued = rescue->expired();
			rescue->stop();
			irq_disable(rescue->irq);
		}
	}
	check(!rescued, named("wfi-races"), "sleep %u did not end", i);
}

static void check_ticks(void)
{
	const struct timer *t = current;
	uint64_t start;

	fired = 0;
	period = ms(5);
	irq_handle(t->irq, on_tick);
	start = t->count();
	next_tick = start + period;
	t->set(next_tick);
	while (fired < TICKS && t->count() < start + ms(LATE_MS)) {
		interrupts_off();
		if (fired < TICKS)
			wait_for_interrupt();
		interrupts_on();
	}
	interrupts_off();
	check_eq(named("ticks"), fired, TICKS);
	check_range(named("ticks-in-time"), t->count() - start, TICKS * period, ms(LATE_MS));
	irq_disable(t->irq);
}

static void check_timers(void)
{
	unsigned i;

	for (i = 0; i < timer_count; i++) {
		current = &timers[i];
		current->check();
		check_level();
		check_expiry();
		check_wfi();
		check_wfi_races();
		check_ticks();
	}
}

static void other(void *done)
{
	check_timers();
	atomic_store((atomic_bool *)done, true);
}

void guest_main(void)
{
	atomic_bool done = false;

	timers_find();
	check_counters();
	check_timers();
	if (machine.cpu_count < 2)
		return;
	check_eq("cpu-on", cpu_start(cpu_index() ? 0 : 1, other, &done), 0);
	while (!done)
		cpu_relax();
}
