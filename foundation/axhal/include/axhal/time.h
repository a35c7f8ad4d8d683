/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Time: a monotonic clock, the same on all CPUs, and one deadline per CPU.
 */
#include <stdint.h>

#define NS_PER_SEC UINT64_C(1000000000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_US  UINT64_C(1000)
#define TIME_NEVER UINT64_MAX

/** time_init_cpu - the calling CPU's deadline timer (every CPU, after irq_init_cpu) */
void time_init_cpu(void);
/** time_now_ns - nanoseconds since the clock's start. Any context. */
uint64_t time_now_ns(void);
/** time_now_ticks - the raw counter, and its rate */
uint64_t time_now_ticks(void);
uint64_t time_frequency(void);
uint64_t time_ticks_to_ns(uint64_t ticks);
uint64_t time_ns_to_ticks(uint64_t ns);

/**
 * time_set_deadline - interrupt this CPU at @ns (time_now_ns scale), at once if it has passed; TIME_NEVER: no
 * interrupt. Interrupts off.
 */
void time_set_deadline(uint64_t ns);
/** time_set_handler - what runs, in interrupt context, when a deadline has passed (axtask, once) */
void time_set_handler(void (*handler)(void));
/** time_delay_us - spin; for device set-up only */
void time_delay_us(unsigned us);
