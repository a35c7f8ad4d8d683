/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What exits cost. Meant for QEMU with -icount shift=0, where an instruction takes a nanosecond: the numbers are
 * instructions of the hypervisor, those of the guest's loop subtracted. tests/bench reads the lines "BENCH name
 * number".
 */
#include <guest.h>
#include <cpu.h>
#include <gic.h>
#include <psci.h>
#include <sysreg.h>
#include <timer.h>

#include <stdlib.h>

#define ROUNDS       1000
#define TIMER_ROUNDS 9
#define NOPS         16

const char guest_name[] = "bench";

void bench_empty(uint64_t rounds, uint64_t operand);
void bench_hvc(uint64_t rounds, uint64_t function);
void bench_smc(uint64_t rounds, uint64_t function);
void bench_read32(uint64_t rounds, uint64_t address);
void bench_write32_zero(uint64_t rounds, uint64_t address);
void bench_read_id(uint64_t rounds, uint64_t operand);
void bench_read_cntp(uint64_t rounds, uint64_t operand);
void bench_ipi_v3(uint64_t rounds, uint64_t sgi1r);
void bench_ipi_v2(uint64_t rounds, uint64_t sgir, uint64_t sgir_address, uint64_t gicc);
uint64_t bench_timer(uint64_t deadline, uint64_t gicc, uint64_t nops);

static uint64_t empty_ns;

static uint64_t ns(uint64_t count)
{
	return count * 1000000000ULL / clock_frequency();
}

static uint64_t measure(void (*loop)(uint64_t, uint64_t), uint64_t operand)
{
	uint64_t start;

	loop(10, operand); /* what happens only the first time is not of interest */
	start = clock_read();
	loop(ROUNDS, operand);
	return ns(clock_read() - start);
}

static void result(const char *name, uint64_t total_ns, uint64_t rounds)
{
	uint64_t cost = total_ns > empty_ns ? total_ns - empty_ns : 0;

	print("BENCH %s %llu\n", name, (unsigned long long)((cost + rounds / 2) / rounds));
}

static void measure_ipi(void)
{
	uint64_t hwid = cpu_self()->hwid, start;
	int warm;

	for (warm = 1; warm >= 0; warm--) {
		start = clock_read();
		if (gic.version == 3)
			bench_ipi_v3(warm ? 10 : ROUNDS, (hwid >> 16 & 0xff) << 32 | (hwid >> 8 & 0xff) << 16 |
								 2u << 24 | 1ULL << (hwid & 0xf));
		else
			bench_ipi_v2(warm ? 10 : ROUNDS, 2u << 24 | 2, gic.dist + GICD_SGIR, gic.cpu_if);
	}
	result("ipi-self", ns(clock_read() - start), ROUNDS);
}

/*
 * The counter ticks every 16 ns, and always in the same phase to the deadline. With 0 to 15 nops before the handler
 * looks at it, the ticks add up to the nanoseconds: sum of floor((x + k) / 16) for k = 0..15 is x. The branch to the
 * nops and the look itself are two instructions more. The host's own timer may come in between: the median of some
 * rounds counts.
 */
static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure_timer(void)
{
	uint64_t gicc = gic.version == 2 ? gic.cpu_if : 0;
	uint64_t sums[TIMER_ROUNDS] = { 0 }, nops, total;
	unsigned i;

	irq_enable(timer_irq_virtual());
	bench_timer(clock_read() + 2000, gicc, 0);
	for (i = 0; i < TIMER_ROUNDS; i++) {
		for (nops = 0; nops < NOPS; nops++) {
			uint64_t deadline = clock_read() + 2000;

			sums[i] += bench_timer(deadline, gicc, nops) - deadline;
		}
	}
	irq_disable(timer_irq_virtual());
	qsort(sums, TIMER_ROUNDS, sizeof(sums[0]), by_value);
	total = ns(sums[TIMER_ROUNDS / 2]) / NOPS;
	print("BENCH timer-virtual %llu\n", (unsigned long long)(total > 2 ? total - 2 : 0));
}

void guest_main(void)
{
	uint64_t base = 0, size;

	dt_reg(dt_console() >= 0 ? dt_console() : dt_find("arm,pl011"), 0, &base, &size);
	print("BENCH reset-to-guest %llu\n", (unsigned long long)ns(clock_at_start));
	empty_ns = measure(bench_empty, 0);
	print("BENCH empty-loop %llu\n", (unsigned long long)(empty_ns / ROUNDS));
	result("hvc-psci-version", measure(bench_hvc, PSCI_VERSION), ROUNDS);
	if (!bootarg("bare"))
		result("smc-psci-version", measure(bench_smc, PSCI_VERSION), ROUNDS);
	result("gicd-typer-read", measure(bench_read32, gic.dist + GICD_TYPER), ROUNDS);
	result("gicd-isenabler-write-0", measure(bench_write32_zero, gic.dist + GICD_ISENABLER + 4), ROUNDS);
	result("pl011-fr-read", measure(bench_read32, base + 0x18), ROUNDS);
	result("id-register-read", measure(bench_read_id, 0), ROUNDS);
	result("cntp-ctl-read", measure(bench_read_cntp, 0), ROUNDS);
	measure_ipi();
	measure_timer();
	check(true, "bench", "done");
}
