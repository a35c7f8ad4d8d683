/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What exits cost. Meant for QEMU with -icount shift=0, where an instruction takes a nanosecond: the numbers are
 * instructions of the hypervisor, those of the guest's loop subtracted. tests/bench reads the lines "BENCH name
 * number".
 */
#include "bench.h"

#include <stdlib.h>

#define TIMER_ROUNDS 9
#define DELAY_NS     32000

const char guest_name[] = "bench";

static uint64_t empty_ns;

static uint64_t ns(uint64_t count)
{
	return count * 1000000000ULL / clock_frequency();
}

void bench_result(const char *name, uint64_t ticks)
{
	uint64_t total = ns(ticks), cost = total > empty_ns ? total - empty_ns : 0;

	print("BENCH %s %llu\n", name, (unsigned long long)((cost + BENCH_ROUNDS / 2) / BENCH_ROUNDS));
}

static uint64_t measure(bench_loop loop, uint64_t operand)
{
	uint64_t start;

	loop(10, operand); /* what happens only the first time is not of interest */
	start = clock_read();
	loop(BENCH_ROUNDS, operand);
	return clock_read() - start;
}

void bench(const char *name, bench_loop loop, uint64_t operand)
{
	bench_result(name, measure(loop, operand));
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * The counter ticks every N ns (16 with 62.5 MHz), and always in the same phase to the deadline. With 0 to N-1 nops
 * before the handler looks at it, the ticks add up to the nanoseconds: sum of floor((x + k) / N) for k = 0..N-1 is x.
 * The host's own timer may come in between: the median of some rounds counts.
 */
void bench_expiry(const char *name, uint64_t (*expire)(uint64_t deadline, uint64_t nops), unsigned overhead)
{
	uint64_t sums[TIMER_ROUNDS] = { 0 }, k, total, tick = ns(1);
	uint64_t delay = DELAY_NS * clock_frequency() / 1000000000ULL;
	unsigned i;

	if (tick > BENCH_MAX_NOPS)
		return;
	irq_enable(timer_irq());
	expire(clock_read() + delay, 0);
	for (i = 0; i < TIMER_ROUNDS; i++) {
		for (k = 0; k < tick; k++) {
			uint64_t deadline = clock_read() + delay;

			sums[i] += expire(deadline, k) - deadline;
		}
	}
	irq_disable(timer_irq());
	qsort(sums, TIMER_ROUNDS, sizeof(sums[0]), by_value);
	total = ns(sums[TIMER_ROUNDS / 2]) / tick;
	print("BENCH %s %llu\n", name, (unsigned long long)(total > overhead ? total - overhead : 0));
}

void guest_main(void)
{
	print("BENCH reset-to-guest %llu\n", (unsigned long long)ns(clock_at_start));
	empty_ns = ns(measure(bench_empty, 0));
	print("BENCH empty-loop %llu\n", (unsigned long long)(empty_ns / BENCH_ROUNDS));
	bench_arch();
	check(true, "bench", "done");
}
