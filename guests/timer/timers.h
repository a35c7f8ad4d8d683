/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <guest.h>

/* One of the CPU's timers: its interrupt is a level, there from the deadline on until it is set again or stopped. */
struct timer {
	const char *name;
	unsigned irq;
	uint64_t (*count)(void);
	void (*set)(uint64_t deadline);
	void (*stop)(void);
	/** expired - does the timer itself say that its time has come? */
	bool (*expired)(void);
	/** pending - does the CPU or the interrupt controller show its level? */
	bool (*pending)(void);
	void (*check)(void); /* what only this timer has */
};

extern struct timer timers[];
extern unsigned timer_count;
extern const struct timer *current;

void timers_find(void);
/** check_counters_arch - beside clock_read() */
void check_counters_arch(void);

/** named - the name of a check, with the timer and the CPU. Valid until the next call. */
const char *named(const char *what);
uint64_t ms(uint64_t count);

/* Generous: other guests and a busy host take the CPU away. Early is always wrong. */
#define LATE_MS 20000
