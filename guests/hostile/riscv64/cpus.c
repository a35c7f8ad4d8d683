/* SPDX-License-Identifier: Apache-2.0 */
/* Other CPUs, started where they cannot run. Those that hang stay so until power off. */
#include "attacks.h"

#include <stdatomic.h>

static atomic_uint arrived;

static void wild_entries(void)
{
	const uint64_t entries[] = { NOWHERE,
				     intc.base,
				     FAR_AWAY,
				     ~1ULL,
				     machine.ram[0].base + machine.ram[0].size,
				     machine.ram[0].base - 4,
				     1ULL << 63 };
	unsigned i, accepted = 0;

	for (i = 0; i < ARRAY_LEN(entries); i++)
		accepted += sbi_call3(SBI_HSM, HSM_START, machine.cpu_hwid[cpu_index() ? 0 : 1], entries[i], 0).error ==
			    0;
	check_eq("wild-entries", accepted, 0);
}

/* Vectors where nothing is, then an exception: a CPU that faults for ever. */
static void lose_vectors(void *arg)
{
	arrived++;
	csr_write(stvec, NOWHERE);
	__asm__ volatile("ebreak");
}

/* The MMU looks for its tables where nothing is. */
static void lose_tables(void *arg)
{
	arrived++;
	csr_write(satp, SATP_SV39 | NOWHERE >> 12);
	__asm__ volatile("sfence.vma" : : : "memory");
}

/* Nothing wakes it: interrupts masked and disabled, no timer. */
static void sleep_for_ever(void *arg)
{
	csr_write(sie, 0);
	timer_stop();
	arrived++;
	for (;;)
		wait_for_interrupt();
}

static void lose(unsigned cpu, void (*how)(void *), const char *name)
{
	unsigned before = arrived;
	uint64_t start = clock_read();
	struct sbi_ret status;

	if (cpu >= machine.cpu_count)
		return;
	check_eq(name, cpu_start(cpu, how, NULL), 0);
	while (arrived == before && clock_read() - start < 30 * clock_frequency())
		cpu_relax();
	check(arrived != before, "lost-cpu-ran", "CPU %u did not start", cpu);
	clock_wait_us(20000); /* it has gone astray by then */
	status = sbi_call1(SBI_HSM, HSM_STATUS, machine.cpu_hwid[cpu]);
	check_eq("lost-cpu-is-on", status.value, HSM_STARTED);
	sbi_call4(SBI_RFENCE, RFENCE_SFENCE, 1ULL << machine.cpu_hwid[cpu], 0, 0, ~0ULL); /* it has to answer */
}

void attack_cpus(void)
{
	static void (*const ways[])(void *) = { sleep_for_ever, lose_vectors, lose_tables };
	static const char *const names[] = { "cpu-sleeps-for-ever", "cpu-without-vectors", "cpu-without-tables" };
	unsigned cpu, way = 0;

	if (machine.cpu_count < 2)
		return;
	if (!bootarg("bare")) /* OpenSBI lets a CPU start anywhere */
		wild_entries();
	for (cpu = 0; cpu < machine.cpu_count && way < ARRAY_LEN(ways); cpu++) {
		if (cpu != cpu_index()) {
			lose(cpu, ways[way], names[way]);
			way++;
		}
	}
}
