/* SPDX-License-Identifier: Apache-2.0 */
/* Other CPUs, started where they cannot run. Those that hang stay so until power off. */
#include "attacks.h"

#include <stdatomic.h>

static int64_t start_at(unsigned cpu, uint64_t entry)
{
	return (int)psci_call(PSCI_CPU_ON, machine.cpu_hwid[cpu], entry, 0);
}

static void wild_targets(void)
{
	unsigned i, accepted = 0;

	for (i = 0; i < 2000; i++) {
		uint64_t target = random_next() | 1ULL << 20;

		accepted += (int)psci_call(PSCI_CPU_ON, target, random_next(), random_next()) == 0;
		if (!bootarg("bare")) /* QEMU knows other levels, and that nobody is there it does not say */
			accepted += (int)psci_call(PSCI_AFFINITY_INFO, target, random_next(), 0) >= 0;
	}
	check_eq("wild-cpu-targets", accepted, 0);
}

static void wild_entries(void)
{
	const uint64_t entries[] = { NOWHERE,
				     gic.dist,
				     0x3f00000000ULL,
				     ~3ULL,
				     machine.ram[0].base + machine.ram[0].size,
				     machine.ram[0].base - 4,
				     0x8000000000000000ULL };
	unsigned i, accepted = 0;

	for (i = 0; i < ARRAY_LEN(entries); i++)
		accepted += start_at(1, entries[i]) == 0;
	check_eq("wild-entries", accepted, 0);
}

static atomic_uint arrived;

/* Vectors where nothing is, then an exception: a CPU that faults for ever. */
static void lose_vectors(void *arg)
{
	arrived++;
	sysreg_write(vbar_el1, NOWHERE & ~0x7ffULL);
	isb();
	__asm__ volatile("svc #0");
}

/* The MMU looks for its tables where nothing is. */
static void lose_tables(void *arg)
{
	arrived++;
	sysreg_write(ttbr0_el1, NOWHERE);
	__asm__ volatile("isb\n\ttlbi vmalle1\n\tdsb sy\n\tisb" : : : "memory");
}

/* Nothing wakes it: interrupts masked and disabled, no timer. */
static void sleep_for_ever(void *arg)
{
	gic_set_pmr(0);
	gic_set_group_enable(false);
	sysreg_write(cntv_ctl_el0, 0);
	arrived++;
	for (;;)
		wait_for_interrupt();
}

static void lose(unsigned cpu, void (*how)(void *), const char *name)
{
	unsigned before = arrived;
	uint64_t start = clock_read();

	if (cpu >= machine.cpu_count)
		return;
	check_eq(name, cpu_start(cpu, how, NULL), 0);
	while (arrived == before && clock_read() - start < 30 * clock_frequency())
		cpu_relax();
	check(arrived != before, "lost-cpu-ran", "CPU %u did not start", cpu);
	clock_wait_us(20000); /* it has gone astray by then */
	check_eq("lost-cpu-is-on", psci_call(PSCI_AFFINITY_INFO, machine.cpu_hwid[cpu], 0, 0), PSCI_AFFINITY_ON);
}

void attack_cpus(void)
{
	wild_targets();
	if (machine.cpu_count < 2)
		return;
	if (!bootarg("bare")) /* QEMU lets a CPU start anywhere */
		wild_entries();
	lose(1, sleep_for_ever, "cpu-sleeps-for-ever");
	lose(2, lose_vectors, "cpu-without-vectors");
	lose(3, lose_tables, "cpu-without-tables");
}
