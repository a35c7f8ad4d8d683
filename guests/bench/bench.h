/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <guest.h>

#define BENCH_ROUNDS 1000

typedef void (*bench_loop)(uint64_t rounds, uint64_t operand);

/** bench - measure a loop and print what one round costs over an empty one */
void bench(const char *name, bench_loop loop, uint64_t operand);
/** bench_result - the same for a loop that took @ticks of the clock for BENCH_ROUNDS rounds */
void bench_result(const char *name, uint64_t ticks);
/**
 * bench_expiry - print what lies between a timer's deadline and the handler's first instruction
 * @expire: sets the timer, waits, and returns the clock, read behind @nops instructions of the handler
 * @overhead: instructions up to and with that look, when @nops is 0
 */
void bench_expiry(const char *name, uint64_t (*expire)(uint64_t deadline, uint64_t nops), unsigned overhead);

/* The architecture's. */
#define BENCH_MAX_NOPS 100
void bench_empty(uint64_t rounds, uint64_t operand);
void bench_arch(void);
