/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One-shot timers on the calling CPU's timer queue; callbacks run in interrupt context.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/tree.h>

struct timer {
	RB_ENTRY(timer) link;
	uint64_t deadline_ns;
	void (*fn)(void *arg);
	void *arg;
	unsigned cpu; /* whose queue it is on */
	bool armed;
};

void timer_init(struct timer *timer, void (*fn)(void *arg), void *arg);
/** timer_set - fire at @deadline_ns (again: moved). Any context. */
void timer_set(struct timer *timer, uint64_t deadline_ns);
/**
 * timer_cancel - after the return the callback neither runs nor will run
 *
 * Waits for a callback that runs on another CPU: the caller holds no lock that the callback takes. Any context but the
 * callback itself. Return: it was armed.
 */
bool timer_cancel(struct timer *timer);
